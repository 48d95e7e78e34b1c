//! Completing end to end on `MemoryStorage`: next to reading alone, in a small and in a large store, by one thread
//! and by two.
//!
//! A service can end only once, so every call has a service of its own. After its turn, outside of what is
//! measured, a batch of services is taken out of the store and put back as active.

use std::collections::HashSet;
use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

use service_end::{CompleteService, MemoryStorage, ServiceId, StoredService, Timestamp, Validator};

use crate::case::{Case, Dice};
use crate::rounds::Times;

/// How many services are ended in one turn of one thread.
const BATCH: usize = 1_000;

/// What ending a service costs, and what is gained by two threads.
#[derive(Clone, Copy, Debug)]
pub struct EndToEnd {
    /// Completing, in times of reading.
    pub against_reading: f64,
    /// Completing with a million services stored, in times of the same with a thousand.
    pub million_against_thousand: f64,
    /// The throughput of two threads, in times of that of one.
    pub two_threads_against_one: f64,
    /// The same of threads that only read: what the machine can give at the moment.
    pub two_readers_against_one: f64,
}

const READING: usize = 0;
const COMPLETING: usize = 1;
/// In a new thread, like those of the two: what a thread has to itself, like its memory, is new to it.
const BY_ONE_THREAD: usize = 2;
const BY_TWO_THREADS: usize = 3;
const READING_BY_TWO: usize = 4;

/// Completing with the body of a case among a thousand services, in times of reading it.
pub fn against_reading(case: &Case, rounds: usize) -> f64 {
    Store::of(case, BATCH).measure(case, rounds, COMPLETING).ratio(COMPLETING, READING)
}

/// Measures completing with the body of a case.
pub fn measure(case: &Case, rounds: usize) -> EndToEnd {
    // One store after the other, each next to reading. Otherwise the small one would be given memory that was freed
    // all over the large one.
    let few = Store::of(case, BATCH).measure(case, rounds, COMPLETING);
    let many = Store::of(case, 1_000_000).measure(case, rounds, READING_BY_TWO);
    EndToEnd {
        against_reading: few.ratio(COMPLETING, READING),
        million_against_thousand: many.ratio(COMPLETING, READING) / few.ratio(COMPLETING, READING),
        two_threads_against_one: 2.0 * many.ratio(BY_ONE_THREAD, BY_TWO_THREADS),
        two_readers_against_one: 2.0 * many.ratio(READING, READING_BY_TWO),
    }
}

fn read(validator: &Validator, body: &[u8]) -> f64 {
    let start = Instant::now();
    for _ in 0..BATCH {
        drop(black_box(validator.read(black_box(body))));
    }
    start.elapsed().as_secs_f64()
}

struct Store<'c> {
    operation: CompleteService<MemoryStorage>,
    body: &'c [u8],
    services: usize,
    now: Timestamp,
}

impl<'c> Store<'c> {
    fn of(case: &'c Case, services: usize) -> Self {
        let now = "2009-05-12T12:30:00Z".parse().unwrap();
        let operation = CompleteService::new(case.validator.clone(), MemoryStorage::new());
        let store = Store { operation, body: &case.body, services, now };
        (0..services).for_each(|id| store.begin(ServiceId(i64::try_from(id).unwrap())));
        store
    }

    /// Has all up to the last contender take turns.
    fn measure(&self, case: &Case, rounds: usize, last: usize) -> Times {
        let mut dice = Dice::new();
        let mut times = vec![Vec::new(); last + 1];
        for round in 0..rounds {
            for turn in 0..times.len() {
                let contender = (turn + round) % times.len();
                let seconds = match contender {
                    READING => read(&case.validator, &case.body),
                    READING_BY_TWO => std::thread::scope(|scope| {
                        let reader = || read(&case.validator, &case.body);
                        let other = scope.spawn(reader);
                        reader().max(other.join().unwrap())
                    }),
                    BY_TWO_THREADS => self.end_in_threads(&self.some_services(&mut dice, 2)),
                    BY_ONE_THREAD => self.end_in_threads(&self.some_services(&mut dice, 1)),
                    _ => self.end_here(&self.some_services(&mut dice, 1)),
                };
                times[contender].push(seconds);
            }
        }
        Times::of(times)
    }

    fn begin(&self, id: ServiceId) {
        let started = "2009-05-12T11:50:00Z".parse().unwrap();
        assert!(self.operation.storage().insert(StoredService::new(id, 0, started)));
    }

    /// A batch of services for each thread, no service twice, in no order.
    fn some_services(&self, dice: &mut Dice, threads: usize) -> Vec<Vec<ServiceId>> {
        let mut taken = HashSet::new();
        while taken.len() < BATCH.min(self.services) * threads {
            taken.insert(ServiceId(i64::try_from(dice.below(self.services)).unwrap()));
        }
        let mut services: Vec<_> = taken.into_iter().collect();
        dice.shuffle(&mut services);
        services.chunks(BATCH).map(<[_]>::to_vec).collect()
    }

    /// Ends batches of services, each in a thread of its own, and tells the time from the start of all to the end
    /// of the last.
    fn end_in_threads(&self, batches: &[Vec<ServiceId>]) -> f64 {
        let start_together = Barrier::new(batches.len());
        let end = |services: &[ServiceId]| {
            start_together.wait();
            self.end(services)
        };
        let seconds = std::thread::scope(|scope| {
            let threads: Vec<_> = batches.iter().map(|services| scope.spawn(|| end(services))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).fold(0.0, f64::max)
        });
        self.begin_again(batches);
        seconds
    }

    fn end_here(&self, batches: &[Vec<ServiceId>]) -> f64 {
        let seconds = batches.iter().map(|services| self.end(services)).sum();
        self.begin_again(batches);
        seconds
    }

    fn end(&self, services: &[ServiceId]) -> f64 {
        let start = Instant::now();
        for id in services {
            assert!(black_box(self.operation.end(*id, black_box(self.body), self.now)).is_ok());
        }
        start.elapsed().as_secs_f64()
    }

    fn begin_again(&self, batches: &[Vec<ServiceId>]) {
        for id in batches.iter().flatten() {
            assert!(self.operation.storage().remove(*id));
            self.begin(*id);
        }
    }
}
