//! The top level of a body: fixed fields and extensions.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::any::{Destination, Read};
use super::pass::Pass;
use super::record::ExtensionTarget;
use super::watch::Watch;
use crate::event::{Absent, FixedFields};
use crate::schema::{ExtensionSchema, FixedField, name_mistake};
use crate::value::{NUMBER_KEY, NumberText, Scalar};
use crate::violation::{JsonType, Part, Place, Pointer, Violation, ViolationKind};

/// The whole body.
pub(super) struct Body<'p, 'v> {
    pub(super) pass: &'p mut Pass<'v>,
}

impl<'de, 'v> Destination<'de, 'v> for Body<'_, 'v> {
    fn pass(&mut self) -> &mut Pass<'v> {
        self.pass
    }

    fn scalar(self, scalar: Scalar<'_>) {
        self.pass.no_object = Some(scalar.into());
    }

    fn skipped(self, found: JsonType) {
        self.pass.no_object = Some(found);
    }

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let pass = self.pass;
        while let Some(key) = object.next_key_seed(BodyKey { pass })? {
            match key {
                Member::Field(field) => {
                    object.next_value_seed(Read(FieldTarget { pass, field }))?;
                    if let Some(watch) = &mut pass.watch {
                        watch.field(field, pass.collector.found());
                    }
                }
                Member::Extension { schema, ordinal, spelled } => {
                    object.next_value_seed(ExtensionTarget { pass, schema, ordinal, spelled })?;
                }
                Member::Open => pass.read_open(&mut object)?,
                Member::NotLookedInto => {
                    object.next_value::<IgnoredAny>()?;
                }
                Member::NumberKey => match object.next_value_seed(NumberText)? {
                    Some(number) => {
                        pass.no_object = Some(number.into());
                        return Ok(());
                    }
                    None => {
                        pass.open_member(NUMBER_KEY);
                    }
                },
            }
        }
        Ok(())
    }
}

/// What a key of the body names.
enum Member<'v> {
    Field(FixedField),
    Extension {
        schema: &'v ExtensionSchema,
        /// Its ordinal among the registered ones.
        ordinal: u32,
        /// The name, where the body spells it otherwise than the schema.
        spelled: Option<Box<str>>,
    },
    /// One whose name needs no schema.
    Open,
    NotLookedInto,
    NumberKey,
}

struct BodyKey<'p, 'v> {
    pass: &'p mut Pass<'v>,
}

impl<'de, 'v> DeserializeSeed<'de> for BodyKey<'_, 'v> {
    type Value = Member<'v>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Member<'v>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'v> Visitor<'_> for BodyKey<'_, 'v> {
    type Value = Member<'v>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key that is text")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Member<'v>, E> {
        Ok(self.pass.member(name))
    }
}

impl<'v> Pass<'v> {
    /// Takes a key of the body.
    fn member(&mut self, name: &str) -> Member<'v> {
        let first = self.members == 0;
        self.members += 1;
        if let Some(field) = FixedField::of(name).filter(|field| self.takes(*field)) {
            if self.seen.insert_field(field) {
                return Member::Field(field);
            }
            self.at_key(name, ViolationKind::DuplicateKey, |watch, found| watch.field(field, found));
        } else if let Some((ordinal, schema)) = self.schemas.get_full(name) {
            if self.seen.insert_extension(ordinal) {
                let spelled = (schema.name() != name).then(|| name.into());
                return Member::Extension {
                    schema,
                    ordinal: u32::try_from(ordinal).unwrap_or_else(|_| unreachable!("no such memory")),
                    spelled,
                };
            }
            let repeated = |watch: &mut Watch<'_>, found| watch.repeated_extension(ordinal, found);
            self.at_key(name, ViolationKind::DuplicateKey, repeated);
        } else if first && name == NUMBER_KEY {
            return Member::NumberKey;
        } else if self.open_member(name) {
            return Member::Open;
        }
        Member::NotLookedInto
    }

    /// Takes a key that is neither a field nor a name with a schema: whether its value is looked into.
    fn open_member(&mut self, name: &str) -> bool {
        let open = self.schemas.open_names();
        let mistake = if open.is_every() { name_mistake(name) } else { None };
        if let Some(mistake) = mistake {
            self.at_key(name, mistake, Watch::skip);
        } else if !open.includes(name) {
            self.unknown_member(name);
        } else {
            let (words, _) = self.writer.size();
            let is_new = self.open.get_or_insert_default().writer.begin(name, words);
            if !is_new {
                self.at_key(name, ViolationKind::DuplicateKey, |watch, found| {
                    watch.open_extension(name, found);
                });
            }
            return is_new;
        }
        false
    }

    fn takes(&self, field: FixedField) -> bool {
        self.absent == Absent::Default || self.is_recorded(field)
    }

    /// What is recorded of an end has no service id of its own, and a start has only its timestamp.
    fn is_recorded(&self, field: FixedField) -> bool {
        self.fields.iter().any(|known| known == field.name())
    }

    fn unknown_member(&mut self, name: &str) {
        let kind = match self.absent {
            Absent::Default | Absent::DefaultIfMandatory => ViolationKind::UnknownExtension {
                known: self.schemas.known().clone(),
                fields: self.fields.clone(),
            },
            Absent::NoValue => ViolationKind::UnknownKey { known: self.fields.clone() },
        };
        self.at_key(name, kind, Watch::skip);
    }

    fn at_key(&mut self, name: &str, kind: ViolationKind, watched: impl FnOnce(&mut Watch<'v>, usize)) {
        let place = Place::member(self.members.saturating_sub(1), Part::Key);
        self.collector.push(|| Violation::new(Pointer::to(name), Some(place), kind));
        if let Some(watch) = &mut self.watch {
            watched(watch, self.collector.found());
        }
    }
}

/// The value of a fixed field.
struct FieldTarget<'p, 'v> {
    pass: &'p mut Pass<'v>,
    field: FixedField,
}

impl FieldTarget<'_, '_> {
    fn fault(self, kind: ViolationKind) {
        let place = Place::member(self.pass.members.saturating_sub(1), Part::Value);
        self.pass.collector.push(|| Violation::new(Pointer::to(self.field.name()), Some(place), kind));
    }
}

impl<'v> Destination<'_, 'v> for FieldTarget<'_, 'v> {
    fn pass(&mut self) -> &mut Pass<'v> {
        self.pass
    }

    fn scalar(self, scalar: Scalar<'_>) {
        if let Err(kind) = self.pass.event.set(self.field, scalar, self.pass.business) {
            self.fault(kind);
        }
    }

    fn skipped(self, found: JsonType) {
        let kind = FixedFields::wrong_type(self.field, found);
        self.fault(kind);
    }
}
