//! Whether a Rust type and a schema fit, told at start-up.

#![allow(
    clippy::items_after_statements,
    dead_code,
    reason = "a type stands where it is tried, and is never made"
)]

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::num::NonZeroU8;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use service_end::event::{Mismatch, MismatchKind, Mismatches};
use service_end::value::{BoundedText, Currency, Date, SessionId};
use service_end::{ExtensionSchema, Timestamp};

/// A single-valued schema `E` of these attributes.
fn schema(attributes: &str) -> ExtensionSchema {
    ExtensionSchema::from_json(format!(
        r#"{{ "name": "E", "type": "single-valued", "attributes": [{attributes}] }}"#
    ))
    .unwrap()
}

/// A schema with one mandatory attribute `v`, given the rest of its declaration.
fn schema_of(declaration: &str) -> ExtensionSchema {
    schema(&format!(r#"{{ "name": "v", "mandatory": true, {declaration} }}"#))
}

#[derive(Deserialize)]
struct One<T> {
    v: T,
}

/// Whether a field of some type takes an attribute; else the kind of the one mismatch.
fn fits<T: DeserializeOwned>(declaration: &str) -> Result<(), MismatchKind> {
    schema_of(declaration).fits::<One<T>>().map_err(|mismatches| {
        assert_eq!(mismatches.len(), 1, "{mismatches}");
        mismatches.as_slice()[0].kind()
    })
}

fn told(fits: Result<(), Mismatches>) -> Vec<String> {
    let Err(mismatches) = fits else { return Vec::new() };
    mismatches.iter().map(Mismatch::to_string).collect()
}

#[test]
fn every_disagreement_says_what_is_expected_and_what_is_found_and_together_they_are_one_line() {
    #[derive(Deserialize)]
    struct Two {
        #[expect(dead_code, reason = "only its type matters")]
        v: bool,
        #[expect(dead_code, reason = "only its type matters")]
        w: bool,
    }
    let Err(mismatches) = schema_of(r#""type": "integer""#).fits::<Two>() else {
        panic!("an integer is no truth")
    };
    let told: Vec<_> = mismatches.iter().map(|mismatch| (mismatch.expected(), mismatch.found())).collect();
    assert_eq!(
        told,
        [
            ("a boolean", "an attribute of type `integer`"),
            ("an attribute of this name", "none in the schema")
        ]
    );
    assert_eq!((mismatches.len(), mismatches.is_empty()), (2, false));
    assert!(mismatches.as_slice().iter().eq(&mismatches));
    let lines: Vec<_> = mismatches.clone().into_iter().map(|mismatch| mismatch.to_string()).collect();
    assert_eq!(mismatches.to_string(), lines.join("; "));
}

#[test]
fn an_attribute_fits_a_type_that_takes_all_of_its_values() {
    use MismatchKind::{Type, Value};
    for (declaration, i8, u16, i32, i64, f32, f64) in [
        (r#""type": "integer""#, Err(Value), Err(Value), Ok(()), Ok(()), Err(Value), Ok(())),
        (r#""type": "long""#, Err(Value), Err(Value), Err(Value), Ok(()), Err(Value), Err(Value)),
        (r#""type": "double""#, Err(Type), Err(Type), Err(Type), Err(Type), Err(Value), Ok(())),
        (r#""type": "currency""#, Err(Type), Err(Type), Err(Type), Err(Type), Err(Type), Err(Value)),
        (r#""type": "string""#, Err(Type), Err(Type), Err(Type), Err(Type), Err(Type), Err(Type)),
        (r#""type": "boolean""#, Err(Type), Err(Type), Err(Type), Err(Type), Err(Type), Err(Type)),
        (r#""type": "datetime""#, Err(Type), Err(Type), Err(Type), Err(Type), Err(Type), Err(Type)),
    ] {
        assert_eq!(fits::<i8>(declaration), i8, "{declaration}");
        assert_eq!(fits::<u16>(declaration), u16, "{declaration}");
        assert_eq!(fits::<i32>(declaration), i32, "{declaration}");
        assert_eq!(fits::<i64>(declaration), i64, "{declaration}");
        assert_eq!(fits::<i128>(declaration), i64, "{declaration}");
        assert_eq!(fits::<f32>(declaration), f32, "{declaration}");
        assert_eq!(fits::<f64>(declaration), f64, "{declaration}");
    }
    for (attribute_type, text, day, time, price, truth) in [
        ("string", Ok(()), Err(Value), Err(Value), Err(Value), Err(Type)),
        ("date", Ok(()), Ok(()), Err(Value), Err(Value), Err(Type)),
        ("datetime", Ok(()), Err(Value), Ok(()), Err(Value), Err(Type)),
        ("currency", Ok(()), Err(Value), Err(Value), Ok(()), Err(Type)),
        ("boolean", Err(Type), Err(Type), Err(Type), Err(Type), Ok(())),
    ] {
        let declaration = format!(r#""type": "{attribute_type}""#);
        let kind = |fits: Result<(), MismatchKind>| {
            fits.map_err(|kind| if kind == MismatchKind::Refused { Value } else { kind })
        };
        assert_eq!(fits::<String>(&declaration), text, "{declaration}");
        assert_eq!(fits::<Cow<'static, str>>(&declaration), text, "{declaration}");
        assert_eq!(kind(fits::<Date>(&declaration)), day, "{declaration}");
        assert_eq!(kind(fits::<Timestamp>(&declaration)), time, "{declaration}");
        assert_eq!(kind(fits::<Currency>(&declaration)), price, "{declaration}");
        assert_eq!(fits::<bool>(&declaration), truth, "{declaration}");
        assert_eq!(fits::<serde_json::Value>(&declaration), Ok(()), "{declaration}");
    }
}

#[test]
fn text_fits_by_its_length() {
    use MismatchKind::{Refused, Value};
    assert_eq!(fits::<SessionId>(r#""type": "string""#), Err(Refused));
    assert_eq!(fits::<SessionId>(r#""type": "string", "length": 32"#), Ok(()));
    assert_eq!(fits::<SessionId>(r#""type": "string", "length": 33"#), Err(Refused));
    // No text is tried that is so long.
    type Long = BoundedText<5000>;
    assert_eq!(fits::<Long>(r#""type": "string", "length": 5000"#), Ok(()));
    assert_eq!(fits::<Long>(r#""type": "string", "values": ["x"]"#), Ok(()));
    assert_eq!(fits::<Long>(r#""type": "string", "length": 5001"#), Err(Value));
    assert_eq!(fits::<Option<Long>>(r#""type": "string""#), Err(Value));
    assert_eq!(fits::<char>(r#""type": "string", "length": 1"#), Err(Value), "it may be empty");
    let schema = schema_of(r#""type": "string""#);
    assert!(schema.fits::<One<&str>>().is_ok());
    assert!(
        schema_of(r#""type": "date""#).fits::<One<&str>>().is_err(),
        "it is no text that could be borrowed"
    );
}

#[test]
fn a_range_and_a_list_of_values_decide() {
    use MismatchKind::{Refused, Unproven, Value};
    #[derive(Deserialize)]
    enum Mood {
        Good,
        Bad,
    }
    #[derive(Deserialize)]
    #[serde(try_from = "i32")]
    struct Even;
    impl TryFrom<i32> for Even {
        type Error = &'static str;

        fn try_from(number: i32) -> Result<Self, &'static str> {
            if number % 2 == 0 { Ok(Even) } else { Err("odd") }
        }
    }
    #[derive(Deserialize)]
    #[serde(from = "f64")]
    struct Real;
    impl From<f64> for Real {
        fn from(_: f64) -> Self {
            Real
        }
    }
    #[derive(Deserialize)]
    #[serde(from = "i64")]
    struct Whole;
    impl From<i64> for Whole {
        fn from(_: i64) -> Self {
            Whole
        }
    }
    #[derive(Deserialize)]
    #[serde(try_from = "String")]
    struct Filled;
    impl TryFrom<String> for Filled {
        type Error = &'static str;

        fn try_from(text: String) -> Result<Self, &'static str> {
            if text.is_empty() { Err("empty") } else { Ok(Filled) }
        }
    }
    let range = |attribute_type, low, high| {
        format!(r#""type": "{attribute_type}", "minimum": {low}, "maximum": {high}"#)
    };
    assert_eq!(fits::<u8>(&range("integer", "0", "255")), Ok(()));
    assert_eq!(fits::<u8>(&range("long", "0", "256")), Err(Value));
    assert_eq!(fits::<u8>(&range("integer", "-1", "255")), Err(Value));
    assert_eq!(fits::<NonZeroU8>(&range("integer", "1", "5")), Ok(()));
    assert_eq!(fits::<NonZeroU8>(&range("integer", "0", "5")), Err(Value));
    assert_eq!(fits::<f64>(&range("long", "-9007199254740991", "9007199254740991")), Ok(()));
    assert_eq!(fits::<f64>(&range("long", "-9007199254740991", "9007199254740992")), Err(Value));
    assert_eq!(fits::<f32>(&range("integer", "-16777215", "16777215")), Ok(()));
    assert_eq!(fits::<f32>(&range("double", "0", "1")), Err(Value));
    assert_eq!(fits::<f32>(&range("double", "0.5", "0.5")), Ok(()));
    // Between any two floats there are some that are no amount, and that 32 bits don't hold.
    for (low, high) in [("-2", "-1"), ("-1", "0"), ("0", "1"), ("1", "2")] {
        assert_eq!(fits::<f32>(&range("double", low, high)), Err(Value), "{low}");
        assert_eq!(fits::<Currency>(&range("double", low, high)), Err(Refused), "{low}");
    }
    assert_eq!(fits::<Real>(&range("double", "0.5", "0.5")), Ok(()));
    assert_eq!(fits::<Real>(&range("double", "0.5", "0.75")), Err(Unproven), "others are not tried");
    // So many values are tried one by one.
    assert_eq!(fits::<Whole>(&range("long", "1000", "1255")), Ok(()));
    assert_eq!(fits::<Whole>(&range("long", "1000", "1256")), Err(Unproven));
    assert_eq!(fits::<Filled>(r#""type": "string", "length": 4"#), Err(Refused), "a shorter text is empty");
    assert_eq!(fits::<f64>(&range("currency", "-1", "99999999999.9999")), Ok(()));
    assert_eq!(fits::<Even>(&range("integer", "0", "3")), Err(Refused));
    assert_eq!(fits::<Even>(&range("integer", "2", "2")), Ok(()));
    assert_eq!(fits::<Even>(r#""type": "integer", "values": [2, 4]"#), Ok(()));
    assert_eq!(fits::<Even>(r#""type": "integer", "values": [2, 5]"#), Err(Refused));
    assert_eq!(fits::<Mood>(r#""type": "string", "values": ["Good", "Bad"]"#), Ok(()));
    assert_eq!(fits::<Mood>(r#""type": "string", "values": ["Good", "Worse"]"#), Err(Value));
    assert_eq!(fits::<char>(r#""type": "string", "values": ["a", "ü"]"#), Ok(()));
    assert_ne!(fits::<Even>(r#""type": "integer""#), Err(Unproven), "odd numbers are tried");
}

#[test]
fn everything_is_told_at_once() {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Survey<'e> {
        rating: i8,
        place: &'e str,
        day: Option<Timestamp>,
        more: bool,
        less: Option<bool>,
        other: String,
    }
    let schema = schema(
        r#"{ "name": "Rating", "type": "integer", "mandatory": true }, { "name": "place", "type": "string" },
           { "name": "day", "type": "date" }, { "name": "note", "type": "string" }"#,
    );
    assert_eq!(
        told(schema.fits::<Survey<'_>>()),
        [
            "extension `E`, attribute `Rating`: expected an integer from -128 to 127, found values of type `integer` beyond that",
            "extension `E`, attribute `day`: expected a value that the type takes, found values of type `date` beyond that",
            "extension `E`, attribute `note`: expected one of `rating`, `place`, `day`, `more`, `less`, `other`, found another attribute",
            "extension `E`, attribute `more`: expected an attribute of this name, found none in the schema",
            "extension `E`, attribute `other`: expected an attribute of this name, found none in the schema",
            "extension `E`, attribute `place`: expected a value, found records that may lack it",
        ]
    );
}

#[test]
fn a_field_may_be_absent_where_a_record_may_lack_it() {
    #[derive(Deserialize)]
    struct Strict {
        v: String,
    }
    #[derive(Deserialize)]
    struct Default {
        #[serde(default)]
        v: String,
    }
    #[derive(Deserialize)]
    struct Optional {
        v: Option<String>,
    }
    for (declaration, strict) in [
        (r#"{ "name": "v", "type": "string" }"#, false),
        (r#"{ "name": "v", "type": "string", "mandatory": true }"#, true),
        // `null` turns the default down.
        (r#"{ "name": "v", "type": "string", "default": "" }"#, false),
        (r#"{ "name": "v", "type": "string", "default": "", "mandatory": true }"#, true),
        (r#"{ "name": "V", "type": "string", "mandatory": true }"#, true),
        (r#"{ "name": "w", "type": "string", "mandatory": true }"#, false),
    ] {
        let schema = schema(declaration);
        assert_eq!(schema.fits::<Strict>().is_ok(), strict, "{declaration}");
        assert!(schema.fits::<Default>().is_ok(), "{declaration}");
        assert!(schema.fits::<Optional>().is_ok(), "{declaration}");
    }
}

#[test]
fn wrappers_and_derived_types_are_seen_through() {
    #[derive(Deserialize)]
    struct Score(i32);
    #[derive(Deserialize)]
    struct Outer<T>(T);
    #[derive(Deserialize)]
    enum Mood {
        Good,
        #[serde(other)]
        Other,
    }
    #[derive(Deserialize)]
    enum Strict {
        Good,
        Bad,
    }
    #[derive(Deserialize)]
    struct Borrowed<'e> {
        #[serde(borrow)]
        v: Cow<'e, str>,
    }
    let integer = r#""type": "integer""#;
    assert_eq!(fits::<Score>(integer), Ok(()));
    assert_eq!(fits::<Option<Score>>(integer), Ok(()));
    assert_eq!(fits::<Box<Outer<Option<Outer<i32>>>>>(integer), Ok(()));
    assert_eq!(fits::<Outer<u8>>(integer), Err(MismatchKind::Value));
    assert_eq!(fits::<Mood>(r#""type": "string""#), Ok(()));
    assert_eq!(fits::<Strict>(r#""type": "string""#), Err(MismatchKind::Value));
    let text = schema_of(r#""type": "string""#);
    assert!(text.fits::<Borrowed<'_>>().is_ok());
    assert!(text.fits::<Option<Box<One<String>>>>().is_ok());
    assert!(text.fits::<Outer<One<String>>>().is_ok());
    assert!(text.fits::<BTreeMap<String, String>>().is_ok());
    assert!(text.fits::<HashMap<&str, serde_json::Value>>().is_ok());
    assert!(text.fits::<serde_json::Value>().is_ok());
    assert!(text.fits::<IgnoredAny>().is_ok());
    assert!(text.fits::<BTreeMap<String, i32>>().is_err());
}

#[test]
fn what_cannot_be_found_out_is_said_to_be_so() {
    #[derive(Deserialize)]
    #[serde(try_from = "String")]
    struct Word(String);
    impl TryFrom<String> for Word {
        type Error = &'static str;

        fn try_from(text: String) -> Result<Self, &'static str> {
            if text == "secret" { Err("no") } else { Ok(Word(text)) }
        }
    }
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Transparent(String);
    struct Handmade;
    impl<'de> Deserialize<'de> for Handmade {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer).map(|_| Handmade)
        }
    }
    #[derive(Deserialize)]
    struct With {
        #[serde(deserialize_with = "even")]
        v: String,
    }
    fn even<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        String::deserialize(deserializer)
    }
    #[derive(Deserialize)]
    struct Flat {
        #[serde(flatten)]
        one: One<String>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        One(One<String>),
    }
    #[derive(Deserialize)]
    #[serde(try_from = "One<String>")]
    struct Converted;
    impl TryFrom<One<String>> for Converted {
        type Error = &'static str;

        fn try_from(_: One<String>) -> Result<Self, &'static str> {
            Ok(Converted)
        }
    }
    struct Deaf;
    impl<'de> Deserialize<'de> for Deaf {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            Ok(Deaf)
        }
    }
    /// Code of its own around what is derived, which refuses nothing that is tried.
    macro_rules! checked {
        ($($declaration:tt)*) => {
            #[derive(Deserialize)]
            #[serde(remote = "Self")]
            $($declaration)*
        };
    }
    macro_rules! around {
        ($($Checked:ident)*) => {$(
            impl<'de> Deserialize<'de> for $Checked {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    $Checked::deserialize(deserializer)
                }
            }
        )*};
    }
    checked! { struct CheckedRecord { v: String } }
    checked! { struct CheckedText(String); }
    checked! { enum CheckedVariant { #[serde(other)] Any } }
    around! { CheckedRecord CheckedText CheckedVariant }
    use MismatchKind::Unproven;
    #[derive(Deserialize)]
    struct Around<T>(T);
    let text = r#""type": "string""#;
    assert_eq!(fits::<Word>(text), Err(Unproven));
    assert_eq!(fits::<Around<Word>>(text), Err(Unproven));
    assert_eq!(fits::<Option<Word>>(text), Err(Unproven));
    assert_eq!(fits::<Transparent>(text), Err(Unproven));
    assert_eq!(fits::<Handmade>(text), Err(Unproven));
    assert_eq!(fits::<CheckedText>(text), Err(Unproven));
    assert_eq!(fits::<Option<CheckedText>>(text), Err(Unproven));
    assert_eq!(fits::<CheckedVariant>(text), Err(Unproven));
    assert_eq!(fits::<Deaf>(text), Err(Unproven));
    assert_eq!(fits::<Handmade>(r#""type": "boolean""#), Err(MismatchKind::Type), "sure enough");
    let schema = schema_of(text);
    let unproven =
        |fits: Result<(), Mismatches>| fits.is_err_and(|found| found.as_slice()[0].kind() == Unproven);
    assert!(unproven(schema.fits::<With>()));
    assert!(unproven(schema.fits::<Flat>()));
    assert!(unproven(schema.fits::<Untagged>()));
    assert!(unproven(schema.fits::<Converted>()));
    assert!(unproven(schema.fits::<Deaf>()));
    assert!(unproven(schema.fits::<CheckedRecord>()));
    // What is sure is told all the same.
    let other = schema_of(r#""type": "integer""#).fits::<Flat>().unwrap_err();
    assert_eq!(other.iter().map(Mismatch::kind).collect::<Vec<_>>(), [MismatchKind::Type, Unproven]);
}

#[test]
fn an_enum_of_all_texts_that_are_tried_is_unproven_beyond_them() {
    #[derive(Deserialize)]
    enum Sign {
        #[serde(rename = "")]
        None,
        #[serde(rename = " ", alias = "x", alias = "0", alias = "ü", alias = "€", alias = "\u{10ffff}")]
        Some,
    }
    assert_eq!(fits::<Sign>(r#""type": "string", "length": 1"#), Err(MismatchKind::Unproven));
    assert_eq!(fits::<Sign>(r#""type": "string", "values": ["", "x"]"#), Ok(()));
}

#[test]
fn types_that_make_no_sense_are_refused() {
    #[derive(Deserialize)]
    struct Endless(Box<Endless>);
    #[derive(Deserialize)]
    struct Maybe(Option<Box<Maybe>>);
    #[derive(Deserialize)]
    struct Node {
        v: Option<Box<Node>>,
    }
    #[derive(Deserialize)]
    struct Aliased {
        #[serde(alias = "w")]
        v: Option<String>,
    }
    let schema = schema(r#"{ "name": "v", "type": "string" }, { "name": "w", "type": "string" }"#);
    let kinds =
        |fits: Result<(), Mismatches>| -> Vec<_> { fits.unwrap_err().iter().map(Mismatch::kind).collect() };
    assert_eq!(kinds(schema.fits::<Endless>()), [MismatchKind::Broken]);
    assert_eq!(kinds(schema.fits::<Maybe>()), [MismatchKind::Broken]);
    assert_eq!(kinds(schema.fits::<One<Maybe>>()), [MismatchKind::Broken, MismatchKind::MissingValue]);
    assert_eq!(kinds(schema.fits::<Node>()), [MismatchKind::Type]);
    assert_eq!(kinds(schema.fits::<Vec<One<String>>>()), [MismatchKind::Shape]);
    assert_eq!(kinds(schema.fits::<String>()), [MismatchKind::Shape]);
    assert_eq!(kinds(schema.fits::<()>()), [MismatchKind::Shape]);
    assert_eq!(kinds(schema.fits::<One<Vec<u8>>>()), [MismatchKind::Type, MismatchKind::MissingValue]);
    assert_eq!(kinds(schema.fits::<Aliased>()), [MismatchKind::DuplicateField]);
    // Each is told once, though no record can be read.
    assert_eq!(kinds(schema.fits::<HashMap<Date, String>>()), [MismatchKind::Refused; 2]);
}

#[test]
fn what_a_type_refuses_hides_nothing_else() {
    /// Takes one text only, which nobody guesses.
    struct Secret;
    impl<'de> Deserialize<'de> for Secret {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            if text == "AB-4711" { Ok(Secret) } else { Err(D::Error::custom("another")) }
        }
    }
    #[derive(Deserialize)]
    enum Data {
        X { a: i32 },
    }
    macro_rules! visits {
        ($($address:ty),*) => {$({
            #[derive(Deserialize)]
            struct Before {
                rating: u8,
                more: bool,
                address: $address,
            }
            #[derive(Deserialize)]
            struct After {
                address: $address,
                rating: u8,
                #[serde(default)]
                note: String,
                more: bool,
            }
            for (mandatory, times) in [("", 1), (r#","mandatory":true"#, 0)] {
                let schema = schema(&format!(
                    r#"{{ "name": "rating", "type": "integer", "minimum": 0, "maximum": 9 }},
                       {{ "name": "note", "type": "string" }}, {{ "name": "ADDRESS", "type": "string" {mandatory} }}"#
                ));
                for (told, after) in [(told(schema.fits::<Before>()), false), (told(schema.fits::<After>()), true)] {
                    let about = |name: &str, what: &str| {
                        let begin = format!("extension `E`, attribute `{name}`: {what}");
                        told.iter().filter(|mismatch| mismatch.starts_with(&begin)).count()
                    };
                    // After a field that takes nothing at all, what is absent goes unseen.
                    let seen = usize::from(!after || !["Secret", "Data"].contains(&stringify!($address)));
                    let found = [
                        about("ADDRESS", "expected"), about("rating", "expected a value, found records that may lack it"),
                        about("more", "expected an attribute of this name, found none in the schema"), told.len(),
                    ];
                    assert_eq!(found, [1 + times, seen, seen, 1 + times + 2 * seen], "{} {told:#?}", stringify!($address));
                }
            }
        })*};
    }
    visits! { IpAddr, std::net::SocketAddr, std::net::Ipv6Addr, Vec<u8>, Result<u8, u8>, One<IpAddr>, Secret, Data }
}

#[test]
fn two_attributes_for_one_field_hide_nothing_else() {
    #[derive(Deserialize)]
    struct Aliased {
        #[serde(alias = "w")]
        v: String,
        x: String,
        y: String,
    }
    let schema = schema(
        r#"{ "name": "v", "type": "string" }, { "name": "w", "type": "string", "mandatory": true },
           { "name": "x", "type": "string" }"#,
    );
    assert_eq!(
        told(schema.fits::<Aliased>()),
        [
            "extension `E`, attribute `v`: expected one attribute for this field, found two that are read into it",
            "extension `E`, attribute `y`: expected an attribute of this name, found none in the schema",
            "extension `E`, attribute `x`: expected a value, found records that may lack it",
        ]
    );
}

#[test]
fn a_type_that_reads_no_record_to_its_end_is_told_so() {
    /// Reads some of the members of a record, in a way of its own.
    macro_rules! reads {
        ($Name:ident, $map:ident $body:block) => {
            struct $Name;
            impl<'de> Deserialize<'de> for $Name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    struct Reads;
                    impl<'de> Visitor<'de> for Reads {
                        type Value = $Name;
                        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                            f.write_str("a record")
                        }
                        fn visit_map<A: MapAccess<'de>>(self, mut $map: A) -> Result<$Name, A::Error> {
                            $body
                            Ok($Name)
                        }
                    }
                    deserializer.deserialize_map(Reads)
                }
            }
        };
    }
    reads!(First, map { map.next_entry::<String, IgnoredAny>()?; });
    reads!(Keys, map { while map.next_key::<String>()?.is_some() {} });
    reads!(None, map { let map = &mut map; let _hint = map.size_hint(); });
    reads!(LastKey, map { map.next_entry::<String, IgnoredAny>()?; map.next_key::<String>()?; });
    let schema = schema(
        r#"{ "name": "v", "type": "string", "mandatory": true }, { "name": "w", "type": "string", "mandatory": true }"#,
    );
    let early = "extension `E`: expected a type that reads all members, found one that stops before the end";
    let turn = "extension `E`, attribute `v`: expected keys and values in turn, found a type that reads them otherwise";
    for (told, expected) in [
        (told(schema.fits::<First>()), early),
        (told(schema.fits::<Keys>()), turn),
        (told(schema.fits::<None>()), early),
        (told(schema.fits::<LastKey>()), early),
    ] {
        assert_eq!(told.len(), 2, "it is unproven, too: {told:?}");
        assert_eq!(told[0].replace(", attribute `v`", ""), expected.replace(", attribute `v`", ""));
    }
}

#[test]
fn a_type_with_flatten_can_be_accepted() {
    #[derive(Deserialize)]
    struct Flat {
        #[serde(flatten)]
        one: One<String>,
    }
    let accepted = |schema: &ExtensionSchema| match schema.fits::<Flat>() {
        Ok(()) => true,
        Err(found) => found.iter().all(|mismatch| mismatch.kind() == MismatchKind::Unproven),
    };
    assert!(accepted(&schema_of(r#""type": "string""#)));
    assert!(!accepted(&schema_of(r#""type": "integer""#)));
}
