//! Open extensions that are made in Rust, or come from a store.

use serde::ser::Serialize;
use serde_json::value::RawValue;

use super::error::ReadError;
use super::open_value::{Judge, Written};
use super::opened::OpenLimits;
use super::pass::Door;
use crate::event::OpenExtension;
use crate::schema::name_mistake;
use crate::value::{compact_bytes, levels, push_compact};
use crate::violation::{Collector, Pointer, SyntaxError, ViolationKind, Violations};

impl OpenExtension {
    /// One of a name, given its JSON. How large it may be is looked at when it is used
    /// ([`ServiceEndEventBuilder::build`](crate::event::ServiceEndEventBuilder::build)).
    ///
    /// # Errors
    /// [`ReadError::Syntax`] if it is not JSON. [`ReadError::Invalid`] if the name can't be that of an extension, and with
    /// everything that is wrong in the JSON: `null` as a whole, a name twice in one object, U+0000, more than 100 levels.
    pub fn from_json(name: &str, json: &str) -> Result<Self, ReadError> {
        if let Some(mistake) = name_mistake(name) {
            return Err(invalid(name, mistake));
        }
        judged(name, json, OpenLimits { bytes: u32::MAX as usize / 2, ..OpenLimits::NONE })
    }

    /// One of a name, as `serde_json` writes a value: NaN and infinities as `null`.
    ///
    /// # Errors
    /// As [`OpenExtension::from_json`]; what `serde_json` can't write is [`ReadError::Syntax`].
    pub fn new(name: &str, value: &(impl Serialize + ?Sized)) -> Result<Self, ReadError> {
        let json = serde_json::to_string(value);
        let json = json.map_err(|error| ReadError::Syntax(SyntaxError::of_format(error)))?;
        OpenExtension::from_json(name, &json)
    }
}

/// Judges JSON text as that of an open extension.
pub(super) fn judged(name: &str, json: &str, limits: OpenLimits) -> Result<OpenExtension, ReadError> {
    let syntax = |error: serde_json::Error| ReadError::Syntax(SyntaxError::of_json(json, &error));
    let raw: &RawValue = serde_json::from_str(json).map_err(syntax)?;
    let length = compact_bytes(raw.get());
    if length > limits.bytes {
        return Err(invalid(name, ViolationKind::OpenTooLong { limit: limits.bytes, length }));
    }
    let mut collector = Collector::of_body(usize::MAX, json.len());
    let mut judge = Judge {
        name,
        member: None,
        door: Door::JsonText(json.len()),
        collector: &mut collector,
        max_levels: limits.levels,
        is_too_deep: false,
        written: Written::default(),
    };
    judge.value(&mut serde_json::Deserializer::from_str(json)).map_err(syntax)?;
    let found = collector.finish(());
    found.map_err(|violations| ReadError::Invalid(violations.without_places()))?;
    let mut kept = String::with_capacity(length);
    push_compact(&mut kept, raw.get());
    Ok(OpenExtension::of(name, &kept))
}

/// What keeps an open extension out of an event.
pub(super) fn too_large(open: &OpenExtension, limits: OpenLimits) -> Option<ViolationKind> {
    let length = open.json().len();
    if length > limits.bytes {
        return Some(ViolationKind::OpenTooLong { limit: limits.bytes, length });
    }
    (levels(open.json()) > limits.levels).then_some(ViolationKind::TooDeep { limit: limits.levels })
}

fn invalid(name: &str, kind: ViolationKind) -> ReadError {
    ReadError::Invalid(Violations::one(Pointer::to(name), kind))
}
