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
                Ok(Turn::Told) => {
                    in_vain = 0;
                    continue;
                }
                Ok(Turn::Idle) => {
                    in_vain = 0;
                    IDLE
                }
                Ok(Turn::Nobody) => {
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
        let store = self.host.prepared().await.map_err(|error| chain(&error))?;
        let taken = self.take(store).await?;
        if taken.is_empty() {
            return Ok(Turn::Idle);
        }
        let (given_up, taken) = taken.into_iter().partition::<Vec<_>, _>(|notice| self.is_given_up(notice));
        let answers = join_all(taken.iter().map(|notice| self.tell(notice))).await;
        let is_nobody_there = given_up.is_empty() && answers.iter().all(|answer| *answer == Answer::Nobody);
        let (mut told, mut in_vain) = (given_up, BTreeMap::<u32, Vec<TakenNotice>>::new());
        for (notice, answer) in taken.into_iter().zip(answers) {
            if answer == Answer::Taken {
                told.push(notice);
            } else {
                in_vain.entry(notice.attempt).or_default().push(notice);
            }
        }
        // All are tried, whatever comes of the others.
        let mut outcome = store.confirm(&told).await;
        for (attempt, notices) in in_vain {
            outcome = outcome.and(store.release(&notices, self.pause(attempt)).await);
        }
        outcome.map_err(|error| chain(&error))?;
        Ok(match (is_nobody_there, told.is_empty()) {
            (true, _) => Turn::Nobody,
            (false, true) => Turn::Idle,
            (false, false) => Turn::Told,
        })
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

    /// Posts one notice, and logs how it went.
    async fn tell(&self, notice: &TakenNotice) -> Answer {
        let begun = Instant::now();
        let request = self.client.post(self.receiver.clone());
        let request =
            request.header(CONTENT_TYPE, "application/cloudevents+json").body(notice.json.to_string());
        let (id, attempt) = (notice.id(), notice.attempt);
        match request.send().await {
            Ok(answer) if answer.status().is_success() => {
                let status = answer.status().as_u16();
                info!(notice = id, attempt, status, time = ?begun.elapsed(), "delivered");
                self.metrics.delivered();
                Answer::Taken
            }
            Ok(answer) => {
                let status = answer.status().as_u16();
                warn!(notice = id, attempt, status, time = ?begun.elapsed(), "not delivered");
                self.metrics.failed(&format!("status_{status}"));
                Answer::Refused
            }
            Err(error) => {
                let is_nobody_there = error.is_connect();
                // Its address may hold a password.
                let cause = chain(&error.without_url());
                warn!(notice = id, attempt, cause, time = ?begun.elapsed(), "not delivered");
                self.metrics.failed("no_answer");
                if is_nobody_there { Answer::Nobody } else { Answer::Refused }
            }
        }
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
    /// Some of them were told, or given up.
    Told,
    /// There were none, or only such as were refused: their own pauses hold those back, and others may come.
    Idle,
    /// Nobody was there to be told.
    Nobody,
}

/// What came of telling one.
#[derive(PartialEq)]
enum Answer {
    Taken,
    /// Or there was no answer in time.
    Refused,
    /// Nobody takes connections.
    Nobody,
}
