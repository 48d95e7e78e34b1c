use service_end::{
    AsyncStorage, Completion, ExtensionSchema, Schemas, ServiceId, StoredService, Timestamp,
    storage::{Commit, Want},
};
use service_end_postgres::{PostgresError, PostgresStorage};
use tokio::sync::OnceCell;

use super::Store;

/// A PostgreSQL database. The host may start before it: the tables are made when it is first reached.
#[derive(Debug)]
pub struct Postgres {
    storage: PostgresStorage,
    tables: OnceCell<()>,
}

impl Postgres {
    /// The database of a URL.
    ///
    /// # Errors
    /// When it is no URL of one.
    pub fn new(url: &str) -> Result<Self, PostgresError> {
        Ok(Postgres { storage: PostgresStorage::new(url)?, tables: OnceCell::new() })
    }

    async fn ready(&self) -> Result<&PostgresStorage, PostgresError> {
        self.tables.get_or_try_init(|| self.storage.create_tables()).await?;
        Ok(&self.storage)
    }
}

impl AsyncStorage for Postgres {
    type Error = PostgresError;

    async fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, PostgresError> {
        self.ready().await?.load(id, want).await
    }

    async fn commit(&self, completion: &Completion) -> Result<Commit, PostgresError> {
        self.ready().await?.commit(completion).await
    }
}

impl Store for Postgres {
    async fn schemas(&self) -> Result<Schemas, PostgresError> {
        self.ready().await?.schemas().await
    }

    async fn register(&self, schema: &ExtensionSchema) -> Result<bool, PostgresError> {
        self.ready().await?.register(schema).await
    }

    async fn unregister(&self, name: &str) -> Result<bool, PostgresError> {
        self.ready().await?.unregister(name).await
    }

    async fn start(&self, started: Timestamp) -> Result<ServiceId, PostgresError> {
        self.ready().await?.start(started).await
    }

    fn is_schema_changed(error: &PostgresError) -> bool {
        matches!(error, PostgresError::SchemaChanged(_))
    }
}
