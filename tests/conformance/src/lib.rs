//! Tests for stores of `service-end`. They try a store on every rule of [`Storage`](service_end::Storage), case by case.
//! Add the crate to the `[dev-dependencies]` of your store.
//!
//! You write a fixture: it says how to get an empty store, how to put a service into it, and how to open it again. One
//! more line makes a test. Synchronous and asynchronous stores are tried with the same cases. Each case is named after
//! its rule, and cites the clauses of the contract that it tests.
//!
//! ```
//! use service_end::{MemoryStorage, StoredService};
//! use service_end_conformance::Fixture;
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
//!         None // it is not durable
//!     }
//! }
//!
//! // #[test]
//! fn memory_storage_keeps_the_contract() {
//!     service_end_conformance::check(InMemory).assert();
//! }
//! # memory_storage_keeps_the_contract();
//! ```
//!
//! The fixture of an asynchronous store has the same functions as `async fn`s, and the test awaits the report:
//!
//! ```
//! use service_end::{MemoryStorage, StoredService, storage::Immediate};
//! use service_end_conformance::{AsyncFixture, Options};
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
//! async fn remote_storage_keeps_the_contract() {
//!     service_end_conformance::check_async(Remote).await.assert();
//! }
//! ```
//!
//! A case that can't be tried on a store is skipped, and the report says why: a store that is not durable can't be
//! reopened, one that keeps no schemas (S9) can't find that they
//! have changed, and one without an outbox (S10) has nothing to tell. What a fixture can do beyond the
//! three functions above, it says by the functions that have a default: see [`Fixture`].
//!
//! Some rules a store must test by itself: that nothing acknowledged is lost when the machine or the server dies, and
//! that an error keeps its source.

mod bench;
mod cases;
mod fault;
mod fixture;
mod generator;
mod known;
mod outbox;
mod report;
mod sample;
mod together;

pub use fixture::{AsyncFixture, Fixture, Options};
pub use outbox::OutboxUnderTest;
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
