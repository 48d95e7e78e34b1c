//! The leaves go both ways: text, JSON, what the standard library and `chrono` have for them.

use std::fmt::{Debug, Display};
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::de::value::{Error, MapDeserializer};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use service_end::{
    EndPolicy, ServiceId, Timestamp, Value, Version,
    event::BusinessValue,
    problem::ProblemCode,
    schema::{
        AttributeType, BusinessField, ChangeCode, ExtensionType, Fingerprint, FixedField, OpenNames, Question,
    },
    value::{BoundedText, BusinessName, Currency, Date, SessionId, TextError},
    violation::{Code, HostCode, HostCodeError, SyntaxError},
};

/// Holds that a leaf is read from what it writes, as text and as JSON, and that it pads.
fn both_ways<T>(leaf: &T, text: &str, json: &str)
where
    T: FromStr<Err: Debug> + for<'t> TryFrom<&'t str> + TryFrom<String>,
    T: Display + Debug + PartialEq + Serialize + DeserializeOwned,
{
    assert_eq!(leaf.to_string(), text);
    assert_eq!(text.parse::<T>().unwrap(), *leaf);
    assert_eq!(T::try_from(text).ok().as_ref(), Some(leaf));
    assert_eq!(T::try_from(text.to_owned()).ok().as_ref(), Some(leaf));
    assert_eq!(serde_json::to_string(leaf).unwrap(), json);
    assert_eq!(serde_json::from_str::<T>(json).unwrap(), *leaf);
    assert_eq!(serde_json::from_value::<T>(serde_json::from_str(json).unwrap()).unwrap(), *leaf);
    let packed = rmp_serde::to_vec(leaf).unwrap();
    assert_eq!(rmp_serde::from_slice::<T>(&packed).unwrap(), *leaf);
    let width = text.chars().count() + 3;
    assert_eq!(format!("{leaf:<width$}|"), format!("{text}   |"));
    assert_eq!(format!("{leaf:>width$}|"), format!("   {text}|"));
}

#[test]
fn every_leaf_goes_both_ways() {
    for text in ["2009-05-12T12:05:12.145Z", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"] {
        let timestamp: Timestamp = text.parse().unwrap();
        both_ways(&timestamp, text, &format!("\"{text}\""));
        assert_eq!(format!("{timestamp:?}"), text);
    }
    for text in ["2009-05-12", "0001-01-01", "9999-12-31"] {
        both_ways(&text.parse::<Date>().unwrap(), text, &format!("\"{text}\""));
    }
    for (ten_thousandths, text, json) in [
        (0, "0", "0"),
        (199_000, "19.9", "19.9"),
        (-1, "-0.0001", "-0.0001"),
        (1_000_000, "100", "100"),
        (i64::MIN, "-922337203685477.5808", "\"-922337203685477.5808\""),
        (i64::MAX, "922337203685477.5807", "\"922337203685477.5807\""),
    ] {
        both_ways(&Currency::from_ten_thousandths(ten_thousandths), text, json);
    }
    for number in [0, 7, -7, i64::MIN, i64::MAX] {
        both_ways(&ServiceId(number), &number.to_string(), &number.to_string());
        both_ways(&Version(number), &number.to_string(), &number.to_string());
    }
    for text in ["", "7f3a", "éééé", "0123456789-0123456789-0123456789"] {
        both_ways(&SessionId::new(text).unwrap(), text, &format!("\"{text}\""));
    }
    for leaf in AttributeType::ALL {
        both_ways(leaf, leaf.as_str(), &format!("\"{leaf}\""));
    }
    for leaf in ExtensionType::ALL {
        both_ways(leaf, leaf.as_str(), &format!("\"{leaf}\""));
    }
    for leaf in BusinessField::ALL {
        both_ways(leaf, leaf.name(), &format!("\"{leaf}\""));
    }
    for leaf in FixedField::ALL {
        both_ways(leaf, leaf.name(), &format!("\"{leaf}\""));
    }
    for (leaf, name) in EndPolicy::ALL.iter().zip(["keep-first", "replace-earlier"]) {
        both_ways(leaf, name, &format!("\"{name}\""));
    }
    for leaf in Question::ALL {
        both_ways(leaf, leaf.as_str(), &format!("\"{leaf}\""));
    }
    for leaf in ChangeCode::ALL {
        both_ways(leaf, leaf.as_str(), &format!("\"{leaf}\""));
    }
    for text in ["*", "", "Case", "Case,Notes"] {
        both_ways(&text.parse::<OpenNames>().unwrap(), text, &format!("\"{text}\""));
    }
    let digits = "47444b802ece0998a60c89ae563aa6668300d086085c5f1e56ff9b3c05f2afd1";
    both_ways(&digits.parse::<Fingerprint>().unwrap(), digits, &format!("\"{digits}\""));
    for leaf in ProblemCode::ALL {
        both_ways(leaf, leaf.as_str(), &format!("\"{leaf}\""));
    }
    for leaf in Code::ALL {
        both_ways(leaf, leaf.as_str(), &format!("\"{leaf}\""));
    }
    both_ways(&HostCode::new("survey_missing").unwrap(), "survey_missing", "\"survey_missing\"");
    both_ways(&Code::from(HostCode::new("survey_missing").unwrap()), "survey_missing", "\"survey_missing\"");
}

