//! What a component wants of its host.

use std::collections::HashMap;

use super::codes::Code;
use super::pairs::Pairs;
use super::shape::{Interface, Kind};
use super::{Found, Impact, Side, codes};
use crate::audit::{Class, ImportFacts, Tier};
use crate::known::without_version;

/// An import, and what a linker sees of it.
struct Wanted<'a> {
    side: &'a Side,
    facts: &'a ImportFacts,
    shape: Option<&'a Interface>,
}

impl Wanted<'_> {
    /// Whether there is an item of that kind.
    fn has(&self, name: &str, is_function: bool) -> bool {
        let item = self.shape.and_then(|shape| shape.items.get(name));
        item.is_some_and(|item| item.kind.is_function() == is_function)
    }

    fn text(&self, name: &str) -> Option<String> {
        Some(self.side.shape.text(self.shape?, name))
    }
}

fn wanted(side: &Side) -> Vec<Wanted<'_>> {
    let shapes = by_name(&side.shape.imports);
    let imports = side.audit.imports.iter();
    let imports = imports.map(|facts| Wanted {
        side,
        facts,
        shape: shapes.get(&*facts.name).copied(),
    });
    imports.collect()
}

fn by_name(interfaces: &[Interface]) -> HashMap<&str, &Interface> {
    interfaces.iter().map(|of| (&*of.name, of)).collect()
}

/// Imports by their name without the version: a later version of the same interface is the same import, unless both are there.
pub(super) fn compare(found: &mut Found, old: &Side, new: &Side) {
    let (was, is) = (wanted(old), wanted(new));
    let pairs = Pairs::of(
        &was,
        &is,
        &[
            &|import: &Wanted<'_>| import.facts.name.clone(),
            &|import| without_version(&import.facts.name).to_owned(),
        ],
    );
    for index in pairs.gone {
        let was = was[index].facts;
        let text = Some(shown(was));
        found.add(
            Impact::Compatible,
            codes::IMPORT_REMOVED,
            at(was),
            text,
            None,
        );
    }
    for (is, counterpart) in is.iter().zip(pairs.counterpart) {
        match counterpart {
            None => {
                let (at, text) = (at(is.facts), Some(shown(is.facts)));
                found.add(asks(is.facts), codes::IMPORT_ADDED, at, None, text);
            }
            Some(index) => same(found, &was[index], is),
        }
    }
    types_of_the_world(found, old, new);
}

fn same(found: &mut Found, was: &Wanted<'_>, is: &Wanted<'_>) {
    let at = at(is.facts);
    if was.facts.name != is.facts.name {
        let (old, new) = (&was.facts.name, &is.facts.name);
        let (impact, code) = (version(was.facts, is.facts), codes::IMPORT_VERSION);
        found.add(impact, code, &*at, Some(old.clone()), Some(new.clone()));
    }
    let mut add = |impact: Impact, code: Code, old: Option<String>, new: Option<String>| {
        found.add(impact, code, &*at, old, new);
    };
    let (mut more, mut fewer) = (false, false);
    for name in &was.facts.functions {
        if !is.has(name, true) {
            add(
                Impact::Compatible,
                codes::IMPORT_FUNCTION_REMOVED,
                was.text(name),
                None,
            );
            fewer = true;
        }
    }
    for name in &is.facts.functions {
        if !was.has(name, true) {
            add(
                asks(is.facts),
                codes::IMPORT_FUNCTION_ADDED,
                None,
                is.text(name),
            );
            more = true;
        }
    }
    let (Some(before), Some(after)) = (was.shape, is.shape) else {
        return;
    };
    for (name, item) in &before.items {
        // Types come and go with the functions that name them.
        if !item.kind.is_function() && !is.has(name, false) && !fewer {
            add(
                Impact::Compatible,
                codes::IMPORT_TYPE_REMOVED,
                was.text(name),
                None,
            );
        }
    }
    for (name, item) in &after.items {
        let is_function = item.kind.is_function();
        if !was.has(name, is_function) {
            if !is_function && !more {
                let impact = match item.kind {
                    Kind::Resource => asks(is.facts),
                    _ => Impact::Breaking,
                };
                add(impact, codes::IMPORT_TYPE_ADDED, None, is.text(name));
            }
            continue;
        }
        if before
            .items
            .get(name)
            .is_some_and(|was| was.digest != item.digest)
        {
            let code = match is_function {
                true => codes::IMPORT_FUNCTION_CHANGED,
                false => codes::IMPORT_TYPE_CHANGED,
            };
            // Nobody has it in both shapes. Of what nobody knows, it may be anything.
            let impact = match is.facts.class {
                Class::Unknown => Impact::Widens,
                _ => Impact::Breaking,
            };
            add(impact, code, was.text(name), is.text(name));
        }
    }
}

