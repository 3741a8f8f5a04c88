//! Pairs that mean harm: the answer comes in seconds and is of a size that one can hold.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use bailiwick_contract::compare::{Comparison, Impact, Side, compare};

use super::{built, documented, side};

/// More than any of these takes on a machine that is busy, and less than one that is quadratic does.
const SECONDS: u64 = 10;

fn in_time(old: &Side, new: &Side) -> Comparison {
    let start = Instant::now();
    let comparison = compare(old, new);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(SECONDS), "{took:?}");
    comparison
}

fn size(comparison: &Comparison) -> usize {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let differences = comparison.differences.iter();
    let sizes =
        differences.map(|found| found.at.len() + length(&found.old) + length(&found.new) + 64);
    sizes.sum()
}

fn count(comparison: &Comparison, code: &str) -> usize {
    let codes = super::codes(comparison);
    codes.into_iter().filter(|of| *of == code).count()
}

#[test]
fn four_thousand_functions_each() {
    let world = |front: &str, handle: &str| {
        let mut text = format!(
            "package test:test@1.0.0;\ninterface api {{ use bailiwick:fs/read@0.1.0.{{{handle}}};\n"
        );
        for number in 0..4_000 {
            let front = if number % 2 == 0 { "p" } else { front };
            let _ = writeln!(
                text,
                "{front}{number}: func(x: u32, at: borrow<{handle}>) -> string;"
            );
        }
        text + "}\nworld w { export api; }"
    };
    let (old, new) = (
        side(&built(&world("p", "read-file"))),
        side(&built(&world("g", "read-dir"))),
    );
    let comparison = in_time(&old, &new);
    assert_eq!(count(&comparison, "function-added"), 2_000);
    assert_eq!(count(&comparison, "function-removed"), 2_000);
    assert_eq!(count(&comparison, "handle-changed"), 2_000);
    assert_eq!(comparison.impact, Some(Impact::Widens));
    assert_eq!(in_time(&new, &new).impact, None);
}

#[test]
fn ten_thousand_functions_are_imported() {
    let world = |front: &str| {
        let mut text = "package test:test@1.0.0;\ninterface host {\n".to_owned();
        for number in 0..10_000 {
            let front = if number % 2 == 0 { "p" } else { front };
            let _ = writeln!(text, "{front}{number}: func(x: u32);");
        }
        text + "}\nworld w { import host; export f: func(); }"
    };
    let (old, new) = (side(&built(&world("p"))), side(&built(&world("g"))));
    let comparison = in_time(&old, &new);
    assert_eq!(count(&comparison, "import-function-added"), 5_000);
    assert_eq!(count(&comparison, "import-function-removed"), 5_000);
}

/// At the bounds of what a function may name, each difference at the end of a path of long names.
#[test]
fn differences_at_the_end_of_long_paths() {
    let world = |leaf: &str| {
        let mut text = "package test:test@1.0.0;\ninterface api {\nrecord r0 {\n".to_owned();
        for number in 0..5_000 {
            let _ = writeln!(text, "p{number}: {leaf},");
        }
        text.push_str("}\n");
        let long = "n".repeat(128);
        for number in 1..60 {
            let _ = writeln!(text, "record r{number} {{ {long}: r{} }}", number - 1);
        }
        for number in 0..20 {
            let _ = writeln!(text, "p{number}: func(x: list<r59>);");
        }
        text + "}\nworld w { export api; }"
    };
    let (old, new) = (side(&built(&world("u8"))), side(&built(&world("bool"))));
    let comparison = in_time(&old, &new);
    assert_eq!(comparison.impact, Some(Impact::Breaking));
    assert_eq!(comparison.differences.len() + comparison.more, 20 * 5_000);
    assert!(size(&comparison) < 9 << 20, "{}", size(&comparison));
    let back = in_time(&new, &old);
    assert_eq!(back.differences.len(), comparison.differences.len());
    assert_eq!(in_time(&new, &new).impact, None);
}

/// Types without names share their parts: as text they would grow without end.
#[test]
fn imports_of_types_that_double() {
    let world = |leaf: &str| {
        let mut text = format!("package test:test@1.0.0;\ninterface host {{\ntype t0 = {leaf};\n");
        for number in 1..18 {
            let of = number - 1;
            let _ = writeln!(text, "type t{number} = tuple<t{of}, t{of}>;");
        }
        text + "f: func(x: list<t12>);\n}\nworld w { import host; export g: func(); }"
    };
    let (old, new) = (side(&built(&world("u8"))), side(&built(&world("u16"))));
    let comparison = in_time(&old, &new);
    assert_eq!(count(&comparison, "import-function-changed"), 1);
    assert!(size(&comparison) < 1 << 20, "{}", size(&comparison));
    assert_eq!(in_time(&new, &new).impact, None);
}

#[test]
fn wide_types() {
    let world = |front: &str| {
        let mut text = "package test:test@1.0.0;\ninterface api {\n".to_owned();
        for ty in 0..10 {
            let _ = write!(text, "enum e{ty} {{ ");
            for case in 0..2_000 {
                let _ = write!(text, "{front}{case}, ");
            }
            let _ = writeln!(text, "}}\np{ty}: func(x: e{ty});");
        }
        text + "}\nworld w { export api; }"
    };
    let (old, new) = (side(&built(&world("a"))), side(&built(&world("b"))));
    let comparison = in_time(&old, &new);
    assert_eq!(comparison.impact, Some(Impact::Breaking));
    assert!(size(&comparison) < 9 << 20, "{}", size(&comparison));
    assert_eq!(in_time(&new, &new).impact, None);
}

#[test]
fn examples_without_end() {
    let world = |from: usize| {
        let mut text = "package test:test@1.0.0;\ninterface api {\n".to_owned();
        for number in from..from + 40_000 {
            let _ = writeln!(text, "/// @example {{\"x\": {number}}}");
        }
        text + "f: func(x: u32);\n}\nworld w { export api; }"
    };
    let (old, new) = (
        side(&documented(&world(0))),
        side(&documented(&world(20_000))),
    );
    let comparison = in_time(&old, &new);
    assert_eq!(count(&comparison, "example-added"), 20_000);
    assert_eq!(count(&comparison, "example-removed"), 20_000);
    assert_eq!(comparison.impact, Some(Impact::Compatible));
}
