//! Numbers are taken exactly or not at all.

use serde_json::{Value, json};

use super::{function, table, told};

#[test]
fn every_number_has_its_edges() {
    fn edges(ty: &str, least: i128, most: i128) {
        let number = |value: i128| -> Value { value.to_string().parse().unwrap() };
        let range = format!("a whole number from {least} to {most}");
        let function = function(ty);
        for value in [least, most, 0, 1] {
            let told = told(&function, json!({"x": number(value)}));
            assert_eq!(told, Ok(format!("{value}{ty}")));
        }
        let wide = ty.ends_with("64");
        for value in [least - 1, most + 1] {
            let json = number(value);
            let mut message = format!("$.x: expected {range}, got {json}");
            if wide && json.is_f64() {
                message += "; from 2^53 on, give it as a decimal string";
            }
            assert_eq!(told(&function, json!({"x": json})), Err(message));
        }
    }
    edges("s8", i8::MIN.into(), i8::MAX.into());
    edges("u8", u8::MIN.into(), u8::MAX.into());
    edges("s16", i16::MIN.into(), i16::MAX.into());
    edges("u16", u16::MIN.into(), u16::MAX.into());
    edges("s32", i32::MIN.into(), i32::MAX.into());
    edges("u32", u32::MIN.into(), u32::MAX.into());
    edges("s64", i64::MIN.into(), i64::MAX.into());
    edges("u64", u64::MIN.into(), u64::MAX.into());
}

#[test]
fn whole_numbers() {
    let range = |got: &str, hint: &str| {
        format!("$.x: expected a whole number from 0 to 255, got {got}{hint}")
    };
    table(
        "u8",
        &[
            (json!(3.0), Ok("3u8")),
            (serde_json::from_str("2e2").unwrap(), Ok("200u8")),
            (json!(-0.0), Ok("0u8")),
            (json!(3.5), Err(&range("3.5", ""))),
            (json!(1e300), Err(&range("1e+300", ""))),
            (
                json!("3"),
                Err(&range("\"3\"", "; leave out the quotation marks")),
            ),
            (json!("three"), Err(&range("\"three\"", ""))),
            (json!([]), Err(&range("[]", ""))),
            (json!(true), Err(&range("true", ""))),
        ],
    );
}

#[test]
fn wide_numbers() {
    let range = |got: &str| {
        format!(
            "$.x: expected a whole number from -9223372036854775808 to 9223372036854775807, got {got}"
        )
    };
    let past = |got: &str| format!("{}; from 2^53 on, give it as a decimal string", range(got));
    // What stands for 2^53 as a float may have been 2^53 + 1.
    let rounded: Value = serde_json::from_str("9007199254740993.0").unwrap();
    table(
        "s64",
        &[
            (json!("9223372036854775807"), Ok("9223372036854775807s64")),
            (json!("-9223372036854775808"), Ok("-9223372036854775808s64")),
            (json!("007"), Ok("7s64")),
            (json!("-0"), Ok("0s64")),
            (json!(9_007_199_254_740_993_i64), Ok("9007199254740993s64")),
            // The last that is surely exact as a float.
            (json!(9_007_199_254_740_991.0), Ok("9007199254740991s64")),
            (json!(-9_007_199_254_740_991.0), Ok("-9007199254740991s64")),
            (rounded, Err(&past("9007199254740992.0"))),
            (
                json!(-9_007_199_254_740_992.0),
                Err(&past("-9007199254740992.0")),
            ),
            (
                json!(9_007_199_254_740_994.0),
                Err(&past("9007199254740994.0")),
            ),
            (
                json!("9223372036854775808"),
                Err(&range("\"9223372036854775808\"")),
            ),
            (json!("1e3"), Err(&range("\"1e3\""))),
            (json!("+1"), Err(&range("\"+1\""))),
            (json!(" 1"), Err(&range("\" 1\""))),
            (json!("1_000"), Err(&range("\"1_000\""))),
            (json!("-"), Err(&range("\"-\""))),
            (json!(""), Err(&range("\"\""))),
            (json!(1.5), Err(&range("1.5"))),
            (
                json!("9".repeat(60)),
                Err(&range(&format!("\"{}…", "9".repeat(59)))),
            ),
        ],
    );
    table(
        "u64",
        &[
            (json!("18446744073709551615"), Ok("18446744073709551615u64")),
            (json!(u64::MAX), Ok("18446744073709551615u64")),
            (json!("-0"), Ok("0u64")),
            (
                json!("-1"),
                Err("$.x: expected a whole number from 0 to 18446744073709551615, got \"-1\""),
            ),
        ],
    );
}

#[test]
fn floats() {
    let words = "\"NaN\", \"Infinity\" or \"-Infinity\"";
    let wide = |got: &str| format!("$.x: expected a number, {words}, got {got}");
    table(
        "f64",
        &[
            (json!(1), Ok("1.0f64")),
            (json!(-0.0), Ok("-0.0f64")),
            (json!(0.1), Ok("0.1f64")),
            (json!(f64::MAX), Ok("1.7976931348623157e308f64")),
            (json!(f64::MIN_POSITIVE), Ok("2.2250738585072014e-308f64")),
            (json!(5e-324), Ok("5e-324f64")),
            (json!(u64::MAX), Ok("1.8446744073709552e19f64")),
            (json!("NaN"), Ok("NaNf64")),
            (json!("Infinity"), Ok("inff64")),
            (json!("-Infinity"), Ok("-inff64")),
            (json!("inf"), Err(&wide("\"inf\""))),
            (json!("1.5"), Err(&wide("\"1.5\""))),
            (json!(null), Err(&wide("null"))),
        ],
    );
    let narrow = |got: &str| {
        format!("$.x: expected a number from -3.4028235e38 to 3.4028235e38, {words}, got {got}")
    };
    table(
        "f32",
        &[
            (json!(0.1), Ok("0.1f32")),
            (json!(f32::MAX), Ok("3.4028235e38f32")),
            (json!(f32::MIN), Ok("-3.4028235e38f32")),
            // Too small to be told from nothing.
            (json!(1e-60), Ok("0.0f32")),
            (json!("NaN"), Ok("NaNf32")),
            (json!("Infinity"), Ok("inff32")),
            (json!(3.5e38), Err(&narrow("3.5e+38"))),
            (json!(-1e300), Err(&narrow("-1e+300"))),
        ],
    );
}

/// A parser that is off by one in the last place is not good enough, and JSON arrives as text.
#[test]
fn floats_from_text_are_exact() {
    let texts = [
        "2.7715077941825975e-163",
        "1.7976931348623157e308",
        "2.2250738585072014e-308",
        "5e-324",
        "0.1",
        "8.1e-5",
        "9007199254740993.0",
        "123456789012345678901234567890.5",
    ];
    let function = function("f64");
    for text in texts {
        let args = serde_json::from_str(&format!("{{\"x\": {text}}}")).unwrap();
        let exact: f64 = text.parse().unwrap();
        assert_eq!(told(&function, args), Ok(format!("{exact:?}f64")), "{text}");
    }
}
