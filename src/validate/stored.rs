//! Reads back what was written for a store. Defaults were applied when it was an event, so none are now; business
//! attributes may have been declared anew since, so they are not checked; nor is the number of records.

use super::ReadError;
use super::any::Read;
use super::body::Body;
use super::pass::{Door, Pass, read_text};
use super::record::ExtensionTarget;
use crate::event::{Absent, Declared, Extension, FixedFields, ServiceEndEvent, Shared};
use crate::schema::{ExtensionSchema, Schemas, UNDECLARED};
use crate::value::Timestamp;
use crate::violation::{Collector, Known, Pointer, SyntaxError, Violation, ViolationKind, Violations};

/// Reads the canonical JSON of one extension. Anything wrong with it makes it unreadable.
pub(crate) fn read_extension(schema: &ExtensionSchema, json: &str) -> Option<Extension> {
    let schemas = Schemas::new();
    let mut event = ServiceEndEvent::empty();
    let mut pass =
        Pass::new(&mut event, &schemas, &UNDECLARED, Collector::unlimited(), Door::JsonText, json.len());
    pass.absent = Absent::NoValue;
    pass.shared = Some(Shared::new(Declared::One(schema.clone())));
    let read = read_text(json, ExtensionTarget { pass: &mut pass, schema, ordinal: 0, spelled: None });
    pass.settle(json, read).ok()?;
    pass.finish(|_| SyntaxError::without_place("")).ok()?;
    event.extensions().first().cloned()
}

/// Reads what is recorded of an end or a start: its timestamp, which must be there, and the other fixed fields among
/// those that have a meaning there.
pub(crate) fn read_end(json: &str, fields: Known) -> Result<(Timestamp, Box<FixedFields>), ReadError> {
    let schemas = Schemas::new();
    let mut event = ServiceEndEvent::empty();
    let mut pass =
        Pass::new(&mut event, &schemas, &UNDECLARED, Collector::unlimited(), Door::JsonText, json.len());
    pass.absent = Absent::NoValue;
    pass.fields = fields;
    let read = read_text(json, Read(Body { pass: &mut pass }));
    pass.settle(json, read).map_err(ReadError::Syntax)?;
    if let Some(found) = pass.no_object {
        let kind = ViolationKind::WrongType { expected: Known::fixed(&["object"]), found };
        return Err(ReadError::Invalid(Violations::one(Violation::new(Pointer::whole(), None, kind))));
    }
    let timestamp = pass.event.timestamp();
    if timestamp.is_none() && !pass.collector.has("/timestamp") {
        pass.collector.push(|| Violation::new(Pointer::to("timestamp"), None, ViolationKind::MissingKey));
    }
    pass.finish(|_| SyntaxError::without_place(""))?;
    Ok((timestamp.unwrap_or(Timestamp::MIN), event.into_parts().0))
}
