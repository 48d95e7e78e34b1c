//! 2.2 and 2.6: values that an attribute lists, and its bounds, over every door.

use service_end::{
    AttributeSchema, Extension, ExtensionSchema, Schemas, Service, StoredService, Value, Violation,
    schema::DeclarationError, value::Currency,
};

use crate::{
    schema_mistakes::{check, check_attributes},
    stage::{START, at},
    support::{code, found, valid, validator_of, validator_of_attribute, violations},
};

/// The schema of one attribute, given the rest of its declaration.
fn schema(declaration: &str) -> ExtensionSchema {
    let json = format!(
        r#"{{ "name": "E", "type": "single-valued", "attributes": [ {{ "name": "v", {declaration} }} ] }}"#
    );
    ExtensionSchema::from_json(&json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

fn only_violation(declaration: &str, value: &str) -> Violation {
    let mut found = violations(&validator_of_attribute(declaration), &format!(r#"{{"E":{{"v":{value}}}}}"#));
    assert_eq!(found.len(), 1, "one value has one violation: {found:?}");
    found.remove(0)
}

/// A list of names in an answer is so long as its JSON: what is escaped there counts eight times.
#[test]
fn a_value_that_is_long_when_it_is_written_is_not_told() {
    for (quotes, told) in [(31, true), (32, true), (33, false), (34, false)] {
        let long = "\\\"".repeat(quotes);
        let violation = only_violation(&format!(r#""type": "string", "values": ["{long}", "b"]"#), r#""c""#);
        let known = violation.expected().unwrap();
        let expected: Vec<_> = known.iter().collect();
        assert_eq!(expected.contains(&&*"\"".repeat(quotes)), told, "{quotes}: {expected:?}");
    }
}

/// A declaration, a value, and its canonical form or the code and the message of what is wrong with it.
type Case = (&'static str, &'static str, Result<&'static str, (&'static str, &'static str)>);

const UNLISTED: (&str, &str) = ("unknown_value", "not among the values that are declared for this attribute");

const INEXACT: (&str, &str) = (
    "out_of_range",
    "must be between -9007199254740991 and 9007199254740991 where it is written with a fraction or an exponent; \
     write a larger integer as plain digits",
);

const CASES: &[Case] = &[
    (r#""type": "string", "values": ["a", "b c", ""]"#, r#""b c""#, Ok(r#""b c""#)),
    (r#""type": "string", "values": ["a", ""]"#, r#""""#, Ok(r#""""#)),
    (r#""type": "string", "values": ["a"]"#, r#""A""#, Err(UNLISTED)),
    (r#""type": "string", "values": ["a"]"#, "1", Err(("wrong_type", "must be a string, but is a number"))),
    (r#""type": "string", "values": ["a"]"#, "[]", Err(("wrong_type", "must be a string, but is an array"))),
    (
        r#""type": "string", "values": ["a"]"#,
        r#""b\u0000""#,
        Err(("forbidden_character", "must not contain the character U+0000")),
    ),
    (
        r#""type": "string", "values": ["a"], "length": 2"#,
        r#""abc""#,
        Err(("too_long", "must have at most 2 characters, but has 3")),
    ),
    (r#""type": "integer", "values": [1, 3.0, -5]"#, "3", Ok("3")),
    (r#""type": "integer", "values": [1, 3]"#, "3e0", Ok("3")),
    (r#""type": "integer", "values": [1, 3]"#, "2", Err(UNLISTED)),
    (r#""type": "integer", "values": [1, 3]"#, "2.0", Err(UNLISTED)),
    (
        r#""type": "integer", "values": [1, 3]"#,
        "2147483648",
        Err(("out_of_range", "must be between -2147483648 and 2147483647")),
    ),
    (
        r#""type": "integer", "values": [1]"#,
        "1.5",
        Err(("wrong_type", "must be an integer, but has a fraction")),
    ),
    (r#""type": "long", "values": [9007199254740993]"#, "9007199254740993", Ok("9007199254740993")),
    (r#""type": "long", "values": [9007199254740993]"#, "9007199254740992", Err(UNLISTED)),
    (r#""type": "integer", "minimum": 1, "maximum": 5"#, "1", Ok("1")),
    (r#""type": "integer", "minimum": 1, "maximum": 5"#, "5.0", Ok("5")),
    (r#""type": "integer", "minimum": 1, "maximum": 5"#, "0", Err(("out_of_range", "must be at least 1"))),
    (r#""type": "integer", "minimum": 1, "maximum": 5"#, "6", Err(("out_of_range", "must be at most 5"))),
    (r#""type": "integer", "minimum": 2, "maximum": 2"#, "2", Ok("2")),
    (
        r#""type": "integer", "minimum": 1, "maximum": 5"#,
        "\"3\"",
        Err(("wrong_type", "must be an integer, but is a string")),
    ),
    // What is beyond the type is beyond the bound, which says more.
    (r#""type": "integer", "maximum": 5"#, "2147483648", Err(("out_of_range", "must be at most 5"))),
    (r#""type": "integer", "maximum": 5"#, "1e300", Err(("out_of_range", "must be at most 5"))),
    (r#""type": "integer", "minimum": 5"#, "-2147483649", Err(("out_of_range", "must be at least 5"))),
    (
        r#""type": "integer", "maximum": 5"#,
        "-2147483649",
        Err(("out_of_range", "must be between -2147483648 and 2147483647")),
    ),
    (r#""type": "long", "maximum": 5"#, "9223372036854775808", Err(("out_of_range", "must be at most 5"))),
    (r#""type": "long", "maximum": 5"#, "1e17", Err(("out_of_range", "must be at most 5"))),
    // A form that is not exact breaks no bound by itself: then the form is told.
    (r#""type": "long", "maximum": 100000000000000000"#, "1e17", Err(INEXACT)),
    (r#""type": "long", "maximum": 100000000000000000"#, "1e16", Err(INEXACT)),
    (
        r#""type": "long", "maximum": 100000000000000000"#,
        "2e17",
        Err(("out_of_range", "must be at most 100000000000000000")),
    ),
    (r#""type": "long", "minimum": -100000000000000000"#, "-1e16", Err(INEXACT)),
    (
        r#""type": "long", "minimum": -100000000000000000"#,
        "-2e17",
        Err(("out_of_range", "must be at least -100000000000000000")),
    ),
    (
        r#""type": "long", "minimum": 20000000000000000"#,
        "1e16",
        Err(("out_of_range", "must be at least 20000000000000000")),
    ),
    (r#""type": "long", "values": [10000000000000000], "maximum": 20000000000000000"#, "1e16", Err(INEXACT)),
    (
        r#""type": "long", "minimum": -9223372036854775808, "maximum": 9223372036854775807"#,
        "9007199254740992.0",
        Err(INEXACT),
    ),
    (r#""type": "long", "minimum": -5"#, "-1e30", Err(("out_of_range", "must be at least -5"))),
    // A range comes before the list.
    (
        r#""type": "integer", "minimum": 1, "values": [1, 3]"#,
        "0",
        Err(("out_of_range", "must be at least 1")),
    ),
    (r#""type": "integer", "minimum": 1, "values": [1, 3]"#, "2", Err(UNLISTED)),
    (r#""type": "double", "minimum": 0, "maximum": 0.5"#, "0.5", Ok("0.5")),
    (r#""type": "double", "minimum": 0, "maximum": 0.5"#, "-0.0", Ok("0.0")),
    (r#""type": "double", "minimum": 0, "maximum": 0.5"#, "0", Ok("0.0")),
    (
        r#""type": "double", "minimum": 0, "maximum": 0.5"#,
        "-5e-324",
        Err(("out_of_range", "must be at least 0.0")),
    ),
    (r#""type": "double", "minimum": 0, "maximum": 0.5"#, "1", Err(("out_of_range", "must be at most 0.5"))),
    (r#""type": "currency", "minimum": "0.0001", "maximum": 12.5"#, "12.5", Ok("12.5")),
    (
        r#""type": "currency", "minimum": "0.0001", "maximum": 12.5"#,
        "\"12.5001\"",
        Err(("out_of_range", "must be at most 12.5")),
    ),
    (r#""type": "currency", "minimum": "0.0001""#, "0", Err(("out_of_range", "must be at least 0.0001"))),
    (r#""type": "currency", "maximum": 12"#, "922337203685478", Err(("out_of_range", "must be at most 12"))),
    (
        r#""type": "currency", "minimum": -1"#,
        "\"-922337203685478\"",
        Err(("out_of_range", "must be at least -1")),
    ),
    (
        r#""type": "date", "minimum": "2009-05-12", "maximum": "2010-01-01T00:00:00Z""#,
        r#""2010-01-01""#,
        Ok(r#""2010-01-01""#),
    ),
    (
        r#""type": "date", "minimum": "2009-05-12""#,
        r#""2009-05-11""#,
        Err(("out_of_range", "must not be before 2009-05-12")),
    ),
    (
        r#""type": "date", "maximum": "2009-05-12""#,
        r#""2009-05-13T00:00:00Z""#,
        Err(("out_of_range", "must not be after 2009-05-12")),
    ),
    (
        r#""type": "date", "minimum": "2009-05-12""#,
        r#""2009-5-1""#,
        Err(("invalid_format", "must be a date like `2009-05-12`")),
    ),
    (
        r#""type": "datetime", "maximum": "2009-05-12T14:00:00+02:00""#,
        r#""2009-05-12T12:00:00.001Z""#,
        Err(("out_of_range", "must not be after 2009-05-12T12:00:00.000Z")),
    ),
    (
        r#""type": "datetime", "minimum": "2009-05-12T14:00:00+02:00""#,
        r#""2009-05-12T13:00:00+01:00""#,
        Ok(r#""2009-05-12T12:00:00.000Z""#),
    ),
];

#[test]
fn a_value_is_in_its_range_and_among_those_listed() {
    for (declaration, value, expected) in CASES {
        match expected {
            Ok(canonical) => {
                let event =
                    valid(&validator_of_attribute(declaration), &format!(r#"{{"E":{{"v":{value}}}}}"#));
                let json = event.extension("E").unwrap().to_json();
                assert_eq!(json, format!(r#"{{"v":{canonical}}}"#), "{declaration}: {value}");
            }
            Err((expected, message)) => {
                let violation = only_violation(declaration, value);
                assert_eq!(
                    (code(&violation), &*violation.message()),
                    (*expected, *message),
                    "{declaration}: {value}"
                );
                assert_eq!(violation.pointer(), "/E/v");
            }
        }
    }
}

#[test]
fn no_value_is_neither_listed_nor_in_a_range() {
    for declaration in [r#""type": "string", "values": ["a"]"#, r#""type": "integer", "minimum": 1"#] {
        let validator = validator_of_attribute(declaration);
        for body in [r#"{"E":{}}"#, r#"{"E":{"v":null}}"#] {
            assert_eq!(found(&validator, body), [], "{declaration}: {body}");
        }
    }
}

#[test]
fn extensions_made_in_rust_follow_the_same_rules() {
    for (declaration, value, expected) in [
        (r#""type": "string", "values": ["a", "b"]"#, Value::String("b"), None),
        (r#""type": "string", "values": ["a", "b"]"#, Value::String("c"), Some("unknown_value")),
        (r#""type": "integer", "minimum": 1"#, Value::Integer(1), None),
        (r#""type": "integer", "minimum": 1"#, Value::Integer(0), Some("out_of_range")),
        (r#""type": "double", "maximum": 1.5"#, Value::Double(f64::INFINITY), Some("out_of_range")),
        (r#""type": "double", "maximum": 1.5"#, Value::Double(f64::NAN), Some("out_of_range")),
    ] {
        let made = Extension::builder(&schema(declaration)).record(|record| {
            record.set("v", value);
        });
        let codes = match made.build() {
            Ok(_) => None,
            Err(violations) => Some(code(&violations.as_slice()[0])),
        };
        assert_eq!(codes, expected, "{declaration}: {value:?}");
    }
}

#[test]
fn a_stored_value_that_is_no_longer_listed_or_in_range_is_unreadable() {
    let read = |schema: ExtensionSchema, json: &str| {
        let stored = StoredService::new(7, 1, at(START)).with_extension("E", json);
        let service = Service::read(&stored, &Schemas::new().with(schema).unwrap());
        service.unreadable().is_empty()
    };
    for (declaration, json, readable) in [
        (r#""type": "string", "values": ["a"]"#, r#"{"v":"a"}"#, true),
        (r#""type": "string", "values": ["a"]"#, r#"{"v":"b"}"#, false),
        (r#""type": "string", "values": ["a"]"#, "{}", true),
        (r#""type": "integer", "maximum": 5"#, r#"{"v":5}"#, true),
        (r#""type": "integer", "maximum": 5"#, r#"{"v":6}"#, false),
        // As with the length.
        (r#""type": "string", "length": 1"#, r#"{"v":"ab"}"#, false),
    ] {
        assert_eq!(read(schema(declaration), json), readable, "{declaration}: {json}");
    }
}

#[test]
fn what_is_told_of_a_value_that_is_not_listed() {
    let numbers = (1..=1000).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    let violation = only_violation(&format!(r#""type": "integer", "values": [{numbers}]"#), "0");
    let expected = violation.expected().unwrap();
    assert_eq!((expected.len(), expected.more()), (20, 980));
    assert_eq!(expected.iter().next(), Some("1"));
    assert!(violation.params().is_empty());

    let colours = r#""type": "string", "values": ["turquoise", "green", "blue", "Grey"]"#;
    for (value, suggestion) in [
        ("turqoise", Some("turquoise")),
        ("GREEN", Some("green")),
        ("bule", Some("blue")),
        ("gray", Some("Grey")),
        ("black", None),
        ("", None),
    ] {
        let violation = only_violation(colours, &format!("\"{value}\""));
        assert_eq!(violation.suggestion(), suggestion, "{value}");
        let told = serde_json::to_string(&violation).unwrap();
        assert!(value.is_empty() || !told.contains(&format!("\"{value}\"")), "{told}");
        assert_eq!(violation.expected().unwrap().len(), 4);
    }
}

#[test]
fn the_bound_that_is_broken_is_a_parameter() {
    for (declaration, value, params) in [
        (r#""type": "integer", "minimum": 1, "maximum": 5"#, "0", r#"{"minimum":1}"#),
        (r#""type": "integer", "minimum": 1, "maximum": 5"#, "7", r#"{"maximum":5}"#),
        (r#""type": "double", "maximum": 5"#, "7", r#"{"maximum":5.0}"#),
        (r#""type": "currency", "maximum": 12.5"#, "13", r#"{"maximum":12.5}"#),
        (r#""type": "date", "minimum": "2009-05-12""#, r#""2009-05-11""#, r#"{"minimum":"2009-05-12"}"#),
    ] {
        let violation = only_violation(declaration, value);
        assert_eq!(serde_json::to_string(&violation.params()).unwrap(), params, "{declaration}");
        assert!(violation.expected().is_none());
    }
}

#[test]
fn a_search_for_near_values_has_its_bound() {
    let long = |last: &str| format!("\"{}{last}\"", "x".repeat(200));
    let values: Vec<_> = (0..1000).map(|n| long(&format!("{n:04}"))).collect();
    let json = format!(
        r#"{{ "name": "E", "type": "multi-valued",
             "attributes": [ {{ "name": "v", "type": "string", "values": [{}] }} ] }}"#,
        values.join(",")
    );
    let records: Vec<_> = (0..100).map(|n| format!(r#"{{"v":{}}}"#, long(&format!("y{n:03}")))).collect();
    let found = violations(&validator_of(&json), &format!(r#"{{"E":[{}]}}"#, records.join(",")));
    assert_eq!(found.len(), 100);
    assert_eq!(found.last().unwrap().suggestion(), None, "the budget is spent");
}

#[test]
fn mistakes_in_bounds() {
    for (declaration, expected) in [
        (r#""type": "string", "minimum": "a""#, &[("/minimum", "range_not_applicable")][..]),
        (
            r#""type": "boolean", "minimum": false, "maximum": true"#,
            &[("/maximum", "range_not_applicable"), ("/minimum", "range_not_applicable")],
        ),
        (r#""type": "integer", "minimum": "1""#, &[("/minimum", "invalid_range")]),
        (r#""type": "integer", "minimum": null"#, &[("/minimum", "invalid_range")]),
        (r#""type": "integer", "maximum": []"#, &[("/maximum", "invalid_range")]),
        (r#""type": "integer", "maximum": 2147483648"#, &[("/maximum", "invalid_range")]),
        (r#""type": "date", "maximum": "2009-02-30""#, &[("/maximum", "invalid_range")]),
        (r#""type": "datetime", "maximum": "2009-05-12""#, &[("/maximum", "invalid_range")]),
        (r#""type": "currency", "maximum": 0.00001"#, &[("/maximum", "invalid_range")]),
        (
            r#""type": "long", "minimum": {}, "maximum": 1.5"#,
            &[("/maximum", "invalid_range"), ("/minimum", "invalid_range")],
        ),
        (r#""type": "integer", "minimum": 6, "maximum": 5"#, &[("/minimum", "invalid_range")]),
        (r#""type": "double", "minimum": 0.1, "maximum": 0"#, &[("/minimum", "invalid_range")]),
        (r#""type": "integer", "minimum": 5, "maximum": 5"#, &[]),
        (r#""type": "double", "minimum": 0, "maximum": -0.0"#, &[]),
        (r#""type": "integer", "minimum": 1, "minimum": "x""#, &[("/minimum", "duplicate_key")]),
        // Without a type nothing can be said of a bound.
        (r#""type": "int", "minimum": "x", "maximum": []"#, &[("/type", "unknown_type")]),
    ] {
        let declaration = format!(r#"{{ "name": "v", {declaration} }}"#);
        check_attributes(&[(&declaration, expected)]);
    }
}

#[test]
fn mistakes_in_values() {
    let many = format!("[{}]", (0..1001).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
    let most = many.replace(",1000]", "]");
    for (declaration, expected) in [
        (format!(r#""type": "integer", "values": {most}"#), &[][..]),
        (format!(r#""type": "integer", "values": {many}"#), &[("/values", "invalid_values")]),
        (format!(r#""type": "string", "values": {many}"#), &[("/values", "invalid_values")]),
        (r#""type": "string", "values": []"#.into(), &[("/values", "invalid_values")]),
        (r#""type": "string", "values": "a""#.into(), &[("/values", "invalid_values")]),
        (r#""type": "string", "values": null"#.into(), &[("/values", "invalid_values")]),
        (r#""type": "string", "values": {}"#.into(), &[("/values", "invalid_values")]),
        (
            r#""type": "string", "length": 2, "values": ["abc", 7, "ab", null, "a\u0000", ["a"]]"#.into(),
            &[
                ("/values/0", "invalid_values"),
                ("/values/1", "invalid_values"),
                ("/values/3", "invalid_values"),
                ("/values/4", "invalid_values"),
                ("/values/5", "invalid_values"),
            ],
        ),
        (
            r#""type": "integer", "values": [1, 1.0, "1", 2, 1e0]"#.into(),
            &[
                ("/values/1", "invalid_values"),
                ("/values/2", "invalid_values"),
                ("/values/4", "invalid_values"),
            ],
        ),
        (r#""type": "string", "values": ["a", "A"]"#.into(), &[]),
        (
            r#""type": "integer", "minimum": 1, "maximum": 3, "values": [0, 1, 3, 4]"#.into(),
            &[("/values/0", "invalid_values"), ("/values/3", "invalid_values")],
        ),
        // Without a type something can be said of the list, but not of its values.
        (r#""type": "int", "values": [1, 1]"#.into(), &[("/type", "unknown_type")]),
        (
            r#""type": "int", "values": []"#.into(),
            &[("/type", "unknown_type"), ("/values", "invalid_values")],
        ),
    ] {
        let declaration = format!(r#"{{ "name": "v", {declaration} }}"#);
        check_attributes(&[(&declaration, expected)]);
    }
    for t in ["double", "boolean", "date", "datetime", "currency"] {
        for values in ["[]", "[1]", "7"] {
            let declaration = format!(r#"{{ "name": "v", "type": "{t}", "values": {values} }}"#);
            check_attributes(&[(&declaration, &[("/values", "values_not_applicable")])]);
        }
    }
}

#[test]
fn a_default_satisfies_the_values_and_the_bounds() {
    for (declaration, expected) in [
        (r#""type": "integer", "values": [1, 2], "default": 2.0"#, &[][..]),
        (r#""type": "integer", "values": [1, 2], "default": 3"#, &[("/default", "invalid_default")]),
        (r#""type": "string", "values": ["a"], "default": "b""#, &[("/default", "invalid_default")]),
        (r#""type": "string", "values": ["a"], "default": null"#, &[]),
        (r#""type": "integer", "minimum": 1, "default": 0"#, &[("/default", "invalid_default")]),
        (
            r#""type": "date", "maximum": "2009-05-12", "default": "2009-05-13""#,
            &[("/default", "invalid_default")],
        ),
        // The order of the keys does not matter.
        (r#""default": 3, "values": [1, 2], "type": "integer""#, &[("/default", "invalid_default")]),
    ] {
        let declaration = format!(r#"{{ "name": "v", {declaration} }}"#);
        check_attributes(&[(&declaration, expected)]);
    }
}

#[test]
fn what_has_a_mistake_takes_no_part_in_judging_what_comes_after_it() {
    for (declaration, expected) in [
        (
            r#""type": "integer", "minimum": "x", "values": [0], "default": 0"#,
            &[("/minimum", "invalid_range")][..],
        ),
        // The other bound has none.
        (
            r#""type": "integer", "minimum": "x", "maximum": 1, "values": [0, 2]"#,
            &[("/minimum", "invalid_range"), ("/values/1", "invalid_values")],
        ),
        // Of two that are the wrong way round, either may be meant.
        (
            r#""type": "integer", "minimum": 9, "maximum": 1, "values": [5], "default": 5"#,
            &[("/minimum", "invalid_range")],
        ),
        (r#""type": "integer", "values": [1, "x"], "default": 5"#, &[("/values/1", "invalid_values")]),
        (r#""type": "integer", "values": [], "default": 5"#, &[("/values", "invalid_values")]),
        (
            r#""type": "string", "length": 0, "values": ["abc"], "default": "abc""#,
            &[("/length", "invalid_length")],
        ),
        (
            r#""type": "integer", "maximum": 3, "values": [1, 7], "default": 7"#,
            &[("/default", "invalid_default"), ("/values/1", "invalid_values")],
        ),
    ] {
        let declaration = format!(r#"{{ "name": "v", {declaration} }}"#);
        check_attributes(&[(&declaration, expected)]);
    }
}

#[test]
fn mistakes_come_bounds_first_then_values_then_the_default() {
    let json = r#"{ "name": "E", "type": "multi-valued", "required": 1, "attributes": [
        { "default": "z", "values": [true], "maximum": "y", "minimum": "x", "mandatory": 1, "name": "v", "type": "long" } ] }"#;
    let Err(DeclarationError::Invalid(violations)) = ExtensionSchema::from_json(json) else { panic!() };
    let pointers: Vec<_> = violations.iter().map(Violation::pointer).collect();
    assert_eq!(
        pointers,
        [
            "/attributes/0/mandatory",
            "/attributes/0/minimum",
            "/attributes/0/maximum",
            "/attributes/0/values/0",
            "/attributes/0/default",
            "/required",
        ]
    );
    for violation in &violations {
        assert!(violation.span().is_some(), "{violation}");
    }
}

#[test]
fn required_is_true_or_false() {
    let with = |required: &str| {
        format!(
            r#"{{ "name": "E", "type": "multi-valued", "required": {required},
                  "attributes": [ {{ "name": "a", "type": "long" }} ] }}"#
        )
    };
    for required in ["0", "1", "null", r#""yes""#, r#""TRUE""#, r#""""#, "[]", "{}"] {
        check(&[(&with(required), &[("/required", "invalid_required")])]);
    }
    for (required, expected) in [("true", true), ("false", false), (r#""true""#, true), (r#""false""#, false)]
    {
        assert_eq!(ExtensionSchema::from_json(with(required)).unwrap().is_required(), expected, "{required}");
    }
}

const CANONICAL: &str = concat!(
    r#"{"name":"E","type":"multi-valued","attributes":["#,
    r#"{"name":"s","type":"string","length":4,"mandatory":true,"default":"mail","values":["call","mail"]},"#,
    r#"{"name":"i","type":"integer","values":[5,1],"minimum":1,"maximum":5},"#,
    r#"{"name":"l","type":"long","values":[9007199254740993],"minimum":-1},"#,
    r#"{"name":"d","type":"double","maximum":5.0},"#,
    r#"{"name":"day","type":"date","minimum":"2009-05-12"},"#,
    r#"{"name":"at","type":"datetime","maximum":"2009-05-12T12:05:12.000Z"},"#,
    r#"{"name":"c","type":"currency","minimum":0,"maximum":12.5}],"#,
    r#""required":true}"#,
);

#[test]
fn the_canonical_form_tells_them_and_reads_back_equal() {
    let written = CANONICAL
        .replace("true", r#""true""#)
        .replace("[5,1]", "[5.0, 1e0]")
        .replace(r#""maximum":5.0"#, r#""maximum":5"#)
        .replace("2009-05-12\"", "2009-05-12T00:00:00Z\"")
        .replace(r#""type":"date""#, r#""type":"DATE""#)
        .replace("12.5", r#""12.50""#);
    assert_ne!(written, CANONICAL);
    let schema = ExtensionSchema::from_json(written).unwrap();
    assert_eq!(schema.to_json(), CANONICAL);
    assert_eq!(ExtensionSchema::from_json(CANONICAL), Ok(schema));
}

#[test]
fn made_in_rust_they_are_the_same() {
    let made = ExtensionSchema::multi_valued("E")
        .attribute(
            AttributeSchema::string("s").length(4).mandatory().default("mail").values(["call", "mail"]),
        )
        .attribute(AttributeSchema::integer("i").values([5, 1]).minimum(1).maximum(5))
        .attribute(AttributeSchema::long("l").values([9_007_199_254_740_993_i64]).minimum(-1))
        .attribute(AttributeSchema::double("d").maximum(5.0))
        .attribute(AttributeSchema::date("day").minimum("2009-05-12"))
        .attribute(AttributeSchema::datetime("at").maximum(at("2009-05-12T12:05:12Z")))
        .attribute(AttributeSchema::currency("c").minimum(0).maximum(Currency::from_ten_thousandths(125_000)))
        .required()
        .build()
        .unwrap();
    assert_eq!(Ok(&made), ExtensionSchema::from_json(CANONICAL).as_ref());
    assert!(made.is_required());
    let i = made.attribute("i").unwrap();
    assert_eq!((i.minimum(), i.maximum()), (Some(Value::Integer(1)), Some(Value::Integer(5))));
    assert!(i.values().unwrap().eq([Value::Integer(5), Value::Integer(1)]));
    assert!(made.attribute("l").unwrap().values().unwrap().eq([Value::Long(9_007_199_254_740_993)]));
    assert!(made.attribute("d").unwrap().values().is_none());

    let mistakes = ExtensionSchema::single_valued("E")
        .attribute(AttributeSchema::integer("i").minimum(2).maximum(1).values(["x"]))
        .build()
        .unwrap_err();
    let pointers: Vec<_> = mistakes.iter().map(Violation::pointer).collect();
    assert_eq!(pointers, ["/attributes/0/minimum", "/attributes/0/values/0"]);
}

#[test]
fn schemas_that_differ_in_them_are_not_equal() {
    let schema = ExtensionSchema::from_json(CANONICAL).unwrap();
    for (from, to) in [
        (r#"["call","mail"]"#, r#"["mail","call"]"#),
        (r#"["call","mail"]"#, r#"["mail"]"#),
        (r#""minimum":1,"#, ""),
        (r#""maximum":5.0"#, r#""maximum":5.5"#),
        (r#","required":true"#, ""),
    ] {
        assert_ne!(ExtensionSchema::from_json(CANONICAL.replace(from, to)).unwrap(), schema, "{from}");
    }
}
