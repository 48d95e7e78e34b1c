//! Connections to the file, and its tables.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use crate::SqliteError;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS services (
        service_id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice
        version    INTEGER NOT NULL,                   -- one more with each change
        started    INTEGER NOT NULL,                   -- milliseconds since 1970
        completed  TEXT                                -- the fixed fields as JSON, once ended
    ) STRICT;
    CREATE TABLE IF NOT EXISTS extensions (
        service_id INTEGER NOT NULL REFERENCES services ON DELETE CASCADE,
        key        TEXT NOT NULL,                      -- the name in lower case
        records    TEXT NOT NULL,                      -- the canonical JSON
        generation INTEGER NOT NULL DEFAULT 0,         -- of the schema it was read with; 0 without one
        name       TEXT,                               -- as it was spelled; NULL where that was not kept
        PRIMARY KEY (service_id, key)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS schemas (
        key        TEXT PRIMARY KEY,                   -- the name in lower case; it stays when the schema goes
        position   INTEGER NOT NULL,                   -- the order registered
        declared   TEXT,                               -- the schema as JSON; NULL once removed
        generation INTEGER NOT NULL DEFAULT 0          -- one more with each removal
    ) STRICT;";

/// Notices that wait until they are told, and what workers need to find them. An end only adds to the first table, which
/// touches one page; a worker copies what has come to the second one, whose indexes then cost for hundreds of notices the
/// pages that they would cost for each end. With both tables in one, ends reached 0.75 of their throughput without an
/// outbox; it is 0.83 to 0.91.
///
/// A service's first notice has a time from which on it can be taken, the others behind it have none: so those that can be
/// taken are found by an index, however many wait.
const OUTBOX: &str = "
    CREATE TABLE IF NOT EXISTS notices (
        place      INTEGER PRIMARY KEY,                -- the order of the commits
        service_id INTEGER NOT NULL,
        version    INTEGER NOT NULL,                   -- that the end was decided on
        kept       INTEGER NOT NULL,                   -- milliseconds since 1970
        notice     TEXT NOT NULL                       -- as it is told
    ) STRICT;
    CREATE TABLE IF NOT EXISTS outbox (
        place      INTEGER PRIMARY KEY,                -- of a notice
        service_id INTEGER NOT NULL,
        due        INTEGER,                            -- milliseconds since 1970; NULL behind another one of the service
        attempt    INTEGER NOT NULL DEFAULT 0,         -- how often it was taken
        lease      INTEGER NOT NULL DEFAULT 0          -- how often it was taken or given back
    ) STRICT;
    CREATE INDEX IF NOT EXISTS outbox_of_a_service ON outbox (service_id);
    CREATE INDEX IF NOT EXISTS outbox_due ON outbox (due) WHERE due IS NOT NULL;
    CREATE TRIGGER IF NOT EXISTS notice_gone AFTER DELETE ON notices BEGIN
        DELETE FROM outbox WHERE place = OLD.place;    -- whoever deletes it: places are given again
    END;";

/// Files of before there were generations.
const ADD_GENERATIONS: &str = "
    ALTER TABLE extensions ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE schemas ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;";

/// Files of before there were open extensions.
const ADD_NAMES: &str = "ALTER TABLE extensions ADD COLUMN name TEXT;";

/// What was added since the first version: a column that tells, and how it is added.
const ADDED: [(&str, &str, &str); 2] =
    [("schemas", "generation", ADD_GENERATIONS), ("extensions", "name", ADD_NAMES)];

/// How long a reader waits in the rare cases in which it has to.
const READER_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection that loses nothing it has acknowledged, even if the power fails.
pub(crate) fn connect(path: &Path) -> Result<Connection, SqliteError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(READER_TIMEOUT)?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(SqliteError::NotShared);
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?; // what it takes on macOS
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Makes the tables where they are not there as they are now. A file that has them is only read.
pub(crate) fn make_tables(connection: &mut Connection) -> Result<(), SqliteError> {
    let outbox = "SELECT count(*) FROM pragma_table_info('outbox')";
    if lacking(connection)?.is_empty() && connection.query_row(outbox, (), |row| row.get(0))? {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(TABLES)?;
    transaction.execute_batch(OUTBOX)?;
    // Unless another process was quicker.
    for add in lacking(&transaction)? {
        transaction.execute_batch(add)?;
    }
    Ok(transaction.commit()?)
}

/// What the tables lack, each as the statement that adds it.
fn lacking(connection: &Connection) -> Result<Vec<&'static str>, SqliteError> {
    let mut lacking = Vec::new();
    for (table, column, add) in ADDED {
        let sql = "SELECT count(*) FROM pragma_table_info(?) WHERE name = ?";
        let is_there: bool = connection.query_row(sql, [table, column], |row| row.get(0))?;
        lacking.extend((!is_there).then_some(add));
    }
    Ok(lacking)
}
