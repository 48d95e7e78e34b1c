//! One value of Rust, through `serde`, as the scalar of JSON that it would be.

use std::fmt::{self, Display, Write as _};

use serde::ser::{self, Impossible, Serialize, SerializeStruct, Serializer};

use crate::value::{NUMBER_KEY, Scalar};
use crate::violation::JsonType;

/// What a value is that is not one scalar.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoScalar(pub(super) JsonType);

/// Hands over the scalar that a value stands for: `None` and `()` are `null`, a variant without data is its name.
pub(super) fn scalar_of(
    value: &(impl Serialize + ?Sized),
    take: &mut dyn FnMut(Scalar<'_>),
) -> Result<(), NoScalar> {
    value.serialize(ScalarSerializer { take })
}

struct ScalarSerializer<'t> {
    take: &'t mut dyn FnMut(Scalar<'_>),
}

impl Display for NoScalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the value {}, where a scalar is due", self.0)
    }
}

impl std::error::Error for NoScalar {}

impl ser::Error for NoScalar {
    /// Why it fails may quote a value.
    fn custom<T: Display>(_: T) -> Self {
        NoScalar(JsonType::Unwritten)
    }
}

macro_rules! scalars {
    ($($method:ident($from:ty) as $scalar:expr;)*) => {$(
        fn $method(self, value: $from) -> Result<(), NoScalar> {
            (self.take)($scalar(value));
            Ok(())
        }
    )*};
}

impl<'t> Serializer for ScalarSerializer<'t> {
    type Ok = ();
    type Error = NoScalar;
    type SerializeSeq = Impossible<(), NoScalar>;
    type SerializeTuple = Impossible<(), NoScalar>;
    type SerializeTupleStruct = Impossible<(), NoScalar>;
    type SerializeTupleVariant = Impossible<(), NoScalar>;
    type SerializeMap = Impossible<(), NoScalar>;
    type SerializeStruct = NumberStruct<'t>;
    type SerializeStructVariant = Impossible<(), NoScalar>;

    scalars! {
        serialize_bool(bool) as Scalar::Boolean;
        serialize_i8(i8) as |number| Scalar::Integer(i64::from(number));
        serialize_i16(i16) as |number| Scalar::Integer(i64::from(number));
        serialize_i32(i32) as |number| Scalar::Integer(i64::from(number));
        serialize_i64(i64) as Scalar::Integer;
        serialize_i128(i128) as Scalar::from;
        serialize_u8(u8) as |number| Scalar::Integer(i64::from(number));
        serialize_u16(u16) as |number| Scalar::Integer(i64::from(number));
        serialize_u32(u32) as |number| Scalar::Integer(i64::from(number));
        serialize_u64(u64) as Scalar::from;
        serialize_u128(u128) as Scalar::from;
        serialize_f64(f64) as Scalar::Float;
    }

    /// Taken as the decimal number that is written for it: `0.1` is that amount.
    fn serialize_f32(self, number: f32) -> Result<(), NoScalar> {
        let written = number.to_string().parse().unwrap_or_else(|_| unreachable!("written by Rust"));
        self.serialize_f64(written)
    }

    fn serialize_char(self, character: char) -> Result<(), NoScalar> {
        self.serialize_str(character.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), NoScalar> {
        (self.take)(Scalar::text(text));
        Ok(())
    }

    /// As provided, it would panic where the value can't say what it is.
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), NoScalar> {
        let mut text = String::new();
        write!(text, "{value}").map_err(ser::Error::custom)?;
        self.serialize_str(&text)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), NoScalar> {
        Err(NoScalar(JsonType::Other))
    }

    fn serialize_none(self) -> Result<(), NoScalar> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), NoScalar> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), NoScalar> {
        (self.take)(Scalar::Null);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), NoScalar> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<(), NoScalar> {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), NoScalar> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), NoScalar> {
        Err(NoScalar(JsonType::Object))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, NoScalar> {
        Err(NoScalar(JsonType::Array))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, NoScalar> {
        Err(NoScalar(JsonType::Array))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, NoScalar> {
        Err(NoScalar(JsonType::Array))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, NoScalar> {
        Err(NoScalar(JsonType::Object))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, NoScalar> {
        Err(NoScalar(JsonType::Object))
    }

    /// With its feature `arbitrary_precision`, a number of `serde_json` comes as a struct of one text.
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<NumberStruct<'t>, NoScalar> {
        if name != NUMBER_KEY {
            return Err(NoScalar(JsonType::Object));
        }
        // Without a text, it is a number that no float holds.
        Ok(NumberStruct { take: self, number: Scalar::Float(f64::INFINITY) })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, NoScalar> {
        Err(NoScalar(JsonType::Object))
    }
}

/// A number that comes as a struct. Whatever fields it has, it is one number.
struct NumberStruct<'t> {
    take: ScalarSerializer<'t>,
    number: Scalar<'static>,
}

impl SerializeStruct for NumberStruct<'_> {
    type Ok = ();
    type Error = NoScalar;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result<(), NoScalar> {
        scalar_of(value, &mut |text| {
            let Scalar::String(text) = text else { return };
            if let Some(number) = Scalar::from_number_text(text) {
                self.number = number;
            }
        })
    }

    fn end(self) -> Result<(), NoScalar> {
        (self.take.take)(self.number);
        Ok(())
    }
}
