//! What a completion costs: through the crate, by the same statements issued by hand, and through the crate with an outbox,
//! for 1 to 16 callers.
//!
//! The ways are measured in many short turns, so that what else the machine does falls on all; the medians are told.
//! `ROUNDS=9` before the command makes it shorter.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that can't go on has nothing to tell"
)]
#![allow(clippy::cast_precision_loss, reason = "rates")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use rusqlite::{Connection, TransactionBehavior};
use service_end::{CompleteService, ExtensionSchema, Timestamp, Validator};
use service_end_sqlite::SqliteStorage;

const COMPLETIONS: i64 = 320;

const SCHEMAS: [&str; 2] = [
    r#"{ "name": "Feedback", "type": "single-valued", "attributes": [
        { "name": "FeedbackType", "type": "string", "length": 32, "mandatory": true },
        { "name": "rating", "type": "integer" }, { "name": "notes", "type": "string", "length": 255 } ] }"#,
    r#"{ "name": "Satisfaction", "type": "multi-valued", "attributes": [
        { "name": "rating", "type": "integer", "mandatory": true }, { "name": "pertinence", "type": "integer" },
        { "name": "usefull", "type": "boolean" },
        { "name": "place", "type": "string", "length": 64, "default": "unknown" } ], "unique": ["place"] }"#,
];
const FIXED: &str = r#""timestamp":"2009-05-12T12:05:12.145Z","interaction_id":"123ABCAADFJ1259ACF","resource_type":2,"resource_id":5005,"media_type":1,"disposition":10,"disposition_desc":"SUCCESS""#;
const FEEDBACK: &str =
    r#"{"FeedbackType":"survey","rating":7,"notes":"warm welcome at frontdesk, thanks for the nice trip"}"#;
const SATISFACTION: &str = r#"[{"rating":2,"pertinence":8,"usefull":true,"place":"Terranova mexico resort"},{"rating":8,"pertinence":8,"place":"Fort Lauderdale"}]"#;

fn main() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("services.db");
    let storage = SqliteStorage::open(&file).unwrap();
    let schemas = SCHEMAS.map(|schema| ExtensionSchema::from_json(schema).unwrap());
    assert!(schemas.iter().all(|schema| storage.register(schema).unwrap()));
    let operation = CompleteService::new(Validator::new(storage.schemas().unwrap()), &storage);
    let keeping =
        SqliteStorage::open(&file).unwrap().with_outbox("https://crm.example/services".parse().unwrap());
    let keeping = CompleteService::new(operation.validator().clone(), &keeping);
    let body = format!(r#"{{{FIXED},"Feedback":{FEEDBACK},"Satisfaction":{SATISFACTION}}}"#);
    let now = Timestamp::now();

    let connect = || {
        let connection = Connection::open(&file).unwrap();
        connection.pragma_update(None, "synchronous", "FULL").unwrap();
        connection
    };
    let writer = Mutex::new(connect());
    let readers: Vec<_> = (0..16).map(|_| Mutex::new(connect())).collect();
    let end = format!("{{{FIXED}}}");

    let rounds = std::env::var("ROUNDS").map_or(51, |rounds| rounds.parse().unwrap());
    println!("callers  completions/s  by hand  ratio  with an outbox  ratio");
    for callers in [1, 2, 4, 8, 16] {
        let mut rates = Vec::new();
        for _ in 0..rounds {
            let ids = start(&writer.lock().unwrap());
            let through = rate(callers, &ids, |_, id| {
                assert!(operation.end(id, body.as_bytes(), now).is_ok());
            });
            let ids = start(&writer.lock().unwrap());
            let by_hand = rate(callers, &ids, |caller, id| {
                end_by_hand(&readers[caller], &writer, id, &end);
            });
            let ids = start(&writer.lock().unwrap());
            let with_outbox = rate(callers, &ids, |_, id| {
                assert!(keeping.end(id, body.as_bytes(), now).is_ok());
            });
            rates.push([through, by_hand, with_outbox]);
        }
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

/// Services to end.
fn start(connection: &Connection) -> AtomicI64 {
    let last = "SELECT coalesce(max(service_id), 0) FROM services";
    let last: i64 = connection.query_row(last, (), |row| row.get(0)).unwrap();
    let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
               INSERT INTO services (version, started) SELECT 1, 1000 FROM n";
    connection.execute(sql, [COMPLETIONS]).unwrap();
    AtomicI64::new(last + 1)
}

/// How many services are ended a second.
fn rate(callers: usize, ids: &AtomicI64, end: impl Fn(usize, i64) + Sync) -> f64 {
    let beyond = ids.load(Ordering::Relaxed) + COMPLETIONS;
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for caller in 0..callers {
            let end = &end;
            scope.spawn(move || {
                loop {
                    let id = ids.fetch_add(1, Ordering::Relaxed);
                    if id >= beyond {
                        break;
                    }
                    end(caller, id);
                }
            });
        }
    });
    COMPLETIONS as f64 / begun.elapsed().as_secs_f64()
}

/// The statements of the store, without the crate: no reading of the body, no decision.
fn end_by_hand(reader: &Mutex<Connection>, writer: &Mutex<Connection>, id: i64, end: &str) {
    let version: i64 = {
        let mut reader = reader.lock().unwrap();
        let transaction = reader.transaction().unwrap();
        let sql = "SELECT version, started, completed FROM services WHERE service_id = ?";
        let version = transaction.prepare_cached(sql).unwrap().query_row([id], |row| row.get(0)).unwrap();
        transaction.commit().unwrap();
        version
    };
    let mut writer = writer.lock().unwrap();
    let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let sql = "UPDATE services SET version = version + 1, completed = ? WHERE service_id = ? AND version = ?";
    assert_eq!(transaction.prepare_cached(sql).unwrap().execute((end, id, version)).unwrap(), 1);
    for (key, records) in [("feedback", FEEDBACK), ("satisfaction", SATISFACTION)] {
        let sql = "SELECT declared FROM schemas WHERE key = ?";
        let _: String = transaction.prepare_cached(sql).unwrap().query_row([key], |row| row.get(0)).unwrap();
        let sql = "INSERT INTO extensions (service_id, key, records) VALUES (?, ?, ?)
                   ON CONFLICT DO UPDATE SET records = excluded.records";
        transaction.prepare_cached(sql).unwrap().execute((id, key, records)).unwrap();
    }
    transaction.commit().unwrap();
}

fn median(rounds: &[[f64; 3]], of: fn([f64; 3]) -> f64) -> f64 {
    let mut figures: Vec<_> = rounds.iter().map(|round| of(*round)).collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
