//! Workers of the outbox that get in each other's way.

use std::time::Duration;

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
    let storage = server.storage().await.with_outbox("/services");
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
        let mixed = TakenNotice::new(id, third[0].version, first[0].lease, 1, "{}");
        for late in [&first[..], &[mixed]] {
            assert_eq!(storage.confirm(late).await.unwrap(), 0);
            assert_eq!(storage.release(late, NO_TIME).await.unwrap(), 0);
        }
        assert_eq!(storage.confirm(&third).await.unwrap(), 1);
        leases.extend([first, second, third].map(|taken| taken[0].lease));
    }
    assert!(leases.windows(2).all(|pair| pair[0] < pair[1]), "no number comes back: {leases:?}");
}

/// A lease of no time would be over between two steps.
#[tokio::test]
async fn taking_is_one_step() {
    let server = Server::start();
    let storage = server.storage().await.with_outbox("/services");
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
