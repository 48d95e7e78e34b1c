//! Every mistake in the types, attributes and key of a schema is named, all at once (2.7).

use service_end::Schemas;

use crate::schema_mistakes::{check, check_attributes, mistakes_of, owned};

#[test]
fn a_type_is_one_of_those_there_are() {
    let typed = |t: &str| {
        format!(r#"{{ "name": "E", "type": {t}, "attributes": [ {{ "name": "a", "type": "long" }} ] }}"#)
    };
    for (t, code) in [
        (r#""triple-valued""#, "unknown_type"),
        (r#""Single-Valued""#, "unknown_type"),
        (r#""single_valued""#, "unknown_type"),
        (r#""""#, "unknown_type"),
        ("null", "wrong_type"),
        ("1", "wrong_type"),
    ] {
        check(&[(&typed(t), &[("/type", code)])]);
    }
    for (t, code) in [
        (r#""strin""#, "unknown_type"),
        (r#"" string""#, "unknown_type"),
        (r#""int""#, "unknown_type"),
        (r#""date-time""#, "unknown_type"),
        (r#""""#, "unknown_type"),
        ("null", "wrong_type"),
        (r#"["string"]"#, "wrong_type"),
    ] {
        check_attributes(&[(&format!(r#"{{ "name": "v", "type": {t} }}"#), &[("/type", code)])]);
    }
}

#[test]
fn a_length_is_a_whole_number_of_at_least_1_and_only_for_strings() {
    for length in [
        "0",
        "-1",
        "1.5",
        "-0.0",
        "1e300",
        r#""0""#,
        r#""""#,
        r#""ten""#,
        r#"" 10""#,
        r#""+10""#,
        r#""-1""#,
        r#""1.0""#,
        r#""99999999999999999999""#,
        "null",
        "true",
        "[]",
        "{}",
    ] {
        let declaration = format!(r#"{{ "name": "v", "type": "string", "length": {length} }}"#);
        check_attributes(&[(&declaration, &[("/length", "invalid_length")])]);
    }
    for t in ["integer", "long", "double", "boolean", "date", "datetime", "currency"] {
        let declaration = format!(r#"{{ "name": "v", "type": "{t}", "length": 10 }}"#);
        check_attributes(&[(&declaration, &[("/length", "length_not_applicable")])]);
    }
}

#[test]
fn mandatory_is_true_or_false() {
    for mandatory in ["0", "1", "null", r#""yes""#, r#""TRUE""#, r#""""#, r#"" true""#, "[]", "{}"] {
        let declaration = format!(r#"{{ "name": "v", "type": "long", "mandatory": {mandatory} }}"#);
        check_attributes(&[(&declaration, &[("/mandatory", "invalid_mandatory")])]);
    }
}

#[test]
fn a_default_satisfies_its_attribute() {
    for (declaration, default) in [
        (r#""type": "string""#, "7"),
        (r#""type": "string", "length": 3"#, r#""abcd""#),
        (r#""type": "string""#, r#""a\u0000b""#),
        (r#""type": "integer""#, r#""7""#),
        (r#""type": "integer""#, "7.5"),
        (r#""type": "integer""#, "2147483648"),
        (r#""type": "long""#, "9223372036854775808"),
        (r#""type": "long""#, "9007199254740992.0"),
        (r#""type": "double""#, r#""1.0""#),
        (r#""type": "boolean""#, "1"),
        (r#""type": "boolean""#, r#""true""#),
        (r#""type": "date""#, r#""2009-02-30""#),
        (r#""type": "date""#, r#""2009-05-12T00:00:01Z""#),
        (r#""type": "datetime""#, r#""2009-05-12""#),
        (r#""type": "datetime""#, "0"),
        (r#""type": "currency""#, "0.12345"),
        (r#""type": "currency""#, r#""1,5""#),
        (r#""type": "currency""#, "922337203685478"),
        (r#""type": "string""#, "[]"),
        (r#""type": "long""#, "{}"),
        (r#""type": "long""#, r#"{ "$serde_json::private::Number": "7" }"#),
    ] {
        let declaration = format!(r#"{{ "name": "v", {declaration}, "default": {default} }}"#);
        check_attributes(&[(&declaration, &[("/default", "invalid_default")])]);
    }
}

#[test]
fn unique_names_attributes_of_the_schema_once_each() {
    let with = |unique: &str| {
        format!(
            r#"{{ "name": "E", "type": "multi-valued", "unique": {unique}, "attributes": [
                  {{ "name": "a", "type": "long" }}, {{ "name": "b", "type": "long" }} ] }}"#
        )
    };
    check(&[
        (
            &with(r#"["x", "a", "y"]"#),
            &[("/unique/0", "unknown_unique_attribute"), ("/unique/2", "unknown_unique_attribute")],
        ),
        (
            &with(r#"["x", "x"]"#),
            &[("/unique/0", "unknown_unique_attribute"), ("/unique/1", "unknown_unique_attribute")],
        ),
        (
            &with(r#"["a", "b", "A", "a"]"#),
            &[("/unique/2", "duplicate_unique_attribute"), ("/unique/3", "duplicate_unique_attribute")],
        ),
        (&with(r#"[7, "a", null]"#), &[("/unique/0", "wrong_type"), ("/unique/2", "wrong_type")]),
        (&with("null"), &[("/unique", "wrong_type")]),
        (&with(r#""a""#), &[("/unique", "wrong_type")]),
        (&with("{}"), &[("/unique", "wrong_type")]),
    ]);
}

#[test]
fn unique_may_name_an_attribute_that_has_a_mistake_of_its_own() {
    check(&[
        (
            r#"{ "name": "E", "type": "multi-valued", "unique": ["a"],
                 "attributes": [ { "name": "a", "type": "nonsense" } ] }"#,
            &[("/attributes/0/type", "unknown_type")],
        ),
        (r#"{ "name": "E", "type": "multi-valued", "unique": ["a"] }"#, &[("/attributes", "missing_key")]),
    ]);
}

#[test]
fn attributes_are_an_array_of_1_to_256_objects() {
    let with = |attributes: &str| {
        format!(r#"{{ "name": "E", "type": "multi-valued", "attributes": {attributes} }}"#)
    };
    check(&[
        (&with("[]"), &[("/attributes", "no_attributes")]),
        (&with("null"), &[("/attributes", "wrong_type")]),
        (&with("{}"), &[("/attributes", "wrong_type")]),
        (
            &with(r#"[ null, "a", [] ]"#),
            &[
                ("/attributes/0", "wrong_type"),
                ("/attributes/1", "wrong_type"),
                ("/attributes/2", "wrong_type"),
            ],
        ),
    ]);
    let many = |count: usize| -> Vec<String> {
        (0..count).map(|ordinal| format!(r#"{{ "name": "a{ordinal}", "type": "long" }}"#)).collect()
    };
    check(&[
        (&with(&format!("[{}]", many(256).join(","))), &[]),
        (&with(&format!("[{}]", many(257).join(","))), &[("/attributes", "too_many_attributes")]),
    ]);
}

#[test]
fn the_attributes_beyond_the_limit_are_looked_into_too() {
    let attributes: Vec<_> =
        (0..257).map(|ordinal| format!(r#"{{ "name": "a{ordinal}", "type": "long" }}"#)).collect();
    let attributes = attributes.join(",");
    check(&[(
        &format!(
            r#"{{ "name": "E", "type": "multi-valued", "unique": ["a256", "a300"],
                  "attributes": [ {attributes}, {{ "name": "A3", "type": "nonsense" }} ] }}"#
        ),
        &[
            ("/attributes", "too_many_attributes"),
            ("/attributes/257/name", "duplicate_attribute"),
            ("/attributes/257/type", "unknown_type"),
            ("/unique/1", "unknown_unique_attribute"),
        ],
    )]);
}

#[test]
fn every_mistake_is_told_at_once() {
    let attributes: Vec<_> = (0..150).map(|_| r#"{ "name": "1", "type": "x" }"#).collect();
    let json = format!(
        r#"[ {{ "name": "1", "typ": "x", "attributes": [
                {{ "name": "a", "type": "strin", "length": 0, "mandatory": "yes", "default": [] }},
                {{ "name": "b", "type": "string", "length": 2, "default": "abc", "x": 1 }},
                {{ "name": "B", "type": "date", "length": 10, "mandatory": 1, "default": "today" }} ],
              "unique": ["a", "A", 7, "c"] }},
            {{ "name": "Started", "type": "multi", "attributes": [], "unique": [] }}, 7,
            {{ "name": "Many", "type": "multi-valued", "attributes": [ {} ] }} ]"#,
        attributes.join(",")
    );
    let mut expected = owned(&[
        ("/0/typ", "unknown_key"),
        ("/0/name", "invalid_name"),
        ("/0/type", "missing_key"),
        ("/0/attributes/0/type", "unknown_type"),
        ("/0/attributes/0/length", "invalid_length"),
        ("/0/attributes/0/mandatory", "invalid_mandatory"),
        ("/0/attributes/1/x", "unknown_key"),
        ("/0/attributes/1/default", "invalid_default"),
        ("/0/attributes/2/name", "duplicate_attribute"),
        ("/0/attributes/2/length", "length_not_applicable"),
        ("/0/attributes/2/mandatory", "invalid_mandatory"),
        ("/0/attributes/2/default", "invalid_default"),
        ("/0/unique/1", "duplicate_unique_attribute"),
        ("/0/unique/2", "wrong_type"),
        ("/0/unique/3", "unknown_unique_attribute"),
        ("/1/name", "reserved_name"),
        ("/1/type", "unknown_type"),
        ("/1/attributes", "no_attributes"),
        ("/2", "wrong_type"),
    ]);
    for ordinal in 0..150 {
        expected.push((format!("/3/attributes/{ordinal}/name"), "invalid_name"));
        expected.push((format!("/3/attributes/{ordinal}/type"), "unknown_type"));
    }
    expected.sort();
    assert_eq!(mistakes_of(Schemas::from_json(json).map(drop)), expected);
}
