//! What a completion costs: through the crate, by the same statements issued by hand, and through the crate with an outbox,
//! for 1 to 16 callers.
//!
//! The ways are measured in many short turns, so that what else the machine does falls on all; the medians are told.
//! `ROUNDS=9` before the command makes it shorter.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that can't go on has nothing to tell"
)]
#![allow(clippy::cast_precision_loss, reason = "rates")]

#[expect(dead_code, reason = "a benchmark kills no server")]
#[path = "../tests/store/server.rs"]
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use deadpool_postgres::{Manager, Pool};
use service_end::{CompleteService, ExtensionSchema, Timestamp, Validator};
use service_end_postgres::PostgresStorage;
use service_end_proxy::Proxy;
use tokio_postgres::NoTls;

const COMPLETIONS: i64 = 320;

const SCHEMAS: [&str; 2] = [
    r#"{"name":"Feedback","type":"single-valued","attributes":[{"name":"FeedbackType","type":"string","length":32,"mandatory":true},{"name":"rating","type":"integer"},{"name":"notes","type":"string","length":255}]}"#,
    r#"{"name":"Satisfaction","type":"multi-valued","attributes":[{"name":"rating","type":"integer","mandatory":true},{"name":"pertinence","type":"integer"},{"name":"usefull","type":"boolean"},{"name":"place","type":"string","length":64,"default":"unknown"}],"unique":["place"]}"#,
];
const FIXED: &str = r#""timestamp":"2009-05-12T12:05:12.145Z","interaction_id":"123ABCAADFJ1259ACF","resource_type":2,"resource_id":5005,"media_type":1,"disposition":10,"disposition_desc":"SUCCESS""#;
const FEEDBACK: &str =
    r#"{"FeedbackType":"survey","rating":7,"notes":"warm welcome at frontdesk, thanks for the nice trip"}"#;
const SATISFACTION: &str = r#"[{"rating":2,"pertinence":8,"usefull":true,"place":"Terranova mexico resort"},{"rating":8,"pertinence":8,"place":"Fort Lauderdale"}]"#;

