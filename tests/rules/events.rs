//! Events and extensions made in Rust follow the rules that a body follows.

use service_end::{
    AttributeSchema, BusinessAttributes, Extension, ExtensionSchema, FixedFields, ReadError, Schemas,
    ServiceEndEvent, Timestamp, Validator, Value,
    event::BusinessValue,
    schema::{BusinessField, OpenNames},
    value::{Currency, Date, SessionId},
    violation::Code,
};

use crate::support::{summary, valid};

fn all_types() -> ExtensionSchema {
    ExtensionSchema::single_valued("All")
        .attribute(AttributeSchema::string("string").length(5))
        .attribute(AttributeSchema::integer("integer"))
        .attribute(AttributeSchema::long("long"))
        .attribute(AttributeSchema::double("double"))
        .attribute(AttributeSchema::boolean("boolean"))
        .attribute(AttributeSchema::date("date"))
        .attribute(AttributeSchema::datetime("datetime"))
        .attribute(AttributeSchema::currency("currency"))
        .attribute(AttributeSchema::string("place").default("unknown"))
        .build()
        .unwrap()
}

fn satisfaction() -> ExtensionSchema {
    ExtensionSchema::multi_valued("Satisfaction")
        .attribute(AttributeSchema::integer("rating").mandatory())
        .attribute(AttributeSchema::string("place").default("unknown"))
        .unique(["place"])
        .build()
        .unwrap()
}

fn validator() -> Validator {
    Validator::new(Schemas::new().with(all_types()).and_then(|schemas| schemas.with(satisfaction())).unwrap())
}

#[test]
fn values_are_set_by_their_rust_types_or_as_text() {
    let date = Date::from_ymd(2009, 5, 12).unwrap();
    let moment: Timestamp = "2009-05-12T12:05:12.145Z".parse().unwrap();
    let typed = Extension::builder(&all_types()).record(|record| {
        record
            .set("string", "text")
            .set("integer", 7)
            .set("long", i64::MAX)
            .set("double", 0.5)
            .set("boolean", true)
            .set("date", date)
            .set("datetime", moment)
            .set("currency", Currency::from_ten_thousandths(125_000));
    });
    let as_text = Extension::builder(&all_types()).record(|record| {
        record
            .set("CURRENCY", "12.5")
            .set("datetime", "2009-05-12T12:05:12.145Z")
            .set("date", "2009-05-12")
            .set("boolean", true)
            .set("double", 0.5)
            .set("long", i64::MAX)
            .set("integer", 7.0)
            .set("string", "text");
    });
    let extension = typed.build().unwrap();
    assert_eq!(as_text.build().unwrap(), extension);
    assert_eq!(
        extension.to_json(),
        concat!(
            r#"{"string":"text","integer":7,"long":9223372036854775807,"double":0.5,"boolean":true,"#,
            r#""date":"2009-05-12","datetime":"2009-05-12T12:05:12.145Z","currency":12.5,"place":"unknown"}"#
        )
    );
    let record = extension.record().unwrap();
    assert_eq!(record.get("DATE"), Some(Value::Date(date)));
    assert_eq!(record.get("datetime"), Some(Value::DateTime(moment)));
    assert_eq!(record.get("nope"), None);
    let names: Vec<_> = record.iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["string", "integer", "long", "double", "boolean", "date", "datetime", "currency", "place"]
    );
}

#[test]
fn what_is_wrong_with_a_record_is_told_as_of_a_body() {
    let built = Extension::builder(&satisfaction())
        .record(|record| {
            record.set("rating", 1).set("place", "a");
        })
        .record(|record| {
            record.set("RATING", "x").set("nope", 1).set("rating", 2);
        })
        .record(|record| {
            record.set("rating", 2_147_483_648_i64).set("place", "a");
        })
        .record(|record| {
            record.set_null("rating");
        })
        .record(|record| {
            record.set("rating", f64::NAN).set("place", "a\0");
        })
        .build();
    assert_eq!(
        summary(built.unwrap_err().as_slice()),
        [
            ("/Satisfaction/1/RATING".to_owned(), "wrong_type"),
            ("/Satisfaction/1/nope".to_owned(), "unknown_attribute"),
            ("/Satisfaction/1/rating".to_owned(), "duplicate_key"),
            ("/Satisfaction/2/rating".to_owned(), "out_of_range"),
            ("/Satisfaction/2".to_owned(), "duplicate_record"),
            ("/Satisfaction/3".to_owned(), "duplicate_record"),
            ("/Satisfaction/3/rating".to_owned(), "missing_attribute"),
            ("/Satisfaction/4/rating".to_owned(), "out_of_range"),
            ("/Satisfaction/4/place".to_owned(), "forbidden_character"),
        ]
    );
}

