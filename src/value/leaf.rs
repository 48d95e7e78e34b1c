//! What the leaves have in common: how they are read from text and from serde formats.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserializer, Error, Visitor};

/// Reads from a string of any format what can be read from text.
pub(crate) fn deserialize_text<'de, T, D>(deserializer: D, what: &'static str) -> Result<T, D::Error>
where
    T: FromStr<Err: fmt::Display>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_str(TextVisitor { what, leaf: PhantomData })
}

struct TextVisitor<T> {
    what: &'static str,
    leaf: PhantomData<T>,
}

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// A type that is read from text, and from a number where it is known to be meant by this crate's own records.
pub(crate) trait Numbered: FromStr<Err: fmt::Display> {
    /// What it is read from, in words.
    const WHAT: &'static str;

    fn of_number(number: i64) -> Result<Self, Self::Err>;
}

/// Reads from a string of any format, or from a number of a record: to write the text and read it again would cost
/// ten times as much.
pub(crate) struct NumberedVisitor<T>(PhantomData<T>);

impl<T> NumberedVisitor<T> {
    pub(crate) fn new() -> Self {
        NumberedVisitor(PhantomData)
    }

    /// Whether this is the visitor that asks.
    pub(crate) fn is<V>() -> bool {
        std::any::type_name::<V>() == std::any::type_name::<Self>()
    }
}

impl<T: Numbered> Visitor<'_> for NumberedVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    /// No format hands over a number so wide where text is asked for.
    fn visit_i128<E: Error>(self, number: i128) -> Result<T, E> {
        let number = i64::try_from(number).map_err(E::custom)?;
        T::of_number(number).map_err(E::custom)
    }
}

/// The doors of a type that is read from text and made of a number.
macro_rules! numbered_leaf {
    ($leaf:ty, $error:ty, $what:literal, |$number:ident| $make:expr) => {
        $crate::value::leaf::from_text!($leaf, $error);

        impl $crate::value::leaf::Numbered for $leaf {
            const WHAT: &'static str = $what;

            fn of_number($number: i64) -> Result<Self, $error> {
                $make
            }
        }

        impl<'de> serde::Deserialize<'de> for $leaf {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::value::leaf::NumberedVisitor::<$leaf>::new())
            }
        }
    };
}

/// The doors that follow from `FromStr`.
macro_rules! from_text {
    ($leaf:ty, $error:ty) => {
        impl TryFrom<&str> for $leaf {
            type Error = $error;

            fn try_from(text: &str) -> Result<Self, $error> {
                text.parse()
            }
        }

        impl TryFrom<String> for $leaf {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }
    };
}

/// Those doors, and `Deserialize` from a string.
macro_rules! text_leaf {
    ($leaf:ty, $error:ty, $what:literal) => {
        $crate::value::leaf::from_text!($leaf, $error);

        impl<'de> serde::Deserialize<'de> for $leaf {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::value::leaf::deserialize_text(deserializer, $what)
            }
        }
    };
}

/// The doors of a newtype around a 64-bit integer.
macro_rules! integer_leaf {
    ($leaf:ident) => {
        impl From<i64> for $leaf {
            fn from(number: i64) -> Self {
                $leaf(number)
            }
        }

        impl From<$leaf> for i64 {
            fn from(leaf: $leaf) -> Self {
                leaf.0
            }
        }

        /// Takes what `Display` writes and nothing else, so that each has one text.
        impl std::str::FromStr for $leaf {
            type Err = IntegerError;

            fn from_str(text: &str) -> Result<Self, IntegerError> {
                integer(text).map($leaf)
            }
        }

        $crate::value::leaf::from_text!($leaf, IntegerError);

        impl std::fmt::Display for $leaf {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl serde::Serialize for $leaf {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $leaf {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                i64::deserialize(deserializer).map($leaf)
            }
        }
    };
}

pub(crate) use {from_text, text_leaf};
pub(super) use {integer_leaf, numbered_leaf};

/// A text that was made of ASCII.
pub(crate) fn ascii(text: &[u8]) -> &str {
    std::str::from_utf8(text).unwrap_or_else(|_| unreachable!("ASCII is UTF-8"))
}
