//! The rules hold whatever features of `serde_json` a host has switched on.

use crate::support::{arbitrary_precision, found, syntax_error, validator_of};

const SCHEMA: &str = r#"{ "name": "E", "type": "single-valued", "attributes": [
    { "name": "l", "type": "long" }, { "name": "d", "type": "double" }, { "name": "c", "type": "currency" } ] }"#;

/// Where they are meant to be, in the package that exists for them, they are.
#[test]
fn the_other_features_are_switched_on() {
    if env!("CARGO_PKG_NAME") != "service-end-tests" {
        assert!(arbitrary_precision());
        let json = r#"{"b":1,"a":2}"#;
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(value.to_string(), json, "preserve_order");
    }
}

#[test]
fn a_number_that_no_float_holds_is_a_syntax_error_where_a_value_is_read() {
    let validator = validator_of(SCHEMA);
    for number in ["1e400", "-1e400", "1e309", "123456789e999999999", &"9".repeat(400)] {
        for body in [
            format!(r#"{{ "application_id": {number} }}"#),
            format!(r#"{{ "disposition": {number} }}"#),
            format!(r#"{{ "E": {{ "l": {number} }} }}"#),
            format!(r#"{{ "E": {{ "d": {number} }} }}"#),
            format!(r#"{{ "E": {{ "c": {number} }} }}"#),
        ] {
            assert_eq!(syntax_error(&validator, &body).line(), Some(1), "{body}");
        }
    }
}

#[test]
fn a_number_stays_the_number_that_it_is() {
    let validator = validator_of(SCHEMA);
    for (number, long, double, currency) in [
        ("-0", None, None, None),
        ("-0.0", None, None, None),
        ("7e0", None, None, None),
        ("9223372036854775807", None, None, Some("out_of_range")),
        ("9223372036854775808", Some("out_of_range"), None, Some("out_of_range")),
        ("9007199254740991.0", None, None, Some("out_of_range")),
        ("9007199254740992.0", Some("out_of_range"), None, Some("out_of_range")),
        ("200000000000.0", None, None, Some("invalid_format")),
        ("0.10000000000000001", Some("wrong_type"), None, None),
        ("0.12345", Some("wrong_type"), None, Some("invalid_format")),
        ("1e-400", None, None, None),
        ("1e300", Some("out_of_range"), None, Some("out_of_range")),
    ] {
        for (name, expected) in [("l", long), ("d", double), ("c", currency)] {
            let expected: Vec<_> = expected.map(|code| (format!("/E/{name}"), code)).into_iter().collect();
            let body = format!(r#"{{ "E": {{ "{name}": {number} }} }}"#);
            assert_eq!(found(&validator, &body), expected, "{body}");
        }
    }
}

#[test]
fn an_object_that_looks_like_the_number_of_serde_json_is_an_object() {
    let validator = validator_of(SCHEMA);
    let number = r#"{ "$serde_json::private::Number": "7" }"#;
    for (body, expected) in [
        (format!(r#"{{ "application_id": {number} }}"#), ("/application_id", "wrong_type")),
        (format!(r#"{{ "E": {{ "l": {number} }} }}"#), ("/E/l", "wrong_type")),
        (format!(r#"{{ "E": {{ "d": {number} }} }}"#), ("/E/d", "wrong_type")),
        (
            r#"{ "$serde_json::private::Number": "7" }"#.to_owned(),
            ("/$serde_json::private::Number", "unknown_extension"),
        ),
        (format!(r#"{{ "E": {number} }}"#), ("/E/$serde_json::private::Number", "unknown_attribute")),
    ] {
        assert_eq!(found(&validator, &body), [(expected.0.to_owned(), expected.1)], "{body}");
    }
}
