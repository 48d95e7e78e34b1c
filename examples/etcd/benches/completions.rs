//! What the crate costs over etcd: completions per second through it, by the same requests issued by hand with the same
//! client, and through it with an outbox; and how they scale with concurrent callers.
//!
//! `cargo bench -p service-end-etcd` (three nodes on this machine, their data on its disk).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark that can't go on must panic"
)]
#![allow(unreachable_pub, dead_code, missing_docs, reason = "the cluster is shared with the tests")]

#[path = "../tests/cluster/mod.rs"]
mod cluster;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use etcd_client::{Client, Compare, CompareOp, KvClient, Txn, TxnOp, TxnOpResponse};
use service_end::{
    AttributeSchema, CompleteService, ExtensionSchema, Outcome, Schemas, ServiceId, StoredService, Timestamp,
    Validator,
};
use service_end_etcd::EtcdStorage;
use tokio::task::JoinSet;

use cluster::Cluster;

const ROUNDS: usize = 9;
const PER_CALLER: usize = 60;
const PREFIX: &str = "bench/";
const BODY: &str = r#"{ "timestamp": "2009-05-12T12:05:12.145Z", "session_id": "a1b2c3d4", "disposition": 10,
    "Note": { "text": "called back, will visit the shop on Friday" },
    "Ratings": [ { "rating": 2, "place": "Paris" }, { "rating": 8, "place": "Lyon" } ] }"#;
const END: &str = r#"{"timestamp":"2009-05-12T12:05:12.145Z","session_id":"a1b2c3d4","disposition":10}"#;
const NOTE: &str = r#"{"text":"called back, will visit the shop on Friday"}"#;
const RATINGS: &str = r#"[{"rating":2,"place":"Paris"},{"rating":8,"place":"Lyon"}]"#;

#[tokio::main]
async fn main() {
    let cluster = Cluster::start().await;
    let storage = Arc::new(cluster.store_at(PREFIX).await);
    let keeping =
        Arc::new(cluster.store_at(PREFIX).await.with_outbox("https://crm.example/services".parse().unwrap()));
    let validator = Validator::new(schemas());
    // Both keep to the same node.
    let client = Client::connect([cluster.endpoints()[0]], None).await.unwrap().kv_client();
    let mut next_id = 0;

    for (storage, what) in [(&storage, "an end"), (&keeping, "an end with an outbox")] {
        println!("requests of {what}: {}", requests(&cluster, storage, &validator, &mut next_id).await);
    }
    println!("callers   by hand/s   crate/s   ratio   with an outbox/s   ratio (medians of {ROUNDS} rounds)");
    for callers in [1, 2, 4, 8, 16] {
        let mut rates = Vec::new();
        for round in 0..=ROUNDS {
            let mut of_round = [0.0; 3];
            // Who goes first changes, and the first round only warms up.
            for way in (0..3).map(|way| (way + round) % 3) {
                let ids = insert(&storage, &mut next_id, callers * PER_CALLER).await;
                of_round[way] = match way {
                    0 => {
                        rate(callers, &ids, || {
                            let client = client.clone();
                            move |id| end_by_hand(client.clone(), id)
                        })
                        .await
                    }
                    way => {
                        let storage = if way == 1 { &storage } else { &keeping };
                        rate(callers, &ids, || {
                            let (validator, storage) = (validator.clone(), Arc::clone(storage));
                            move |id| {
                                end_through_crate(
                                    CompleteService::new(validator.clone(), storage.clone()),
                                    id,
                                )
                            }
                        })
                        .await
                    }
                };
            }
            if round > 0 {
                rates.push(of_round);
            }
        }
        let [by_hand, through, keeping] = [0, 1, 2].map(|way| median(&rates, |rates| rates[way]));
        let (of_by_hand, of_without) =
            (median(&rates, |rates| rates[1] / rates[0]), median(&rates, |rates| rates[2] / rates[1]));
        println!(
            "{callers:>7}   {by_hand:>9.0}   {through:>7.0}   {of_by_hand:>5.2}   {keeping:>16.0}   {of_without:>5.2}"
        );
    }
}

/// How many requests an end takes, as the nodes count them: one to load, one to commit.
async fn requests(
    cluster: &Cluster,
    storage: &Arc<EtcdStorage>,
    validator: &Validator,
    next_id: &mut i64,
) -> usize {
    const ENDS: usize = 20;
    let ids = insert(storage, next_id, ENDS).await;
    let before = counted(cluster);
    for id in ids {
        end_through_crate(CompleteService::new(validator.clone(), Arc::clone(storage)), id).await;
    }
    let each = (counted(cluster) - before).div_ceil(ENDS);
    assert!(each <= 2, "an end takes {each} requests");
    each
}

