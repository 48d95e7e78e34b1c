//! Declarations as JSON.

use super::dice::Dice;
use super::scalars::{name_in_other_case, number, text, value_for};
use crate::plain::Type;

const TYPES: [(&str, Type); 8] = [
    ("string", Type::String),
    ("integer", Type::Integer),
    ("long", Type::Long),
    ("double", Type::Double),
    ("boolean", Type::Boolean),
    ("date", Type::Date),
    ("datetime", Type::DateTime),
    ("currency", Type::Currency),
];
const NAMES: [&str; 12] = [
    "Feedback",
    "E",
    "Satisfaction",
    "rating",
    "place",
    "a",
    "b",
    "paid_1",
    "K",
    "day",
    "Survey_of_the_customer_26c",
    "s2",
];
const BAD_NAMES: [&str; 10] = [
    "timestamp",
    "Service_ID",
    "started",
    "",
    "1a",
    "é",
    "a-b",
    "far_too_long_for_an_extension",
    "x y",
    "session_id",
];

fn name(dice: &mut Dice<'_>, ordinal: usize, mistakes: bool) -> String {
    if mistakes && dice.once_in(10) {
        return dice.pick(&BAD_NAMES).to_owned();
    }
    // Seldom twice.
    let name = NAMES[(dice.below(NAMES.len()) + ordinal) % NAMES.len()];
    if ordinal >= NAMES.len() || !mistakes {
        format!("{}{ordinal}", &name[..name.len().min(20)])
    } else {
        name.to_owned()
    }
}

/// An array of schemas. With `mistakes`, many are none.
pub fn schemas(dice: &mut Dice<'_>, mistakes: bool) -> String {
    let count = dice.pick(&[1, 2, 3, 0]);
    let schemas: Vec<_> = (0..count).map(|ordinal| schema(dice, ordinal, mistakes)).collect();
    format!("[{}]", schemas.join(","))
}

