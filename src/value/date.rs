use std::fmt;
use std::io::Write;

use chrono::{Datelike, NaiveDate};

use super::leaf::{ascii, numbered_leaf};
use super::timestamp::{self, Timestamp};

/// A calendar day in the years 0001 to 9999, written `YYYY-MM-DD`.
///
/// Read from that form, or from a timestamp at exactly midnight UTC (chosen).
///
/// ```
/// use service_end::value::Date;
/// let date: Date = "2009-05-12T02:00:00+02:00".parse().unwrap();
/// assert_eq!(date, Date::from_ymd(2009, 5, 12).unwrap());
/// assert_eq!(date.to_string(), "2009-05-12");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(
    /// Days since 1970-01-01.
    i32,
);

/// Why a text, or a day, is not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateError {
    /// A text of another form.
    #[error("must be a date like `2009-05-12`")]
    InvalidFormat,
    /// A day that the calendar lacks.
    #[error("must be a date like `2009-05-12`, but this day does not exist")]
    NoSuchDay,
    /// A day outside the years 0001 to 9999.
    #[error("must be a date in the years 0001 to 9999")]
    OutOfYears,
    /// A timestamp that is not at midnight in UTC; it may be elsewhere.
    #[error("must be a date like `2009-05-12`; a timestamp is one only at midnight in UTC")]
    NotMidnightUtc,
}

impl DateError {
    /// In one word, for a host that writes messages of its own.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            DateError::InvalidFormat => "form",
            DateError::NoSuchDay => "no_such_day",
            DateError::OutOfYears => "out_of_years",
            DateError::NotMidnightUtc => "not_midnight_utc",
        }
    }
}

const MILLIS_PER_DAY: i64 = 86_400_000;
/// Days from 0000-12-31, where `chrono` counts from, to 1970-01-01.
const EPOCH_FROM_CE: i32 = 719_163;

impl Date {
    /// The first day of the year 0001.
    pub const MIN: Date = Date(-719_162);
    /// The last day of the year 9999.
    pub const MAX: Date = Date(2_932_896);

    /// A day given as year, month and day of the month, the latter two from 1.
    ///
    /// # Errors
    /// [`DateError::NoSuchDay`] where the calendar has no such day, [`DateError::OutOfYears`] outside the years 0001 to
    /// 9999.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Result<Self, DateError> {
        NaiveDate::from_ymd_opt(year, month, day).ok_or(DateError::NoSuchDay)?.try_into()
    }

    /// A day given in days since 1970-01-01.
    ///
    /// # Errors
    /// [`DateError::OutOfYears`] outside the years 0001 to 9999.
    pub const fn from_unix_days(days: i32) -> Result<Self, DateError> {
        if days < Self::MIN.0 || days > Self::MAX.0 {
            return Err(DateError::OutOfYears);
        }
        Ok(Date(days))
    }

    /// Days since 1970-01-01.
    pub const fn unix_days(self) -> i32 {
        self.0
    }

    /// The year, from 1 to 9999.
    pub fn year(self) -> i32 {
        self.to_chrono().year()
    }

    /// The month, from 1 to 12.
    pub fn month(self) -> u32 {
        self.to_chrono().month()
    }

    /// The day of the month, from 1 to 31.
    pub fn day(self) -> u32 {
        self.to_chrono().day()
    }

    fn to_chrono(self) -> NaiveDate {
        let Some(date) = NaiveDate::from_num_days_from_ce_opt(self.0 + EPOCH_FROM_CE) else {
            unreachable!("the years 0001 to 9999 are among those of chrono")
        };
        date
    }

    /// As it is written.
    pub(crate) fn text(self) -> [u8; 10] {
        let mut text = [0; 10];
        write!(&mut text[..], "{}", self.to_chrono()).unwrap_or_else(|_| unreachable!("it has ten bytes"));
        text
    }
}

impl std::str::FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        if let Some(((year, month, day), [])) = timestamp::date(text.as_bytes()) {
            let year = i32::try_from(year).unwrap_or_else(|_| unreachable!("it has four digits"));
            return Date::from_ymd(year, month, day);
        }
        let timestamp: Timestamp = text.parse().map_err(|_| DateError::InvalidFormat)?;
        if timestamp.unix_millis().rem_euclid(MILLIS_PER_DAY) != 0 {
            return Err(DateError::NotMidnightUtc);
        }
        let days = i32::try_from(timestamp.unix_millis().div_euclid(MILLIS_PER_DAY));
        Ok(Date(days.unwrap_or_else(|_| unreachable!("10,000 years are less than 4 million days"))))
    }
}

numbered_leaf!(Date, DateError, "a date like `2009-05-12`", |days| {
    i32::try_from(days).map_err(|_| DateError::OutOfYears).and_then(Date::from_unix_days)
});

impl TryFrom<NaiveDate> for Date {
    type Error = DateError;

    fn try_from(date: NaiveDate) -> Result<Self, DateError> {
        Date::from_unix_days(date.num_days_from_ce() - EPOCH_FROM_CE)
    }
}

impl From<Date> for NaiveDate {
    fn from(date: Date) -> Self {
        date.to_chrono()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(ascii(&self.text()))
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(ascii(&self.text()))
    }
}
