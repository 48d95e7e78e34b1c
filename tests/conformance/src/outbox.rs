use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use service_end::storage::{AsyncOutbox, Backlog, Immediate, Outbox, TakenNotice};

use crate::fault::{Fault, ensure};
use crate::together::pause;

/// Longer than any case takes.
pub(crate) const LONG: Duration = Duration::from_secs(3_600);
/// A lease that has run out soon, however a store rounds it.
pub(crate) const SHORT: Duration = Duration::from_millis(1);
/// How long a notice may need until it can be taken again.
const PATIENCE: Duration = Duration::from_secs(10);

/// The outbox of a store, as a fixture shows it to the suite.
pub struct OutboxUnderTest<'s>(Box<dyn Boxing + 's>);

impl<'s> OutboxUnderTest<'s> {
    /// Of a sync store.
    pub fn new(outbox: impl Outbox + Send + Sync + 's) -> Self {
        OutboxUnderTest(Box::new(Immediate(outbox)))
    }

    /// Of an asynchronous store.
    pub fn new_async(outbox: impl AsyncOutbox + 's) -> Self {
        OutboxUnderTest(Box::new(outbox))
    }
}

impl fmt::Debug for OutboxUnderTest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OutboxUnderTest")
    }
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 'a>>;

/// An outbox with its futures boxed and its errors told. A store that fails is at fault.
trait Boxing: Send + Sync {
    fn take(&self, limit: usize, lease: Duration) -> Boxed<'_, Vec<TakenNotice>>;
    fn confirm<'a>(&'a self, taken: &'a [TakenNotice]) -> Boxed<'a, usize>;
    fn release<'a>(&'a self, taken: &'a [TakenNotice], pause: Duration) -> Boxed<'a, usize>;
    fn backlog(&self) -> Boxed<'_, Backlog>;
}

fn answered<T, E: Error + 'static>(what: &str, answer: Result<T, E>) -> Result<T, Fault> {
    answer.map_err(|error| Fault::error(&format!("an answer to {what}"), &error))
}

impl<O: AsyncOutbox> Boxing for O {
    fn take(&self, limit: usize, lease: Duration) -> Boxed<'_, Vec<TakenNotice>> {
        Box::pin(async move { answered("taking notices", AsyncOutbox::take(self, limit, lease).await) })
    }

    fn confirm<'a>(&'a self, taken: &'a [TakenNotice]) -> Boxed<'a, usize> {
        Box::pin(async move { answered("confirming notices", AsyncOutbox::confirm(self, taken).await) })
    }

    fn release<'a>(&'a self, taken: &'a [TakenNotice], pause: Duration) -> Boxed<'a, usize> {
        Box::pin(
            async move { answered("giving notices back", AsyncOutbox::release(self, taken, pause).await) },
        )
    }

    fn backlog(&self) -> Boxed<'_, Backlog> {
        Box::pin(async move { answered("the question what waits", AsyncOutbox::backlog(self).await) })
    }
}

impl OutboxUnderTest<'_> {
    pub(crate) async fn take(&self, limit: usize, lease: Duration) -> Result<Vec<TakenNotice>, Fault> {
        let taken = self.0.take(limit, lease).await?;
        ensure(taken.len() <= limit, format!("at most {limit} notices"), || taken.len().to_string())?;
        let bytes: usize = taken.iter().map(|taken| taken.json.len()).sum();
        let bounded = taken.len() <= 1 || bytes <= TakenNotice::MAX_BYTES;
        ensure(bounded, format!("at most {} bytes at once", TakenNotice::MAX_BYTES), || bytes.to_string())?;
        Ok(taken)
    }

    /// Takes as soon as something can be taken, unless nothing waits.
    pub(crate) async fn take_in_time(
        &self,
        limit: usize,
        lease: Duration,
    ) -> Result<Vec<TakenNotice>, Fault> {
        let begun = Instant::now();
        loop {
            let taken = self.take(limit, lease).await?;
            if !taken.is_empty() || begun.elapsed() > PATIENCE || self.0.backlog().await?.waiting == 0 {
                return Ok(taken);
            }
            // No runtime is known here that could wait.
            std::thread::sleep(Duration::from_millis(5));
            pause().await;
        }
    }

    /// Confirms, and demands that so many were still held.
    pub(crate) async fn confirms(&self, taken: &[TakenNotice], expected: usize) -> Result<(), Fault> {
        let held = self.0.confirm(taken).await?;
        let of = taken.len();
        ensure(held == expected, format!("{expected} of {of} notices confirmed"), || {
            format!("{held} of them")
        })
    }

    /// Gives back, and demands that so many were still held.
    pub(crate) async fn releases(
        &self,
        taken: &[TakenNotice],
        pause: Duration,
        expected: usize,
    ) -> Result<(), Fault> {
        let held = self.0.release(taken, pause).await?;
        let of = taken.len();
        ensure(held == expected, format!("{expected} of {of} notices given back"), || {
            format!("{held} of them")
        })
    }

    /// Demands that so many notices wait, and that the oldest has an age if there is one.
    pub(crate) async fn waits(&self, expected: u64) -> Result<(), Fault> {
        let Backlog { waiting, oldest, .. } = self.0.backlog().await?;
        ensure(waiting == expected, format!("{expected} notices that wait"), || waiting.to_string())?;
        ensure(oldest.is_some() == (expected > 0), "an age of the oldest where there is one", || {
            format!("{oldest:?} of {waiting}")
        })
    }

    /// How long the oldest notice has waited.
    pub(crate) async fn age(&self) -> Result<Duration, Fault> {
        Ok(self.0.backlog().await?.oldest.unwrap_or_default())
    }
}
