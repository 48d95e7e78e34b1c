//! Transactions that can be sent again, and what they say.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use etcd_client::{Compare, CompareOp, KeyValue, Txn, TxnOp, TxnOpResponse, TxnResponse};

use crate::nodes::{EtcdError, Nodes};

impl Nodes {
    /// A mark that no other call has.
    pub(crate) fn mark(&self) -> String {
        self.marks.next()
    }

    /// Writes if all comparisons hold: `None`. Otherwise what the reads find, of which the first must be of a key
    /// that is compared, and that is written with the mark.
    pub(crate) async fn write(
        &self,
        mark: &str,
        when: Vec<Compare>,
        writes: Vec<TxnOp>,
        otherwise: Vec<TxnOp>,
    ) -> Result<Option<Vec<Vec<KeyValue>>>, EtcdError> {
        let (answer, unanswered) =
            self.send(Txn::new().when(when).and_then(writes).or_else(otherwise)).await?;
        if answer.succeeded() {
            return Ok(None);
        }
        let found = found(&answer);
        match (found.first().and_then(|kvs| kvs.first()).map(unmark), unanswered) {
            // An attempt that nobody answered had come through.
            (Some((by, _)), _) if by == mark => Ok(None),
            // It may have, and been overwritten since.
            (_, Some(error)) => Err(error),
            (_, None) => Ok(Some(found)),
        }
    }
}

/// The comparison of a key with a revision, 0 if it must be absent.
pub(crate) fn at(key: impl Into<Vec<u8>>, revision: i64) -> Compare {
    Compare::mod_revision(key, CompareOp::Equal, revision)
}

/// What the reads of a transaction found, in their order.
pub(crate) fn found(answer: &TxnResponse) -> Vec<Vec<KeyValue>> {
    let reads = answer.op_responses().into_iter().filter_map(|read| match read {
        TxnOpResponse::Get(mut read) => Some(read.take_kvs()),
        _ => None,
    });
    reads.collect()
}

/// The same of a transaction with so many reads. If one is missing, that is not taken for "nothing is there".
pub(crate) fn all_found<const READS: usize>(
    answer: &TxnResponse,
) -> Result<[Vec<KeyValue>; READS], EtcdError> {
    found(answer).try_into().map_err(|_| EtcdError::Incomplete)
}

/// The mark of a value, and what it holds: nothing if it is empty.
pub(crate) fn unmark(kv: &KeyValue) -> (&str, &str) {
    // A value that this store never writes gives something that is not JSON.
    kv.value_str().ok().and_then(|value| value.split_once('\n')).unwrap_or(("", "?"))
}

/// Makes marks that no other store makes.
#[derive(Debug)]
pub(crate) struct Marks {
    store: u64,
    next: AtomicU64,
}

impl Marks {
    pub(crate) fn new() -> Self {
        Marks { store: random(), next: AtomicU64::new(random()) }
    }

    fn next(&self) -> String {
        format!("{:016x}{:016x}", self.store, self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// The standard library's hashers start from random keys.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
