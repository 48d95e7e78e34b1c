//! The body of a start: an object that has a `timestamp` at most.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::{RawValue, Value, from_value, to_value};
use serde_json::{from_slice, from_str, json};
use service_end::{Problem, ReadError, Schemas, Timestamp, Validator};

use crate::answer::{Failure, of_host};

/// As many violations as the crate keeps.
const MAX_VIOLATIONS: usize = 100;

/// Reads when the service starts, if the body says so. The crate reads the timestamp, as that of an end; any other
/// key is told here, at its place.
pub fn read_start(body: &[u8]) -> Result<Option<Timestamp>, Failure> {
    if body.is_empty() {
        return Ok(None);
    }
    let (timestamp, mut violations) = match Validator::new(Schemas::new()).read(body) {
        Ok(event) => (event.timestamp(), Vec::new()),
        Err(ReadError::Invalid(violations)) => {
            let violations = violations.locate(body);
            let of_timestamp = violations.iter().filter(|violation| violation.pointer() == "/timestamp");
            (None, of_timestamp.map(|violation| to_value(violation).unwrap_or_default()).collect())
        }
        Err(error) => return Err(error.into()),
    };
    let keys: BTreeMap<Key, &RawValue> = from_slice(body).unwrap_or_default();
    violations.extend(keys.keys().filter_map(|key| key.violation(body)).take(MAX_VIOLATIONS + 1));
    if violations.is_empty() {
        return Ok(timestamp);
    }
    violations.sort_by_key(|violation| (violation["line"].as_u64(), violation["column"].as_u64()));
    let truncated = violations.len() > MAX_VIOLATIONS;
    violations.truncate(MAX_VIOLATIONS);
    let violations = json!({ "violations": violations, "truncated": truncated });
    let mut document = to_value(of_host("invalid_start")).unwrap_or_default();
    if let (Value::Object(document), Value::Object(violations)) = (&mut document, violations) {
        document.extend(violations);
    }
    match from_value::<Problem>(document) {
        Ok(problem) => Err(problem.into()),
        Err(error) => unreachable!("it has the form of a problem: {error}"),
    }
}

/// A key of the body as it is written, by its place in memory.
#[derive(PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "&'t RawValue")]
struct Key<'t> {
    address: usize,
    json: &'t str,
}

impl<'t> From<&'t RawValue> for Key<'t> {
    fn from(key: &'t RawValue) -> Self {
        Key { address: key.get().as_ptr() as usize, json: key.get() }
    }
}

impl Key<'_> {
    fn violation(&self, body: &[u8]) -> Option<Value> {
        let name: String = from_str(self.json).ok().filter(|name| name != "timestamp")?;
        let before = String::from_utf8_lossy(body.get(..self.address - body.as_ptr() as usize)?);
        Some(json!({
            "pointer": format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            "code": "unknown_field",
            "message": "a start takes only \"timestamp\"",
            "line": before.matches('\n').count() + 1,
            "column": before.rsplit('\n').next()?.chars().count() + 1,
        }))
    }
}
