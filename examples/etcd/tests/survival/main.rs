//! Nothing acknowledged is ever lost and nothing is ever half there, while nodes die, come back and stand still.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on must panic"
)]
#![allow(unreachable_pub, dead_code, reason = "the cluster is shared with other tests")]

#[path = "../cluster/mod.rs"]
mod cluster;
mod linear;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use service_end::{
    AsyncStorage, AttributeSchema, CompleteError, CompleteService, ExtensionSchema, Outcome, Schemas,
    Service, ServiceId, StoredService, Timestamp, Validator, Value, service::Refusal, storage::Want,
};
use service_end_etcd::{EtcdError, EtcdStorage};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use cluster::Cluster;

const CLIENTS: usize = 8;
const LEADERS_KILLED: usize = 6;
/// Writes have resumed when so many more are acknowledged.
const RESUMED: usize = 20;
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_and_nothing_is_half_there() {
    let mut cluster = Cluster::start().await;
    // One store object from the beginning to the end.
    let storage = Arc::new(cluster.store_at("survival/").await);
    for schema in &schemas() {
        assert!(storage.register(schema).await.unwrap());
    }
    let load = Arc::new(Load::default());
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        clients.spawn(Arc::clone(&load).run(Arc::clone(&storage), client));
    }
    load.resumed().await;

    for round in 1..=LEADERS_KILLED {
        let leader = cluster.wait_for_leader(PATIENCE).await.unwrap();
        cluster.kill(leader);
        println!("leader {round} killed: {RESUMED} more acknowledged after {:?}", load.resumed().await);
        cluster.run(leader);
        cluster.wait_for_leader(PATIENCE).await.unwrap();
        println!("  and {:?} after it came back", load.resumed().await);
    }

    let leader = cluster.wait_for_leader(PATIENCE).await.unwrap();
    for (node, what) in [(leader, "the leader"), ((leader + 1) % 3, "a node")] {
        cluster.signal(node, "STOP");
        println!("{what} stands still: {RESUMED} more acknowledged after {:?}", load.resumed().await);
        sleep(Duration::from_secs(2)).await;
        cluster.signal(node, "CONT");
        cluster.wait_for_leader(PATIENCE).await.unwrap();
        println!("  and {:?} after it goes on", load.resumed().await);
    }

    (0..3).for_each(|node| cluster.kill(node));
    sleep(Duration::from_secs(1)).await;
    (0..3).for_each(|node| cluster.run(node));
    cluster.wait_for_leader(PATIENCE).await.unwrap();
    println!(
        "all killed at once: {RESUMED} more acknowledged {:?} after they came back",
        load.resumed().await
    );

    load.stop.store(true, Ordering::SeqCst);
    let mut sent = Vec::new();
    while let Some(client) = clients.join_next().await {
        sent.extend(client.unwrap());
    }
    println!("{load:?}");
    check(&cluster, sent).await;
}

/// What a client knows of a service that it wanted to end.
#[derive(Clone, Debug, PartialEq)]
enum Known {
    /// The end with this token was acknowledged, and no other.
    Ended(i64),
    /// The end with this token was sent once and given up.
    Perhaps(i64),
}

#[derive(Debug, Default)]
struct Load {
    stop: AtomicBool,
    acknowledged: AtomicUsize,
    unanswered: AtomicUsize,
    already_so: AtomicUsize,
    given_up: AtomicUsize,
}

impl Load {
    /// How long it takes until more is acknowledged.
    async fn resumed(&self) -> Duration {
        let (begun, before) = (Instant::now(), self.acknowledged.load(Ordering::SeqCst));
        while self.acknowledged.load(Ordering::SeqCst) < before + RESUMED {
            assert!(begun.elapsed() < PATIENCE, "writes have not resumed: {self:?}");
            sleep(Duration::from_millis(5)).await;
        }
        begun.elapsed()
    }

    /// Ends services, one after the other, and tells what it knows of them.
    async fn run(self: Arc<Self>, storage: Arc<EtcdStorage>, client: usize) -> Vec<(ServiceId, Known)> {
        let operation = CompleteService::new(Validator::new(schemas_set()), storage);
        let mut known = Vec::new();
        let mut token = i64::try_from(client).unwrap() * 1_000_000_000;
        while !self.stop.load(Ordering::SeqCst) {
            let Ok(id) = operation.storage().start(started()).await else { continue };
            token += 10;
            known.push((
                id,
                match token / 10 % 4 {
                    // Two callers with different events, of which one wins.
                    0 => {
                        let (one, other) = tokio::join!(
                            self.end(&operation, id, token),
                            self.end(&operation, id, token + 1)
                        );
                        assert!(one != other, "one of two is acknowledged for {id}, not {one} and {other}");
                        Known::Ended(if one { token } else { token + 1 })
                    }
                    // A caller that goes away before there is an answer, at any moment.
                    1 => {
                        let patience = Duration::from_micros(200 * (token.unsigned_abs() / 10 % 50));
                        let body = body(token);
                        let sent = operation.end_async(id, body.as_bytes(), Timestamp::now());
                        if let Ok(Ok(_)) = timeout(patience, sent).await {
                            Known::Ended(token)
                        } else {
                            self.given_up.fetch_add(1, Ordering::SeqCst);
                            Known::Perhaps(token)
                        }
                    }
                    _ => {
                        assert!(self.end(&operation, id, token).await);
                        Known::Ended(token)
                    }
                },
            ));
        }
        known
    }

