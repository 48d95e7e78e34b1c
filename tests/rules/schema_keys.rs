//! The key of a record, the canonical form of a schema, and schemas made in Rust (2.2).

use service_end::{
    AttributeSchema, ExtensionSchema, Timestamp,
    schema::{AttributeSchemaBuilder, AttributeType, ExtensionType},
    value::{Currency, Date},
};

use crate::support::{found, validator_of};

fn schema(json: &str) -> ExtensionSchema {
    ExtensionSchema::from_json(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// A schema with attributes `A` and `b`, given its type and its `unique`.
fn of_unique(extension_type: &str, unique: &str) -> String {
    format!(
        r#"{{ "name": "E", "type": "{extension_type}", "attributes": [
              {{ "name": "A", "type": "long" }}, {{ "name": "b", "type": "long" }} ], "unique": {unique} }}"#
    )
}

#[test]
fn unique_names_attributes_without_regard_to_case() {
    for (unique, expected) in
        [(r#"["A"]"#, &["A"][..]), (r#"["a"]"#, &["A"]), (r#"["B", "a"]"#, &["b", "A"]), ("[]", &[])]
    {
        let schema = schema(&of_unique("multi-valued", unique));
        assert_eq!(schema.unique().collect::<Vec<_>>(), expected, "{unique}");
    }
}

#[test]
fn no_two_records_have_equal_values_for_all_of_the_key() {
    let twice = r#"{ "E": [ { "A": 1, "b": 1 }, { "A": 1, "b": 2 }, { "A": 1 }, { "A": 1 } ] }"#;
    for (unique, expected) in [
        (r#"["A", "b"]"#, &["/E/3"][..]),
        (r#"["A"]"#, &["/E/1", "/E/2", "/E/3"]),
        (r#"["b"]"#, &["/E/3"]),
        ("[]", &[]),
    ] {
        let found = found(&validator_of(&of_unique("multi-valued", unique)), twice);
        let expected: Vec<_> = expected.iter().map(|at| ((*at).to_owned(), "duplicate_record")).collect();
        assert_eq!(found, expected, "{unique}");
    }
}

#[test]
fn unique_on_a_single_valued_schema_is_allowed_and_always_holds() {
    let validator = validator_of(&of_unique("single-valued", r#"["A"]"#));
    assert_eq!(found(&validator, r#"{ "E": { "A": 1 } }"#), []);
    assert_eq!(found(&validator, r#"{ "E": {} }"#), []);
}

#[test]
fn an_empty_unique_is_no_key() {
    let empty = schema(&of_unique("multi-valued", "[]"));
    let without = schema(&of_unique("multi-valued", "[]").replace(r#", "unique": []"#, ""));
    assert_eq!(empty, without);
    assert_eq!(serde_json::to_string(&empty).unwrap(), serde_json::to_string(&without).unwrap());
}

#[test]
fn schemas_are_equal_by_content() {
    let one = of_unique("multi-valued", r#"["A"]"#);
    assert_eq!(schema(&one), schema(&one.replace("  ", "\n").replace(r#""long""#, r#""LONG""#)));
    assert_eq!(schema(&one), schema(&one.replace(r#"["A"]"#, r#"["a"]"#)));
    for (from, to) in [
        (r#""E""#, r#""F""#),
        (r#""E""#, r#""e""#),
        ("multi-valued", "single-valued"),
        (r#""name": "A", "type": "long""#, r#""name": "A", "type": "integer""#),
        (r#""name": "A", "type": "long""#, r#""name": "A", "type": "long", "mandatory": true"#),
        (r#""name": "A", "type": "long""#, r#""name": "A", "type": "long", "default": 1"#),
        (r#"["A"]"#, r#"["b"]"#),
        (r#"["A"]"#, "[]"),
    ] {
        assert_ne!(schema(&one), schema(&one.replace(from, to)), "{from} to {to}");
    }
}

const WIDE: &str = r#"{ "name": "Wide", "type": "Multi", "attributes": [
    { "name": "s", "type": "String", "length": "12", "default": "a\"b" },
    { "name": "free", "type": "string", "mandatory": "true" },
    { "name": "i", "type": "INTEGER", "mandatory": "false", "default": 7.0 },
    { "name": "l", "type": "long", "default": 9007199254740993 },
    { "name": "d", "type": "double", "mandatory": true, "default": 1 },
    { "name": "t", "type": "boolean", "default": true },
    { "name": "day", "type": "date", "default": "2009-05-12T00:00:00Z" },
    { "name": "at", "type": "dateTime", "default": "2009-05-12T12:05:12+00:00" },
    { "name": "c", "type": "currency", "default": 12.50 } ],
    "unique": ["I", "free"] }"#;

fn wide() -> ExtensionSchema {
    schema(&WIDE.replace("Multi", "multi-valued"))
}

#[test]
fn the_canonical_form_says_only_what_its_absence_would_not() {
    let canonical = concat!(
        r#"{"name":"Wide","type":"multi-valued","attributes":["#,
        r#"{"name":"s","type":"string","length":12,"default":"a\"b"},"#,
        r#"{"name":"free","type":"string","mandatory":true},"#,
        r#"{"name":"i","type":"integer","default":7},"#,
        r#"{"name":"l","type":"long","default":9007199254740993},"#,
        r#"{"name":"d","type":"double","mandatory":true,"default":1.0},"#,
        r#"{"name":"t","type":"boolean","default":true},"#,
        r#"{"name":"day","type":"date","default":"2009-05-12"},"#,
        r#"{"name":"at","type":"datetime","default":"2009-05-12T12:05:12.000Z"},"#,
        r#"{"name":"c","type":"currency","default":12.5}],"#,
        r#""unique":["i","free"]}"#,
    );
    assert_eq!(serde_json::to_string(&wide()).unwrap(), canonical);
}

#[test]
fn the_canonical_form_reads_back_equal() {
    for schema in [wide(), schema(&of_unique("single-valued", "[]"))] {
        let text = serde_json::to_string(&schema).unwrap();
        assert_eq!(ExtensionSchema::from_json(&text), Ok(schema.clone()));
        let pretty = serde_json::to_vec_pretty(&schema).unwrap();
        assert_eq!(ExtensionSchema::from_json(&pretty), Ok(schema));
    }
}

#[test]
fn a_schema_made_in_rust_equals_the_same_in_json() {
    let day: Date = "2009-05-12".parse().unwrap();
    let at: Timestamp = "2009-05-12T12:05:12Z".parse().unwrap();
    let amount: Currency = "12.5".parse().unwrap();
    let made = ExtensionSchema::multi_valued("Wide")
        .attribute(AttributeSchema::string("s").length(12).default("a\"b"))
        .attribute(AttributeSchema::string("free").mandatory())
        .attribute(AttributeSchema::integer("i").default(7))
        .attribute(AttributeSchema::long("l").default(9_007_199_254_740_993_i64))
        .attribute(AttributeSchema::double("d").mandatory().default(1.0))
        .attribute(AttributeSchema::boolean("t").default(true))
        .attribute(AttributeSchema::date("day").default(day))
        .attribute(AttributeSchema::datetime("at").default(at))
        .attribute(AttributeSchema::currency("c").default(amount))
        .unique(["i"])
        .unique(["FREE"])
        .build();
    assert_eq!(made, Ok(wide()));
}

#[test]
fn types_known_only_at_run_time_make_the_same_schema() {
    let made = ExtensionSchema::single_valued("E").attribute(AttributeSchema::date("v")).build();
    let at_run_time = service_end::schema::ExtensionSchemaBuilder::new("E", ExtensionType::SingleValued)
        .attribute(AttributeSchemaBuilder::new("v", AttributeType::Date))
        .build();
    assert_eq!(made, at_run_time);
}

#[test]
fn a_schema_has_1_to_256_attributes() {
    for count in [1, 2, 255, 256] {
        let names: Vec<String> = (0..count).map(|ordinal| format!("a{ordinal}")).collect();
        let last = names.last().unwrap();
        let schema = names
            .iter()
            .fold(ExtensionSchema::multi_valued("E"), |schema, name| {
                schema.attribute(AttributeSchema::long(name))
            })
            .unique([&**last])
            .build()
            .unwrap();
        assert_eq!(schema.attributes().len(), count);
        assert_eq!(schema.attribute(last).map(AttributeSchema::name), Some(&**last));
        assert_eq!(schema.unique().collect::<Vec<_>>(), [last]);
    }
}
