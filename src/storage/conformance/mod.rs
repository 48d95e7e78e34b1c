//! Holds a store against the contract of [`Storage`](crate::Storage), case by case.
//!
//! An implementer writes a fixture, which says how to get a fresh store, put a service into it, and open it again;
//! one line makes a test of it. The cases are written once and hold sync and asynchronous stores alike. Each is named
//! after its rule, and cites the clauses that it proves.
//!
//! ```
//! use service_end::storage::conformance::{self, Fixture};
//! use service_end::{MemoryStorage, StoredService};
//!
//! struct InMemory;
//!
//! impl Fixture for InMemory {
//!     type Storage = MemoryStorage;
//!
//!     fn fresh(&mut self) -> MemoryStorage {
//!         MemoryStorage::new()
//!     }
//!
//!     fn insert(&mut self, storage: &MemoryStorage, service: StoredService) {
//!         assert!(storage.insert(service));
//!     }
//!
//!     fn reopen(&mut self, _: MemoryStorage) -> Option<MemoryStorage> {
//!         None // it keeps nothing
//!     }
//! }
//!
//! // #[test]
//! fn memory_storage_holds_the_contract() {
//!     conformance::check(InMemory).assert();
//! }
//! # memory_storage_holds_the_contract();
//! ```
//!
//! The fixture of an asynchronous store has the same functions as `async fn`s, and the test awaits the report:
//!
//! ```
//! use service_end::storage::conformance::{self, AsyncFixture, Options};
//! use service_end::storage::Immediate;
//! use service_end::{MemoryStorage, StoredService};
//!
//! struct Remote;
//!
//! impl AsyncFixture for Remote {
//!     type Storage = Immediate<MemoryStorage>; // yours
//!
//!     async fn fresh(&mut self) -> Self::Storage {
//!         Immediate(MemoryStorage::new())
//!     }
//!
//!     async fn insert(&mut self, storage: &Self::Storage, service: StoredService) {
//!         assert!(storage.0.insert(service));
//!     }
//!
//!     async fn reopen(&mut self, _: Self::Storage) -> Option<Self::Storage> {
//!         None
//!     }
//!
//!     fn options(&self) -> Options {
//!         Options::new().callers(16)
//!     }
//! }
//!
//! // #[tokio::test]
//! async fn remote_storage_holds_the_contract() {
//!     conformance::check_async(Remote).await.assert();
//! }
//! ```
//!
//! What the suite can't prove is left to tests of the store itself: that nothing acknowledged is lost when the
//! machine or the server dies, and that the source of an error is kept.

mod bench;
mod cases;
mod fault;
mod fixture;
mod generator;
mod known;
mod report;
mod sample;
mod together;

pub use fixture::{AsyncFixture, Fixture, Options};
pub use report::{Case, Clause, Report, Verdict};

use bench::Bench;
use fixture::AtOnce;
use together::{Together, block_on};

/// Tries every case on a sync store. Where several callers are needed, each has a thread of its own.
pub fn check<F: Fixture>(fixture: F) -> Report {
    block_on(report(Bench::new(AtOnce(fixture), Together::Threads)))
}

/// Tries every case on an asynchronous store. Where several callers are needed, their futures are polled in turns,
/// on the task of the caller: a server sees their calls at once.
pub async fn check_async<F: AsyncFixture>(fixture: F) -> Report {
    report(Bench::new(fixture, Together::Futures)).await
}

async fn report<F: AsyncFixture>(mut bench: Bench<F>) -> Report {
    let cases = cases::try_all(&mut bench).await;
    Report::new(bench.options.seed, cases)
}
