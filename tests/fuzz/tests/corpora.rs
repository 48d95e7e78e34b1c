//! Every input of the corpora is fed to its target once, without a fuzzer.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails"
)]

use std::fs::{read, read_dir};
use std::path::Path;

use service_end_fuzz::targets::ALL;

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn no_input_of_the_corpora_breaks_a_rule() {
    for (name, target) in ALL {
        let inputs = read_dir(folder("corpus").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        for input in inputs {
            target(&read(input.unwrap().path()).unwrap());
        }
    }
}

#[test]
fn every_target_is_a_program() {
    let mut programs: Vec<_> = read_dir(folder("fuzz_targets"))
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    programs.sort();
    let names: Vec<_> = ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(programs, names);
}
