//! Problem documents: what is read is written again, and what is written is read again.

use serde_json::Value;
use service_end::{Problem, Violations};

use crate::case::Case;
use crate::made::Dice;

pub fn raw(data: &[u8]) {
    if let Ok(problem) = serde_json::from_slice::<Problem>(data) {
        check_problem(&problem);
    }
    if let Ok(violations) = serde_json::from_slice::<Violations>(data) {
        check_violations(&violations);
    }
    let Some(case) = Case::made(&mut Dice::new(data)) else { return };
    let Err(error) = case.read() else { return };
    check_problem(&Problem::from(&error));
    check_problem(&Problem::from(&error).locate(&case.body));
    check_problem(
        &Problem::from(error.locate(&case.body))
            .with_member("instance", "/services/7/end")
            .expect("a free name"),
    );
}

pub fn check_problem(problem: &Problem) {
    let written = serde_json::to_string(problem).expect("plain values");
    let again: Problem = serde_json::from_str(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
    assert_same_json(&serde_json::to_string(&again).expect("plain values"), &written);
    assert_eq!(serde_json::from_str::<Problem>(&written).expect("it was read"), again);
    let value = serde_json::to_value(problem).expect("plain values");
    assert_eq!(serde_json::from_value::<Problem>(value).expect("it was read").type_uri(), problem.type_uri());
    if let Some(violations) = problem.violations() {
        check_violations(violations);
    }
    let _ = format!("{problem:?}{:?}", problem.render(b"{\"a\": 1}").map(|rendering| rendering.to_string()));
}

fn check_violations(violations: &Violations) {
    let written = serde_json::to_string(violations).expect("plain values");
    let again: Violations =
        serde_json::from_str(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
    assert_same_json(&serde_json::to_string(&again).expect("plain values"), &written);
    let _ = format!("{again}{}", again.render(b"{}"));
}

/// The order of members is the map's affair, but no name is there twice.
fn assert_same_json(again: &str, written: &str) {
    let [value, other] = [again, written].map(|json| serde_json::from_str::<Value>(json).expect("JSON"));
    assert_eq!(value, other);
    for (json, value) in [(again, value), (written, other)] {
        assert_eq!(value.to_string().len(), json.len(), "a name is there twice: {json}");
    }
}
