//! Records as Rust types: read into what a developer declares, and made from it.

#![allow(clippy::items_after_statements, reason = "a type stands where it is tried")]

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use service_end::event::MismatchKind;
use service_end::value::{Currency, Date, SessionId};
use service_end::{Extension, ExtensionSchema, Schemas, Timestamp, Validator};

use crate::support::valid;

/// A schema with one attribute of each type, named after its type in short.
pub(crate) fn all_types(extension_type: &str) -> ExtensionSchema {
    ExtensionSchema::from_json(format!(
        r#"{{ "name": "All", "type": "{extension_type}", "attributes": [
            {{ "name": "text", "type": "string" }}, {{ "name": "int", "type": "integer" }},
            {{ "name": "long", "type": "long" }}, {{ "name": "double", "type": "double" }},
            {{ "name": "truth", "type": "boolean" }}, {{ "name": "day", "type": "date" }},
            {{ "name": "time", "type": "datetime" }}, {{ "name": "price", "type": "currency" }} ] }}"#
    ))
    .unwrap()
}

/// A single-valued extension `All` of these attributes.
pub(crate) fn one(record: &str) -> Extension {
    extension(&all_types("single-valued"), record)
}

pub(crate) fn many(records: &str) -> Extension {
    extension(&all_types("multi-valued"), records)
}

