//! The outbox: notices are put in the transaction of their end, and a worker that takes one claims its service.
//!
//! Each service that has notices has one key that leads to it: one below `due` until its first notice is taken, then one
//! below `again`. Both are in the order in which services can be taken, so what is read does not depend on how much waits.
//! Whether a service can be taken says its claim alone, which goes when its lease has run out.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use etcd_client::{Compare, CompareOp, GetOptions, Txn, TxnOp, TxnOpResponse};
use futures_util::future::try_join_all;
use service_end::service::NoticeOrigin;
use service_end::storage::{AsyncOutbox, Backlog, TakenNotice};
use service_end::{ServiceId, Version};

use crate::claims::Due;
use crate::nodes::EtcdError;
use crate::storage::EtcdStorage;
use crate::transaction::found;

/// How many services are claimed, confirmed or given back at once.
const TOGETHER: usize = 8;
/// How many services are looked at to take some, at most.
const LOOKED_AT: usize = 512;
/// How many claims are looked up in one transaction, which holds 128 operations by default.
pub(crate) const CLAIMS: usize = 64;

impl EtcdStorage {
    /// The same, and from now on it keeps the notice of each end until it was told: see
    /// [`Outbox`](service_end::storage::Outbox). Notices that are there already can be taken without this.
    ///
    /// A request to etcd then holds an end twice, as what is stored and as what is told. So the largest end that it takes
    /// is half as large.
    #[must_use]
    pub fn with_outbox(mut self, origin: NoticeOrigin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// What puts a notice into the outbox, in the transaction of its end. The service is due from now on, unless a notice
    /// of it waits already.
    pub(crate) fn keep(&self, id: ServiceId, Version(version): Version, json: String) -> [TxnOp; 2] {
        let (now, of_service) = (millis(), self.notices(id));
        let none_waits = Compare::create_revision(&*of_service, CompareOp::Equal, 0).with_prefix();
        let due = TxnOp::put(self.leading("due", now, id), "", None);
        [
            TxnOp::txn(Txn::new().when([none_waits]).and_then([due])),
            TxnOp::put(format!("{of_service}{version:020}-{now:016}"), json, None),
        ]
    }

    /// What the keys of a service's notices begin with. They are spread evenly, so that they can be counted part by part:
    /// while etcd counts, nothing can be written.
    pub(crate) fn notices(&self, id: ServiceId) -> String {
        let part = u64::from_ne_bytes(id.0.to_ne_bytes()).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56;
        self.key(format_args!("outbox/notices/{part:02x}/{id}/"))
    }

    /// A key that leads to a service, in an order by time.
    pub(crate) fn leading(&self, order: &str, millis: i64, id: ServiceId) -> String {
        self.key(format_args!("outbox/{order}/{millis:016}/{id}"))
    }

    /// Services that nobody has claimed, those first that have waited longest: somewhat more than are asked for, since
    /// another worker may be about to claim some.
    async fn free(&self, limit: usize) -> Result<Vec<Due>, EtcdError> {
        let most = limit.saturating_mul(2).min(LOOKED_AT);
        let mut free = self.tried_before(most).await?;
        free.extend(self.front(&self.orders.due, None, most).await?);
        free.sort_by_key(|due| due.from);
        Ok(free)
    }

    /// Of the services whose first notice was taken before those that nobody claims any more. They are in the order in which
    /// their claims go, by the clocks of hosts: it is looked little further than the present. Where clocks differ, some may
    /// still be claimed.
    async fn tried_before(&self, most: usize) -> Result<Vec<Due>, EtcdError> {
        let (mut free, mut behind) = (Vec::new(), None);
        for _ in 0..LOOKED_AT / CLAIMS {
            let page = self.front(&self.orders.again, behind, CLAIMS).await?;
            let claimed = self.claims(page.iter().map(|due| due.service_id)).await?;
            let last = page.last().map(|last| (last.key.clone(), last.from));
            let is_full = page.len() == CLAIMS;
            free.extend(
                page.into_iter().zip(claimed).filter_map(|(due, claim)| claim.is_none().then_some(due)),
            );
            match last {
                Some((key, from)) if is_full && free.len() < most && from <= millis() => behind = Some(key),
                _ => break,
            }
        }
        Ok(free)
    }

    /// The first services in an order, or the first behind a key. etcd walks through all keys of a range, however few are
    /// asked for, so a range ends where that was enough before: a million services in one take it a second.
    async fn front(&self, order: &Order, behind: Option<String>, most: usize) -> Result<Vec<Due>, EtcdError> {
        let (prefix, mut reach) =
            (self.key(format_args!("outbox/{}/", order.name)), order.reach.load(Relaxed));
        let from = behind.map_or_else(|| prefix.clone(), |key| format!("{key}\0"));
        let mut step = 1_000;
        loop {
            let is_open = reach == i64::MAX;
            let end = if is_open {
                format!("outbox/{}0", order.name)
            } else {
                format!("outbox/{}/{reach:016}", order.name)
            };
            let range =
                GetOptions::new().with_range(self.key(end)).with_limit(most.try_into().unwrap_or(i64::MAX));
            let (answer, _) = self.nodes.send(Txn::new().and_then([TxnOp::get(&*from, Some(range))])).await?;
            let walked = match answer.op_responses().first() {
                Some(TxnOpResponse::Get(read)) => usize::try_from(read.count()).unwrap_or_default(),
                _ => 0,
            };
            let found = found(&answer).into_iter().flatten();
            let found = found.map(|kv| Due::new(&prefix, &kv)).collect::<Result<Vec<_>, _>>()?;
            match found.last() {
                // Far too far.
                Some(last) if walked > most.saturating_mul(16) => order.reach.store(last.from + 1, Relaxed),
                _ if found.len() < most && !is_open => {
                    reach = if reach > millis() { i64::MAX } else { reach + step };
                    step *= 2;
                    continue;
                }
                _ => order.reach.store(reach, Relaxed),
            }
            return Ok(found);
        }
    }
}

/// Keys that lead to services, in an order by time.
#[derive(Debug)]
pub(crate) struct Order {
    name: &'static str,
    /// How far it was enough to look, in milliseconds since 1970.
    reach: AtomicI64,
}

/// The orders of all services that have notices.
#[derive(Debug)]
pub(crate) struct Orders {
    due: Order,
    again: Order,
    tried: Order,
}

impl Default for Orders {
    fn default() -> Self {
        let [due, again, tried] =
            ["due", "again", "tried"].map(|name| Order { name, reach: AtomicI64::new(i64::MAX) });
        Orders { due, again, tried }
    }
}

impl AsyncOutbox for EtcdStorage {
    type Error = EtcdError;

