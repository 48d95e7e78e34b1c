use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::{JoinSet, spawn_blocking};

use crate::host::{Fixture, Host, feedback};
use crate::raw::{Connection, post};

const CALLERS: usize = 16;

async fn all_at_once(host: &Arc<Host>, id: i64, body: impl Fn(usize) -> String) -> Vec<(usize, u16, String)> {
    let start = Arc::new(tokio::sync::Barrier::new(CALLERS));
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (host, start, body) = (Arc::clone(host), Arc::clone(&start), body(caller));
        callers.spawn(async move {
            start.wait().await;
            let answer = host.end(id, &body).await;
            let code = if answer.body.is_empty() { String::new() } else { answer.code() };
            (caller, answer.status, code)
        });
    }
    callers.join_all().await
}

pub(crate) async fn of_sixteen_callers_one_wins(fixture: &Fixture) {
    let host = Arc::new(fixture.host());
    host.register(&feedback()).await;
    for _ in 0..10 {
        let id = host.start_service().await;
        let event = |caller| {
            format!(r#"{{"disposition":{caller},"Feedback":{{"FeedbackType":"survey","rating":{caller}}}}}"#)
        };
        let answers = all_at_once(&host, id, event).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|(_, status, _)| *status == 204);
        assert_eq!(won.len(), 1, "{answers:?}");
        for (_, status, code) in lost {
            assert_eq!((*status, &**code), (409, "service_already_ended"), "{answers:?}");
        }
        let shown = host.shown(&format!("/services/{id}?extensions=*")).await;
        assert_eq!(shown["completed"]["disposition"], won[0].0);
        assert_eq!(shown["Feedback"]["rating"], won[0].0, "all of an end is one caller's: {shown}");
    }
}

pub(crate) async fn sixteen_callers_with_the_same_event_all_succeed(fixture: &Fixture) {
    let host = Arc::new(fixture.host());
    host.register(&feedback()).await;
    for _ in 0..10 {
        let id = host.start_service().await;
        let event = |_| r#"{"disposition":10,"Feedback":{"FeedbackType":"survey","rating":7}}"#.to_owned();
        let answers = all_at_once(&host, id, event).await;
        assert!(answers.iter().all(|(_, status, _)| *status == 204), "{answers:?}");
    }
    // The schema, and for each service its start and its ends.
    let log = host.log_of(1 + 10 * (1 + CALLERS));
    assert_eq!(log.matches("code=\"ended\"").count(), 10, "each was ended once");
    assert_eq!(log.matches("code=\"already_so\"").count(), 10 * (CALLERS - 1));
}

