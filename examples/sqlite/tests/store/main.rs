//! The store does what its README says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says by panicking what it has found"
)]

mod chains;
mod conformance;
mod crash;
mod file;
mod linear;
mod migration;
mod outbox;
mod schemas;
mod sharing;
mod waiting;

use std::process::Command;

use service_end::{CompleteService, Schemas, Timestamp, Validator};
use service_end_sqlite::SqliteStorage;

/// A fresh store, in a directory that lives as long as the test.
fn fresh() -> (tempfile::TempDir, SqliteStorage) {
    let directory = tempfile::tempdir().unwrap();
    let storage = open(&directory);
    (directory, storage)
}

/// Opens the store of a directory, again or for the first time.
fn open(directory: &tempfile::TempDir) -> SqliteStorage {
    SqliteStorage::open(directory.path().join("services.db")).unwrap()
}

fn operation<'s>(storage: &'s SqliteStorage, schemas: &Schemas) -> CompleteService<&'s SqliteStorage> {
    CompleteService::new(Validator::new(schemas.clone()), storage)
}

fn started() -> Timestamp {
    "2009-05-12T11:50:00Z".parse().unwrap()
}

fn now() -> Timestamp {
    "2009-05-12T12:05:12.145Z".parse().unwrap()
}

/// This program again, to run one test that is otherwise ignored.
fn child(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"]);
    command
}