    async fn take(&self, limit: usize, lease: Duration) -> Result<Vec<TakenNotice>, EtcdError> {
        let (mut taken, mut too_many, mut bytes) = (Vec::new(), Vec::new(), 0);
        let free = if limit == 0 { Vec::new() } else { self.free(limit).await? };
        if free.is_empty() {
            return Ok(taken);
        }
        let seconds = seconds(lease);
        let lease = self.nodes.lease(seconds).await?;
        let until = after(seconds);
        let mut free = free.iter();
        while taken.len() < limit && too_many.is_empty() {
            let some: Vec<&Due> = free.by_ref().take(TOGETHER.min(limit - taken.len())).collect();
            if some.is_empty() {
                break;
            }
            let claimed = try_join_all(some.iter().map(|due| self.claimed(due, lease, until))).await?;
            for (due, notice) in some.into_iter().zip(claimed) {
                let Some(notice) = notice else { continue };
                bytes += notice.json.len();
                if bytes > TakenNotice::MAX_BYTES && !taken.is_empty() {
                    too_many.push((due, notice));
                } else {
                    taken.push(notice);
                }
            }
        }
        for (due, notice) in too_many {
            self.put_back(due, &notice, until).await?;
        }
        Ok(taken)
    }

    async fn confirm(&self, taken: &[TakenNotice]) -> Result<usize, EtcdError> {
        let (mut held, mut confirmed) = (self.held(taken).await?.into_iter(), 0);
        while held.len() > 0 {
            let some = held.by_ref().take(TOGETHER).map(|(taken, claim)| self.forget(taken, claim));
            confirmed += try_join_all(some).await?.into_iter().filter(|done| *done).count();
        }
        Ok(confirmed)
    }

    async fn release(&self, taken: &[TakenNotice], pause: Duration) -> Result<usize, EtcdError> {
        let held = self.held(taken).await?;
        if held.is_empty() {
            return Ok(0);
        }
        let seconds = if pause.is_zero() { 0 } else { seconds(pause) };
        let lease = if seconds == 0 { None } else { Some(self.nodes.lease(seconds).await?) };
        let from = after(seconds);
        let (mut held, mut released) = (held.into_iter(), 0);
        while held.len() > 0 {
            let some =
                held.by_ref().take(TOGETHER).map(|(taken, claim)| self.give_back(taken, claim, lease, from));
            released += try_join_all(some).await?.into_iter().filter(|done| *done).count();
        }
        Ok(released)
    }

    async fn backlog(&self) -> Result<Backlog, EtcdError> {
        let count = GetOptions::new().with_prefix().with_count_only();
        let parts = (0..=u8::MAX).map(|part| {
            TxnOp::get(self.key(format_args!("outbox/notices/{part:02x}/")), Some(count.clone()))
        });
        let mut waiting = 0;
        for some in parts.collect::<Vec<_>>().chunks(16) {
            let (answer, _) = self.nodes.send(Txn::new().and_then(some)).await?;
            for counted in answer.op_responses() {
                if let TxnOpResponse::Get(counted) = counted {
                    waiting += u64::try_from(counted.count()).unwrap_or_default();
                }
            }
        }
        let mut first = self.front(&self.orders.due, None, 1).await?;
        first.extend(self.front(&self.orders.tried, None, 1).await?);
        let age = |since| Duration::from_millis(u64::try_from(millis() - since).unwrap_or_default());
        Ok(Backlog::new(waiting, first.iter().map(|due| due.from).min().map(age)))
    }
}

/// Now, by the clock of this machine. It says only which notices are told first, and how old they are: the order of one
/// service's is that of its versions, and the time of leases is etcd's.
fn millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// So many seconds from now, as far as a key can say it.
fn after(seconds: i64) -> i64 {
    seconds.saturating_mul(1_000).saturating_add(millis()).min(9_999_999_999_999_999)
}

/// Rounded up, as etcd's leases are of whole seconds, and at most the longest that it takes.
fn seconds(duration: Duration) -> i64 {
    let whole = duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0));
    i64::try_from(whole).unwrap_or(i64::MAX).clamp(1, 9_000_000_000)
}
