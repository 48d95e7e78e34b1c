#![doc = include_str!("../README.md")]

mod migrate;
mod schemas;
mod services;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior};
use service_end::{
    Completion, ServiceId, Storage, StoredService, Timestamp,
    service::End,
    storage::{Commit, Want},
};

pub use migrate::Batch;

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
        PRIMARY KEY (service_id, key)
    ) STRICT;";

/// How long a writer waits for one in another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A reader beyond these is closed after use.
const IDLE_READERS: usize = 16;

/// Services in one file. Share it between threads: one of them writes at a time, readers never wait.
#[derive(Debug)]
pub struct SqliteStorage {
    path: PathBuf,
    writer: Mutex<Connection>,
    idle_readers: Mutex<Vec<Connection>>,
}

/// Why the store can't answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteError {
    /// The database failed. If it was a commit, its outcome is unknown.
    #[error("the database failed")]
    Sqlite(#[from] rusqlite::Error),
    /// What is stored is not what this store has written.
    #[error("what is stored can't be read")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl SqliteStorage {
    /// Opens a store, which is made if it is not there.
    ///
    /// # Errors
    /// When the file can't be opened or is not a database.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SqliteError> {
        let path = path.as_ref().to_owned();
        let writer = connect(&path)?;
        writer.execute_batch(TABLES)?;
        writer.execute_batch(schemas::TABLE)?;
        Ok(SqliteStorage { path, writer: Mutex::new(writer), idle_readers: Mutex::default() })
    }

    /// Runs a transaction on the one connection that writes: done when the work is `Ok`, else not begun.
    fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, SqliteError>,
    ) -> Result<T, SqliteError> {
        // A thread that panicked here has left nothing behind: its transaction was rolled back.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }

    /// Reads one consistent version of everything, on a connection that no other thread uses meanwhile.
    fn read<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, SqliteError>,
    ) -> Result<T, SqliteError> {
        let idle = || self.idle_readers.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = idle().pop();
        let mut reader = reader.map_or_else(|| connect(&self.path), Ok)?;
        let transaction = reader.transaction()?;
        let done = work(&transaction)?;
        transaction.commit()?;
        let mut idle = idle();
        if idle.len() < IDLE_READERS {
            idle.push(reader);
        }
        Ok(done)
    }
}

impl Storage for SqliteStorage {
    type Error = SqliteError;

    fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, SqliteError> {
        self.read(|transaction| {
            let sql = "SELECT version, started, completed FROM services WHERE service_id = ?";
            let row = transaction
                .prepare_cached(sql)?
                .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
            let Some((version, started, completed)): Option<(i64, i64, Option<String>)> = row.optional()?
            else {
                return Ok(None);
            };
            let started = Timestamp::from_unix_millis(started).map_err(damaged)?;
            let mut service = StoredService::new(id, version, started);
            service.end = completed.map(|json| End::from_json(&json)).transpose().map_err(damaged)?;
            if want != Want::Nothing {
                let sql = "SELECT key, records FROM extensions WHERE service_id = ?";
                let mut statement = transaction.prepare_cached(sql)?;
                let mut rows = statement.query([id.0])?;
                let is_wanted = want.filter();
                while let Some(row) = rows.next()? {
                    let key: String = row.get(0)?;
                    if is_wanted(&key) {
                        service.insert_extension(&key, row.get::<_, String>(1)?);
                    }
                }
            }
            Ok(Some(service))
        })
    }

    fn commit(&self, completion: &Completion) -> Result<Commit, SqliteError> {
        let version = completion.version().0;
        // The texts are written before anyone has to wait for them.
        let (id, end) = (completion.service_id(), completion.end().to_json());
        let extensions = completion.extensions().iter().map(|extension| {
            Ok((
                extension,
                (!extension.is_empty()).then(|| extension.to_json()),
                schemas::declaration(extension.schema())?,
            ))
        });
        let extensions = extensions.collect::<Result<Vec<_>, SqliteError>>()?;
        let committed = self.write(|transaction| {
            for (extension, _, declared) in &extensions {
                if !schemas::is_current(transaction, extension.schema(), declared)? {
                    return Ok(Commit::SchemaChanged);
                }
            }
            let sql = "UPDATE services SET version = version + 1, completed = ? WHERE service_id = ? AND version = ?";
            if transaction.prepare_cached(sql)?.execute((&end, id.0, version))? == 0 {
                return Ok(Commit::Stale);
            }
            for (extension, records, _) in &extensions {
                match records {
                    Some(records) => put(transaction, id, extension.key(), records)?,
                    None => remove(transaction, id, extension.key())?,
                }
            }
            Ok(Commit::Committed)
        });
        match committed {
            Err(SqliteError::Sqlite(error)) if error.sqlite_error_code() == Some(ErrorCode::TooBig) => {
                Ok(Commit::TooLarge)
            }
            other => other,
        }
    }
}

/// A connection that loses nothing it has acknowledged, even if the power fails.
fn connect(path: &Path) -> Result<Connection, SqliteError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?; // what it takes on macOS
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

fn put(transaction: &Transaction<'_>, id: ServiceId, key: &str, records: &str) -> Result<(), SqliteError> {
    let sql = "INSERT INTO extensions (service_id, key, records) VALUES (?, ?, ?)
               ON CONFLICT DO UPDATE SET records = excluded.records";
    transaction.prepare_cached(sql)?.execute((id.0, key, records))?;
    Ok(())
}

fn remove(transaction: &Transaction<'_>, id: ServiceId, key: &str) -> Result<(), SqliteError> {
    let sql = "DELETE FROM extensions WHERE service_id = ? AND key = ?";
    transaction.prepare_cached(sql)?.execute((id.0, key))?;
    Ok(())
}

fn damaged(error: impl std::error::Error + Send + Sync + 'static) -> SqliteError {
    SqliteError::Damaged(Box::new(error))
}
