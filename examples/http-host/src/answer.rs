//! Failures as answers: every one is a problem document, whether the crate made it or the host.

use axum::http::header::{CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use service_end::{Problem, problem::ProblemCode};

/// What goes wrong in a host beyond what the crate knows of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostCode {
    /// 400: the id in the path is no service id.
    InvalidServiceId,
    /// 400: the sender stopped before the end of the body, or did not follow HTTP.
    IncompleteBody,
    /// 404: there is nothing at this path.
    NotFound,
    /// 405: the path does not know the method.
    MethodNotAllowed,
    /// 408: the body came too slowly.
    RequestTimeout,
    /// 500: a fault of the host.
    Internal,
}

impl HostCode {
    const fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            HostCode::InvalidServiceId => {
                (StatusCode::BAD_REQUEST, "invalid_service_id", "The id in the path is no service id")
            }
            HostCode::IncompleteBody => {
                (StatusCode::BAD_REQUEST, "incomplete_body", "The body is incomplete")
            }
            HostCode::NotFound => (StatusCode::NOT_FOUND, "not_found", "There is nothing at this path"),
            HostCode::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "The method is not allowed here")
            }
            HostCode::RequestTimeout => {
                (StatusCode::REQUEST_TIMEOUT, "request_timeout", "The body came too slowly")
            }
            HostCode::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "The host failed"),
        }
    }
}

/// The document of a failure that the crate does not know of, in the shape of the crate's own.
#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
}

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
    pub fn of_host(code: HostCode, detail: &str) -> Self {
        let (status, code, title) = code.parts();
        let document = Document {
            r#type: format!("urn:service-end:problem:{code}"),
            title,
            status: status.as_u16(),
            code,
            detail,
        };
        Failure { status, code, json: serde_json::to_string(&document).unwrap_or_default(), cause: None }
    }

    /// The failure with what is told to the log only.
    #[must_use]
    pub fn because(mut self, cause: String) -> Self {
        self.cause = Some(cause);
        self
    }
}

impl<P: Into<Problem>> From<P> for Failure {
    fn from(problem: P) -> Self {
        let problem = problem.into();
        Failure {
            status: StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: problem.code().as_str(),
            json: serde_json::to_string(&problem).unwrap_or_default(),
            cause: None,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(Problem::MEDIA_TYPE));
        match self.status {
            // The rest of the body is not waited for.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        let mut response = (self.status, headers, self.json).into_response();
        response.extensions_mut().insert(Logged { code: self.code, cause: self.cause });
        response
    }
}

/// What the log tells of an answer beside its status.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The code of the problem, or how it went.
    pub code: &'static str,
    /// What the caller is not told.
    pub cause: Option<String>,
}

impl Logged {
    /// How a request went that did not fail.
    pub fn outcome(code: &'static str) -> axum::Extension<Self> {
        axum::Extension(Logged { code, cause: None })
    }
}

/// A problem of the crate's codes that the host found by itself.
pub fn problem(code: ProblemCode, detail: impl Into<String>) -> Failure {
    Problem::new(code, detail).into()
}
