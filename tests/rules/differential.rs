//! What the crate reads in a fast way is read as the plain way would read it.

use std::sync::LazyLock;

use chrono::DateTime;
use proptest::prelude::*;
use service_end::{
    ReadError, Timestamp, Validator, Value,
    value::{Currency, SessionId},
};

use crate::support::{code, validator};

pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

static READER: LazyLock<Validator> = LazyLock::new(|| {
    validator(
        r#"[ { "name": "E", "type": "single-valued", "attributes": [
                { "name": "integer", "type": "integer" }, { "name": "long", "type": "long" },
                { "name": "double", "type": "double" }, { "name": "currency", "type": "currency" },
                { "name": "date", "type": "date" }, { "name": "datetime", "type": "datetime" },
                { "name": "string", "type": "string", "length": 7 } ] } ]"#,
    )
});

/// Reads JSON text as the value of an attribute that is named after its type: hands the value on, or the code.
fn judge<T>(attribute: &str, json: &str, value: impl FnOnce(Value<'_>) -> T) -> Result<T, &'static str> {
    match READER.read(format!(r#"{{"E":{{"{attribute}":{json}}}}}"#).as_bytes()) {
        Ok(event) => Ok(value(event.extensions()[0].record().unwrap().get(attribute).unwrap())),
        Err(ReadError::Invalid(violations)) => Err(code(&violations.as_slice()[0])),
        Err(other) => panic!("{json}: {other}"),
    }
}

fn long(json: &str) -> Result<i64, &'static str> {
    judge("long", json, |value| value.as_i64().unwrap())
}

fn amount(json: &str) -> Result<i64, &'static str> {
    judge("currency", json, |value| match value {
        Value::Currency(amount) => amount.ten_thousandths(),
        other => panic!("{other:?}"),
    })
}

/// RFC 3339 as 2.5 has it, by grammar and by `chrono`.
fn plain_timestamp(text: &str) -> Option<i64> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let rest = shape.strip_prefix("0000-00-00")?.strip_prefix(['T', 't'])?.strip_prefix("00:00:00")?;
    let zone = match rest.strip_prefix('.') {
        Some(fraction) if fraction.starts_with('0') => fraction.trim_start_matches('0'),
        Some(_) => return None,
        None => rest,
    };
    if !matches!(zone, "Z" | "z" | "+00:00" | "-00:00") || &text[17..19] == "60" {
        return None;
    }
    let millis = DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis();
    (Timestamp::MIN.unix_millis()..=Timestamp::MAX.unix_millis()).contains(&millis).then_some(millis)
}

fn assert_timestamp(text: &str) {
    let expected = plain_timestamp(text);
    assert_eq!(text.parse().ok().map(Timestamp::unix_millis), expected, "{text}");
    let read = judge("datetime", &serde_json::to_string(text).unwrap(), |value| match value {
        Value::DateTime(moment) => moment.unix_millis(),
        other => panic!("{other:?}"),
    });
    assert_eq!(read.ok(), expected, "{text}");
    let body = serde_json::json!({ "timestamp": text }).to_string();
    let of_event = READER.read(body.as_bytes()).ok().and_then(|event| event.timestamp());
    assert_eq!(of_event.map(Timestamp::unix_millis), expected, "{text}");
}

#[test]
fn every_day_of_the_calendar_is_read_as_chrono_reads_it() {
    for year in [0, 1, 4, 100, 400, 1582, 1900, 1969, 1970, 2000, 2009, 2024, 2100, 9996, 9999] {
        for month in 0..=13 {
            for day in 0..=32 {
                let text = format!("{year:04}-{month:02}-{day:02}T23:59:59.999Z");
                assert_eq!(text.parse().ok().map(Timestamp::unix_millis), plain_timestamp(&text), "{text}");
            }
        }
    }
}

