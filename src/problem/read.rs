//! A problem read back from the document that a host wrote.

use serde::de::{Deserialize, Deserializer, Error};

use super::document::Problem;
use crate::violation::{Members, SyntaxError, Violation, Violations};

impl<'de> Deserialize<'de> for Problem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        let (type_uri, code): (String, String) = (members.needed("type")?, members.needed("code")?);
        let Some(type_base) = type_uri.strip_suffix(&*code).map(str::to_owned) else {
            return Err(D::Error::custom("the member `type` must end with the code"));
        };
        let (title, detail): (String, String) = (members.needed("title")?, members.needed("detail")?);
        let mut problem =
            Problem::of_host(code, members.needed("status")?, title, detail).with_type_base(type_base);
        let position = members.position()?;
        problem.0.syntax = position.map(|position| syntax(problem.detail(), position));
        let violations: Option<Vec<Violation>> = members.take("violations")?;
        let truncated = members.take("truncated")?.unwrap_or_default();
        problem.0.violations = violations.and_then(|list| Violations::of(list, truncated));
        problem.0.differences = members.take("differences")?;
        problem.0.changes = members.take("changes")?;
        problem.0.members = members.rest();
        Ok(problem)
    }
}

/// The error behind the detail of a problem, which ends with the place.
fn syntax(detail: &str, (line, column): (usize, usize)) -> SyntaxError {
    let message = detail.strip_suffix(&format!(" at line {line}, column {column}")).unwrap_or(detail);
    SyntaxError::told(message, Some((line, column)))
}