pub(crate) fn extension(schema: &ExtensionSchema, json: &str) -> Extension {
    let validator = Validator::new(Schemas::new().with(schema.clone()).unwrap());
    valid(&validator, &format!(r#"{{ "{}": {json} }}"#, schema.name())).extensions()[0].clone()
}

/// What a value of an attribute is as a type, or the kind of mismatch.
pub(crate) fn value_as<T: DeserializeOwned>(attribute: &str, json: &str) -> Result<T, MismatchKind> {
    let extension = one(&format!(r#"{{ "{attribute}": {json} }}"#));
    let mut read: HashMap<String, T> = extension.to().map_err(|mismatch| {
        assert_eq!((mismatch.extension(), mismatch.record()), (Some("All"), None), "{mismatch}");
        assert_eq!(mismatch.attribute(), Some(attribute), "{mismatch}");
        mismatch.kind()
    })?;
    Ok(read.remove(attribute).unwrap())
}

#[test]
fn a_record_is_read_into_a_struct_of_all_types() {
    #[derive(Deserialize, Debug, PartialEq)]
    struct All<'e> {
        text: &'e str,
        int: i32,
        long: i64,
        double: f64,
        truth: bool,
        day: Date,
        time: Timestamp,
        price: Currency,
    }
    let json = r#"{ "text": "a\"b", "int": -7, "long": 9007199254740993, "double": 0.1, "truth": true,
        "day": "2009-05-12", "time": "2009-05-12T12:05:12.145Z", "price": "12.3456" }"#;
    let expected = All {
        text: "a\"b",
        int: -7,
        long: 9_007_199_254_740_993,
        double: 0.1,
        truth: true,
        day: Date::from_ymd(2009, 5, 12).unwrap(),
        time: "2009-05-12T12:05:12.145Z".parse().unwrap(),
        price: "12.3456".parse().unwrap(),
    };
    assert_eq!(one(json).to::<All<'_>>().as_ref(), Ok(&expected));
    assert_eq!(one(json).record().unwrap().to::<All<'_>>().as_ref(), Ok(&expected));
    let list = many(&format!("[{json}, {json}]"));
    assert_eq!(list.to::<Vec<All<'_>>>().unwrap(), [&expected, &expected].map(copy));
    assert_eq!(list.to::<[All<'_>; 2]>().unwrap(), [&expected, &expected].map(copy));
    assert_eq!(list.records_as::<All<'_>>().len(), 2);
    assert!(list.records_as::<All<'_>>().all(|read| read.as_ref() == Ok(&expected)));

    fn copy<'e>(all: &All<'e>) -> All<'e> {
        All { ..*all }
    }
}

#[test]
fn text_is_borrowed_where_the_type_borrows() {
    #[derive(Deserialize)]
    struct Texts<'e> {
        text: &'e str,
    }
    #[derive(Deserialize)]
    struct Cows<'e> {
        #[serde(borrow)]
        text: Cow<'e, str>,
    }
    let extension = one(r#"{ "text": "line\nbreak" }"#);
    let text = extension.record().unwrap().get("text").unwrap().as_str().unwrap();
    assert!(std::ptr::eq(extension.to::<Texts<'_>>().unwrap().text, text));
    let Cow::Borrowed(borrowed) = extension.to::<Cows<'_>>().unwrap().text else { panic!("it is owned") };
    assert!(std::ptr::eq(borrowed, text));
}

#[test]
fn integers_are_read_in_any_width_that_holds_them() {
    use MismatchKind::{Type, Value};
    for attribute in ["int", "long"] {
        assert_eq!(value_as::<u8>(attribute, "255"), Ok(255));
        assert_eq!(value_as::<u8>(attribute, "256"), Err(Value));
        assert_eq!(value_as::<u8>(attribute, "-1"), Err(Value));
        assert_eq!(value_as::<i8>(attribute, "-128"), Ok(-128));
        assert_eq!(value_as::<i8>(attribute, "128"), Err(Value));
        assert_eq!(value_as::<u16>(attribute, "65536"), Err(Value));
        assert_eq!(value_as::<u64>(attribute, "7"), Ok(7));
        assert_eq!(value_as::<u64>(attribute, "-7"), Err(Value));
        assert_eq!(value_as::<u128>(attribute, "7"), Ok(7));
        assert_eq!(value_as::<i128>(attribute, "-7"), Ok(-7));
        assert_eq!(value_as::<std::num::NonZeroU8>(attribute, "0"), Err(Value));
        assert_eq!(value_as::<f64>(attribute, "7"), Ok(7.0));
        assert_eq!(value_as::<f32>(attribute, "16777215"), Ok(16_777_215.0));
        assert_eq!(value_as::<f32>(attribute, "16777217"), Err(Value));
        assert_eq!(value_as::<String>(attribute, "7"), Err(Type));
        assert_eq!(value_as::<bool>(attribute, "1"), Err(Type));
        assert_eq!(value_as::<Currency>(attribute, "7"), Ok(Currency::from_whole(7).unwrap()));
    }
    assert_eq!(value_as::<i64>("long", "-9223372036854775808"), Ok(i64::MIN));
    assert_eq!(value_as::<f64>("long", "-9223372036854775808"), Err(Value));
    assert_eq!(value_as::<f64>("long", "9007199254740991"), Ok(9_007_199_254_740_991.0));
    assert_eq!(value_as::<f64>("long", "9007199254740992"), Err(Value));
}

#[test]
fn other_types_are_what_they_are_declared_to_be() {
    use MismatchKind::{Type, Value};
    assert_eq!(value_as::<f64>("double", "7"), Ok(7.0));
    assert_eq!(value_as::<i64>("double", "7"), Err(Type), "never by the value at hand");
    // What a float of 32 bits records is read back.
    assert_eq!(value_as::<f32>("double", "0.1"), Ok(0.1));
    assert_eq!(value_as::<f32>("double", "0.123456789"), Err(Value));
    assert_eq!(value_as::<f32>("double", "1e300"), Err(Value));
    assert_eq!(value_as::<bool>("truth", "true"), Ok(true));
    assert_eq!(value_as::<char>("text", r#""ü""#), Ok('ü'));
    assert_eq!(value_as::<char>("text", r#""""#), Err(Value));
    assert_eq!(value_as::<String>("day", r#""2009-05-12""#), Ok("2009-05-12".into()));
    assert_eq!(
        value_as::<String>("time", r#""2009-05-12T12:05:12Z""#),
        Ok("2009-05-12T12:05:12.000Z".into())
    );
    assert_eq!(value_as::<i64>("time", r#""2009-05-12T12:05:12Z""#), Err(Type), "it has no unit");
    assert_eq!(value_as::<String>("price", "12.50"), Ok("12.5".into()));
    assert_eq!(value_as::<f64>("price", r#""-99999999999.9999""#), Ok(-99_999_999_999.999_9));
    assert_eq!(value_as::<f64>("price", "100000000000"), Err(Value));
    assert_eq!(value_as::<i64>("price", "7"), Err(Type), "never by the value at hand");
    assert_eq!(value_as::<f32>("price", "7"), Err(Type));
    assert_eq!(value_as::<SessionId>("text", r#""7f3a""#).unwrap().as_str(), "7f3a");
    let json = value_as::<serde_json::Value>("price", "7").unwrap();
    assert_eq!(json, "7");
}

#[test]
fn enums_newtypes_options_and_attributes_of_serde_work() {
    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "kebab-case")]
    enum Mood {
        VeryGood,
        #[serde(alias = "awful")]
        Bad,
    }
    #[derive(Deserialize, Debug, PartialEq)]
    struct Score(u8);
    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Survey {
        #[serde(rename = "text")]
        mood: Mood,
        int: Option<Score>,
        #[serde(default = "seven")]
        long: i64,
        #[serde(default)]
        truth: bool,
        double: Option<f64>,
    }
    fn seven() -> i64 {
        7
    }
    let survey = |record: &str| one(record).to::<Survey>();
    let read = survey(r#"{ "text": "very-good", "int": 3 }"#).unwrap();
    assert_eq!(
        read,
        Survey { mood: Mood::VeryGood, int: Some(Score(3)), long: 7, truth: false, double: None }
    );
    assert_eq!(survey(r#"{ "text": "awful", "truth": true }"#).unwrap().mood, Mood::Bad);

    for (record, kind, attribute, message) in [
        (
            r#"{ "text": "great" }"#,
            MismatchKind::Value,
            "text",
            "expected one of `very-good`, `awful`, `bad`, found another text",
        ),
        (r#"{ "int": 3 }"#, MismatchKind::MissingValue, "text", "expected a value, found none"),
        (
            r#"{ "text": "bad", "int": 256 }"#,
            MismatchKind::Value,
            "int",
            "expected an integer from 0 to 255, found another integer",
        ),
        (
            r#"{ "text": "bad", "price": 1 }"#,
            MismatchKind::UnknownAttribute,
            "price",
            "expected one of `text`, `int`, `long`, `truth`, `double`, found another attribute",
        ),
    ] {
        let mismatch = survey(record).unwrap_err();
        assert_eq!((mismatch.kind(), mismatch.attribute()), (kind, Some(attribute)), "{record}");
        assert_eq!(mismatch.to_string(), format!("extension `All`, attribute `{attribute}`: {message}"));
    }
}

#[test]
fn an_absent_attribute_is_an_absent_field_and_a_default_is_a_value() {
    #[derive(Deserialize, Debug, PartialEq)]
    struct Note {
        #[serde(default = "missing")]
        text: String,
    }
    fn missing() -> String {
        "missing".into()
    }
    let schema = ExtensionSchema::from_json(
        r#"{ "name": "Note", "type": "single-valued",
             "attributes": [ { "name": "text", "type": "string", "default": "unknown" } ] }"#,
    )
    .unwrap();
    for (record, text) in
        [("{}", "unknown"), (r#"{ "text": "hi" }"#, "hi"), (r#"{ "text": null }"#, "missing")]
    {
        assert_eq!(extension(&schema, record).to(), Ok(Note { text: text.into() }), "{record}");
    }
}

#[test]
fn names_come_in_the_schemas_spelling_or_in_the_case_that_a_struct_asks_for() {
    #[derive(Deserialize, Debug, PartialEq)]
    struct Lower {
        feedbacktype: String,
        rating: i32,
    }
    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "UPPERCASE", deny_unknown_fields)]
    struct Upper {
        rating: i32,
        feedbacktype: String,
    }
    #[derive(Deserialize)]
    struct Flat {
        #[serde(flatten)]
        rest: BTreeMap<String, serde_json::Value>,
    }
    let schema = ExtensionSchema::from_json(
        r#"{ "name": "Feedback", "type": "multi-valued", "attributes": [
             { "name": "FeedbackType", "type": "string" }, { "name": "Rating", "type": "integer" } ] }"#,
    )
    .unwrap();
    let feedback = extension(&schema, r#"[ { "RATING": 7, "feedbacktype": "survey" } ]"#);
    assert_eq!(feedback.to(), Ok([Lower { feedbacktype: "survey".into(), rating: 7 }]));
    assert_eq!(feedback.to(), Ok([Upper { feedbacktype: "survey".into(), rating: 7 }]));
    let flat: Vec<Flat> = feedback.to().unwrap();
    assert_eq!(flat[0].rest.keys().collect::<Vec<_>>(), ["FeedbackType", "Rating"]);
    let maps: Vec<HashMap<&str, serde_json::Value>> = feedback.to().unwrap();
    assert!(maps[0].contains_key("FeedbackType"));
    // One that is the same to the letter goes before.
    #[derive(Deserialize)]
    struct Both {
        rating: Option<i32>,
        #[serde(rename = "Rating")]
        other: Option<i32>,
    }
    let both: Vec<Both> = feedback.to().unwrap();
    assert_eq!((both[0].rating, both[0].other), (None, Some(7)));
}

#[test]
fn buffered_types_take_what_they_can() {
    #[derive(Deserialize, Debug, PartialEq)]
    struct Rest<'e> {
        #[serde(borrow)]
        text: &'e str,
        int: u8,
        day: Date,
        time: Timestamp,
        price: Currency,
    }
    #[derive(Deserialize, Debug, PartialEq)]
    struct Flat<'e> {
        long: i64,
        #[serde(flatten, borrow)]
        rest: Rest<'e>,
    }
    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(untagged)]
    enum Untagged<'e> {
        Never {
            nothing: i32,
        },
        #[serde(borrow)]
        Rest(Rest<'e>),
    }
    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(tag = "text")]
    enum Tagged {
        #[serde(rename = "a")]
        A { int: u8, price: Currency },
    }
    let extension = one(
        r#"{ "text": "a", "int": 7, "long": 8, "day": "2009-05-12", "time": "2009-05-12T12:05:12Z", "price": 1 }"#,
    );
    let rest = || Rest {
        text: "a",
        int: 7,
        day: "2009-05-12".parse().unwrap(),
        time: "2009-05-12T12:05:12Z".parse().unwrap(),
        price: "1".parse().unwrap(),
    };
    assert_eq!(extension.to(), Ok(Flat { long: 8, rest: rest() }));
    assert_eq!(extension.to(), Ok(Untagged::Rest(rest())));
    assert_eq!(extension.to(), Ok(Tagged::A { int: 7, price: "1".parse().unwrap() }));
    let mismatch = one("{}").to::<Untagged<'_>>().unwrap_err();
    assert_eq!(mismatch.kind(), MismatchKind::Refused);
}

#[test]
fn an_amount_and_a_day_come_as_they_are() {
    for amount in [
        "0",
        "1",
        "-1",
        "0.5",
        "-0.5",
        "0.0001",
        "-0.0001",
        "1.5",
        "10000",
        "12345.6789",
        "99999999999.9999",
        "-100000000000.0001",
        "922337203685477.5807",
        "-922337203685477.5808",
    ] {
        let read = value_as::<Currency>("price", &format!("\"{amount}\""));
        assert_eq!(read, Ok(amount.parse().unwrap()), "{amount}");
        assert_eq!(format!("{:?}", read.unwrap()), amount);
    }
    let read = value_as::<Date>("day", "\"2009-05-12\"");
    assert_eq!(format!("{:?}", read.unwrap()), "2009-05-12");
}
