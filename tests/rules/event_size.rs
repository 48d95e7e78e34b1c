//! 2.8: the JSON of an event, defaults included, has a limit, which is found while reading.

use service_end::{
    AttributeSchema, ExtensionSchema, Problem, ReadError, Schemas, ServiceEndEvent, Validator,
};

use crate::support::{arbitrary_precision, read, validator, validator_of_attribute};

/// How long the JSON of an event is, as it is written.
fn length(event: &ServiceEndEvent) -> usize {
    serde_json::to_string(event).unwrap().len()
}

/// A body passes at exactly the length of its event, and no byte below; returns that length.
fn passes_at_its_length(validator: &Validator, body: &str) -> usize {
    let event = read(&validator.clone().with_max_event_bytes(usize::MAX), body).unwrap();
    let length = length(&event);
    assert_eq!(read(&validator.clone().with_max_event_bytes(length), body).as_ref(), Ok(&event), "{body}");
    let limit = length - 1;
    let too_large = Err(ReadError::EventTooLarge { limit });
    // However early it is found.
    for limit in [limit, length / 2, 0] {
        let read = read(&validator.clone().with_max_event_bytes(limit), body);
        assert_eq!(read, Err(ReadError::EventTooLarge { limit }), "{body}");
    }
    // An event that comes from elsewhere has the same limit.
    let admitted = |limit: usize| validator.clone().with_max_event_bytes(limit).admit(event.clone());
    assert_eq!(admitted(length).as_ref(), Ok(&event), "{body}");
    assert_eq!(admitted(limit), too_large, "{body}");
    length
}

