//! Asynchronous stores, and sync stores in asynchronous hosts.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use service_end::storage::{
    AnyAsyncStorage, AnyError, AnyStorage, Immediate, Job, OffThread, OffThreadError,
};
use service_end::{
    AsyncStorage, CompleteError, CompleteService, Completion, MemoryStorage, Outcome, Schemas, ServiceId,
    Storage, StoredService, Timestamp, Validator,
    service::Refusal,
    storage::{Commit, Want},
};

const BODY: &[u8] = br#"{"disposition":10}"#;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

fn on_a_new_thread(job: Job) {
    thread::spawn(job);
}

fn memory() -> MemoryStorage {
    let storage = MemoryStorage::new();
    assert!(storage.insert(StoredService::new(7, 0, "2009-05-12T11:50:00Z".parse().unwrap())));
    storage
}

fn operation<S>(storage: S) -> CompleteService<S> {
    CompleteService::new(Validator::new(Schemas::new()), storage)
}

fn ends_once<S: AsyncStorage>(storage: S) {
    let operation = operation(storage);
    let ended = block_on(operation.end_async(7, BODY, Timestamp::now()));
    assert!(matches!(ended, Ok(Outcome::Ended(_))), "{ended:?}");
    let retried = block_on(operation.end_async(7, BODY, Timestamp::now()));
    assert!(matches!(retried, Ok(Outcome::AlreadySo(_))), "{retried:?}");
    let other = block_on(operation.end_async(7, b"{}", Timestamp::now()));
    assert!(matches!(other, Err(CompleteError::Refused(Refusal::AlreadyEnded { .. }))), "{other:?}");
    let unknown = block_on(operation.end_async(8, BODY, Timestamp::now()));
    assert!(matches!(unknown, Err(CompleteError::Refused(Refusal::NotFound))), "{unknown:?}");
}

#[test]
fn every_adapter_ends_a_service_once() {
    ends_once(Immediate(memory()));
    ends_once(OffThread::new(memory(), on_a_new_thread));
    ends_once(AnyAsyncStorage::new(Immediate(memory())));
    ends_once(AnyAsyncStorage::new(OffThread::new(AnyStorage::new(memory()), on_a_new_thread)));
    ends_once(Arc::new(Immediate(memory())));
    let shared = Immediate(memory());
    ends_once(&shared);
}

#[test]
fn the_future_of_an_operation_can_move_between_threads() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let operation = operation(AnyAsyncStorage::new(Immediate(memory())));
    let future = is_send(operation.end_async(7, BODY, Timestamp::now()));
    let outcome = thread::scope(|scope| scope.spawn(|| block_on(future)).join().unwrap());
    assert!(matches!(outcome, Ok(Outcome::Ended(_))));
}

/// A store that fails whatever is asked, and counts how often.
#[derive(Debug, Default)]
struct Failing {
    commits: AtomicUsize,
}

impl Storage for Failing {
    type Error = io::Error;

    fn load(&self, id: ServiceId, _: Want<'_>) -> Result<Option<StoredService>, io::Error> {
        Ok(Some(StoredService::new(id, 1, Timestamp::MIN)))
    }

    fn commit(&self, _: &Completion) -> Result<Commit, io::Error> {
        self.commits.fetch_add(1, Ordering::Relaxed);
        Err(io::Error::other("the disk is gone"))
    }
}

#[test]
fn a_failed_commit_is_not_tried_again_and_its_error_is_kept() {
    let failing = Arc::new(Failing::default());
    let storage = OffThread::new(Arc::clone(&failing), on_a_new_thread);
    let error = block_on(operation(storage).end_async(7, BODY, Timestamp::now())).unwrap_err();
    let CompleteError::Storage(OffThreadError::Storage(error)) = error else { panic!("{error:?}") };
    assert_eq!(error.to_string(), "the disk is gone");
    assert_eq!(failing.commits.load(Ordering::Relaxed), 1);
}

#[test]
fn any_error_shows_as_the_error_of_the_store() {
    let storage = AnyAsyncStorage::new(Immediate(Failing::default()));
    let Err(CompleteError::Storage(error)) =
        block_on(operation(storage).end_async(7, BODY, Timestamp::now()))
    else {
        panic!("the store fails");
    };
    let error: AnyError = error;
    assert_eq!(error.to_string(), "the disk is gone");
    assert!(error.get().is::<io::Error>());
}

