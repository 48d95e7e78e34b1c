//! Nothing that was acknowledged is ever lost, and nothing is ever half there: a process that ends services is killed
//! again and again.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use service_end::{
    AttributeSchema, EndPolicy, EndRules, ExtensionSchema, Outcome, Schemas, Service, ServiceId, Storage,
    StoredService, Validator, storage::Want,
};
use service_end_sqlite::SqliteStorage;

use crate::{child, fresh, now, operation, started};

const KILLS: i64 = 50;
const THREADS: i64 = 3;
/// How often each service is ended, each time replacing the end before.
const ENDS: i64 = 3;
/// Ids of one round start at a multiple of this.
const ROUND: i64 = 1_000_000;

const FILE: &str = "SERVICE_END_SQLITE_FILE";
const FIRST_ID: &str = "SERVICE_END_SQLITE_FIRST_ID";

fn schemas() -> Schemas {
    let one = ExtensionSchema::single_valued("One")
        .attribute(AttributeSchema::long("token"))
        .attribute(AttributeSchema::string("text"));
    let many = ExtensionSchema::multi_valued("Many")
        .attribute(AttributeSchema::long("token"))
        .attribute(AttributeSchema::integer("n"))
        .unique(["n"]);
    Schemas::new().with(one.build().unwrap()).unwrap().with(many.build().unwrap()).unwrap()
}

/// The `n`th end of a service: each field and each record says which one it is. Some are large.
fn body(id: i64, n: i64) -> String {
    let token = id * ENDS + n;
    let text = "x".repeat(if token % 7 == 0 { 50_000 } else { 50 });
    let many: Vec<_> = (0..=token % 50).map(|n| format!(r#"{{"token":{token},"n":{n}}}"#)).collect();
    format!(
        r#"{{"session_id":"{token}","resource_id":{token},"One":{{"token":{token},"text":"{text}"}},"Many":[{}]}}"#,
        many.join(",")
    )
}

/// Which of its ends a service is at, or none. Panics if it is at a mixture.
fn nth_end(stored: &StoredService) -> Option<i64> {
    let id = stored.service_id.0;
    let (version, end) = (stored.version, stored.end.clone());
    let service = Service::read(stored, &schemas());
    let Some(end) = end else {
        assert!(service.extensions().is_empty(), "service {id} has not ended, but has extensions");
        return None;
    };
    let n = end.fields().resource_id.unwrap() - id * ENDS;
    let whole = Validator::new(schemas()).read(body(id, n).as_bytes()).unwrap();
    assert_eq!(*end.fields(), *whole.fields(), "service {id}");
    assert!(service.unreadable().is_empty(), "service {id}");
    for extension in whole.extensions() {
        assert_eq!(service.extension(extension.name()), Some(extension), "service {id}");
    }
    assert_eq!(i64::from(version), n + 2, "service {id} was ended once for each time");
    Some(n)
}

#[test]
fn a_killed_process_loses_nothing_that_it_acknowledged() {
    let (directory, storage) = fresh();
    drop(storage);
    let file = directory.path().join("services.db");
    let mut acknowledged = BTreeMap::new();
    for round in 1..=KILLS {
        acknowledged.extend(run_and_kill(&file, round));
        let storage = SqliteStorage::open(&file).unwrap();
        verify(&file, &storage, &acknowledged, round * ROUND);
    }
    assert!(acknowledged.len() > 50, "so few that nothing is proven: {}", acknowledged.len());
    verify(&file, &SqliteStorage::open(&file).unwrap(), &acknowledged, 0);
    println!("{KILLS} kills, {} services acknowledged", acknowledged.len());
}

/// Runs the child for a moment. Tells the last end that was acknowledged of each service.
fn run_and_kill(file: &Path, round: i64) -> BTreeMap<i64, i64> {
    let mut child = child("crash::the_process_that_is_killed")
        .env(FILE, file)
        .env(FIRST_ID, (round * ROUND).to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let reading = std::thread::spawn(move || {
        let lines = output.lines().map(Result::unwrap);
        let words = lines.filter_map(|line| {
            let (id, n) = line.strip_prefix("acknowledged ")?.split_once(' ')?;
            Some((id.parse().unwrap(), n.parse().unwrap()))
        });
        words.collect()
    });
    std::thread::sleep(Duration::from_millis(20 + RandomState::new().build_hasher().finish() % 180));
    child.kill().unwrap();
    child.wait().unwrap();
    reading.join().unwrap()
}

fn verify(file: &Path, storage: &SqliteStorage, acknowledged: &BTreeMap<i64, i64>, from: i64) {
    let connection = rusqlite::Connection::open(file).unwrap();
    let sound: String = connection.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let mut ids = connection.prepare("SELECT service_id FROM services WHERE service_id >= ?").unwrap();
    let ids: Vec<i64> = ids.query_map([from], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    for id in ids {
        nth_end(&storage.load(ServiceId(id), Want::All).unwrap().unwrap());
    }
    for (id, n) in acknowledged.range(from..) {
        let service = storage.load(ServiceId(*id), Want::All).unwrap();
        let stored = nth_end(&service.expect("an acknowledged service is there"));
        assert!(stored >= Some(*n), "service {id}: end {n} was acknowledged, and {stored:?} is stored");
    }
}

#[test]
#[ignore = "it is run, and killed, by the test above"]
fn the_process_that_is_killed() {
    let (Ok(file), Ok(first)) = (std::env::var(FILE), std::env::var(FIRST_ID)) else { return };
    let first: i64 = first.parse().unwrap();
    let storage = SqliteStorage::open(file).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let storage = &storage;
            scope.spawn(move || {
                let operation = operation(storage, &schemas())
                    .with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier));
                for id in (first + thread..first + ROUND).step_by(usize::try_from(THREADS).unwrap()) {
                    assert!(storage.insert(&StoredService::new(id, 0, started())).unwrap());
                    for n in 0..ENDS {
                        let outcome = operation.end(id, body(id, n).as_bytes(), now()).unwrap();
                        assert!(matches!(outcome, Outcome::Ended(_) | Outcome::Replaced(_)), "{outcome:?}");
                        // One write for the whole line, past the test runner's own capture.
                        let line = format!("acknowledged {id} {n}\n");
                        std::io::stdout().write_all(line.as_bytes()).unwrap();
                        std::io::stdout().flush().unwrap();
                    }
                }
            });
        }
    });
}
