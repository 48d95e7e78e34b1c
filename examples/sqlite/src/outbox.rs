//! The outbox: notices are written in the transaction of their end, and taken out, confirmed and given back by callers who
//! share a flush like all others.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension};
use service_end::service::NoticeOrigin;
use service_end::storage::{Backlog, Outbox, TakenNotice};
use service_end::{ServiceId, Version};

use crate::{SqliteError, SqliteStorage};

/// How many notices are copied or taken in one transaction at most. Ends wait meanwhile, a few milliseconds.
const BATCH: u16 = 1000;
/// How many such transactions a caller makes at most before it is told that there is nothing.
const BATCHES: usize = 8;

impl SqliteStorage {
    /// The same, and from now on it keeps the notice of each end until it was told: see [`Outbox`]. Notices that are there
    /// already can be taken without this.
    #[must_use]
    pub fn with_outbox(mut self, origin: NoticeOrigin) -> Self {
        self.origin = Some(origin);
        self
    }
}

impl Outbox for SqliteStorage {
    type Error = SqliteError;

    fn take(&self, limit: usize, lease: Duration) -> Result<Vec<TakenNotice>, SqliteError> {
        // Whoever looks in vain, as most do, keeps nobody from writing.
        let any: bool = self.read(|reader| {
            let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE due <= ?)
                       OR EXISTS (SELECT 1 FROM notices WHERE place > coalesce((SELECT max(place) FROM outbox), 0))";
            Ok(reader.prepare_cached(sql)?.query_row([millis(now())], |row| row.get(0))?)
        })?;
        if limit == 0 || !any {
            return Ok(Vec::new());
        }
        // All that was copied may wait behind notices that are held. Then what came later is copied too, and others may
        // write in between.
        for _ in 0..BATCHES {
            let (copied, taken) = self
                .writer
                .write(move |connection| Ok((copy_new(connection)?, take_due(connection, limit, lease)?)))?;
            if copied < usize::from(BATCH) || !taken.is_empty() {
                return Ok(taken);
            }
        }
        Ok(Vec::new())
    }

    fn confirm(&self, taken: &[TakenNotice]) -> Result<usize, SqliteError> {
        self.each(taken, |connection, held| {
            let Some(place) = held_place(connection, held)? else { return Ok(false) };
            connection.prepare_cached("DELETE FROM notices WHERE place = ?")?.execute([place])?;
            let sql = "UPDATE outbox SET due = min(?2, (SELECT kept FROM notices WHERE notices.place = outbox.place))
                       WHERE place = (SELECT min(place) FROM outbox WHERE service_id = ?1)";
            connection.prepare_cached(sql)?.execute((held.0.0, millis(now())))?;
            Ok(true)
        })
    }

    fn release(&self, taken: &[TakenNotice], pause: Duration) -> Result<usize, SqliteError> {
        self.each(taken, move |connection, held| {
            let Some(place) = held_place(connection, held)? else { return Ok(false) };
            let due = millis_after(now(), pause);
            let sql = "UPDATE outbox SET due = ?2, lease = lease + 1 WHERE place = ?1";
            connection.prepare_cached(sql)?.execute((place, due))?;
            Ok(true)
        })
    }

    fn backlog(&self) -> Result<Backlog, SqliteError> {
        self.read(|reader| {
            // Those not copied yet have consecutive places, since none of them goes before it is copied.
            let sql = "SELECT count(*) + coalesce((SELECT max(place) FROM notices) + 1 - (
                           SELECT min(place) FROM notices WHERE place > coalesce((SELECT max(place) FROM outbox), 0)
                       ), 0) FROM outbox";
            let count: i64 = reader.prepare_cached(sql)?.query_row((), |row| row.get(0))?;
            let sql = "SELECT kept FROM notices ORDER BY place LIMIT 1";
            let kept: Option<i64> = reader.prepare_cached(sql)?.query_row((), |row| row.get(0)).optional()?;
            let age = |kept| Duration::from_millis(u64::try_from(millis(now()) - kept).unwrap_or_default());
            Ok(Backlog::new(u64::try_from(count).unwrap_or_default(), kept.map(age)))
        })
    }
}

/// By which a notice that is held is known: its service, the version of its end, its lease.
type Held = (ServiceId, Version, i64);

