//! JSON text that was found right before: its white space, and what it says.

use std::collections::HashMap;

use serde::de::Error as _;
use serde_json::value::RawValue;

/// Adds JSON text to another, without the white space that means nothing. Numbers and texts stay as they are written.
pub(crate) fn push_compact(to: &mut String, json: &str) {
    for_each_piece(json, |piece| to.push_str(piece));
}

/// How many bytes that adds.
pub(crate) fn compact_bytes(json: &str) -> usize {
    let mut bytes = 0;
    for_each_piece(json, |piece| bytes += piece.len());
    bytes
}

/// Hands over what stands between white space that means nothing.
fn for_each_piece<'j>(json: &'j str, mut take: impl FnMut(&'j str)) {
    let mut rest = json;
    while !rest.is_empty() {
        let (outside, from_text) = rest.split_at(rest.find('"').unwrap_or(rest.len()));
        outside.split_ascii_whitespace().for_each(&mut take);
        let (text, after) = from_text.split_at(text_bytes(from_text));
        take(text);
        rest = after;
    }
}

/// How many bytes a text has that begins here, with its quotes; nothing, if none begins.
fn text_bytes(json: &str) -> usize {
    let mut is_escaped = false;
    let end = json.bytes().skip(1).position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(json.len(), |end| end + 2)
}

/// How many levels of arrays and objects JSON text has: none for a scalar.
pub(crate) fn levels(json: &str) -> usize {
    let (mut level, mut deepest) = (0_usize, 0);
    for_each_piece(json, |piece| {
        if piece.starts_with('"') {
            return;
        }
        for byte in piece.bytes() {
            match byte {
                b'[' | b'{' => level += 1,
                b']' | b'}' => level = level.saturating_sub(1),
                _ => {}
            }
            deepest = level.max(deepest);
        }
    });
    deepest
}

/// Whether two JSON texts say the same: members in any order, numbers by their exact value. What has more levels than
/// this crate keeps equals nothing but its own text.
pub(crate) fn same_json(one: &str, other: &str) -> bool {
    let read = |json| Json::read(json, MAX_LEVELS).ok();
    one == other || read(one).is_some_and(|one| read(other) == Some(one))
}

/// The most levels that this crate looks into, since it does so level by level.
pub(crate) const MAX_LEVELS: usize = 100;

/// What a JSON text says.
#[derive(PartialEq)]
enum Json {
    Null,
    Boolean(bool),
    Number(Decimal),
    Text(String),
    Array(Vec<Json>),
    Object(HashMap<String, Json>),
}

impl Json {
    fn read(json: &str, levels: usize) -> Result<Json, serde_json::Error> {
        let inside = || levels.checked_sub(1).ok_or_else(|| serde_json::Error::custom("too many levels"));
        Ok(match json.as_bytes().first() {
            Some(b'n') => Json::Null,
            Some(b't' | b'f') => Json::Boolean(json.starts_with('t')),
            Some(b'"') => Json::Text(serde_json::from_str(json)?),
            Some(b'[') => {
                let (elements, inside): (Vec<&RawValue>, _) = (serde_json::from_str(json)?, inside()?);
                let elements = elements.into_iter().map(|element| Json::read(element.get(), inside));
                Json::Array(elements.collect::<Result<_, _>>()?)
            }
            Some(b'{') => {
                let (members, inside): (HashMap<String, &RawValue>, _) =
                    (serde_json::from_str(json)?, inside()?);
                let members = members
                    .into_iter()
                    .map(|(name, value)| Json::read(value.get(), inside).map(|value| (name, value)));
                Json::Object(members.collect::<Result<_, _>>()?)
            }
            _ => Json::Number(Decimal::of(json)),
        })
    }
}

/// A number: its digits from the first to the last that is not zero, and the power of ten of the last one. Zero has no
/// digits and no sign.
#[derive(PartialEq)]
struct Decimal {
    is_negative: bool,
    digits: String,
    /// Beyond the 64 bits, the bound that is nearest: no such number has ever been meant.
    exponent: i64,
}

impl Decimal {
    fn of(number: &str) -> Self {
        let (number, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
        let beyond = if exponent.starts_with('-') { i64::MIN } else { i64::MAX };
        let exponent = exponent.parse().unwrap_or(beyond);
        let (is_negative, number) = number.strip_prefix('-').map_or((false, number), |rest| (true, rest));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_end_matches('0');
        let places = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
        let exponent =
            i64::saturating_sub(exponent, places(fraction)).saturating_add(places(&all) - places(digits));
        match digits.trim_start_matches('0') {
            "" => Decimal { is_negative: false, digits: String::new(), exponent: 0 },
            digits => Decimal { is_negative, digits: digits.to_owned(), exponent },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_and_texts_stay() {
        for (json, expected) in [
            (" 1 ", "1"),
            ("[ 1 ,\t2\r\n]", "[1,2]"),
            (r#"{ "a b" : " \" \\" , "\\\"": "" }"#, r#"{"a b":" \" \\","\\\"":""}"#),
            (r#""東 京 \u00e9""#, r#""東 京 \u00e9""#),
            ("-0.10e+05", "-0.10e+05"),
        ] {
            let mut text = String::new();
            push_compact(&mut text, json);
            assert_eq!((&*text, compact_bytes(json)), (expected, expected.len()));
        }
    }

    #[test]
    fn levels_are_those_of_arrays_and_objects() {
        for (json, expected) in [("1", 0), (r#""[[""#, 0), ("[]", 1), (r#"[{"]":[]},{}]"#, 3)] {
            assert_eq!(levels(json), expected, "{json}");
        }
    }

    #[test]
    fn values_are_equal_whatever_their_form() {
        for (one, other, expected) in [
            ("1", "1.0", true),
            ("100", "1E+2", true),
            ("-0", "0e9", true),
            ("0.10", "1e-1", true),
            ("0", "1e-400", false),
            ("0.1", "0.10000000000000000001", false),
            ("9007199254740993", "9007199254740992", false),
            ("123456789012345678901234567890", "1.2345678901234567890123456789e29", true),
            ("-1", "1", false),
            ("1", r#""1""#, false),
            ("null", "false", false),
            ("[]", "{}", false),
            ("[1,2]", "[2,1]", false),
            (r#"{"a":1,"b":[2]}"#, r#"{"b":[2.0],"a":1}"#, true),
            (r#"{"a":1}"#, r#"{"A":1}"#, false),
            (r#"{"a":1}"#, r#"{"a":1,"b":null}"#, false),
            (r#""\u00e9\/""#, "\"é/\"", true),
            ("1e99999999999999999999", "1e99999999999999999998", true),
        ] {
            assert_eq!(same_json(one, other), expected, "{one} and {other}");
        }
    }
}