fn timestamp_text() -> impl Strategy<Value = String> {
    let date = (0..=10_000_u32, 0..=13_u32, 0..=32_u32);
    let time = (0..=25_u32, 0..=61_u32, 0..=61_u32);
    let fraction = prop_oneof![4 => "\\.[0-9]{3}", 2 => "(\\.[0-9]{1,12})?", 1 => "\\.?"];
    let zone = prop_oneof![4 => "Z", 1 => "z", 3 => "[+-][0-2][0-9]:[0-6][0-9]", 1 => "[+-]?[0-9]{0,4}"];
    (date, "[Tt]", time, fraction, zone).prop_map(|((y, mo, d), t, (h, mi, s), fraction, zone)| {
        format!("{y:04}-{mo:02}-{d:02}{t}{h:02}:{mi:02}:{s:02}{fraction}{zone}")
    })
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn a_timestamp_is_read_as_chrono_reads_it(text in timestamp_text()) {
        assert_timestamp(&text);
    }

    #[test]
    fn a_canonical_timestamp_with_one_character_changed_is_read_as_chrono_reads_it(
        millis in Timestamp::MIN.unix_millis()..=Timestamp::MAX.unix_millis(),
        at in 0..24_usize,
        other in prop_oneof![Just(String::new()), "[0-9]", "[-+:.TZtz \u{2212}é/]", "[0-9][0-9]"],
    ) {
        let mut text = Timestamp::from_unix_millis(millis).unwrap().to_string();
        assert_timestamp(&text);
        prop_assert_eq!(plain_timestamp(&text), Some(millis));
        text.replace_range(at..=at, &other);
        assert_timestamp(&text);
    }

    #[test]
    fn a_length_is_counted_in_characters(text in "[a-zé日😀\u{301}\"\\\\\n]{0,12}", limited in 0..40_usize) {
        let json = serde_json::to_string(&text).unwrap();
        let expected = if text.chars().count() <= 7 { Ok(text.clone()) } else { Err("too_long") };
        prop_assert_eq!(judge("string", &json, |value| value.as_str().unwrap().to_owned()), expected);
        let long = text.repeat(limited);
        prop_assert_eq!(SessionId::new(&*long).is_ok(), long.chars().count() <= 32);
    }
}

/// Of numbers in every form: digits, perhaps a fraction, perhaps an exponent.
fn number_text() -> impl Strategy<Value = String> {
    let whole = prop_oneof![Just("0".to_owned()), "[1-9][0-9]{0,5}", "[1-9][0-9]{6,20}"];
    let fraction =
        prop_oneof![3 => Just(String::new()), 2 => "\\.[0-9]{1,4}", 1 => "\\.[0-9]{5,20}", 1 => "\\.0{1,20}"];
    let exponent = prop_oneof![3 => Just(String::new()), 2 => "[eE][+-]?[0-9]", 1 => "[eE][+-]?[0-2][0-9]"];
    ("-?", whole, fraction, exponent).prop_map(|(sign, w, f, e)| format!("{sign}{w}{f}{e}"))
}

/// The whole number that a finite float is, out of its bits.
fn whole_of_bits(float: f64) -> Option<i128> {
    let bits = float.to_bits();
    let exponent = i64::try_from(bits >> 52 & 0x7ff).unwrap();
    let fraction = i128::from(bits & ((1 << 52) - 1));
    let (mantissa, shift) =
        if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    let magnitude = match shift {
        ..=-54 if mantissa != 0 => return None,
        ..=-54 => 0,
        -53..0 if mantissa.trailing_zeros() < u32::try_from(-shift).unwrap() && mantissa != 0 => return None,
        -53..0 => mantissa >> -shift,
        0..=70 => mantissa << shift,
        _ => i128::MAX,
    };
    Some(if float < 0.0 { -magnitude } else { magnitude })
}

fn plain_whole(text: &str, range: std::ops::RangeInclusive<i128>) -> Result<i64, &'static str> {
    let number = if text.contains(['.', 'e', 'E']) {
        let whole = whole_of_bits(text.parse().unwrap()).ok_or("wrong_type")?;
        if whole.abs() < 1 << 53 { whole } else { i128::MAX }
    } else {
        text.parse().unwrap()
    };
    if range.contains(&number) { Ok(i64::try_from(number).unwrap()) } else { Err("out_of_range") }
}

