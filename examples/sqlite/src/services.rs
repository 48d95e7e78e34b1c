//! What a host does with services besides ending them.

use rusqlite::OptionalExtension;
use service_end::{ServiceId, StoredService, Timestamp, service::End};

use crate::{SqliteError, SqliteStorage, put};

impl SqliteStorage {
    /// Starts a service under a new id.
    ///
    /// # Errors
    /// When the store fails.
    pub fn start(&self, started: Timestamp) -> Result<ServiceId, SqliteError> {
        self.writer.write(move |connection| {
            let sql = "INSERT INTO services (version, started) VALUES (1, ?) RETURNING service_id";
            let id = connection.prepare_cached(sql)?.query_row([started.unix_millis()], |row| row.get(0))?;
            Ok(ServiceId(id))
        })
    }

    /// Keeps a service whose id the host has given, active or ended, at a version of the store's own; `false`, and
    /// nothing changes, if there is one of its id.
    ///
    /// # Errors
    /// When the store fails.
    pub fn insert(&self, service: &StoredService) -> Result<bool, SqliteError> {
        let end = service.end.as_ref().map(End::to_json);
        let service = service.clone();
        self.writer.write(move |connection| {
            let sql = "INSERT INTO services (service_id, version, started, completed) VALUES (?, 1, ?, ?)
                       ON CONFLICT DO NOTHING";
            let row = (service.service_id.0, service.started.unix_millis(), &end);
            let inserted = connection.prepare_cached(sql)?.execute(row)? == 1;
            for extension in service.extensions().filter(|_| inserted) {
                let sql = "SELECT generation FROM schemas WHERE key = ?";
                let mut statement = connection.prepare_cached(sql)?;
                let generation = statement.query_row([extension.key], |row| row.get(0)).optional()?;
                put(connection, service.service_id, extension.name, extension.json, generation.unwrap_or(0))?;
            }
            Ok(inserted)
        })
    }
}
