//! Gives back values of every WIT type, and ends in every way: what goes in as JSON must come out as the same JSON.

bailiwick_guest::tool!(pure {
    path: ["../../../wit", "wit"],
    world: "probe:types/probe",
});

use bailiwick_guest::types::Blob;
use bailiwick_guest::{ToolError, types::Content};
use bindings::exports::probe::types::outcomes::{Failure, Reason};
use bindings::exports::probe::types::values::{
    Colour, Everything, Line, Outcome, Point, Rights, Shape, Wide,
};
use bindings::exports::probe::types::{outcomes, values};

struct Probe;

/// Functions that give back what they are given.
macro_rules! identities {
    ($($name:ident: $type:ty,)*) => {
        $(fn $name(value: $type) -> $type {
            value
        })*
    };
}

impl values::Guest for Probe {
    identities! {
        a_bool: bool,
        a_s8: i8,
        a_s16: i16,
        a_s32: i32,
        a_s64: i64,
        a_u8: u8,
        a_u16: u16,
        a_u32: u32,
        a_u64: u64,
        a_f32: f32,
        a_f64: f64,
        a_char: char,
        a_string: String,
        some_bytes: Vec<u8>,
        some_text: Vec<u8>,
        some_strings: Vec<String>,
        some_numbers: Vec<u64>,
        some_lists: Vec<Vec<i16>>,
        some_records: Vec<Point>,
        a_record: Point,
        a_nested_record: Line,
        a_large_record: Everything,
        a_variant: Shape,
        an_enum: Colour,
        some_flags: Rights,
        many_flags: Wide,
        an_option: Option<u32>,
        a_nested_option: Option<Option<u32>>,
        an_optional_record: Option<Point>,
        a_pair: (String, u64),
        a_triple: (bool, Option<i8>, Vec<char>),
        a_result_inside: Outcome,
        some_results: Vec<Result<u32, String>>,
        an_optional_result: Option<Result<Point, Colour>>,
    }

    fn many(
        a: bool,
        b: u64,
        c: String,
        d: Point,
        e: Shape,
        f: Vec<String>,
        g: Colour,
        h: (i8, f64),
        i: Option<Line>,
    ) -> Everything {
        Everything {
            flag: a,
            small: h.0.unsigned_abs(),
            large: b as i64,
            real: h.1,
            letter: c.chars().next().unwrap_or(' '),
            bytes: c.clone().into_bytes(),
            pair: (f.join(" "), b),
            text: c,
            points: vec![d],
            shape: e,
            colour: g,
            rights: Rights::READ | Rights::RUN_IT,
            maybe: i.as_ref().map(|line| line.to),
            outcome: i.and_then(|line| line.name).map_or(Ok(b as u32), Err),
        }
    }
}

/// `value`, or `error` when the caller wants it.
fn end<T, E>(fail: bool, value: T, error: E) -> Result<T, E> {
    if fail { Err(error) } else { Ok(value) }
}

impl outcomes::Guest for Probe {
    fn nothing() {}

    fn nothing_from(_: u32) {}

    fn a_tool_error(fail: bool) -> Result<String, ToolError> {
        let error = ToolError::new("no-luck", "fail: it is true").hint("give false");
        end(fail, "fine".to_owned(), error)
    }

    fn a_tool_error_without_hint(fail: bool) -> Result<String, ToolError> {
        let error = ToolError::new("no-luck", "fail: it is true");
        end(fail, "fine".to_owned(), error)
    }

    fn a_record_error(fail: bool) -> Result<u32, Failure> {
        let about = vec!["one".to_owned(), "two".to_owned()];
        end(fail, 7, Failure { number: -1, about })
    }

    fn an_enum_error(fail: bool) -> Result<u32, Reason> {
        end(fail, 7, Reason::TooLarge)
    }

    fn a_text_error(fail: bool) -> Result<(), String> {
        end(fail, (), "it failed".to_owned())
    }

    fn an_empty_error(fail: bool) -> Result<u32, ()> {
        end(fail, 7, ())
    }

    fn neither(fail: bool) -> Result<(), ()> {
        end(fail, (), ())
    }

    fn a_nested_result(fail: bool, inner: bool) -> Result<Result<u32, String>, String> {
        let inside = end(inner, 7, "inside".to_owned());
        end(fail, inside, "outside".to_owned())
    }

    fn contents() -> Vec<Content> {
        let blob = |data: &[u8], mime: &str| Blob {
            data: data.to_owned(),
            mime: mime.to_owned(),
        };
        vec![
            Content::Text("plain".to_owned()),
            Content::Json(r#"{"a": [1, 2]}"#.to_owned()),
            Content::Image(blob(b"\x89PNG\r\n\x1a\n", "image/png")),
            Content::Audio(blob(b"RIFF", "audio/wav")),
        ]
    }

    fn one_content(fail: bool) -> Result<Content, ToolError> {
        let error = ToolError::new("no-luck", "fail: it is true");
        end(fail, Content::Text("plain".to_owned()), error)
    }
}

impl bindings::Guest for Probe {
    fn ping() -> String {
        "pong".to_owned()
    }
}

bindings::export!(Probe);
