//! What a linker may ask of a component besides its tools: their interfaces, the types in those, and exports that are not tools.

use std::collections::{HashMap, HashSet};

use super::pairs::Pairs;
use super::shape::{Interface, Item, Kind};
use super::{Found, Impact, Side, codes};
use crate::known::without_version;
use crate::types::TypeName;

/// One of the components.
struct Half<'a> {
    side: &'a Side,
    /// Its tools, each by its interface and name there.
    tools: HashSet<(Option<&'a str>, &'a str)>,
    /// Why the other exports are none.
    reasons: HashMap<&'a str, &'a str>,
}

impl<'a> Half<'a> {
    fn of(side: &'a Side) -> Half<'a> {
        let functions = side.contract.functions.iter();
        let tools = functions.map(|of| (of.interface.as_deref(), &*of.export));
        let extra = side.contract.extra.iter();
        Half {
            side,
            tools: tools.collect(),
            reasons: extra.map(|extra| (&*extra.name, &*extra.reason)).collect(),
        }
    }

    fn is_tool(&self, interface: &Interface, name: &str) -> bool {
        let of_interface = self.tools.contains(&(Some(&*interface.name), name));
        of_interface || (interface.name == name && self.tools.contains(&(None, name)))
    }

    fn text(&self, interface: &Interface, name: &str) -> Option<String> {
        Some(self.side.shape.text(interface, name))
    }

    fn reason(&self, interface: &Interface, name: &str) -> Option<String> {
        let reason = self.reasons.get(&*full_name(interface, name));
        reason.map(ToString::to_string)
    }
}

pub(super) fn compare(found: &mut Found, old: &Side, new: &Side) {
    let pairs = Pairs::of(
        &old.shape.exports,
        &new.shape.exports,
        &[&|of: &Interface| of.name.clone(), &|of| {
            without_version(&of.name).to_owned()
        }],
    );
    let (before, after) = (Half::of(old), Half::of(new));
    let nothing = Some("an interface with nothing in it".to_owned());
    for index in pairs.gone {
        let was = &old.shape.exports[index];
        if was.items.is_empty() {
            let (impact, at) = (Impact::Breaking, at(&was.name));
            found.add(impact, codes::EXPORT_REMOVED, at, nothing.clone(), None);
        }
        removed(found, &before, &after, was, None);
    }
    for (is, index) in new.shape.exports.iter().zip(pairs.counterpart) {
        let was = index.map(|index| &old.shape.exports[index]);
        match was {
            Some(was) if was.name != is.name => {
                let (old, new) = (Some(was.name.clone()), Some(is.name.clone()));
                let (impact, code) = (Impact::Compatible, codes::EXPORT_VERSION);
                found.add(impact, code, at(&is.name), old, new);
            }
            None if is.items.is_empty() => {
                let (impact, at) = (Impact::Compatible, at(&is.name));
                found.add(impact, codes::EXPORT_ADDED, at, None, nothing.clone());
            }
            _ => {}
        }
        if let Some(was) = was {
            removed(found, &before, &after, was, Some(is));
        }
        added(found, &before, &after, was, is);
    }
}

/// What of an export is gone or something else.
fn removed(
    found: &mut Found,
    before: &Half<'_>,
    after: &Half<'_>,
    was: &Interface,
    is: Option<&Interface>,
) {
    let mut functions = was.items.iter().filter(|(_, item)| item.kind.is_function());
    let less = functions.any(|(name, item)| counterpart(is, name, item).is_none());
    for (name, item) in &was.items {
        let now = counterpart(is, name, item);
        let is_same = now.is_some_and(|now| now.digest == item.digest);
        if is_same {
            continue;
        }
        let new = is.filter(|_| now.is_some());
        let new_text = new.and_then(|is| after.text(is, name));
        let (at, text) = (at(&full_name(was, name)), before.text(was, name));
        if item.kind.is_function() {
            // Those that are tools are compared as such.
            if before.is_tool(was, name) {
                continue;
            }
            let code = match now {
                Some(_) => codes::EXPORT_CHANGED,
                None => codes::EXPORT_REMOVED,
            };
            let text = match now {
                Some(_) => text,
                None => before.reason(was, name).or(text),
            };
            found.add(Impact::Breaking, code, at, text, new_text);
            continue;
        }
        // Types come and go with the functions that name them.
        let is_told = match (defined(was, name, item), new) {
            (Some(ty), Some(is)) => {
                let now = TypeName {
                    interface: (&*is.name).into(),
                    name: ty.name.clone(),
                };
                found.types.pairs.contains(&(ty, now))
            }
            (_, Some(_)) => false,
            (ty, None) => less || ty.is_some_and(|ty| found.types.old.contains(&ty)),
        };
        if !is_told {
            let code = match now {
                Some(_) => codes::EXPORT_TYPE_CHANGED,
                None => codes::EXPORT_TYPE_REMOVED,
            };
            found.add(Impact::Breaking, code, at, text, new_text);
        }
    }
}

/// What of an export is new.
fn added(
    found: &mut Found,
    before: &Half<'_>,
    after: &Half<'_>,
    was: Option<&Interface>,
    is: &Interface,
) {
    let mut functions = is.items.iter().filter(|(_, item)| item.kind.is_function());
    let more = functions.any(|(name, item)| counterpart(was, name, item).is_none());
    for (name, item) in &is.items {
        let then = was.filter(|was| counterpart(Some(was), name, item).is_some());
        let (at, text) = (at(&full_name(is, name)), after.text(is, name));
        if item.kind.is_function() {
            let was_none = then.is_none_or(|was| before.is_tool(was, name));
            if was_none && !after.is_tool(is, name) {
                let text = after.reason(is, name).or(text);
                found.add(Impact::Compatible, codes::EXPORT_ADDED, at, None, text);
            }
        } else if then.is_none()
            && !more
            && !defined(is, name, item).is_some_and(|ty| found.types.new.contains(&ty))
        {
            let (impact, code) = (Impact::Compatible, codes::EXPORT_TYPE_ADDED);
            found.add(impact, code, at, None, text);
        }
    }
}

fn counterpart<'a>(other: Option<&'a Interface>, name: &str, item: &Item) -> Option<&'a Item> {
    let other = other?.items.get(name)?;
    (other.kind.is_function() == item.kind.is_function()).then_some(other)
}

/// The type that an item defines, as a tool names it; none when it is a name for another type.
fn defined(interface: &Interface, name: &str, item: &Item) -> Option<TypeName> {
    matches!(item.kind, Kind::Type(_)).then(|| TypeName {
        interface: (&*interface.name).into(),
        name: name.into(),
    })
}

/// As in [`Extra`](crate::Extra).
fn full_name(interface: &Interface, name: &str) -> String {
    if interface.name == name {
        name.to_owned()
    } else {
        format!("{}#{name}", interface.name)
    }
}

fn at(name: &str) -> String {
    format!("export {name}")
}
