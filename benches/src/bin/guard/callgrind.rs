//! Runs this program once more under callgrind, and reads what its functions cost out of the profile.

use std::collections::HashMap;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Several may be under way at once.
static RUNS: AtomicUsize = AtomicUsize::new(0);

/// The instructions of some functions, all that they call included. Each is told by a part of its name.
pub(crate) fn instructions<const N: usize>(arguments: &[&str], functions: [&str; N]) -> [f64; N] {
    let this = std::env::current_exe().unwrap();
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let profile = std::env::temp_dir().join(format!("guard-{}-{run}.callgrind", std::process::id()));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--main-stacksize=16777216"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(this)
        .args(arguments)
        .output()
        .expect("valgrind is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(&profile).expect("callgrind writes a profile");
    std::fs::remove_file(&profile).expect("it is there");
    let mut sums = [0.0; N];
    for (function, cost) in calls(&text) {
        for (sum, part) in sums.iter_mut().zip(functions) {
            if function.contains(part) {
                *sum += cost;
            }
        }
    }
    sums
}

/// The calls in a profile: who was called, and what it cost with all that it called itself.
fn calls(profile: &str) -> Vec<(&str, f64)> {
    let mut names = HashMap::new();
    let mut calls = Vec::new();
    let mut called = "";
    let mut lines = profile.lines();
    while let Some(line) = lines.next() {
        let name = line.strip_prefix("cfn=");
        if let Some(text) = name.or_else(|| line.strip_prefix("fn=")) {
            // A name stands there once, and then only its number.
            let (number, text) = text.split_once(' ').unwrap_or((text, ""));
            if !text.is_empty() {
                names.insert(number, text);
            }
            if name.is_some() {
                called = names.get(number).expect("a number has had its name");
            }
        } else if line.starts_with("calls=") {
            let cost = lines.next().and_then(|line| line.rsplit(' ').next()).expect("a call has a cost");
            calls.push((called, cost.parse().expect("a number")));
        }
    }
    calls
}
