//! What chrono and `rust_decimal` have for dates, times and amounts.

#![allow(clippy::items_after_statements, reason = "a type stands where it is tried")]

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, Month, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use service_end::event::MismatchKind;
use service_end::schema::ExtensionType;
use service_end::{Extension, ExtensionSchema, Schemas, Validator};

fn schema() -> ExtensionSchema {
    ExtensionSchema::from_json(
        r#"{ "name": "All", "type": "single-valued", "attributes": [ { "name": "time", "type": "datetime" },
             { "name": "other", "type": "datetime" }, { "name": "day", "type": "date" },
             { "name": "price", "type": "currency" }, { "name": "long", "type": "long" } ] }"#,
    )
    .unwrap()
}

fn extension(json: &str) -> Extension {
    let validator = Validator::new(Schemas::new().with(schema()).unwrap());
    validator.read(format!(r#"{{ "All": {json} }}"#).as_bytes()).unwrap().extensions()[0].clone()
}

fn value_as<T: DeserializeOwned>(attribute: &str, json: &str) -> Result<T, MismatchKind> {
    let extension = extension(&format!(r#"{{ "{attribute}": {json} }}"#));
    let mut read: HashMap<String, T> = extension.to().map_err(|mismatch| mismatch.kind())?;
    Ok(read.remove(attribute).unwrap())
}

#[test]
fn what_chrono_has_is_read() {
    let text = r#""2009-05-12T12:05:12.145Z""#;
    let moment: DateTime<Utc> = "2009-05-12T12:05:12.145Z".parse().unwrap();
    assert_eq!(value_as::<DateTime<Utc>>("time", text), Ok(moment));
    assert_eq!(value_as::<DateTime<FixedOffset>>("time", text), Ok(moment.fixed_offset()));
    assert_eq!(value_as::<NaiveDate>("day", r#""2009-05-12""#), Ok(moment.date_naive()));

    macro_rules! modules {
        ($($name:ident $path:literal $optional:literal;)*) => {$(
            #[derive(Deserialize)]
            struct $name {
                #[serde(with = $path)]
                time: DateTime<Utc>,
                #[serde(default, with = $optional)]
                other: Option<DateTime<Utc>>,
            }
        )*};
    }
    modules! {
        Seconds "chrono::serde::ts_seconds" "chrono::serde::ts_seconds_option";
        Millis "chrono::serde::ts_milliseconds" "chrono::serde::ts_milliseconds_option";
        Micros "chrono::serde::ts_microseconds" "chrono::serde::ts_microseconds_option";
        Nanos "chrono::serde::ts_nanoseconds" "chrono::serde::ts_nanoseconds_option";
    }
    let both = extension(&format!(r#"{{ "time": {text}, "other": {text} }}"#));
    let alone = extension(&format!(r#"{{ "time": {text} }}"#));
    macro_rules! read {
        ($($name:ident)*) => {$(
            let read: $name = both.to().unwrap();
            assert_eq!((read.time, read.other), (moment, Some(moment)));
            let read: $name = alone.to().unwrap();
            assert_eq!((read.time, read.other), (moment, None));
        )*};
    }
    read! { Millis Micros Nanos }
    assert_eq!(both.to::<Seconds>().map(|read| read.time).unwrap_err().kind(), MismatchKind::Value);
    let whole = extension(r#"{ "time": "2009-05-12T12:05:12Z" }"#).to::<Seconds>().unwrap();
    assert_eq!((whole.time.timestamp(), whole.other), (moment.timestamp(), None));
    let far = extension(r#"{ "time": "9999-05-12T12:05:12Z" }"#);
    assert_eq!(far.to::<Nanos>().map(|read| read.time).unwrap_err().kind(), MismatchKind::Value);
}

#[test]
fn what_rust_decimal_has_is_read() {
    macro_rules! modules {
        ($($name:ident $path:literal $price:literal $expected:literal;)*) => {$(
            #[derive(Deserialize, Serialize)]
            struct $name {
                #[serde(with = $path)]
                price: Decimal,
            }
            let priced = extension(concat!(r#"{ "price": "#, $price, " }"));
            let read: $name = priced.to().unwrap();
            assert_eq!(read.price, $expected.parse().unwrap());
            assert_eq!(Extension::from_records(&schema(), &read), Ok(priced));
        )*};
    }
    modules! {
        Text "rust_decimal::serde::str" "\"-922337203685477.5808\"" "-922337203685477.5808";
        Float "rust_decimal::serde::float" "12.3456" "12.3456";
    }
    assert_eq!(value_as::<Decimal>("price", "12.3456"), Ok("12.3456".parse().unwrap()));
    assert_eq!(value_as::<Option<Decimal>>("price", "12"), Ok(Some("12".parse().unwrap())));
    assert_eq!(
        value_as::<Decimal>("price", r#""922337203685477.5807""#),
        Ok("922337203685477.5807".parse().unwrap())
    );
}

#[test]
fn times_as_numbers_are_written_to_a_long() {
    #[derive(Deserialize, Serialize, Debug, PartialEq)]
    struct Times {
        #[serde(with = "chrono::serde::ts_milliseconds")]
        long: DateTime<Utc>,
    }
    let times = Times { long: "2009-05-12T12:05:12.145Z".parse().unwrap() };
    let written = Extension::from_records(&schema(), &times).unwrap();
    assert_eq!(written.to_json(), r#"{"long":1242129912145}"#);
    assert_eq!(written.to(), Ok(times));
}

#[test]
fn their_modules_are_known_to_fit() {
    macro_rules! fits {
        ($($attribute:literal $field:ident: $type:ty, $path:literal is $fits:literal;)*) => {$({
            #[derive(Deserialize)]
            #[expect(dead_code, reason = "only what it reads counts")]
            struct One {
                #[serde(with = $path)]
                $field: $type,
            }
            let schema = ExtensionSchema::from_json(concat!(
                r#"{ "name": "All", "type": "single-valued", "attributes": [ { "mandatory": true, "#, $attribute, "} ] }"
            )).unwrap();
            let fits = schema.fits::<One>();
            assert_eq!(fits.is_ok(), $fits, "{} {fits:?}", $path);
            let certain = |kind| kind != MismatchKind::Unproven;
            assert!(fits.err().iter().flat_map(|found| found.iter()).all(|mismatch| certain(mismatch.kind())), $path);
        })*};
    }
    fits! {
        r#""name": "time", "type": "datetime""# time: DateTime<Utc>, "chrono::serde::ts_milliseconds" is true;
        r#""name": "time", "type": "datetime""# time: DateTime<Utc>, "chrono::serde::ts_microseconds" is true;
        r#""name": "time", "type": "datetime""# time: DateTime<Utc>, "chrono::serde::ts_seconds" is false;
        r#""name": "time", "type": "datetime""# time: DateTime<Utc>, "chrono::serde::ts_nanoseconds" is false;
        r#""name": "time", "type": "datetime""# time: Option<DateTime<Utc>>, "chrono::serde::ts_milliseconds_option" is true;
        r#""name": "price", "type": "currency""# price: Decimal, "rust_decimal::serde::str" is true;
        r#""name": "price", "type": "currency""# price: Decimal, "rust_decimal::serde::float" is true;
        r#""name": "price", "type": "currency""# price: Option<Decimal>, "rust_decimal::serde::str_option" is true;
    }
}

#[test]
fn a_first_schema_is_made_of_their_types_whatever_they_refuse() {
    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only what it reads counts")]
    struct Visit {
        rating: u8,
        at: NaiveTime,
        local: NaiveDateTime,
        day: Weekday,
        month: Month,
        address: std::net::IpAddr,
        price: Decimal,
        time: DateTime<Utc>,
        #[serde(with = "chrono::serde::ts_milliseconds_option")]
        sent: Option<DateTime<Utc>>,
        #[serde(default)]
        note: String,
        end: bool,
    }
    let schema = ExtensionSchema::of::<Visit>("Visit", ExtensionType::SingleValued).unwrap().build().unwrap();
    let told: Vec<_> = schema
        .attributes()
        .map(|attribute| (attribute.name(), attribute.attribute_type().as_str(), attribute.is_mandatory()))
        .collect();
    assert_eq!(
        told,
        [
            ("rating", "integer", true),
            ("at", "string", true),
            ("local", "string", true),
            ("day", "string", true),
            ("month", "string", true),
            ("address", "string", true),
            ("price", "currency", true),
            ("time", "datetime", true),
            ("sent", "long", true),
            ("note", "string", false),
            ("end", "boolean", true),
        ]
    );
}