/// A schema.
fn schema(dice: &mut Dice<'_>, ordinal: usize, mistakes: bool) -> String {
    let extension_name = name(dice, ordinal, mistakes);
    let extension_type = dice.pick(&["multi-valued", "single-valued"]);
    let count = if dice.once_in(20) { dice.below(300) } else { 1 + dice.below(6) };
    let count = if mistakes { count } else { count.clamp(1, 256) };
    let mut names = Vec::new();
    let attributes: Vec<_> = (0..count)
        .map(|ordinal| {
            let name = name(dice, ordinal, mistakes);
            let attribute = attribute(dice, &name, mistakes);
            names.push(name);
            attribute
        })
        .collect();
    let mut keys = vec![
        format!(r#""name":"{extension_name}""#),
        format!(r#""type":"{extension_type}""#),
        format!(r#""attributes":[{}]"#, attributes.join(",")),
    ];
    if dice.once_in(2) && !names.is_empty() {
        let mut columns: Vec<_> = (0..=dice.below(3)).map(|_| dice.below(names.len())).collect();
        if !mistakes {
            columns.sort_unstable();
            columns.dedup();
        }
        let unique: Vec<_> = columns
            .into_iter()
            .map(|column| format!("\"{}\"", name_in_other_case(dice, &names[column])))
            .collect();
        keys.push(format!(r#""unique":[{}]"#, unique.join(",")));
    }
    if dice.once_in(5) {
        keys.push(format!(r#""required":{}"#, dice.pick(&["true", "\"true\"", "false", "\"false\""])));
    }
    object(dice, keys, mistakes)
}

fn attribute(dice: &mut Dice<'_>, name: &str, mistakes: bool) -> String {
    let (type_name, attribute_type) = dice.pick(&TYPES);
    let type_name = name_in_other_case(dice, type_name);
    let mut keys = vec![format!(r#""name":"{name}""#), format!(r#""type":"{type_name}""#)];
    if (attribute_type == Type::String || mistakes && dice.once_in(9)) && dice.once_in(2) {
        keys.push(format!(r#""length":{}"#, dice.pick(&["8", "\"8\"", "1", "3.0", "40", "1000000"])));
    }
    if dice.once_in(3) {
        keys.push(format!(r#""mandatory":{}"#, dice.pick(&["true", "\"true\"", "false", "\"false\""])));
    }
    let plain = plain_values(attribute_type);
    let mut listed = Vec::new();
    let takes_values = matches!(attribute_type, Type::String | Type::Integer | Type::Long);
    if (takes_values || mistakes && dice.once_in(9)) && dice.once_in(4) {
        listed = plain.to_vec();
        listed.truncate(1 + dice.below(plain.len()));
        if mistakes && dice.once_in(3) {
            listed.push(dice.pick(&["7e0", "\"x\"", "null", "1.5"]));
        }
        keys.push(format!(r#""values":[{}]"#, listed.join(",")));
    }
    for (key, bounds) in ["minimum", "maximum"].into_iter().zip(bounds(attribute_type)) {
        if (!bounds.is_empty() || mistakes && dice.once_in(9)) && dice.once_in(5) {
            let bound = if bounds.is_empty() || mistakes && dice.once_in(4) {
                value_for(dice, attribute_type)
            } else {
                dice.pick(bounds).to_owned()
            };
            keys.push(format!(r#""{key}":{bound}"#));
        }
    }
    if dice.once_in(3) {
        // One that does not fit is a mistake, so this is seldom anything else than a plain value.
        let default = match listed.first() {
            Some(first) => (*first).to_owned(),
            None if mistakes || dice.once_in(4) => value_for(dice, attribute_type),
            None => dice.pick(plain).to_owned(),
        };
        keys.push(format!(r#""default":{default}"#));
    }
    object(dice, keys, mistakes)
}

/// Values that fit, no two equal.
fn plain_values(attribute_type: Type) -> &'static [&'static str] {
    match attribute_type {
        Type::String => &["\"x\"", "\"\"", "\"é\""],
        Type::Boolean => &["true", "false"],
        Type::Date => &["\"2009-05-12\"", "\"2009-05-14T00:00:00Z\""],
        Type::DateTime => &["\"2009-05-12T12:05:12.145Z\"", "\"2009-05-12t23:59:59.9999-01:00\""],
        Type::Currency => &["\"12.5\"", "7", "12.25", "\"922337203685477.5807\""],
        Type::Double => &["0.5", "-0.0", "1e300", "7"],
        Type::Integer | Type::Long => &["7", "-7.0", "1e3", "-0"],
    }
}

/// Minima and maxima, between which these values lie.
fn bounds(attribute_type: Type) -> [&'static [&'static str]; 2] {
    match attribute_type {
        Type::String | Type::Boolean => [&[], &[]],
        Type::Date => {
            [&["\"2009-05-12\"", "\"0001-01-01\""], &["\"2009-05-14\"", "\"2010-01-01T01:00:00+01:00\""]]
        }
        Type::DateTime => {
            [&["\"2009-05-12T12:05:12.145Z\""], &["\"2009-05-13T00:59:59.999Z\"", "\"2010-01-01T00:00:00Z\""]]
        }
        Type::Currency => [&["7", "\"-5.5\"", "0.0"], &["\"922337203685477.5807\""]],
        Type::Double => [&["-0.0", "-1"], &["1e300", "1.5e300"]],
        Type::Integer | Type::Long => [&["-7", "-100", "-2147483648"], &["1000", "1e3", "2147483647.0"]],
    }
}

/// The members in some order; with `mistakes`, at times one is lacking, twice there, or another.
fn object(dice: &mut Dice<'_>, mut keys: Vec<String>, mistakes: bool) -> String {
    if dice.once_in(3) {
        let (a, b) = (dice.below(keys.len()), dice.below(keys.len()));
        keys.swap(a, b);
    }
    if mistakes && dice.once_in(8) {
        let at = dice.below(keys.len());
        match dice.below(5) {
            0 => drop(keys.remove(at)),
            1 => keys.push(keys[at].clone()),
            2 => keys.push(format!("\"nope\":{}", number(dice))),
            3 => {
                let (key, _) = keys[at].split_once(':').expect("a member");
                let value = match dice.below(4) {
                    0 => number(dice),
                    1 => text(dice),
                    2 => {
                        dice.pick(&["null", "{}", "[]", "true", "[null]", "[{}]", "[\"a\",\"A\"]"]).to_owned()
                    }
                    _ => value_for(dice, Type::DateTime),
                };
                keys[at] = format!("{key}:{value}");
            }
            _ => keys.insert(
                0,
                dice.pick(&[
                    "\"length\":\"0\"",
                    "\"mandatory\":\"yes\"",
                    "\"unique\":[\"q\"]",
                    "\"values\":[]",
                    "\"required\":1",
                    "\"minimum\":7",
                ])
                .to_owned(),
            ),
        }
    }
    format!("{{{}}}", keys.join(","))
}

/// The enumerations of a host.
pub fn business(dice: &mut Dice<'_>, mistakes: bool) -> String {
    let mut fields = Vec::new();
    for field in ["disposition", "media_type", "resource_type", "application_type", "nope"] {
        if !dice.once_in(3) || field == "nope" && !mistakes {
            continue;
        }
        let values: Vec<_> = (0..dice.below(4))
            .map(|ordinal| {
                let id = if mistakes { number(dice) } else { (ordinal * 10).to_string() };
                let name = if mistakes {
                    text(dice)
                } else {
                    format!("\"{}{ordinal}\"", dice.pick(&["Resolved", "é", ""]))
                };
                let keys = vec![format!("\"id\":{id}"), format!("\"name\":{name}")];
                object(dice, keys, mistakes)
            })
            .collect();
        fields.push(format!("\"{field}\":[{}]", values.join(",")));
    }
    format!("{{{}}}", fields.join(","))
}
