//! `bailiwick measure TOOL FUNCTION [ARGUMENTS]`.

use std::process::ExitCode;
use std::time::Duration;

use bailiwick_host::{Code, Outcome};
use bailiwick_policy::LimitsPolicy;
use bailiwick_policy::amount::DEADLINE_CEILING;
use serde_json::{Value, json};

use super::call;
use crate::desk::{self, Desk};
use crate::exit::{self, Refusal};
use crate::{arguments, output};

/// Measure what calls of a tool use, and suggest limits for it.
///
/// Each call is made several times, each time in a fresh instance and under the limits that it would have. Give several JSON objects for several
/// calls: the suggestion is twice the most that any of them used. What they change is dropped.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    call: call::Args,
    /// How often each call is made.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    runs: u32,
}

const EXAMPLES: &str = "\
Examples:
  bailiwick measure files grep dir=/src pattern='fn main' --grant src=.:ro
  bailiwick measure files grep '{\"dir\": \"/src\", \"pattern\": \"x\"}' '{\"dir\": \"/src\", \"pattern\": \"y\"}' --grant src=.
  bailiwick measure parser parse - --runs 20 --json < arguments.json

Exit codes: 0 ok; 1 a call did not end ok, and nothing is suggested; 2 usage; 4 the host failed.";

/// How much more than the most that was used is suggested.
const MARGIN: u64 = 2;

pub(crate) fn run(mut args: Args) -> ExitCode {
    // What is measured is not to be kept.
    args.call.review = true;
    match measured(&args) {
        Ok(measured) if args.call.json => {
            output::document(&measured.to_json());
            ExitCode::SUCCESS
        }
        Ok(measured) => {
            output::text(&measured.to_string());
            ExitCode::SUCCESS
        }
        Err(Failed::Refused(refusal)) => refusal.exit(&args.call.tool, args.call.json),
        Err(Failed::Call(outcome)) => {
            if args.call.json {
                output::document(&outcome.to_json());
            } else {
                output::outcome(&outcome);
            }
            exit::of(outcome.code)
        }
    }
}

enum Failed {
    Refused(Refusal),
    Call(Box<Outcome>),
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

fn measured(args: &Args) -> Result<Measured, Failed> {
    let Desk { session, tool } = desk::open(&args.call)?;
    let (function, calls) = call::meant(&args.call, &tool, &all)?;
    let runtime = call::runtime()?;
    let name = format!("{}_{function}", tool.name());
    let limits = call::wished(&args.call);
    let mut samples = Vec::new();
    for arguments in calls {
        for _ in 0..args.runs {
            let outcome = runtime.block_on(session.call_within(&name, arguments.clone(), limits));
            if outcome.code != Code::Ok {
                return Err(Failed::Call(Box::new(outcome)));
            }
            if outcome.pending {
                session
                    .drop_pending(&[])
                    .map_err(|error| Refusal::new(Code::HostError, error.to_string()))?;
            }
            samples.push(Sample::of(&outcome));
        }
    }
    Ok(Measured {
        tool: tool.name().to_owned(),
        function,
        samples,
    })
}

/// Each of several JSON objects is a call of its own; anything else is one.
fn all(
    words: &[String],
    function: Option<&bailiwick_host::contract::Function>,
) -> Result<Vec<Value>, Refusal> {
    let is_json = |word: &String| word.trim_start().starts_with('{');
    if words.len() > 1 && words.iter().all(is_json) {
        let one = |word: &String| arguments::read(std::slice::from_ref(word), function);
        return words.iter().map(one).collect();
    }
    Ok(vec![arguments::read(words, function)?])
}

/// What one call used.
struct Sample {
    fuel: u64,
    wall: Duration,
    memory: u64,
    transfer: u64,
    host_calls: u64,
    result: u64,
}

impl Sample {
    fn of(outcome: &Outcome) -> Self {
        let usage = &outcome.usage;
        let result = outcome
            .result
            .as_ref()
            .map(|result| result.to_string().len());
        Self {
            fuel: usage.fuel,
            wall: usage.wall,
            memory: usage.memory,
            transfer: usage.read.saturating_add(usage.written),
            host_calls: usage.host_calls,
            result: result.unwrap_or_default() as u64,
        }
    }
}

struct Measured {
    tool: String,
    function: String,
    samples: Vec<Sample>,
}

/// The least, the middle and the most of what was used.
struct Spread {
    key: &'static str,
    least: u64,
    middle: u64,
    most: u64,
    /// In the key's unit, rounded up.
    suggested: u64,
    unit: Unit,
}

/// What a number counts.
#[derive(Clone, Copy)]
enum Unit {
    Count,
    Bytes,
    Micros,
}

impl Measured {
    fn spreads(&self) -> Vec<Spread> {
        let micros = |wall: Duration| u64::try_from(wall.as_micros()).unwrap_or(u64::MAX);
        vec![
            self.spread("fuel", &|sample| sample.fuel, 1_000, Unit::Count),
            // At least 100 ms: another machine, or this one under load, is slower.
            self.spread(
                "deadline",
                &|sample| micros(sample.wall),
                100_000,
                Unit::Micros,
            ),
            self.spread("memory", &|sample| sample.memory, 64 << 10, Unit::Bytes),
            self.spread("transfer", &|sample| sample.transfer, 64 << 10, Unit::Bytes),
            self.spread("host-calls", &|sample| sample.host_calls, 10, Unit::Count),
            self.spread("result", &|sample| sample.result, 1 << 10, Unit::Bytes),
        ]
    }

