//! What callers say: the service end event, its extensions and their records.

mod assemble;
mod extension;
mod fields;
mod list;
mod table;
mod unique;
mod write;

pub use assemble::RecordBuilder;
pub(crate) use assemble::{Absent, Assembler};
pub(crate) use extension::{Declared, Rows, Shared};
pub use extension::{Extension, ExtensionBuilder, Record, Records};
pub(crate) use fields::declared;
pub use fields::{BusinessValue, FixedFields};
pub(crate) use list::Extensions;
pub(crate) use table::TableWriter;

use crate::schema::{BusinessAttributes, FixedField, UNDECLARED, long};
use crate::value::{Scalar, ServiceId, Timestamp, Value};
use crate::violation::{Collector, JsonType, Pointer, Violation, ViolationKind};

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
#[derive(Clone, Debug)]
pub struct ServiceEndEvent {
    service_id: Option<ServiceId>,
    timestamp: Option<Timestamp>,
    /// Apart, since they are large and an event is handed on from hand to hand.
    fields: Box<FixedFields>,
    extensions: Extensions,
}

impl ServiceEndEvent {
    /// An event that says nothing, to be filled.
    pub(crate) fn empty() -> Self {
        ServiceEndEvent {
            service_id: None,
            timestamp: None,
            fields: Box::default(),
            extensions: Extensions::default(),
        }
    }

    /// Starts to make an event in Rust.
    pub fn builder() -> ServiceEndEventBuilder {
        ServiceEndEventBuilder { event: ServiceEndEvent::empty(), found: Collector::unlimited() }
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

    /// The extensions, in the order named.
    pub fn extensions(&self) -> &[Extension] {
        self.extensions.as_slice()
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
    ) -> Self {
        ServiceEndEvent { service_id, timestamp, fields, extensions }
    }

    /// Adds an extension; so many are expected in all.
    pub(crate) fn push(&mut self, extension: Extension, expected: usize) {
        self.extensions.push(extension, expected);
    }

    /// Gives a fixed field a scalar that fits at first sight, as nearly all do. `false` leaves it to
    /// [`ServiceEndEvent::set`].
    #[inline]
    pub(crate) fn set_plain(
        &mut self,
        field: FixedField,
        scalar: Scalar<'_>,
        business: &BusinessAttributes,
    ) -> bool {
        match (field, scalar) {
            (FixedField::Timestamp, Scalar::String(text)) => {
                let canonical = Timestamp::from_canonical(text);
                if canonical.is_some() {
                    self.timestamp = canonical;
                }
                canonical.is_some()
            }
            (field, Scalar::Integer(number)) => self.fields.set_plain(field, number, business),
            _ => false,
        }
    }

    /// Gives a fixed field the value that a scalar stands for; `null` leaves it out.
    pub(crate) fn set(
        &mut self,
        field: FixedField,
        scalar: Scalar<'_>,
        business: &BusinessAttributes,
    ) -> Result<(), ViolationKind> {
        match (field, scalar) {
            (_, Scalar::Null) => {}
            (FixedField::ServiceId, scalar) => self.service_id = Some(ServiceId(long(scalar)?)),
            (FixedField::Timestamp, Scalar::String(text)) => {
                self.timestamp = Some(text.parse::<Timestamp>()?);
            }
            (FixedField::Timestamp, other) => return Err(FixedFields::container(field, other.into())),
            (field, scalar) => self.fields.set(field, scalar, business)?,
        }
        Ok(())
    }

    /// The extension of a name, without regard to ASCII case.
    pub fn extension(&self, name: &str) -> Option<&Extension> {
        self.extensions().iter().find(|extension| extension.name().eq_ignore_ascii_case(name))
    }
}

impl PartialEq for ServiceEndEvent {
    fn eq(&self, other: &Self) -> bool {
        self.service_id == other.service_id
            && self.timestamp == other.timestamp
            && self.fields == other.fields
            && self.extensions().len() == other.extensions().len()
            && self.extensions().iter().all(|extension| other.extension(extension.name()) == Some(extension))
    }
}

/// An event in the making, in Rust. It follows the rules that a body follows.
#[derive(Debug)]
#[must_use]
pub struct ServiceEndEventBuilder {
    event: ServiceEndEvent,
    found: Collector,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $setter:ident($from:ty) => $field:ident;)*) => {$(
        $(#[$doc])*
        pub fn $setter(self, value: $from) -> Self {
            self.set(FixedField::$field, value.into())
        }
    )*};
}

