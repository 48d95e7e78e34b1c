//! What an extension schema may say, and what it then means (2.2).

use service_end::{
    AttributeSchema, ExtensionSchema, Timestamp, Value,
    schema::{AttributeType, ExtensionType},
    value::{Currency, Date},
};

use crate::support::{found, validator_of};

fn schema(json: &str) -> ExtensionSchema {
    ExtensionSchema::from_json(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

fn named(name: &str) -> String {
    format!(
        r#"{{ "name": "{name}", "type": "multi-valued", "attributes": [ {{ "name": "v", "type": "long" }} ] }}"#
    )
}

/// A schema with one attribute `v`, given the rest of its declaration.
fn of_attribute(declaration: &str) -> ExtensionSchema {
    schema(&format!(
        r#"{{ "name": "E", "type": "single-valued", "attributes": [ {{ "name": "v", {declaration} }} ] }}"#
    ))
}

/// What is wrong with a declaration, in no particular order.
fn mistakes(json: &str) -> Vec<(String, &'static str)> {
    crate::schema_mistakes::mistakes_of(ExtensionSchema::from_json(json).map(drop))
}

fn refused(json: &str, pointer: &str, code: &str) {
    assert_eq!(mistakes(json), [(pointer.to_owned(), code)], "{json}");
}

#[test]
fn a_name_is_a_letter_then_letters_digits_or_underscores() {
    for name in ["a", "Z", "a1", "A_", "snake_case_2", "x__", "Satisfaction"] {
        assert_eq!(schema(&named(name)).name(), name);
    }
    for name in ["", "1a", "_a", "a-b", "a b", " a", "a ", "a.b", "ä", "aé", "naïve", "Ａ", "a\\u0000", "a/b"]
    {
        refused(&named(name), "/name", "invalid_name");
    }
}

#[test]
fn an_extension_name_has_at_most_26_characters() {
    let longest = "A".repeat(26);
    assert_eq!(schema(&named(&longest)).name(), longest);
    refused(&named(&"A".repeat(27)), "/name", "name_too_long");
}

#[test]
fn an_attribute_name_has_the_same_letters_and_at_most_64_characters() {
    let with = |name: &str| {
        format!(
            r#"{{ "name": "E", "type": "single-valued",
                 "attributes": [ {{ "name": "{name}", "type": "long" }} ] }}"#
        )
    };
    for name in ["a", "B_1", &"x".repeat(64)] {
        assert!(schema(&with(name)).attribute(name).is_some());
    }
    for name in ["", "1", "_x", "a-b", "ü"] {
        refused(&with(name), "/attributes/0/name", "invalid_name");
    }
    refused(&with(&"x".repeat(65)), "/attributes/0/name", "name_too_long");
}

#[test]
fn the_names_at_the_top_level_of_a_document_are_reserved_in_any_case() {
    for name in [
        "session_id",
        "interaction_id",
        "application_type",
        "application_id",
        "resource_type",
        "resource_id",
        "media_type",
        "disposition",
        "disposition_desc",
        "timestamp",
        "service_id",
        "started",
        "completed",
    ] {
        let mut capital = name.to_owned();
        capital[..1].make_ascii_uppercase();
        for name in [name, &name.to_ascii_uppercase(), &capital] {
            refused(&named(name), "/name", "reserved_name");
        }
    }
    // An attribute may have such a name, and so may an extension that only begins with one.
    schema(&named("timestamps"));
    schema(
        r#"{ "name": "E", "type": "single-valued", "attributes": [ { "name": "timestamp", "type": "long" } ] }"#,
    );
}

#[test]
fn attributes_are_looked_up_without_regard_to_case() {
    let schema = schema(
        r#"{ "name": "Feedback", "type": "single-valued", "attributes": [
             { "name": "FeedbackType", "type": "string" }, { "name": "rating", "type": "integer" } ] }"#,
    );
    for name in ["FeedbackType", "feedbacktype", "FEEDBACKTYPE"] {
        assert_eq!(schema.attribute(name).map(AttributeSchema::name), Some("FeedbackType"));
    }
    assert_eq!(schema.attribute("feedback_type"), None);
    assert_eq!(
        schema.attributes().map(AttributeSchema::name).collect::<Vec<_>>(),
        ["FeedbackType", "rating"]
    );
    assert_eq!(schema.key(), "feedback");
}

