//! An outbox in which much waits.

use std::time::{Duration, Instant};

use service_end::Schemas;
use service_end::storage::Outbox;

use crate::{fresh, now, operation, started};

const LONG: Duration = Duration::from_secs(3_600);

/// `NOTICES=1000000 cargo test --release -p service-end-sqlite much_waits -- --nocapture` tells the figures of a large one.
#[test]
fn where_much_waits_as_little_is_read_as_where_little_waits() {
    let notices: u32 = std::env::var("NOTICES").map_or(20_000, |notices| notices.parse().unwrap());
    let (directory, storage) = fresh();
    let storage = storage.with_outbox("/services".parse().unwrap());
    let file = directory.path().join("services.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    // Half of them are one service's, which was ended again and again.
    let filled = format!(
        r#"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {notices})
           INSERT INTO notices (service_id, version, kept, due, notice)
           SELECT iif(i % 2, 1, i), i, i, iif(i % 2 AND i > 1, NULL, i), '{{"data":"{}"}}' FROM n"#,
        "x".repeat(300)
    );
    connection.execute(&filled, ()).unwrap();
    let begun = Instant::now();
    let backlog = storage.backlog().unwrap();
    let counted = begun.elapsed();
    assert_eq!(backlog.waiting, u64::from(notices));
    let begun = Instant::now();
    let taken = storage.take(64, LONG).unwrap();
    let taking = begun.elapsed();
    assert_eq!(taken.iter().map(|taken| taken.service_id.0).take(4).collect::<Vec<_>>(), [1, 2, 4, 6]);
    let begun = Instant::now();
    assert_eq!(storage.confirm(&taken).unwrap(), 64);
    let confirming = begun.elapsed();
    let again = storage.take(1, LONG).unwrap();
    assert_eq!((again[0].service_id.0, again[0].version.0), (1, 3), "the next one of the first service");
    let id = storage.start(started()).unwrap();
    let begun = Instant::now();
    assert!(operation(&storage, &Schemas::new()).end(id, b"{}", now()).is_ok());
    let ending = begun.elapsed();
    println!(
        "{notices} notices: counted in {counted:?}, 64 taken in {taking:?}, confirmed in {confirming:?}, one more in {ending:?}"
    );

    for sql in [
        "SELECT place, octet_length(notice) FROM notices WHERE due <= 9 ORDER BY due, place LIMIT 64",
        "SELECT min(place) FROM notices WHERE service_id = 1",
        "SELECT kept FROM notices ORDER BY place LIMIT 1",
    ] {
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = plan.query_map((), |row| row.get::<_, String>(3)).unwrap();
        let steps = steps.collect::<Result<Vec<_>, _>>().unwrap().join("; ");
        assert!(!steps.contains("TEMP B-TREE"), "{sql}: {steps}");
        let by_index = steps.contains("USING INDEX") || steps.contains("USING COVERING INDEX");
        assert!(by_index || sql.ends_with("place LIMIT 1"), "{sql}: {steps}");
    }
}
