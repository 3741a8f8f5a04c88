//! Arguments of a call as they are typed: one JSON object, `key=value` words, or `-` for JSON on stdin.

use std::io::Read as _;

use bailiwick_host::Code;
use bailiwick_host::contract::{Function, Type};
use serde_json::{Map, Value};

use crate::exit::Refusal;

/// The arguments that `words` say, for `function` where it is known: a `key=value` word is text where text is wanted, and JSON otherwise.
pub(crate) fn read(words: &[String], function: Option<&Function>) -> Result<Value, Refusal> {
    match words {
        [] => Ok(Value::Object(Map::new())),
        [word] if word == "-" => {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| {
                    Refusal::new(
                        Code::InvalidArguments,
                        format!("failed to read stdin: {error}"),
                    )
                })?;
            json(&text, "the text on stdin")
        }
        [word] if word.trim_start().starts_with(['{', '[', '"']) => json(word, "the argument"),
        words => {
            let mut object = Map::new();
            for word in words {
                let (key, value) = pair(word, function)?;
                if object.contains_key(&key) {
                    let message = format!("`{key}` is given twice");
                    return Err(Refusal::new(Code::InvalidArguments, message));
                }
                object.insert(key, value);
            }
            Ok(Value::Object(object))
        }
    }
}

fn json(text: &str, what: &str) -> Result<Value, Refusal> {
    serde_json::from_str(text).map_err(|error| {
        Refusal::new(
            Code::InvalidArguments,
            format!("{what} is not JSON: {error}"),
        )
        .hint("give one object, `{\"dir\": \"/src\"}`, or words, `dir=/src`")
    })
}

fn pair(word: &str, function: Option<&Function>) -> Result<(String, Value), Refusal> {
    let Some((key, text)) = word.split_once('=') else {
        let message = format!("`{word}` is neither a JSON object nor a `key=value` word");
        return Err(Refusal::new(Code::InvalidArguments, message));
    };
    let key = key.replace('-', "_");
    let ty = function
        .and_then(|function| function.params.iter().find(|param| *param.key == *key))
        .map(|param| &param.ty);
    let value = match ty {
        Some(ty) if is_text(ty) => Value::String(text.to_owned()),
        _ => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
    };
    Ok((key, value))
}

/// Whether a type's JSON is a string, so that `key=7` means the text `7`.
fn is_text(ty: &Type) -> bool {
    match ty {
        Type::String | Type::Char | Type::Bytes { .. } | Type::Enum(_) | Type::Handle(_) => true,
        Type::Option(inner) => is_text(inner),
        _ => false,
    }
}
