use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Datelike, Timelike, Utc};

use super::date::{MILLIS_PER_DAY, unix_days};

/// A moment in UTC with a precision of milliseconds, in the years 0001 to 9999.
///
/// Written always as the original documents it, `YYYY-MM-DDTHH:mm:ss.SSSZ`. Read from any RFC 3339 text (chosen):
/// converted to UTC, digits beyond milliseconds cut off, second 60 refused.
///
/// ```
/// use service_end::Timestamp;
/// let timestamp: Timestamp = "2009-05-12T14:05:12.1459+02:00".parse().unwrap();
/// assert_eq!(timestamp.to_string(), "2009-05-12T12:05:12.145Z");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text that is no timestamp, or a moment outside the years 0001 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a timestamp like `2009-05-12T12:05:12.145Z`, in the years 0001 to 9999")]
#[non_exhaustive]
pub struct TimestampError;

impl Timestamp {
    /// The first moment of the year 0001.
    pub const MIN: Timestamp = Timestamp(-62_135_596_800_000);
    /// The last millisecond of the year 9999.
    pub const MAX: Timestamp = Timestamp(253_402_300_799_999);

    /// A moment given in milliseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`TimestampError`] outside the years 0001 to 9999.
    pub const fn from_unix_millis(millis: i64) -> Result<Self, TimestampError> {
        if millis < Self::MIN.0 || millis > Self::MAX.0 {
            return Err(TimestampError);
        }
        Ok(Timestamp(millis))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn unix_millis(self) -> i64 {
        self.0
    }

    /// The system clock's time. The rest of the crate takes the time as an argument.
    pub fn now() -> Self {
        SystemTime::now().try_into().unwrap_or(Self::MAX)
    }

    /// This moment less a duration, but never before [`Timestamp::MIN`].
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Timestamp(self.0.saturating_sub(millis).max(Self::MIN.0))
    }

    /// Reads the form that is almost always sent, the one that is written; `None` says nothing of other forms.
    pub(crate) fn from_canonical(text: &str) -> Option<Self> {
        canonical(text.as_bytes())
    }

    fn to_chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }
}

impl std::str::FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        canonical(text.as_bytes()).or_else(|| rfc3339(text)).ok_or(TimestampError)
    }
}

/// Reads `YYYY-MM-DDTHH:mm:ss.SSSZ`, the form that is almost always sent; `None` sends every other text, right
/// or wrong, to [`rfc3339`].
///
/// Eight bytes at a time: digit by digit, a small body costs 4 % more.
fn canonical(text: &[u8]) -> Option<Timestamp> {
    let text: &[u8; 24] = text.try_into().ok()?;
    let (date, time) = text.split_at(8);
    let (time, seconds) = time.split_at(8);
    let [y0, _, y2, _, _, month, _, _] = pairs(date, *b"0000-00-")?;
    let [day, _, _, hours, _, _, minutes, _] = pairs(time, *b"00T00:00")?;
    let [_, seconds, _, _, first, last, _, _] = pairs(seconds, *b":00.000Z")?;
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let days = unix_days(y0 * 100 + y2, month, day)?;
    // Of three digits, the first two and the last two.
    let millis = first * 10 + last % 10;
    let time = ((hours * 60 + minutes) * 60 + seconds) * 1000 + millis;
    Some(Timestamp(i64::from(days) * MILLIS_PER_DAY + i64::from(time)))
}

/// The numbers that the digits of a text stand for, each taken together with the byte behind it; `None` unless digits
/// stand where the form has `0`, and what the form has elsewhere.
#[inline]
fn pairs(text: &[u8], form: [u8; 8]) -> Option<[u32; 8]> {
    let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    // How far each byte is from the form: a digit by its value, anything else by nothing.
    let apart = word(text.first_chunk()?) ^ word(&form);
    // What reaches the highest bit when this is added is further away.
    let most = word(&form.map(|byte| if byte == b'0' { 0x80 - 10 } else { 0x80 - 1 }));
    if (apart | apart.wrapping_add(most)) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    Some((apart.wrapping_mul(10).wrapping_add(apart >> 8)).to_le_bytes().map(u32::from))
}

/// Reads any RFC 3339 text. What `chrono` allows beyond our rules is turned away first: a space for the `T`,
/// a Unicode minus sign, second 60.
#[inline(never)]
fn rfc3339(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let strict =
        text.is_ascii() && matches!(bytes.get(10), Some(b'T' | b't')) && bytes.get(17..19) != Some(b"60");
    if !strict {
        return None;
    }
    let moment = DateTime::parse_from_rfc3339(text).ok()?;
    // Whole milliseconds, rounded towards the past as the digits are cut off, before 1970 too.
    Timestamp::from_unix_millis(moment.timestamp_millis()).ok()
}

/// The number that ASCII digits stand for, or `None` when one of them is no digit.
#[inline]
pub(super) fn digits<const N: usize>(bytes: [u8; N]) -> Option<u32> {
    let mut number = 0;
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u32::from(digit);
    }
    Some(number)
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = TimestampError;

    /// Cuts off what is finer than milliseconds.
    fn try_from(moment: SystemTime) -> Result<Self, TimestampError> {
        let millis = match moment.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).ok(),
            // Towards the past, as digits are cut off.
            Err(before) => {
                i64::try_from(before.duration().as_nanos().div_ceil(1_000_000)).ok().map(|millis| -millis)
            }
        };
        millis.ok_or(TimestampError).and_then(Self::from_unix_millis)
    }
}

impl TryFrom<DateTime<Utc>> for Timestamp {
    type Error = TimestampError;

    /// Cuts off what is finer than milliseconds.
    fn try_from(moment: DateTime<Utc>) -> Result<Self, TimestampError> {
        Self::from_unix_millis(moment.timestamp_millis())
    }
}

impl From<Timestamp> for DateTime<Utc> {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.to_chrono()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utc = self.to_chrono();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            utc.year(),
            utc.month(),
            utc.day(),
            utc.hour(),
            utc.minute(),
            utc.second(),
            utc.timestamp_subsec_millis()
        )
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
