//! Servers that are not there, or there and silent.

use std::time::{Duration, Instant};

use service_end::{AsyncStorage as _, ServiceId, Want};
use service_end_postgres::PostgresError;

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
async fn a_silent_server_is_an_error_in_seconds_and_its_connections_are_not_used_again() {
    let server = Server::start();
    let storage = server.storage().await;
    let id = storage.start(started()).await.unwrap();
    server.freeze();
    let begun = Instant::now();
    let error = storage.load(id, Want::All).await.unwrap_err();
    assert!(matches!(error, PostgresError::TimedOut), "{error:?}");
    // Callers who lose patience before the store does must not leave it with connections that never answer.
    for _ in 0..20 {
        let impatient = tokio::time::timeout(Duration::from_millis(10), storage.load(id, Want::All));
        assert!(impatient.await.is_err());
    }
    assert!(begun.elapsed() < Duration::from_secs(8));
    server.thaw();
    assert!(storage.load(id, Want::All).await.unwrap().is_some());
    assert_eq!(storage.load(ServiceId(0), Want::All).await.unwrap(), None);
}
