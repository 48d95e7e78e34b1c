//! Extensions made of Rust values, and the fixed fields as Rust types.

#![allow(clippy::items_after_statements, reason = "a type stands where it is tried")]

use std::collections::BTreeMap;

use serde::ser::{Error as _, SerializeStruct as _, Serializer};
use serde::{Deserialize, Serialize};
use service_end::event::BusinessValue;
use service_end::service::{Decision, End, decide};
use service_end::value::SessionId;
use service_end::{
    EndRules, Extension, ExtensionSchema, FixedFields, ReadError, Schemas, ServiceEndEvent, StoredService,
    Timestamp, Validator, Violation,
};

use crate::support::{summary, valid, validator_of};
use crate::typed::{all_types, extension, one};

/// The schema of the tests that write.
fn survey() -> ExtensionSchema {
    ExtensionSchema::from_json(
        r#"{ "name": "Survey", "type": "multi-valued", "unique": ["place"], "attributes": [
            { "name": "Rating", "type": "integer", "mandatory": true },
            { "name": "place", "type": "string", "length": 5, "default": "Rome" } ] }"#,
    )
    .unwrap()
}

#[derive(Serialize, Clone)]
struct Answer {
    rating: i64,
    place: Option<&'static str>,
}

#[derive(Serialize)]
struct Answers<'a>(&'a [Answer]);

fn answer(rating: i64, place: &'static str) -> Answer {
    Answer { rating, place: Some(place) }
}

