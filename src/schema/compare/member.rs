use std::borrow::Cow;
use std::fmt::Write as _;

use crate::value::{Scalar, Value};

/// What a record says of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Member<'a> {
    Absent,
    Null,
    Boolean(bool),
    /// A number in plain digits.
    Integer(i64),
    /// A number with a fraction or an exponent.
    Float(f64),
    Text(Cow<'a, str>),
}

impl<'a> Member<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Member::Text(text.into())
    }

    /// A value as it is stored.
    pub(super) fn stored(value: Value<'a>) -> Self {
        match value {
            Value::String(text) => Member::text(text),
            Value::Integer(number) => Member::Integer(number.into()),
            Value::Long(number) => Member::Integer(number),
            Value::Double(number) => Member::Float(number),
            Value::Boolean(truth) => Member::Boolean(truth),
            Value::Date(date) => Member::text(date.to_string()),
            Value::DateTime(timestamp) => Member::text(timestamp.to_string()),
            Value::Currency(amount) => match (amount.whole(), amount.to_f64()) {
                (Some(whole), _) => Member::Integer(whole),
                (None, Some(float)) => Member::Float(float),
                (None, None) => Member::text(amount.to_string()),
            },
        }
    }

    /// What a schema has to judge; `None` where the attribute is left out.
    pub(super) fn scalar(&self) -> Option<Scalar<'_>> {
        match self {
            Member::Absent => None,
            Member::Null => Some(Scalar::Null),
            Member::Boolean(truth) => Some(Scalar::Boolean(*truth)),
            Member::Integer(number) => Some(Scalar::Integer(*number)),
            Member::Float(number) => Some(Scalar::Float(*number)),
            Member::Text(text) => Some(Scalar::text(text)),
        }
    }

    /// Whether both are the same value of JSON, numbers by value.
    pub(super) fn is_same_value(&self, other: &Member<'_>) -> bool {
        match (self, other) {
            (Member::Integer(whole), Member::Float(float))
            | (Member::Float(float), Member::Integer(whole)) => is_whole(*float, *whole),
            _ => self == other,
        }
    }

    /// Its JSON; `None` where the attribute is left out.
    pub(super) fn json(&self) -> Option<String> {
        let written = match self {
            Member::Absent => return None,
            Member::Null => return Some("null".to_owned()),
            Member::Boolean(truth) => return Some(truth.to_string()),
            Member::Integer(number) => return Some(number.to_string()),
            Member::Float(number) => serde_json::to_string(number),
            Member::Text(text) => serde_json::to_string(text),
        };
        Some(written.unwrap_or_else(|_| unreachable!("a text, or a finite number")))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "within the 64 bits")]
#[expect(clippy::float_cmp, reason = "the very number is meant")]
fn is_whole(float: f64, whole: i64) -> bool {
    // 2^63: from here on, a float is beyond the 64 bits.
    let is_within = float.abs() < 9_223_372_036_854_775_808.0 || float == -9_223_372_036_854_775_808.0;
    is_within && float.fract() == 0.0 && float as i64 == whole
}

/// Writes a member of a JSON object behind those that are there.
pub(super) fn append(object: &mut String, name: &str, json: &str) {
    if !object.is_empty() {
        object.push(',');
    }
    let _ = write!(object, "\"{name}\":{json}");
}
