//! The main workloads: the original's example, the same with many records, and many extensions.

use std::fmt::Write;

use service_end::{
    AttributeSchema, ExtensionSchema,
    schema::{AttributeSchemaBuilder, ExtensionSchemaBuilder, ExtensionType},
};

use crate::case::Case;

/// A member of a record: its name and its JSON.
pub type Member = (String, String);

/// The main workloads.
pub fn all() -> Vec<Case> {
    vec![small(), rec(1_000), rec(10_000), wide()]
}

/// The example of the original's documentation, with the comma that it lacks.
pub fn small() -> Case {
    let body = front()
        + r#"[ { "rating":2, "pertinence":8, "usefull":true, "place":"Terranova mexico resort" }, { "rating":8, "pertinence":4, "usefull":false, "place":"Fancy resort Paris" } ] }"#;
    assert_eq!(body.len(), 489);
    Case::valid("small", &schemas(), body).checked()
}

/// The example with many records in `Satisfaction`.
pub fn rec(records: usize) -> Case {
    let name = match records {
        100 => "rec100",
        1_000 => "rec1k",
        10_000 => "rec10k",
        _ => "rec",
    };
    Case::valid(name, &schemas(), satisfaction(records, record)).checked()
}

/// Fifty extensions of ten attributes.
pub fn wide() -> Case {
    let attributes = || {
        [
            AttributeSchema::string("segment").length(16),
            AttributeSchema::integer("score").mandatory(),
            AttributeSchema::long("visits"),
            AttributeSchema::double("ratio"),
            AttributeSchema::boolean("active"),
            AttributeSchema::datetime("changed"),
            AttributeSchema::string("agent").length(64),
            AttributeSchema::string("queue").length(32),
            AttributeSchema::integer("attempts"),
            AttributeSchema::string("note").length(255).default("none"),
        ]
    };
    let schemas: Vec<_> = (0..50)
        .map(|n| schema(&format!("Extension{n:02}"), ExtensionType::SingleValued, attributes()))
        .collect();
    let mut body = String::from(r#"{ "timestamp": "2009-05-12T12:05:12.145Z", "disposition": 10"#);
    for n in 0..50 {
        write!(
            body,
            r#", "Extension{n:02}": {{ "segment":"gold", "score":{n}, "visits":12345678{n:02}, "ratio":0.{n:02}5, "active":true, "changed":"2009-05-12T12:05:{n:02}.145Z", "agent":"Jane Doe", "queue":"inbound sales", "attempts":3, "note":"called back twice, then took the offer of {n} miles" }}"#
        )
        .unwrap();
    }
    Case::valid("wide", &schemas, body + " }").checked()
}

/// A schema of some attributes.
pub fn schema(
    name: &str,
    extension_type: ExtensionType,
    attributes: impl IntoIterator<Item = AttributeSchemaBuilder>,
) -> ExtensionSchema {
    let start = ExtensionSchemaBuilder::new(name, extension_type);
    attributes.into_iter().fold(start, ExtensionSchemaBuilder::attribute).build().unwrap()
}

/// The schemas of the example.
pub fn schemas() -> [ExtensionSchema; 2] {
    [
        schema(
            "Feedback",
            ExtensionType::SingleValued,
            [
                AttributeSchema::string("FeedbackType").length(16),
                AttributeSchema::integer("rating").mandatory(),
                AttributeSchema::string("notes").length(255),
            ],
        ),
        satisfaction_schema([]),
    ]
}

/// The schema of `Satisfaction`, with a key.
pub fn satisfaction_schema<'n>(unique: impl IntoIterator<Item = &'n str>) -> ExtensionSchema {
    ExtensionSchema::multi_valued("Satisfaction")
        .attribute(AttributeSchema::integer("rating").mandatory())
        .attribute(AttributeSchema::integer("pertinence"))
        .attribute(AttributeSchema::boolean("usefull"))
        .attribute(AttributeSchema::string("place").length(64).default("unknown"))
        .unique(unique)
        .build()
        .unwrap()
}

/// A record like those of the example. No two have the same place.
pub fn record(n: usize) -> Vec<Member> {
    vec![
        ("rating".into(), (n % 10).to_string()),
        ("pertinence".into(), (n * 7 % 10).to_string()),
        ("usefull".into(), (!n.is_multiple_of(3)).to_string()),
        ("place".into(), format!("\"Terranova resort {n:05}\"")),
    ]
}

/// The example with other records in `Satisfaction`.
pub fn satisfaction(records: usize, record: impl FnMut(usize) -> Vec<Member>) -> String {
    front() + &list(records, record) + " }"
}

/// An array of records, written as the example is.
pub fn list(records: usize, record: impl FnMut(usize) -> Vec<Member>) -> String {
    let records: Vec<String> = (0..records).map(record).map(|members| object(&members)).collect();
    format!("[ {} ]", records.join(", "))
}

fn object(members: &[Member]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    if members.is_empty() { "{}".into() } else { format!("{{ {} }}", members.join(", ")) }
}

fn front() -> String {
    String::from(concat!(
        r#"{ "timestamp": "2009-05-12T12:05:12.145Z", "interaction_id": "123ABCAADFJ1259ACF", "#,
        r#""media_type": 1, "resource_id": 5005, "resource_type": 2, "disposition": 10, "#,
        r#""disposition_desc": "SUCCESS", "Feedback": { "FeedbackType":"survey", "rating":7, "#,
        r#""notes":"warm welcome at frontdesk, thanks for the nice trip" }, "Satisfaction": "#,
    ))
}
