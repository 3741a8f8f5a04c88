//! What was approved against what there is.

use std::collections::{BTreeMap, BTreeSet};

use super::codes::*;
use super::{Approval, Entry, Lock, LockedFunction, Mismatch, is_day};
use crate::audit::{Audit, Tier};
use crate::names::nearest;
use crate::visible;

/// What is said besides when something differs that follows from bytes which do not.
const SAME: &str = " (the bytes are those that were approved: the lock was edited, or another version of this program \
                    wrote it)";

/// The tool that the lock does not have.
pub(super) fn not_locked(lock: &Lock, tool: &str, audit: &Audit) -> Mismatch {
    let known = lock.tools.keys().map(String::as_str);
    let near = match nearest(tool, known, 1).first() {
        Some(near) => format!("; it has `{}`", visible::name(near)),
        None => String::new(),
    };
    Mismatch {
        tool: tool.to_owned(),
        code: NOT_LOCKED,
        message: format!("nobody approved it: the lock does not have it{near}"),
        locked: None,
        found: Some(audit.digest.to_string()),
    }
}

/// What differs from one entry to another, whoever approved them.
pub(super) fn mismatches(locked: &Entry, tool: &str, found: &Entry) -> Vec<Mismatch> {
    let mut told = Told {
        tool,
        all: Vec::new(),
    };
    told.tier(locked.tier, found.tier);
    told.imports(&locked.imports, &found.imports);
    told.findings(&locked.findings, &found.findings);
    told.text(
        DOCS,
        "what the model is told of the tool as a whole",
        &locked.docs,
        &found.docs,
    );
    told.functions(&locked.functions, &found.functions);
    let mut all = told.all;
    if locked.digest != found.digest {
        let message = match all.is_empty() {
            true => "the bytes differ, nothing that a contract says does",
            false => "the bytes differ, and so does what a contract says",
        };
        let digest = Mismatch {
            tool: tool.to_owned(),
            code: DIGEST,
            message: message.to_owned(),
            locked: Some(locked.digest.clone()),
            found: Some(found.digest.clone()),
        };
        all.insert(0, digest);
    } else if let Some(first) = all.first_mut() {
        first.message.push_str(SAME);
    }
    all
}

/// Why an approval does not hold.
pub(super) fn approval(approval: &Approval, tool: &str, tier: Tier, today: &str) -> Vec<Mismatch> {
    let mut told = Told {
        tool,
        all: Vec::new(),
    };
    let by = visible::name(&approval.by);
    if let Some(until) = &approval.until {
        // What is no day compares with none, so it holds on none.
        let over = match is_day(until) && is_day(today) {
            true if until.as_str() >= today => None,
            true => Some(format!(
                "the approval of {by} held until {until}, and it is {today}"
            )),
            false => Some(format!(
                "the approval of {by} holds until `{}`, and it is `{}`: both must be days like 2027-01-31",
                visible::name(until),
                visible::name(today)
            )),
        };
        if let Some(message) = over {
            told.push(APPROVAL_EXPIRED, message, Some(until), Some(today));
        }
    }
    if let Some(max) = approval.max_tier.filter(|max| tier > *max) {
        let message =
            format!("the approval of {by} is for tools up to `{max}`, and this is `{tier}`");
        let (max, tier) = (max.as_str(), tier.as_str());
        told.push(TIER_ABOVE_APPROVAL, message, Some(max), Some(tier));
    }
    told.all
}

/// What is told of a tool.
struct Told<'a> {
    tool: &'a str,
    all: Vec<Mismatch>,
}

