//! Workers of the outbox that get in each other's way.

use std::time::{Duration, Instant};

use service_end::storage::{AsyncOutbox as _, TakenNotice};
use service_end::{EndPolicy, EndRules, Schemas, ServiceId};
use service_end_postgres::PostgresStorage;
use tokio_postgres::NoTls;

use crate::server::Server;
use crate::{now, operation, started};

const NO_TIME: Duration = Duration::ZERO;
const LONG: Duration = Duration::from_secs(3_600);

async fn end(storage: &PostgresStorage, id: ServiceId, resource: u32) {
    let body = format!(r#"{{"resource_id":{resource}}}"#);
    let host = operation(storage, &Schemas::new());
    let host = host.with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier));
    assert!(host.end_async(id, body.as_bytes(), now()).await.is_ok());
}

/// The first worker is so slow that its lease runs out, and the second one tells what it had. The first one comes back
/// while a third one has the next notice of the service.
#[tokio::test]
async fn a_lease_that_ran_out_is_worth_nothing_for_the_next_notice_of_the_service() {
    let server = Server::start();
    let storage = server.storage().await.with_outbox("/services".parse().unwrap());
    let id = storage.start(started()).await.unwrap();
    let mut leases = Vec::new();
    for round in 0..3 {
        end(&storage, id, 2 * round).await;
        end(&storage, id, 2 * round + 1).await;
        let first = storage.take(1, NO_TIME).await.unwrap();
        let second = storage.take(1, LONG).await.unwrap();
        assert_eq!((first[0].version, first[0].attempt), (second[0].version, 1));
        assert_eq!(second[0].attempt, 2, "the attempts are counted");
        assert_eq!(storage.confirm(&second).await.unwrap(), 1);
        let third = storage.take(1, LONG).await.unwrap();
        assert!(third[0].version > first[0].version);
        assert_eq!(third[0].attempt, 1, "they begin anew with each notice");
        // Even if it had read the notice that is next, under the lease of the one before.
        let mixed = TakenNotice::new(id, third[0].version, first[0].lease_id, 1, "{}");
        for late in [&first[..], &[mixed]] {
            assert_eq!(storage.confirm(late).await.unwrap(), 0);
            assert_eq!(storage.release(late, NO_TIME).await.unwrap(), 0);
        }
        assert_eq!(storage.confirm(&third).await.unwrap(), 1);
        leases.extend([first, second, third].map(|taken| taken[0].lease_id));
    }
    assert!(leases.windows(2).all(|pair| pair[0] < pair[1]), "no number comes back: {leases:?}");
}

