use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Barrier;
use std::task::{Context, Poll, Waker};
use std::thread;

/// What one of several callers does.
pub(crate) type Call<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How several callers use a store at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Together {
    /// Each on a thread of its own: for sync stores, whose calls are done when they return.
    Threads,
    /// As futures that are polled in turns: for asynchronous stores, whose server sees the calls at once.
    Futures,
}

impl Together {
    /// Runs the calls at the same time, and gives their answers in order.
    pub(crate) async fn run<T: Send>(self, calls: Vec<Call<'_, T>>) -> Vec<T> {
        match self {
            Together::Threads => on_threads(calls),
            Together::Futures => Joined { calls: calls.into_iter().map(Joining::Running).collect() }.await,
        }
    }
}

fn on_threads<T: Send>(calls: Vec<Call<'_, T>>) -> Vec<T> {
    // They start at one stroke: starting a thread takes longer than many a race.
    let start = &Barrier::new(calls.len());
    thread::scope(|scope| {
        let start_one = |call| {
            scope.spawn(move || {
                start.wait();
                block_on(call)
            })
        };
        let running: Vec<_> = calls.into_iter().map(start_one).collect();
        let answer = |thread: thread::ScopedJoinHandle<'_, T>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        running.into_iter().map(answer).collect()
    })
}

/// Runs a future over a sync store, which never waits but at a [`pause`].
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::yield_now(),
        }
    }
}

/// Calls that are polled in turns.
struct Joined<'a, T> {
    calls: Vec<Joining<'a, T>>,
}

enum Joining<'a, T> {
    Running(Call<'a, T>),
    Done(T),
    Taken,
}

// Nothing in it is pinned but what stands in boxes.
impl<T> Unpin for Joined<'_, T> {}

impl<T> Future for Joined<'_, T> {
    type Output = Vec<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<T>> {
        let mut waiting = false;
        for call in &mut self.calls {
            if let Joining::Running(running) = call {
                match running.as_mut().poll(context) {
                    Poll::Ready(answer) => *call = Joining::Done(answer),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting {
            return Poll::Pending;
        }
        let done = self.calls.iter_mut().filter_map(|call| match std::mem::replace(call, Joining::Taken) {
            Joining::Done(answer) => Some(answer),
            Joining::Running(_) | Joining::Taken => None,
        });
        Poll::Ready(done.collect())
    }
}

/// Lets the other callers go on.
pub(crate) async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|context| {
        if paused {
            return Poll::Ready(());
        }
        paused = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls a future so many times and then drops it: `None` if it was not done by then.
pub(crate) async fn give_up_after<T>(polls: usize, future: impl Future<Output = T> + Send) -> Option<T> {
    let mut future = Box::pin(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        let polled = future.as_mut().poll(context).map(Some);
        if left == 0 && polled.is_pending() { Poll::Ready(None) } else { polled }
    })
    .await
}
