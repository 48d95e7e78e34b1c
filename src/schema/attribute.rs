use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::attribute_type::AttributeType;
use super::narrowing::{Narrowing, OwnedValue};
use crate::value::{Currency, NotWhole, Scalar, TextError, Timestamp, Value, whole};
use crate::violation::{JsonType, ViolationKind};

/// What a host declares of one attribute: its name and type, and what its value must satisfy.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeSchema {
    name: Arc<str>,
    attribute_type: AttributeType,
    /// The type again, unless the values are narrowed further: what takes nearly all values then leaves them to
    /// [`AttributeSchema::accept`], and others don't pay for asking, which is up to 0.7 % of their instructions.
    plain_type: Option<AttributeType>,
    length: Option<usize>,
    mandatory: bool,
    narrowing: Option<Box<Narrowing>>,
    default: Option<OwnedValue>,
}

impl AttributeSchema {
    pub(super) fn new(
        name: &str,
        attribute_type: AttributeType,
        length: Option<usize>,
        mandatory: bool,
    ) -> Self {
        AttributeSchema {
            name: name.into(),
            attribute_type,
            plain_type: Some(attribute_type),
            length,
            mandatory,
            narrowing: None,
            default: None,
        }
    }

    /// Narrows the values further.
    pub(super) fn narrow(&mut self, how: impl FnOnce(&mut Narrowing)) {
        how(self.narrowing.get_or_insert_default());
        self.plain_type = None;
    }

    pub(super) fn set_default(&mut self, default: OwnedValue) {
        self.default = Some(default);
    }

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
        self.default.as_ref().map(OwnedValue::get)
    }

    /// The smallest value that it may have, or `None` where there is no such bound.
    pub fn minimum(&self) -> Option<Value<'_>> {
        self.narrowing.as_ref()?.minimum
    }

    /// The largest value that it may have, or `None` where there is no such bound.
    pub fn maximum(&self) -> Option<Value<'_>> {
        self.narrowing.as_ref()?.maximum
    }

    /// The values that it may have, in the order declared: `None` where they are not listed.
    ///
    /// ```
    /// use service_end::{AttributeSchema, ExtensionSchema, Value};
    /// let schema = ExtensionSchema::single_valued("Feedback")
    ///     .attribute(AttributeSchema::string("channel").values(["phone", "mail"]))
    ///     .build()?;
    /// let channel = schema.attribute("channel").unwrap();
    /// assert!(channel.values().unwrap().eq([Value::String("phone"), Value::String("mail")]));
    /// # Ok::<(), service_end::Violations>(())
    /// ```
    pub fn values(&self) -> Option<impl ExactSizeIterator<Item = Value<'_>>> {
        let values = self.narrowing.as_ref()?.values.as_ref()?;
        Some(values.iter(self.attribute_type))
    }

    /// Judges a scalar: the value as its type has it, or the first thing that is wrong with it.
    pub(crate) fn accept<'a>(&self, scalar: Scalar<'a>) -> Result<Value<'a>, ViolationKind> {
        let judged = self.accept_by_type(scalar);
        match (&self.narrowing, judged) {
            (None, judged) => judged,
            (Some(narrowing), Ok(value)) => narrowing.check(value).map(|()| value),
            (Some(narrowing), Err(kind)) => Err(narrowing.beyond_type(scalar, kind)),
        }
    }

    /// Whether a value is among those that are listed, if they are.
    pub(super) fn lists(&self, value: Value<'_>) -> bool {
        let values = self.narrowing.as_ref().and_then(|narrowing| narrowing.values.as_ref());
        values.is_none_or(|values| values.contains(value))
    }

    /// Whether another attribute lists the same values, in whatever order.
    pub(super) fn lists_same(&self, other: &AttributeSchema) -> bool {
        match (self.values(), other.values()) {
            (Some(mine), Some(theirs)) => {
                mine.len() == theirs.len()
                    && (self.narrowing == other.narrowing
                        || (self.attribute_type == other.attribute_type && { theirs }
                            .all(|value| self.lists(value))))
            }
            (mine, theirs) => mine.is_none() && theirs.is_none(),
        }
    }

    /// The same, whatever narrows the values.
    pub(super) fn accept_by_type<'a>(&self, scalar: Scalar<'a>) -> Result<Value<'a>, ViolationKind> {
        match (self.attribute_type, scalar) {
            (AttributeType::String, Scalar::String(text)) => {
                TextError::check_length(text, self.length)?;
                Ok(Value::String(text))
            }
            (AttributeType::String, Scalar::TextWithNul(_)) => Err(ViolationKind::ForbiddenCharacter),
            (AttributeType::Integer, Scalar::Integer(number)) => integer(number),
            (AttributeType::Integer, Scalar::Float(number)) => match whole(number) {
                Ok(number) => integer(number),
                Err(NotWhole::Fraction) => Err(self.attribute_type.wrong_type(JsonType::Number)),
                Err(NotWhole::Inexact | NotWhole::OutOfRange) => Err(beyond_integer()),
            },
            (AttributeType::Long, Scalar::Integer(number)) => Ok(Value::Long(number)),
            (AttributeType::Long, Scalar::Float(number)) => whole_long(number).map(Value::Long),
            #[expect(clippy::cast_precision_loss, reason = "a double is the float nearest to the number")]
            (AttributeType::Double, Scalar::Integer(number)) => Ok(Value::Double(number as f64)),
            (AttributeType::Double, Scalar::Float(number)) => finite(number)
                .map(Value::Double)
                .ok_or_else(|| ViolationKind::out_of_range(f64::MIN, f64::MAX)),
            (AttributeType::Boolean, Scalar::Boolean(truth)) => Ok(Value::Boolean(truth)),
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

    /// What nearly all values are, where nothing narrows them. `None` says nothing of others.
    ///
    /// Apart, so that it merges with what reads and what writes the value: without it, a body costs 3 to 9 % more.
    #[expect(clippy::inline_always, reason = "merges with what takes the value: see above")]
    #[inline(always)]
    pub(crate) fn accept_common<'a>(&self, scalar: Scalar<'a>) -> Option<Value<'a>> {
        match (self.plain_type, scalar) {
            (Some(AttributeType::String), Scalar::String(text)) => {
                TextError::check_length(text, self.length).ok().map(|()| Value::String(text))
            }
            (Some(AttributeType::Integer), Scalar::Integer(number)) => {
                i32::try_from(number).ok().map(Value::Integer)
            }
            (Some(AttributeType::Long), Scalar::Integer(number)) => Some(Value::Long(number)),
            (Some(AttributeType::Double), Scalar::Float(number)) => finite(number).map(Value::Double),
            (Some(AttributeType::Boolean), Scalar::Boolean(truth)) => Some(Value::Boolean(truth)),
            (Some(AttributeType::DateTime), Scalar::String(text)) => {
                Timestamp::from_canonical(text).map(Value::DateTime)
            }
            _ => None,
        }
    }
}

fn integer(number: i64) -> Result<Value<'static>, ViolationKind> {
    i32::try_from(number).map(Value::Integer).map_err(|_| beyond_integer())
}

/// A number as a double has it. Adding zero turns -0.0 into 0.0 and leaves all else as it is.
fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number + 0.0)
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
        if let Some(values) = self.values() {
            json.serialize_entry("values", &values.collect::<Vec<_>>())?;
        }
        for (key, bound) in [("minimum", self.minimum()), ("maximum", self.maximum())] {
            if let Some(bound) = bound {
                json.serialize_entry(key, &bound)?;
            }
        }
        json.end()
    }
}
