use std::sync::Arc;

use service_end::storage::{Job, OffThread, OffThreadError};
use service_end::{
    AsyncStorage, Completion, ExtensionSchema, Schemas, ServiceId, StoredService, Timestamp,
    storage::{Commit, Want},
};
use service_end_sqlite::{SqliteError, SqliteStorage};
use tokio::task::spawn_blocking;

use super::Store;

/// One file. SQLite waits for the disk, so every call runs on a thread that may.
#[derive(Debug)]
pub struct Sqlite {
    storage: Arc<SqliteStorage>,
    off_thread: OffThread<Arc<SqliteStorage>, fn(Job)>,
}

type Error = OffThreadError<SqliteError>;

impl Sqlite {
    /// Opens a file, which is made if it is not there.
    ///
    /// # Errors
    /// When it can't be opened.
    pub fn open(file: &str) -> Result<Self, SqliteError> {
        let storage = Arc::new(SqliteStorage::open(file)?);
        let off_thread = OffThread::new(Arc::clone(&storage), (|job| drop(spawn_blocking(job))) as fn(Job));
        Ok(Sqlite { storage, off_thread })
    }

    async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&SqliteStorage) -> Result<T, SqliteError> + Send + 'static,
    ) -> Result<T, Error> {
        let storage = Arc::clone(&self.storage);
        match spawn_blocking(move || call(&storage)).await {
            Ok(answer) => answer.map_err(OffThreadError::Storage),
            Err(_) => Err(OffThreadError::Abandoned),
        }
    }
}

impl AsyncStorage for Sqlite {
    type Error = Error;

    async fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Error> {
        self.off_thread.load(id, want).await
    }

    async fn commit(&self, completion: &Completion) -> Result<Commit, Error> {
        self.off_thread.commit(completion).await
    }
}

impl Store for Sqlite {
    async fn schemas(&self) -> Result<Schemas, Error> {
        self.call(SqliteStorage::schemas).await
    }

    async fn register(&self, schema: &ExtensionSchema) -> Result<bool, Error> {
        let schema = schema.clone();
        self.call(move |storage| storage.register(&schema)).await
    }

    async fn unregister(&self, name: &str) -> Result<bool, Error> {
        let name = name.to_owned();
        self.call(move |storage| storage.unregister(&name)).await
    }

    async fn start(&self, started: Timestamp) -> Result<ServiceId, Error> {
        self.call(move |storage| storage.start(started)).await
    }

    fn is_schema_changed(error: &Error) -> bool {
        matches!(error, OffThreadError::Storage(SqliteError::SchemaChanged(_)))
    }
}
