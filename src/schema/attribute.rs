use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::error::ParseNameError;
use crate::value::{Currency, NotWhole, Scalar, TextError, Timestamp, Value, named, whole};
use crate::violation::{JsonType, Known, ViolationKind};

named! {
    /// The type of an attribute (documented by the original; the two integer widths are chosen).
    pub enum AttributeType {
        /// Text, bounded by the attribute's length if it has one.
        String = "string",
        /// A 32-bit signed integer.
        Integer = "integer",
        /// A 64-bit signed integer.
        Long = "long",
        /// A finite 64-bit float.
        Double = "double",
        /// `true` or `false`.
        Boolean = "boolean",
        /// A calendar day, [`Date`](crate::value::Date).
        Date = "date",
        /// A moment, [`Timestamp`].
        DateTime = "datetime",
        /// An amount, [`Currency`].
        Currency = "currency",
    }

    /// All eight.
    ALL;

    /// Its name in a schema. Read in any case, written in lower case.
    fn as_str;

    "a type of attribute" compared with eq_ignore_ascii_case,
    or else ParseNameError = ParseNameError(Known::fixed(Self::NAMES));
}

impl AttributeType {
    /// A value of another JSON type than this one takes.
    pub(crate) fn wrong_type(self, found: JsonType) -> ViolationKind {
        let expected = Known::fixed(match self {
            AttributeType::String => &["string"],
            // A number that is only put in quotes would be no better.
            AttributeType::Date => &["string like `2009-05-12`"],
            AttributeType::DateTime => &["string like `2009-05-12T12:05:12.145Z`"],
            AttributeType::Integer | AttributeType::Long => &["integer"],
            AttributeType::Double => &["number"],
            AttributeType::Boolean => &["boolean"],
            AttributeType::Currency => &["number", "string"],
        });
        ViolationKind::WrongType { expected, found }
    }
}

/// What a host declares of one attribute: its name and type, and what its value must satisfy.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeSchema {
    pub(super) name: Arc<str>,
    pub(super) attribute_type: AttributeType,
    pub(super) length: Option<usize>,
    pub(super) mandatory: bool,
    pub(super) default: Option<Default>,
}

/// A default, which outlives the declaration that it came from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Default {
    Text(Arc<str>),
    Scalar(Value<'static>),
}

impl From<Value<'_>> for Default {
    fn from(value: Value<'_>) -> Self {
        Default::Scalar(match value {
            Value::String(text) => return Default::Text(text.into()),
            Value::Integer(number) => Value::Integer(number),
            Value::Long(number) => Value::Long(number),
            Value::Double(number) => Value::Double(number),
            Value::Boolean(truth) => Value::Boolean(truth),
            Value::Date(date) => Value::Date(date),
            Value::DateTime(timestamp) => Value::DateTime(timestamp),
            Value::Currency(amount) => Value::Currency(amount),
        })
    }
}

impl AttributeSchema {
    /// Its name, as declared.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// Its type.
    pub fn attribute_type(&self) -> AttributeType {
        self.attribute_type
    }

    /// The most characters that a string may have, or `None` where it is unbounded.
    pub fn length(&self) -> Option<usize> {
        self.length
    }

    /// Whether every record must have a value for it.
    pub fn is_mandatory(&self) -> bool {
        self.mandatory
    }