#[test]
fn an_event_may_be_as_long_as_the_limit_and_no_byte_longer() {
    let validator = validator(
        &r#"[ { "name": "One", "type": "single-valued", "attributes": [
                 { "name": "text", "type": "string" },
                 { "name": "place", "type": "string", "default": "a \"place\"\n" },
                 { "name": "rating", "type": "integer", "default": -7 },
                 { "name": "amount", "type": "currency", "mandatory": true, "default": "123456789012.5" } ] },
             { "name": "Many", "type": "multi-valued", "attributes": [
                 { "name": "day", "type": "date", "default": "2009-05-12" },
                 { "name": "note", "type": "string" },
                 { "name": "moment", "type": "datetime", "default": "2009-05-12T12:05:12Z" } ] },
             { "name": "Long", "type": "single-valued", "attributes": [
                 { "name": "text", "type": "string", "default": "LONG" } ] },
             { "name": "Bare", "type": "multi-valued", "attributes": [ { "name": "a", "type": "double" } ] } ]"#
            .replace("LONG", &"long ".repeat(10_000)),
    );
    for body in [
        r#"{"Long":{}}"#,
        r#"{"Long":{"text":null}}"#,
        r#"{"One":{}}"#,
        r#"{"One":{"PLACE":"x"}}"#,
        r#"{"one":{"place":null,"rating":null}}"#,
        r#"{"One":{"amount":"0.1","rating":1e3,"text":"\u0001\u001f\"\\\/ü東 \u007f\b\f\n\r\t","place":""}}"#,
        r#"{"Many":[]}"#,
        r#"{"Many":[{}]}"#,
        r#"{"Many":[{},{"day":null,"moment":null},{"note":null},{"note":"x","day":"2009-05-12T00:00:00Z"}]}"#,
        r#"{"Bare":[{},{"a":null},{"a":1},{}]}"#,
        r#"{"disposition":10,"Bare":[{}],"One":{},"session_id":"\n"}"#,
        "{}",
        r#"{"disposition":10}"#,
        r#"{"service_id":7,"timestamp":"2009-05-12T12:05:12Z","disposition":"a \"name\""}"#,
    ] {
        passes_at_its_length(&validator, body);
    }
    assert_eq!(passes_at_its_length(&validator, r#"{"Bare":[]}"#), r#"{"Bare":[]}"#.len());
}

#[test]
fn a_number_that_grows_when_it_is_written_counts_as_it_is_written() {
    for (declaration, value, written) in [
        (r#""type": "double""#, "1e15", "1000000000000000.0"),
        (r#""type": "double""#, "-9e15", "-9000000000000000.0"),
        (r#""type": "double""#, "7", "7.0"),
        (r#""type": "double""#, "1e-5", &serde_json::to_string(&1e-5).unwrap()),
        (r#""type": "double""#, "1e-7", &serde_json::to_string(&1e-7).unwrap()),
        (r#""type": "double""#, "5e-324", "5e-324"),
        (r#""type": "long""#, "9e15", "9000000000000000"),
        (r#""type": "currency""#, "1e10", "10000000000"),
        (r#""type": "datetime""#, r#""2009-05-12T12:05:12Z""#, r#""2009-05-12T12:05:12.000Z""#),
    ] {
        let validator = validator_of_attribute(declaration);
        let length = passes_at_its_length(&validator, &format!(r#"{{"E":{{"v":{value}}}}}"#));
        assert_eq!(length, format!(r#"{{"E":{{"v":{written}}}}}"#).len(), "{value}");
        // As many as make it certain that no guess at the growth is too low.
        let many = validator_of_many(declaration);
        let record = format!(r#"{{"v":{value}}}"#);
        passes_at_its_length(&many, &format!(r#"{{"E":[{}]}}"#, vec![record; 2_000].join(",")));
    }
}

fn validator_of_many(declaration: &str) -> Validator {
    validator(&format!(
        r#"[ {{ "name": "E", "type": "multi-valued", "attributes": [ {{ "name": "v", {declaration} }} ] }} ]"#
    ))
}

#[test]
fn defaults_count_each_time_that_they_stand_for_a_value() {
    let text = "x".repeat(1_000);
    let schema = |name: &str| {
        ExtensionSchema::multi_valued(name)
            .attribute(AttributeSchema::string("a").default(&*text))
            .attribute(AttributeSchema::string("b").default(&*text))
            .build()
            .unwrap()
    };
    let validator = Validator::new(Schemas::new().with(schema("E")).unwrap());
    for record in ["{}", r#"{"a":"1"}"#, r#"{"b":null}"#, r#"{"b":"1","a":null}"#] {
        passes_at_its_length(&validator, &format!(r#"{{"E":[{}]}}"#, vec![record; 5_000].join(",")));
    }
}

#[test]
fn a_body_of_thirty_kilobytes_does_not_stand_for_gigabytes() {
    let attributes: Vec<_> = (0..256)
        .map(|n| format!(r#"{{"name":"a{n}","type":"string","default":"{}"}}"#, "x".repeat(100)))
        .collect();
    let schemas =
        format!(r#"[{{"name":"E","type":"multi-valued","attributes":[{}]}}]"#, attributes.join(","));
    let validator = validator(&schemas);
    let body = |records: usize| format!(r#"{{"E":[{}]}}"#, vec!["{}"; records].join(","));
    assert!(validator.read(body(1_000).as_bytes()).is_ok());
    let error = validator.read(body(10_000).as_bytes()).unwrap_err();
    assert_eq!(error, ReadError::EventTooLarge { limit: Validator::DEFAULT_MAX_EVENT_BYTES });
    assert_eq!(error.to_string(), "the event has more than 33554432 bytes as JSON, with its defaults");
    let problem = Problem::from(&error);
    assert_eq!((problem.code(), problem.status()), ("event_too_large", 413));
}

#[test]
fn what_is_wrong_with_a_short_body_is_told_rather_than_that_its_event_is_too_large() {
    let validator =
        validator_of_attribute(r#""type": "string", "default": "something""#).with_max_event_bytes(20);
    assert!(matches!(validator.read(br#"{"E":{}}"#), Err(ReadError::EventTooLarge { limit: 20 })));
    assert!(matches!(validator.read(br#"{"E":{},"x":1}"#), Err(ReadError::Invalid(_))));
    assert!(matches!(validator.read(br#"{"E":{},"#), Err(ReadError::Syntax(_))));
}

#[test]
fn reading_stops_where_what_was_read_is_too_much() {
    // A reader without an end.
    struct Endless;
    impl<'de> serde::Deserializer<'de> for Endless {
        type Error = serde::de::value::Error;
        fn deserialize_any<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            let records = std::iter::repeat([("v", "text")]).map(|record| record.into_iter().collect());
            visitor
                .visit_map(serde::de::value::MapDeserializer::new(std::iter::once(("E", Records(records)))))
        }
        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
        }
    }
    struct Records<I>(I);
    type Record = std::collections::BTreeMap<&'static str, &'static str>;
    impl<I: Iterator<Item = Record>> serde::de::IntoDeserializer<'_> for Records<I> {
        type Deserializer = serde::de::value::SeqDeserializer<I, serde::de::value::Error>;
        fn into_deserializer(self) -> Self::Deserializer {
            serde::de::value::SeqDeserializer::new(self.0)
        }
    }
    let limit = 1 << 20;
    let validator = validator_of_many(r#""type": "string""#).with_max_records(usize::MAX);
    let validator = validator.with_max_event_bytes(limit);
    assert_eq!(validator.read_from(Endless), Err(ReadError::EventTooLarge { limit }));
}

#[test]
fn what_is_read_from_another_format_has_the_same_limit() {
    if arbitrary_precision() {
        return;
    }
    let validator = validator_of_attribute(r#""type": "string""#);
    for text in ["", "plain", "\u{1}\u{1}\u{1}", "\"\"\"\""] {
        let value = serde_json::json!({ "E": { "v": text.repeat(1_000) }, "disposition": text });
        let length = serde_json::to_string(&value).unwrap().len();
        let at = |limit: usize| validator.clone().with_max_event_bytes(limit).read_from(&value);
        assert!(at(length).is_ok());
        assert_eq!(at(length - 1), Err(ReadError::EventTooLarge { limit: length - 1 }));
    }
}
