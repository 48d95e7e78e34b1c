//! What is set in Rust, through `serde`, is judged as the JSON value that it would be.

use std::collections::BTreeMap;

use serde::ser::{Error as _, Serialize, SerializeStruct, Serializer};
use service_end::{
    AttributeSchema, Extension, ExtensionSchema, FixedFields, Schemas, ServiceEndEvent, Timestamp, Validator,
    Value, Violations,
    event::BusinessValue,
    schema::{AttributeSchemaBuilder, AttributeType, FixedField},
    value::{Currency, Date, SessionId},
};

use crate::support::summary;

struct Newtype<T>(T);

impl<T: Serialize> Serialize for Newtype<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct("Newtype", &self.0)
    }
}

struct Unit;

impl Serialize for Unit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit_struct("Unit")
    }
}

enum Place {
    Paris,
    Other(String),
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Place::Paris => serializer.serialize_unit_variant("Place", 0, "paris"),
            Place::Other(name) => serializer.serialize_newtype_variant("Place", 1, "other", name),
        }
    }
}

struct Pair {
    one: i32,
}

impl Serialize for Pair {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_struct("Pair", 1)?;
        pair.serialize_field("one", &self.one)?;
        pair.end()
    }
}

/// A struct of the name that `serde_json` has for numbers, with any fields.
struct NumberOf(&'static [&'static str]);

impl Serialize for NumberOf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut number = serializer.serialize_struct("$serde_json::private::Number", self.0.len())?;
        for text in self.0 {
            number.serialize_field("$serde_json::private::Number", text)?;
        }
        number.end()
    }
}

/// The value of a type that says of itself that it can't be written.
struct Broken;

impl Serialize for Broken {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("secret"))
    }
}

/// The JSON of an extension whose one attribute was set.
fn set(attribute_type: AttributeType, value: impl Serialize) -> Result<String, Violations> {
    let attribute = AttributeSchemaBuilder::new("v", attribute_type);
    let schema = ExtensionSchema::single_valued("E").attribute(attribute).build().unwrap();
    let built = Extension::builder(&schema).record(|record| {
        record.set("v", value);
    });
    built.build().map(|extension| extension.to_json())
}

