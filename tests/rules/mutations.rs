//! What holds for every body, however damaged: an event, all violations, or one syntax error; and no panic.

use proptest::prelude::*;
use proptest::sample::select;
use serde::de::IgnoredAny;
use service_end::{
    BusinessAttributes, Problem, ReadError, Validator, Violations, schema::BusinessField,
    violation::SyntaxError,
};

use crate::differential::cases;
use crate::support::{self, validator};

fn reader() -> Validator {
    let business = BusinessAttributes::new().with(BusinessField::Disposition, [(10, "Resolved")]).unwrap();
    validator(
        r#"[ { "name": "Feedback", "type": "single-valued", "attributes": [
                { "name": "FeedbackType", "type": "string", "length": 8, "mandatory": true },
                { "name": "rating", "type": "integer", "default": 7 }, { "name": "notes", "type": "string" } ] },
             { "name": "Satisfaction", "type": "multi-valued", "unique": ["place"], "attributes": [
                { "name": "rating", "type": "integer", "mandatory": true }, { "name": "place", "type": "string" },
                { "name": "paid", "type": "currency" }, { "name": "day", "type": "date" } ] } ]"#,
    )
    .with_business_attributes(business)
    .with_max_records(3)
}

const SEEDS: &[&str] = &[
    r#"{ "timestamp": "2009-05-12T12:05:12.145Z", "interaction_id": "123ABCAADFJ1259ACF", "application_type": 400,
    "application_id": 40, "resource_id": 5005, "resource_type": 2, "media_type": 1, "disposition": 10,
    "disposition_desc": "satisfied customer", "Feedback": { "FeedbackType": "survey", "rating": 7, "notes": "warm and sunny" },
    "Satisfaction": [ { "rating": 2, "place": "Paris" }, { "rating": 8, "place": null, "paid": "12.50" } ] }"#,
    "{\"session_id\":\"日本\\u00e9😀\",\r\n\"disposition\":\"Resolved\",\"satisfaction\":[],\"FEEDBACK\":{\"feedbackTYPE\":\"\"}}\n",
    r#"{"Satisfaction":[{"rating":1,"place":"a","day":"2009-05-12"},{"rating":2,"place":"a"},7,{"rating":1}],"nope":[{"a":[1.5e3,true]}]}"#,
    r#"{"resource_id":"5005","disposition":"None","timestamp":"yesterday","Feedback":{"rating":1.5,"RATING":2},"Feedback":[]}"#,
    r#"{"session_id":{"a":{"b":null}},"service_id":12,"Satisfaction":{"x":1},"Feedback":{"FeedbackType":"far too long","other":{}}}"#,
    "{}",
];

const FRAGMENTS: &[&str] = &[
    "null",
    "true",
    "-1",
    "1.5",
    "1e400",
    "99999999999999999999",
    "\"\"",
    "\"x\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "{}",
    "[]",
    "[{}]",
    "{\"a\":{\"b\":[1]}}",
    "{\"rating\":1}",
    "\"rating\":3,",
    "\"nope\":1,",
    "\"Feedback\":{},",
    "\"session_id\":null,",
    "{\"rating\":1,\"place\":\"a\"},",
    ",",
    ":",
    "\"",
    "\\",
    "[",
    "]",
    "{",
    "}",
    "\n",
    "\t",
    "\0",
    "\u{feff}",
    "é",
    "\u{2028}",
];

