use std::any::type_name;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::leaf::from_text;
use super::number::{NUMBER_KEY, NumberText, Scalar};

/// An amount of money, exact to ten-thousandths, in 64 bits (chosen; the original says only `currency`).
///
/// The smallest amount is -922337203685477.5808, the largest 922337203685477.5807. An amount carries no unit.
///
/// ```
/// use service_end::value::Currency;
/// let price: Currency = "19.90".parse().unwrap();
/// assert_eq!(price, Currency::from_ten_thousandths(199_000));
/// assert_eq!(price.to_string(), "19.9");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(i64);

/// Why a number or a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CurrencyError {
    /// A text of another form, or a number that is not exactly an amount of at most 4 decimals.
    #[error("must be an amount without a unit, of at most 4 decimals, like `12.5` or `\"12.5000\"`")]
    InvalidFormat,
    /// A number so large that, written with a fraction or an exponent, it can't be told from its neighbours.
    #[error(
        "must be below {FIRST_INEXACT} in magnitude where it is a number with a fraction or an exponent; \
         send a larger amount as a string, like `\"12.5000\"`"
    )]
    Inexact,
    /// An amount beyond the 64 bits.
    #[error("must be between {} and {}", Currency::MIN, Currency::MAX)]
    OutOfRange,
}

impl CurrencyError {
    /// In one word, for a host that writes messages of its own.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            CurrencyError::InvalidFormat => "form",
            CurrencyError::Inexact => "inexact",
            CurrencyError::OutOfRange => "out_of_range",
        }
    }
}

const UNIT: i64 = 10_000;
/// Below this magnitude, amounts of 4 decimals and 64-bit floats correspond one to one.
const FIRST_INEXACT: f64 = 100_000_000_000.0;
/// 2^63 ten-thousandths: from here on, a float is beyond the 64 bits.
const FIRST_BEYOND: f64 = 9_223_372_036_854_775_808.0 / 10_000.0;

impl Currency {
    /// The smallest amount, -922337203685477.5808.
    pub const MIN: Currency = Currency(i64::MIN);
    /// The largest amount, 922337203685477.5807.
    pub const MAX: Currency = Currency(i64::MAX);

    /// An amount given in ten-thousandths.
    pub const fn from_ten_thousandths(amount: i64) -> Self {
        Currency(amount)
    }

    /// The amount in ten-thousandths.
    pub const fn ten_thousandths(self) -> i64 {
        self.0
    }

    /// A whole amount.
    ///
    /// # Errors
    /// [`CurrencyError::OutOfRange`] beyond the 64 bits.
    pub fn from_whole(amount: i64) -> Result<Self, CurrencyError> {
        amount.checked_mul(UNIT).map(Currency).ok_or(CurrencyError::OutOfRange)
    }

    /// The amount to which a float is nearest, where there is exactly one of at most 4 decimals.
    ///
    /// # Errors
    /// [`CurrencyError::OutOfRange`] beyond the 64 bits, [`CurrencyError::Inexact`] for any other float whose magnitude
    /// is 100,000,000,000 or more, [`CurrencyError::InvalidFormat`] for one that is not the nearest to an amount.
    pub fn from_f64(float: f64) -> Result<Self, CurrencyError> {
        if !float.is_finite() || float.abs() >= FIRST_BEYOND {
            return Err(CurrencyError::OutOfRange);
        }
        if float.abs() >= FIRST_INEXACT {
            return Err(CurrencyError::Inexact);
        }
        #[expect(clippy::cast_possible_truncation, reason = "below 10^15 in magnitude")]
        let amount = Currency((float * 10_000.0).round() as i64);
        #[expect(clippy::float_cmp, reason = "the very float is meant")]
        let exact = amount.nearest_float() == float;
        if exact { Ok(amount) } else { Err(CurrencyError::InvalidFormat) }
    }

    /// Hands the amount over where this type reads it, as the JSON of the amount would: no text is made where a number
    /// will do. To any other visitor, the text.
    pub(crate) fn visit<'de, V: Visitor<'de>, E: Error>(self, visitor: V) -> Result<V::Value, E> {
        if type_name::<V>() == type_name::<AmountVisitor>() {
            if let Some(whole) = self.whole() {
                return visitor.visit_i64(whole);
            }
            if let Some(float) = self.to_f64() {
                return visitor.visit_f64(float);
            }
        }
        visitor.visit_string(self.to_string())
    }

