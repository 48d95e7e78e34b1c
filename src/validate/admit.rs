//! Events that are made in Rust, or that another validator has read: checked as a body is.

use super::error::ReadError;
use super::open_made::too_large;
use super::parts::{Content, Faulty};
use super::stored::read_by;
use super::validator::Validator;
use super::watch::run_rules;
use crate::event::{
    Absent, AnyExtension, Extensions, OpenExtension, ServiceEndEvent, ServiceEndEventBuilder, Spelling,
    Spellings, declared, json_bytes,
};
use crate::schema::{ExtensionType, FixedField};
use crate::violation::{Collector, Pointer, Violation, ViolationKind, Violations};

impl ServiceEndEventBuilder {
    /// The event, checked against what a validator knows. Names of business attributes turn into their ids.
    ///
    /// # Errors
    /// [`ReadError::Invalid`] with every violation: in the fixed fields, an extension given twice, a business attribute
    /// outside its enumeration, an extension made through another version of its schema that can't be carried to the
    /// registered one, too many records, an open extension that is too large or whose name is not open.
    /// [`ReadError::EventTooLarge`] if nothing is wrong but the length of its JSON.
    pub fn build(self, validator: &Validator) -> Result<ServiceEndEvent, ReadError> {
        let (event, mut found) = self.into_parts();
        validator.check(event, found.take_violations())
    }
}

impl Validator {
    /// Checks an event of another validator, for instance one with the schemas of a moment ago. An extension that was
    /// read with another version of its schema is carried to the registered one
    /// ([`Extension::migrate`](crate::Extension::migrate)). An open one whose name has a schema by now is read as in a body,
    /// and one whose schema is gone stays as an open one, if its name is open.
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
        let mut found = Collector::of_event(self.limits.violations, event.asked().body_bytes());
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
        self.carry(&mut event, &mut faulty, &mut found);
        for each in event.all_extensions() {
            if let Some(kind) = self.misfit(each) {
                faulty.add(each.name(), &self.schemas);
                found.push(|| Violation::new(Pointer::to(each.name()), None, kind));
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

    /// Carries extensions whose schema is new, of another version, or gone. Afterwards what is declared is declared by the
    /// schemas of this validator, and all else is open.
    fn carry(&self, event: &mut ServiceEndEvent, faulty: &mut Faulty, found: &mut Collector) {
        let is_so = |each: AnyExtension<'_>| match each {
            AnyExtension::Declared(extension) => extension.is_declared_by(&self.schemas),
            AnyExtension::Open(open) => self.schemas.get(open.key()).is_none(),
        };
        if event.all_extensions().all(is_so) {
            return;
        }
        let mut carried = Extensions::default();
        let mut spellings = Vec::new();
        // Of the declared ones, in their order.
        let mut positions = 0..;
        for each in event.all_extensions() {
            let position = if let AnyExtension::Declared(_) = each { positions.next() } else { None };
            let spelled = position.and_then(|position| event.asked().spellings()?.nth(position));
            let schema = self.schemas.get(each.key());
            match (each, schema) {
                (AnyExtension::Declared(extension), Some(schema)) => {
                    match extension.migrate_into(schema, found.rest()) {
                        Ok(migrated) => {
                            // By columns, which another version may give to other attributes.
                            let is_so = extension.is_declared_by(&self.schemas);
                            let kept = if is_so { spelled.cloned() } else { spelled.map(Spelling::of_name) };
                            spellings.push(kept.unwrap_or_default());
                            carried.push(migrated);
                        }
                        Err(violations) => {
                            faulty.add(each.name(), &self.schemas);
                            found.extend(violations);
                        }
                    }
                }
                (AnyExtension::Declared(extension), None) => {
                    carried.push_open(OpenExtension::of(extension.name(), &extension.to_json()));
                }
                (AnyExtension::Open(open), Some(schema)) => {
                    match read_by(schema, open.json(), Absent::Default) {
                        Ok(extension) => {
                            spellings.push(Spelling::default());
                            carried.push(extension);
                        }
                        Err(ReadError::Invalid(violations)) => {
                            faulty.add(each.name(), &self.schemas);
                            found.extend(violations.without_places());
                        }
                        Err(error) => unreachable!("it was read before: {error}"),
                    }
                }
                (AnyExtension::Open(open), None) => carried.push_open(open.clone()),
            }
        }
        event.set_extensions(carried);
        if event.asked().spellings().is_some() {
            let asked = self.asked(event.asked().body_bytes());
            event.set_asked(asked.with_spellings(Spellings::of(spellings), self.limits.violations));
        }
    }

    /// What keeps an extension out of an event of this validator.
    fn misfit(&self, each: AnyExtension<'_>) -> Option<ViolationKind> {
        let unknown = || ViolationKind::UnknownExtension {
            known: self.schemas.known().clone(),
            fields: FixedField::KNOWN,
        };
        let limit = self.limits.records;
        match each {
            AnyExtension::Declared(extension) => {
                let is_list = extension.schema().extension_type() == ExtensionType::MultiValued;
                let too_many = is_list && extension.len() > limit;
                too_many.then_some(ViolationKind::TooManyRecords { limit })
            }
            AnyExtension::Open(open) if !self.schemas.is_open(open.name()) => Some(unknown()),
            AnyExtension::Open(open) => too_large(open, self.limits.open),
        }
    }
}