    /// Sends an event until there is an answer: whether it is acknowledged.
    async fn end(&self, operation: &CompleteService<Arc<EtcdStorage>>, id: ServiceId, token: i64) -> bool {
        let body = body(token);
        loop {
            match operation.end_async(id, body.as_bytes(), Timestamp::now()).await {
                Ok(outcome) => {
                    let already_so = usize::from(matches!(outcome, Outcome::AlreadySo(_)));
                    self.already_so.fetch_add(already_so, Ordering::SeqCst);
                    self.acknowledged.fetch_add(1, Ordering::SeqCst);
                    return true;
                }
                Err(CompleteError::Refused(Refusal::AlreadyEnded { .. })) => return false,
                Err(CompleteError::Storage(EtcdError::Etcd(_) | EtcdError::NoAnswer)) => {
                    self.unanswered.fetch_add(1, Ordering::SeqCst);
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}

/// Reads all services back, through every node alone.
async fn check(cluster: &Cluster, sent: Vec<(ServiceId, Known)>) {
    let sent = Arc::new(sent);
    let mut figures = BTreeMap::new();
    for (node, endpoint) in cluster.endpoints().into_iter().enumerate() {
        let storage = Arc::new(EtcdStorage::connect(&[endpoint], "survival/").await.unwrap());
        assert_eq!(storage.schemas().await.unwrap(), schemas_set());
        let mut readers = JoinSet::new();
        for reader in 0..16 {
            let (sent, storage) = (Arc::clone(&sent), Arc::clone(&storage));
            readers.spawn(async move {
                let mut figures = BTreeMap::new();
                for (id, known) in sent.iter().skip(reader).step_by(16) {
                    let stored = storage.load(*id, Want::All).await.unwrap();
                    let stored = stored.unwrap_or_else(|| panic!("service {id} is lost"));
                    let what = match (known, whole(&stored)) {
                        (Known::Ended(token), Some(found)) if *token == found => "acknowledged, and whole",
                        (Known::Perhaps(token), Some(found)) if *token == found => "given up, and whole",
                        (Known::Perhaps(_), None) => "given up, and as before",
                        (known, found) => panic!("service {id} is {found:?}, not {known:?}: {stored:?}"),
                    };
                    *figures.entry(what).or_insert(0) += 1;
                }
                figures
            });
        }
        let mut total = BTreeMap::new();
        while let Some(reader) = readers.join_next().await {
            for (what, number) in reader.unwrap() {
                *total.entry(what).or_insert(0) += number;
            }
        }
        println!("read from node {node}: {total:?}");
        figures = total;
    }
    assert_eq!(figures.values().sum::<usize>(), sent.len());
    assert!(figures["acknowledged, and whole"] > LEADERS_KILLED * RESUMED);
}

/// The token of an ended service, which all parts of its end must have; `None` if it is active.
fn whole(stored: &StoredService) -> Option<i64> {
    let service = Service::read(&stored.clone(), &schemas_set());
    assert!(service.unreadable().is_empty(), "{stored:?}");
    let Some(end) = service.end() else {
        assert!(service.extensions().is_empty(), "half an end: {stored:?}");
        return None;
    };
    let token: i64 = end.fields().session_id.as_ref().unwrap().as_str().parse().unwrap();
    let note = service.extension("Note").unwrap_or_else(|| panic!("half an end: {stored:?}"));
    assert_eq!(note.record().unwrap().get("text"), Some(Value::String(&token.to_string())), "{stored:?}");
    let ratings = service.extension("Ratings").unwrap_or_else(|| panic!("half an end: {stored:?}"));
    let ratings: Vec<_> = ratings.records().map(|record| record.get("rating")).collect();
    assert_eq!(ratings, [Some(Value::Long(token)); 3], "{stored:?}");
    Some(token)
}

fn body(token: i64) -> String {
    format!(
        r#"{{ "session_id": "{token}", "Note": {{ "text": "{token}" }},
            "Ratings": [ {{ "rating": {token} }}, {{ "rating": {token} }}, {{ "rating": {token} }} ] }}"#
    )
}

fn started() -> Timestamp {
    "2009-05-12T11:50:00.000Z".parse().unwrap()
}

fn schemas() -> [ExtensionSchema; 2] {
    let note = ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string("text"));
    let ratings = ExtensionSchema::multi_valued("Ratings").attribute(AttributeSchema::long("rating"));
    [note.build().unwrap(), ratings.build().unwrap()]
}

fn schemas_set() -> Schemas {
    schemas().into_iter().try_fold(Schemas::new(), |schemas, schema| schemas.with(schema)).unwrap()
}
