//! The log: one line for each request, however it ended. Never a value from a body, a query or a path.

use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::response::{IntoResponse as _, Response};
use service_end::Problem;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::TraceLayer;
use tracing::field::Empty;
use tracing::level_filters::LevelFilter;
use tracing::{Span, error, info_span};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::fmt::format::FmtSpan;

use crate::answer::Failure;

/// How many lines are kept for a reader that is slow. Later ones are lost.
const LINES: usize = 20_000;

/// Starts the log on standard error. A thread of its own writes it: where nobody reads, lines are lost, and requests
/// go on. When the guard is dropped, what was logged is written, for at most a second.
pub fn start(level: LevelFilter) -> WorkerGuard {
    let lines = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(LINES);
    let (lines, guard) = lines.finish(std::io::stderr());
    tracing_subscriber::fmt()
        .with_writer(lines)
        .with_max_level(level)
        .with_target(false)
        .with_span_events(FmtSpan::CLOSE)
        .init();
    // The standard library's hook would wait for a reader, and would show a message that may hold values.
    std::panic::set_hook(Box::new(|panic| error!(place = panic.location().map(display), "panicked")));
    guard
}

/// Has requests logged, and a handler that panics answered like any other failure.
pub fn logged(routes: Router) -> Router {
    let trace = TraceLayer::new_for_http()
        .make_span_with(|request: &Request| {
            let method = request.method();
            // Callers can make up a method.
            let known = method.is_idempotent() || [Method::POST, Method::PATCH].contains(method);
            let method = if known { method.as_str() } else { "-" };
            let path = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
            info_span!("request", method, path, code = Empty, cause = Empty, status = Empty)
        })
        // The line is written when the span closes, also where the caller has gone: then it has no status.
        .on_response(|response: &Response, _: Duration, span: &Span| {
            span.record("status", response.status().as_u16());
        })
        .on_request(())
        .on_body_chunk(())
        .on_eos(())
        .on_failure(());
    let panicked = |_| {
        let detail = "a fault of the host; it is in the log";
        Failure::from(Problem::of_host("internal_error", 500, "The host failed", detail)).into_response()
    };
    routes.layer(CatchPanicLayer::custom(panicked)).layer(trace)
}
