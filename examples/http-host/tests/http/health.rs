//! Whether the host stays answerable while it has much to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use http_host::count::Count;
use service_end::storage::Backlog;
use tokio::time::sleep;

use crate::host::Fixture;
use crate::raw::{Connection, post};

const CALLERS: usize = 4;
const LENGTH: usize = 7 << 20;

/// As many members as make a long body.
fn long(member: &str) -> String {
    let members = vec![member; LENGTH / (member.len() + 1)].join(",");
    format!("{{{members}}}")
}

/// What takes longest to read and to answer.
fn worst() -> [String; CALLERS] {
    [
        long(r#""x":0"#),
        long(r#""disposition":[[[[[[[[]]]]]]]]"#),
        format!(r#"{{"y":"{}",{}}}"#, "é".repeat(LENGTH / 2), vec![r#""x":0"#; 100].join(",")),
        format!(r#"{{"Feedback":{{"notes":"{}"}}}}"#, r"\ud83d\ude00".repeat(LENGTH / 12)),
    ]
}

/// How long an answer takes depends on the machine: `benches/health.rs` measures it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_answers_while_four_callers_send_the_worst_bodies() {
    let host = Fixture::memory().host_with(&[]);
    host.register(&crate::host::feedback()).await;
    let id = host.start_service().await;
    let done = AtomicBool::new(false);
    let bodies = worst();
    std::thread::scope(|scope| {
        for body in &bodies {
            let request = post(&format!("/services/{id}/end"), body);
            let (done, address) = (&done, host.address);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let mut connection = Connection::open(address);
                    connection.send(&request);
                    let (status, ..) = connection.answer().expect("an answer");
                    assert_eq!(status, 400);
                }
            });
        }
        let mut connection = Connection::open(host.address);
        for _ in 0..200 {
            connection.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
            let (status, ..) = connection.answer().expect("an answer");
            assert_eq!(status, 200);
            std::thread::sleep(Duration::from_millis(10));
        }
        done.store(true, Ordering::Relaxed);
    });
}

/// A store that counts much takes its time, and goes on telling what it told before. One that falls silent tells nothing.
#[tokio::test(start_paused = true)]
async fn a_store_that_takes_its_time_to_count_is_told_from_one_that_is_silent() {
    let (count, asked) = (Arc::new(Count::default()), Arc::new(AtomicUsize::new(0)));
    let ask = |counts: Duration| {
        let asked = Arc::clone(&asked);
        Arc::clone(&count).ask(move || async move {
            let waiting = asked.fetch_add(1, Ordering::SeqCst) as u64 + 1;
            sleep(counts).await;
            Some(Backlog::new(waiting, None))
        })
    };
    let waiting = |backlog: Option<Backlog>| backlog.map(|backlog| backlog.waiting);
    let (slow, silent) = (Duration::from_millis(400), Duration::from_secs(3_600));
    assert_eq!(waiting(ask(slow).await), None, "there is no count yet");
    sleep(slow).await;
    for _ in 0..5 {
        assert_eq!(waiting(ask(slow).await), Some(1), "it is good for a while, and is asked once for all");
    }
    sleep(10 * slow).await;
    assert_eq!(waiting(ask(slow).await), Some(1), "the count of before, while it counts again");
    sleep(slow).await;
    assert_eq!(waiting(ask(slow).await), Some(2));
    sleep(10 * slow).await;
    assert_eq!(waiting(ask(silent).await), Some(2), "it may be counting");
    sleep(3 * slow).await;
    assert_eq!(waiting(ask(silent).await), None, "it is silent");
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

/// It may take a store that falls silent a minute to fail. Those who ask know of its return a second later.
#[tokio::test(start_paused = true)]
async fn a_store_that_is_back_is_counted_soon_however_long_it_was_silent() {
    let count = Arc::new(Count::default());
    let minute = Duration::from_secs(60);
    let silent = || async move {
        sleep(minute).await;
        None
    };
    assert_eq!(Arc::clone(&count).ask(silent).await, None);
    sleep(minute).await;
    assert_eq!(Arc::clone(&count).ask(counted).await, None, "the lack is good for a second");
    sleep(Duration::from_secs(1)).await;
    assert_eq!(Arc::clone(&count).ask(counted).await, Some(Backlog::new(7, None)));
}

#[tokio::test(start_paused = true)]
async fn a_count_that_panics_is_not_the_last() {
    let count = Arc::new(Count::default());
    let panics = || async { panic!("a fault of the store") };
    assert_eq!(Arc::clone(&count).ask(panics).await, None);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(Arc::clone(&count).ask(counted).await, Some(Backlog::new(7, None)));
}

async fn counted() -> Option<Backlog> {
    Some(Backlog::new(7, None))
}
