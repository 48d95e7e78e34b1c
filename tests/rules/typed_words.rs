//! What a mismatch says, in words that know no Rust; and what a type's own code may ask of a value.

#![allow(clippy::items_after_statements, reason = "a type stands where it is tried")]

use std::cell::Cell;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, SeqAccess, Unexpected, Visitor};
use service_end::event::{Mismatch, MismatchKind};
use service_end::service::End;
use service_end::value::SessionId;
use service_end::{FixedFields, Timestamp};

use crate::typed::{many, one, value_as};

/// What the code of a type finds, through the methods that `serde` has for it.
#[derive(Clone, Copy)]
enum Says {
    Type(Unexpected<'static>, &'static str),
    Value(Unexpected<'static>, &'static str),
    Variant(&'static [&'static str]),
}

use Says::{Type, Value, Variant};

const LETTERS: &[&str] = &[
    "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u",
    "v",
];

/// The mismatch of a record with a type whose code says this.
fn told(says: Says) -> Mismatch {
    thread_local! {
        static SAYS: Cell<Says> = const { Cell::new(Variant(&[])) };
    }
    #[derive(Debug)]
    struct Odd;
    impl<'de> Deserialize<'de> for Odd {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            IgnoredAny::deserialize(deserializer)?;
            Err(match SAYS.get() {
                Type(found, expected) => D::Error::invalid_type(found, &expected),
                Value(found, expected) => D::Error::invalid_value(found, &expected),
                Variant(expected) => D::Error::unknown_variant("z", expected),
            })
        }
    }
    SAYS.set(says);
    one("{}").to::<Odd>().unwrap_err()
}

#[test]
fn what_a_type_finds_is_told_in_words() {
    for (says, expected, found) in [
        (Type(Unexpected::Bool(true), "i8"), "an integer from -128 to 127", "a boolean"),
        (Type(Unexpected::Unsigned(7), "i16"), "an integer from -32768 to 32767", "an integer"),
        (Type(Unexpected::Signed(7), "i32"), "an integer from -2147483648 to 2147483647", "an integer"),
        (
            Type(Unexpected::Float(0.5), "i64"),
            "an integer from -9223372036854775808 to 9223372036854775807",
            "a number",
        ),
        (
            Type(Unexpected::Char('x'), "i128"),
            "an integer from -9223372036854775808 to 9223372036854775807",
            "a text",
        ),
        (Type(Unexpected::Str("x"), "u8"), "an integer from 0 to 255", "a text"),
        (Type(Unexpected::Bytes(b"x"), "u16"), "an integer from 0 to 65535", "bytes"),
        (Type(Unexpected::Unit, "u32"), "an integer from 0 to 4294967295", "no value"),
        (Type(Unexpected::Option, "u64"), "an integer from 0 to 9223372036854775807", "no value"),
        (Type(Unexpected::Seq, "u128"), "an integer from 0 to 9223372036854775807", "a list"),
        (Type(Unexpected::Map, "f32"), "a number", "a record"),
        (Type(Unexpected::Enum, "f64"), "a number", "something else"),
        (Type(Unexpected::Other("secret"), "a colour"), "a colour", "something else"),
        (Value(Unexpected::Unsigned(7), "i8"), "an integer from -128 to 127", "another integer"),
        (Value(Unexpected::Signed(7), "a colour"), "a colour", "another integer"),
        (Value(Unexpected::Float(0.5), "a colour"), "a colour", "another number"),
        (Value(Unexpected::Char('x'), "a colour"), "a colour", "another text"),
        (Value(Unexpected::Str("secret"), "a colour"), "a colour", "another text"),
        (Value(Unexpected::Bool(true), "a colour"), "a colour", "another value"),
        (Variant(&[]), "nothing", "another text"),
        (Variant(&["a"]), "one of `a`", "another text"),
    ] {
        let mismatch = told(says);
        assert_eq!((mismatch.expected(), mismatch.found()), (expected, found));
        let kind = if matches!(says, Type(..)) { MismatchKind::Type } else { MismatchKind::Value };
        assert_eq!(mismatch.kind(), kind, "{mismatch}");
        assert_eq!(mismatch.to_string(), format!("extension `All`: expected {expected}, found {found}"));
        assert_eq!(format!("{mismatch:?}"), format!("Mismatch({kind:?}, {mismatch})"));
    }
    // At most twenty names are listed.
    for (names, more) in [(20, ""), (21, " and 1 more"), (22, " and 2 more")] {
        let listed: Vec<_> = LETTERS[..20].iter().map(|name| format!("`{name}`")).collect();
        assert_eq!(
            told(Variant(&LETTERS[..names])).expected(),
            format!("one of {}{more}", listed.join(", "))
        );
    }
}

