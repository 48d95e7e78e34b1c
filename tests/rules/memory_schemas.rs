//! Section 4, S9: `MemoryStorage` keeps schemas too, if it is asked to.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use service_end::{
    AttributeSchema, CompleteError, CompleteService, Completion, EndRules, ExtensionSchema, MemoryStorage,
    Schemas, ServiceId, Storage, StoredService, Validator,
    service::{Decision, decide},
    storage::{Commit, Want},
};

use crate::stage::{ID, NOW, START, active, at, completed, completion, schemas, store_with, stored};

/// A store with one service and the schemas of the stage, and one named `Gone`.
fn store_with_schemas(service: StoredService) -> MemoryStorage {
    let storage = store_with(service);
    let gone =
        ExtensionSchema::single_valued("Gone").attribute(AttributeSchema::string("x")).build().unwrap();
    for schema in schemas().iter().chain([&gone]) {
        storage.register(schema).unwrap();
    }
    storage
}

fn feedback(attribute: &str) -> ExtensionSchema {
    ExtensionSchema::single_valued("Feedback").attribute(AttributeSchema::integer(attribute)).build().unwrap()
}

fn schema(name: &str) -> ExtensionSchema {
    schemas().get(name).unwrap().clone()
}

/// What is inserted, a completion of it or none, the name to remove, what stays.
type Removing<'c> = (StoredService, Option<&'c str>, &'c str, &'c [(&'c str, &'c str)]);

