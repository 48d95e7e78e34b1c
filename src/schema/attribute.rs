use std::fmt;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::node::Node;
use crate::value::{Currency, CurrencyError, NotWhole, Scalar, TextError, Timestamp, Value, whole};
use crate::violation::{Format, JsonType, Known, ViolationKind};

/// The type of an attribute (documented by the original; the two integer widths are chosen).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttributeType {
    /// Text, bounded by the attribute's length if it has one.
    String,
    /// A 32-bit signed integer.
    Integer,
    /// A 64-bit signed integer.
    Long,
    /// A finite 64-bit float.
    Double,
    /// `true` or `false`.
    Boolean,
    /// A calendar day, [`Date`].
    Date,
    /// A moment, [`Timestamp`].
    DateTime,
    /// An amount, [`Currency`].
    Currency,
}

impl AttributeType {
    const ALL: [AttributeType; 8] = [
        AttributeType::String,
        AttributeType::Integer,
        AttributeType::Long,
        AttributeType::Double,
        AttributeType::Boolean,
        AttributeType::Date,
        AttributeType::DateTime,
        AttributeType::Currency,
    ];

    pub(super) const KNOWN: Known =
        Known::fixed(&["string", "integer", "long", "double", "boolean", "date", "datetime", "currency"]);

    /// Its name in a schema. Read in any case, written in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            AttributeType::String => "string",
            AttributeType::Integer => "integer",
            AttributeType::Long => "long",
            AttributeType::Double => "double",
            AttributeType::Boolean => "boolean",
            AttributeType::Date => "date",
            AttributeType::DateTime => "datetime",
            AttributeType::Currency => "currency",
        }
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(name))
    }

    /// A value of another JSON type than this one takes.
    pub(crate) fn wrong_type(self, found: JsonType) -> ViolationKind {
        let expected = Known::fixed(match self {
            AttributeType::String | AttributeType::Date | AttributeType::DateTime => &["string"],
            AttributeType::Integer | AttributeType::Long => &["integer"],
            AttributeType::Double => &["number"],
            AttributeType::Boolean => &["boolean"],
            AttributeType::Currency => &["number", "string"],
        });
        ViolationKind::WrongType { expected, found }
    }
}

impl fmt::Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a host declares of one attribute: its name and type, and what its value must fulfil.
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

