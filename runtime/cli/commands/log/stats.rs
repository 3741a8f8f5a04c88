//! `bailiwick log stats`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use bailiwick_host::{Log, visible};
use serde_json::{Value, json};

use super::{Only, failed};
use crate::exit::Refusal;
use crate::{output, policy};

/// So many tools and functions are counted each for itself. A log with more was not written by this program.
const MOST: usize = 10_000;

/// What is known of a tool's function, or of a name that there was no tool for.
#[derive(Debug, Default)]
struct Counted {
    codes: BTreeMap<String, u64>,
    wall: Vec<f64>,
    fuel: Vec<u64>,
}

type Functions = BTreeMap<(String, String), Counted>;

pub(super) fn run(
    log: Option<&Log>,
    path: &Path,
    only: &Only,
    as_json: bool,
) -> Result<(), Refusal> {
    let mut functions = Functions::new();
    if let Some(log) = log {
        let mut reader = log.reader();
        while let Some(entry) = reader.next().map_err(|error| failed(&error))? {
            let record = entry.record.unwrap_or_default();
            if record["kind"] == "call" && only.has(&record) {
                count(&mut functions, &record);
            }
        }
    }
    for counted in functions.values_mut() {
        counted.wall.sort_by(f64::total_cmp);
        counted.fuel.sort_unstable();
    }
    if as_json {
        let tools: Vec<_> = functions.iter().map(document).collect();
        output::document(&json!({ "folder": path, "functions": tools }));
    } else if functions.is_empty() {
        output::note(&format!("no such call is in {}", policy::shown(path)));
    } else {
        output::text(&table(&functions));
    }
    Ok(())
}

fn count(functions: &mut Functions, record: &Value) {
    let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
    let key = (text("tool"), text("function"));
    if functions.len() >= MOST && !functions.contains_key(&key) {
        return;
    }
    let counted = functions.entry(key).or_default();
    *counted.codes.entry(text("code")).or_default() += 1;
    let usage = &record["usage"];
    counted.wall.extend(usage["wall_ms"].as_f64());
    counted.fuel.extend(usage["fuel"].as_u64());
}

impl Counted {
    fn calls(&self) -> u64 {
        self.codes.values().sum()
    }

    fn ok(&self) -> u64 {
        self.codes.get("ok").copied().unwrap_or(0)
    }
}

/// The value that so many of a hundred do not pass, of values in order.
fn percentile<T: Copy + Default>(values: &[T], percent: usize) -> T {
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank - 1).copied().unwrap_or_default()
}

fn document(((tool, function), counted): (&(String, String), &Counted)) -> Value {
    let mut document = json!({ "tool": tool });
    if !function.is_empty() {
        document["function"] = json!(function);
    }
    let total: u128 = counted.fuel.iter().map(|&fuel| u128::from(fuel)).sum();
    document["calls"] = json!(counted.calls());
    document["ok"] = json!(counted.ok());
    document["codes"] = json!(counted.codes);
    document["wall_ms"] = json!({
        "p50": percentile(&counted.wall, 50),
        "p99": percentile(&counted.wall, 99),
    });
    document["fuel"] = json!({
        "p50": percentile(&counted.fuel, 50),
        "p99": percentile(&counted.fuel, 99),
        "total": u64::try_from(total).unwrap_or(u64::MAX),
    });
    document
}

fn table(functions: &Functions) -> String {
    let head = [
        "tool", "calls", "ok", "ms p50", "ms p99", "fuel p50", "fuel p99", "failed",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    for ((tool, function), counted) in functions {
        let failed = counted.codes.iter().filter(|(code, _)| *code != "ok");
        let failed: Vec<_> = failed
            .map(|(code, count)| format!("{} {count}", visible::name(code)))
            .collect();
        rows.push([
            visible::name(format!("{tool} {function}").trim_end()),
            counted.calls().to_string(),
            counted.ok().to_string(),
            format!("{:.1}", percentile(&counted.wall, 50)),
            format!("{:.1}", percentile(&counted.wall, 99)),
            percentile(&counted.fuel, 50).to_string(),
            percentile(&counted.fuel, 99).to_string(),
            failed.join(", "),
        ]);
    }
    let widths: Vec<usize> = (0..head.len())
        .map(|column| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            // Names to the left, numbers to the right.
            let _ = match column {
                0 => write!(line, "{cell:<width$}"),
                7 => write!(line, "  {cell}"),
                _ => write!(line, "  {cell:>width$}"),
            };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_there_are() {
        let values: Vec<u64> = (1..=200).collect();
        assert_eq!(
            (percentile(&values, 50), percentile(&values, 99)),
            (100, 198)
        );
        assert_eq!((percentile(&[7], 50), percentile(&[7], 99)), (7, 7));
        assert_eq!(percentile::<u64>(&[], 99), 0);
    }
}
