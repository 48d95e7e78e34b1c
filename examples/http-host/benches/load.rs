//! Completions per second over loopback, compared with the same host that does nothing with a body but parse it to a
//! `serde_json::Value` and answer `204`: the same routes, store, log, limits and connections, and services are started
//! in both. `cargo bench -p http-host --bench load`
//!
//! Both run in a process of their own, and take turns, many short ones, since a shared machine is now slower, now
//! faster. On a machine that does nothing else the requests per second tell all; on one that is shared, the time that
//! host and callers together spend on a processor for each request does: where they share the processors, as here,
//! that is what limits the requests.
//! The callers keep 16 connections busy with one request each.
//! Every completion ends another service, with the event of the original's documentation.
//!
//! What a completion leaves in the store takes memory that is new to the host. In a virtual machine the first use of
//! a page can cost ten times what it costs otherwise, since the machine beneath has to find it first. So memory is
//! used and given back just before each turn.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark that fails says so"
)]

mod process;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Extension, Router, middleware};
use clap::Parser as _;
use http_host::answer::{Failure, panicked, unavailable};
use http_host::host::Host;
use http_host::limits::limited;
use http_host::log::{self, Told, logged};
use http_host::options::Options;
use http_host::serve::serve;
use http_host::start::read_start;
use http_host::store::{Store as _, memory::Memory};
use process::Process;
use service_end::{Problem, Timestamp, problem::ProblemCode};
use tower_http::catch_panic::CatchPanicLayer;

const ROUNDS: usize = 60;
const CONNECTIONS: usize = 16;
const COMPLETIONS: usize = 250;

const SCHEMAS: [&str; 2] = [
    r#"{ "name": "Feedback", "type": "single-valued", "attributes": [
        { "name": "FeedbackType", "type": "string", "length": 32, "mandatory": true },
        { "name": "rating", "type": "integer" },
        { "name": "notes", "type": "string", "length": 255 } ] }"#,
    r#"{ "name": "Satisfaction", "type": "multi-valued", "attributes": [
        { "name": "rating", "type": "integer", "mandatory": true },
        { "name": "pertinence", "type": "integer" },
        { "name": "usefull", "type": "boolean" },
        { "name": "place", "type": "string", "length": 64, "default": "unknown" } ], "unique": ["place"] }"#,
];

const BODY: &str = r#"{
  "timestamp": "2009-05-12T12:05:12.145Z", "interaction_id": "123ABCAADFJ1259ACF", "media_type": 1,
  "resource_id": 5005, "resource_type": 2, "disposition": 10, "disposition_desc": "SUCCESS",
  "Feedback": { "FeedbackType":"survey", "rating":7,
    "notes":"warm welcome at frontdesk, thanks for the nice trip" },
  "Satisfaction": [
    { "rating":2, "pertinence":8, "usefull":true, "place":"Terranova mexico resort" },
    { "rating":8, "pertinence":4, "usefull":false, "place":"Fancy resort Paris" } ]
}"#;

fn main() {
    match std::env::var("PART").as_deref() {
        Ok("only_parse") => return only_parse(),
        Ok("use_memory") => return use_memory(),
        _ => {}
    }
    let mut host =
        Process::start(Command::new(env!("CARGO_BIN_EXE_http-host")).args(["--listen", "127.0.0.1:0"]));
    let mut parser = Process::start(&mut part("only_parse"));
    let mut connection = host.connect();
    for schema in SCHEMAS {
        assert_eq!(connection.ask("/metadata/services/extensions", schema), 201);
    }
    let (mut completed, mut parsed) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        start_services(&host, CONNECTIONS * COMPLETIONS);
        start_services(&parser, CONNECTIONS * COMPLETIONS);
        let first = 1 + round * CONNECTIONS * COMPLETIONS;
        // Who begins changes too.
        if round % 2 == 0 {
            completed.push(host.end(first));
            parsed.push(parser.end(first));
        } else {
            parsed.push(parser.end(first));
            completed.push(host.end(first));
        }
    }
    println!("{ROUNDS} rounds of {} requests over {CONNECTIONS} connections", CONNECTIONS * COMPLETIONS);
    println!(
        "{:<24}{:>12}{:>18}{:>24}",
        "median of rounds", "requests/s", "host's CPU, µs", "host and callers, µs"
    );
    for (what, figures) in [("completes the service", &completed), ("parses to a Value", &parsed)] {
        let [rate, host, all] = median(figures);
        println!("{what:<24}{rate:>12.0}{host:>18.1}{all:>24.1}");
    }
    let ratios: Vec<Figures> = completed
        .iter()
        .zip(&parsed)
        .map(|(completed, parsed)| {
            [completed[0] / parsed[0], parsed[1] / completed[1], parsed[2] / completed[2]]
        })
        .collect();
    let [rate, host, all] = median(&ratios);
    println!("{:<24}{rate:>12.3}{host:>18.3}{all:>24.3}", "ratio (1 is as good)");
}

