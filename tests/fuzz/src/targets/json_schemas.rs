//! The exported JSON Schema: a validator from outside and the crate agree on every body, wherever JSON Schema can say what
//! is right.

use serde_json::Value;
use service_end::ReadError;

use crate::case::Case;
use crate::expected::{Expected, expected};
use crate::made::Dice;
use crate::plain::{Json, Seen};
use crate::tree::Tree;

pub fn made(data: &[u8]) {
    let mut dice = Dice::new(data);
    let Some(case) = Case::made(&mut dice) else { return };
    let mut case = case.with_100_violations();
    let schema = serde_json::to_value(case.validator.body_json_schema()).expect("plain values");
    let outside = jsonschema::draft202012::options().should_validate_formats(true).build(&schema);
    let outside = outside.unwrap_or_else(|error| panic!("{error}\n{schema}"));
    for _ in 0..4 {
        check(&case, &outside, &schema);
        case = case.again(&mut dice);
    }
}

fn check(case: &Case, outside: &jsonschema::Validator, schema: &Value) {
    match case.read() {
        Ok(_) => {}
        Err(ReadError::Invalid(violations)) if !violations.truncated() => {}
        Err(_) => return,
    }
    let Some(text) = std::str::from_utf8(&case.body).ok() else { return };
    // Values that the crate skips may hold what can't be held.
    let Ok(value) = serde_json::from_str::<Value>(text) else { return };
    let Some(tree) = Json::of(text).ok().and_then(tree) else { return };
    let Some(Expected { valid, exact }) = expected(&case.validator, &tree) else { return };
    if exact.in_64_bits {
        let error = outside.iter_errors(&value).next().map(|error| error.to_string());
        assert_eq!(error.is_none(), valid, "{error:?}\n{case}\n{schema}");
    }
}

fn tree(json: Json<'_>) -> Option<Tree> {
    Some(match json.see().ok()? {
        Seen::List(list) => Tree::Array(list.elements().into_iter().map(tree).collect::<Option<_>>()?),
        Seen::Object(object) => {
            let members = object.members().ok()?.into_iter();
            Tree::Object(members.map(|(name, value)| Some((name, tree(value)?))).collect::<Option<_>>()?)
        }
        Seen::Text(text) => Tree::text(&text),
        _ => Tree::Leaf(json.text().to_owned()),
    })
}
