#![doc = include_str!("../README.md")]

mod connection;
mod migrate;
mod outbox;
mod schemas;
mod services;
#[cfg(test)]
mod tests;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use connection::{connect, make_tables};
pub use migrate::Batch;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction};
use service_end::{
    Completion, ExtensionSchema, ServiceId, Storage, StoredService, Timestamp,
    service::{End, NoticeOrigin},
    storage::{Commit, Want},
};
use writer::Writer;

/// A reader beyond these is closed after use.
const IDLE_READERS: usize = 16;

/// Services in one file. Share it between threads: one of them writes at a time, readers never wait.
#[derive(Debug)]
pub struct SqliteStorage {
    path: PathBuf,
    writer: Writer,
    idle_readers: Mutex<Vec<Connection>>,
    /// Of the notices, where they are kept.
    origin: Option<NoticeOrigin>,
}

/// Why the store can't answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteError {
    /// The database failed. If it was a commit, its outcome is unknown.
    #[error("the database failed")]
    Sqlite(#[source] Arc<rusqlite::Error>),
    /// The path names no file, or one that SQLite can't share between connections: a database in memory, or a file
    /// system without shared memory.
    #[error("the path names no file that several connections can share")]
    NotShared,
    /// What is stored is not what this store has written.
    #[error("what is stored can't be read")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<rusqlite::Error> for SqliteError {
    fn from(error: rusqlite::Error) -> Self {
        SqliteError::Sqlite(Arc::new(error))
    }
}

impl SqliteStorage {
    /// Opens a store, which is made if it is not there. The process may change its directory afterwards.
    ///
    /// # Errors
    /// When the file can't be opened, is not a database, or can't be shared between connections, as `:memory:`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SqliteError> {
        let mut writer = connect(path.as_ref())?;
        make_tables(&mut writer)?;
        // SQLite's own name for the file: absolute, and without links. Readers open it later, from wherever we are then.
        let path = PathBuf::from(writer.path().ok_or(SqliteError::NotShared)?);
        Ok(SqliteStorage { path, writer: Writer::new(writer)?, idle_readers: Mutex::default(), origin: None })
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
                // Records of an earlier generation are those of a schema that was removed since.
                let sql =
                    "SELECT key, coalesce(name, key), records FROM extensions e WHERE service_id = ? AND
                           generation = coalesce((SELECT generation FROM schemas WHERE key = e.key), 0)";
                let mut statement = transaction.prepare_cached(sql)?;
                let mut rows = statement.query([id.0])?;
                let is_wanted = want.filter();
                while let Some(row) = rows.next()? {
                    let key: String = row.get(0)?;
                    if is_wanted(&key) {
                        service.insert_extension(&row.get::<_, String>(1)?, row.get::<_, String>(2)?);
                    }
                }
            }
            Ok(Some(service))
        })
    }

    fn commit(&self, completion: &Completion) -> Result<Commit, SqliteError> {
        // The texts are written before anyone has to wait for them.
        let end = completion.end().to_json();
        let extensions = completion.all_extensions();
        let extensions: Vec<_> = extensions
            .map(|extension| {
                let records = (!extension.is_empty()).then(|| extension.to_json().into_owned());
                (records, extension.schema().map(ExtensionSchema::to_json))
            })
            .collect();
        let notice = self.origin.as_ref().map(|origin| origin.notice(completion).to_json());
        let completion = completion.clone();
        let committed = self.writer.write(move |connection| {
            let id = completion.service_id();
            let mut writes = Vec::with_capacity(extensions.len());
            for (extension, (records, declared)) in completion.all_extensions().zip(&extensions) {
                match schemas::generation(connection, extension, declared.as_deref())? {
                    Some(generation) => writes.push((extension.name(), records, generation)),
                    None => return Ok(Commit::SchemaChanged),
                }
            }
            let sql = "UPDATE services SET version = version + 1, completed = ? WHERE service_id = ? AND version = ?";
            if connection.prepare_cached(sql)?.execute((&end, id.0, completion.version().0))? == 0 {
                return Ok(Commit::Stale);
            }
            for (name, records, generation) in writes {
                match records {
                    Some(records) => put(connection, id, name, records, generation)?,
                    None => remove(connection, id, name)?,
                }
            }
            if let Some(notice) = &notice {
                outbox::keep(connection, (id, completion.version()), notice)?;
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

fn put(
    connection: &Connection,
    id: ServiceId,
    name: &str,
    records: &str,
    generation: i64,
) -> Result<(), SqliteError> {
    let sql = "INSERT INTO extensions (service_id, key, name, records, generation) VALUES (?, ?, ?, ?, ?)
               ON CONFLICT DO UPDATE
               SET name = excluded.name, records = excluded.records, generation = excluded.generation";
    let row = (id.0, name.to_ascii_lowercase(), name, records, generation);
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

fn remove(connection: &Connection, id: ServiceId, name: &str) -> Result<(), SqliteError> {
    let sql = "DELETE FROM extensions WHERE service_id = ? AND key = ?";
    connection.prepare_cached(sql)?.execute((id.0, name.to_ascii_lowercase()))?;
    Ok(())
}

fn damaged(error: impl std::error::Error + Send + Sync + 'static) -> SqliteError {
    SqliteError::Damaged(Box::new(error))
}
