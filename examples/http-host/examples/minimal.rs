//! A host of some 40 lines: services in memory, and one route that ends them.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use service_end::{
    AttributeSchema, CompleteService, ExtensionSchema, MemoryStorage, Problem, Schemas, ServiceId,
    StoredService, Timestamp, Validator,
};

type Operation = Arc<CompleteService<MemoryStorage>>;

async fn end(State(operation): State<Operation>, Path(id): Path<String>, body: Bytes) -> Response {
    // `Path<i64>` would take `+1` and `01` for service 1.
    let Ok(id) = id.parse::<ServiceId>() else { return StatusCode::NOT_FOUND.into_response() };
    match operation.end(id, &body, Timestamp::now()) {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => {
            let problem = Problem::from(&error);
            let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(CONTENT_TYPE, Problem::MEDIA_TYPE)], Json(problem)).into_response()
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rating = AttributeSchema::integer("rating").mandatory();
    let feedback = ExtensionSchema::single_valued("Feedback").attribute(rating).build()?;
    let storage = MemoryStorage::new();
    storage.insert(StoredService::new(1, 0, Timestamp::now()));
    let validator = Validator::new(Schemas::new().with(feedback)?);
    // More than the operation takes, so that it can refuse a body that is too long, with a problem document.
    let limit = DefaultBodyLimit::max(2 * validator.max_body_bytes());
    let operation = Arc::new(CompleteService::new(validator, storage));
    let routes = Router::new().route("/services/{id}/end", post(end)).layer(limit).with_state(operation);
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, routes).await?)
}
