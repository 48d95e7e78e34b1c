use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use etcd_client::{Client, ConnectOptions, Error, KeyValue, KvClient, LeaseClient, Txn, TxnResponse};
use tokio::time::{sleep, timeout};

use crate::transaction::Marks;

/// What can go wrong with the cluster, or with what is stored there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EtcdError {
    /// A request failed, or a node turned it down. If it was a commit, its outcome may be unknown.
    #[error("a request to etcd failed")]
    Etcd(#[from] Error),
    /// No node answered in time. The outcome of a commit is unknown.
    #[error("no node of the etcd cluster answered in time")]
    NoAnswer,
    /// What answered has left something out that was asked for.
    #[error("an answer of the etcd cluster is not complete")]
    Incomplete,
    /// Something else than this store has written there.
    #[error("`{0}` holds what this store never writes")]
    Damaged(String),
}

/// How long one node is waited for.
const ATTEMPT: Duration = Duration::from_secs(2);
/// How long a request is sent again, to one node after the other, before it fails: long enough for a new leader.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(50);

/// The nodes of a cluster. Any of them takes any request: one is kept to for as long as it answers.
pub(crate) struct Nodes {
    clients: Vec<Node>,
    preferred: AtomicUsize,
    pub(crate) marks: Marks,
}

/// What is asked of one node.
struct Node {
    kv: KvClient,
    leases: LeaseClient,
}

/// The answer to a transaction, and why an earlier attempt at it got none: that one may have come through too.
pub(crate) type Answer = (TxnResponse, Option<EtcdError>);

impl Nodes {
    /// Connects when there is something to send, and again whenever a connection is lost. Must be called in a tokio
    /// runtime, which the connections live in.
    pub(crate) async fn connect(endpoints: &[&str]) -> Result<Self, EtcdError> {
        let options = ConnectOptions::new()
            .with_connect_timeout(ATTEMPT / 2)
            .with_keep_alive(Duration::from_secs(10), ATTEMPT)
            // A node that has lost its leader says so at once.
            .with_require_leader(true);
        let mut clients = Vec::with_capacity(endpoints.len());
        for endpoint in endpoints {
            // A client of its own for each node: a client of several goes on asking a dead one in its turn.
            let client = Client::connect([endpoint], Some(options.clone())).await?;
            clients.push(Node {
                kv: client.kv_client().max_decoding_message_size(usize::MAX),
                leases: client.lease_client(),
            });
        }
        Ok(Nodes { clients, preferred: AtomicUsize::new(0), marks: Marks::new() })
    }

    /// Sends a transaction, to the next node if one gives no answer. It may thus be applied more than once, unless
    /// it compares a revision that it changes. Once there was an attempt without an answer, the error is that one's: what
    /// became of it is unknown.
    pub(crate) async fn send(&self, txn: Txn) -> Result<Answer, EtcdError> {
        self.ask(|node| {
            let (mut client, txn) = (node.kv.clone(), txn.clone());
            async move { client.txn(txn).await }
        })
        .await
    }

    /// A lease of so many seconds, or a few more: keys that are put with it are gone when it has run out.
    pub(crate) async fn lease(&self, seconds: i64) -> Result<i64, EtcdError> {
        let granted = self.ask(|node| {
            let mut client = node.leases.clone();
            async move { client.grant(seconds, None).await }
        });
        Ok(granted.await?.0.id())
    }

    async fn ask<T, F: Future<Output = Result<T, Error>>>(
        &self,
        ask: impl Fn(&Node) -> F,
    ) -> Result<(T, Option<EtcdError>), EtcdError> {
        let end = Instant::now() + PATIENCE;
        let mut unanswered = None;
        loop {
            let preferred = self.preferred.load(Ordering::Relaxed);
            let Some(client) = self.clients.get(preferred % self.clients.len().max(1)) else {
                return Err(EtcdError::NoAnswer);
            };
            let error = match timeout(ATTEMPT, ask(client)).await {
                Ok(Ok(response)) => return Ok((response, unanswered)),
                Ok(Err(error)) => EtcdError::Etcd(error),
                Err(_) => EtcdError::NoAnswer,
            };
            if error.is_final() || Instant::now() >= end {
                // What this node says of itself, as that the request is too large for it, says nothing of an attempt
                // that another one may have applied.
                return Err(unanswered.unwrap_or(error));
            }
            unanswered = Some(error);
            // Of many callers that the node has failed, the first moves on for all.
            let next = preferred.wrapping_add(1);
            let _ = self.preferred.compare_exchange(preferred, next, Ordering::Relaxed, Ordering::Relaxed);
            sleep(PAUSE).await;
        }
    }
}

impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} nodes", self.clients.len())
    }
}

impl EtcdError {
    /// A key that does not hold what this store writes.
    pub(crate) fn damaged(kv: &KeyValue) -> Self {
        EtcdError::Damaged(String::from_utf8_lossy(kv.key()).into_owned())
    }

    /// Whether the cluster would say the same again: it answered, and nothing was changed.
    fn is_final(&self) -> bool {
        // Cancelled, unknown, deadline exceeded, aborted, internal, unavailable.
        const NO_ANSWER: [i32; 6] = [1, 2, 4, 10, 13, 14];
        matches!(self, EtcdError::Etcd(Error::GRpcStatus(status)) if !NO_ANSWER.contains(&status.code().into()))
    }

    /// Whether a request is beyond `--max-request-bytes` or `--max-txn-ops`. etcd says it in words only.
    pub(crate) fn is_too_large(&self) -> bool {
        const WORDS: [&str; 3] =
            ["request is too large", "too many operations in txn", "received message larger than max"];
        let EtcdError::Etcd(Error::GRpcStatus(status)) = self else { return false };
        self.is_final() && WORDS.iter().any(|words| status.message().contains(words))
    }
}