    /// The value of a record that leaves the attribute out.
    pub fn default(&self) -> Option<Value<'_>> {
        self.default.as_ref().map(|default| match default {
            Default::Text(text) => Value::String(text),
            Default::Scalar(value) => *value,
        })
    }

    /// Judges a scalar: the value as its type has it, or the first thing that is wrong with it.
    pub(crate) fn accept<'a>(&self, scalar: Scalar<'a>) -> Result<Value<'a>, ViolationKind> {
        if let Some(value) = self.accept_common(scalar) {
            return Ok(value);
        }
        match (self.attribute_type, scalar) {
            (AttributeType::String, Scalar::String(text)) => {
                TextError::check_length(text, self.length)?;
                Ok(Value::String(text))
            }
            (AttributeType::String, Scalar::TextWithNul(_)) => Err(ViolationKind::ForbiddenCharacter),
            (AttributeType::Integer, Scalar::Integer(_)) => Err(beyond_integer()),
            (AttributeType::Integer, Scalar::Float(number)) => match whole(number) {
                Ok(number) => i32::try_from(number).map(Value::Integer).map_err(|_| beyond_integer()),
                Err(NotWhole::Fraction) => Err(self.attribute_type.wrong_type(JsonType::Number)),
                Err(NotWhole::Inexact | NotWhole::OutOfRange) => Err(beyond_integer()),
            },
            (AttributeType::Long, Scalar::Float(number)) => whole_long(number).map(Value::Long),
            #[expect(clippy::cast_precision_loss, reason = "a double is the float nearest to the number")]
            (AttributeType::Double, Scalar::Integer(number)) => Ok(Value::Double(number as f64)),
            (AttributeType::Double, Scalar::Float(_)) => Err(ViolationKind::out_of_range(f64::MIN, f64::MAX)),
            (AttributeType::Date, Scalar::String(text) | Scalar::TextWithNul(text)) => {
                Ok(Value::Date(text.parse()?))
            }
            (AttributeType::DateTime, Scalar::String(text) | Scalar::TextWithNul(text)) => {
                Ok(Value::DateTime(text.parse()?))
            }
            (AttributeType::Currency, Scalar::Integer(number)) => {
                Ok(Value::Currency(Currency::from_whole(number)?))
            }
            (AttributeType::Currency, Scalar::Float(number)) => {
                Ok(Value::Currency(Currency::from_f64(number)?))
            }
            (AttributeType::Currency, Scalar::String(text) | Scalar::TextWithNul(text)) => {
                Ok(Value::Currency(text.parse()?))
            }
            (other, scalar) => Err(other.wrong_type(scalar.into())),
        }
    }

    /// The head of [`AttributeSchema::accept`]: what nearly all values are. `None` says nothing of others.
    ///
    /// Apart, so that it merges with what reads and what writes the value: without it, a body costs 3 to 9 % more.
    #[expect(clippy::inline_always, reason = "merges with what takes the value: see above")]
    #[inline(always)]
    pub(crate) fn accept_common<'a>(&self, scalar: Scalar<'a>) -> Option<Value<'a>> {
        match (self.attribute_type, scalar) {
            (AttributeType::String, Scalar::String(text)) => {
                TextError::check_length(text, self.length).ok().map(|()| Value::String(text))
            }
            (AttributeType::Integer, Scalar::Integer(number)) => {
                i32::try_from(number).ok().map(Value::Integer)
            }
            (AttributeType::Long, Scalar::Integer(number)) => Some(Value::Long(number)),
            // Adding zero turns -0.0 into 0.0 and leaves all else as it is.
            (AttributeType::Double, Scalar::Float(number)) => {
                number.is_finite().then_some(Value::Double(number + 0.0))
            }
            (AttributeType::Boolean, Scalar::Boolean(truth)) => Some(Value::Boolean(truth)),
            (AttributeType::DateTime, Scalar::String(text)) => {
                Timestamp::from_canonical(text).map(Value::DateTime)
            }
            _ => None,
        }
    }
}

fn beyond_integer() -> ViolationKind {
    ViolationKind::out_of_range(i32::MIN, i32::MAX)
}

/// Judges a scalar as a `long`, the rule that the integers among the fixed fields follow too.
pub(crate) fn long(scalar: Scalar<'_>) -> Result<i64, ViolationKind> {
    match scalar {
        Scalar::Integer(number) => Ok(number),
        Scalar::Float(number) => whole_long(number),
        other => Err(AttributeType::Long.wrong_type(other.into())),
    }
}

fn whole_long(number: f64) -> Result<i64, ViolationKind> {
    whole(number).map_err(|not| match not {
        NotWhole::Fraction => AttributeType::Long.wrong_type(JsonType::Number),
        NotWhole::Inexact => ViolationKind::NotPlainDigits,
        NotWhole::OutOfRange => ViolationKind::out_of_range(i64::MIN, i64::MAX),
    })
}

/// The canonical form: the type in lower case, and only what says more than its absence would.
impl Serialize for AttributeSchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        json.serialize_entry("name", self.name())?;
        json.serialize_entry("type", self.attribute_type.as_str())?;
        if let Some(length) = self.length {
            json.serialize_entry("length", &length)?;
        }
        if self.mandatory {
            json.serialize_entry("mandatory", &true)?;
        }
        if let Some(default) = self.default() {
            json.serialize_entry("default", &default)?;
        }
        json.end()
    }
}
