//! What the host asks of a store beyond the crate's trait, and the stores that it can be run with.

#[cfg(feature = "memory")]
use std::sync::atomic::{AtomicI64, Ordering};
use std::{convert::Infallible, sync::Arc};

use service_end::storage::{Immediate, Job, OffThread, OffThreadError};
use service_end::{
    AsyncStorage, ExtensionSchema, MemoryStorage, Schemas, ServiceId, StoredService, Timestamp, Version,
};
#[cfg(feature = "etcd")]
use service_end_etcd::{EtcdError, EtcdStorage};
#[cfg(feature = "postgres")]
use service_end_postgres::{PostgresError, PostgresStorage};
#[cfg(feature = "sqlite")]
use service_end_sqlite::{SqliteError, SqliteStorage};
use tokio::task::spawn_blocking;

/// A store that also keeps the schemas and starts services.
///
/// It commits no record of a schema that it does not have exactly so (the contract's S9). So a record never outlives
/// its schema, and a name that is declared anew starts empty, even where an end was under way meanwhile.
pub trait Store: AsyncStorage + 'static {
    /// Makes what has to be there before anything else is asked of the store.
    fn prepare(&self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        std::future::ready(Ok(()))
    }

    /// The registered schemas.
    fn schemas(&self) -> impl Future<Output = Result<Schemas, Self::Error>> + Send;

    /// Registers a schema; `false` if its name is taken.
    fn register(&self, schema: &ExtensionSchema) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Removes a schema, and its records from every service; `false` if there is none.
    fn unregister(&self, name: &str) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Starts a service under a new id.
    fn start(&self, started: Timestamp) -> impl Future<Output = Result<ServiceId, Self::Error>> + Send;
}