impl SqliteStorage {
    /// Does something about each notice that is held, in one transaction: for how many it could be done.
    fn each(
        &self,
        taken: &[TakenNotice],
        act: impl Fn(&Connection, Held) -> Result<bool, SqliteError> + Send + 'static,
    ) -> Result<usize, SqliteError> {
        let held: Vec<Held> =
            taken.iter().map(|taken| (taken.service_id, taken.version, taken.lease_id)).collect();
        if held.is_empty() {
            return Ok(0);
        }
        self.writer.write(move |connection| {
            let mut done = 0;
            for held in held {
                done += usize::from(act(connection, held)?);
            }
            Ok(done)
        })
    }
}

/// Keeps a notice, in the transaction of its end.
pub(crate) fn keep(
    connection: &Connection,
    (id, version): (ServiceId, Version),
    notice: &str,
) -> Result<(), SqliteError> {
    let sql = "INSERT INTO notices (service_id, version, kept, notice) VALUES (?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute((id.0, version.0, millis(now()), notice))?;
    Ok(())
}

/// Copies what workers need of the notices that have come since, at most a [`BATCH`], in the order of the commits: of how
/// many. Where the clock was set back meanwhile, a notice has come in what is the future now, and need not wait for it.
fn copy_new(connection: &Connection) -> Result<usize, SqliteError> {
    let sql = "INSERT INTO outbox (place, service_id, due)
               SELECT place, service_id, CASE
                   WHEN row_number() OVER (PARTITION BY service_id ORDER BY place) = 1
                       AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.service_id = new.service_id)
                   THEN min(kept, ?2) END
               FROM (SELECT place, service_id, kept FROM notices
                     WHERE place > coalesce((SELECT max(place) FROM outbox), 0) ORDER BY place LIMIT ?1) AS new";
    Ok(connection.prepare_cached(sql)?.execute((BATCH, millis(now())))?)
}

/// Takes those that have waited longest, as far as they may be taken together.
fn take_due(connection: &Connection, limit: usize, lease: Duration) -> Result<Vec<TakenNotice>, SqliteError> {
    let now = now();
    let until = millis_after(now, lease);
    let mut taken = Vec::new();
    for place in due(connection, millis(now), limit)? {
        let sql = "UPDATE outbox SET due = ?2, attempt = attempt + 1, lease = lease + 1 WHERE place = ?1
                   RETURNING lease, attempt";
        let held = (place, until);
        let (lease, attempt) =
            connection.prepare_cached(sql)?.query_row(held, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let sql = "SELECT service_id, version, notice FROM notices WHERE place = ?";
        let notice = connection.prepare_cached(sql)?.query_row([place], |row| {
            let (id, version): (i64, i64) = (row.get(0)?, row.get(1)?);
            Ok(TakenNotice::new(id, version, lease, attempt, row.get::<_, String>(2)?))
        })?;
        taken.push(notice);
    }
    Ok(taken)
}

/// The places of those that can be taken together, the longest waiting first. SQLite knows how long a text is without
/// reading it.
fn due(connection: &Connection, now: i64, limit: usize) -> Result<Vec<i64>, SqliteError> {
    let sql = "SELECT o.place, octet_length(n.notice) FROM outbox o CROSS JOIN notices n ON n.place = o.place
               WHERE o.due <= ? ORDER BY o.due, o.place LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = u16::try_from(limit).unwrap_or(BATCH).min(BATCH);
    let mut rows = statement.query((now, limit))?;
    let (mut places, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        bytes += u64::from(row.get::<_, u32>(1)?);
        if bytes > TakenNotice::MAX_BYTES as u64 && !places.is_empty() {
            break;
        }
        places.push(row.get(0)?);
    }
    Ok(places)
}

/// The place of a notice that the caller holds: the first of its service, and neither taken by another nor given back.
fn held_place(connection: &Connection, (id, version, lease): Held) -> Result<Option<i64>, SqliteError> {
    let sql = "SELECT place FROM outbox JOIN notices USING (place)
               WHERE place = (SELECT min(place) FROM outbox WHERE service_id = ?) AND version = ? AND lease = ?
                   AND attempt > 0";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row((id.0, version.0, lease), |row| row.get(0)).optional()?)
}

/// Now, by the clock that all processes of the machine share.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// Rounded up: neither a lease nor a pause is shorter than was asked for.
fn millis_after(time: Duration, more: Duration) -> i64 {
    i64::try_from(time.saturating_add(more).as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX)
}
