//! Everything that is stored, carried to the schemas of now.
//!
//! Services are taken in the order of their ids, a batch in a transaction. A process that is killed leaves whole batches,
//! and may begin anew: what was carried before is found as it should be.

use std::collections::HashMap;

use service_end::schema::OpenNames;
use service_end::{ServiceId, StoredService, Timestamp, Violations};

use crate::schemas::registered;
use crate::{SqliteError, SqliteStorage, put};

/// What came of one batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct Batch {
    /// The last service that was looked at: the next batch begins after it. `None` once there is none left.
    pub last: Option<ServiceId>,
    /// How many services were looked at.
    pub services: usize,
    /// How many of them were changed, or would be.
    pub changed: usize,
    /// Those that can't be carried, and why. They stay as they are.
    pub failed: Vec<(ServiceId, Violations)>,
}

impl SqliteStorage {
    /// Carries the extensions of some services to the registered schemas: of at most `count`, those behind an id, or the
    /// first. A service that was changed is at a new version. Nothing is dropped: a service of which an extension can't
    /// be carried stays as it is. An extension without a schema stays as it is, too, and does not keep the others from
    /// being carried: which names are open, only the host knows. A dry run changes nothing.
    ///
    /// # Errors
    /// When the store fails. Then nothing of this batch is changed.
    pub fn migrate(
        &self,
        after: Option<ServiceId>,
        count: usize,
        dry_run: bool,
    ) -> Result<Batch, SqliteError> {
        let after = after.map_or(i64::MIN, |id| id.0);
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.writer.write(move |connection| {
            let schemas = registered(connection)?.with_open(OpenNames::every());
            let sql =
                "SELECT DISTINCT service_id FROM extensions WHERE service_id > ? ORDER BY service_id LIMIT ?";
            let mut statement = connection.prepare_cached(sql)?;
            let ids = statement.query_map((after, count), |row| row.get(0))?;
            let ids = ids.collect::<Result<Vec<i64>, _>>()?;
            let last = ids.last().copied().map(ServiceId);
            let mut batch = Batch { last, services: ids.len(), changed: 0, failed: Vec::new() };
            for id in ids {
                let sql = "SELECT key, coalesce(name, key), records, generation FROM extensions e WHERE service_id = ? AND
                           generation = coalesce((SELECT generation FROM schemas WHERE key = e.key), 0)";
                let mut statement = connection.prepare_cached(sql)?;
                let mut rows = statement.query([id])?;
                // Only its extensions matter here.
                let mut service = StoredService::new(id, 0, Timestamp::MIN);
                let mut generations = HashMap::new();
                while let Some(row) = rows.next()? {
                    let key: String = row.get(0)?;
                    service.insert_extension(&row.get::<_, String>(1)?, row.get::<_, String>(2)?);
                    generations.insert(key, row.get(3)?);
                }
                match service.migrate(&schemas) {
                    Err(violations) => batch.failed.push((ServiceId(id), violations)),
                    Ok(migrated) if migrated == service => {}
                    Ok(migrated) => {
                        batch.changed += 1;
                        if dry_run {
                            continue;
                        }
                        let carried = migrated
                            .extensions()
                            .filter(|kept| service.extension(kept.key) != Some(kept.json));
                        for extension in carried {
                            let generation = generations.get(extension.key).copied().unwrap_or(0);
                            put(connection, ServiceId(id), extension.name, extension.json, generation)?;
                        }
                        let sql = "UPDATE services SET version = version + 1 WHERE service_id = ?";
                        connection.prepare_cached(sql)?.execute([id])?;
                    }
                }
            }
            Ok(batch)
        })
    }
}
