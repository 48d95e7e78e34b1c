//! A schema is replaced by a newer version, and what was made under the earlier one is carried to it.

use std::collections::BTreeMap;

use serde_json::json;
use service_end::{
    CompleteService, Extension, ExtensionSchema, MemoryStorage, Outcome, Problem, Schemas, Service, Storage,
    StoredService, Timestamp, Validator,
    problem::ProblemCode,
    schema::{Fingerprint, ReplaceError},
    service::Unreadable,
    storage::Want,
};

use crate::support::summary;

fn of(json: &str) -> ExtensionSchema {
    ExtensionSchema::from_json(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

fn schema(extension_type: &str, attributes: &str, rest: &str) -> ExtensionSchema {
    of(&format!(r#"{{"name":"E","type":"{extension_type}-valued","attributes":[{attributes}]{rest}}}"#))
}

fn alone(schema: &ExtensionSchema) -> Schemas {
    Schemas::new().with(schema.clone()).unwrap()
}

/// An extension out of a body.
fn extension(schema: &ExtensionSchema, json: &str) -> Extension {
    let event = Validator::new(alone(schema)).read(format!(r#"{{"E":{json}}}"#).as_bytes());
    event.unwrap_or_else(|error| panic!("{json}: {error}")).extension("E").unwrap().clone()
}

/// A schema, records, a newer schema, and what they become, or what is wrong.
type Case = (
    ExtensionSchema,
    &'static str,
    ExtensionSchema,
    Result<&'static str, &'static [(&'static str, &'static str)]>,
);

#[test]
fn an_extension_is_carried_or_everything_is_told_that_can_not_be() {
    const A: &str = r#"{"name":"a","type":"integer"}"#;
    let a = |declaration: &str| format!(r#"{{"name":"A","type":{declaration}}}"#);
    let many = |attributes: &str| schema("multi", attributes, "");
    let cases: [Case; 20] = [
        // A moment is the same however it is written, but nothing of it is lost.
        (
            many(&a(r#""string""#)),
            r#"[{"a":"2020-01-01T01:00:00.123000+01:00"}]"#,
            many(&a(r#""datetime""#)),
            Ok(r#"[{"A":"2020-01-01T00:00:00.123Z"}]"#),
        ),
        (
            many(&a(r#""string""#)),
            r#"[{"a":"2020-01-01T00:00:00.1234Z"}]"#,
            many(&a(r#""datetime""#)),
            Err(&[("/E/0/A", "wrong_type")]),
        ),
        (many(A), r#"[{"a":7},{}]"#, many(&a(r#""long""#)), Ok(r#"[{"A":7},{}]"#)),
        (many(A), r#"[{"a":7}]"#, many(&a(r#""double""#)), Ok(r#"[{"A":7.0}]"#)),
        (many(A), r#"[{"a":7}]"#, many(&a(r#""currency""#)), Ok(r#"[{"A":7}]"#)),
        (many(A), r#"[{"a":7}]"#, many(&a(r#""string""#)), Err(&[("/E/0/a", "wrong_type")])),
        (
            many(A),
            r#"[{"a":7},{"a":9}]"#,
            many(&a(r#""integer","maximum":8"#)),
            Err(&[("/E/1/a", "out_of_range")]),
        ),
        (
            many(&a(r#""date""#)),
            r#"[{"a":"2020-01-01T00:00:00Z"}]"#,
            many(&a(r#""string""#)),
            Ok(r#"[{"A":"2020-01-01"}]"#),
        ),
        (
            many(&a(r#""string""#)),
            r#"[{"a":"2020-01-01"}]"#,
            many(&a(r#""date""#)),
            Ok(r#"[{"A":"2020-01-01"}]"#),
        ),
        (
            many(&a(r#""datetime""#)),
            r#"[{"a":"2020-01-01T00:00:00Z"}]"#,
            many(&a(r#""date""#)),
            Err(&[("/E/0/A", "wrong_type")]),
        ),
        // Read as a double it would be another number.
        (
            many(&a(r#""long""#)),
            r#"[{"a":9007199254740993}]"#,
            many(&a(r#""double""#)),
            Err(&[("/E/0/A", "out_of_range")]),
        ),
        (many(&a(r#""double""#)), r#"[{"a":5}]"#, many(A), Ok(r#"[{"a":5}]"#)),
        // A mandatory value that lacks is the default; one that may lack goes on lacking.
        (many(A), "[{}]", many(&a(r#""long","mandatory":true,"default":3"#)), Ok(r#"[{"A":3}]"#)),
        (many(A), "[{}]", many(&a(r#""long","default":3"#)), Ok("[{}]")),
        (many(A), "[{}]", many(&a(r#""long","mandatory":true"#)), Err(&[("/E/0/A", "missing_attribute")])),
        (
            many(A),
            r#"[{"a":1},{}]"#,
            many(r#"{"name":"b","type":"integer"}"#),
            Err(&[("/E/0/a", "unknown_attribute")]),
        ),
        (schema("single", A, ""), r#"{"a":1}"#, many(A), Ok(r#"[{"a":1}]"#)),
        (many(A), r#"[{"a":1}]"#, schema("single", A, ""), Ok(r#"{"a":1}"#)),
        (many(A), r#"[{"a":1},{}]"#, schema("single", A, ""), Err(&[("/E", "wrong_shape")])),
        (
            many(A),
            r#"[{"a":1},{"a":1}]"#,
            schema("multi", A, r#","unique":["a"]"#),
            Err(&[("/E/1", "duplicate_record")]),
        ),
    ];
    for (old, json, new, expected) in cases {
        let migrated = extension(&old, json).migrate(&new);
        let stored = StoredService::new(7, 1, Timestamp::MIN);
        let stored = stored.with_extension("e", extension(&old, json).to_json()).migrate(&alone(&new));
        match (migrated, expected) {
            (Ok(extension), Ok(expected)) => {
                assert_eq!((&*extension.to_json(), extension.schema()), (expected, &new));
                let read = Service::read(&stored.unwrap(), &alone(&new));
                assert_eq!(read.extension("E").unwrap().to_json(), expected, "{json}");
            }
            (Err(violations), Err(expected)) => {
                let found = summary(violations.as_slice());
                let found: Vec<_> = found.iter().map(|(pointer, code)| (&**pointer, *code)).collect();
                assert_eq!(found, expected, "{json}");
                assert_eq!(stored.unwrap_err(), violations);
            }
            (migrated, expected) => panic!("{json}: {migrated:?}, not {expected:?}"),
        }
    }
}

#[test]
fn a_number_that_is_no_double_is_told_with_the_numbers_that_all_are() {
    let [old, new] =
        [r#""long""#, r#""double""#].map(|a| schema("multi", &format!(r#"{{"name":"a","type":{a}}}"#), ""));
    for number in [9_007_199_254_740_993_i64, -9_007_199_254_740_993] {
        let violations = extension(&old, &format!(r#"[{{"a":{number}}}]"#)).migrate(&new).unwrap_err();
        assert_eq!(
            json!(violations.as_slice()[0].params()),
            json!({ "minimum": -9_007_199_254_740_991_i64, "maximum": 9_007_199_254_740_991_i64 }),
            "{number}"
        );
    }
}

#[test]
fn what_can_not_be_carried_is_dropped_only_if_allowed_and_told() {
    let old = schema(
        "multi",
        r#"{"name":"a","type":"long"},{"name":"b","type":"string"},{"name":"c","type":"long"}"#,
        "",
    );
    let new = schema(
        "multi",
        r#"{"name":"a","type":"integer","default":1},{"name":"c","type":"integer","mandatory":true}"#,
        "",
    );
    let all = extension(&old, r#"[{"a":2,"b":"x","c":1},{"a":3000000000,"c":2}]"#);
    assert!(all.migrate(&new).is_err());
    let migrated = all.migrate_dropping(&new).unwrap();
    assert_eq!(migrated.extension.to_json(), r#"[{"a":2,"c":1},{"c":2}]"#);
    let dropped = summary(&migrated.dropped);
    assert_eq!(dropped, [("/E/0/b".to_owned(), "unknown_attribute"), ("/E/1/a".to_owned(), "out_of_range")]);
    let lacking = extension(&old, "[{}]").migrate_dropping(&new).unwrap_err();
    assert_eq!(summary(lacking.as_slice()), [("/E/0/c".to_owned(), "missing_attribute")]);
}

#[test]
fn a_set_takes_a_new_version_only_if_it_is_safe() {
    let versions =
        [r#""integer""#, r#""long""#].map(|a| schema("multi", &format!(r#"{{"name":"a","type":{a}}}"#), ""));
    let [short, long] = &versions;
    let other = of(r#"{"name":"Other","type":"single-valued","attributes":[{"name":"a","type":"date"}]}"#);
    let schemas = alone(short).with(other.clone()).unwrap();
    let longer = schemas.replace(long.clone()).unwrap();
    assert!(longer.iter().eq([long, &other]), "in its place");
    assert_eq!(schemas.get("e"), Some(short), "sets never change");
    let Err(ReplaceError::Incompatible(error)) = longer.replace(short.clone()) else { panic!("not safe") };
    assert_eq!((error.name(), error.comparison()), ("E", &long.compare(short)));
    assert!(longer.replace_anyway(short.clone()).unwrap() == schemas);
    assert!(matches!(alone(short).replace(other.clone()), Err(ReplaceError::NotFound(_))));
    assert!(alone(short).replace_anyway(other).is_err());

    let problem = Problem::from(&error);
    assert_eq!((problem.known_code(), problem.status()), (Some(ProblemCode::IncompatibleSchema), 409));
    assert_eq!(problem.changes(), Some(error.comparison().changes()));
    assert!(problem.changes().is_some_and(|changes| !changes.is_empty()));
    let document = serde_json::to_value(&problem).unwrap();
    assert_eq!(document["detail"], json!("the new version of schema `E` is not safe for bodies and records"));
    assert_eq!(document["changes"][0]["pointer"], json!("/attributes/0/type"));
    assert_eq!(serde_json::from_value::<Problem>(document).unwrap(), problem, "it reads back");
}

#[test]
fn a_store_keeps_what_is_stored_and_an_end_that_is_under_way_is_decided_again() {
    let [old, new] =
        [r#""integer""#, r#""long""#].map(|a| schema("single", &format!(r#"{{"name":"a","type":{a}}}"#), ""));
    let storage = MemoryStorage::new();
    assert!(storage.replace(&new).is_err(), "there is none");
    storage.register(&old).unwrap();
    for id in [7, 8] {
        storage.insert(StoredService::new(id, 0, Timestamp::MIN));
    }
    let operation = |schemas| CompleteService::new(Validator::new(schemas), &storage);
    let before = operation(storage.schemas());
    assert!(matches!(before.end(7, br#"{"E":{"a":1}}"#, Timestamp::MAX), Ok(Outcome::Ended(_))));
    let event = before.validator().read(br#"{"E":{"a":2}}"#).unwrap();
    storage.replace(&new).unwrap();
    let changed = before.end_with(8, event.clone(), Timestamp::MAX).unwrap_err();
    assert_eq!(Problem::from(&changed).known_code(), Some(ProblemCode::SchemaChanged));
    // The event is carried to the schemas of now.
    let after = operation(storage.schemas());
    assert!(matches!(after.end_with(8, event, Timestamp::MAX), Ok(Outcome::Ended(_))));
    for (id, expected) in [(7, r#"{"a":1}"#), (8, r#"{"a":2}"#)] {
        let Ok(stored) = storage.load(id.into(), Want::All);
        let read = Service::read(&stored.unwrap(), &storage.schemas());
        assert_eq!(read.extension("E").unwrap().to_json(), expected);
    }
    // A retry is one under the new version too.
    assert!(matches!(after.end(7, br#"{"E":{"a":1}}"#, Timestamp::MAX), Ok(Outcome::AlreadySo(_))));
    assert!(storage.replace(&old).is_err());
    assert_eq!(storage.schemas().get("E"), Some(&new));
    storage.replace_anyway(&old).unwrap();
    assert_eq!(storage.schemas().get("E"), Some(&old));
}

#[test]
fn what_can_not_be_read_says_why() {
    let schema = schema("multi", r#"{"name":"a","type":"long","mandatory":true}"#, "");
    let cases: [(&str, &[(&str, &str)]); 3] = [
        (
            r#"[{"a":"x"},{"b":1}]"#,
            &[("/E/0/a", "wrong_type"), ("/E/1/b", "unknown_attribute"), ("/E/1/a", "missing_attribute")],
        ),
        ("{}", &[("/E", "wrong_shape")]),
        ("[", &[]),
    ];
    for (json, expected) in cases {
        let service = StoredService::new(7, 1, Timestamp::MIN).with_extension("E", json);
        let read = Service::read(&service, &alone(&schema));
        let [unreadable] = read.unreadable() else { panic!("{json}") };
        let found =
            unreadable.violations().map(|violations| summary(violations.as_slice())).unwrap_or_default();
        let found: Vec<_> = found.iter().map(|(pointer, code)| (&**pointer, *code)).collect();
        assert_eq!((unreadable.key(), &*found), ("e", expected), "{json}");
    }
    let read = Service::read(
        &StoredService::new(7, 1, Timestamp::MIN).with_extension("Gone", "{}"),
        &Schemas::new(),
    );
    assert_eq!(read.unreadable().iter().map(Unreadable::key).collect::<Vec<_>>(), ["gone"]);
}

#[test]
fn a_fingerprint_names_a_version_for_good() {
    let schema = schema(
        "multi",
        r#"{"name":"a","type":"DOUBLE","default":2.5,"mandatory":"false"}"#,
        r#","unique":["a"]"#,
    );
    let canonical = r#"{"name":"E","type":"multi-valued","attributes":[{"name":"a","type":"double","default":2.5}],"unique":["a"]}"#;
    assert_eq!(schema.to_json(), canonical);
    let named = "a2ba82260dd42006c5cd874efde9186a5ceab112f4a84c8f65496a8902f95ab7";
    assert_eq!(schema.fingerprint().to_string(), named);
    assert_eq!(format!("{:?}", schema.fingerprint()), named);
    let digits: Vec<_> = schema.fingerprint().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digits.concat(), named);
    assert_eq!(named.parse::<Fingerprint>().unwrap(), of(canonical).fingerprint());
    assert_eq!(Fingerprint::from_bytes(*schema.fingerprint().as_bytes()), schema.fingerprint());
    assert_ne!(of(&canonical.replace("2.5", "2.25")).fingerprint(), schema.fingerprint());
    for text in ["", &named[1..], &named.to_uppercase(), &format!("{named}0"), &named.replace('a', "g")] {
        assert!(text.parse::<Fingerprint>().is_err(), "{text}");
    }
}

#[test]
fn after_safe_replacements_every_old_body_is_accepted_and_everything_stored_reads() {
    let versions: Vec<_> = [
        (r#"{"name":"a","type":"integer","minimum":1,"maximum":5}"#, r#","unique":["a"]"#),
        (r#"{"name":"a","type":"integer","minimum":0,"maximum":5}"#, r#","unique":["a"]"#),
        (r#"{"name":"a","type":"long","minimum":0}"#, r#","unique":["a"]"#),
        (r#"{"name":"a","type":"long"}"#, ""),
        (r#"{"name":"A","type":"long"},{"name":"b","type":"string","length":3}"#, ""),
        (r#"{"name":"b","type":"string","length":3},{"name":"A","type":"long"}"#, ""),
        (r#"{"name":"b","type":"string"},{"name":"A","type":"long"},{"name":"c","type":"date","default":"2020-01-01"}"#, ""),
    ]
    .into_iter()
    .map(|(attributes, rest)| schema("multi", attributes, rest))
    .collect();
    let bodies = ["[]", r#"[{"a":1},{"a":5}]"#, "[{}]"];
    for (n, first) in versions.iter().enumerate() {
        let mut schemas = alone(first);
        let stored = bodies.map(|json| extension(first, json));
        let mut step_by_step = stored.clone();
        for next in &versions[n..] {
            schemas = schemas.replace(next.clone()).unwrap();
            for (n, json) in bodies.iter().enumerate() {
                assert!(
                    Validator::new(schemas.clone()).read(format!(r#"{{"E":{json}}}"#).as_bytes()).is_ok()
                );
                step_by_step[n] = step_by_step[n].migrate(next).unwrap();
                assert_eq!(step_by_step[n], stored[n].migrate(next).unwrap(), "at once");
                let service =
                    StoredService::new(7, 1, Timestamp::MIN).with_extension("E", stored[n].to_json());
                let read = Service::read(&service, &schemas);
                assert_eq!(read.extension("E").unwrap().to_json(), step_by_step[n].to_json());
            }
        }
    }
}

#[test]
fn what_reads_as_it_is_stays_to_the_letter_and_only_the_rest_is_written_anew() {
    let attributes = r#"{"name":"a","type":"long"},{"name":"b","type":"string"}"#;
    for (extension_type, stored, expected) in [
        ("single", r#"{ "b": "x", "a": 1 }"#, r#"{ "b": "x", "a": 1 }"#),
        ("multi", r#"[ { "a": 1 } ]"#, r#"[ { "a": 1 } ]"#),
        ("multi", r#"{ "a": 1 }"#, r#"[{"a":1}]"#),
    ] {
        let service = StoredService::new(7, 1, Timestamp::MIN).with_extension("E", stored);
        let migrated = service.migrate(&alone(&schema(extension_type, attributes, ""))).unwrap();
        assert_eq!(migrated.extension("E"), Some(expected), "{extension_type} {stored}");
    }
}

#[test]
fn stored_services_are_equal_if_they_hold_the_same() {
    let service = || StoredService::new(7, 1, Timestamp::MIN).with_extension("E", r#"{"a":1}"#);
    assert_eq!(service(), service());
    for (what, other) in [
        ("the text of an extension", service().with_extension("E", r#"{"a":2}"#)),
        ("one extension more", service().with_extension("F", "[]")),
        ("no extension", StoredService::new(7, 1, Timestamp::MIN)),
        ("the id", StoredService::new(8, 1, Timestamp::MIN).with_extension("E", r#"{"a":1}"#)),
        ("the version", StoredService::new(7, 2, Timestamp::MIN).with_extension("E", r#"{"a":1}"#)),
        ("the start", StoredService::new(7, 1, Timestamp::MAX).with_extension("E", r#"{"a":1}"#)),
    ] {
        assert_ne!(service(), other, "{what}");
    }
}

#[test]
fn what_is_carried_has_the_defaults_of_mandatory_attributes_and_no_others() {
    let old = schema("multi", r#"{"name":"a","type":"integer"}"#, "");
    let new = schema(
        "multi",
        r#"{"name":"a","type":"integer"},
           {"name":"must","type":"integer","mandatory":true,"default":1},
           {"name":"may","type":"integer","default":2}"#,
        r#","unique":["must","may"]"#,
    );
    let one = extension(&old, r#"[{"a":7}]"#).migrate(&new).unwrap();
    assert_eq!(one.to_json(), r#"[{"a":7,"must":1}]"#);
    let record = one.records().next().unwrap();
    assert_eq!((record.get("must"), record.get("may")), (Some(1.into()), None));
    assert_eq!(one.to::<Vec<BTreeMap<String, i32>>>().unwrap()[0].keys().collect::<Vec<_>>(), ["a", "must"]);
    // It is what a body says that gives nothing for the optional one.
    assert_eq!(one, extension(&new, r#"[{"a":7,"may":null}]"#));
    assert_ne!(one, extension(&new, r#"[{"a":7}]"#));
    let twice = extension(&old, r#"[{"a":7},{"a":8}]"#).migrate(&new).unwrap_err();
    assert_eq!(
        twice.to_string(),
        "/E/1: duplicate_record: repeats the `must`, `may` of record 0, which must be unique; `must` has its default \
         in this record; `may` has no value in either record"
    );
}
