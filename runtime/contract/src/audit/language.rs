//! Which language a component was written in.

use super::Producer;
use crate::contract::Extra;
use crate::extra;

/// Toolchains that are for one language, by how their names begin, in lower case.
const TOOLCHAINS: &[(&str, &str)] = &[
    ("componentize-py", "Python"),
    ("componentizejs", "JavaScript"),
    ("componentize-js", "JavaScript"),
    ("componentize-qjs", "JavaScript"),
    ("componentize-dotnet", "C#"),
    ("wit-bindgen-csharp", "C#"),
    ("tinygo", "Go"),
    ("wit-bindgen-go", "Go"),
    ("go.bytecodealliance.org", "Go"),
    ("moonbit", "MoonBit"),
    ("wit-bindgen-moonbit", "MoonBit"),
    ("wit-bindgen-rust", "Rust"),
];

/// The language, as the component says: what a toolchain left in its exports; a toolchain that is for one language; a `language` field.
///
/// The WASI adapter, which most toolchains put into what they make, says Rust. So another language counts before that one.
pub(super) fn of(producers: &[Producer], extra: &[Extra]) -> Option<String> {
    let interpreter = extra.iter().find_map(|extra| match &extra.reason {
        reason if reason == extra::PYTHON => Some("Python"),
        reason if reason == extra::QUICKJS => Some("JavaScript"),
        _ => None,
    });
    let toolchain = || {
        TOOLCHAINS.iter().find_map(|(front, language)| {
            let tools = producers.iter().filter(|said| said.field != "language");
            let mut names = tools.map(|said| said.name.to_ascii_lowercase());
            names
                .any(|name| name.starts_with(front))
                .then_some(*language)
        })
    };
    if let Some(language) = interpreter.or_else(toolchain) {
        return Some(language.into());
    }
    let languages = producers.iter().filter(|said| said.field == "language");
    let names: Vec<_> = languages.map(|said| common_name(&said.name)).collect();
    let first = |wanted: &dyn Fn(&str) -> bool| names.iter().find(|name| wanted(name));
    first(&|name| name == "C++")
        .or_else(|| first(&|name| name != "Rust"))
        .or_else(|| names.first())
        .map(|name| (*name).to_owned())
}

/// Compilers of C say by which standard: `C11`, `C_plus_plus_14`.
fn common_name(language: &str) -> &str {
    if language.starts_with("C_plus_plus") {
        return "C++";
    }
    match language.strip_prefix('C') {
        Some(year) if !year.is_empty() && year.bytes().all(|byte| byte.is_ascii_digit()) => "C",
        _ => language,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(producers: &[(&str, &str)]) -> Option<String> {
        let producers = producers.iter().map(|(field, name)| Producer {
            field: (*field).into(),
            name: (*name).into(),
            version: String::new(),
        });
        of(&producers.collect::<Vec<_>>(), &[])
    }

    #[test]
    fn what_real_components_carry() {
        let adapter = [("language", "Rust"), ("processed-by", "rustc")];
        let with_adapter = |own: &[(&str, &str)]| language(&[own, &adapter].concat());
        let said = |language: &str| Some(language.to_owned());
        assert_eq!(language(&[]), None);
        assert_eq!(language(&[("processed-by", "wit-component")]), None);
        assert_eq!(
            language(&[("processed-by", "wit-bindgen-rust")]),
            said("Rust")
        );
        assert_eq!(with_adapter(&[]), said("Rust"));
        assert_eq!(with_adapter(&[("language", "C11")]), said("C"));
        assert_eq!(
            with_adapter(&[("language", "C11"), ("language", "C_plus_plus_14")]),
            said("C++")
        );
        assert_eq!(with_adapter(&[("processed-by", "TinyGo")]), said("Go"));
        let starling = [
            ("language", "JavaScript"),
            ("processed-by", "ComponentizeJS"),
            ("language", "C11"),
            ("language", "C_plus_plus_14"),
        ];
        assert_eq!(with_adapter(&starling), said("JavaScript"));
        assert_eq!(language(&[("language", "COBOL")]), said("COBOL"));
        assert_eq!(language(&[("language", "C")]), said("C"));
    }

    #[test]
    fn an_interpreter_that_says_nothing_is_told_by_what_it_exports() {
        let extra = |reason: &str| {
            [Extra {
                name: "init".into(),
                reason: reason.into(),
            }]
        };
        assert_eq!(of(&[], &extra(extra::PYTHON)).as_deref(), Some("Python"));
        assert_eq!(
            of(&[], &extra(extra::QUICKJS)).as_deref(),
            Some("JavaScript")
        );
        assert_eq!(
            of(&[], &extra("the author's world does not export it")),
            None
        );
    }
}
