//! The outbox: notices are written by the statement of their end. A row for each service that has some says when its first
//! one can be taken; who holds that row's lock decides about the service's notices.

use std::sync::Arc;
use std::time::Duration;

use service_end::service::NoticeOrigin;
use service_end::storage::{AsyncOutbox, Backlog, TakenNotice};
use tokio_postgres::Row;

use crate::{PostgresError, PostgresStorage};

/// How many notices are taken at once at most. Further ends of their services wait meanwhile.
const TOGETHER: i64 = 1000;

/// The gate before [`TAKE`]: locks the services that have waited longest, and leaves their ids to the next statement of
/// the transaction. Whatever another worker is about to take is passed over. The time is that of the statement, which an index
/// is searched by; each row would be compared with that of the clock, those too that are far from due.
const HOLD: &str = "
    WITH free AS (
        SELECT service_id FROM outbox WHERE due <= statement_timestamp() ORDER BY due LIMIT $1
        FOR UPDATE SKIP LOCKED
    )
    SELECT set_config('service_end.held', coalesce(array_agg(service_id), '{}')::text, true) FROM free";

/// Takes the first notices of services that are held, by age, as far as they may be taken together. A statement of its own:
/// it sees everything that was committed before the services were locked, and nobody can change their notices now.
const TAKE: &str = "
    WITH first AS (
        SELECT h.service_id, n.version, n.kept, n.notice,
               sum(octet_length(n.notice)) OVER (ORDER BY n.kept, h.service_id) AS bytes
        FROM unnest(current_setting('service_end.held')::bigint[]) AS h (service_id) CROSS JOIN LATERAL (
            SELECT version, kept, notice FROM notices
            WHERE notices.service_id = h.service_id ORDER BY version LIMIT 1
        ) AS n
    ), taken AS (
        UPDATE outbox o SET due = clock_timestamp() + $1 * interval '1 millisecond', attempt = o.attempt + 1,
            lease = nextval('outbox_leases')
        FROM first
        WHERE o.service_id = first.service_id AND (first.bytes <= $2 OR first.bytes = octet_length(first.notice))
        RETURNING o.service_id, first.version, o.lease, o.attempt, first.notice, first.kept
    )
    SELECT service_id, version, lease, attempt, notice FROM taken ORDER BY kept, service_id";

/// The gate before [`CONFIRM`]: ends that bring a further notice of these services wait, or are waited for.
const LOCK: &str = "
    SELECT FROM outbox o JOIN unnest($1::bigint[]) AS h (service_id) ON o.service_id = h.service_id
    ORDER BY o.service_id FOR UPDATE OF o";

/// Deletes notices that are held, and lets the next one of each service be taken.
const CONFIRM: &str = "
    WITH told AS (
        DELETE FROM notices n USING outbox o, unnest($1::bigint[], $2::bigint[], $3::bigint[])
            AS h (service_id, version, lease)
        WHERE n.service_id = h.service_id AND n.version = h.version
            AND o.service_id = h.service_id AND o.lease = h.lease AND o.attempt > 0
        RETURNING n.service_id, n.version
    ), next AS (
        SELECT told.service_id, n.kept FROM told LEFT JOIN LATERAL (
            SELECT kept FROM notices
            WHERE notices.service_id = told.service_id AND notices.version > told.version
            ORDER BY version LIMIT 1
        ) AS n ON true
    ), done AS (
        DELETE FROM outbox o USING next WHERE o.service_id = next.service_id AND next.kept IS NULL
    ), goes_on AS (
        UPDATE outbox o SET due = next.kept, attempt = 0
        FROM next WHERE o.service_id = next.service_id AND next.kept IS NOT NULL
    )
    SELECT count(*) FROM told";

/// Gives back notices that are held. The first notice of a service is the one that was taken.
const RELEASE: &str = "
    UPDATE outbox o SET due = clock_timestamp() + $4 * interval '1 millisecond', lease = nextval('outbox_leases')
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS h (service_id, version, lease)
    WHERE o.service_id = h.service_id AND o.lease = h.lease AND o.attempt > 0
        AND EXISTS (SELECT FROM notices n WHERE n.service_id = h.service_id AND n.version = h.version)
    RETURNING o.service_id";

const BACKLOG: &str = "
    SELECT count(*), (extract(epoch FROM clock_timestamp() - min(kept)) * 1000)::bigint FROM notices";

impl PostgresStorage {
    /// The same, and from now on it keeps the notice of each end until it was told: see
    /// [`Outbox`](service_end::storage::Outbox). Notices that are there already can be taken without this.
    #[must_use]
    pub fn with_outbox(mut self, origin: NoticeOrigin) -> Self {
        self.origin = Some(Arc::new(origin));
        self
    }
}

impl AsyncOutbox for PostgresStorage {
    type Error = PostgresError;

    async fn take(&self, limit: usize, lease: Duration) -> Result<Vec<TakenNotice>, PostgresError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX).min(TOGETHER);
        let most = i64::try_from(TakenNotice::MAX_BYTES).unwrap_or(i64::MAX);
        let rows = self.query_behind((HOLD, &[&limit]), TAKE, &[&millis(lease), &most]).await?;
        rows.iter().map(taken).collect()
    }

    async fn confirm(&self, taken: &[TakenNotice]) -> Result<usize, PostgresError> {
        if taken.is_empty() {
            return Ok(0);
        }
        let (ids, versions, leases) = held(taken);
        let rows = self.query_behind((LOCK, &[&ids]), CONFIRM, &[&ids, &versions, &leases]).await?;
        let told: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0))?;
        Ok(usize::try_from(told).unwrap_or_default())
    }

    async fn release(&self, taken: &[TakenNotice], pause: Duration) -> Result<usize, PostgresError> {
        if taken.is_empty() {
            return Ok(0);
        }
        let (ids, versions, leases) = held(taken);
        Ok(self.query(RELEASE, &[&ids, &versions, &leases, &millis(pause)]).await?.len())
    }

    async fn backlog(&self) -> Result<Backlog, PostgresError> {
        let rows = self.query(BACKLOG, &[]).await?;
        let Some(row) = rows.first() else { return Ok(Backlog::default()) };
        let (waiting, oldest): (i64, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
        let age = |millis| Duration::from_millis(u64::try_from(millis).unwrap_or_default());
        Ok(Backlog::new(u64::try_from(waiting).unwrap_or_default(), oldest.map(age)))
    }
}

/// A row of what was just taken.
fn taken(row: &Row) -> Result<TakenNotice, PostgresError> {
    let (id, version, lease): (i64, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let attempt = u32::try_from(row.try_get::<_, i32>(3)?).unwrap_or_default();
    Ok(TakenNotice::new(id, version, lease, attempt, row.try_get::<_, String>(4)?))
}

/// By what the store knows notices that are held, in columns.
fn held(taken: &[TakenNotice]) -> (Vec<i64>, Vec<i64>, Vec<i64>) {
    let ids = taken.iter().map(|taken| taken.service_id.0).collect();
    let versions = taken.iter().map(|taken| taken.version.0).collect();
    let leases = taken.iter().map(|taken| taken.lease_id).collect();
    (ids, versions, leases)
}

/// Rounded up: a lease is no shorter than was asked for. A number of times an interval, and so a double; what is longer
/// than a century is a century.
#[expect(clippy::cast_precision_loss, reason = "far below the 53 bits of a double")]
fn millis(duration: Duration) -> f64 {
    duration.as_nanos().div_ceil(1_000_000).min(3_155_760_000_000) as f64
}
