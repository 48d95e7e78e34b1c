use super::error::ParseNameError;
use crate::value::named;
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
        /// A moment, [`Timestamp`](crate::Timestamp).
        DateTime = "datetime",
        /// An amount, [`Currency`](crate::value::Currency).
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
