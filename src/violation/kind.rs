use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Known;
use super::suggest::nearest;
use crate::value::{Scalar, ServiceId, Timestamp};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal,)*) => {
        /// The stable code of a violation.
        ///
        /// ```
        /// use service_end::violation::Code;
        /// assert_eq!(Code::UnknownExtension.as_str(), "unknown_extension");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The code as documents carry it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Code::$variant => $code,)*
                }
            }
        }
    };
}

codes! {
    /// No schema of that name.
    UnknownExtension = "unknown_extension",
    /// The schema has no such attribute.
    UnknownAttribute = "unknown_attribute",
    /// A mandatory attribute without a value.
    MissingAttribute = "missing_attribute",
    /// A JSON value of another type than the one due.
    WrongType = "wrong_type",
    /// No object where a record is due, or no array where a list of records is due.
    WrongShape = "wrong_shape",
    /// More characters than allowed.
    TooLong = "too_long",
    /// A number outside its type.
    OutOfRange = "out_of_range",
    /// A timestamp, date or currency that can't be read.
    InvalidFormat = "invalid_format",
    /// U+0000 in a string.
    ForbiddenCharacter = "forbidden_character",
    /// Not in the host's enumeration.
    UnknownBusinessValue = "unknown_business_value",
    /// The same known name twice in an object.
    DuplicateKey = "duplicate_key",
    /// Equal to an earlier record under the schema's `unique`.
    DuplicateRecord = "duplicate_record",
    /// More records than the host allows.
    TooManyRecords = "too_many_records",
    /// The body names another service than the one addressed.
    ServiceIdMismatch = "service_id_mismatch",
    /// The end lies before the recorded start.
    EndsBeforeStart = "ends_before_start",
    /// A schema: no ASCII letter followed by letters, digits or `_`.
    InvalidName = "invalid_name",
    /// A schema: a name that has a meaning of its own at the top level of a document.
    ReservedName = "reserved_name",
    /// A schema: a name of more characters than allowed.
    NameTooLong = "name_too_long",
    /// A schema: an attribute of this name came before.
    DuplicateAttribute = "duplicate_attribute",
    /// A schema: an empty list of attributes.
    NoAttributes = "no_attributes",
    /// A schema: more attributes than allowed.
    TooManyAttributes = "too_many_attributes",
    /// A schema: no such type of extension or attribute.
    UnknownType = "unknown_type",
    /// A schema: a length that is no whole number of at least 1.
    InvalidLength = "invalid_length",
    /// A schema: a length on an attribute that is no string.
    LengthNotApplicable = "length_not_applicable",
    /// A schema: neither true nor false.
    InvalidMandatory = "invalid_mandatory",
    /// A schema: a default that does not fit its attribute.
    InvalidDefault = "invalid_default",
    /// A schema: `unique` names no attribute of the schema.
    UnknownUniqueAttribute = "unknown_unique_attribute",
    /// A schema: `unique` names an attribute twice.
    DuplicateUniqueAttribute = "duplicate_unique_attribute",
    /// A declaration: a key that has no meaning there.
    UnknownKey = "unknown_key",
    /// A declaration: a key that must be there.
    MissingKey = "missing_key",
    /// A schema of this name came before.
    SchemaExists = "schema_exists",
    /// An enumeration of business attributes: an earlier value has this id or name.
    BusinessValueExists = "business_value_exists",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The type of a JSON value, as far as a message tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JsonType {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// Any number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
    /// Something that JSON has not: bytes, a tag.
    Other,
}

impl From<Scalar<'_>> for JsonType {
    fn from(scalar: Scalar<'_>) -> Self {
        match scalar {
            Scalar::Null => JsonType::Null,
            Scalar::Boolean(_) => JsonType::Boolean,
            Scalar::Integer(_) | Scalar::Float(_) => JsonType::Number,
            Scalar::String(_) | Scalar::TextWithNul(_) => JsonType::String,
        }
    }
}

impl fmt::Display for JsonType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            JsonType::Null => "null",
            JsonType::Boolean => "a boolean",
            JsonType::Number => "a number",
            JsonType::String => "a string",
            JsonType::Array => "an array",
            JsonType::Object => "an object",
            JsonType::Other => "something that JSON has not",
        })
    }
}

