//! A value that is whatever a type asks for, where the schema has none that the type can read.

use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, SeqAccess, Visitor};

use super::super::error::Mismatch;
use super::super::value::deeper;

#[derive(Clone, Copy)]
pub(super) struct Filler {
    /// Which of the samples it is. Types with a rule of their own take some and refuse others.
    pub(super) sample: usize,
    pub(super) depth: u8,
}

/// How many samples there are.
pub(super) const SAMPLES: usize = TEXTS.len();
/// Texts that dates, times, amounts, addresses and the like are read from.
const TEXTS: [&str; 16] = [
    "x",
    "1",
    "2009-05-12",
    "2009-05-12T12:05:12.145Z",
    "2009-05-12T12:05:12",
    "12:05:12",
    "Monday",
    "May",
    "127.0.0.1",
    "::1",
    "127.0.0.1:80",
    "[::1]:80",
    "67e55044-10b1-426f-9247-bb680e5fe0c8",
    "https://example.com/",
    "someone@example.com",
    "1.0.0",
];
/// Numbers, as many.
const NUMBERS: [i8; SAMPLES] = [1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 50, 100, -1];

impl Filler {
    fn text(self) -> &'static str {
        TEXTS.get(self.sample).copied().unwrap_or_default()
    }

    fn number(self) -> i8 {
        NUMBERS.get(self.sample).copied().unwrap_or_default()
    }

    fn deeper(self) -> Result<Self, Mismatch> {
        Ok(Filler { depth: deeper(self.depth)?, ..self })
    }
}

macro_rules! fills {
    (|$filler:ident| $($method:ident with $visit:ident($value:expr);)*) => {$(
        fn $method<V: Visitor<'s>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            let $filler = self;
            visitor.$visit($value)
        }
    )*};
}

impl<'s> Deserializer<'s> for Filler {
    type Error = Mismatch;

    fills! { |filler|
        deserialize_bool with visit_bool(filler.sample % 2 == 1);
        deserialize_i8 with visit_i64(filler.number().into());
        deserialize_i16 with visit_i64(filler.number().into());
        deserialize_i32 with visit_i64(filler.number().into());
        deserialize_i64 with visit_i64(filler.number().into());
        deserialize_i128 with visit_i64(filler.number().into());
        deserialize_u8 with visit_u64(filler.number().unsigned_abs().into());
        deserialize_u16 with visit_u64(filler.number().unsigned_abs().into());
        deserialize_u32 with visit_u64(filler.number().unsigned_abs().into());
        deserialize_u64 with visit_u64(filler.number().unsigned_abs().into());
        deserialize_u128 with visit_u64(filler.number().unsigned_abs().into());
        deserialize_f32 with visit_f64(filler.number().into());
        deserialize_f64 with visit_f64(filler.number().into());
        deserialize_char with visit_borrowed_str(filler.text());
        deserialize_identifier with visit_borrowed_str(filler.text());
        deserialize_bytes with visit_borrowed_bytes(filler.text().as_bytes());
        deserialize_byte_buf with visit_borrowed_bytes(filler.text().as_bytes());
        deserialize_any with visit_borrowed_str(filler.text());
        deserialize_str with visit_borrowed_str(filler.text());
        deserialize_string with visit_borrowed_str(filler.text());
        deserialize_seq with visit_seq(Fillers { left: 0, filler });
    }

    fn deserialize_option<V: Visitor<'s>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_none()
    }

    fn deserialize_unit<V: Visitor<'s>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'s>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'s>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'s>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self.deeper()?)
    }

    fn deserialize_tuple<V: Visitor<'s>>(self, length: usize, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_seq(Fillers { left: length, filler: self.deeper()? })
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
        let filler = self.deeper()?;
        visitor.visit_map(MapDeserializer::new(fields.iter().map(|field| (*field, filler))))
    }

    fn deserialize_enum<V: Visitor<'s>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let filler = self.deeper()?;
        let variant = variants.get(self.sample).or(variants.first()).map(|variant| (*variant, filler));
        visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(variant.into_iter())))
    }
}

impl IntoDeserializer<'_, Mismatch> for Filler {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// As many as are asked for.
struct Fillers {
    left: usize,
    filler: Filler,
}

impl<'s> SeqAccess<'s> for Fillers {
    type Error = Mismatch;

    fn next_element_seed<S: DeserializeSeed<'s>>(&mut self, seed: S) -> Result<Option<S::Value>, Mismatch> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(self.filler).map(Some)
    }
}
