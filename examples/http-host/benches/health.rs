//! How long `/health` takes while four callers send one costly body after another: the worst that are known
//! (`benches/src/worst.rs` in the root of the repository), each for a second, to a host of its own that has the schemas
//! for it and the limits that it has by itself: `cargo bench -p http-host --bench health [PART OF A NAME]`
//!
//! The callers share the machine with the host, so on two processors the host has one and a half of them at most.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark that fails says so"
)]

mod process;

use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use process::Process;
use reqwest::Client;
use service_end::Validator;
use service_end_benches::costs::Question;
use service_end_benches::worst;

const CALLERS: usize = 4;
const TIME: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(5);

fn main() {
    let part = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    println!("{:<60}{:>10}{:>10}{:>10}", "milliseconds of /health", "bodies/s", "median", "longest");
    let mut longest = 0.0_f64;
    for worst in worst::ALL.iter().filter(|worst| worst.name.contains(&part)) {
        let question = worst.question();
        let schemas = question.validator.schemas().into_iter().map(|schema| schema.to_json().len());
        if schemas.chain([question.body.len()]).all(|bytes| bytes <= Validator::DEFAULT_MAX_BODY_BYTES) {
            let (bodies, median, most) = measure(&question);
            println!("{:<60}{bodies:>10}{median:>10.1}{most:>10.1}", worst.name);
            longest = longest.max(most);
        } else {
            println!("{:<60}{:>30}", worst.name, "refused by its length");
        }
    }
    println!("the longest of all: {longest:.1}");
}

/// How many bodies were answered in a second, and how long `/health` took meanwhile: the median and the longest.
fn measure(question: &Question) -> (usize, f64, f64) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_http-host"));
    let host = Process::start(command.args(["--listen", "127.0.0.1:0", "--log", "off"]));
    block_on(async {
        let client = Client::new();
        for schema in question.validator.schemas() {
            assert_eq!(
                host.post(&client, "/metadata/services/extensions", schema.to_json().into()).await,
                201
            );
        }
        for _ in 0..CALLERS {
            let start = r#"{"timestamp":"2009-05-12T11:50:00Z"}"#;
            assert_eq!(host.post(&client, "/services/start", start.into()).await, 201);
        }
    });
    let (done, bodies) = (AtomicBool::new(false), AtomicUsize::new(0));
    let body: Bytes = question.body.clone().into();
    let mut took = thread::scope(|scope| {
        for id in 1..=CALLERS {
            let (host, done, bodies, body) = (&host, &done, &bodies, &body);
            scope.spawn(move || {
                block_on(async {
                    let client = Client::new();
                    while !done.load(Ordering::Relaxed) {
                        host.post(&client, &format!("/services/{id}/end"), body.clone()).await;
                        bodies.fetch_add(1, Ordering::Relaxed);
                    }
                });
            });
        }
        let took = block_on(host.ask_for_health());
        done.store(true, Ordering::Relaxed);
        took
    });
    took.sort();
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    (bodies.into_inner(), millis(took[took.len() / 2]), millis(took[took.len() - 1]))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

impl Process {
    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sends a request, waits for the whole answer, and gives its status.
    async fn post(&self, client: &Client, path: &str, body: Bytes) -> u16 {
        let answer = client.post(self.url(path)).body(body).send().await.unwrap();
        let status = answer.status().as_u16();
        answer.bytes().await.unwrap();
        status
    }

    /// Asks for [`TIME`], and gives how long each answer took.
    async fn ask_for_health(&self) -> Vec<Duration> {
        let (client, begun, mut took) = (Client::new(), Instant::now(), Vec::new());
        while begun.elapsed() < TIME {
            let asked = Instant::now();
            let answer = client.get(self.url("/health")).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            answer.bytes().await.unwrap();
            took.push(asked.elapsed());
            tokio::time::sleep(PAUSE).await;
        }
        took
    }
}
