use std::fmt;

use serde::ser::{Serialize, Serializer};
use serde_json::Value;

use super::code::ProblemCode;
use super::document::Problem;
use super::parts::{problem_schema, violation_schema};
use crate::schema::node::{Node, object};
use crate::validate::Validator;

/// The operation as an OpenAPI 3.1 document: its body and its answers, made from what a validator takes, with an example of
/// every problem.
///
/// A host adds what is its own: other paths, and the problems that it answers with itself. Written by `serde`, and by
/// `Display` over several lines; the same declarations always give the same text.
///
/// ```
/// use service_end::problem::OpenApi;
/// use service_end::{Problem, Validator};
/// use serde_json::json;
/// let slow = Problem::of_host("request_timeout", 408, "The body came too slowly", "it is safe to send it again");
/// let health = json!({ "get": { "responses": { "200": { "description": "The host is up." } } } });
/// let document = OpenApi::new(&Validator::default())
///     .with_info("Our services", "1.4.0")
///     .with_problems([slow])
///     .with_path("/health", &health);
/// let document = serde_json::to_value(document).unwrap();
/// let end = &document["paths"]["/services/{service_id}/end"]["post"];
/// assert_eq!(end["responses"]["408"]["description"], "The body came too slowly");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct OpenApi {
    info: Node,
    /// Of the operation.
    parameters: Vec<Node>,
    problems: Vec<Problem>,
    example: Node,
    paths: Node,
    schemas: Node,
}

/// The problems that a caller of the operation can get.
const PROBLEMS: [ProblemCode; 12] = [
    ProblemCode::Syntax,
    ProblemCode::InvalidEvent,
    ProblemCode::ServiceNotFound,
    ProblemCode::ServiceAlreadyEnded,
    ProblemCode::VersionMismatch,
    ProblemCode::BodyTooLarge,
    ProblemCode::EventTooLarge,
    ProblemCode::TooLargeForStorage,
    ProblemCode::RuleFailed,
    ProblemCode::Contended,
    ProblemCode::SchemaChanged,
    ProblemCode::StorageUnavailable,
];

impl OpenApi {
    /// Where the operation is (documented by the original).
    pub const PATH: &'static str = "/services/{service_id}/end";
    /// The name of the schema of a body, in `#/components/schemas/`.
    pub const BODY: &'static str = "ServiceEndEvent";
    /// The name of the schema of a stored service, in `#/components/schemas/`.
    pub const SERVICE: &'static str = "Service";
    /// The name of the schema of a problem, in `#/components/schemas/`.
    pub const PROBLEM: &'static str = "Problem";

    /// The operation with what a validator takes.
    pub fn new(validator: &Validator) -> Self {
        let mut body = validator.body_json_schema().into_part();
        let example = match body.get_mut("examples") {
            Some(Node::Array(examples)) => examples.pop().unwrap_or(Node::Null),
            _ => unreachable!("a body has an example"),
        };
        OpenApi {
            info: object! { "title": "Complete Service", "version": env!("CARGO_PKG_VERSION") },
            parameters: vec![object! {
                "name": "service_id", "in": "path", "required": true,
                "description": "The id of the service.",
                "schema": object! { "type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX },
            }],
            problems: PROBLEMS.into_iter().map(Problem::example).collect(),
            example,
            paths: object! {},
            schemas: object! {
                "ServiceEndEvent": body.without("examples"),
                "Service": validator.stored_json_schema().into_part(),
                "Problem": problem_schema(),
                "Violation": violation_schema(),
            },
        }
    }

    /// Says what the host's API is called, and its version.
    #[must_use]
    pub fn with_info(mut self, title: &str, version: &str) -> Self {
        self.info = object! { "title": title, "version": version };
        self
    }

    /// Adds a parameter to the operation, like the header `If-Match`: a parameter object of OpenAPI.
    #[must_use]
    pub fn with_parameter(mut self, parameter: &impl Serialize) -> Self {
        self.parameters.push(Node::of(parameter));
        self
    }

    /// Adds problems that the host itself answers the operation with.
    #[must_use]
    pub fn with_problems(mut self, problems: impl IntoIterator<Item = Problem>) -> Self {
        self.problems.extend(problems);
        self
    }

    /// Adds a path of the host's own: a path item object of OpenAPI. It takes the place of one added before.
    #[must_use]
    pub fn with_path(mut self, path: &str, item: &impl Serialize) -> Self {
        self.paths.insert(path, Node::of(item));
        self
    }

    /// Adds a schema that paths of the host refer to as `#/components/schemas/` and its name. It takes the place of one added
    /// before.
    #[must_use]
    pub fn with_schema(mut self, name: &str, schema: &impl Serialize) -> Self {
        self.schemas.insert(name, Node::of(schema));
        self
    }

    /// Problems as answers, for a path of the host's own: a responses object of OpenAPI, each status with the examples of its
    /// codes.
    pub fn responses(problems: impl IntoIterator<Item = Problem>) -> Value {
        let responses = serde_json::to_value(responses(object! {}, problems));
        responses.unwrap_or_else(|error| unreachable!("plain values: {error}"))
    }

    fn operation(&self) -> Node {
        let done = object! { "204": object! { "description": "The service has ended, or had ended just so before." } };
        let body = object! {
            "schema": object! { "$ref": "#/components/schemas/ServiceEndEvent" },
            "example": self.example.clone(),
        };
        object! {
            "operationId": "completeService",
            "summary": "Ends a service",
            "description": "Ends a service and replaces its extensions that the event names, in one atomic step. The same event \
                again is a success and changes nothing, so it is always safe to send it again.",
            "parameters": self.parameters.clone(),
            "requestBody": object! { "required": true, "content": object! { "application/json": body } },
            "responses": responses(done, self.problems.iter().cloned()),
        }
    }
}

/// Adds problems to answers: by status in ascending order, each with the examples of its codes.
fn responses(mut all: Node, problems: impl IntoIterator<Item = Problem>) -> Node {
    let mut problems: Vec<Problem> = problems.into_iter().collect();
    problems.sort_by_key(Problem::status);
    for of_status in problems.chunk_by(|one, other| one.status() == other.status()) {
        let titles: Vec<&str> = of_status.iter().map(Problem::title).collect();
        let examples = of_status.iter().fold(object! {}, |examples, problem| {
            let example = object! { "summary": problem.title(), "value": Node::of(problem) };
            examples.with(problem.code(), example)
        });
        let content =
            object! { "schema": object! { "$ref": "#/components/schemas/Problem" }, "examples": examples };
        let response = object! {
            "description": titles.join(", or: "),
            "content": Node::Object(vec![(Problem::MEDIA_TYPE.to_owned(), content)]),
        };
        let Some(status) = of_status.first().map(Problem::status) else { continue };
        all.insert(status.to_string(), response);
    }
    all
}

impl Serialize for OpenApi {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let end = object! { "post": self.operation() };
        let document = object! {
            "openapi": "3.1.0",
            "info": self.info.clone(),
            "paths": Node::Object(vec![(Self::PATH.to_owned(), end)]).joined(self.paths.clone()),
            "components": object! { "schemas": self.schemas.clone() },
        };
        document.serialize(serializer)
    }
}

/// Over several lines.
impl fmt::Display for OpenApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}