fn check(attribute_type: AttributeType, value: impl Serialize, expected: &str) {
    assert_eq!(set(attribute_type, value).unwrap(), format!(r#"{{"v":{expected}}}"#));
}

#[test]
fn integers_may_have_any_width() {
    for attribute_type in [AttributeType::Integer, AttributeType::Long, AttributeType::Currency] {
        check(attribute_type, -7_i8, "-7");
        check(attribute_type, 7_u8, "7");
        check(attribute_type, -7_i16, "-7");
        check(attribute_type, 7_u16, "7");
        check(attribute_type, -7_i32, "-7");
        check(attribute_type, 7_u32, "7");
        check(attribute_type, -7_i64, "-7");
        check(attribute_type, 7_u64, "7");
        check(attribute_type, -7_i128, "-7");
        check(attribute_type, 7_u128, "7");
        check(attribute_type, -7_isize, "-7");
        check(attribute_type, 7_usize, "7");
    }
    check(AttributeType::Double, 7_u64, "7.0");
    check(AttributeType::Long, i64::MAX as u64, &i64::MAX.to_string());
    check(AttributeType::Long, i128::from(i64::MIN), &i64::MIN.to_string());
}

#[test]
fn other_values_are_taken_as_json_has_them() {
    let moment: Timestamp = "2009-05-12T12:05:12.145Z".parse().unwrap();
    let midnight: Timestamp = "2009-05-12T00:00:00Z".parse().unwrap();
    let day = Date::from_ymd(2009, 5, 12).unwrap();
    check(AttributeType::Double, 0.5, "0.5");
    check(AttributeType::Double, -0.0, "0.0");
    check(AttributeType::Double, 0.1_f32, "0.1");
    check(AttributeType::Currency, 0.1_f32, "0.1");
    check(AttributeType::Integer, 7.0, "7");
    check(AttributeType::Boolean, true, "true");
    check(AttributeType::String, "text", r#""text""#);
    check(AttributeType::String, String::from("text"), r#""text""#);
    check(AttributeType::String, 'é', r#""é""#);
    check(AttributeType::String, Newtype("text"), r#""text""#);
    check(AttributeType::String, Place::Paris, r#""paris""#);
    check(AttributeType::String, Some(Newtype(Some("text"))), r#""text""#);
    check(AttributeType::String, day, r#""2009-05-12""#);
    check(AttributeType::Date, day, r#""2009-05-12""#);
    check(AttributeType::Date, midnight, r#""2009-05-12""#);
    check(AttributeType::DateTime, moment, r#""2009-05-12T12:05:12.145Z""#);
    check(AttributeType::DateTime, Value::DateTime(moment), r#""2009-05-12T12:05:12.145Z""#);
    for amount in [0, 1, -12_345, i64::MAX, i64::MIN, 1_000_000_000_000_000] {
        let amount = Currency::from_ten_thousandths(amount);
        check(AttributeType::Currency, amount, &serde_json::to_string(&amount).unwrap());
        check(AttributeType::Currency, Value::Currency(amount), &serde_json::to_string(&amount).unwrap());
    }
    check(AttributeType::Long, serde_json::json!(7), "7");
    check(AttributeType::Double, serde_json::json!(0.5), "0.5");
    check(AttributeType::String, serde_json::json!("text"), r#""text""#);
}

#[test]
fn nothing_is_null() {
    let schema = ExtensionSchema::single_valued("E")
        .attribute(AttributeSchema::integer("v").default(7))
        .build()
        .unwrap();
    let of = |value: &dyn Fn(&mut service_end::event::RecordBuilder<'_>)| {
        Extension::builder(&schema).record(|record| value(record)).build().unwrap().to_json()
    };
    assert_eq!(of(&|_| {}), r#"{"v":7}"#);
    assert_eq!(
        of(&|record| {
            record.set("v", None::<i32>);
        }),
        "{}"
    );
    assert_eq!(
        of(&|record| {
            record.set("v", ());
        }),
        "{}"
    );
    assert_eq!(
        of(&|record| {
            record.set("v", Unit);
        }),
        "{}"
    );
    assert_eq!(
        of(&|record| {
            record.set_null("v");
        }),
        "{}"
    );
    assert_eq!(
        of(&|record| {
            record.set("v", serde_json::Value::Null);
        }),
        "{}"
    );
    assert_eq!(
        of(&|record| {
            record.set("v", Some(8));
        }),
        r#"{"v":8}"#
    );
}

#[test]
fn what_does_not_fit_is_told_as_of_a_body() {
    fn code(attribute_type: AttributeType, value: impl Serialize) -> &'static str {
        let violations = set(attribute_type, value).unwrap_err();
        assert!(!violations.to_string().contains("secret"));
        match &summary(violations.as_slice())[..] {
            [(pointer, code)] if pointer == "/E/v" => code,
            other => panic!("{other:?}"),
        }
    }
    use AttributeType as Type;
    assert_eq!(code(Type::Integer, 2_147_483_648_i64), "out_of_range");
    assert_eq!(code(Type::Long, u64::MAX), "out_of_range");
    assert_eq!(code(Type::Long, u128::MAX), "out_of_range");
    assert_eq!(code(Type::Long, i128::MIN), "out_of_range");
    assert_eq!(code(Type::Integer, 0.5), "wrong_type");
    assert_eq!(code(Type::Double, f64::NAN), "out_of_range");
    assert_eq!(code(Type::Double, f32::INFINITY), "out_of_range");
    assert_eq!(code(Type::Currency, 0.00001), "invalid_format");
    assert_eq!(code(Type::DateTime, "soon"), "invalid_format");
    assert_eq!(code(Type::String, "a\0"), "forbidden_character");
    assert_eq!(code(Type::String, 1), "wrong_type");
    for attribute_type in [Type::String, Type::Long, Type::Double, Type::Boolean, Type::Date, Type::Currency]
    {
        assert_eq!(code(attribute_type, [1]), "wrong_type");
        assert_eq!(code(attribute_type, (1, 2)), "wrong_type");
        assert_eq!(code(attribute_type, Pair { one: 1 }), "wrong_type");
        assert_eq!(code(attribute_type, BTreeMap::from([("a", 1)])), "wrong_type");
        assert_eq!(code(attribute_type, Place::Other("x".into())), "wrong_type");
        assert_eq!(code(attribute_type, Broken), "wrong_type");
    }
}

#[test]
fn fixed_fields_take_what_serde_writes() {
    let moment: Timestamp = "2009-05-12T12:05:12.145Z".parse().unwrap();
    let event = ServiceEndEvent::builder()
        .timestamp(moment)
        .disposition(10_u16)
        .media_type("voice")
        .resource_type(BusinessValue::from(2))
        .application_type(None::<i64>)
        .build(&Validator::default())
        .unwrap();
    assert_eq!(event.timestamp(), Some(moment));
    assert_eq!(
        event.fields().iter().collect::<Vec<_>>(),
        [
            (FixedField::ResourceType, Value::Long(2)),
            (FixedField::MediaType, Value::String("voice")),
            (FixedField::Disposition, Value::Long(10)),
        ]
    );
    let wrong = ServiceEndEvent::builder()
        .timestamp(7)
        .disposition([10])
        .media_type(true)
        .build(&Validator::default());
    assert_eq!(
        summary(wrong.unwrap_err().violations().unwrap().as_slice()),
        ["/timestamp", "/disposition", "/media_type"].map(|pointer| (pointer.to_owned(), "wrong_type"))
    );
}

#[test]
fn fixed_fields_can_be_listed() {
    let fields = FixedFields {
        session_id: SessionId::new("s").ok(),
        disposition: Some(BusinessValue::Id(1)),
        ..FixedFields::default()
    };
    let listed: Vec<_> = (&fields).into_iter().map(|(field, value)| (field.to_string(), value)).collect();
    assert_eq!(
        listed,
        [("session_id".to_owned(), Value::String("s")), ("disposition".to_owned(), Value::Long(1))]
    );
    assert_eq!(FixedFields::default().iter().count(), 0);
    assert_eq!(FixedField::ALL.len(), 11);
    for field in FixedField::ALL {
        assert_eq!(field.name().parse(), Ok(*field));
        let json = serde_json::to_string(field).unwrap();
        assert_eq!(json, format!("{:?}", field.name()));
        assert_eq!(serde_json::from_str::<FixedField>(&json).unwrap(), *field);
    }
    assert!("Session_id".parse::<FixedField>().is_err());
    assert_eq!(format!("{:>12}|", FixedField::SessionId), "  session_id|");
}

#[test]
fn extensions_and_records_are_collections() {
    let schema = ExtensionSchema::multi_valued("E")
        .attribute(AttributeSchema::integer("a"))
        .attribute(AttributeSchema::integer("b").default(7))
        .build()
        .unwrap();
    let extension = Extension::builder(&schema)
        .record(|record| {
            record.set("a", 1);
        })
        .record(|record| {
            record.set("b", ());
        })
        .build()
        .unwrap();
    assert_eq!((extension.len(), extension.iter().len(), extension.is_empty()), (2, 2, false));
    let lengths: Vec<_> = (&extension).into_iter().map(|record| (record.len(), record.is_empty())).collect();
    assert_eq!(lengths, [(2, false), (0, true)]);
    let mut all = Vec::new();
    for record in &extension {
        for (name, value) in record {
            all.push((name, value));
        }
    }
    assert_eq!(all, [("a", Value::Integer(1)), ("b", Value::Integer(7))]);
    let mut records = extension.records();
    assert_eq!(records.by_ref().count(), 2);
    assert!(records.next().is_none() && records.len() == 0);
}

#[test]
fn events_of_many_extensions_are_compared_and_made_without_looking_at_each_for_each() {
    let schema = |n: usize| {
        ExtensionSchema::multi_valued(&format!("E{n}"))
            .attribute(AttributeSchema::integer("a"))
            .build()
            .unwrap()
    };
    let extensions: Vec<_> = (0..10_000).map(|n| Extension::builder(&schema(n)).build().unwrap()).collect();
    let schemas = Schemas::try_from_iter((0..=10_000).map(schema)).unwrap();
    let validator = Validator::new(schemas);
    let of = |extensions: &mut dyn Iterator<Item = &Extension>| {
        let start = ServiceEndEvent::builder();
        extensions
            .fold(start, |event, extension| event.extension(extension.clone()))
            .build(&validator)
            .unwrap()
    };
    let event = of(&mut extensions.iter());
    let reversed = of(&mut extensions.iter().rev());
    assert_eq!(event, reversed);
    assert_eq!(event, event.clone());
    assert_ne!(event, of(&mut extensions.iter().skip(1)));
    let other = Extension::builder(&schema(10_000)).build().unwrap();
    assert_ne!(event, of(&mut extensions.iter().skip(1).chain([&other])));
}

#[test]
fn a_struct_that_passes_as_a_number_is_one_value_whatever_its_fields() {
    let validator = Validator::new(
        Schemas::from_json(
            br#"[{ "name": "E", "type": "single-valued", "attributes": [
                { "name": "a", "type": "integer", "mandatory": true } ] }]"#,
        )
        .unwrap(),
    );
    let schema = validator.schemas().get("E").unwrap();
    for (fields, expected) in
        [(&["5"][..], Ok(r#"{"a":5}"#)), (&["5", "6"], Ok(r#"{"a":6}"#)), (&[], Err("out_of_range"))]
    {
        let built = Extension::builder(schema).record(|record| {
            record.set("a", NumberOf(fields));
        });
        let built = built.build();
        match (built, expected) {
            (Ok(extension), Ok(json)) => assert_eq!(serde_json::to_string(&extension).unwrap(), json),
            (Err(violations), Err(code)) => {
                assert!(violations.iter().all(|violation| violation.code().as_str() == code), "{violations}");
            }
            (built, _) => panic!("{fields:?}: {built:?}"),
        }
    }
}
