//! One value, read into a Rust type. The type that the schema declares decides what a visitor is handed, together with
//! what it asks for, and never the value at hand.

use std::borrow::Cow;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{Deserializer, Error, Expected, Unexpected, Visitor};

use super::super::table::RawCell;
use super::error::{Mismatch, MismatchKind, one_of, said};
use crate::schema::{AttributeSchema, AttributeType};
use crate::value::leaf::{NumberedVisitor, ascii};
use crate::value::{Date, EXACT_WHOLE, Timestamp, Value};

/// Options and newtypes may stand in one another so deep. A type that contains itself has no end.
pub(super) const MAX_DEPTH: u8 = 32;

/// Reads one value.
#[derive(Clone, Copy)]
pub(super) struct ValueDeserializer<'e> {
    source: Source<'e>,
    depth: u8,
}

/// Where a value is read from. A cell of the type that is asked for is handed over as it is stored; all else is made a
/// `Value` first.
#[derive(Clone, Copy)]
pub(super) enum Source<'e> {
    Cell(AttributeType, RawCell<'e>),
    Default(&'e AttributeSchema),
    Value(Value<'e>),
}

impl<'e> Source<'e> {
    fn value(self) -> Value<'e> {
        match self {
            Source::Cell(attribute_type, cell) => cell.value(attribute_type),
            Source::Default(attribute) => {
                attribute.default().unwrap_or_else(|| unreachable!("it is among those with a default"))
            }
            Source::Value(value) => value,
        }
    }
}

impl<'e> ValueDeserializer<'e> {
    pub(super) fn new(source: Source<'e>) -> Self {
        ValueDeserializer { source, depth: 0 }
    }

    fn deeper(self) -> Result<Self, Mismatch> {
        Ok(ValueDeserializer { depth: deeper(self.depth)?, ..self })
    }
}

/// One level deeper.
pub(super) fn deeper(depth: u8) -> Result<u8, Mismatch> {
    if depth < MAX_DEPTH { Ok(depth + 1) } else { Err(endless()) }
}

fn endless() -> Mismatch {
    Mismatch::new(MismatchKind::Broken, "a type with an end", "one that contains itself")
}

/// Methods that all do the same.
macro_rules! alike {
    ($common:ident for $($method:ident)*) => {$(
        #[inline]
        fn $method<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            self.$common(visitor)
        }
    )*};
    ($($method:ident($($argument:ty),*) expects $expected:expr;)*) => {$(
        fn $method<V: Visitor<'e>>(self, $(_: $argument,)* _: V) -> Result<V::Value, Mismatch> {
            Err(other_type($expected))
        }
    )*};
}

impl<'e> Deserializer<'e> for ValueDeserializer<'e> {
    type Error = Mismatch;

    // Apart, so that the short ways are short enough to be inlined, which saves a quarter of all instructions.
    #[inline(never)]
    fn deserialize_any<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.source.value() {
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Integer(number) => visitor.visit_i32(number),
            Value::Long(number) => visitor.visit_i64(number),
            Value::Double(number) => visitor.visit_f64(number),
            Value::Boolean(truth) => visitor.visit_bool(truth),
            Value::Date(date) => visitor.visit_str(ascii(&date.text())),
            Value::DateTime(timestamp) => visitor.visit_str(ascii(&timestamp.text())),
            Value::Currency(amount) => amount.visit(visitor),
        }
    }

    alike! { deserialize_any for deserialize_char deserialize_identifier }
    alike! { deserialize_str for deserialize_string }
    alike! { signed for deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i128 }
    alike! { unsigned for deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 }

    alike! {
        deserialize_bytes() expects "bytes";
        deserialize_byte_buf() expects "bytes";
        deserialize_unit() expects "no value";
        deserialize_unit_struct(&'static str) expects "no value";
        deserialize_seq() expects "a list";
        deserialize_tuple(usize) expects "a list";
        deserialize_tuple_struct(&'static str, usize) expects "a list";
        deserialize_map() expects "a map";
        deserialize_struct(&'static str, &'static [&'static str]) expects "a struct";
    }

    #[inline]
    fn deserialize_bool<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.source {
            Source::Cell(AttributeType::Boolean, cell) => visitor.visit_bool(cell.boolean()),
            _ => self.deserialize_any(visitor),
        }
    }

    /// What this crate reads from text is handed over as the number that it is; a default, which is rare, as text.
    #[inline]
    fn deserialize_str<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.source {
            Source::Cell(AttributeType::String, cell) => visitor.visit_borrowed_str(cell.text()),
            Source::Cell(AttributeType::Date, cell) if NumberedVisitor::<Date>::is::<V>() => {
                visitor.visit_i128(cell.integer().into())
            }
            Source::Cell(AttributeType::DateTime, cell) if NumberedVisitor::<Timestamp>::is::<V>() => {
                visitor.visit_i128(cell.long().into())
            }
            _ => self.deserialize_any(visitor),
        }
    }

    #[inline]
    fn deserialize_i64<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.source {
            Source::Cell(AttributeType::Long, cell) => visitor.visit_i64(cell.long()),
            _ => self.since_1970(visitor),
        }
    }

    #[inline]
    fn deserialize_f64<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.source {
            Source::Cell(AttributeType::Double, cell) => visitor.visit_f64(cell.double()),
            _ => self.float(visitor, EXACT_WHOLE.unsigned_abs()),
        }
    }

    fn deserialize_f32<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.source.value() {
            Value::Double(number) if !is_short(number) => Err(beyond("a number that 32 bits hold")),
            Value::Currency(_) => Err(other_type("a number of 32 bits")),
            _ => self.float(visitor, EXACT_SHORT),
        }
    }

    #[inline]
    fn deserialize_option<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_some(self.deeper()?)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'e>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self.deeper()?)
    }

    #[inline]
    fn deserialize_enum<V: Visitor<'e>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        match self.source.value() {
            Value::String(text) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            _ => Err(other_type(one_of(variants))),
        }
    }

    #[inline]
    fn deserialize_ignored_any<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }
}

