//! What those who end services have to wait for.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use service_end::{
    AttributeSchema, CompleteError, ExtensionSchema, Schemas, ServiceId, Storage, storage::Want,
};
use service_end_sqlite::{SqliteError, SqliteStorage};

use crate::{child, fresh, now, operation, started};

const FILE: &str = "SERVICE_END_SQLITE_WAITING_FILE";

fn note() -> ExtensionSchema {
    ExtensionSchema::single_valued("Note").attribute(AttributeSchema::integer("n")).build().unwrap()
}

/// Ends services until told to stop: how long each end took, the longest last.
fn end_services(storage: &SqliteStorage, go_on: impl Fn() -> bool) -> Vec<Duration> {
    let operation = operation(storage, &Schemas::new());
    let mut took = Vec::new();
    while go_on() {
        let id = storage.start(started()).unwrap();
        let begun = Instant::now();
        assert!(operation.end(id, b"{}", now()).is_ok());
        took.push(begun.elapsed());
    }
    took.sort();
    took
}

fn told(took: &[Duration]) -> String {
    let of = |thousandths: usize| took[(took.len() * thousandths / 1_000).min(took.len() - 1)];
    format!(
        "{} ended, 99 % within {:?}, 99.9 % within {:?}, at most {:?}",
        took.len(),
        of(990),
        of(999),
        of(1_000)
    )
}

/// `RECORDS=2000000 cargo test --release -p service-end-sqlite removal -- --nocapture` tells the figures of a large one.
#[test]
fn services_are_ended_in_this_process_and_another_during_the_removal_of_many_records() {
    let records: i64 = std::env::var("RECORDS").map_or(200_000, |records| records.parse().unwrap());
    let (directory, storage) = fresh();
    let file = directory.path().join("services.db");
    assert!(storage.register(&note()).unwrap());
    rusqlite::Connection::open(&file)
        .unwrap()
        .execute_batch(&format!(
            "BEGIN;
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {records})
             INSERT INTO services (service_id, version, started) SELECT i, 1, 1000 FROM n;
             INSERT INTO extensions (service_id, key, records) SELECT service_id, 'note', '{{\"n\":1}}' FROM services;
             COMMIT;"
        ))
        .unwrap();

    let mut other =
        child("waiting::the_other_process").env(FILE, &file).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(other.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "begun"));
    // What it takes without a removal, on this machine at this time.
    let (begun, time) = (Instant::now(), Duration::from_micros(records.unsigned_abs() * 5));
    println!("without a removal: {}", told(&end_services(&storage, || begun.elapsed() < time)));
    let removed = AtomicBool::new(false);
    let (here, took) = std::thread::scope(|scope| {
        let here = scope.spawn(|| end_services(&storage, || !removed.load(Ordering::Relaxed)));
        let begun = Instant::now();
        assert!(storage.unregister("Note").unwrap());
        removed.store(true, Ordering::Relaxed);
        std::fs::write(stop(&file), "").unwrap();
        (here.join().unwrap(), begun.elapsed())
    });
    let there = lines.find_map(|line| line.strip_prefix("there: ").map(str::to_owned)).unwrap();
    assert!(other.wait().unwrap().success());
    println!("{records} records removed in {took:?}; here: {}; there, and before: {there}", told(&here));
    let there: u32 = there.split_whitespace().next().unwrap().parse().unwrap();
    assert!(here.len() > 20 && there > 20, "they had to wait for all of it: {} and {there}", here.len());

    let left = "SELECT count(*) FROM extensions";
    let left: i64 = rusqlite::Connection::open(&file).unwrap().query_row(left, (), |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

fn stop(file: &Path) -> std::path::PathBuf {
    file.with_extension("stop")
}

#[test]
#[ignore = "it is run by the test above"]
fn the_other_process() {
    let Ok(file) = std::env::var(FILE) else { return };
    let storage = SqliteStorage::open(&file).unwrap();
    println!("\nbegun");
    println!("there: {}", told(&end_services(&storage, || !stop(Path::new(&file)).exists())));
}

/// The records of a removed schema are gone at one stroke, though they are deleted one after the other.
#[test]
fn no_reader_sees_some_of_the_records_of_a_schema_that_is_removed() {
    const SERVICES: i64 = 5000;
    let (_directory, storage) = fresh();
    storage.register(&note()).unwrap();
    let operation = operation(&storage, &storage.schemas().unwrap());
    let mut last = ServiceId(0);
    for _ in 0..SERVICES {
        last = storage.start(started()).unwrap();
        assert!(operation.end(last, br#"{ "Note": { "n": 1 } }"#, now()).is_ok());
    }
    let has_note = |id| storage.load(id, Want::All).unwrap().unwrap().extension("note").is_some();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while has_note(ServiceId(1)) {}
            assert!(!has_note(last), "the first one is gone, and so is the last");
        });
        assert!(storage.unregister("Note").unwrap());
    });
}

