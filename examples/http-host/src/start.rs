//! The body of a start: an object with a `timestamp` at most. A start has no extensions and no other fixed field.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::json;
use serde_json::value::{RawValue, Value, to_value};
use service_end::{Problem, ReadError, Schemas, Timestamp, Validator};

use crate::answer::Failure;

/// As many as the crate keeps.
const MAX_VIOLATIONS: usize = 100;

/// Reads when the service starts, if the body says so. The crate reads the timestamp as that of an end; any other
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
    violations.extend(wrong_keys(std::str::from_utf8(body).unwrap_or_default()));
    if violations.is_empty() {
        return Ok(timestamp);
    }
    let place = |violation: &Value| (violation["line"].as_u64(), violation["column"].as_u64());
    violations.sort_by_key(place);
    let title = "The start of a service is invalid";
    let problem = Problem::of_host("invalid_start", 400, title, "the body has violations");
    let mut document = to_value(&problem).unwrap_or_default();
    if let Some(members) = document.as_object_mut() {
        members.insert("truncated".to_owned(), json!(violations.len() > MAX_VIOLATIONS));
        violations.truncate(MAX_VIOLATIONS);
        members.insert("violations".to_owned(), json!(violations));
    }
    Err(Failure::new(400, "invalid_start", &document))
}

/// A violation for each key that is not `timestamp`.
fn wrong_keys(text: &str) -> Vec<Value> {
    let Keys(keys) = serde_json::from_str(text).unwrap_or_default();
    let (mut counted, mut line, mut column) = (text, 1, 1);
    let violation = |key: &RawValue| {
        let name: String = serde_json::from_str(key.get()).ok().filter(|name| name != "timestamp")?;
        let bytes = key.get().as_ptr() as usize - counted.as_ptr() as usize;
        let (before, rest) = counted.split_at(bytes);
        counted = rest;
        for character in before.chars() {
            (line, column) = if character == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        let message = "a start takes only `timestamp`";
        Some(
            json!({ "pointer": pointer, "code": "unknown_field", "message": message, "line": line, "column": column }),
        )
    };
    keys.into_iter().filter_map(violation).take(MAX_VIOLATIONS + 1).collect()
}

/// The keys of an object as they are written.
#[derive(Default)]
struct Keys<'t>(Vec<&'t RawValue>);

impl<'t> Deserialize<'t> for Keys<'t> {
    fn deserialize<D: Deserializer<'t>>(text: D) -> Result<Self, D::Error> {
        text.deserialize_map(Keys::default())
    }
}

impl<'t> Visitor<'t> for Keys<'t> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(mut self, mut members: A) -> Result<Self, A::Error> {
        while let Some((key, IgnoredAny)) = members.next_entry()? {
            self.0.push(key);
        }
        Ok(self)
    }
}
