//! Rules of the host: each runs if and only if the parts that it reads are without violations, sees these parts and no
//! others, and what it finds follows the crate's own violations.

use std::sync::{Arc, Mutex};

use service_end::ReadError;
use service_end::schema::FixedField;
use service_end::validate::{Findings, Parts, Rule};
use service_end::violation::HostCode;

use crate::case::Case;
use crate::made::Dice;

/// What some rules saw: for each that ran, the parts that were there.
type Seen = Arc<Mutex<Vec<(String, Vec<String>)>>>;

pub fn made(data: &[u8]) {
    let mut dice = Dice::new(data);
    let Some(case) = Case::made(&mut dice) else { return };
    let limit = case.plain.max_violations;
    let all = case.with_100_violations();
    let read = all.read();
    let (event, violations) = match &read {
        Ok(event) => (Some(event), Vec::new()),
        Err(ReadError::Invalid(violations)) if !violations.truncated() => {
            (None, violations.as_slice().to_vec())
        }
        Err(_) => return,
    };
    let mut expected: Vec<_> = violations
        .iter()
        .map(|violation| (violation.pointer().to_ascii_lowercase(), violation.code().as_str().to_owned()))
        .collect();
    let faulty: Vec<String> = expected
        .iter()
        .map(|(pointer, _)| pointer[1..].split('/').next().unwrap_or_default().to_owned())
        .collect();
    let seen = Seen::default();
    let mut validator = all.validator.clone().with_max_violations(limit);
    let mut ran = Vec::new();
    for ordinal in 0..=dice.below(3) {
        let mut names: Vec<_> = FixedField::ALL.iter().map(|field| field.name().to_owned()).collect();
        names.extend(all.plain.schemas.iter().map(|schema| schema.name.clone()));
        let reads: Vec<_> = (0..=dice.below(3)).map(|_| names[dice.below(names.len())].clone()).collect();
        let name = format!("rule_{ordinal}");
        let rule = Rule::new(&name, reads.clone(), check(&name, names, Arc::clone(&seen)));
        validator = validator.with_rule(rule).expect("a good rule");
        if reads.iter().all(|part| !faulty.contains(&part.to_ascii_lowercase())) {
            ran.push((name.clone(), reads.clone()));
            expected.push((String::new(), name));
        }
    }
    let told: Vec<_> = match validator.read(&all.body) {
        Ok(_) => Vec::new(),
        Err(ReadError::Invalid(violations)) => {
            assert_eq!(violations.truncated(), expected.len() > limit, "{all}\n{expected:?}");
            let located = violations.clone().locate(&all.body);
            let _ = located.render(&all.body).to_string();
            // Where a finding is depends on what the rule saw.
            violations
                .iter()
                .map(|violation| {
                    let code = violation.code().as_str().to_owned();
                    let pointer = if code.starts_with("rule_") { "" } else { violation.pointer() };
                    (pointer.to_ascii_lowercase(), code)
                })
                .collect()
        }
        Err(other) => panic!("{all}\n{other}"),
    };
    expected.truncate(limit);
    assert_eq!(told, expected, "{all}");
    let seen = seen.lock().expect("nothing panicked").clone();
    assert_eq!(
        seen.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ran.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "{all}"
    );
    for ((_, there), (_, reads)) in seen.iter().zip(&ran) {
        assert!(there.iter().all(|part| reads.contains(part)), "{all}\n{there:?} of {reads:?}");
        if let Some(event) = event {
            for part in reads {
                let is_there = event.extension(part).is_some() || service_field(event, part);
                assert_eq!(there.contains(part), is_there, "{all}\n{part}");
            }
        }
    }
}

fn service_field(event: &service_end::ServiceEndEvent, part: &str) -> bool {
    let json = serde_json::to_value(event).expect("plain values");
    part.starts_with(|c: char| c.is_lowercase())
        && event.extension(part).is_none()
        && json.get(part).is_some()
}

/// Takes note of the parts that are there, and finds one thing.
fn check(
    name: &str,
    names: Vec<String>,
    seen: Seen,
) -> impl Fn(&Parts<'_>, &mut Findings<'_>) + Send + Sync + 'static {
    let code = HostCode::new(name).expect("a good code");
    let name = name.to_owned();
    move |parts: &Parts<'_>, findings: &mut Findings<'_>| {
        let mut there = Vec::new();
        let mut last = None;
        for part in &names {
            let field = FixedField::ALL.iter().find(|field| field.name() == part);
            let is_there = match field {
                Some(field) => parts.field(*field).is_some(),
                None => parts.extension(part).is_some(),
            };
            if is_there {
                there.push(part.clone());
                last = Some((part, field));
            }
        }
        match last {
            Some((_, Some(field))) => findings.at_field(*field, &code, "found"),
            Some((part, None)) if parts.extension(part).is_some_and(|extension| !extension.is_empty()) => {
                findings.at_record(part, 0, &code, "found");
            }
            Some((part, None)) => findings.at_extension(part, &code, "found"),
            None => findings.at_field(FixedField::Timestamp, &code, "found"),
        }
        seen.lock().expect("nothing panicked").push((name.clone(), there));
    }
}
