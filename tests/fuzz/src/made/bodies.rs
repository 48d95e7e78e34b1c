//! Bodies as JSON.

use super::dice::Dice;
use super::scalars::{between, number, spelled, text, value_for};
use crate::plain::{Attribute, Business, Schema, Type, Value};

const FIELDS: [&str; 11] = [
    "timestamp",
    "disposition",
    "session_id",
    "interaction_id",
    "application_type",
    "application_id",
    "resource_type",
    "resource_id",
    "media_type",
    "disposition_desc",
    "service_id",
];
const ODD: [&str; 16] = [
    "null",
    "{}",
    "[]",
    "true",
    "\"x\"",
    "7",
    "[{}]",
    "[null]",
    "{\"a\":1}",
    "[[[]]]",
    "1e400",
    "\"\\ud800\"",
    "{\"\\ud800\":1}",
    "{\"a\":{\"a\":1,\"a\":2}}",
    "[1e999,\"\\udfff\"]",
    "{\"$serde_json::private::Number\":\"7\"}",
];

/// A body for the schemas.
pub fn body(dice: &mut Dice<'_>, schemas: &[Schema], business: &Business) -> String {
    let count = dice.pick(&[1, 2, 3, 4, 6, 12, 0]);
    let members: Vec<_> = (0..count)
        .map(|_| {
            let (name, value) = if !schemas.is_empty() && dice.once_in(2) {
                let schema = &schemas[dice.below(schemas.len())];
                (spelled(dice, &schema.name), extension(dice, schema))
            } else if dice.once_in(12) {
                (
                    dice.pick(&["nope", "TIMESTAMP", "", "a/b~c", "$serde_json::private::Number"]).to_owned(),
                    odd(dice),
                )
            } else {
                let field = dice.pick(&FIELDS);
                let name = if dice.once_in(16) { spelled(dice, field) } else { field.to_owned() };
                (name, of_field(dice, field, business))
            };
            member(dice, &name, &value)
        })
        .collect();
    wrapped(dice, '{', &members, '}')
}

fn odd(dice: &mut Dice<'_>) -> String {
    if dice.secretive && dice.once_in(2) { text(dice) } else { dice.pick(&ODD).to_owned() }
}

fn of_field(dice: &mut Dice<'_>, field: &str, business: &Business) -> String {
    if dice.once_in(10) {
        return odd(dice);
    }
    match field {
        "timestamp" => value_for(dice, Type::DateTime),
        "application_id" | "resource_id" => value_for(dice, Type::Long),
        "service_id" if !dice.secretive => {
            let id = dice.service_id;
            match dice.below(4) {
                0 => id.to_string(),
                1 => format!("{id}.0"),
                2 => format!("{}", id + 1),
                _ => format!("{id}0e-1"),
            }
        }
        "service_id" => number(dice),
        "session_id" | "interaction_id" | "disposition_desc" => text(dice),
        _ => match business.iter().find(|(name, values)| name == field && !values.is_empty()) {
            Some((_, values)) if !dice.once_in(4) => {
                let (id, name) = &values[dice.below(values.len())];
                if dice.once_in(2) { format!("\"{name}\"") } else { id.to_string() }
            }
            _ if dice.once_in(2) => text(dice),
            _ => number(dice),
        },
    }
}

fn extension(dice: &mut Dice<'_>, schema: &Schema) -> String {
    if dice.once_in(16) {
        return odd(dice);
    }
    if !schema.many {
        return record(dice, schema);
    }
    let count = dice.pick(&[1, 2, 3, 0, 5]);
    let mut records: Vec<_> =
        (0..count).map(|_| if dice.once_in(16) { odd(dice) } else { record(dice, schema) }).collect();
    if count > 1 && dice.once_in(3) {
        let first = records[0].clone();
        records[count - 1].clone_from(&first);
    }
    wrapped(dice, '[', &records, ']')
}

fn record(dice: &mut Dice<'_>, schema: &Schema) -> String {
    let count = schema.attributes.len();
    let start = dice.below(3);
    let mut members = Vec::new();
    for column in start.min(count)..count.min(start + 24) {
        if dice.once_in(4) {
            continue;
        }
        // The order of the schema, or not.
        let attribute = &schema.attributes[if dice.once_in(5) { dice.below(count) } else { column }];
        let name = spelled(dice, &attribute.name);
        let value = match dice.below(14) {
            12 => "null".to_owned(),
            13 => odd(dice),
            _ => of_attribute(dice, attribute),
        };
        members.push(member(dice, &name, &value));
    }
    if dice.once_in(20) {
        let value = odd(dice);
        members.push(member(dice, "nope", &value));
    }
    wrapped(dice, '{', &members, '}')
}

/// At times a listed value, or one at a bound.
fn of_attribute(dice: &mut Dice<'_>, attribute: &Attribute) -> String {
    let near = match (&attribute.values, &attribute.minimum, &attribute.maximum) {
        (Some(values), ..) => Some(&values[dice.below(values.len())]),
        (None, Some(bound), _) | (None, _, Some(bound)) => Some(bound),
        _ => None,
    };
    match near {
        Some(Value::Text(text)) if dice.once_in(2) => serde_json::to_string(text).expect("a text"),
        Some(Value::Whole(number)) if dice.once_in(2) => {
            number.saturating_add(dice.pick(&[0, 1, -1])).to_string()
        }
        Some(Value::Day(day)) if dice.once_in(2) && !dice.secretive => {
            format!("\"{}\"", day.format("%Y-%m-%d"))
        }
        _ => value_for(dice, attribute.attribute_type),
    }
}

fn member(dice: &mut Dice<'_>, name: &str, value: &str) -> String {
    format!("\"{name}\"{}:{}{value}", between(dice), between(dice))
}

fn wrapped(dice: &mut Dice<'_>, open: char, parts: &[String], close: char) -> String {
    let mut text = format!("{open}{}", between(dice));
    for (ordinal, part) in parts.iter().enumerate() {
        if ordinal > 0 {
            text.push(',');
        }
        text += between(dice);
        text += part;
    }
    text.push(close);
    text
}

/// Damages a text in one place.
pub fn damage(dice: &mut Dice<'_>, body: &mut Vec<u8>) {
    let at = dice.below(body.len() + 1);
    match dice.below(4) {
        0 => body.truncate(at),
        1 if at < body.len() => drop(body.remove(at)),
        2 if at < body.len() => body[at] ^= 1 << dice.below(8),
        _ => body.insert(at, dice.pick(b"{}[],:\"\\ 0e.-\n\0\xff")),
    }
}
