//! The parameters of a tool.

use std::collections::{BTreeSet, HashSet};

use super::functions::Tool;
use super::handles::{self, Handed};
use super::pairs::Pairs;
use super::texts::{self, Before};
use super::{Found, Impact, codes, types};
use crate::audit::HandleFacts;
use crate::spelled;
use crate::types::Field;

pub(super) fn compare(found: &mut Found, before: &Before<'_>, was: &Tool<'_>, is: &Tool<'_>) {
    let name = &is.function.name;
    let (old, new) = (&was.function.params, &is.function.params);
    let Pairs {
        mut counterpart,
        gone,
    } = Pairs::of(old, new, &[&|field| field.name.to_string()]);
    let order: Vec<_> = counterpart.iter().flatten().copied().collect();
    let (mut renamed, mut removed) = (HashSet::new(), Vec::new());
    for index in gone {
        // One for another of the same type at the same place is the same parameter by another name.
        match (counterpart.get_mut(index), new.get(index)) {
            (Some(counterpart @ None), Some(now)) if types::same(&old[index].ty, &now.ty) => {
                *counterpart = Some(index);
                renamed.insert(index);
            }
            _ => removed.push(index),
        }
    }
    for index in removed {
        let (at, text) = (at(name, &old[index]), Some(shown(&old[index])));
        found.add(Impact::Breaking, codes::PARAMETER_REMOVED, at, text, None);
    }
    if !order.is_sorted() {
        let in_order = |fields: &[Field], order: &mut dyn Iterator<Item = usize>| {
            let names: Vec<_> = order.map(|index| &*fields[index].name).collect();
            Some(names.join(", "))
        };
        let sorted: BTreeSet<_> = order.iter().copied().collect();
        let was = in_order(old, &mut sorted.into_iter());
        let is = in_order(old, &mut order.into_iter());
        found.add(Impact::Breaking, codes::PARAMETER_MOVED, name, was, is);
    }
    let handed = Handed::of(was.handles());
    for (index, (field, before_index)) in new.iter().zip(counterpart).enumerate() {
        let at = at(name, field);
        let now = is.facts.params.get(index);
        let now = now.map_or(&[][..], |param| &param.handles);
        let Some(earlier) = before_index else {
            let impact = match handed.cover_all(now) {
                true => Impact::Breaking,
                false => Impact::Widens,
            };
            let text = Some(shown(field));
            found.add(impact, codes::PARAMETER_ADDED, at, None, text);
            told(found, before, name, field);
            continue;
        };
        let then = was.facts.params.get(earlier);
        let then = then.map_or(&[][..], |param| &param.handles);
        let earlier = &old[earlier];
        if renamed.contains(&index) {
            let (old, new) = (Some(shown(earlier)), Some(shown(field)));
            found.add(Impact::Breaking, codes::PARAMETER_RENAMED, &*at, old, new);
        }
        held(found, &at, then, now);
        types::compare(found, before, &at, &earlier.ty, &field.ty);
        texts::text(found, &at, &earlier.docs, &field.docs);
    }
}

/// What a model is told of a parameter that was not there before.
pub(super) fn told(found: &mut Found, before: &Before<'_>, function: &str, param: &Field) {
    let at = at(function, param);
    texts::text(found, &at, "", &param.docs);
    types::told(found, before, &at, &param.ty);
}

/// What a call hands over through a parameter.
fn held(found: &mut Found, at: &str, then: &[HandleFacts], now: &[HandleFacts]) {
    changed(found, at, then, now, words);
}

/// What a call hands back. That whoever gets it keeps it says nothing, for it is never lent.
pub(super) fn returned(
    found: &mut Found,
    function: &str,
    then: &[HandleFacts],
    now: &[HandleFacts],
) {
    let at = format!("{function} -> result");
    changed(found, &at, then, now, |handle| handle.may.clone());
}

fn changed(
    found: &mut Found,
    at: &str,
    then: &[HandleFacts],
    now: &[HandleFacts],
    words: fn(&HandleFacts) -> String,
) {
    let keys = |handles: &[HandleFacts]| -> BTreeSet<_> {
        let keys = handles
            .iter()
            .map(|handle| (handles::key(handle), words(handle)));
        keys.collect()
    };
    if keys(then) == keys(now) {
        return;
    }
    let impact = match Handed::of(then).cover_all(now) {
        true => Impact::Breaking,
        false => Impact::Widens,
    };
    let said = |handles: &[HandleFacts]| {
        let words: Vec<_> = handles.iter().map(words).collect();
        (!words.is_empty()).then(|| words.join("; "))
    };
    let (mut was, mut is) = (said(then), said(now));
    if was == is {
        // Two of which the same is known, or nothing.
        let named = |handles: &[HandleFacts]| {
            let names: Vec<_> = handles.iter().map(|handle| &*handle.resource).collect();
            (!names.is_empty()).then(|| names.join("; "))
        };
        (was, is) = (named(then), named(now));
    }
    found.add(impact, codes::HANDLE_CHANGED, at, was, is);
}

fn words(handle: &HandleFacts) -> String {
    let keeps = if handle.keeps { ", and keeps it" } else { "" };
    format!("{}{keeps}", handle.may)
}

fn at(function: &str, param: &Field) -> String {
    format!("{function}({})", param.key)
}

fn shown(field: &Field) -> String {
    format!("{}: {}", field.name, spelled::ty(&field.ty))
}
