//! Bodies that defeat simple tricks, each with a plain twin and a limit on how much more it may cost than that twin.

use std::fmt::Write;

use service_end::{
    AttributeSchema, ExtensionSchema,
    schema::{AttributeSchemaBuilder, ExtensionType},
};

use crate::case::{Case, Dice};
use crate::workloads::{Member, list, rec, record, satisfaction, satisfaction_schema, schema, schemas};

/// A body, its plain twin, and how many times as much it may cost. Both are measured relative to `IgnoredAny` on the
/// same body.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Its name.
    pub name: &'static str,
    /// The name of the plain body.
    pub twin: &'static str,
    /// What this costs at most, in times of the twin.
    pub limit: f64,
    make: fn(&'static str) -> Case,
}

const fn shape(name: &'static str, twin: &'static str, limit: f64, make: fn(&'static str) -> Case) -> Shape {
    Shape { name, twin, limit, make }
}

/// The shapes.
pub const ALL: [Shape; 12] = [
    shape("shuffled attributes", "rec1k", 1.5, shuffled),
    shape("names in another case", "rec1k", 1.5, other_case),
    shape("pretty-printed", "rec1k", 1.5, pretty),
    shape("non-ASCII text", "rec1k", 1.5, non_ascii),
    shape("escapes in every string", "plain strings", 1.5, escapes),
    shape("nothing but doubles", "whole numbers", 2.0, doubles),
    // No trick to defeat: what these values cost, half of the time in a form that takes the slow way.
    shape("dates, times and amounts", "rec1k", 2.0, dates),
    shape("40 attributes per record", "rec1k", 1.5, forty),
    shape("sparse records of 256", "rec1k", 1.5, sparse),
    shape("unique, all different", "rec10k", 1.5, unique),
    shape("unique, attacker's keys", "rec10k", 1.5, attackers_keys),
    shape("one violation", "rec1k", 1.5, one_violation),
];

impl Shape {
    /// The body.
    pub fn case(&self) -> Case {
        (self.make)(self.name).checked()
    }
}

/// The plain bodies that shapes are compared with.
pub fn twins() -> Vec<Case> {
    vec![rec(1_000), rec(10_000), whole_numbers(), plain_strings()]
}

/// A thousand violations, all kept: this has a limit of its own, in times of `IgnoredAny`.
pub fn thousand_violations() -> Case {
    let body = satisfaction(1_000, |n| {
        let mut members = record(n);
        members[n % 3].1 = "\"2\"".into();
        members
    });
    Case::with_violations("1,000 violations", &schemas(), body, 1_000).checked()
}

fn shuffled(name: &'static str) -> Case {
    let mut dice = Dice::new();
    let body = satisfaction(1_000, |n| {
        let mut members = record(n);
        dice.shuffle(&mut members);
        members
    });
    Case::valid(name, &schemas(), body)
}

fn other_case(name: &'static str) -> Case {
    let body = satisfaction(1_000, |n| {
        record(n).into_iter().map(|(key, value)| (key.to_uppercase(), value)).collect()
    });
    Case::valid(name, &schemas(), body)
}

fn pretty(name: &'static str) -> Case {
    let value: serde_json::Value = serde_json::from_slice(&rec(1_000).body).unwrap();
    Case::valid(name, &schemas(), serde_json::to_string_pretty(&value).unwrap())
}

fn non_ascii(name: &'static str) -> Case {
    // Fewer characters than the 64 allowed, but more bytes: they must be counted.
    let body = with_places(1_000, |n| {
        format!("東京都千代田区丸の内一丁目、ホテル・テラノバ {n:05} – zweiter Stock, Flügel Süd")
    });
    Case::valid(name, &schemas(), body)
}

fn with_places(records: usize, place: impl Fn(usize) -> String) -> String {
    satisfaction(records, |n| {
        let mut members = record(n);
        members[3].1 = format!("\"{}\"", place(n));
        members
    })
}

fn strings(name: &'static str, text: impl Fn(usize) -> String) -> Case {
    let names = ["agent", "queue", "place", "note"];
    let attributes = names.map(|name| AttributeSchema::string(name).length(64));
    let body = list(1_000, |n| names.map(|name| (name.to_owned(), text(n))).into());
    multi(name, attributes, body)
}

/// The twin of strings with escapes.
pub fn plain_strings() -> Case {
    strings("plain strings", |n| format!("\"asked for xroom {n:04}x - then left, at noon\"")).checked()
}

fn escapes(name: &'static str) -> Case {
    strings(name, |n| format!(r#""asked for \"room {n:04}\" \u002d then left,\nat noon""#))
}

const NUMBERS: [&str; 8] = ["latency", "volume", "score", "weight", "duration", "distance", "price", "share"];

fn numbers(
    name: &'static str,
    attribute: fn(&str) -> AttributeSchemaBuilder,
    mut number: impl FnMut() -> String,
) -> Case {
    let body = list(1_000, |_| NUMBERS.map(|name| (name.to_owned(), number())).into());
    multi(name, NUMBERS.map(attribute), body)
}

/// The twin of doubles.
pub fn whole_numbers() -> Case {
    let mut dice = Dice::new();
    numbers("whole numbers", AttributeSchema::long, || (dice.throw() >> 4).to_string()).checked()
}

fn doubles(name: &'static str) -> Case {
    let mut dice = Dice::new();
    numbers(name, AttributeSchema::double, || {
        let number = (dice.throw() >> 11) as f64 / (1_u64 << 43) as f64;
        format!("{number:?}")
    })
}

/// Records of nothing but dates, times and amounts.
pub fn dates(name: &'static str) -> Case {
    let attributes = [
        AttributeSchema::date("opened"),
        AttributeSchema::datetime("changed"),
        AttributeSchema::datetime("closed"),
        AttributeSchema::currency("price"),
        AttributeSchema::currency("refund"),
    ];
    let body = list(1_000, |n| {
        vec![
            ("opened".into(), format!("\"2009-05-{:02}\"", n % 28 + 1)),
            ("changed".into(), format!("\"2009-05-{:02}T12:05:12.145Z\"", n % 28 + 1)),
            ("closed".into(), format!("\"2009-05-{:02}T14:05:12+02:00\"", n % 28 + 1)),
            ("price".into(), format!("{n}.25")),
            ("refund".into(), format!("\"{n}.2500\"")),
        ]
    });
    multi(name, attributes, body)
}

/// An extension `Visit` alone in its body.
fn multi(
    name: &'static str,
    attributes: impl IntoIterator<Item = AttributeSchemaBuilder>,
    records: impl AsRef<str>,
) -> Case {
    let schema = schema("Visit", ExtensionType::MultiValued, attributes);
    Case::valid(name, &[schema], format!("{{ \"Visit\": {} }}", records.as_ref()))
}

/// A schema of many attributes, whose types take turns.
fn many_attributes(count: usize) -> Vec<AttributeSchemaBuilder> {
    (0..count)
        .map(|n| {
            let name = format!("attribute_{n}");
            match n % 4 {
                0 => AttributeSchema::string(&name).length(64),
                1 => AttributeSchema::integer(&name),
                2 => AttributeSchema::boolean(&name),
                _ => AttributeSchema::long(&name),
            }
        })
        .collect()
}

fn one_of_many(n: usize) -> Member {
    let value = match n % 4 {
        0 => format!("\"Terranova {n}\""),
        1 => n.to_string(),
        2 => "true".into(),
        _ => format!("1234567{n}"),
    };
    (format!("attribute_{n}"), value)
}

fn forty(name: &'static str) -> Case {
    let body = list(1_000, |_| (0..40).map(one_of_many).collect());
    multi(name, many_attributes(40), body)
}

fn sparse(name: &'static str) -> Case {
    let mut dice = Dice::new();
    let body = list(1_000, |_| {
        let mut columns: Vec<usize> = (0..5).map(|_| dice.below(256)).collect();
        columns.sort_unstable();
        columns.dedup();
        columns.into_iter().map(one_of_many).collect()
    });
    multi(name, many_attributes(256), body)
}

fn keyed() -> [ExtensionSchema; 2] {
    let [feedback, _] = schemas();
    [feedback, satisfaction_schema(["place", "rating"])]
}

fn unique(name: &'static str) -> Case {
    Case::valid(name, &keyed(), rec(10_000).body)
}

fn attackers_keys(name: &'static str) -> Case {
    // Differ only at the end, and barely: what compares or hashes a beginning sees equal keys.
    let body = with_places(10_000, |n| format!("{:A>58}{n:05}", ""));
    Case::valid(name, &keyed(), body)
}

fn one_violation(name: &'static str) -> Case {
    let body = satisfaction(1_000, |n| {
        let mut members = record(n);
        if n == 500 {
            members[0].1 = "\"2\"".into();
        }
        members
    });
    Case::with_violations(name, &schemas(), body, 1)
}

/// Ten thousand records with next to nothing in them: the event must stay small.
pub fn sparse_memory() -> Vec<Case> {
    let case = |name, attributes, record: &str| {
        let body = format!("{{\"Visit\":[{}]}}", vec![record; 10_000].join(","));
        Case::valid(name, &[schema("Visit", ExtensionType::MultiValued, many_attributes(attributes))], body)
            .checked()
    };
    vec![
        case("10,000 `{}`, schema of 40", 40, "{}"),
        case("10,000 `{}`, schema of 256", 256, "{}"),
        case("10,000 of one attribute, schema of 40", 40, r#"{"attribute_1":7}"#),
        case("10,000 of one attribute, schema of 256", 256, r#"{"attribute_253":7}"#),
        Case::valid(
            "10,000 of one attribute `a`",
            &[schema("Visit", ExtensionType::MultiValued, [AttributeSchema::integer("a")])],
            format!("{{\"Visit\":[{}]}}", vec![r#"{"a":7}"#; 10_000].join(",")),
        )
        .checked(),
    ]
}

/// Bodies made to have much memory reserved. Violations are kept up to the default limit only.
pub fn hostile() -> Vec<Case> {
    let case = |name, body: String| {
        let mut case = Case::valid(name, &schemas(), body);
        case.validator = case.validator.with_max_violations(100);
        case
    };
    let mut wrong_records = String::from(r#"{"Satisfaction":["#);
    for n in 0..9_999 {
        write!(wrong_records, "{n},").unwrap();
    }
    vec![
        case("a string of 4 MB, too long", format!(r#"{{"disposition_desc":"{}"}}"#, "x".repeat(4 << 20))),
        case("the same in escapes", format!(r#"{{"disposition_desc":"{}"}}"#, r"\n".repeat(2 << 20))),
        case(
            "a fitting record, then 4 MB of blanks",
            format!(r#"{{"Satisfaction":[{{"rating":1}}{}]}}"#, " ".repeat(4 << 20)),
        ),
        case("2 million `0` for records", format!(r#"{{"Satisfaction":[0{}]}}"#, ",0".repeat(2_000_000))),
        case("9,999 numbers for records", wrong_records + "0]}"),
        case("2 million empty records", format!(r#"{{"Satisfaction":[{{}}{}]}}"#, ",{}".repeat(2_000_000))),
        case("100 brackets deep, unknown", format!(r#"{{"x":{}{}}}"#, "[".repeat(100), "]".repeat(100))),
        case("a million brackets deep", format!(r#"{{"x":{}"#, "[".repeat(1_000_000))),
        case("100,000 unknown keys", format!(r#"{{"x":0{}}}"#, r#","x":0"#.repeat(100_000))),
        case("an unknown key of 4 MB", format!(r#"{{"{}":0}}"#, "x".repeat(4 << 20))),
        case(
            "a known key 100,000 times",
            format!(r#"{{"Satisfaction":[]{}}}"#, r#","satisfaction":[]"#.repeat(100_000)),
        ),
    ]
}
