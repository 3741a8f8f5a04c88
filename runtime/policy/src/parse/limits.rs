//! `[limits]`.

use crate::error::{Code, PolicyError, Problems};
use crate::keys::Shape;
use crate::parse::section::Section;
use crate::policy::LimitsPolicy;

/// The table `limits` of a section. A limit of nothing is a mistake: no call could be made under it.
pub(crate) fn read(above: &Section<'_>, problems: &mut Problems) -> LimitsPolicy {
    let section = above.table("limits", problems);
    let mut amount = |key, shape| {
        let amount = section.amount(key, shape, problems);
        above_zero(&section, key, amount, 0, problems)
    };
    let limits = LimitsPolicy {
        fuel: amount("fuel", Shape::Count),
        memory: amount("memory", Shape::Bytes),
        result: amount("result", Shape::Bytes),
        text: amount("text", Shape::Bytes),
        stdio: amount("stdio", Shape::Bytes),
        host_calls: amount("host-calls", Shape::Count),
        transfer: amount("transfer", Shape::Bytes),
        descriptors: amount("descriptors", Shape::Count),
        deadline: None,
    };
    let deadline = section.deadline("deadline", problems);
    let deadline = above_zero(&section, "deadline", deadline, Default::default(), problems);
    LimitsPolicy { deadline, ..limits }
}

fn above_zero<T: PartialEq>(
    section: &Section<'_>,
    key: &'static str,
    amount: Option<T>,
    zero: T,
    problems: &mut Problems,
) -> Option<T> {
    if amount.as_ref() != Some(&zero) {
        return amount;
    }
    let span = section.value(key).map(|value| value.span());
    let message = format!("`{key}` is nothing, and no call could be made");
    let error = PolicyError::new(Code::BadAmount, span, message);
    problems.push(error.help("give more than 0, or leave the key out for the default"));
    None
}
