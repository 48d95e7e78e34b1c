//! Tells a receiver what has ended: takes notices out of the store's outbox and posts each, until the receiver has it.
//!
//! Several workers do so, also those of other hosts on the same store. One that stops first comes to the end of what it is
//! telling. What a host that dies was telling can be taken by another when its lease has run out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Url, redirect::Policy};
use service_end::storage::{AsyncOutbox, TakenNotice};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::answer::chain;
use crate::host::Host;
use crate::metrics::Metrics;
use crate::options::Options;
use crate::store::Store;

const WORKERS: usize = 4;
/// How many notices a worker tells at once.
const TOGETHER: usize = 32;
/// How long a worker waits where nothing waits for it.
const IDLE: Duration = Duration::from_millis(200);
/// The first pause after an attempt in vain. Each one is twice as long as the one before, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Workers that tell the receiver.
#[derive(Debug)]
pub struct Publisher {
    workers: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// What each worker works with.
struct Worker<S> {
    host: Arc<Host<S>>,
    metrics: Arc<Metrics>,
    client: Client,
    receiver: Url,
    options: Arc<Options>,
    stopped: watch::Receiver<bool>,
}

impl Publisher {
    /// Begins to tell the receiver, if the options name one.
    pub fn start<S: Store + AsyncOutbox>(
        host: &Arc<Host<S>>,
        metrics: &Arc<Metrics>,
        options: &Arc<Options>,
    ) -> Result<Self, reqwest::Error> {
        let (stop, stopped) = watch::channel(false);
        let mut workers = JoinSet::new();
        if let Some(receiver) = &options.publish {
            // Where a redirect leads is not where the operator has said.
            let client =
                Client::builder().redirect(Policy::none()).timeout(options.publish_timeout).no_proxy();
            let client = client.build()?;
            for _ in 0..WORKERS {
                let worker = Worker {
                    host: Arc::clone(host),
                    metrics: Arc::clone(metrics),
                    client: client.clone(),
                    receiver: receiver.clone(),
                    options: Arc::clone(options),
                    stopped: stopped.clone(),
                };
                workers.spawn(worker.run());
            }
        }
        Ok(Publisher { workers, stop })
    }

    /// Lets the workers come to the end of what they are telling, within the time of grace.
    pub async fn stop(mut self, grace: Duration) {
        let _ = self.stop.send(true);
        if timeout(grace, async { while self.workers.join_next().await.is_some() {} }).await.is_err() {
            warn!("some notices were not delivered in time, and will be when their leases have run out");
        }
    }
}

impl<S: Store + AsyncOutbox> Worker<S> {
    async fn run(mut self) {
        let mut in_vain = 0;
        while !*self.stopped.borrow() {
            let wait = match self.turn().await {
                Ok(Turn::Idle) => {
                    in_vain = 0;
                    IDLE
                }
                Ok(Turn::Told) => {
                    in_vain = 0;
                    continue;
                }
                Ok(Turn::InVain) => {
                    in_vain += 1;
                    self.pause(in_vain)
                }
                Err(cause) => {
                    in_vain += 1;
                    warn!(cause, "the outbox gave no answer");
                    self.pause(in_vain)
                }
            };
            let _ = timeout(wait, self.stopped.changed()).await;
        }
    }

    /// Takes some notices and tells them all at once.
    async fn turn(&self) -> Result<Turn, String> {
        let store = self.host.store().await.map_err(|_| "the storage is not there".to_owned())?;
        let taken = self.take(store).await?;
        if taken.is_empty() {
            return Ok(Turn::Idle);
        }
        let (given_up, taken) = taken.into_iter().partition::<Vec<_>, _>(|notice| self.is_given_up(notice));
        let answers = join_all(taken.iter().map(|notice| self.tell(notice))).await;
        let (mut told, mut in_vain) = (Vec::new(), BTreeMap::<u32, Vec<TakenNotice>>::new());
        for (notice, is_told) in taken.into_iter().zip(answers) {
            if is_told {
                told.push(notice);
            } else {
                in_vain.entry(notice.attempt).or_default().push(notice);
            }
        }
        let is_in_vain = told.is_empty() && given_up.is_empty();
        told.extend(given_up);
        // Both are tried, whatever comes of the other.
        let confirmed = store.confirm(&told).await.map_err(|error| chain(&error));
        for (attempt, notices) in in_vain {
            let pause = self.pause(attempt);
            store.release(&notices, pause).await.map_err(|error| chain(&error))?;
        }
        confirmed?;
        Ok(if is_in_vain { Turn::InVain } else { Turn::Told })
    }

    /// Whether the operator wants to be rid of a notice.
    fn is_given_up(&self, notice: &TakenNotice) -> bool {
        let (id, attempt) = (notice.id(), notice.attempt);
        let is_given_up = self.options.publish_skip.contains(&id);
        if is_given_up {
            warn!(notice = id, attempt, "given up");
        }
        is_given_up
    }

    /// Takes some notices, with enough of their lease left to tell them.
    async fn take(&self, store: &S) -> Result<Vec<TakenNotice>, String> {
        let patience = self.options.store_timeout;
        // Longer than it takes to take, to tell and to confirm.
        let lease = 2 * (patience + self.options.publish_timeout);
        let begun = Instant::now();
        let taken = timeout(patience, AsyncOutbox::take(store, TOGETHER, lease)).await;
        // The time limit lets through what is there when a host goes on that was stopped meanwhile. Others may hold it by
        // now. What is dropped here is taken again when its lease has run out.
        let in_time = taken.ok().filter(|_| begun.elapsed() <= patience);
        in_time.ok_or("the storage took too long")?.map_err(|error| chain(&error))
    }

    /// Posts one notice, and logs how it went: whether the receiver has it.
    async fn tell(&self, notice: &TakenNotice) -> bool {
        let begun = Instant::now();
        let request = self.client.post(self.receiver.clone());
        let request =
            request.header(CONTENT_TYPE, "application/cloudevents+json").body(notice.json.to_string());
        let (id, attempt) = (notice.id(), notice.attempt);
        let cause = match request.send().await {
            Ok(answer) if answer.status().is_success() => {
                let status = answer.status().as_u16();
                info!(notice = id, attempt, status, time = ?begun.elapsed(), "delivered");
                self.metrics.delivered();
                return true;
            }
            Ok(answer) => {
                let status = answer.status().as_u16();
                warn!(notice = id, attempt, status, time = ?begun.elapsed(), "not delivered");
                format!("status_{status}")
            }
            Err(error) => {
                // Its address may hold a password.
                let cause = chain(&error.without_url());
                warn!(notice = id, attempt, cause, time = ?begun.elapsed(), "not delivered");
                "no_answer".to_owned()
            }
        };
        self.metrics.failed(&cause);
        false
    }

    /// How long to wait after so many attempts in vain. Not always the same, so that hosts which have failed together don't
    /// come back together.
    fn pause(&self, attempts: u32) -> Duration {
        let doubled = FIRST_PAUSE.saturating_mul(1 << attempts.saturating_sub(1).min(20));
        doubled.min(self.options.publish_pause).mul_f64(0.5 + fastrand::f64() / 2.0)
    }
}

/// What came of taking some notices.
enum Turn {
    /// There were none.
    Idle,
    /// Some of them were told.
    Told,
    InVain,
}