/// What is wrong, with its parameters as data: what a host needs to write messages of its own.
///
/// Each variant is the [`Code`] of the same name, and tells there when it is found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ViolationKind {
    /// [`Code::UnknownExtension`]
    UnknownExtension {
        /// The registered extensions.
        known: Known,
        /// The fixed fields of an event.
        fields: Known,
    },
    /// [`Code::UnknownExtension`], of an extension made with another schema than the one registered.
    OtherSchema,
    /// [`Code::UnknownAttribute`]
    UnknownAttribute {
        /// The extension, as its schema spells it.
        extension: Arc<str>,
        /// The attributes that its schema has.
        known: Known,
    },
    /// [`Code::MissingAttribute`]
    MissingAttribute {
        /// The attribute, as the schema spells it.
        attribute: Arc<str>,
    },
    /// [`Code::WrongType`]
    WrongType {
        /// The types that are taken.
        expected: Known,
        /// The type that was found. A number where an integer is expected is one with a fraction.
        found: JsonType,
    },
    /// [`Code::WrongShape`]
    WrongShape {
        /// An object, or an array of objects.
        expected: JsonType,
        /// The type that was found.
        found: JsonType,
    },
    /// [`Code::WrongShape`], of a single-valued extension made in Rust.
    RecordCount {
        /// How many records it was given, instead of one.
        found: usize,
    },
    /// [`Code::TooLong`]
    TooLong {
        /// The most characters allowed.
        limit: usize,
        /// How many there are.
        length: usize,
    },
    /// [`Code::OutOfRange`]
    OutOfRange {
        /// The smallest number allowed, as text.
        minimum: &'static str,
        /// The largest number allowed, as text.
        maximum: &'static str,
    },
    /// [`Code::InvalidFormat`]
    InvalidFormat {
        /// The form that was due.
        format: Format,
    },
    /// [`Code::ForbiddenCharacter`]
    ForbiddenCharacter,
    /// [`Code::UnknownBusinessValue`]
    UnknownBusinessValue {
        /// The ids that the field takes, or its names, like the value that it does not take.
        known: Known,
        /// The name that was probably meant.
        suggestion: Option<Box<str>>,
    },
    /// [`Code::DuplicateKey`]
    DuplicateKey,
    /// [`Code::DuplicateRecord`]
    DuplicateRecord {
        /// The attributes that together must be unique.
        attributes: Known,
        /// The earlier record with the same values, counted from 0.
        first: usize,
    },
    /// [`Code::TooManyRecords`]
    TooManyRecords {
        /// The most records allowed.
        limit: usize,
    },
    /// [`Code::ServiceIdMismatch`]
    ServiceIdMismatch {
        /// The service addressed.
        addressed: ServiceId,
    },
    /// [`Code::EndsBeforeStart`]
    EndsBeforeStart {
        /// The recorded start of the service.
        start: Timestamp,
        /// How much earlier the end may be.
        tolerance: Duration,
    },
    /// [`Code::InvalidName`]
    InvalidName,
    /// [`Code::ReservedName`]
    ReservedName,
    /// [`Code::NameTooLong`]
    NameTooLong {
        /// The most characters allowed.
        limit: usize,
    },
    /// [`Code::DuplicateAttribute`]
    DuplicateAttribute,
    /// [`Code::NoAttributes`]
    NoAttributes,
    /// [`Code::TooManyAttributes`]
    TooManyAttributes {
        /// The most attributes allowed.
        limit: usize,
    },
    /// [`Code::UnknownType`]
    UnknownType {
        /// The types there are.
        known: Known,
    },
    /// [`Code::InvalidLength`]
    InvalidLength,
    /// [`Code::LengthNotApplicable`]
    LengthNotApplicable,
    /// [`Code::InvalidMandatory`]
    InvalidMandatory,
    /// [`Code::InvalidDefault`]
    InvalidDefault {
        /// What would be wrong with it in a body.
        reason: Box<ViolationKind>,
    },
    /// [`Code::UnknownUniqueAttribute`]
    UnknownUniqueAttribute {
        /// The attributes that the schema has.
        known: Known,
    },
    /// [`Code::DuplicateUniqueAttribute`]
    DuplicateUniqueAttribute,
    /// [`Code::UnknownKey`]
    UnknownKey {
        /// The keys that have a meaning there.
        known: Known,
    },
    /// [`Code::MissingKey`]
    MissingKey,
    /// [`Code::SchemaExists`]
    SchemaExists,
    /// [`Code::BusinessValueExists`]
    BusinessValueExists,
}

/// The text form that was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// RFC 3339, in the years 0001 to 9999.
    Timestamp,
    /// `YYYY-MM-DD`, or a timestamp at midnight UTC.
    Date,
    /// At most 4 decimals.
    Currency,
}