#[test]
fn a_fixed_field_of_another_type_is_told_by_what_it_is() {
    #[derive(Deserialize, Debug)]
    #[serde(rename_all = "snake_case")]
    enum Wrong {
        #[expect(dead_code, reason = "only its type matters")]
        Timestamp(bool),
    }
    assert_eq!(FixedFields::default().to::<Wrong>().unwrap_err().kind(), MismatchKind::Shape);
    let fields =
        FixedFields { session_id: SessionId::new("s").ok(), resource_id: Some(1), ..FixedFields::default() };
    let end = End::new(Timestamp::MIN, fields);
    macro_rules! told {
        ($field:ident) => {{
            #[derive(Deserialize, Debug)]
            struct Wrong {
                #[expect(dead_code, reason = "only its type matters")]
                $field: bool,
            }
            end.to::<Wrong>().unwrap_err().to_string()
        }};
    }
    assert_eq!(told!(timestamp), "field `timestamp`: expected a boolean, found a timestamp");
    assert_eq!(told!(session_id), "field `session_id`: expected a boolean, found a text");
    assert_eq!(told!(resource_id), "field `resource_id`: expected a boolean, found an integer");
}

#[test]
fn options_and_newtypes_may_stand_in_one_another_32_deep() {
    type Four<T> = Option<Option<Option<Option<T>>>>;
    type Sixteen<T> = Four<Four<Four<Four<T>>>>;
    assert!(value_as::<Sixteen<Sixteen<i32>>>("int", "7").is_ok());
    assert_eq!(value_as::<Option<Sixteen<Sixteen<i32>>>>("int", "7"), Err(MismatchKind::Broken));
    // Fields that are read as one value are no different.
    #[derive(Deserialize, Debug)]
    struct Endless(#[expect(dead_code, reason = "only read")] Box<Endless>);
    #[derive(Deserialize, Debug)]
    struct Maybe(#[expect(dead_code, reason = "only read")] Option<Box<Maybe>>);
    assert_eq!(FixedFields::default().to::<Endless>().unwrap_err().kind(), MismatchKind::Broken);
    assert_eq!(FixedFields::default().to::<Maybe>().unwrap_err().kind(), MismatchKind::Broken);
    type Fields = std::collections::HashMap<String, serde_json::Value>;
    assert!(FixedFields::default().to::<Sixteen<Sixteen<Fields>>>().is_ok());
    assert!(FixedFields::default().to::<Option<Sixteen<Sixteen<Fields>>>>().is_err());
}

#[test]
fn a_list_tells_how_many_records_it_has() {
    struct Hint(Vec<Option<usize>>);
    impl<'de> Deserialize<'de> for Hint {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Hints;
            impl<'de> Visitor<'de> for Hints {
                type Value = Hint;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a list")
                }
                fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Hint, A::Error> {
                    let mut hints = vec![list.size_hint()];
                    while list.next_element::<IgnoredAny>()?.is_some() {
                        hints.push(list.size_hint());
                    }
                    Ok(Hint(hints))
                }
            }
            deserializer.deserialize_seq(Hints)
        }
    }
    assert_eq!(many("[]").to::<Hint>().unwrap().0, [Some(0)]);
    assert_eq!(many("[{}, {}, {}]").to::<Hint>().unwrap().0, [Some(3), Some(2), Some(1), Some(0)]);
}

