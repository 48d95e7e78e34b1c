//! A schema gets newer versions while services are ended.

use service_end::{ExtensionSchema, Schemas, StoredService};
use service_end_etcd::EtcdStorage;
use service_end_versions::under_load::{Host, Load};

use crate::cluster;

struct Etcd(EtcdStorage);

impl Host for Etcd {
    type Storage = EtcdStorage;

    fn storage(&self) -> &Self::Storage {
        &self.0
    }

    async fn schemas(&self) -> Schemas {
        self.0.schemas().await.unwrap()
    }

    async fn register(&self, schema: &ExtensionSchema) {
        assert!(self.0.register(schema).await.unwrap());
    }

    async fn replace(&self, schema: &ExtensionSchema) -> bool {
        self.0.replace(schema, false).await.unwrap().is_ok()
    }

    async fn insert(&self, service: StoredService) {
        assert!(self.0.insert(&service).await.unwrap());
    }
}

#[tokio::test]
async fn while_versions_follow_each_other_no_caller_notices_and_nothing_is_lost() {
    let mut again = 0;
    let cluster = cluster().await;
    for seed in 3000..3003 {
        let storage = cluster.store().await;
        let (host, load) = (Etcd(storage), Load::new(seed, 3, 40));
        load.register(&host).await;
        let end_services = |caller| load.end_services(&host, caller);
        let ((), one, two, three) =
            tokio::join!(load.replace(&host), end_services(0), end_services(1), end_services(2));
        load.check(&host, &[one, two, three].into_iter().flatten().collect::<Vec<_>>()).await;
        again += load.decided_again();
    }
    println!("360 services ended, {again} decided again");
    assert!(again > 0);
}
