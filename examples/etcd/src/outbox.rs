//! The outbox: notices are put in the transaction of their end, and a worker that takes one claims its service.

use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use etcd_client::{
    Compare, CompareOp, DeleteOptions, GetOptions, KeyValue, PutOptions, Txn, TxnOp, TxnOpResponse,
};
use futures_util::future::try_join_all;
use service_end::service::NoticeOrigin;
use service_end::storage::{AsyncOutbox, Backlog, TakenNotice};
use service_end::{ServiceId, Version};

use crate::nodes::EtcdError;
use crate::storage::EtcdStorage;
use crate::transaction::{at, found, unmark};

/// How many keys are looked at in one transaction to find services that nobody has claimed.
const PAGE: usize = 256;
/// How many services are claimed, confirmed or given back at once.
const TOGETHER: usize = 8;

/// A service that has notices: when the first of them was put, and the key that says so.
struct Due {
    service_id: ServiceId,
    key: String,
    revision: i64,
    /// How often its first notice was given back.
    attempts: u32,
}

impl EtcdStorage {
    /// The same, and from now on it keeps the notice of each end until it was told: see
    /// [`Outbox`](service_end::storage::Outbox). Notices that are there already can be taken without this.
    ///
    /// A request to etcd then holds an end twice, as what is stored and as what is told. So the largest end that it takes
    /// is half as large.
    #[must_use]
    pub fn with_outbox(mut self, origin: impl Into<NoticeOrigin>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// What puts a notice into the outbox, in the transaction of its end. The service is due from now on, unless a notice
    /// of it waits already.
    pub(crate) fn keep(&self, id: ServiceId, Version(version): Version, json: String) -> [TxnOp; 2] {
        let (now, of_service) = (millis(), self.notices(id));
        let none_waits = Compare::create_revision(&*of_service, CompareOp::Equal, 0).with_prefix();
        let due = TxnOp::put(self.due(now, id), "", None);
        [
            TxnOp::txn(Txn::new().when([none_waits]).and_then([due])),
            TxnOp::put(format!("{of_service}{version:020}-{now:016}"), json, None),
        ]
    }

    fn notices(&self, id: ServiceId) -> String {
        self.key(format_args!("outbox/notices/{id}/"))
    }

    fn due(&self, millis: i64, id: ServiceId) -> String {
        self.key(format_args!("outbox/due/{millis:016}/{id}"))
    }

    fn claim(&self, id: ServiceId) -> String {
        self.key(format_args!("outbox/claims/{id}"))
    }

    /// Services that nobody has claimed, those first that have waited longest: somewhat more than are asked for, since
    /// another worker may be about to claim some.
    async fn free(&self, limit: usize) -> Result<Vec<Due>, EtcdError> {
        let (due, claims) = (self.key("outbox/due/"), self.key("outbox/claims/"));
        let end = self.key("outbox/due0");
        let (mut free, mut from) = (Vec::new(), due.clone());
        loop {
            let page =
                GetOptions::new().with_range(&*end).with_limit(i64::try_from(PAGE).unwrap_or(i64::MAX));
            let keys = GetOptions::new().with_prefix().with_keys_only();
            let reads = [TxnOp::get(&*from, Some(page)), TxnOp::get(&*claims, Some(keys))];
            let (answer, _) = self.nodes.send(Txn::new().and_then(reads)).await?;
            let mut found = found(&answer).into_iter();
            let (page, claimed) = (found.next().unwrap_or_default(), found.next().unwrap_or_default());
            let claimed: HashSet<&[u8]> =
                claimed.iter().filter_map(|kv| kv.key().strip_prefix(claims.as_bytes())).collect();
            for kv in &page {
                let due = read_due(&due, kv).ok_or_else(|| damaged(kv))?;
                if !claimed.contains(due.service_id.to_string().as_bytes()) {
                    free.push(due);
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE && free.len() < limit.saturating_mul(2) => {
                    from = format!("{}\0", last.key_str().unwrap_or_default());
                }
                _ => return Ok(free),
            }
        }
    }

    /// Claims a service, and gives its first notice; `None` if another worker was faster.
    async fn claimed(&self, due: &Due, lease: i64) -> Result<Option<TakenNotice>, EtcdError> {
        let (id, mark) = (due.service_id, self.nodes.mark());
        let (claim, notices) = (self.claim(id), self.notices(id));
        let of_claim = TxnOp::get(&*claim, None);
        let first = TxnOp::get(&*notices, Some(GetOptions::new().with_prefix().with_limit(1)));
        let put =
            TxnOp::put(&*claim, format!("{mark}\n{}", due.key), Some(PutOptions::new().with_lease(lease)));
        let txn = Txn::new()
            .when([at(&*claim, 0), at(&*due.key, due.revision)])
            .and_then([put, of_claim.clone(), first.clone()])
            .or_else([of_claim]);
        let (answer, _) = self.nodes.send(txn).await?;
        let mut read = found(&answer).into_iter().map(|kvs| kvs.into_iter().next());
        let claim = read.next().flatten().filter(|kv| unmark(kv).0 == mark);
        let Some(claim) = claim else { return Ok(None) };
        let kv = match read.next() {
            Some(first) => first,
            // An attempt without an answer had claimed it.
            None => {
                found(&self.nodes.send(Txn::new().and_then([first])).await?.0).into_iter().flatten().next()
            }
        };
        let Some(kv) = kv else { return Ok(None) };
        let (version, _) = read_notice(&notices, &kv).ok_or_else(|| damaged(&kv))?;
        let json = kv.value_str().map_err(|_| damaged(&kv))?;
        Ok(Some(TakenNotice::new(id, version, claim.mod_revision(), due.attempts + 1, json)))
    }

    /// Of notices that are held those that still are, each with the key that says since when it is due.
    async fn held<'t>(&self, taken: &'t [TakenNotice]) -> Result<Vec<(&'t TakenNotice, String)>, EtcdError> {
        let mut held = Vec::with_capacity(taken.len());
        for some in taken.chunks(64) {
            let reads: Vec<_> =
                some.iter().map(|taken| TxnOp::get(self.claim(taken.service_id), None)).collect();
            let (answer, _) = self.nodes.send(Txn::new().and_then(reads)).await?;
            let claims = found(&answer).into_iter().map(|kvs| kvs.into_iter().next());
            held.extend(some.iter().zip(claims).filter_map(|(taken, claim)| {
                let claim = claim.filter(|claim| claim.mod_revision() == taken.lease)?;
                Some((taken, unmark(&claim).1.to_owned()))
            }));
        }
        Ok(held)
    }

    /// Changes something if a notice is still held: whether it was.
    async fn while_held(
        &self,
        taken: &TakenNotice,
        further: Option<Compare>,
        writes: Vec<TxnOp>,
        otherwise: Vec<TxnOp>,
    ) -> Result<Result<(), Vec<Vec<KeyValue>>>, EtcdError> {
        let mut when = vec![at(self.claim(taken.service_id), taken.lease)];
        when.extend(further);
        let txn = Txn::new().when(when).and_then(writes).or_else(otherwise);
        match self.nodes.send(txn).await? {
            (answer, _) if answer.succeeded() => Ok(Ok(())),
            // An attempt without an answer may have come through.
            (_, Some(error)) => Err(error),
            (answer, None) => Ok(Err(found(&answer))),
        }
    }

    async fn forget(&self, (taken, due): (&TakenNotice, String)) -> Result<bool, EtcdError> {
        let (id, Version(version)) = (taken.service_id, taken.version);
        let (claim, notices) = (self.claim(id), self.notices(id));
        let this = format!("{notices}{version:020}-");
        let (next, end) =
            (format!("{notices}{version:020}."), self.key(format_args!("outbox/notices/{id}0")));
        let forget = || {
            vec![
                TxnOp::delete(&*this, Some(DeleteOptions::new().with_prefix())),
                TxnOp::delete(&*claim, None),
            ]
        };
        let mut writes = forget();
        writes.push(TxnOp::delete(&*due, None));
        let none_waits = Compare::create_revision(&*next, CompareOp::Equal, 0).with_range(&*end);
        let following = GetOptions::new().with_range(&*end).with_limit(1).with_keys_only();
        let otherwise = vec![TxnOp::get(&*claim, None), TxnOp::get(next, Some(following))];
        let Err(found) = self.while_held(taken, Some(none_waits), writes, otherwise).await? else {
            return Ok(true);
        };
        let mut found = found.into_iter().map(|kvs| kvs.into_iter().next());
        let (found_claim, next) = (found.next().flatten(), found.next().flatten());
        let Some(next) =
            next.filter(|_| found_claim.is_some_and(|claim| claim.mod_revision() == taken.lease))
        else {
            return Ok(false);
        };
        // The next one, which nobody but the holder can take away, is due from when it was put.
        let (_, millis) = read_notice(&notices, &next).ok_or_else(|| damaged(&next))?;
        let mut writes = forget();
        let due_next = self.due(millis, id);
        if due_next != due {
            writes.push(TxnOp::delete(due, None));
        }
        writes.push(TxnOp::put(due_next, "", None));
        Ok(self.while_held(taken, None, writes, Vec::new()).await?.is_ok())
    }

    /// Gives up a claim, at once or when a lease has run out; `attempts` says how often its notice was given back.
    async fn give_back(
        &self,
        (taken, due): (&TakenNotice, String),
        attempts: Option<u32>,
        pause: Option<i64>,
    ) -> Result<bool, EtcdError> {
        let claim = self.claim(taken.service_id);
        let mut writes = vec![match pause {
            // Nobody's claim: it only keeps others away.
            Some(lease) => TxnOp::put(claim, format!("\n{due}"), Some(PutOptions::new().with_lease(lease))),
            None => TxnOp::delete(claim, None),
        }];
        writes.extend(attempts.map(|attempts| TxnOp::put(due, attempts.to_string(), None)));
        Ok(self.while_held(taken, None, writes, Vec::new()).await?.is_ok())
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
        let lease = self.nodes.lease(seconds(lease)).await?;
        let mut free = free.iter();
        while taken.len() < limit && too_many.is_empty() {
            let some: Vec<&Due> = free.by_ref().take(TOGETHER.min(limit - taken.len())).collect();
            if some.is_empty() {
                break;
            }
            let claimed = try_join_all(some.into_iter().map(|due| self.claimed(due, lease))).await?;
            for notice in claimed.into_iter().flatten() {
                bytes += notice.json.len();
                if bytes > TakenNotice::MAX_BYTES && !taken.is_empty() {
                    too_many.push(notice);
                } else {
                    taken.push(notice);
                }
            }
        }
        for held in self.held(&too_many).await? {
            self.give_back(held, None, None).await?;
        }
        Ok(taken)
    }

    async fn confirm(&self, taken: &[TakenNotice]) -> Result<usize, EtcdError> {
        let (mut held, mut confirmed) = (self.held(taken).await?.into_iter(), 0);
        while held.len() > 0 {
            let some = held.by_ref().take(TOGETHER).map(|held| self.forget(held));
            confirmed += try_join_all(some).await?.into_iter().filter(|done| *done).count();
        }
        Ok(confirmed)
    }

    async fn release(&self, taken: &[TakenNotice], pause: Duration) -> Result<usize, EtcdError> {
        let held = self.held(taken).await?;
        if held.is_empty() {
            return Ok(0);
        }
        let pause = if pause.is_zero() { None } else { Some(self.nodes.lease(seconds(pause)).await?) };
        let (mut held, mut released) = (held.into_iter(), 0);
        while held.len() > 0 {
            let some = held.by_ref().take(TOGETHER).map(|held| {
                let attempts = held.0.attempt;
                self.give_back(held, Some(attempts), pause)
            });
            released += try_join_all(some).await?.into_iter().filter(|done| *done).count();
        }
        Ok(released)
    }

    async fn backlog(&self) -> Result<Backlog, EtcdError> {
        let (notices, due) = (self.key("outbox/notices/"), self.key("outbox/due/"));
        let count = TxnOp::get(notices, Some(GetOptions::new().with_prefix().with_count_only()));
        let first = TxnOp::get(&*due, Some(GetOptions::new().with_prefix().with_limit(1)));
        let (answer, _) = self.nodes.send(Txn::new().and_then([count, first])).await?;
        let waiting = match answer.op_responses().first() {
            Some(TxnOpResponse::Get(counted)) => u64::try_from(counted.count()).unwrap_or_default(),
            _ => 0,
        };
        let oldest = found(&answer).into_iter().flatten().next();
        let since = oldest.as_ref().and_then(|kv| {
            let path = kv.key_str().ok()?.strip_prefix(&due)?;
            path.split_once('/')?.0.parse::<i64>().ok()
        });
        let age = |since| Duration::from_millis(u64::try_from(millis() - since).unwrap_or_default());
        Ok(Backlog::new(waiting, since.map(age)))
    }
}

fn read_due(prefix: &str, kv: &KeyValue) -> Option<Due> {
    let key = kv.key_str().ok()?;
    let (_, id) = key.strip_prefix(prefix)?.split_once('/')?;
    let attempts = kv.value_str().ok()?;
    Some(Due {
        service_id: id.parse().ok()?,
        key: key.to_owned(),
        revision: kv.mod_revision(),
        attempts: if attempts.is_empty() { 0 } else { attempts.parse().ok()? },
    })
}

/// The version that a notice was decided on, and when it was put.
fn read_notice(prefix: &str, kv: &KeyValue) -> Option<(i64, i64)> {
    let (version, millis) = kv.key_str().ok()?.strip_prefix(prefix)?.split_once('-')?;
    Some((version.parse().ok()?, millis.parse().ok()?))
}

fn damaged(kv: &KeyValue) -> EtcdError {
    EtcdError::Damaged(String::from_utf8_lossy(kv.key()).into_owned())
}

/// Now, by the clock of this machine. It says only which notices are told first, and how old they are: the order of one
/// service's is that of its versions, and the time of leases is etcd's.
fn millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Rounded up, as etcd's leases are of whole seconds, and at most the longest that it takes.
fn seconds(duration: Duration) -> i64 {
    let whole = duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0));
    i64::try_from(whole).unwrap_or(i64::MAX).clamp(1, 9_000_000_000)
}