#[test]
fn a_type_that_knows_only_numbers_without_a_sign_is_given_one() {
    #[derive(Debug, PartialEq)]
    struct Unsigned(u64);
    impl<'de> Deserialize<'de> for Unsigned {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Only;
            impl Visitor<'_> for Only {
                type Value = Unsigned;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("u64")
                }
                fn visit_u64<E: Error>(self, number: u64) -> Result<Unsigned, E> {
                    Ok(Unsigned(number))
                }
            }
            deserializer.deserialize_u64(Only)
        }
    }
    for attribute in ["int", "long"] {
        assert_eq!(value_as(attribute, "7"), Ok(Unsigned(7)));
        assert_eq!(value_as::<Unsigned>(attribute, "-7"), Err(MismatchKind::Value));
    }
    assert_eq!(value_as::<Unsigned>("double", "7"), Err(MismatchKind::Type));
}

#[test]
fn a_moment_is_an_integer_where_the_type_says_its_unit() {
    /// As the modules of `chrono` do, whose words these are.
    macro_rules! since_1970 {
        ($Name:ident, $words:literal) => {
            #[derive(Debug, PartialEq)]
            struct $Name(i64);
            impl<'de> Deserialize<'de> for $Name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    struct Unit;
                    impl Visitor<'_> for Unit {
                        type Value = $Name;
                        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                            f.write_str($words)
                        }
                        fn visit_i64<E: Error>(self, number: i64) -> Result<$Name, E> {
                            Ok($Name(number))
                        }
                    }
                    deserializer.deserialize_i64(Unit)
                }
            }
        };
    }
    since_1970!(Seconds, "a unix timestamp in seconds");
    since_1970!(Milliseconds, "a unix timestamp in milliseconds");
    since_1970!(Microseconds, "a unix timestamp in microseconds");
    since_1970!(Nanoseconds, "a unix timestamp in nanoseconds");
    since_1970!(Days, "a unix timestamp in days");
    use MismatchKind::{Type, Value};
    for (time, seconds, milliseconds, microseconds, nanoseconds) in [
        ("1970-01-01T00:00:00Z", Ok(0), 0, 0, Ok(0)),
        (
            "2009-05-12T12:05:12Z",
            Ok(1_242_129_912),
            1_242_129_912_000,
            1_242_129_912_000_000,
            Ok(1_242_129_912_000_000_000),
        ),
        (
            "2009-05-12T12:05:12.145Z",
            Err(Value),
            1_242_129_912_145,
            1_242_129_912_145_000,
            Ok(1_242_129_912_145_000_000),
        ),
        ("1969-12-31T23:59:59.999Z", Err(Value), -1, -1_000, Ok(-1_000_000)),
        (
            "9999-12-31T23:59:59Z",
            Ok(253_402_300_799),
            253_402_300_799_000,
            253_402_300_799_000_000,
            Err(Value),
        ),
    ] {
        let json = format!("{time:?}");
        assert_eq!(value_as("time", &json), seconds.map(Seconds), "{time}");
        assert_eq!(value_as("time", &json), Ok(Milliseconds(milliseconds)), "{time}");
        assert_eq!(value_as("time", &json), Ok(Microseconds(microseconds)), "{time}");
        assert_eq!(value_as("time", &json), nanoseconds.map(Nanoseconds), "{time}");
        assert_eq!(value_as::<Days>("time", &json), Err(Type), "no unit that is known");
    }
}

#[test]
fn a_variant_that_carries_data_is_told_as_such() {
    #[derive(Deserialize, Debug)]
    enum Odd {
        #[serde(rename = "n")]
        Newtype(#[expect(dead_code, reason = "only read")] i32),
        #[serde(rename = "t")]
        Tuple(#[expect(dead_code, reason = "only read")] i32, #[expect(dead_code, reason = "only read")] i32),
        #[serde(rename = "s")]
        Struct {
            #[expect(dead_code, reason = "only read")]
            a: i32,
        },
    }
    #[derive(Deserialize, Debug)]
    struct Text {
        #[expect(dead_code, reason = "only read")]
        text: Odd,
    }
    for text in ["n", "t", "s"] {
        assert_eq!(
            one(&format!(r#"{{ "text": "{text}" }}"#)).to::<Text>().unwrap_err().to_string(),
            "extension `All`, attribute `text`: expected a variant that carries data, found an attribute of type `string`"
        );
    }
}
