//! Reads back what was written for a store. Defaults were applied when it was an event, so none are now; business
//! attributes may have been declared anew since, so they are not checked; nor is the number of records.

use super::ReadError;
use super::any::Read;
use super::body::Body;
use super::pass::{Door, Pass, read_text};
use super::record::ExtensionTarget;
use crate::event::{Absent, Extension, FixedFields};
use crate::schema::{ExtensionSchema, Schemas, UNDECLARED};
use crate::value::Timestamp;
use crate::violation::{Known, Pointer, SyntaxError, Violation, ViolationKind, Violations};

/// Reads the canonical JSON of one extension. Anything wrong with it makes it unreadable.
pub(crate) fn read_extension(schema: &ExtensionSchema, json: &str) -> Option<Extension> {
    let schemas = Schemas::new();
    let mut pass = Pass::new(&schemas, &UNDECLARED, Door::JsonText, json.len()).with_absent(Absent::NoValue);
    let read = read_text(json, ExtensionTarget { pass: &mut pass, schema, spelled: None });
    pass.settle(json, read).ok()?;
    let mut event = pass.finish(|_| SyntaxError::without_place("")).ok()?;
    event.extensions_mut().pop()
}

/// Reads what is recorded of an end: its timestamp, which must be there, and the other fixed fields.
pub(crate) fn read_end(json: &str) -> Result<(Timestamp, FixedFields), ReadError> {
    let schemas = Schemas::new();
    let mut pass = Pass::new(&schemas, &UNDECLARED, Door::JsonText, json.len()).with_absent(Absent::NoValue);
    let read = read_text(json, Read(Body { pass: &mut pass }));
    pass.settle(json, read).map_err(ReadError::Syntax)?;
    let mut no_object = None;
    let event = pass.finish(|found| {
        no_object = Some(found);
        SyntaxError::without_place("")
    });
    let wrong = |pointer, kind| ReadError::Invalid(Violations::one(Violation::new(pointer, None, kind)));
    if let Some(found) = no_object {
        let expected = Known::fixed(&["object"]);
        return Err(wrong(Pointer::whole(), ViolationKind::WrongType { expected, found }));
    }
    let event = event?;
    let timestamp =
        event.timestamp().ok_or_else(|| wrong(Pointer::to("timestamp"), ViolationKind::MissingKey))?;
    Ok((timestamp, event.into_parts().0))
}
