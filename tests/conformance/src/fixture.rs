use std::future::{Future, ready};

use service_end::schema::ExtensionSchema;
use service_end::service::StoredService;
use service_end::storage::{AsyncStorage, Immediate, Storage};

use crate::outbox::OutboxUnderTest;

/// How the suite gets at a sync store. A fixture that can't do what it is asked panics: it is part of a test.
///
/// One store is in use at a time. When [`Fixture::fresh`] is called, the stores given before have been dropped, so a
/// fixture may empty a database and hand it out again.
pub trait Fixture {
    /// The store under test. One that is not [`Sync`] is put behind a lock, with
    /// [`Options::callers`] set to one.
    type Storage: Storage + Send + Sync;

    /// A store without services, and without schemas if it keeps them.
    fn fresh(&mut self) -> Self::Storage;

    /// Puts a service into the store, active or ended, with its extensions. Its id is one that the store does not have
    /// yet. [`StoredService::version`] is not kept: the store gives versions of its own.
    fn insert(&mut self, storage: &Self::Storage, service: StoredService);

    /// Closes a durable store and opens it again, as a host does that starts anew; `None` if it keeps nothing.
    fn reopen(&mut self, storage: Self::Storage) -> Option<Self::Storage>;

    /// One more way to the same services, as another process of the host has it: a second connection, a client of
    /// another node. `None`, the default, if there is no such thing.
    fn another(&mut self, storage: &Self::Storage) -> Option<Self::Storage> {
        let _ = storage;
        None
    }

    /// A store that can't answer: its server is down, its file is gone. `None`, the default, if it can't be had.
    fn failing(&mut self) -> Option<Self::Storage> {
        None
    }

    /// Registers a schema whose name is free, in a store that also keeps the host's schemas. `false`, the default, if
    /// the store keeps none: then the cases about schemas are skipped.
    fn register(&mut self, storage: &Self::Storage, schema: &ExtensionSchema) -> bool {
        let _ = (storage, schema);
        false
    }

    /// Removes the schema of a name that [`Fixture::register`] has registered, as a host does. It is not called if the
    /// store keeps no schemas.
    fn unregister(&mut self, storage: &Self::Storage, name: &str) {
        let _ = (storage, name);
    }

    /// The outbox of a store that keeps the notices of its ends, as
    /// [`Outbox`](service_end::storage::Outbox) has the rules. `None`, the default, if it keeps none: then the cases
    /// about notices are skipped.
    fn outbox<'s>(&self, storage: &'s Self::Storage) -> Option<OutboxUnderTest<'s>> {
        let _ = storage;
        None
    }

    /// What the suite has to know of the store.
    fn options(&self) -> Options {
        Options::new()
    }
}

/// How the suite gets at an asynchronous store: [`Fixture`], with functions that can wait.
///
/// An implementation writes them as `async fn`.
pub trait AsyncFixture {
    /// The store under test.
    type Storage: AsyncStorage;

    /// A store without services, as [`Fixture::fresh`].
    fn fresh(&mut self) -> impl Future<Output = Self::Storage> + Send;

    /// Puts a service into the store, as [`Fixture::insert`].
    fn insert(&mut self, storage: &Self::Storage, service: StoredService) -> impl Future<Output = ()> + Send;

    /// Closes a durable store and opens it again, as [`Fixture::reopen`].
    fn reopen(&mut self, storage: Self::Storage) -> impl Future<Output = Option<Self::Storage>> + Send;

    /// One more way to the same services, as [`Fixture::another`].
    fn another(&mut self, storage: &Self::Storage) -> impl Future<Output = Option<Self::Storage>> + Send {
        let _ = storage;
        ready(None)
    }

    /// A store that can't answer, as [`Fixture::failing`].
    fn failing(&mut self) -> impl Future<Output = Option<Self::Storage>> + Send {
        ready(None)
    }

    /// Registers a schema, as [`Fixture::register`].
    fn register(
        &mut self,
        storage: &Self::Storage,
        schema: &ExtensionSchema,
    ) -> impl Future<Output = bool> + Send {
        let _ = (storage, schema);
        ready(false)
    }