impl Told<'_> {
    fn push(
        &mut self,
        code: &'static str,
        message: String,
        locked: Option<&str>,
        found: Option<&str>,
    ) {
        self.all.push(Mismatch {
            tool: self.tool.to_owned(),
            code,
            message,
            locked: locked.map(str::to_owned),
            found: found.map(str::to_owned),
        });
    }

    /// A text that differs, if it does. An empty one is none.
    fn text(&mut self, code: &'static str, what: &str, locked: &str, found: &str) {
        let (locked, found) = (some(locked), some(found));
        let message = match (locked, found) {
            (None, Some(_)) => format!("{what} is new"),
            (Some(_), None) => format!("{what} is gone"),
            (locked, found) if locked != found => format!("{what} differs"),
            _ => return,
        };
        self.push(code, message, locked, found);
    }

    /// Likewise for words that come in any order.
    fn words(&mut self, code: &'static str, what: &str, locked: &[String], found: &[String]) {
        self.items(code, what, locked, found, " ");
    }

    /// The same, with what stands between them where both sides are shown.
    fn items(
        &mut self,
        code: &'static str,
        what: &str,
        locked: &[String],
        found: &[String],
        between: &str,
    ) {
        let set = |words: &[String]| words.iter().cloned().collect::<BTreeSet<_>>();
        let (locked, found) = (set(locked), set(found));
        let list = |these: Vec<&String>| {
            let quoted: Vec<_> = these
                .iter()
                .map(|word| format!("`{}`", visible::name(word)))
                .collect();
            quoted.join(", ")
        };
        let gained: Vec<_> = found.difference(&locked).collect();
        let lost: Vec<_> = locked.difference(&found).collect();
        let change = match (gained.is_empty(), lost.is_empty()) {
            (true, true) => return,
            (false, true) => format!("now {}", list(gained)),
            (true, false) => format!("no longer {}", list(lost)),
            (false, false) => format!("now {}, no longer {}", list(gained), list(lost)),
        };
        let line = |words: BTreeSet<String>| words.into_iter().collect::<Vec<_>>().join(between);
        let (locked, found) = (line(locked), line(found));
        self.push(
            code,
            format!("{what}: {change}"),
            some(&locked),
            some(&found),
        );
    }

    fn tier(&mut self, locked: Tier, found: Tier) {
        let (code, more) = match locked.cmp(&found) {
            std::cmp::Ordering::Equal => return,
            std::cmp::Ordering::Less => (TIER_RAISED, "more"),
            std::cmp::Ordering::Greater => (TIER_LOWERED, "less"),
        };
        let message = format!("it can do {more} than was approved: `{locked}` became `{found}`");
        self.push(code, message, Some(locked.as_str()), Some(found.as_str()));
    }

    fn imports(&mut self, locked: &[String], found: &[String]) {
        // The class is the word after the last blank.
        let split = |line: &String| match line.rsplit_once(' ') {
            Some((name, class)) => (name.to_owned(), class.to_owned()),
            None => (line.clone(), String::new()),
        };
        let map = |lines: &[String]| lines.iter().map(split).collect::<BTreeMap<_, _>>();
        for (name, class) in pairs(&map(locked), &map(found)) {
            let shown = visible::name(name);
            let (code, message) = match class {
                (None, Some(now)) => (
                    IMPORT_ADDED,
                    format!("it imports `{shown}` ({now}), which was not approved"),
                ),
                (Some(_), None) => (IMPORT_REMOVED, format!("it no longer imports `{shown}`")),
                (Some(was), Some(now)) if was != now => (
                    IMPORT_CLASS,
                    format!(
                        "`{shown}` is {now}, and was approved as {}",
                        visible::name(was)
                    ),
                ),
                _ => continue,
            };
            let line = |class: Option<&String>| class.map(|class| format!("{name} {class}"));
            let (locked, found) = (line(class.0), line(class.1));
            self.push(code, message, locked.as_deref(), found.as_deref());
        }
    }

    /// A finding that is gone harms nobody.
    fn findings(&mut self, locked: &[String], found: &[String]) {
        for code in found.iter().filter(|code| !locked.contains(code)) {
            let message =
                format!("there is a finding `{code}` that was not there when it was approved");
            self.push(FINDING_ADDED, message, None, Some(code));
        }
    }

    fn functions(
        &mut self,
        locked: &BTreeMap<String, LockedFunction>,
        found: &BTreeMap<String, LockedFunction>,
    ) {
        for (name, sides) in pairs(locked, found) {
            let shown = visible::name(name);
            match sides {
                (Some(was), Some(now)) => self.function(&shown, was, now),
                (None, Some(now)) => {
                    let message = format!("it has a function `{shown}`, which was not approved");
                    self.push(FUNCTION_ADDED, message, None, Some(&now.signature));
                }
                (Some(was), None) => {
                    let message = format!("the function `{shown}` is gone");
                    self.push(FUNCTION_REMOVED, message, Some(&was.signature), None);
                }
                (None, None) => {}
            }
        }
    }

    fn function(&mut self, name: &str, was: &LockedFunction, now: &LockedFunction) {
        let of = |what: &str| format!("`{name}`: {what}");
        self.text(
            SIGNATURE,
            &of("its signature"),
            &was.signature,
            &now.signature,
        );
        self.words(
            FACTS,
            &of("what follows for it, and what its author claims"),
            &was.facts,
            &now.facts,
        );
        self.items(
            HANDLES,
            &of("what it is handed and what it hands back"),
            &was.handles,
            &now.handles,
            "\n",
        );
        self.text(
            DOCS,
            &of("what the model is told of it"),
            &was.docs,
            &now.docs,
        );
        self.texts(PARAMETER_DOCS, name, "", &was.params, &now.params);
        self.texts(
            RESULT_DOCS,
            name,
            " in the result",
            &was.returns,
            &now.returns,
        );
        let lines = |examples: &[String]| examples.join("\n");
        let examples = (lines(&was.examples), lines(&now.examples));
        self.text(
            EXAMPLES,
            &of("what the model is shown as examples"),
            &examples.0,
            &examples.1,
        );
        if was.schema != now.schema {
            let message =
                of("the schema of its arguments or of its result differs in more than its texts");
            self.push(SCHEMA, message, Some(&was.schema), Some(&now.schema));
        }
    }

    fn texts(
        &mut self,
        code: &'static str,
        function: &str,
        whose: &str,
        was: &BTreeMap<String, String>,
        now: &BTreeMap<String, String>,
    ) {
        for (at, (was, now)) in pairs(was, now) {
            let at = visible::name(at);
            let what = format!("`{function}`: what the model is told of `{at}`{whose}");
            let text = |text: Option<&String>| text.cloned().unwrap_or_default();
            self.text(code, &what, &text(was), &text(now));
        }
    }
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Every key of either, with what both have there.
fn pairs<'a, T>(
    a: &'a BTreeMap<String, T>,
    b: &'a BTreeMap<String, T>,
) -> impl Iterator<Item = (&'a String, (Option<&'a T>, Option<&'a T>))> {
    let keys: BTreeSet<_> = a.keys().chain(b.keys()).collect();
    keys.into_iter().map(|key| (key, (a.get(key), b.get(key))))
}
