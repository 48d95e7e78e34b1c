//! The API as an OpenAPI 3.1 document, with the schemas that are registered now. The crate makes the end of a service; what
//! is the host's own stands here.

#![expect(clippy::indexing_slicing, reason = "the documents are made here, and have these members")]

use serde_json::{Value, json, to_value};
use service_end::problem::{OpenApi, ProblemCode};
use service_end::{Problem, Validator};

use crate::answer::of_host;

/// The document.
pub fn document(validator: &Validator) -> OpenApi {
    let id = json!({
        "name": "service_id", "in": "path", "required": true, "description": "The id of the service.",
        "schema": { "type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX },
    });
    let name = json!({
        "name": "name", "in": "path", "required": true, "description": "The name of the extension, in any case.",
        "schema": { "type": "string" },
    });
    let force = json!({
        "name": "force", "in": "query", "description": "With `true`, the version is registered whatever it breaks.",
        "schema": { "type": "boolean" },
    });
    let wanted = json!({
        "name": "extensions", "in": "query", "style": "form", "explode": false,
        "description": "The extensions to show, in any case; `*` for all. A name that is not known stands for nothing.",
        "schema": { "type": "array", "items": { "type": "string" } },
    });
    let condition = json!({
        "name": "If-Match", "in": "header",
        "description": "Ends the service only if it is still at one of these versions: the `ETag` of a service, or several.",
        "schema": { "type": "string", "pattern": IF_MATCH, "examples": ["\"1\"", "*"] },
    });
    let end_links = json!({
        "end": { "operationId": "completeService", "parameters": { "service_id": "$response.body#/service_id" } },
        "show": { "operationId": "showService", "parameters": { "service_id": "$response.body#/service_id" } },
    });
    let remove = json!({
        "remove": { "operationId": "removeSchema", "parameters": { "name": "$response.body#/name" } },
    });
    let location = json!({ "Location": { "description": "Where it is.", "schema": { "type": "string" } } });
    let etag = json!({ "ETag": { "description": "Its version.", "schema": { "type": "string" } } });

    OpenApi::new(validator)
        .with_info("Complete Service over HTTP", env!("CARGO_PKG_VERSION"))
        .with_parameter(&condition)
        .with_problems(own(&["invalid_service_id", "invalid_if_match"]))
        .with_problems(own(&["incomplete_body", "request_timeout", "internal_error"]))
        .with_schema("Start", &start(validator))
        .with_schema("ExtensionSchema", &declaration())
        .with_path("/services/start", &json!({ "post": {
            "operationId": "startService", "summary": "Starts a service",
            "requestBody": { "content": content("Start") },
            "responses": answers("201", json!({
                "description": "The service has started.", "headers": location, "links": end_links,
                "content": { "application/json": { "schema": {
                    "type": "object", "required": ["service_id"],
                    "properties": { "service_id": { "type": "integer", "format": "int64" } },
                } } },
            }), known(&[ProblemCode::Syntax]).chain(own(&["invalid_start"]))),
        } }))
        .with_path("/services/{service_id}", &json!({ "get": {
            "operationId": "showService", "summary": "Shows a service", "parameters": [id, wanted],
            "responses": answers("200", json!({
                "description": "The service.", "headers": etag, "content": content(OpenApi::SERVICE),
            }), known(&[ProblemCode::ServiceNotFound]).chain(own(&["invalid_service_id"]))),
        } }))
        .with_path("/metadata/services/extensions", &json!({
            "get": {
                "operationId": "listSchemas", "summary": "Lists the extension schemas",
                "responses": answers("200", json!({
                    "description": "The schemas, in the order registered.",
                    "content": { "application/json": { "schema": {
                        "type": "array", "items": { "$ref": "#/components/schemas/ExtensionSchema" },
                    } } },
                }), known(&[])),
            },
            "post": {
                "operationId": "registerSchema", "summary": "Declares an extension",
                "requestBody": { "required": true, "content": content("ExtensionSchema") },
                "responses": answers("201", json!({
                    "description": "The schema is registered.", "headers": location, "links": remove,
                    "content": { "application/json": { "schema": {
                        "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } },
                    } } },
                }), known(&[ProblemCode::InvalidSchema, ProblemCode::SchemaExists])),
            },
        }))
        .with_path("/metadata/services/extensions/{name}", &json!({
            "put": {
                "operationId": "replaceSchema", "summary": "Replaces an extension schema by a newer version",
                "description": "What is stored stays. A version that is not safe for callers or for what is stored is refused, unless it is forced.",
                "parameters": [name, force],
                "requestBody": { "required": true, "content": content("ExtensionSchema") },
                "responses": answers("200", json!({
                    "description": "The newer version is registered.",
                    "content": { "application/json": { "schema": {
                        "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } },
                    } } },
                }), known(&[ProblemCode::InvalidSchema, ProblemCode::SchemaNotFound, ProblemCode::IncompatibleSchema])),
            },
            "delete": {
                "operationId": "removeSchema", "summary": "Removes an extension schema and the records of the extension",
                "parameters": [name],
                "responses": answers("204", json!({ "description": "It is removed." }), known(&[ProblemCode::SchemaNotFound])),
            },
        }))
        .with_path("/health", &plain("health", "Tells that the host is up, and what waits in its outbox", JSON))
        .with_path("/metrics", &plain("metrics", "Figures of the host, for Prometheus", METRICS))
        .with_path("/openapi.json", &plain("openapi", "This document", JSON))
}

/// What [`crate::etag::condition`] reads.
const IF_MATCH: &str = r#"^(?:\*|[ \t,]*(?:W/)?"[^" \t]*"(?:[ \t]*,[ \t,]*(?:W/)?"[^" \t]*")*[ \t,]*)$"#;

/// What an answer is, and what JSON makes of it.
const JSON: (&str, &str) = ("application/json", "object");
const METRICS: (&str, &str) = (crate::metrics::MEDIA_TYPE, "string");

/// The answers of a path: the one of success, and the problems.
fn answers(status: &str, success: Value, problems: impl Iterator<Item = Problem>) -> Value {
    let of_all = own(&["incomplete_body", "request_timeout", "internal_error"]);
    let of_all = of_all.chain(known(&[ProblemCode::BodyTooLarge, ProblemCode::StorageUnavailable]));
    let mut answers = OpenApi::responses(problems.chain(of_all));
    answers[status] = success;
    answers
}

fn known(codes: &[ProblemCode]) -> impl Iterator<Item = Problem> {
    codes.iter().map(|code| Problem::example(*code))
}

fn own(codes: &'static [&'static str]) -> impl Iterator<Item = Problem> {
    codes.iter().map(|code| of_host(code))
}

