//! What waits in the outbox, counted no more often than the store can bear.
//!
//! To count a million notices takes a database most of a second. So it is counted beside those who ask, for all of them, and
//! meanwhile they are told the count of before. Whoever asks whether the host is up never waits for long, and a store that is
//! silent is not mistaken for one that counts.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use service_end::storage::Backlog;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// How long those who ask wait.
const PATIENCE: Duration = Duration::from_millis(300);
/// For how long the lack of a count is good, and a count at least.
const GOOD: Duration = Duration::from_secs(1);
/// For how long a count is good, in times of what it took. So the store spends no more than a tenth of its time on it. The
/// lack of one took as long as the host was patient, and the store may be back.
const GOOD_TIMES: u32 = 9;

/// The count that all share.
#[derive(Debug, Default)]
pub struct Count {
    state: Mutex<State>,
    done: Notify,
}

#[derive(Debug, Default)]
struct State {
    last: Option<Last>,
    /// Since when it is counted.
    running: Option<Instant>,
}

/// A count that is under way, until it is dropped: it may also panic.
struct Running {
    count: Arc<Count>,
    begun: Instant,
    backlog: Option<Backlog>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let last = Last { ended: Instant::now(), took: self.begun.elapsed(), backlog: self.backlog };
        *self.count.state() = State { last: Some(last), running: None };
        self.count.done.notify_waiters();
    }
}

/// How the count went before.
#[derive(Clone, Copy, Debug)]
struct Last {
    ended: Instant,
    took: Duration,
    backlog: Option<Backlog>,
}

impl Count {
    /// What waits, counted so if it is time to; `None` if that is not known.
    pub async fn ask<F>(self: Arc<Self>, count: impl FnOnce() -> F) -> Option<Backlog>
    where
        F: Future<Output = Option<Backlog>> + Send + 'static,
    {
        let done = self.done.notified();
        let is_mine = {
            let mut state = self.state();
            if let Some(last) = state.last.filter(Last::is_good) {
                return last.backlog;
            }
            let is_mine = state.running.is_none();
            state.running.get_or_insert_with(Instant::now);
            is_mine
        };
        if is_mine {
            let (this, counting) = (Arc::clone(&self), count());
            tokio::spawn(async move {
                let mut running = Running { count: this, begun: Instant::now(), backlog: None };
                running.backlog = counting.await;
            });
        }
        let _ = timeout(PATIENCE, done).await;
        self.state().told()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The last count, unless the one that is running takes much longer than it did: then the store may be silent.
    fn told(&self) -> Option<Backlog> {
        let last = self.last.as_ref()?;
        let in_time = self.running.is_none_or(|since| since.elapsed() < 2 * last.took + PATIENCE / 2);
        last.backlog.filter(|_| in_time)
    }
}

impl Last {
    fn is_good(&self) -> bool {
        let times = self.backlog.map_or(0, |_| GOOD_TIMES);
        self.ended.elapsed() < GOOD.max(self.took * times)
    }
}
