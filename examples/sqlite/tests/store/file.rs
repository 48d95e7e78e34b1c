//! Which file it is, and what becomes of the store when there is no room for it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use service_end::{CompleteError, Outcome, Schemas, Storage, storage::Want};
use service_end_sqlite::{SqliteError, SqliteStorage};

use crate::{child, fresh, now, operation, started};

const FILE: &str = "SERVICE_END_SQLITE_FULL_FILE";

#[test]
fn a_process_that_changes_its_directory_stays_with_its_file() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let output = child("file::the_process_that_changes_its_directory")
        .current_dir(one.path())
        .env(FILE, other.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(one.path().join("services.db").exists());
    assert!(!other.path().join("services.db").exists());
}

#[test]
#[ignore = "it is run by the test above"]
fn the_process_that_changes_its_directory() {
    let Ok(other) = std::env::var(FILE) else { return };
    let storage = SqliteStorage::open("services.db").unwrap();
    let id = storage.start(started()).unwrap();
    std::env::set_current_dir(other).unwrap();
    let outcome = operation(&storage, &Schemas::new()).end(id, b"{}", now());
    assert!(matches!(outcome, Ok(Outcome::Ended(_))), "{outcome:?}");
}

#[test]
fn a_database_that_connections_can_not_share_is_refused() {
    for path in [":memory:", "", "file:name?mode=memory&cache=shared"] {
        let opened = SqliteStorage::open(path);
        assert!(matches!(opened, Err(SqliteError::NotShared)), "{path}: {opened:?}");
    }
}

/// The process may write no file beyond a size, as when the disk is full: what fails is the commit, which is when SQLite
/// writes.
#[test]
fn a_full_disk_is_an_error_and_the_store_is_usable_afterwards() {
    let (directory, storage) = fresh();
    drop(storage);
    let limited = child("file::the_process_whose_disk_is_full");
    let program = limited.get_program().to_owned();
    let mut child = Command::new("sh")
        .args(["-c", r#"trap "" XFSZ; ulimit -S -f 600; exec "$0" "$@""#])
        .arg(program)
        .args(limited.get_args().map(ToOwned::to_owned).collect::<Vec<_>>())
        .env(FILE, directory.path().join("services.db"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let full = lines.by_ref().find(|line| line == "full" || line.contains("panicked"));
    assert_eq!(full.as_deref(), Some("full"), "{:?}", lines.collect::<Vec<_>>());
    // Somebody makes room.
    let process = child.id().to_string();
    let freed = Command::new("prlimit").args(["--fsize=unlimited", "--pid", &process]).status().unwrap();
    assert!(freed.success());
    child.stdin.take().unwrap().write_all(b"there is room\n").unwrap();
    let rest: Vec<_> = lines.collect();
    assert!(child.wait().unwrap().success(), "{rest:?}");
    whole(&directory.path().join("services.db"));
}

fn whole(file: &Path) {
    let connection = rusqlite::Connection::open(file).unwrap();
    let sound: String = connection.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
}

#[test]
#[ignore = "it is run by the test above"]
fn the_process_whose_disk_is_full() {
    let Ok(file) = std::env::var(FILE) else { return };
    let storage = SqliteStorage::open(file).unwrap();
    let operation = operation(&storage, &Schemas::new());
    let body = |n| format!(r#"{{ "disposition": {n}, "disposition_desc": "{}" }}"#, "x".repeat(60));
    let mut ended = Vec::new();
    let full = loop {
        let tried = storage.start(started()).map(|id| (id, operation.end(id, body(1).as_bytes(), now())));
        match tried {
            Ok((id, Ok(_))) => ended.push(id),
            Ok((id, Err(CompleteError::Storage(SqliteError::Sqlite(_))))) => break Some(id),
            Err(SqliteError::Sqlite(_)) => break None,
            other => panic!("{other:?}"),
        }
        assert!(ended.len() < 100_000, "it is never full");
    };
    // While there is no room, what was acknowledged is read, and each further end is an error like the first.
    assert!(ended.len() > 10);
    for id in &ended {
        assert!(storage.load(*id, Want::All).unwrap().unwrap().end.is_some());
    }
    for _ in 0..3 {
        assert!(storage.start(started()).is_err());
    }
    println!("\nfull");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    // The outcome was unknown: the same event again is safe.
    for id in full.into_iter().chain(ended) {
        let outcome = operation.end(id, body(1).as_bytes(), now());
        assert!(matches!(outcome, Ok(Outcome::Ended(_) | Outcome::AlreadySo(_))), "{outcome:?}");
    }
    let id = storage.start(started()).unwrap();
    assert!(matches!(operation.end(id, body(2).as_bytes(), now()), Ok(Outcome::Ended(_))));
}
