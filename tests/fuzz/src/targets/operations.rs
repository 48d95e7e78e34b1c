//! The operation over the store in memory: call after call, it answers as `decide` does about what was stored before, and
//! then stores just that.

use service_end::problem::ProblemCode;
use service_end::service::{Decision, Refusal, decide};
use service_end::storage::{Storage, Want};
use service_end::{
    CompleteError, CompleteService, EndPolicy, EndRules, MemoryStorage, Outcome, Problem, ServiceId,
    StoredService, Timestamp,
};

use super::problems::check_problem;
use crate::case::Case;
use crate::made::Dice;

pub fn made(data: &[u8]) {
    let mut dice = Dice::new(data);
    let Some(mut case) = Case::made(&mut dice) else { return };
    let mut rules = EndRules::new();
    if dice.once_in(2) {
        rules = rules.with_policy(EndPolicy::ReplaceEarlier);
    }
    let storage = MemoryStorage::new();
    let mut stored = StoredService::new(7, 1, Timestamp::MIN);
    storage.insert(stored.clone());
    let operation = CompleteService::new(case.validator.clone(), &storage).with_end_rules(rules);
    for ordinal in 0..=dice.below(4) {
        if ordinal > 0 && !dice.once_in(3) {
            case = case.again(&mut dice);
        }
        let id = ServiceId(if dice.once_in(20) { 8 } else { 7 });
        let target = if dice.once_in(6) { id.at(dice.pick(&[1, 2, 3])) } else { id.into() };
        let now = Timestamp::from_unix_millis(dice.below(1 << 40) as i64).expect("a moment");
        let there = (id == ServiceId(7)).then_some(&stored);
        let answer = operation.end(target, &case.body, now);
        let version = stored.version;
        let mut changed = false;
        match (case.read(), answer) {
            (Err(expected), Err(CompleteError::Read(error))) => {
                assert_eq!(error, expected.locate(&case.body), "{case}");
                check_problem(&Problem::from(&error));
            }
            (Ok(event), answer) => match (decide(target, there, event, &rules, now), answer) {
                (Ok(Decision::AlreadySo(end)), Ok(Outcome::AlreadySo(told))) => {
                    assert_eq!(told, end, "{case}");
                }
                (Ok(Decision::Complete(expected)), Ok(Outcome::Ended(told) | Outcome::Replaced(told))) => {
                    assert_eq!(told, expected, "{case}");
                    changed = true;
                    stored.end = Some(told.end().clone());
                    for extension in told.extensions() {
                        if extension.is_empty() {
                            stored.remove_extension(extension.name());
                        } else {
                            stored.insert_extension(extension.name(), extension.to_json());
                        }
                    }
                }
                (Err(expected), Err(CompleteError::Refused(refusal))) => {
                    check_refusal(&expected, &refusal, &case);
                }
                (decided, answer) => panic!("{case}\n{decided:?}\n{answer:?}"),
            },
            (read, answer) => panic!("{case}\n{read:?}\n{answer:?}"),
        }
        let now_stored = storage.load(ServiceId(7), Want::All).expect("it never fails").expect("it is there");
        assert_eq!(now_stored.version == version, !changed, "{case}");
        stored.version = now_stored.version;
        assert!(
            now_stored.end == stored.end && same(&now_stored, &stored),
            "{case}\n{now_stored:?}\n{stored:?}"
        );
    }
    assert!(storage.load(ServiceId(8), Want::All).expect("it never fails").is_none());
}

/// The same extensions, in whatever order.
fn same(one: &StoredService, other: &StoredService) -> bool {
    one.extensions().len() == other.extensions().len()
        && one.extensions().all(|extension| other.extension(extension.key) == Some(extension.json))
}

fn check_refusal(expected: &Refusal, told: &Refusal, case: &Case) {
    match (expected, told) {
        // Those that are told have a place in the body.
        (Refusal::Invalid(expected), Refusal::Invalid(told)) => {
            assert_eq!(expected.clone().locate(&case.body), *told, "{case}");
        }
        _ => assert_eq!(expected, told, "{case}"),
    }
    let problem = Problem::from(told);
    check_problem(&problem);
    let status = match told {
        Refusal::NotFound => 404,
        Refusal::AlreadyEnded { .. } => 409,
        Refusal::VersionMismatch { .. } => 412,
        _ => 400,
    };
    assert_eq!((problem.status(), problem.known_code().map(ProblemCode::status)), (status, Some(status)));
}
