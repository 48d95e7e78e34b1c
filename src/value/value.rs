use super::currency::Currency;
use super::date::Date;
use super::text::BoundedText;
use super::timestamp::Timestamp;

/// The value of one attribute, as [`Record::get`](crate::Record::get) returns it.
///
/// One variant for each attribute type of the original; text borrows from the extension.
///
/// ```
/// use service_end::Value;
/// assert_eq!(Value::from(7), Value::Integer(7));
/// assert_eq!(Value::from("survey").as_str(), Some("survey"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Text, of at most the attribute's length in Unicode scalar values, without U+0000.
    String(&'a str),
    /// A 32-bit signed integer.
    Integer(i32),
    /// A 64-bit signed integer.
    Long(i64),
    /// A finite 64-bit float; never `-0.0`.
    Double(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A calendar day.
    Date(Date),
    /// A moment, in milliseconds UTC.
    DateTime(Timestamp),
    /// An amount, exact to ten-thousandths.
    Currency(Currency),
}

impl<'a> Value<'a> {
    /// The text of a `string`, or `None` for any other type.
    pub fn as_str(self) -> Option<&'a str> {
        if let Value::String(text) = self { Some(text) } else { None }
    }

    /// The number of an `integer`, or `None` for any other type.
    pub fn as_i32(self) -> Option<i32> {
        if let Value::Integer(number) = self { Some(number) } else { None }
    }

    /// The number of an `integer` or a `long`, or `None` for any other type.
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Value::Integer(number) => Some(number.into()),
            Value::Long(number) => Some(number),
            _ => None,
        }
    }

    /// The number of a `double`, or `None` for any other type.
    pub fn as_f64(self) -> Option<f64> {
        if let Value::Double(number) = self { Some(number) } else { None }
    }

    /// The value of a `boolean`, or `None` for any other type.
    pub fn as_bool(self) -> Option<bool> {
        if let Value::Boolean(truth) = self { Some(truth) } else { None }
    }

    /// The day of a `date`, or `None` for any other type.
    pub fn as_date(self) -> Option<Date> {
        if let Value::Date(date) = self { Some(date) } else { None }
    }

    /// The moment of a `datetime`, or `None` for any other type.
    pub fn as_timestamp(self) -> Option<Timestamp> {
        if let Value::DateTime(timestamp) = self { Some(timestamp) } else { None }
    }

    /// The amount of a `currency`, or `None` for any other type.
    pub fn as_currency(self) -> Option<Currency> {
        if let Value::Currency(amount) = self { Some(amount) } else { None }
    }
}

macro_rules! value_from {
    ($($from:ty => $variant:ident),* $(,)?) => {$(
        impl From<$from> for Value<'_> {
            fn from(value: $from) -> Self {
                Value::$variant(value.into())
            }
        }
    )*};
}

value_from! {
    i8 => Integer, i16 => Integer, i32 => Integer, u8 => Integer, u16 => Integer,
    i64 => Long, u32 => Long,
    f32 => Double, f64 => Double,
    bool => Boolean, Date => Date, Timestamp => DateTime, Currency => Currency,
}

impl<'a, const MAX: usize> From<&'a BoundedText<MAX>> for Value<'a> {
    fn from(text: &'a BoundedText<MAX>) -> Self {
        Value::String(text.as_str())
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::String(text)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::String(text)
    }
}

/// Writes a value in its canonical JSON form: dates, times and large amounts as strings, all else as is.
impl serde::Serialize for Value<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::String(text) => serializer.serialize_str(text),
            Value::Integer(number) => serializer.serialize_i32(*number),
            Value::Long(number) => serializer.serialize_i64(*number),
            Value::Double(number) => serializer.serialize_f64(*number),
            Value::Boolean(truth) => serializer.serialize_bool(*truth),
            Value::Date(date) => date.serialize(serializer),
            Value::DateTime(timestamp) => timestamp.serialize(serializer),
            Value::Currency(amount) => amount.serialize(serializer),
        }
    }
}