pub(crate) async fn callers_that_disconnect_half_way_change_nothing_else(fixture: &Fixture) {
    let host = Arc::new(fixture.host());
    host.register(&feedback()).await;
    let id = host.start_service().await;
    let request =
        post(&format!("/services/{id}/end"), r#"{"disposition":10,"Feedback":{"FeedbackType":"x"}}"#);
    let address = host.address;
    let half = request.clone();
    spawn_blocking(move || {
        // At every byte, so within the head, at its end, and within the body.
        for sent in 0..half.len() {
            let mut connection = Connection::open(address);
            connection.send(&half.as_bytes()[..sent]);
            connection.close();
        }
    })
    .await
    .unwrap();
    let shown = host.shown(&format!("/services/{id}?extensions=*")).await;
    assert!(shown.get("completed").is_none() && shown.get("Feedback").is_none(), "{shown}");

    // The whole request, and then no ear for the answer: it is ended or not, and the retry succeeds.
    let whole = request.clone();
    spawn_blocking(move || {
        for _ in 0..20 {
            let mut connection = Connection::open(address);
            connection.send(&whole);
            connection.close();
        }
        let mut connection = Connection::open(address);
        connection.send(&whole);
        assert_eq!(connection.answer().unwrap().0, 204);
    })
    .await
    .unwrap();
    let shown = host.shown(&format!("/services/{id}?extensions=*")).await;
    assert_eq!(shown["Feedback"]["FeedbackType"], "x");
}

/// Slow and stalled senders, and those that never take their answer, hold a place each. They are sent away, and
/// others are served meanwhile.
#[cfg(feature = "memory")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_and_stalled_senders_do_not_take_the_host_down() {
    let host = Arc::new(Fixture::memory().host_with(&["--read-timeout", "1", "--max-connections", "100"]));
    let id = host.start_service().await;
    let address = host.address;
    let stalled = spawn_blocking(move || {
        let open = |sent: &str| {
            let mut connection = Connection::open(address);
            connection.send(sent);
            connection
        };
        let in_head = || open(&format!("POST /services/{id}/end HTT"));
        let in_body = || {
            open(&format!("POST /services/{id}/end HTTP/1.1\r\nHost: test\r\nContent-Length: 50\r\n\r\n{{"))
        };
        let silent = || open("");
        let mut bodies: Vec<Connection> = (0..30).map(|_| in_body()).collect();
        let mut others: Vec<Connection> = (0..30).flat_map(|_| [in_head(), silent()]).collect();
        let begun = Instant::now();
        for body in &mut bodies {
            let (status, head, answer) = body.answer().unwrap();
            assert_eq!(status, 408, "{head}");
            assert!(head.contains("content-type: application/problem+json"), "{head}");
            assert!(String::from_utf8_lossy(&answer).contains("request_timeout"));
        }
        for other in &mut others {
            assert!(other.answer().is_none_or(|(status, _, _)| status == 408));
        }
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    });
    let mut slowest = Duration::ZERO;
    while !stalled.is_finished() {
        let begun = Instant::now();
        assert_eq!(host.send("GET", &format!("/services/{id}"), "").await.status, 200);
        slowest = slowest.max(begun.elapsed());
    }
    stalled.await.unwrap();
    assert!(slowest < Duration::from_secs(2), "others waited {slowest:?}");

    // One byte at a time is in time for each pause, but not for the whole.
    let drip = spawn_blocking(move || {
        let mut connection = Connection::open(address);
        connection
            .send(format!("POST /services/{id}/end HTTP/1.1\r\nHost: test\r\nContent-Length: 50\r\n\r\n"));
        let begun = Instant::now();
        while connection.try_send(" ").is_ok() && begun.elapsed() < Duration::from_secs(9) {
            std::thread::sleep(Duration::from_millis(300));
        }
        assert!(connection.answer().is_none_or(|(status, _, _)| status == 408));
    });
    // More callers than there are places: they wait their turn.
    let crowd = spawn_blocking(move || {
        let idle: Vec<Connection> = (0..300).map(|_| Connection::open(address)).collect();
        let mut connection = Connection::open(address);
        connection.send(post("/services/start", ""));
        assert_eq!(connection.answer().unwrap().0, 201);
        drop(idle);
    });
    drip.await.unwrap();
    crowd.await.unwrap();
    assert_eq!(host.end(id, r#"{"disposition":10}"#).await.status, 204);
}

/// Those that ask for large answers and take none of them.
#[cfg(feature = "memory")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_never_read_are_sent_away() {
    let host = Arc::new(Fixture::memory().host_with(&["--read-timeout", "1", "--max-connections", "3"]));
    host.register(&serde_json::json!({ "name": "Note", "type": "single-valued",
        "attributes": [ { "name": "text", "type": "string" } ] }))
        .await;
    let id = host.start_service().await;
    let body = format!(r#"{{"Note":{{"text":"{}"}}}}"#, "x".repeat(1_000_000));
    assert_eq!(host.end(id, &body).await.status, 204);
    let address = host.address;
    spawn_blocking(move || {
        let request = format!("GET /services/{id}?extensions=* HTTP/1.1\r\nHost: test\r\n\r\n");
        // As many as there are places: others are served only once these have been sent away.
        let deaf = (0..3).map(|_| {
            let mut connection = Connection::open(address);
            connection.send(request.repeat(40));
            connection
        });
        let deaf: Vec<Connection> = deaf.collect();
        let begun = Instant::now();
        let waiting: Vec<Connection> = (0..20)
            .map(|_| {
                let mut connection = Connection::open(address);
                connection.send("GET /health HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
                connection
            })
            .collect();
        for mut connection in waiting {
            assert_eq!(connection.answer().unwrap().0, 200);
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        drop(deaf);
    })
    .await
    .unwrap();
}
