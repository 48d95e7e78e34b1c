//! The notice of an end: the JSON Schema of `CloudEvents` accepts it, whatever the event holds, and that of a stored service
//! accepts its data.

use fastrand::Rng;
use serde_json::{Value, json};
use service_end::schema::FixedField;
use service_end::service::{Decision, End, Notice, NoticeOrigin, decide};
use service_end::{Completion, EndPolicy, EndRules, StoredService, Timestamp};

use crate::declared::Declared;
use crate::{compiled, of_cloudevents};

const SETS: u64 = 1_000;
const BODIES: usize = 20;

/// What a URI reference may be.
const SOURCES: [&str; 8] = [
    "https://crm.example/services",
    "https://crm.example:8443/a%20b?tenant=7&x=%C3%A9#eu-1",
    "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66",
    "mailto:crm@example.com",
    "/services",
    "services/eu",
    "//crm.example",
    "1-555-123-4567",
];
const TYPES: [(&str, &str); 3] =
    [(Notice::ENDED, Notice::REPLACED), ("com.example.ended", "com.example.replaced"), ("closed é", " ")];
const TEXTS: [&str; 6] = ["", " ", "\u{1}\u{7f}\u{2028}", "\"\\/<>&'", "日本 \u{1f600}", "-0"];
const NUMBERS: [i64; 5] = [i64::MIN, -1, 0, 1, i64::MAX];
const TIMES: [&str; 4] = [
    "0001-01-01T00:00:00.000Z",
    "1969-12-31T23:59:59.999Z",
    "2024-02-29T23:59:59.999Z",
    "9999-12-31T23:59:59.999Z",
];

fn one<T: Copy>(random: &mut Rng, of: &[T]) -> T {
    of[random.usize(0..of.len())]
}

#[test]
fn every_notice_is_a_cloudevent_and_its_data_the_document_of_a_service() {
    let schema = of_cloudevents();
    let outside = compiled(&schema);
    let (mut notices, mut with_data) = (0, 0);
    for seed in 0..SETS {
        let mut random = Rng::with_seed(seed);
        let declared = Declared::random(&mut random);
        let stored = compiled(&serde_json::to_value(declared.validator.stored_json_schema()).unwrap());
        for _ in 0..BODIES {
            let Some(completion) = completion(&declared, &mut random) else { continue };
            let (ended, replaced) = one(&mut random, &TYPES);
            let notice = completion.notice(one(&mut random, &SOURCES)).with_types(ended, replaced);
            let json: Value = serde_json::from_str(&notice.to_json()).unwrap();
            let told = || format!("seed {seed}: {json}");
            assert!(outside.is_valid(&json), "{:?} {}", outside.iter_errors(&json).next(), told());
            // What it does not name it takes as extension attributes, and there are none.
            for name in json.as_object().unwrap().keys() {
                assert!(schema["properties"].get(name).is_some(), "{name} {}", told());
            }
            let data = &json["data"];
            if has_no_large_number(data) {
                assert!(stored.is_valid(data), "{:?} {}", stored.iter_errors(data).next(), told());
                with_data += 1;
            }
            notices += 1;
        }
    }
    println!("{notices} notices, of {with_data} the data");
    assert!(notices > 5_000 && with_data > 2_500, "{notices} {with_data}");
}

#[test]
fn the_schema_of_cloudevents_refuses_what_is_none() {
    let outside = compiled(&of_cloudevents());
    let right = json!({ "specversion": "1.0", "id": "7-1", "source": "/services", "type": "a", "time": TIMES[2], "subject": "7" });
    assert!(outside.is_valid(&right));
    for (name, wrong) in [
        ("id", json!("")),
        ("id", json!(7)),
        ("source", json!("")),
        ("source", json!("a b")),
        ("type", json!("")),
        ("time", json!("2024-02-30T00:00:00Z")),
        ("time", json!("yesterday")),
        ("subject", json!("")),
        ("specversion", json!("")),
    ] {
        let mut changed = right.clone();
        changed[name] = wrong;
        assert!(!outside.is_valid(&changed), "{changed}");
    }
}

/// A source is refused where a validator from outside would refuse the notice.
#[test]
fn validators_agree_about_what_a_source_can_be() {
    const PARTS: [&str; 28] = [
        "a", "Z", "7", "-", ".", "_", "~", ":", "/", "//", "?", "#", "[", "]", "@", "%20", "%", "%e9", "+",
        "!", "&", " ", "é", "\"", "http:", "[::1]", ":80", "\\",
    ];
    let outside = compiled(&json!({ "type": "string", "format": "uri-reference", "minLength": 1 }));
    let (mut taken, mut refused) = (0, 0);
    let mut random = Rng::with_seed(7);
    for _ in 0..200_000 {
        let source: String = (0..random.usize(0..8)).map(|_| one(&mut random, &PARTS)).collect();
        let is_taken = NoticeOrigin::new(&*source).is_ok();
        assert_eq!(is_taken, outside.is_valid(&json!(source)), "{source}");
        *(if is_taken { &mut taken } else { &mut refused }) += 1;
    }
    assert!(taken > 10_000 && refused > 10_000, "{taken} {refused}");
}

/// An end of a random event, some of whose fields are odd, of a service that is active or has ended before.
fn completion(declared: &Declared, random: &mut Rng) -> Option<Completion> {
    let mut body: Value = serde_json::from_str(&declared.body(random).to_string()).ok()?;
    let body = body.as_object_mut()?;
    if random.bool() {
        body.retain(|name, _| FixedField::ALL.iter().all(|field| field.name() != name));
        for name in ["session_id", "disposition_desc", "interaction_id"] {
            body.insert(name.to_owned(), one(random, &TEXTS).into());
        }
        body.insert("resource_id".to_owned(), one(random, &NUMBERS).into());
        body.insert("timestamp".to_owned(), one(random, &TIMES).into());
    }
    let event = declared.validator.read(serde_json::to_string(body).ok()?.as_bytes()).ok()?;
    let started = Timestamp::MIN;
    let mut service = StoredService::new(one(random, &NUMBERS), one(random, &NUMBERS), started);
    if random.bool() {
        service.end = Some(End::new(started, event.fields().clone()));
    }
    let rules = EndRules::new().with_policy(EndPolicy::ReplaceEarlier);
    match decide(service.service_id, Some(&service), event, &rules, Timestamp::MAX) {
        Ok(Decision::Complete(completion)) => Some(completion),
        _ => None,
    }
}

/// Whether no number is one that a 64-bit float can't tell from its neighbours: those are the affair of the bodies.
fn has_no_large_number(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64().is_some_and(|number| number.abs() < 9e15),
        Value::Array(elements) => elements.iter().all(has_no_large_number),
        Value::Object(members) => members.values().all(has_no_large_number),
        _ => true,
    }
}
