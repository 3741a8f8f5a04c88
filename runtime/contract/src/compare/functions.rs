//! The tools.

use std::collections::HashMap;

use super::handles::Handed;
use super::pairs::Pairs;
use super::shape::{Interface, Item};
use super::texts::{self, Before};
use super::{Found, Impact, Side, codes, facts, params, types};
use crate::audit::{FunctionFacts, HandleFacts, handles_within};
use crate::known::without_version;
use crate::types::Function;

/// One tool of a component: its types, and what follows from them.
pub(super) struct Tool<'a> {
    pub(super) function: &'a Function,
    pub(super) facts: &'a FunctionFacts,
}

impl Tool<'_> {
    /// What a linker calls it, version aside.
    fn home(&self) -> String {
        let interface = self.function.interface.as_deref().map(without_version);
        format!("{}#{}", interface.unwrap_or(""), self.function.export)
    }

    /// The handles that it is given.
    pub(super) fn handles(&self) -> impl Iterator<Item = &HandleFacts> {
        let params = self.facts.params.iter();
        params.flat_map(|param| &param.handles)
    }

    /// The handles that it hands back.
    fn returned(&self) -> Vec<HandleFacts> {
        let result = self.function.result.as_ref();
        result.map(handles_within).unwrap_or_default()
    }
}

fn tools(side: &Side) -> Vec<Tool<'_>> {
    let facts = side.audit.functions.iter();
    let facts: HashMap<_, _> = facts.map(|facts| (&*facts.name, facts)).collect();
    let functions = side.contract.functions.iter();
    let tools = functions.filter_map(|function| {
        let facts = facts.get(&*function.name)?;
        Some(Tool { function, facts })
    });
    tools.collect()
}

pub(super) fn compare(found: &mut Found, before: &Before<'_>, old: &Side, new: &Side) {
    let (was, is) = (tools(old), tools(new));
    found.types.old = types::names(&old.contract.functions);
    found.types.new = types::names(&new.contract.functions);
    let pairs = Pairs::of(
        &was,
        &is,
        &[
            &|tool: &Tool<'_>| format!("{}#{}", tool.function.name, tool.home()),
            &|tool| tool.function.name.clone(),
            &Tool::home,
        ],
    );
    for index in pairs.gone {
        let was = &was[index];
        let text = Some(was.facts.signature.clone());
        let at = &was.function.name;
        found.add(Impact::Breaking, codes::FUNCTION_REMOVED, at, text, None);
    }
    // What the old component was handed anywhere: a function that is new takes nothing new if it takes only that.
    let handed = Handed::of(was.iter().flat_map(Tool::handles));
    let returned: Vec<_> = was.iter().flat_map(Tool::returned).collect();
    let returned = Handed::of(&returned);
    let links = (Links::of(old), Links::of(new));
    for (is, counterpart) in is.iter().zip(pairs.counterpart) {
        let Some(was) = counterpart.map(|index| &was[index]) else {
            added(found, before, (&handed, &returned), is);
            continue;
        };
        let serious = found.serious();
        same(found, before, was, is);
        // A linker has the last word.
        if found.serious() == serious
            && let (Some(was), Some(is)) = (links.0.get(was), links.1.get(is))
            && was.1.digest != is.1.digest
        {
            let text = |side: &Side, link: &Link<'_>| Some(side.shape.text(link.0, link.2));
            let (old, new) = (text(old, &was), text(new, &is));
            found.add(Impact::Breaking, codes::TYPE_CHANGED, is.2, old, new);
        }
    }
}

/// A function of an interface, as a linker sees it.
type Link<'a> = (&'a Interface, &'a Item, &'a str);

struct Links<'a>(HashMap<&'a str, &'a Interface>);

impl<'a> Links<'a> {
    fn of(side: &'a Side) -> Links<'a> {
        let exports = side.shape.exports.iter();
        Links(exports.map(|of| (&*of.name, of)).collect())
    }

    fn get<'b>(&'b self, tool: &Tool<'b>) -> Option<Link<'b>> {
        let name = tool.function.export.as_str();
        let interface = tool.function.interface.as_deref();
        let interface = self.0.get(interface.unwrap_or(name))?;
        Some((interface, interface.items.get(name)?, name))
    }
}

/// A tool that was not there, where tools were handed and handed back these before.
fn added(
    found: &mut Found,
    before: &Before<'_>,
    (handed, returned): (&Handed, &Handed),
    is: &Tool<'_>,
) {
    let is_covered = handed.cover_all(is.handles()) && returned.cover_all(&is.returned());
    let impact = match is_covered {
        true => Impact::Compatible,
        false => Impact::Widens,
    };
    let name = &is.function.name;
    let text = Some(is.facts.signature.clone());
    found.add(impact, codes::FUNCTION_ADDED, name, None, text);
    texts::text(found, name, "", &is.function.docs.text);
    for param in &is.function.params {
        params::told(found, before, name, param);
    }
    if let Some(result) = &is.function.result {
        types::told(found, before, &format!("{name} -> result"), result);
    }
    texts::examples(found, name, &[], &is.function.docs.examples);
}

fn same(found: &mut Found, before: &Before<'_>, was: &Tool<'_>, is: &Tool<'_>) {
    let name = &is.function.name;
    if was.function.name != *name {
        let old = Some(was.function.name.clone());
        let new = Some(name.clone());
        found.add(Impact::Breaking, codes::FUNCTION_RENAMED, name, old, new);
    }
    if was.home() != is.home() {
        let (old, new) = (Some(was.home()), Some(is.home()));
        found.add(Impact::Breaking, codes::FUNCTION_MOVED, name, old, new);
    }
    params::compare(found, before, was, is);
    params::returned(found, name, &was.returned(), &is.returned());
    let (old, new) = (&was.function.result, &is.function.result);
    types::results(found, before, name, old.as_ref(), new.as_ref());
    facts::derived(found, name, &was.facts.derived, &is.facts.derived);
    let (old, new) = (&was.function.docs, &is.function.docs);
    texts::text(found, name, &old.text, &new.text);
    texts::examples(found, name, &old.examples, &new.examples);
}