    /// The float that [`Currency::from_f64`] turns into this very amount: `None` where the magnitude is
    /// 100,000,000,000 or more, since there a float can stand for several amounts. For charts and the like; to calculate
    /// exactly, use the [ten-thousandths](Currency::ten_thousandths).
    ///
    /// ```
    /// # use service_end::value::Currency;
    /// assert_eq!(Currency::from_ten_thousandths(199_000).to_f64(), Some(19.9));
    /// assert_eq!(Currency::MAX.to_f64(), None);
    /// ```
    pub fn to_f64(self) -> Option<f64> {
        Some(self.nearest_float()).filter(|float| float.abs() < FIRST_INEXACT)
    }

    /// The amount as an integer, if it is whole.
    pub(crate) fn whole(self) -> Option<i64> {
        (self.0 % UNIT == 0).then_some(self.0 / UNIT)
    }

    /// The float nearest to the amount: both operands are exact below 10^11, and division rounds correctly.
    fn nearest_float(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53; callers stay below 10^15")]
        let float = self.0 as f64 / 10_000.0;
        float
    }
}

impl std::str::FromStr for Currency {
    type Err = CurrencyError;

    /// Reads `-` (optional), digits, and optionally `.` with 1 to 4 digits.
    fn from_str(text: &str) -> Result<Self, CurrencyError> {
        let (negative, digits) = match text.as_bytes() {
            [b'-', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        // Counting downwards reaches i64::MIN, whose magnitude no i64 holds; `None` once it is beyond.
        let mut total = Some(0_i64);
        let mut append = |digit: u8| {
            total = total.and_then(|t| t.checked_mul(10)).and_then(|t| t.checked_sub(i64::from(digit)));
        };
        let mut decimals = None;
        for (ordinal, byte) in digits.iter().enumerate() {
            match (byte, &mut decimals) {
                (b'0'..=b'9', None) => {}
                (b'0'..=b'9', Some(decimals)) if *decimals < 4 => *decimals += 1,
                (b'.', None) if ordinal > 0 => {
                    decimals = Some(0);
                    continue;
                }
                _ => return Err(CurrencyError::InvalidFormat),
            }
            append(byte - b'0');
        }
        if digits.is_empty() || decimals == Some(0) {
            return Err(CurrencyError::InvalidFormat);
        }
        for _ in decimals.unwrap_or(0)..4 {
            append(0);
        }
        let total = total.ok_or(CurrencyError::OutOfRange)?;
        if negative {
            Ok(Currency(total))
        } else {
            total.checked_neg().map(Currency).ok_or(CurrencyError::OutOfRange)
        }
    }
}

from_text!(Currency, CurrencyError);

/// The shortest decimal form: no superfluous zeros, no exponent.
impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let (whole, decimals) = (magnitude / UNIT.unsigned_abs(), magnitude % UNIT.unsigned_abs());
        let sign = if self.0 < 0 { "-" } else { "" };
        let text = format!("{sign}{whole}.{decimals:04}");
        f.pad(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Writes a JSON number where that number reads back exactly, a numeric string otherwise.
impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(whole) = self.whole() {
            serializer.serialize_i64(whole)
        } else if let Some(float) = self.to_f64() {
            serializer.serialize_f64(float)
        } else {
            serializer.collect_str(self)
        }
    }
}

/// Reads what is written: a number or a numeric string.
impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct AmountVisitor;

impl<'de> Visitor<'de> for AmountVisitor {
    type Value = Currency;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount of money, a number or a string")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Currency, E> {
        Currency::from_whole(number).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Currency, E> {
        i64::try_from(number)
            .map_err(|_| E::custom(CurrencyError::OutOfRange))
            .and_then(|number| self.visit_i64(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Currency, E> {
        Currency::from_f64(number).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Currency, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Currency, A::Error> {
        let number = match map.next_key::<String>()? {
            Some(key) if key == NUMBER_KEY => map.next_value_seed(NumberText)?,
            _ => None,
        };
        match number {
            Some(Scalar::Integer(number)) => self.visit_i64(number),
            Some(Scalar::Float(number)) => self.visit_f64(number),
            _ => Err(A::Error::custom("must be an amount of money, a number or a string")),
        }
    }
}
