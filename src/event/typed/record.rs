//! A record, or all records of an extension, as what `serde` reads from.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::super::extension::Extension;
use super::super::record::{Record, Records};
use super::super::table::{Cells, RawCell};
use super::error::{Mismatch, MismatchKind, records};
use super::value::{Source, ValueDeserializer, deeper};
use crate::schema::{AttributeSchema, ExtensionSchema, ExtensionType};

/// The fields that a type asked for last. The records of an extension are read into one type, which asks each time for
/// the same fields: they are compared with the schema once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AskedFields {
    fields: &'static [&'static str],
    /// The same, if one of them is the name of an attribute in another case, else none.
    respelled: &'static [&'static str],
}

impl AskedFields {
    /// The fields, where their spelling is to be looked at, else none.
    fn respelled(
        &mut self,
        fields: &'static [&'static str],
        schema: &ExtensionSchema,
    ) -> &'static [&'static str] {
        if !std::ptr::eq(self.fields, fields) {
            let mut guess = 0;
            let is_respelled = schema
                .attributes()
                .any(|attribute| spelled(attribute.name(), fields, &mut guess) != attribute.name());
            *self = AskedFields { fields, respelled: if is_respelled { fields } else { &[] } };
        }
        self.respelled
    }
}

/// A name in the spelling of a field that has it in another case; as it is, if there is none or one to the letter.
pub(super) fn spelled<'n>(name: &'n str, fields: &'static [&'static str], guess: &mut usize) -> &'n str {
    if fields.get(*guess) == Some(&name) {
        *guess += 1;
        return name;
    }
    let found = fields.iter().position(|field| *field == name);
    let found = found.or_else(|| fields.iter().position(|field| field.eq_ignore_ascii_case(name)));
    let Some(field) = found.and_then(|ordinal| fields.get(ordinal)) else { return name };
    *guess = found.map_or(0, |ordinal| ordinal + 1);
    field
}

/// Reads one record.
pub(super) struct RecordDeserializer<'e, 'a> {
    record: Record<'e>,
    asked: &'a mut AskedFields,
    depth: u8,
}

impl<'e, 'a> RecordDeserializer<'e, 'a> {
    pub(super) fn new(record: Record<'e>, asked: &'a mut AskedFields) -> Self {
        RecordDeserializer { record, asked, depth: 0 }
    }

    fn deeper(self) -> Result<Self, Mismatch> {
        Ok(RecordDeserializer { depth: deeper(self.depth)?, ..self })
    }

    #[inline]
    fn map<V: Visitor<'e>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Mismatch> {
        let mut members = Members::of(self.record, fields);
        let read = visitor.visit_map(&mut members)?;
        if members.last.is_some() || members.next_member().is_some() {
            return Err(Mismatch::stops_early());
        }
        Ok(read)
    }

    fn no_scalar(self, expected: &'static str) -> Mismatch {
        let found = self.record.ordinal().map_or("one record", |_| "a record of the list");
        Mismatch::new(MismatchKind::Shape, expected, found)
    }
}

/// The methods that a record and a list of them answer alike: those of a type that wraps another, or takes no notice.
macro_rules! wrapped {
    () => {
        fn deserialize_option<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            visitor.visit_some(self.deeper()?)
        }

        fn deserialize_newtype_struct<V: Visitor<'e>>(
            self,
            _: &'static str,
            visitor: V,
        ) -> Result<V::Value, Mismatch> {
            visitor.visit_newtype_struct(self.deeper()?)
        }

        fn deserialize_ignored_any<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            visitor.visit_unit()
        }
    };
}

