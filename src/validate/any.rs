//! Takes whatever token comes: typed hints can't go on after a mismatch, and every violation is wanted.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::pass::{Door, Pass};
use crate::value::{NUMBER_KEY, NumberText, Scalar, skip::skip_all_else};
use crate::violation::JsonType;

/// Where a value goes once it is read.
pub(super) trait Destination<'de, 'v>: Sized {
    /// The pass that the reading is part of.
    fn pass(&mut self) -> &mut Pass<'v>;

    /// Takes a scalar.
    fn scalar(self, scalar: Scalar<'_>);

    /// Takes note of something that is not a scalar, and that has been skipped.
    fn skipped(self, found: JsonType);

    /// Reads an array. Where none is due it is skipped.
    fn array<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        skip_rest_of_array(&mut array)?;
        self.skipped(JsonType::Array);
        Ok(())
    }

    /// Reads an object. Where none is due it is skipped, unless it is how a number comes in.
    fn object<A: MapAccess<'de>>(mut self, mut object: A) -> Result<(), A::Error> {
        match skip_object(&mut object, self.pass().begin_skipping())? {
            Some(number) => self.scalar(number),
            None => self.skipped(JsonType::Object),
        }
        Ok(())
    }
}

/// Skips an object, unless it is how a number comes in.
pub(super) fn skip_object<'de, A: MapAccess<'de>>(
    object: &mut A,
    door: Door,
) -> Result<Option<Scalar<'static>>, A::Error> {
    let key = SkippedKey(door);
    if let Some(is_number) = object.next_key_seed(key)? {
        if !is_number {
            object.next_value::<IgnoredAny>()?;
        } else if let Some(number) = object.next_value_seed(NumberText)? {
            return Ok(Some(number));
        }
    }
    skip_rest_of_object(object, door)?;
    Ok(None)
}

pub(super) fn skip_rest_of_object<'de, A: MapAccess<'de>>(
    object: &mut A,
    door: Door,
) -> Result<(), A::Error> {
    while object.next_key_seed(SkippedKey(door))?.is_some() {
        object.next_value::<IgnoredAny>()?;
    }
    Ok(())
}

pub(super) fn skip_rest_of_array<'de, A: SeqAccess<'de>>(array: &mut A) -> Result<(), A::Error> {
    while array.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// A key of an object that is skipped: whether it is [`NUMBER_KEY`].
///
/// Of JSON text it is read as bytes, since a key that is skipped is checked for grammar only, and may have
/// an unpaired surrogate.
#[derive(Clone, Copy)]
pub(super) struct SkippedKey(pub(super) Door);

impl<'de> DeserializeSeed<'de> for SkippedKey {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        match self.0 {
            Door::JsonText(_) => deserializer.deserialize_bytes(self),
            Door::Format => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for SkippedKey {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        Ok(key == NUMBER_KEY)
    }

    /// A key that stands in the text. The key of a number is handed over as a string, whatever was asked for.
    fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<bool, E> {
        Ok(false)
    }

    skip_all_else!(false);
}

/// Reads one value for its destination.
pub(super) struct Read<T>(pub(super) T);

impl<'de, 'v, T: Destination<'de, 'v>> DeserializeSeed<'de> for Read<T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! scalars {
    ($($visit:ident($of:ty) as $scalar:expr;)*) => {$(
        fn $visit<E: Error>(self, value: $of) -> Result<(), E> {
            self.0.scalar($scalar(value));
            Ok(())
        }
    )*};
}

impl<'de, 'v, T: Destination<'de, 'v>> Visitor<'de> for Read<T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    scalars! {
        visit_bool(bool) as Scalar::Boolean;
        visit_i64(i64) as Scalar::Integer;
        visit_u64(u64) as Scalar::from;
        visit_i128(i128) as Scalar::from;
        visit_u128(u128) as Scalar::from;
        visit_f64(f64) as Scalar::Float;
        visit_str(&str) as Scalar::text;
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.scalar(Scalar::Null);
        Ok(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_borrowed_str<E: Error>(mut self, text: &'de str) -> Result<(), E> {
        let scalar = match self.0.pass().door {
            // Lent by `serde_json`, so nothing in it is escaped, as a control character must be. To look for it all
            // the same costs 9 % of all instructions where a body is mostly text.
            Door::JsonText(_) => Scalar::String(text),
            Door::Format => Scalar::text(text),
        };
        self.0.scalar(scalar);
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<(), A::Error> {
        self.0.array(array)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.0.object(object)
    }

    fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<(), E> {
        self.0.skipped(JsonType::Other);
        Ok(())
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        IgnoredAny::deserialize(deserializer)?;
        self.0.skipped(JsonType::Other);
        Ok(())
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<(), A::Error> {
        data.variant::<IgnoredAny>()?.1.newtype_variant::<IgnoredAny>()?;
        self.0.skipped(JsonType::Other);
        Ok(())
    }
}