/// The requests of clients that the nodes have counted.
fn counted(cluster: &Cluster) -> usize {
    let nodes = cluster.endpoints().into_iter().map(|endpoint| {
        let address = endpoint.trim_start_matches("http://");
        let mut connection = TcpStream::connect(address).unwrap();
        connection.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
        let mut metrics = String::new();
        connection.read_to_string(&mut metrics).unwrap();
        let started = metrics.lines().filter(|line| {
            line.starts_with("grpc_server_started_total")
                && line.contains(r#"grpc_service="etcdserverpb.KV""#)
        });
        started.map(|line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap()).sum::<usize>()
    });
    nodes.sum()
}

/// How many services a second are ended by so many callers, of which each ends its share one after the other.
async fn rate<C, F>(callers: usize, ids: &[ServiceId], caller: impl Fn() -> C) -> f64
where
    C: FnMut(ServiceId) -> F + Send + 'static,
    F: Future<Output = ()> + Send,
{
    let mut running = JoinSet::new();
    let begun = Instant::now();
    for share in ids.chunks(ids.len() / callers) {
        let (share, mut end) = (share.to_vec(), caller());
        running.spawn(async move {
            for id in share {
                end(id).await;
            }
        });
    }
    while let Some(caller) = running.join_next().await {
        caller.unwrap();
    }
    #[expect(clippy::cast_precision_loss, reason = "there are a few thousand")]
    let ended = ids.len() as f64;
    ended / begun.elapsed().as_secs_f64()
}

/// What a host does, down to the operation that it makes for each request.
async fn end_through_crate(operation: CompleteService<Arc<EtcdStorage>>, id: ServiceId) {
    let outcome = operation.end_async(id, BODY.as_bytes(), Timestamp::now()).await.unwrap();
    assert!(matches!(outcome, Outcome::Ended(_)));
}

/// The requests that the crate makes, as one would write them for just this event.
async fn end_by_hand(mut client: KvClient, id: ServiceId) {
    let service = format!("{PREFIX}services/{id}/");
    let (started, state) = (format!("{service}started"), format!("{service}state"));
    let reads = [TxnOp::get(&*started, None), TxnOp::get(&*state, None)];
    let answer = client.txn(Txn::new().and_then(reads)).await.unwrap();
    let TxnOpResponse::Get(found) = &answer.op_responses()[1] else { panic!("it was a read") };
    let version = found.kvs()[0].mod_revision();
    let at = |key: &str, revision| Compare::mod_revision(key, CompareOp::Equal, revision);
    let (note, ratings) = (format!("{PREFIX}schemas/note"), format!("{PREFIX}schemas/ratings"));
    let commit = Txn::new()
        .when([at(&state, version), at(&note, 0), at(&ratings, 0)])
        .and_then([
            TxnOp::put(&*state, format!("{:032x}\n{END}", id.0), None),
            TxnOp::put(format!("{service}extensions/note"), NOTE, None),
            TxnOp::put(format!("{service}extensions/ratings"), RATINGS, None),
        ])
        .or_else([TxnOp::get(state, None), TxnOp::get(note, None), TxnOp::get(ratings, None)]);
    assert!(client.txn(commit).await.unwrap().succeeded());
}

/// Puts active services there.
async fn insert(storage: &Arc<EtcdStorage>, next_id: &mut i64, number: usize) -> Vec<ServiceId> {
    let ids: Vec<_> = (*next_id..).take(number).map(ServiceId).collect();
    *next_id += i64::try_from(number).unwrap();
    let mut running = JoinSet::new();
    for share in ids.chunks(ids.len().div_ceil(32)) {
        let (share, storage) = (share.to_vec(), Arc::clone(storage));
        running.spawn(async move {
            for id in share {
                let started = "2009-05-12T11:50:00.000Z".parse().unwrap();
                assert!(storage.insert(&StoredService::new(id, 0, started)).await.unwrap());
            }
        });
    }
    while let Some(inserted) = running.join_next().await {
        inserted.unwrap();
    }
    ids
}

fn median(rounds: &[[f64; 3]], of: impl Fn(&[f64; 3]) -> f64) -> f64 {
    let mut values: Vec<_> = rounds.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn schemas() -> Schemas {
    let note = ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string("text"));
    let ratings = ExtensionSchema::multi_valued("Ratings")
        .attribute(AttributeSchema::integer("rating"))
        .attribute(AttributeSchema::string("place"));
    Schemas::new().with(note.build().unwrap()).unwrap().with(ratings.build().unwrap()).unwrap()
}
