//! The store does what its README says, on real servers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says by panicking what it has found"
)]

mod answers;
mod chains;
mod conformance;
mod contract;
mod crash;
mod linear;
mod migration;
mod outage;
mod outbox;
mod schemas;
mod server;

use service_end::{CompleteService, Schemas, Timestamp, Validator};
use service_end_postgres::PostgresStorage;

fn operation<'s>(storage: &'s PostgresStorage, schemas: &Schemas) -> CompleteService<&'s PostgresStorage> {
    CompleteService::new(Validator::new(schemas.clone()), storage)
}

fn started() -> Timestamp {
    "2009-05-12T11:50:00Z".parse().unwrap()
}

fn now() -> Timestamp {
    "2009-05-12T12:05:12.145Z".parse().unwrap()
}
