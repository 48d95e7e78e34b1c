//! What a worker holds: the claim of a service, under a lease of etcd's.

use etcd_client::{Compare, CompareOp, DeleteOptions, GetOptions, KeyValue, PutOptions, Txn, TxnOp};
use service_end::storage::TakenNotice;
use service_end::{ServiceId, Version};

use crate::nodes::EtcdError;
use crate::outbox::CLAIMS;
use crate::storage::EtcdStorage;
use crate::transaction::{at, found, unmark};

/// A service that has notices, and the key that leads to it.
pub(crate) struct Due {
    pub(crate) service_id: ServiceId,
    pub(crate) key: String,
    revision: i64,
    value: String,
    /// From when on its first notice can be taken.
    pub(crate) from: i64,
    taken: Taken,
}

/// What is known of the first notice of a service.
#[derive(Clone, Copy)]
struct Taken {
    /// How often it was taken.
    attempts: u32,
    /// When it was put.
    since: i64,
}

/// What a claim says: the key that leads to its service, and what is known of the notice.
pub(crate) struct Claim {
    from: i64,
    taken: Taken,
}

impl EtcdStorage {
    fn claim(&self, id: ServiceId) -> String {
        self.key(format_args!("outbox/claims/{id}"))
    }

    /// The claims of services, where there are some.
    pub(crate) async fn claims(
        &self,
        ids: impl IntoIterator<Item = ServiceId>,
    ) -> Result<Vec<Option<KeyValue>>, EtcdError> {
        let reads: Vec<_> = ids.into_iter().map(|id| TxnOp::get(self.claim(id), None)).collect();
        if reads.is_empty() {
            return Ok(Vec::new());
        }
        let (answer, _) = self.nodes.send(Txn::new().and_then(reads)).await?;
        Ok(found(&answer).into_iter().map(|kvs| kvs.into_iter().next()).collect())
    }

    /// Claims a service until a lease has run out, and gives its first notice; `None` if another worker was faster.
    pub(crate) async fn claimed(
        &self,
        due: &Due,
        lease: i64,
        until: i64,
    ) -> Result<Option<TakenNotice>, EtcdError> {
        let (id, mark) = (due.service_id, self.nodes.mark());
        let (claim, notices) = (self.claim(id), self.notices(id));
        let of_claim = TxnOp::get(&*claim, None);
        let first = TxnOp::get(&*notices, Some(GetOptions::new().with_prefix().with_limit(1)));
        let taken = Taken { attempts: due.taken.attempts + 1, ..due.taken };
        let value = format!("{mark}\n{}", Claim { from: until, taken }.written());
        let mut writes =
            vec![TxnOp::put(&*claim, value, Some(PutOptions::new().with_lease(lease))), of_claim.clone()];
        writes.push(first.clone());
        writes.extend(self.moved(&due.key, until, id, taken));
        if due.taken.attempts == 0 {
            writes.push(TxnOp::put(self.leading("tried", taken.since, id), "", None));
        }
        let txn = Txn::new()
            .when([at(&*claim, 0), at(&*due.key, due.revision)])
            .and_then(writes)
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
        let (version, _) = read_notice(&notices, &kv).ok_or_else(|| EtcdError::damaged(&kv))?;
        let json = kv.value_str().map_err(|_| EtcdError::damaged(&kv))?;
        Ok(Some(TakenNotice::new(id, version, claim.mod_revision(), taken.attempts, json)))
    }

    /// Has another key lead to a service, in the order of those whose first notice was taken.
    fn moved(&self, key: &str, from: i64, id: ServiceId, taken: Taken) -> Vec<TxnOp> {
        let again = self.leading("again", from, id);
        let mut writes = Vec::new();
        // A transaction must not change a key twice.
        if again != key {
            writes.push(TxnOp::delete(key, None));
        }
        writes.push(TxnOp::put(again, taken.written(), None));
        writes
    }

