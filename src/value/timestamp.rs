use std::fmt;
use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, FixedOffset, NaiveDate, Timelike, Utc};

use super::leaf::{ascii, numbered_leaf};

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

/// Why a text, or a moment, is not a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// A text of another form.
    #[error("must be a timestamp like `2009-05-12T12:05:12.145Z`")]
    InvalidFormat,
    /// A date alone.
    #[error("must be a timestamp like `2009-05-12T12:05:12.145Z`, but has no time")]
    NoTime,
    /// A blank between date and time.
    #[error("must be a timestamp like `2009-05-12T12:05:12.145Z`, but has a blank instead of the `T`")]
    BlankForT,
    /// Neither `Z` nor an offset.
    #[error(
        "must be a timestamp like `2009-05-12T12:05:12.145Z`, but has no zone: end it with `Z` or an offset like `+02:00`"
    )]
    NoZone,
    /// An offset without a colon, or without minutes.
    #[error(
        "must be a timestamp like `2009-05-12T12:05:12.145Z`, but its offset is not written like `+02:00`"
    )]
    OffsetForm,
    /// Second 60.
    #[error("must not have second 60: no leap second can be recorded")]
    LeapSecond,
    /// A day or a time that does not exist.
    #[error("must be a timestamp like `2009-05-12T12:05:12.145Z`, but this day or time does not exist")]
    NoSuchMoment,
    /// A moment outside the years 0001 to 9999, in UTC.
    #[error("must be a timestamp in the years 0001 to 9999, in UTC")]
    OutOfYears,
}

impl TimestampError {
    /// In one word, for a host that writes messages of its own.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            TimestampError::InvalidFormat => "form",
            TimestampError::NoTime => "no_time",
            TimestampError::BlankForT => "blank_for_t",
            TimestampError::NoZone => "no_zone",
            TimestampError::OffsetForm => "offset_form",
            TimestampError::LeapSecond => "leap_second",
            TimestampError::NoSuchMoment => "no_such_moment",
            TimestampError::OutOfYears => "out_of_years",
        }
    }
}

impl Timestamp {
    /// The first moment of the year 0001.
    pub const MIN: Timestamp = Timestamp(-62_135_596_800_000);
    /// The last millisecond of the year 9999.
    pub const MAX: Timestamp = Timestamp(253_402_300_799_999);

    /// A moment given in milliseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`TimestampError::OutOfYears`] outside the years 0001 to 9999.
    pub const fn from_unix_millis(millis: i64) -> Result<Self, TimestampError> {
        if millis < Self::MIN.0 || millis > Self::MAX.0 {
            return Err(TimestampError::OutOfYears);
        }
        Ok(Timestamp(millis))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn unix_millis(self) -> i64 {
        self.0
    }

    /// The system clock's time; [`Timestamp::MAX`] if that is beyond. The rest of the crate takes the time as an
    /// argument.
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
        let Some(moment) = DateTime::from_timestamp_millis(self.0) else {
            unreachable!("the years 0001 to 9999 are among those of chrono")
        };
        moment
    }

    /// As it is written.
    pub(crate) fn text(self) -> [u8; 24] {
        let mut text = [0; 24];
        let utc = self.to_chrono();
        let (date, millis) = (utc.date_naive(), utc.timestamp_subsec_millis());
        let (hour, minute, second) = (utc.hour(), utc.minute(), utc.second());
        write!(&mut text[..], "{date}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
            .unwrap_or_else(|_| unreachable!("it has 24 bytes"));
        text
    }
}

/// Reads the form that is written; `None` sends every other text, right or wrong, to [`rfc3339`].
///
/// Eight bytes at a time: digit by digit, a small body costs 4 % more.
fn canonical(text: &[u8]) -> Option<Timestamp> {
    let text: &[u8; 24] = text.try_into().ok()?;
    let (date, time) = text.split_at(8);
    let (time, seconds) = time.split_at(8);
    let [y0, _, y2, _, _, month, _, _] = pairs(date, *b"0000-00-")?;
    let [day, _, _, hour, _, _, minute, _] = pairs(time, *b"00T00:00")?;
    let [_, second, _, _, first, last, _, _] = pairs(seconds, *b":00.000Z")?;
    // Of three digits, the first two and the last two.
    let millis = first * 10 + last % 10;
    Timestamp::from_unix_millis(unix_millis((y0 * 100 + y2, month, day), (hour, minute, second), millis)?)
        .ok()
}

/// The numbers that the digits of a text stand for, each taken together with the byte behind it; `None` unless digits
/// stand where the form has `0`, and what the form has elsewhere.
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

/// Reads any RFC 3339 text, or tells the first thing that is wrong with it, from the front.
fn rfc3339(text: &str) -> Result<Timestamp, TimestampError> {
    let form = TimestampError::InvalidFormat;
    let (date, rest) = date(text.as_bytes()).ok_or(form)?;
    let rest = match rest {
        [b'T' | b't', rest @ ..] => rest,
        [] => return Err(TimestampError::NoTime),
        [b' ', ..] => return Err(TimestampError::BlankForT),
        _ => return Err(form),
    };
    let &[h0, h1, b':', mi0, mi1, b':', s0, s1, ref rest @ ..] = rest else { return Err(form) };
    let time =
        (decimal([h0, h1]).ok_or(form)?, decimal([mi0, mi1]).ok_or(form)?, decimal([s0, s1]).ok_or(form)?);
    let (millis, rest) = match rest {
        [b'.', rest @ ..] => fraction(rest).ok_or(form)?,
        rest => (0, rest),
    };
    let offset = match *rest {
        [b'Z' | b'z'] => 0,
        [] => return Err(TimestampError::NoZone),
        [sign @ (b'+' | b'-'), h0, h1, b':', m0, m1] => {
            let (hours, minutes) = (decimal([h0, h1]).ok_or(form)?, decimal([m0, m1]).ok_or(form)?);
            if hours > 23 || minutes > 59 {
                return Err(TimestampError::NoSuchMoment);
            }
            let minutes = i64::from(hours * 60 + minutes);
            if sign == b'+' { minutes } else { -minutes }
        }
        [b'+' | b'-', ref digits @ ..] if digits.iter().all(u8::is_ascii_digit) => {
            return Err(TimestampError::OffsetForm);
        }
        _ => return Err(form),
    };
    if let (.., 60) = time {
        return Err(TimestampError::LeapSecond);
    }
    let local = unix_millis(date, time, millis).ok_or(TimestampError::NoSuchMoment)?;
    Timestamp::from_unix_millis(local - offset * MILLIS_PER_MINUTE)
}

const MILLIS_PER_MINUTE: i64 = 60_000;

/// Three numbers: year, month and day, or hour, minute and second.
type Three = (u32, u32, u32);

/// Splits a date off a text, as its form has it.
pub(super) fn date(text: &[u8]) -> Option<(Three, &[u8])> {
    let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, ref rest @ ..] = text else { return None };
    Some(((decimal([y0, y1, y2, y3])?, decimal([m0, m1])?, decimal([d0, d1])?), rest))
}

