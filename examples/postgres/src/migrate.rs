//! Everything that is stored, carried to the schemas of now.
//!
//! Services are taken in the order of their ids, and each is changed by one statement, if it is still as it was read. A
//! process that is killed leaves whole services, and may begin anew: what was carried before is found as it should be.

use service_end::schema::OpenNames;
use service_end::{ServiceId, StoredService, Timestamp, Violations};

use crate::{PostgresError, PostgresStorage};

const SOME: &str = "
    SELECT s.service_id, s.version, coalesce(e.name, e.key), e.records
    FROM (SELECT DISTINCT service_id FROM extensions WHERE service_id > $1 ORDER BY service_id LIMIT $2) AS batch
    JOIN services s ON s.service_id = batch.service_id
    LEFT JOIN extensions e
        ON e.service_id = s.service_id
        AND e.generation = coalesce((SELECT c.generation FROM schemas c WHERE c.key = e.key), 0)
    ORDER BY s.service_id";

const CARRY: &str = "
    WITH carried AS (
        UPDATE services SET version = version + 1 WHERE service_id = $1 AND version = $2 RETURNING service_id
    ), kept AS (
        UPDATE extensions e SET records = g.records
        FROM carried, unnest($3::text[], $4::text[]) AS g (key, records)
        WHERE e.service_id = carried.service_id AND e.key = g.key
    )
    SELECT service_id FROM carried";

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
    /// Those that another writer changed meanwhile. They are taken by the next run.
    pub overtaken: usize,
    /// Those that can't be carried, and why. They stay as they are.
    pub failed: Vec<(ServiceId, Violations)>,
}

impl PostgresStorage {
    /// Carries the extensions of some services to the registered schemas: of at most `count`, those behind an id, or the
    /// first. A service that was changed is at a new version. Nothing is dropped: a service of which an extension can't
    /// be carried stays as it is. An extension without a schema stays as it is, too, and does not keep the others from
    /// being carried: which names are open, only the host knows. A dry run changes nothing.
    ///
    /// # Errors
    /// When the store fails. Each service is changed as a whole or not at all.
    pub async fn migrate(
        &self,
        after: Option<ServiceId>,
        count: u32,
        dry_run: bool,
    ) -> Result<Batch, PostgresError> {
        let schemas = self.schemas().await?.with_open(OpenNames::every());
        let (after, count) = (after.map_or(i64::MIN, |id| id.0), i64::from(count));
        let rows = self.query(SOME, &[&after, &count]).await?;
        let mut services: Vec<StoredService> = Vec::new();
        for row in &rows {
            let (id, version): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            if services.last().is_none_or(|service| service.service_id.0 != id) {
                // Only its extensions matter here.
                services.push(StoredService::new(id, version, Timestamp::MIN));
            }
            if let (Some(name), Some(service)) = (row.try_get(2)?, services.last_mut()) {
                service.insert_extension(name, row.try_get::<_, &str>(3)?);
            }
        }
        let last = services.last().map(|service| service.service_id);
        let mut batch =
            Batch { last, services: services.len(), changed: 0, overtaken: 0, failed: Vec::new() };
        for service in services {
            let migrated = match service.migrate(&schemas) {
                Err(violations) => {
                    batch.failed.push((service.service_id, violations));
                    continue;
                }
                Ok(migrated) if migrated == service => continue,
                Ok(migrated) => migrated,
            };
            let carried = migrated.extensions().filter(|kept| service.extension(kept.key) != Some(kept.json));
            let extensions = carried.map(|extension| (extension.key, extension.json));
            let (keys, records): (Vec<&str>, Vec<&str>) = extensions.unzip();
            let is_so = dry_run || {
                let (id, version) = (service.service_id.0, service.version.0);
                !self.query(CARRY, &[&id, &version, &keys, &records]).await?.is_empty()
            };
            if is_so {
                batch.changed += 1;
            } else {
                batch.overtaken += 1;
            }
        }
        Ok(batch)
    }
}
