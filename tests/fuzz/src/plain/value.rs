//! Scalars, judged by sections 2.1, 2.3 and 2.5 of the design, in the most obvious way.

use chrono::NaiveDate;

use super::json::Seen;

/// The types of attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    String,
    Integer,
    Long,
    Double,
    Boolean,
    Date,
    DateTime,
    Currency,
}

/// A value that was accepted.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Whole(i64),
    Double(f64),
    Truth(bool),
    Day(NaiveDate),
    /// In milliseconds since 1970, UTC.
    Moment(i64),
    /// In ten-thousandths.
    Amount(i64),
}

impl Value {
    /// Whether it is less than another value of the same type.
    pub fn is_below(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Whole(a), Value::Whole(b))
            | (Value::Moment(a), Value::Moment(b))
            | (Value::Amount(a), Value::Amount(b)) => a < b,
            (Value::Double(a), Value::Double(b)) => a < b,
            (Value::Day(a), Value::Day(b)) => a < b,
            _ => panic!("no range is told of {self:?}"),
        }
    }
}

/// Why a value is not accepted: a code.
pub type Judged<T> = Result<T, &'static str>;

/// A value that is there, by the type of its attribute.
pub fn judge(attribute_type: Type, value: &Seen<'_>) -> Judged<Value> {
    use Type::{Boolean, Currency, Date, DateTime, Double, Integer, Long, String};
    match (attribute_type, value) {
        (String, Seen::Text(text)) if text.contains('\0') => Err("forbidden_character"),
        (String, Seen::Text(text)) => Ok(Value::Text(text.clone())),
        (Integer, Seen::Number(text)) => {
            let number = whole(text)?;
            if i32::try_from(number).is_ok() { Ok(Value::Whole(number)) } else { Err("out_of_range") }
        }
        (Long, Seen::Number(text)) => whole(text).map(Value::Whole),
        (Double, Seen::Number(text)) => Ok(Value::Double(float(text) + 0.0)),
        (Boolean, Seen::Truth(truth)) => Ok(Value::Truth(*truth)),
        (Date, Seen::Text(text)) => day(text).map(Value::Day).ok_or("invalid_format"),
        (DateTime, Seen::Text(text)) => moment(text).map(Value::Moment).ok_or("invalid_format"),
        (Currency, Seen::Number(text)) => currency_of_number(text).map(Value::Amount),
        (Currency, Seen::Text(text)) => currency_of_text(text).map(Value::Amount),
        _ => Err("wrong_type"),
    }
}

/// A text of at most so many characters.
pub fn short_text(text: &str, limit: usize) -> Judged<Value> {
    if text.contains('\0') {
        Err("forbidden_character")
    } else if text.chars().count() > limit {
        Err("too_long")
    } else {
        Ok(Value::Text(text.to_owned()))
    }
}

fn float(text: &str) -> f64 {
    text.parse().expect("a JSON number")
}

fn is_integer_form(text: &str) -> bool {
    !text.contains(['.', 'e', 'E'])
}

/// A whole number of 64 bits.
pub fn whole(text: &str) -> Judged<i64> {
    if is_integer_form(text) {
        return text.parse().map_err(|_| "out_of_range");
    }
    let float = float(text);
    if float.fract().abs() > 0.0 {
        return Err("wrong_type");
    }
    if float.abs() < 9_007_199_254_740_992.0 { Ok(float as i64) } else { Err("out_of_range") }
}

pub fn currency_of_number(text: &str) -> Judged<i64> {
    if is_integer_form(text) {
        return currency_of_digits(text);
    }
    let float = float(text);
    // Of a float this large, twenty decimals are all there are.
    let exact = format!("{float:.20}");
    let (digits, decimals) = exact.split_once('.').expect("there are decimals");
    let within = match format!("{digits}{}", &decimals[..4]).parse::<i64>() {
        Ok(i64::MAX | i64::MIN) => decimals[4..].chars().all(|c| c == '0'),
        other => other.is_ok(),
    };
    if !within {
        return Err("out_of_range");
    }
    if float.abs() >= 100_000_000_000.0 {
        return Err("invalid_format");
    }
    let nearest = format!("{float:.4}");
    if nearest.parse() == Ok(float) {
        currency_of_digits(
            nearest.strip_prefix('-').filter(|rest| rest.parse() == Ok(0.0)).unwrap_or(&nearest),
        )
    } else {
        Err("invalid_format")
    }
}

pub fn currency_of_text(text: &str) -> Judged<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if !all_digits(whole) || !all_digits(decimals) || decimals.len() > 4 {
        return Err("invalid_format");
    }
    currency_of_digits(text)
}

/// `-`, digits, perhaps a point and up to four digits.
fn currency_of_digits(text: &str) -> Judged<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let ten_thousandths = format!("{whole}{decimals:0<4}");
    ten_thousandths.parse().map_err(|_| "out_of_range")
}

/// RFC 3339 as section 2.5 has it, in milliseconds since 1970.
pub fn moment(text: &str) -> Option<i64> {
    let (date, time) = text.split_at_checked(10)?;
    let date = plain_day(date)?;
    let time = time.strip_prefix(['T', 't'])?;
    let (clock, rest) = time.split_at_checked(8)?;
    let [hour, minute, second] = numbers(clock, ':')?;
    let digits = rest
        .strip_prefix('.')
        .map(|fraction| fraction.len() - fraction.trim_start_matches(|c: char| c.is_ascii_digit()).len());
    let (fraction, zone) = match digits {
        Some(0) => return None,
        Some(digits) => (&rest[1..=digits], &rest[digits + 1..]),
        None => ("", rest),
    };
    let offset = match zone {
        "Z" | "z" => 0,
        _ => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let [hours, minutes] = numbers(zone.strip_prefix(['+', '-'])?, ':')?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            sign * (hours * 60 + minutes)
        }
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let millis: i64 = format!("{fraction:0<3}")[..3].parse().ok()?;
    let days = (date - NaiveDate::from_ymd_opt(1970, 1, 1)?).num_days();
    let minutes = days * 24 * 60 + hour * 60 + minute - offset;
    let moment = (minutes * 60 + second) * 1000 + millis;
    let year = chrono::DateTime::from_timestamp_millis(moment)?.format("%Y").to_string();
    (1..=9999).contains(&year.parse::<i32>().ok()?).then_some(moment)
}

fn day(text: &str) -> Option<NaiveDate> {
    if let Some(day) = plain_day(text) {
        return (day.format("%Y").to_string() != "0000").then_some(day);
    }
    let moment = moment(text)?;
    (moment % 86_400_000 == 0)
        .then(|| chrono::DateTime::from_timestamp_millis(moment).map(|time| time.date_naive()))?
}

/// `YYYY-MM-DD`, of the year 0000 too.
fn plain_day(text: &str) -> Option<NaiveDate> {
    let (year, rest) = text.split_at_checked(4)?;
    let [month, day] = numbers(rest.strip_prefix('-')?, '-')?;
    let year = year.chars().all(|c| c.is_ascii_digit()).then(|| year.parse().ok())??;
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

/// Numbers of two digits each.
fn numbers<const N: usize>(text: &str, between: char) -> Option<[i64; N]> {
    let two_digits = |part: &str| {
        (part.len() == 2 && part.chars().all(|c| c.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let numbers: Option<Vec<i64>> = text.split(between).map(two_digits).collect();
    numbers?.try_into().ok()
}