#[test]
fn a_store_in_a_wrapper_shows_what_wraps_it_and_no_service() {
    let off_thread = OffThread::new(Arc::new("a store"), on_a_new_thread);
    assert_eq!(format!("{off_thread:?}"), r#"OffThread { storage: "a store", .. }"#);
    assert_eq!(format!("{:?}", AnyStorage::new(memory())), "AnyStorage");
    assert_eq!(format!("{:?}", AnyAsyncStorage::new(Immediate(memory()))), "AnyAsyncStorage");
}

struct Panicking;

impl Storage for Panicking {
    type Error = io::Error;

    fn load(&self, _: ServiceId, _: Want<'_>) -> Result<Option<StoredService>, io::Error> {
        panic!("on purpose")
    }

    fn commit(&self, _: &Completion) -> Result<Commit, io::Error> {
        panic!("on purpose")
    }
}

#[test]
fn a_job_that_is_never_run_or_that_panics_is_abandoned() {
    let dropped = OffThread::new(memory(), |job: Job| drop(job));
    let lost = block_on(operation(dropped).end_async(7, BODY, Timestamp::now()));
    assert_eq!(lost, Err(CompleteError::Storage(OffThreadError::Abandoned)));

    let storage = OffThread::new(Panicking, |job: Job| {
        thread::spawn(move || std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)).is_ok());
    });
    let lost = block_on(operation(storage).end_async(7, BODY, Timestamp::now()));
    assert!(matches!(lost, Err(CompleteError::Storage(OffThreadError::Abandoned))));
}

#[test]
fn a_call_whose_future_is_dropped_runs_to_its_end() {
    let storage = Arc::new(memory());
    let (sender, jobs) = std::sync::mpsc::channel::<Job>();
    let operation = operation(OffThread::new(Arc::clone(&storage), move |job| sender.send(job).unwrap()));
    {
        let mut future = pin!(operation.end_async(7, BODY, Timestamp::now()));
        let mut context = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut context).is_pending());
        jobs.recv().unwrap()();
        assert!(future.as_mut().poll(&mut context).is_pending(), "the commit waits to be run");
    }
    jobs.recv().unwrap()();
    let Ok(stored) = storage.load(ServiceId(7), Want::All);
    assert!(stored.unwrap().end.is_some());
}

/// What an executor with several threads asks of a future.
fn spawned<F: Future<Output: Send> + Send + 'static>(future: F) -> F::Output {
    thread::spawn(move || block_on(future)).join().unwrap()
}

/// Spawns both calls of the operation over a store. A macro, since a compiler that knows the type asks for more than one
/// that knows its bounds.
macro_rules! spawns {
    ($($storage:expr),+ $(,)?) => {$({
        let operation = Arc::new(operation($storage));
        let event = operation.validator().read(BODY).unwrap();
        let of_body = Arc::clone(&operation);
        assert!(spawned(async move { of_body.end_async(7, BODY, Timestamp::now()).await.is_ok() }));
        assert!(spawned(async move { operation.end_with_async(7, event, Timestamp::now()).await.is_ok() }));
    })+};
}

#[test]
fn the_operation_over_every_adapter_can_be_spawned() {
    let boxed: Box<dyn Fn(Job) + Send + Sync> = Box::new(on_a_new_thread);
    spawns![
        Immediate(memory()),
        OffThread::new(memory(), |job| drop(thread::spawn(job))),
        OffThread::new(memory(), |job: Job| on_a_new_thread(job)),
        OffThread::new(memory(), on_a_new_thread),
        OffThread::new(memory(), on_a_new_thread as fn(Job)),
        OffThread::new(memory(), boxed),
        OffThread::new(Arc::new(memory()), on_a_new_thread),
        OffThread::new(AnyStorage::new(memory()), on_a_new_thread),
        AnyAsyncStorage::new(Immediate(memory())),
        AnyAsyncStorage::new(OffThread::new(memory(), on_a_new_thread)),
        Arc::new(Immediate(memory())),
        Box::new(Immediate(AnyStorage::new(memory()))),
    ];
    // The type can be written down, as the state of a handler needs it.
    let named: CompleteService<OffThread<MemoryStorage>> =
        operation(OffThread::new(memory(), on_a_new_thread));
    assert!(spawned(async move { named.end_async(7, BODY, Timestamp::now()).await.is_ok() }));
}
