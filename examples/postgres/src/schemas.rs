//! The schemas that a host registers, kept beside its services.
//!
//! Each removal gives the name a new generation, and records belong to the generation they were written in. So they
//! are gone the moment their schema goes, and a commit that was on its way then need not be waited for: what it still
//! writes belongs to the generation that is over, which nobody reads.

use service_end::{ExtensionSchema, Schemas};

use crate::{PostgresError, PostgresStorage, damaged};

const SCHEMAS: &str = "SELECT declared FROM schemas WHERE declared IS NOT NULL ORDER BY position";

const REGISTER: &str = "
    INSERT INTO schemas (key, generation, declared) VALUES ($1, 0, $2)
    ON CONFLICT (key) DO UPDATE SET declared = excluded.declared, position = excluded.position
        WHERE schemas.declared IS NULL
    RETURNING key";

const UNREGISTER: &str = "
    WITH removed AS (
        UPDATE schemas SET declared = NULL, generation = generation + 1
        WHERE key = $1 AND declared IS NOT NULL
        RETURNING key
    ), cleared AS (
        DELETE FROM extensions USING removed WHERE extensions.key = removed.key
    )
    SELECT key FROM removed";

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
        Ok(!self.query(REGISTER, &[&schema.key(), &declaration(schema)?]).await?.is_empty())
    }

    /// Removes a schema and, at one stroke, every record of its extension; `false` if there is none of this name. The
    /// name is remembered, so that an event read before never brings records back. It takes as long as it takes to
    /// delete the records: there is no time limit.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn unregister(&self, name: &str) -> Result<bool, PostgresError> {
        Ok(!self.query_patiently(UNREGISTER, &[&name.to_ascii_lowercase()]).await?.is_empty())
    }
}

pub(crate) fn declaration(schema: &ExtensionSchema) -> Result<String, PostgresError> {
    serde_json::to_string(schema).map_err(damaged)
}
