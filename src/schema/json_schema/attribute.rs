//! What an attribute takes, and what is written of it.

use super::pattern;
use crate::schema::attribute::AttributeSchema;
use crate::schema::attribute_type::AttributeType;
use crate::schema::node::{Node, object};
use crate::value::{Currency, Value};

/// Which document is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A body, as it is read.
    Body,
    /// A stored service, as it is written.
    Stored,
}

/// The schema of an attribute's value, with what a form shows of it.
pub(super) fn attribute(attribute: &AttributeSchema, form: Form) -> Node {
    let takes_null = form == Form::Body && !attribute.is_mandatory();
    let value = match attribute.attribute_type() {
        AttributeType::String => string(attribute),
        AttributeType::Integer => integer(attribute, i32::MIN.into(), i32::MAX.into()),
        AttributeType::Long => integer(attribute, i64::MIN, i64::MAX),
        AttributeType::Double => with_bounds(object! { "type": "number" }, attribute),
        AttributeType::Boolean => object! { "type": "boolean" },
        AttributeType::Date => date(attribute, form),
        AttributeType::DateTime => with_text_bounds(timestamp(form), attribute),
        AttributeType::Currency => currency(attribute),
    };
    let value = if takes_null { or_null(value) } else { value };
    let described =
        object! { "title": attribute.name().to_owned(), "description": description(attribute, form) };
    let comment = comment(attribute.attribute_type()).filter(|_| form == Form::Body);
    let default = attribute.default().filter(|_| form == Form::Body).map(written);
    described.with_some("$comment", comment).joined(value).with_some("default", default)
}

/// The schema, and `null`.
pub(super) fn or_null(mut schema: Node) -> Node {
    match schema.get_mut("type") {
        Some(Node::Array(types)) => types.push("null".into()),
        Some(one) => {
            let one = std::mem::replace(one, Node::Null);
            schema.insert("type", [one, "null".into()]);
        }
        None => {
            if let Some(Node::Array(choices)) = schema.get_mut("anyOf") {
                choices.push(object! { "type": "null" });
            }
        }
    }
    if let Some(Node::Array(values)) = schema.get_mut("enum") {
        values.push(Node::Null);
    }
    schema
}

/// Text of at most so many characters, without U+0000.
pub(super) fn text(length: Option<usize>) -> Node {
    object! { "type": "string" }.with_some("maxLength", length).with("pattern", pattern::TEXT)
}

/// Whole numbers within bounds.
pub(super) fn whole(minimum: i64, maximum: i64) -> Node {
    object! { "type": "integer", "minimum": minimum, "maximum": maximum }
}

/// A moment. `format` is a hint; the pattern is what holds.
pub(super) fn timestamp(form: Form) -> Node {
    let pattern = if form == Form::Body { pattern::TIMESTAMP } else { pattern::WRITTEN_TIMESTAMP };
    object! { "type": "string", "format": "date-time", "pattern": pattern }
}

fn string(attribute: &AttributeSchema) -> Node {
    match values(attribute) {
        Some(values) => object! { "type": "string", "enum": values },
        None => text(attribute.length()),
    }
}

fn integer(attribute: &AttributeSchema, minimum: i64, maximum: i64) -> Node {
    match values(attribute) {
        Some(values) => object! { "type": "integer", "enum": values },
        None => with_bounds(whole(minimum, maximum), attribute),
    }
}

/// The listed values. All of them lie within the length and the bounds.
fn values(attribute: &AttributeSchema) -> Option<Vec<Node>> {
    Some(attribute.values()?.map(written).collect())
}

fn with_bounds(mut schema: Node, attribute: &AttributeSchema) -> Node {
    for (key, bound) in [("minimum", attribute.minimum()), ("maximum", attribute.maximum())] {
        if let Some(bound) = bound {
            schema.insert(key, written(bound));
        }
    }
    schema
}

/// A day, or in a body a moment at midnight.
fn date(attribute: &AttributeSchema, form: Form) -> Node {
    let day = object! { "type": "string", "format": "date", "pattern": pattern::DATE };
    if form == Form::Stored {
        return with_text_bounds(day, attribute);
    }
    let midnight = object! { "format": "date-time", "pattern": pattern::MIDNIGHT };
    let day = object! { "format": "date", "pattern": pattern::DATE };
    with_text_bounds(object! { "type": "string", "anyOf": [day, midnight] }, attribute)
}

fn with_text_bounds(schema: Node, attribute: &AttributeSchema) -> Node {
    let not_before = attribute.minimum().map(|bound| pattern::not_before(&plain(bound)));
    let not_after = attribute.maximum().map(|bound| pattern::not_after(&plain(bound)));
    with_patterns(schema, [not_before, not_after])
}

/// All of these patterns beside the one that is there.
fn with_patterns(schema: Node, patterns: [Option<String>; 2]) -> Node {
    let all: Vec<Node> =
        patterns.into_iter().flatten().map(|pattern| object! { "pattern": pattern }).collect();
    if all.is_empty() { schema } else { schema.with("allOf", all) }
}