#[test]
fn case_means_ascii_case() {
    // The Kelvin sign is lowered to `k` by Unicode, but not by ASCII.
    let schema = of_attribute(r#""type": "string""#);
    assert!(schema.attribute("V").is_some());
    let kelvin = ExtensionSchema::from_json(named("k")).unwrap();
    let schemas = service_end::Schemas::new().with(kelvin).unwrap();
    assert!(schemas.get("K").is_some() && schemas.get("\u{212a}").is_none());
}

#[test]
fn an_extension_is_single_valued_or_multi_valued() {
    for (text, expected) in
        [("single-valued", ExtensionType::SingleValued), ("multi-valued", ExtensionType::MultiValued)]
    {
        let schema = schema(&named("E").replace("multi-valued", text));
        assert_eq!(schema.extension_type(), expected);
        assert_eq!(expected.to_string(), text);
    }
}

const TYPES: [(&str, AttributeType); 8] = [
    ("string", AttributeType::String),
    ("integer", AttributeType::Integer),
    ("long", AttributeType::Long),
    ("double", AttributeType::Double),
    ("boolean", AttributeType::Boolean),
    ("date", AttributeType::Date),
    ("datetime", AttributeType::DateTime),
    ("currency", AttributeType::Currency),
];

#[test]
fn an_attribute_type_is_read_in_any_case_and_written_in_lower_case() {
    for (name, expected) in TYPES {
        let mut capital = name.to_owned();
        capital[..1].make_ascii_uppercase();
        for spelling in [name, &name.to_ascii_uppercase(), &capital] {
            let schema = of_attribute(&format!(r#""type": "{spelling}""#));
            assert_eq!(schema.attribute("v").unwrap().attribute_type(), expected, "{spelling}");
            let written = serde_json::to_string(&schema).unwrap();
            assert!(written.contains(&format!(r#""type":"{name}""#)), "{written}");
        }
    }
}

#[test]
fn a_length_is_a_number_or_a_numeric_string() {
    for (length, expected) in [
        ("1", 1),
        ("64", 64),
        (r#""10""#, 10),
        (r#""1""#, 1),
        ("7.0", 7),
        ("1e2", 100),
        ("4294967296", 4_294_967_296),
    ] {
        let schema = of_attribute(&format!(r#""type": "string", "length": {length}"#));
        assert_eq!(schema.attribute("v").unwrap().length(), Some(expected), "{length}");
    }
    assert_eq!(of_attribute(r#""type": "string""#).attribute("v").unwrap().length(), None);
}

#[test]
fn a_string_without_a_length_is_unbounded() {
    let validator = validator_of(
        r#"{ "name": "E", "type": "single-valued", "attributes": [
             { "name": "free", "type": "string" }, { "name": "short", "type": "string", "length": "3" } ] }"#,
    );
    let long = "x".repeat(100_000);
    assert_eq!(found(&validator, &format!(r#"{{ "E": {{ "free": "{long}", "short": "äöü" }} }}"#)), []);
    assert_eq!(found(&validator, r#"{ "E": { "short": "äöüß" } }"#), [("/E/short".into(), "too_long")]);
}

#[test]
fn mandatory_is_a_boolean_or_its_name_and_false_when_absent() {
    for (mandatory, expected) in
        [("true", true), ("false", false), (r#""true""#, true), (r#""false""#, false)]
    {
        let schema = of_attribute(&format!(r#""type": "long", "mandatory": {mandatory}"#));
        assert_eq!(schema.attribute("v").unwrap().is_mandatory(), expected, "{mandatory}");
    }
    assert!(!of_attribute(r#""type": "long""#).attribute("v").unwrap().is_mandatory());
}

fn default_of(schema: &ExtensionSchema) -> Option<Value<'_>> {
    schema.attribute("v").unwrap().default()
}

#[test]
fn a_default_is_a_value_of_its_attribute_and_written_in_canonical_form() {
    let timestamp: Timestamp = "2009-05-12T12:05:12.145Z".parse().unwrap();
    let date: Date = "2009-05-12".parse().unwrap();
    let amount: Currency = "12.5".parse().unwrap();
    for (attribute_type, default, expected, written) in [
        ("string", r#""un\u006bnown""#, Value::String("unknown"), r#""unknown""#),
        ("string", r#""""#, Value::String(""), r#""""#),
        ("integer", "7", Value::Integer(7), "7"),
        ("integer", "7.0", Value::Integer(7), "7"),
        ("integer", "-2147483648", Value::Integer(i32::MIN), "-2147483648"),
        ("long", "-0", Value::Long(0), "0"),
        ("long", "9223372036854775807", Value::Long(i64::MAX), "9223372036854775807"),
        ("double", "1", Value::Double(1.0), "1.0"),
        ("double", "-0.0", Value::Double(0.0), "0.0"),
        ("double", "0.1", Value::Double(0.1), "0.1"),
        ("boolean", "false", Value::Boolean(false), "false"),
        ("date", r#""2009-05-12""#, Value::Date(date), r#""2009-05-12""#),
        ("date", r#""2009-05-12T02:00:00+02:00""#, Value::Date(date), r#""2009-05-12""#),
        (
            "datetime",
            r#""2009-05-12t14:05:12.1459+02:00""#,
            Value::DateTime(timestamp),
            r#""2009-05-12T12:05:12.145Z""#,
        ),
        ("currency", "12.5", Value::Currency(amount), "12.5"),
        ("currency", r#""12.5000""#, Value::Currency(amount), "12.5"),
        (
            "currency",
            r#""922337203685477.5807""#,
            Value::Currency("922337203685477.5807".parse().unwrap()),
            r#""922337203685477.5807""#,
        ),
    ] {
        let schema = of_attribute(&format!(r#""type": "{attribute_type}", "default": {default}"#));
        assert_eq!(default_of(&schema), Some(expected), "{attribute_type} {default}");
        let json = serde_json::to_string(&schema).unwrap();
        assert!(json.contains(&format!(r#""default":{written}"#)), "{json}");
        assert_eq!(ExtensionSchema::from_json(&json), Ok(schema), "{json}");
    }
}

#[test]
fn null_is_no_default() {
    for (name, _) in TYPES {
        let schema = of_attribute(&format!(r#""type": "{name}", "default": null"#));
        assert_eq!(default_of(&schema), None);
        assert_eq!(schema, of_attribute(&format!(r#""type": "{name}""#)));
    }
    let validator = validator_of(
        r#"{ "name": "E", "type": "single-valued", "attributes": [
             { "name": "v", "type": "long", "mandatory": true, "default": null } ] }"#,
    );
    assert_eq!(found(&validator, r#"{ "E": {} }"#), [("/E/v".into(), "missing_attribute")]);
}

#[test]
fn a_default_satisfies_a_mandatory_attribute() {
    let validator = validator_of(
        r#"{ "name": "E", "type": "single-valued", "attributes": [
             { "name": "v", "type": "long", "mandatory": true, "default": 7 } ] }"#,
    );
    assert_eq!(found(&validator, r#"{ "E": {} }"#), []);
    assert_eq!(found(&validator, r#"{ "E": { "v": null } }"#), [("/E/v".into(), "missing_attribute")]);
}
