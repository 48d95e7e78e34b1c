//! Nothing that was acknowledged is ever lost, and nothing is ever half there: the server is killed under load again
//! and again, and once replaced by its standby.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use service_end::{
    AsyncStorage as _, AttributeSchema, CompleteError, CompleteService, EndPolicy, EndRules, ExtensionSchema,
    Outcome, Schemas, Service, ServiceId, StoredService, Timestamp, Validator, Version, storage::Want,
};
use service_end_postgres::{PostgresError, PostgresStorage};
use tokio::task::JoinHandle;
use tokio_postgres::NoTls;

use crate::server::Server;
use crate::started;

const KILLS: u32 = 10;
const CLIENTS: i64 = 8;
/// How often each service is ended, each time replacing the end before.
const ENDS: i64 = 2;

fn schemas() -> Schemas {
    let one = ExtensionSchema::single_valued("One")
        .attribute(AttributeSchema::long("token"))
        .attribute(AttributeSchema::string("text"));
    let many = ExtensionSchema::multi_valued("Many")
        .attribute(AttributeSchema::long("token"))
        .attribute(AttributeSchema::integer("n"))
        .unique(["n"]);
    Schemas::new().with(one.build().unwrap()).unwrap().with(many.build().unwrap()).unwrap()
}

/// The `n`th end of a service: each field and each record says which one it is. Some are large.
fn body(id: i64, n: i64) -> String {
    let token = id * ENDS + n;
    let text = "x".repeat(if token % 7 == 0 { 50_000 } else { 50 });
    let many: Vec<_> = (0..=token % 50).map(|n| format!(r#"{{"token":{token},"n":{n}}}"#)).collect();
    format!(
        r#"{{"session_id":"{token}","resource_id":{token},"One":{{"token":{token},"text":"{text}"}},"Many":[{}]}}"#,
        many.join(",")
    )
}

/// Clients that end services, one after the other, and send each event until it is answered.
struct Load {
    storage: PostgresStorage,
    stop: Arc<AtomicBool>,
    unanswered: Arc<AtomicU32>,
    acknowledged: Arc<Mutex<Vec<i64>>>,
    clients: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(storage: &PostgresStorage) -> Self {
        let mut load = Load {
            storage: storage.clone(),
            stop: Arc::default(),
            unanswered: Arc::default(),
            acknowledged: Arc::default(),
            clients: Vec::new(),
        };
        load.clients = (0..CLIENTS).map(|client| tokio::spawn(load.client(client))).collect();
        load
    }

    fn client(&self, client: i64) -> impl Future<Output = ()> + use<> {
        let (stop, unanswered, acknowledged) =
            (Arc::clone(&self.stop), Arc::clone(&self.unanswered), Arc::clone(&self.acknowledged));
        let operation = CompleteService::new(Validator::new(schemas()), self.storage.clone())
            .with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier));
        async move {
            let mut id = client;
            while !stop.load(Ordering::Relaxed) {
                id += CLIENTS;
                while let Err(error) = operation.storage().insert(&StoredService::new(id, 0, started())).await
                {
                    no_answer(&error, &unanswered).await;
                }
                for n in 0..ENDS {
                    loop {
                        match operation.end_async(id, body(id, n).as_bytes(), Timestamp::now()).await {
                            Ok(Outcome::Ended(_)) if n == 0 => break,
                            Ok(Outcome::Replaced(_)) if n > 0 => break,
                            Ok(Outcome::AlreadySo(_)) => break,
                            Err(CompleteError::Storage(error)) => no_answer(&error, &unanswered).await,
                            other => panic!("service {id}: {other:?}"),
                        }
                    }
                }
                acknowledged.lock().unwrap().push(id);
            }
        }
    }

    /// How many services were ended for good until now.
    fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    async fn waits_for_more(&self) {
        let (begun, before) = (Instant::now(), self.count());
        while self.count() < before + 20 {
            assert!(begun.elapsed() < Duration::from_secs(30), "the clients do not get on");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The latest services whose ends were all acknowledged.
    fn latest(&self, count: usize) -> Vec<i64> {
        self.acknowledged.lock().unwrap().iter().rev().take(count).copied().collect()
    }

    /// Compares services, whose ends were all acknowledged, with what was sent.
    async fn verify(&self, acknowledged: &[i64]) {
        for &id in acknowledged {
            let stored =
                self.storage.load(ServiceId(id), Want::All).await.unwrap().expect("it was acknowledged");
            assert_eq!(stored.version, Version(ENDS + 1), "each end of {id} took place once");
            let service = Service::read(&stored, &schemas());
            let last = Validator::new(schemas()).read(body(id, ENDS - 1).as_bytes()).unwrap();
            assert_eq!(*service.end().unwrap().fields(), *last.fields(), "service {id}");
            assert!(service.unreadable().is_empty(), "service {id}");
            for extension in last.extensions() {
                assert_eq!(service.extension(extension.name()), Some(extension), "service {id}");
            }
        }
    }

    /// Lets each client finish its service; then every service that is there has all its ends.
    async fn finish(mut self, server: &Server) -> (usize, u32) {
        self.stop.store(true, Ordering::Relaxed);
        for client in std::mem::take(&mut self.clients) {
            client.await.unwrap();
        }
        self.verify(&self.latest(usize::MAX)).await;
        let count = self.count().to_string();
        assert_eq!(server.ask("SELECT count(*) FROM services").await, [count.as_str()]);
        assert_eq!(
            server.ask("SELECT count(*) FROM extensions").await,
            [(self.count() * 2).to_string().as_str()]
        );
        (self.count(), self.unanswered.load(Ordering::Relaxed))
    }
}

async fn no_answer(error: &PostgresError, unanswered: &AtomicU32) {
    assert!(
        matches!(
            error,
            PostgresError::NoConnection(_) | PostgresError::Database(_) | PostgresError::TimedOut
        ),
        "{error:?}"
    );
    unanswered.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(20)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_nothing_that_it_acknowledged() {
    let mut server = Server::start();
    let storage = server.storage().await;
    let load = Load::start(&storage);
    for kill in 1..=KILLS {
        load.waits_for_more().await;
        tokio::time::sleep(Duration::from_millis(u64::from(kill * 37 % 100))).await;
        server.kill();
        let acknowledged = load.latest(200);
        server.restart();
        load.verify(&acknowledged).await;
    }
    load.waits_for_more().await;
    let (ended, unanswered) = load.finish(&server).await;
    assert!(unanswered > 0, "no client ever missed an answer, so nothing is proven");
    println!("{KILLS} kills, {ended} services, {unanswered} calls without an answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_store_carries_on_with_the_standby() {
    let mut primary = Server::start();
    primary.storage().await;
    let standby = Server::standby_of(&mut primary);
    let replicating = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
    while primary.ask(replicating).await != ["1"] {}

    let url = format!(
        "postgresql://host@127.0.0.1:{},127.0.0.1:{}/postgres?target_session_attrs=read-write",
        primary.port(),
        standby.port()
    );
    let storage = PostgresStorage::with(url.parse().unwrap(), NoTls, 16, Duration::from_secs(2)).unwrap();
    let load = Load::start(&storage);
    load.waits_for_more().await;
    load.waits_for_more().await;
    primary.kill();
    let acknowledged = load.latest(usize::MAX);
    let killed = Instant::now();
    assert_eq!(standby.ask("SELECT pg_promote()").await, ["t"]);
    load.waits_for_more().await;
    let carried_on = killed.elapsed();
    load.verify(&acknowledged).await;
    let (ended, unanswered) = load.finish(&standby).await;
    println!(
        "failover: 20 services more after {carried_on:?}; {ended} services, {unanswered} calls without an answer"
    );
}