#[test]
fn a_removed_schema_takes_its_records_along_wherever_they_came_from_and_others_stay_in_their_order() {
    const FEEDBACK: &str = r#"{"rating":2,"notes":"none"}"#;
    const SATISFACTION: &str = r#"[{"rating":3,"place":"unknown"}]"#;
    let both = r#"{ "Satisfaction": [ { "rating": 3 } ], "Feedback": { "rating": 2 } }"#;
    let inserted = || active().with_extension("Gone", "{}").with_extension("FEEDBACK", "[]");
    let mut ended_before = inserted();
    ended_before.end = stored(&store_with(completed(active()))).end;
    let cases: [Removing<'_>; 7] = [
        (active(), Some(both), "feedBACK", &[("satisfaction", SATISFACTION)]),
        (active(), Some(both), "satisfaction", &[("feedback", FEEDBACK)]),
        (inserted(), None, "Gone", &[("feedback", "[]")]),
        (ended_before, None, "Feedback", &[("gone", "{}")]),
        (inserted(), Some(both), "GONE", &[("satisfaction", SATISFACTION), ("feedback", FEEDBACK)]),
        (inserted(), Some(both), "Feedback", &[("gone", "{}"), ("satisfaction", SATISFACTION)]),
        (inserted(), Some(r#"{ "Feedback": { "rating": 2 } }"#), "Gone", &[("feedback", FEEDBACK)]),
    ];
    for (service, body, name, stays) in cases {
        let storage = store_with_schemas(service);
        if let Some(body) = body {
            assert_eq!(storage.commit(&completion(&storage, body)), Ok(Commit::Committed));
        }
        let late = completion(&storage, r#"{ "disposition": 77 }"#);
        let before = stored(&storage);
        storage.unregister(name).unwrap();
        let after = stored(&storage);
        let found: Vec<_> = after.extensions().map(|found| (found.key, found.json)).collect();
        assert_eq!(found, stays, "{name}");
        assert_eq!((after.started, &after.end), (before.started, &before.end), "{name}");
        assert_ne!(after.version, before.version, "{name}");
        assert_eq!(storage.commit(&late), Ok(Commit::Stale), "it was decided on what is gone");
        assert!(storage.unregister(name).is_err(), "{name}");
        assert_eq!(stored(&storage), after, "where nothing is removed, no version is given");
    }
}

#[test]
fn an_empty_extension_is_not_there_to_be_removed() {
    let storage = store_with_schemas(active());
    assert_eq!(storage.commit(&completion(&storage, r#"{ "Satisfaction": [] }"#)), Ok(Commit::Committed));
    let before = stored(&storage);
    storage.unregister("Satisfaction").unwrap();
    assert_eq!(stored(&storage), before);
}

#[test]
fn a_name_is_taken_in_every_case_and_schemas_stand_in_the_order_registered() {
    let storage = MemoryStorage::new();
    assert!(storage.schemas().is_empty());
    storage.register(&schema("Feedback")).unwrap();
    storage.register(&schema("Satisfaction")).unwrap();
    let shouted =
        ExtensionSchema::single_valued("FEEDBACK").attribute(AttributeSchema::string("x")).build().unwrap();
    for taken in [&shouted, &schema("Feedback"), &feedback("stars")] {
        assert_eq!(storage.register(taken).unwrap_err().name(), "Feedback", "as it is registered");
    }
    assert_eq!(storage.schemas(), schemas());
    let held = storage.schemas();
    assert!(storage.unregister("Gone").is_err());
    storage.unregister("fEEDBACK").unwrap();
    storage.register(&shouted).unwrap();
    assert!(storage.schemas().iter().eq([&schema("Satisfaction"), &shouted]));
    assert_eq!(held, schemas(), "sets never change");
}

#[test]
fn s9_a_completion_read_with_another_schema_than_the_registered_one_changes_nothing() {
    let body = r#"{ "disposition": 1, "Satisfaction": [ { "rating": 3 } ], "Feedback": { "rating": 1 } }"#;
    let refused = |storage: &MemoryStorage, late: &Completion| {
        let before = stored(storage);
        assert_eq!(storage.commit(late), Ok(Commit::SchemaChanged));
        assert_eq!(stored(storage), before, "nothing changes, the version included");
    };
    for service in [active(), completed(active())] {
        let storage = store_with(service);
        let late = completion(&storage, body);
        storage.register(&feedback("stars")).unwrap();
        refused(&storage, &late);
        storage.unregister("Feedback").unwrap();
        refused(&storage, &late);
        storage.register(&feedback("rating")).expect("not all attributes are the same");
        refused(&storage, &late);
        let bare = completion(&storage, r#"{ "disposition": 2, "Satisfaction": [ { "rating": 4 } ] }"#);
        assert_eq!(storage.commit(&bare), Ok(Commit::Committed), "what is not named does not matter");
        assert_eq!(storage.commit(&late), Ok(Commit::Stale));
    }
}

#[test]
fn s9_schemas_are_equal_by_content_so_one_declared_anew_is_the_same() {
    let storage = store_with_schemas(active());
    let late = completion(&storage, r#"{ "Feedback": { "rating": 1 } }"#);
    storage.unregister("Feedback").unwrap();
    storage.register(&schema("Feedback")).unwrap();
    assert_eq!(storage.commit(&late), Ok(Commit::Committed));
    assert_eq!(stored(&storage).extension("feedback"), Some(r#"{"rating":1,"notes":"none"}"#));
}

#[test]
fn a_host_that_keeps_its_schemas_elsewhere_can_register_them_later_and_keep_its_records() {
    let storage = store_with(active().with_extension("Gone", "{}"));
    assert_eq!(
        storage.commit(&completion(&storage, r#"{ "Feedback": { "rating": 1 } }"#)),
        Ok(Commit::Committed)
    );
    let before = stored(&storage);
    storage.register(&feedback("stars")).unwrap();
    assert_eq!(stored(&storage), before);
    storage.unregister("Feedback").unwrap();
    assert_eq!(stored(&storage).extension("gone"), Some("{}"), "it was never registered");
}

#[test]
fn the_operation_says_that_a_schema_has_changed() {
    let storage = store_with_schemas(active());
    let operation = CompleteService::new(Validator::new(storage.schemas()), &storage);
    storage.unregister("Feedback").unwrap();
    let told = operation.end(ID, br#"{ "Feedback": { "rating": 1 } }"#, at(NOW));
    assert_eq!(told, Err(CompleteError::SchemaChanged));
    assert_eq!(stored(&storage).end, None);
    assert!(operation.end(ID, br#"{ "Satisfaction": [] }"#, at(NOW)).is_ok());
}

const THREADS: usize = 8;
const SERVICES: usize = 50;

/// Lets threads end services of their own, each with a record under `Feedback`, while something else is done. The
/// flag is raised when that is done. Tells of each service whether the flag was up before the commit, and the answer.
fn end_all_while(
    storage: &MemoryStorage,
    meanwhile: impl FnOnce(&AtomicBool),
) -> Vec<(ServiceId, bool, Commit)> {
    let (done, barrier, of) = (&AtomicBool::new(false), &Barrier::new(THREADS + 1), &schemas());
    thread::scope(|scope| {
        let ending = |thread: usize| {
            move || {
                let ids = (0..SERVICES).map(|n| ServiceId((thread * 1000 + n).try_into().unwrap()));
                let completions: Vec<_> = ids.map(|id| started(storage, id, of)).collect();
                barrier.wait();
                let commit = |completion: Completion| {
                    let after = done.load(Ordering::SeqCst);
                    (completion.service_id(), after, storage.commit(&completion).unwrap())
                };
                completions.into_iter().map(commit).collect::<Vec<_>>()
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(ending(thread))).collect();
        barrier.wait();
        meanwhile(done);
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// Starts a service, and gives what ends it.
fn started(storage: &MemoryStorage, id: ServiceId, schemas: &Schemas) -> Completion {
    assert!(storage.insert(StoredService::new(id, 0, at(START))));
    let service = storage.load(id, Want::Nothing).unwrap();
    let event = Validator::new(schemas.clone()).read(br#"{ "Feedback": { "rating": 1 } }"#).unwrap();
    match decide(id, service.as_ref(), event, &EndRules::default(), at(NOW)) {
        Ok(Decision::Complete(completion)) => completion,
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_record_comes_back_once_its_schema_was_removed() {
    for _ in 0..20 {
        let storage = MemoryStorage::new();
        storage.register(&schema("Feedback")).unwrap();
        let answers = end_all_while(&storage, |done| {
            storage.unregister("Feedback").unwrap();
            done.store(true, Ordering::SeqCst);
        });
        assert_eq!(answers.len(), THREADS * SERVICES);
        for (id, after, answer) in answers {
            let service = storage.load(id, Want::All).unwrap().unwrap();
            assert_eq!(service.extensions().len(), 0, "{id}");
            assert_eq!(service.end.is_some(), answer == Commit::Committed, "{id}");
            assert!(matches!(answer, Commit::Committed | Commit::SchemaChanged), "{id}: {answer:?}");
            assert!(!after || answer == Commit::SchemaChanged, "{id}: it was removed before");
        }
    }
}

#[test]
fn what_is_committed_once_a_schema_was_declared_anew_stays() {
    for _ in 0..20 {
        let storage = MemoryStorage::new();
        storage.register(&schema("Feedback")).unwrap();
        let answers = end_all_while(&storage, |done| {
            thread::scope(|scope| {
                scope.spawn(|| storage.unregister("Feedback").unwrap());
                while storage.register(&schema("Feedback")).is_err() {
                    thread::yield_now();
                }
                done.store(true, Ordering::SeqCst);
            });
        });
        for (id, after, answer) in answers {
            let service = storage.load(id, Want::All).unwrap().unwrap();
            assert_eq!(service.end.is_some(), answer == Commit::Committed, "{id}");
            if after {
                assert_eq!((answer, service.extensions().len()), (Commit::Committed, 1), "{id}");
            }
        }
    }
}
