//! [`Lock`] → text, made to be read as a diff: one fact a line, nothing hidden.
//!
//! What stems from a component never begins a line: a text of several lines is a list of them, each indented and in
//! quotes, so that none reads as a table or a key of the lock. All other texts are one line with their key before them.
//!
//! It is written by hand, for the library's writer leaves hidden characters as they are.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Approval, Entry, Lock, LockedFunction};
use crate::visible;

/// What the file says of itself.
const HEADER: &str = "\
# What was approved of the tools in bailiwick.toml: their bytes, what they can do, and what a model is told of them.
# Nothing else runs under that policy. A change of this file is a change of what may run: read it as one, and name its
# owners in CODEOWNERS. `bailiwick lock` writes it again, `bailiwick verify` says what differs, docs/lock.md explains
# every line.
";

pub(super) fn text(lock: &Lock) -> String {
    let mut out = Out(HEADER.to_owned());
    out.line("version", &lock.version.to_string());
    for (name, tool) in &lock.tools {
        out.entry(&format!("tools.{}", key(name)), tool);
    }
    out.0
}

struct Out(String);

impl Out {
    fn header(&mut self, path: &str) {
        let _ = write!(self.0, "\n[{path}]\n");
    }

    fn line(&mut self, key: &str, value: &str) {
        let _ = writeln!(self.0, "{key} = {value}");
    }

    /// A text in one line, whatever is in it.
    fn text(&mut self, key: &str, text: &str) {
        self.line(key, &one_line(text));
    }

    /// A text that may have several lines.
    fn prose(&mut self, key: &str, text: &str) {
        match text.contains('\n') {
            true => {
                let lines: Vec<_> = text.split('\n').map(str::to_owned).collect();
                self.list(key, &lines);
            }
            false => self.text(key, text),
        }
    }

    /// Nothing for a text that is empty.
    fn some(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.prose(key, text);
        }
    }

    /// One item a line.
    fn list(&mut self, key: &str, items: &[String]) {
        match items {
            [] => self.line(key, "[]"),
            items => {
                let _ = writeln!(self.0, "{key} = [");
                for item in items {
                    let _ = writeln!(self.0, "    {},", one_line(item));
                }
                self.0.push_str("]\n");
            }
        }
    }

    fn texts(&mut self, of: &str, texts: &BTreeMap<String, String>) {
        for (at, text) in texts {
            self.prose(&format!("{of}.{}", key(at)), text);
        }
    }

    fn entry(&mut self, path: &str, entry: &Entry) {
        self.header(path);
        self.text("digest", &entry.digest);
        self.text("tier", entry.tier.as_str());
        self.some("docs", &entry.docs);
        self.list("imports", &entry.imports);
        if !entry.findings.is_empty() {
            self.list("findings", &entry.findings);
        }
        if let Some(approval) = &entry.approval {
            self.approval(&format!("{path}.approval"), approval);
        }
        for (name, function) in &entry.functions {
            self.function(&format!("{path}.functions.{}", key(name)), function);
        }
    }

    fn approval(&mut self, path: &str, approval: &Approval) {
        self.header(path);
        self.text("by", &approval.by);
        if let Some(until) = &approval.until {
            self.text("until", until);
        }
        if let Some(tier) = approval.max_tier {
            self.text("max-tier", tier.as_str());
        }
        if let Some(note) = &approval.note {
            self.text("note", note);
        }
    }

    fn function(&mut self, path: &str, function: &LockedFunction) {
        self.header(path);
        self.text("signature", &function.signature);
        if !function.facts.is_empty() {
            let facts: Vec<_> = function.facts.iter().map(|fact| one_line(fact)).collect();
            self.line("facts", &format!("[{}]", facts.join(", ")));
        }
        if !function.handles.is_empty() {
            self.list("handles", &function.handles);
        }
        self.some("docs", &function.docs);
        self.texts("params", &function.params);
        self.texts("returns", &function.returns);
        if !function.examples.is_empty() {
            self.list("examples", &function.examples);
        }
        self.text("schema", &function.schema);
    }
}

/// A key: bare where it can be.
fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    match !name.is_empty() && name.bytes().all(bare) {
        true => name.to_owned(),
        false => one_line(name),
    }
}

/// A literal string where a basic one would have to escape what is there to be read (JSON, for instance); a basic one
/// otherwise.
fn one_line(text: &str) -> String {
    let plain = |c: char| c != '\'' && c != '\n' && c != '\t' && !is_hidden(c);
    if text.contains(['"', '\\']) && text.chars().all(plain) {
        return format!("'{text}'");
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '"' => out.push_str("\\\""),
            c => push(&mut out, c),
        }
    }
    out.push('"');
    out
}

/// One character of a basic string, except for quotes and ends of lines.
fn push(out: &mut String, c: char) {
    // Writing to a String does not fail.
    let _ = match c {
        '\\' => write!(out, "\\\\"),
        '\t' => write!(out, "\\t"),
        c if !is_hidden(c) => write!(out, "{c}"),
        c if u32::from(c) <= 0xffff => write!(out, "\\u{:04x}", u32::from(c)),
        c => write!(out, "\\U{:08x}", u32::from(c)),
    };
}

fn is_hidden(c: char) -> bool {
    match c.is_ascii() {
        true => c.is_ascii_control() && c != '\n' && c != '\t',
        false => visible::text(c.encode_utf8(&mut [0; 4])).len() != c.len_utf8(),
    }
}
