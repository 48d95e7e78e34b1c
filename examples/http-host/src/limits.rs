//! What a request may take: the bytes of its body, the time of its sender, the time of the store.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use service_end::{Problem, problem::ProblemCode};
use tokio::runtime::Handle;
use tokio::task::block_in_place;
use tokio::time::timeout;
use tower_http::timeout::{TimeoutBody, TimeoutError};

use crate::answer::{Failure, of_host, unavailable};
use crate::options::Options;

/// How long the rest of a refused body is taken from the connection. If the connection were closed on a sender that
/// is still sending, the answer could be lost.
const LINGER: Duration = Duration::from_secs(2);

/// A longer body takes more than a moment to read. Meanwhile others are served by another thread of the runtime.
const LONG: usize = 64 << 10;

/// Takes the whole body before anything else is done with a request, and then has it handled in time.
pub async fn limited(
    State(options): State<Arc<Options>>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let (head, mut body) = request.into_parts();
    let body = match whole(&mut body, &options).await {
        Ok(whole) => whole,
        Err(problem) => {
            tokio::spawn(timeout(LINGER, async move { while let Some(Ok(_)) = body.frame().await {} }));
            return Err(problem.into());
        }
    };
    // A schema is removed with its records, which can be many.
    let times = if head.method == Method::DELETE { 12 } else { 1 };
    let is_long = body.len() > LONG;
    let handled = next.run(Request::from_parts(head, body.into()));
    let handled = timeout(times * options.store_timeout, handled);
    let handled =
        if is_long { block_in_place(|| Handle::current().block_on(handled)) } else { handled.await };
    handled.map_err(unavailable)
}

async fn whole(body: &mut Body, options: &Options) -> Result<Bytes, Problem> {
    let too_large = || {
        let detail = format!("at most {} bytes are allowed", options.max_body);
        Problem::new(ProblemCode::BodyTooLarge, detail)
    };
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > options.max_body as u64 {
        return Err(too_large());
    }
    let body = Limited::new(TimeoutBody::new(options.read_timeout, body), options.max_body);
    match timeout(6 * options.read_timeout, body.collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(error)) if !error.is::<TimeoutError>() => Err(of_host("incomplete_body")),
        _ => Err(of_host("request_timeout")),
    }
}
