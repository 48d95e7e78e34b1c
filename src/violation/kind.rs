use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json};

use super::code::Code;
use super::json_type::{Alternative, JsonType};
use super::known::Known;
use super::suggest::{Budget, nearest};
use crate::value::{
    Currency, CurrencyError, DateError, EXACT_WHOLE, ServiceId, TextError, Timestamp, TimestampError, Value,
};

/// Makes the table below into the kinds and what is told of each.
macro_rules! kinds {
    ($(
        $(#[$doc:meta])*
        $kind:ident $({ $($field:ident: $type:ty),+ $(,)? })? = $code:ident
        $(tells { $($param:ident $(: $told:expr)?),+ $(,)? })?
        $(expects { $expected:expr })?
        says ( $($sentence:tt)+ );
    )+) => {
        /// What is wrong, with its parameters: of each kind its fields, its code, the parameters and the expected
        /// values that a host is told, and its sentence.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) enum ViolationKind {
            $($(#[$doc])* $kind $({ $($field: $type),+ })?,)+
        }

        impl ViolationKind {
            pub(crate) fn code(&self) -> &'static Code {
                match self {
                    $(ViolationKind::$kind { .. } => &Code::$code,)+
                }
            }

            /// Whether its sentence is made of numbers and names.
            pub(super) fn has_params(&self) -> bool {
                match self {
                    $(ViolationKind::$kind { .. } => {
                        const PARAMS: &[&str] = &[$($(stringify!($param)),+)?];
                        !PARAMS.is_empty()
                    })+
                }
            }

            #[expect(unused_variables, reason = "a kind uses the fields that it tells")]
            fn tell_params<M: SerializeMap>(&self, params: &mut M) -> Result<(), M::Error> {
                match self {
                    $(ViolationKind::$kind $({ $($field),+ })? => {
                        $($(kinds!(@tell params $param $(: $told)?);)+)?
                    })+
                }
                match self {
                    ViolationKind::InvalidDefault { reason }
                    | ViolationKind::InvalidValue { reason }
                    | ViolationKind::InvalidBound { reason } => reason.tell_params(params),
                    ViolationKind::DuplicateRecord { not_given: Some(not_given), .. } => not_given.tell(params),
                    _ => Ok(()),
                }
            }

            /// What would be right, where it can be listed.
            #[expect(unused_variables, reason = "a kind uses the fields that it tells")]
            pub(super) fn expected(&self) -> Option<Known> {
                match self {
                    $(ViolationKind::$kind $({ $($field),+ })? => kinds!(@expect $($expected)?),)+
                }
            }
        }

        impl fmt::Display for ViolationKind {
            #[expect(unused_variables, reason = "a kind uses the fields that it tells")]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(ViolationKind::$kind $({ $($field),+ })? => write!(f, $($sentence)+),)+
                }
            }
        }
    };
    (@tell $params:ident $param:ident) => { kinds!(@tell $params $param: $param) };
    (@tell $params:ident $param:ident: $told:expr) => {
        $params.serialize_entry(stringify!($param), &$told)?
    };
    (@expect) => { None };
    (@expect $expected:expr) => { Some($expected.clone()) };
}

/// The numbers and names that the sentence of a kind is made of, as a JSON object.
pub(super) struct Params<'k>(pub(super) &'k ViolationKind);

impl Params<'_> {
    pub(super) fn to_map(&self) -> Map<String, Json> {
        match serde_json::to_value(self) {
            Ok(Json::Object(params)) => params,
            other => unreachable!("numbers, texts and lists of them are JSON: {other:?}"),
        }
    }
}

impl Serialize for Params<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut params = serializer.serialize_map(None)?;
        self.0.tell_params(&mut params)?;
        params.end()
    }
}

/// Which attributes of the key a record does not give, so that it equals another one unexpectedly.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NotGiven {
    /// They have their default in this record.
    pub(crate) by_default: Known,
    /// They have no value in this record, nor in the earlier one.
    pub(crate) without_value: Known,
}

impl NotGiven {
    fn tell<M: SerializeMap>(&self, params: &mut M) -> Result<(), M::Error> {
        for (name, known) in [("by_default", &self.by_default), ("without_value", &self.without_value)] {
            if !known.is_empty() {
                params.serialize_entry(name, known)?;
            }
        }
        Ok(())
    }
}

