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
