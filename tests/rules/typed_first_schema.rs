//! A first schema out of a Rust type.

#![allow(
    clippy::items_after_statements,
    dead_code,
    reason = "a type stands where it is tried, and is never made"
)]

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::{NonZeroI8, NonZeroU8, NonZeroU64};
use std::ops::Bound;

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use service_end::event::{Mismatch, MismatchKind};
use service_end::schema::{AttributeSchemaBuilder, ExtensionType};
use service_end::value::{Currency, Date, SessionId};
use service_end::{ExtensionSchema, Timestamp, Value};

#[derive(Deserialize)]
struct One<T> {
    v: T,
}

#[test]
fn a_first_schema_is_made_of_a_struct() {
    #[derive(Deserialize)]
    enum Mood {
        Good,
        Bad,
    }
    #[derive(Deserialize)]
    struct Score(u8);
    #[derive(Deserialize)]
    struct Survey<'e> {
        #[serde(rename = "Rating", alias = "rated", alias = "AAA")]
        rating: Option<Score>,
        text: &'e str,
        long: u32,
        #[serde(default)]
        double: f64,
        truth: bool,
        day: Date,
        time: Timestamp,
        price: Option<Currency>,
        session: SessionId,
        mood: Mood,
        seats: NonZeroU8,
    }
    let schema = ExtensionSchema::of::<Survey<'_>>("Survey", ExtensionType::SingleValued).unwrap();
    let schema = schema.refine("TEXT", |text| text.length(7)).build().unwrap();
    let told: Vec<_> = schema
        .attributes()
        .map(|attribute| (attribute.name(), attribute.attribute_type().as_str(), attribute.is_mandatory()))
        .collect();
    assert_eq!(
        told,
        [
            ("Rating", "integer", false),
            ("text", "string", true),
            ("long", "long", true),
            ("double", "double", false),
            ("truth", "boolean", true),
            ("day", "date", true),
            ("time", "datetime", true),
            ("price", "currency", false),
            ("session", "string", true),
            ("mood", "string", true),
            ("seats", "integer", true),
        ]
    );
    assert_eq!(schema.attribute("seats").unwrap().minimum(), Some(1.into()));
    assert_eq!(schema.attribute("text").unwrap().length(), Some(7));
    assert_eq!(schema.attribute("session").unwrap().length(), Some(32));
    assert_eq!(schema.attribute("long").unwrap().maximum(), Some(u32::MAX.into()));
    let moods: Vec<_> = schema.attribute("mood").unwrap().values().unwrap().collect();
    assert_eq!(moods, ["Good".into(), "Bad".into()]);
    assert!(schema.fits::<Survey<'_>>().is_ok());

    #[derive(Deserialize)]
    struct Wrong {
        list: Vec<u8>,
        fine: bool,
        map: HashMap<String, String>,
        any: serde_json::Value,
        bytes: &'static [u8],
        one: One<u8>,
        unit: (),
    }
    let mismatches = ExtensionSchema::of::<Wrong>("Wrong", ExtensionType::SingleValued).unwrap_err();
    let told: Vec<_> =
        mismatches.iter().map(|each| (each.attribute().unwrap(), each.kind(), each.expected())).collect();
    assert_eq!(
        told,
        [
            ("list", MismatchKind::Type, "a list"),
            ("map", MismatchKind::Type, "a map"),
            ("any", MismatchKind::Unproven, "a type that tells what it accepts"),
            ("bytes", MismatchKind::Type, "bytes"),
            ("one", MismatchKind::Type, "a struct"),
            ("unit", MismatchKind::Type, "no value"),
        ]
    );
    assert!(ExtensionSchema::of::<Vec<Score>>("Wrong", ExtensionType::SingleValued).is_err());
    let unknown = ExtensionSchema::of::<Survey<'_>>("Survey", ExtensionType::SingleValued).unwrap();
    assert!(unknown.refine("rated", AttributeSchemaBuilder::mandatory).build().is_err());
}

