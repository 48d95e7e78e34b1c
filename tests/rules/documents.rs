//! Section 3: the JSON of a stored service, written and read.

use service_end::{
    CompleteService, Extension, ReadError, Schemas, Service, ServiceEndEvent, StoredService, Validator,
    Value, Version,
    service::{End, Unreadable},
    value::Currency,
    violation::Code,
};

use crate::stage::{
    ID, START, active, at, document, end, ended_by, operation, schemas, store_with, stored, validator,
};
use crate::support::unreadable;

/// One extension with an attribute of each type, one with defaults.
fn all_types() -> Schemas {
    Schemas::from_json(
        r#"[
          { "name": "All", "type": "single-valued", "attributes": [
            { "name": "text", "type": "string" }, { "name": "int", "type": "integer" },
            { "name": "long", "type": "long" }, { "name": "double", "type": "double" },
            { "name": "truth", "type": "boolean" }, { "name": "day", "type": "date" },
            { "name": "moment", "type": "datetime" }, { "name": "amount", "type": "currency" } ] },
          { "name": "Defaults", "type": "multi-valued", "attributes": [
            { "name": "plain", "type": "integer" }, { "name": "rating", "type": "integer", "default": 5 },
            { "name": "day", "type": "date", "default": "2009-05-12T02:00:00+02:00" },
            { "name": "amount", "type": "currency", "default": 19.90 } ] } ]"#,
    )
    .unwrap()
}

/// The document of the stage's service after an end with this body, under the schemas of [`all_types`].
fn ended_with_all_types(body: &str) -> Service {
    let operation = CompleteService::new(Validator::new(all_types()), store_with(active()));
    assert_eq!(end(&operation, body), "ended", "{body}");
    Service::read(&stored(operation.storage()), &all_types())
}

fn written(service: &Service) -> String {
    serde_json::to_string(service).unwrap()
}

fn read_back(document: &str, schemas: &Schemas) -> Service {
    Service::read(&StoredService::from_json(document, 1).unwrap(), schemas)
}

#[test]
fn the_document_of_the_original_example() {
    let operation = operation();
    let body = r#"{ "timestamp": "2009-05-12T12:05:12.145Z", "disposition": 10, "resource_id": 5005,
        "feedback": { "rating": 7, "FeedbackType": "survey", "notes": null }, "Satisfaction": [ { "rating": 2 } ] }"#;
    assert_eq!(end(&operation, body), "ended");
    assert_eq!(
        document(operation.storage()),
        r#"{"service_id":36981723,"started":{"timestamp":"2009-05-12T11:50:00.000Z"},"#.to_owned()
            + r#""completed":{"timestamp":"2009-05-12T12:05:12.145Z","resource_id":5005,"disposition":10},"#
            + r#""Feedback":{"FeedbackType":"survey","rating":7},"#
            + r#""Satisfaction":[{"rating":2,"place":"unknown"}]}"#
    );
}