/// A lease of no time would be over between two steps.
#[tokio::test]
async fn taking_is_one_step() {
    let server = Server::start();
    let storage = server.storage().await.with_outbox("/services".parse().unwrap());
    let id = storage.start(started()).await.unwrap();
    end(&storage, id, 1).await;
    assert_eq!(storage.take(1, NO_TIME).await.unwrap().len(), 1);
    let (mut client, connection) = tokio_postgres::connect(&server.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let in_the_way = client.transaction().await.unwrap();
    in_the_way.batch_execute("LOCK TABLE notices").await.unwrap();
    let taking = tokio::spawn({
        let storage = storage.clone();
        async move { storage.take(1, NO_TIME).await.unwrap() }
    });
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    while server.ask(waiting).await != ["1"] {}
    let free = "SELECT service_id FROM outbox FOR UPDATE SKIP LOCKED";
    assert!(server.ask(free).await.is_empty(), "the service is held until its notice is read");
    in_the_way.rollback().await.unwrap();
    assert_eq!(taking.await.unwrap().len(), 1);
    assert_eq!(server.ask(free).await.len(), 1);
}

/// Has the server log the plan of every statement, with what it has read.
const EXPLAINED: [&str; 5] = [
    "shared_preload_libraries=auto_explain",
    "auto_explain.log_min_duration=0",
    "auto_explain.log_analyze=on",
    "auto_explain.log_buffers=on",
    "auto_explain.log_timing=off",
];

/// However much waits or pauses, and however much was told before, an index leads to what is taken and confirmed.
/// `NOTICES=1000000 cargo test --release -p service-end-postgres much_waits -- --nocapture` tells the figures of a large one.
#[tokio::test]
async fn where_much_waits_as_little_is_read_as_where_little_waits() {
    let notices: u64 = std::env::var("NOTICES").map_or(40_000, |notices| notices.parse().unwrap());
    let mut server = Server::start();
    server.storage().await;
    server.restart_with(&EXPLAINED);
    let storage = server.storage().await.with_outbox("/services".parse().unwrap());
    // Half of them can be taken, the other half pauses.
    let fill = |from: u64, to: u64| {
        format!(
            "INSERT INTO notices (service_id, version, kept, notice)
             SELECT -i, 1, '2020-01-01'::timestamptz + i * interval '1 ms', repeat('x', 300) FROM generate_series({from}, {to}) i;
             INSERT INTO outbox (service_id, due, attempt)
             SELECT -i, '2020-01-01'::timestamptz + i * interval '1 ms' + (i % 2) * interval '1 century', 5
             FROM generate_series({from}, {to}) i;"
        )
    };
    let begun = Instant::now();
    server.ask(&fill(1, notices)).await;
    println!("{notices} notices filled in {:?}", begun.elapsed());
    for when in [
        "as filled",
        "analyzed",
        "the first half told and deleted, not vacuumed",
        "vacuumed",
        "nothing can be taken",
    ] {
        match when {
            "analyzed" => drop(server.ask("ANALYZE notices, outbox").await),
            "the first half told and deleted, not vacuumed" => {
                let half = notices / 2;
                let told = format!(
                    "DELETE FROM notices WHERE service_id > -{half}; DELETE FROM outbox WHERE service_id > -{half};"
                );
                server.ask(&told).await;
            }
            "vacuumed" => drop(server.ask("VACUUM ANALYZE notices, outbox").await),
            "nothing can be taken" => {
                server.ask("DELETE FROM outbox WHERE due < now()").await;
                server.ask("VACUUM outbox").await;
            }
            _ => {}
        }
        // More often than it takes for a plan to be kept for all parameters.
        for round in 0..8 {
            let logged = server.log_text().len();
            let begun = Instant::now();
            let taken = storage.take(64, LONG).await.unwrap();
            let taking = begun.elapsed();
            let begun = Instant::now();
            assert_eq!(storage.confirm(&taken).await.unwrap(), taken.len());
            let confirming = begun.elapsed();
            let begun = Instant::now();
            let id = storage.start(started()).await.unwrap();
            end(&storage, id, 1).await;
            let ending = begun.elapsed();
            let own = storage.take(64, LONG).await.unwrap();
            assert_eq!(own.len(), if when == "nothing can be taken" { 1 } else { 64 });
            assert_eq!(storage.release(&own, LONG).await.unwrap(), own.len());
            let log = server.log_text().split_off(logged);
            let read = read(&log);
            if round % 7 == 0 {
                let begun = Instant::now();
                storage.backlog().await.unwrap();
                let counting = begun.elapsed();
                println!(
                    "{when}, round {round}: {} taken in {taking:?}, confirmed in {confirming:?}, one more in {ending:?}, counted in {counting:?}; read {read:?}",
                    taken.len()
                );
            }
            // What was deleted is passed over, page by page, until it is vacuumed.
            let bound = if when.contains("not vacuumed") { 200 + notices / 500 } else { 200 };
            assert!(round < 2 || u64::from(read[0]) < bound, "taking has read {read:?} pages, {when}");
            assert!(!log.contains("Seq Scan on outbox") && !log.contains("Seq Scan on notices"), "{log}");
        }
    }
}

/// How many pages each of the statements has read that are in a log.
fn read(log: &str) -> Vec<u32> {
    let plans = log.split("plan:").skip(1);
    let of = |plan: &str| {
        let buffers = plan.lines().find(|line| line.contains("Buffers: shared")).unwrap_or_default();
        let figures = buffers
            .split_whitespace()
            .filter_map(|word| word.strip_prefix("hit=").or(word.strip_prefix("read=")));
        figures.map(|figure| figure.parse::<u32>().unwrap()).sum()
    };
    plans.map(of).collect()
}
