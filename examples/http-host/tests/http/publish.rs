//! Whether what ended is told, whatever the receiver does.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
#[cfg(feature = "memory")]
use futures_util::future::join_all;
use serde_json::Value;

use crate::host::{Fixture, Host};

/// A receiver on a port of its own, which gives the answers in turn, and then takes everything.
struct Receiver {
    url: String,
    told: Arc<Mutex<Vec<Value>>>,
    /// Those that it still gives.
    answers: Arc<Mutex<Vec<u16>>>,
    /// It always refuses the notices of services up to this one.
    refused: Arc<AtomicI64>,
}

impl Receiver {
    async fn start(answers: &[u16]) -> Self {
        let told: Arc<Mutex<Vec<Value>>> = Arc::default();
        let answers = Arc::new(Mutex::new(answers.to_vec()));
        let refused: Arc<AtomicI64> = Arc::default();
        let (taking, giving, refusing) = (Arc::clone(&told), Arc::clone(&answers), Arc::clone(&refused));
        let take = async move |headers: HeaderMap, body: String| {
            let next = {
                let mut answers = giving.lock().unwrap();
                if answers.is_empty() { 204 } else { answers.remove(0) }
            };
            let notice: Value = serde_json::from_str(&body).unwrap();
            let is_refused =
                notice["data"]["service_id"].as_i64().unwrap() <= refusing.load(Ordering::SeqCst);
            let next = if is_refused { 422 } else { next };
            assert_eq!(headers[header::CONTENT_TYPE], "application/cloudevents+json");
            // One that is slow, and one that leads elsewhere.
            if next == 0 {
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
            let status = StatusCode::from_u16(next).unwrap_or(StatusCode::NO_CONTENT);
            if next == 204 {
                taking.lock().unwrap().push(notice);
            }
            (status, [(header::LOCATION, "http://127.0.0.1:1/")]).into_response()
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/told", listener.local_addr().unwrap());
        let routes = Router::new().fallback(take);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Receiver { url, told, answers, refused }
    }

    fn refuse_up_to(&self, service: i64) {
        self.refused.store(service, Ordering::SeqCst);
    }

    /// What was told, once it is so much.
    async fn told(&self, count: usize) -> Vec<Value> {
        for _ in 0..1_000 {
            let told = self.told.lock().unwrap().clone();
            if told.len() >= count {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.told.lock().unwrap().clone()
    }
}

const SOURCE: &str = "https://host.example/services";
const QUICK: [&str; 6] = ["--publish-source", SOURCE, "--publish-timeout", "1", "--publish-pause", "0.2"];

pub(crate) async fn every_end_is_told_whatever_the_receiver_answers(fixture: &Fixture) {
    // Refused, failed, led elsewhere, too slow.
    let receiver = Receiver::start(&[400, 404, 500, 503, 301, 307, 0]).await;
    let host = fixture.host_with(&[&["--publish", &receiver.url][..], &QUICK].concat());
    let mut ids = HashSet::new();
    for _ in 0..5 {
        let id = host.start_service().await;
        assert_eq!(host.end(id, r#"{"disposition":10}"#).await.status, 204);
        assert_eq!(host.end(id, r#"{"disposition":10}"#).await.status, 204, "a retry is no further end");
        ids.insert(id.to_string());
    }
    let told = receiver.told(5).await;
    let subjects: HashSet<_> = told.iter().map(|told| told["subject"].as_str().unwrap().to_owned()).collect();
    assert_eq!(subjects, ids, "{}", host.log());
    for told in &told {
        let source = told["source"].as_str().unwrap();
        let more = source.strip_prefix(SOURCE).expect(source);
        assert_eq!(
            (more.is_empty(), told["specversion"].as_str()),
            (fixture.shared, Some("1.0")),
            "{source}"
        );
    }
    for _ in 0..500 {
        if host.shown("/health").await["outbox"]["waiting"] == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(host.shown("/health").await["outbox"]["waiting"], 0);
    let metrics = host.send("GET", "/metrics", "").await;
    let metrics = String::from_utf8(metrics.body).unwrap();
    for line in [
        "service_end_ends_total{outcome=\"ended\"} 5",
        "service_end_ends_total{outcome=\"already_so\"} 5",
        "service_end_notice_delivery_failures_total{reason=\"status_301\"} 1",
        "service_end_notice_delivery_failures_total{reason=\"no_answer\"} 1",
        "service_end_notices_delivered_total 5",
        "service_end_outbox_up 1",
        "service_end_outbox_notices 0",
    ] {
        assert!(metrics.contains(line), "{line}:\n{metrics}");
    }
    assert!(host.log().contains("status=301"), "{}", host.log());
}

/// Nobody listens at first; the host is stopped and started again before anybody does.
pub(crate) async fn a_host_that_is_stopped_or_killed_goes_on_where_it_was(fixture: &Fixture) {
    if !fixture.shared {
        return;
    }
    let nobody = [&["--publish", "http://127.0.0.1:1/"][..], &QUICK].concat();
    let mut host = fixture.host_with(&nobody);
    for _ in 0..3 {
        let id = host.start_service().await;
        assert_eq!(host.end(id, "{}").await.status, 204, "ends go on");
    }
    host.signal("TERM");
    assert_eq!(host.ended(Duration::from_secs(15)).0.code(), Some(0));
    let host = fixture.host_with(&nobody);
    let outbox = host.shown("/health").await["outbox"].clone();
    assert!(outbox["waiting"] == 3 && outbox["oldest_seconds"].as_f64().unwrap() > 0.0, "{outbox}");
    drop(host);
    let receiver = Receiver::start(&[]).await;
    let _host = fixture.host_with(&[&["--publish", &receiver.url][..], &QUICK].concat());
    assert_eq!(receiver.told(3).await.len(), 3);
}

/// Some receivers never take a notice. Services other than its own go on, and a host that is told to be rid of it goes on with
/// its own too.
pub(crate) async fn a_notice_that_is_always_refused_holds_back_its_service_until_it_is_given_up(
    fixture: &Fixture,
) {
    if !fixture.shared {
        return;
    }
    let receiver = Receiver::start(&[]).await;
    let options = ["--policy", "replace-earlier", "--publish", &receiver.url];
    let options = [&options[..], &QUICK].concat();
    let mut host = fixture.host_with(&options);
    let stuck = host.start_service().await;
    receiver.refuse_up_to(stuck);
    for disposition in [10, 20] {
        assert_eq!(host.end(stuck, &format!(r#"{{"disposition":{disposition}}}"#)).await.status, 204);
    }
    let refusals = host.log_of(10);
    let id = refused(&refusals);
    assert_eq!(id.len(), 1, "the next one waits:\n{refusals}");
    for count in 1..=3 {
        let other = host.start_service().await;
        assert_eq!(host.end(other, r#"{"disposition":10}"#).await.status, 204);
        assert_eq!(receiver.told(count).await.len(), count, "others go on:\n{}", host.log());
    }
    for _ in 0..500 {
        if host.shown("/health").await["outbox"]["waiting"] == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let health = host.shown("/health").await["outbox"].clone();
    assert!(health["waiting"] == 2 && health["oldest_seconds"].as_f64() > Some(0.0), "{health}");
    let metrics = String::from_utf8(host.send("GET", "/metrics", "").await.body).unwrap();
    assert!(metrics.contains("service_end_outbox_oldest_age_seconds "), "{metrics}");

    let id = id.into_iter().next().unwrap();
    host.signal("TERM");
    assert_eq!(host.ended(Duration::from_secs(15)).0.code(), Some(0));
    receiver.refuse_up_to(0);
    let host = fixture.host_with(&[&options[..], &["--publish-skip", id]].concat());
    let told = receiver.told(4).await;
    assert_eq!(told.len(), 4, "{}", host.log());
    assert_eq!(told[3]["data"]["completed"]["disposition"], 20, "the one that was given up is not told");
    assert!(host.log().contains("given up"), "{}", host.log());
}

/// However long their own pauses are.
#[cfg(feature = "memory")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_services_whose_notices_are_refused_do_not_hold_up_the_others() {
    let receiver = Receiver::start(&[]).await;
    let options = ["--publish", &receiver.url, "--publish-source", SOURCE, "--publish-pause", "3600"];
    let host = Fixture::memory().host_with(&[&options[..], &["--log", "off"]].concat());
    let ended = async |_| {
        let id = host.start_service().await;
        assert_eq!(host.end(id, r#"{"disposition":10}"#).await.status, 204);
        id
    };
    receiver.refuse_up_to(i64::MAX);
    let mut stuck = 0;
    for _ in 0..100 {
        stuck = join_all((0..10).map(ended)).await.into_iter().fold(stuck, i64::max);
    }
    receiver.refuse_up_to(stuck);
    join_all((0..10).map(ended)).await;
    assert_eq!(receiver.told(10).await.len(), 10);
}

/// Two services have notices that are told together, one more often before than the other.
#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_that_cannot_be_given_back_keeps_no_other_from_it() {
    let fixture = Fixture::sqlite();
    let nobody = [&["--publish", "http://127.0.0.1:1/"][..], &QUICK].concat();
    let mut host = fixture.host_with(&nobody);
    let attempts = async |host: &Host, service: i64, count: usize| {
        let id = format!("notice=\"{service}-");
        for _ in 0..1_000 {
            let log = host.log();
            let of_it = log.lines().filter(|line| line.contains("not delivered") && line.contains(&id));
            if of_it.count() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it is not told so often: {}", host.log());
    };
    let (often, seldom) = (host.start_service().await, host.start_service().await);
    assert_eq!(host.end(often, "{}").await.status, 204);
    attempts(&host, often, 3).await;
    assert_eq!(host.end(seldom, "{}").await.status, 204);
    attempts(&host, seldom, 1).await;
    host.signal("TERM");
    assert_eq!(host.ended(Duration::from_secs(15)).0.code(), Some(0));
    let file = rusqlite::Connection::open(fixture.storage.strip_prefix("sqlite:").unwrap()).unwrap();
    file.execute_batch(&format!(
        "CREATE TRIGGER fails BEFORE UPDATE OF due ON outbox
         WHEN new.service_id = {seldom} AND new.attempt = old.attempt
         BEGIN SELECT RAISE(ABORT, 'it cannot be given back'); END"
    ))
    .unwrap();
    // Both can be taken by now.
    tokio::time::sleep(Duration::from_millis(300)).await;
    // What is not given back is held for two minutes.
    let host = fixture.host_with(&[&nobody[..], &["--store-timeout", "60"]].concat());
    attempts(&host, often, 2).await;
    assert!(host.log().contains("it cannot be given back"), "{}", host.log());
}

/// Those who are told know a notice by its source and its id. In memory the ids begin anew with each host.
#[cfg(feature = "memory")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_hosts_in_memory_have_a_source_in_common() {
    let receiver = Receiver::start(&[]).await;
    for count in [1, 2] {
        let host = Fixture::memory().host_with(&[&["--publish", &receiver.url][..], &QUICK].concat());
        let id = host.start_service().await;
        assert_eq!(host.end(id, "{}").await.status, 204);
        assert_eq!(receiver.told(count).await.len(), count, "{}", host.log());
    }
    let told = receiver.told(2).await;
    assert_eq!(told[0]["id"], told[1]["id"]);
    assert_ne!(told[0]["source"], told[1]["source"]);
}

/// With the statements of the README.
#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_that_is_refused_holds_back_the_next_one_until_it_is_removed_from_the_file() {
    let fixture = Fixture::sqlite();
    refused_until_removed(&fixture.storage, "-- SQLite", async |sql| {
        let file = rusqlite::Connection::open(fixture.storage.strip_prefix("sqlite:").unwrap()).unwrap();
        file.busy_timeout(Duration::from_secs(10)).unwrap();
        // As in SQLite's shell.
        file.pragma_update(None, "foreign_keys", false).unwrap();
        file.execute_batch(&sql).unwrap();
    })
    .await;
}

/// The same.
#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_that_is_refused_holds_back_the_next_one_until_it_is_removed_from_the_database() {
    let server = crate::postgres_server::Server::start();
    refused_until_removed(&format!("postgres:{}", server.url()), "-- PostgreSQL", async |sql| {
        server.ask(&sql).await;
    })
    .await;
}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
async fn refused_until_removed(storage: &str, heading: &str, remove: impl AsyncFnOnce(String)) {
    let receiver = Receiver::start(&[400; 1_000]).await;
    let options = ["--policy", "replace-earlier", "--publish", &receiver.url];
    let host = Host::start(storage, &[&options[..], &QUICK].concat());
    let id = host.start_service().await;
    for disposition in [10, 20] {
        assert_eq!(host.end(id, &format!(r#"{{"disposition":{disposition}}}"#)).await.status, 204);
    }
    let refusals = host.log_of(10);
    let held_up = refused(&refusals);
    assert_eq!(held_up.len(), 1, "the next one waits:\n{refusals}");
    let held_up = held_up.iter().next().unwrap();
    let (service, version) = held_up.rsplit_once('-').unwrap();
    let readme = include_str!("../../README.md");
    let sql = readme.split("```sql\n").find(|block| block.starts_with(heading)).unwrap();
    let sql = sql.split("```").next().unwrap();
    let sql = sql.replace("service_id = 7", &format!("service_id = {service}"));
    remove(sql.replace("version = 1", &format!("version = {version}"))).await;
    for _ in 0..500 {
        if refused(&host.log()).len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let log = host.log();
    let next = log.lines().find(|line| line.contains("not delivered") && !line.contains(held_up));
    assert!(next.expect(&log).contains(" attempt=1 "), "its attempts are counted from 1:\n{log}");
    receiver.answers.lock().unwrap().clear();
    let told = receiver.told(1).await;
    assert_eq!((told.len(), &told[0]["data"]["completed"]["disposition"]), (1, &20.into()), "{}", host.log());
}

/// The notices that a log calls refused.
fn refused(log: &str) -> HashSet<&str> {
    let refused = log.lines().filter(|line| line.contains("not delivered"));
    refused.filter_map(|line| line.split_once("notice=\"")?.1.split('"').next()).collect()
}
