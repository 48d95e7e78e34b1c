//! Rules of the host over events that were read with other schemas.

use service_end::schema::OpenNames;
use service_end::validate::{Findings, Parts, Rule};
use service_end::violation::HostCode;
use service_end::{Schemas, Validator};

use crate::support::validator;

fn schemas_of(declared: &[(&str, &str)]) -> String {
    let schemas = declared.iter().map(|(name, attributes)| {
        format!(r#"{{ "name": "{name}", "type": "single-valued", "attributes": [ {attributes} ] }}"#)
    });
    format!("[{}]", schemas.collect::<Vec<_>>().join(","))
}

#[test]
fn no_rule_runs_on_a_part_that_could_not_be_carried() {
    const A: &str = r#"{ "name": "a", "type": "integer" }"#;
    const LOW: &str = r#"{ "name": "a", "type": "integer", "maximum": 3 }"#;
    for (before, body, after) in [
        (schemas_of(&[("Bee", A)]), r#"{ "Bee": { "a": 7 } }"#, schemas_of(&[("Bee", LOW)])),
        ("[]".to_owned(), r#"{ "bEE": { "A": 7 } }"#, schemas_of(&[("Bee", LOW)])),
    ] {
        let open = Schemas::from_json(&before).unwrap().with_open(OpenNames::every());
        let event = Validator::new(open).read(body.as_bytes()).unwrap();
        let rule = |parts: &Parts<'_>, findings: &mut Findings<'_>| {
            assert!(parts.extension("Bee").is_none(), "it ran only where there is none");
            findings.at_extension("Bee", &HostCode::new("bee_missing").unwrap(), "no bee");
        };
        let validator = validator(&after).with_rule(Rule::new("needs_bee", ["Bee"], rule)).unwrap();
        let error = validator.admit(event).unwrap_err();
        let [violation] = error.violations().unwrap().as_slice() else { panic!("{error:?}") };
        assert_eq!(violation.code().as_str(), "out_of_range");
    }
}

#[test]
fn findings_in_an_event_that_was_carried_stand_where_they_belong() {
    const A: &str = r#"{ "name": "a", "type": "integer" }"#;
    const A_THEN_B: &str = r#"{ "name": "a", "type": "integer" }, { "name": "b", "type": "integer" }"#;
    const B_THEN_A: &str = r#"{ "name": "b", "type": "integer" }, { "name": "a", "type": "integer" }"#;
    let quiet = |_: &Parts<'_>, _: &mut Findings<'_>| {};
    for (before, after, expected) in [
        // The second is read as the first was: its own version is another one, which is first now, or alone.
        (vec![("Zed", A), ("Bee", A)], vec![("Bee", A)], "/bEE/A"),
        (vec![("Bee", A)], vec![("Zed", A), ("Bee", A)], "/bEE/A"),
        (vec![("Zed", A), ("Bee", A)], vec![("Bee", A), ("Zed", A_THEN_B)], "/bEE/A"),
        // What was moved is found by its name, in the spelling of the schema.
        (vec![("Zed", A), ("Bee", A_THEN_B)], vec![("Zed", A), ("Bee", B_THEN_A)], "/bEE/a"),
        (vec![("Zed", A)], vec![("Zed", A), ("Bee", B_THEN_A)], "/Bee/a"),
    ] {
        let body = r#"{ "zED": { "A": 1 }, "bEE": { "A": 2 } }"#;
        let open = Schemas::from_json(schemas_of(&before)).unwrap().with_open(OpenNames::every());
        let reader = Validator::new(open).with_rule(Rule::new("quiet", ["disposition"], quiet)).unwrap();
        let event = reader.read(body.as_bytes()).unwrap();
        let rule = |_: &Parts<'_>, findings: &mut Findings<'_>| {
            findings.at_attribute("Bee", 0, "a", &HostCode::new("odd").unwrap(), "odd");
        };
        let open = Schemas::from_json(schemas_of(&after)).unwrap().with_open(OpenNames::every());
        let admits = Validator::new(open).with_rule(Rule::new("odd", ["Bee"], rule)).unwrap();
        let error = admits.admit(event).unwrap_err().locate(body.as_bytes());
        let [violation] = error.violations().unwrap().as_slice() else { panic!("{error:?}") };
        assert_eq!(violation.pointer(), expected, "{before:?} {after:?}");
        assert_eq!(&body[violation.span().unwrap().bytes.clone()], "2", "{before:?} {after:?}");
    }
}

#[test]
fn of_what_can_not_be_carried_no_more_is_told_than_of_a_body() {
    let list = |attributes: &str| {
        format!(r#"[{{ "name": "Bee", "type": "multi-valued", "attributes": [ {attributes} ] }}]"#)
    };
    let due: Vec<_> =
        (0..256).map(|n| format!(r#"{{ "name": "d{n}", "type": "integer", "mandatory": true }}"#)).collect();
    let (before, after) = (list(r#"{ "name": "a", "type": "integer" }"#), list(&due.join(",")));
    let body = format!(r#"{{"Bee":[{{}}{}]}}"#, ",{}".repeat(999));
    let event = validator(&before).read(body.as_bytes()).unwrap();
    for limit in [100, usize::MAX] {
        let validator = validator(&after).with_max_violations(limit);
        let error = validator.admit(event.clone()).unwrap_err();
        let (violations, of_body) =
            (error.violations().unwrap(), validator.read(body.as_bytes()).unwrap_err());
        assert!(violations.truncated());
        assert_eq!(violations.len(), of_body.violations().unwrap().len(), "{limit}");
    }
}