#[tokio::main]
async fn main() {
    let server = server::Server::start();
    let storage = server.storage().await;
    let schemas = SCHEMAS.map(|schema| ExtensionSchema::from_json(schema).unwrap());
    for schema in &schemas {
        assert!(storage.register(schema).await.unwrap());
    }
    let declared = schemas.map(|schema| serde_json::to_string(&schema).unwrap());
    let validator = Validator::new(storage.schemas().await.unwrap());
    let keeping = storage.clone().with_outbox("https://crm.example/services".parse().unwrap());
    let keeping = Arc::new(CompleteService::new(validator.clone(), keeping));
    let operation = Arc::new(CompleteService::new(validator, storage));
    let body: Arc<str> = format!(r#"{{{FIXED},"Feedback":{FEEDBACK},"Satisfaction":{SATISFACTION}}}"#).into();
    let now = Timestamp::now();

    let manager = Manager::new(server.url().parse().unwrap(), NoTls);
    let pool = Pool::builder(manager).max_size(16).build().unwrap();
    let arguments: Arc<(String, [String; 2])> = Arc::new((format!("{{{FIXED}}}"), declared));

    let through_the_crate = |operation: Arc<CompleteService<PostgresStorage>>| {
        let body = Arc::clone(&body);
        move |id| {
            let (operation, body) = (Arc::clone(&operation), Arc::clone(&body));
            async move {
                assert!(operation.end_async(id, body.as_bytes(), now).await.is_ok());
            }
        }
    };
    let (without, keeping) = (through_the_crate(operation), through_the_crate(keeping));
    let by_hand = {
        let pool = pool.clone();
        move |id| {
            let (pool, arguments) = (pool.clone(), Arc::clone(&arguments));
            async move { end_by_hand(&pool, id, &arguments.0, &arguments.1).await }
        }
    };
    for (outbox, what) in [(false, "an end"), (true, "an end with an outbox")] {
        println!("round trips of {what}: {}", round_trips(&server, body.as_bytes(), now, outbox).await);
    }
    let rounds = std::env::var("ROUNDS").map_or(51, |rounds| rounds.parse().unwrap());
    println!("callers  completions/s  by hand  ratio  with an outbox  ratio");
    for callers in [1, 2, 4, 8, 16] {
        let mut rates = Vec::new();
        for _ in 0..=rounds {
            let through = rate(callers, start(&pool).await, without.clone()).await;
            let by_hand = rate(callers, start(&pool).await, by_hand.clone()).await;
            rates.push([through, by_hand, rate(callers, start(&pool).await, keeping.clone()).await]);
        }
        // The first round only opens connections and prepares statements.
        let rates = rates.split_off(1);
        let through = median(&rates, |[through, ..]| through);
        let by_hand = median(&rates, |[_, by_hand, _]| by_hand);
        let with_outbox = median(&rates, |[.., with_outbox]| with_outbox);
        let of_by_hand = median(&rates, |[through, by_hand, _]| through / by_hand);
        let of_without = median(&rates, |[through, _, with_outbox]| with_outbox / through);
        println!(
            "{callers:7}  {through:13.0}  {by_hand:7.0}  {of_by_hand:5.2}  {with_outbox:14.0}  {of_without:5.2}"
        );
    }
}

/// How many round trips an end takes on a connection that has its statements: one to load, one to commit.
async fn round_trips(server: &server::Server, body: &[u8], now: Timestamp, outbox: bool) -> usize {
    const ENDS: usize = 20;
    let proxy = Proxy::before(([127, 0, 0, 1], server.port()).into()).unwrap();
    let url = format!("postgresql://host@{}/postgres", proxy.address());
    let storage = PostgresStorage::with(url.parse().unwrap(), NoTls, 1, Duration::from_secs(5)).unwrap();
    let storage =
        if outbox { storage.with_outbox("https://crm.example/services".parse().unwrap()) } else { storage };
    let operation = CompleteService::new(Validator::new(storage.schemas().await.unwrap()), storage);
    let plain = server.storage().await;
    let mut before = 0;
    for n in 0..=ENDS {
        let id = plain.start(Timestamp::MIN).await.unwrap();
        assert!(operation.end_async(id, body, now).await.is_ok());
        if n == 0 {
            before = proxy.round_trips();
        }
    }
    let each = (proxy.round_trips() - before).div_ceil(ENDS);
    assert!(each <= 2, "an end takes {each} round trips");
    each
}

/// Services to end.
async fn start(pool: &Pool) -> i64 {
    let sql = "INSERT INTO services (version, started) SELECT 1, 1000 FROM generate_series(1, $1) RETURNING service_id";
    let rows = pool.get().await.unwrap().query(sql, &[&i32::try_from(COMPLETIONS).unwrap()]).await.unwrap();
    rows.iter().map(|row| row.get(0)).min().unwrap()
}

/// How many services are ended a second.
async fn rate<F: Future<Output = ()> + Send>(
    callers: usize,
    first: i64,
    end: impl Fn(i64) -> F + Clone + Send + Sync + 'static,
) -> f64 {
    let ids = Arc::new(AtomicI64::new(first));
    let begun = Instant::now();
    let callers: Vec<_> = (0..callers)
        .map(|_| {
            let (ids, end) = (Arc::clone(&ids), end.clone());
            tokio::spawn(async move {
                loop {
                    let id = ids.fetch_add(1, Ordering::Relaxed);
                    if id >= first + COMPLETIONS {
                        break;
                    }
                    end(id).await;
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    COMPLETIONS as f64 / begun.elapsed().as_secs_f64()
}

/// The statements of the store, without the crate: no reading of the body, no decision.
async fn end_by_hand(pool: &Pool, id: i64, end: &str, declared: &[String; 2]) {
    let client = pool.get().await.unwrap();
    let load = client.prepare_cached(service_end_postgres::LOAD).await.unwrap();
    let no_keys: Option<&[&str]> = Some(&[]);
    let version: i64 = client.query(&load, &[&id, &no_keys]).await.unwrap().first().unwrap().get(0);
    let commit = client.prepare_cached(service_end_postgres::COMMIT).await.unwrap();
    let (keys, names): (&[&str], &[&str]) = (&["feedback", "satisfaction"], &["Feedback", "Satisfaction"]);
    let records: &[&str] = &[FEEDBACK, SATISFACTION];
    let rows =
        client.query(&commit, &[&id, &version, &end, &keys, &declared.as_slice(), &records, &names]).await;
    let rows = rows.unwrap();
    assert!(rows.first().unwrap().get::<_, bool>(0));
}

fn median(rounds: &[[f64; 3]], of: fn([f64; 3]) -> f64) -> f64 {
    let mut figures: Vec<_> = rounds.iter().map(|round| of(*round)).collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
