use super::validator::Validator;
use crate::event::{ServiceEndEvent, declared};
use crate::schema::{ExtensionType, FixedField};
use crate::violation::{Collector, Pointer, Violation, ViolationKind, Violations};

impl Validator {
    /// Holds an event made in Rust, or read by another validator, against the declarations and limits of this
    /// one. Names of business attributes turn into their ids.
    ///
    /// # Errors
    /// Every violation: a business attribute outside its enumeration, an extension made through a schema that is
    /// not registered as it was then, too many records.
    pub fn admit(&self, mut event: ServiceEndEvent) -> Result<ServiceEndEvent, Violations> {
        let mut found = Collector::new(self.limits.violations);
        for (field, business_field, value) in event.fields_mut().business_mut() {
            let Some(given) = value.take() else { continue };
            match declared(given, business_field, &self.business) {
                Ok(recorded) => *value = Some(recorded),
                Err(kind) => found.push(|| Violation::new(Pointer::to(field.name()), None, kind)),
            }
        }
        for extension in event.extensions() {
            let registered = self.schemas.get(extension.name());
            let kind = if registered.is_none() {
                ViolationKind::UnknownExtension {
                    known: self.schemas.known().clone(),
                    fields: FixedField::KNOWN,
                }
            } else if registered != Some(extension.schema()) {
                ViolationKind::OtherSchema
            } else if extension.schema().extension_type() == ExtensionType::MultiValued
                && extension.len() > self.limits.records
            {
                ViolationKind::TooManyRecords { limit: self.limits.records }
            } else {
                continue;
            };
            found.push(|| Violation::new(Pointer::to(extension.name()), None, kind));
        }
        found.finish(event)
    }
}
