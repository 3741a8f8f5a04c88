//! What of a function's documentation is shown: as much as there is room for, in a fixed order.
//!
//! Documentation makes no component unreadable. What does not fit is left out and told.

use super::Finding;
use super::reader::Tool;
use crate::budget;
use crate::docs::Parsed;

/// How many bytes are left to document a function.
pub(super) struct Room<'a> {
    pub(super) tool: &'a Tool<'a>,
    pub(super) of_function: u64,
    pub(super) of_component: &'a mut u64,
    pub(super) findings: &'a mut Vec<Finding>,
}

impl Room<'_> {
    /// Whether there is room for so many bytes; takes it.
    pub(super) fn take(&mut self, bytes: u64) -> bool {
        let fits = bytes <= self.of_function.min(*self.of_component);
        if fits {
            self.of_function -= bytes;
            *self.of_component -= bytes;
        }
        fits
    }

    /// Says that some documentation is left out for want of room.
    pub(super) fn told(&mut self, what: &str) {
        let message = format!(
            "documentation {what} of function `{}` is left out: all that is shown of a function may have at most {} MiB \
             ({} MiB for all functions)",
            self.tool.full_name(),
            budget::FUNCTION >> 20,
            budget::COMPONENT >> 20
        );
        self.findings.push(Finding {
            code: "docs-too-large",
            message,
        });
    }

    /// Leaves out of a function's own documentation what is too large: single texts, and what there is no room for.
    pub(super) fn fit_own(&mut self, parsed: &mut Parsed) {
        let function = format!("function `{}`", self.tool.full_name());
        let mut too_large = |what: &str| self.findings.push(Finding::docs_too_large(what));
        if parsed.docs.text.len() > budget::TEXT {
            parsed.docs.text.clear();
            too_large(&function);
        }
        let params = parsed.params.iter_mut();
        for (docs, param) in params.zip(&self.tool.function.params) {
            if docs.len() > budget::TEXT {
                docs.clear();
                too_large(&format!("parameter `{}` of {function}", param.name));
            }
        }
        let examples = parsed.docs.examples.len();
        let is_small = |example: &serde_json::Value| example.to_string().len() <= budget::TEXT;
        parsed.docs.examples.retain(is_small);
        if parsed.docs.examples.len() < examples {
            too_large(&format!("an @example of {function}"));
        }

        if !self.take(budget::description(&parsed.docs.text)) {
            parsed.docs.text.clear();
            self.told("(the text)");
        }
        let params = parsed.params.iter().map(|docs| budget::description(docs));
        if !self.take(params.sum()) {
            parsed.params.iter_mut().for_each(String::clear);
            self.told("of the parameters");
        }
        let examples = parsed.docs.examples.iter();
        if !self.take(
            examples
                .map(|example| example.to_string().len() as u64)
                .sum(),
        ) {
            parsed.docs.examples.clear();
            self.told("(the examples)");
        }
    }
}
