#![doc = include_str!("../README.md")]

mod connection;
mod migrate;
mod outbox;
mod schemas;
mod services;

use deadpool_postgres::PoolError;
use service_end::{
    AsyncStorage, Completion, ServiceId, StoredService, Timestamp,
    service::End,
    storage::{Commit, Want},
};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

pub use connection::PostgresStorage;
pub use migrate::Batch;

/// What the store needs in the database: the name of each table, index or column, and the statement that makes it. Notices
/// come and go: what is left of them is cleared away after so many, however large the tables are.
///
/// [`PostgresStorage::create_tables`] makes them in this order; in what database and schema, the connection says.
pub const TABLES: [(&str, &str); 10] = [
    (
        "services",
        "CREATE TABLE IF NOT EXISTS services (
            service_id bigserial PRIMARY KEY,
            version    bigint NOT NULL,          -- one more with each change
            started    bigint NOT NULL,          -- milliseconds since 1970
            completed  jsonb                     -- the fixed fields, once ended
        );",
    ),
    (
        "schemas",
        "CREATE TABLE IF NOT EXISTS schemas (
            key        text PRIMARY KEY,         -- the name in lower case; it stays when the schema goes
            generation bigint NOT NULL,          -- one more with each removal
            position   bigserial,                -- the order registered
            declared   text                      -- the schema as JSON; NULL once removed
        );",
    ),
    (
        "extensions",
        "CREATE TABLE IF NOT EXISTS extensions (
            service_id bigint NOT NULL REFERENCES services ON DELETE CASCADE,
            key        text NOT NULL,            -- the name in lower case
            generation bigint NOT NULL,          -- of the schema that the records were read with; 0 without one
            records    text NOT NULL,            -- the JSON, to the letter
            name       text,                     -- as it was spelled; NULL where that was not kept
            PRIMARY KEY (service_id, key)
        );",
    ),
    ("extensions.name", "ALTER TABLE extensions ADD COLUMN IF NOT EXISTS name text;"),
    (
        "notices",
        "CREATE TABLE IF NOT EXISTS notices (
            service_id bigint NOT NULL,
            version    bigint NOT NULL,          -- that the end was decided on
            kept       timestamptz NOT NULL,
            notice     text NOT NULL,            -- as it is told
            PRIMARY KEY (service_id, version)
        ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);",
    ),
    ("notices_kept", "CREATE INDEX IF NOT EXISTS notices_kept ON notices (kept);"),
    (
        "outbox",
        "CREATE TABLE IF NOT EXISTS outbox (     -- one row for each service that has notices
            service_id bigint PRIMARY KEY,
            due        timestamptz NOT NULL,     -- from when on its first notice can be taken
            attempt    integer NOT NULL,         -- how often that was taken
            lease      bigint NOT NULL DEFAULT 0 -- the number under which it was taken last
        ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);",
    ),
    ("outbox.lease", "ALTER TABLE outbox ADD COLUMN IF NOT EXISTS lease bigint NOT NULL DEFAULT 0;"),
    // A number is given once in the life of the database: none comes back with the next notice of a service.
    ("outbox_leases", "CREATE SEQUENCE IF NOT EXISTS outbox_leases;"),
    ("outbox_due", "CREATE INDEX IF NOT EXISTS outbox_due ON outbox (due);"),
];

/// The one statement of a load, so it sees one version of everything. Records of an earlier generation are those of a
/// schema that was removed since.
pub const LOAD: &str = "
    SELECT s.version, s.started, s.completed::text, coalesce(e.name, e.key), e.records
    FROM services s LEFT JOIN extensions e
        ON e.service_id = s.service_id
        AND ($2::text[] IS NULL OR e.key = ANY ($2))
        AND e.generation = coalesce((SELECT c.generation FROM schemas c WHERE c.key = e.key), 0)
    WHERE s.service_id = $1";

/// The gate before a commit that names extensions. It waits for the service's row, if another writer has it, and then
/// keeps the schemas from being registered or removed until the transaction ends. The commit comes next, as a statement
/// of its own: so it sees the schemas as they are after the wait.
pub const GATE: &str = "
    SELECT pg_advisory_xact_lock_shared(hashtext('service-end'), hashtext(key))
    FROM (SELECT FROM services WHERE service_id = $1 AND version = $2 FOR NO KEY UPDATE) AS held,
         unnest($3::text[]) AS key";

