//! The tests for stores: they pass what is right, in every wrapping, and catch what is wrong by its name.

mod broken;
mod flaw;
mod outbox;
mod plain;

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use flaw::Flaw;
use plain::PlainFixture;
use service_end::storage::{AnyAsyncStorage, AnyStorage, Immediate, Job, OffThread};
use service_end::{AsyncStorage, ExtensionSchema, MemoryStorage, Storage, StoredService};
use service_end_conformance::{
    self as conformance, AsyncFixture, Case, Clause, Fixture, Options, OutboxUnderTest, Report, Verdict,
};

struct Unparks(Thread);

impl Wake for Unparks {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future that may wait for other threads.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unparks(thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

/// [`MemoryStorage`] in some wrapping.
struct Wrapped<W> {
    memory: Arc<MemoryStorage>,
    wrap: W,
}

impl<W> Wrapped<W> {
    fn new(wrap: W) -> Self {
        Wrapped { memory: Arc::default(), wrap }
    }

    fn anew(&mut self) -> Arc<MemoryStorage> {
        self.memory = Arc::new(MemoryStorage::new().with_outbox("/services".parse().unwrap()));
        Arc::clone(&self.memory)
    }
}

impl<S: Storage + Send + Sync, W: Fn(Arc<MemoryStorage>) -> S> Fixture for Wrapped<W> {
    type Storage = S;

    fn fresh(&mut self) -> S {
        let memory = self.anew();
        (self.wrap)(memory)
    }

    fn insert(&mut self, _: &S, service: StoredService) {
        assert!(self.memory.insert(service), "the suite inserts a service once");
    }

    fn reopen(&mut self, _: S) -> Option<S> {
        None
    }

    fn another(&mut self, _: &S) -> Option<S> {
        Some((self.wrap)(Arc::clone(&self.memory)))
    }

    fn register(&mut self, _: &S, schema: &ExtensionSchema) -> bool {
        self.memory.register(schema).expect("the suite registers a name that is free");
        true
    }

    fn unregister(&mut self, _: &S, name: &str) {
        self.memory.unregister(name).expect("the suite removes what it has registered");
    }

    fn outbox<'s>(&self, _: &'s S) -> Option<OutboxUnderTest<'s>> {
        Some(OutboxUnderTest::new(Arc::clone(&self.memory)))
    }
}

/// The same, asynchronous.
struct WrappedAsync<W>(Wrapped<W>);

impl<S: AsyncStorage, W: Fn(Arc<MemoryStorage>) -> S + Send> AsyncFixture for WrappedAsync<W> {
    type Storage = S;

    async fn fresh(&mut self) -> S {
        let memory = self.0.anew();
        (self.0.wrap)(memory)
    }

    async fn insert(&mut self, _: &S, service: StoredService) {
        assert!(self.0.memory.insert(service), "the suite inserts a service once");
    }

    async fn reopen(&mut self, _: S) -> Option<S> {
        None
    }

    async fn another(&mut self, _: &S) -> Option<S> {
        Some((self.0.wrap)(Arc::clone(&self.0.memory)))
    }

    async fn register(&mut self, _: &S, schema: &ExtensionSchema) -> bool {
        self.0.memory.register(schema).expect("the suite registers a name that is free");
        true
    }

    async fn unregister(&mut self, _: &S, name: &str) {
        self.0.memory.unregister(name).expect("the suite removes what it has registered");
    }

    fn outbox<'s>(&self, _: &'s S) -> Option<OutboxUnderTest<'s>> {
        let outbox = OffThread::new(Arc::clone(&self.0.memory), on_a_thread);
        Some(OutboxUnderTest::new_async(outbox))
    }
}

fn check_async<S: AsyncStorage>(wrap: impl Fn(Arc<MemoryStorage>) -> S + Send) -> Report {
    block_on(conformance::check_async(WrappedAsync(Wrapped::new(wrap))))
}

fn on_a_thread(job: Job) {
    thread::spawn(job);
}

#[test]
fn memory_storage_keeps_the_contract() {
    conformance::check(Wrapped::new(|memory| memory)).assert();
}

#[test]
fn a_store_chosen_at_run_time_keeps_the_contract() {
    conformance::check(Wrapped::new(AnyStorage::new)).assert();
}

