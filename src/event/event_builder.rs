use std::collections::HashSet;

use serde::Serialize;

use super::end_event::ServiceEndEvent;
use super::extension::Extension;
use super::fields::FixedFields;
use super::open_extension::OpenExtension;
use super::scalar::{NoScalar, scalar_of};
use super::typed::judged;
use crate::schema::{ExtensionSchema, FixedField, UNDECLARED};
use crate::value::ServiceId;
use crate::violation::{Collector, Pointer, Violation, ViolationKind};

/// Builds an event in Rust. It follows the rules that a body follows.
#[derive(Debug)]
#[must_use]
pub struct ServiceEndEventBuilder {
    event: ServiceEndEvent,
    /// The keys of its extensions.
    named: HashSet<Box<str>>,
    found: Collector,
}

impl ServiceEndEvent {
    /// Starts to make an event in Rust.
    pub fn builder() -> ServiceEndEventBuilder {
        ServiceEndEventBuilder {
            event: ServiceEndEvent::empty(),
            named: HashSet::new(),
            found: Collector::unlimited(),
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $setter:ident($($from:tt)+) => $field:ident;)*) => {$(
        $(#[$doc])*
        pub fn $setter(self, value: $($from)+) -> Self {
            self.set(FixedField::$field, value)
        }
    )*};
}

impl ServiceEndEventBuilder {
    setters! {
        /// The related session: at most 32 characters.
        session_id(&str) => SessionId;
        /// The interaction: at most 50 characters.
        interaction_id(&str) => InteractionId;
        /// The type of the application: an id or a name.
        application_type(impl Serialize) => ApplicationType;
        /// The application that issues the event.
        application_id(i64) => ApplicationId;
        /// The type of the resource: an id or a name.
        resource_type(impl Serialize) => ResourceType;
        /// The resource that provides the service.
        resource_id(i64) => ResourceId;
        /// The media type: an id or a name.
        media_type(impl Serialize) => MediaType;
        /// The business disposition: an id or a name.
        disposition(impl Serialize) => Disposition;
        /// What the disposition means in this case: at most 64 characters.
        disposition_desc(&str) => DispositionDesc;
        /// When the event was raised: a [`Timestamp`](crate::Timestamp), or its text. Left out, it is the time of
        /// processing.
        timestamp(impl Serialize) => Timestamp;
    }

    /// The service to end. It need not be given: the service is addressed when the event is used.
    pub fn service_id(mut self, service_id: impl Into<ServiceId>) -> Self {
        self.event.set_service_id(service_id.into());
        self
    }

    /// All fixed fields but the timestamp, in place of those set before.
    pub fn fields(mut self, fields: FixedFields) -> Self {
        *self.event.fields_mut() = fields;
        self
    }

    /// Adds an extension. A name given a second time is the violation `duplicate_key`.
    pub fn extension(mut self, extension: Extension) -> Self {
        if self.is_new(extension.key(), extension.name()) {
            self.event.push(extension);
        }
        self
    }

    /// Adds an extension without a schema. A name given a second time is the violation `duplicate_key`.
    ///
    /// ```
    /// use service_end::event::OpenExtension;
    /// use service_end::schema::OpenNames;
    /// use service_end::{Schemas, ServiceEndEvent, Validator};
    /// let validator = Validator::new(Schemas::new().with_open(OpenNames::every()));
    /// let case = OpenExtension::new("Case", &["first", "second"])?;
    /// let event = ServiceEndEvent::builder().open_extension(case).build(&validator)?;
    /// assert_eq!(serde_json::to_string(&event).unwrap(), r#"{"Case":["first","second"]}"#);
    /// # Ok::<(), service_end::ReadError>(())
    /// ```
    pub fn open_extension(mut self, open: OpenExtension) -> Self {
        if self.is_new(open.key(), open.name()) {
            self.event.push_open(open);
        }
        self
    }

    fn is_new(&mut self, key: &str, name: &str) -> bool {
        let is_new = self.named.insert(key.into());
        if !is_new {
            self.found.push(|| Violation::new(Pointer::to(name), None, ViolationKind::DuplicateKey));
        }
        is_new
    }

    /// Adds an extension made of Rust values, as [`Extension::from_records`] makes it. What is wrong with them is told when
    /// the event is built, with pointers as into its body.
    pub fn extension_from(mut self, schema: &ExtensionSchema, records: &(impl Serialize + ?Sized)) -> Self {
        match judged(schema, records) {
            Ok(extension) => self.extension(extension),
            Err(violations) => {
                self.found.extend(violations);
                self
            }
        }
    }

    fn set(mut self, field: FixedField, value: impl Serialize) -> Self {
        let mut judged = Ok(());
        let event = &mut self.event;
        let taken = scalar_of(&value, &mut |scalar| judged = event.set(field, scalar, &UNDECLARED));
        if let Err(NoScalar(found)) = taken {
            judged = Err(FixedFields::wrong_type(field, found));
        }
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
