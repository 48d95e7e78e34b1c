//! The suite for stores: it passes what is right, in every wrapping, and catches what is wrong by name.

use service_end::storage::conformance::{self, AsyncFixture, Fixture};
use service_end::storage::{AnyAsyncStorage, AnyStorage, Immediate, Job, OffThread};
use service_end::{MemoryStorage, StoredService};
use std::sync::Arc;

struct InMemory;

impl Fixture for InMemory {
    type Storage = MemoryStorage;
    fn fresh(&mut self) -> MemoryStorage {
        MemoryStorage::new()
    }
    fn insert(&mut self, storage: &MemoryStorage, service: StoredService) {
        assert!(storage.insert(service));
    }
    fn reopen(&mut self, _: MemoryStorage) -> Option<MemoryStorage> {
        None
    }
}

#[test]
fn memory() {
    let report = conformance::check(InMemory);
    println!("{report}");
    report.assert();
}
