//! The schemas that a host registers, kept beside its services.
//!
//! Records are written only by events that were read with the schema registered now, and are removed together with
//! it. All that runs one after the other in the transactions of the writer, so no old record can come back.

use rusqlite::{OptionalExtension, Transaction};
use service_end::{ExtensionSchema, Schemas, schema::ReplaceError};

use crate::{SqliteError, SqliteStorage, damaged};

pub(crate) const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS schemas (
        key      TEXT PRIMARY KEY,  -- the name in lower case; it stays when the schema goes
        position INTEGER NOT NULL,  -- the order registered
        declared TEXT               -- the schema as JSON; NULL once removed
    ) STRICT;";

impl SqliteStorage {
    /// The schemas that are registered, in the order registered.
    ///
    /// # Errors
    /// When the store fails.
    pub fn schemas(&self) -> Result<Schemas, SqliteError> {
        self.read(registered)
    }

    /// Registers a schema; `false`, and nothing changes, if its name is taken, in whatever case.
    ///
    /// # Errors
    /// When the store fails.
    pub fn register(&self, schema: &ExtensionSchema) -> Result<bool, SqliteError> {
        let declared = declaration(schema)?;
        self.write(|transaction| {
            let sql =
                "INSERT INTO schemas SELECT ?1, coalesce(max(position), 0) + 1, ?2 FROM schemas WHERE true
                       ON CONFLICT DO UPDATE SET position = excluded.position, declared = excluded.declared
                       WHERE schemas.declared IS NULL";
            Ok(transaction.execute(sql, [schema.key(), &declared])? == 1)
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
        let declared = declaration(schema)?;
        self.write(|transaction| {
            let sql = "SELECT declared FROM schemas WHERE key = ? AND declared IS NOT NULL";
            let old: Option<String> =
                transaction.query_row(sql, [schema.key()], |row| row.get(0)).optional()?;
            let old = Schemas::from_json(format!("[{}]", old.unwrap_or_default())).map_err(damaged)?;
            let replaced = if force {
                old.replace_anyway(schema.clone()).map_err(ReplaceError::from)
            } else {
                old.replace(schema.clone())
            };
            if let Err(error) = replaced {
                return Ok(Err(error));
            }
            transaction
                .execute("UPDATE schemas SET declared = ?2 WHERE key = ?1", [schema.key(), &declared])?;
            Ok(Ok(()))
        })
    }

    /// Removes a schema and, at one stroke, every record of its extension; `false` if there is none of this name. The
    /// name is remembered, so that an event read before never brings records back.
    ///
    /// # Errors
    /// When the store fails.
    pub fn unregister(&self, name: &str) -> Result<bool, SqliteError> {
        let key = name.to_ascii_lowercase();
        self.write(|transaction| {
            let sql = "UPDATE schemas SET declared = NULL WHERE key = ? AND declared IS NOT NULL";
            let removed = transaction.execute(sql, [&key])? == 1;
            if removed {
                transaction.execute("DELETE FROM extensions WHERE key = ?", [&key])?;
            }
            Ok(removed)
        })
    }
}

pub(crate) fn registered(transaction: &Transaction<'_>) -> Result<Schemas, SqliteError> {
    let sql = "SELECT declared FROM schemas WHERE declared IS NOT NULL ORDER BY position";
    let mut statement = transaction.prepare_cached(sql)?;
    let declared = statement.query_map((), |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    Schemas::from_json(format!("[{}]", declared.join(","))).map_err(damaged)
}

/// Whether records of this schema may be written: it is the one registered, or its name was never registered, as with
/// hosts that keep their schemas elsewhere.
pub(crate) fn is_current(
    transaction: &Transaction<'_>,
    schema: &ExtensionSchema,
    declared: &str,
) -> Result<bool, SqliteError> {
    let sql = "SELECT declared FROM schemas WHERE key = ?";
    let row = transaction.prepare_cached(sql)?.query_row([schema.key()], |row| row.get(0)).optional()?;
    let Some(registered): Option<Option<String>> = row else { return Ok(true) };
    // Schemas are equal by content: the text only says so sooner.
    let equal = |json: String| json == declared || ExtensionSchema::from_json(json).as_ref() == Ok(schema);
    Ok(registered.is_some_and(equal))
}

pub(crate) fn declaration(schema: &ExtensionSchema) -> Result<String, SqliteError> {
    serde_json::to_string(schema).map_err(damaged)
}
