//! The log, and those who don't read it.

use std::time::Duration;

use tokio::task::spawn_blocking;

use crate::host::Host;
use crate::raw::Connection;

/// More requests than the pipe and the host itself can keep lines of.
const REQUESTS: usize = 40_000;
const AT_ONCE: usize = 500;

/// Standard error is a pipe that is full, and nobody reads it: that costs lines of the log, never a request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_nobody_reads_stops_neither_requests_nor_the_host() {
    let mut host = Host::start_unread();
    let address = host.address;
    spawn_blocking(move || {
        let mut connection = Connection::open(address);
        let requests = "GET /health HTTP/1.1\r\nHost: test\r\n\r\n".repeat(AT_ONCE);
        for _ in 0..REQUESTS / AT_ONCE {
            connection.send(&requests);
            for _ in 0..AT_ONCE {
                assert_eq!(connection.answer().expect("an answer").0, 200);
            }
        }
    })
    .await
    .unwrap();
    let id = host.start_service().await;
    assert_eq!(host.end(id, r#"{"disposition":10}"#).await.status, 204);
    host.signal("TERM");
    assert_eq!(host.ended(Duration::from_secs(5)).0.code(), Some(0));
}