#[test]
fn records_are_made_of_anything_that_serde_writes() {
    let schema = survey();
    let records = vec![answer(2, "Paris"), Answer { rating: 3, place: None }];
    let expected =
        extension(&schema, r#"[ { "Rating": 2, "place": "Paris" }, { "Rating": 3, "place": null } ]"#);
    let maps: Vec<BTreeMap<&str, serde_json::Value>> = vec![
        BTreeMap::from([("Rating", 2.into()), ("place", "Paris".into())]),
        BTreeMap::from([("RATING", 3.into()), ("place", serde_json::Value::Null)]),
    ];
    for made in [
        Extension::from_records(&schema, &records),
        Extension::from_records(&schema, &&records),
        Extension::from_records(&schema, records.as_slice()),
        Extension::from_records(&schema, &Some(&records)),
        Extension::from_records(&schema, &Answers(&records)),
        Extension::from_records(&schema, &(&records[0], &records[1])),
        Extension::from_records(&schema, &maps),
        Extension::from_records(&schema, &serde_json::to_value(&records).unwrap()),
    ] {
        assert_eq!(made.as_ref(), Ok(&expected));
    }
    let single = all_types("single-valued");
    let made = Extension::from_records(&single, &BTreeMap::from([("int", 7)])).unwrap();
    assert_eq!(made, one(r#"{ "int": 7 }"#));
    assert_eq!(Extension::from_records(&schema, &[0_u8; 0]), Ok(extension(&schema, "[]")));
}

#[test]
fn records_made_in_rust_are_judged_like_a_body() {
    let schema = survey();
    let records = [
        answer(2, "Paris"),
        answer(1 << 40, "Paris"),
        Answer { rating: 1, place: None },
        answer(7, "Buenos Aires"),
        answer(8, "Paris"),
    ];
    let violations = Extension::from_records(&schema, &records).unwrap_err();
    assert_eq!(
        summary(violations.as_slice()).iter().map(|(pointer, code)| (&**pointer, *code)).collect::<Vec<_>>(),
        [
            ("/1/rating", "out_of_range"),
            ("/1", "duplicate_record"),
            ("/3/place", "too_long"),
            ("/4", "duplicate_record"),
        ]
    );
    // As in the body of an event, but for where the pointers start.
    let validator = Validator::new(Schemas::new().with(schema.clone()).unwrap());
    let built = ServiceEndEvent::builder()
        .session_id("x".repeat(33).as_str())
        .extension_from(&schema, &records)
        .build(&validator);
    let Err(ReadError::Invalid(built)) = built else { panic!("it is refused") };
    let pointers: Vec<_> = built.iter().map(Violation::pointer).collect();
    assert_eq!(pointers, ["/session_id", "/Survey/1/rating", "/Survey/1", "/Survey/3/place", "/Survey/4"]);
    let event = ServiceEndEvent::builder().extension_from(&schema, &records[..1]).build(&validator).unwrap();
    assert_eq!(event.extension("survey").unwrap().len(), 1);
}

#[test]
fn what_is_no_record_is_a_wrong_shape() {
    fn found(schema: &ExtensionSchema, records: &(impl Serialize + ?Sized)) -> Vec<(String, &'static str)> {
        summary(Extension::from_records(schema, records).unwrap_err().as_slice())
    }
    let wrong = |pointer: &str| vec![(pointer.to_owned(), "wrong_shape")];
    #[derive(Serialize)]
    enum Variants {
        Unit,
        #[serde(rename = "int")]
        Newtype(i32),
        Struct {
            int: i32,
        },
        Tuple(i32, i32),
    }
    let (single, list) = (all_types("single-valued"), all_types("multi-valued"));
    for (schema, is_list) in [(&single, false), (&list, true)] {
        assert_eq!(found(schema, &7), wrong(""));
        assert_eq!(found(schema, "text"), wrong(""));
        assert_eq!(found(schema, &None::<i32>), wrong(""));
        assert_eq!(found(schema, &()), wrong(""));
        assert_eq!(found(schema, &Variants::Unit), wrong(""));
        // As in JSON, a variant with data is an object of one member.
        for variant in [Variants::Struct { int: 7 }, Variants::Tuple(7, 8)] {
            let name = if matches!(variant, Variants::Tuple(..)) { "Tuple" } else { "Struct" };
            let unknown = |before: &str| vec![(format!("{before}/{name}"), "unknown_attribute")];
            if is_list {
                assert_eq!(found(schema, &variant), wrong(""));
                assert_eq!(found(schema, &[variant]), unknown("/0"));
            } else {
                assert_eq!(found(schema, &variant), unknown(""));
            }
        }
        if is_list {
            assert_eq!(found(schema, &BTreeMap::from([("int", 7)])), wrong(""));
            assert_eq!(found(schema, &[7]), wrong("/0"));
            assert_eq!(
                found(schema, &(BTreeMap::from([("int", 7)]), 7, [8])),
                [wrong("/1"), wrong("/2")].concat()
            );
        } else {
            assert_eq!(found(schema, &[BTreeMap::from([("int", 7)])]), wrong(""));
        }
    }
    // Bytes are no JSON type.
    struct Bytes(&'static [u8]);
    impl Serialize for Bytes {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(self.0)
        }
    }
    assert_eq!(found(&single, &Bytes(b"x")), wrong(""));
    assert_eq!(found(&list, &[Bytes(b"x")]), wrong("/0"));
    assert_eq!(
        found(&single, &BTreeMap::from([("text", Bytes(b"x"))])),
        [("/text".to_owned(), "wrong_type")]
    );
    assert_eq!(Extension::from_records(&single, &Variants::Newtype(7)), Ok(one(r#"{ "int": 7 }"#)));
    assert_eq!(found(&single, &BTreeMap::from([("int", [7])])), [("/int".to_owned(), "wrong_type")]);
    assert_eq!(found(&single, &BTreeMap::from([(7, 7)])), [("/7".to_owned(), "unknown_attribute")]);
}

#[test]
fn a_value_that_its_own_code_cannot_write_is_told_as_such() {
    /// Its code fails at once, after a field, or as it says what it is.
    #[derive(Clone, Copy)]
    enum Fails {
        AtOnce,
        Later,
        AsText,
    }
    impl std::fmt::Display for Fails {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("secret")?;
            Err(std::fmt::Error)
        }
    }
    impl Serialize for Fails {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Fails::AtOnce => Err(S::Error::custom("secret")),
                Fails::AsText => serializer.collect_str(self),
                Fails::Later => {
                    serializer.serialize_struct("Fails", 2)?.serialize_field("int", &7)?;
                    Err(S::Error::custom("secret"))
                }
            }
        }
    }
    fn told(schema: &ExtensionSchema, records: &(impl Serialize + ?Sized)) -> String {
        Extension::from_records(schema, records).unwrap_err().to_string()
    }
    let (single, list) = (all_types("single-valued"), all_types("multi-valued"));
    let unwritten = "must be one record, a JSON object, but its own code can't write it";
    for fails in [Fails::AtOnce, Fails::Later] {
        assert!(told(&single, &fails).ends_with(unwritten));
        assert_eq!(told(&list, &[fails]), format!("/0: wrong_shape: {unwritten}"));
    }
    assert!(told(&single, &Fails::AsText).ends_with("but is a string"));
    assert!(told(&list, &Fails::AtOnce).ends_with("one JSON object each, but its own code can't write it"));
    for fails in [Fails::AtOnce, Fails::AsText] {
        assert_eq!(
            told(&single, &BTreeMap::from([("int", fails)])),
            "/int: wrong_type: must be an integer, but its own code can't write it"
        );
        let disposition = ServiceEndEvent::builder().disposition(fails).build(&Validator::default());
        assert_eq!(
            disposition.unwrap_err().to_string(),
            "/disposition: wrong_type: must be an integer or a string, but its own code can't write it"
        );
    }
    // Records after one that fails are judged as ever.
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Some {
        Fails(Fails),
        Int { int: i32 },
    }
    let records = [Some::Int { int: 1 }, Some::Fails(Fails::Later), Some::Int { int: 2 }];
    assert_eq!(told(&list, &records), format!("/1: wrong_shape: {unwritten}"));
    // No object of JSON has such keys.
    for told in [told(&single, &BTreeMap::from([((1, 2), 7)])), told(&single, &BTreeMap::from([((), 7)]))] {
        assert!(told.ends_with("but is not a JSON type"), "{told}");
    }
}

#[test]
fn fixed_fields_are_read_and_written() {
    #[derive(Deserialize, Debug, PartialEq)]
    struct Chosen<'f> {
        session_id: &'f str,
        #[serde(default)]
        interaction_id: Option<String>,
        media_type: BusinessValue,
        disposition: BusinessValue,
        resource_id: u16,
    }
    let fields = FixedFields {
        session_id: SessionId::new("7f3a").ok(),
        media_type: Some(2.into()),
        disposition: BusinessValue::try_from("done").ok(),
        resource_id: Some(5005),
        ..FixedFields::default()
    };
    let read: Chosen<'_> = fields.to().unwrap();
    let expected = Chosen {
        session_id: "7f3a",
        interaction_id: None,
        media_type: 2.into(),
        disposition: BusinessValue::try_from("done").unwrap(),
        resource_id: 5005,
    };
    assert_eq!(read, expected);
    let json = serde_json::to_string(&fields).unwrap();
    assert_eq!(json, r#"{"session_id":"7f3a","resource_id":5005,"media_type":2,"disposition":"done"}"#);

    for value in [BusinessValue::Id(-7), BusinessValue::try_from("7").unwrap()] {
        let json = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<BusinessValue>(&json).unwrap(), value);
    }

    #[derive(Deserialize, Debug)]
    #[expect(dead_code, reason = "only read")]
    struct Wrong {
        resource_id: u8,
    }
    let mismatch = fields.to::<Wrong>().unwrap_err();
    assert_eq!((mismatch.extension(), mismatch.attribute()), (None, Some("resource_id")));
    assert_eq!(
        mismatch.to_string(),
        "field `resource_id`: expected an integer from 0 to 255, found another integer"
    );
    #[derive(Deserialize)]
    struct Ended {
        timestamp: Timestamp,
        resource_id: i64,
    }
    let ended: Ended = End::new(Timestamp::MIN, fields).to().unwrap();
    assert_eq!((ended.timestamp, ended.resource_id), (Timestamp::MIN, 5005));
}

#[test]
fn a_completion_is_written_as_what_is_recorded() {
    let validator = validator_of(
        r#"{ "name": "Note", "type": "multi-valued", "attributes": [ { "name": "text", "type": "string" } ] }"#,
    );
    let body =
        r#"{ "timestamp": "2009-05-12T12:05:12.145Z", "disposition": 10, "note": [ { "text": "hi" } ] }"#;
    let stored = StoredService::new(7, 1, Timestamp::MIN);
    let decided = decide(7, Some(&stored), valid(&validator, body), &EndRules::default(), Timestamp::MAX);
    let Ok(Decision::Complete(completion)) = decided else { panic!("it ends") };
    assert_eq!(
        serde_json::to_string(&completion).unwrap(),
        r#"{"service_id":7,"completed":{"timestamp":"2009-05-12T12:05:12.145Z","disposition":10},"Note":[{"text":"hi"}]}"#
    );
}
