use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal,)*) => {
        /// The stable code of a violation: one of the crate's, or one of the host's own.
        ///
        /// ```
        /// use service_end::violation::Code;
        /// assert_eq!(Code::UnknownExtension.as_str(), "unknown_extension");
        /// assert_eq!("unknown_extension".parse(), Ok(Code::UnknownExtension));
        /// assert!(matches!("survey_missing".parse(), Ok(Code::Host(_))));
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $variant,)*
            /// A code of the host's own. A code of a later version of this crate is read as one, too.
            Host(HostCode),
        }

        impl Code {
            /// Every code of this crate.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The code as documents carry it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Code::$variant => $code,)*
                    Code::Host(code) => code.as_str(),
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
    /// Not an object where a record is due, or not an array where a list of records is due.
    WrongShape = "wrong_shape",
    /// More characters than allowed, or an open extension of more bytes.
    TooLong = "too_long",
    /// A number outside its type, or a value below its attribute's minimum or above the maximum.
    OutOfRange = "out_of_range",
    /// A timestamp, date or currency that can't be read.
    InvalidFormat = "invalid_format",
    /// U+0000 in a string.
    ForbiddenCharacter = "forbidden_character",
    /// Not in the host's enumeration.
    UnknownBusinessValue = "unknown_business_value",
    /// Not among the values that the attribute lists.
    UnknownValue = "unknown_value",
    /// The same known name twice in an object.
    DuplicateKey = "duplicate_key",
    /// An open extension of more levels than allowed.
    TooDeep = "too_deep",
    /// Equal to an earlier record under the schema's `unique`.
    DuplicateRecord = "duplicate_record",
    /// More records than the host allows.
    TooManyRecords = "too_many_records",
    /// The body names another service than the one addressed.
    ServiceIdMismatch = "service_id_mismatch",
    /// The end lies before the recorded start.
    EndsBeforeStart = "ends_before_start",
    /// An extension without which no service can end, and of which there is no record.
    MissingExtension = "missing_extension",
    /// A name that is not an ASCII letter followed by letters, digits or `_`: in a schema, or of an open extension, which
    /// must also be no longer than the names of schemas, and not reserved.
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
    /// A schema: a length that is not a whole number of at least 1.
    InvalidLength = "invalid_length",
    /// A schema: a length on an attribute that is not a string.
    LengthNotApplicable = "length_not_applicable",
    /// A schema: neither true nor false.
    InvalidMandatory = "invalid_mandatory",
    /// A schema: a default that does not fit its attribute.
    InvalidDefault = "invalid_default",
    /// A schema: `values` is not a list of 1 to 1,000, or one of them does not fit its attribute or repeats another.
    InvalidValues = "invalid_values",
    /// A schema: values listed of an attribute that is neither a string nor an integer.
    ValuesNotApplicable = "values_not_applicable",
    /// A schema: a bound that does not fit its attribute, or a minimum above the maximum.
    InvalidRange = "invalid_range",
    /// A schema: a bound of an attribute that is neither a number nor a date or a time.
    RangeNotApplicable = "range_not_applicable",
    /// A schema: whether an extension is required is neither true nor false.
    InvalidRequired = "invalid_required",
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

impl FromStr for Code {
    type Err = HostCodeError;

    /// Reads a code of this crate, or else one of a host's own.
    fn from_str(text: &str) -> Result<Self, HostCodeError> {
        match own(text) {
            Some(code) => Ok(code.clone()),
            None => HostCode::new(text).map(Code::Host),
        }
    }
}

/// The code of this crate that a text is.
fn own(text: &str) -> Option<&'static Code> {
    Code::ALL.iter().find(|code| code.as_str() == text)
}

impl From<HostCode> for Code {
    fn from(code: HostCode) -> Self {
        Code::Host(code)
    }
}

/// A code of a host's own, for what no schema can say: a lower-case ASCII letter, then such letters, digits or `_`, at
/// most 64 in all (chosen), and none of the codes that violations have in this crate.
///
/// ```
/// use service_end::violation::{HostCode, HostCodeError};
/// assert_eq!(HostCode::new("survey_missing").unwrap().as_str(), "survey_missing");
/// assert_eq!(HostCode::new("wrong_type"), Err(HostCodeError::Taken));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostCode(Arc<str>);

/// Why a text is not a code of a host's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostCodeError {
    /// It has other characters, too many, or none.
    #[error(
        "a code must be a letter from `a` to `z`, then such letters, digits or `_`, at most {} in all",
        HostCode::MAX_CHARS
    )]
    Invalid,
    /// It is one of the crate's own codes.
    #[error("this code belongs to the crate itself")]
    Taken,
}

impl HostCode {
    /// The most characters it can have.
    pub const MAX_CHARS: usize = 64;

    /// Takes a text that can be a code.
    ///
    /// # Errors
    /// [`HostCodeError`] when it can't.
    pub fn new(text: &str) -> Result<Self, HostCodeError> {
        if !Self::is_formed(text) {
            return Err(HostCodeError::Invalid);
        }
        if own(text).is_some() { Err(HostCodeError::Taken) } else { Ok(HostCode(text.into())) }
    }

    /// Whether a text has the form of a code.
    pub(crate) fn is_formed(text: &str) -> bool {
        let begins = text.starts_with(|first: char| first.is_ascii_lowercase());
        let goes_on = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        begins && goes_on && text.len() <= Self::MAX_CHARS
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HostCode {
    type Err = HostCodeError;

    fn from_str(text: &str) -> Result<Self, HostCodeError> {
        Self::new(text)
    }
}

/// What both kinds of code have.
macro_rules! text_of_a_code {
    ($code:ident) => {
        impl fmt::Display for $code {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl AsRef<str> for $code {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl TryFrom<&str> for $code {
            type Error = HostCodeError;

            fn try_from(text: &str) -> Result<Self, HostCodeError> {
                text.parse()
            }
        }

        impl TryFrom<String> for $code {
            type Error = HostCodeError;

            fn try_from(text: String) -> Result<Self, HostCodeError> {
                text.parse()
            }
        }

        impl Serialize for $code {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $code {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }

        /// So that what a getter lends can be compared with a code.
        impl PartialEq<$code> for &$code {
            fn eq(&self, other: &$code) -> bool {
                *self == other
            }
        }
    };
}

text_of_a_code!(Code);
text_of_a_code!(HostCode);
