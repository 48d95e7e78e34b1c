//! 2.1: the fixed fields of the end event.

use service_end::{
    BusinessAttributes, FixedFields, Schemas, ServiceEndEvent, ServiceId, Validator, event::BusinessValue,
    schema::BusinessField,
};

use crate::support::{check, found, valid};

fn validator() -> Validator {
    Validator::new(Schemas::new())
}

fn as_json(event: &ServiceEndEvent) -> String {
    serde_json::to_string(event).unwrap()
}

const TEXT: [(&str, usize); 3] = [("session_id", 32), ("interaction_id", 50), ("disposition_desc", 64)];
const IDS: [&str; 2] = ["application_id", "resource_id"];
const BUSINESS: [&str; 4] = ["application_type", "resource_type", "media_type", "disposition"];

#[test]
fn every_field_is_optional() {
    let event = valid(&validator(), "{}");
    assert_eq!(
        (event.fields(), event.timestamp(), event.service_id()),
        (&FixedFields::default(), None, None)
    );
    assert!(event.extensions().is_empty());
}

#[test]
fn text_is_limited_in_characters() {
    for (field, limit) in TEXT {
        for character in ["x", "é", "😀"] {
            let body = |length: usize| format!(r#"{{"{field}":"{}"}}"#, character.repeat(length));
            assert_eq!(as_json(&valid(&validator(), &body(limit))), body(limit));
            assert_eq!(found(&validator(), &body(limit + 1)), [(format!("/{field}"), "too_long")]);
        }
    }
}

#[test]
fn each_field_takes_its_types_only() {
    let text: Vec<_> = TEXT.iter().map(|(field, _)| *field).chain(["timestamp"]).collect();
    let refused: [(&[&str], &[&str]); 3] = [
        (&text, &["1", "1.5", "true", "[]", "{}"]),
        (&IDS, &[r#""1""#, "1.5", "false", "[1]", r#"{"a":1}"#]),
        (&BUSINESS, &["1.5", "true", "[]", "{}"]),
    ];
    for (fields, values) in refused {
        for field in fields {
            for value in values {
                let body = format!(r#"{{"{field}":{value}}}"#);
                assert_eq!(found(&validator(), &body), [(format!("/{field}"), "wrong_type")], "{body}");
            }
        }
    }
}

#[test]
fn integers_follow_the_rule_for_long() {
    for field in IDS.iter().chain(&BUSINESS) {
        for (value, canonical) in
            [("9223372036854775807", "9223372036854775807"), ("7.0", "7"), ("-0", "0"), ("1e3", "1000")]
        {
            let event = valid(&validator(), &format!(r#"{{"{field}":{value}}}"#));
            assert_eq!(as_json(&event), format!(r#"{{"{field}":{canonical}}}"#));
        }
        for value in ["9223372036854775808", "1e19", "9007199254740992.0"] {
            let body = format!(r#"{{"{field}":{value}}}"#);
            assert_eq!(found(&validator(), &body), [(format!("/{field}"), "out_of_range")], "{body}");
        }
    }
}

#[test]
fn null_is_the_same_as_leaving_it_out() {
    for field in
        TEXT.iter().map(|(field, _)| field).chain(&IDS).chain(&BUSINESS).chain(&["timestamp", "service_id"])
    {
        assert_eq!(valid(&validator(), &format!(r#"{{"{field}":null}}"#)), valid(&validator(), "{}"));
    }
}

#[test]
fn no_string_contains_u_0000() {
    for field in TEXT.iter().map(|(field, _)| field).chain(&BUSINESS) {
        let body = format!(r#"{{"{field}":"a\u0000"}}"#);
        assert_eq!(found(&validator(), &body), [(format!("/{field}"), "forbidden_character")]);
    }
    check(
        &validator(),
        &[(r#"{"timestamp":"2009-05-12T12:05:12\u0000"}"#, &[("/timestamp", "invalid_format")])],
    );
}

#[test]
fn names_are_case_sensitive_and_every_other_key_names_an_extension() {
    check(
        &validator(),
        &[
            (r#"{"Session_id":"x"}"#, &[("/Session_id", "unknown_extension")]),
            (
                r#"{"TIMESTAMP":1,"started":{},"completed":{}}"#,
                &[
                    ("/TIMESTAMP", "unknown_extension"),
                    ("/started", "unknown_extension"),
                    ("/completed", "unknown_extension"),
                ],
            ),
            (r#"{"":1}"#, &[("/", "unknown_extension")]),
        ],
    );
}

#[test]
fn the_timestamp_is_read_as_rfc_3339() {
    let event = valid(&validator(), r#"{"timestamp":"2009-05-12T14:05:12.1459+02:00"}"#);
    assert_eq!(event.timestamp().unwrap().to_string(), "2009-05-12T12:05:12.145Z");
    assert_eq!(valid(&validator(), "{}").timestamp(), None, "the time of processing is used");
}

#[test]
fn the_service_id_is_optional_and_read_as_a_long() {
    assert_eq!(valid(&validator(), r#"{"service_id":36981723}"#).service_id(), Some(ServiceId(36_981_723)));
    assert_eq!(valid(&validator(), r#"{"service_id":7.0}"#).service_id(), Some(ServiceId(7)));
    check(
        &validator(),
        &[
            (r#"{"service_id":"7"}"#, &[("/service_id", "wrong_type")]),
            (r#"{"service_id":1e19}"#, &[("/service_id", "out_of_range")]),
            (r#"{"service_id":7,"service_id":7}"#, &[("/service_id", "duplicate_key")]),
        ],
    );
}

#[test]
fn a_field_given_twice_is_refused_even_as_null() {
    check(
        &validator(),
        &[
            (r#"{"disposition":1,"disposition":1}"#, &[("/disposition", "duplicate_key")]),
            (r#"{"disposition":null,"disposition":{}}"#, &[("/disposition", "duplicate_key")]),
            (
                r#"{"resource_id":"x","resource_id":"y","resource_id":1}"#,
                &[
                    ("/resource_id", "wrong_type"),
                    ("/resource_id", "duplicate_key"),
                    ("/resource_id", "duplicate_key"),
                ],
            ),
        ],
    );
}

fn dispositions() -> BusinessAttributes {
    BusinessAttributes::new()
        .with(BusinessField::Disposition, [(10, "Resolved"), (11, "Escalated"), (-1, "10")])
        .unwrap()
}

fn with_dispositions() -> Validator {
    validator().with_business_attributes(dispositions())
}

#[test]
fn a_validator_tells_its_enumerations() {
    assert_eq!(validator().business_attributes(), &BusinessAttributes::new());
    assert_eq!(with_dispositions().business_attributes(), &dispositions());
}

#[test]
fn without_an_enumeration_any_integer_or_string_is_recorded_as_sent() {
    for field in BUSINESS {
        for value in ["-5", r#""voice""#, r#""10""#, r#""""#] {
            let body = format!(r#"{{"{field}":{value}}}"#);
            assert_eq!(as_json(&valid(&validator(), &body)), body);
        }
        let long = format!(r#"{{"{field}":"{}"}}"#, "é".repeat(255));
        assert_eq!(as_json(&valid(&validator(), &long)), long);
        let too_long = format!(r#"{{"{field}":"{}"}}"#, "é".repeat(256));
        assert_eq!(found(&validator(), &too_long), [(format!("/{field}"), "too_long")]);
    }
}

#[test]
fn with_an_enumeration_an_id_or_a_name_to_the_letter_is_recorded_as_the_id() {
    for (value, id) in [("10", 10), (r#""Resolved""#, 10), ("11.0", 11), (r#""10""#, -1)] {
        let event = valid(&with_dispositions(), &format!(r#"{{"disposition":{value}}}"#));
        assert_eq!(event.fields().disposition, Some(BusinessValue::Id(id)), "{value}");
    }
    for value in ["12", r#""resolved""#, r#""Resolved ""#, r#""11""#, r#""""#] {
        let body = format!(r#"{{"disposition":{value}}}"#);
        assert_eq!(
            found(&with_dispositions(), &body),
            [("/disposition".to_owned(), "unknown_business_value")]
        );
    }
    assert_eq!(
        found(&with_dispositions(), r#"{"media_type":"anything"}"#),
        [],
        "declared for another field only"
    );
}

#[test]
fn of_a_business_attribute_the_first_thing_wrong_is_told() {
    let too_long = "x".repeat(256);
    for (value, code) in [
        ("1.5".to_owned(), "wrong_type"),
        ("1e19".to_owned(), "out_of_range"),
        (format!(r#""{too_long}\u0000""#), "forbidden_character"),
        (format!(r#""{too_long}""#), "too_long"),
        (r#""x""#.to_owned(), "unknown_business_value"),
    ] {
        let body = format!(r#"{{"disposition":{value}}}"#);
        assert_eq!(found(&with_dispositions(), &body), [("/disposition".to_owned(), code)], "{code}");
    }
}

#[test]
fn an_empty_enumeration_refuses_every_value() {
    let business = BusinessAttributes::from_json(r#"{"media_type":[]}"#).unwrap();
    let validator = validator().with_business_attributes(business);
    for value in ["0", r#""voice""#] {
        let body = format!(r#"{{"media_type":{value}}}"#);
        assert_eq!(found(&validator, &body), [("/media_type".to_owned(), "unknown_business_value")]);
    }
    assert_eq!(found(&validator, r#"{"media_type":null}"#), []);
}
