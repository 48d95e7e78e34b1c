//! What a host logs by habit shows no value of a body: `Debug` of all that is handed on as a whole.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use service_end::{
    CompleteService, EndPolicy, EndRules, Extension, MemoryStorage, Outcome, Problem, Schemas, Service,
    ServiceEndEvent, Storage, StoredService, Validator, Violations,
    service::{Decision, StoredParts, StoredRule, decide},
    storage::{Outbox, Want},
    validate::{Findings, Parts},
};

use crate::stage::{ID, NOW, active, at};

const SECRET: &str = "0175-5550123";
const NUMBER: i64 = 5_550_123;

fn body() -> String {
    format!(
        r#"{{ "session_id": "{SECRET}", "disposition": {NUMBER}, "disposition_desc": "{SECRET}",
            "Note": {{ "text": "{SECRET}", "number": {NUMBER} }}, "Case": {{ "{SECRET}": {NUMBER} }} }}"#
    )
}

fn validator() -> Validator {
    let schemas = Schemas::from_json(
        r#"[ { "name": "Note", "type": "single-valued", "attributes": [
            { "name": "text", "type": "string" }, { "name": "number", "type": "long" } ] } ]"#,
    );
    Validator::new(schemas.unwrap().with_open("Case".parse().unwrap()))
}

/// Holds that a value tells something and no secret, over one line and over several.
fn hides(what: &str, value: &dyn Debug, expected: &str) {
    for told in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(told.contains(expected), "{what}: {told}");
        assert!(!told.contains(SECRET) && !told.contains(&NUMBER.to_string()), "{what}: {told}");
    }
}

#[test]
fn an_event_and_what_is_made_of_it_name_their_parts_and_show_no_value() {
    let (body, now) = (body(), at(NOW));
    let event = validator().read(body.as_bytes()).unwrap();
    hides("event", &event, "Disposition");
    hides("event", &event, "Note");
    let Ok(decision) = decide(ID, Some(&active()), event.clone(), &EndRules::new(), now) else { panic!() };
    hides("decision", &decision, &ID.to_string());
    let Decision::Complete(completion) = decision else { panic!() };
    hides("notice", &completion.notice("/services"), "/services");
    hides("end", completion.end(), "2009-05-12T12:05:12.145Z");
    let (note, case) = (event.extensions()[0].clone(), event.open_extensions()[0].clone());
    let builder = ServiceEndEvent::builder().session_id(SECRET).extension(note).open_extension(case);
    hides("builder", &builder, "Case");
    let building = Extension::builder(event.extensions()[0].schema()).record(|record| {
        record.set("text", SECRET).set("number", NUMBER);
        hides("record that is built", record, "RecordBuilder");
    });
    // A record whose values are given in another order is put in order first.
    let building = building.record(|record| {
        record.set("number", NUMBER).set("text", SECRET);
    });
    hides("extension that is built", &building, "Table { .. }");
}

#[test]
fn an_answer_and_what_is_stored_name_their_parts_and_show_no_value() {
    let storage = MemoryStorage::new().with_outbox("/services".parse().unwrap());
    let note = format!(r#"{{"text":"{SECRET}","number":{NUMBER}}}"#);
    storage.insert(active().with_extension("Note", &*note).with_extension("Gone", &*note));
    hides("store", &storage, "Note");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let look = StoredRule::new(
        "looks",
        ["disposition", "Note", "Case"],
        ["Note", "Case"],
        move |parts: &Parts<'_>, stored: &StoredParts<'_>, findings: &mut Findings<'_>| {
            noted.lock().unwrap().extend([
                format!("{parts:?}"),
                format!("{stored:?}"),
                format!("{findings:?}"),
            ]);
        },
    );
    let rules = EndRules::new().with_policy(EndPolicy::ReplaceEarlier);
    let operation = CompleteService::new(validator(), &storage).with_end_rules(rules);
    let operation = operation.with_stored_rule(look).unwrap();
    let body = body();
    let ended = operation.end(ID, body.as_bytes(), at(NOW)).unwrap();
    let same = operation.end(ID, body.as_bytes(), at(NOW)).unwrap();
    let other = body.replacen("disposition_desc", "interaction_id", 1);
    let replaced = operation.end(ID, other.as_bytes(), at(NOW)).unwrap();
    assert!(matches!(
        (&ended, &same, &replaced),
        (Outcome::Ended(_), Outcome::AlreadySo(_), Outcome::Replaced(_))
    ));
    hides("ended", &ended, "Note");
    hides("already so", &same, "DispositionDesc");
    hides("replaced", &replaced, "Case");
    hides("answer", &Ok::<_, Problem>(ended), "Ok(");
    hides("operation", &operation, "looks");
    hides("store", &storage, "Note");
    let parts = seen.lock().unwrap().concat();
    hides("parts", &parts, "StoredParts");
    let stored = storage.load(ID.into(), Want::All).unwrap().unwrap();
    hides("stored", &stored, "gone");
    let document = StoredService::from_json(stored.to_json(), 1).unwrap();
    hides("read document", &document, "note");
    hides("service", &Service::read(&stored, validator().schemas()), "Case");
    hides("taken", &storage.take(1, Duration::from_secs(1)).unwrap(), "TakenNotice");
}

#[test]
fn a_rendering_shows_the_values_of_the_text_only_if_it_is_told_to() {
    let body = format!(r#"{{ "session_id": "{SECRET}", "resource_id": "x" }}"#);
    let error = validator().read(body.as_bytes()).unwrap_err();
    let violations: &Violations = error.violations().unwrap();
    hides("rendering", &violations.render(body.as_bytes()), "wrong_type");
    let shown = violations.render(body.as_bytes()).show_values();
    assert_eq!(format!("{shown:?}"), shown.to_string());
    assert!(shown.to_string().contains(SECRET));
}
