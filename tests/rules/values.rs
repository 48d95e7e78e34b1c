//! 2.3: what each type of attribute accepts and refuses, and 2.5: timestamps.

use crate::support::{found, valid, validator_of_attribute};

/// A value as JSON text, and its canonical form or the code of what is wrong with it.
type Cases = &'static [(&'static str, Result<&'static str, &'static str>)];

fn holds(declaration: &str, cases: Cases) {
    let validator = validator_of_attribute(declaration);
    for (value, expected) in cases {
        let body = format!(r#"{{"E":{{"v":{value}}}}}"#);
        match expected {
            Ok(canonical) => {
                let extension = valid(&validator, &body).extension("E").unwrap().to_json();
                assert_eq!(extension, format!(r#"{{"v":{canonical}}}"#), "{declaration}: {value}");
                let again = format!(r#"{{"E":{extension}}}"#);
                assert_eq!(valid(&validator, &again), valid(&validator, &body), "{again} reads back equal");
            }
            Err(code) => {
                assert_eq!(found(&validator, &body), [("/E/v".to_owned(), *code)], "{declaration}: {value}");
            }
        }
    }
}

const WRONG_TYPE: Result<&str, &str> = Err("wrong_type");
const OUT_OF_RANGE: Result<&str, &str> = Err("out_of_range");
const INVALID_FORMAT: Result<&str, &str> = Err("invalid_format");

#[test]
fn a_string_is_a_json_string_within_its_length_in_characters() {
    holds(
        r#""type": "string", "length": 3"#,
        &[
            (r#""abc""#, Ok(r#""abc""#)),
            (r#""""#, Ok(r#""""#)),
            (r#""😀é字""#, Ok(r#""😀é字""#)),
            (r#""\ud83d\ude00a""#, Ok(r#""😀a""#)),
            (r#""\n\t\u001f""#, Ok(r#""\n\t\u001f""#)),
            (r#""abcd""#, Err("too_long")),
            (r#""😀😀😀😀""#, Err("too_long")),
            (r#""e\u0301e\u0301""#, Err("too_long")),
            (r#""a\u0000""#, Err("forbidden_character")),
            (r#""abcd\u0000""#, Err("forbidden_character")),
            ("1", WRONG_TYPE),
            ("true", WRONG_TYPE),
            ("[]", WRONG_TYPE),
            (r#"{"a":"b"}"#, WRONG_TYPE),
        ],
    );
    let long = "x".repeat(100_000);
    let validator = validator_of_attribute(r#""type": "string""#);
    assert_eq!(
        found(&validator, &format!(r#"{{"E":{{"v":"{long}"}}}}"#)),
        [],
        "without a length it is unbounded"
    );
}

#[test]
fn an_integer_has_32_bits() {
    holds(
        r#""type": "integer""#,
        &[
            ("0", Ok("0")),
            ("-0", Ok("0")),
            ("-0.0", Ok("0")),
            ("7.0", Ok("7")),
            ("7e0", Ok("7")),
            ("70e-1", Ok("7")),
            ("0.7E+1", Ok("7")),
            ("2147483647", Ok("2147483647")),
            ("-2147483648", Ok("-2147483648")),
            ("2147483647.0", Ok("2147483647")),
            // Judged by the nearest float, which is whole.
            ("7.00000000000000000000001", Ok("7")),
            ("2147483648", OUT_OF_RANGE),
            ("-2147483649", OUT_OF_RANGE),
            ("2147483648.0", OUT_OF_RANGE),
            ("1e10", OUT_OF_RANGE),
            ("1e300", OUT_OF_RANGE),
            ("18446744073709551616", OUT_OF_RANGE),
            ("7.5", WRONG_TYPE),
            ("1e-1", WRONG_TYPE),
            ("2147483648.5", WRONG_TYPE),
            (r#""7""#, WRONG_TYPE),
            ("false", WRONG_TYPE),
            ("[7]", WRONG_TYPE),
            ("{}", WRONG_TYPE),
        ],
    );
}

#[test]
fn a_long_has_64_bits_and_is_exact_below_two_to_the_53_in_exponent_form() {
    holds(
        r#""type": "long""#,
        &[
            ("9223372036854775807", Ok("9223372036854775807")),
            ("-9223372036854775808", Ok("-9223372036854775808")),
            ("9007199254740993", Ok("9007199254740993")),
            ("-0", Ok("0")),
            ("9007199254740991.0", Ok("9007199254740991")),
            ("-9007199254740991e0", Ok("-9007199254740991")),
            ("9007199254740992.0", OUT_OF_RANGE),
            ("-9007199254740992.0", OUT_OF_RANGE),
            ("9223372036854775808", OUT_OF_RANGE),
            ("-9223372036854775809", OUT_OF_RANGE),
            ("18446744073709551615", OUT_OF_RANGE),
            ("100000000000000000000", OUT_OF_RANGE),
            ("1e20", OUT_OF_RANGE),
            ("0.5", WRONG_TYPE),
            (r#""1""#, WRONG_TYPE),
        ],
    );
}

#[test]
fn a_double_is_any_json_number() {
    holds(
        r#""type": "double""#,
        &[
            ("0", Ok("0.0")),
            ("-0", Ok("0.0")),
            ("-0.0", Ok("0.0")),
            ("7", Ok("7.0")),
            ("0.1", Ok("0.1")),
            ("1.7976931348623157e308", Ok("1.7976931348623157e+308")),
            ("5e-324", Ok("5e-324")),
            ("1e-400", Ok("0.0")),
            // One of those that read back changed without `float_roundtrip`.
            ("5.033433433433434e-7", Ok("5.033433433433434e-7")),
            ("122.416294033786585", Ok("122.41629403378658")),
            ("18446744073709551616", Ok("1.8446744073709552e+19")),
            ("9223372036854775807", Ok("9.223372036854776e+18")),
            (r#""1""#, WRONG_TYPE),
            ("true", WRONG_TYPE),
        ],
    );
}

#[test]
fn a_boolean_is_true_or_false() {
    holds(
        r#""type": "boolean""#,
        &[
            ("true", Ok("true")),
            ("false", Ok("false")),
            ("0", WRONG_TYPE),
            ("1", WRONG_TYPE),
            (r#""true""#, WRONG_TYPE),
        ],
    );
}

#[test]
fn a_date_is_a_day_or_a_timestamp_at_midnight_utc() {
    holds(
        r#""type": "date""#,
        &[
            (r#""2009-05-12""#, Ok(r#""2009-05-12""#)),
            (r#""0001-01-01""#, Ok(r#""0001-01-01""#)),
            (r#""9999-12-31""#, Ok(r#""9999-12-31""#)),
            (r#""2000-02-29""#, Ok(r#""2000-02-29""#)),
            (r#""2009-05-12T00:00:00.000Z""#, Ok(r#""2009-05-12""#)),
            (r#""2009-05-12t00:00:00z""#, Ok(r#""2009-05-12""#)),
            (r#""2009-05-12T02:00:00+02:00""#, Ok(r#""2009-05-12""#)),
            (r#""2009-05-11T20:00:00-04:00""#, Ok(r#""2009-05-12""#)),
            (r#""2009-05-12T00:00:00.0009Z""#, Ok(r#""2009-05-12""#)),
            (r#""0000-12-31T23:00:00-01:00""#, Ok(r#""0001-01-01""#)),
            (r#""1900-02-29""#, INVALID_FORMAT),
            (r#""2009-02-30""#, INVALID_FORMAT),
            (r#""0000-01-01""#, INVALID_FORMAT),
            (r#""10000-01-01""#, INVALID_FORMAT),
            (r#""-001-01-01""#, INVALID_FORMAT),
            (r#""2009-5-12""#, INVALID_FORMAT),
            (r#""2009-05-12 ""#, INVALID_FORMAT),
            (r#""20090512""#, INVALID_FORMAT),
            (r#""2009-05-12T00:00:00.001Z""#, INVALID_FORMAT),
            (r#""2009-05-12T00:00:00+02:00""#, INVALID_FORMAT),
            (r#""2009-05-1\u0000""#, INVALID_FORMAT),
            (r#""""#, INVALID_FORMAT),
            ("20090512", WRONG_TYPE),
            ("[]", WRONG_TYPE),
        ],
    );
}

#[test]
fn a_datetime_is_rfc_3339_in_ascii_and_written_in_utc_with_milliseconds() {
    holds(
        r#""type": "datetime""#,
        &[
            (r#""2009-05-12T12:05:12.145Z""#, Ok(r#""2009-05-12T12:05:12.145Z""#)),
            (r#""2009-05-12t12:05:12z""#, Ok(r#""2009-05-12T12:05:12.000Z""#)),
            (r#""2009-05-12T12:05:12.1Z""#, Ok(r#""2009-05-12T12:05:12.100Z""#)),
            (r#""2009-05-12T12:05:12.1459999999999Z""#, Ok(r#""2009-05-12T12:05:12.145Z""#)),
            (r#""1969-12-31T23:59:59.9999Z""#, Ok(r#""1969-12-31T23:59:59.999Z""#)),
            (r#""2009-05-12T14:05:12.145+02:00""#, Ok(r#""2009-05-12T12:05:12.145Z""#)),
            (r#""2009-05-12T12:05:12.145-00:00""#, Ok(r#""2009-05-12T12:05:12.145Z""#)),
            (r#""2009-05-12T23:59:59+23:59""#, Ok(r#""2009-05-12T00:00:59.000Z""#)),
            (r#""0001-01-01T00:00:00Z""#, Ok(r#""0001-01-01T00:00:00.000Z""#)),
            (r#""9999-12-31T23:59:59.999Z""#, Ok(r#""9999-12-31T23:59:59.999Z""#)),
            (r#""0000-12-31T23:30:00-01:00""#, Ok(r#""0001-01-01T00:30:00.000Z""#)),
            (r#""2008-02-29T00:00:00Z""#, Ok(r#""2008-02-29T00:00:00.000Z""#)),
            (r#""0001-01-01T00:00:00+00:01""#, INVALID_FORMAT),
            (r#""9999-12-31T23:59:59-00:01""#, INVALID_FORMAT),
            (r#""2009-05-12T12:05:60Z""#, INVALID_FORMAT),
            (r#""2008-12-31T23:59:60.5Z""#, INVALID_FORMAT),
            (r#""2009-05-12T24:00:00Z""#, INVALID_FORMAT),
            (r#""2009-05-12T12:60:00Z""#, INVALID_FORMAT),
            (r#""2009-02-29T00:00:00Z""#, INVALID_FORMAT),
            (r#""2009-05-12 12:05:12Z""#, INVALID_FORMAT),
            (r#""2009-05-12T12:05:12""#, INVALID_FORMAT),
            (r#""2009-05-12T12:05Z""#, INVALID_FORMAT),
            (r#""2009-05-12T12:05:12.Z""#, INVALID_FORMAT),
            (r#""2009-05-12T12:05:12,145Z""#, INVALID_FORMAT),
            (r#""2009-05-12T12:05:12.145+0200""#, INVALID_FORMAT),
            (r#""2009-05-12T12:05:12.145+02""#, INVALID_FORMAT),
            (r#""2009-05-12T12:05:12.145+24:00""#, INVALID_FORMAT),
            (r#""2009-05-12T12:05:12.145+02:60""#, INVALID_FORMAT),
            (r#""2009-05-12T12:05:12.145\u221202:00""#, INVALID_FORMAT),
            (r#""2009-05-12T12:05:12.145 Z""#, INVALID_FORMAT),
            (r#"" 2009-05-12T12:05:12.145Z""#, INVALID_FORMAT),
            (r#""2009-05-12T12:05:12.145Z ""#, INVALID_FORMAT),
            (r#""+2009-05-12T12:05:12.145Z""#, INVALID_FORMAT),
            (r#""12009-05-12T12:05:12.145Z""#, INVALID_FORMAT),
            (r#""2009-5-12T12:05:12.145Z""#, INVALID_FORMAT),
            (r#""２009-05-12T12:05:12.145Z""#, INVALID_FORMAT),
            (r#""2009-05-12""#, INVALID_FORMAT),
            (r#""now""#, INVALID_FORMAT),
            (r#""""#, INVALID_FORMAT),
            ("1242129912145", WRONG_TYPE),
            ("true", WRONG_TYPE),
        ],
    );
}

#[test]
fn a_currency_is_exact_to_ten_thousandths() {
    holds(
        r#""type": "currency""#,
        &[
            ("0", Ok("0")),
            ("-0", Ok("0")),
            ("-0.0", Ok("0")),
            ("12", Ok("12")),
            ("12.5", Ok("12.5")),
            ("0.1", Ok("0.1")),
            ("-0.0001", Ok("-0.0001")),
            ("1e2", Ok("100")),
            ("1.25e-2", Ok("0.0125")),
            ("99999999999.9999", Ok("99999999999.9999")),
            ("-99999999999.9999", Ok("-99999999999.9999")),
            ("922337203685477", Ok("922337203685477")),
            ("-922337203685477", Ok("-922337203685477")),
            (r#""12""#, Ok("12")),
            (r#""-12.5000""#, Ok("-12.5")),
            (r#""007.10""#, Ok("7.1")),
            (r#""-0""#, Ok("0")),
            (r#""100000000000.0001""#, Ok(r#""100000000000.0001""#)),
            (r#""922337203685477.5807""#, Ok(r#""922337203685477.5807""#)),
            (r#""-922337203685477.5808""#, Ok(r#""-922337203685477.5808""#)),
            (r#""00000000000000000000000000000001.5""#, Ok("1.5")),
            // Numbers that are no amount, or for which the nearest float no longer tells which.
            ("0.00001", INVALID_FORMAT),
            ("12.34567", INVALID_FORMAT),
            ("100000000000.5", INVALID_FORMAT),
            ("1e11", INVALID_FORMAT),
            ("1e14", INVALID_FORMAT),
            ("-922337203685477.5", INVALID_FORMAT),
            (r#""12.34567""#, INVALID_FORMAT),
            (r#""12.""#, INVALID_FORMAT),
            (r#"".5""#, INVALID_FORMAT),
            (r#""+1""#, INVALID_FORMAT),
            (r#""1e2""#, INVALID_FORMAT),
            (r#""12,50""#, INVALID_FORMAT),
            (r#""--1""#, INVALID_FORMAT),
            (r#""-""#, INVALID_FORMAT),
            (r#""""#, INVALID_FORMAT),
            (r#""1 ""#, INVALID_FORMAT),
            (r#""1\u0000""#, INVALID_FORMAT),
            (r#""１""#, INVALID_FORMAT),
            ("922337203685478", OUT_OF_RANGE),
            ("-922337203685478", OUT_OF_RANGE),
            ("9223372036854775808", OUT_OF_RANGE),
            ("1e15", OUT_OF_RANGE),
            ("-1e300", OUT_OF_RANGE),
            (r#""922337203685477.5808""#, OUT_OF_RANGE),
            (r#""-922337203685477.5809""#, OUT_OF_RANGE),
            (r#""99999999999999999999999999999999""#, OUT_OF_RANGE),
            ("true", WRONG_TYPE),
            ("[]", WRONG_TYPE),
            ("{}", WRONG_TYPE),
        ],
    );
}
