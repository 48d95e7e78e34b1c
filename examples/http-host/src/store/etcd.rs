use service_end::{ExtensionSchema, Schemas, ServiceId, Timestamp};
use service_end_etcd::{EtcdError, EtcdStorage};

use super::Store;

/// An etcd cluster. Nothing is sent before it is needed, so the host may start before it.
impl Store for EtcdStorage {
    async fn schemas(&self) -> Result<Schemas, EtcdError> {
        EtcdStorage::schemas(self).await
    }

    async fn register(&self, schema: &ExtensionSchema) -> Result<bool, EtcdError> {
        EtcdStorage::register(self, schema).await
    }

    async fn unregister(&self, name: &str) -> Result<bool, EtcdError> {
        EtcdStorage::unregister(self, name).await
    }

    async fn start(&self, started: Timestamp) -> Result<ServiceId, EtcdError> {
        EtcdStorage::start(self, started).await
    }

    fn is_schema_changed(error: &EtcdError) -> bool {
        matches!(error, EtcdError::SchemaChanged(_))
    }
}
