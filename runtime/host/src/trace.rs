//! What a call shows to whoever subscribes to `tracing`: a span with what was called, and in it an event with how it ended.
//!
//! Nobody subscribing, it is a look at one number. There is nothing in it that is not in the log, and so no argument and no result.

use tracing::Span;

use crate::outcome::Outcome;
use crate::run::Request;

/// The target of the span and of its event.
const TARGET: &str = "bailiwick::call";

/// The span of a call, or of one that was refused at once.
pub(crate) fn span(request: &Result<Box<Request>, Box<Outcome>>) -> Span {
    match request {
        Ok(request) => {
            let (function, _) = request.tool.function(request.function);
            tracing::info_span!(
                target: TARGET,
                "call",
                tool = request.tool.name(),
                digest = %request.tool.contract().digest,
                function = function.name.as_str(),
                call = request.call.as_str(),
            )
        }
        // What was asked for is anybody's text.
        Err(outcome) => tracing::info_span!(target: TARGET, "call", asked = ?outcome.tool),
    }
}

/// How it ended, inside of its span.
pub(crate) fn ended(outcome: &Outcome) {
    let usage = &outcome.usage;
    tracing::info!(
        target: TARGET,
        code = outcome.code.name(),
        fuel = usage.fuel,
        wall_us = u64::try_from(usage.wall.as_micros()).unwrap_or(u64::MAX),
        memory_bytes = usage.memory,
        read_bytes = usage.read,
        written_bytes = usage.written,
        host_calls = usage.host_calls,
        changes = outcome.changes.len(),
        "ended"
    );
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};

    use serde_json::json;
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use crate::{Engine, Session, Tool};

    /// Writes down what it is told.
    #[derive(Clone, Default)]
    struct Told {
        lines: Arc<Mutex<Vec<String>>>,
        spans: Arc<AtomicU64>,
    }

    struct Fields<'a>(&'a mut String);

    impl Visit for Fields<'_> {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            let _ = write!(self.0, " {}={value:?}", field.name());
        }
    }

    impl Told {
        fn line(&self, mut line: String, record: impl FnOnce(&mut Fields<'_>)) {
            record(&mut Fields(&mut line));
            self.lines.lock().unwrap().push(line);
        }
    }

    impl Subscriber for Told {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.target() == super::TARGET
        }

        fn new_span(&self, span: &Attributes<'_>) -> Id {
            self.line(span.metadata().name().to_owned(), |fields| {
                span.record(fields);
            });
            Id::from_u64(1 + self.spans.fetch_add(1, Ordering::Relaxed))
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            self.line("event".to_owned(), |fields| event.record(fields));
        }

        fn enter(&self, span: &Id) {
            self.line(format!("enter {}", span.into_u64()), |_| {});
        }

        fn exit(&self, span: &Id) {
            self.line(format!("exit {}", span.into_u64()), |_| {});
        }
    }

    #[test]
    fn a_call_is_a_span_and_its_end_an_event_in_it() {
        let bytes = wat::parse_str(
            r#"(component
                (core module $m (func (export "go") (param i32)))
                (core instance $i (instantiate $m))
                (func (export "go") (param "secret" u32) (canon lift (core func $i "go"))))"#,
        )
        .unwrap();
        let session = Session::new();
        let engine = Engine::new().unwrap();
        session
            .add(Tool::load(&engine, "tool", &bytes).unwrap())
            .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let told = Told::default();
        tracing::subscriber::with_default(told.clone(), || {
            let call = session.call("tool_go", json!({ "secret": 4711 }));
            assert_eq!(runtime.block_on(call).code, crate::Code::Ok);
            let call = session.call("tool_\u{1b}[31m", json!({}));
            assert_eq!(runtime.block_on(call).code, crate::Code::UnknownTool);
        });
        let lines = told.lines.lock().unwrap();
        let text = lines.join("\n");
        let digest = bailiwick_contract::Digest::of(&bytes);
        assert_eq!(
            lines[0],
            format!("call tool=\"tool\" digest={digest} function=\"go\" call=\"c1\"")
        );
        let ended = lines.iter().position(|line| line.starts_with("event"));
        let ended = ended.unwrap();
        assert!(lines[ended].contains("code=\"ok\" fuel="), "{text}");
        assert_eq!(lines[ended - 1], "enter 1");
        assert!(text.contains(r#"call asked="tool_\u{1b}[31m""#), "{text}");
        assert!(text.contains(r#"code="unknown-tool""#), "{text}");
        // Nor what a tool was handed.
        assert!(!text.contains("4711") && !text.contains('\u{1b}'), "{text}");
    }
}
