//! Servers that are not there, or there and silent.

use std::time::{Duration, Instant};

use service_end::{AsyncStorage as _, ServiceId, storage::Want};
use service_end_postgres::{PostgresError, PostgresStorage};
use tokio_postgres::NoTls;

use crate::server::Server;
use crate::started;

#[tokio::test]
async fn a_server_that_is_gone_is_an_error_at_once_and_one_that_is_back_is_used() {
    let mut server = Server::start();
    let storage = server.storage().await;
    let id = storage.start(started()).await.unwrap();
    server.kill();
    let begun = Instant::now();
    let error = storage.load(id, Want::All).await.unwrap_err();
    assert!(matches!(error, PostgresError::NoConnection(_) | PostgresError::Database(_)), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(2));
    server.restart();
    assert!(storage.load(id, Want::All).await.unwrap().is_some());
}

#[tokio::test]
async fn a_silent_server_is_an_error_in_seconds_and_one_that_speaks_again_is_used() {
    let server = Server::start();
    let storage = server.storage().await;
    let id = storage.start(started()).await.unwrap();
    Server::freeze(&server.processes());
    let begun = Instant::now();
    let error = storage.load(id, Want::All).await.unwrap_err();
    assert!(matches!(error, PostgresError::TimedOut), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(8));
    server.thaw();
    assert!(storage.load(id, Want::All).await.unwrap().is_some());
}

/// As when a firewall forgets a connection: the server is well, but this way to it is dead.
#[tokio::test]
async fn a_connection_given_up_by_one_caller_is_not_lent_to_the_next() {
    let server = Server::start();
    let storage = server.storage().await;
    let id = storage.start(started()).await.unwrap();
    Server::freeze(&server.processes()[1..]);
    // This caller loses patience before the store does.
    let impatient = tokio::time::timeout(Duration::from_millis(100), storage.load(id, Want::All));
    assert!(impatient.await.is_err());
    assert!(storage.load(id, Want::All).await.unwrap().is_some());
    assert_eq!(storage.load(ServiceId(0), Want::All).await.unwrap(), None);
}

#[tokio::test]
async fn a_silent_host_does_not_keep_callers_from_the_other() {
    let (silent, server) = (Server::start(), Server::start());
    let id = server.storage().await.start(started()).await.unwrap();
    Server::freeze(&silent.processes());
    let url = format!("postgresql://host@127.0.0.1:{},127.0.0.1:{}/postgres", silent.port(), server.port());
    let storage = PostgresStorage::with(url.parse().unwrap(), NoTls, 4, Duration::from_millis(500)).unwrap();
    let mut tries = 0;
    while !matches!(storage.load(id, Want::All).await, Ok(Some(_))) {
        tries += 1;
        assert!(tries < 20, "hosts are tried in no fixed order");
    }
}

/// A dump reads every table in one transaction, for as long as it takes. Whatever asks for a lock that it does not allow
/// waits for it, and all writers wait behind that.
#[tokio::test]
async fn a_host_can_start_during_a_dump_and_while_others_write() {
    let server = Server::start();
    let storage = server.storage().await;
    let id = storage.start(started()).await.unwrap();
    let (mut client, connection) = tokio_postgres::connect(&server.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let dump = client.transaction().await.unwrap();
    let tables = "LOCK TABLE services, schemas, extensions, notices, outbox IN ACCESS SHARE MODE";
    dump.batch_execute(tables).await.unwrap();
    // A writer whose transaction is open is in the way of an index, as a dump is of a column.
    dump.execute("UPDATE services SET started = started WHERE service_id = $1", &[&id.0]).await.unwrap();
    dump.batch_execute("DELETE FROM notices; DELETE FROM outbox").await.unwrap();
    let another = PostgresStorage::new(&server.url()).unwrap();
    another.create_tables().await.unwrap();
    dump.rollback().await.unwrap();
}

#[tokio::test]
async fn what_is_missing_in_tables_of_before_is_made_and_nothing_else() {
    let server = Server::start();
    let storage = server.storage().await;
    let id = storage.start(started()).await.unwrap();
    let all = "SELECT concat(c.relname, '.', a.attname) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
               WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1";
    let before = server.ask(all).await;
    server.ask("ALTER TABLE extensions DROP COLUMN name; DROP INDEX outbox_due; DROP TABLE notices").await;
    // One of the same name in another schema is not the store's.
    server.ask("CREATE SCHEMA other; CREATE TABLE other.notices (kept int)").await;
    storage.create_tables().await.unwrap();
    assert_eq!(server.ask(all).await, before);
    assert!(storage.load(id, Want::All).await.unwrap().is_some());
    let elsewhere = PostgresStorage::new(&format!("{}?options=-csearch_path%3Dother", server.url())).unwrap();
    server.ask("DROP TABLE other.notices").await;
    elsewhere.create_tables().await.unwrap();
    assert_eq!(elsewhere.load(id, Want::All).await.unwrap(), None);
}
