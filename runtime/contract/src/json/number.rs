//! JSON numbers → WIT numbers, exactly or not at all.

use serde_json::Value;

/// Below it, a JSON number with a fraction or an exponent is exact. Itself it is what 2^53 + 1 is rounded to as well.
const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53

/// A whole number: `3`, and `3.0` and `3e2` as long as they are exact. 64-bit types (`wide`) also take a decimal string,
/// because a JSON number loses digits past 2^53 in most languages.
pub(crate) fn integer(value: &Value, wide: bool) -> Option<i128> {
    match value {
        Value::Number(number) => number
            .as_i64()
            .map(i128::from)
            .or_else(|| number.as_u64().map(i128::from))
            .or_else(|| number.as_f64().and_then(whole)),
        Value::String(digits) if wide => decimal(digits),
        _ => None,
    }
}

fn whole(float: f64) -> Option<i128> {
    (float.fract() == 0.0 && float.abs() < EXACT).then_some(float as i128)
}

/// `^-?[0-9]+$`.
pub(crate) fn decimal(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // What does not fit 128 bits fits no type.
    is_decimal.then(|| text.parse().ok()).flatten()
}

/// A number, or one of the three words for what JSON has no number for.
pub(crate) fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(word) => match word.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

/// The nearest `f32`; none when a finite number would become infinite.
pub(crate) fn narrow(wide: f64) -> Option<f32> {
    let narrow = wide as f32;
    (narrow.is_infinite() == wide.is_infinite()).then_some(narrow)
}
