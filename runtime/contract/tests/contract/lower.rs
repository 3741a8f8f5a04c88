//! JSON → values: what is taken, what it becomes, and in which words the rest is refused.

use std::sync::Arc;

use bailiwick_contract::json::{Build, Check, lower};
use bailiwick_contract::{Case, Field, Function, Handle, Mount, Named};
use serde_json::{Value, json};

use crate::component::contract;

mod arguments;
mod compound;
mod numbers;
mod simple;

/// Writes values as text that says their type.
struct Told;

impl Build for Told {
    type Value = String;
    type Error = String;

    fn bool(&mut self, value: bool) -> String {
        value.to_string()
    }
    fn s8(&mut self, value: i8) -> String {
        format!("{value}s8")
    }
    fn u8(&mut self, value: u8) -> String {
        format!("{value}u8")
    }
    fn s16(&mut self, value: i16) -> String {
        format!("{value}s16")
    }
    fn u16(&mut self, value: u16) -> String {
        format!("{value}u16")
    }
    fn s32(&mut self, value: i32) -> String {
        format!("{value}s32")
    }
    fn u32(&mut self, value: u32) -> String {
        format!("{value}u32")
    }
    fn s64(&mut self, value: i64) -> String {
        format!("{value}s64")
    }
    fn u64(&mut self, value: u64) -> String {
        format!("{value}u64")
    }
    fn f32(&mut self, value: f32) -> String {
        format!("{value:?}f32")
    }
    fn f64(&mut self, value: f64) -> String {
        format!("{value:?}f64")
    }
    fn char(&mut self, value: char) -> String {
        format!("{value:?}")
    }
    fn string(&mut self, value: String) -> String {
        format!("{value:?}")
    }
    fn bytes(&mut self, value: Vec<u8>) -> String {
        format!("b{value:?}")
    }
    fn list(&mut self, items: Vec<String>) -> String {
        format!("[{}]", items.join(", "))
    }
    fn tuple(&mut self, items: Vec<String>) -> String {
        format!("({})", items.join(", "))
    }
    fn record(&mut self, ty: &Arc<Named<Field>>, fields: Vec<String>) -> String {
        assert_eq!(ty.items.len(), fields.len());
        let fields = ty.items.iter().zip(fields);
        let fields: Vec<_> = fields
            .map(|(ty, value)| format!("{}: {value}", ty.name))
            .collect();
        format!("{}{{{}}}", ty.name.name, fields.join(", "))
    }
    fn variant(&mut self, ty: &Arc<Named<Case>>, case: usize, payload: Option<String>) -> String {
        assert_eq!(ty.items[case].ty.is_some(), payload.is_some());
        let payload = payload
            .map(|payload| format!("({payload})"))
            .unwrap_or_default();
        format!("{}{payload}", ty.items[case].name)
    }
    fn enum_(&mut self, ty: &Arc<Named<Case>>, case: usize) -> String {
        ty.items[case].name.to_string()
    }
    fn flags(&mut self, ty: &Arc<Named<Case>>, set: &[usize]) -> String {
        let set: Vec<_> = set.iter().map(|flag| &*ty.items[*flag].name).collect();
        format!("{{{}}}", set.join(" | "))
    }
    fn option(&mut self, value: Option<String>) -> String {
        value.map_or("none".into(), |value| format!("some({value})"))
    }
    fn result(&mut self, value: Result<Option<String>, Option<String>>) -> String {
        let payload = |value: Option<String>| value.unwrap_or_default();
        match value {
            Ok(value) => format!("ok({})", payload(value)),
            Err(value) => format!("err({})", payload(value)),
        }
    }
    fn mount(&mut self, mount: &Mount, name: &str) -> Result<String, String> {
        let writes = if mount.writes {
            "to change"
        } else {
            "to look at"
        };
        Ok(format!("{name} {writes}"))
    }
    fn handle(&mut self, handle: &Handle, name: &str) -> Result<String, String> {
        let own = if handle.own { "own " } else { "" };
        match name {
            "/no" => Err("there is no `/no`".into()),
            _ => Ok(format!("{own}{} at {name}", handle.resource.name)),
        }
    }
}

fn told(function: &Function, args: Value) -> Result<String, String> {
    lower(&mut Told, function, args)
        .map(|values| values.join(", "))
        .map_err(|e| e.to_string())
}

const TYPES: &str = "interface types {
  resource dir;
  record point { x: s32, y-axis: option<s32> }
  record path { points: list<point>, name: string }
  variant shape { nothing, circle(f64), named(option<string>), line(tuple<point, point>) }
  enum colour { red, dark-blue }
  flags sides { up, down, left-side }
}
interface i {
  use types.{dir, point, path, shape, colour, sides};
";

/// A function `f` with one parameter `x` of a type, which may be one of [`TYPES`].
fn function(ty: &str) -> Function {
    let body = format!("{TYPES} f: func(x: {ty}); }} world w {{ export i; }}");
    contract(&body).functions.remove(0)
}

fn table(ty: &str, cases: &[(Value, Result<&str, &str>)]) {
    let function = function(ty);
    for (json, expected) in cases {
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(
            told(&function, json!({"x": json})),
            expected,
            "{ty}: {json}"
        );
        let checked = lower(&mut Check, &function, json!({"x": json}));
        assert_eq!(checked.is_ok(), expected.is_ok(), "{ty}: {json}");
    }
}
