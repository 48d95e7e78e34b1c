//! What is found out of a Rust type at the second look: what keeps it from reading a record as a whole, and what only few
//! types tell.

#![allow(
    clippy::items_after_statements,
    dead_code,
    reason = "a type stands where it is tried, and is never made"
)]

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};
use service_end::event::{Mismatch, MismatchKind};
use service_end::schema::ExtensionType;
use service_end::value::{BoundedText, Currency};
use service_end::{ExtensionSchema, Value};

/// What is told of a type and a schema of these mandatory attributes, each its name and, behind a colon, its type with the
/// rest of the declaration.
fn told<T: DeserializeOwned>(attributes: &[&str]) -> Vec<String> {
    let attributes: Vec<_> = attributes
        .iter()
        .map(|attribute| {
            let (name, declaration) = attribute.split_once(':').unwrap();
            format!(r#"{{ "name": "{name}", "mandatory": true, "type": {declaration} }}"#)
        })
        .collect();
    let attributes = attributes.join(",");
    let schema = format!(r#"{{ "name": "E", "type": "single-valued", "attributes": [{attributes}] }}"#);
    let fits = ExtensionSchema::from_json(schema).unwrap().fits::<T>();
    let Err(mismatches) = fits else { return Vec::new() };
    let told = |mismatch: &Mismatch| {
        format!("{} {:?}", mismatch.attribute().unwrap_or("the record"), mismatch.kind())
    };
    mismatches.iter().map(told).collect()
}

/// Reads itself as an option, and refuses to be absent.
struct Needed;

impl<'de> Deserialize<'de> for Needed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Option::<String>::deserialize(deserializer)? {
            Some(_) => Ok(Needed),
            None => Err(D::Error::custom("it is needed")),
        }
    }
}

/// Takes one text only, which nobody guesses.
struct Secret;

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "AB-4711" { Ok(Secret) } else { Err(D::Error::custom("another")) }
    }
}

#[test]
fn what_stops_a_whole_record_is_told_unless_an_attribute_that_is_told_may_be_the_reason() {
    #[derive(Deserialize)]
    struct Whole {
        v: String,
        code: Needed,
    }
    #[derive(Deserialize)]
    struct Both {
        code: Needed,
        v: Secret,
    }
    #[derive(Deserialize)]
    struct Field {
        v: Secret,
    }
    #[derive(Deserialize)]
    struct Alias {
        #[serde(alias = "v")]
        code: Secret,
    }
    let text = [r#"v:"string""#];
    assert_eq!(told::<Whole>(&text), ["the record Refused"]);
    assert_eq!(told::<Both>(&text), ["v Refused", "the record Refused"]);
    assert_eq!(told::<Field>(&text), ["v Refused"]);
    assert_eq!(told::<Alias>(&text), ["v Refused"], "it may be what gives the field");
}

#[test]
fn fields_of_several_values_hide_no_other_that_the_schema_lacks() {
    #[derive(Deserialize)]
    struct Point(u8, u8);
    #[derive(Deserialize)]
    struct Place {
        pair: (u8, String),
        array: [bool; 3],
        point: Point,
        v: String,
        more: bool,
    }
    let lacking = ["pair", "array", "point", "more"].map(|field| format!("{field} UnknownField"));
    assert_eq!(told::<Place>(&[r#"v:"string""#]), lacking);
}

#[test]
fn what_is_no_text_fits_a_limit_that_none_of_its_values_exceeds() {
    #[derive(Deserialize)]
    struct One<T> {
        v: T,
    }
    for (attribute_type, longest) in [("date", 10), ("datetime", 24)] {
        let attribute = format!(r#"v:"{attribute_type}""#);
        assert_eq!(told::<One<BoundedText<10>>>(&[&attribute]).is_empty(), longest <= 10, "{attribute_type}");
        assert_eq!(told::<One<BoundedText<23>>>(&[&attribute]).is_empty(), longest <= 23, "{attribute_type}");
        assert_eq!(told::<One<BoundedText<24>>>(&[&attribute]), [""; 0], "{attribute_type}");
    }
}

#[test]
fn around_zero_the_smallest_numbers_are_tried() {
    #[derive(Deserialize)]
    struct One<T> {
        v: T,
    }
    /// Takes none of the smallest numbers above zero, which have fewer digits than others.
    #[derive(Deserialize)]
    #[serde(try_from = "f64")]
    struct Normal;
    impl TryFrom<f64> for Normal {
        type Error = &'static str;

        fn try_from(number: f64) -> Result<Self, &'static str> {
            if (f64::from_bits(1)..f64::MIN_POSITIVE).contains(&number) { Err("small") } else { Ok(Normal) }
        }
    }
    for low in ["-0.0", "0", "-5e-324"] {
        let range = format!(r#"v:"double", "minimum": {low}, "maximum": 1"#);
        assert_eq!(told::<One<f32>>(&[&range]), ["v Value"], "{low}");
        assert_eq!(told::<One<Currency>>(&[&range]), ["v Refused"], "{low}");
        assert_eq!(told::<One<Normal>>(&[&range]), ["v Refused"], "{low}");
        assert_eq!(told::<One<f64>>(&[&range]), [""; 0], "{low}");
    }
}

#[test]
fn a_newtype_whose_one_field_is_skipped_in_lists_reads_that_field_all_the_same() {
    #[derive(Default, Deserialize)]
    struct Number {
        v: i32,
    }
    #[derive(Deserialize)]
    struct SkippedNumber(#[serde(skip)] i32);
    #[derive(Deserialize)]
    struct Value {
        v: SkippedNumber,
    }
    #[derive(Deserialize)]
    struct SkippedRecord(#[serde(skip)] Number);
    assert_eq!(told::<Value>(&[r#"v:"integer""#]), ["v Unproven"]);
    assert_eq!(told::<Value>(&[r#"v:"string""#]), ["v Type"]);
    assert_eq!(told::<SkippedRecord>(&[r#"v:"integer""#]), ["the record Unproven"]);
    assert_eq!(told::<SkippedRecord>(&[r#"v:"string""#]), ["v Type", "the record Unproven"]);
}

#[test]
fn a_variant_that_a_rule_of_the_type_refuses_is_a_value_of_the_first_schema_all_the_same() {
    #[derive(Deserialize)]
    enum Mood {
        Good,
        Bad,
    }
    #[derive(Deserialize)]
    #[serde(try_from = "Mood")]
    struct Better;
    impl TryFrom<Mood> for Better {
        type Error = &'static str;

        fn try_from(mood: Mood) -> Result<Self, &'static str> {
            if matches!(mood, Mood::Good) { Ok(Better) } else { Err("bad") }
        }
    }
    #[derive(Deserialize)]
    struct Visit {
        mood: Better,
    }
    let schema = ExtensionSchema::of::<Visit>("E", ExtensionType::SingleValued).unwrap().build().unwrap();
    let mood = schema.attribute("mood").unwrap();
    assert!(mood.values().unwrap().eq(["Good", "Bad"].map(Value::from)));
    // What the type refuses is told once it is asked.
    let kinds: Vec<_> = schema.fits::<Visit>().unwrap_err().iter().map(Mismatch::kind).collect();
    assert_eq!(kinds, [MismatchKind::Refused]);
}