impl ViolationKind {
    /// A name that is not among the known ones. It is not kept, only what was probably meant.
    pub(crate) fn unknown_business_name(known: Known, name: &str) -> Self {
        let suggestion = nearest(name, known.all()).map(Into::into);
        ViolationKind::UnknownBusinessValue { known, suggestion }
    }

    /// The code.
    pub fn code(&self) -> Code {
        match self {
            ViolationKind::UnknownExtension { .. } | ViolationKind::OtherSchema => Code::UnknownExtension,
            ViolationKind::UnknownAttribute { .. } => Code::UnknownAttribute,
            ViolationKind::MissingAttribute { .. } => Code::MissingAttribute,
            ViolationKind::WrongType { .. } => Code::WrongType,
            ViolationKind::WrongShape { .. } | ViolationKind::RecordCount { .. } => Code::WrongShape,
            ViolationKind::TooLong { .. } => Code::TooLong,
            ViolationKind::OutOfRange { .. } => Code::OutOfRange,
            ViolationKind::InvalidFormat { .. } => Code::InvalidFormat,
            ViolationKind::ForbiddenCharacter => Code::ForbiddenCharacter,
            ViolationKind::UnknownBusinessValue { .. } => Code::UnknownBusinessValue,
            ViolationKind::DuplicateKey => Code::DuplicateKey,
            ViolationKind::DuplicateRecord { .. } => Code::DuplicateRecord,
            ViolationKind::TooManyRecords { .. } => Code::TooManyRecords,
            ViolationKind::ServiceIdMismatch { .. } => Code::ServiceIdMismatch,
            ViolationKind::EndsBeforeStart { .. } => Code::EndsBeforeStart,
            ViolationKind::InvalidName => Code::InvalidName,
            ViolationKind::ReservedName => Code::ReservedName,
            ViolationKind::NameTooLong { .. } => Code::NameTooLong,
            ViolationKind::DuplicateAttribute => Code::DuplicateAttribute,
            ViolationKind::NoAttributes => Code::NoAttributes,
            ViolationKind::TooManyAttributes { .. } => Code::TooManyAttributes,
            ViolationKind::UnknownType { .. } => Code::UnknownType,
            ViolationKind::InvalidLength => Code::InvalidLength,
            ViolationKind::LengthNotApplicable => Code::LengthNotApplicable,
            ViolationKind::InvalidMandatory => Code::InvalidMandatory,
            ViolationKind::InvalidDefault { .. } => Code::InvalidDefault,
            ViolationKind::UnknownUniqueAttribute { .. } => Code::UnknownUniqueAttribute,
            ViolationKind::DuplicateUniqueAttribute => Code::DuplicateUniqueAttribute,
            ViolationKind::UnknownKey { .. } => Code::UnknownKey,
            ViolationKind::MissingKey => Code::MissingKey,
            ViolationKind::SchemaExists => Code::SchemaExists,
            ViolationKind::BusinessValueExists => Code::BusinessValueExists,
        }
    }

    /// What would be right, where it can be listed.
    pub fn expected(&self) -> Option<Known> {
        match self {
            ViolationKind::UnknownExtension { known, .. }
            | ViolationKind::UnknownAttribute { known, .. }
            | ViolationKind::UnknownBusinessValue { known, .. }
            | ViolationKind::UnknownType { known }
            | ViolationKind::UnknownUniqueAttribute { known }
            | ViolationKind::UnknownKey { known }
            | ViolationKind::WrongType { expected: known, .. } => Some(known.clone()),
            ViolationKind::WrongShape { expected: JsonType::Array, .. } => Some(Known::fixed(&["array"])),
            ViolationKind::WrongShape { .. } => Some(Known::fixed(&["object"])),
            ViolationKind::InvalidDefault { reason } => reason.expected(),
            _ => None,
        }
    }
}

