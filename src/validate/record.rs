//! Extensions and their records.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::any::{Destination, Read, skip_object, skip_rest_of_array};
use super::pass::Pass;
use crate::event::Assembler;
use crate::schema::{ExtensionSchema, ExtensionType};
use crate::value::{NUMBER_KEY, NumberText, Scalar};
use crate::violation::JsonType;

/// Reads the value under an extension's name into the event.
pub(super) struct ExtensionTarget<'p, 'v> {
    pub(super) pass: &'p mut Pass<'v>,
    pub(super) schema: &'v ExtensionSchema,
    /// Its ordinal among the registered ones.
    pub(super) ordinal: u32,
    /// The name, where the body spells it otherwise than the schema.
    pub(super) spelled: Option<Box<str>>,
}

impl<'de> DeserializeSeed<'de> for ExtensionTarget<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let ExtensionTarget { pass, schema, ordinal, spelled } = self;
        let member = pass.members.saturating_sub(1);
        let Pass { seen_records, writer, .. } = &mut *pass;
        let mut assembler = Assembler::begin(schema, ordinal, spelled, member, seen_records, writer);
        if pass.watch.is_some() {
            assembler.keep_spelling();
        }
        Read(Shape { pass, assembler: &mut assembler }).deserialize(deserializer)?;
        let defaults = schema.defaults_bytes().saturating_mul(assembler.records());
        pass.default_bytes = pass.default_bytes.saturating_add(defaults);
        assembler.end(&mut pass.seen_records, &mut pass.writer);
        if let Some(watch) = &mut pass.watch {
            watch.extension(ordinal as usize, assembler.take_spelling(), pass.collector.found());
        }
        if pass.writer.is_full() { Err(D::Error::custom(TOO_LARGE)) } else { Ok(()) }
    }
}

/// Stops a reader; what its error says is not told.
const TOO_LARGE: &str = "the event is too large";

/// The object of a single-valued, the array of a multi-valued extension.
struct Shape<'p, 'v> {
    pass: &'p mut Pass<'v>,
    assembler: &'p mut Assembler<&'v ExtensionSchema>,
}

impl<'de, 'v> Destination<'de, 'v> for Shape<'_, 'v> {
    fn pass(&mut self) -> &mut Pass<'v> {
        self.pass
    }

    fn scalar(self, scalar: Scalar<'_>) {
        self.skipped(scalar.into());
    }

    fn skipped(self, found: JsonType) {
        self.assembler.wrong_shape(found, &mut self.pass.collector);
    }

    fn array<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        if self.assembler.schema().extension_type() == ExtensionType::SingleValued {
            skip_rest_of_array(&mut array)?;
            self.skipped(JsonType::Array);
            return Ok(());
        }
        let Shape { pass, assembler } = self;
        loop {
            if assembler.elements() >= pass.max_records {
                if array.next_element::<IgnoredAny>()?.is_some() {
                    assembler.too_many_records(pass.max_records, &mut pass.collector);
                    skip_rest_of_array(&mut array)?;
                }
                return Ok(());
            }
            assembler.next_element();
            if array.next_element_seed(Read(Element { pass, assembler }))?.is_none() {
                return Ok(());
            }
        }
    }

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        if self.assembler.schema().extension_type() == ExtensionType::MultiValued {
            match skip_object(&mut object, self.pass.begin_skipping())? {
                Some(number) => self.scalar(number),
                None => self.skipped(JsonType::Object),
            }
        } else if let Some(number) = read_record(self.pass, self.assembler, object)? {
            self.scalar(number);
        }
        Ok(())
    }
}

/// An element of the array of a multi-valued extension.
struct Element<'p, 'v> {
    pass: &'p mut Pass<'v>,
    assembler: &'p mut Assembler<&'v ExtensionSchema>,
}

impl<'de, 'v> Destination<'de, 'v> for Element<'_, 'v> {
    fn pass(&mut self) -> &mut Pass<'v> {
        self.pass
    }

    fn scalar(self, scalar: Scalar<'_>) {
        self.skipped(scalar.into());
    }

    fn skipped(self, found: JsonType) {
        self.assembler.wrong_element(found, &mut self.pass.collector);
    }

    fn object<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        if let Some(number) = read_record(self.pass, self.assembler, object)? {
            self.scalar(number);
        }
        Ok(())
    }
}

/// Reads a record, unless the object is how a number comes in.
fn read_record<'de, 'v, A: MapAccess<'de>>(
    pass: &mut Pass<'v>,
    assembler: &mut Assembler<&'v ExtensionSchema>,
    mut object: A,
) -> Result<Option<Scalar<'static>>, A::Error> {
    assembler.open(&mut pass.writer);
    while let Some(key) = object.next_key_seed(AttributeKey { pass, assembler })? {
        match key {
            Attribute::Column(column) => {
                object.next_value_seed(Read(CellTarget { pass, assembler, column }))?;
            }
            Attribute::NotLookedInto => {
                object.next_value::<IgnoredAny>()?;
            }
            Attribute::NumberKey => match object.next_value_seed(NumberText)? {
                Some(number) => return Ok(Some(number)),
                None => {
                    assembler.attribute(NUMBER_KEY, &mut pass.collector);
                }
            },
        }
    }
    assembler.close(&mut pass.writer, &mut pass.collector);
    if pass.writer.is_full() { Err(A::Error::custom(TOO_LARGE)) } else { Ok(None) }
}

/// What a key of a record names.
enum Attribute {
    Column(u8),
    NotLookedInto,
    NumberKey,
}

struct AttributeKey<'p, 'v> {
    pass: &'p mut Pass<'v>,
    assembler: &'p mut Assembler<&'v ExtensionSchema>,
}

impl<'de> DeserializeSeed<'de> for AttributeKey<'_, '_> {
    type Value = Attribute;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Attribute, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for AttributeKey<'_, '_> {
    type Value = Attribute;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key that is text")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Attribute, E> {
        if self.assembler.at_first_attribute() && name == NUMBER_KEY {
            return Ok(Attribute::NumberKey);
        }
        let column = self.assembler.attribute(name, &mut self.pass.collector);
        Ok(column.map_or(Attribute::NotLookedInto, Attribute::Column))
    }
}

/// The value of an attribute.
struct CellTarget<'p, 'v> {
    pass: &'p mut Pass<'v>,
    assembler: &'p mut Assembler<&'v ExtensionSchema>,
    column: u8,
}

impl<'v> Destination<'_, 'v> for CellTarget<'_, 'v> {
    fn pass(&mut self) -> &mut Pass<'v> {
        self.pass
    }

    #[expect(
        clippy::inline_always,
        reason = "merges with what tells the kind of scalar: 4 % of all instructions"
    )]
    #[inline(always)]
    fn scalar(self, scalar: Scalar<'_>) {
        self.assembler.scalar(self.column, scalar, &mut self.pass.writer, &mut self.pass.collector);
    }

    fn skipped(self, found: JsonType) {
        self.assembler.container(self.column, found, &mut self.pass.collector);
    }
}
