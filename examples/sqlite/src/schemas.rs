//! The schemas that a host registers, kept beside its services.
//!
//! Each removal gives the name a new generation, and records belong to the generation they were written in. So they
//! are gone the moment their schema goes, and can be deleted after that, a few at a time. Records are written only by
//! events that were read with the schema registered now, in transactions that come one after the other, so no old
//! record can come back.

use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension};
use service_end::{ExtensionSchema, Schemas, event::AnyExtension, schema::ReplaceError};

use crate::{SqliteError, SqliteStorage, damaged};

/// How many records are deleted in one transaction at most.
const BATCH: i64 = 500;
/// How long it is deleted in one transaction, which those who end services wait for. On a machine that is busy with other
/// things it is fewer records then.
const HOLD: Duration = Duration::from_millis(5);

impl SqliteStorage {
    /// The schemas that are registered, in the order registered.
    ///
    /// # Errors
    /// When the store fails.
    pub fn schemas(&self) -> Result<Schemas, SqliteError> {
        self.read(|transaction| registered(transaction))
    }

    /// Registers a schema; `false`, and nothing changes, if its name is taken, in whatever case.
    ///
    /// # Errors
    /// When the store fails.
    pub fn register(&self, schema: &ExtensionSchema) -> Result<bool, SqliteError> {
        let (key, declared) = (schema.key().to_owned(), schema.to_json());
        self.writer.write(move |connection| {
            let sql = "INSERT INTO schemas (key, position, declared)
                       SELECT ?1, coalesce(max(position), 0) + 1, ?2 FROM schemas WHERE true
                       ON CONFLICT DO UPDATE SET position = excluded.position, declared = excluded.declared
                       WHERE schemas.declared IS NULL";
            Ok(connection.execute(sql, [&key, &declared])? == 1)
        })
    }

    /// Registers a new version of a schema, and keeps what is stored: if it is safe ([`Schemas::replace`]), or by force
    /// ([`Schemas::replace_anyway`]). An end that is under way with the earlier version is answered with *schema
    /// changed*.
    ///
    /// # Errors
    /// When the store fails. Within: why the schema is not replaced; then nothing changes.
    pub fn replace(
        &self,
        schema: &ExtensionSchema,
        force: bool,
    ) -> Result<Result<(), ReplaceError>, SqliteError> {
        let schema = schema.clone();
        self.writer.write(move |connection| {
            let sql = "SELECT declared FROM schemas WHERE key = ? AND declared IS NOT NULL";
            let old: Option<String> =
                connection.query_row(sql, [schema.key()], |row| row.get(0)).optional()?;
            let old = Schemas::from_json(format!("[{}]", old.unwrap_or_default())).map_err(damaged)?;
            let replaced = if force {
                old.replace_anyway(schema.clone()).map_err(ReplaceError::from)
            } else {
                old.replace(schema.clone())
            };
            if let Err(error) = replaced {
                return Ok(Err(error));
            }
            let row = [schema.key(), &schema.to_json()];
            connection.execute("UPDATE schemas SET declared = ?2 WHERE key = ?1", row)?;
            Ok(Ok(()))
        })
    }

    /// Removes a schema and, at one stroke, every record of its extension; `false` if there is none of this name. The
    /// name is remembered, so that an event read before never brings records back. The records are hidden first and
    /// then deleted, a few at a time, while services go on being ended; what is left if that is cut short stays hidden,
    /// and the next call for the name deletes it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn unregister(&self, name: &str) -> Result<bool, SqliteError> {
        let key = name.to_ascii_lowercase();
        let (removed, generation) = self.writer.write({
            let key = key.clone();
            move |connection| {
                let sql = "UPDATE schemas SET declared = NULL, generation = generation + 1
                           WHERE key = ? AND declared IS NOT NULL";
                let removed = connection.execute(sql, [&key])? == 1;
                let sql = "SELECT generation FROM schemas WHERE key = ?";
                let generation = connection.query_row(sql, [&key], |row| row.get(0)).optional()?;
                Ok((removed, generation.unwrap_or(0)))
            }
        })?;
        self.clear(&key, generation)?;
        Ok(removed)
    }

    /// Deletes the records of earlier generations, which nobody reads any more.
    fn clear(&self, key: &str, generation: i64) -> Result<(), SqliteError> {
        let mut last = i64::MIN;
        loop {
            // Looking for them takes long where others are many, and so is done beside those who write.
            let found = self.read(|transaction| {
                let sql = "SELECT rowid FROM extensions WHERE rowid > ? AND key = ? AND generation < ?
                           ORDER BY rowid LIMIT ?";
                let mut statement = transaction.prepare_cached(sql)?;
                let rows = statement.query_map((last, key, generation, BATCH), |row| row.get(0))?;
                Ok(rows.collect::<Result<Vec<i64>, _>>()?)
            })?;
            if found.is_empty() {
                return Ok(());
            }
            let key = key.to_owned();
            let begun = Instant::now();
            last = self.writer.write(move |connection| {
                let (begun, mut last) = (Instant::now(), last);
                let sql = "DELETE FROM extensions WHERE rowid = ? AND key = ? AND generation < ?";
                let mut statement = connection.prepare_cached(sql)?;
                for row in found {
                    statement.execute((row, &key, generation))?;
                    last = row;
                    if begun.elapsed() > HOLD {
                        break;
                    }
                }
                Ok(last)
            })?;
            // Other processes try to write now and then: half of the time is theirs.
            std::thread::sleep(begun.elapsed());
        }
    }
}

pub(crate) fn registered(connection: &Connection) -> Result<Schemas, SqliteError> {
    let sql = "SELECT declared FROM schemas WHERE declared IS NOT NULL ORDER BY position";
    let mut statement = connection.prepare_cached(sql)?;
    let declared = statement.query_map((), |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    Schemas::from_json(format!("[{}]", declared.join(","))).map_err(damaged)
}

/// The generation in which an extension may be written: its schema is the one registered, or its name was never
/// registered, as with hosts that keep their schemas elsewhere. An open one, if no schema is registered now.
pub(crate) fn generation(
    connection: &Connection,
    extension: AnyExtension<'_>,
    declared: Option<&str>,
) -> Result<Option<i64>, SqliteError> {
    let sql = "SELECT declared, generation FROM schemas WHERE key = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let row = statement.query_row([extension.key()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((registered, generation)): Option<(Option<String>, i64)> = row else { return Ok(Some(0)) };
    // Schemas are equal by content: the text only says so sooner.
    let equal = |json: &str, schema| {
        declared == Some(json) || ExtensionSchema::from_json(json).as_ref() == Ok(schema)
    };
    let is_current = match (registered, extension.schema()) {
        (Some(registered), Some(schema)) => equal(&registered, schema),
        (registered, schema) => registered.is_none() && schema.is_none(),
    };
    Ok(is_current.then_some(generation))
}