    /// `step`: what is suggested is a multiple of it, and not less.
    fn spread(
        &self,
        key: &'static str,
        of: &dyn Fn(&Sample) -> u64,
        step: u64,
        unit: Unit,
    ) -> Spread {
        let mut all: Vec<u64> = self.samples.iter().map(of).collect();
        all.sort_unstable();
        let at = |place: usize| all.get(place).copied().unwrap_or_default();
        let most = at(all.len().saturating_sub(1));
        let wanted = most.saturating_mul(MARGIN).max(1);
        Spread {
            key,
            least: at(0),
            middle: at(all.len() / 2),
            most,
            suggested: round(wanted, step),
            unit,
        }
    }

    /// The suggestion as a policy has it.
    fn limits(&self) -> LimitsPolicy {
        let spreads = self.spreads();
        let of = |key: &str| {
            let spread = spreads.iter().find(|spread| spread.key == key);
            spread.map(|spread| spread.suggested)
        };
        LimitsPolicy {
            // A tool that is metered by time has none.
            fuel: of("fuel").filter(|_| self.samples.iter().any(|sample| sample.fuel > 0)),
            deadline: of("deadline")
                .map(|micros| Duration::from_micros(micros).min(DEADLINE_CEILING)),
            memory: of("memory"),
            transfer: of("transfer"),
            host_calls: of("host-calls"),
            result: of("result"),
            ..LimitsPolicy::default()
        }
    }

    fn line(&self) -> String {
        let set = self.limits().set();
        let set: Vec<_> = set
            .iter()
            .map(|(key, amount)| format!("{key} = \"{amount}\""))
            .collect();
        format!("limits = {{ {} }}", set.join(", "))
    }

    fn to_json(&self) -> Value {
        let used = self.spreads().into_iter().map(|spread| {
            let key = match spread.key {
                "deadline" => "wall_us".to_owned(),
                key => key.replace('-', "_"),
            };
            let used = json!({ "min": spread.least, "median": spread.middle, "max": spread.most });
            (key, used)
        });
        let limits: serde_json::Map<_, _> = self
            .limits()
            .set()
            .into_iter()
            .map(|(key, amount)| (key.to_owned(), json!(amount)))
            .collect();
        json!({
            "tool": self.tool,
            "function": self.function,
            "calls": self.samples.len(),
            "used": used.collect::<serde_json::Map<_, _>>(),
            "limits": limits,
        })
    }
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (tool, function) = (&self.tool, &self.function);
        writeln!(f, "{} calls of {tool} {function}", self.samples.len())?;
        writeln!(f, "{:<12}{:>14}{:>14}{:>14}", "", "least", "median", "most")?;
        for spread in self.spreads() {
            let show = |amount| spread.unit.shown(amount);
            let name = match spread.key {
                "deadline" => "wall time",
                key => key,
            };
            let (least, middle) = (show(spread.least), show(spread.middle));
            writeln!(
                f,
                "{name:<12}{least:>14}{middle:>14}{:>14}",
                show(spread.most)
            )?;
        }
        writeln!(f, "\nTwice the most, for the policy:\n")?;
        writeln!(f, "[tools.{tool}]\n{}", self.line())
    }
}

impl Unit {
    /// An amount for a person: in the largest unit of which there is one, to a decimal.
    fn shown(self, amount: u64) -> String {
        let units: &[(&str, u64)] = match self {
            Self::Count => &[
                ("G", 1_000_000_000),
                ("M", 1_000_000),
                ("k", 1_000),
                ("", 1),
            ],
            Self::Bytes => &[
                ("GiB", 1 << 30),
                ("MiB", 1 << 20),
                ("KiB", 1 << 10),
                (" B", 1),
            ],
            Self::Micros => &[("s", 1_000_000), ("ms", 1_000), ("µs", 1)],
        };
        match units.iter().find(|(_, scale)| amount >= *scale) {
            Some((unit, 1)) => format!("{amount}{unit}"),
            Some((unit, scale)) => format!("{:.1}{unit}", amount as f64 / *scale as f64),
            None => "0".to_owned(),
        }
    }
}

/// The next multiple of a step that has two digits in that step's unit: nobody reads more of a limit.
fn round(amount: u64, step: u64) -> u64 {
    let mut coarse = step;
    while amount / coarse >= 100 {
        coarse = coarse.saturating_mul(if step.is_power_of_two() { 2 } else { 10 });
    }
    amount.div_ceil(coarse).saturating_mul(coarse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggestion_is_never_less_and_has_few_digits() {
        for (amount, step, rounded) in [
            (1, 1_000, 1_000),
            (1_000, 1_000, 1_000),
            (1_001, 1_000, 2_000),
            (123_456_789, 1_000, 130_000_000),
            ((3 << 20) + 1, 64 << 10, (3 << 20) + (64 << 10)),
            (7 << 20, 64 << 10, 7 << 20),
        ] {
            assert_eq!(round(amount, step), rounded, "{amount}");
        }
    }
}
