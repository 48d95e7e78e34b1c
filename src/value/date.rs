use std::fmt;

use chrono::{Datelike, NaiveDate};

use super::timestamp::{Timestamp, digits};

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

/// A text that is no date, or a day outside the years 0001 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a date like `2009-05-12`, in the years 0001 to 9999")]
#[non_exhaustive]
pub struct DateError;

pub(super) const MILLIS_PER_DAY: i64 = 86_400_000;
/// Days from 0000-12-31, where `chrono` counts from, to 1970-01-01.
const EPOCH_FROM_CE: i32 = 719_163;
/// Days from 0000-02-29 to 1970-01-01.
const EPOCH_FROM_MARCH: i32 = 719_469;

impl Date {
    /// The first day of the year 0001.
    pub const MIN: Date = Date(-719_162);
    /// The last day of the year 9999.
    pub const MAX: Date = Date(2_932_896);

    /// A day given as year, month and day of the month, the latter two from 1.
    ///
    /// # Errors
    /// [`DateError`] where the calendar has no such day, or outside the years 0001 to 9999.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Result<Self, DateError> {
        let year = u32::try_from(year).map_err(|_| DateError)?;
        unix_days(year, month, day).map(Date).ok_or(DateError)
    }

    /// A day given in days since 1970-01-01.
    ///
    /// # Errors
    /// [`DateError`] outside the years 0001 to 9999.
    pub const fn from_unix_days(days: i32) -> Result<Self, DateError> {
        if days < Self::MIN.0 || days > Self::MAX.0 {
            return Err(DateError);
        }
        Ok(Date(days))
    }

    /// Days since 1970-01-01.
    pub const fn unix_days(self) -> i32 {
        self.0
    }

    fn to_chrono(self) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(self.0 + EPOCH_FROM_CE).unwrap_or_default()
    }
}

impl std::str::FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        if let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text.as_bytes() {
            let (year, month, day) = (digits([y0, y1, y2, y3]), digits([m0, m1]), digits([d0, d1]));
            let (Some(year), Some(month), Some(day)) = (year, month, day) else { return Err(DateError) };
            return unix_days(year, month, day).map(Date).ok_or(DateError);
        }
        let timestamp: Timestamp = text.parse().map_err(|_| DateError)?;
        if timestamp.unix_millis().rem_euclid(MILLIS_PER_DAY) != 0 {
            return Err(DateError);
        }
        i32::try_from(timestamp.unix_millis().div_euclid(MILLIS_PER_DAY)).map(Date).map_err(|_| DateError)
    }
}

/// The days from 1970-01-01 to a day of the Gregorian calendar in the years 0001 to 9999; `None` where there is no
/// such day. `chrono` knows as much, but takes three times as long to say it.
pub(super) fn unix_days(year: u32, month: u32, day: u32) -> Option<i32> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) || !(1..=9999).contains(&year) {
        return None;
    }
    // Years from March on, so that the day that leap years add comes last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day;
    i32::try_from(days).ok().map(|days| days - EPOCH_FROM_MARCH)
}

impl TryFrom<NaiveDate> for Date {
    type Error = DateError;

    fn try_from(date: NaiveDate) -> Result<Self, DateError> {
        Date::from_ymd(date.year(), date.month(), date.day())
    }
}

impl From<Date> for NaiveDate {
    fn from(date: Date) -> Self {
        date.to_chrono()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.to_chrono();
        write!(f, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_chrono_counts_them() {
        let mut next = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();
        for year in 0..=10_001 {
            for month in 0..=13 {
                for day in 0..=32 {
                    let known =
                        NaiveDate::from_ymd_opt(year, month, day).filter(|_| (1..=9999).contains(&year));
                    if known.is_some() {
                        assert_eq!(known, Some(next));
                        next = next.succ_opt().unwrap();
                    }
                    let expected = known.map(|known| known.num_days_from_ce() - EPOCH_FROM_CE);
                    assert_eq!(unix_days(year.unsigned_abs(), month, day), expected, "{year}-{month}-{day}");
                }
            }
        }
    }
}