#[test]
fn a_sync_store_that_never_waits_keeps_the_contract_asynchronously() {
    check_async(Immediate).assert();
}

#[test]
fn a_sync_store_on_other_threads_keeps_the_contract() {
    check_async(|memory| OffThread::new(memory, on_a_thread)).assert();
}

#[test]
fn an_asynchronous_store_chosen_at_run_time_keeps_the_contract() {
    check_async(|memory| AnyAsyncStorage::new(Immediate(memory))).assert();
}

#[test]
fn the_future_of_the_suite_can_be_moved_between_threads() {
    fn movable<T: Send>(future: T) -> T {
        future
    }
    let fixture = WrappedAsync(Wrapped::new(Immediate));
    block_on(movable(conformance::check_async(fixture))).assert();
}

fn report_of_memory(options: Options) -> Report {
    struct Optioned<F>(F, Options);
    impl<F: Fixture> Fixture for Optioned<F> {
        type Storage = F::Storage;
        fn fresh(&mut self) -> F::Storage {
            self.0.fresh()
        }
        fn insert(&mut self, storage: &F::Storage, service: StoredService) {
            self.0.insert(storage, service);
        }
        fn reopen(&mut self, storage: F::Storage) -> Option<F::Storage> {
            self.0.reopen(storage)
        }
        fn options(&self) -> Options {
            self.1
        }
    }
    conformance::check(Optioned(Wrapped::new(|memory| memory), options))
}

#[test]
fn what_a_fixture_can_not_do_is_skipped_with_the_reason() {
    let report = report_of_memory(Options::new().callers(1).json_only());
    report.assert();
    let reason = |name| match report.case(name).unwrap().verdict() {
        Verdict::Skipped { reason } => reason.clone(),
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(
        reason("what_was_committed_is_there_after_reopening"),
        "the fixture does not reopen the store: it is not durable"
    );
    assert_eq!(
        reason("a_commit_is_seen_through_another_handle"),
        "the fixture has no other way to the same services"
    );
    assert_eq!(
        reason("a_removed_schema_changes_nothing"),
        "the fixture registers no schemas: the store keeps none"
    );
    assert_eq!(reason("every_end_leaves_its_notice"), "the fixture shows no outbox: the store keeps none");
    assert_eq!(reason("a_store_that_can_not_answer_says_so"), "the fixture has no store that can't answer");
    assert_eq!(reason("no_update_is_lost"), "the fixture allows only one caller at a time");
    assert_eq!(reason("a_dropped_commit_has_happened_or_not"), "the call of a sync store can't be dropped");
    assert_eq!(
        reason("damaged_text_is_handed_back"),
        "the store keeps extensions in columns that hold JSON only"
    );
}

#[test]
fn only_the_case_asked_for_is_tried() {
    let report = report_of_memory(Options::new().only("records_keep_their_order"));
    assert!(report.is_passed());
    assert!(report.iter().map(Case::name).eq(["records_keep_their_order"]));
}

#[test]
fn a_report_without_cases_is_not_passed() {
    assert!(!report_of_memory(Options::new().only("misspelt")).is_passed());
}

#[test]
fn another_seed_gives_another_suite_that_passes_too() {
    let of_the_outbox = "random_commands_on_the_outbox_do_as_its_model_does";
    for seed in [0, 1, u64::MAX] {
        for case in ["random_commands_do_as_the_model_does", of_the_outbox] {
            let options = Options::new().only(case).seed(seed);
            let report = conformance::check(PlainFixture(Flaw::Nothing, options));
            report.assert();
            assert_eq!(report.seed(), seed);
        }
    }
}

#[test]
fn every_clause_is_proven_by_a_case_and_names_are_unique() {
    use Clause::{S1, S2, S3, S4, S5, S6, S7, S8, S9, S10};
    let report = report_of_memory(Options::new());
    let clauses: BTreeSet<Clause> = report.iter().flat_map(Case::clauses).copied().collect();
    assert!(clauses.into_iter().eq([S1, S2, S3, S4, S5, S6, S7, S8, S9, S10]));
    let names: BTreeSet<&str> = report.iter().map(Case::name).collect();
    assert_eq!(names.len(), report.cases().len());
}
