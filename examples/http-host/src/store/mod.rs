//! What the host asks of a store beyond the crate's trait, and the stores that it can be run with.

#[cfg(feature = "etcd")]
mod etcd;
#[cfg(feature = "memory")]
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use service_end::{AsyncStorage, ExtensionSchema, Schemas, ServiceId, Timestamp};

#[cfg(feature = "memory")]
pub use memory::Memory;
#[cfg(feature = "postgres")]
pub use postgres::Postgres;
#[cfg(feature = "etcd")]
pub use service_end_etcd::EtcdStorage as Etcd;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;

/// A store that also keeps the schemas and starts services.
///
/// It commits no record of a schema that it does not have just so. So a record never outlives its schema, and a name
/// that is declared anew starts empty, also where an end was under way meanwhile.
pub trait Store: AsyncStorage + 'static {
    /// The registered schemas.
    fn schemas(&self) -> impl Future<Output = Result<Schemas, Self::Error>> + Send;

    /// Registers a schema; `false` if its name is taken.
    fn register(&self, schema: &ExtensionSchema) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Removes a schema, and its records from every service; `false` if there is none.
    fn unregister(&self, name: &str) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Starts a service under a new id.
    fn start(&self, started: Timestamp) -> impl Future<Output = Result<ServiceId, Self::Error>> + Send;

    /// Whether a commit was turned away, and nothing changed, because a schema is no longer what it was.
    fn is_schema_changed(error: &Self::Error) -> bool;
}
