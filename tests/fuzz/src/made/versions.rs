//! Newer versions of schemas, and what tells two versions apart.

use serde_json::Value as JsonValue;

use super::dice::Dice;
use super::scalars::{name_in_other_case, value_for};
use super::schemas::schemas;
use crate::plain::{Attribute, Json, Schema, Value};
use crate::written::written_moment;

const ATTRIBUTE_KEYS: [&str; 7] = ["type", "length", "mandatory", "default", "values", "minimum", "maximum"];

/// A newer version of schemas: what is new in it is taken from others, so it is not always valid.
pub fn newer(dice: &mut Dice<'_>, old: &str) -> Option<String> {
    // A default can be a text that no `String` holds.
    let mut all: Vec<JsonValue> = serde_json::from_str(old).ok()?;
    for _ in 0..dice.pick(&[1, 2, 3, 0]) {
        let fresh: Vec<JsonValue> = serde_json::from_str(&schemas(dice, false)).ok()?;
        match (all.len(), fresh.first()) {
            (0, Some(schema)) => all.push(schema.clone()),
            (count, Some(fresh)) => {
                let at = dice.below(count);
                match dice.below(16) {
                    0 => drop(all.remove(at)),
                    1 => all.push(fresh.clone()),
                    _ => change(dice, &mut all[at], fresh),
                }
            }
            (_, None) => {}
        }
    }
    Some(JsonValue::Array(all).to_string())
}

fn change(dice: &mut Dice<'_>, schema: &mut JsonValue, fresh: &JsonValue) {
    match dice.below(12) {
        0 => graft(schema, fresh, "type"),
        1 => graft(schema, fresh, "required"),
        2 => respell(dice, schema),
        3 => {
            let attributes = schema["attributes"].as_array().expect("a list");
            let names: Vec<_> = attributes.iter().map(|attribute| attribute["name"].clone()).collect();
            schema["unique"] = names.into_iter().filter(|_| dice.once_in(2)).collect();
        }
        other => {
            let attributes = schema["attributes"].as_array_mut().expect("a list");
            let at = dice.below(attributes.len());
            let fresh = &fresh["attributes"][0];
            match other {
                4 if attributes.len() > 1 => drop(attributes.remove(at)),
                5 => attributes.insert(at, fresh.clone()),
                6 => attributes.swap(0, at),
                7 => respell(dice, &mut attributes[at]),
                _ => graft(&mut attributes[at], fresh, dice.pick(&ATTRIBUTE_KEYS)),
            }
        }
    }
}

/// Takes one key from another object, or takes it away.
fn graft(to: &mut JsonValue, from: &JsonValue, key: &str) {
    let object = to.as_object_mut().expect("an object");
    match from.get(key) {
        Some(value) => drop(object.insert(key.to_owned(), value.clone())),
        None if key != "type" => drop(object.remove(key)),
        None => {}
    }
}

fn respell(dice: &mut Dice<'_>, named: &mut JsonValue) {
    let name = named["name"].as_str().expect("a name").to_owned();
    named["name"] = name_in_other_case(dice, &name).into();
}

/// Extensions, most of which one of the two versions of a schema takes, and which are near to what it does not take.
pub fn telling_extensions(dice: &mut Dice<'_>, old: &Schema, new: &Schema) -> Vec<String> {
    let choices: Vec<(&str, Vec<String>)> = old
        .attributes
        .iter()
        .take(12)
        .map(|attribute| (&*attribute.name, choices(dice, attribute, new)))
        .collect();
    let record = |chosen: &dyn Fn(usize) -> usize| {
        let members: Vec<_> = choices
            .iter()
            .enumerate()
            .filter_map(|(column, (name, choices))| {
                let value = choices.get(chosen(column)).filter(|value| !value.is_empty())?;
                Some(format!("\"{name}\":{value}"))
            })
            .collect();
        format!("{{{}}}", members.join(","))
    };
    // The first of all, then that with each of the others in one place.
    let first = record(&|_| 0);
    let mut records = vec![first.clone()];
    for (column, (_, choices)) in choices.iter().enumerate() {
        records.extend((1..choices.len()).map(|choice| record(&|at| if at == column { choice } else { 0 })));
    }
    if !old.many {
        return records;
    }
    let alone = records.iter().map(|record| format!("[{record}]"));
    let beside = records.iter().map(|record| format!("[{first},{record}]"));
    alone.chain(beside).chain(["[]".to_owned()]).collect()
}

/// What may stand for an attribute: first something that it takes, if there is something.
fn choices(dice: &mut Dice<'_>, attribute: &Attribute, new: &Schema) -> Vec<String> {
    let now = new.attributes.iter().find(|now| now.name.eq_ignore_ascii_case(&attribute.name));
    let mut all = vec![String::new(), "null".to_owned()];
    for version in [Some(attribute), now].into_iter().flatten() {
        let named = [&version.default, &version.minimum, &version.maximum].into_iter().flatten();
        for value in named.chain(version.values.iter().flatten()) {
            match value {
                Value::Whole(number) => {
                    all.extend([0, 1, -1].map(|by| number.saturating_add(by).to_string()));
                }
                other => all.push(json(other)),
            }
        }
        if let Some(length) = version.length.filter(|length| *length < 100) {
            all.extend([length, length + 1].map(|length| format!("\"{}\"", "é".repeat(length))));
        }
        all.push(value_for(dice, version.attribute_type));
    }
    let taken = all.iter().position(|value| takes(attribute, value));
    all.swap(0, taken.unwrap_or(0));
    all
}

fn takes(attribute: &Attribute, value: &str) -> bool {
    let seen = Json::of(value).and_then(Json::see);
    seen.is_ok_and(|seen| attribute.judge(&seen).is_ok())
}

/// A value as JSON.
fn json(value: &Value) -> String {
    match value {
        Value::Text(text) => serde_json::to_string(text).expect("a text"),
        Value::Whole(number) => number.to_string(),
        Value::Double(number) => format!("{number:?}"),
        Value::Truth(truth) => truth.to_string(),
        Value::Day(day) => format!("\"{}\"", day.format("%Y-%m-%d")),
        Value::Moment(millis) => format!("\"{}\"", written_moment(*millis)),
        Value::Amount(amount) => {
            let sign = if *amount < 0 { "-" } else { "" };
            format!("\"{sign}{}.{:04}\"", amount.unsigned_abs() / 10_000, amount.unsigned_abs() % 10_000)
        }
    }
}