impl<'e> ValueDeserializer<'e> {
    #[inline]
    fn signed<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.source {
            Source::Cell(AttributeType::Integer, cell) => visitor.visit_i32(cell.integer()),
            Source::Cell(AttributeType::Long, cell) => visitor.visit_i64(cell.long()),
            _ => self.deserialize_any(visitor),
        }
    }

    /// Most visitors take what is handed as a signed number, too; some know only one without a sign.
    #[inline]
    fn unsigned<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let number = match self.source.value() {
            Value::Integer(number) => number.into(),
            Value::Long(number) => number,
            _ => return self.deserialize_any(visitor),
        };
        match u64::try_from(number) {
            Ok(number) => visitor.visit_u64(number),
            Err(_) => Err(Mismatch::invalid_value(Unexpected::Signed(number), &visitor)),
        }
    }

    /// An integer and an amount are handed over as a float where that float, written again, gives them back.
    #[inline]
    fn float<V: Visitor<'e>>(self, visitor: V, most: u64) -> Result<V::Value, Mismatch> {
        let number = match self.source.value() {
            Value::Integer(number) => number.into(),
            Value::Long(number) => number,
            Value::Currency(amount) => {
                return amount
                    .to_f64()
                    .map_or_else(|| Err(beyond(BELOW_INEXACT)), |number| visitor.visit_f64(number));
            }
            _ => return self.deserialize_any(visitor),
        };
        if number.unsigned_abs() > most {
            return Err(beyond("an integer that a float tells from its neighbours"));
        }
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
        visitor.visit_f64(number as f64)
    }

    /// A moment as an integer, which has no unit by itself. The modules of `chrono` for such integers, and they alone, say
    /// the unit in what they expect.
    fn since_1970<V: Visitor<'e>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let Value::DateTime(timestamp) = self.source.value() else { return self.deserialize_any(visitor) };
        let millis = timestamp.unix_millis();
        let expected: &dyn Expected = &visitor;
        let number = match &*said(&expected) {
            "a unix timestamp in milliseconds" => Some(millis),
            "a unix timestamp in seconds" => (millis % 1_000 == 0).then_some(millis / 1_000),
            "a unix timestamp in microseconds" => millis.checked_mul(1_000),
            "a unix timestamp in nanoseconds" => millis.checked_mul(1_000_000),
            _ => return Err(Mismatch::invalid_type(Unexpected::Other("moment"), expected)),
        };
        match number {
            Some(number) => visitor.visit_i64(number),
            None => Err(Mismatch::invalid_value(Unexpected::Other("moment"), expected)),
        }
    }
}

fn other_type(expected: impl Into<Cow<'static, str>>) -> Mismatch {
    Mismatch::new(MismatchKind::Type, expected, "a value of another type")
}

const BELOW_INEXACT: &str =
    "an amount below 100,000,000,000 in magnitude, which a float tells from its neighbours";
/// The largest whole number that a float of 32 bits tells from its neighbours.
const EXACT_SHORT: u64 = (1 << 24) - 1;

fn beyond(expected: &'static str) -> Mismatch {
    Mismatch::new(MismatchKind::Value, expected, "another number")
}

/// Whether a number is one that is recorded when a float of 32 bits is: the decimal that is written for it.
fn is_short(number: f64) -> bool {
    #[expect(clippy::cast_possible_truncation, reason = "looked at afterwards")]
    let short = number as f32;
    short.is_finite() && short.to_string().parse() == Ok(number)
}
