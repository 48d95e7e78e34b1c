//! A made-up record, which takes down how a type reads it.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::super::error::{Mismatch, MismatchKind};
use super::super::record::{at, no_shape, spelled};
use super::super::value::deeper;
use super::filler::SAMPLES;
use super::names::{Asking, Declared};
use super::value_probe::{Declare, Made, ValueProbe, read_as_list};
use super::watch::Watch;
use crate::schema::AttributeSchema;

/// A member of a made-up record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member<'s> {
    pub(super) name: &'s str,
    /// The attribute, unless it is a field that the schema lacks.
    pub(super) attribute: Option<&'s AttributeSchema>,
    pub(super) made: Made<'s>,
}

/// Lets a type read some members, and takes down what it does.
pub(super) fn read<'s, T: Deserialize<'s>>(members: &[Member<'s>]) -> (Watch, Result<(), Mismatch>) {
    let watch = Watch::default();
    let result = read_into::<T>(members, &watch);
    if !watch.no_list.get() {
        return (watch, result);
    }
    let watch = Watch { newtypes: true, ..Watch::default() };
    let result = read_into::<T>(members, &watch);
    (watch, result)
}

fn read_into<'s, T: Deserialize<'s>>(members: &[Member<'s>], watch: &Watch) -> Result<(), Mismatch> {
    let probe = RecordProbe { members, watch, declared: Declared::of::<T>(), depth: 0 };
    T::deserialize(probe).map(drop)
}

/// A member that the type takes, if any of the samples is one.
pub(super) fn sampled<'s, T: Deserialize<'s>>(
    name: &'s str,
    attribute: Option<&'s AttributeSchema>,
) -> Option<Member<'s>> {
    let mut samples = (0..SAMPLES).map(|sample| Member { name, attribute, made: Made::Least(sample) });
    samples.find(|member| matches!(*read::<T>(&[*member]).0.value.borrow(), Some(Ok(()))))
}

struct RecordProbe<'s, 'w> {
    members: &'w [Member<'s>],
    watch: &'w Watch,
    declared: Declared,
    depth: u8,
}

impl<'s> RecordProbe<'s, '_> {
    fn deeper(self, declared: Declared) -> Result<Self, Mismatch> {
        Ok(RecordProbe { declared, depth: deeper(self.depth)?, ..self })
    }

    fn map<V: Visitor<'s>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Mismatch> {
        let asking = self.declared.asked_with::<V, V::Value>();
        let is_struct = self.watch.fields.get().is_some();
        self.watch
            .record_known
            .set(asking == Asking::Settled(Declared::Known) || (asking == Asking::Derived && is_struct));
        let mut members =
            Members { rest: self.members.iter(), watch: self.watch, fields, guess: 0, last: None };
        let read = visitor.visit_map(&mut members)?;
        if members.last.is_some() || members.rest.len() > 0 { Err(Mismatch::stops_early()) } else { Ok(read) }
    }

    fn no_scalar(self, expected: &'static str) -> Mismatch {
        self.watch.record_known.set(true);
        Mismatch::new(MismatchKind::Shape, expected, "records of a schema")
    }
}

impl Declare for RecordProbe<'_, '_> {
    fn declared(self, declared: Declared) -> Self {
        RecordProbe { declared, ..self }
    }
}

impl<'e> Deserializer<'e> for RecordProbe<'e, '_> {
    type Error = Mismatch;

    fn deserialize_struct<V: Visitor<'e>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.watch.fields.set(Some(fields));
        self.map(fields, visitor)
    }

    fn deserialize_any<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.map(&[], visitor)
    }

    fn deserialize_map<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.map(&[], visitor)
    }

    fn deserialize_option<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let declared = match self.declared.asked_with::<V, V::Value>() {
            Asking::Option(declared) | Asking::Settled(declared) => declared,
            Asking::Derived => Declared::Unknown,
        };
        visitor.visit_some(self.deeper(declared)?)
    }

    fn deserialize_newtype_struct<V: Visitor<'e>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        match self.declared.asked_with::<V, V::Value>() {
            Asking::Derived if !self.watch.newtypes => {
                let watch = self.watch;
                read_as_list(self.deeper(Declared::Unknown)?, watch, visitor)
            }
            Asking::Settled(declared) => visitor.visit_newtype_struct(self.deeper(declared)?),
            _ => visitor.visit_newtype_struct(self.deeper(Declared::Unknown)?),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let asking = self.declared.asked_with::<V, V::Value>();
        self.watch.record_known.set(asking == Asking::Settled(Declared::Known));
        visitor.visit_unit()
    }

    no_shape! {
        deserialize_seq() expects "a list";
        deserialize_tuple(usize) expects "a list";
        deserialize_tuple_struct(&'static str, usize) expects "a list";
    }
    no_shape! {}
}

struct Members<'s, 'w> {
    rest: std::slice::Iter<'w, Member<'s>>,
    watch: &'w Watch,
    fields: &'static [&'static str],
    guess: usize,
    last: Option<Member<'s>>,
}

impl<'s> MapAccess<'s> for &mut Members<'s, '_> {
    type Error = Mismatch;

    fn next_key_seed<K: DeserializeSeed<'s>>(&mut self, seed: K) -> Result<Option<K::Value>, Mismatch> {
        if self.last.is_some() {
            return Err(Mismatch::out_of_turn());
        }
        self.last = self.rest.next().copied();
        let Some(member) = self.last else { return Ok(None) };
        let name = spelled(member.name, self.fields, &mut self.guess);
        seed.deserialize(BorrowedStrDeserializer::new(name))
            .map(Some)
            .map_err(|mismatch| told(mismatch, member))
    }

    fn next_value_seed<S: DeserializeSeed<'s>>(&mut self, seed: S) -> Result<S::Value, Mismatch> {
        let Some(member) = self.last.take() else { return Err(Mismatch::out_of_turn()) };
        let declared = Declared::of::<S::Value>();
        self.watch.value_optional.set(declared.is_option());
        let probe = ValueProbe::new(member.made, self.watch, declared);
        let read = seed.deserialize(probe).map_err(|mismatch| told(mismatch, member));
        let outcome = read.as_ref().map(|_| ()).map_err(Clone::clone);
        *self.watch.value.borrow_mut() = Some(outcome);
        read
    }
}

fn told(mismatch: Mismatch, member: Member<'_>) -> Mismatch {
    match member.attribute {
        Some(attribute) => at(mismatch, attribute),
        None => mismatch.at_attribute(member.name, || "none in the schema".into()),
    }
}
