use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};

use super::skip::skip_all_else;

/// A scalar as it stands in a body, before any schema has looked at it.
///
/// A whole number beyond `i64` arrives as the float nearest to it: no type accepts such a number exactly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scalar<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    /// Text without U+0000.
    String(&'a str),
    /// Text with U+0000, which nothing accepts.
    TextWithNul(&'a str),
}

impl<'a> Scalar<'a> {
    /// Text of which it is not known whether it has U+0000.
    pub(crate) fn text(text: &'a str) -> Self {
        if text.contains('\0') { Scalar::TextWithNul(text) } else { Scalar::String(text) }
    }

    /// Reads the text of a JSON number; `None` where no 64-bit float holds it.
    pub(crate) fn from_number_text(text: &str) -> Option<Scalar<'static>> {
        if let Ok(integer) = text.parse::<i64>() {
            return Some(Scalar::Integer(integer));
        }
        text.parse::<f64>().ok().filter(|float| float.is_finite()).map(Scalar::Float)
    }
}

impl From<u64> for Scalar<'_> {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| u128::from(number).into(), Scalar::Integer)
    }
}

impl From<i128> for Scalar<'_> {
    fn from(number: i128) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "beyond `i64` only the nearest float is told")]
        i64::try_from(number).map_or(Scalar::Float(number as f64), Scalar::Integer)
    }
}

impl From<u128> for Scalar<'_> {
    fn from(number: u128) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "beyond `i64` only the nearest float is told")]
        i64::try_from(number).map_or(Scalar::Float(number as f64), Scalar::Integer)
    }
}

/// Why a float is not an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotWhole {
    Fraction,
    /// An integer written with a fraction or an exponent, so large that it can't be told from its neighbours.
    Inexact,
    OutOfRange,
}

/// The largest whole number that the float nearest to it tells from its neighbours.
pub(crate) const EXACT_WHOLE: i64 = (1 << 53) - 1;
/// 2^53: from here on, the float nearest to a number no longer tells which whole number was meant.
const FIRST_INEXACT: f64 = 9_007_199_254_740_992.0;
/// 2^63: from here on, a float is beyond the 64 bits.
const FIRST_BEYOND: f64 = 9_223_372_036_854_775_808.0;

/// The whole number that a float stands for, where it stands for exactly one.
pub(crate) fn whole(float: f64) -> Result<i64, NotWhole> {
    // Of any that is larger in magnitude, or none at all, nothing else is to be said.
    if !float.is_finite() || float.abs() >= FIRST_BEYOND {
        return Err(NotWhole::OutOfRange);
    }
    if float.fract() != 0.0 {
        return Err(NotWhole::Fraction);
    }
    if float.abs() >= FIRST_INEXACT {
        return Err(NotWhole::Inexact);
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53 in magnitude")]
    Ok(float as i64)
}

/// The key under which `serde_json` with its feature `arbitrary_precision` hands over a number, as a map of one
/// member. A host may switch that feature on for the whole program.
pub(crate) const NUMBER_KEY: &str = "$serde_json::private::Number";

/// Reads the value under [`NUMBER_KEY`]: the number, or `None` for a body that has such a key of its own, whose
/// value is then skipped like that of any other key without a meaning.
///
/// Asked to ignore a value, a reader of text skips it, and so does `serde_json`'s `Value`. The number alone is
/// handed over all the same, as an owned string.
#[derive(Clone, Copy)]
pub(crate) struct NumberText;

impl<'de> DeserializeSeed<'de> for NumberText {
    type Value = Option<Scalar<'static>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_ignored_any(self)
    }
}

impl<'de> Visitor<'de> for NumberText {
    type Value = Option<Scalar<'static>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        Scalar::from_number_text(&text).map(Some).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<Self::Value, E> {
        Ok(None)
    }

    skip_all_else!(None);
}
