//! The outbox: notices are written in the transaction of their end, and taken out, confirmed and given back by callers who
//! share a flush like all others.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension};
use service_end::service::NoticeOrigin;
use service_end::storage::{Backlog, Outbox, TakenNotice};
use service_end::{ServiceId, Version};

use crate::{SqliteError, SqliteStorage};

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
            let sql = "SELECT EXISTS (SELECT 1 FROM notices WHERE due <= ?)";
            Ok(reader.prepare_cached(sql)?.query_row([millis()], |row| row.get(0))?)
        })?;
        if limit == 0 || !any {
            return Ok(Vec::new());
        }
        self.writer.write(move |connection| {
            let now = millis();
            let mut taken = Vec::new();
            let mut bytes = 0;
            for (place, length) in due(connection, now, limit)? {
                bytes += u64::from(length);
                if bytes > TakenNotice::MAX_BYTES as u64 && !taken.is_empty() {
                    break;
                }
                let sql = "UPDATE notices SET due = ?2, attempt = attempt + 1 WHERE place = ?1
                           RETURNING service_id, version, attempt, notice";
                let until = now.saturating_add(in_millis(lease));
                let notice = connection.prepare_cached(sql)?.query_row((place, until), |row| {
                    let (id, version): (i64, i64) = (row.get(0)?, row.get(1)?);
                    Ok(TakenNotice::new(id, version, row.get(2)?, row.get(2)?, row.get::<_, String>(3)?))
                })?;
                taken.push(notice);
            }
            Ok(taken)
        })
    }

    fn confirm(&self, taken: &[TakenNotice]) -> Result<usize, SqliteError> {
        self.each(taken, |connection, (id, version, lease)| {
            let sql =
                "DELETE FROM notices WHERE place = (SELECT min(place) FROM notices WHERE service_id = ?1)
                       AND version = ?2 AND attempt = ?3";
            let confirmed = connection.prepare_cached(sql)?.execute((id.0, version.0, lease))? == 1;
            if confirmed {
                let sql = "UPDATE notices SET due = kept
                           WHERE place = (SELECT min(place) FROM notices WHERE service_id = ?)";
                connection.prepare_cached(sql)?.execute([id.0])?;
            }
            Ok(confirmed)
        })
    }

    fn release(&self, taken: &[TakenNotice], pause: Duration) -> Result<usize, SqliteError> {
        self.each(taken, move |connection, (id, version, lease)| {
            let sql = "UPDATE notices SET due = ?4
                       WHERE place = (SELECT min(place) FROM notices WHERE service_id = ?1)
                       AND version = ?2 AND attempt = ?3";
            let due = millis().saturating_add(in_millis(pause));
            Ok(connection.prepare_cached(sql)?.execute((id.0, version.0, lease, due))? == 1)
        })
    }

    fn backlog(&self) -> Result<Backlog, SqliteError> {
        self.read(|reader| {
            let sql = "SELECT count(*) FROM notices";
            let count: u32 = reader.prepare_cached(sql)?.query_row((), |row| row.get(0))?;
            let sql = "SELECT kept FROM notices ORDER BY place LIMIT 1";
            let kept: Option<i64> = reader.prepare_cached(sql)?.query_row((), |row| row.get(0)).optional()?;
            let age = |kept| Duration::from_millis(u64::try_from(millis() - kept).unwrap_or_default());
            Ok(Backlog::new(count.into(), kept.map(age)))
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
            taken.iter().map(|taken| (taken.service_id, taken.version, taken.lease)).collect();
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
    let sql = "INSERT INTO notices (service_id, version, kept, due, notice)
               SELECT ?1, ?2, ?3, iif(EXISTS (SELECT 1 FROM notices WHERE service_id = ?1), NULL, ?3), ?4";
    connection.prepare_cached(sql)?.execute((id.0, version.0, millis(), notice))?;
    Ok(())
}

/// The places of those that can be taken, the longest waiting first, and their lengths, which SQLite knows without reading
/// them.
fn due(connection: &Connection, now: i64, limit: usize) -> Result<Vec<(i64, u32)>, SqliteError> {
    let sql = "SELECT place, octet_length(notice) FROM notices WHERE due <= ? ORDER BY due, place LIMIT ?";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((now, limit), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Now, by the clock that all processes of the machine share.
fn millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    in_millis(since)
}

/// Rounded up: a lease is no shorter than was asked for.
fn in_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX)
}
