//! A value that is whatever a type asks for, where the schema has none that the type can read.

use serde::de::value::{BorrowedStrDeserializer, MapDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, SeqAccess, Visitor};

use super::super::error::Mismatch;
use super::super::value::deeper;

#[derive(Clone, Copy)]
pub(super) struct Filler {
    pub(super) depth: u8,
}

/// A text that dates, times and amounts are read from, and else any.
fn text_for<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let is = |word: &str| name.contains(word);
    if is("DateTime") || is("Timestamp") {
        "2009-05-12T12:05:12.145Z"
    } else if is("Date") {
        "2009-05-12"
    } else if is("Currency") || is("Decimal") {
        "1"
    } else {
        "x"
    }
}

macro_rules! fills {
    ($($method:ident($($argument:ty),*) with $visit:ident($value:expr);)*) => {$(
        fn $method<V: Visitor<'s>>(self, $(_: $argument,)* visitor: V) -> Result<V::Value, Mismatch> {
            visitor.$visit($value)
        }
    )*};
}

impl<'s> Deserializer<'s> for Filler {
    type Error = Mismatch;

    fills! {
        deserialize_bool() with visit_bool(false);
        deserialize_i8() with visit_i64(1);
        deserialize_i16() with visit_i64(1);
        deserialize_i32() with visit_i64(1);
        deserialize_i64() with visit_i64(1);
        deserialize_i128() with visit_i64(1);
        deserialize_u8() with visit_u64(1);
        deserialize_u16() with visit_u64(1);
        deserialize_u32() with visit_u64(1);
        deserialize_u64() with visit_u64(1);
        deserialize_u128() with visit_u64(1);
        deserialize_f32() with visit_f64(0.0);
        deserialize_f64() with visit_f64(0.0);
        deserialize_char() with visit_borrowed_str("x");
        deserialize_identifier() with visit_borrowed_str("x");
        deserialize_bytes() with visit_borrowed_bytes(b"x");
        deserialize_byte_buf() with visit_borrowed_bytes(b"x");
        deserialize_seq() with visit_seq(Fillers(0, 0));
    }

    fn deserialize_any<V: Visitor<'s>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_borrowed_str(text_for::<V::Value>())
    }

    fn deserialize_str<V: Visitor<'s>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_any(visitor)
    }

    fn deserialize_string<V: Visitor<'s>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'s>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_none()
    }

    fn deserialize_unit<V: Visitor<'s>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'s>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'s>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'s>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(Filler { depth: deeper(self.depth)? })
    }

    fn deserialize_tuple<V: Visitor<'s>>(self, length: usize, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_seq(Fillers(length, deeper(self.depth)?))
    }

    fn deserialize_tuple_struct<V: Visitor<'s>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'s>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_map(MapDeserializer::new(std::iter::empty::<(&str, Filler)>()))
    }

    fn deserialize_struct<V: Visitor<'s>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let filler = Filler { depth: deeper(self.depth)? };
        visitor.visit_map(MapDeserializer::new(fields.iter().map(|field| (*field, filler))))
    }

    fn deserialize_enum<V: Visitor<'s>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_enum(BorrowedStrDeserializer::new(variants.first().copied().unwrap_or_default()))
    }
}

impl IntoDeserializer<'_, Mismatch> for Filler {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// As many as are asked for, at some depth.
struct Fillers(usize, u8);

impl<'s> SeqAccess<'s> for Fillers {
    type Error = Mismatch;

    fn next_element_seed<S: DeserializeSeed<'s>>(&mut self, seed: S) -> Result<Option<S::Value>, Mismatch> {
        let Some(left) = self.0.checked_sub(1) else { return Ok(None) };
        self.0 = left;
        seed.deserialize(Filler { depth: self.1 }).map(Some)
    }
}