#[test]
fn the_text_of_an_id_or_a_version_is_canonical() {
    for text in
        ["+5", "007", "-0", "", " 5", "5 ", "-", "+", "00", "-05", "5.0", "5e0", "٣", "9223372036854775808"]
    {
        let error = text.parse::<ServiceId>().unwrap_err();
        assert_eq!(text.parse::<Version>(), Err(error), "{text}");
        assert!(error.to_string().contains("plain digits"), "{error}");
    }
}

#[test]
fn what_a_leaf_can_not_be_is_refused_by_every_door() {
    fn refused<T: FromStr + DeserializeOwned + Debug>(text: &str)
    where
        T::Err: Debug,
    {
        text.parse::<T>().map(|_| ()).unwrap_err();
        serde_json::from_value::<T>(text.into()).unwrap_err();
    }
    refused::<Timestamp>("2009-05-12");
    refused::<Date>("2009-02-29");
    refused::<Currency>("12,50");
    refused::<ServiceId>("7x");
    refused::<SessionId>(&"x".repeat(33));
    refused::<SessionId>("\0");
    refused::<AttributeType>("strin");
    refused::<ExtensionType>("Single-valued");
    refused::<BusinessField>("Disposition");
    refused::<FixedField>("Disposition");
    refused::<EndPolicy>("keep_first");
    refused::<OpenNames>("Case;Notes");
    refused::<Fingerprint>("47444B");
    refused::<Code>("Wrong Type");
    refused::<HostCode>("wrong_type");
    for json in ["1.00001", "1e300", "18446744073709551615", "true", "null", "[]", "{}", r#"{"a":1}"#] {
        serde_json::from_str::<Currency>(json).unwrap_err();
    }
    for json in ["1.5", "\"1\"", "9223372036854775808", "null"] {
        serde_json::from_str::<ServiceId>(json).unwrap_err();
        serde_json::from_str::<Version>(json).unwrap_err();
    }
    let error = "strin".parse::<AttributeType>().unwrap_err();
    assert_eq!(error.expected().len(), 8);
    assert!(error.to_string().starts_with("must be one of `string`, "), "{error}");
}

#[test]
fn only_an_offset_of_digits_is_told_to_lack_its_colon() {
    let told = |text: &str| text.parse::<Timestamp>().unwrap_err().to_string();
    for (offset, expected) in [("+0200", true), ("-02", true), ("+2 h", false), ("+soon", false)] {
        let told = told(&format!("2009-05-12T12:05:12{offset}"));
        assert_eq!(told.contains("its offset is not written like"), expected, "{told}");
    }
}

#[test]
fn json_of_another_type_is_told_what_a_leaf_is_read_from() {
    fn told<T: DeserializeOwned + Debug>(expected: &str) {
        let error = serde_json::from_str::<T>("true").unwrap_err().to_string();
        assert!(error.contains(&format!("expected {expected}")), "{error}");
    }
    told::<SessionId>("a text");
    told::<Date>("a date");
    told::<Timestamp>("a timestamp");
    told::<Currency>("an amount of money, a number or a string");
}

#[test]
fn a_code_of_the_host_is_lower_case_and_none_of_the_crate() {
    let longest = "a".repeat(HostCode::MAX_CHARS);
    for text in ["a", "a1_", "survey_missing", &longest] {
        assert_eq!(HostCode::new(text).unwrap().as_str(), text);
    }
    for text in ["", "1a", "_a", "A", "a-b", "a b", "é", "aé", &format!("{longest}a")] {
        assert_eq!(HostCode::new(text), Err(HostCodeError::Invalid), "{text}");
    }
    for code in Code::ALL {
        assert_eq!(HostCode::new(code.as_str()), Err(HostCodeError::Taken));
    }
}

