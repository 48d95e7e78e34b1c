//! The tests that `service-end-conformance` has for every store.

use std::time::Duration;

use service_end::{ExtensionSchema, StoredService};
use service_end_conformance::{self as conformance, AsyncFixture, Options, OutboxUnderTest};
use service_end_postgres::PostgresStorage;
use tokio_postgres::NoTls;

use crate::server::Server;

/// A server, and whether the store keeps an outbox.
struct OneServer(Server, bool);

impl OneServer {
    async fn open(&self) -> PostgresStorage {
        let storage = self.0.storage().await;
        if self.1 { storage.with_outbox("/services".parse().unwrap()) } else { storage }
    }
}

impl AsyncFixture for OneServer {
    type Storage = PostgresStorage;

    async fn fresh(&mut self) -> PostgresStorage {
        let storage = self.open().await;
        self.0.ask("TRUNCATE services, extensions, schemas, notices, outbox").await;
        storage
    }

    async fn insert(&mut self, storage: &PostgresStorage, service: StoredService) {
        assert!(storage.insert(&service).await.unwrap());
    }

    async fn reopen(&mut self, storage: PostgresStorage) -> Option<PostgresStorage> {
        drop(storage);
        self.0.kill();
        self.0.restart();
        Some(self.open().await)
    }

    async fn another(&mut self, _: &PostgresStorage) -> Option<PostgresStorage> {
        Some(self.open().await)
    }

    async fn failing(&mut self) -> Option<PostgresStorage> {
        let nobody = "postgresql://host@127.0.0.1:1/postgres".parse().unwrap();
        Some(PostgresStorage::with(nobody, NoTls, 1, Duration::from_secs(1)).unwrap())
    }

    async fn register(&mut self, storage: &PostgresStorage, schema: &ExtensionSchema) -> bool {
        assert!(storage.register(schema).await.unwrap());
        true
    }

    async fn unregister(&mut self, storage: &PostgresStorage, name: &str) {
        assert!(storage.unregister(name).await.unwrap());
    }

    fn outbox<'s>(&self, storage: &'s PostgresStorage) -> Option<OutboxUnderTest<'s>> {
        self.1.then(|| OutboxUnderTest::new_async(storage))
    }

    fn options(&self) -> Options {
        Options::new().callers(16)
    }
}

#[tokio::test]
async fn it_keeps_the_contract_of_storage() {
    conformance::check_async(OneServer(Server::start(), false)).await.assert();
}

#[tokio::test]
async fn it_keeps_the_contract_with_an_outbox() {
    let report = conformance::check_async(OneServer(Server::start(), true)).await;
    report.assert();
    assert!(report.case("every_end_leaves_its_notice").unwrap().is_passed());
}
