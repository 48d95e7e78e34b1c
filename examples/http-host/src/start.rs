//! The body of a start: an object that has a `timestamp` at most.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::{RawValue, from_value};
use serde_json::{from_slice, from_str, json};
use service_end::{ReadError, Schemas, Timestamp, Validator, Violation, Violations};

use crate::answer::{Failure, of_host};

/// As many violations as the crate keeps.
const MAX_VIOLATIONS: usize = 100;

/// Reads when the service starts, if the body says so. The crate reads the timestamp, as that of an end; any other
/// key is told here, at its place.
pub fn read_start(body: &[u8]) -> Result<Option<Timestamp>, Failure> {
    if body.is_empty() {
        return Ok(None);
    }
    let (timestamp, mut found) = match Validator::new(Schemas::new()).read(body) {
        Ok(event) => (event.timestamp(), Vec::new()),
        Err(ReadError::Invalid(violations)) => {
            let located = violations.locate(body).into_iter();
            (None, located.filter(|violation| violation.pointer() == "/timestamp").collect())
        }
        Err(error) => return Err(error.into()),
    };
    let keys: BTreeMap<Key, &RawValue> = from_slice(body).unwrap_or_default();
    found.extend(keys.keys().filter_map(|key| key.violation(body)).take(MAX_VIOLATIONS + 1));
    found.sort_by_key(|violation: &Violation| violation.span().map(|span| (span.line, span.column)));
    match Violations::from_findings(found) {
        None => Ok(timestamp),
        Some(found) => Err(of_host("invalid_start").with_violations(found.at_most(MAX_VIOLATIONS)).into()),
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
    /// Told with its line and column, since it is the key that is wrong, and not its value.
    fn violation(&self, body: &[u8]) -> Option<Violation> {
        let name: String = from_str(self.json).ok().filter(|name| name != "timestamp")?;
        let before = String::from_utf8_lossy(body.get(..self.address - body.as_ptr() as usize)?);
        let violation = json!({
            "pointer": format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            "code": "unknown_field",
            "message": "a start takes only \"timestamp\"",
            "line": before.matches('\n').count() + 1,
            "column": before.rsplit('\n').next()?.chars().count() + 1,
        });
        from_value(violation).ok()
    }
}