#[test]
fn completed_is_there_only_once_the_service_has_ended() {
    let active = document(operation().storage());
    assert_eq!(active, format!(r#"{{"service_id":{ID},"started":{{"timestamp":"{START}"}}}}"#));
    assert!(read_back(&active, &schemas()).end().is_none());
    assert!(document(ended_by("{}").storage()).contains(r#""completed":{"timestamp":""#));
}

#[test]
fn completed_holds_the_fixed_fields_only() {
    let fields = r#""session_id":"s","interaction_id":"i","application_type":"ivr","application_id":-9223372036854775808,"resource_type":2,"resource_id":9223372036854775807,"media_type":"1","disposition":0,"disposition_desc":"""#;
    let end = format!(r#"{{"timestamp":"2009-05-12T12:05:12.145Z",{fields}}}"#);
    let operation = ended_by(&end.replacen('{', &format!(r#"{{ "service_id": {ID}, "#), 1));
    let recorded = stored(operation.storage()).end.unwrap();
    assert_eq!(recorded.to_json(), end);
    assert_eq!(End::from_json(&end), Ok(recorded));
    assert!(document(operation.storage()).contains(&format!(r#""completed":{end}"#)));
}

#[test]
fn an_empty_set_is_left_out_and_an_empty_record_is_not() {
    let service = ended_with_all_types(r#"{ "All": {}, "Defaults": [] }"#);
    assert!(written(&service).ends_with(r#"},"All":{}}"#), "{}", written(&service));
    let service = StoredService::from_json(
        format!(r#"{{"service_id":{ID},"started":{{"timestamp":"{START}"}},"defaults":[]}}"#),
        1,
    );
    let service = Service::read(&service.unwrap(), &all_types());
    assert!(service.unreadable().is_empty());
    assert!(!written(&service).contains("Defaults"), "{}", written(&service));
}

#[test]
fn a_record_lists_its_attributes_in_schema_order_without_those_that_have_no_value() {
    let cases = [
        ("{}", r#"{"rating":5,"day":"2009-05-12","amount":19.9}"#),
        (
            r#"{ "amount": 1, "DAY": "2010-01-01", "rating": 1, "plain": 2 }"#,
            r#"{"plain":2,"rating":1,"day":"2010-01-01","amount":1}"#,
        ),
        (r#"{ "amount": null, "rating": null, "plain": null }"#, r#"{"day":"2009-05-12"}"#),
        (r#"{ "amount": null, "rating": null, "day": null }"#, "{}"),
    ];
    for (sent, expected) in cases {
        let service = ended_with_all_types(&format!(r#"{{ "Defaults": [ {sent} ] }}"#));
        let document = written(&service);
        assert!(document.ends_with(&format!(r#","Defaults":[{expected}]}}"#)), "{sent}: {document}");
        assert_eq!(read_back(&document, &all_types()), service, "{sent}");
    }
}

/// Attribute, what is sent, what is written.
const FORMS: [(&str, &str, &str); 57] = [
    ("text", r#""""#, r#""""#),
    ("text", r#""\"\\\/\b\f\n\r\t\u0001\u007f""#, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\u{7f}\""),
    ("text", r#""\u00e9e\u0301 \ud83d\ude00\udbff\udfff""#, "\"\u{e9}e\u{301} \u{1f600}\u{10ffff}\""),
    ("text", "\"\u{feff}\u{200f}\u{e000}\u{fffd}\"", "\"\u{feff}\u{200f}\u{e000}\u{fffd}\""),
    ("text", r#""2009-05-12""#, r#""2009-05-12""#),
    ("int", "2147483647", "2147483647"),
    ("int", "-2147483648", "-2147483648"),
    ("int", "-0", "0"),
    ("int", "7.0", "7"),
    ("int", "-2.147483648e9", "-2147483648"),
    ("long", "9223372036854775807", "9223372036854775807"),
    ("long", "-9223372036854775808", "-9223372036854775808"),
    ("long", "9007199254740991.0", "9007199254740991"),
    ("long", "9007199254740993", "9007199254740993"),
    ("double", "0", "0.0"),
    ("double", "-0.0", "0.0"),
    ("double", "-0", "0.0"),
    ("double", "7", "7.0"),
    ("double", "0.1", "0.1"),
    ("double", "0.30000000000000004", "0.30000000000000004"),
    ("double", "9007199254740993", "9007199254740992.0"),
    ("truth", "true", "true"),
    ("truth", "false", "false"),
    ("day", r#""0001-01-01""#, r#""0001-01-01""#),
    ("day", r#""9999-12-31""#, r#""9999-12-31""#),
    ("day", r#""2000-02-29""#, r#""2000-02-29""#),
    ("day", r#""2009-05-12T00:00:00Z""#, r#""2009-05-12""#),
    ("day", r#""2009-05-11T22:00:00.000-02:00""#, r#""2009-05-12""#),
    ("moment", r#""0001-01-01T00:00:00Z""#, r#""0001-01-01T00:00:00.000Z""#),
    ("moment", r#""9999-12-31T23:59:59.9999Z""#, r#""9999-12-31T23:59:59.999Z""#),
    ("moment", r#""1969-12-31T23:59:59.9999999Z""#, r#""1969-12-31T23:59:59.999Z""#),
    ("moment", r#""2009-05-12t14:05:12.1459+02:00""#, r#""2009-05-12T12:05:12.145Z""#),
    // A number where the number is read back exactly.
    ("amount", "0", "0"),
    ("amount", "-0.0", "0"),
    ("amount", r#""-0.0000""#, "0"),
    ("amount", "12.50", "12.5"),
    ("amount", r#""12.5000""#, "12.5"),
    ("amount", r#""0.0001""#, "0.0001"),
    ("amount", "-0.0001", "-0.0001"),
    ("amount", "1e-4", "0.0001"),
    ("amount", r#""007.10""#, "7.1"),
    ("amount", "0.3", "0.3"),
    ("amount", "4503599627.3703", "4503599627.3703"),
    ("amount", r#""99999999999.9999""#, "99999999999.9999"),
    ("amount", r#""-99999999999.9999""#, "-99999999999.9999"),
    ("amount", "99999999999.9999", "99999999999.9999"),
    ("amount", "100000000000", "100000000000"),
    ("amount", r#""100000000000.0000""#, "100000000000"),
    ("amount", "922337203685477", "922337203685477"),
    ("amount", r#""-922337203685477.0""#, "-922337203685477"),
    // A numeric string otherwise.
    ("amount", r#""100000000000.0001""#, r#""100000000000.0001""#),
    ("amount", r#""-100000000000.0001""#, r#""-100000000000.0001""#),
    ("amount", r#""100000000000.50""#, r#""100000000000.5""#),
    ("amount", r#""922337203685477.5807""#, r#""922337203685477.5807""#),
    ("amount", r#""-922337203685477.5808""#, r#""-922337203685477.5808""#),
    ("amount", r#""922337203685477.0001""#, r#""922337203685477.0001""#),
    ("amount", r#""123456789012345.6789""#, r#""123456789012345.6789""#),
];

#[test]
fn every_value_has_one_form_and_what_is_written_reads_back_equal() {
    for (attribute, sent, expected) in FORMS {
        let service = ended_with_all_types(&format!(r#"{{ "All": {{ "{attribute}": {sent} }} }}"#));
        let document = written(&service);
        let form = format!(r#","All":{{"{attribute}":{expected}}}}}"#);
        assert!(document.ends_with(&form), "{attribute} {sent}: {document}");
        let back = read_back(&document, &all_types());
        assert_eq!(back, service, "{attribute} {sent}");
        assert_eq!(written(&back), document, "{attribute} {sent}");
    }
}

#[test]
fn every_double_reads_back_equal() {
    let doubles = [
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        -5e-324,
        1e16,
        1e21,
        1e-7,
        123_456_789.012_345_67,
        8.41e21,
        f64::from_bits(0x000f_ffff_ffff_ffff),
        9_007_199_254_740_993.0,
        0.1 + 0.2,
    ];
    let schema = all_types().get("All").unwrap().clone();
    for double in doubles {
        let extension = Extension::builder(&schema)
            .record(|record| {
                record.set("double", double);
            })
            .build()
            .unwrap();
        let service = StoredService::new(ID, 1, at(START)).with_extension("All", extension.to_json());
        let back = Service::read(&service, &all_types());
        assert_eq!(back.extension("all"), Some(&extension), "{double:e}");
        let Some(Value::Double(read)) = back.extension("all").unwrap().record().unwrap().get("double") else {
            panic!("{double:e} is there");
        };
        assert_eq!(read.to_bits(), double.to_bits(), "{double:e}");
    }
}

#[test]
fn an_amount_is_a_number_if_and_only_if_the_number_reads_back_exactly() {
    let schema = all_types().get("All").unwrap().clone();
    let around = [
        0,
        9_999,
        10_000,
        999_999_999_999_999,
        1_000_000_000_000_000,
        i64::MAX - 5_807,
        i64::MAX,
        i64::MIN + 5_808,
        i64::MIN,
    ];
    for middle in around {
        for amount in (-3..=3).filter_map(|step| i64::checked_add(middle, step)) {
            for amount in [Some(amount), amount.checked_neg()].into_iter().flatten() {
                let amount = Currency::from_ten_thousandths(amount);
                let extension = Extension::builder(&schema)
                    .record(|record| {
                        record.set("amount", amount);
                    })
                    .build()
                    .unwrap();
                let json = extension.to_json();
                let number: serde_json::Value = serde_json::from_str(&json).unwrap();
                let whole = amount.ten_thousandths() % 10_000 == 0;
                let small = amount.ten_thousandths().unsigned_abs() < 1_000_000_000_000_000;
                assert_eq!(number["amount"].is_number(), whole || small, "{amount:?}: {json}");
                let back = Service::read(&active().with_extension("All", json), &all_types());
                assert_eq!(back.extension("All"), Some(&extension), "{amount:?}");
            }
        }
    }
}

#[test]
fn the_json_of_an_event_has_the_same_forms_and_writes_null_where_a_default_was_turned_down() {
    let validator = Validator::new(all_types());
    let cases = [
        (
            r#"{ "Defaults": [ {}, { "rating": null, "amount": null }, { "plain": null, "day": null } ], "All": {} }"#,
            r#"{"Defaults":[{"rating":5,"day":"2009-05-12","amount":19.9},{"rating":null,"day":"2009-05-12","amount":null},{"rating":5,"day":null,"amount":19.9}],"All":{}}"#,
        ),
        (r#"{ "defaults": [], "disposition": null }"#, r#"{"Defaults":[]}"#),
        (
            r#"{ "All": { "text": null, "double": 7, "day": "2009-05-12T00:00:00Z", "amount": "1.0" } }"#,
            r#"{"All":{"double":7.0,"day":"2009-05-12","amount":1}}"#,
        ),
        (
            r#"{ "service_id": 7.0, "media_type": "1", "timestamp": "2009-05-12t00:00:00z" }"#,
            r#"{"service_id":7,"timestamp":"2009-05-12T00:00:00.000Z","media_type":"1"}"#,
        ),
    ];
    for (body, expected) in cases {
        let event: ServiceEndEvent = validator.read(body.as_bytes()).unwrap();
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(json, expected);
        assert_eq!(validator.read(json.as_bytes()), Ok(event), "{json}");
    }
}

/// The document of the stage's service, active, with more members.
fn with_members(members: &str) -> String {
    format!(r#"{{ "service_id": {ID}, "started": {{ "timestamp": "{START}" }}, {members} }}"#)
}

#[test]
fn reading_applies_no_defaults() {
    let service = read_back(&with_members(r#""Defaults": [ {}, { "plain": 1 } ]"#), &all_types());
    let values: Vec<_> =
        service.extension("Defaults").unwrap().records().map(|record| record.iter().count()).collect();
    assert_eq!(values, [0, 1]);
    assert!(written(&service).ends_with(r#""Defaults":[{},{"plain":1}]}"#), "{}", written(&service));
}

#[test]
fn reading_checks_no_business_attributes() {
    let document = with_members(
        r#""completed": { "timestamp": "2009-05-12T12:05:12.145Z", "disposition": "gone", "media_type": 77 }"#,
    );
    let known = service_end::BusinessAttributes::from_json(r#"{ "disposition": [], "media_type": [] }"#);
    let validator = validator().with_business_attributes(known.unwrap());
    let operation =
        CompleteService::new(validator, store_with(StoredService::from_json(&document, 1).unwrap()));
    assert!(super::stage::document(operation.storage()).contains(r#""media_type":77,"disposition":"gone""#));
    // A new end is checked against them all the same.
    let again = end(&operation, r#"{ "disposition": "gone", "media_type": 77 }"#);
    assert_eq!(again, "invalid_event /disposition unknown_business_value /media_type unknown_business_value");
}

#[test]
fn reading_knows_no_limit_of_records() {
    let records = vec![r#"{"plain":1}"#; 10_001].join(",");
    let service = read_back(&with_members(&format!(r#""Defaults": [{records}]"#)), &all_types());
    assert_eq!(service.extension("Defaults").map(Extension::len), Some(10_001));
    assert!(service.unreadable().is_empty());
}

#[test]
fn a_document_is_read_in_any_order_and_names_extensions_in_any_case() {
    let document =
        "\n{ \"SATISFACTION\": [ { \"PLACE\": \"p\", \"rating\": 2.0 } ],\r\n \"feedback\": {},\t\"started\":
        { \"timestamp\": \"2009-05-12T13:50:00+02:00\" }, \"service_id\": 3.6981723e7 }\n";
    let service = read_back(document, &schemas());
    assert_eq!(
        written(&service),
        format!(
            r#"{{"service_id":{ID},"started":{{"timestamp":"{START}"}},"Satisfaction":[{{"rating":2,"place":"p"}}],"Feedback":{{}}}}"#
        )
    );
}

#[test]
fn an_extension_without_schema_is_kept_as_text_and_told_as_unreadable() {
    let document =
        with_members(r#""Gone": { "a":  [ 1 ] }, "Feedback": { "rating": 7 }, "no name!": null, "": 1e400"#);
    let stored = StoredService::from_json(&document, 1).unwrap();
    assert_eq!(stored.extension("gone"), Some(r#"{ "a":  [ 1 ] }"#));
    let service = Service::read(&stored, &schemas());
    assert_eq!(unreadable(&service), ["gone", "no name!", ""]);
    let told: Vec<_> = service.unreadable().iter().filter_map(Unreadable::violations).flatten().collect();
    assert!(told.iter().all(|violation| *violation.code() == Code::UnknownExtension) && told.len() == 3);
    assert!(written(&service).ends_with(r#"},"Feedback":{"rating":7}}"#), "{}", written(&service));
}

#[test]
fn the_version_is_the_stores_and_no_part_of_the_document() {
    let read = |version| StoredService::from_json(with_members(r#""Feedback": {}"#), version).unwrap();
    assert_eq!(read(7).version, Version(7));
    assert_eq!(Service::read(&read(7), &schemas()), Service::read(&read(i64::MAX), &schemas()));
}

/// The mistakes of a document, each as pointer and code, in alphabetical order.
fn mistakes(document: &str) -> Vec<String> {
    let Err(ReadError::Invalid(violations)) = StoredService::from_json(document, 1) else {
        panic!("has mistakes: {document}");
    };
    let mut mistakes: Vec<_> =
        violations.iter().map(|violation| format!("{} {}", violation.pointer(), violation.code())).collect();
    mistakes.sort();
    mistakes
}

#[test]
fn every_mistake_in_a_document_is_told_with_its_place() {
    let sound = r#""service_id": 1, "started": { "timestamp": "2009-05-12T11:50:00Z" }"#;
    let long = "x".repeat(33);
    let cases = [
        ("{}".to_owned(), vec!["/service_id missing_key", "/started missing_key"]),
        (r#"{ "service_id": "1" }"#.to_owned(), vec!["/service_id wrong_type", "/started missing_key"]),
        (r#"{ "service_id": [1] }"#.to_owned(), vec!["/service_id wrong_type", "/started missing_key"]),
        (r#"{ "service_id": true }"#.to_owned(), vec!["/service_id wrong_type", "/started missing_key"]),
        (r#"{ "service_id": false }"#.to_owned(), vec!["/service_id wrong_type", "/started missing_key"]),
        (r#"{ "service_id": null }"#.to_owned(), vec!["/service_id wrong_type", "/started missing_key"]),
        (format!(r#"{{ {sound}, "completed": null }}"#), vec!["/completed wrong_type"]),
        (format!(r#"{{ {sound}, "completed": [] }}"#), vec!["/completed wrong_type"]),
        (format!(r#"{{ {sound}, "completed": {{}} }}"#), vec!["/completed/timestamp missing_key"]),
        (
            format!(r#"{{ {sound}, "completed": {{ "timestamp": null }} }}"#),
            vec!["/completed/timestamp missing_key"],
        ),
        (
            format!(r#"{{ {sound}, "completed": {{ "disposition": true }} }}"#),
            vec!["/completed/disposition wrong_type", "/completed/timestamp missing_key"],
        ),
        (
            format!(
                r#"{{ {sound}, "completed": {{ "timestamp": "yesterday", "service_id": 1, "Feedback": {{}},
                    "session_id": "{long}", "disposition_desc": "\u0000", "resource_id": 1.5, "a/~": 1 }} }}"#
            ),
            vec![
                "/completed/Feedback unknown_key",
                "/completed/a~1~0 unknown_key",
                "/completed/disposition_desc forbidden_character",
                "/completed/resource_id wrong_type",
                "/completed/service_id unknown_key",
                "/completed/session_id too_long",
                "/completed/timestamp invalid_format",
            ],
        ),
        (
            format!(
                r#"{{ {sound}, "completed": {{ "timestamp": "2009-05-12T11:50:00Z", "timestamp": 7 }} }}"#
            ),
            vec!["/completed/timestamp duplicate_key"],
        ),
        (r#"{ "service_id": 1, "started": "2009-05-12T11:50:00Z" }"#.to_owned(), vec!["/started wrong_type"]),
        (r#"{ "service_id": 1, "started": {} }"#.to_owned(), vec!["/started/timestamp missing_key"]),
        (
            r#"{ "service_id": 1.5, "started": { "timestamp": 7 } }"#.to_owned(),
            vec!["/service_id wrong_type", "/started/timestamp wrong_type"],
        ),
        (
            r#"{ "service_id": 9223372036854775808, "started": { "timestamp": "x" } }"#.to_owned(),
            vec!["/service_id out_of_range", "/started/timestamp invalid_format"],
        ),
        (
            r#"{ "service_id": 1, "started": { "timestamp": "2009-05-12T11:50:00Z", "by": 7 } }"#.to_owned(),
            vec!["/started/by unknown_key"],
        ),
        (
            r#"{ "service_id": 1, "started": { "timestamp": "2009-05-12T11:50:00Z", "disposition": 7 } }"#
                .to_owned(),
            vec!["/started/disposition unknown_key"],
        ),
        (
            r#"{ "service_id": {}, "started": { "disposition": true } }"#.to_owned(),
            vec![
                "/service_id wrong_type",
                "/started/disposition unknown_key",
                "/started/timestamp missing_key",
            ],
        ),
    ];
    for (document, expected) in cases {
        assert_eq!(mistakes(&document), expected, "{document}");
    }
}

#[test]
fn of_a_name_that_occurs_twice_the_first_counts_and_the_later_is_told() {
    let sound = r#""service_id": 1, "started": { "timestamp": "2009-05-12T11:50:00Z" }"#;
    let cases = [
        (r#""service_id": {}"#, vec!["/service_id duplicate_key"]),
        (r#""started": 7"#, vec!["/started duplicate_key"]),
        (
            r#""completed": { "timestamp": "2009-05-12T11:50:00Z" }, "completed": { "disposition": true }"#,
            vec!["/completed duplicate_key"],
        ),
        (r#""Feedback": {}, "Feedback": {}"#, vec!["/Feedback duplicate_key"]),
        (
            r#""Feedback": {}, "FEEDBACK": 1, "feedback": 1"#,
            vec!["/FEEDBACK duplicate_key", "/feedback duplicate_key"],
        ),
        (r#""a/b~": {}, "A/b~": {}"#, vec!["/A~1b~0 duplicate_key"]),
        (r#""Feedback": {}, "F\u0065edback": {}"#, vec!["/Feedback duplicate_key"]),
    ];
    for (members, expected) in cases {
        assert_eq!(mistakes(&format!("{{ {sound}, {members} }}")), expected, "{members}");
    }
}

#[test]
fn a_misspelt_name_does_not_take_the_place_of_the_name_after_it() {
    let cases = [
        (r#"{"Service_ID":1,"service_id":1,"started":{"timestamp":"2009-05-12T11:50:00Z"}}"#, "/Service_ID"),
        (r#"{"service_id":1,"Started":7,"started":{"timestamp":"2009-05-12T11:50:00Z"}}"#, "/Started"),
    ];
    for (document, misspelt) in cases {
        assert_eq!(mistakes(document), [format!("{misspelt} unknown_key")], "{document}");
    }
}

/// Line and column of a syntax error, and its message.
fn syntax(document: impl AsRef<[u8]>) -> ((usize, usize), String) {
    let shown = String::from_utf8_lossy(document.as_ref()).into_owned();
    match StoredService::from_json(document, 1) {
        Err(ReadError::Syntax(error)) => {
            let place = error.line().zip(error.column()).expect("a place");
            (place, error.to_string())
        }
        other => panic!("no syntax error, but {other:?}: {shown}"),
    }
}

#[test]
fn a_document_that_is_no_json_is_a_syntax_error_with_its_place() {
    let cases: [(&[u8], (usize, usize)); 14] = [
        (b"", (1, 1)),
        (b" \n ", (2, 2)),
        (b"{", (1, 2)),
        (b"{ \"service_id\": 1", (1, 18)),
        (b"{ \"service_id\": 1,\n}", (2, 1)),
        (b"{ \"service_id\": 01 }", (1, 18)),
        (b"{ \"service_id\" 1 }", (1, 16)),
        (b"{ \"Feedback\": { \"rating\": } }", (1, 27)),
        (b"{ \"Feedback\": {},\r\n  \"x\": [1,] }", (2, 11)),
        ("{ \"é😀\": tru }".as_bytes(), (1, 12)),
        (b"{ \"x\": \"\xc3", (1, 9)),
        (b"{ \"x\": \"\xff\" }", (1, 9)),
        (b"\xef\xbb\xbf{}", (1, 1)),
        (b"{} {}", (1, 4)),
    ];
    for (document, place) in cases {
        assert_eq!(syntax(document).0, place, "{}", String::from_utf8_lossy(document));
    }
}

#[test]
fn a_document_that_is_no_object_is_a_syntax_error_that_does_not_quote_it() {
    for document in [r#""Jane Roe""#, "4711", "47.11", "-4711", "[4711]", "true", "null", " [ ] "] {
        let (_, message) = syntax(document);
        for quoted in ["Jane", "47", "11", "sequence", "map", "unit"] {
            assert!(!message.replace("column 11", "").contains(quoted), "{document}: {message}");
        }
    }
}

#[test]
fn what_stands_in_the_place_of_the_object_is_pointed_at() {
    for (document, place) in
        [("[]", (1, 1)), ("  7", (1, 3)), ("\r\n\t\"x\" ", (2, 2)), ("\n\n null", (3, 2))]
    {
        assert_eq!(syntax(document).0, place, "{document:?}");
    }
}

#[test]
fn a_number_that_no_float_holds_and_an_unpaired_surrogate_are_syntax_where_a_value_is_read() {
    let started = r#""started": { "timestamp": "2009-05-12T11:50:00Z" }"#;
    let documents = [
        format!(r#"{{ "service_id": 1e400, {started} }}"#),
        format!("{{ \"service_id\": 1, {started},\n\"completed\": {{ \"resource_id\": 1e400 }} }}"),
        format!("{{ \"service_id\": 1, {started},\n\"completed\": {{ \"session_id\": \"\\ud800\" }} }}"),
        format!("{{ \"service_id\": 1, {started},\n\"completed\": {{\n\"session_id\": \"\\udc00\" }} }}"),
        format!(r#"{{ "service_id": 1, {started}, "\ud800": 1 }}"#),
        r#"{ "service_id": 1, "started": { "timestamp": "\ud800" } }"#.to_owned(),
    ];
    let lines = [1, 2, 2, 3, 1, 1];
    for (document, line) in documents.iter().zip(lines) {
        let ((found, column), message) = syntax(document);
        assert_eq!(found, line, "{document}: {message}");
        assert!(column > 1, "{document}: {message}");
    }
    // An extension is text until it is used: what it holds is looked at for its grammar only.
    let skipped = with_members(r#""Feedback": { "rating": 1e400, "notes": "\ud800" }"#);
    assert_eq!(unreadable(&read_back(&skipped, &schemas())), ["feedback"]);
}

#[test]
fn a_document_of_very_many_members_is_read() {
    let members: Vec<String> = (0..50_000).map(|ordinal| format!(r#""x{ordinal}": {{}}"#)).collect();
    let service = StoredService::from_json(with_members(&members.join(",")), 1).unwrap();
    assert_eq!(service.extensions().len(), 50_000);
    assert_eq!(Service::read(&service, &schemas()).unreadable().len(), 50_000);
}

#[test]
fn a_document_nested_very_deep_is_read() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let service = read_back(&with_members(&format!(r#""Feedback": {deep}, "Satisfaction": []"#)), &schemas());
    assert_eq!(unreadable(&service), ["feedback"]);
    for key in ["service_id", "started", "completed"] {
        let document = format!(r#"{{ "{key}": {deep} }}"#);
        assert!(StoredService::from_json(&document, 1).is_err(), "{key}");
    }
    assert!(StoredService::from_json(&deep, 1).is_err());
}

#[test]
fn of_an_extension_given_twice_in_whatever_case_the_later_stays() {
    let mut service = active();
    for (name, json) in [("Feedback", "1"), ("Other", "2"), ("feedback", "3"), ("FEEDBACK", "4")] {
        service.insert_extension(name, json);
    }
    let found: Vec<_> = service.extensions().map(|found| (found.key, found.json)).collect();
    assert_eq!(found, [("feedback", "4"), ("other", "2")]);
    assert_eq!(service.extension("feedBack"), Some("4"));
    assert!(service.remove_extension("feedBACK") && !service.remove_extension("feedback"));
    service.retain_extensions(|key| key != "other");
    assert_eq!(service, active());
}
