//! The search finds what is wrong: faults are planted in a copy of the crate, and one at a time is switched on.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that meets the unexpected fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A fault, the file of the crate it is planted in, what stands there, and what stands there instead.
struct Fault {
    name: &'static str,
    file: &'static str,
    right: &'static str,
    /// As it is right, unless `FAULT` is true.
    wrong: &'static str,
}

const FAULTS: [Fault; 20] = [
    Fault {
        name: "An end that lost the race is told as one that was made",
        file: "complete/machine.rs",
        right: "Commit::Committed => Step::Done(Ok(Outcome::Ended(completion))),",
        wrong: "Commit::Committed => Step::Done(Ok(Outcome::Ended(completion))),
         Commit::Stale if FAULT => Step::Done(Ok(Outcome::Ended(completion))),",
    },
    Fault {
        name: "First ends are told as replacements, and replacements as first ends",
        file: "complete/machine.rs",
        right: "Commit::Committed if completion.replaces()",
        wrong: "Commit::Committed if completion.replaces() != FAULT",
    },
    Fault {
        name: "The stored extensions are not loaded to be compared",
        file: "complete/machine.rs",
        right: "if !with_extensions && service",
        wrong: "if !FAULT && !with_extensions && service",
    },
    Fault {
        name: "One attempt too many",
        file: "complete/machine.rs",
        right: "self.attempts >= self.max_attempts",
        wrong: "self.attempts >= self.max_attempts + u32::from(FAULT)",
    },
    Fault {
        name: "The service is not loaded again before the next attempt",
        file: "complete/machine.rs",
        right: "Commit::Stale => Step::Load(",
        wrong: "Commit::Stale if FAULT => Step::Commit(completion), Commit::Stale => Step::Load(",
    },
    Fault {
        name: "Two answers of the store are taken for one another",
        file: "complete/machine.rs",
        right: "Commit::TooLarge => Step::Done(",
        wrong: "Commit::TooLarge if FAULT => Step::Done(Err(CompleteError::SchemaChanged)),
         Commit::TooLarge => Step::Done(",
    },
    Fault {
        name: "A commit whose outcome is unknown is decided again, in the same call",
        file: "complete/operation.rs",
        right: "self.storage.commit(&completion).await.map_err(CompleteError::Storage)?",
        wrong: "match self.storage.commit(&completion).await {
             Err(_) if FAULT => crate::storage::Commit::Stale,
             answer => answer.map_err(CompleteError::Storage)?,
         }",
    },
    Fault {
        name: "The time that was assigned at the first attempt counts as the caller's",
        file: "service/completion.rs",
        right: "let Said { service_id, timestamp, asked } = said;",
        wrong: "let Said { service_id, timestamp, asked } = said;
         let timestamp = if FAULT { Some(end.timestamp()) } else { timestamp };",
    },
    Fault {
        name: "The version that the caller demands is not looked at",
        file: "service/decide.rs",
        right: "target.version.is_some_and(|version| version != service.version)",
        wrong: "target.version.is_some_and(|version| {
             if FAULT { version > service.version } else { version != service.version }
         })",
    },
    Fault {
        name: "A later end replaces the earlier one where the earlier one is to be kept, and the other way round",
        file: "service/decide.rs",
        right: "if let (Some(differences), EndPolicy::KeepFirst) = (differences, rules.policy) {",
        wrong: "let policy = match rules.policy {
             EndPolicy::KeepFirst if FAULT => EndPolicy::ReplaceEarlier,
             _ if FAULT => EndPolicy::KeepFirst,
             policy => policy,
         };
         if let (Some(differences), EndPolicy::KeepFirst) = (differences, policy) {",
    },
    Fault {
        name: "An extension that is not stored counts as one that equals what is stored",
        file: "service/decide.rs",
        right: "is_equal.unwrap_or_else(|| extension.is_empty())",
        wrong: "is_equal.unwrap_or_else(|| FAULT || extension.is_empty())",
    },
    Fault {
        name: "What is required is not loaded",
        file: "complete/machine.rs",
        right: "let mut keys = required_keys(&self.event)?;",
        wrong: "let mut keys = if FAULT { Vec::new() } else { required_keys(&self.event)? };",
    },
    Fault {
        name: "What is required is not looked at",
        file: "service/decide.rs",
        right: "= missing_extensions(&event, service, &mut found);",
        wrong: "= if FAULT { Vec::new() } else { missing_extensions(&event, service, &mut found) };",
    },
    Fault {
        name: "Something is told that did not happen",
        file: "storage/memory/store.rs",
        right: "if let (Commit::Committed, Some(outbox)) = (answer, &self.outbox)",
        wrong: "if let (Commit::Committed, Some(outbox)) =
             (if FAULT { Commit::Committed } else { answer }, &self.outbox)",
    },
    Fault {
        name: "Confirming one notice loses the one behind it",
        file: "storage/memory/outbox.rs",
        right: "of_service.pop_front();",
        wrong: "if FAULT { of_service.clear() } else { drop(of_service.pop_front()) }",
    },
    Fault {
        name: "A worker whose notice was taken by another one confirms it all the same",
        file: "storage/memory/outbox.rs",
        right: "&& first.lease_id == taken.lease_id;",
        wrong: "&& (FAULT || first.lease_id == taken.lease_id);",
    },
    Fault {
        name: "A notice that is held is handed out",
        file: "storage/memory/outbox.rs",
        right: "if was_due > now {",
        wrong: "let now = if FAULT { until } else { now }; if was_due > now {",
    },
    Fault {
        name: "A notice names the version that its end led to",
        file: "service/notice.rs",
        right: "format!(\"{service_id}-{version}\")",
        wrong: "format!(\"{service_id}-{}\", version.0 + i64::from(FAULT))",
    },
    Fault {
        name: "A completion that was decided on a version before is applied",
        file: "storage/memory/shard.rs",
        right: "kept.version == completion.version()",
        wrong: "(kept.version == completion.version() || FAULT && kept.version > completion.version())",
    },
    Fault {
        name: "A survey in the event is not compared",
        file: "service/decide.rs",
        right: ".filter(|extension| !is_stored(*extension, service))",
        wrong: ".filter(|extension| !FAULT && !is_stored(*extension, service))",
    },
];