/// The statement of a commit, with more at its end where an outbox is kept.
macro_rules! commit {
    ($($more:literal)?) => {
        concat!("
    WITH given AS (
        SELECT g.key, g.name, g.records, coalesce(c.generation, 0) AS generation,
               c.key IS NULL OR c.declared IS NOT DISTINCT FROM g.declared AS fits
        FROM unnest($4::text[], $5::text[], $6::text[], $7::text[]) AS g (key, declared, records, name)
        LEFT JOIN schemas c ON c.key = g.key
    ), ended AS (
        UPDATE services SET version = version + 1, completed = $3::text::jsonb
        WHERE service_id = $1 AND version = $2 AND NOT EXISTS (SELECT FROM given WHERE NOT fits)
        RETURNING service_id
    ), cleared AS (
        DELETE FROM extensions e USING ended, given
        WHERE e.service_id = ended.service_id AND e.key = given.key AND given.records IS NULL
    ), kept AS (
        INSERT INTO extensions (service_id, key, generation, records, name)
        SELECT ended.service_id, given.key, given.generation, given.records, given.name
        FROM ended, given WHERE given.records IS NOT NULL
        ON CONFLICT (service_id, key)
            DO UPDATE SET generation = excluded.generation, records = excluded.records, name = excluded.name
    )", $($more,)? "
    SELECT EXISTS (SELECT FROM ended), EXISTS (SELECT FROM given WHERE NOT fits)")
    };
}

/// The statement of a commit. The update is the compare-and-set on which all else hangs; records that are NULL clear an
/// extension.
pub const COMMIT: &str = commit!();

/// The same with the notice of the end. Where a notice of the service waits already, its row in the outbox is locked, so
/// that it does not go while the new one comes.
pub const COMMIT_AND_KEEP: &str = commit!(
    ", noted AS (
        INSERT INTO notices (service_id, version, kept, notice)
        SELECT service_id, $2, clock_timestamp(), $8 FROM ended
    ), waits AS (
        INSERT INTO outbox AS o (service_id, due, attempt)
        SELECT service_id, clock_timestamp(), 0 FROM ended
        ON CONFLICT (service_id) DO UPDATE SET attempt = o.attempt
    )"
);

/// The longest completion, in bytes. A server takes messages of 1 GiB, but holds several copies of each in memory.
const MAX_COMPLETION: usize = 1 << 28;

/// Why the store can't answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresError {
    /// No server can be reached that takes writes.
    #[error("there is no connection to the database")]
    NoConnection(#[from] PoolError),
    /// The server failed, or the connection broke. If it was a commit, its outcome is unknown.
    #[error("the database failed")]
    Database(#[from] tokio_postgres::Error),
    /// There was no answer in time. If it was a commit, its outcome is unknown.
    #[error("the database gave no answer in time")]
    TimedOut,
    /// What is stored is not what this store has written.
    #[error("what is stored can't be read")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl AsyncStorage for PostgresStorage {
    type Error = PostgresError;

    async fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, PostgresError> {
        let keys: Option<Vec<String>> = match want {
            Want::Nothing => Some(Vec::new()),
            Want::Named(keys) => Some(keys.iter().map(|key| key.to_ascii_lowercase()).collect()),
            Want::All => None,
        };
        let rows = self.query(LOAD, &[&id.0, &keys]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let version: i64 = row.try_get(0)?;
        let started = Timestamp::from_unix_millis(row.try_get(1)?).map_err(damaged)?;
        let completed: Option<&str> = row.try_get(2)?;
        let mut service = StoredService::new(id, version, started);
        service.end = completed.map(End::from_json).transpose().map_err(damaged)?;
        for row in &rows {
            if let Some(name) = row.try_get(3)? {
                service.insert_extension(name, row.try_get::<_, &str>(4)?);
            }
        }
        Ok(Some(service))
    }

    async fn commit(&self, completion: &Completion) -> Result<Commit, PostgresError> {
        let version = completion.version().0;
        let end = completion.end().to_json();
        let extensions = || completion.all_extensions();
        let keys: Vec<&str> = extensions().map(|extension| extension.key()).collect();
        let names: Vec<&str> = extensions().map(|extension| extension.name()).collect();
        let declared = extensions().map(|extension| extension.schema().map(schemas::declaration).transpose());
        let declared = declared.collect::<Result<Vec<_>, _>>()?;
        let records =
            extensions().map(|extension| (!extension.is_empty()).then(|| extension.to_json().into_owned()));
        let records: Vec<Option<String>> = records.collect();
        let notice = self.origin.as_ref().map(|origin| origin.notice(completion).to_json());
        let texts = records.iter().chain(&declared).flatten().chain(&notice).chain([&end]).map(String::len);
        let length: usize =
            texts.chain(names.iter().map(|name| 2 * name.len())).map(|bytes| bytes + 64).sum();
        if length > MAX_COMPLETION {
            return Ok(Commit::TooLarge);
        }
        let id = completion.service_id().0;
        let mut parameters: Vec<&(dyn ToSql + Sync)> =
            vec![&id, &version, &end, &keys, &declared, &records, &names];
        let statement = if notice.is_some() { COMMIT_AND_KEEP } else { COMMIT };
        if let Some(notice) = &notice {
            parameters.push(notice);
        }
        let sent = if keys.is_empty() {
            self.query(statement, &parameters).await
        } else {
            self.query_behind((GATE, &[&id, &version, &keys]), statement, &parameters).await
        };
        let rows = match sent {
            Err(PostgresError::Database(error)) => match error.code() {
                Some(&SqlState::PROGRAM_LIMIT_EXCEEDED) => return Ok(Commit::TooLarge),
                // The server took back what it had begun, since another writer was in the way.
                Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => {
                    return Ok(Commit::Stale);
                }
                _ => return Err(error.into()),
            },
            answered => answered?,
        };
        let (ended, schema_changed) = match rows.first() {
            Some(row) => (row.try_get(0)?, row.try_get(1)?),
            None => (false, false),
        };
        Ok(match (ended, schema_changed) {
            (true, _) => Commit::Committed,
            (false, true) => Commit::SchemaChanged,
            (false, false) => Commit::Stale,
        })
    }
}

fn damaged(error: impl std::error::Error + Send + Sync + 'static) -> PostgresError {
    PostgresError::Damaged(Box::new(error))
}
