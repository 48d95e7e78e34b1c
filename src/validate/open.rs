//! Extensions under names that need no schema.

use std::mem;

use serde::de::{DeserializeSeed, Error, MapAccess};
use serde_json::value::RawValue;

use super::open_value::{AnyValue, Judge, Written};
use super::pass::{Door, Pass};
use crate::value::{compact_bytes, push_compact};
use crate::violation::{At, SyntaxError, ViolationKind};

impl Pass<'_> {
    /// Reads the value under a name that was begun.
    pub(super) fn read_open<'de, A: MapAccess<'de>>(&mut self, object: &mut A) -> Result<(), A::Error> {
        match self.door {
            Door::JsonText(_) => self.read_open_text(object.next_value()?)?,
            Door::Format => self.read_open_value(object)?,
        }
        let Pass { open, watch, collector, .. } = self;
        if let (Some(open), Some(watch)) = (open, watch) {
            watch.open_extension(open.writer.last_name(), collector.found());
        }
        if self.is_full() { Err(A::Error::custom("the event is too large")) } else { Ok(()) }
    }

    /// Keeps JSON text as it is written.
    fn read_open_text<E: Error>(&mut self, raw: &RawValue) -> Result<(), E> {
        let (limits, json) = (self.open_limits, raw.get());
        let Some(open) = &mut self.open else { unreachable!("its name was taken") };
        let length = compact_bytes(json);
        let member = Some(self.members.saturating_sub(1));
        let mut judge = Judge {
            name: open.writer.last_name(),
            member,
            door: self.door,
            collector: &mut self.collector,
            max_levels: limits.levels,
            is_too_deep: false,
            written: Written::default(),
        };
        if length > limits.bytes {
            judge.whole(ViolationKind::OpenTooLong { limit: limits.bytes, length });
            return Ok(());
        }
        let mut deserializer = serde_json::Deserializer::from_str(json);
        if let Err(error) = judge.value(&mut deserializer) {
            open.error = Some((json.as_ptr() as usize, SyntaxError::of_json(json, &error)));
            return Err(E::custom("it is told elsewhere"));
        }
        push_compact(open.writer.json(), json);
        Ok(())
    }

    /// Writes the value of another format as JSON.
    fn read_open_value<'de, A: MapAccess<'de>>(&mut self, object: &mut A) -> Result<(), A::Error> {
        let limits = self.open_limits;
        let Some(open) = &mut self.open else { unreachable!("its name was taken") };
        let mark = self.collector.mark();
        let mut judge = Judge {
            name: open.writer.last_name(),
            member: Some(self.members.saturating_sub(1)),
            door: self.door,
            collector: &mut self.collector,
            max_levels: limits.levels,
            is_too_deep: false,
            written: Written { limit: limits.bytes, ..Written::default() },
        };
        object.next_value_seed(&mut judge)?;
        let Written { json, length, limit } = mem::take(&mut judge.written);
        if length > limit {
            // As with text, it is then not looked into.
            judge.collector.forget_since(mark);
            judge.whole(ViolationKind::OpenTooLong { limit, length });
            return Ok(());
        }
        let json = String::from_utf8(json).unwrap_or_else(|_| unreachable!("`serde_json` writes UTF-8"));
        open.writer.json().push_str(&json);
        Ok(())
    }
}

impl Judge<'_> {
    pub(super) fn value<'de, D: serde::Deserializer<'de>>(
        &mut self,
        deserializer: D,
    ) -> Result<(), D::Error> {
        let ordinal = self.member.unwrap_or_default();
        let at = At::Whole.member(self.name, ordinal);
        let levels = self.max_levels;
        AnyValue { judge: self, at: &at, levels, number_begin: None }.deserialize(deserializer).map(|_| ())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Judge<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.value(deserializer)
    }
}