/// A host that was killed while it removed records has hidden them. The next removal of the name deletes them.
#[test]
fn what_a_removal_that_was_cut_short_has_left_stays_hidden_and_is_deleted_next_time() {
    let (directory, storage) = fresh();
    storage.register(&note()).unwrap();
    let id = storage.start(started()).unwrap();
    let ended = operation(&storage, &storage.schemas().unwrap()).end(id, br#"{ "Note": { "n": 1 } }"#, now());
    assert!(ended.is_ok());
    let connection = rusqlite::Connection::open(directory.path().join("services.db")).unwrap();
    // As the first transaction of a removal leaves it.
    connection.execute("UPDATE schemas SET declared = NULL, generation = generation + 1", ()).unwrap();
    let left =
        || connection.query_row("SELECT count(*) FROM extensions", (), |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(storage.load(id, Want::All).unwrap().unwrap().extensions().len(), 0);
    storage.register(&note()).unwrap();
    assert_eq!(storage.load(id, Want::All).unwrap().unwrap().extensions().len(), 0, "and does not come back");
    assert_eq!(left(), 1);
    assert!(storage.unregister("Note").unwrap());
    assert_eq!(left(), 0);
}

/// Another process that keeps the file to itself for long: each caller gives up after its own time, not after that of
/// all who came before it.
#[test]
fn callers_who_wait_for_another_process_do_not_wait_for_one_another() {
    let (directory, storage) = fresh();
    let ids: Vec<_> = (0..6).map(|_| storage.start(started()).unwrap()).collect();
    let holding = rusqlite::Connection::open(directory.path().join("services.db")).unwrap();
    holding.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for id in &ids {
            scope.spawn(|| {
                let busy = operation(&storage, &Schemas::new()).end(*id, b"{}", now());
                assert!(matches!(busy, Err(CompleteError::Storage(SqliteError::Sqlite(_)))), "{busy:?}");
            });
        }
    });
    // Five seconds each.
    assert!(begun.elapsed() < Duration::from_secs(15), "it took {:?}", begun.elapsed());
    holding.execute_batch("COMMIT").unwrap();
    for id in ids {
        assert!(operation(&storage, &Schemas::new()).end(id, b"{}", now()).is_ok());
    }
}

/// Files of before there were generations are taken as they are.
#[test]
fn a_file_of_an_earlier_version_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("services.db");
    rusqlite::Connection::open(&file)
        .unwrap()
        .execute_batch(
            r#"CREATE TABLE services (service_id INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL,
                   started INTEGER NOT NULL, completed TEXT) STRICT;
               CREATE TABLE extensions (service_id INTEGER NOT NULL REFERENCES services ON DELETE CASCADE,
                   key TEXT NOT NULL, records TEXT NOT NULL, PRIMARY KEY (service_id, key)) STRICT;
               CREATE TABLE schemas (key TEXT PRIMARY KEY, position INTEGER NOT NULL, declared TEXT) STRICT;
               INSERT INTO services VALUES (7, 3, 1000, '{"timestamp":"2009-05-12T12:05:12.145Z"}');
               INSERT INTO extensions VALUES (7, 'note', '{"n":1}');"#,
        )
        .unwrap();
    for _ in 0..2 {
        let storage = SqliteStorage::open(&file).unwrap();
        let service = storage.load(ServiceId(7), Want::All).unwrap().unwrap();
        assert_eq!(service.extension("note"), Some(r#"{"n":1}"#));
        assert!(service.end.is_some());
    }
    let storage = SqliteStorage::open(&file).unwrap();
    assert!(storage.register(&note()).unwrap());
    assert!(storage.unregister("note").unwrap());
    assert_eq!(storage.load(ServiceId(7), Want::All).unwrap().unwrap().extensions().len(), 0);
}
