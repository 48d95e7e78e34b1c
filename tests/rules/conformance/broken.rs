//! Every flaw is found by the case that must find it.

use service_end_conformance::{self as conformance, Case, Report, Verdict};

use super::block_on;
use super::flaw::{CASES, Flaw, flaws};
use super::plain::PlainFixture;

macro_rules! tests {
    ($($case:ident: $($flaw:ident)+;)+) => {
        $(
            #[test]
            fn $case() {
                for flaw in [$(Flaw::$flaw),+] {
                    let report = conformance::check(with(flaw, stringify!($case)));
                    assert_caught(&report, stringify!($case), flaw);
                }
            }
        )+
    };
}

flaws!(tests);

const OUTBOX_MODEL: &str = "random_commands_on_the_outbox_do_as_its_model_does";

/// The flaws that several cases must find, each on its own.
const CAUGHT_TOO: [(Flaw, &str); 20] = [
    (Flaw::ChecksThenActs, "of_many_callers_one_ends_a_service"),
    (Flaw::ChecksThenActs, "callers_with_the_same_event_all_succeed"),
    (Flaw::ChecksThenActs, "no_update_is_lost"),
    (Flaw::IgnoresTheVersion, "a_version_never_comes_back"),
    (Flaw::LagsBehind, "a_reader_never_goes_back"),
    (Flaw::Merges, "random_commands_do_as_the_model_does"),
    (Flaw::IgnoresSchemas, "a_removed_schema_changes_nothing"),
    (Flaw::IgnoresSchemas, "a_schema_declared_anew_is_the_same_if_it_is_equal"),
    (Flaw::EndsAllTheSame, "a_removed_schema_changes_nothing"),
    (Flaw::DropsWhatIsOfAnotherSchema, "a_removed_schema_changes_nothing"),
    (Flaw::ChecksThenHolds, "many_workers_tell_everything_once_and_in_order"),
    (Flaw::ForgetsWhatIsTaken, "notices_are_there_after_reopening"),
    (Flaw::ForgetsWhatIsTaken, OUTBOX_MODEL),
    (Flaw::HandsOutAllOfAService, OUTBOX_MODEL),
    (Flaw::LosesTheNext, OUTBOX_MODEL),
    (Flaw::IgnoresLeases, OUTBOX_MODEL),
    (Flaw::CountsAttemptsOfAService, OUTBOX_MODEL),
    (Flaw::ConfirmsWhatWasGivenBack, OUTBOX_MODEL),
    (Flaw::MovesWhatWasGivenBack, OUTBOX_MODEL),
    (Flaw::CountsFromFirstToLast, OUTBOX_MODEL),
];

/// Those that an asynchronous store can have, where callers take turns on one thread.
const CAUGHT_IN_TURNS: [(Flaw, &str); 11] = [
    (Flaw::HalfWhenDropped, "a_dropped_commit_has_happened_or_not"),
    (Flaw::ChecksThenActs, "of_many_commits_at_one_version_one_wins"),
    (Flaw::ChecksThenActs, "of_many_callers_one_ends_a_service"),
    (Flaw::ChecksThenActs, "callers_with_the_same_event_all_succeed"),
    (Flaw::ChecksThenActs, "no_update_is_lost"),
    (Flaw::ReadsInTwoSteps, "a_read_beside_writes_is_one_version"),
    (Flaw::LagsBehind, "a_reader_never_goes_back"),
    (Flaw::IgnoresTheVersion, "a_commit_at_another_version_is_stale"),
    (Flaw::EndsAllTheSame, "another_schema_than_the_registered_one_changes_nothing"),
    (Flaw::TellsBeforeHand, "a_dropped_commit_is_told_if_it_has_happened"),
    (Flaw::TellsInASecondStep, "a_dropped_commit_is_told_if_it_has_happened"),
];

fn with(flaw: Flaw, case: &'static str) -> PlainFixture {
    let PlainFixture(flaw, options) = PlainFixture::new(flaw);
    PlainFixture(flaw, options.only(case))
}

