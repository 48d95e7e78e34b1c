//! What becomes of extensions without a schema: retries, replacing, stores, and schemas that come and go (2.10, S8, S9).

use service_end::event::OpenExtension;
use service_end::schema::OpenNames;
use service_end::service::{StoredParts, StoredRule};
use service_end::validate::{Findings, Parts, Rule, RuleError};
use service_end::violation::HostCode;
use service_end::{
    AttributeSchema, CompleteError, CompleteService, EndPolicy, EndRules, ExtensionSchema, MemoryStorage,
    Problem, Schemas, Service, ServiceEndEvent, StoredService, Validator,
};

use crate::stage::{ID, NOW, active, at, end, schemas, store_with, stored, told};
use crate::support::summary;

fn every() -> Schemas {
    schemas().with_open(OpenNames::every())
}

fn operation(storage: &MemoryStorage) -> CompleteService<&MemoryStorage> {
    CompleteService::new(Validator::new(every()), storage)
}

/// The extensions of the service of the stage, as a document has them.
fn shown(storage: &MemoryStorage, schemas: &Schemas) -> String {
    let service = Service::read(&stored(storage), schemas);
    let all = service.all_extensions().map(|each| format!(r#""{}":{}"#, each.name(), each.to_json()));
    all.collect::<Vec<_>>().join(",")
}

fn case_schema() -> ExtensionSchema {
    let case = ExtensionSchema::single_valued("CASE").attribute(AttributeSchema::long("id").mandatory());
    case.attribute(AttributeSchema::string("note").default("none")).build().unwrap()
}

#[test]
fn it_is_recorded_and_shown_as_the_event_wrote_it() {
    let storage = store_with(active());
    let body = r#"{"Case":{ "b": 1e2, "a": 1.0 },"Feedback":{"rating":7},"nOTES":[12345678901234567890123]}"#;
    assert_eq!(end(&operation(&storage), body), "ended");
    assert_eq!(
        shown(&storage, &every()),
        r#""Case":{"b":1e2,"a":1.0},"Feedback":{"rating":7,"notes":"none"},"nOTES":[12345678901234567890123]"#,
    );
    let service = Service::read(&stored(&storage), &every());
    assert_eq!(service.open_extension("NOTES").unwrap().json(), "[12345678901234567890123]");
    let document = serde_json::to_string(&service).unwrap();
    assert!(document.ends_with(r#""nOTES":[12345678901234567890123]}"#), "{document}");
    // What was read without any schema keeps the names too.
    let again = StoredService::from_json(stored(&storage).to_json(), 1).unwrap();
    assert_eq!(serde_json::to_string(&Service::read(&again, &every())).unwrap(), document);
}

#[test]
fn a_retry_says_the_same_by_value() {
    let body = r#"{"Case":{"b":[1,2],"a":1.0},"Feedback":{"rating":7},"Empty":[]}"#;
    let storage = store_with(active());
    assert_eq!(end(&operation(&storage), body), "ended");
    for (body, expected) in [
        (body, "already so"),
        (r#"{"CASE":{"a":1,"b":[1e0,2]}}"#, "already so"),
        (r#"{"Other":[ ]}"#, "already so"),
        (r#"{"Case":{"a":1,"b":[2,1]}}"#, "service_already_ended"),
        (r#"{"Case":[]}"#, "service_already_ended"),
        (r#"{"Other":{}}"#, "service_already_ended"),
    ] {
        assert_eq!(end(&operation(&storage), body), expected, "{body}");
    }
    let body = r#"{"disposition":1,"oTHER":1,"Feedback":{"rating":8},"case":0}"#;
    let error = operation(&storage).end(ID, body.as_bytes(), at(NOW)).unwrap_err();
    let differences = Problem::from(&error).differences().unwrap().to_vec();
    assert_eq!(differences, ["/disposition", "/oTHER", "/Feedback", "/case"]);
}

#[test]
fn a_later_end_replaces_it_by_name() {
    let storage = store_with(active());
    let operation =
        operation(&storage).with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier));
    for (body, told, expected) in [
        (r#"{"Case":1,"Other":{"x":null}}"#, "ended", r#""Case":1,"Other":{"x":null}"#),
        (r#"{"case":[2.0]}"#, "replaced", r#""Other":{"x":null},"case":[2.0]"#),
        (r#"{"CASE":[2]}"#, "already so", r#""Other":{"x":null},"case":[2.0]"#),
        (
            r#"{"OTHER":[],"Feedback":{"rating":1}}"#,
            "replaced",
            r#""case":[2.0],"Feedback":{"rating":1,"notes":"none"}"#,
        ),
        (r#"{"Case":[]}"#, "replaced", r#""Feedback":{"rating":1,"notes":"none"}"#),
    ] {
        assert_eq!(end(&operation, body), told, "{body}");
        assert_eq!(shown(&storage, &every()), expected);
    }
}

#[test]
fn a_schema_that_is_registered_later_reads_what_it_can() {
    let later = |schemas: Schemas| schemas.with(case_schema()).unwrap();
    for (value, shown_later, unreadable) in [
        (r#"{"id":7}"#, r#""CASE":{"id":7}"#, &[][..]),
        (r#"{"ID":7.0,"note":"a"}"#, r#""CASE":{"id":7,"note":"a"}"#, &[]),
        (r#"{"note":"a"}"#, "", &["/CASE/id missing_attribute"]),
        ("[1]", "", &["/CASE wrong_shape"]),
        ("1e2", "", &["/CASE wrong_shape"]),
    ] {
        let storage = store_with(active());
        assert_eq!(end(&operation(&storage), &format!(r#"{{"case":{value}}}"#)), "ended");
        assert_eq!(shown(&storage, &later(every())), shown_later, "{value}");
        let service = Service::read(&stored(&storage), &later(every()));
        let told: Vec<_> = service
            .unreadable()
            .iter()
            .flat_map(|each| summary(each.violations().unwrap().as_slice()))
            .map(|(pointer, code)| format!("{pointer} {code}"))
            .collect();
        assert_eq!(told, unreadable, "{value}");
        // It is as any that can't be read: it differs, and can be replaced.
        let operation = CompleteService::new(Validator::new(later(every())), &storage);
        let retry = end(&operation, r#"{"Case":{"id":7,"note":null}}"#);
        assert_eq!(retry == "already so", value == r#"{"id":7}"#, "{value}: {retry}");
    }
}

#[test]
fn what_has_no_schema_any_more_is_open_if_its_name_is() {
    let storage = store_with(active());
    let with_case = every().with(case_schema()).unwrap();
    let operation = CompleteService::new(Validator::new(with_case), &storage);
    assert_eq!(end(&operation, r#"{"case":{"id":7}}"#), "ended");
    assert_eq!(shown(&storage, &every()), r#""CASE":{"id":7,"note":"none"}"#);
    // Where it is not, it is hidden, but not lost.
    let service = Service::read(&stored(&storage), &schemas());
    assert_eq!(service.unreadable()[0].key(), "case");
    assert_eq!(service.all_extensions().len(), 0);
    assert_eq!(
        stored(&storage).migrate(&every()).unwrap().extension("case"),
        Some(r#"{"id":7,"note":"none"}"#)
    );
    assert!(stored(&storage).migrate(&schemas()).is_err());
}

#[test]
fn damaged_text_is_no_open_extension() {
    for json in ["", "nul", "{\"a\":1,\"a\":2}", "null", "[1] 2", "\"\\u0000\"", "[1E400]"] {
        let service = active().with_extension("Case", json);
        let read = Service::read(&service, &every());
        assert_eq!(read.unreadable().len(), 1, "{json}");
        let storage = store_with(service);
        assert_eq!(end(&operation(&storage), r#"{"disposition":1}"#), "ended");
        assert_eq!(
            end(&operation(&storage), r#"{"disposition":1,"Case":[]}"#),
            "service_already_ended",
            "{json}"
        );
    }
    // What a host inserts may be larger than a body's.
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let read = Service::read(&active().with_extension("Case", deep), &every());
    assert_eq!(read.open_extensions().len(), 1);
    // A name that can't be that of an extension is none that is open.
    let read = Service::read(&active().with_extension("no name", "1"), &every());
    assert_eq!(read.unreadable()[0].key(), "no name");
}

#[test]
fn a_store_with_a_schema_of_the_name_says_that_schemas_changed() {
    let storage = store_with(active());
    let body = r#"{"Case":{"id":7}}"#;
    storage.register(&case_schema()).unwrap();
    assert_eq!(told(&operation(&storage).end(ID, body.as_bytes(), at(NOW))), "schema_changed");
    assert_eq!(stored(&storage).end, None);
    assert_eq!(
        operation(&storage).end(ID, br#"{"Case":[]}"#, at(NOW)),
        Err(CompleteError::SchemaChanged),
        "it would clear what the schema reads",
    );
    // Once the schema is removed, the name is open again.
    storage.unregister("Case").unwrap();
    assert_eq!(end(&operation(&storage), body), "ended");
    assert_eq!(shown(&storage, &every()), r#""Case":{"id":7}"#);
    // And a schema that is registered later takes over.
    storage.register(&case_schema()).unwrap();
    let now = storage.schemas().with_open(OpenNames::every());
    assert_eq!(shown(&storage, &now), r#""CASE":{"id":7}"#);
    storage.unregister("case").unwrap();
    assert_eq!(shown(&storage, &every()), "");
}

#[test]
fn an_event_is_decided_on_again_with_all_it_says() {
    let storage = store_with(active());
    let case = OpenExtension::from_json("Case", "[1.0]").unwrap();
    let event = ServiceEndEvent::builder().open_extension(case).build(&Validator::new(every())).unwrap();
    let answer = operation(&storage).end_with(ID, event.clone(), at(NOW));
    assert_eq!(told(&answer), "ended");
    let Ok(service_end::Outcome::Ended(completion)) = answer else { panic!() };
    assert_eq!(completion.open_extensions(), event.open_extensions());
    assert!(completion.extensions().is_empty());
    assert_eq!(
        completion.notice("/services").data_to_json(),
        format!(
            r#"{{"service_id":{ID},"started":{{"timestamp":"2009-05-12T11:50:00.000Z"}},"completed":{{"timestamp":"{NOW}"}},"Case":[1.0]}}"#
        ),
    );
}

fn rule(reads: &'static [&'static str]) -> Rule {
    let code = HostCode::new("case_is_open").unwrap();
    Rule::new(
        "a_case_is_closed",
        reads.iter().copied(),
        move |parts: &Parts<'_>, findings: &mut Findings<'_>| {
            if parts.open_extension("Case").is_none_or(|case| case.json() != r#""closed""#) {
                findings.at_extension("case", &code, "the case must be closed");
            }
        },
    )
}

#[test]
fn a_rule_reads_an_open_extension() {
    let validator = Validator::new(every()).with_rule(rule(&["CASE", "Feedback"])).unwrap();
    for (body, expected) in [
        (r#"{"Case":"closed"}"#, &[][..]),
        (r#"{"cASE":"open"}"#, &["/cASE case_is_open"]),
        ("{}", &["/CASE case_is_open"]),
        (r#"{"Other":null}"#, &["/Other wrong_type", "/CASE case_is_open"]),
        (r#"{"Case":null}"#, &["/Case wrong_type"]),
        (r#"{"Case":"closed","case":1}"#, &["/case duplicate_key"]),
        (r#"{"Case":1,"Feedback":[]}"#, &["/Feedback wrong_shape"]),
    ] {
        let found = match validator.read(body.as_bytes()) {
            Ok(_) => Vec::new(),
            Err(error) => error
                .violations()
                .unwrap()
                .iter()
                .map(|violation| format!("{} {}", violation.pointer(), violation.code()))
                .collect(),
        };
        assert_eq!(found, expected, "{body}");
    }
    let refused = Validator::new(schemas()).with_rule(rule(&["Case"])).unwrap_err();
    assert!(matches!(refused, RuleError::UnknownPart { .. }));
}

#[test]
fn a_rule_about_what_is_stored_reads_an_open_extension() {
    let code = HostCode::new("on_hold").unwrap();
    let rule = StoredRule::new(
        "nothing_on_hold_ends",
        ["Case"],
        ["HOLD", "Feedback"],
        move |parts: &Parts<'_>, stored: &StoredParts<'_>, findings: &mut Findings<'_>| {
            let forced = parts.open_extension("case").is_some_and(|case| case.json() == r#""forced""#);
            if !forced && (stored.open_extension("Hold").is_some() || stored.is_unreadable("hold")) {
                findings.at_extension("Case", &code, "the service is on hold");
            }
        },
    );
    for (hold, body, expected) in [
        (None, "{}", "ended"),
        (Some("[1]"), "{}", "invalid_event /Case on_hold"),
        (Some("[1"), r#"{"CASE":1}"#, "invalid_event /CASE on_hold"),
        (Some("[1]"), r#"{"Case":"forced"}"#, "ended"),
    ] {
        let service = hold.into_iter().fold(active(), |service, hold| service.with_extension("Hold", hold));
        let storage = store_with(service);
        let operation = operation(&storage).with_stored_rule(rule.clone()).unwrap();
        assert_eq!(end(&operation, body), expected);
    }
}
