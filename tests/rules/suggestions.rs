//! What was probably meant: the nearest known name, at most one, and only when near.

use service_end::{
    BusinessAttributes, Problem, ReadError, Schemas, Validator, Violation, schema::BusinessField,
};

fn validator() -> Validator {
    let schemas = Schemas::from_json(
        r#"[ { "name": "Feedback", "type": "single-valued", "attributes": [
                 { "name": "rating", "type": "integer" }, { "name": "place", "type": "string" },
                 { "name": "a", "type": "string" }, { "name": "notes", "type": "string" } ] } ]"#,
    );
    let business = BusinessAttributes::new()
        .with(BusinessField::Disposition, [(10, "Resolved"), (11, "Escalated"), (12, "Call back later")])
        .unwrap();
    Validator::new(schemas.unwrap()).with_business_attributes(business)
}

fn only_violation(body: &str) -> Violation {
    match validator().read(body.as_bytes()) {
        Err(ReadError::Invalid(violations)) if violations.as_slice().len() == 1 => {
            violations.as_slice()[0].clone()
        }
        other => panic!("{body}: {other:?}"),
    }
}

#[test]
fn a_near_attribute_is_suggested() {
    for (name, suggestion) in [
        ("note", Some("notes")),
        ("ratnig", Some("rating")),
        ("rateing", Some("rating")),
        ("plac", Some("place")),
        ("pl", None),
        ("b", None),
        ("notation", None),
        // From six characters on two edits, below that one.
        ("ratixy", Some("rating")),
        ("ratxyz", None),
        ("notex", Some("notes")),
        ("notxy", None),
        ("", None),
        ("no~tes", Some("notes")),
        ("not/es", Some("notes")),
    ] {
        let violation = only_violation(&format!(r#"{{"Feedback":{{"{name}":1}}}}"#));
        assert_eq!(violation.suggestion(), suggestion, "{name}");
    }
}

#[test]
fn a_near_extension_or_fixed_field_is_suggested() {
    for (name, suggestion) in [
        ("Fedback", Some("Feedback")),
        ("FEEDBAKC", Some("Feedback")),
        ("SESSION_ID", Some("session_id")),
        ("sessionId", Some("session_id")),
        ("disposition_description", None),
        ("timestmap", Some("timestamp")),
        ("disxosizioq_desc", Some("disposition_desc")),
        ("service-id", Some("service_id")),
        ("Complaints", None),
    ] {
        let violation = only_violation(&format!(r#"{{"{name}":1}}"#));
        assert_eq!(violation.suggestion(), suggestion, "{name}");
    }
}

#[test]
fn a_near_business_name_is_suggested_and_the_value_is_not_kept() {
    for (name, suggestion) in [
        ("resolved", Some("Resolved")),
        ("Escalatd", Some("Escalated")),
        ("Callback later", Some("Call back later")),
        ("Unresolved issue", None),
    ] {
        let violation = only_violation(&format!(r#"{{"disposition":"{name}"}}"#));
        assert_eq!(violation.suggestion(), suggestion, "{name}");
        assert!(!format!("{violation:?}").contains(name), "{violation:?}");
    }
    assert_eq!(only_violation(r#"{"disposition":13}"#).suggestion(), None);
}

#[test]
fn a_name_is_near_by_its_characters_whatever_bytes_they_take() {
    for (declared, name, near) in [
        ("Передано", "Перидано", true),
        ("Передано", "перидано", true),
        ("Передано", "Пиридано", true),
        ("Передано", "Пириданй", false),
        ("Передано", "Передан", true),
        ("Передано", "Переда", true),
        ("Передано", "Перед", false),
        ("Переданоооо", "Передано", false),
        ("Переданооо", "Передано", true),
        ("😀😁😂🤣😃", "😀😁😂🤣", true),
        ("😀😁😂🤣😃😄", "😀😁😂🤣", false),
    ] {
        let business = BusinessAttributes::new().with(BusinessField::Disposition, [(1, declared)]).unwrap();
        let validator = Validator::new(Schemas::new()).with_business_attributes(business);
        let read = validator.read(format!(r#"{{"disposition":"{name}"}}"#).as_bytes());
        let Err(ReadError::Invalid(violations)) = read else { panic!("{name}: {read:?}") };
        assert_eq!(violations.as_slice()[0].suggestion(), near.then_some(declared), "{declared} {name}");
    }
}

#[test]
fn a_suggestion_stands_in_the_problem_document() {
    let error = validator().read(br#"{"Feedback":{"note":"x"}}"#).unwrap_err();
    let problem = serde_json::to_value(Problem::from(&error)).unwrap();
    assert_eq!(problem["violations"][0]["suggestion"], "notes");
}

#[test]
fn a_name_of_a_megabyte_costs_no_more_than_reading_it() {
    let violation = only_violation(&format!(r#"{{"{}":1}}"#, "x".repeat(1 << 20)));
    assert_eq!(violation.suggestion(), None);
}

#[test]
fn a_text_full_of_near_names_has_no_suggestions_from_some_point_on() {
    let letters = "abcdefgh".repeat(7);
    let attributes: Vec<_> =
        (0..256).map(|n| format!(r#"{{ "name": "{letters}x{n:03}", "type": "string" }}"#)).collect();
    let schemas = Schemas::from_json(format!(
        r#"[ {{ "name": "E", "type": "single-valued", "attributes": [ {} ] }} ]"#,
        attributes.join(",")
    ));
    let names: Vec<_> = (0..100).map(|n| format!(r#""{letters}y{n:03}": 1"#)).collect();
    let body = format!(r#"{{ "E": {{ {} }} }}"#, names.join(","));
    let Err(ReadError::Invalid(violations)) = Validator::new(schemas.unwrap()).read(body.as_bytes()) else {
        panic!()
    };
    let suggested: Vec<_> = violations.iter().map(|violation| violation.suggestion().is_some()).collect();
    let made = suggested.iter().take_while(|suggested| **suggested).count();
    assert!((1..50).contains(&made) && suggested[made..].iter().all(|suggested| !suggested), "{suggested:?}");
    // The document and the rendering have the same ones: none is looked for again.
    let document = serde_json::to_string(&Problem::invalid_event(&violations)).unwrap();
    assert_eq!(document.matches("\"suggestion\":").count(), made);
    assert_eq!(violations.render(body.as_bytes()).to_string().matches("did you mean").count(), made);
}

#[test]
fn among_very_many_values_none_is_looked_for() {
    let names: Vec<_> = (0..100_000).map(|n| format!("disposition {n:05}")).collect();
    let values = (0..).zip(names.iter().map(String::as_str));
    let business = BusinessAttributes::new().with(BusinessField::Disposition, values).unwrap();
    let validator = Validator::new(Schemas::new()).with_business_attributes(business);
    let Err(ReadError::Invalid(violations)) = validator.read(br#"{"disposition":"disposition 12x45"}"#)
    else {
        panic!()
    };
    let violation = &violations.as_slice()[0];
    assert_eq!(violation.suggestion(), None);
    let expected = violation.expected().unwrap();
    assert_eq!((expected.len(), expected.more()), (16, 99_984));
}
