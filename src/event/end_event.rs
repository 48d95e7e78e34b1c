use std::collections::HashMap;
use std::fmt;

use super::asked::Asked;
use super::extension::Extension;
use super::extensions::{AllExtensions, Extensions};
use super::fields::FixedFields;
use super::open_extension::OpenExtension;
use crate::schema::{BusinessAttributes, ExtensionSchema, FixedField, long};
use crate::value::{Scalar, ServiceId, Timestamp};
use crate::violation::ViolationKind;

/// The body of Complete Service, valid: ten optional fixed fields and any number of extensions.
///
/// A [`Validator`](crate::Validator) reads it from a body; [`ServiceEndEvent::builder`] makes it in Rust. It is
/// owned, immutable, and written as JSON by `serde`. Two events are equal if they say the same, in whatever order
/// they name their extensions.
///
/// ```
/// use service_end::{Schemas, ServiceEndEvent, Validator};
/// let validator = Validator::new(Schemas::new());
/// let event = ServiceEndEvent::builder()
///     .timestamp("2009-05-12T12:05:12.145Z")
///     .interaction_id("123ABCAADFJ1259ACF")
///     .disposition(10)
///     .build(&validator)?;
/// assert_eq!(
///     serde_json::to_string(&event).unwrap(),
///     r#"{"timestamp":"2009-05-12T12:05:12.145Z","interaction_id":"123ABCAADFJ1259ACF","disposition":10}"#,
/// );
/// # Ok::<(), service_end::ReadError>(())
/// ```
#[derive(Clone)]
pub struct ServiceEndEvent {
    service_id: Option<ServiceId>,
    timestamp: Option<Timestamp>,
    /// Apart, since they are large and an event is handed on from hand to hand.
    fields: Box<FixedFields>,
    extensions: Extensions,
    asked: Asked,
}

/// Its id and its timestamp, and which other fields and which extensions it has, without their values.
impl fmt::Debug for ServiceEndEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceEndEvent")
            .field("service_id", &self.service_id)
            .field("timestamp", &self.timestamp)
            .field("fields", &self.fields.named())
            .field("extensions", &self.extensions)
            .finish_non_exhaustive()
    }
}

impl ServiceEndEvent {
    /// An event that says nothing, to be filled.
    pub(crate) fn empty() -> Self {
        ServiceEndEvent::from_parts(None, None, Box::default(), Extensions::default(), Asked::default())
    }

    /// The service that the body names; it must be the one addressed.
    pub fn service_id(&self) -> Option<ServiceId> {
        self.service_id
    }

    /// When the event was raised. `None` stands for the time of processing (documented by the original).
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.timestamp
    }

    /// The other fixed fields.
    pub fn fields(&self) -> &FixedFields {
        &self.fields
    }

    /// The extensions that have a schema, in the order named.
    pub fn extensions(&self) -> &[Extension] {
        self.extensions.declared()
    }

    /// The extensions that are open, in the order named.
    pub fn open_extensions(&self) -> &[OpenExtension] {
        self.extensions.open()
    }

    /// The extensions of both kinds, in the order named.
    pub fn all_extensions(&self) -> AllExtensions<'_> {
        self.extensions.all()
    }

    /// The extension of a name that has a schema, without regard to ASCII case.
    pub fn extension(&self, name: &str) -> Option<&Extension> {
        self.extensions.get(name)
    }

    /// The open extension of a name, without regard to ASCII case.
    pub fn open_extension(&self, name: &str) -> Option<&OpenExtension> {
        self.extensions.get_open(name)
    }

    pub(crate) fn fields_mut(&mut self) -> &mut FixedFields {
        &mut self.fields
    }

    pub(crate) fn into_parts(self) -> (Box<FixedFields>, Extensions) {
        (self.fields, self.extensions)
    }

    pub(crate) fn from_parts(
        service_id: Option<ServiceId>,
        timestamp: Option<Timestamp>,
        fields: Box<FixedFields>,
        extensions: Extensions,
        asked: Asked,
    ) -> Self {
        ServiceEndEvent { service_id, timestamp, fields, extensions, asked }
    }

    pub(crate) fn asked(&self) -> &Asked {
        &self.asked
    }

    /// The schemas of the extensions without which no service can end, each with what the event says of it.
    pub(crate) fn required_extensions(&self) -> impl Iterator<Item = (&ExtensionSchema, Option<&Extension>)> {
        self.asked.among(self.extensions())
    }

    /// Takes out its extensions that have a schema.
    pub(crate) fn take_extensions(&mut self) -> Vec<Extension> {
        std::mem::take(&mut self.extensions).into_declared()
    }

    /// Says what the decision is to ask.
    pub(crate) fn set_asked(&mut self, asked: Asked) {
        self.asked = asked;
    }

    /// Gives it its extensions, in place of any it had.
    pub(crate) fn set_extensions(&mut self, extensions: impl Into<Extensions>) {
        self.extensions = extensions.into();
    }

    pub(super) fn set_service_id(&mut self, service_id: ServiceId) {
        self.service_id = Some(service_id);
    }

    pub(super) fn push(&mut self, extension: Extension) {
        self.extensions.push(extension);
    }

    pub(super) fn push_open(&mut self, open: OpenExtension) {
        self.extensions.push_open(open);
    }

    /// Gives a fixed field the value that a scalar stands for; `null` leaves it out.
    pub(crate) fn set(
        &mut self,
        field: FixedField,
        scalar: Scalar<'_>,
        business: &BusinessAttributes,
    ) -> Result<(), ViolationKind> {
        match (field, scalar) {
            (_, Scalar::Null) => return Ok(()),
            (FixedField::ServiceId, scalar) => self.service_id = Some(ServiceId(long(scalar)?)),
            (FixedField::Timestamp, Scalar::String(text) | Scalar::TextWithNul(text)) => {
                self.timestamp = Some(text.parse::<Timestamp>()?);
            }
            (FixedField::Timestamp, other) => return Err(FixedFields::wrong_type(field, other.into())),
            (field, scalar) => return self.fields.set(field, scalar, business),
        }
        Ok(())
    }
}

impl PartialEq for ServiceEndEvent {
    fn eq(&self, other: &Self) -> bool {
        self.service_id == other.service_id
            && self.timestamp == other.timestamp
            && self.fields == other.fields
            && same_in_any_order(self.extensions(), other.extensions(), Extension::key)
            && same_in_any_order(self.open_extensions(), other.open_extensions(), OpenExtension::key)
    }
}

/// Whether two lists have equal extensions, in whatever order. No list names an extension twice.
fn same_in_any_order<E: PartialEq>(mine: &[E], theirs: &[E], key: fn(&E) -> &str) -> bool {
    if mine.len() != theirs.len() {
        return false;
    }
    let in_order = || mine.iter().zip(theirs);
    if in_order().all(|(mine, theirs)| key(mine) == key(theirs)) {
        return in_order().all(|(mine, theirs)| mine == theirs);
    }
    let by_key: HashMap<&str, &E> = theirs.iter().map(|extension| (key(extension), extension)).collect();
    mine.iter().all(|extension| by_key.get(key(extension)).is_some_and(|theirs| *theirs == extension))
}
