//! What a Rust type can't take is told, without a value; and types that make no sense do no harm.

#![allow(clippy::items_after_statements, reason = "a type stands where it is tried")]

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use service_end::event::{Mismatch, MismatchKind};
use service_end::service::End;
use service_end::{FixedFields, Timestamp};

use crate::typed::{many, one, value_as};

#[test]
fn a_mismatch_names_the_record_and_no_value() {
    #[derive(Deserialize, Debug)]
    #[expect(dead_code, reason = "only read")]
    struct Rating {
        int: u8,
        text: Option<Word>,
    }
    #[derive(Deserialize, Debug)]
    #[serde(try_from = "String")]
    struct Word;
    impl TryFrom<String> for Word {
        type Error = String;

        fn try_from(text: String) -> Result<Self, String> {
            if text.contains(' ') { Err(format!("`{text}` is more than a word")) } else { Ok(Word) }
        }
    }
    let list =
        many(r#"[ { "int": 1 }, { "int": 4711 }, {}, { "int": 4, "text": "secret words" }, { "int": 5 } ]"#);
    let found: Vec<_> = list.records_as::<Rating>().map(Result::err).collect();
    let told: Vec<_> = found.iter().map(|found| found.as_ref().map(ToString::to_string)).collect();
    assert_eq!(
        told.iter().map(Option::as_deref).collect::<Vec<_>>(),
        [
            None,
            Some(
                "extension `All`, record 1, attribute `int`: expected an integer from 0 to 255, found another integer"
            ),
            Some("extension `All`, record 2, attribute `int`: expected a value, found none"),
            Some(
                "extension `All`, record 3, attribute `text`: expected a value that the type takes, \
                 found one that it refuses"
            ),
            None,
        ]
    );
    assert_eq!(list.to::<Vec<Rating>>().unwrap_err(), *found[1].as_ref().unwrap());
    let refused = found[3].as_ref().unwrap();
    assert_eq!(refused.kind(), MismatchKind::Refused);
    assert_eq!(refused.foreign_message(), Some("`secret words` is more than a word"));
    let records: Vec<_> = found.iter().flatten().map(Mismatch::record).collect();
    assert_eq!(records, [Some(1), Some(2), Some(3)]);
    for mismatch in found.iter().flatten() {
        let printed = format!("{mismatch:?} {mismatch:#?} {mismatch}");
        assert!(!printed.contains("secret") && !printed.contains("4711"), "{printed}");
    }
}

#[test]
fn shapes_that_do_not_fit_are_told() {
    #[derive(Deserialize, Debug)]
    struct Any {}
    #[derive(Deserialize, Debug)]
    struct Pair(Any, Any);
    let (single, list) = (one("{}"), many("[{}, {}, {}]"));
    let shape = |mismatch: Mismatch, message: &str| {
        assert_eq!(mismatch.kind(), MismatchKind::Shape, "{mismatch}");
        assert_eq!(mismatch.to_string(), format!("extension `All`: {message}"));
    };
    shape(single.to::<Vec<Any>>().unwrap_err(), "expected a list, found one record");
    shape(list.to::<Any>().unwrap_err(), "expected one record, found a list of records");
    shape(list.to::<HashMap<String, i32>>().unwrap_err(), "expected one record, found a list of records");
    shape(list.to::<[Any; 2]>().unwrap_err(), "expected 2 records, found 3");
    shape(list.to::<[Any; 1]>().unwrap_err(), "expected 1 record, found 3");
    shape(list.to::<Pair>().unwrap_err(), "expected 2 records, found 3");
    shape(
        many("[{}]").to::<Pair>().unwrap_err(),
        "expected tuple struct Pair with 2 elements, found 1 record",
    );
    shape(single.to::<i32>().unwrap_err(), "expected an integer, found one record");
    shape(list.to::<String>().unwrap_err(), "expected a text, found a list of records");
    shape(single.to::<()>().unwrap_err(), "expected nothing, found one record");
    assert!(single.to::<Option<Any>>().unwrap().is_some());
    assert!(single.to::<IgnoredAny>().is_ok());
    assert_eq!(many("[]").to::<Vec<Any>>().unwrap().len(), 0);
    assert_eq!(list.to::<Vec<Any>>().unwrap().len(), 3);
}

#[test]
fn bytes_lists_maps_and_structs_are_in_no_attribute() {
    use MismatchKind::Type;
    for (attribute, json) in [("text", r#""ab""#), ("int", "7"), ("price", "7"), ("truth", "true")] {
        assert_eq!(value_as::<Vec<u8>>(attribute, json), Err(Type));
        assert_eq!(value_as::<(u8, u8)>(attribute, json), Err(Type));
        assert_eq!(value_as::<HashMap<String, u8>>(attribute, json), Err(Type));
        assert_eq!(value_as::<FixedBytes>(attribute, json), Err(Type));
        assert_eq!(value_as::<()>(attribute, json), Err(Type));
    }

    #[derive(Debug, PartialEq)]
    struct FixedBytes;
    impl<'de> Deserialize<'de> for FixedBytes {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            <&[u8]>::deserialize(deserializer).map(|_| FixedBytes)
        }
    }
}

#[test]
fn types_without_an_end_are_refused() {
    #[derive(Deserialize, Debug)]
    struct Endless(#[expect(dead_code, reason = "only read")] Box<Endless>);
    #[derive(Deserialize, Debug)]
    struct Maybe(#[expect(dead_code, reason = "only read")] Option<Box<Maybe>>);
    #[derive(Deserialize, Debug)]
    struct Node {
        #[expect(dead_code, reason = "only read")]
        int: Option<Box<Node>>,
    }
    assert_eq!(one("{}").to::<Endless>().unwrap_err().kind(), MismatchKind::Broken);
    assert_eq!(many("[{}]").to::<Endless>().unwrap_err().kind(), MismatchKind::Broken);
    assert_eq!(many("[{}]").to::<Vec<Maybe>>().unwrap_err().kind(), MismatchKind::Broken);
    assert!(
        matches!(one(r#"{ "int": 7 }"#).to::<HashMap<&str, Maybe>>(), Err(mismatch) if mismatch.kind() == MismatchKind::Broken)
    );
    assert!(one("{}").to::<Node>().is_ok());
    assert_eq!(one(r#"{ "int": 7 }"#).to::<Node>().unwrap_err().kind(), MismatchKind::Type);
}

#[test]
fn types_that_break_the_rules_of_serde_are_refused() {
    /// Reads in an order that makes no sense.
    macro_rules! liar {
        ($Liar:ident, $ask:ident, $visit:ident($Access:ident, $access:ident) $body:block) => {
            #[derive(Debug)]
            struct $Liar;
            impl<'de> Deserialize<'de> for $Liar {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    struct Lie;
                    impl<'de> Visitor<'de> for Lie {
                        type Value = $Liar;
                        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                            f.write_str("a lie")
                        }
                        fn $visit<A: $Access<'de>>(self, mut $access: A) -> Result<$Liar, A::Error> {
                            $body
                            Ok($Liar)
                        }
                    }
                    deserializer.$ask(Lie)
                }
            }
        };
    }
    liar!(ValueFirst, deserialize_map, visit_map(MapAccess, map) { map.next_value::<i32>()?; });
    liar!(KeysOnly, deserialize_map, visit_map(MapAccess, map) { while map.next_key::<String>()?.is_some() {} });
    liar!(Twice, deserialize_map, visit_map(MapAccess, map) {
        map.next_key::<String>()?; map.next_value::<i32>()?; map.next_value::<i32>()?;
    });
    liar!(Lazy, deserialize_map, visit_map(MapAccess, map) { let map = &mut map; let _hint = map.size_hint(); });
    liar!(LazyList, deserialize_seq, visit_seq(SeqAccess, list) { let list = &mut list; let _hint = list.size_hint(); });
    liar!(Eager, deserialize_seq, visit_seq(SeqAccess, list) {
        for _ in 0..100 { list.next_element::<IgnoredAny>()?; }
    });
    let (single, list) = (one(r#"{ "int": 7, "long": 8 }"#), many("[{}, {}]"));
    assert_eq!(single.to::<ValueFirst>().unwrap_err().kind(), MismatchKind::Broken);
    assert_eq!(single.to::<KeysOnly>().unwrap_err().kind(), MismatchKind::Broken);
    assert_eq!(single.to::<Twice>().unwrap_err().kind(), MismatchKind::Broken);
    assert_eq!(single.to::<Lazy>().unwrap_err().kind(), MismatchKind::Broken);
    let fields = FixedFields { resource_id: Some(7), application_id: Some(8), ..FixedFields::default() };
    let end = End::new(Timestamp::MIN, FixedFields::default());
    assert_eq!(fields.to::<ValueFirst>().unwrap_err().kind(), MismatchKind::Broken);
    assert_eq!(fields.to::<KeysOnly>().unwrap_err().kind(), MismatchKind::Broken);
    assert_eq!(fields.to::<Twice>().unwrap_err().kind(), MismatchKind::Broken);
    assert_eq!(fields.to::<Lazy>().unwrap_err().kind(), MismatchKind::Broken);
    assert_eq!(end.to::<KeysOnly>().unwrap_err().kind(), MismatchKind::Broken);
    assert_eq!(end.to::<Lazy>().unwrap_err().kind(), MismatchKind::Broken);
    assert!(FixedFields::default().to::<Lazy>().is_ok());
    assert_eq!(list.to::<LazyList>().unwrap_err().kind(), MismatchKind::Shape);
    assert!(list.to::<Eager>().is_ok());

    /// Never asks for anything.
    #[derive(Debug)]
    struct Deaf;
    impl<'de> Deserialize<'de> for Deaf {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            Ok(Deaf)
        }
    }
    assert!(single.to::<Deaf>().is_ok());
    assert_eq!(list.to::<Vec<Deaf>>().unwrap().len(), 2);
}

/// Fails to say anything.
struct Mute;

impl fmt::Display for Mute {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Err(fmt::Error)
    }
}

#[test]
fn a_type_that_fails_to_say_what_it_expects_or_refuses_does_no_harm() {
    #[derive(Debug)]
    struct Expects;
    impl<'de> Deserialize<'de> for Expects {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Any;
            impl Visitor<'_> for Any {
                type Value = Expects;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write!(f, "{Mute}")
                }
            }
            deserializer.deserialize_i64(Any)
        }
    }
    #[derive(Debug)]
    struct Refuses;
    impl<'de> Deserialize<'de> for Refuses {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            Err(D::Error::custom(Mute))
        }
    }
    for (name, value) in [("int", "7"), ("text", r#""x""#), ("time", r#""2009-05-12T12:05:12.145Z""#)] {
        let extension = one(&format!(r#"{{ "{name}": {value} }}"#));
        let mismatch = extension.to::<HashMap<&str, Option<Expects>>>().unwrap_err();
        assert_eq!(mismatch.expected(), "something that the type does not name", "{name}");
        let mismatch = extension.to::<HashMap<&str, Option<Refuses>>>().unwrap_err();
        assert_eq!((mismatch.kind(), mismatch.foreign_message()), (MismatchKind::Refused, Some("")));
        assert!(extension.schema().fits::<HashMap<&str, Option<Expects>>>().is_err());
        assert!(extension.schema().fits::<HashMap<&str, Option<Refuses>>>().is_err());
    }
}