kinds! {
    UnknownExtension { known: Known, fields: Known } = UnknownExtension
        expects { fields.with_declared(known) }
        says("neither a field of the event nor an extension with a registered schema");

    /// Of an extension made with another schema than the one registered.
    UnknownAttribute { extension: Arc<str>, known: Known } = UnknownAttribute
        tells { extension: **extension }
        expects { known }
        says("extension `{extension}` has no attribute of this name");

    MissingAttribute { attribute: Arc<str> } = MissingAttribute
        tells { attribute: **attribute }
        says("attribute `{attribute}` is mandatory, but has no value");

    /// A number where an integer is expected is one with a fraction.
    WrongType { expected: Known, found: JsonType } = WrongType
        tells { found }
        expects { expected }
        says("must be {}, but {}", Alternatives(expected), Instead { expected, found: *found });

    /// An object is expected, or an array of objects.
    WrongShape { expected: JsonType, found: JsonType } = WrongShape
        tells { found }
        expects { Known::fixed(if *expected == JsonType::Array { &["array"] } else { &["object"] }) }
        says("must be {}, but {found}", Shape(*expected));

    /// Of a single-valued extension made in Rust.
    RecordCount { found: usize } = WrongShape
        tells { found }
        says("must have exactly one record, but has {found}");

    TooLong { limit: usize, length: usize } = TooLong
        tells { limit, length }
        says("{}", TextError::TooLong { limit: *limit, length: *length });

    /// Of an open extension.
    OpenTooLong { limit: usize, length: usize } = TooLong
        tells { limit, length }
        says("must have at most {limit} bytes of JSON, but has {length}");

    /// Of an open extension.
    TooDeep { limit: usize } = TooDeep
        tells { limit }
        says("must have at most {limit} levels of arrays and objects");

    /// Of an open extension.
    InvalidExtensionName { limit: usize } = InvalidName
        tells { limit }
        says("must be an ASCII letter, then ASCII letters, digits or `_`, at most {limit} in all, and not be reserved");

    /// Both bounds are of the type of the value.
    OutOfRange { minimum: Value<'static>, maximum: Value<'static> } = OutOfRange
        tells { minimum, maximum }
        says("must be between {} and {}", Bound(minimum), Bound(maximum));

    /// Below the minimum that its attribute has.
    BelowMinimum { minimum: Value<'static> } = OutOfRange
        tells { minimum }
        says("{}", AtLeast(minimum));

    /// Above the maximum that its attribute has.
    AboveMaximum { maximum: Value<'static> } = OutOfRange
        tells { maximum }
        says("{}", AtMost(maximum));

    /// A whole number that its form makes too large to be told from its neighbours.
    NotPlainDigits = OutOfRange
        tells { minimum: -EXACT_WHOLE, maximum: EXACT_WHOLE }
        says(
            "must be between {} and {} where it is written with a fraction or an exponent; \
             write a larger integer as plain digits",
            -EXACT_WHOLE, EXACT_WHOLE,
        );

    InvalidTimestamp { error: TimestampError } = InvalidFormat tells { reason: error.reason() } says("{error}");

    InvalidDate { error: DateError } = InvalidFormat tells { reason: error.reason() } says("{error}");

    InvalidCurrency { error: CurrencyError } = InvalidFormat tells { reason: error.reason() } says("{error}");

    ForbiddenCharacter = ForbiddenCharacter says("{}", TextError::ForbiddenCharacter);

    /// What is known are ids or names, like the value that the field does not take.
    UnknownBusinessValue { known: Known, suggestion: Option<Box<str>> } = UnknownBusinessValue
        expects { known }
        says("not among the ids and names that are declared for this field");

    /// The text of an id where its number is due.
    QuotedBusinessId { known: Known } = UnknownBusinessValue
        tells { reason: "quoted_id" }
        expects { known }
        says("not among the names that are declared for this field; an id must be a number, without quotes");

    UnknownValue { known: Known } = UnknownValue
        expects { known }
        says("not among the values that are declared for this attribute");

    DuplicateKey = DuplicateKey says("this name is given a second time in the same object");

    /// The earlier record is counted from 0.
    DuplicateRecord { attributes: Known, first: usize, not_given: Option<Box<NotGiven>> } = DuplicateRecord
        tells { attributes, first }
        says(
            "repeats the {attributes} of record {first}, which must be unique{}",
            Aside(not_given.as_deref()),
        );

    TooManyRecords { limit: usize } = TooManyRecords
        tells { limit }
        says("must have at most {limit} records");

    ServiceIdMismatch { addressed: ServiceId } = ServiceIdMismatch
        tells { addressed }
        says("must be {addressed}, the service addressed, or be left out");

    EndsBeforeStart { start: Timestamp, tolerance: Duration } = EndsBeforeStart
        tells { start, tolerance_ms: u64::try_from(tolerance.as_millis()).unwrap_or(u64::MAX) }
        says("must not be before the start of the service, {start}{}", Tolerance(*tolerance));

    MissingExtension { extension: Arc<str> } = MissingExtension
        tells { extension: **extension }
        says("extension `{extension}` is required, but has no record");

    InvalidName = InvalidName says("must be an ASCII letter, then ASCII letters, digits or `_`");

    ReservedName = ReservedName says("this name is reserved, in upper and lower case");

    NameTooLong { limit: usize } = NameTooLong
        tells { limit }
        says("must have at most {limit} characters");

    DuplicateAttribute = DuplicateAttribute
        says("an earlier attribute has this name, in the same or another case");

    NoAttributes = NoAttributes says("must declare at least one attribute");

    TooManyAttributes { limit: usize } = TooManyAttributes
        tells { limit }
        says("must declare at most {limit} attributes");

    UnknownType { known: Known } = UnknownType
        expects { known }
        says("must be one of {known}");

    InvalidLength = InvalidLength says("must be a whole number of characters, at least 1");

    LengthNotApplicable = LengthNotApplicable says("only an attribute of type `string` takes a length");

    InvalidMandatory = InvalidMandatory says("must be true or false");

    /// For a reason that would be a violation in a body.
    InvalidDefault { reason: Box<ViolationKind> } = InvalidDefault
        tells { code: reason.code() }
        expects { reason.expected()? }
        says("the default does not fit its attribute: {reason}");

    InvalidValueList { limit: usize } = InvalidValues
        tells { limit }
        says("must be a list of values, at least 1 and at most {limit}");

    /// For a reason that would be a violation in a body.
    InvalidValue { reason: Box<ViolationKind> } = InvalidValues
        tells { code: reason.code() }
        expects { reason.expected()? }
        says("the value does not fit its attribute: {reason}");

    /// The earlier value is counted from 0.
    RepeatedValue { first: usize } = InvalidValues
        tells { first }
        says("repeats value {first} of the list");

    ValuesNotApplicable = ValuesNotApplicable
        says("only an attribute of type `string`, `integer` or `long` takes a list of values");

    /// For a reason that would be a violation in a body.
    InvalidBound { reason: Box<ViolationKind> } = InvalidRange
        tells { code: reason.code() }
        expects { reason.expected()? }
        says("the bound does not fit its attribute: {reason}");

    /// Of the minimum.
    ReversedBounds { maximum: Value<'static> } = InvalidRange
        tells { maximum }
        says("must not be above the maximum, {}", Bound(maximum));

    RangeNotApplicable = RangeNotApplicable
        says("only a number, a `date` or a `datetime` takes a minimum or a maximum");

    InvalidRequired = InvalidRequired says("must be true or false");

    UnknownUniqueAttribute { known: Known } = UnknownUniqueAttribute
        expects { known }
        says("the schema has no attribute of this name");

    DuplicateUniqueAttribute = DuplicateUniqueAttribute says("this attribute is already part of the key");

    UnknownKey { known: Known } = UnknownKey
        expects { known }
        says("this key has no meaning here; known are {known}");

    MissingKey = MissingKey says("this key is missing");

    SchemaExists = SchemaExists says("an earlier schema has this name, in the same or another case");

    /// Its id or its name.
    BusinessValueExists = BusinessValueExists says("an earlier value of this enumeration already has it");
}

impl ViolationKind {
    /// A number beyond its type.
    pub(crate) fn out_of_range<T: Into<Value<'static>>>(minimum: T, maximum: T) -> Self {
        ViolationKind::OutOfRange { minimum: minimum.into(), maximum: maximum.into() }
    }

    /// Whether a value is beyond its type, or beyond a bound.
    pub(crate) fn is_out_of_range(&self) -> bool {
        *self.code() == Code::OutOfRange
    }

    /// A name that is not among the known ones. It is not kept, only what was probably meant.
    pub(crate) fn unknown_business_name(known: Known, name: &str) -> Self {
        let suggestion = nearest(name, known.all(), &mut Budget::of_a_value()).map(Into::into);
        ViolationKind::UnknownBusinessValue { known, suggestion }
    }

    /// How many bytes the names take that are known.
    pub(super) fn names_bytes(&self) -> usize {
        let of = Known::bytes;
        match self {
            // They stand in the sentence and beside it.
            ViolationKind::DuplicateRecord { attributes, not_given, .. } => {
                let not_given = not_given
                    .as_deref()
                    .map_or(0, |NotGiven { by_default, without_value }| of(by_default) + of(without_value));
                2 * (of(attributes) + not_given)
            }
            other => other.expected().map_or(0, |known| of(&known)),
        }
    }

    /// Whether the pointer ends in a name that is not known.
    pub(super) fn is_unknown_name(&self) -> bool {
        matches!(
            self,
            ViolationKind::UnknownExtension { .. }
                | ViolationKind::UnknownAttribute { .. }
                | ViolationKind::UnknownKey { .. }
        )
    }

    /// What was probably meant by a name, or a value, that is not known.
    pub(super) fn suggestion(&self, name: &str, budget: &mut Budget) -> Option<&str> {
        match self {
            ViolationKind::UnknownExtension { known, fields } => {
                nearest(name, known.all().chain(fields.all()), budget)
            }
            ViolationKind::UnknownAttribute { known, .. }
            | ViolationKind::UnknownKey { known }
            | ViolationKind::UnknownValue { known } => nearest(name, known.all(), budget),
            _ => None,
        }
    }
}

impl From<TextError> for ViolationKind {
    fn from(error: TextError) -> Self {
        match error {
            TextError::ForbiddenCharacter => ViolationKind::ForbiddenCharacter,
            TextError::TooLong { limit, length } => ViolationKind::TooLong { limit, length },
        }
    }
}

impl From<TimestampError> for ViolationKind {
    fn from(error: TimestampError) -> Self {
        ViolationKind::InvalidTimestamp { error }
    }
}

impl From<DateError> for ViolationKind {
    fn from(error: DateError) -> Self {
        ViolationKind::InvalidDate { error }
    }
}

impl From<CurrencyError> for ViolationKind {
    fn from(error: CurrencyError) -> Self {
        match error {
            CurrencyError::OutOfRange => ViolationKind::out_of_range(Currency::MIN, Currency::MAX),
            error => ViolationKind::InvalidCurrency { error },
        }
    }
}

/// The types that are taken, as a sentence lists them.
struct Alternatives<'k>(&'k Known);

impl fmt::Display for Alternatives<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for (left, name) in (0..self.0.len()).rev().zip(self.0.iter()) {
            write!(f, "{between}{}", Alternative(name))?;
            between = if left == 1 { " or " } else { ", " };
        }
        Ok(())
    }
}

