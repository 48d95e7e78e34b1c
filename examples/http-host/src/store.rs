//! What the host asks of a store beyond the crate's trait, and the stores that it can be run with.

use service_end::{AsyncStorage, ExtensionSchema, Schemas, ServiceId, Timestamp, schema::ReplaceError};

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

    /// Registers a new version of a schema, and keeps what is stored: if it is safe, or by force.
    fn replace(
        &self,
        schema: &ExtensionSchema,
        force: bool,
    ) -> impl Future<Output = Result<Result<(), ReplaceError>, Self::Error>> + Send;

    /// Removes a schema, and its records from every service; `false` if there is none.
    fn unregister(&self, name: &str) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Starts a service under a new id.
    fn start(&self, started: Timestamp) -> impl Future<Output = Result<ServiceId, Self::Error>> + Send;
}

/// Everything in memory, for as long as the host runs.
#[cfg(feature = "memory")]
pub mod memory {
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::UNIX_EPOCH;

    use service_end::{MemoryStorage, StoredService, service::NoticeOrigin, storage::Immediate};

    use super::{ExtensionSchema, ReplaceError, Schemas, ServiceId, Store, Timestamp};

    /// The store, which is asked at once.
    pub type Memory = Immediate<MemoryStorage>;

    /// Nothing in it, and an outbox if notices have an origin.
    ///
    /// Its ids begin anew each time, and those who are told know a notice by its source and its id. So the source gets
    /// a part that no store before has had: the time.
    pub fn open(origin: Option<NoticeOrigin>) -> Memory {
        let storage = MemoryStorage::new();
        let Some(origin) = origin else { return Immediate(storage) };
        let source = origin.source();
        let mark = if source.contains('#') { '-' } else { '#' };
        let millis = UNIX_EPOCH.elapsed().unwrap_or_default().as_millis();
        let marked = NoticeOrigin::new(format!("{source}{mark}{millis}"));
        match marked.and_then(|marked| marked.with_types(origin.ended(), origin.replaced())) {
            Ok(origin) => Immediate(storage.with_outbox(origin)),
            Err(error) => unreachable!("a URI reference with digits at its end: {error}"),
        }
    }

    static LAST_ID: AtomicI64 = AtomicI64::new(0);

    impl Store for Memory {
        async fn schemas(&self) -> Result<Schemas, Self::Error> {
            Ok(self.0.schemas())
        }

        async fn register(&self, schema: &ExtensionSchema) -> Result<bool, Self::Error> {
            Ok(self.0.register(schema).is_ok())
        }

        async fn replace(
            &self,
            schema: &ExtensionSchema,
            force: bool,
        ) -> Result<Result<(), ReplaceError>, Self::Error> {
            Ok(if force { self.0.replace_anyway(schema).map_err(Into::into) } else { self.0.replace(schema) })
        }

        async fn unregister(&self, name: &str) -> Result<bool, Self::Error> {
            Ok(self.0.unregister(name).is_ok())
        }

        async fn start(&self, started: Timestamp) -> Result<ServiceId, Self::Error> {
            let id = ServiceId(LAST_ID.fetch_add(1, Ordering::Relaxed) + 1);
            self.0.insert(StoredService::new(id, 0, started));
            Ok(id)
        }
    }
}

/// One file. SQLite waits for the disk, so every call runs on a thread that may.
#[cfg(feature = "sqlite")]
pub mod sqlite {
    use std::sync::Arc;

    use service_end::service::NoticeOrigin;
    use service_end::storage::{Job, OffThread, OffThreadError};
    use service_end_sqlite::{SqliteError, SqliteStorage};
    use tokio::task::spawn_blocking;

    use super::{ExtensionSchema, ReplaceError, Schemas, ServiceId, Store, Timestamp};

    type Sqlite = OffThread<Arc<SqliteStorage>>;

    /// Opens a file, which is made if it is not there, with an outbox if notices have an origin.
    pub fn open(file: &str, origin: Option<NoticeOrigin>) -> Result<Sqlite, SqliteError> {
        let run: fn(Job) = |job| drop(spawn_blocking(job));
        let storage = SqliteStorage::open(file)?;
        let storage = if let Some(origin) = origin { storage.with_outbox(origin) } else { storage };
        Ok(OffThread::new(Arc::new(storage), run))
    }

    async fn call<T: Send + 'static>(
        store: &Sqlite,
        call: impl FnOnce(&SqliteStorage) -> Result<T, SqliteError> + Send + 'static,
    ) -> Result<T, OffThreadError<SqliteError>> {
        let storage = Arc::clone(store.storage());
        let answer = spawn_blocking(move || call(&storage)).await;
        answer.map_err(|_| OffThreadError::Abandoned)?.map_err(OffThreadError::Storage)
    }

    impl Store for Sqlite {
        async fn schemas(&self) -> Result<Schemas, Self::Error> {
            call(self, SqliteStorage::schemas).await
        }

        async fn register(&self, schema: &ExtensionSchema) -> Result<bool, Self::Error> {
            let schema = schema.clone();
            call(self, move |storage| storage.register(&schema)).await
        }

        async fn replace(
            &self,
            schema: &ExtensionSchema,
            force: bool,
        ) -> Result<Result<(), ReplaceError>, Self::Error> {
            let schema = schema.clone();
            call(self, move |storage| storage.replace(&schema, force)).await
        }

        async fn unregister(&self, name: &str) -> Result<bool, Self::Error> {
            let name = name.to_owned();
            call(self, move |storage| storage.unregister(&name)).await
        }

        async fn start(&self, started: Timestamp) -> Result<ServiceId, Self::Error> {
            call(self, move |storage| storage.start(started)).await
        }
    }
}

/// A store whose own functions have these names.
#[cfg(any(feature = "postgres", feature = "etcd"))]
macro_rules! store {
    ($store:ty $(, prepare = $prepare:ident)?) => {
        impl Store for $store {
            $(async fn prepare(&self) -> Result<(), Self::Error> {
                self.$prepare().await
            })?

            async fn schemas(&self) -> Result<Schemas, Self::Error> {
                <$store>::schemas(self).await
            }

            async fn register(&self, schema: &ExtensionSchema) -> Result<bool, Self::Error> {
                <$store>::register(self, schema).await
            }

            async fn replace(
                &self,
                schema: &ExtensionSchema,
                force: bool,
            ) -> Result<Result<(), ReplaceError>, Self::Error> {
                <$store>::replace(self, schema, force).await
            }

            async fn unregister(&self, name: &str) -> Result<bool, Self::Error> {
                <$store>::unregister(self, name).await
            }

            async fn start(&self, started: Timestamp) -> Result<ServiceId, Self::Error> {
                <$store>::start(self, started).await
            }
        }
    };
}

// The host may start before them: etcd is sent nothing before it is needed, and PostgreSQL's tables are made then.
#[cfg(feature = "etcd")]
store!(service_end_etcd::EtcdStorage);
#[cfg(feature = "postgres")]
store!(service_end_postgres::PostgresStorage, prepare = create_tables);