#[test]
fn a_bounded_text_turns_into_what_it_was_made_of() {
    for text in ["7f3a", "a text of more bytes than fit in place"] {
        let bounded = BoundedText::<64>::try_from(text.to_owned()).unwrap();
        assert_eq!(String::from(bounded.clone()), text);
        assert_eq!(Value::from(&bounded), Value::String(text));
        let set = std::collections::HashSet::from([bounded]);
        assert!(set.contains(text));
    }
    assert_eq!(SessionId::try_from("\0".to_owned()), Err(TextError::ForbiddenCharacter));
}

#[test]
fn bounded_texts_are_compared_as_texts() {
    let texts = [
        "",
        "A",
        "B",
        "a",
        "a text of more bytes than fit in place",
        "a text of more bytes than fit in space",
    ];
    let bounded = texts.map(|text| BoundedText::<64>::new(text).unwrap());
    for (one, text) in bounded.iter().zip(texts) {
        for (other, other_text) in bounded.iter().zip(texts) {
            assert_eq!(one == other, text == other_text, "{text} and {other_text}");
            assert_eq!(one.cmp(other), text.cmp(other_text), "{text} and {other_text}");
            assert_eq!(one.partial_cmp(other), text.partial_cmp(other_text), "{text} and {other_text}");
        }
        assert_eq!((one.as_ref(), format!("{one:?}")), (text, format!("{text:?}")));
        assert!(*one == text && *one == *text && *one != "other" && *one != *"other");
    }
}

#[test]
fn the_value_of_a_business_attribute_is_an_id_or_a_text() {
    let name = BusinessName::new("Resolved").unwrap();
    let named = BusinessValue::Name(name.clone());
    for (value, id, text, plain) in [
        (BusinessValue::from(10), Some(10), None, Value::Long(10)),
        (BusinessValue::from(name), None, Some("Resolved"), Value::String("Resolved")),
        (BusinessValue::try_from("10").unwrap(), None, Some("10"), Value::String("10")),
    ] {
        assert_eq!((value.as_id(), value.as_name(), Value::from(&value)), (id, text, plain));
        let json = serde_json::to_value(&value).unwrap();
        assert_eq!(serde_json::from_value::<BusinessValue>(json).unwrap(), value);
    }
    assert_eq!(BusinessValue::try_from("Resolved".to_owned()), Ok(named));
    let long = TextError::TooLong { limit: 255, length: 256 };
    assert_eq!(BusinessValue::try_from("x".repeat(256)), Err(long));
}

#[test]
fn a_date_has_a_year_a_month_and_a_day() {
    for (text, expected) in
        [("0001-01-01", (1, 1, 1)), ("2008-02-29", (2008, 2, 29)), ("9999-12-31", (9999, 12, 31))]
    {
        let date: Date = text.parse().unwrap();
        assert_eq!((date.year(), date.month(), date.day()), expected);
        assert_eq!(Date::from_ymd(date.year(), date.month(), date.day()), Ok(date));
    }
}

#[test]
fn an_amount_is_a_float_where_that_float_is_no_other_amount() {
    for (amount, float) in [
        ("0", Some(0.0)),
        ("-0.0001", Some(-0.0001)),
        ("19.9", Some(19.9)),
        ("99999999999.9999", Some(99_999_999_999.999_9)),
        ("100000000000", None),
        ("-100000000000.0001", None),
    ] {
        let amount: Currency = amount.parse().unwrap();
        assert_eq!(amount.to_f64(), float, "{amount}");
        assert_eq!(float.map_or(Ok(amount), Currency::from_f64), Ok(amount));
    }
}

#[test]
fn an_id_and_a_version_turn_into_the_integers_they_are() {
    assert_eq!(i64::from(ServiceId::from(7)), 7);
    assert_eq!(i64::from(Version::from(7)), 7);
}

#[test]
fn a_moment_is_that_of_the_standard_library_and_of_chrono() {
    for millis in [0, 1, -1, 1_242_129_912_145, -62_135_596_800_000, 253_402_300_799_999] {
        let timestamp = Timestamp::from_unix_millis(millis).unwrap();
        assert_eq!(SystemTime::try_from(timestamp).unwrap().try_into(), Ok(timestamp));
        assert_eq!(DateTime::<Utc>::from(timestamp).try_into(), Ok(timestamp));
        assert_eq!(DateTime::<FixedOffset>::from(timestamp).try_into(), Ok(timestamp));
        assert_eq!(DateTime::<Utc>::from(timestamp).timestamp_millis(), millis);
    }
    let east = DateTime::parse_from_rfc3339("2009-05-12T14:05:12.1459+02:00").unwrap();
    assert_eq!(Timestamp::try_from(east).unwrap().to_string(), "2009-05-12T12:05:12.145Z");
    let later = UNIX_EPOCH + Duration::from_millis(7);
    assert_eq!(Timestamp::try_from(later).unwrap().unix_millis(), 7);
    for days in [0, -1, 14_376, -719_162, 2_932_896] {
        let date = Date::from_unix_days(days).unwrap();
        assert_eq!(NaiveDate::from(date).try_into(), Ok(date));
    }
    assert!(Date::try_from(NaiveDate::MAX).is_err() && Date::try_from(NaiveDate::MIN).is_err());
    assert!(Timestamp::try_from(DateTime::<Utc>::MAX_UTC).is_err());
}

