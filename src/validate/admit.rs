//! Events that are made in Rust, or that another validator has read: checked as a body is.

use super::error::ReadError;
use super::parts::{Content, Faulty};
use super::validator::Validator;
use super::watch::run_rules;
use crate::event::{Extension, ServiceEndEvent, ServiceEndEventBuilder, declared, json_bytes};
use crate::schema::{ExtensionType, FixedField};
use crate::violation::{Collector, Pointer, Violation, ViolationKind, Violations};

impl ServiceEndEventBuilder {
    /// The event, checked against what a validator knows. Names of business attributes turn into their ids.
    ///
    /// # Errors
    /// [`ReadError::Invalid`] with every violation: in the fixed fields, an extension given twice, a business attribute
    /// outside its enumeration, an extension made through a schema that is not the one registered, too many records.
    /// [`ReadError::EventTooLarge`] if nothing is wrong but the length of its JSON.
    pub fn build(self, validator: &Validator) -> Result<ServiceEndEvent, ReadError> {
        let (event, mut found) = self.into_parts();
        validator.check(event, found.take_violations())
    }
}

impl Validator {
    /// Checks an event of another validator, for instance one with the schemas of a moment ago. An extension that was
    /// read with another version of its schema is carried to the registered one ([`Extension::migrate`]).
    ///
    /// # Errors
    /// As [`ServiceEndEventBuilder::build`].
    pub fn admit(&self, event: ServiceEndEvent) -> Result<ServiceEndEvent, ReadError> {
        self.check(event, None)
    }

    fn check(
        &self,
        mut event: ServiceEndEvent,
        earlier: Option<Violations>,
    ) -> Result<ServiceEndEvent, ReadError> {
        let mut found = Collector::new(self.limits.violations, 0);
        let mut faulty = Faulty::default();
        if let Some(earlier) = earlier {
            for violation in earlier.iter().filter(|_| !self.rules.is_empty()) {
                // The name of the part stands first, and none is escaped.
                let name = violation.pointer().split('/').nth(1);
                faulty.add(name.unwrap_or_default(), &self.schemas);
            }
            found.extend(earlier);
        }
        for (field, business_field, value) in event.fields_mut().business_mut() {
            let Some(given) = value.take() else { continue };
            match declared(given, business_field, &self.business) {
                Ok(recorded) => *value = Some(recorded),
                Err(kind) => {
                    faulty.add(field.name(), &self.schemas);
                    found.push(|| Violation::new(Pointer::to(field.name()), None, kind));
                }
            }
        }
        self.migrate(&mut event, &mut found);
        for extension in event.extensions() {
            if let Some(kind) = self.misfit(extension) {
                faulty.add(extension.name(), &self.schemas);
                found.push(|| Violation::new(Pointer::to(extension.name()), None, kind));
            }
        }
        event.set_asked(self.asked_of(&event));
        if !self.rules.is_empty() {
            run_rules(&self.rules, &Content::by_names(&event, faulty, &self.schemas), &mut found)?;
        }
        let event = found.finish(event)?;
        let limit = self.limits.event_bytes;
        if json_bytes(&event) > limit { Err(ReadError::EventTooLarge { limit }) } else { Ok(event) }
    }

    /// Carries extensions of another version of a schema to the registered one.
    fn migrate(&self, event: &mut ServiceEndEvent, found: &mut Collector) {
        let is_other = |extension: &Extension| {
            self.schemas.get(extension.key()).filter(|schema| *schema != extension.schema())
        };
        if event.extensions().iter().all(|extension| extension.is_declared_by(&self.schemas)) {
            return;
        }
        let extensions = event.extensions().iter().filter_map(|extension| match is_other(extension) {
            None => Some(extension.clone()),
            Some(schema) => match extension.migrate(schema) {
                Ok(migrated) => Some(migrated),
                Err(violations) => {
                    found.extend(violations);
                    None
                }
            },
        });
        let extensions = extensions.collect();
        event.set_extensions(extensions);
    }

    /// What keeps an extension out of an event of this validator.
    fn misfit(&self, extension: &Extension) -> Option<ViolationKind> {
        let schema = extension.schema();
        if !extension.is_declared_by(&self.schemas) {
            return Some(ViolationKind::UnknownExtension {
                known: self.schemas.known().clone(),
                fields: FixedField::KNOWN,
            });
        }
        let limit = self.limits.records;
        let too_many = schema.extension_type() == ExtensionType::MultiValued && extension.len() > limit;
        too_many.then_some(ViolationKind::TooManyRecords { limit })
    }
}
