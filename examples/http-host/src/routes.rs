//! The original's API: the routes, and a function for each. What takes more than a call of the crate is in `host.rs`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{delete, get, post};
use axum::{Extension, Json, Router, middleware};
use serde_json::json;
use service_end::problem::ProblemCode::{InvalidSchema, SchemaExists, SchemaNotFound};
use service_end::{
    ExtensionSchema, Outcome, Problem, ServiceId, Timestamp,
    storage::{AsyncOutbox, Want},
};
use tower_http::catch_panic::CatchPanicLayer;

use crate::answer::{Failure, of_host, panicked, unavailable};
use crate::etag::{condition, etag};
use crate::log::{Told, logged};
use crate::metrics::{END, MEDIA_TYPE, Metrics, measured};
use crate::openapi::document;
use crate::store::Store;
use crate::{host::Host, limits::limited, options::Options, start::read_start};

/// All that can be asked of a host.
pub fn routes<S: Store + AsyncOutbox>(
    host: Arc<Host<S>>,
    metrics: &Arc<Metrics>,
    options: &Arc<Options>,
) -> Router {
    #[cfg(feature = "docs")]
    let page = crate::page::routes();
    #[cfg(not(feature = "docs"))]
    let page = Router::new();
    Router::new()
        .route("/metadata/services/extensions", get(schemas::<S>).post(register::<S>))
        .route("/metadata/services/extensions/{name}", delete(unregister::<S>).put(replace::<S>))
        .route("/services/start", post(start::<S>))
        .route(END, post(end::<S>))
        .route("/services/{id}", get(service::<S>))
        .route("/health", get(health::<S>))
        .route("/metrics", get(figures::<S>))
        .route("/openapi.json", get(openapi::<S>))
        .merge(page)
        .fallback(async || Failure::from(of_host("not_found")))
        .method_not_allowed_fallback(async || Failure::from(of_host("method_not_allowed")))
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(Arc::clone(options), limited))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(Arc::clone(metrics), measured))
        .layer(middleware::from_fn(logged))
        .layer(Extension(Arc::clone(metrics)))
        .layer(Extension(Arc::clone(options)))
        .with_state(host)
}

type Shared<S> = State<Arc<Host<S>>>;
/// A part of the path, unless it is not UTF-8.
type Segment = Result<Path<String>, PathRejection>;

/// Declares an extension.
async fn register<S: Store>(State(host): Shared<S>, body: Bytes) -> Result<impl IntoResponse, Failure> {
    let schema = ExtensionSchema::from_json(&body)?;
    if !host.store().await?.register(&schema).await.map_err(unavailable)? {
        let detail = format!("a schema named `{}` already exists, in this case or another", schema.name());
        return Err(Problem::new(SchemaExists, detail).into());
    }
    host.schemas_changed().await;
    let location = format!("/metadata/services/extensions/{}", schema.name());
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(json!({ "name": schema.name() }))))
}

/// Registers a new version of a schema, if callers and what is stored go on with it, or with `?force=true` all the same.
async fn replace<S: Store>(
    State(host): Shared<S>,
    name: Segment,
    Query(query): Query<Vec<(String, String)>>,
    body: Bytes,
) -> Result<impl IntoResponse, Failure> {
    let schema = ExtensionSchema::from_json(&body)?;
    if !name.is_ok_and(|Path(name)| name.eq_ignore_ascii_case(schema.name())) {
        return Err(Problem::new(InvalidSchema, "the path names another schema than the body").into());
    }
    let force = query.iter().any(|(key, value)| key == "force" && value == "true");
    host.store().await?.replace(&schema, force).await.map_err(unavailable)??;
    host.schemas_changed().await;
    Ok(Json(json!({ "name": schema.name() })))
}

/// Lists the schemas, as the store has them now.
async fn schemas<S: Store>(State(host): Shared<S>) -> Result<impl IntoResponse, Failure> {
    Ok(Json(host.store().await?.schemas().await.map_err(unavailable)?))
}

/// Removes a schema and the extension's records.
async fn unregister<S: Store>(State(host): Shared<S>, name: Segment) -> Result<StatusCode, Failure> {
    let name = name.map(|Path(name)| name).unwrap_or_default();
    if !host.store().await?.unregister(&name).await.map_err(unavailable)? {
        return Err(Problem::new(SchemaNotFound, "no schema of this name is registered").into());
    }
    host.schemas_changed().await;
    Ok(StatusCode::NO_CONTENT)
}

/// Starts a service, now or when the body says.
async fn start<S: Store>(State(host): Shared<S>, body: Bytes) -> Result<impl IntoResponse, Failure> {
    let started = read_start(&body)?.unwrap_or_else(Timestamp::now);
    let id = host.store().await?.start(started).await.map_err(unavailable)?;
    Ok((StatusCode::CREATED, [(LOCATION, format!("/services/{id}"))], Json(json!({ "service_id": id }))))
}

/// Ends a service: the operation that all of this is about.
async fn end<S: Store>(
    State(host): Shared<S>,
    id: Segment,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Extension<Told>), Failure> {
    let versions = condition(&headers)?;
    let outcome = match host.end(service_id(id)?, versions.as_deref(), &body).await? {
        Outcome::Ended(_) => "ended",
        Outcome::Replaced(_) => "replaced",
        // The caller had no answer the first time. Nothing has changed.
        Outcome::AlreadySo(_) => "already_so",
    };
    Ok((StatusCode::NO_CONTENT, Extension(Told { code: outcome.into(), cause: None })))
}

/// Shows a service. Of its extensions those of `?extensions=Feedback,Satisfaction`, in any case, or all with `*`;
/// a name that is not known stands for nothing, as one without records does.
async fn service<S: Store>(
    State(host): Shared<S>,
    id: Segment,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<impl IntoResponse, Failure> {
    let lists = query.iter().filter(|(name, _)| name == "extensions");
    let names: Vec<&str> = lists.flat_map(|(_, list)| list.split(',')).map(str::trim).collect();
    let want = if names.contains(&"*") { Want::All } else { Want::Named(&names) };
    let (service, version) = host.service(service_id(id)?, want).await?;
    Ok((etag(version), Json(service)))
}

fn service_id(id: Segment) -> Result<ServiceId, Failure> {
    id.ok().and_then(|Path(id)| id.parse().ok()).ok_or_else(|| of_host("invalid_service_id").into())
}

/// Tells what can be asked of the host, with the schemas that are registered now.
async fn openapi<S: Store>(State(host): Shared<S>) -> Result<impl IntoResponse, Failure> {
    Ok(Json(document(&host.validator().await?)))
}

/// Tells that the host is there and, where ends are published, how many wait for it and how long the oldest has.
async fn health<S: Store + AsyncOutbox>(
    State(host): Shared<S>,
    Extension(options): Extension<Arc<Options>>,
) -> impl IntoResponse {
    if options.publish.is_none() {
        return Json(json!({ "status": "ok" }));
    }
    let outbox = host.backlog().await.map(|backlog| {
        json!({ "waiting": backlog.waiting, "oldest_seconds": backlog.oldest.unwrap_or_default().as_secs_f64() })
    });
    Json(json!({ "status": "ok", "outbox": outbox }))
}

/// The figures for Prometheus.
async fn figures<S: Store + AsyncOutbox>(
    State(host): Shared<S>,
    Extension(metrics): Extension<Arc<Metrics>>,
    Extension(options): Extension<Arc<Options>>,
) -> impl IntoResponse {
    if options.publish.is_some() {
        metrics.waits(host.backlog().await);
    }
    ([(CONTENT_TYPE, MEDIA_TYPE)], metrics.text())
}
