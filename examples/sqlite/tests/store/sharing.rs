//! Threads, and other connections, at one store.

use std::sync::atomic::{AtomicBool, Ordering};

use service_end::{
    AttributeSchema, CompleteError, EndPolicy, EndRules, ExtensionSchema, Outcome, Schemas, Storage, Version,
    storage::Want,
};

use crate::{fresh, now, open, operation, started};

fn token() -> Schemas {
    let token =
        ExtensionSchema::single_valued("Token").attribute(AttributeSchema::integer("n")).build().unwrap();
    Schemas::new().with(token).unwrap()
}

#[test]
fn of_two_callers_one_wins_even_through_two_stores_of_one_file() {
    let (directory, storage) = fresh();
    let other = open(&directory);
    for round in 0..20 {
        let id = storage.start(started()).unwrap();
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..4)
                .map(|n| {
                    let storage = if n % 2 == 0 { &storage } else { &other };
                    scope.spawn(move || {
                        let body = format!(r#"{{"resource_id":{n},"Token":{{"n":{n}}}}}"#);
                        operation(storage, &token()).end(id, body.as_bytes(), now())
                    })
                })
                .collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).collect()
        });
        let ended = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Ended(_)))).count();
        let refused =
            outcomes.iter().filter(|outcome| matches!(outcome, Err(CompleteError::Refused(_)))).count();
        assert_eq!((ended, refused), (1, 3), "round {round}: {outcomes:?}");
        assert_eq!(storage.load(id, Want::Nothing).unwrap().unwrap().version, Version(2));
    }
}

#[test]
fn a_reader_sees_one_version_while_writers_go_on() {
    let (_directory, storage) = fresh();
    let id = storage.start(started()).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut reads, mut last) = (0, Version(0));
            while !done.load(Ordering::Relaxed) {
                let service = storage.load(id, Want::All).unwrap().unwrap();
                let token = service.end.as_ref().and_then(|end| end.fields().resource_id);
                let expected = token.map(|n| format!(r#"{{"n":{n}}}"#));
                let extension = service.extensions().next().map(|extension| extension.json.to_owned());
                assert_eq!(extension, expected, "at version {}", service.version);
                assert!(service.version >= last, "a later read sees what an earlier one saw");
                last = service.version;
                reads += 1;
            }
            reads
        });
        let operation = operation(&storage, &token())
            .with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier));
        for n in 0..300 {
            let body = format!(r#"{{"resource_id":{n},"Token":{{"n":{n}}}}}"#);
            assert!(operation.end(id, body.as_bytes(), now()).is_ok());
        }
        done.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 0);
    });
    assert_eq!(storage.load(id, Want::Nothing).unwrap().unwrap().version, Version(301));
}
