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

/// The server is killed, and comes back; and the host is there before its database is.
#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_killed_is_away_until_it_is_back() {
    use crate::postgres_server::Server;

    let mut server = Server::start();
    server.kill();
    let publish = ["--publish", "http://127.0.0.1:1/", "--publish-source", "/services"];
    let host = Host::start(&format!("postgres:{}", server.url()), &publish);
    assert_away(&host, "POST", "/services/start", "").await;
    let log = host.log_of(2);
    let no_outbox = log.lines().find(|line| line.contains("the outbox gave no answer"));
    assert!(no_outbox.is_some_and(|line| line.contains("refused")), "the log tells why:\n{log}");
    server.restart();
    assert_eq!(host.register(&feedback()).await.status, 201);
    let event = r#"{"disposition":10,"Feedback":{"FeedbackType":"survey"}}"#;
    for _ in 0..3 {
        let (ended, active) = (host.start_service().await, host.start_service().await);
        assert_eq!(host.end(ended, event).await.status, 204);
        server.kill();
        assert_away(&host, "POST", &format!("/services/{active}/end"), event).await;
        assert_away(&host, "GET", &format!("/services/{ended}?extensions=*"), "").await;
        assert_away(&host, "GET", "/metadata/services/extensions", "").await;
        assert_away(&host, "POST", "/metadata/services/extensions", &feedback().to_string()).await;
        assert_eq!(host.send("GET", "/health", "").await.status, 200);
        server.restart();
        for id in [ended, active] {
            assert_eq!(host.end(id, event).await.status, 204, "the same event again, without a restart");
            let shown = host.shown(&format!("/services/{id}?extensions=*")).await;
            assert_eq!(shown["Feedback"]["FeedbackType"], "survey");
        }
    }
    // It takes connections, and never says a word.
    let active = host.start_service().await;
    Server::freeze(&server.processes());
    assert_away(&host, "POST", &format!("/services/{active}/end"), event).await;
    server.thaw();
    assert_eq!(host.end(active, event).await.status, 204);
}

/// Whoever asks whether the host is up does not wait for its database, however long that may take.
#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_and_figures_of_a_host_that_publishes_do_not_wait_for_a_silent_database() {
    use crate::postgres_server::Server;

    let server = Server::start();
    let host = Host::start(
        &format!("postgres:{}", server.url()),
        // Longer than this test waits for an answer.
        &["--publish", "http://127.0.0.1:1/", "--publish-source", "/services", "--store-timeout", "60"],
    );
    let id = host.start_service().await;
    assert_eq!(host.end(id, "{}").await.status, 204);
    let known = async |waiting: serde_json::Value| {
        for _ in 0..500 {
            if host.shown("/health").await["outbox"]["waiting"] == waiting {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    };
    assert!(known(1.into()).await);
    Server::freeze(&server.processes());
    assert!(known(serde_json::Value::Null).await);
    let probes = [(); 4].map(|()| host.shown("/health"));
    for health in futures_util::future::join_all(probes).await {
        assert_eq!(health, serde_json::json!({ "status": "ok", "outbox": null }));
    }
    let metrics = String::from_utf8(host.send("GET", "/metrics", "").await.body).unwrap();
    for figure in ["outbox_up 0", "outbox_notices NaN", "outbox_oldest_age_seconds NaN"] {
        assert!(metrics.contains(&format!("service_end_{figure}\n")), "{figure}:\n{metrics}");
    }
    server.thaw();
    assert!(known(1.into()).await);
}

/// Two of three nodes are killed, and one comes back.
#[cfg(feature = "etcd")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_without_a_majority_is_away_until_it_has_one() {
    let mut cluster = crate::etcd_cluster::Cluster::start_in_memory().await;
    let host = Host::start(&format!("etcd:{}", cluster.endpoints().join(",")), &[]);
    host.register(&feedback()).await;
    let event = r#"{"disposition":10,"Feedback":{"FeedbackType":"survey"}}"#;
    let (ended, active) = (host.start_service().await, host.start_service().await);
    assert_eq!(host.end(ended, event).await.status, 204);
    cluster.kill(0);
    cluster.kill(1);
    assert_away(&host, "POST", &format!("/services/{active}/end"), event).await;
    assert_away(&host, "GET", &format!("/services/{ended}"), "").await;
    cluster.run(1);
    cluster.wait_for_leader(Duration::from_secs(30)).await.expect("two nodes agree");
    for id in [ended, active] {
        assert_eq!(host.end(id, event).await.status, 204, "the same event again, without a restart");
        let shown = host.shown(&format!("/services/{id}?extensions=*")).await;
        assert_eq!(shown["Feedback"]["FeedbackType"], "survey");
    }
}

/// What is over a store's own limit is an answer, and changes nothing.
#[cfg(feature = "etcd")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_over_the_limit_of_the_store_is_refused() {
    let fixture = Fixture::etcd().await;
    let host = fixture.host();
    host.register(&serde_json::json!({ "name": "Note", "type": "single-valued",
        "attributes": [ { "name": "text", "type": "string" } ] }))
        .await;
    let id = host.start_service().await;
    let body = format!(r#"{{"Note":{{"text":"{}"}}}}"#, "x".repeat(3_000_000));
    assert_problem(&host.end(id, &body).await, 413, "too_large_for_storage", "three million characters");
    assert!(host.shown(&format!("/services/{id}?extensions=*")).await.get("completed").is_none());
}
