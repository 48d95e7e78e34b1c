//! Versions: a witness proves what it is for, to both readers, and no body contradicts an answer that says yes.

use service_end::schema::{Answer, Question};
use service_end::service::decide;
use service_end::{EndRules, ExtensionSchema, StoredService, Timestamp};

use crate::case::Case;
use crate::made::{Dice, schemas};

pub fn made(data: &[u8]) {
    // The new version is made of the same bytes, but for some.
    let mut dice = Dice::new(data);
    let changes: Vec<_> = (0..=dice.below(3)).map(|_| (dice.below(256), dice.below(256))).collect();
    let bytes = dice.rest();
    let mut changed = bytes.to_vec();
    for (at, byte) in changes {
        if let Some(old) = changed.get_mut(at) {
            *old = byte as u8;
        }
    }
    let (mut dice, mut other) = (Dice::new(bytes), Dice::new(&changed));
    let Some(old) = Case::of(&schemas(&mut dice, false), b"{}") else { return };
    let Some(new) = Case::of(&schemas(&mut other, false), b"{}") else { return };
    let comparison = old.validator.schemas().compare(new.validator.schemas());
    for (question, from, to) in [(Question::Bodies, &old, &new), (Question::Rollback, &new, &old)] {
        match comparison.answer(question) {
            Answer::Safe => {
                for _ in 0..4 {
                    let case = from.again(&mut dice);
                    if accepts(from, &case.body) {
                        assert!(accepts(to, &case.body), "{case}\n{question:?} is safe\n{to}");
                    }
                }
            }
            answer => {
                if let Some(witness) = answer.witness() {
                    let told = (accepts(from, witness.as_bytes()), accepts(to, witness.as_bytes()));
                    assert_eq!(told, (true, false), "{from}\n{to}\n{question:?}: {witness}");
                }
            }
        }
    }
    if comparison.records().is_safe() {
        let case = old.again(&mut dice);
        if let Some((event, _)) = case.event() {
            for extension in event.extensions().iter().filter(|extension| !extension.is_empty()) {
                let stored = StoredService::new(7, 1, Timestamp::MIN)
                    .with_extension(extension.name(), extension.to_json());
                let read = service_end::Service::read(&stored, new.validator.schemas());
                assert!(read.unreadable().is_empty(), "{case}\nrecords are safe\n{new}");
            }
        }
    }
    for schema in old.validator.schemas() {
        let same = schema.compare(schema);
        assert!(same.is_safe() && same.rollback().is_safe() && same.changes().is_empty());
        if let Some(newer) = new.validator.schemas().get(schema.name()) {
            check_changes(schema, newer);
        }
    }
}

fn check_changes(old: &ExtensionSchema, new: &ExtensionSchema) {
    let comparison = old.compare(new);
    assert_eq!(comparison.changes().is_empty(), old == new, "{} {}", old.to_json(), new.to_json());
    for question in Question::ALL {
        // What one of the changes breaks by itself, all of them may make good, but nothing breaks by no change.
        let safe = comparison.answer(*question).is_safe();
        assert!(safe || !comparison.changes().is_empty(), "{} {}", old.to_json(), new.to_json());
    }
}

/// Whether a body ends an active service that has no extension stored, as both readers see it.
fn accepts(host: &Case, body: &[u8]) -> bool {
    let case = host.with_body(body);
    let event = case.event();
    let plain = match &event {
        Some((_, plain)) => case.plain.schemas.iter().filter(|schema| schema.required).all(|schema| {
            plain
                .extensions
                .iter()
                .any(|extension| extension.name == schema.name && !extension.records.is_empty())
        }),
        None => false,
    };
    let decided = event.map(|(event, _)| {
        let id = event.service_id().unwrap_or(7.into());
        let service = StoredService::new(id, 1, Timestamp::MIN);
        decide(id, Some(&service), event, &EndRules::new(), Timestamp::MAX)
    });
    let ends = decided.is_some_and(|decided| decided.is_ok());
    assert_eq!(ends, plain, "{case}");
    ends
}
