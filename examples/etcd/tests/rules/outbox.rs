//! An outbox in which much waits.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use etcd_client::{Client, PutOptions, Txn, TxnOp};
use service_end::storage::{AsyncOutbox, TakenNotice};
use service_end::{ServiceId, Timestamp};

use crate::cluster::Cluster;
use crate::operation;

const LONG: Duration = Duration::from_secs(3_600);

/// Whatever waits, and however much of it pauses: what is read to take some notices, and the time of it, stays the same.
/// `NOTICES=1000000 cargo test --release -p service-end-etcd much_waits -- --nocapture` tells the figures of a large one.
#[tokio::test(flavor = "multi_thread")]
async fn where_much_waits_as_little_is_read_as_where_little_waits() {
    let notices: i64 = std::env::var("NOTICES").map_or(4_000, |notices| notices.parse().unwrap());
    let quota = ["--quota-backend-bytes", "8589934592", "--unsafe-no-fsync"];
    let cluster = Cluster::start_in_memory_with(1, &quota).await;
    let little = cluster.store_at("little/").await.with_outbox("/services".parse().unwrap());
    let much = cluster.store_at("much/").await.with_outbox("/services".parse().unwrap());
    let begun = Instant::now();
    let pausing = cluster.store_at("pausing/").await;
    fill(&cluster, "little/", 300, 300 / 2).await;
    fill(&cluster, "much/", notices, notices / 2).await;
    fill(&cluster, "pausing/", notices / 4, 0).await;
    println!("filled in {:?}; the node has {} MB", begun.elapsed(), cluster.memory(0) >> 20);

    let mut read = Vec::new();
    for (storage, all) in [(&little, 300), (&much, notices)] {
        assert_eq!(storage.backlog().await.unwrap().waiting, u64::try_from(all).unwrap());
        let (before, begun) = (sent(&cluster), Instant::now());
        let taken = storage.take(64, LONG).await.unwrap();
        let taking = begun.elapsed();
        read.push(sent(&cluster) - before);
        // Those whose pause is over have waited longest.
        let expected = (0..64).map(|n| ServiceId(all - all / 4 + n));
        assert!(taken.iter().map(|taken| taken.service_id).eq(expected));
        let attempts = |taken: &TakenNotice| taken.attempt == 6;
        assert!(taken.iter().all(attempts), "as was counted");
        let begun = Instant::now();
        assert_eq!(storage.confirm(&taken).await.unwrap(), 64);
        let confirming = begun.elapsed();
        let begun = Instant::now();
        let id = storage.start(Timestamp::MIN).await.unwrap();
        assert!(operation([], storage).end_async(id, b"{}", Timestamp::now()).await.is_ok());
        let ending = begun.elapsed();
        let begun = Instant::now();
        assert_eq!(storage.backlog().await.unwrap().waiting, u64::try_from(all - 63).unwrap());
        println!(
            "{all} notices: 64 taken in {taking:?}, confirmed in {confirming:?}, one more in {ending:?}, counted in {:?}",
            begun.elapsed()
        );
    }
    for _ in 0..3 {
        let (before, begun) = (sent(&cluster), Instant::now());
        assert!(pausing.take(64, LONG).await.unwrap().is_empty());
        let read = sent(&cluster) - before;
        println!("{} notices that pause: looked at in {:?}, {read} bytes", notices / 4, begun.elapsed());
        assert!(read < 50_000.0, "{read} bytes");
    }
    println!("bytes read to take 64: {read:?}; the node has {} MB", cluster.memory(0) >> 20);
    assert!(read[1] < 1.25 * read[0], "as much is read where much waits: {read:?}");
}

/// Puts notices as the store does: the first ones were never taken, the others pause, but for the last quarter of all, whose
/// pause is over if there are first ones.
async fn fill(cluster: &Cluster, prefix: &str, notices: i64, never_taken: i64) {
    let mut client = Client::connect(cluster.endpoints(), None).await.unwrap();
    let lease = client.lease_grant(100_000, None).await.unwrap().id();
    let json = format!(r#"{{"data":"{}"}}"#, "x".repeat(300));
    let ids: Vec<i64> = (0..notices).collect();
    for some in ids.chunks(30) {
        let mut puts = Vec::new();
        let mut put = |key: String, value: &str, options| puts.push(TxnOp::put(key, value, options));
        for &id in some {
            let since = 1_000_000 + id;
            let part = u64::try_from(id).unwrap().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56;
            put(format!("{prefix}outbox/notices/{part:02x}/{id}/{:020}-{since:016}", 1), &json, None);
            if id < never_taken {
                put(format!("{prefix}outbox/due/{since:016}/{id}"), "", None);
                continue;
            }
            let pauses = never_taken == 0 || id < notices - notices / 4;
            // In a century.
            let from = if pauses { 4_000_000_000_000 + id } else { id };
            put(format!("{prefix}outbox/again/{from:016}/{id}"), &format!("5 {since}"), None);
            put(format!("{prefix}outbox/tried/{since:016}/{id}"), "", None);
            if pauses {
                let options = PutOptions::new().with_lease(lease);
                put(format!("{prefix}outbox/claims/{id}"), "\n", Some(options));
            }
        }
        client.txn(Txn::new().and_then(puts)).await.unwrap();
    }
}

/// How many bytes the only node has sent to its clients.
fn sent(cluster: &Cluster) -> f64 {
    let address = cluster.endpoints()[0].trim_start_matches("http://").to_owned();
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
    let mut metrics = String::new();
    connection.read_to_string(&mut metrics).unwrap();
    let line = metrics.lines().find(|line| line.starts_with("etcd_network_client_grpc_sent_bytes_total "));
    line.unwrap().rsplit(' ').next().unwrap().parse().unwrap()
}