/// The methods that ask for what neither a record nor a list of them is.
macro_rules! no_shape {
    () => {
        no_shape! {
            deserialize_bool() expects "a boolean";
            deserialize_i8() expects "an integer";
            deserialize_i16() expects "an integer";
            deserialize_i32() expects "an integer";
            deserialize_i64() expects "an integer";
            deserialize_i128() expects "an integer";
            deserialize_u8() expects "an integer";
            deserialize_u16() expects "an integer";
            deserialize_u32() expects "an integer";
            deserialize_u64() expects "an integer";
            deserialize_u128() expects "an integer";
            deserialize_f32() expects "a number";
            deserialize_f64() expects "a number";
            deserialize_char() expects "a character";
            deserialize_str() expects "a text";
            deserialize_string() expects "a text";
            deserialize_bytes() expects "bytes";
            deserialize_byte_buf() expects "bytes";
            deserialize_unit() expects "nothing";
            deserialize_unit_struct(&'static str) expects "nothing";
            deserialize_identifier() expects "a name";
            deserialize_enum(&'static str, &'static [&'static str]) expects "one of several variants";
        }
    };
    ($($method:ident($($argument:ty),*) expects $expected:expr;)*) => {$(
        fn $method<V: Visitor<'e>>(self, $(_: $argument,)* _: V) -> Result<V::Value, Mismatch> {
            Err(self.no_scalar($expected))
        }
    )*};
}

pub(super) use no_shape;

impl<'e> Deserializer<'e> for RecordDeserializer<'e, '_> {
    type Error = Mismatch;

    #[inline]
    fn deserialize_struct<V: Visitor<'e>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let respelled = self.asked.respelled(fields, self.record.schema());
        self.map(respelled, visitor)
    }

    fn deserialize_any<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.map(&[], visitor)
    }

    fn deserialize_map<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.map(&[], visitor)
    }

    wrapped! {}

    no_shape! {
        deserialize_seq() expects "a list";
        deserialize_tuple(usize) expects "a list";
        deserialize_tuple_struct(&'static str, usize) expects "a list";
    }
    no_shape! {}
}

/// The attributes of a record that have a value.
struct Members<'e> {
    schema: &'e ExtensionSchema,
    /// The cells that are left, and the defaults.
    cells: Cells<'e>,
    defaults: &'e [u8],
    /// The fields that the type asks for, where their spelling is to be looked at.
    fields: &'static [&'static str],
    guess: usize,
    /// The member whose key was read last, until its value is.
    last: Option<Member<'e>>,
}

/// An attribute, and the cell that has its value; without one, it has its default.
type Member<'e> = (&'e AttributeSchema, Option<RawCell<'e>>);

impl<'e> Members<'e> {
    fn of(record: Record<'e>, fields: &'static [&'static str]) -> Self {
        let (schema, cells) = (record.schema(), record.cells());
        let defaults = cells.absent().defaults(schema);
        Members { schema, cells, defaults, fields, guess: 0, last: None }
    }

    /// As `Walk` goes, but hands out no value yet: it is unpacked where it is asked for, which takes half the time.
    #[inline]
    fn next_member(&mut self) -> Option<Member<'e>> {
        loop {
            let mut rest = self.cells;
            let cell = rest.split_first_cell();
            if let Some((default, defaults)) = self.defaults.split_first() {
                let column = cell.map(RawCell::column);
                if column.is_none_or(|column| *default <= column) {
                    self.defaults = defaults;
                    if column != Some(*default) {
                        return Some((self.schema.at(*default), None));
                    }
                }
            }
            let cell = cell?;
            self.cells = rest;
            if cell.has_value() {
                return Some((self.schema.at(cell.column()), Some(cell)));
            }
        }
    }
}

impl<'e> MapAccess<'e> for &mut Members<'e> {
    type Error = Mismatch;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'e>>(&mut self, seed: K) -> Result<Option<K::Value>, Mismatch> {
        if self.last.is_some() {
            return Err(Mismatch::out_of_turn());
        }
        self.last = self.next_member();
        let Some((attribute, _)) = self.last else { return Ok(None) };
        let name = attribute.name();
        let name = if self.fields.is_empty() { name } else { spelled(name, self.fields, &mut self.guess) };
        match seed.deserialize(BorrowedStrDeserializer::new(name)) {
            Ok(key) => Ok(Some(key)),
            Err(mismatch) => Err(at(mismatch, attribute)),
        }
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'e>>(&mut self, seed: S) -> Result<S::Value, Mismatch> {
        let Some((attribute, cell)) = self.last.take() else { return Err(Mismatch::out_of_turn()) };
        let source = match cell {
            Some(cell) => Source::Cell(attribute.attribute_type(), cell),
            None => Source::Default(attribute),
        };
        match seed.deserialize(ValueDeserializer::new(source)) {
            Ok(read) => Ok(read),
            Err(mismatch) => Err(at(mismatch, attribute)),
        }
    }
}

