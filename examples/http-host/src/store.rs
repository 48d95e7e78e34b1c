//! What the host asks of a store beyond the crate's trait, and the stores that it can be run with.

use service_end::{AsyncStorage, ExtensionSchema, Schemas, ServiceId, Timestamp};

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

#[cfg(feature = "memory")]
pub use memory::Memory;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStorage;
#[cfg(feature = "etcd")]
pub use service_end_etcd::EtcdStorage;
#[cfg(feature = "sqlite")]
pub use sqlite::sqlite;

/// Everything in memory, for as long as the host runs.
#[cfg(feature = "memory")]
mod memory {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::sync::{Arc, Mutex, PoisonError};

    use arc_swap::ArcSwap;
    use service_end::{
        AsyncStorage, Completion, ExtensionSchema, MemoryStorage, Schemas, ServiceId, Storage as _,
        StoredService, Timestamp,
        storage::{Commit, Want},
    };

    use super::Store;

    /// Everything in memory, for as long as the host runs.
    #[derive(Debug, Default)]
    pub struct Memory {
        services: MemoryStorage,
        schemas: ArcSwap<Schemas>,
        change: Mutex<()>,
        last_id: AtomicI64,
    }

    impl AsyncStorage for Memory {
        type Error = Infallible;

        async fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Infallible> {
            self.services.load(id, want)
        }

        async fn commit(&self, completion: &Completion) -> Result<Commit, Infallible> {
            let declared = || {
                let schemas = self.schemas.load();
                completion.extensions().iter().all(|extension| extension.is_declared_by(&schemas))
            };
            Ok(self.services.commit_if(completion, declared).unwrap_or(Commit::SchemaChanged))
        }
    }

    impl Store for Memory {
        async fn schemas(&self) -> Result<Schemas, Infallible> {
            Ok(Schemas::clone(&self.schemas.load()))
        }

        async fn register(&self, schema: &ExtensionSchema) -> Result<bool, Infallible> {
            let _one = self.change.lock().unwrap_or_else(PoisonError::into_inner);
            let more = self.schemas.load().with(schema.clone());
            Ok(more.map(|more| self.schemas.store(Arc::new(more))).is_ok())
        }

        async fn unregister(&self, name: &str) -> Result<bool, Infallible> {
            let _one = self.change.lock().unwrap_or_else(PoisonError::into_inner);
            let Ok(fewer) = self.schemas.load().without(name) else { return Ok(false) };
            self.schemas.store(Arc::new(fewer));
            self.services.remove_extension(name);
            Ok(true)
        }

        async fn start(&self, started: Timestamp) -> Result<ServiceId, Infallible> {
            let id = ServiceId(self.last_id.fetch_add(1, Ordering::Relaxed) + 1);
            self.services.insert(StoredService::new(id, 0, started));
            Ok(id)
        }
    }
}

/// One file. SQLite waits for the disk, so every call runs on a thread that may.
#[cfg(feature = "sqlite")]
mod sqlite {
    use std::sync::Arc;

    use service_end::storage::{Job, OffThread, OffThreadError};
    use service_end::{ExtensionSchema, Schemas, ServiceId, Timestamp};
    use service_end_sqlite::{SqliteError, SqliteStorage};
    use tokio::task::spawn_blocking;

    use super::Store;

    type Sqlite = OffThread<Arc<SqliteStorage>, fn(Job)>;
    type Error = OffThreadError<SqliteError>;

    /// Opens a file, which is made if it is not there.
    pub fn sqlite(file: &str) -> Result<Sqlite, SqliteError> {
        let run: fn(Job) = |job| drop(spawn_blocking(job));
        Ok(OffThread::new(Arc::new(SqliteStorage::open(file)?), run))
    }

    async fn call<T: Send + 'static>(
        store: &Sqlite,
        call: impl FnOnce(&SqliteStorage) -> Result<T, SqliteError> + Send + 'static,
    ) -> Result<T, Error> {
        let storage = Arc::clone(store.storage());
        match spawn_blocking(move || call(&storage)).await {
            Ok(answer) => answer.map_err(OffThreadError::Storage),
            Err(_) => Err(OffThreadError::Abandoned),
        }
    }

    impl Store for Sqlite {
        async fn schemas(&self) -> Result<Schemas, Error> {
            call(self, SqliteStorage::schemas).await
        }

        async fn register(&self, schema: &ExtensionSchema) -> Result<bool, Error> {
            let schema = schema.clone();
            call(self, move |storage| storage.register(&schema)).await
        }

        async fn unregister(&self, name: &str) -> Result<bool, Error> {
            let name = name.to_owned();
            call(self, move |storage| storage.unregister(&name)).await
        }

        async fn start(&self, started: Timestamp) -> Result<ServiceId, Error> {
            call(self, move |storage| storage.start(started)).await
        }
    }
}

/// A PostgreSQL database. The host may start before it: the tables are made when it is first reached.
#[cfg(feature = "postgres")]
mod postgres {
    use service_end::{ExtensionSchema, Schemas, ServiceId, Timestamp};
    use service_end_postgres::PostgresError;
    pub use service_end_postgres::PostgresStorage;

    use super::Store;

    impl Store for PostgresStorage {
        async fn prepare(&self) -> Result<(), PostgresError> {
            self.create_tables().await
        }

        async fn schemas(&self) -> Result<Schemas, PostgresError> {
            PostgresStorage::schemas(self).await
        }

        async fn register(&self, schema: &ExtensionSchema) -> Result<bool, PostgresError> {
            PostgresStorage::register(self, schema).await
        }

        async fn unregister(&self, name: &str) -> Result<bool, PostgresError> {
            PostgresStorage::unregister(self, name).await
        }

        async fn start(&self, started: Timestamp) -> Result<ServiceId, PostgresError> {
            PostgresStorage::start(self, started).await
        }
    }
}
