use std::sync::Arc;

use service_end::{ExtensionSchema, StoredService};
use service_end_conformance::{self as conformance, AsyncFixture, Options, OutboxUnderTest, Report};
use service_end_etcd::EtcdStorage;

use crate::cluster;
use crate::cluster::Cluster;

struct Etcd {
    cluster: Arc<Cluster>,
    stores: u32,
    keeps_an_outbox: bool,
}

impl Etcd {
    async fn open(&self) -> EtcdStorage {
        let prefix = format!("conformance-{}-{}/", self.keeps_an_outbox, self.stores);
        let storage = self.cluster.store_at(&prefix).await;
        if self.keeps_an_outbox { storage.with_outbox("/services".parse().unwrap()) } else { storage }
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

    fn outbox<'s>(&self, storage: &'s EtcdStorage) -> Option<OutboxUnderTest<'s>> {
        self.keeps_an_outbox.then(|| OutboxUnderTest::new_async(storage))
    }

    fn options(&self) -> Options {
        Options::new().too_large(1_600_000)
    }
}

async fn report(keeps_an_outbox: bool) -> Report {
    let etcd = Etcd { cluster: cluster().await, stores: 0, keeps_an_outbox };
    let report = conformance::check_async(etcd).await;
    println!("{report}");
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_keeps_the_contract() {
    report(false).await.assert();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_keeps_the_contract_with_an_outbox() {
    let report = report(true).await;
    report.assert();
    assert!(report.case("every_end_leaves_its_notice").unwrap().is_passed());
}
