//! What the store promises, against three real nodes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on must panic"
)]
#![allow(unreachable_pub, dead_code, reason = "the cluster is shared with other tests")]

mod chains;
#[path = "../cluster/mod.rs"]
mod cluster;
mod conformance;
mod failures;
mod limits;
mod outbox;
mod schemas;
mod services;
mod versions;

use std::sync::{Arc, Weak};

use service_end::{
    AttributeSchema, CompleteService, ExtensionSchema, Schemas, ServiceId, Timestamp, Validator,
};

use cluster::Cluster;

/// One cluster for all tests that run at a time: the last one kills it.
async fn cluster() -> Arc<Cluster> {
    static SHARED: tokio::sync::Mutex<Weak<Cluster>> = tokio::sync::Mutex::const_new(Weak::new());
    let mut shared = SHARED.lock().await;
    if let Some(cluster) = shared.upgrade() {
        return cluster;
    }
    let cluster = Arc::new(Cluster::start_in_memory().await);
    *shared = Arc::downgrade(&cluster);
    cluster
}

fn timestamp(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn started() -> Timestamp {
    timestamp("2009-05-12T11:50:00.000Z")
}

fn note() -> ExtensionSchema {
    ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string("text")).build().unwrap()
}

fn ratings() -> ExtensionSchema {
    ExtensionSchema::multi_valued("Ratings").attribute(AttributeSchema::long("rating")).build().unwrap()
}

fn schemas(of: impl IntoIterator<Item = ExtensionSchema>) -> Schemas {
    of.into_iter().try_fold(Schemas::new(), |schemas, schema| schemas.with(schema)).unwrap()
}

fn operation<S>(of: impl IntoIterator<Item = ExtensionSchema>, storage: S) -> CompleteService<S> {
    CompleteService::new(Validator::new(schemas(of)), storage)
}

const SERVICE: ServiceId = ServiceId(36_981_723);