macro_rules! starts {
    ($($(#[$doc:meta])* $start:ident => $kind:ident,)*) => {$(
        $(#[$doc])*
        pub fn $start(name: &str) -> AttributeSchemaBuilder {
            AttributeSchemaBuilder::new(name, AttributeType::$kind)
        }
    )*};
}

impl AttributeSchema {
    starts! {
        /// Starts to declare a `string`.
        string => String,
        /// Starts to declare an `integer`: 32 bits, signed.
        integer => Integer,
        /// Starts to declare a `long`: 64 bits, signed.
        long => Long,
        /// Starts to declare a `double`.
        double => Double,
        /// Starts to declare a `boolean`.
        boolean => Boolean,
        /// Starts to declare a `date`.
        date => Date,
        /// Starts to declare a `datetime`.
        datetime => DateTime,
        /// Starts to declare a `currency`.
        currency => Currency,
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

    /// The value that a record gets which leaves the attribute out.
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
            (AttributeType::Integer, Scalar::Integer(_)) => Err(INTEGER_RANGE),
            (AttributeType::Integer, Scalar::Float(number)) => {
                let number = whole_number(number, INTEGER_RANGE)?;
                i32::try_from(number).map(Value::Integer).map_err(|_| INTEGER_RANGE)
            }
            (AttributeType::Long, Scalar::Float(number)) => whole_number(number, LONG_RANGE).map(Value::Long),
            #[expect(clippy::cast_precision_loss, reason = "a double is the float nearest to the number")]
            (AttributeType::Double, Scalar::Integer(number)) => Ok(Value::Double(number as f64)),
            (AttributeType::Double, Scalar::Float(_)) => Err(DOUBLE_RANGE),
            (AttributeType::Date, Scalar::String(text) | Scalar::TextWithNul(text)) => {
                let date = text.parse().map(Value::Date);
                date.map_err(|_| ViolationKind::InvalidFormat { format: Format::Date })
            }
            (AttributeType::DateTime, Scalar::String(text) | Scalar::TextWithNul(text)) => {
                let timestamp = text.parse().map(Value::DateTime);
                timestamp.map_err(|_| ViolationKind::InvalidFormat { format: Format::Timestamp })
            }
            (AttributeType::Currency, Scalar::Integer(number)) => currency(Currency::from_whole(number)),
            (AttributeType::Currency, Scalar::Float(number)) => currency(Currency::from_f64(number)),
            (AttributeType::Currency, Scalar::String(text) | Scalar::TextWithNul(text)) => {
                currency(text.parse())
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

const INTEGER_RANGE: ViolationKind =
    ViolationKind::OutOfRange { minimum: "-2147483648", maximum: "2147483647" };
const LONG_RANGE: ViolationKind =
    ViolationKind::OutOfRange { minimum: "-9223372036854775808", maximum: "9223372036854775807" };
const DOUBLE_RANGE: ViolationKind =
    ViolationKind::OutOfRange { minimum: "-1.7976931348623157e308", maximum: "1.7976931348623157e308" };
const CURRENCY_RANGE: ViolationKind =
    ViolationKind::OutOfRange { minimum: "-922337203685477.5808", maximum: "922337203685477.5807" };

/// Judges a scalar as a `long`, the rule that the integers among the fixed fields follow too.
pub(crate) fn long(scalar: Scalar<'_>) -> Result<i64, ViolationKind> {
    match scalar {
        Scalar::Integer(number) => Ok(number),
        Scalar::Float(number) => whole_number(number, LONG_RANGE),
        other => Err(AttributeType::Long.wrong_type(other.into())),
    }
}

fn whole_number(number: f64, range: ViolationKind) -> Result<i64, ViolationKind> {
    whole(number).map_err(|not| match not {
        NotWhole::Fraction => AttributeType::Long.wrong_type(JsonType::Number),
        NotWhole::OutOfRange => range,
    })
}

fn currency<'a>(amount: Result<Currency, CurrencyError>) -> Result<Value<'a>, ViolationKind> {
    amount.map(Value::Currency).map_err(|error| match error {
        CurrencyError::InvalidFormat => ViolationKind::InvalidFormat { format: Format::Currency },
        CurrencyError::OutOfRange => CURRENCY_RANGE,
    })
}

impl From<TextError> for ViolationKind {
    fn from(error: TextError) -> Self {
        match error {
            TextError::ForbiddenCharacter => ViolationKind::ForbiddenCharacter,
            TextError::TooLong { limit, length } => ViolationKind::TooLong { limit, length },
        }
    }
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

/// An attribute in the making. What is wrong with it is told when the extension schema is built.
///
/// ```
/// use service_end::AttributeSchema;
/// let place = AttributeSchema::string("place").length(64).default("unknown");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct AttributeSchemaBuilder(Vec<(String, Node)>);

impl AttributeSchemaBuilder {
    /// An attribute of a type that is known only at run time.
    pub fn new(name: &str, attribute_type: AttributeType) -> Self {
        AttributeSchemaBuilder(Vec::new())
            .key("name", Node::String(name.to_owned()))
            .key("type", Node::String(attribute_type.as_str().to_owned()))
    }

    /// The most characters that a string may have: at least 1.
    pub fn length(self, characters: usize) -> Self {
        self.key("length", Node::Integer(i64::try_from(characters).unwrap_or(i64::MAX)))
    }

    /// Every record must have a value for it.
    pub fn mandatory(self) -> Self {
        self.key("mandatory", Node::Boolean(true))
    }

    /// The value that a record gets which leaves the attribute out.
    pub fn default<'v>(self, value: impl Into<Value<'v>>) -> Self {
        self.key("default", value.into().into())
    }

    fn key(mut self, key: &str, value: Node) -> Self {
        self.0.push((key.to_owned(), value));
        self
    }

    pub(super) fn into_node(self) -> Node {
        Node::Object(self.0)
    }
}
