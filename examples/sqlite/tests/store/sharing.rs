//! Threads, and other connections, at one store.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use service_end::{
    AttributeSchema, CompleteError, EndPolicy, EndRules, ExtensionSchema, Outcome, Schemas, Storage, Version,
    storage::{Outbox, Want},
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

/// Callers who come while another process writes share a transaction. The engine refuses some of them, the one that writes
/// for all too: each fails alone, and leaves nothing.
#[test]
fn whoever_fails_in_a_transaction_that_many_share_fails_alone() {
    const CALLERS: usize = 12;
    let (directory, storage) = fresh();
    let storage = storage.with_outbox("/services".parse().unwrap());
    let file = directory.path().join("services.db");
    let ids: Vec<_> = (0..CALLERS).map(|_| storage.start(started()).unwrap()).collect();
    let fails = |caller: usize| caller % 4 == 0;
    let other = rusqlite::Connection::open(&file).unwrap();
    for (_, id) in ids.iter().enumerate().filter(|(caller, _)| fails(*caller)) {
        // Once the service, its extension and its notice are written.
        other
            .execute_batch(&format!(
                "CREATE TRIGGER fails_{id} AFTER INSERT ON notices WHEN NEW.service_id = {id}
                 BEGIN SELECT RAISE(ABORT, 'no'); END"
            ))
            .unwrap();
    }
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let before = commits(&file);
    let ended: Vec<_> = std::thread::scope(|scope| {
        let callers: Vec<_> = ids
            .iter()
            .map(|id| {
                let caller = scope.spawn(|| {
                    let body = br#"{"disposition":10,"Token":{"n":1}}"#;
                    operation(&storage, &token()).end(*id, body, now())
                });
                // The first one, which fails, is the first in the line.
                std::thread::sleep(Duration::from_millis(20));
                caller
            })
            .collect();
        other.execute_batch("ROLLBACK").unwrap();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    assert!(commits(&file) - before < CALLERS / 2, "they share transactions");
    for ((caller, id), ended) in ids.iter().enumerate().zip(&ended) {
        let service = storage.load(*id, Want::All).unwrap().unwrap();
        let whole = (service.version, service.end.is_some(), service.extensions().len());
        let (is_ended, expected) = if fails(caller) {
            (matches!(ended, Err(CompleteError::Storage(_))), (Version(1), false, 0))
        } else {
            (matches!(ended, Ok(Outcome::Ended(_))), (Version(2), true, 1))
        };
        assert!(is_ended && whole == expected, "caller {caller}: {ended:?} {whole:?}");
    }
    let mut told: Vec<_> =
        storage.take(100, Duration::from_secs(60)).unwrap().iter().map(|taken| taken.service_id).collect();
    told.sort();
    let expected = ids.iter().enumerate().filter(|(caller, _)| !fails(*caller)).map(|(_, id)| *id);
    assert!(told.into_iter().eq(expected), "of those who have failed there is no notice");
}

/// How many transactions were written to the log beside a file: each ends with a page that says how large the file is then.
fn commits(file: &std::path::Path) -> usize {
    let log = std::fs::read(file.with_extension("db-wal")).unwrap();
    let page = u32::from_be_bytes(log[8..12].try_into().unwrap()) as usize;
    log[32..].chunks(24 + page).filter(|frame| frame[4..8] != [0; 4]).count()
}