    /// Of notices that are held those that still are, each with its claim.
    pub(crate) async fn held<'t>(
        &self,
        taken: &'t [TakenNotice],
    ) -> Result<Vec<(&'t TakenNotice, Claim)>, EtcdError> {
        let mut held = Vec::with_capacity(taken.len());
        for some in taken.chunks(CLAIMS) {
            let claims = self.claims(some.iter().map(|taken| taken.service_id)).await?;
            for (taken, claim) in some.iter().zip(claims) {
                if let Some(claim) = claim.filter(|claim| claim.mod_revision() == taken.lease_id) {
                    held.push((taken, Claim::read(&claim).ok_or_else(|| EtcdError::damaged(&claim))?));
                }
            }
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
        let mut when = vec![at(self.claim(taken.service_id), taken.lease_id)];
        when.extend(further);
        let txn = Txn::new().when(when).and_then(writes).or_else(otherwise);
        match self.nodes.send(txn).await? {
            (answer, _) if answer.succeeded() => Ok(Ok(())),
            // An attempt without an answer may have come through.
            (_, Some(error)) => Err(error),
            (answer, None) => Ok(Err(found(&answer))),
        }
    }

    /// Forgets a notice that was told. The next one of the service, if there is one, can be taken then.
    pub(crate) async fn forget(&self, taken: &TakenNotice, held: Claim) -> Result<bool, EtcdError> {
        let (id, Version(version)) = (taken.service_id, taken.version);
        let (claim, notices) = (self.claim(id), self.notices(id));
        let (next, end) = (format!("{notices}{version:020}."), format!("{}0", notices.trim_end_matches('/')));
        let mut writes = vec![
            TxnOp::delete(format!("{notices}{version:020}-"), Some(DeleteOptions::new().with_prefix())),
            TxnOp::delete(&*claim, None),
            TxnOp::delete(self.leading("again", held.from, id), None),
            TxnOp::delete(self.leading("tried", held.taken.since, id), None),
        ];
        let none_waits = Compare::create_revision(&*next, CompareOp::Equal, 0).with_range(&*end);
        let following = GetOptions::new().with_range(&*end).with_limit(1).with_keys_only();
        let otherwise = vec![TxnOp::get(&*claim, None), TxnOp::get(next, Some(following))];
        let Err(found) = self.while_held(taken, Some(none_waits), writes.clone(), otherwise).await? else {
            return Ok(true);
        };
        let mut found = found.into_iter().map(|kvs| kvs.into_iter().next());
        let (found_claim, next) = (found.next().flatten(), found.next().flatten());
        let Some(next) =
            next.filter(|_| found_claim.is_some_and(|claim| claim.mod_revision() == taken.lease_id))
        else {
            return Ok(false);
        };
        // The next one, which nobody but the holder can take away, is due from when it was put.
        let (_, millis) = read_notice(&notices, &next).ok_or_else(|| EtcdError::damaged(&next))?;
        writes.push(TxnOp::put(self.leading("due", millis, id), "", None));
        Ok(self.while_held(taken, None, writes, Vec::new()).await?.is_ok())
    }

    /// Gives up a claim, at once or when a lease has run out.
    pub(crate) async fn give_back(
        &self,
        taken: &TakenNotice,
        held: Claim,
        pause: Option<i64>,
        from: i64,
    ) -> Result<bool, EtcdError> {
        let id = taken.service_id;
        let mut writes = self.moved(&self.leading("again", held.from, id), from, id, held.taken);
        writes.push(match pause {
            // Nobody's claim: it only keeps others away.
            Some(lease) => TxnOp::put(self.claim(id), "\n", Some(PutOptions::new().with_lease(lease))),
            None => TxnOp::delete(self.claim(id), None),
        });
        Ok(self.while_held(taken, None, writes, Vec::new()).await?.is_ok())
    }

    /// As if a notice had not been taken.
    pub(crate) async fn put_back(
        &self,
        due: &Due,
        taken: &TakenNotice,
        until: i64,
    ) -> Result<bool, EtcdError> {
        let id = due.service_id;
        let again = self.leading("again", until, id);
        let mut writes = vec![TxnOp::delete(self.claim(id), None), TxnOp::put(&*due.key, &*due.value, None)];
        if again != due.key {
            writes.push(TxnOp::delete(again, None));
        }
        if due.taken.attempts == 0 {
            writes.push(TxnOp::delete(self.leading("tried", due.taken.since, id), None));
        }
        Ok(self.while_held(taken, None, writes, Vec::new()).await?.is_ok())
    }
}

impl Due {
    /// A service by the key that leads to it, below a prefix.
    pub(crate) fn new(prefix: &str, kv: &KeyValue) -> Result<Self, EtcdError> {
        let read = || {
            let key = kv.key_str().ok()?;
            let (from, id) = key.strip_prefix(prefix)?.split_once('/')?;
            let (from, service_id, value) = (from.parse().ok()?, id.parse().ok()?, kv.value_str().ok()?);
            let taken =
                if value.is_empty() { Taken { attempts: 0, since: from } } else { Taken::read(value)? };
            let (key, revision, value) = (key.to_owned(), kv.mod_revision(), value.to_owned());
            Some(Due { service_id, key, revision, value, from, taken })
        };
        read().ok_or_else(|| EtcdError::damaged(kv))
    }
}

impl Claim {
    fn read(kv: &KeyValue) -> Option<Self> {
        let (from, taken) = unmark(kv).1.split_once(' ')?;
        Some(Claim { from: from.parse().ok()?, taken: Taken::read(taken)? })
    }

    fn written(&self) -> String {
        format!("{} {}", self.from, self.taken.written())
    }
}

impl Taken {
    fn read(value: &str) -> Option<Self> {
        let (attempts, since) = value.split_once(' ')?;
        Some(Taken { attempts: attempts.parse().ok()?, since: since.parse().ok()? })
    }

    fn written(self) -> String {
        format!("{} {}", self.attempts, self.since)
    }
}

/// The version that a notice was decided on, and when it was put.
fn read_notice(prefix: &str, kv: &KeyValue) -> Option<(i64, i64)> {
    let (version, millis) = kv.key_str().ok()?.strip_prefix(prefix)?.split_once('-')?;
    Some((version.parse().ok()?, millis.parse().ok()?))
}
