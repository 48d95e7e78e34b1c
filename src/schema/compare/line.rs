//! The values of an ordered type as whole numbers without gaps: so the next value is the next number.

use crate::schema::attribute_type::AttributeType;
use crate::value::{Currency, Date, Timestamp, Value};

/// The first and the last value of a type, or `None` for a type without an order.
pub(super) fn ends(attribute_type: AttributeType) -> Option<(i64, i64)> {
    Some(match attribute_type {
        AttributeType::Integer => (i32::MIN.into(), i32::MAX.into()),
        AttributeType::Long | AttributeType::Currency => (i64::MIN, i64::MAX),
        AttributeType::Double => (of_float(f64::MIN), of_float(f64::MAX)),
        AttributeType::Date => (Date::MIN.unix_days().into(), Date::MAX.unix_days().into()),
        AttributeType::DateTime => (Timestamp::MIN.unix_millis(), Timestamp::MAX.unix_millis()),
        AttributeType::String | AttributeType::Boolean => return None,
    })
}

/// The number of a value, or `None` where its type has no order.
pub(super) fn number(value: Value<'_>) -> Option<i64> {
    Some(match value {
        Value::Integer(number) => number.into(),
        Value::Long(number) => number,
        Value::Double(number) => of_float(number),
        Value::Date(date) => date.unix_days().into(),
        Value::DateTime(timestamp) => timestamp.unix_millis(),
        Value::Currency(amount) => amount.ten_thousandths(),
        Value::String(_) | Value::Boolean(_) => return None,
    })
}

/// The value of a number, or `None` where the type has none.
pub(super) fn value(attribute_type: AttributeType, number: i64) -> Option<Value<'static>> {
    let small = i32::try_from(number);
    Some(match attribute_type {
        AttributeType::Integer => Value::Integer(small.ok()?),
        AttributeType::Long => Value::Long(number),
        AttributeType::Double => Value::Double(to_float(number)),
        AttributeType::Date => Value::Date(Date::from_unix_days(small.ok()?).ok()?),
        AttributeType::DateTime => Value::DateTime(Timestamp::from_unix_millis(number).ok()?),
        AttributeType::Currency => Value::Currency(Currency::from_ten_thousandths(number)),
        AttributeType::String | AttributeType::Boolean => return None,
    })
}

/// The magnitude of a float is its bits without the sign: they grow as it does.
pub(super) fn of_float(float: f64) -> i64 {
    let magnitude = i64::try_from(float.abs().to_bits())
        .unwrap_or_else(|_| unreachable!("without its sign, a float has 63 bits"));
    if float < 0.0 { -magnitude } else { magnitude }
}

fn to_float(number: i64) -> f64 {
    let magnitude = f64::from_bits(number.unsigned_abs());
    if number < 0 { -magnitude } else { magnitude }
}
