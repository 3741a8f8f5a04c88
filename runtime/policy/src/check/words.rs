//! Parts of messages.

use bailiwick_contract::visible;

use super::needs::Use;

/// How many functions a line names.
const NAMED: usize = 4;

/// The functions with their parameters, the first few by name. None when there are none.
pub(super) fn uses<'a>(uses: impl Iterator<Item = &'a Use<'a>>) -> Option<String> {
    let all: Vec<_> = uses
        .map(|it| {
            format!(
                "{}(`{}`)",
                visible::name(it.function),
                visible::name(it.param)
            )
        })
        .collect();
    let named = all
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match all.len() {
        0 => None,
        all if all > NAMED => Some(format!("{named} and {} more", all - NAMED)),
        _ => Some(named),
    }
}

/// What was meant, if anything is near.
pub(super) fn near(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| {
        format!("; did you mean `{}`?", visible::name(name))
    })
}