#[test]
fn in_a_first_schema_a_field_has_the_range_of_its_type() {
    #[derive(Deserialize)]
    struct All {
        a: i8,
        b: i16,
        c: i32,
        d: i64,
        e: i128,
        f: u8,
        g: u16,
        h: u32,
        i: u64,
        j: u128,
        k: f32,
        l: f64,
        m: char,
        n: String,
        o: bool,
        p: NonZeroU8,
        q: NonZeroU64,
        r: NonZeroI8,
    }
    let schema = ExtensionSchema::of::<All>("All", ExtensionType::SingleValued).unwrap().build().unwrap();
    let told: Vec<_> = schema
        .attributes()
        .map(|attribute| {
            let bound = |value: Option<Value<'_>>| value.map(|value| value.as_i64().unwrap());
            let (low, high) = (bound(attribute.minimum()), bound(attribute.maximum()));
            (attribute.attribute_type().as_str(), low, high, attribute.length())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("integer", Some(-128), Some(127), None),
            ("integer", Some(-32_768), Some(32_767), None),
            ("integer", None, None, None),
            ("long", None, None, None),
            ("long", None, None, None),
            ("integer", Some(0), Some(255), None),
            ("integer", Some(0), Some(65_535), None),
            ("long", Some(0), Some(4_294_967_295), None),
            ("long", Some(0), None, None),
            ("long", Some(0), None, None),
            ("double", None, None, None),
            ("double", None, None, None),
            ("string", None, None, Some(1)),
            ("string", None, None, None),
            ("boolean", None, None, None),
            ("integer", Some(1), Some(255), None),
            ("long", Some(1), None, None),
            ("integer", Some(-128), Some(127), None),
        ]
    );
}

/// The attributes of the first schema for a type, each with whether it is mandatory.
fn mandatory<T: Deserialize<'static>>() -> Vec<(String, bool)> {
    let schema = ExtensionSchema::of::<T>("E", ExtensionType::SingleValued).unwrap().build().unwrap();
    let attributes = schema.attributes();
    attributes.map(|attribute| (attribute.name().to_owned(), attribute.is_mandatory())).collect()
}

