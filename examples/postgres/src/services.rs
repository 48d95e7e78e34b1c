//! What a host does with services besides ending them.

use service_end::{ServiceId, StoredService, Timestamp, service::End};

use crate::{PostgresError, PostgresStorage};

const START: &str = "
    INSERT INTO services (version, started) VALUES (1, $1) ON CONFLICT DO NOTHING RETURNING service_id";

/// Who moves the sequence on does so alone, so that it never goes back.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtext('service-end'))";

/// Moves the sequence on by so many ids.
const SKIP: &str = "
    SELECT setval(ids, pg_sequence_last_value(ids) + $1)
    FROM (SELECT pg_get_serial_sequence('services', 'service_id')::regclass AS ids) AS sequence";

const INSERT: &str = "
    WITH inserted AS (
        INSERT INTO services (service_id, version, started, completed) VALUES ($1, 1, $2, $3::text::jsonb)
        ON CONFLICT DO NOTHING RETURNING service_id
    ), kept AS (
        INSERT INTO extensions (service_id, key, generation, records, name)
        SELECT inserted.service_id, g.key, coalesce(c.generation, 0), g.records, g.name
        FROM inserted, unnest($4::text[], $5::text[], $6::text[]) AS g (key, records, name) LEFT JOIN schemas c ON c.key = g.key
    )
    SELECT service_id FROM inserted";

impl PostgresStorage {
    /// Starts a service under a new id. Ids that the host has given to services of its own are passed over, and some
    /// free ones with them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn start(&self, started: Timestamp) -> Result<ServiceId, PostgresError> {
        self.in_time(async {
            let mut taken = 0;
            loop {
                if let Some(row) = self.query(START, &[&started.unix_millis()]).await?.first() {
                    return Ok(ServiceId(row.try_get(0)?));
                }
                // The host has given this id. There may be a million behind it: each step is twice as long.
                let step = (1_i64 << taken.min(40)) - 1;
                taken += 1;
                if step > 0 {
                    self.query_behind((LOCK, &[]), SKIP, &[&step]).await?;
                }
            }
        })
        .await
    }

    /// Keeps a service whose id the host has given, active or ended, at a version of the store's own; `false`, and
    /// nothing changes, if there is one of its id.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn insert(&self, service: &StoredService) -> Result<bool, PostgresError> {
        let (id, started) = (service.service_id.0, service.started.unix_millis());
        let end = service.end.as_ref().map(End::to_json);
        let extensions = service.extensions().map(|extension| (extension.key, extension.json));
        let (keys, records): (Vec<&str>, Vec<&str>) = extensions.unzip();
        let names: Vec<&str> = service.extensions().map(|extension| extension.name).collect();
        Ok(!self.query(INSERT, &[&id, &started, &end, &keys, &records, &names]).await?.is_empty())
    }
}
