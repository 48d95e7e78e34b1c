//! The outbox: notices are written by the statement of their end. A row for each service that has some says when its first
//! one can be taken; who holds that row's lock decides about the service's notices.

use std::sync::Arc;
use std::time::Duration;

use service_end::service::NoticeOrigin;
use service_end::storage::{AsyncOutbox, Backlog, TakenNotice};
use tokio_postgres::Row;

use crate::{PostgresError, PostgresStorage};

/// Holds the services that have waited longest. Whatever another worker is about to take is passed over.
const HOLD: &str = "
    WITH free AS (
        SELECT service_id FROM outbox WHERE due <= clock_timestamp() ORDER BY due LIMIT $1
        FOR UPDATE SKIP LOCKED
    )
    UPDATE outbox o SET due = clock_timestamp() + $2 * interval '1 millisecond', attempt = o.attempt + 1
    FROM free WHERE o.service_id = free.service_id
    RETURNING o.service_id, o.attempt";

/// The first notices of services that are held: a statement of its own, which sees everything that was committed before
/// they were. They come by age, with the bytes up to each; the text only as far as they may be taken together.
const FIRST: &str = "
    WITH first AS (
        SELECT h.service_id, h.attempt, n.version, n.kept, n.notice,
               sum(octet_length(n.notice)) OVER (ORDER BY n.kept, h.service_id) AS bytes
        FROM unnest($1::bigint[], $2::integer[]) AS h (service_id, attempt) CROSS JOIN LATERAL (
            SELECT version, kept, notice FROM notices
            WHERE notices.service_id = h.service_id ORDER BY version LIMIT 1
        ) AS n
    )
    SELECT service_id, attempt, version,
           CASE WHEN bytes <= $3 OR bytes = octet_length(notice) THEN notice END
    FROM first ORDER BY kept, service_id";

/// Puts back what was held and is too much, as if it had not been.
const PUT_BACK: &str = "
    UPDATE outbox o SET due = clock_timestamp(), attempt = o.attempt - 1
    FROM unnest($1::bigint[], $2::integer[]) AS h (service_id, attempt)
    WHERE o.service_id = h.service_id AND o.attempt = h.attempt";

/// The gate before [`CONFIRM`]: ends that bring a further notice of these services wait, or are waited for.
const LOCK: &str = "
    SELECT FROM outbox o JOIN unnest($1::bigint[]) AS h (service_id) ON o.service_id = h.service_id
    ORDER BY o.service_id FOR UPDATE OF o";

/// Deletes notices that are held, and lets the next one of each service be taken.
const CONFIRM: &str = "
    WITH told AS (
        DELETE FROM notices n USING outbox o, unnest($1::bigint[], $2::bigint[], $3::integer[])
            AS h (service_id, version, attempt)
        WHERE n.service_id = h.service_id AND n.version = h.version
            AND o.service_id = h.service_id AND o.attempt = h.attempt
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
    UPDATE outbox o SET due = clock_timestamp() + $4 * interval '1 millisecond'
    FROM unnest($1::bigint[], $2::bigint[], $3::integer[]) AS h (service_id, version, attempt)
    WHERE o.service_id = h.service_id AND o.attempt = h.attempt
        AND EXISTS (SELECT FROM notices n WHERE n.service_id = h.service_id AND n.version = h.version)
    RETURNING o.service_id";

const BACKLOG: &str = "
    SELECT count(*), (extract(epoch FROM clock_timestamp() - min(kept)) * 1000)::bigint FROM notices";

impl PostgresStorage {
    /// The same, and from now on it keeps the notice of each end until it was told: see
    /// [`Outbox`](service_end::storage::Outbox). Notices that are there already can be taken without this.
    #[must_use]
    pub fn with_outbox(mut self, origin: impl Into<NoticeOrigin>) -> Self {
        self.origin = Some(Arc::new(origin.into()));
        self
    }

    /// One row of a notice that was just held, as it is handed out; its text is missing where it is too much.
    fn taken(row: &Row) -> Result<(i64, i32, Option<TakenNotice>), PostgresError> {
        let (id, attempt, version): (i64, i32, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let json: Option<String> = row.try_get(3)?;
        let attempts = u32::try_from(attempt).unwrap_or_default();
        Ok((id, attempt, json.map(|json| TakenNotice::new(id, version, attempt.into(), attempts, json))))
    }
}

impl AsyncOutbox for PostgresStorage {
    type Error = PostgresError;

    async fn take(&self, limit: usize, lease: Duration) -> Result<Vec<TakenNotice>, PostgresError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let held = self.query(HOLD, &[&limit, &millis(lease)]).await?;
        if held.is_empty() {
            return Ok(Vec::new());
        }
        let column = |row: &Row| Ok((row.try_get(0)?, row.try_get(1)?));
        let held = held.iter().map(column).collect::<Result<Vec<(i64, i32)>, PostgresError>>()?;
        let (ids, attempts): (Vec<i64>, Vec<i32>) = held.into_iter().unzip();
        let most = i64::try_from(TakenNotice::MAX_BYTES).unwrap_or(i64::MAX);
        let (mut all, mut too_many) = (Vec::new(), (Vec::new(), Vec::new()));
        for row in &self.query(FIRST, &[&ids, &attempts, &most]).await? {
            match Self::taken(row)? {
                (_, _, Some(taken)) => all.push(taken),
                (id, attempt, None) => {
                    too_many.0.push(id);
                    too_many.1.push(attempt);
                }
            }
        }
        if !too_many.0.is_empty() {
            self.query(PUT_BACK, &[&too_many.0, &too_many.1]).await?;
        }
        Ok(all)
    }

    async fn confirm(&self, taken: &[TakenNotice]) -> Result<usize, PostgresError> {
        if taken.is_empty() {
            return Ok(0);
        }
        let (ids, versions, attempts) = held(taken);
        let rows = self.query_behind((LOCK, &[&ids]), CONFIRM, &[&ids, &versions, &attempts]).await?;
        let told: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0))?;
        Ok(usize::try_from(told).unwrap_or_default())
    }

    async fn release(&self, taken: &[TakenNotice], pause: Duration) -> Result<usize, PostgresError> {
        if taken.is_empty() {
            return Ok(0);
        }
        let (ids, versions, attempts) = held(taken);
        Ok(self.query(RELEASE, &[&ids, &versions, &attempts, &millis(pause)]).await?.len())
    }

    async fn backlog(&self) -> Result<Backlog, PostgresError> {
        let rows = self.query(BACKLOG, &[]).await?;
        let Some(row) = rows.first() else { return Ok(Backlog::default()) };
        let (waiting, oldest): (i64, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
        let age = |millis| Duration::from_millis(u64::try_from(millis).unwrap_or_default());
        Ok(Backlog::new(u64::try_from(waiting).unwrap_or_default(), oldest.map(age)))
    }
}

/// By what the store knows notices that are held, in columns.
fn held(taken: &[TakenNotice]) -> (Vec<i64>, Vec<i64>, Vec<i32>) {
    let ids = taken.iter().map(|taken| taken.service_id.0).collect();
    let versions = taken.iter().map(|taken| taken.version.0).collect();
    let attempts = taken.iter().map(|taken| i32::try_from(taken.lease).unwrap_or(-1)).collect();
    (ids, versions, attempts)
}

/// Rounded up: a lease is no shorter than was asked for. A number of times an interval, and so a double; what is longer
/// than a century is a century.
#[expect(clippy::cast_precision_loss, reason = "far below the 53 bits of a double")]
fn millis(duration: Duration) -> f64 {
    duration.as_nanos().div_ceil(1_000_000).min(3_155_760_000_000) as f64
}