/// Types that the world imports by itself: nothing is reached through them, but a linker has to have them.
fn types_of_the_world(found: &mut Found, old: &Side, new: &Side) {
    let (was, is) = (by_name(&old.shape.imports), by_name(&new.shape.imports));
    let is_type = |of: &Interface| {
        let item = of.items.get(&of.name);
        item.is_some_and(|item| matches!(item.kind, Kind::Type(_) | Kind::Alias(_)))
    };
    let at = |of: &Interface| format!("import {}", of.name);
    let text = |side: &Side, of: &Interface| Some(side.shape.text(of, &of.name));
    for was in old.shape.imports.iter().filter(|of| is_type(of)) {
        if !is.get(&*was.name).is_some_and(|is| is_type(is)) {
            let (impact, code) = (Impact::Compatible, codes::IMPORT_TYPE_REMOVED);
            found.add(impact, code, at(was), text(old, was), None);
        }
    }
    for is in new.shape.imports.iter().filter(|of| is_type(of)) {
        let was = was.get(&*is.name).filter(|was| is_type(was));
        let Some(was) = was else {
            let (impact, code) = (Impact::Breaking, codes::IMPORT_TYPE_ADDED);
            found.add(impact, code, at(is), None, text(new, is));
            continue;
        };
        let digest = |of: &Interface| of.items.get(&of.name).map(|item| item.digest);
        if digest(was) != digest(is) {
            let (impact, code) = (Impact::Breaking, codes::IMPORT_TYPE_CHANGED);
            found.add(impact, code, at(is), text(old, was), text(new, is));
        }
    }
}

/// What another version of an import means.
fn version(was: &ImportFacts, is: &ImportFacts) -> Impact {
    // It may be one that nobody gives. Of what nobody knows, a version that is not made to stand in for the other may be anything.
    let is_another = was.class != Class::Unknown || track(&was.name) != track(&is.name);
    if is.class == Class::Unknown && is_another {
        Impact::Widens
    } else {
        Impact::Compatible
    }
}

/// The part of a version that is the same in those that are made to stand in for each other (Semantic Versioning 2.0.0).
fn track(name: &str) -> &str {
    let version = name.split_once('@').map_or("", |(_, version)| version);
    if version.contains('-') {
        return version;
    }
    // Up to the first number that is not 0.
    let mut end = 0;
    for part in version.split('.') {
        end += part.len() + 1;
        if part != "0" {
            break;
        }
    }
    version.get(..end.saturating_sub(1)).unwrap_or(version)
}

/// What it means to ask for more of an interface. Where nothing can be reached through it on any host, the component only has to be linked with
/// something new.
fn asks(import: &ImportFacts) -> Impact {
    let reaches = match import.class {
        Class::Types => false,
        Class::Inert => import.tier_elsewhere > Tier::Pure,
        Class::Mounts | Class::Authority | Class::Unknown => true,
    };
    if reaches {
        Impact::Widens
    } else {
        Impact::Breaking
    }
}

fn at(import: &ImportFacts) -> String {
    format!("import {}", import.name)
}

fn shown(import: &ImportFacts) -> String {
    format!("{}: {}", import.class.as_str(), import.reaches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_stand_in_for_each_other() {
        for (version, expected) in [
            ("1.2.3", "1"),
            ("10.0.0", "10"),
            ("0.2.6", "0.2"),
            ("0.0.7", "0.0.7"),
            ("0.0.0", "0.0.0"),
            ("0.2.0-rc-1", "0.2.0-rc-1"),
            ("1.0.0+build", "1"),
            ("", ""),
        ] {
            assert_eq!(track(&format!("a:b/c@{version}")), expected);
        }
        assert_eq!(track("a:b/c"), "");
    }
}