/// Splits the digits of a fraction off a text, at least one, and gives its milliseconds.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(digits)?;
    let mut three = *b"000";
    for (place, digit) in three.iter_mut().zip(digits) {
        *place = *digit;
    }
    if digits.is_empty() { None } else { Some((decimal(three)?, rest)) }
}

/// The number that ASCII digits stand for, or `None` when one of them is not a digit.
fn decimal<const N: usize>(digits: [u8; N]) -> Option<u32> {
    digits.iter().all(u8::is_ascii_digit).then(|| number(digits.map(|digit| digit - b'0')))
}

/// The number of some digits from 0 to 9.
fn number<const N: usize>(digits: [u8; N]) -> u32 {
    digits.iter().fold(0, |number, digit| number * 10 + u32::from(*digit))
}

/// Milliseconds from 1970 on; `None` where there is no such day or time.
fn unix_millis((year, month, day): Three, (hour, minute, second): Three, millis: u32) -> Option<i64> {
    let day = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let moment = day.and_hms_milli_opt(hour, minute, second, millis)?;
    Some(moment.and_utc().timestamp_millis())
}

impl std::str::FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        match Timestamp::from_canonical(text) {
            Some(timestamp) => Ok(timestamp),
            None => rfc3339(text),
        }
    }
}

numbered_leaf!(Timestamp, TimestampError, "a timestamp like `2009-05-12T12:05:12.145Z`", |millis| {
    Timestamp::from_unix_millis(millis)
});

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
        millis.ok_or(TimestampError::OutOfYears).and_then(Self::from_unix_millis)
    }
}

impl TryFrom<Timestamp> for SystemTime {
    type Error = TimestampError;

    /// Fails only where the system can't say such a moment: on some, the years before 1601 or 1970.
    fn try_from(timestamp: Timestamp) -> Result<Self, TimestampError> {
        let from_epoch = Duration::from_millis(timestamp.0.unsigned_abs());
        let moment = match timestamp.0 {
            0.. => UNIX_EPOCH.checked_add(from_epoch),
            _ => UNIX_EPOCH.checked_sub(from_epoch),
        };
        moment.ok_or(TimestampError::OutOfYears)
    }
}

impl TryFrom<DateTime<Utc>> for Timestamp {
    type Error = TimestampError;

    /// Cuts off what is finer than milliseconds.
    fn try_from(moment: DateTime<Utc>) -> Result<Self, TimestampError> {
        Self::from_unix_millis(moment.timestamp_millis())
    }
}

impl TryFrom<DateTime<FixedOffset>> for Timestamp {
    type Error = TimestampError;

    /// Converts to UTC, and cuts off what is finer than milliseconds.
    fn try_from(moment: DateTime<FixedOffset>) -> Result<Self, TimestampError> {
        Self::from_unix_millis(moment.timestamp_millis())
    }
}

impl From<Timestamp> for DateTime<Utc> {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.to_chrono()
    }
}

impl From<Timestamp> for DateTime<FixedOffset> {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.to_chrono().fixed_offset()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(ascii(&self.text()))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(ascii(&self.text()))
    }
}
