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
    // Half of them are one service's, which was ended again and again. Workers have copied the first half.
    let filled = format!(
        r#"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {notices})
           INSERT INTO notices (service_id, version, kept, notice)
           SELECT iif(i % 2, 1, i), i, i, '{{"data":"{}"}}' FROM n"#,
        "x".repeat(300)
    );
    connection.execute(&filled, ()).unwrap();
    let copied = "INSERT INTO outbox (place, service_id, due)
                   SELECT place, service_id, iif(service_id = 1 AND place > 1, NULL, kept) FROM notices WHERE place <= ?";
    connection.execute(copied, [notices / 2]).unwrap();
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
    assert_eq!(storage.backlog().unwrap().waiting, u64::from(notices) - 64);
    let again = storage.take(1, LONG).unwrap();
    assert_eq!((again[0].service_id.0, again[0].version.0), (1, 3), "the next one of the first service");
    let id = storage.start(started()).unwrap();
    let begun = Instant::now();
    assert!(operation(&storage, &Schemas::new()).end(id, b"{}", now()).is_ok());
    let ending = begun.elapsed();
    println!(
        "{notices} notices: counted in {counted:?}, 64 taken in {taking:?}, confirmed in {confirming:?}, one more in {ending:?}"
    );

    the_plans_have_no_scan(&connection);
}

/// A worker copies a thousand at a time.
#[test]
fn a_notice_is_found_behind_thousands_of_a_service_whose_first_one_is_held() {
    let (directory, storage) = fresh();
    let connection = rusqlite::Connection::open(directory.path().join("services.db")).unwrap();
    let filled = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
                  INSERT INTO notices (service_id, version, kept, notice) SELECT iif(i < 2500, 1, 2), i, i, '{}' FROM n";
    connection.execute(filled, ()).unwrap();
    let take = || storage.take(9, LONG).unwrap().iter().map(|taken| taken.version.0).collect::<Vec<_>>();
    assert_eq!(take(), [1]);
    assert_eq!(storage.backlog().unwrap().waiting, 2500);
    assert_eq!(take(), [2500]);
    assert_eq!(storage.backlog().unwrap().waiting, 2500);
    assert!(take().is_empty());
}

fn the_plans_have_no_scan(connection: &rusqlite::Connection) {
    for sql in [
        "SELECT o.place, octet_length(n.notice) FROM outbox o CROSS JOIN notices n ON n.place = o.place
         WHERE o.due <= 9 ORDER BY o.due, o.place LIMIT 64",
        "SELECT min(place) FROM outbox WHERE service_id = 1",
        "SELECT place, service_id, kept FROM notices
         WHERE place > coalesce((SELECT max(place) FROM outbox), 0) ORDER BY place LIMIT 1000",
        "SELECT kept FROM notices ORDER BY place LIMIT 1",
    ] {
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = plan.query_map((), |row| row.get::<_, String>(3)).unwrap();
        let steps = steps.collect::<Result<Vec<_>, _>>().unwrap().join("; ");
        assert!(!steps.contains("TEMP B-TREE"), "{sql}: {steps}");
        assert!(!steps.contains("SCAN") || sql.ends_with("place LIMIT 1"), "{sql}: {steps}");
        let by_index = steps.contains("USING INDEX") || steps.contains("USING COVERING INDEX");
        assert!(
            by_index || steps.contains("INTEGER PRIMARY KEY") || sql.ends_with("place LIMIT 1"),
            "{sql}: {steps}"
        );
    }
}

/// As by hand, on a connection that does not look after foreign keys.
#[test]
fn a_notice_that_somebody_else_deletes_leaves_nothing_behind_that_a_later_one_is_taken_for() {
    let (directory, storage) = fresh();
    let connection = rusqlite::Connection::open(directory.path().join("services.db")).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    let end = |id: i64| {
        let sql = "INSERT INTO notices (service_id, version, kept, notice) VALUES (?, 1, 1, '{}')";
        connection.execute(sql, [id]).unwrap();
    };
    end(7);
    assert_eq!(storage.take(9, LONG).unwrap().len(), 1);
    connection.execute("DELETE FROM notices WHERE service_id = 7", ()).unwrap();
    assert_eq!(storage.backlog().unwrap().waiting, 0);
    end(9);
    let taken = storage.take(9, LONG).unwrap();
    assert_eq!(taken.iter().map(|taken| (taken.service_id.0, taken.attempt)).collect::<Vec<_>>(), [(9, 1)]);
    assert_eq!(storage.confirm(&taken).unwrap(), 1);
    assert_eq!(storage.backlog().unwrap().waiting, 0);
}

#[test]
fn a_notice_that_came_while_the_clock_was_ahead_can_be_taken_at_once() {
    let (directory, storage) = fresh();
    let connection = rusqlite::Connection::open(directory.path().join("services.db")).unwrap();
    for version in [1, 2] {
        let sql = "INSERT INTO notices (service_id, version, kept, notice) VALUES (7, ?, ?, '{}')";
        connection.execute(sql, (version, i64::MAX - 1)).unwrap();
    }
    for version in [1, 2] {
        let taken = storage.take(9, LONG).unwrap();
        assert_eq!(taken.iter().map(|taken| taken.version.0).collect::<Vec<_>>(), [version]);
        assert_eq!(storage.confirm(&taken).unwrap(), 1);
    }
}

/// However much may be taken, ends wait for a batch and no longer.
#[test]
fn a_thousand_notices_are_taken_at_once_at_most() {
    let (directory, storage) = fresh();
    let connection = rusqlite::Connection::open(directory.path().join("services.db")).unwrap();
    let filled = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
                  INSERT INTO notices (service_id, version, kept, notice) SELECT i, 1, i, '{}' FROM n";
    connection.execute(filled, ()).unwrap();
    let takes = std::iter::from_fn(|| Some(storage.take(usize::MAX, LONG).unwrap().len()));
    assert_eq!(takes.take(4).collect::<Vec<_>>(), [1000, 1000, 500, 0]);
}
