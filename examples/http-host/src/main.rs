//! Complete Service over HTTP: the original's API in front of any store.
//!
//! Read it from the top: the routes, a function for each, and how the host is put together. All that the crate is
//! asked for is in `host.rs`, all that HTTP needs in `body.rs` and `serve.rs`.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderName, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{delete, get, post};
use axum::{Extension, Router, middleware};
use http_host::answer::{Failure, HostCode, Logged, problem};
use http_host::body::BodyLimits;
use http_host::host::{Host, chain};
use http_host::log::log;
use http_host::options::{Options, USAGE};
use http_host::serve::{ConnectionLimits, serve};
use http_host::store::{self, Store};
use serde_json::json;
use service_end::{
    ExtensionSchema, Outcome, ReadError, Schemas, ServiceEndEvent, ServiceId, Timestamp, Validator,
    problem::ProblemCode, storage::Want,
};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;

/// The original's API.
fn routes<S: Store>(host: Arc<Host<S>>) -> Router {
    Router::new()
        .route("/metadata/services/extensions", get(schemas::<S>).post(register::<S>))
        .route("/metadata/services/extensions/{name}", delete(unregister::<S>))
        .route("/services/start", post(start::<S>))
        .route("/services/{id}/end", post(end::<S>))
        .route("/services/{id}", get(service::<S>))
        .route("/health", get(async || json(&json!({ "status": "ok" }))))
        .fallback(async || Failure::of_host(HostCode::NotFound, "this host knows no such path"))
        .method_not_allowed_fallback(async || {
            Failure::of_host(HostCode::MethodNotAllowed, "the header `Allow` lists the methods of this path")
        })
        .layer(middleware::from_fn(log))
        .with_state(host)
}

type Shared<S> = State<Arc<Host<S>>>;

/// Declares an extension.
async fn register<S: Store>(State(host): Shared<S>, body: Body) -> Result<impl IntoResponse, Failure> {
    let body = host.bodies.read(body).await?;
    let schema = ExtensionSchema::from_json(&body)?;
    host.register(&schema).await?;
    let location = format!("/metadata/services/extensions/{}", schema.name());
    Ok((StatusCode::CREATED, [(LOCATION, location)], json(&json!({ "name": schema.name() }))))
}

/// Lists the schemas, as the store has them now.
async fn schemas<S: Store>(State(host): Shared<S>) -> Result<impl IntoResponse, Failure> {
    Ok(json(&host.schemas(Instant::now()).await?))
}

