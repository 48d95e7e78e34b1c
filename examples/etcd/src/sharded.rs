use service_end::{
    AsyncStorage, Completion, ServiceId, StoredService,
    storage::{Commit, Want},
};

/// Several stores as one: a service is kept by the one that its id says.
///
/// All that the operation asks of a store is about one service, so nothing is lost by it. The route depends on the id
/// and on the number of stores alone, and that number can't change without services moving. So take more stores than
/// clusters from the beginning (64, each with a prefix of its own, over two clusters): a whole store can then be moved
/// to a further cluster.
///
/// Ids must be unique over all stores: take them from one, as by [`EtcdStorage::new_id`](crate::EtcdStorage::new_id),
/// and insert the service in [`Sharded::store`]. Register and replace a schema in each of [`Sharded::stores`]. Each of
/// them has an outbox of its own, from which workers of its own take.
///
/// ```
/// use service_end::{AsyncStorage, MemoryStorage, ServiceId, StoredService, Timestamp, storage::{Immediate, Want}};
/// use service_end_etcd::Sharded;
/// let sharded = Sharded::new(Immediate(MemoryStorage::new()), [Immediate(MemoryStorage::new())]);
/// let service = StoredService::new(7, 0, Timestamp::now());
/// sharded.store(ServiceId(7)).0.insert(service);
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// assert!(sharded.load(ServiceId(7), Want::All).await?.is_some());
/// # Ok::<(), std::convert::Infallible>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Sharded<S> {
    first: S,
    others: Vec<S>,
}

impl<S> Sharded<S> {
    /// Takes the stores, always in the same order.
    pub fn new(first: S, others: impl IntoIterator<Item = S>) -> Self {
        Sharded { first, others: others.into_iter().collect() }
    }

    /// The store that keeps a service.
    pub fn store(&self, id: ServiceId) -> &S {
        // Hosts number services in sequence or at large steps: the multiplication spreads both.
        let spread = u64::from_ne_bytes(id.0.to_ne_bytes()).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let shards = self.others.len() as u64 + 1;
        let shard = usize::try_from(spread % shards).unwrap_or_default();
        shard.checked_sub(1).and_then(|other| self.others.get(other)).unwrap_or(&self.first)
    }

    /// All stores.
    pub fn stores(&self) -> impl Iterator<Item = &S> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl<S: AsyncStorage> AsyncStorage for Sharded<S> {
    type Error = S::Error;

    async fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, S::Error> {
        self.store(id).load(id, want).await
    }

    async fn commit(&self, completion: &Completion) -> Result<Commit, S::Error> {
        self.store(completion.service_id()).commit(completion).await
    }
}