pub(super) fn at(mismatch: Mismatch, attribute: &AttributeSchema) -> Mismatch {
    mismatch.at_attribute(attribute.name(), || {
        format!("an attribute of type `{}`", attribute.attribute_type()).into()
    })
}

/// Reads an extension: its record, or all of its records.
pub(super) struct ExtensionDeserializer<'e> {
    extension: &'e Extension,
    depth: u8,
}

impl<'e> ExtensionDeserializer<'e> {
    pub(super) fn new(extension: &'e Extension) -> Self {
        ExtensionDeserializer { extension, depth: 0 }
    }

    fn deeper(self) -> Result<Self, Mismatch> {
        Ok(ExtensionDeserializer { depth: deeper(self.depth)?, ..self })
    }

    fn is_list(&self) -> bool {
        self.extension.schema().extension_type() == ExtensionType::MultiValued
    }

    fn list<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if !self.is_list() {
            return Err(self.no_scalar("a list"));
        }
        let mut elements = Elements { records: self.extension.records(), asked: AskedFields::default() };
        let read = visitor.visit_seq(&mut elements)?;
        match elements.records.len() {
            0 => Ok(read),
            left => {
                let all = self.extension.len();
                Err(Mismatch::new(MismatchKind::Shape, records(all - left), all.to_string()))
            }
        }
    }

    fn no_scalar(self, expected: &'static str) -> Mismatch {
        let found = if self.is_list() { "a list of records" } else { "one record" };
        Mismatch::new(MismatchKind::Shape, expected, found)
    }

    /// The record of a single-valued extension.
    fn one<T>(
        self,
        expected: &'static str,
        read: impl FnOnce(RecordDeserializer<'e, '_>) -> Result<T, Mismatch>,
    ) -> Result<T, Mismatch> {
        match self.extension.record() {
            Some(record) if !self.is_list() => {
                let mut asked = AskedFields::default();
                read(RecordDeserializer { record, asked: &mut asked, depth: self.depth })
            }
            _ => Err(self.no_scalar(expected)),
        }
    }
}

impl<'e> Deserializer<'e> for ExtensionDeserializer<'e> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.is_list() { self.list(visitor) } else { self.deserialize_map(visitor) }
    }

    fn deserialize_seq<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.list(visitor)
    }

    fn deserialize_tuple<V: Visitor<'e>>(self, _: usize, visitor: V) -> Result<V::Value, Mismatch> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'e>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.list(visitor)
    }

    fn deserialize_map<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.one("one record", |record| record.deserialize_map(visitor))
    }

    fn deserialize_struct<V: Visitor<'e>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.one("one record", |record| record.deserialize_struct(name, fields, visitor))
    }

    wrapped! {}

    no_shape! {}
}

/// The records of a multi-valued extension.
struct Elements<'e> {
    records: Records<'e>,
    asked: AskedFields,
}

impl<'e> SeqAccess<'e> for &mut Elements<'e> {
    type Error = Mismatch;

    #[inline]
    fn next_element_seed<S: DeserializeSeed<'e>>(&mut self, seed: S) -> Result<Option<S::Value>, Mismatch> {
        let Some(record) = self.records.next() else { return Ok(None) };
        match seed.deserialize(RecordDeserializer::new(record, &mut self.asked)) {
            Ok(read) => Ok(Some(read)),
            Err(mismatch) => Err(mismatch.in_record(record.schema(), record.ordinal())),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.records.len())
    }
}
