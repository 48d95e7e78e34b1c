//! The host, in memory and without connections.

use std::sync::{Arc, LazyLock};

use axum::Router;
use clap::Parser as _;
use http_host::host::Host;
use http_host::metrics::Metrics;
use http_host::options::Options;
use http_host::routes::routes;
use http_host::rules::Rules;
use http_host::store::memory::{Memory, open};
use service_end::{EndPolicy, MemoryStorage};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

use super::answer::Answer;
use super::asked::Asked;
use crate::made::Dice;

#[derive(Debug)]
pub struct Served {
    runtime: Runtime,
    host: Arc<Host<Memory>>,
    routes: Router,
}

impl Served {
    pub fn new(options: &Arc<Options>) -> Self {
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        let origin = options.publish.as_ref().and(options.publish_source.clone());
        let host = Arc::new(Host::new(open(origin), Arc::clone(options)));
        let metrics = Arc::new(Metrics::new(options.publish.is_some()));
        let routes = routes(Arc::clone(&host), &metrics, options);
        Served { runtime, host, routes }
    }

    pub fn ask(&self, asked: &Asked) -> Answer {
        self.runtime.block_on(async {
            let answer =
                self.routes.clone().oneshot(asked.request()).await.unwrap_or_else(|never| match never {});
            let (head, body) = answer.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX).await.expect("a whole answer");
            Answer {
                status: head.status.as_u16(),
                headers: head.headers,
                told: head.extensions.get().cloned(),
                body: body.to_vec(),
                is_head: asked.method == "HEAD",
            }
        })
    }

    /// The store, which other hosts may share.
    pub fn storage(&self) -> &MemoryStorage {
        let store = self.runtime.block_on(self.host.store());
        &store.expect("memory never fails").0
    }
}

/// How the host is started.
pub fn options(dice: &mut Dice<'_>) -> Options {
    static TWO: LazyLock<[Options; 2]> = LazyLock::new(|| {
        let publish = ["--publish", "http://localhost", "--publish-source", "https://host.example/services"];
        let words: [&[&str]; 2] = [&[], &publish];
        words.map(|words| Options::parse_from(["http-host"].iter().chain(words)))
    });
    static RULES: LazyLock<Rules> = LazyLock::new(|| {
        Rules::read(concat!(env!("CARGO_MANIFEST_DIR"), "/rules.json")).expect("a file of rules")
    });
    let mut options = TWO[dice.below(2)].clone();
    options.policy = dice.pick(&[EndPolicy::KeepFirst, EndPolicy::ReplaceEarlier]);
    options.open = dice.pick(&["", "*", "nope,Feedback0"]).parse().expect("names");
    options.rules = dice.once_in(3).then(|| RULES.clone());
    // Longer ones are read on a thread of their own, and there is none here.
    options.max_body = dice.pick(&[64 << 10, 64 << 10, 100]);
    options
}
