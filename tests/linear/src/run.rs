//! Several callers at once, and what each was told.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::answer::Answer;
use crate::call::Call;
use crate::caller::{Caller, Habits};
use crate::readers::Readers;
use crate::store::Store;

/// A call, when it was made, and what came of it.
#[derive(Clone, Debug)]
pub struct Event {
    /// By whom.
    pub caller: usize,
    /// What was asked.
    pub call: Call,
    /// When, on the one clock of all callers.
    pub asked: u64,
    /// When the answer was there.
    pub answered: u64,
    /// What was told; nothing if the outcome is unknown.
    pub answer: Option<Answer>,
}

/// Services of one store, and their callers.
#[derive(Debug)]
pub struct Batch<'r> {
    readers: &'r Readers,
    habits: Habits,
    clock: AtomicU64,
    callers: Vec<Caller>,
    events: Vec<Event>,
}

/// So many calls of unknown outcome about one batch are enough: each may have taken effect at any moment since, and the
/// checker tries them all.
const UNKNOWN: usize = 3;

impl<'r> Batch<'r> {
    /// The services with ids from `first` on, which must be free.
    pub fn new(readers: &'r Readers, habits: Habits, first: i64, seed: u64) -> Self {
        let callers = (0..habits.callers).map(|number| Caller::new(number, &habits, first, seed));
        Batch { readers, habits, clock: AtomicU64::new(0), callers: callers.collect(), events: Vec::new() }
    }

    /// Has the callers make their calls, each by one of these ways to the store.
    pub fn phase(&mut self, ways: &[&dyn Store]) {
        let Batch { readers, habits, clock, callers, events } = self;
        let (readers, habits, clock) = (*readers, *habits, &*clock);
        let together = &Barrier::new(callers.len());
        let tick = || clock.fetch_add(1, Ordering::SeqCst);
        thread::scope(|scope| {
            let ways = ways.iter().cycle();
            let running: Vec<_> = callers
                .iter_mut()
                .zip(ways)
                .enumerate()
                .map(|(number, (caller, way))| {
                    scope.spawn(move || {
                        caller.begin(&habits);
                        let (mut events, mut unknown) = (Vec::with_capacity(habits.calls), 0);
                        together.wait();
                        while events.len() < habits.calls && unknown < UNKNOWN {
                            let call = caller.next(readers, &habits);
                            let asked = tick();
                            let answer = way.call(readers, &call);
                            let answered = tick();
                            caller.learn(&call, answer.as_ref());
                            unknown += usize::from(answer.is_none() && call.writes());
                            events.push(Event { caller: number, call, asked, answered, answer });
                        }
                        events
                    })
                })
                .collect();
            for caller in running {
                events.extend(caller.join().unwrap());
            }
        });
    }

    /// Everything that was asked.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The declarations.
    pub fn readers(&self) -> &'r Readers {
        self.readers
    }
}
