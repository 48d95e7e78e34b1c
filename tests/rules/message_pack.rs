//! What other formats say and JSON can't: keys that are no text, bytes, tags, NaN, wide integers, wrappers.

use std::error::Error;

use serde::de::value::{self, MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use service_end::{Problem, ReadError, ServiceEndEvent, Validator, Value, violation::SyntaxError};

use crate::support::{Found, read, read_message_pack, summary, validator};

fn reader() -> Validator {
    validator(
        r#"[ { "name": "One", "type": "single-valued", "attributes": [
                { "name": "text", "type": "string" }, { "name": "whole", "type": "integer" },
                { "name": "wide", "type": "long" }, { "name": "float", "type": "double" },
                { "name": "truth", "type": "boolean" }, { "name": "day", "type": "date" },
                { "name": "moment", "type": "datetime" }, { "name": "money", "type": "currency" } ] },
             { "name": "Many", "type": "multi-valued", "attributes": [ { "name": "whole", "type": "long" } ] } ]"#,
    )
}

const ATTRIBUTES: &[&str] = &["text", "whole", "wide", "float", "truth", "day", "moment", "money"];
const FIELDS: &[&str] = &["session_id", "application_id", "disposition", "timestamp", "service_id"];

/// A value of a format that says all that `serde` knows.
#[derive(Clone, Debug)]
enum Node {
    Text(&'static str),
    Character(char),
    Integer(i64),
    Wide(i128),
    Unsigned(u128),
    Single(f32),
    Float(f64),
    Bytes(&'static [u8]),
    Unit,
    Nothing,
    Something(Box<Node>),
    Newtype(Box<Node>),
    Variant(&'static str),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Fail(&'static str),
    /// Something that it can't hand over.
    Refused(&'static str),
}

use Node::{Fail, Float, Integer, List, Map, Newtype, Something, Text, Unit, Variant, Wide};

impl<'de> Deserializer<'de> for Node {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        match self {
            Text(text) => visitor.visit_borrowed_str(text),
            Node::Character(character) => visitor.visit_char(character),
            Integer(number) => visitor.visit_i64(number),
            Wide(number) => visitor.visit_i128(number),
            Node::Unsigned(number) => visitor.visit_u128(number),
            Node::Single(number) => visitor.visit_f32(number),
            Float(number) => visitor.visit_f64(number),
            Node::Bytes(bytes) => visitor.visit_bytes(bytes),
            Unit => visitor.visit_unit(),
            Node::Nothing => visitor.visit_none(),
            Something(node) => visitor.visit_some(*node),
            Newtype(node) => visitor.visit_newtype_struct(*node),
            Variant(name) => {
                let variant = MapDeserializer::new([(Text(name), Unit)].into_iter());
                visitor.visit_enum(MapAccessDeserializer::new(variant))
            }
            List(nodes) => visitor.visit_seq(SeqDeserializer::new(nodes.into_iter())),
            Map(members) => visitor.visit_map(MapDeserializer::new(members.into_iter())),
            Fail(message) => Err(value::Error::custom(message)),
            Node::Refused(what) => Err(value::Error::invalid_type(Unexpected::Other(what), &visitor)),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl IntoDeserializer<'_, value::Error> for Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn map(name: &'static str, node: Node) -> Node {
    Map(vec![(Text(name), node)])
}

fn found(body: Node) -> Found {
    match reader().read_from(body) {
        Ok(_) => Vec::new(),
        Err(ReadError::Invalid(violations)) => summary(violations.as_slice()),
        Err(other) => panic!("{other}"),
    }
}

fn is_found(body: Node, pointer: &str, code: &'static str) {
    let told = format!("{body:?}");
    assert_eq!(found(body), [(pointer.to_owned(), code)], "{told}");
}

fn syntax(read: Result<ServiceEndEvent, ReadError>) -> SyntaxError {
    match read {
        Err(ReadError::Syntax(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// Keys that are no text.
fn odd_keys() -> Vec<Node> {
    vec![
        Integer(1),
        Wide(1),
        Node::Unsigned(1),
        Float(f64::NAN),
        Node::Bytes(b"text"),
        Unit,
        Node::Nothing,
        Something(Box::new(Integer(1))),
        Newtype(Box::new(Text("text"))),
        Variant("text"),
        List(vec![Text("text")]),
        map("text", Unit),
    ]
}

#[test]
fn a_key_that_is_no_text_is_syntax_where_it_is_read() {
    for key in odd_keys() {
        let object = || Map(vec![(Text("text"), Unit), (key.clone(), Unit)]);
        syntax(reader().read_from(Map(vec![(key.clone(), Unit)])));
        syntax(reader().read_from(map("One", object())));
        syntax(reader().read_from(map("Many", List(vec![Map(Vec::new()), object()]))));
    }
}

#[test]
fn a_key_that_is_no_text_is_skipped_where_its_object_is() {
    for key in odd_keys() {
        for rest in [vec![], vec![(Text("a"), Unit)], vec![(Integer(7), Unit)]] {
            for first in [true, false] {
                let mut members = rest.clone();
                members.insert(if first { 0 } else { rest.len() }, (key.clone(), Integer(1)));
                let object = || Map(members.clone());
                is_found(map("nope", object()), "/nope", "unknown_extension");
                is_found(map("session_id", object()), "/session_id", "wrong_type");
                is_found(map("session_id", map("a", object())), "/session_id", "wrong_type");
                is_found(map("Many", object()), "/Many", "wrong_shape");
                is_found(map("One", map("text", object())), "/One/text", "wrong_type");
                is_found(map("One", map("nope", object())), "/One/nope", "unknown_attribute");
            }
        }
    }
}

#[test]
fn a_character_is_text() {
    let event = reader().read_from(map("session_id", Node::Character('é'))).unwrap();
    assert_eq!(event.fields().session_id.as_ref().unwrap().as_str(), "é");
    is_found(Map(vec![(Node::Character('x'), Unit)]), "/x", "unknown_extension");
}

#[test]
fn bytes_and_tags_are_of_the_wrong_type() {
    for node in [Node::Bytes(b"text"), Node::Bytes(b""), Newtype(Box::new(Integer(1))), Variant("text")] {
        for field in FIELDS {
            is_found(map(field, node.clone()), &format!("/{field}"), "wrong_type");
        }
        for attribute in ATTRIBUTES {
            is_found(map("One", map(attribute, node.clone())), &format!("/One/{attribute}"), "wrong_type");
        }
        is_found(map("One", node.clone()), "/One", "wrong_shape");
        is_found(map("Many", node.clone()), "/Many", "wrong_shape");
        is_found(map("Many", List(vec![node.clone()])), "/Many/0", "wrong_shape");
        is_found(map("nope", node.clone()), "/nope", "unknown_extension");
        let error = syntax(reader().read_from(node));
        assert_eq!(error.message(), "the body must be a JSON object, but is not a JSON type");
        assert_eq!((error.line(), error.column()), (None, None));
    }
}

#[test]
fn nan_and_infinities_are_out_of_range_where_a_number_is_taken() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        #[expect(clippy::cast_possible_truncation, reason = "neither NaN nor an infinity is changed")]
        for node in [Float(number), Node::Single(number as f32)] {
            for (attribute, code) in ATTRIBUTES.iter().zip([
                "wrong_type",
                "out_of_range",
                "out_of_range",
                "out_of_range",
                "wrong_type",
                "wrong_type",
                "wrong_type",
                "out_of_range",
            ]) {
                is_found(map("One", map(attribute, node.clone())), &format!("/One/{attribute}"), code);
            }
            for (field, code) in FIELDS.iter().zip([
                "wrong_type",
                "out_of_range",
                "out_of_range",
                "wrong_type",
                "out_of_range",
            ]) {
                is_found(map(field, node.clone()), &format!("/{field}"), code);
            }
        }
    }
}

fn values(record: Node) -> Vec<(String, String)> {
    let event = reader().read_from(map("One", record)).unwrap();
    let record = event.extensions()[0].record().unwrap();
    record.iter().map(|(name, value)| (name.to_owned(), serde_json::to_string(&value).unwrap())).collect()
}

#[test]
fn a_single_float_is_the_double_of_the_same_value() {
    for number in [0.0_f32, -0.0, 0.5, 16_777_216.0, f32::MAX, f32::MIN_POSITIVE] {
        let event = reader().read_from(map("One", map("float", Node::Single(number)))).unwrap();
        let value = event.extensions()[0].record().unwrap().get("float");
        assert_eq!(value, Some(Value::Double(f64::from(number) + 0.0)));
    }
    let record = vec![(Text("whole"), Node::Single(7.0)), (Text("money"), Node::Single(12.5))];
    assert_eq!(values(Map(record)), [("whole", "7"), ("money", "12.5")].map(|(a, v)| (a.into(), v.into())));
    is_found(map("One", map("whole", Node::Single(0.5))), "/One/whole", "wrong_type");
    // The double of the same value is not the one nearest to 0.1.
    is_found(map("One", map("money", Node::Single(0.1))), "/One/money", "invalid_format");
}

#[test]
fn wide_integers_are_judged_by_their_value() {
    for number in [0, 1, -1, i128::from(i32::MAX), i128::from(i64::MAX), i128::from(i64::MIN)] {
        assert_eq!(values(map("wide", Wide(number))), [("wide".to_owned(), number.to_string())]);
        if let Ok(number) = u128::try_from(number) {
            assert_eq!(
                values(map("wide", Node::Unsigned(number))),
                [("wide".to_owned(), number.to_string())]
            );
        }
    }
    let too_wide = [
        Wide(i128::from(i64::MAX) + 1),
        Wide(i128::from(i64::MIN) - 1),
        Wide(i128::MAX),
        Wide(i128::MIN),
        Node::Unsigned(1 << 63),
        Node::Unsigned(u128::MAX),
    ];
    for number in too_wide {
        for attribute in ["whole", "wide", "money"] {
            is_found(
                map("One", map(attribute, number.clone())),
                &format!("/One/{attribute}"),
                "out_of_range",
            );
        }
        for field in ["application_id", "disposition", "service_id"] {
            is_found(map(field, number.clone()), &format!("/{field}"), "out_of_range");
        }
        assert_eq!(values(map("float", number)).len(), 1);
    }
}

#[test]
fn an_option_is_what_it_holds() {
    let some = |node: Node| Something(Box::new(Something(Box::new(node))));
    let plain = |wrap: &dyn Fn(Node) -> Node| {
        let record = || wrap(Map(vec![(Text("text"), wrap(Text("a"))), (Text("whole"), wrap(Float(7.0)))]));
        let many = wrap(List(vec![wrap(Map(Vec::new())), wrap(map("whole", wrap(Wide(1))))]));
        wrap(Map(vec![
            (Text("session_id"), wrap(Text("s"))),
            (Text("resource_id"), Node::Nothing),
            (Text("One"), record()),
            (Text("Many"), many),
        ]))
    };
    let event = reader().read_from(plain(&some)).unwrap();
    assert_eq!(event, reader().read_from(plain(&|node| node)).unwrap());
    assert_eq!(event.extensions().len(), 2);
    is_found(map("One", Node::Nothing), "/One", "wrong_shape");
    is_found(map("One", some(Unit)), "/One", "wrong_shape");
    is_found(map("One", map("text", some(Integer(1)))), "/One/text", "wrong_type");
}

#[test]
fn message_pack_is_read_by_the_same_rules() {
    for (packed, pointer, code) in [
        // {"session_id": bin "ab"}, ext 5 of one byte, a timestamp
        (&b"\x81\xaasession_id\xc4\x02ab"[..], "/session_id", "wrong_type"),
        (b"\x81\xaasession_id\xd4\x05\x01", "/session_id", "wrong_type"),
        (b"\x81\xa9timestamp\xd6\xff\x00\x00\x00\x00", "/timestamp", "wrong_type"),
        // {"nope": {1: {ext: nil}}}, {"Many": {bin: 1}}, {"session_id": {ext: 1, nil: 2}}
        (b"\x81\xa4nope\x81\x01\x81\xd4\x05\x01\xc0", "/nope", "unknown_extension"),
        (b"\x81\xa4Many\x81\xc4\x01a\x01", "/Many", "wrong_shape"),
        (b"\x81\xaasession_id\x82\xd4\x05\x01\x01\xc0\x02", "/session_id", "wrong_type"),
        // {"One": {"float": NaN}}, {"One": {"wide": 2^63}}
        (b"\x81\xa3One\x81\xa5float\xcb\x7f\xf8\0\0\0\0\0\0", "/One/float", "out_of_range"),
        (b"\x81\xa3One\x81\xa4wide\xcf\x80\0\0\0\0\0\0\0", "/One/wide", "out_of_range"),
        // A string that is not UTF-8 comes as bytes.
        (b"\x81\xaasession_id\xa2\xff\xfe", "/session_id", "wrong_type"),
        // {"Many": [ext]}
        (b"\x81\xa4Many\x91\xd4\x05\x01", "/Many/0", "wrong_shape"),
    ] {
        match read_message_pack(&reader(), packed) {
            Err(ReadError::Invalid(violations)) => {
                assert_eq!(summary(violations.as_slice()), [(pointer.to_owned(), code)], "{packed:?}");
            }
            other => panic!("{packed:?}: {other:?}"),
        }
    }
    for packed in [
        &b""[..],
        b"\x81",
        b"\xc0",
        b"\x90",
        b"\xd4\x05\x01",
        b"\x81\x01\x01",
        b"\x81\xc0\x01",
        b"\x81\xc4\x01a\x01",
        b"\x81\xa3One\x81\x01\x01",
        b"\x81\xa4Many\x91\x81\xc4\x05whole\x01",
        b"\x81\xa3On",
        b"\xc1",
    ] {
        let read = read_message_pack(&reader(), packed);
        // A string that is not UTF-8 comes as bytes.
        assert!(
            matches!(&read, Err(ReadError::Syntax(_))) || packed.ends_with(b"\xfe"),
            "{packed:?}: {read:?}"
        );
        assert!(read.is_err(), "{packed:?}");
    }
}

#[test]
fn a_serde_json_value_is_read_like_its_text() {
    for body in [
        r#"{"session_id":"é","disposition":7e0,"One":{"float":1.5,"money":"0.1","text":null},"Many":[{},{"whole":-1}]}"#,
        r#"{"Many":{"b":1},"One":[],"resource_id":"x","session_id":{"a":[1,{"b":null}]}}"#,
        r#"{"Many":[1,null,[],{"nope":{"a":1}}]}"#,
        "{}",
    ] {
        // Members may be sorted, so the bodies are.
        let value: serde_json::Value = serde_json::from_str(body).unwrap();
        let sorted = value.to_string();
        assert_eq!(reader().read_from(&value), read(&reader(), &sorted), "{sorted}");
        assert_eq!(reader().read_from(value), read(&reader(), &sorted), "{sorted}");
    }
    for value in
        [serde_json::json!([]), serde_json::json!(1), serde_json::json!("x"), serde_json::json!(null)]
    {
        assert!(syntax(reader().read_from(&value)).message().starts_with("the body must be a JSON object"));
        syntax(reader().read_from(value));
    }
}

/// What the sources of an error print.
fn sources(error: &dyn Error) -> Vec<String> {
    std::iter::successors(error.source(), |source| (*source).source())
        .flat_map(|source| [source.to_string(), format!("{source:?}")])
        .collect()
}

#[test]
fn a_reader_is_told_what_is_expected_where_it_cannot_hand_over_a_value() {
    let refused = || Node::Refused("a tag");
    let key = |key: Node| Map(vec![(key, Unit)]);
    let validator = Validator::new(reader().schemas().clone().with_open("Case".parse().unwrap()));
    for (body, expected) in [
        (refused(), "any value"),
        (map("session_id", refused()), "any value"),
        (map("One", map("text", refused())), "any value"),
        (map("Many", List(vec![refused()])), "any value"),
        (map("Case", refused()), "any value"),
        (map("Case", List(vec![map("a", refused())])), "any value"),
        (key(refused()), "a key that is text"),
        (key(Integer(1)), "a key that is text"),
        (map("One", key(refused())), "a key that is text"),
        (map("Many", List(vec![key(Integer(1))])), "a key that is text"),
        (map("Case", key(refused())), "a key that is text"),
        (map("Case", List(vec![key(Integer(1))])), "a key that is text"),
        // Skipped.
        (map("session_id", key(refused())), "a key"),
        (map("session_id", map("$serde_json::private::Number", refused())), "a number"),
    ] {
        let error = syntax(validator.read_from(body.clone()));
        let told = error.foreign_error().unwrap().to_string();
        assert!(told.ends_with(&format!(", expected {expected}")), "{body:?}: {told}");
    }
}

#[test]
fn the_error_of_a_reader_is_behind_a_getter_and_its_text_is_shown_nowhere_else() {
    let secret = "SECRET";
    for body in [
        Fail(secret),
        map("session_id", Fail(secret)),
        map("nope", List(vec![Fail(secret)])),
        map("One", map("text", Fail(secret))),
        Map(vec![(Fail(secret), Unit)]),
        Map(vec![(Text("resource_id"), Text("wrong")), (Text("session_id"), map("a", Fail(secret)))]),
    ] {
        let error = reader().read_from(body).unwrap_err();
        let problem = serde_json::to_string(&Problem::from(&error)).unwrap();
        let syntax = syntax(Err(error.clone()));
        let debug = [format!("{error:?}"), format!("{error:#?}"), format!("{syntax:?}")];
        for text in
            [error.to_string(), syntax.to_string(), syntax.message().to_owned(), problem].iter().chain(&debug)
        {
            assert!(!text.contains(secret), "{text}");
        }
        assert!(syntax.render(b"{}").to_string().starts_with("syntax: "));
        assert!(sources(&error).iter().all(|source| !source.contains(secret)));
        let foreign = syntax.foreign_error().expect("the error of the reader");
        assert!(foreign.is::<value::Error>());
        assert_eq!(foreign.to_string(), secret);
        assert_eq!((syntax.line(), syntax.column()), (None, None));
    }
    // What `serde` says of a key that is no text quotes it.
    let error = reader().read_from(Map(vec![(Integer(77_777), Unit)])).unwrap_err();
    assert!(!error.to_string().contains("77777") && !format!("{error:?}").contains("77777"));
    assert!(sources(&error).iter().all(|source| !source.contains("77777")));
    assert!(syntax(Err(error)).foreign_error().unwrap().to_string().contains("77777"));
    let json =
        reader().read_from(&mut serde_json::Deserializer::from_str(r#"{"SECRET": SECRET}"#)).unwrap_err();
    assert!(!json.to_string().contains(secret));
    assert!(syntax(Err(json)).foreign_error().unwrap().is::<serde_json::Error>());
}

#[test]
fn of_a_format_as_many_violations_are_kept_as_of_a_body_of_64_kib() {
    let kept = |count: usize, limit: usize| {
        let body = Map(vec![(Text("x"), Unit); count]);
        let error = Validator::default().with_max_violations(limit).read_from(body).unwrap_err();
        let violations = error.violations().unwrap();
        (violations.len(), violations.truncated())
    };
    assert_eq!(kept(200, 100), (100, true));
    assert_eq!(kept(200, usize::MAX), (200, false));
    let (many, truncated) = kept(10_000, usize::MAX);
    assert!((500..1_000).contains(&many) && truncated, "{many}");
}
