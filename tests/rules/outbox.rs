//! Section 4, S10: the outbox of `MemoryStorage`. A notice is kept with its end, and stays until it was told.

use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use service_end::service::NoticeOrigin;
use service_end::storage::{
    AnyAsyncOutbox, AnyOutbox, AsyncOutbox, Backlog, Immediate, OffThread, Outbox, TakenNotice, Want,
};
use service_end::{
    AttributeSchema, CompleteService, EndPolicy, EndRules, ExtensionSchema, MemoryStorage, Schemas,
    ServiceId, Storage, StoredService, Validator,
};

use crate::async_storage::block_on;
use crate::stage::at;

const SOURCE: &str = "https://crm.example/services";
/// Longer than any test.
const LONG: Duration = Duration::from_secs(3_600);

/// A store with services of these ids, all active.
fn store(ids: impl IntoIterator<Item = i64>) -> MemoryStorage {
    let storage = MemoryStorage::new().with_outbox(SOURCE.parse().unwrap());
    for id in ids {
        assert!(storage.insert(StoredService::new(id, 0, at("2009-05-12T11:50:00Z"))));
    }
    storage
}

fn note() -> ExtensionSchema {
    ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string("text")).build().unwrap()
}

fn operation(storage: &MemoryStorage) -> CompleteService<&MemoryStorage> {
    let validator = Validator::new(Schemas::new().with(note()).unwrap());
    CompleteService::new(validator, storage)
        .with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier))
}

