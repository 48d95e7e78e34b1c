//! Figures for those who run the host, in the text form of Prometheus.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use service_end::storage::Backlog;

use crate::log::Told;

/// The path of the requests that end services.
pub const END: &str = "/services/{id}/end";

/// What the figures are written as.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Counted by one label.
type Counted = Family<[(&'static str, String); 1], Counter>;

/// A number that may be not known.
type Measured = Gauge<f64, AtomicU64>;

/// What the host counts, from its start on.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    ends: Counted,
    refusals: Counted,
    seconds: Histogram,
    delivered: Counter,
    failed: Counted,
    up: Gauge,
    waiting: Measured,
    oldest: Measured,
}

impl Metrics {
    /// Nothing is counted yet. A host that does not publish has no figures of an outbox.
    pub fn new(publishes: bool) -> Self {
        let metrics = Metrics {
            registry: Registry::with_prefix("service_end"),
            ends: Counted::default(),
            refusals: Counted::default(),
            // From half a millisecond to 8 seconds.
            seconds: Histogram::new(exponential_buckets(0.0005, 2.0, 15)),
            delivered: Counter::default(),
            failed: Counted::default(),
            up: Gauge::default(),
            waiting: Measured::default(),
            oldest: Measured::default(),
        };
        metrics.registered(publishes)
    }

    fn registered(mut self, publishes: bool) -> Self {
        let registry = &mut self.registry;
        registry.register("ends", "Ends by what came of them", self.ends.clone());
        registry.register("refusals", "Ends that were refused or failed, by code", self.refusals.clone());
        let (seconds, took) = (Unit::Seconds, "How long an end took to answer");
        registry.register_with_unit("end_duration", took, seconds.clone(), self.seconds.clone());
        let delivered = "Deliveries of notices that the receiver has accepted";
        registry.register("notices_delivered", delivered, self.delivered.clone());
        let failed = "Deliveries of notices that failed, by reason";
        registry.register("notice_delivery_failures", failed, self.failed.clone());
        if publishes {
            let up = "1 if the store tells what waits, 0 if it does not";
            registry.register("outbox_up", up, self.up.clone());
            let waiting = "Notices that are not delivered yet, NaN if that is not known";
            registry.register("outbox_notices", waiting, self.waiting.clone());
            let age = "How long the oldest notice has waited, 0 without one, NaN if that is not known";
            registry.register_with_unit("outbox_oldest_age", age, seconds, self.oldest.clone());
        }
        self
    }

    fn ended(&self, code: &str, has_ended: bool, took: Duration) {
        let (counted, label) = if has_ended { (&self.ends, "outcome") } else { (&self.refusals, "code") };
        counted.get_or_create(&[(label, code.to_owned())]).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    /// A notice was delivered.
    pub fn delivered(&self) {
        self.delivered.inc();
    }

    /// One could not be delivered.
    pub fn failed(&self, reason: &str) {
        self.failed.get_or_create(&[("reason", reason.to_owned())]).inc();
    }

    /// What waits now, if the store has told it. What it told before is no figure of now.
    #[expect(clippy::cast_precision_loss, reason = "a figure to be shown, exact up to 2^53")]
    pub fn waits(&self, backlog: Option<Backlog>) {
        self.up.set(backlog.is_some().into());
        self.waiting.set(backlog.map_or(f64::NAN, |backlog| backlog.waiting as f64));
        self.oldest.set(backlog.map_or(f64::NAN, |backlog| backlog.oldest.unwrap_or_default().as_secs_f64()));
    }

    /// All of it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(error) => unreachable!("text takes any text: {error}"),
        }
    }
}

/// Has a request answered, and counts it if it is one that ends a service.
pub async fn measured(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let ends = request.extensions().get::<MatchedPath>().is_some_and(|path| path.as_str() == END);
    let begun = Instant::now();
    let response = next.run(request).await;
    if ends {
        let code = response.extensions().get().map_or("-", |told: &Told| &*told.code);
        metrics.ended(code, response.status().is_success(), begun.elapsed());
    }
    response
}
