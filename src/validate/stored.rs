//! Reads back what was written for a store. Defaults were applied when it was an event, so none are now; business
//! attributes may have been declared anew since, so they are not checked; nor is the number of records.

use super::any::Read;
use super::body::Body;
use super::error::ReadError;
use super::open_made::judged;
use super::opened::OpenLimits;
use super::pass::{Door, Pass, read_text};
use super::record::ExtensionTarget;
use crate::event::{Absent, Declared, Extension, FixedFields, OpenExtension, ServiceEndEvent};
use crate::schema::{ExtensionSchema, Schemas, UNDECLARED};
use crate::value::Timestamp;
use crate::violation::{Collector, Known, Pointer, Violation, ViolationKind, Violations};

/// Reads the canonical JSON of one extension. Anything wrong with it makes it unreadable.
pub(crate) fn read_extension(schema: &ExtensionSchema, json: &str) -> Result<Extension, ReadError> {
    read_by(schema, json, Absent::NoValue)
}

/// Reads the JSON of an extension.
pub(super) fn read_by(schema: &ExtensionSchema, json: &str, absent: Absent) -> Result<Extension, ReadError> {
    let schemas = Schemas::new();
    let mut event = ServiceEndEvent::empty();
    let mut pass = pass(&mut event, &schemas, json, absent);
    let read = read_text(json, ExtensionTarget { pass: &mut pass, schema, ordinal: 0, spelled: None });
    pass.settle(json, read)?;
    let no_object = |_| unreachable!("what is read is an extension");
    pass.finish_with(no_object, |_| Declared::One(schema.clone()))?;
    let read = event.take_extensions().pop();
    Ok(read.unwrap_or_else(|| unreachable!("nothing is wrong with it")))
}

/// Reads the JSON of an open extension, as far as it may be that of one at all.
pub(crate) fn read_open(name: &str, json: &str) -> Result<OpenExtension, ReadError> {
    judged(name, json, OpenLimits::NONE)
}

/// Reads what is recorded of an end or a start: its timestamp, which must be there, and the other fixed fields among
/// those that have a meaning there.
pub(crate) fn read_end(json: &str, fields: Known) -> Result<(Timestamp, Box<FixedFields>), ReadError> {
    let schemas = Schemas::new();
    let mut event = ServiceEndEvent::empty();
    let mut pass = pass(&mut event, &schemas, json, Absent::NoValue);
    pass.fields = fields;
    let read = read_text(json, Read(Body { pass: &mut pass }));
    pass.settle(json, read)?;
    if let Some(found) = pass.no_object {
        let kind = ViolationKind::WrongType { expected: Known::fixed(&["object"]), found };
        return Err(ReadError::Invalid(Violations::one(Pointer::whole(), kind)));
    }
    let timestamp = pass.event.timestamp();
    if timestamp.is_none() && !pass.collector.has("/timestamp") {
        pass.collector.push(|| Violation::new(Pointer::to("timestamp"), None, ViolationKind::MissingKey));
    }
    pass.finish(|_| unreachable!("it was looked at before"))?;
    let timestamp = timestamp.unwrap_or_else(|| unreachable!("its lack is a violation"));
    Ok((timestamp, event.into_parts().0))
}

/// A pass over what was written for a store, which knows no limit.
fn pass<'p>(event: &'p mut ServiceEndEvent, schemas: &'p Schemas, json: &str, absent: Absent) -> Pass<'p> {
    let (collector, door) = (Collector::of_body(usize::MAX, json.len()), Door::JsonText(json.len()));
    Pass::new(event, schemas, &UNDECLARED, collector, door, absent, usize::MAX)
}