fn end(storage: &MemoryStorage, id: i64, disposition: i64) {
    let body = format!(r#"{{ "disposition": {disposition} }}"#);
    assert!(operation(storage).end(id, body.as_bytes(), at("2009-05-12T12:05:12Z")).is_ok());
}

fn take(storage: &MemoryStorage, limit: usize, lease: Duration) -> Vec<TakenNotice> {
    let Ok(taken) = storage.take(limit, lease);
    taken
}

fn waiting(storage: &MemoryStorage) -> u64 {
    let Ok(backlog) = storage.backlog();
    assert_eq!(backlog.oldest.is_some(), backlog.waiting > 0);
    backlog.waiting
}

/// What notices tell, in their order: the service and its disposition.
fn told(taken: &[TakenNotice]) -> Vec<(i64, i64)> {
    let told = |taken: &TakenNotice| {
        let notice: serde_json::Value = serde_json::from_str(&taken.json).unwrap();
        (taken.service_id.0, notice["data"]["completed"]["disposition"].as_i64().unwrap())
    };
    taken.iter().map(told).collect()
}

/// With a lease that is as short as can be, the first one could be taken again before the second is reached.
#[test]
fn s10_one_call_hands_out_a_notice_once() {
    let storage = store([7, 8]);
    for disposition in 1..3 {
        end(&storage, 7, disposition);
        end(&storage, 8, disposition);
    }
    assert_eq!(told(&take(&storage, 10, Duration::ZERO)), [(7, 1), (8, 1)]);
    assert_eq!(told(&take(&storage, 10, LONG)), [(7, 1), (8, 1)]);
    assert_eq!(take(&storage, 10, LONG), []);
}

#[test]
fn s10_an_end_leaves_its_notice_and_whatever_changes_nothing_leaves_none() {
    let storage = store([7]);
    assert_eq!(take(&storage, 10, LONG), []);
    end(&storage, 7, 1);
    end(&storage, 7, 1); // so already
    assert!(operation(&storage).end(8, b"{}", at("2009-05-12T12:05:12Z")).is_err());
    assert!(operation(&storage).end(7, b"[]", at("2009-05-12T12:05:12Z")).is_err());
    assert!(
        operation(&storage)
            .end(ServiceId(7).at(99), br#"{ "disposition": 2 }"#, at("2009-05-12T12:06:00Z"))
            .is_err()
    );
    assert_eq!(waiting(&storage), 1);
    let taken = take(&storage, 10, LONG);
    assert_eq!(told(&taken), [(7, 1)]);
    let notice: serde_json::Value = serde_json::from_str(&taken[0].json).unwrap();
    assert_eq!(notice["id"], taken[0].id());
    assert_eq!(notice["source"], SOURCE);
    assert_eq!(notice["type"], "service-end.ended");
    assert_eq!(waiting(&storage), 1, "until it is confirmed");
    assert_eq!(storage.confirm(&taken), Ok(1));
    assert_eq!(waiting(&storage), 0);
    assert_eq!(storage.confirm(&taken), Ok(0));
}

#[test]
fn s10_a_store_without_an_outbox_keeps_no_notice() {
    let storage = MemoryStorage::new();
    storage.insert(StoredService::new(7, 0, at("2009-05-12T11:50:00Z")));
    end(&storage, 7, 1);
    assert_eq!(storage.take(10, LONG), Ok(Vec::new()));
    assert_eq!(storage.backlog(), Ok(Backlog::default()));
}

#[test]
fn s10_the_types_are_those_that_the_host_has_set() {
    let origin = NoticeOrigin::new(SOURCE).unwrap();
    let origin = origin.with_types("com.example.ended", "com.example.replaced").unwrap();
    let storage = MemoryStorage::new().with_outbox(origin);
    storage.insert(StoredService::new(7, 0, at("2009-05-12T11:50:00Z")));
    for (disposition, expected) in [(1, "com.example.ended"), (2, "com.example.replaced")] {
        end(&storage, 7, disposition);
        let taken = take(&storage, 10, LONG);
        let notice: serde_json::Value = serde_json::from_str(&taken[0].json).unwrap();
        assert_eq!(notice["type"], expected);
        assert_eq!((storage.confirm(&taken), storage.confirm(&taken)), (Ok(1), Ok(0)));
        assert_eq!(storage.backlog().unwrap().waiting, 0);
    }
}

#[test]
fn s10_what_is_taken_at_once_is_as_long_as_the_limit_and_no_byte_longer() {
    let text = |length: usize| format!(r#"{{ "Note": {{ "text": "{}" }} }}"#, "x".repeat(length));
    let ends = |lengths: [usize; 2]| {
        let storage = store([7, 8]);
        for (id, length) in [7, 8].into_iter().zip(lengths) {
            let body = text(length);
            assert!(operation(&storage).end(id, body.as_bytes(), at("2009-05-12T12:05:12Z")).is_ok());
        }
        take(&storage, 10, LONG).iter().map(|taken| taken.json.len()).collect::<Vec<_>>()
    };
    let beside_the_text = ends([1, 1])[0] - 1;
    let half = TakenNotice::MAX_BYTES / 2;
    let length = half - beside_the_text;
    assert_eq!(ends([length, length]), [half, half]);
    assert_eq!(ends([length, length + 1]), [half]);
    assert_eq!(ends([length + 1, length]), [half + 1]);
}

#[test]
fn s10_what_waits_stays_when_the_store_is_given_an_outbox_once_more() {
    let storage = store([7]);
    end(&storage, 7, 1);
    let origin = NoticeOrigin::new("/elsewhere").unwrap();
    let storage = storage.with_outbox(origin);
    let taken = take(&storage, 10, LONG);
    assert_eq!(told(&taken), [(7, 1)]);
    assert!(taken[0].json.contains(r#""source":"/elsewhere""#));
}

#[test]
fn s10_what_was_never_taken_is_held_by_nobody() {
    let storage = store([7]);
    let version = storage.load(ServiceId(7), Want::Nothing).unwrap().unwrap().version;
    end(&storage, 7, 1);
    let forged = [TakenNotice::new(7, version, 0, 0, "")];
    assert_eq!((storage.confirm(&forged), storage.release(&forged, LONG)), (Ok(0), Ok(0)));
    let taken = take(&storage, 10, LONG);
    assert_eq!((taken.len(), taken[0].version), (1, version), "it waits all the same");
}

#[test]
fn s10_what_is_given_back_is_held_no_longer() {
    let storage = store([7]);
    end(&storage, 7, 1);
    let first = take(&storage, 10, LONG);
    assert_eq!(storage.release(&first, Duration::ZERO), Ok(1));
    assert_eq!((storage.confirm(&first), storage.release(&first, LONG)), (Ok(0), Ok(0)));
    let forged = TakenNotice::new(7, first[0].version, 0, 0, "");
    assert_eq!(storage.confirm(&[forged]), Ok(0));
    let second = take(&storage, 10, LONG);
    assert_eq!((told(&second), second[0].attempt), (vec![(7, 1)], 2));
    assert_eq!((storage.confirm(&first), storage.confirm(&second)), (Ok(0), Ok(1)));
}

#[test]
fn s10_notices_of_one_service_come_one_at_a_time_and_others_do_not_wait_for_it() {
    let storage = store([7, 8]);
    for disposition in 1..=3 {
        end(&storage, 7, disposition);
    }
    end(&storage, 8, 9);
    let first = take(&storage, 10, LONG);
    assert_eq!(told(&first), [(7, 1), (8, 9)]);
    assert_eq!(take(&storage, 10, LONG), []);
    assert_eq!(storage.confirm(&first), Ok(2));
    for next in 2..=3 {
        let taken = take(&storage, 10, LONG);
        assert_eq!(told(&taken), [(7, next)]);
        assert_eq!(taken[0].attempt, 1);
        assert_eq!(take(&storage, 10, LONG), []);
        assert_eq!(storage.confirm(&taken), Ok(1));
    }
    assert_eq!(waiting(&storage), 0);
}

#[test]
fn s10_those_that_have_waited_longest_come_first_and_no_more_than_asked_for() {
    let storage = store(1..=100);
    for id in (1..=100).rev() {
        end(&storage, id, id);
    }
    let (first, second) = (take(&storage, 30, LONG), take(&storage, 1_000, LONG));
    let expected: Vec<_> = (1..=100).rev().map(|id| (id, id)).collect();
    assert_eq!([told(&first), told(&second)].concat(), expected);
    assert_eq!((first.len(), take(&storage, 0, LONG).len()), (30, 0));
}

#[test]
fn s10_what_is_taken_at_once_is_bounded_in_bytes_too() {
    let storage = store(1..=4);
    let text = "x".repeat(3 << 20);
    for id in 1..=4 {
        let body = format!(r#"{{ "disposition": {id}, "Note": {{ "text": "{text}" }} }}"#);
        assert!(operation(&storage).end(id, body.as_bytes(), at("2009-05-12T12:05:12Z")).is_ok());
    }
    // Two of three million bytes fit into eight, and the others can be taken by somebody else.
    let (first, second) = (take(&storage, 10, LONG), take(&storage, 10, LONG));
    assert_eq!((told(&first), told(&second)), (vec![(1, 1), (2, 2)], vec![(3, 3), (4, 4)]));
    assert!(first.iter().chain(&second).all(|taken| taken.attempt == 1));
}

#[test]
fn s10_a_lease_that_has_run_out_makes_it_available_and_the_late_worker_changes_nothing() {
    let storage = store([7]);
    end(&storage, 7, 1);
    end(&storage, 7, 2);
    let late = take(&storage, 10, Duration::ZERO);
    // Nobody has taken it since: it was told, and that is enough.
    let again = take(&storage, 10, Duration::ZERO);
    assert_eq!((&again[0].json, again[0].id()), (&late[0].json, late[0].id()));
    assert_eq!(storage.confirm(&late), Ok(0), "another worker has it now");
    assert_eq!(storage.release(&late, LONG), Ok(0));
    assert_eq!(waiting(&storage), 2);
    assert_eq!(storage.confirm(&again), Ok(1), "its lease has run out, but nobody else has taken it");
    let next = take(&storage, 10, LONG);
    assert_eq!(told(&next), [(7, 2)]);
    assert_eq!(storage.confirm(&late), Ok(0), "a lease of an earlier notice is none of the later one");
    assert_eq!(storage.confirm(&next), Ok(1));
}

#[test]
fn s10_what_is_given_back_waits_for_its_pause_and_counts_the_attempts() {
    let storage = store([7, 8]);
    end(&storage, 7, 1);
    end(&storage, 8, 1);
    for attempt in 1..=3 {
        let taken = take(&storage, 10, LONG);
        assert!(taken.len() == 2 && taken.iter().all(|taken| taken.attempt == attempt));
        assert_eq!(storage.release(&taken, Duration::ZERO), Ok(2));
    }
    let taken = take(&storage, 1, LONG);
    assert_eq!(storage.release(&taken, LONG), Ok(1));
    assert_eq!(told(&take(&storage, 10, LONG)), [(8, 1)]);
    assert_eq!(waiting(&storage), 2);
}

#[test]
fn s10_many_workers_never_hold_the_same_and_tell_all_of_it_in_order() {
    const SERVICES: i64 = 50;
    let storage = store(1..=SERVICES);
    let (all, told_now) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let storage = &storage;
            scope.spawn(move || {
                for disposition in 1..=10 {
                    (1..=SERVICES).filter(|id| id % 4 == thread).for_each(|id| end(storage, id, disposition));
                }
            });
        }
        for _ in 0..4 {
            scope.spawn(|| {
                while told_now.load(Ordering::Relaxed) < 500 {
                    let taken = take(&storage, 7, LONG);
                    all.lock().unwrap().extend(told(&taken));
                    assert_eq!(storage.confirm(&taken), Ok(taken.len()));
                    told_now.fetch_add(taken.len(), Ordering::Relaxed);
                }
            });
        }
    });
    let all = all.into_inner().unwrap();
    for id in 1..=SERVICES {
        let of_service = all.iter().filter(|(told, _)| *told == id).map(|(_, disposition)| *disposition);
        assert!(of_service.eq(1..=10), "service {id}");
    }
}

#[test]
fn every_pointer_and_adapter_hands_on_all_four_calls() {
    fn tried<S: Outbox>(storage: S) {
        let taken = storage.take(1, LONG).unwrap();
        assert_eq!(storage.release(&taken, Duration::ZERO).unwrap(), 1);
        let taken = storage.take(1, LONG).unwrap();
        assert_eq!(storage.backlog().unwrap().waiting, 1);
        assert_eq!(storage.confirm(&taken).unwrap(), 1);
    }
    fn tried_async<S: AsyncOutbox>(storage: S) {
        block_on(async {
            let taken = storage.take(1, LONG).await.unwrap();
            assert_eq!(storage.release(&taken, Duration::ZERO).await.unwrap(), 1);
            let taken = storage.take(1, LONG).await.unwrap();
            assert_eq!(storage.backlog().await.unwrap().waiting, 1);
            assert_eq!(storage.confirm(&taken).await.unwrap(), 1);
            assert_eq!(storage.confirm(&taken).await.unwrap(), 0);
            assert_eq!(storage.backlog().await.unwrap().waiting, 0);
        });
    }
    fn ended() -> MemoryStorage {
        let storage = store([7]);
        end(&storage, 7, 1);
        storage
    }
    let dynamic: Box<dyn Outbox<Error = Infallible>> = Box::new(ended());
    let (borrowed, borrowed_async) = (ended(), Immediate(ended()));
    tried::<&MemoryStorage>(&borrowed);
    tried(Arc::new(ended()));
    tried(dynamic);
    tried(AnyOutbox::new(ended()));
    tried_async(AnyAsyncOutbox::new(Immediate(ended())));
    tried_async(Immediate(ended()));
    tried_async::<&Immediate<_>>(&borrowed_async);
    tried_async(Box::new(Immediate(Arc::new(ended()))));
    tried_async(Arc::new(OffThread::new(ended(), |job| drop(std::thread::spawn(job)))));
}

#[test]
fn what_a_report_prints_by_habit_shows_no_value_of_a_body() {
    let storage = store([7]);
    end(&storage, 7, 424_242);
    let shown = format!("{:?}", take(&storage, 1, LONG));
    assert!(shown.contains("7-1") && !shown.contains("424242"), "{shown}");
}

#[test]
fn an_outbox_that_was_chosen_at_run_time_fails_as_its_store_does() {
    /// A store that is away.
    struct Away;
    impl Outbox for Away {
        type Error = io::Error;

        fn take(&self, _: usize, _: Duration) -> io::Result<Vec<TakenNotice>> {
            Err(io::Error::other("away at take"))
        }

        fn confirm(&self, _: &[TakenNotice]) -> io::Result<usize> {
            Err(io::Error::other("away at confirm"))
        }

        fn release(&self, _: &[TakenNotice], _: Duration) -> io::Result<usize> {
            Err(io::Error::other("away at release"))
        }

        fn backlog(&self) -> io::Result<Backlog> {
            Err(io::Error::other("away at backlog"))
        }
    }
    let expected = ["take", "confirm", "release", "backlog"].map(|call| format!("away at {call}"));
    let outbox = AnyOutbox::new(Away);
    assert_eq!(format!("{outbox:?}"), "AnyOutbox");
    let errors = [
        outbox.take(1, LONG).unwrap_err(),
        outbox.confirm(&[]).unwrap_err(),
        outbox.release(&[], LONG).unwrap_err(),
        outbox.backlog().unwrap_err(),
    ];
    assert_eq!(errors.map(|error| error.to_string()), expected);
    let outbox = AnyAsyncOutbox::new(Immediate(Away));
    assert_eq!(format!("{outbox:?}"), "AnyAsyncOutbox");
    let errors = block_on(async {
        [
            outbox.take(1, LONG).await.unwrap_err(),
            outbox.confirm(&[]).await.unwrap_err(),
            outbox.release(&[], LONG).await.unwrap_err(),
            outbox.backlog().await.unwrap_err(),
        ]
    });
    assert!(errors.iter().all(|error| error.get().is::<io::Error>()));
    assert_eq!(errors.map(|error| error.to_string()), expected);
}