#[derive(Clone, Debug)]
enum Mutation {
    Flip(usize, u8),
    Remove(usize, usize),
    Cut(usize),
    Insert(usize, &'static str),
    /// Puts a fragment in the place of a token.
    Replace(usize, &'static str),
    /// Puts a piece of a seed in.
    Splice(usize, &'static str, usize, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = || any::<usize>();
    prop_oneof![
        2 => (at(), 1..=255_u8).prop_map(|(at, bits)| Mutation::Flip(at, bits)),
        1 => (at(), 1..6_usize).prop_map(|(at, length)| Mutation::Remove(at, length)),
        1 => at().prop_map(Mutation::Cut),
        3 => (at(), select(FRAGMENTS)).prop_map(|(at, fragment)| Mutation::Insert(at, fragment)),
        9 => (at(), select(FRAGMENTS)).prop_map(|(at, fragment)| Mutation::Replace(at, fragment)),
        2 => (at(), select(SEEDS), at(), 1..60_usize).prop_map(|(at, seed, from, length)| Mutation::Splice(at, seed, from, length)),
    ]
}

impl Mutation {
    fn apply(&self, body: &mut Vec<u8>) {
        let length = body.len().max(1);
        match *self {
            Mutation::Flip(at, bits) => {
                if let Some(byte) = body.get_mut(at % length) {
                    *byte ^= bits;
                }
            }
            Mutation::Remove(at, count) => {
                let at = at % length;
                body.drain(at.min(body.len())..body.len().min(at + count));
            }
            Mutation::Cut(at) => body.truncate(at % length),
            Mutation::Insert(at, fragment) => {
                let at = token(body, at).start;
                body.splice(at..at, fragment.bytes());
            }
            Mutation::Replace(at, fragment) => {
                let token = token(body, at);
                body.splice(token, fragment.bytes());
            }
            Mutation::Splice(at, seed, from, count) => {
                let from = from % seed.len();
                let piece = &seed.as_bytes()[from..seed.len().min(from + count)];
                let at = at % length;
                let at = at.min(body.len());
                body.splice(at..at, piece.iter().copied());
            }
        }
    }
}

/// The scalar, or the punctuation, that begins at or after an offset.
fn token(body: &[u8], at: usize) -> std::ops::Range<usize> {
    let is_between = |byte: &u8| b"{}[]:, \r\n\t".contains(byte);
    let at = at % body.len().max(1);
    let Some(start) = (at..body.len()).find(|at| *at == 0 || is_between(&body[at - 1])) else {
        return body.len()..body.len();
    };
    let length = body[start..].iter().take_while(|byte| !is_between(byte)).count();
    start..start + length
}

/// One of the seeds, damaged in up to three places.
pub(crate) fn damaged(seeds: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    (select(seeds), proptest::collection::vec(mutation(), 0..4)).prop_map(|(seed, mutations)| {
        let mut body = seed.as_bytes().to_vec();
        for mutation in &mutations {
            mutation.apply(&mut body);
        }
        body
    })
}

/// Line and column of an offset, counted in the plain way.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

fn check_violations(violations: &Violations, body: &str) {
    assert!(!violations.as_slice().is_empty());
    let located = violations.clone().locate(body.as_bytes());
    for violation in &located {
        let span = violation.span().expect("a place in the text");
        assert_eq!((span.line, span.column), position(body, span.bytes.start));
        let part = &body[span.bytes.clone()];
        assert!(serde_json::from_str::<IgnoredAny>(part).is_ok(), "a key or a value: {part}");
        let message = violation.message();
        assert!(!message.ends_with('.') && message.starts_with(|c: char| !c.is_uppercase()), "{message}");
        let known = violation.expected().map_or(0, |expected| expected.len());
        assert!(known <= 20);
    }
    assert!(!located.render(body.as_bytes()).to_string().is_empty());
    assert!(!violations.render(body.as_bytes()).show_values().to_string().is_empty());
    let all = violations.as_slice();
    for limit in 1..=all.len() + 1 {
        let Err(ReadError::Invalid(some)) = reader().with_max_violations(limit).read(body.as_bytes()) else {
            panic!("{body}");
        };
        let kept = limit.min(all.len());
        assert_eq!((some.as_slice(), some.truncated()), (&all[..kept], all.len() > limit), "{body}");
    }
}

fn check_syntax(error: &SyntaxError, body: &[u8]) {
    let text = String::from_utf8_lossy(body);
    let (line, column) = (error.line().unwrap(), error.column().unwrap());
    let content = text.split('\n').nth(line - 1).expect("a line of the text");
    assert!((1..=content.chars().count() + 1).contains(&column), "{text:?}: {error}");
    for rendering in [error.render(body), error.render(body).show_values()] {
        assert!(rendering.to_string().contains("line"));
    }
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn a_body_is_an_event_or_has_violations_or_a_syntax_error(body in damaged(SEEDS)) {
        let read = reader().with_max_violations(usize::MAX).read(&body);
        let text = std::str::from_utf8(&body).ok();
        let grammatical = text.filter(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
        if let Err(error) = &read {
            serde_json::to_string(&Problem::from(error)).unwrap();
        }
        match &read {
            Ok(event) => {
                let written = serde_json::to_string(event).unwrap();
                prop_assert_eq!(&reader().read(written.as_bytes()).unwrap(), event);
                prop_assert_eq!(&reader().admit(event.clone()).unwrap(), event);
            }
            Err(ReadError::Invalid(violations)) => check_violations(violations, text.unwrap()),
            Err(ReadError::Syntax(error)) => check_syntax(error, &body),
            Err(other) => panic!("{other}"),
        }
        match grammatical {
            None => prop_assert!(matches!(read, Err(ReadError::Syntax(_))), "{:?}: {:?}", text, read),
            Some(text) if !matches!(read, Err(ReadError::Syntax(_))) => {
                prop_assert_eq!(support::read(&reader().with_max_violations(usize::MAX), text), read);
            }
            // An object is no syntax error but for a number or a surrogate that can't be held.
            Some(text) if text.trim_start().starts_with('{') => {
                prop_assert!(text.contains("1e400") || text.contains("\\u"), "{}", text);
            }
            Some(_) => {}
        }
    }

    #[test]
    fn places_of_one_body_in_the_text_of_another_are_no_panic(body in damaged(SEEDS), other in damaged(SEEDS)) {
        match reader().read(&body) {
            Err(ReadError::Invalid(violations)) => {
                let located = violations.clone().locate(&other);
                let _ = located.render(&other).to_string() + &violations.render(&other).show_values().to_string();
            }
            Err(ReadError::Syntax(error)) => {
                let _ = error.render(&other).to_string() + &error.render(&other).show_values().to_string();
            }
            _ => {}
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        if let Err(ReadError::Syntax(error)) = reader().read(&bytes) {
            check_syntax(&error, &bytes);
        }
        let _ = support::read_message_pack(&reader(), &bytes);
    }
}

#[test]
fn the_seeds_are_valid_or_have_violations() {
    let violations: Vec<_> = SEEDS.iter().map(|seed| support::found(&reader(), seed).len()).collect();
    assert_eq!(violations, [0, 0, 4, 7, 4, 0]);
}
