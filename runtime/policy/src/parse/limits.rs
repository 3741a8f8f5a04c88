//! `[limits]` and `[budget]`.

use crate::error::{Code, PolicyError, Problems};
use crate::keys::Shape;
use crate::parse::section::Section;
use crate::policy::{BudgetPolicy, LimitsPolicy};

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
        handles: amount("handles", Shape::Count),
        resources: amount("resources", Shape::Count),
        crossing: amount("crossing", Shape::Bytes),
        compile_memory: amount("compile-memory", Shape::Bytes),
        deadline: None,
        compile_time: None,
    };
    let deadline = section.deadline("deadline", problems);
    let deadline = above_zero(&section, "deadline", deadline, Default::default(), problems);
    let time = section.time("compile-time", problems);
    let compile_time = above_zero(&section, "compile-time", time, Default::default(), problems);
    LimitsPolicy {
        deadline,
        compile_time,
        ..limits
    }
}

/// The table `budget` of a section. As with limits, nothing is a mistake.
pub(crate) fn budget(above: &Section<'_>, problems: &mut Problems) -> BudgetPolicy {
    let section = above.table("budget", problems);
    let mut amount = |key, shape| {
        let amount = section.amount(key, shape, problems);
        above_zero(&section, key, amount, 0, problems)
    };
    let budget = BudgetPolicy {
        fuel: amount("fuel", Shape::Count),
        transfer: amount("transfer", Shape::Bytes),
        calls: amount("calls", Shape::Count),
        wall: None,
    };
    let wall = section.time("wall", problems);
    let wall = above_zero(&section, "wall", wall, Default::default(), problems);
    BudgetPolicy { wall, ..budget }
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