fn assert_caught(report: &Report, case: &str, flaw: Flaw) {
    let failed: Vec<&str> = report.failed().map(Case::name).collect();
    println!("{flaw:?}\n{}", report.case(case).unwrap());
    assert_eq!(failed, [case], "{flaw:?} is not caught");
}

#[test]
fn a_store_without_a_flaw_passes_every_case() {
    let report = conformance::check(PlainFixture::new(Flaw::Nothing));
    report.assert();
    let skipped: Vec<&str> = report.skipped().map(Case::name).collect();
    assert_eq!(
        skipped,
        ["a_dropped_commit_has_happened_or_not", "a_dropped_commit_is_told_if_it_has_happened"]
    );
    let report = block_on(conformance::check_async(PlainFixture::new(Flaw::Nothing)));
    report.assert();
    assert_eq!(report.skipped().count(), 0);
}

#[test]
fn flaws_are_caught_by_further_cases() {
    for (flaw, case) in CAUGHT_TOO {
        assert_caught(&conformance::check(with(flaw, case)), case, flaw);
    }
}

#[test]
fn flaws_of_asynchronous_stores_are_caught() {
    for (flaw, case) in CAUGHT_IN_TURNS {
        assert_caught(&block_on(conformance::check_async(with(flaw, case))), case, flaw);
    }
}

#[test]
fn every_case_catches_some_flaw() {
    let report = conformance::check(PlainFixture::new(Flaw::Nothing));
    let tables = CAUGHT_TOO.iter().chain(&CAUGHT_IN_TURNS).map(|(_, case)| *case);
    let caught: Vec<&str> = CASES.iter().map(|(case, _)| *case).chain(tables).collect();
    let unproven: Vec<&str> = report.iter().map(Case::name).filter(|case| !caught.contains(case)).collect();
    assert!(unproven.is_empty(), "{unproven:?}");
    let misnamed: Vec<&str> = caught.into_iter().filter(|name| report.case(name).is_none()).collect();
    assert!(misnamed.is_empty(), "{misnamed:?}");
}

#[test]
fn a_failure_of_the_model_test_tells_the_few_commands_that_make_it() {
    let case = "random_commands_do_as_the_model_does";
    let report = conformance::check(with(Flaw::DropsOneOfTwo, case));
    let Verdict::Failed { found, .. } = report.case(case).unwrap().verdict() else { panic!("{report}") };
    assert_eq!(found.matches("\n1. commit on service ").count(), 1, "{found}");
    assert_eq!(found.matches("\n2. ").count(), 0, "{found}");
    assert!(report.to_string().contains("seed 20090512"));
}

#[test]
#[should_panic(expected = "FAILED   records_keep_their_order")]
fn a_report_with_a_failure_makes_a_test_fail() {
    conformance::check(with(Flaw::SortsRecords, "records_keep_their_order")).assert();
}

#[test]
fn a_report_reads_as_a_table() {
    let one = conformance::check(with(Flaw::Normalises, "text_is_not_normalised"));
    let table = r#"0 passed, 1 failed, 0 skipped; seed 20090512

FAILED   text_is_not_normalised                       S6
             expected: extension `everything` to be …ext":"caf\u{e9}"},{"text":"cafe\u{301}"},{"text":"q\u{307}\u{323}"},"#;
    assert!(one.to_string().starts_with(table), "{one}");
    let all = conformance::check(PlainFixture::new(Flaw::Nothing)).to_string();
    let rows = "77 passed, 0 failed, 2 skipped; seed 20090512

passed   an_unknown_service_is_none                   S5
passed   a_service_is_read_as_it_was_put_in           S6
";
    assert!(all.starts_with(rows), "{all}");
    let row = "
skipped  a_dropped_commit_has_happened_or_not         S2
             because the call of a sync store can't be dropped
";
    assert!(all.contains(row), "{all}");
}