#[test]
fn a_value_has_a_getter_for_each_type_and_comes_from_all_that_always_fits() {
    let day: Date = "2009-05-12".parse().unwrap();
    let moment: Timestamp = "2009-05-12T12:05:12.145Z".parse().unwrap();
    let amount = Currency::from_ten_thousandths(5);
    assert_eq!(Value::from("a").as_str(), Some("a"));
    assert_eq!(Value::from(7).as_i32(), Some(7));
    assert_eq!((Value::from(7).as_i64(), Value::from(7_i64).as_i64()), (Some(7), Some(7)));
    assert_eq!(Value::from(7_i64).as_i32(), None);
    assert_eq!(Value::from(0.5).as_f64(), Some(0.5));
    assert_eq!((Value::from(true).as_bool(), Value::from(false).as_bool()), (Some(true), Some(false)));
    assert_eq!(Value::from(day).as_date(), Some(day));
    assert_eq!(Value::from(moment).as_timestamp(), Some(moment));
    assert_eq!(Value::from(amount).as_currency(), Some(amount));
    let other = Value::from("a");
    assert_eq!((other.as_date(), other.as_timestamp(), other.as_currency()), (None, None, None));
    for value in [Value::from(7_i8), Value::from(7_i16), Value::from(7_u8), Value::from(7_u16)] {
        assert_eq!(value, Value::Integer(7));
    }
    assert_eq!(Value::from(u32::MAX), Value::Long(4_294_967_295));
    assert_eq!(Value::from(0.5_f32), Value::Double(0.5));
}

#[test]
fn a_syntax_error_goes_both_ways() {
    for json in
        [r#"{"message":"expected `:`","line":2,"column":7}"#, r#"{"message":"the body can't be read"}"#]
    {
        let error: SyntaxError = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&error).unwrap(), json);
    }
    for json in [r#"{"line":1,"column":1}"#, r#"{"message":"m","line":0,"column":1}"#] {
        serde_json::from_str::<SyntaxError>(json).unwrap_err();
    }
}

#[test]
fn syntax_errors_are_equal_by_message_and_place() {
    let error = |message: &str, line: usize, column: usize| -> SyntaxError {
        serde_json::from_str(&format!(r#"{{"message":"{message}","line":{line},"column":{column}}}"#))
            .unwrap()
    };
    let one = error("m", 1, 2);
    assert_eq!(one, error("m", 1, 2));
    for other in [error("n", 1, 2), error("m", 2, 2), error("m", 1, 3)] {
        assert_ne!(one, other);
    }
    assert_eq!(format!("{one:?}"), r#"SyntaxError { message: "m", position: Some((1, 2)), .. }"#);
}

#[test]
fn an_amount_reads_from_a_number_or_a_text_and_from_nothing_else() {
    for (json, expected) in [
        ("12", Some("12")),
        ("-0.5", Some("-0.5")),
        (r#""12.5""#, Some("12.5")),
        ("0.00001", None),
        ("1e20", None),
        ("[12]", None),
        (r#"{"other":"12"}"#, None),
        (r#"{"other":12}"#, None),
        ("{}", None),
    ] {
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        let read = [serde_json::from_str::<Currency>(json), serde_json::from_value(value)];
        for amount in read {
            assert_eq!(amount.ok().map(|amount| amount.to_string()).as_deref(), expected, "{json}");
        }
    }
}

#[test]
fn an_amount_reads_from_the_text_of_a_number_under_the_key_that_serde_json_has_for_it() {
    const KEY: &str = "$serde_json::private::Number";
    for (key, text, expected) in [
        (KEY, "12", Some("12")),
        (KEY, "-0.5", Some("-0.5")),
        (KEY, "1e20", None),
        (KEY, "twelve", None),
        ("other", "12", None),
    ] {
        let members = [(key, text.to_owned())].into_iter();
        let read = Currency::deserialize(MapDeserializer::<_, Error>::new(members));
        assert_eq!(read.ok().map(|amount| amount.to_string()).as_deref(), expected, "{key} {text}");
    }
}
