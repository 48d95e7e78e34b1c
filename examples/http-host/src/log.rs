//! The log: one line for each request, however it ended, and one for each attempt to tell a notice. Never a value from a
//! body, a query or a path, but that the id of a notice has the id of its service.

use std::borrow::Cow;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use tracing::level_filters::LevelFilter;
use tracing::{error, info};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};

/// How many lines are kept for a reader that is slow. Later ones are lost.
const LINES: usize = 20_000;

/// Starts the log on standard error. A thread of its own writes it: where nobody reads, lines are lost, and requests
/// go on. When the guard is dropped, what was logged is written, for at most a second.
pub fn start(level: LevelFilter) -> WorkerGuard {
    let lines = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(LINES);
    let (lines, guard) = lines.finish(std::io::stderr());
    tracing_subscriber::fmt().with_writer(lines).with_max_level(level).with_target(false).init();
    // The standard library's hook would wait for a reader, and would show a message that may hold values.
    std::panic::set_hook(Box::new(|panic| error!(place = panic.location().map(display), "panicked")));
    guard
}

/// What the log tells of an answer beside its status, as an extension of the response.
#[derive(Clone, Debug)]
pub struct Told {
    /// The code of the problem, or how it went.
    pub code: Cow<'static, str>,
    /// What the caller is not told.
    pub cause: Option<String>,
}

/// Has a request answered, and tells of it.
pub async fn logged(request: Request, next: Next) -> Response {
    let mut line = Line {
        method: request.method().clone(),
        path: request.extensions().get::<MatchedPath>().cloned(),
        begun: Instant::now(),
        status: 0,
        told: Told { code: "caller_gone".into(), cause: None },
    };
    let response = next.run(request).await;
    line.status = response.status().as_u16();
    line.told = response.extensions().get().cloned().unwrap_or(Told { code: "-".into(), cause: None });
    response
}

/// It is written when it is dropped: a caller that goes away takes the future of its request along.
struct Line {
    method: Method,
    path: Option<MatchedPath>,
    begun: Instant,
    status: u16,
    told: Told,
}

impl Drop for Line {
    fn drop(&mut self) {
        // Callers can make up a method.
        let known = self.method.is_idempotent() || [Method::POST, Method::PATCH].contains(&self.method);
        info!(
            method = if known { self.method.as_str() } else { "-" },
            path = self.path.as_ref().map_or("-", MatchedPath::as_str),
            status = self.status,
            code = &*self.told.code,
            time = ?self.begun.elapsed(),
            cause = self.told.cause,
        );
    }
}