/// An amount as a number or as a text. A number with a fraction is exact only below 100,000,000,000, but a whole one in
/// all of the 64 bits.
fn currency(attribute: &AttributeSchema) -> Node {
    const FIRST_INEXACT: i64 = 100_000_000_000;
    let bound = |bound: Option<Value<'_>>| bound.and_then(Value::as_currency);
    let least = bound(attribute.minimum()).unwrap_or(Currency::MIN);
    let most = bound(attribute.maximum()).unwrap_or(Currency::MAX);
    let limit = Currency::from_ten_thousandths(FIRST_INEXACT * 10_000);
    let minus_limit = Currency::from_ten_thousandths(-FIRST_INEXACT * 10_000);

    let mut choices = Vec::new();
    if least <= minus_limit || most >= limit {
        // The whole amounts within the bounds.
        let up = i64::from(least.whole().is_none());
        let first = least.ten_thousandths().div_euclid(10_000) + up;
        choices.push(whole(first, most.ten_thousandths().div_euclid(10_000)));
    }
    if least < limit && most > minus_limit {
        let number = object! { "type": "number" };
        let number = match least {
            least if least > minus_limit => number.with("minimum", Node::of(&least)),
            _ => number.with("exclusiveMinimum", -FIRST_INEXACT),
        };
        choices.push(match most {
            most if most < limit => number.with("maximum", Node::of(&most)),
            _ => number.with("exclusiveMaximum", FIRST_INEXACT),
        });
    }
    let text = object! { "type": "string", "pattern": pattern::AMOUNT };
    let bounds = [pattern::at_least(least.ten_thousandths()), pattern::at_most(most.ten_thousandths())];
    choices.push(with_patterns(text, bounds.map(Some)));
    object! { "anyOf": choices }
}

/// A value in its canonical form.
pub(super) fn written(value: Value<'_>) -> Node {
    Node::of(&value)
}

/// What the type can't say in JSON Schema.
fn comment(attribute_type: AttributeType) -> Option<&'static str> {
    match attribute_type {
        AttributeType::Date => {
            Some("A timestamp with an offset must be at midnight in UTC, and within the bounds.")
        }
        AttributeType::DateTime => Some(
            "With an offset, the moment in UTC must be in the years 0001 to 9999, and within the bounds.",
        ),
        AttributeType::Currency => Some(
            "A number with a fraction or an exponent must be below 100000000000 in magnitude, and an amount of at most 4 decimals.",
        ),
        _ => None,
    }
}

/// A sentence for the person who fills in a form.
fn description(attribute: &AttributeSchema, form: Form) -> String {
    let is_listed = attribute.values().is_some();
    let what = match (attribute.attribute_type(), attribute.length()) {
        _ if is_listed => "One of the values that are listed".to_owned(),
        (AttributeType::String, Some(length)) => format!("A text of at most {}", characters(length)),
        (AttributeType::String, None) => "A text".to_owned(),
        (AttributeType::Integer, _) => "A whole number of 32 bits".to_owned(),
        (AttributeType::Long, _) => "A whole number of 64 bits".to_owned(),
        (AttributeType::Double, _) => "A number".to_owned(),
        (AttributeType::Boolean, _) => "True or false".to_owned(),
        (AttributeType::Date, _) => "A day, like 2009-05-12".to_owned(),
        (AttributeType::DateTime, _) => "A date and a time, like 2009-05-12T12:05:12.145Z".to_owned(),
        (AttributeType::Currency, _) => {
            "An amount of at most 4 decimals, like 12.5; large ones as a text, like \"12.5000\"".to_owned()
        }
    };
    let (from, to) = match attribute.attribute_type() {
        AttributeType::Date | AttributeType::DateTime => ("not before", "not after"),
        _ => ("at least", "at most"),
    };
    let bounds = match (attribute.minimum().map(plain), attribute.maximum().map(plain)) {
        _ if is_listed => String::new(),
        (Some(minimum), Some(maximum)) => format!(", from {minimum} to {maximum}"),
        (Some(minimum), None) => format!(", {from} {minimum}"),
        (None, Some(maximum)) => format!(", {to} {maximum}"),
        (None, None) => String::new(),
    };
    let default = attribute.default().filter(|_| form == Form::Body).map(|default| match default {
        Value::String(text) => format!(" If it is left out, it is \"{text}\"."),
        other => format!(" If it is left out, it is {}.", plain(other)),
    });
    what + &bounds + "." + &default.unwrap_or_default()
}

pub(super) fn characters(length: usize) -> String {
    if length == 1 { "1 character".to_owned() } else { format!("{length} characters") }
}

/// A value as it is read aloud: a text without quotation marks.
fn plain(value: Value<'_>) -> String {
    match value {
        Value::String(text) => text.to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Long(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Date(date) => date.to_string(),
        Value::DateTime(timestamp) => timestamp.to_string(),
        Value::Currency(amount) => amount.to_string(),
    }
}
