use std::sync::Arc;

use service_end::{ExtensionSchema, StoredService};
use service_end_conformance::{self as conformance, AsyncFixture, Options};
use service_end_etcd::EtcdStorage;

use crate::cluster;
use crate::cluster::Cluster;

struct Etcd {
    cluster: Arc<Cluster>,
    stores: u32,
}

impl Etcd {
    async fn open(&self) -> EtcdStorage {
        self.cluster.store_at(&format!("conformance-{}/", self.stores)).await
    }
}

impl AsyncFixture for Etcd {
    type Storage = EtcdStorage;

    async fn fresh(&mut self) -> EtcdStorage {
        self.stores += 1;
        self.open().await
    }

    async fn insert(&mut self, storage: &EtcdStorage, service: StoredService) {
        assert!(storage.insert(&service).await.unwrap());
    }

    async fn reopen(&mut self, _: EtcdStorage) -> Option<EtcdStorage> {
        Some(self.open().await)
    }

    async fn another(&mut self, _: &EtcdStorage) -> Option<EtcdStorage> {
        Some(self.open().await)
    }

    async fn failing(&mut self) -> Option<EtcdStorage> {
        // Nobody listens there.
        Some(EtcdStorage::connect(&["http://127.0.0.1:1"], "").await.unwrap())
    }

    async fn register(&mut self, storage: &EtcdStorage, schema: &ExtensionSchema) -> bool {
        assert!(storage.register(schema).await.unwrap());
        true
    }

    async fn unregister(&mut self, storage: &EtcdStorage, name: &str) {
        assert!(storage.unregister(name).await.unwrap());
    }

    fn options(&self) -> Options {
        Options::new().too_large(1_600_000)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_keeps_the_contract() {
    let report = conformance::check_async(Etcd { cluster: cluster().await, stores: 0 }).await;
    println!("{report}");
    report.assert();
}
