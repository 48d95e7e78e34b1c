//! Stores that are away for a while.

use std::time::{Duration, Instant};

use crate::errors::assert_problem;
use crate::host::{Fixture, Host, feedback};

/// While the store is away, `503` comes within a few seconds.
pub(crate) async fn assert_away(host: &Host, method: &str, path: &str, body: &str) {
    let begun = Instant::now();
    let answer = host.send(method, path, body).await;
    assert_problem(&answer, 503, "storage_unavailable", path);
    assert_eq!(answer.header("retry-after"), "1");
    assert!(begun.elapsed() < Duration::from_secs(7), "{:?}", begun.elapsed());
}

/// Another process holds the file's lock.
#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_file_is_away_until_it_is_free() {
    let fixture = Fixture::sqlite();
    let host = fixture.host_with(&["--store-timeout", "1"]);
    host.register(&feedback()).await;
    let id = host.start_service().await;
    let other = rusqlite::Connection::open(fixture.storage.strip_prefix("sqlite:").unwrap()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let event = r#"{"disposition":10,"Feedback":{"FeedbackType":"survey"}}"#;
    assert_away(&host, "POST", &format!("/services/{id}/end"), event).await;
    assert_away(&host, "POST", "/services/start", "").await;
    assert_eq!(host.send("GET", "/health", "").await.status, 200);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(host.end(id, event).await.status, 204, "the same event again");
    let shown = host.shown(&format!("/services/{id}?extensions=*")).await;
    assert_eq!(shown["Feedback"]["FeedbackType"], "survey");
}

/// What was stored is there after a restart, schemas and services.
#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_is_killed_and_started_again_has_lost_nothing() {
    let fixture = Fixture::sqlite();
    let mut host = fixture.host();
    host.register(&feedback()).await;
    let id = host.start_service().await;
    let event = r#"{"disposition":10,"Feedback":{"FeedbackType":"survey"}}"#;
    assert_eq!(host.end(id, event).await.status, 204);
    host.signal("KILL");
    host.ended(Duration::from_secs(5));
    let host = fixture.host();
    assert_eq!(host.end(id, event).await.status, 204, "it has ended just so");
    let shown = host.shown(&format!("/services/{id}?extensions=*")).await;
    assert_eq!(shown["Feedback"]["FeedbackType"], "survey");
    assert!(host.start_service().await > id);
}
