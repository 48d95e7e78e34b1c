//! The tests that `service-end-conformance` has for every store.

use service_end::{ExtensionSchema, StoredService};
use service_end_conformance::{self as conformance, Fixture, OutboxUnderTest};
use service_end_sqlite::SqliteStorage;
use tempfile::TempDir;

use crate::{fresh, open};

/// A file, and whether its store keeps an outbox.
struct OneFile(TempDir, bool);

impl OneFile {
    fn open(&self) -> SqliteStorage {
        let storage = open(&self.0);
        if self.1 { storage.with_outbox("/services".parse().unwrap()) } else { storage }
    }
}

impl Fixture for OneFile {
    type Storage = SqliteStorage;

    fn fresh(&mut self) -> SqliteStorage {
        self.0 = fresh().0;
        self.open()
    }

    fn insert(&mut self, storage: &SqliteStorage, service: StoredService) {
        assert!(storage.insert(&service).unwrap());
    }

    fn reopen(&mut self, storage: SqliteStorage) -> Option<SqliteStorage> {
        drop(storage);
        Some(self.open())
    }

    fn another(&mut self, _: &SqliteStorage) -> Option<SqliteStorage> {
        Some(self.open())
    }

    fn failing(&mut self) -> Option<SqliteStorage> {
        let storage = self.fresh();
        let connection = rusqlite::Connection::open(self.0.path().join("services.db")).unwrap();
        connection.execute_batch("DROP TABLE extensions; DROP TABLE services").unwrap();
        Some(storage)
    }

    fn register(&mut self, storage: &SqliteStorage, schema: &ExtensionSchema) -> bool {
        assert!(storage.register(schema).unwrap());
        true
    }

    fn unregister(&mut self, storage: &SqliteStorage, name: &str) {
        assert!(storage.unregister(name).unwrap());
    }

    fn outbox<'s>(&self, storage: &'s SqliteStorage) -> Option<OutboxUnderTest<'s>> {
        self.1.then(|| OutboxUnderTest::new(storage))
    }
}

#[test]
fn it_keeps_the_contract_of_storage() {
    conformance::check(OneFile(fresh().0, false)).assert();
}

#[test]
fn it_keeps_the_contract_with_an_outbox() {
    let report = conformance::check(OneFile(fresh().0, true));
    report.assert();
    assert!(report.case("every_end_leaves_its_notice").unwrap().is_passed());
}
