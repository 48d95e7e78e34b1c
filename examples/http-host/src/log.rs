//! One line a request: what was asked, how it went and how long it took. Never a value of a body, a query or a path.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use crate::answer::{Failure, HostCode, Logged};

/// Has a request answered and tells of it. A handler that panics is a `500` like any other failure.
pub async fn log(request: Request, next: Next) -> Response {
    let mut line = Line {
        method: request.method().clone(),
        path: request.extensions().get::<MatchedPath>().cloned(),
        begun: Instant::now(),
        answer: None,
    };
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let response = answer.unwrap_or_else(|_| {
        Failure::of_host(HostCode::Internal, "a fault of the host; it is in the log").into_response()
    });
    line.answer = Some((response.status(), response.extensions().get().cloned()));
    response
}

/// The line of a request. It is written when the request is over, in whatever way: a caller that goes away takes
/// the future of its request along.
struct Line {
    method: Method,
    path: Option<MatchedPath>,
    begun: Instant,
    answer: Option<(StatusCode, Option<Logged>)>,
}

impl Drop for Line {
    fn drop(&mut self) {
        let (status, logged) = match self.answer.take() {
            Some((status, logged)) => (status.as_u16(), logged),
            None => (0, Some(Logged { code: "caller_gone", cause: None })),
        };
        let (code, cause) = logged.map_or(("-", None), |logged| (logged.code, logged.cause));
        tracing::info!(
            method = known(&self.method),
            path = self.path.as_ref().map_or("-", MatchedPath::as_str),
            status,
            code,
            micros = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX),
            cause,
        );
    }
}

/// A method, unless the caller made it up.
fn known(method: &Method) -> &str {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if KNOWN.contains(method) { method.as_str() } else { "-" }
}