/// What is planted with the faults: the number of the one that is on is told when the program starts.
const SWITCH: &str = "
/// Whether a fault is on.
pub(crate) fn planted(fault: usize) -> bool {
    static ON: std::sync::LazyLock<Option<usize>> =
        std::sync::LazyLock::new(|| std::env::var(\"PLANTED\").ok()?.parse().ok());
    *ON == Some(fault)
}
";

#[test]
fn every_planted_fault_is_found_and_its_schedule_shows_it_again() {
    let house = Path::new(env!("CARGO_TARGET_TMPDIR")).join("planted");
    copy_of_the_crate(&house);
    for (number, Fault { name, file, right, wrong }) in FAULTS.iter().enumerate() {
        let path = house.join("src").join(file);
        let source = fs::read_to_string(&path).unwrap();
        assert_eq!(source.matches(right).count(), 1, "{name}: `{right}` does not stand once in {file}");
        let wrong = wrong.replace("FAULT", &format!("crate::planted({number})"));
        fs::write(&path, source.replace(right, &wrong)).unwrap();
    }
    let root = house.join("src/lib.rs");
    fs::write(&root, fs::read_to_string(&root).unwrap() + SWITCH).unwrap();
    build(&house);

    for (number, Fault { name, .. }) in FAULTS.iter().enumerate() {
        let searched = sim(&house, Some(number), &[]);
        let said = String::from_utf8(searched.stdout).unwrap();
        let (scenario, finding) = finding(&said).unwrap_or_else(|| panic!("{name}: not found\n{said}"));
        let (message, schedule) = finding.trim_end_matches(')').split_once(" (schedule ").unwrap();
        println!("{name}:\n    {scenario}: {finding}");

        let replayed = sim(&house, Some(number), &["replay", scenario, schedule]);
        let shown = String::from_utf8(replayed.stdout).unwrap();
        assert_eq!((replayed.status.code(), shown.lines().last()), (Some(1), Some(message)), "{name}");
        let unharmed = sim(&house, None, &["replay", scenario, schedule]);
        let shown = String::from_utf8(unharmed.stdout).unwrap();
        assert_ne!(shown.lines().last(), Some(message), "{name}: found where it is not");
    }
}

/// The scenario that went wrong, and how.
fn finding(said: &str) -> Option<(&str, &str)> {
    let mut lines = said.lines().zip(said.lines().skip(1));
    let (scenario, finding) = lines.find(|(_, line)| line.contains("(schedule "))?;
    Some((scenario.split_whitespace().next()?, finding.trim()))
}

fn build(house: &Path) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(house).env("CARGO_TARGET_DIR", house.join("target"));
    cargo.args(["build", "--quiet", "--offline", "--release", "-p", "service-end-sim"]);
    let built = cargo.output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}

fn sim(house: &Path, fault: Option<usize>, arguments: &[&str]) -> Output {
    let mut sim = Command::new(house.join("target/release/service-end-sim"));
    sim.env("PLANTED", fault.map(|number| number.to_string()).unwrap_or_default());
    sim.args(arguments).output().unwrap()
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