#[test]
fn a_value_of_another_type_is_refused() {
    let day = Date::from_ymd(2009, 5, 12).unwrap();
    for (attribute, value) in [
        ("string", Value::Integer(1)),
        ("integer", Value::Boolean(true)),
        ("integer", Value::Date(day)),
        ("boolean", Value::Integer(1)),
        ("double", Value::Currency(Currency::MAX)),
        ("currency", Value::Boolean(true)),
    ] {
        let violations = Extension::builder(&all_types())
            .record(|record| {
                record.set(attribute, value);
            })
            .build()
            .unwrap_err();
        assert_eq!(violations.as_slice()[0].code(), Code::WrongType, "{attribute} {value:?}");
    }
}

#[test]
fn a_single_valued_extension_has_one_record() {
    for records in [0, 2] {
        let mut builder = Extension::builder(&all_types());
        for _ in 0..records {
            builder = builder.record(|record| {
                record.set("integer", 1);
            });
        }
        assert_eq!(summary(builder.build().unwrap_err().as_slice()), [("/All".to_owned(), "wrong_shape")]);
    }
    assert!(Extension::builder(&satisfaction()).build().unwrap().is_empty());
}

#[test]
fn extensions_are_equal_by_effective_values_and_order() {
    let of = |places: &[Option<&str>]| {
        let mut builder = Extension::builder(&satisfaction());
        for (rating, place) in (1..).zip(places) {
            builder = builder.record(|record| {
                match place {
                    Some(place) => record.set("place", *place).set("rating", rating),
                    None => record.set("rating", rating),
                };
            });
        }
        builder.build().unwrap()
    };
    assert_eq!(of(&[Some("a"), Some("unknown")]), of(&[Some("a"), None]));
    assert_ne!(of(&[Some("a"), Some("b")]), of(&[Some("b"), Some("a")]));
    assert_ne!(of(&[Some("a")]), of(&[Some("a"), None]));
    let event = valid(&validator(), r#"{"satisfaction":[{"place":"x","rating":1},{"rating":2}]}"#);
    assert_eq!(event.extensions()[0], of(&[Some("x"), None]), "read or made");
}

#[test]
fn records_are_equal_by_effective_values_under_one_schema() {
    let event = valid(
        &validator(),
        r#"{"Satisfaction":[{"rating":1},{"rating":2,"place":"x"}],"All":{"integer":1,"place":"unknown"}}"#,
    );
    let [by_default, other] = event.extensions()[0].iter().collect::<Vec<_>>()[..] else { panic!("two") };
    let made = Extension::builder(&satisfaction())
        .record(|record| {
            record.set("place", "unknown").set("rating", 1);
        })
        .build()
        .unwrap();
    assert_eq!(Some(by_default), made.record(), "given, or by default");
    assert_ne!(by_default, other);
    let without_key = ExtensionSchema::multi_valued("Satisfaction")
        .attribute(AttributeSchema::integer("rating").mandatory())
        .attribute(AttributeSchema::string("place").default("unknown"))
        .build()
        .unwrap();
    let made = Extension::builder(&without_key).record(|record| {
        record.set("rating", 1);
    });
    assert_ne!(Some(by_default), made.build().unwrap().record(), "another schema");
}

#[test]
fn what_is_shown_for_debugging_is_named_and_in_order() {
    let body = r#"{"All":{"integer":1,"string":"x"},"Satisfaction":[{"rating":2}],"Other":[7,"x"]}"#;
    let open = Validator::new(validator().schemas().with_open("Other".parse().unwrap()));
    let event = valid(&open, body);
    let record = event.extension("All").unwrap().record().unwrap();
    assert_eq!(
        format!("{record:?}"),
        r#"{"string": String("x"), "integer": Integer(1), "place": String("unknown")}"#,
    );
    assert_eq!(format!("{:?}", event.extension("All").unwrap()), format!("All [{record:?}]"));
    assert_eq!(format!("{:?}", event.open_extension("Other").unwrap()), r#"Other [7,"x"]"#);
}

#[test]
fn an_event_made_in_rust_equals_the_one_read() {
    let event = ServiceEndEvent::builder()
        .service_id(7)
        .session_id("session")
        .interaction_id("interaction")
        .application_type("IVR")
        .application_id(1)
        .resource_type(2)
        .resource_id(5005)
        .media_type("voice")
        .disposition(10)
        .disposition_desc("SUCCESS")
        .timestamp("2009-05-12T14:05:12.145+02:00")
        .extension(
            Extension::builder(&satisfaction())
                .record(|record| {
                    record.set("rating", 1);
                })
                .build()
                .unwrap(),
        )
        .extension(
            Extension::builder(&all_types())
                .record(|record| {
                    record.set_null("place");
                })
                .build()
                .unwrap(),
        )
        .build(&validator())
        .unwrap();
    let written = serde_json::to_string(&event).unwrap();
    assert_eq!(
        written,
        concat!(
            r#"{"service_id":7,"timestamp":"2009-05-12T12:05:12.145Z","session_id":"session","#,
            r#""interaction_id":"interaction","application_type":"IVR","application_id":1,"resource_type":2,"#,
            r#""resource_id":5005,"media_type":"voice","disposition":10,"disposition_desc":"SUCCESS","#,
            r#""Satisfaction":[{"rating":1,"place":"unknown"}],"All":{"place":null}}"#
        ),
        "`null` where a value was turned down that has a default"
    );
    assert_eq!(valid(&validator(), &written), event);
}

#[test]
fn events_are_equal_in_whatever_order_they_name_their_extensions() {
    let one = valid(&validator(), r#"{"All":{},"Satisfaction":[]}"#);
    let other = valid(&validator(), r#"{"Satisfaction":[],"All":{}}"#);
    assert_eq!(one, other);
    assert_ne!(one, valid(&validator(), r#"{"All":{}}"#));
}

#[test]
fn events_that_differ_in_anything_are_not_equal() {
    let event = |body: &str| {
        valid(&Validator::new(validator().schemas().clone().with_open(OpenNames::every())), body)
    };
    let bodies = [
        "{}",
        r#"{"service_id":7}"#,
        r#"{"timestamp":"2009-05-12T12:05:12Z"}"#,
        r#"{"disposition":10}"#,
        r#"{"All":{}}"#,
        r#"{"All":{"string":"x"}}"#,
        r#"{"Case":1}"#,
        r#"{"Case":2}"#,
    ];
    for one in bodies {
        for other in bodies {
            assert_eq!(event(one) == event(other), one == other, "{one} and {other}");
        }
    }
}

#[test]
fn what_is_wrong_with_the_fields_of_an_event_is_told_as_of_a_body() {
    let cleared = Extension::builder(&satisfaction()).build().unwrap();
    let violations = ServiceEndEvent::builder()
        .session_id(&"x".repeat(33))
        .disposition(1.5)
        .media_type("a\0")
        .timestamp("today")
        .extension(cleared.clone())
        .extension(cleared)
        .build(&validator())
        .unwrap_err();
    assert_eq!(
        summary(violations.violations().unwrap().as_slice()),
        [
            ("/session_id".to_owned(), "too_long"),
            ("/disposition".to_owned(), "wrong_type"),
            ("/media_type".to_owned(), "forbidden_character"),
            ("/timestamp".to_owned(), "invalid_format"),
            ("/Satisfaction".to_owned(), "duplicate_key"),
        ]
    );
}

#[test]
fn fields_can_be_given_together() {
    let fields =
        FixedFields { session_id: SessionId::new("s").ok(), resource_id: Some(1), ..FixedFields::default() };
    let event = ServiceEndEvent::builder().fields(fields.clone()).build(&Validator::default()).unwrap();
    assert_eq!(event.fields(), &fields);
}

#[test]
fn an_event_is_admitted_by_the_declarations_of_a_validator() {
    let business = BusinessAttributes::new().with(BusinessField::Disposition, [(10, "Resolved")]).unwrap();
    let strict = Validator::new(Schemas::new().with(satisfaction()).unwrap())
        .with_business_attributes(business)
        .with_max_records(1);

    let named = ServiceEndEvent::builder().disposition("Resolved").build(&Validator::default()).unwrap();
    assert_eq!(strict.admit(named).unwrap().fields().disposition, Some(BusinessValue::Id(10)));
    let named = ServiceEndEvent::builder().disposition("Resolved").build(&strict).unwrap();
    assert_eq!(named.fields().disposition, Some(BusinessValue::Id(10)));

    let other_schema = ExtensionSchema::multi_valued("Satisfaction")
        .attribute(AttributeSchema::integer("stars"))
        .build()
        .unwrap();
    let of = |schema: &ExtensionSchema, records: i32| {
        let mut builder = Extension::builder(schema);
        for rating in 0..records {
            builder = builder.record(|record| {
                record.set("rating", rating).set("place", &*rating.to_string());
            });
        }
        builder.build()
    };
    for (extension, expected) in [
        (of(&satisfaction(), 1), vec![]),
        (of(&satisfaction(), 2), vec![("/Satisfaction".to_owned(), "too_many_records")]),
        // Of another version of the schema, what can be carried is.
        (Extension::builder(&other_schema).build(), vec![]),
        (
            Extension::builder(&other_schema)
                .record(|record| {
                    record.set("stars", 1);
                })
                .build(),
            vec![
                ("/Satisfaction/0/stars".to_owned(), "unknown_attribute"),
                ("/Satisfaction/0/rating".to_owned(), "missing_attribute"),
            ],
        ),
        (
            Extension::builder(&all_types())
                .record(|record| {
                    record.set("long", 1);
                })
                .build(),
            vec![("/All".to_owned(), "unknown_extension")],
        ),
    ] {
        let extension = extension.unwrap();
        let event = ServiceEndEvent::builder().extension(extension.clone());
        let found = |built: Result<ServiceEndEvent, ReadError>| match built {
            Ok(_) => Vec::new(),
            Err(error) => summary(error.violations().unwrap().as_slice()),
        };
        assert_eq!(found(event.build(&strict)), expected, "made for this validator");
        let lenient = Validator::new(Schemas::new().with(extension.schema().clone()).unwrap());
        let event = ServiceEndEvent::builder().extension(extension).build(&lenient).unwrap();
        assert_eq!(found(strict.admit(event)), expected, "of another validator");
    }
    let error = ServiceEndEvent::builder().disposition("resolved").build(&strict).unwrap_err();
    assert_eq!(
        summary(error.violations().unwrap().as_slice()),
        [("/disposition".to_owned(), "unknown_business_value")]
    );
}

#[test]
fn an_extension_outlives_the_event_that_it_came_from() {
    let extension = {
        let event =
            valid(&validator(), r#"{"Satisfaction":[{"rating":1,"place":"Paris"}],"All":{"string":"x"}}"#);
        event.extension("satisfaction").unwrap().clone()
    };
    assert_eq!(extension.record().unwrap().get("place"), Some(Value::String("Paris")));
    assert_eq!(extension.records().len(), 1);
}

#[test]
fn extensions_keep_the_order_in_which_they_are_named_however_many_they_are() {
    let all: Vec<String> = (0..7).map(|n| format!("Note{n}")).collect();
    let note = |name: &str| {
        ExtensionSchema::single_valued(name).attribute(AttributeSchema::integer("n")).build().unwrap()
    };
    let schemas = all.iter().fold(Schemas::new(), |schemas, name| schemas.with(note(name)).unwrap());
    let validator = Validator::new(schemas);
    for count in 0..=all.len() {
        // As declared, and the other way round.
        for reversed in [false, true] {
            let mut named = all[..count].to_vec();
            if reversed {
                named.reverse();
            }
            let members: Vec<_> =
                named.iter().enumerate().map(|(n, name)| format!(r#""{name}":{{"n":{n}}}"#)).collect();
            let body = format!("{{{}}}", members.join(","));
            let event = valid(&validator, &body);
            let found: Vec<_> = event.extensions().iter().map(Extension::name).collect();
            assert_eq!(found, named);
            assert_eq!(serde_json::to_string(&event).unwrap(), body);
            let made = event
                .extensions()
                .iter()
                .fold(ServiceEndEvent::builder(), |made, extension| made.extension(extension.clone()));
            assert_eq!(made.build(&validator).unwrap(), event);
            assert_eq!(event.clone(), event);
        }
    }
}

#[test]
fn an_extension_is_declared_by_a_set_that_has_its_schema_as_it_was() {
    let validator = validator();
    let event = valid(&validator, r#"{"Satisfaction":[{"rating":1}]}"#);
    let read = event.extension("Satisfaction").unwrap();
    let made = Extension::builder(&satisfaction())
        .record(|record| {
            record.set("rating", 1);
        })
        .build()
        .unwrap();
    let other = ExtensionSchema::multi_valued("Satisfaction")
        .attribute(AttributeSchema::integer("rating"))
        .build()
        .unwrap();
    let without = validator.schemas().without("satisfaction").unwrap();
    let cases = [
        ("the same set", validator.schemas().clone(), true),
        ("an equal schema in another set", Schemas::new().with(satisfaction()).unwrap(), true),
        ("declared anew just so", without.with(satisfaction()).unwrap(), true),
        ("another schema of the name", without.with(other).unwrap(), false),
        ("gone", without, false),
        ("no schema", Schemas::new(), false),
    ];
    for (case, schemas, declared) in cases {
        assert_eq!(read.is_declared_by(&schemas), declared, "read: {case}");
        assert_eq!(made.is_declared_by(&schemas), declared, "made in Rust: {case}");
    }
}

#[test]
fn of_an_event_made_in_rust_no_more_violations_are_kept_than_of_a_body() {
    for (limit, kept, truncated) in [(1, 1, true), (2, 2, true), (3, 3, false), (4, 3, false)] {
        let build = ServiceEndEvent::builder()
            .session_id(&"x".repeat(33))
            .interaction_id(&"x".repeat(51))
            .disposition_desc(&"x".repeat(65))
            .build(&validator().with_max_violations(limit));
        let Err(ReadError::Invalid(violations)) = build else { panic!("{build:?}") };
        assert_eq!((violations.len(), violations.truncated()), (kept, truncated), "{limit}");
    }
}
