//! Failures as answers: every one is a problem document, whether the crate made it or the host.

use std::error::Error;

use axum::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use service_end::{Problem, problem::ProblemCode};
use tracing::Span;

/// A request that failed. `?` in a handler makes it from whatever the crate answers.
#[derive(Debug)]
pub struct Failure {
    status: u16,
    code: String,
    json: String,
    cause: Option<String>,
}

impl Failure {
    /// A failure with the document of a problem.
    pub fn new(status: u16, code: &str, document: &impl Serialize) -> Self {
        let json = serde_json::to_string(document).unwrap_or_else(|_| unreachable!("its keys are text"));
        Failure { status, code: code.to_owned(), json, cause: None }
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
        Failure::new(problem.status(), problem.code(), &problem)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        Span::current().record("code", self.code).record("cause", self.cause);
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, [(CONTENT_TYPE, Problem::MEDIA_TYPE)], self.json).into_response();
        let (header, value) = match status {
            // The rest of the body is not waited for.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => (CONNECTION, "close"),
            StatusCode::SERVICE_UNAVAILABLE => (RETRY_AFTER, "1"),
            _ => return response,
        };
        response.headers_mut().insert(header, HeaderValue::from_static(value));
        response
    }
}

/// The store failed, or did not answer in time.
pub fn unavailable(cause: impl Error) -> Failure {
    let detail = "the storage gave no answer, and whether anything has changed may be unknown";
    Failure::from(Problem::new(ProblemCode::StorageUnavailable, detail)).because(&cause)
}

/// An error with its sources, for those who run the host.
pub fn chain(error: &dyn Error) -> String {
    let errors = std::iter::successors(Some(error), |error: &&dyn Error| (*error).source());
    errors.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
