//! A format may hand over numbers as `serde_json` with its feature `arbitrary_precision` does: as a map of one member, whose
//! key is `serde_json`'s own and whose value is an owned text. Whatever the features of a host, such a map is a
//! number. Of JSON text, see `number_token`.

use serde::Deserialize;
use serde::de::value::{self, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use service_end::event::BusinessValue;
use service_end::schema::OpenNames;
use service_end::{ReadError, Schemas, ServiceEndEvent, Validator};

use crate::support::summary;

const KEY: &str = "$serde_json::private::Number";

/// What such a format says.
#[derive(Clone, Debug)]
enum Node {
    /// A text that the format hands over as its own.
    Owned(&'static str),
    /// A text that the reader has to copy.
    Text(&'static str),
    Null,
    List(Vec<Node>),
    Map(Vec<(&'static str, Node)>),
}

use Node::{List, Map, Null, Owned, Text};

impl<'de> Deserializer<'de> for Node {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        match self {
            Owned(text) => visitor.visit_string(text.to_owned()),
            Text(text) => visitor.visit_str(text),
            Null => visitor.visit_unit(),
            List(nodes) => visitor.visit_seq(SeqDeserializer::new(nodes.into_iter())),
            Map(members) => visitor.visit_map(MapDeserializer::new(members.into_iter())),
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

/// A number, as it is handed over.
fn number(text: &'static str) -> Node {
    map(KEY, Owned(text))
}

fn map(name: &'static str, node: Node) -> Node {
    Map(vec![(name, node)])
}

fn reader() -> Validator {
    let schemas = r#"[ { "name": "One", "type": "single-valued", "attributes": [
            { "name": "whole", "type": "integer" }, { "name": "text", "type": "string" },
            { "name": "float", "type": "double" }, { "name": "money", "type": "currency" } ] },
         { "name": "Many", "type": "multi-valued", "attributes": [ { "name": "whole", "type": "long" } ] } ]"#;
    let open = OpenNames::listed(["Case"]).unwrap();
    Validator::new(Schemas::from_json(schemas).unwrap().with_open(open))
}

/// What is wrong with a body, each with its message.
fn told(read: &Result<ServiceEndEvent, ReadError>) -> Vec<String> {
    match read {
        Ok(_) => Vec::new(),
        Err(ReadError::Invalid(violations)) => {
            let told = summary(violations.as_slice()).into_iter().zip(violations.iter());
            told.map(|((pointer, code), each)| format!("{pointer} {code}: {}", each.message())).collect()
        }
        Err(other) => vec![other.to_string()],
    }
}

#[test]
fn a_wrapped_number_is_the_number_of_its_text() {
    let event = reader()
        .read_from(Map(vec![
            ("resource_id", number("-7")),
            ("disposition", number("7.0")),
            ("service_id", number("5e0")),
            ("One", Map(vec![("whole", number("7e0")), ("float", number("0.1")), ("money", number("12.5"))])),
            ("Many", List(vec![map("whole", number("1")), map("whole", number("-0"))])),
        ]))
        .unwrap();
    let text = r#"{"resource_id":-7,"disposition":7.0,"service_id":5e0,
        "One":{"whole":7e0,"float":0.1,"money":12.5},"Many":[{"whole":1},{"whole":-0}]}"#;
    assert_eq!(event, reader().read(text.as_bytes()).unwrap());
}

#[test]
fn a_business_value_is_read_from_it() {
    let read = |node: Node| BusinessValue::deserialize(node).map_err(|error| error.to_string());
    assert_eq!(read(number("-7")), Ok(BusinessValue::Id(-7)));
    assert_eq!(read(Owned("7")), Ok(BusinessValue::try_from("7").unwrap()));
    for wrong in [number("7.5"), number("9223372036854775808"), Map(Vec::new()), map("a", Owned("7"))] {
        assert_eq!(read(wrong.clone()), Err("must be an id or a name".to_owned()), "{wrong:?}");
    }
    assert_eq!(read(Null), Err("invalid type: unit value, expected an id or a name".to_owned()));
}

#[test]
fn where_no_number_is_due_it_is_told_as_a_number() {
    for (place, text) in [("session_id", "5"), ("timestamp", "5"), ("One", "5"), ("Many", "5"), ("nope", "5")]
    {
        let written = format!(r#"{{"{place}":{text}}}"#);
        let expected = told(&reader().read(written.as_bytes()));
        assert_eq!(expected.len(), 1, "{place}");
        assert_eq!(told(&reader().read_from(map(place, number(text)))), expected, "{place}");
    }
    for (body, written) in [
        (map("One", map("text", number("5"))), r#"{"One":{"text":5}}"#),
        (map("One", map("nope", number("5"))), r#"{"One":{"nope":5}}"#),
        (map("Many", List(vec![number("5")])), r#"{"Many":[5]}"#),
        (map("Many", List(vec![map("whole", number("0.5"))])), r#"{"Many":[{"whole":0.5}]}"#),
    ] {
        assert_eq!(told(&reader().read_from(body)), told(&reader().read(written.as_bytes())), "{written}");
    }
    let error = reader().read_from(number("5")).unwrap_err();
    assert!(error.to_string().contains("must be a JSON object, but is a number"), "{error}");
}

#[test]
fn a_wrapped_number_that_no_float_holds_is_syntax_where_a_value_is_read() {
    for body in [
        number("1e400"),
        map("resource_id", number("1e400")),
        map("One", number("1e400")),
        map("One", map("float", number("-1e400"))),
        map("Many", number("1e400")),
        map("Many", List(vec![number("1e400")])),
        map("Case", number("1e400")),
        map("Case", List(vec![number("1e400")])),
    ] {
        let read = reader().read_from(body.clone());
        assert!(matches!(read, Err(ReadError::Syntax(_))), "{body:?}: {read:?}");
    }
}

/// Maps that are no numbers: the key is another, or not the first, or its value no text of the format's own.
fn no_numbers() -> [Node; 6] {
    [
        map("a", Owned("5")),
        Map(vec![("a", Null), (KEY, Owned("5"))]),
        map(KEY, Text("5")),
        map(KEY, Null),
        map(KEY, List(vec![Owned("5")])),
        Map(Vec::new()),
    ]
}

#[test]
fn a_map_that_wraps_no_number_is_an_object() {
    for object in no_numbers() {
        for (place, expected) in [
            ("session_id", "/session_id wrong_type"),
            ("resource_id", "/resource_id wrong_type"),
            ("Many", "/Many wrong_shape"),
        ] {
            let told = told(&reader().read_from(map(place, object.clone())));
            assert_eq!(told.len(), 1, "{place}: {object:?}: {told:?}");
            assert!(told[0].starts_with(expected), "{place}: {object:?}: {told:?}");
            assert!(told[0].ends_with("but is an object"), "{place}: {object:?}: {told:?}");
        }
        let told = told(&reader().read_from(map("One", map("whole", object.clone()))));
        assert_eq!(told, ["/One/whole wrong_type: must be an integer, but is an object"], "{object:?}");
    }
    // As a body and as a record it is looked into.
    let first = |node: Node| Map(vec![(KEY, node), ("resource_id", Null)]);
    for body in [first(Text("5")), first(Null), Map(vec![("resource_id", Null), (KEY, Owned("5"))])] {
        let told = told(&reader().read_from(body.clone()));
        assert_eq!(told.len(), 1, "{body:?}");
        assert!(told[0].starts_with(&format!("/{KEY} unknown_extension")), "{body:?}: {told:?}");
    }
    let first = |node: Node| Map(vec![(KEY, node), ("whole", Null)]);
    for record in [first(Text("5")), first(Null), Map(vec![("whole", Null), (KEY, Owned("5"))])] {
        for (body, pointer) in
            [(map("One", record.clone()), "/One"), (map("Many", List(vec![record.clone()])), "/Many/0")]
        {
            let told = told(&reader().read_from(body));
            assert_eq!(told.len(), 1, "{record:?}");
            assert!(
                told[0].starts_with(&format!("{pointer}/{KEY} unknown_attribute")),
                "{record:?}: {told:?}"
            );
        }
    }
}

#[test]
fn in_an_open_extension_it_is_kept_as_it_is_written() {
    let object = r#"{"KEY":VALUE}"#.replace("KEY", KEY);
    let object = |value: &str| object.replace("VALUE", value);
    for (value, kept) in [
        (number("1.50"), "1.50".to_owned()),
        (number("-0"), "-0".to_owned()),
        (number("12345678901234567890123"), "12345678901234567890123".to_owned()),
        (List(vec![number("1"), map("a", number("2e0")), Null]), r#"[1,{"a":2e0},null]"#.to_owned()),
        // These are no numbers.
        (map(KEY, Owned("five")), object(r#""five""#)),
        (map(KEY, Owned("")), object(r#""""#)),
        (map(KEY, Owned("5 6")), object(r#""5 6""#)),
        (map(KEY, Owned("[5]")), object(r#""[5]""#)),
        (map(KEY, Owned("true")), object(r#""true""#)),
        (map(KEY, Owned("null")), object(r#""null""#)),
        (map(KEY, Text("5")), object(r#""5""#)),
        (map(KEY, List(vec![Owned("5")])), object(r#"["5"]"#)),
        (map("a", Owned("5")), r#"{"a":"5"}"#.to_owned()),
        (Map(vec![("a", Null), (KEY, Owned("5"))]), format!(r#"{{"a":null,"{KEY}":"5"}}"#)),
    ] {
        let event = reader()
            .read_from(map("Case", value.clone()))
            .unwrap_or_else(|error| panic!("{value:?}: {error}"));
        assert_eq!(event.open_extension("Case").unwrap().json(), kept, "{value:?}");
    }
}

#[test]
fn in_an_open_extension_it_is_no_level_of_its_own() {
    let at = |levels: usize, value: Node| {
        told(&reader().with_max_open_levels(levels).read_from(map("Case", value)))
            .iter()
            .map(|told| told.split(':').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(at(0, number("5")).is_empty());
    assert!(at(1, List(vec![number("5"), number("6")])).is_empty());
    // What is deeper is not looked into, whatever stands under the key.
    let odd = [Owned("\0"), Owned("[5]"), map(KEY, Null)].map(|node| map(KEY, node));
    for object in no_numbers().into_iter().chain(odd) {
        assert_eq!(at(0, object.clone()), ["/Case too_deep"], "{object:?}");
        assert_eq!(at(1, List(vec![object.clone()])), ["/Case too_deep"], "{object:?}");
    }
    // Nor does its length count.
    let short = reader().with_max_open_levels(0).with_max_open_bytes(8);
    let read = short.read_from(map("Case", map(KEY, Text("longer than eight"))));
    assert_eq!(told(&read), ["/Case too_deep: must have at most 0 levels of arrays and objects"]);
}