/// Why there is no first schema for a type.
fn refused<T: Deserialize<'static>>() -> Vec<String> {
    let Err(mismatches) = ExtensionSchema::of::<T>("E", ExtensionType::SingleValued) else {
        panic!("there is a first schema")
    };
    mismatches.iter().map(Mismatch::to_string).collect()
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
fn a_field_is_mandatory_whatever_the_other_fields_refuse() {
    fn five<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
        let number = i32::deserialize(deserializer)?;
        if number == 5 { Ok(number) } else { Err(D::Error::custom("not five")) }
    }
    macro_rules! visits {
        ($($address:ty $(, $with:literal)?;)*) => {$({
            #[derive(Deserialize)]
            struct Before {
                rating: u8,
                #[serde(default)]
                note: String,
                #[serde(alias = "former")]
                place: String,
                remark: Option<String>,
                $(#[serde(deserialize_with = $with)])?
                address: $address,
            }
            #[derive(Deserialize)]
            struct After {
                $(#[serde(deserialize_with = $with)])?
                address: $address,
                rating: u8,
                #[serde(default)]
                note: String,
                #[serde(alias = "former")]
                place: String,
                remark: Option<String>,
            }
            let expected = [("rating", true), ("note", false), ("place", true), ("remark", false), ("address", true)];
            let expected = expected.map(|(name, mandatory)| (name.to_owned(), mandatory));
            assert_eq!(mandatory::<Before>(), expected, stringify!($address));
            let mut after = mandatory::<After>();
            after.rotate_left(1);
            assert_eq!(after, expected, stringify!($address));
        })*};
    }
    visits! {
        IpAddr;
        std::net::Ipv6Addr;
        std::net::SocketAddr;
        NonZeroU8;
        i32, "five";
    }
}

#[test]
fn a_field_that_takes_nothing_that_is_made_up_is_mandatory_too_and_so_are_the_others() {
    #[derive(Deserialize)]
    struct Visit {
        rating: u8,
        #[serde(default)]
        note: String,
        code: Secret,
        place: String,
        remark: Option<String>,
        other: Secret,
        last: Option<Secret>,
        end: bool,
    }
    let expected = [
        ("rating", true),
        ("note", false),
        ("code", true),
        ("place", true),
        ("remark", false),
        ("other", true),
        ("last", false),
        ("end", true),
    ];
    assert_eq!(mandatory::<Visit>(), expected.map(|(name, mandatory)| (name.to_owned(), mandatory)));
}

#[test]
fn an_enum_whose_variants_carry_data_is_in_no_attribute() {
    #[derive(Deserialize)]
    enum Newtype {
        X(i32),
    }
    #[derive(Deserialize)]
    enum Mixed {
        Y,
        X(i32),
    }
    #[derive(Deserialize)]
    enum Tuple {
        X(i32, i32),
    }
    #[derive(Deserialize)]
    enum Struct {
        Y,
        X { a: i32 },
    }
    #[derive(Deserialize)]
    enum Tree {
        X(Box<Tree>, Box<Tree>),
        Y,
    }
    #[derive(Deserialize)]
    enum Other {
        Y,
        #[serde(skip)]
        X(i32),
        #[serde(other)]
        Z,
    }
    let told =
        ["field `v`: expected a variant that carries data, found no type of attribute that holds that"];
    assert_eq!(refused::<One<Newtype>>(), told);
    assert_eq!(refused::<One<Mixed>>(), told);
    assert_eq!(refused::<One<Option<Mixed>>>(), told);
    assert_eq!(refused::<One<Tuple>>(), told);
    assert_eq!(refused::<One<Struct>>(), told);
    assert_eq!(refused::<One<Tree>>(), told);
    assert_eq!(refused::<One<Result<i32, i32>>>(), told);
    assert_eq!(refused::<One<Bound<i32>>>(), told);
    assert_eq!(mandatory::<One<Other>>(), [("v".to_owned(), true)]);
    let schema =
        ExtensionSchema::of::<One<Other>>("E", ExtensionType::SingleValued).unwrap().build().unwrap();
    assert!(schema.fits::<One<Other>>().is_ok());
}

#[test]
fn why_there_is_no_first_schema_is_told() {
    #[derive(Deserialize)]
    struct Flat {
        s: String,
        #[serde(flatten)]
        one: One<u8>,
    }
    #[derive(Deserialize)]
    #[serde(tag = "t")]
    enum Tagged {
        X { a: i32 },
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        X { a: i32 },
    }
    #[derive(Deserialize)]
    struct Endless(Box<Endless>);
    #[derive(Deserialize)]
    struct Maybe(Option<Box<Maybe>>);
    let unproven = "expected a type that tells what it accepts, found one with a `Deserialize` written by hand, or with \
                    `deserialize_with`, `flatten`, `from`, `try_from`, `tag`, `transparent` or `untagged`";
    assert_eq!(refused::<Flat>(), [unproven]);
    assert_eq!(refused::<Tagged>(), [unproven]);
    assert_eq!(refused::<Untagged>(), [unproven]);
    assert_eq!(refused::<One<Untagged>>(), [format!("field `v`: {unproven}")]);
    let endless = "expected a type with an end, found one that contains itself";
    assert_eq!(refused::<Endless>(), [endless]);
    assert_eq!(refused::<One<Endless>>(), [format!("field `v`: {endless}")]);
    assert_eq!(refused::<One<Maybe>>(), [format!("field `v`: {endless}")]);
    let found = "found no type of attribute that holds that";
    assert_eq!(refused::<One<One<u8>>>(), [format!("field `v`: expected a struct, {found}")]);
    assert_eq!(refused::<One<Vec<u8>>>(), [format!("field `v`: expected a list, {found}")]);
    assert_eq!(refused::<One<&[u8]>>(), [format!("field `v`: expected bytes, {found}")]);
    assert_eq!(refused::<Vec<u8>>(), ["expected a list, found records of a schema"]);
}