impl fmt::Display for ViolationKind {
    #[expect(clippy::too_many_lines, reason = "a list of sentences")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ViolationKind::UnknownExtension { .. } => {
                f.write_str("neither a field of the event nor an extension with a registered schema")
            }
            ViolationKind::OtherSchema => {
                f.write_str("was made with another declaration of this extension than the one registered")
            }
            ViolationKind::UnknownAttribute { extension, .. } => {
                write!(f, "extension `{extension}` has no attribute of this name")
            }
            ViolationKind::MissingAttribute { attribute } => {
                write!(f, "attribute `{attribute}` is mandatory, but has no value")
            }
            ViolationKind::WrongType { expected, found } => {
                f.write_str("must be ")?;
                for (ordinal, name) in expected.values().enumerate() {
                    let article = if name.starts_with(['a', 'i', 'o']) { "an" } else { "a" };
                    write!(f, "{}{article} {name}", if ordinal > 0 { " or " } else { "" })?;
                }
                match (found, expected.values().any(|name| name == "integer")) {
                    (JsonType::Number, true) => f.write_str(", but has a fraction"),
                    _ => write!(f, ", but is {found}"),
                }
            }
            ViolationKind::WrongShape { expected: JsonType::Array, found } => {
                write!(f, "must be an array of records, one JSON object each, but is {found}")
            }
            ViolationKind::WrongShape { found, .. } => {
                write!(f, "must be one record, a JSON object, but is {found}")
            }
            ViolationKind::RecordCount { found } => {
                write!(f, "must have exactly one record, but has {found}")
            }
            ViolationKind::TooLong { limit, length } => {
                write!(f, "must have at most {limit} characters, but has {length}")
            }
            ViolationKind::OutOfRange { minimum, maximum } => {
                write!(f, "must be between {minimum} and {maximum}")
            }
            ViolationKind::InvalidFormat { format } => f.write_str(match format {
                Format::Timestamp => {
                    "must be a timestamp like `2009-05-12T12:05:12.145Z`, in the years 0001 to 9999"
                }
                Format::Date => "must be a date like `2009-05-12`, in the years 0001 to 9999",
                Format::Currency => {
                    "must be an amount without a unit, of at most 4 decimals, like `12.5` or `\"12.5000\"`"
                }
            }),
            ViolationKind::ForbiddenCharacter => f.write_str("must not contain the character U+0000"),
            ViolationKind::UnknownBusinessValue { .. } => {
                f.write_str("not among the ids and names that are declared for this field")
            }
            ViolationKind::DuplicateKey => f.write_str("this name is given a second time in the same object"),
            ViolationKind::DuplicateRecord { attributes, first } => {
                write!(f, "repeats the {attributes} of record {first}, which must be unique")
            }
            ViolationKind::TooManyRecords { limit } => write!(f, "must have at most {limit} records"),
            ViolationKind::ServiceIdMismatch { addressed } => {
                write!(f, "must be {addressed}, the service addressed, or be left out")
            }
            ViolationKind::EndsBeforeStart { start, tolerance } => {
                write!(f, "must not be before the start of the service, {start}")?;
                if tolerance.is_zero() { Ok(()) } else { write!(f, ", by more than {tolerance:?}") }
            }
            ViolationKind::InvalidName => {
                f.write_str("must be an ASCII letter, then ASCII letters, digits or `_`")
            }
            ViolationKind::ReservedName => f.write_str("this name is reserved, in any case of letters"),
            ViolationKind::NameTooLong { limit } => write!(f, "must have at most {limit} characters"),
            ViolationKind::DuplicateAttribute => {
                f.write_str("an earlier attribute has this name, without regard to case")
            }
            ViolationKind::NoAttributes => f.write_str("must declare at least one attribute"),
            ViolationKind::TooManyAttributes { limit } => {
                write!(f, "must declare at most {limit} attributes")
            }
            ViolationKind::UnknownType { known } => write!(f, "must be one of {known}"),
            ViolationKind::InvalidLength => f.write_str("must be a whole number of characters, at least 1"),
            ViolationKind::LengthNotApplicable => {
                f.write_str("only an attribute of type `string` takes a length")
            }
            ViolationKind::InvalidMandatory => f.write_str("must be true or false"),
            ViolationKind::InvalidDefault { reason } => {
                write!(f, "the default does not fit its attribute: {reason}")
            }
            ViolationKind::UnknownUniqueAttribute { .. } => {
                f.write_str("the schema has no attribute of this name")
            }
            ViolationKind::DuplicateUniqueAttribute => {
                f.write_str("this attribute is already part of the key")
            }
            ViolationKind::UnknownKey { known } => {
                write!(f, "this key has no meaning here; known are {known}")
            }
            ViolationKind::MissingKey => f.write_str("this key is needed, but is not there"),
            ViolationKind::SchemaExists => {
                f.write_str("a schema of this name exists already, without regard to case")
            }
            ViolationKind::BusinessValueExists => {
                f.write_str("an earlier value of this enumeration has it already")
            }
        }
    }
}
