//! The search finds what is wrong: faults are planted in a copy of the crate, one at a time.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that meets the unexpected fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A file of the crate, what stands there, and what is planted in its place.
type Fault = (&'static str, &'static str, &'static str);

const FAULTS: [Fault; 20] = [
    // An end that lost the race is told as one that was made.
    (
        "complete/machine.rs",
        "Commit::Committed => Step::Done(Ok(Outcome::Ended(completion))),",
        "Commit::Committed | Commit::Stale => Step::Done(Ok(Outcome::Ended(completion))),",
    ),
    // First ends are told as replacements, and replacements as first ends.
    (
        "complete/machine.rs",
        "Commit::Committed if completion.replaces()",
        "Commit::Committed if !completion.replaces()",
    ),
    // The stored extensions are not loaded to be compared.
    ("complete/machine.rs", "if !with_extensions && service", "if false && !with_extensions && service"),
    // One attempt too many.
    ("complete/machine.rs", "self.attempts >= self.max_attempts", "self.attempts > self.max_attempts"),
    // The service is not loaded again before the next attempt.
    (
        "complete/machine.rs",
        "Commit::Stale => Step::Load(Loading { event: completion.into_event(), with_extensions: false }),",
        "Commit::Stale => Step::Commit(completion),",
    ),
    // Two answers of the store are taken for one another.
    (
        "complete/machine.rs",
        "Commit::TooLarge => Step::Done(Err(CompleteError::TooLargeForStorage)),",
        "Commit::TooLarge => Step::Done(Err(CompleteError::SchemaChanged)),",
    ),
    // A commit whose outcome is unknown is decided again, in the same call.
    (
        "complete/operation.rs",
        "self.storage.commit(&completion).await.map_err(CompleteError::Storage)?",
        "self.storage.commit(&completion).await.unwrap_or(crate::storage::Commit::Stale)",
    ),
    // The time that was assigned at the first attempt counts as the caller's.
    (
        "service/completion.rs",
        "let Said { service_id, timestamp, asked } = said;",
        "let Said { service_id, asked, .. } = said; let timestamp = Some(end.timestamp());",
    ),
    // The version that the caller demands is not looked at.
    (
        "service/decide.rs",
        "target.version.is_some_and(|version| version != service.version)",
        "target.version.is_some_and(|version| version > service.version)",
    ),
    // A later end replaces the earlier one where the earlier one is to be kept, and the other way round.
    (
        "service/decide.rs",
        "EndPolicy::KeepFirst) = (differences",
        "EndPolicy::ReplaceEarlier) = (differences",
    ),
    // An extension that is not stored counts as one that equals what is stored.
    ("service/decide.rs", "return extension.is_empty();", "return true;"),
    // What is required is not loaded.
    ("complete/machine.rs", "let mut keys = required_keys(&self.event);", "let mut keys = Vec::new();"),
    // What is required is not looked at.
    ("service/decide.rs", "= missing_extensions(&event, service, &mut found);", ": Vec<&str> = Vec::new();"),
    // Something is told that did not happen.
    (
        "storage/memory/store.rs",
        "if let (Commit::Committed, Some(outbox)) = (answer, &self.outbox)",
        "if let (_, Some(outbox)) = (answer, &self.outbox)",
    ),
    // Confirming one notice loses the one behind it.
    ("storage/memory/outbox.rs", "of_service.pop_front();", "of_service.clear();"),
    // A worker whose notice was taken by another one confirms it all the same.
    ("storage/memory/outbox.rs", "&& first.lease == taken.lease;", ";"),
    // A notice that is held is handed out.
    ("storage/memory/outbox.rs", "if was_due > now {", "if was_due > until {"),
    // A notice names the version that its end led to.
    (
        "service/notice.rs",
        "format!(\"{service_id}-{version}\")",
        "format!(\"{service_id}-{}\", version.0 + 1)",
    ),
    // A completion that was decided on a version before is applied.
    (
        "storage/memory/shard.rs",
        "kept.version == completion.version()",
        "kept.version >= completion.version()",
    ),
    // A survey in the event is not compared.
    ("service/decide.rs", ".filter(|extension| !is_stored(*extension, service))", ".filter(|_| false)"),
];

#[test]
fn every_planted_fault_is_found_and_its_schedule_shows_it_again() {
    let house = Path::new(env!("CARGO_TARGET_TMPDIR")).join("planted");
    copy_of_the_crate(&house);
    for (number, (file, right, wrong)) in FAULTS.iter().enumerate() {
        let path = house.join("src").join(file);
        let source = fs::read_to_string(&path).unwrap();
        assert_eq!(
            source.matches(right).count(),
            1,
            "fault {number}: `{right}` does not stand once in {file}"
        );
        fs::write(&path, source.replace(right, wrong)).unwrap();

        let searched = sim(&house, &[]);
        let said = String::from_utf8(searched.stdout).unwrap();
        let (scenario, finding) = finding(&said).unwrap_or_else(|| {
            panic!(
                "fault {number}, `{wrong}`, was not found:\n{said}{}",
                String::from_utf8_lossy(&searched.stderr)
            )
        });
        let (message, schedule) = finding.trim_end_matches(')').split_once(" (schedule ").unwrap();
        println!("fault {number}: {scenario}: {finding}");

        let replayed = sim(&house, &["replay", scenario, schedule]);
        let shown = String::from_utf8(replayed.stdout).unwrap();
        assert_eq!(
            (replayed.status.code(), shown.lines().last()),
            (Some(1), Some(message)),
            "fault {number}"
        );
        fs::write(&path, source).unwrap();
    }
    let unharmed = sim(&house, &["replay", "two-ends", "0,1"]);
    assert!(unharmed.status.success(), "{}", String::from_utf8_lossy(&unharmed.stderr));
}

/// The scenario that went wrong, and how.
fn finding(said: &str) -> Option<(&str, &str)> {
    let mut lines = said.lines().zip(said.lines().skip(1));
    let (scenario, finding) = lines.find(|(_, line)| line.contains("(schedule "))?;
    Some((scenario.split_whitespace().next()?, finding.trim()))
}

fn sim(house: &Path, arguments: &[&str]) -> Output {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(house).env("CARGO_TARGET_DIR", house.join("target"));
    // More time goes into building than into searching.
    cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_INCREMENTAL", "true");
    cargo.args(["run", "--quiet", "--offline", "--release", "-p", "service-end-sim", "--"]).args(arguments);
    cargo.output().unwrap()
}

/// A workspace of the crate and this package alone.
fn copy_of_the_crate(house: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for part in ["src", "tests"] {
        if house.join(part).exists() {
            fs::remove_dir_all(house.join(part)).unwrap();
        }
    }
    for part in ["src", "tests/sim/src"] {
        copy(&root.join(part), &house.join(part));
    }
    for part in ["Cargo.lock", "tests/sim/Cargo.toml"] {
        fs::copy(root.join(part), house.join(part)).unwrap();
    }
    // The chapters of the documentation, which the crate includes.
    for entry in fs::read_dir(&root).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            fs::copy(&path, house.join(path.file_name().unwrap())).unwrap();
        }
    }
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let (before, rest) = manifest.split_once("members = [").unwrap();
    let (_, rest) = rest.split_once("resolver = ").unwrap();
    let (rest, _) = rest.split_once("[[example]]").unwrap();
    let manifest = format!("{before}members = [\"tests/sim\"]\nresolver = {rest}");
    fs::write(house.join("Cargo.toml"), manifest).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}