/// A part of the benchmark in a process of its own.
fn part(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env("PART", name);
    command
}

/// Uses more memory than a turn takes. It is free again when the process ends.
fn use_memory() {
    const BYTES: usize = 64 << 20;
    const PAGE: usize = 4096;
    let mut memory = vec![0_u8; BYTES];
    memory.iter_mut().step_by(PAGE).for_each(|byte| *byte = 1);
    std::hint::black_box(&mut memory);
}

/// Requests per second; the CPU time of the host for each; that of host and callers together. In microseconds.
type Figures = [f64; 3];

/// The host that the other is measured against.
#[tokio::main]
async fn only_parse() {
    let options = Arc::new(Options::parse_from(["only_parse", "--listen", "127.0.0.1:0"]));
    let _written = log::start(options.log);
    let not_asked = async || Failure::from(Problem::new(ProblemCode::ServiceNotFound, "not asked for"));
    let routes = Router::new()
        .route("/metadata/services/extensions", get(not_asked).post(not_asked))
        .route("/metadata/services/extensions/{name}", delete(not_asked))
        .route("/services/start", post(start))
        .route("/services/{id}/end", post(parse))
        .route("/services/{id}", get(not_asked))
        .route("/health", get(not_asked))
        .fallback(not_asked)
        .method_not_allowed_fallback(not_asked)
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(Arc::clone(&options), limited))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(logged))
        .with_state(Arc::new(Host::new(Memory::default(), Arc::clone(&options))));
    serve(routes, &options).await.unwrap();
}

async fn start(State(host): State<Arc<Host<Memory>>>, body: Bytes) -> Result<StatusCode, Failure> {
    let started = read_start(&body)?.unwrap_or_else(Timestamp::now);
    host.store().await?.start(started).await.map_err(unavailable)?;
    Ok(StatusCode::CREATED)
}

async fn parse(Path(_): Path<i64>, body: Bytes) -> Result<(StatusCode, Extension<Told>), Failure> {
    let value: serde_json::Value = serde_json::from_slice(&body)
        .map_err(|error| Problem::new(ProblemCode::Syntax, error.to_string()))?;
    drop(value);
    Ok((StatusCode::NO_CONTENT, Extension(Told { code: "parsed".into(), cause: None })))
}

fn start_services(host: &Process, services: usize) {
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut connection = host.connect();
                for _ in 0..services / 4 {
                    assert_eq!(
                        connection.ask("/services/start", r#"{"timestamp":"2009-05-12T11:50:00Z"}"#),
                        201
                    );
                }
            });
        }
    });
}

fn median(rounds: &[Figures]) -> Figures {
    std::array::from_fn(|figure| {
        let mut figures: Vec<f64> = rounds.iter().map(|round| round[figure]).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    })
}

/// The time that the threads of a process that are alive have been running on a processor.
fn cpu(process: &str) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let nanos = tasks.map(|task| {
        let schedstat = std::fs::read_to_string(task.unwrap().path().join("schedstat")).unwrap_or_default();
        schedstat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
    });
    Duration::from_nanos(nanos.sum())
}

impl Process {
    fn connect(&self) -> Connection {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Connection { stream, answer: vec![0; 4096] }
    }

    /// Ends services in sequence.
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn end(&mut self, first: usize) -> Figures {
        let count = (CONNECTIONS * COMPLETIONS) as f64;
        let id = self.child.id().to_string();
        assert!(part("use_memory").status().unwrap().success());
        let together = Barrier::new(CONNECTIONS + 1);
        let (elapsed, host, callers) = std::thread::scope(|scope| {
            for caller in 0..CONNECTIONS {
                let (mut connection, together) = (self.connect(), &together);
                scope.spawn(move || {
                    together.wait();
                    together.wait();
                    let first = first + caller * COMPLETIONS;
                    for id in first..first + COMPLETIONS {
                        assert_eq!(connection.ask(&format!("/services/{id}/end"), BODY), 204);
                    }
                    together.wait();
                    together.wait();
                });
            }
            together.wait();
            let (begun, host, callers) = (Instant::now(), cpu(&id), cpu("self"));
            together.wait();
            together.wait();
            let elapsed = begun.elapsed();
            let spent = (elapsed, cpu(&id).saturating_sub(host), cpu("self").saturating_sub(callers));
            together.wait();
            spent
        });
        let micros = |time: Duration| time.as_secs_f64() * 1e6 / count;
        [count / elapsed.as_secs_f64(), micros(host), micros(host + callers)]
    }
}

struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    /// Sends a request and gives the status of the answer, which is short and comes in one piece.
    fn ask(&mut self, path: &str, body: &str) -> u16 {
        let length = body.len();
        let request =
            format!("POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {length}\r\n\r\n{body}");
        self.stream.write_all(request.as_bytes()).unwrap();
        let length = self.stream.read(&mut self.answer).unwrap();
        let answer = std::str::from_utf8(&self.answer[..length]).unwrap();
        answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
    }
}
