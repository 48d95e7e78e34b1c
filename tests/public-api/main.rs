//! What the crate offers is what `public-api.txt` says.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails"
)]

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;

use public_api::Builder;

const UPDATE: &str = "UPDATE_PUBLIC_API=1 cargo test -p service-end-public-api";

#[test]
fn the_public_api_is_the_one_that_is_written_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    // Of its own, since other flags would have everything built anew.
    let target = root.join("target/public-api");
    let rustdoc = Command::new(env!("CARGO"))
        .args(["rustdoc", "--quiet", "--package", "service-end", "--lib", "--target-dir"])
        .arg(&target)
        .args(["--", "-Z", "unstable-options", "--output-format", "json"])
        // Its JSON is not stable yet.
        .env("RUSTC_BOOTSTRAP", "1")
        .current_dir(root)
        .status()
        .unwrap();
    assert!(rustdoc.success(), "rustdoc failed");

    let api = Builder::from_rustdoc_json(target.join("doc/service_end.json"))
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .build()
        .unwrap();
    let found = api.to_string();
    let file = root.join("tests/public-api/public-api.txt");
    if std::env::var_os("UPDATE_PUBLIC_API").is_some() {
        std::fs::write(&file, found).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    let lines = |text: &str, other: &str, mark: &str| -> Vec<String> {
        let known: HashSet<_> = other.lines().collect();
        text.lines().filter(|line| !known.contains(line)).map(|line| format!("{mark} {line}")).collect()
    };
    let differences = [lines(&written, &found, "-"), lines(&found, &written, "+")].concat().join("\n");
    assert!(found == written, "the public API has changed:\n{differences}\nIf that is meant: {UPDATE}");
}
