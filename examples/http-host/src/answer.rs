//! Failures as answers: every one is a problem document, whether the crate made it or the host.

use std::any::Any;
use std::error::Error;

use axum::http::StatusCode;
use axum::http::header::{CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use service_end::{Problem, problem::ProblemCode};

use crate::log::Told;

/// A request that failed. `?` in a handler makes it from whatever the crate answers.
#[derive(Debug)]
pub struct Failure {
    problem: Box<Problem>,
    /// What only the log is told.
    cause: Option<String>,
}

impl<P: Into<Problem>> From<P> for Failure {
    fn from(problem: P) -> Self {
        Failure { problem: Box::new(problem.into()), cause: None }
    }
}

/// The problems of the host's own: code, status, title and detail.
const OWN: [(&str, u16, &str, &str); 8] = [
    ("not_found", 404, "There is nothing at this path", "no such path"),
    (
        "method_not_allowed",
        405,
        "The method is not allowed here",
        "the header `Allow` lists the methods of this path",
    ),
    (
        "invalid_service_id",
        400,
        "The id in the path is not a service id",
        "a service id is a whole number of 64 bits, without `+` and leading zeros",
    ),
    (
        "invalid_if_match",
        400,
        "The header If-Match can't be read",
        "`If-Match` takes `*`, or the `ETag` of a service in its quotation marks, or a list of these",
    ),
    ("invalid_start", 400, "The start of a service is invalid", "the body of a start has violations"),
    ("incomplete_body", 400, "The body is incomplete", "the body broke off, or was not sent as HTTP demands"),
    (
        "request_timeout",
        408,
        "The body came too slowly",
        "the body did not come in time; it is safe to send the same event again",
    ),
    ("internal_error", 500, "The host failed", "a fault of the host; it is in the log"),
];

/// A problem of the host's own.
pub fn of_host(code: &str) -> Problem {
    let Some((code, status, title, detail)) = OWN.into_iter().find(|(own, ..)| *own == code) else {
        unreachable!("`{code}` is none of the host's problems")
    };
    Problem::of_host(code, status, title, detail)
}

/// The store failed, or did not answer in time.
pub fn unavailable(cause: impl Error) -> Failure {
    let detail = "the storage failed or gave no answer, and whether anything has changed may be unknown; \
                  it is safe to send the same event again";
    let problem = Problem::new(ProblemCode::StorageUnavailable, detail);
    Failure { problem: Box::new(problem), cause: Some(chain(&cause)) }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let told = Told { code: self.problem.code().to_owned().into(), cause: self.cause };
        let status = StatusCode::from_u16(self.problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let document = Json(self.problem);
        let headers = [(CONTENT_TYPE, Problem::MEDIA_TYPE)];
        let mut response = (status, headers, Extension(told), document).into_response();
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

/// An error with its sources, for those who run the host.
pub fn chain(error: &dyn Error) -> String {
    let errors = std::iter::successors(Some(error), |error: &&dyn Error| (*error).source());
    errors.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The answer to a request whose handler panicked.
pub fn panicked(_: Box<dyn Any + Send>) -> Response {
    Failure::from(of_host("internal_error")).into_response()
}