/// What was found instead of the types that are taken.
struct Instead<'k> {
    expected: &'k Known,
    found: JsonType,
}

impl fmt::Display for Instead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.found == JsonType::Number && self.expected.iter().any(|name| name == "integer") {
            f.write_str("has a fraction")
        } else {
            self.found.fmt(f)
        }
    }
}

/// What an extension, or one element of it, must be.
struct Shape(JsonType);

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            JsonType::Array => "an array of records, one JSON object each",
            _ => "one record, a JSON object",
        })
    }
}

/// A number, as a sentence has it.
struct Bound<'v>(&'v Value<'v>);

impl fmt::Display for Bound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Integer(number) => number.fmt(f),
            Value::Long(number) => number.fmt(f),
            // With an exponent where it has many digits.
            Value::Double(number) => write!(f, "{number:?}"),
            Value::Date(date) => date.fmt(f),
            Value::DateTime(timestamp) => timestamp.fmt(f),
            Value::Currency(amount) => amount.fmt(f),
            Value::String(_) | Value::Boolean(_) => unreachable!("only numbers and days have bounds"),
        }
    }
}

/// What a minimum asks for.
struct AtLeast<'v>(&'v Value<'v>);

impl fmt::Display for AtLeast<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if is_time(self.0) { "must not be before " } else { "must be at least " })?;
        Bound(self.0).fmt(f)
    }
}

/// What a maximum asks for.
struct AtMost<'v>(&'v Value<'v>);

impl fmt::Display for AtMost<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if is_time(self.0) { "must not be after " } else { "must be at most " })?;
        Bound(self.0).fmt(f)
    }
}

fn is_time(value: &Value<'_>) -> bool {
    matches!(value, Value::Date(_) | Value::DateTime(_))
}

/// What is to be said of the attributes that are not given.
struct Aside<'k>(Option<&'k NotGiven>);

impl fmt::Display for Aside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(NotGiven { by_default, without_value }) = self.0 else { return Ok(()) };
        let is_one = |known: &Known| known.len() + known.more() == 1;
        let and = |known: &Known| if is_one(known) { "has" } else { "have" };
        let its = |known: &Known| if is_one(known) { "its default" } else { "their defaults" };
        if !by_default.is_empty() {
            write!(f, "; {by_default} {} {} in this record", and(by_default), its(by_default))?;
        }
        if !without_value.is_empty() {
            write!(f, "; {without_value} {} no value in either record", and(without_value))?;
        }
        Ok(())
    }
}

/// By how much the end may be before the start.
struct Tolerance(Duration);

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_zero() { Ok(()) } else { write!(f, ", by more than {:?}", self.0) }
    }
}