/// The amount that a number is, by decimal digits alone.
fn plain_amount(text: &str) -> Result<i64, &'static str> {
    let in_range = |amount: i128| i64::try_from(amount).map_err(|_| "out_of_range");
    if !text.contains(['.', 'e', 'E']) {
        return in_range(text.parse::<i128>().unwrap() * 10_000);
    }
    let float: f64 = text.parse().unwrap();
    let decimal = format!("{float:.4}");
    let amount = if float.abs() < 1e30 { decimal.replace('.', "").parse().unwrap() } else { i128::MAX };
    let amount = in_range(amount)?;
    let nearest = decimal.parse::<f64>().unwrap().to_bits() == float.to_bits();
    if float.abs() < 1e11 && nearest { Ok(amount) } else { Err("invalid_format") }
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn a_number_is_read_as_its_digits_say(text in number_text()) {
        prop_assert_eq!(long(&text), plain_whole(&text, i64::MIN.into()..=i64::MAX.into()), "{}", text);
        let integer = judge("integer", &text, |value| value.as_i64().unwrap());
        prop_assert_eq!(integer, plain_whole(&text, i32::MIN.into()..=i32::MAX.into()), "{}", text);
        prop_assert_eq!(amount(&text), plain_amount(&text), "{}", text);
        let double = judge("double", &text, |value| value.as_f64().unwrap().to_bits());
        prop_assert_eq!(double, Ok((text.parse::<f64>().unwrap() + 0.0).to_bits()), "{}", text);
    }

    #[test]
    fn an_integer_below_2_to_the_53_is_itself_in_every_form(
        number in prop_oneof![-9_007_199_254_740_991..=9_007_199_254_740_991_i64, -3_000_000_000..3_000_000_000_i64, -99..99_i64],
        point in 0..20_usize,
        zeros in 0..5_usize,
    ) {
        let digits = number.unsigned_abs().to_string();
        let sign = if number < 0 { "-" } else { "" };
        // The point moved to the left, and the exponent makes up for it.
        let padded = format!("{}{digits}", "0".repeat((point + 1).saturating_sub(digits.len())));
        let (whole, fraction) = padded.split_at(padded.len() - point);
        let zeros = if number == 0 { String::new() } else { "0".repeat(zeros) };
        for text in [
            format!("{sign}{digits}"),
            format!("{sign}{digits}.0{zeros}"),
            format!("{sign}{digits}e0"),
            format!("{sign}{whole}.{fraction}0{zeros}E+{point}"),
            format!("{sign}{digits}{zeros}e-{}", zeros.len()),
        ] {
            prop_assert_eq!(long(&text), Ok(number), "{}", text);
        }
    }

    #[test]
    fn an_amount_reads_back_from_what_is_written_of_it(ten_thousandths in prop_oneof![
        any::<i64>(), -1_000_000_000_100_000..1_000_000_000_100_000_i64, -100_000..100_000_i64,
        Just(i64::MIN), Just(i64::MAX), Just(999_999_999_999_999), Just(1_000_000_000_000_001),
    ]) {
        let written = serde_json::to_string(&Currency::from_ten_thousandths(ten_thousandths)).unwrap();
        prop_assert_eq!(amount(&written), Ok(ten_thousandths), "{}", written);
        let text = Currency::from_ten_thousandths(ten_thousandths).to_string();
        prop_assert_eq!(amount(&format!("\"{text}\"")), Ok(ten_thousandths), "{}", text);
        // As a number it is exact below 100,000,000,000.
        if ten_thousandths.unsigned_abs() < 1_000_000_000_000_000 {
            prop_assert_eq!(amount(&text), Ok(ten_thousandths), "{}", text);
            prop_assert_eq!(amount(&format!("{text}e0")), Ok(ten_thousandths), "{}", text);
        }
    }
}

#[test]
fn numbers_at_the_edges_are_read_as_their_digits_say() {
    for text in [
        "-0",
        "-0.0",
        "0e5",
        "5e-324",
        "1e-400",
        "9007199254740991.0",
        "9007199254740992.0",
        "9007199254740991.4",
        "-9007199254740991e0",
        "-9007199254740992e0",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "2147483647.0",
        "2147483648",
        "-2147483648.0",
        "-2147483649e0",
        "4503599627370495.5",
        "1e15",
        "1e16",
        "1e22",
        "1.5e300",
        "123456789012345678901234567890",
        "0.5",
        "1e-1",
        "922337203685477",
        "922337203685478",
        "-922337203685477",
        "-922337203685478",
        "922337203685477.5",
        "922337203685477.5807",
        "922337203685477.75",
        "99999999999.9999",
        "99999999999.99999",
        "100000000000.0",
        "100000000000",
        "1e11",
        "99999999999.99995",
        "0.00005",
        "0.0001",
        "0.00010000000000000001",
        "0.1",
        "1e-4",
        "1e-5",
        "12.34565",
        "-99999999999.9999",
    ] {
        assert_eq!(long(text), plain_whole(text, i64::MIN.into()..=i64::MAX.into()), "{text}");
        let integer = judge("integer", text, |value| value.as_i64().unwrap());
        assert_eq!(integer, plain_whole(text, i32::MIN.into()..=i32::MAX.into()), "{text}");
        assert_eq!(amount(text), plain_amount(text), "{text}");
    }
}
