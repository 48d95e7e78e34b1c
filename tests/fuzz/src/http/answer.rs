//! An answer of the host, and what holds for every one.

use axum::http::HeaderMap;
use http_host::log::Told;
use serde_json::Value;
use service_end::Problem;

use crate::targets::check_problem;

/// The status of each problem: those of the design, then those of the host.
const STATUS: [(&str, u16); 16] = [
    ("syntax", 400),
    ("invalid_event", 400),
    ("invalid_schema", 400),
    ("service_not_found", 404),
    ("schema_not_found", 404),
    ("service_already_ended", 409),
    ("schema_exists", 409),
    ("incompatible_schema", 409),
    ("version_mismatch", 412),
    ("body_too_large", 413),
    ("not_found", 404),
    ("method_not_allowed", 405),
    ("invalid_service_id", 400),
    ("invalid_start", 400),
    ("invalid_if_match", 400),
    ("incomplete_body", 400),
];

/// An answer, taken to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// What the log says of it.
    pub told: Option<Told>,
    pub body: Vec<u8>,
    /// Whether only the head was asked for.
    pub is_head: bool,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("visible characters"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("every answer is text")
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(self.text()).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The problem that the answer is, which must be a whole one; `None` if only its head was asked for.
    pub fn problem(&self) -> Option<Problem> {
        let told = self.told.as_ref().expect("the log tells the code");
        let known = STATUS.iter().find(|(code, _)| *code == told.code);
        let (code, status) =
            known.unwrap_or_else(|| panic!("a host with its store in memory has no such problem: {self:?}"));
        assert_eq!((self.status, self.header("content-type")), (*status, Problem::MEDIA_TYPE), "{self:?}");
        assert_eq!(self.header("connection") == "close", *status == 413, "{self:?}");
        assert!(told.cause.is_none(), "{self:?}");
        if self.is_head {
            return None;
        }
        let problem: Problem =
            serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert_eq!((problem.code(), problem.status()), (*code, *status), "{self:?}");
        assert_eq!(problem.type_uri(), format!("urn:service-end:problem:{code}"), "{self:?}");
        assert!(!problem.title().is_empty() && !problem.detail().is_empty(), "{self:?}");
        check_problem(&problem);
        Some(problem)
    }

    /// The answer is a problem of this code without violations; its words are the host's own.
    pub fn must_be_code(&self, code: &str) {
        let problem = self.problem();
        assert_eq!(self.told.as_ref().map(|told| &*told.code), Some(code), "{self:?}");
        assert!(problem.is_none_or(|problem| problem.violations().is_none()), "{self:?}");
    }

    /// The answer is this problem, word for word.
    pub fn must_be_problem(&self, expected: &Problem) {
        assert_eq!(self.told.as_ref().map(|told| &*told.code), Some(expected.code()), "{self:?}");
        if self.problem().is_some() {
            assert_eq!(self.json(), serde_json::to_value(expected).expect("plain values"));
        }
    }

    /// The answer is a success with this JSON.
    pub fn must_be_json(&self, status: u16, json: &str) {
        self.must_be_success(status, "application/json");
        assert!(self.is_head || self.text() == json, "{self:?}\n{json}");
    }

    pub fn must_be_success(&self, status: u16, media_type: &str) {
        assert_eq!((self.status, self.header("content-type")), (status, media_type), "{self:?}");
        assert!(!self.is_head || self.body.is_empty(), "{self:?}");
    }

    /// The answer is a success without a body.
    pub fn must_be_empty(&self) {
        self.must_be_success(204, "");
        assert!(self.body.is_empty(), "{self:?}");
    }
}