    /// Removes a schema, as [`Fixture::unregister`].
    fn unregister(&mut self, storage: &Self::Storage, name: &str) -> impl Future<Output = ()> + Send {
        let _ = (storage, name);
        ready(())
    }

    /// The outbox of a store, as [`Fixture::outbox`].
    fn outbox<'s>(&self, storage: &'s Self::Storage) -> Option<OutboxUnderTest<'s>> {
        let _ = storage;
        None
    }

    /// What the suite has to know of the store.
    fn options(&self) -> Options {
        Options::new()
    }
}

/// What the suite has to know of a store.
///
/// ```
/// use service_end_conformance::Options;
/// let etcd = Options::new().too_large(4_000_000);
/// let one_connection = Options::new().callers(1);
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Options {
    pub(crate) callers: usize,
    pub(crate) too_large: Option<usize>,
    pub(crate) any_text: bool,
    pub(crate) seed: u64,
    pub(crate) only: Option<&'static str>,
}

impl Options {
    /// Eight callers in a race, no size that is too large, extensions kept as any text, and always the same seed.
    pub const fn new() -> Self {
        Options { callers: 8, too_large: None, any_text: true, seed: 20_090_512, only: None }
    }

    /// How many callers use the store at once: threads for a sync store, futures polled in turns for an
    /// asynchronous one. With fewer than two, the cases that need several are skipped.
    pub const fn callers(mut self, callers: usize) -> Self {
        self.callers = callers;
        self
    }

    /// A size in bytes at which the store can never take the text of one completion, so that it must answer
    /// [`Commit::TooLarge`](service_end::storage::Commit::TooLarge).
    pub const fn too_large(mut self, bytes: usize) -> Self {
        self.too_large = Some(bytes);
        self
    }

    /// The store keeps extensions in columns that hold JSON only, so that a damaged text can't be put in: the case
    /// is skipped.
    pub const fn json_only(mut self) -> Self {
        self.any_text = false;
        self
    }

    /// What the random values and commands are made from.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Only the case of this name is tried, to find out more about it; the report has no other.
    pub const fn only(mut self, case: &'static str) -> Self {
        self.only = Some(case);
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Options::new()
    }
}

/// A sync fixture as an asynchronous one, whose futures are ready at once.
#[derive(Debug)]
pub(crate) struct AtOnce<F>(pub(crate) F);

impl<F: Fixture> AsyncFixture for AtOnce<F> {
    type Storage = Immediate<F::Storage>;

    fn fresh(&mut self) -> impl Future<Output = Self::Storage> + Send {
        ready(Immediate(self.0.fresh()))
    }

    fn insert(&mut self, storage: &Self::Storage, service: StoredService) -> impl Future<Output = ()> + Send {
        self.0.insert(&storage.0, service);
        ready(())
    }

    fn reopen(&mut self, storage: Self::Storage) -> impl Future<Output = Option<Self::Storage>> + Send {
        ready(self.0.reopen(storage.0).map(Immediate))
    }

    fn another(&mut self, storage: &Self::Storage) -> impl Future<Output = Option<Self::Storage>> + Send {
        ready(self.0.another(&storage.0).map(Immediate))
    }

    fn failing(&mut self) -> impl Future<Output = Option<Self::Storage>> + Send {
        ready(self.0.failing().map(Immediate))
    }

    fn register(
        &mut self,
        storage: &Self::Storage,
        schema: &ExtensionSchema,
    ) -> impl Future<Output = bool> + Send {
        ready(self.0.register(&storage.0, schema))
    }

    fn unregister(&mut self, storage: &Self::Storage, name: &str) -> impl Future<Output = ()> + Send {
        self.0.unregister(&storage.0, name);
        ready(())
    }

    fn outbox<'s>(&self, storage: &'s Self::Storage) -> Option<OutboxUnderTest<'s>> {
        self.0.outbox(&storage.0)
    }

    fn options(&self) -> Options {
        self.0.options()
    }
}