fn content(schema: &str) -> Value {
    json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } })
}

fn plain(id: &str, summary: &str, (media_type, json_type): (&str, &str)) -> Value {
    let success =
        json!({ "description": summary, "content": { media_type: { "schema": { "type": json_type } } } });
    json!({ "get": { "operationId": id, "summary": summary, "responses": answers("200", success, known(&[])) } })
}

/// The body of a start: its timestamp is read as that of an end.
fn start(validator: &Validator) -> Value {
    let body = to_value(validator.body_json_schema()).unwrap_or_default();
    let mut timestamp = body["properties"]["timestamp"].clone();
    timestamp["description"] = json!("When the service started; without it, now.");
    json!({ "title": "Start of a service", "type": "object", "properties": { "timestamp": timestamp },
            "additionalProperties": false })
}

/// An extension schema. Whether its parts go together, only the crate can say.
fn declaration() -> Value {
    let truth = json!({ "enum": [true, false, "true", "false"], "default": false });
    let bound = || json!({ "type": ["number", "string"] });
    json!({
        "title": "Extension schema", "type": "object", "required": ["name", "type", "attributes"],
        "additionalProperties": false,
        "properties": {
            "name": { "type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]{0,25}$" },
            "type": { "enum": ["single-valued", "multi-valued"] },
            "attributes": { "type": "array", "minItems": 1, "maxItems": 256, "items": {
                "type": "object", "required": ["name", "type"], "additionalProperties": false,
                "properties": {
                    "name": { "type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]{0,63}$" },
                    "type": { "type": "string", "description": "In any case.", "examples":
                        ["string", "integer", "long", "double", "boolean", "date", "datetime", "currency"] },
                    "length": { "description": "The most characters of a string.", "anyOf": [
                        { "type": "integer", "minimum": 1 }, { "type": "string", "pattern": "^[0-9]+$" } ] },
                    "mandatory": truth,
                    "default": { "description": "The value where it is left out." },
                    "values": { "description": "All values that there are.", "type": "array", "minItems": 1, "maxItems": 1000 },
                    "minimum": bound(), "maximum": bound(),
                },
            } },
            "unique": { "description": "No two records are equal in these attributes.",
                        "type": "array", "items": { "type": "string" } },
            "required": truth,
        },
        "examples": [{ "name": "Feedback", "type": "single-valued", "attributes": [
            { "name": "rating", "type": "integer", "mandatory": true, "minimum": 1, "maximum": 10 } ] }],
    })
}
