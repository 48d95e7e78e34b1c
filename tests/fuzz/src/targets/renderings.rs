//! Renderings: every place is one in the text, and nothing that is told has a value of the body in it.

use serde::de::IgnoredAny;
use service_end::{Problem, ReadError, Violations};

use crate::case::Case;
use crate::made::Dice;

pub fn raw(data: &[u8]) {
    check(&Case::raw(data).with_100_violations());
}

pub fn made(data: &[u8]) {
    let mut dice = Dice::new(data);
    dice.secretive = dice.once_in(2);
    let secretive = dice.secretive;
    let Some(case) = Case::made(&mut dice) else { return };
    let case = case.with_100_violations();
    let told = check(&case);
    if secretive {
        let secret = told.find(Dice::SECRETS).or_else(|| told.find(Dice::SECRET_NUMBER));
        assert!(secret.is_none(), "{case}\n{told}");
    }
}

/// All that is told without values being asked for.
fn check(case: &Case) -> String {
    let Err(error) = case.read() else { return String::new() };
    let body = &case.body;
    let located = error.clone().locate(body);
    let mut told = format!("{error}{error:?}{located:#?}");
    told += &serde_json::to_string(&Problem::from(&located)).expect("plain values");
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        told = format!("{told}{error}{error:?}");
        source = error.source();
    }
    match (error, located) {
        (ReadError::Invalid(violations), ReadError::Invalid(located)) => {
            check_places(&located, std::str::from_utf8(body).expect("it was read"));
            let rendered = located.render(body).to_string();
            assert_eq!(violations.render(body).to_string(), rendered);
            let with_values = violations.render(body).show_values().to_string();
            assert!(with_values.lines().count() == rendered.lines().count());
            // In another text, nothing is found and nothing panics.
            let other = &body[body.len() / 2..];
            let _ = violations.clone().locate(other).render(other).to_string();
            told += &rendered;
        }
        (ReadError::Syntax(error), _) => {
            let text = String::from_utf8_lossy(body);
            let (line, column) = (error.line().expect("a line"), error.column().expect("a column"));
            let content = text.split('\n').nth(line - 1).expect("a line of the text");
            assert!((1..=content.chars().count() + 1).contains(&column), "{text}: {error}");
            told += &error.render(body).to_string();
            let _ = error.render(body).show_values().to_string();
        }
        (error, _) => panic!("{error}"),
    }
    told
}

fn check_places(violations: &Violations, body: &str) {
    for violation in violations {
        let span = violation.span().unwrap_or_else(|| panic!("{body}: no place for {violation}"));
        let part = body.get(span.bytes.clone()).unwrap_or_else(|| panic!("{body}: {violation} at {span:?}"));
        assert!(serde_json::from_str::<IgnoredAny>(part).is_ok(), "{body}: a key or a value: {part}");
        let before = &body[..span.bytes.start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let position = (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1);
        assert_eq!((span.line, span.column), position, "{body}: {violation}");
        let message = violation.message();
        assert!(!message.ends_with('.') && message.starts_with(|c: char| !c.is_uppercase()), "{message}");
        assert!(violation.expected().is_none_or(|expected| expected.len() <= 20));
    }
}
