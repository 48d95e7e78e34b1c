//! Complete Service over HTTP: the original's API in front of any store.
//!
//! Read it from the top: the routes, a function for each, and how the host is put together. All that the crate is
//! asked for is in `host.rs`.

#[cfg(feature = "memory")]
use std::convert::Infallible;
use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{delete, get, post};
use axum::{Json, Router, middleware};
use clap::Parser as _;
use http_host::answer::{Failure, chain};
use http_host::etag::{condition, etag};
use http_host::host::Host;
use http_host::limits::limited;
use http_host::log::{self, logged};
use http_host::options::Options;
use http_host::serve::serve;
use http_host::start::read_start;
use http_host::store::Store;
use serde_json::json;
use service_end::{ExtensionSchema, Outcome, Problem, ServiceId, Timestamp, storage::Want};
#[cfg(feature = "memory")]
use service_end::{MemoryStorage, storage::Immediate};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::Span;

/// The original's API.
fn routes<S: Store>(host: Arc<Host<S>>, options: Arc<Options>) -> Router {
    let routes = Router::new()
        .route("/metadata/services/extensions", get(schemas::<S>).post(register::<S>))
        .route("/metadata/services/extensions/{name}", delete(unregister::<S>))
        .route("/services/start", post(start::<S>))
        .route("/services/{id}/end", post(end::<S>))
        .route("/services/{id}", get(service::<S>))
        .route("/health", get(async || Json(json!({ "status": "ok" }))))
        .fallback(async || of_host("not_found", 404, "There is nothing at this path", "no such path"))
        .method_not_allowed_fallback(async || {
            let detail = "the header `Allow` lists the methods of this path";
            of_host("method_not_allowed", 405, "The method is not allowed here", detail)
        })
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(options, limited))
        .with_state(host);
    logged(routes)
}

type Shared<S> = State<Arc<Host<S>>>;

/// Declares an extension.
async fn register<S: Store>(State(host): Shared<S>, body: Bytes) -> Result<impl IntoResponse, Failure> {
    let schema = ExtensionSchema::from_json(&body)?;
    host.register(&schema).await?;
    let location = format!("/metadata/services/extensions/{}", schema.name());
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(json!({ "name": schema.name() }))))
}

/// Lists the schemas, as the store has them now.
async fn schemas<S: Store>(State(host): Shared<S>) -> Result<impl IntoResponse, Failure> {
    Ok(Json(host.schemas().await?))
}

/// Removes a schema and the extension's records.
async fn unregister<S: Store>(
    State(host): Shared<S>,
    name: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Failure> {
    // What is not UTF-8 names no schema.
    let name = name.map(|Path(name)| name).unwrap_or_default();
    host.unregister(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Starts a service, now or when the body says.
async fn start<S: Store>(State(host): Shared<S>, body: Bytes) -> Result<impl IntoResponse, Failure> {
    let started = read_start(&body)?.unwrap_or_else(Timestamp::now);
    let id = host.start(started).await?;
    Ok((StatusCode::CREATED, [(LOCATION, format!("/services/{id}"))], Json(json!({ "service_id": id }))))
}

/// Ends a service: the operation that all of this is about.
async fn end<S: Store>(
    State(host): Shared<S>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Failure> {
    let versions = condition(&headers)?;
    let outcome = match host.end(service_id(id)?, versions.as_deref(), &body).await? {
        Outcome::Ended(_) => "ended",
        Outcome::Replaced(_) => "replaced",
        // The caller had no answer the first time. Nothing has changed.
        Outcome::AlreadySo(_) => "already_so",
    };
    Span::current().record("code", outcome);
    Ok(StatusCode::NO_CONTENT)
}

/// Shows a service. Of its extensions those of `?extensions=Feedback,Satisfaction`, in any case, or all with `*`;
/// a name that is not known stands for nothing, as one without records does.
async fn service<S: Store>(
    State(host): Shared<S>,
    id: Result<Path<String>, PathRejection>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<impl IntoResponse, Failure> {
    let lists = query.iter().filter(|(name, _)| name == "extensions");
    let names: Vec<&str> = lists.flat_map(|(_, list)| list.split(',')).map(str::trim).collect();
    let want = if names.contains(&"*") { Want::All } else { Want::Named(&names) };
    let (service, version) = host.service(service_id(id)?, want).await?;
    Ok((etag(version), Json(service)))
}

fn service_id(id: Result<Path<String>, PathRejection>) -> Result<ServiceId, Failure> {
    id.ok().and_then(|Path(id)| id.parse().ok()).ok_or_else(|| {
        let detail = "a service id is a whole number of 64 bits, without `+` and leading zeros";
        of_host("invalid_service_id", 400, "The id in the path is not a service id", detail)
    })
}

fn of_host(code: &'static str, status: u16, title: &'static str, detail: &str) -> Failure {
    Problem::of_host(code, status, title, detail).into()
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(wrong) if wrong.use_stderr() => {
            eprint!("http-host: {wrong}");
            return ExitCode::from(2);
        }
        Err(help) => {
            print!("{help}");
            return ExitCode::SUCCESS;
        }
    };
    let _written = log::start(options.log);
    let storage = options.storage.clone();
    let ended = match storage.split_once(':').unwrap_or((&storage, "")) {
        #[cfg(feature = "memory")]
        ("memory", "") => run(options, Ok::<_, Infallible>(Immediate(MemoryStorage::new()))).await,
        #[cfg(feature = "sqlite")]
        ("sqlite", file) if !file.is_empty() => run(options, http_host::store::sqlite::open(file)).await,
        #[cfg(feature = "postgres")]
        ("postgres", url) => run(options, service_end_postgres::PostgresStorage::new(url)).await,
        #[cfg(feature = "etcd")]
        ("etcd", urls) => {
            let nodes: Vec<&str> = urls.split(',').collect();
            run(options, service_end_etcd::EtcdStorage::connect(&nodes, "service-end/").await).await
        }
        _ => Err("the storage is not known, or not complete, or this build does not have it".into()),
    };
    if let Err(error) = ended {
        eprintln!("http-host: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Serves from a store until the host is told to stop.
async fn run<S: Store>(options: Options, store: Result<S, impl Error>) -> Result<(), Box<dyn Error>> {
    let store = store.map_err(|error| format!("can't open the storage: {}", chain(&error)))?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let listener = TcpListener::bind(&options.listen).await;
    let listener = listener.map_err(|error| format!("can't listen on {}: {error}", options.listen))?;
    // Nobody may be reading.
    let _ = writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?);
    let stop = async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    };
    let options = Arc::new(options);
    let host = Host::new(store, Arc::clone(&options));
    serve(listener, routes(Arc::new(host), Arc::clone(&options)), &options, stop).await;
    Ok(())
}