impl ServiceEndEventBuilder {
    setters! {
        /// The related session: at most 32 characters.
        session_id(&str) => SessionId;
        /// The interaction: at most 50 characters.
        interaction_id(&str) => InteractionId;
        /// The application that issues the event.
        application_id(i64) => ApplicationId;
        /// The resource that provides the service.
        resource_id(i64) => ResourceId;
        /// What the disposition means in this case: at most 64 characters.
        disposition_desc(&str) => DispositionDesc;
    }

    /// The type of the application: an id or a name.
    pub fn application_type<'v>(self, value: impl Into<Value<'v>>) -> Self {
        self.set(FixedField::ApplicationType, value.into().into())
    }

    /// The type of the resource: an id or a name.
    pub fn resource_type<'v>(self, value: impl Into<Value<'v>>) -> Self {
        self.set(FixedField::ResourceType, value.into().into())
    }

    /// The media type: an id or a name.
    pub fn media_type<'v>(self, value: impl Into<Value<'v>>) -> Self {
        self.set(FixedField::MediaType, value.into().into())
    }

    /// The business disposition: an id or a name.
    pub fn disposition<'v>(self, value: impl Into<Value<'v>>) -> Self {
        self.set(FixedField::Disposition, value.into().into())
    }

    /// When the event was raised: a [`Timestamp`], or its text. Left out, it is the time of processing.
    pub fn timestamp<'v>(self, value: impl Into<Value<'v>>) -> Self {
        self.set(FixedField::Timestamp, value.into().into())
    }

    /// The service to end. It needs not be said: the service is addressed when the event is used.
    pub fn service_id(mut self, service_id: impl Into<ServiceId>) -> Self {
        self.event.service_id = Some(service_id.into());
        self
    }

    /// All fixed fields but the timestamp, in place of those set before.
    pub fn fields(mut self, fields: FixedFields) -> Self {
        *self.event.fields = fields;
        self
    }

    /// Adds an extension. A name given a second time is the violation `duplicate_key`.
    pub fn extension(mut self, extension: Extension) -> Self {
        if self.event.extension(extension.name()).is_some() {
            self.found
                .push(|| Violation::new(Pointer::to(extension.name()), None, ViolationKind::DuplicateKey));
        } else {
            self.event.push(extension, 2);
        }
        self
    }

    fn set(mut self, field: FixedField, value: Given<'_>) -> Self {
        let judged = match (field, value) {
            (FixedField::Timestamp, Given::Timestamp(timestamp)) => {
                self.event.timestamp = Some(timestamp);
                Ok(())
            }
            (_, Given::Scalar(scalar)) => self.event.set(field, scalar, &UNDECLARED),
            (_, Given::Timestamp(_)) => Err(FixedFields::container(field, JsonType::Other)),
            (_, Given::Other(found)) => Err(FixedFields::container(field, found)),
        };
        if let Err(kind) = judged {
            self.found.push(|| Violation::new(Pointer::to(field.name()), None, kind));
        }
        self
    }

    /// What was said so far, and what is wrong with it.
    pub(crate) fn into_parts(self) -> (ServiceEndEvent, Collector) {
        (self.event, self.found)
    }
}

/// A value given in Rust for a fixed field.
enum Given<'v> {
    Scalar(Scalar<'v>),
    Timestamp(Timestamp),
    Other(JsonType),
}

impl<'v> From<&'v str> for Given<'v> {
    fn from(text: &'v str) -> Self {
        Given::Scalar(Scalar::String(text))
    }
}

impl From<i64> for Given<'_> {
    fn from(number: i64) -> Self {
        Given::Scalar(Scalar::Integer(number))
    }
}

impl<'v> From<Value<'v>> for Given<'v> {
    fn from(value: Value<'v>) -> Self {
        Given::Scalar(match value {
            Value::String(text) => Scalar::String(text),
            Value::Integer(number) => Scalar::Integer(number.into()),
            Value::Long(number) => Scalar::Integer(number),
            Value::Double(number) => Scalar::Float(number),
            Value::Boolean(truth) => Scalar::Boolean(truth),
            Value::DateTime(timestamp) => return Given::Timestamp(timestamp),
            Value::Date(_) | Value::Currency(_) => return Given::Other(JsonType::Other),
        })
    }
}
