//! Failures as answers: every one is a problem document, whether the crate made it or the host.

use std::error::Error;

use axum::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use service_end::{Problem, problem::ProblemCode};
use tracing::Span;

/// A request that failed. `?` in a handler makes it from whatever the crate answers.
#[derive(Debug)]
pub struct Failure {
    status: StatusCode,
    code: &'static str,
    json: String,
    cause: Option<String>,
}

impl Failure {
    /// A failure that the crate does not know of.
    pub fn new(status: StatusCode, code: &'static str, title: &str, detail: &str) -> Self {
        Failure::with_violations(status, code, title, detail, &[])
    }

    /// A failure that lists what is wrong.
    pub fn with_violations(
        status: StatusCode,
        code: &'static str,
        title: &str,
        detail: &str,
        violations: &[Value],
    ) -> Self {
        let r#type = format!("urn:service-end:problem:{code}");
        let mut document = json!({ "type": r#type, "title": title, "status": status.as_u16(), "code": code, "detail": detail });
        let document = Document { r#type, title, status: status.as_u16(), code, detail, violations };
        Failure { status, code, json: json_text(&document), cause: None }
    }

    /// The failure with its cause, which only the log is told.
    #[must_use]
    pub fn because(mut self, cause: &dyn Error) -> Self {
        self.cause = Some(chain(cause));
        self
    }
}

impl<P: Into<Problem>> From<P> for Failure {
    fn from(problem: P) -> Self {
        let problem = problem.into();
        Failure {
            status: StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: problem.code().as_str(),
            json: json_text(&problem),
            cause: None,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let span = Span::current();
        span.record("code", self.code);
        if let Some(cause) = &self.cause {
            span.record("cause", cause);
        }
        let mut response = (self.status, [(CONTENT_TYPE, Problem::MEDIA_TYPE)], self.json).into_response();
        let (header, value) = match self.status {
            // The rest of the body is not waited for.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => (CONNECTION, "close"),
            StatusCode::SERVICE_UNAVAILABLE => (RETRY_AFTER, "1"),
            _ => return response,
        };
        response.headers_mut().insert(header, HeaderValue::from_static(value));
        response
    }
}

/// A problem of the crate's codes that the host found by itself.
pub fn problem(code: ProblemCode, detail: impl Into<String>) -> Failure {
    Problem::new(code, detail).into()
}

/// An answer in JSON.
pub fn json(document: &impl Serialize) -> impl IntoResponse + use<> {
    ([(CONTENT_TYPE, "application/json")], json_text(document))
}

fn json_text(document: &impl Serialize) -> String {
    serde_json::to_string(document).unwrap_or_else(|_| unreachable!("documents have text for keys"))
}

/// The store failed, or did not answer in time.
pub fn unavailable(cause: impl Error) -> Failure {
    let detail = "the storage gave no answer, and whether anything has changed may be unknown";
    problem(ProblemCode::StorageUnavailable, detail).because(&cause)
}

/// An error with its sources, for those who run the host.
pub fn chain(error: &dyn Error) -> String {
    let errors = std::iter::successors(Some(error), |error| error.source());
    errors.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
