//! Many completions, and the memory of the host.

use std::net::SocketAddr;

use crate::host::Fixture;
use crate::raw::{Connection, post};

const CONNECTIONS: usize = 4;
const IN_FLIGHT: usize = 32;

/// Ends services again and again, each time otherwise, over one connection.
fn complete(address: SocketAddr, ids: &[i64], completions: usize, first: usize) {
    let mut connection = Connection::open(address);
    let request = |ordinal: usize| {
        let body = format!(
            r#"{{"disposition":{ordinal},"Feedback":{{"FeedbackType":"survey","rating":{},"notes":"{}"}}}}"#,
            ordinal % 10,
            "x".repeat(ordinal % 200)
        );
        post(&format!("/services/{}/end", ids[ordinal % ids.len()]), &body)
    };
    let mut sent = 0;
    while sent < completions {
        let batch = IN_FLIGHT.min(completions - sent);
        let requests: String = (sent..sent + batch).map(|ordinal| request(first + ordinal)).collect();
        connection.send(requests);
        for _ in 0..batch {
            let (status, head, body) = connection.answer().expect("an answer");
            assert_eq!(status, 204, "{head}{}", String::from_utf8_lossy(&body));
        }
        sent += batch;
    }
}

fn resident_kib(process_id: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process_id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Later ends replace earlier ones here, so every one of them is committed, and what is stored stays as it is.
#[cfg(feature = "memory")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_flat_over_120_000_completions() {
    let host = Fixture::memory().host_with(&["--policy", "replace-earlier"]);
    host.register(&crate::host::feedback()).await;
    let mut ids = Vec::new();
    for _ in 0..64 {
        ids.push(host.start_service().await);
    }
    let round = |completions: usize, first: usize| {
        std::thread::scope(|scope| {
            for connection in 0..CONNECTIONS {
                let ids = &ids[connection * 16..][..16];
                scope.spawn(move || complete(host.address, ids, completions / CONNECTIONS, first));
            }
        });
        resident_kib(host.process_id())
    };
    let warm = round(20_000, 0);
    let mut last = 0;
    for ordinal in 1..=5 {
        last = round(20_000, ordinal * 20_000);
    }
    println!("resident after 20,000 completions: {warm} KiB, after 120,000: {last} KiB");
    assert!(last < warm + 2048, "{warm} KiB, then {last} KiB");
    let log = host.log_of(120_000 + ids.len() + 1);
    let committed = log.matches("code=\"replaced\"").count() + log.matches("code=\"ended\"").count();
    assert_eq!(committed, 120_000);
}
