//! Every mistake in a declaration of schemas is named, all at once (2.7).

use service_end::{ExtensionSchema, Schemas, Violations, schema::DeclarationError};

use crate::support::{Found, summary};

/// What is wrong with a declaration, by pointer: the contract sets no order.
pub(crate) fn mistakes_of(made: Result<(), DeclarationError>) -> Found {
    match made {
        Ok(()) => Vec::new(),
        Err(DeclarationError::Invalid(violations)) => sorted(&violations),
        Err(other) => panic!("{other}"),
    }
}

pub(crate) fn sorted(violations: &Violations) -> Found {
    assert!(!violations.truncated());
    let mut found = summary(violations.as_slice());
    found.sort();
    found
}

pub(crate) fn owned(expected: &[(&str, &'static str)]) -> Found {
    expected.iter().map(|(at, code)| ((*at).to_owned(), *code)).collect()
}

/// A schema without a mistake but what its name has, given as JSON.
fn named(name: &str) -> String {
    format!(
        r#"{{ "name": {name}, "type": "multi-valued", "attributes": [ {{ "name": "a", "type": "long" }} ] }}"#
    )
}

/// Holds a table of declarations against the mistakes that must be found in them.
pub(crate) fn check(cases: &[(&str, &[(&str, &'static str)])]) {
    for (json, expected) in cases {
        let found = mistakes_of(ExtensionSchema::from_json(json).map(drop));
        let mut expected = owned(expected);
        expected.sort();
        assert_eq!(found, expected, "{json}");
        // The same as the second of an array, with pointers that start there.
        let first = r#"{"name":"First","type":"single-valued","attributes":[{"name":"a","type":"long"}]}"#;
        let in_array = mistakes_of(Schemas::from_json(format!("[{first},{json}]")).map(drop));
        let below: Found = expected.into_iter().map(|(at, code)| (format!("/1{at}"), code)).collect();
        assert_eq!(in_array, below, "{json}");
    }
}

/// A table of attributes `{"name": "v", …}`; pointers start at the attribute.
pub(crate) fn check_attributes(cases: &[(&str, &[(&str, &'static str)])]) {
    for (declaration, expected) in cases {
        let json = format!(
            r#"{{ "name": "E", "type": "single-valued",
                 "attributes": [ {{ "name": "a", "type": "long" }}, {declaration} ] }}"#
        );
        let expected: Vec<_> =
            expected.iter().map(|(at, code)| (format!("/attributes/1{at}"), *code)).collect();
        let expected: Vec<_> = expected.iter().map(|(at, code)| (&**at, *code)).collect();
        check(&[(&json, &expected)]);
    }
}

#[test]
fn a_declaration_of_another_json_type_is_a_wrong_type() {
    for json in ["null", "true", "7", "7.5", r#""E""#, "[]"] {
        check(&[(json, &[("", "wrong_type")])]);
    }
    for json in ["null", "true", "7", "7.5", r#""E""#, "{}"] {
        assert_eq!(
            mistakes_of(Schemas::from_json(json).map(drop)),
            [(String::new(), "wrong_type")],
            "{json}"
        );
    }
}

#[test]
fn keys_that_are_needed_are_missed_at_their_place() {
    check(&[
        ("{}", &[("/name", "missing_key"), ("/type", "missing_key"), ("/attributes", "missing_key")]),
        (
            r#"{ "attributes": [ { "name": "a", "type": "long" } ], "type": "multi-valued" }"#,
            &[("/name", "missing_key")],
        ),
        (
            r#"{ "name": "E", "attributes": [ { "name": "a", "type": "long" } ] }"#,
            &[("/type", "missing_key")],
        ),
        (r#"{ "name": "E", "type": "multi-valued" }"#, &[("/attributes", "missing_key")]),
    ]);
    check_attributes(&[
        ("{}", &[("/name", "missing_key"), ("/type", "missing_key")]),
        (r#"{ "name": "v" }"#, &[("/type", "missing_key")]),
        (r#"{ "type": "long" }"#, &[("/name", "missing_key")]),
    ]);
}

#[test]
fn keys_without_a_meaning_are_unknown_each_time() {
    check(&[
        (
            r#"{ "Name": "E", "x": 1, "x": 2, "a/b~": {}, "name": "E", "type": "multi-valued",
                 "attributes": [ { "name": "a", "type": "long", "lenght": 3, "unique": true } ] }"#,
            &[
                ("/Name", "unknown_key"),
                ("/x", "unknown_key"),
                ("/x", "unknown_key"),
                ("/a~1b~0", "unknown_key"),
                ("/attributes/0/lenght", "unknown_key"),
                ("/attributes/0/unique", "unknown_key"),
            ],
        ),
        (
            r#"{ "$serde_json::private::Number": "7", "name": "E", "type": "multi-valued",
                 "attributes": [ { "name": "a", "type": "long" } ] }"#,
            &[("/$serde_json::private::Number", "unknown_key")],
        ),
    ]);
}

#[test]
fn of_equal_keys_the_first_counts_and_the_later_is_not_looked_into() {
    check(&[(
        r#"{ "name": "E", "name": 7, "type": "multi-valued", "type": "nonsense", "type": null,
             "attributes": [ { "name": "a", "type": "long", "default": 1, "default": "x" } ],
             "attributes": [ 7 ], "unique": ["a"], "unique": ["b"] }"#,
        &[
            ("/name", "duplicate_key"),
            ("/type", "duplicate_key"),
            ("/type", "duplicate_key"),
            ("/attributes/0/default", "duplicate_key"),
            ("/attributes", "duplicate_key"),
            ("/unique", "duplicate_key"),
        ],
    )]);
    check_attributes(&[
        (
            r#"{ "name": "1", "name": "v", "type": "long" }"#,
            &[("/name", "invalid_name"), ("/name", "duplicate_key")],
        ),
        (r#"{ "name": "v", "type": "string", "length": 1, "length": 0 }"#, &[("/length", "duplicate_key")]),
        (
            r#"{ "name": "v", "type": "string", "mandatory": true, "mandatory": 0 }"#,
            &[("/mandatory", "duplicate_key")],
        ),
    ]);
}

#[test]
fn the_first_mistake_of_a_name_is_told() {
    let long_and_invalid = "-".repeat(100);
    let long = "a".repeat(65);
    for (name, code) in [
        ("7", "wrong_type"),
        ("null", "wrong_type"),
        ("[]", "wrong_type"),
        (r#""""#, "invalid_name"),
        (&format!(r#""{long_and_invalid}""#), "invalid_name"),
        (&format!(r#""{long}""#), "name_too_long"),
    ] {
        check(&[(&named(name), &[("/name", code)])]);
        check_attributes(&[(&format!(r#"{{ "name": {name}, "type": "long" }}"#), &[("/name", code)])]);
    }
    check(&[
        (&named(r#""completed-""#), &[("/name", "invalid_name")]),
        (&named(r#""Service_ID""#), &[("/name", "reserved_name")]),
    ]);
    check_attributes(&[
        (r#"{ "name": "A", "type": "long" }"#, &[("/name", "duplicate_attribute")]),
        (
            r#"{ "name": "a", "type": "nonsense" }"#,
            &[("/name", "duplicate_attribute"), ("/type", "unknown_type")],
        ),
    ]);
}

#[test]
fn a_name_is_taken_within_an_array_even_by_a_schema_with_other_mistakes() {
    let empty = r#"{ "name": "Feedback", "type": "multi-valued", "attributes": [] }"#;
    for (json, expected) in [
        (
            format!("[{}, {}]", named(r#""Feedback""#), named(r#""FEEDBACK""#)),
            &[("/1/name", "schema_exists")][..],
        ),
        (
            format!("[{empty}, {}, {}]", named(r#""feedback""#), named(r#""Other""#)),
            &[("/0/attributes", "no_attributes"), ("/1/name", "schema_exists")],
        ),
        (
            format!("[{}, {empty}, {empty}]", named(r#""feedback""#)),
            &[
                ("/1/attributes", "no_attributes"),
                ("/1/name", "schema_exists"),
                ("/2/attributes", "no_attributes"),
                ("/2/name", "schema_exists"),
            ],
        ),
    ] {
        assert_eq!(mistakes_of(Schemas::from_json(&json).map(drop)), owned(expected), "{json}");
    }
}

#[test]
fn a_name_with_a_mistake_is_not_compared_with_other_names() {
    let long = format!(r#""{}""#, "A".repeat(27));
    for (name, code) in
        [(&*long, "name_too_long"), (r#""timestamp""#, "reserved_name"), (r#""1""#, "invalid_name")]
    {
        let json = format!("[{}, {}]", named(name), named(name));
        let expected = owned(&[("/0/name", code), ("/1/name", code)]);
        assert_eq!(mistakes_of(Schemas::from_json(&json).map(drop)), expected, "{json}");
    }
}
