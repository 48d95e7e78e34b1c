//! The values of an attribute at which types differ: the borders of what it accepts, and those of what types can hold.

use crate::schema::{AttributeSchema, AttributeType};
use crate::value::{Currency, Date, Timestamp, Value};

/// Some values that an attribute accepts.
#[derive(Debug)]
pub(super) struct Borders<'s> {
    pub(super) values: Vec<Value<'s>>,
    /// Whether it accepts no others.
    pub(super) all: bool,
}

/// So many values are tried one by one.
const FEW: i128 = 256;
/// Longer texts are not tried: no type with a limit is known that has a higher one.
const LONGEST: usize = 4096;
static TEXT: [u8; LONGEST] = [b'x'; LONGEST];
/// Texts that look like something else, and characters of one to four bytes.
const TEXTS: [&str; 9] = ["", " ", "x", "0", "true", "2009-05-12", "ü", "€", "\u{10ffff}"];

impl<'s> Borders<'s> {
    pub(super) fn of(attribute: &'s AttributeSchema) -> Self {
        if let Some(values) = attribute.values() {
            return Borders { values: values.collect(), all: true };
        }
        let (low, high) = (attribute.minimum(), attribute.maximum());
        match attribute.attribute_type() {
            AttributeType::Boolean => Borders { values: [false, true].map(Value::Boolean).into(), all: true },
            AttributeType::String => Borders { values: texts(attribute.length()), all: false },
            AttributeType::Double => {
                let bound = |value: Option<Value<'_>>, or| value.and_then(Value::as_f64).unwrap_or(or);
                doubles(bound(low, f64::MIN), bound(high, f64::MAX))
            }
            AttributeType::Integer => {
                let value = |number: i64| i32::try_from(number).ok().map(Value::Integer);
                ordered(low, high, (i32::MIN.into(), i32::MAX.into()), &WIDTHS, value)
            }
            AttributeType::Long => {
                ordered(low, high, (i64::MIN, i64::MAX), &WIDTHS, |number| Some(Value::Long(number)))
            }
            AttributeType::Date => {
                let ends = (Date::MIN.unix_days().into(), Date::MAX.unix_days().into());
                ordered(low, high, ends, &[0], |days| {
                    Date::from_unix_days(i32::try_from(days).ok()?).ok().map(Value::Date)
                })
            }
            AttributeType::DateTime => {
                let ends = (Timestamp::MIN.unix_millis(), Timestamp::MAX.unix_millis());
                ordered(low, high, ends, &[0], |millis| {
                    Timestamp::from_unix_millis(millis).ok().map(Value::DateTime)
                })
            }
            AttributeType::Currency => ordered(low, high, (i64::MIN, i64::MAX), &[0], |amount| {
                Some(Value::Currency(Currency::from_ten_thousandths(amount)))
            }),
        }
    }
}

/// The borders of integers and of what floats tell from its neighbours.
const WIDTHS: [i64; 15] = [
    0,
    i8::MIN as i64,
    i8::MAX as i64,
    u8::MAX as i64,
    i16::MIN as i64,
    i16::MAX as i64,
    u16::MAX as i64,
    i32::MIN as i64,
    i32::MAX as i64,
    u32::MAX as i64,
    -(1 << 24),
    1 << 24,
    -(1 << 53),
    1 << 53,
    i64::MAX,
];

/// Of values that stand in order, each a number: those at both ends, and those around some numbers.
fn ordered<'s>(
    low: Option<Value<'_>>,
    high: Option<Value<'_>>,
    ends: (i64, i64),
    around: &[i64],
    value: impl Fn(i64) -> Option<Value<'s>>,
) -> Borders<'s> {
    let low = low.map_or(ends.0, number);
    let high = high.map_or(ends.1, number);
    let all = i128::from(high) - i128::from(low) < FEW;
    let numbers: Vec<i64> = if all {
        (low..=high).collect()
    } else {
        let around = [low, high].into_iter().chain(around.iter().copied());
        let near = around.flat_map(|number| (-1..=1).filter_map(move |step| number.checked_add(step)));
        near.filter(|number| (low..=high).contains(number)).collect()
    };
    Borders { values: numbers.into_iter().filter_map(value).collect(), all }
}

fn number(value: Value<'_>) -> i64 {
    match value {
        Value::Integer(number) => number.into(),
        Value::Long(number) => number,
        Value::Date(date) => date.unix_days().into(),
        Value::DateTime(timestamp) => timestamp.unix_millis(),
        Value::Currency(amount) => amount.ten_thousandths(),
        Value::String(_) | Value::Double(_) | Value::Boolean(_) => unreachable!("the bound of another type"),
    }
}

fn doubles(low: f64, high: f64) -> Borders<'static> {
    let next = next_up(low);
    let numbers = [low, next, next_up(next), high, 0.0];
    let numbers = numbers.into_iter().filter(|number| (low..=high).contains(number));
    #[expect(clippy::float_cmp, reason = "the same float is meant")]
    Borders { values: numbers.map(Value::Double).collect(), all: low == high }
}

/// The next larger float, as `f64::next_up` of later Rusts gives it.
fn next_up(number: f64) -> f64 {
    let bits = number.to_bits();
    match number {
        0.0 => f64::from_bits(1),
        0.0.. => f64::from_bits(bits + 1),
        _ => f64::from_bits(bits - 1),
    }
}

fn texts(length: Option<usize>) -> Vec<Value<'static>> {
    let most = length.unwrap_or(LONGEST).min(LONGEST);
    let longest = TEXT.get(..most).and_then(|text| std::str::from_utf8(text).ok());
    let fitting = TEXTS.into_iter().filter(|text| text.chars().count() <= most);
    longest.into_iter().chain(fitting).map(Value::String).collect()
}