/// Removes a schema and the extension's records.
async fn unregister<S: Store>(
    State(host): Shared<S>,
    name: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Failure> {
    // What is no UTF-8 names no schema.
    let name = name.map(|Path(name)| name).unwrap_or_default();
    host.unregister(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Starts a service, now or when the body says.
async fn start<S: Store>(State(host): Shared<S>, body: Body) -> Result<impl IntoResponse, Failure> {
    let body = host.bodies.read(body).await?;
    let started = if body.is_empty() { None } else { read_start(&body)? };
    let id = host.start(started.unwrap_or_else(Timestamp::now)).await?;
    Ok((StatusCode::CREATED, [(LOCATION, format!("/services/{id}"))], json(&json!({ "service_id": id }))))
}

/// A start is an event that has a timestamp at most.
fn read_start(body: &[u8]) -> Result<Option<Timestamp>, Failure> {
    let event = Validator::new(Schemas::new()).read(body).map_err(|error| match error {
        ReadError::Invalid(violations) => Failure::from(&ReadError::Invalid(violations.locate(body))),
        other => Failure::from(&other),
    })?;
    let nothing_else = ServiceEndEvent::default();
    if event.service_id().is_some() || event.fields() != nothing_else.fields() {
        return Err(problem(ProblemCode::InvalidEvent, "a start takes a `timestamp` and no other field"));
    }
    Ok(event.timestamp())
}

/// Ends a service: the operation that all of this is about.
async fn end<S: Store>(
    State(host): Shared<S>,
    id: Result<Path<PathId>, PathRejection>,
    body: Body,
) -> Result<(StatusCode, Extension<Logged>), Failure> {
    let id = service_id(id)?;
    let body = host.bodies.read(body).await?;
    let outcome = match host.end(id, &body).await? {
        // A host that has something to tell others of an end does so here, once for each service.
        Outcome::Ended(_) => "ended",
        Outcome::Replaced(_) => "replaced",
        // The caller had no answer the first time. Nothing has changed.
        Outcome::AlreadySo(_) => "already_so",
    };
    Ok((StatusCode::NO_CONTENT, Logged::outcome(outcome)))
}

/// Shows a service. Of its extensions those of `?extensions=Feedback,Satisfaction`, in any case, or all with `*`;
/// a name that is not known stands for nothing, as one without records does.
async fn service<S: Store>(
    State(host): Shared<S>,
    id: Result<Path<PathId>, PathRejection>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<impl IntoResponse, Failure> {
    let id = service_id(id)?;
    let lists = query.iter().filter(|(name, _)| name == "extensions");
    let names: Vec<String> =
        lists.flat_map(|(_, list)| list.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect();
    let keys: Vec<&str> = names.iter().map(String::as_str).collect();
    let want = if keys.contains(&"*") { Want::All } else { Want::Named(&keys) };
    let service = host.service(id, want).await?;
    Ok(json(&service))
}

/// The id in a path: a whole number as it is written, without `+` and zeros in front.
struct PathId(ServiceId);

impl<'de> serde::Deserialize<'de> for PathId {
    fn deserialize<D: serde::Deserializer<'de>>(path: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(path)?;
        let digits = text.strip_prefix('-').unwrap_or(text);
        let canonical = digits.starts_with(|first| ('1'..='9').contains(&first)) || text == "0";
        let id = text.parse().ok().filter(|_| canonical);
        id.map(PathId).ok_or_else(|| serde::de::Error::custom("no service id"))
    }
}

fn service_id(id: Result<Path<PathId>, PathRejection>) -> Result<ServiceId, Failure> {
    id.map(|Path(PathId(id))| id).map_err(|_| {
        Failure::of_host(
            HostCode::InvalidServiceId,
            "a service id is a whole number from -9223372036854775808 to 9223372036854775807, without `+` and leading \
             zeros",
        )
    })
}

fn json(document: &impl serde::Serialize) -> ([(HeaderName, &'static str); 1], Bytes) {
    let json = serde_json::to_vec(document).unwrap_or_default();
    ([(CONTENT_TYPE, "application/json")], json.into())
}

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--help" || argument == "-h") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("http-host: {message}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let level = std::env::var("LOG").ok().and_then(|level| level.parse().ok());
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(level.unwrap_or(tracing::level_filters::LevelFilter::INFO))
        .with_target(false)
        .init();
    let ended = match &*options.storage {
        #[cfg(feature = "memory")]
        "memory" => run(&options, store::Memory::default()).await,
        #[cfg(feature = "sqlite")]
        "sqlite" => match store::Sqlite::open(&options.place) {
            Ok(store) => run(&options, store).await,
            Err(error) => Err(format!("can't open `{}`: {}", options.place, chain(&error))),
        },
        #[cfg(feature = "postgres")]
        "postgres" => match store::Postgres::new(&options.place) {
            Ok(store) => run(&options, store).await,
            Err(error) => Err(format!("the URL of the database can't be read: {}", chain(&error))),
        },
        #[cfg(feature = "etcd")]
        "etcd" => {
            let nodes: Vec<&str> = options.place.split(',').collect();
            match store::Etcd::connect(&nodes, "service-end/").await {
                Ok(store) => run(&options, store).await,
                Err(error) => Err(format!("the URLs of the nodes can't be read: {}", chain(&error))),
            }
        }
        other if ["memory", "sqlite", "postgres", "etcd"].contains(&other) => {
            Err(format!("this build has no storage `{other}`: build it with `--features {other}`"))
        }
        other => {
            Err(format!("the storage `{other}` is not known; known are memory, sqlite, postgres and etcd"))
        }
    };
    ended.map_or_else(
        |message| {
            eprintln!("http-host: {message}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

/// Serves from a store until the host is told to stop.
async fn run<S: Store>(options: &Options, store: S) -> Result<(), String> {
    let bodies = BodyLimits { bytes: options.max_body, pause: options.read_timeout };
    let connections = ConnectionLimits {
        connections: options.max_connections,
        patience: options.read_timeout,
        grace: options.grace,
    };
    let host = Arc::new(Host::new(store, bodies, options.policy, options.store_timeout));
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let listener = TcpListener::bind(&options.listen).await;
    let listener = listener.map_err(|error| format!("can't listen on {}: {error}", options.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    // Nobody may be reading.
    let _ = writeln!(std::io::stdout(), "listening on http://{address}");
    let stop = async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    };
    serve(listener, routes(host), connections, stop).await;
    Ok(())
}
