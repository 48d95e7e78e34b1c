use std::fmt;

use serde::ser::{Serialize, Serializer};

use crate::value::Scalar;

/// The type of a JSON value, as far as a message tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum JsonType {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
    /// Not a JSON type: bytes, a tag.
    Other,
    /// Of a value of Rust: unknown, since the code that writes it fails.
    Unwritten,
}

impl JsonType {
    const fn as_str(self) -> &'static str {
        match self {
            JsonType::Null => "null",
            JsonType::Boolean => "boolean",
            JsonType::Number => "number",
            JsonType::String => "string",
            JsonType::Array => "array",
            JsonType::Object => "object",
            JsonType::Other => "other",
            JsonType::Unwritten => "unwritten",
        }
    }
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

/// As a sentence has it, with its verb.
impl fmt::Display for JsonType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JsonType::Null => f.write_str("is null"),
            JsonType::Other => f.write_str("is not a JSON type"),
            JsonType::Unwritten => f.write_str("its own code can't write it"),
            other => write!(f, "is {}", Alternative(other.as_str())),
        }
    }
}

impl Serialize for JsonType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What is expected, with its article.
pub(super) struct Alternative<'k>(pub(super) &'k str);

impl fmt::Display for Alternative<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", if self.0.starts_with(['a', 'i', 'o']) { "an" } else { "a" }, self.0)
    }
}
