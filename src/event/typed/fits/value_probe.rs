//! One value of a made-up record, which takes down what it is asked for.

use std::any::type_name;

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

use super::super::error::Mismatch;
use super::super::value::{Source, ValueDeserializer, deeper};
use super::filler::Filler;
use super::names::{Asking, Declared};
use super::watch::{AskedValue, Watch};
use crate::value::Value;

/// What stands in a made-up record.
#[derive(Clone, Copy, Debug)]
pub(super) enum Made<'s> {
    /// A value that the schema accepts.
    Value(Value<'s>),
    /// Whatever is asked for.
    Anything,
    /// The same, but nothing where that is enough. There are several samples of it.
    Least(usize),
}

#[derive(Clone, Copy)]
pub(super) struct ValueProbe<'s, 'w> {
    made: Made<'s>,
    watch: &'w Watch,
    declared: Declared,
    depth: u8,
}

impl<'s, 'w> ValueProbe<'s, 'w> {
    pub(super) fn new(made: Made<'s>, watch: &'w Watch, declared: Declared) -> Self {
        ValueProbe { made, watch, declared, depth: 0 }
    }

    /// Takes down what is asked for.
    fn note<V: Visitor<'s>>(&self, what: &'static str, variants: &'static [&'static str]) -> Asking {
        let asking = self.declared.asked_with::<V, V::Value>();
        // A struct that `serde` derives is in no attribute: only an enum is.
        let known =
            asking == Asking::Settled(Declared::Known) || (asking == Asking::Derived && what == "enum");
        self.watch.value_known.set(known);
        self.watch.asked.set(Some(AskedValue { what, made: type_name::<V::Value>(), variants }));
        asking
    }

    fn deeper(self, declared: Declared) -> Result<Self, Mismatch> {
        Ok(ValueProbe { declared, depth: deeper(self.depth)?, ..self })
    }
}

/// Methods that take down what is asked for, and answer as a real value does.
macro_rules! asks {
    ($($method:ident($($argument:ident: $type:ty),*) for $what:literal $($variants:ident)?;)*) => {$(
        fn $method<V: Visitor<'s>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Mismatch> {
            let variants: &[&str] = &[];
            $(let variants = { let _: &[&str] = variants; $variants };)?
            self.note::<V>($what, variants);
            match self.made {
                Made::Value(value) => {
                    ValueDeserializer::new(Source::Value(value)).$method($($argument,)* visitor)
                }
                Made::Anything => Filler { sample: 0, depth: self.depth }.$method($($argument,)* visitor),
                Made::Least(sample) => Filler { sample, depth: self.depth }.$method($($argument,)* visitor),
            }
        }
    )*};
}

impl<'s> Deserializer<'s> for ValueProbe<'s, '_> {
    type Error = Mismatch;

    asks! {
        deserialize_any() for "any";
        deserialize_bool() for "bool";
        deserialize_i8() for "i8";
        deserialize_i16() for "i16";
        deserialize_i32() for "i32";
        deserialize_i64() for "i64";
        deserialize_i128() for "i128";
        deserialize_u8() for "u8";
        deserialize_u16() for "u16";
        deserialize_u32() for "u32";
        deserialize_u64() for "u64";
        deserialize_u128() for "u128";
        deserialize_f32() for "f32";
        deserialize_f64() for "f64";
        deserialize_char() for "char";
        deserialize_str() for "string";
        deserialize_string() for "string";
        deserialize_bytes() for "bytes";
        deserialize_byte_buf() for "bytes";
        deserialize_unit() for "unit";
        deserialize_unit_struct(name: &'static str) for "unit";
        deserialize_seq() for "list";
        deserialize_tuple(length: usize) for "list";
        deserialize_tuple_struct(name: &'static str, length: usize) for "list";
        deserialize_map() for "map";
        deserialize_struct(name: &'static str, fields: &'static [&'static str]) for "struct";
        deserialize_enum(name: &'static str, variants: &'static [&'static str]) for "enum" variants;
        deserialize_identifier() for "string";
        deserialize_ignored_any() for "nothing";
    }

    fn deserialize_option<V: Visitor<'s>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let declared = match self.note::<V>("option", &[]) {
            Asking::Option(declared) | Asking::Settled(declared) => declared,
            Asking::Derived => Declared::Unknown,
        };
        match self.made {
            Made::Least(_) => visitor.visit_none(),
            // Even of anything, the type inside is to be heard.
            Made::Value(_) | Made::Anything => visitor.visit_some(self.deeper(declared)?),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'s>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let asking = self.note::<V>("newtype", &[]);
        match asking {
            Asking::Derived if !self.watch.newtypes => {
                read_as_list(self.deeper(Declared::Unknown)?, self.watch, visitor)
            }
            Asking::Settled(declared) | Asking::Option(declared) => {
                visitor.visit_newtype_struct(self.deeper(declared)?)
            }
            Asking::Derived => visitor.visit_newtype_struct(self.deeper(Declared::Unknown)?),
        }
    }
}

/// Something that can be told the type that reads it.
pub(super) trait Declare {
    fn declared(self, declared: Declared) -> Self;
}

impl Declare for ValueProbe<'_, '_> {
    fn declared(self, declared: Declared) -> Self {
        ValueProbe { declared, ..self }
    }
}

/// Reads a newtype as a list of one element, which tells the type of that.
pub(super) fn read_as_list<'s, D, V>(probe: D, watch: &Watch, visitor: V) -> Result<V::Value, Mismatch>
where
    D: Deserializer<'s, Error = Mismatch> + Declare,
    V: Visitor<'s>,
{
    let mut only = Only(Some(probe));
    let read = visitor.visit_seq(&mut only);
    if only.0.is_some() {
        watch.no_list.set(true);
    }
    read
}

/// A list of one element.
struct Only<D>(Option<D>);

impl<'s, D: Deserializer<'s, Error = Mismatch> + Declare> SeqAccess<'s> for &mut Only<D> {
    type Error = Mismatch;

    fn next_element_seed<S: DeserializeSeed<'s>>(&mut self, seed: S) -> Result<Option<S::Value>, Mismatch> {
        let Some(probe) = self.0.take() else { return Ok(None) };
        seed.deserialize(probe.declared(Declared::of::<S::Value>())).map(Some)
    }
}
