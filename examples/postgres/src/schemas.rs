//! The schemas that a host registers, kept beside its services.
//!
//! Each removal gives the name a new generation, and records belong to the generation they were written in. So they
//! are gone the moment their schema goes, and can be deleted after that.
//!
//! Commits that name an extension share a lock of its name, from the moment they look at the schema until they end.
//! Who registers or removes a schema has the lock alone: it waits for those commits, and later ones wait for it.

use service_end::{ExtensionSchema, Schemas, schema::ReplaceError};

use crate::{PostgresError, PostgresStorage, damaged};

const SCHEMAS: &str = "SELECT declared FROM schemas WHERE declared IS NOT NULL ORDER BY position";

const REGISTER: &str = "
    INSERT INTO schemas (key, generation, declared) VALUES ($1, 0, $2)
    ON CONFLICT (key) DO UPDATE SET declared = excluded.declared, position = excluded.position
        WHERE schemas.declared IS NULL
    RETURNING key";

const UNREGISTER: &str = "
    UPDATE schemas SET declared = NULL, generation = generation + 1
    WHERE key = $1 AND declared IS NOT NULL
    RETURNING key";

const DECLARED: &str = "SELECT declared FROM schemas WHERE key = $1 AND declared IS NOT NULL";

/// Records stay in their generation: they are read with the new version.
const REPLACE: &str = "UPDATE schemas SET declared = $2 WHERE key = $1 AND declared = $3 RETURNING key";

/// The lock that [`GATE`](crate::GATE) shares.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtext('service-end'), hashtext($1::text))";

/// Some records that nobody reads any more, from a service on: few enough that an end which replaces one of them does
/// not wait for long. Tells the last service.
const CLEAR: &str = "
    WITH batch AS (
        SELECT e.service_id FROM extensions e
        WHERE e.service_id >= $2 AND e.key = $1
            AND e.generation < (SELECT c.generation FROM schemas c WHERE c.key = $1)
        ORDER BY e.service_id LIMIT 1000
    ), cleared AS (
        DELETE FROM extensions e USING batch
        WHERE e.service_id = batch.service_id AND e.key = $1
            AND e.generation < (SELECT c.generation FROM schemas c WHERE c.key = $1)
    )
    SELECT max(service_id) FROM batch";

impl PostgresStorage {
    /// The schemas that are registered, in the order registered.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn schemas(&self) -> Result<Schemas, PostgresError> {
        let rows = self.query(SCHEMAS, &[]).await?;
        let declared = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<&str>, _>>()?;
        Schemas::from_json(format!("[{}]", declared.join(","))).map_err(damaged)
    }

    /// Registers a schema; `false`, and nothing changes, if its name is taken, in whatever case.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn register(&self, schema: &ExtensionSchema) -> Result<bool, PostgresError> {
        let (key, declared) = (schema.key(), declaration(schema)?);
        Ok(!self.query_behind((LOCK, &[&key]), REGISTER, &[&key, &declared]).await?.is_empty())
    }

    /// Registers a new version of a schema, and keeps what is stored: if it is safe ([`Schemas::replace`]), or by force
    /// ([`Schemas::replace_anyway`]). An end that is under way with the earlier version is answered with *schema
    /// changed*.
    ///
    /// # Errors
    /// When the store fails. Within: why the schema is not replaced; then nothing changes.
    pub async fn replace(
        &self,
        schema: &ExtensionSchema,
        force: bool,
    ) -> Result<Result<(), ReplaceError>, PostgresError> {
        let (key, declared) = (schema.key(), declaration(schema)?);
        loop {
            let rows = self.query(DECLARED, &[&key]).await?;
            let old: String = rows.first().map_or_else(|| Ok(String::new()), |row| row.try_get(0))?;
            let schemas = Schemas::from_json(format!("[{old}]")).map_err(damaged)?;
            let replaced = if force {
                schemas.replace_anyway(schema.clone()).map_err(ReplaceError::from)
            } else {
                schemas.replace(schema.clone())
            };
            if let Err(error) = replaced {
                return Ok(Err(error));
            }
            // Under the lock, and only if it is still the version that was compared.
            if !self.query_behind((LOCK, &[&key]), REPLACE, &[&key, &declared, &old]).await?.is_empty() {
                return Ok(Ok(()));
            }
        }
    }

    /// Removes a schema and, at one stroke, every record of its extension; `false` if there is none of this name. The
    /// name is remembered, so that an event read before never brings records back. The records are hidden first and
    /// then deleted, a few at a time. Deleting has no time limit; what is left if it is cut short stays hidden, and the
    /// next call for the name deletes it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn unregister(&self, name: &str) -> Result<bool, PostgresError> {
        let key = name.to_ascii_lowercase();
        let removed = !self.query_behind((LOCK, &[&key]), UNREGISTER, &[&key]).await?.is_empty();
        let mut from = i64::MIN;
        loop {
            let rows = self.query_patiently(CLEAR, &[&key, &from]).await?;
            let last: Option<i64> = rows.first().map(|row| row.try_get(0)).transpose()?.flatten();
            match last.and_then(|last| last.checked_add(1)) {
                Some(next) => from = next,
                None => return Ok(removed),
            }
        }
    }
}

pub(crate) fn declaration(schema: &ExtensionSchema) -> Result<String, PostgresError> {
    serde_json::to_string(schema).map_err(damaged)
}
