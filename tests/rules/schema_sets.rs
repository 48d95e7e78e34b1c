//! Registered schemas are immutable sets (2.2).

use service_end::{AttributeSchema, ExtensionSchema, Schemas};

use crate::support::found;

fn schema(name: &str) -> ExtensionSchema {
    ExtensionSchema::multi_valued(name).attribute(AttributeSchema::long("v")).build().unwrap()
}

fn set(names: &[&str]) -> Schemas {
    names.iter().fold(Schemas::new(), |schemas, name| schemas.with(schema(name)).unwrap())
}

fn names(schemas: &Schemas) -> Vec<&str> {
    schemas.iter().map(ExtensionSchema::name).collect()
}

#[test]
fn a_new_set_is_empty() {
    for schemas in [Schemas::new(), Schemas::default(), Schemas::from_json("[]").unwrap()] {
        assert!(schemas.is_empty());
        assert_eq!((schemas.len(), schemas.iter().len()), (0, 0));
        assert_eq!(schemas.get("A"), None);
    }
}

#[test]
fn schemas_are_looked_up_without_regard_to_case() {
    let schemas = set(&["Feedback", "a_1"]);
    for name in ["Feedback", "FEEDBACK", "feedback", "fEEDBACK"] {
        assert_eq!(schemas.get(name), Some(&schema("Feedback")), "{name}");
    }
    assert!(schemas.get("A_1").is_some());
    for name in ["", "Feedbac", "Feedbacks", " Feedback", "A-1"] {
        assert_eq!(schemas.get(name), None, "{name}");
    }
}

#[test]
fn adding_and_removing_leave_the_old_set_as_it_is() {
    let one = set(&["A"]);
    let two = one.with(schema("B")).unwrap();
    let other = two.without("a").unwrap();
    assert_eq!((names(&one), names(&two), names(&other)), (vec!["A"], vec!["A", "B"], vec!["B"]));
    // So do attempts that fail.
    assert!(two.with(schema("b")).is_err() && two.without("c").is_err());
    assert_eq!(names(&two), ["A", "B"]);
}

#[test]
fn a_name_that_is_taken_in_any_case_exists_already() {
    let schemas = set(&["Feedback"]);
    for name in ["Feedback", "FEEDBACK", "feedback"] {
        let error = schemas.with(schema(name)).unwrap_err();
        assert_eq!(error.name(), "Feedback", "as the registered schema spells it");
        assert_eq!(error.to_string(), "a schema named `Feedback` exists already");
    }
}

#[test]
fn a_name_that_is_not_there_is_not_found() {
    for schemas in [Schemas::new(), set(&["A", "B"])] {
        let error = schemas.without("Feedback").unwrap_err();
        assert_eq!(error.to_string(), "no schema of this name is registered");
    }
}

#[test]
fn a_schema_is_removed_in_any_case_and_created_anew() {
    let schemas = set(&["A", "Feedback", "B"]);
    let anew =
        ExtensionSchema::single_valued("FEEDBACK").attribute(AttributeSchema::date("d")).build().unwrap();
    let schemas = schemas.without("feedback").unwrap().with(anew.clone()).unwrap();
    assert_eq!(names(&schemas), ["A", "B", "FEEDBACK"]);
    assert_eq!(schemas.get("Feedback"), Some(&anew));
}

#[test]
fn schemas_keep_the_order_in_which_they_were_registered() {
    let all = ["Zeta", "alpha", "Mid", "beta"];
    let schemas = set(&all);
    assert_eq!(names(&schemas), all);
    assert_eq!(names(&schemas.without("ALPHA").unwrap()), ["Zeta", "Mid", "beta"]);
    let json = serde_json::to_string(&schemas).unwrap();
    assert_eq!(names(&Schemas::from_json(json).unwrap()), all);
    assert!((&schemas).into_iter().eq(schemas.iter()));
    assert_eq!(Schemas::try_from_iter(schemas.clone()).map(|again| names(&again) == all), Ok(true));
}

#[test]
fn a_set_is_empty_if_it_has_no_schema() {
    assert!(Schemas::new().is_empty() && !set(&["A"]).is_empty());
    assert!(Schemas::new().with_open("*".parse().unwrap()).is_empty(), "open names are no schemas");
    assert!(set(&["A"]).without("a").unwrap().is_empty());
}

#[test]
fn sets_are_equal_by_content() {
    let schemas = set(&["A", "B"]);
    assert_eq!(schemas, set(&["A", "B"]));
    assert_eq!(schemas, set(&["B", "A"]), "the order is no content");
    assert_eq!(schemas, set(&["A", "C", "B"]).without("c").unwrap());
    assert_eq!(schemas, schemas.clone());
    for other in [set(&["A"]), set(&["A", "B", "C"]), set(&["A", "C"]), set(&["A", "b"]), Schemas::new()] {
        assert_ne!(schemas, other);
        assert_ne!(other, schemas);
    }
    let same_names = set(&["A"])
        .with(ExtensionSchema::multi_valued("B").attribute(AttributeSchema::integer("v")).build().unwrap());
    assert_ne!(Ok(schemas), same_names);
}

#[test]
fn the_canonical_form_of_a_set_reads_back_equal() {
    for schemas in [Schemas::new(), set(&["A"]), set(&["B", "A", "c_3"])] {
        let json = serde_json::to_string(&schemas).unwrap();
        assert_eq!(Schemas::from_json(json), Ok(schemas));
    }
}

#[test]
fn a_host_swaps_sets_while_requests_run() {
    let old = set(&["A"]);
    let running = service_end::Validator::new(old.clone());
    let new = service_end::Validator::new(old.without("A").unwrap().with(schema("B")).unwrap());
    let body = r#"{ "A": [ { "v": 1 } ] }"#;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(found(&running, body), []));
            scope.spawn(|| assert_eq!(found(&new, body), [("/A".into(), "unknown_extension")]));
        }
    });
    assert_eq!(names(&old), ["A"]);
}
