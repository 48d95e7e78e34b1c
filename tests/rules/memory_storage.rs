//! Section 4: the storage contract, S1 to S8, as `MemoryStorage` keeps it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use service_end::storage::AnyStorage;
use service_end::{
    CompleteError, CompleteService, EndPolicy, EndRules, MemoryStorage, Outcome, Schemas, Service,
    ServiceEndEvent, ServiceId, Storage, StoredService, Timestamp, Validator, Value,
    event::BusinessValue,
    schema::OpenNames,
    service::Refusal,
    storage::{Commit, Want},
};

use crate::stage::{
    ID, NOW, START, active, at, completed, completion, document, end, ended_by, ended_document, operation,
    schemas, store_with, stored, validator,
};

#[test]
fn s1_a_completion_is_applied_only_at_the_version_it_was_decided_on() {
    let storage = store_with(active());
    let first = completion(&storage, r#"{ "disposition": 1, "Feedback": { "rating": 1 } }"#);
    let second = completion(&storage, r#"{ "disposition": 2, "Satisfaction": [ { "rating": 2 } ] }"#);
    assert_eq!(storage.commit(&first), Ok(Commit::Committed));
    let before = stored(&storage);
    for stale in [&second, &first, &second] {
        assert_eq!(storage.commit(stale), Ok(Commit::Stale));
        assert_eq!(stored(&storage), before, "a stale completion changes nothing");
    }
    let anew = completion(&storage, r#"{ "disposition": 2 }"#);
    assert_eq!(storage.commit(&anew), Ok(Commit::Committed));
}

#[test]
fn s1_a_version_never_comes_back() {
    let storage = store_with(active());
    let mut versions = vec![stored(&storage).version];
    for disposition in 0..100 {
        let completion = completion(&storage, &format!(r#"{{ "disposition": {} }}"#, disposition % 2));
        assert_eq!(storage.commit(&completion), Ok(Commit::Committed));
        versions.push(stored(&storage).version);
    }
    let count = versions.len();
    versions.sort_unstable();
    versions.dedup();
    assert_eq!(versions.len(), count);
}

#[test]
fn s1_a_completion_for_an_absent_service_is_stale_and_brings_nothing_into_being() {
    let storage = store_with(active());
    let late = completion(&storage, "{}");
    assert!(storage.remove(ServiceId(ID)));
    assert_eq!(storage.commit(&late), Ok(Commit::Stale));
    assert!(storage.is_empty());
    assert_eq!(storage.load(ServiceId(ID), Want::All), Ok(None));
    // A service under the same id is another one.
    assert!(storage.insert(active()));
    assert_eq!(storage.commit(&late), Ok(Commit::Stale));
    assert!(stored(&storage).end.is_none());
}

#[test]
fn s2_and_s3_fields_state_and_named_extensions_change_at_one_stroke_and_others_stay() {
    let storage = store_with(
        active()
            .with_extension("Feedback", r#"{"rating":1}"#)
            .with_extension("Gone", r#"{ "kept":  "as it is" }"#)
            .with_extension("Satisfaction", r#"[{"rating":1,"place":"a"},{"rating":2,"place":"b"}]"#),
    );
    let completion =
        completion(&storage, r#"{ "disposition": 10, "SATISFACTION": [ { "rating": 3 } ], "Feedback": {} }"#);
    assert_eq!(storage.commit(&completion), Ok(Commit::Committed));
    let found = stored(&storage);
    let end = found.end.as_ref().unwrap();
    assert_eq!((end.timestamp(), &end.fields().disposition), (at(NOW), &Some(BusinessValue::Id(10))));
    assert_eq!(found.extension("gone"), Some(r#"{ "kept":  "as it is" }"#), "untouched");
    assert_eq!(
        found.extension("satisfaction"),
        Some(r#"[{"rating":3,"place":"unknown"}]"#),
        "replaced whole"
    );
    assert_eq!(found.extension("feedback"), Some(r#"{"notes":"none"}"#));
    assert_eq!(found.extensions().len(), 3);
}

#[test]
fn s3_a_set_that_is_cleared_leaves_nothing_stored() {
    let storage = store_with(active().with_extension("SatisFaction", r#"[{"rating":1}]"#));
    assert_eq!(storage.commit(&completion(&storage, r#"{ "Satisfaction": [] }"#)), Ok(Commit::Committed));
    assert!(stored(&storage).extensions().len() == 0);
}

#[test]
fn s3_what_remains_of_an_end_stays_as_it_was_whatever_else_of_it_is_replaced() {
    const COUNT: usize = 24;
    let schema = |n| {
        format!(
            r#"{{ "name": "E{n}", "type": "multi-valued", "attributes": [
                {{ "name": "s", "type": "string", "default": "unknown" }}, {{ "name": "i", "type": "integer" }},
                {{ "name": "l", "type": "long" }}, {{ "name": "d", "type": "double", "default": 0.5 }},
                {{ "name": "b", "type": "boolean" }}, {{ "name": "day", "type": "date" }},
                {{ "name": "t", "type": "datetime" }}, {{ "name": "c", "type": "currency" }} ] }}"#
        )
    };
    // A long text in some, so that little or much is let go with one.
    let records = |n: usize, round: usize| {
        let text = "é".repeat([1, 3, 5_000][n % 3]);
        format!(
            r#"[{{"s":"{text}{round}","i":{round},"l":-1{n},"d":0.25,"b":true,"day":"2009-05-12","t":"{NOW}","c":19.9}},{{"s":"","d":{n}.5}}]"#
        )
    };
    let declared: Vec<_> = (0..COUNT).map(schema).collect();
    let schemas = Schemas::from_json(format!("[{}]", declared.join(","))).unwrap();
    let validator = Validator::new(schemas.with_open(OpenNames::every()));
    let mut expected = BTreeMap::new();
    let rules = EndRules::new().with_policy(EndPolicy::ReplaceEarlier);
    let operation = CompleteService::new(validator, store_with(active())).with_end_rules(rules);
    // All of them, then fewer and fewer, and none of them twice in a row.
    for (round, step) in [1, 2, 3, 5, 7, 11, 23, 24].into_iter().enumerate() {
        let named = (round..COUNT).step_by(step).filter(|_| step != 24).chain([COUNT - 1]);
        let named: BTreeSet<_> = if round == 0 { (0..COUNT).collect() } else { named.collect() };
        let mut members = Vec::new();
        for n in named {
            let json = if n % 7 == round % 7 && round > 0 { "[]".to_owned() } else { records(n, round) };
            members.push(format!(r#""E{n}":{json},"Open{n}":{json}"#));
            for name in ["e", "open"] {
                expected.remove(&format!("{name}{n}"));
                if json != "[]" {
                    expected.insert(format!("{name}{n}"), json.clone());
                }
            }
        }
        let body = format!(r#"{{"disposition":{round},{}}}"#, members.join(","));
        assert_eq!(end(&operation, &body), if round == 0 { "ended" } else { "replaced" });
        assert_eq!(end(&operation, &body), "already so");
        let stored = stored(operation.storage());
        let found: BTreeMap<_, _> = stored
            .extensions()
            .map(|extension| (extension.key.to_string(), extension.json.to_string()))
            .collect();
        assert_eq!(found, expected, "after end {round}");
    }
}

#[test]
fn s4_what_was_committed_is_seen_by_every_later_read() {
    let storage = Arc::new(store_with(active()));
    for rating in 0..200 {
        let body = format!(r#"{{ "Feedback": {{ "rating": {rating} }} }}"#);
        assert_eq!(storage.commit(&completion(&storage, &body)), Ok(Commit::Committed));
        let reader = Arc::clone(&storage);
        let seen = thread::spawn(move || stored(&reader)).join().unwrap();
        assert_eq!(seen.extension("feedback"), Some(&*format!(r#"{{"rating":{rating},"notes":"none"}}"#)));
    }
}

#[test]
fn s5_reading_an_unknown_service_is_none() {
    let storage = store_with(active());
    for id in [0, -ID, ID + 1, i64::MIN, i64::MAX] {
        for want in [Want::Nothing, Want::Named(&["feedback"]), Want::All] {
            assert_eq!(storage.load(ServiceId(id), want), Ok(None));
        }
    }
}

#[test]
fn s6_what_is_read_comes_back_exactly_as_stored() {
    let texts = [
        "{}",
        " { }\n",
        r#"{"notes":"\u00e9\ud83d\ude00"}"#,
        "{\"notes\":\"é😀\u{0}\"}",
        "",
        "not JSON",
        "[]",
    ];
    for text in texts {
        let storage = store_with(active().with_extension("Feedback", text));
        assert_eq!(stored(&storage).extension("feedback"), Some(text), "code point by code point");
    }
    let body = r#"{ "timestamp": "2009-05-12T12:00:00.001Z", "session_id": "\u00e9e\u0301😀\u0001", "disposition": "İ",
        "Feedback": { "notes": "\"\\\u001f\ud83d\ude00 \u202e", "rating": -2147483648 },
        "Satisfaction": [ { "rating": 3, "place": "b" }, { "rating": 1, "place": "B" }, { "rating": 2, "place": null } ] }"#;
    let operation = ended_by(body);
    let event = validator().read(body.as_bytes()).unwrap();
    let found = Service::read(&stored(operation.storage()), &schemas());
    assert_eq!(*found.end().unwrap().fields(), *event.fields());
    assert_eq!(found.end().map(service_end::service::End::timestamp), event.timestamp());
    assert_eq!(found.extensions(), event.extensions());
}

#[test]
fn s6_of_the_extensions_come_those_that_are_wanted() {
    let storage = store_with(
        active().with_extension("Feedback", "{}").with_extension("A", "1").with_extension("b", "[2]"),
    );
    let cases: [(Want<'_>, &[&str]); 6] = [
        (Want::Nothing, &[]),
        (Want::Named(&[]), &[]),
        (Want::Named(&["a"]), &["a"]),
        (Want::Named(&["b", "gone", "feedback"]), &["b", "feedback"]),
        (Want::Named(&["gone"]), &[]),
        (Want::All, &["a", "b", "feedback"]),
    ];
    for (want, expected) in cases {
        let service = storage.load(ServiceId(ID), want).unwrap().unwrap();
        let mut keys: Vec<_> = service.extensions().map(|extension| extension.key).collect();
        keys.sort_unstable();
        assert_eq!(keys, expected, "{want:?}");
        assert_eq!((service.service_id, service.started), (ServiceId(ID), at(START)), "{want:?}");
        assert_eq!(service.version, stored(&storage).version, "{want:?}");
    }
}

#[test]
fn s8_extensions_are_keyed_by_their_name_without_regard_to_case() {
    let storage = store_with(active().with_extension("FEEDback", r#"{"rating":1}"#));
    assert_eq!(stored(&storage).extensions().next().unwrap().key, "feedback");
    assert_eq!(
        storage.commit(&completion(&storage, r#"{ "fEEDBACK": { "rating": 2 } }"#)),
        Ok(Commit::Committed)
    );
    let found = stored(&storage);
    assert_eq!(found.extensions().len(), 1);
    assert_eq!(found.extension("feedback"), Some(r#"{"rating":2,"notes":"none"}"#));
}

#[test]
fn s6_an_extension_of_a_document_keeps_what_it_leaves_out() {
    // There an attribute that is left out has no value, whatever its default; and so it stays where the extension is
    // carried to another service.
    let document =
        format!(r#"{{"service_id":1,"started":{{"timestamp":"{START}"}},"Feedback":{{"rating":7}}}}"#);
    let service = Service::read(&StoredService::from_json(document, 1).unwrap(), &schemas());
    let feedback = service.extension("Feedback").unwrap();
    assert_eq!(feedback.record().unwrap().get("notes"), None);
    let event = ServiceEndEvent::builder().extension(feedback.clone()).build(&validator()).unwrap();
    let operation = CompleteService::new(validator(), store_with(active()));
    assert!(matches!(operation.end_with(ID, event, at(NOW)), Ok(Outcome::Ended(_))));
    assert_eq!(stored(operation.storage()).extension("Feedback"), Some(r#"{"rating":7}"#));
    let read = Service::read(&stored(operation.storage()), &schemas());
    assert_eq!(read.extension("Feedback"), Some(feedback));
}

#[test]
fn a_service_is_inserted_once_and_is_at_a_version_of_the_stores_own() {
    let storage = store_with(active());
    let other = StoredService::new(ID, 99, at(NOW)).with_extension("Feedback", "{}");
    assert!(!storage.insert(other));
    assert_eq!((stored(&storage).started, stored(&storage).extensions().len()), (at(START), 0));
    assert_eq!((storage.len(), storage.is_empty()), (1, false));
    assert!(!storage.remove(ServiceId(ID + 1)));
    for id in -1000..1000 {
        assert!(storage.insert(StoredService::new(id, 0, at(START))));
    }
    assert_eq!(storage.len(), 2001);
    assert!((-1000..1000).all(|id| storage.load(ServiceId(id), Want::Nothing).unwrap().is_some()));
}

const KINDS: u64 = 8;

/// Ids in sequence, at small and large steps, scattered, and at both ends.
fn id_of(kind: u64, n: u64) -> i64 {
    let n = n % 300;
    let id = match kind % KINDS {
        0 => n,
        1 => n << 3,
        2 => n << 22,
        6 => n << 42,
        7 => n << 32 | n,
        3 => n.wrapping_mul(0x9E37_79B9_7F4A_7C15),
        4 => u64::MAX / 2 - n,
        _ => (1 << 63) + n,
    };
    i64::from_ne_bytes(id.to_ne_bytes())
}

#[test]
fn services_come_and_go_in_any_order_and_each_is_found_while_it_is_there() {
    let (storage, mut model) = (MemoryStorage::new(), BTreeMap::new());
    let mut dice = 1_u64;
    for step in 0..60_000_u64 {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // It grows first, shrinks next, and so on.
        let adds = (dice >> 20) % 10 < if step / 10_000 % 2 == 0 { 7 } else { 3 };
        let id = id_of(dice >> 33, dice >> 40);
        if adds {
            let started = Timestamp::from_unix_millis(i64::try_from(step).unwrap()).unwrap();
            let is_new = storage.insert(StoredService::new(id, 0, started));
            assert_eq!(is_new, !model.contains_key(&id), "{id} at step {step}");
            model.entry(id).or_insert(started);
        } else {
            assert_eq!(storage.remove(ServiceId(id)), model.remove(&id).is_some(), "{id} at step {step}");
        }
        if step % 1_000 == 0 {
            assert_eq!(storage.len(), model.len());
            for id in (0..KINDS).flat_map(|kind| (0..300).map(move |n| id_of(kind, n))) {
                let found = storage.load(ServiceId(id), Want::Nothing).unwrap();
                assert_eq!(
                    found.map(|service| service.started),
                    model.get(&id).copied(),
                    "{id} at step {step}"
                );
            }
        }
    }
}

#[test]
fn a_refused_body_leaves_storage_exactly_as_it_was() {
    let refused = [
        "",
        "{",
        "[]",
        r#"{ "disposition": 10, "resource_id": "x" }"#,
        r#"{ "disposition": 10, "Feedback": { "rating": 7 }, "Gone": {} }"#,
        r#"{ "Feedback": { "rating": 7 }, "Satisfaction": [ { "rating": 1 }, { "rating": 2 } ] }"#,
        r#"{ "Satisfaction": [ { "rating": 1 }, { "place": "p" } ] }"#,
        r#"{ "service_id": 1, "Feedback": { "rating": 7 } }"#,
        r#"{ "Feedback": { "rating": 7 }, "timestamp": "2009-05-12T11:48:59.999Z" }"#,
        "{ \"Feedback\": { \"rating\": 7 } } x",
        r#"{ "Feedback": { "rating": 7 }, "session_id": "\ud800" }"#,
    ];
    let before = [("Feedback", r#"{ "rating": 1 }"#), ("Satisfaction", "unreadable"), ("Gone", "{}")];
    let service = before.iter().fold(active(), |service, (name, json)| service.with_extension(name, *json));
    let ended = completed(service.clone());
    for service in [service, ended] {
        let operation = CompleteService::new(validator(), store_with(service))
            .with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier));
        let before = stored(operation.storage());
        for body in refused {
            let told = end(&operation, body);
            assert!(["syntax", "invalid_event"].iter().any(|code| told.starts_with(code)), "{told}: {body}");
            assert_eq!(stored(operation.storage()), before, "the version included: {body}");
        }
    }
}

const THREADS: usize = 8;
const ROUNDS: usize = 300;

/// What all threads are told who end one service at once, each with its body.
fn race(body: impl Fn(usize) -> String) -> Vec<Result<Outcome, CompleteError<std::convert::Infallible>>> {
    let operation = operation();
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|caller| {
                let (operation, barrier, body) = (&operation, &barrier, body(caller));
                scope.spawn(move || {
                    barrier.wait();
                    operation.end(ID, body.as_bytes(), at(NOW))
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn of_callers_who_end_one_service_at_once_exactly_one_wins() {
    for _ in 0..ROUNDS / 3 {
        let answers =
            race(|caller| format!(r#"{{ "disposition": {caller}, "Feedback": {{ "rating": {caller} }} }}"#));
        let won = answers.iter().filter(|answer| matches!(answer, Ok(Outcome::Ended(_)))).count();
        let refused = |answer: &Result<Outcome, CompleteError<_>>| {
            matches!(answer, Err(CompleteError::Refused(Refusal::AlreadyEnded { .. })))
        };
        let lost = answers.iter().filter(|answer| refused(answer)).count();
        assert_eq!((won, lost), (1, THREADS - 1), "{answers:?}");
    }
}

#[test]
fn of_callers_who_end_one_service_at_once_with_the_same_event_the_others_are_told_success() {
    for _ in 0..ROUNDS / 3 {
        let answers = race(|_| r#"{ "disposition": 10, "Satisfaction": [ { "rating": 1 } ] }"#.to_owned());
        let won = answers.iter().filter(|answer| matches!(answer, Ok(Outcome::Ended(_)))).count();
        let so = answers.iter().filter(|answer| matches!(answer, Ok(Outcome::AlreadySo(_)))).count();
        assert_eq!((won, so), (1, THREADS - 1), "{answers:?}");
    }
}

#[test]
fn of_callers_who_replace_one_end_at_once_each_replaces_what_is_there() {
    for _ in 0..ROUNDS / 30 {
        let operation = operation()
            .with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier))
            .with_max_attempts(u32::MAX);
        let ended = &AtomicBool::new(false);
        thread::scope(|scope| {
            for caller in 0..THREADS {
                let operation = &operation;
                scope.spawn(move || {
                    for step in 0..20 {
                        let body = format!(r#"{{ "disposition": {} }}"#, caller * 100 + step);
                        match operation.end(ID, body.as_bytes(), at(NOW)) {
                            Ok(Outcome::Ended(_)) => assert!(!ended.swap(true, Ordering::Relaxed), "once"),
                            Ok(Outcome::Replaced(_)) => {}
                            other => panic!("{other:?}"),
                        }
                    }
                });
            }
        });
        assert!(ended.load(Ordering::Relaxed));
    }
}

#[test]
fn s6_readers_beside_writers_see_one_consistent_version() {
    let operation = operation()
        .with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier))
        .with_max_attempts(u32::MAX);
    let body = |n: usize| {
        let records: Vec<_> =
            (0..n % 7).map(|place| format!(r#"{{ "rating": {n}, "place": "{place}" }}"#)).collect();
        format!(
            r#"{{ "application_id": {n}, "resource_id": {n}, "disposition_desc": "{n}", "Feedback": {{ "rating": {n} }},
                "Satisfaction": [ {} ] }}"#,
            records.join(",")
        )
    };
    assert_eq!(end(&operation, &body(0)), "ended");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                let operation = &operation;
                scope.spawn(move || {
                    for step in 1..=ROUNDS {
                        assert_eq!(end(operation, &body(writer * ROUNDS + step)), "replaced");
                    }
                })
            })
            .collect();
        for _ in 0..3 {
            scope.spawn(|| {
                let mut seen = 0;
                while seen == 0 || !done.load(Ordering::Relaxed) {
                    let found = Service::read(&stored(operation.storage()), &schemas());
                    assert_consistent(&found);
                    seen += 1;
                }
            });
        }
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
}

/// Asserts that all parts of a service that was ended by [`s6_readers_beside_writers_see_one_consistent_version`]
/// were written by the same body.
fn assert_consistent(found: &Service) {
    let fields = found.end().unwrap().fields();
    let n = fields.application_id.unwrap();
    assert_eq!(fields.resource_id, Some(n));
    assert_eq!(fields.disposition_desc.as_ref().map(ToString::to_string), Some(n.to_string()));
    let feedback = found.extension("Feedback").unwrap().record().unwrap();
    assert_eq!(feedback.get("rating").and_then(Value::as_i64), Some(n));
    let records = found.extension("Satisfaction").map_or(0, service_end::Extension::len);
    assert_eq!(i64::try_from(records).unwrap(), n % 7);
    let mut ratings = found.extension("Satisfaction").into_iter().flat_map(service_end::Extension::records);
    assert!(ratings.all(|record| record.get("rating").and_then(Value::as_i64) == Some(n)));
}

#[test]
fn a_store_is_used_through_any_pointer() {
    fn ends<S: Storage>(storage: S) {
        let operation = CompleteService::new(validator(), storage);
        let body = r#"{ "Feedback": { "rating": 7 } }"#;
        assert_eq!(end(&operation, body), "ended");
        assert_eq!(end(&operation, body), "already so");
        assert_eq!(
            document(operation.storage()),
            ended_document("", r#""Feedback":{"rating":7,"notes":"none"}"#)
        );
    }
    let memory = || store_with(active());
    ends(memory());
    ends::<&MemoryStorage>(&memory());
    ends::<&&MemoryStorage>(&&memory());
    ends(Box::new(memory()));
    ends(Arc::new(memory()));
    ends(Box::new(memory()) as Box<dyn Storage<Error = std::convert::Infallible>>);
    ends(Arc::new(memory()) as Arc<dyn Storage<Error = std::convert::Infallible> + Send + Sync>);
    ends(&memory() as &dyn Storage<Error = std::convert::Infallible>);
    ends(Arc::new(Box::new(&memory())));
    ends(AnyStorage::new(memory()));
}
