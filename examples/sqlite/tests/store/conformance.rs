//! The tests that `service-end-conformance` has for every store.

use service_end::{ExtensionSchema, StoredService};
use service_end_conformance::{self as conformance, Fixture};
use service_end_sqlite::SqliteStorage;
use tempfile::TempDir;

use crate::{fresh, open};

struct OneFile(TempDir);

impl Fixture for OneFile {
    type Storage = SqliteStorage;

    fn fresh(&mut self) -> SqliteStorage {
        let (directory, storage) = fresh();
        self.0 = directory;
        storage
    }

    fn insert(&mut self, storage: &SqliteStorage, service: StoredService) {
        assert!(storage.insert(&service).unwrap());
    }

    fn reopen(&mut self, storage: SqliteStorage) -> Option<SqliteStorage> {
        drop(storage);
        Some(open(&self.0))
    }

    fn another(&mut self, _: &SqliteStorage) -> Option<SqliteStorage> {
        Some(open(&self.0))
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
}

#[test]
fn it_keeps_the_contract_of_storage() {
    conformance::check(OneFile(fresh().0)).assert();
}
