//! Random bodies: right, slightly wrong, very wrong.

use fastrand::Rng;
use service_end::schema::{AttributeType, ExtensionType, FixedField};
use service_end::{ExtensionSchema, Validator};

use crate::declared::Declared;
use crate::tree::Tree;

/// One value out of some.
fn one(random: &mut Rng, of: &[&str]) -> String {
    of[random.usize(0..of.len())].to_owned()
}

/// A value of a type, as JSON text: mostly a right one, near the bounds that are declared.
pub(crate) fn value(random: &mut Rng, attribute_type: AttributeType) -> String {
    match attribute_type {
        AttributeType::String => string(random, 9),
        AttributeType::Integer => match random.u8(0..4) {
            0 => one(
                random,
                &[
                    "2147483647",
                    "2147483648",
                    "-2147483648",
                    "-2147483649",
                    "2147483647.0",
                    "1.5",
                    "2e9",
                    "3e9",
                ],
            ),
            1 => one(
                random,
                &["7.0", "7e0", "0.7e1", "-0", "-0.0", "70e-1", "1e-1", "7.000000000000000000001"],
            ),
            _ => random.i32(-9..9).to_string(),
        },
        AttributeType::Long => match random.u8(0..4) {
            0 => one(
                random,
                &[
                    "9223372036854775807",
                    "9223372036854775808",
                    "-9223372036854775808",
                    "-9223372036854775809",
                    "9007199254740991.0",
                    "9007199254740992.0",
                    "9007199254740993",
                    "1e15",
                    "1e18",
                    "-1e30",
                ],
            ),
            1 => one(random, &["7.0", "7e0", "0.7e1", "-0", "-0.0", "1.5", "2147483648"]),
            _ => random.i64(-9..9).to_string(),
        },
        AttributeType::Double => match random.u8(0..3) {
            0 => one(
                random,
                &["1e300", "-1e300", "5e-324", "0.1", "0.10000000000000001", "-0.0", "1e-400", "3", "-0"],
            ),
            1 => random.i64(-9..9).to_string(),
            _ => (random.f64() * 10.0 - 5.0).to_string(),
        },
        AttributeType::Boolean => random.bool().to_string(),
        AttributeType::Date => match random.u8(0..4) {
            0 => quoted(&timestamp(random, true)),
            _ => quoted(&date(random)),
        },
        AttributeType::DateTime => quoted(&timestamp(random, false)),
        AttributeType::Currency => currency(random),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn string(random: &mut Rng, most: usize) -> String {
    let pieces = ["a", "b", "é", "日", "😀", "\\n", "\\u0000", "\\\"", "Z", "1"];
    let weights = if random.u8(0..6) == 0 { pieces.len() } else { 6 };
    let pieces: Vec<&str> = (0..random.usize(0..=most)).map(|_| pieces[random.usize(0..weights)]).collect();
    match random.u8(0..4) {
        0 => one(random, &["\"a\"", "\"unknown\"", "\"\"", "\"Resolved\"", "\"10\""]),
        _ => quoted(&pieces.concat()),
    }
}

fn date(random: &mut Rng) -> String {
    match random.u8(0..8) {
        0 => one(
            random,
            &[
                "0000-12-31",
                "0001-01-01",
                "9999-12-31",
                "10000-01-01",
                "2020-6-15",
                "2020-06-15 ",
                "2020-02-30",
                "2019-02-29",
                "1900-02-29",
                "2000-02-29",
                "2020-04-31",
                "2020-13-01",
                "2020-00-10",
                "２020-01-01",
                "",
            ],
        ),
        1 => format!("{:04}-{:02}-{:02}", random.u16(0..2500), random.u8(0..14), random.u8(0..33)),
        _ => format!("{}-{:02}-{:02}", random.u16(2019..2022), random.u8(5..8), random.u8(1..31)),
    }
}

fn timestamp(random: &mut Rng, midnight: bool) -> String {
    let (hour, minute, second) = match random.u8(0..6) {
        0..=3 if midnight => (0, 0, 0),
        0 => (random.u8(0..26), random.u8(0..62), random.u8(0..62)),
        _ => (random.u8(9..12), random.u8(0..2), random.u8(0..2)),
    };
    let fraction = match random.u8(0..5) {
        0 if midnight => one(random, &[".0", ".00", ".000", ".0001", ".001"]),
        0 | 1 => format!(".{}", random.u8(0..100)),
        2 => one(random, &[".", ".500", ".5", ".4999", ".49", ".500000", ".999", ".050"]),
        _ => String::new(),
    };
    let zone = match random.u8(0..6) {
        0 => format!("{}{:02}:{:02}", one(random, &["+", "-"]), random.u8(0..25), random.u8(0..61)),
        1 => one(random, &["+00:00", "-00:00", "z", "", "+0200", "+02", "-23:59", "Z "]),
        _ => "Z".to_owned(),
    };
    let between = one(random, &["T", "T", "T", "T", "T", "t", " "]);
    format!("{}{between}{hour:02}:{minute:02}:{second:02}{fraction}{zone}", date(random))
}

fn currency(random: &mut Rng) -> String {
    let amount = match random.u8(0..4) {
        0 => random.i64(..),
        1 => random.i64(-1_000_000_000_001_000..1_000_000_000_001_000),
        _ => random.i64(-40_000..40_000),
    };
    let sign = if amount < 0 { "-" } else { "" };
    let (whole, decimals) =
        (amount.unsigned_abs() / 10_000, format!("{:04}", amount.unsigned_abs() % 10_000));
    let decimals: String = decimals.chars().take(random.usize(0..5)).collect();
    let point = if decimals.is_empty() { "" } else { "." };
    match random.u8(0..8) {
        0 => one(
            random,
            &[
                "922337203685477",
                "922337203685478",
                "-922337203685477",
                "-922337203685478",
                "\"922337203685477.5807\"",
                "\"922337203685477.5808\"",
                "\"-922337203685477.5808\"",
                "\"-922337203685477.5809\"",
                "1e11",
                "99999999999.9999",
                "100000000000",
                "0.00001",
                "\"0.00001\"",
                "\"+1\"",
                "\"1.\"",
                "\".5\"",
                "\"-0\"",
                "\"-0.000\"",
                "\"007.50\"",
                "\"1e2\"",
                "\" 1\"",
                "\"\"",
                "\"-\"",
                "\"00000000000000000000000001\"",
                "12.34565",
                "2e0",
                "\"1 EUR\"",
            ],
        ),
        1..=3 => format!("{sign}{whole}{point}{decimals}"),
        _ => format!("\"{sign}{}{whole}{point}{decimals}\"", one(random, &["", "", "0", "00"])),
    }
}

/// A value that has nothing to do with what is due.
fn anything(random: &mut Rng) -> Tree {
    if random.u8(0..4) == 0 {
        let texts = ["null", "{}", "[]", "[{}]", "true", "0", "\"\"", "[null]", "{\"a\":1}"];
        return Tree::Leaf(one(random, &texts));
    }
    let any = AttributeType::ALL[random.usize(0..AttributeType::ALL.len())];
    Tree::Leaf(value(random, any))
}

impl Declared {
    /// One in three is meant to be right.
    pub(crate) fn body(&self, random: &mut Rng) -> Tree {
        let wrong = [0, 0, 1, 3, 20][random.usize(0..5)];
        let mut members = Vec::new();
        for field in FixedField::ALL {
            if random.u8(0..4) == 0 {
                members.push((field.name().to_owned(), Declared::field(random, *field, wrong)));
            }
        }
        for (schema, alone) in self.validator.schemas().iter().zip(&self.alone) {
            if random.u8(0..3) > 0 {
                members
                    .push((spelled(random, schema.name(), wrong), extension(random, schema, alone, wrong)));
            }
        }
        let open = self.validator.schemas().open_names();
        if !open.is_none() && random.bool() {
            members.push((spelled(random, "Open_0", wrong), open_value(random, 3, wrong)));
        }
        if open.is_every() && random.bool() {
            let name = one(random, &["abcdefghijklmnopqrstuvwxyz", "z", "X_1", "eXt_9", "times"]);
            members.push((name, open_value(random, 3, wrong)));
        }
        if random.u8(0..100) < wrong {
            members.push((one(random, &["Extra", "Timestamp", "ext_9", "", "started"]), anything(random)));
        }
        if random.u8(0..100) < wrong && !members.is_empty() {
            members.push(members[0].clone());
        }
        random.shuffle(&mut members);
        Tree::Object(members)
    }

    fn field(random: &mut Rng, field: FixedField, wrong: u8) -> Tree {
        if random.u8(0..100) < wrong {
            return anything(random);
        }
        if random.u8(0..10) == 0 {
            return Tree::Leaf("null".to_owned());
        }
        Tree::Leaf(match field {
            FixedField::SessionId => {
                retried(random, wrong, |random| string(random, if wrong > 0 { 34 } else { 32 }))
            }
            FixedField::InteractionId => {
                retried(random, wrong, |random| string(random, if wrong > 0 { 52 } else { 50 }))
            }
            FixedField::DispositionDesc => {
                retried(random, wrong, |random| string(random, if wrong > 0 { 66 } else { 64 }))
            }
            FixedField::ApplicationId | FixedField::ResourceId | FixedField::ServiceId => {
                value(random, AttributeType::Long)
            }
            FixedField::Timestamp => value(random, AttributeType::DateTime),
            _ => match random.u8(0..4) {
                0 => string(random, 4),
                1 => value(random, AttributeType::Long),
                _ => one(
                    random,
                    &["10", "-3", "0", "10.0", "\"Resolved\"", "\"10\"", "\"日本\"", "\"resolved\""],
                ),
            },
        })
    }
}

/// Any JSON but `null`, of a few levels.
fn open_value(random: &mut Rng, levels: u8, wrong: u8) -> Tree {
    if levels > 0 && random.bool() {
        let mut some =
            || (0..random.usize(0..3)).map(|_| open_value(random, levels - 1, wrong)).collect::<Vec<_>>();
        let inside = some();
        if random.bool() {
            return Tree::Array(inside);
        }
        let names = ["a", "", "é"].into_iter().map(str::to_owned);
        return Tree::Object(names.zip(inside).collect());
    }
    match random.u8(0..100) {
        chance if chance < wrong => anything(random),
        _ if levels < 3 && random.u8(0..6) == 0 => Tree::Leaf("null".to_owned()),
        _ => Tree::Leaf(match random.u8(0..3) {
            0 => random.bool().to_string(),
            1 => retried(random, wrong, |random| string(random, 9)),
            _ => value(random, AttributeType::Double),
        }),
    }
}

/// A text without what is refused, unless something may be wrong.
fn retried(random: &mut Rng, wrong: u8, text: impl Fn(&mut Rng) -> String) -> String {
    loop {
        let text = text(random);
        if wrong > 0 || !text.contains("\\u0000") {
            return text;
        }
    }
}

/// Now and then in another case.
fn spelled(random: &mut Rng, name: &str, wrong: u8) -> String {
    if random.u8(0..200) < wrong { name.to_uppercase() } else { name.to_owned() }
}

fn extension(random: &mut Rng, schema: &ExtensionSchema, alone: &[Validator], wrong: u8) -> Tree {
    if random.u8(0..100) < wrong {
        return anything(random);
    }
    if schema.extension_type() == ExtensionType::SingleValued {
        return record(random, schema, alone, wrong);
    }
    Tree::Array((0..random.usize(0..4)).map(|_| record(random, schema, alone, wrong)).collect())
}

fn record(random: &mut Rng, schema: &ExtensionSchema, alone: &[Validator], wrong: u8) -> Tree {
    let mut members = Vec::new();
    for (attribute, alone) in schema.attributes().zip(alone) {
        let is_due = attribute.is_mandatory() && random.u8(0..100) >= wrong;
        if !is_due && random.bool() {
            continue;
        }
        let fits = |text: &str| {
            alone.read(format!("{{\"E\":{{\"{}\":{text}}}}}", attribute.name()).as_bytes()).is_ok()
        };
        let listed = attribute.values().map(Iterator::collect::<Vec<_>>);
        let right = if let Some(values) = listed {
            serde_json::to_string(&values[random.usize(0..values.len())]).unwrap()
        } else {
            // Of some tries the first that is right, or else the last.
            let mut text = value(random, attribute.attribute_type());
            for _ in 0..8 {
                if random.u8(0..100) < wrong || fits(&text) {
                    break;
                }
                text = value(random, attribute.attribute_type());
            }
            text
        };
        let value = match random.u8(0..100) {
            chance if chance < wrong => anything(random),
            _ if !attribute.is_mandatory() && random.u8(0..8) == 0 => Tree::Leaf("null".to_owned()),
            _ => Tree::Leaf(right),
        };
        members.push((spelled(random, attribute.name(), wrong), value));
    }
    if random.u8(0..100) < wrong {
        members.push(("extra".to_owned(), anything(random)));
    }
    Tree::Object(members)
}
