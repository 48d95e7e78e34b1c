//! Counts instructions (callgrind) and allocations, and compares them with the figures in `guard.json`.
//!
//! `guard check` and `guard update` run `guard count <case> <reader>` under valgrind, once for each case and
//! reader; of that run only the one call of a `counted_…` function counts.
//!
//! `guard costs` holds the worst questions that we know to the bound on costs, and `guard search` looks for a worse one.
#![allow(
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for the command line that stops at the first surprise"
)]

mod callgrind;
mod costs;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::ExitCode;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use service_end_benches::case::Case;
use service_end_benches::heap::{Counting, counting, measure};
use service_end_benches::typed::{self, Typed};
use service_end_benches::{shapes, workloads};

#[global_allocator]
static HEAP: Counting = counting();

const FIGURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/guard.json");
const MARGIN: f64 = 0.03;

/// What reading a case costs.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct Figures {
    /// Instructions, in times of those for `IgnoredAny` on the same body, or for the same structs out of JSON.
    instructions: f64,
    allocations: usize,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["count", name, reader] => count(name, reader),
        ["check"] => return check(),
        ["update"] => update(),
        ["ask", name] => costs::ask_by_name(name),
        ["costs"] => return costs::check(&HEAP, ""),
        ["costs", part_of_name] => return costs::check(&HEAP, part_of_name),
        ["search", seconds, seed] => {
            let number = |text: &str| text.parse().expect("a whole number");
            return costs::search(&HEAP, number(seconds), number(seed));
        }
        _ => {
            eprintln!("usage: guard check | update | costs [PART OF A NAME] | search SECONDS SEED");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// What is counted: reading a body, in times of `IgnoredAny`, or reading records into structs, in times of `serde_json`.
enum Counted {
    Body(Case),
    Records(Typed),
}

type Make = Box<dyn Fn() -> Counted>;

/// The cases, in the order in which they are told.
fn cases() -> Vec<(&'static str, Make)> {
    let mut cases: Vec<(_, Make)> = bodies()
        .into_iter()
        .map(|(name, make)| (name, Box::new(move || Counted::Body(make())) as Make))
        .collect();
    for (ordinal, Typed { name, .. }) in typed::all().into_iter().enumerate() {
        let make =
            move || Counted::Records(typed::all().into_iter().nth(ordinal).expect("as many as before"));
        cases.push((name, Box::new(make)));
    }
    cases
}

type MakeBody = Box<dyn Fn() -> Case>;

fn bodies() -> Vec<(&'static str, MakeBody)> {
    let mut cases: Vec<(_, MakeBody)> = vec![
        ("small", Box::new(workloads::small)),
        ("rec1k", Box::new(|| workloads::rec(1_000))),
        ("rec10k", Box::new(|| workloads::rec(10_000))),
        ("wide", Box::new(workloads::wide)),
    ];
    cases.push(("whole numbers", Box::new(shapes::whole_numbers)));
    cases.push(("plain strings", Box::new(shapes::plain_strings)));
    cases.extend(shapes::ALL.map(|shape| (shape.name, Box::new(move || shape.case()) as MakeBody)));
    cases.push(("1,000 violations", Box::new(shapes::thousand_violations)));
    cases
}

fn count(name: &str, reader: &str) {
    let (_, make) = cases().into_iter().find(|(known, _)| *known == name).expect("a case of this name");
    let case = make();
    let read = match reader {
        "ignored" => counted_ignored,
        "ours" => counted_ours,
        _ => panic!("no reader `{reader}`"),
    };
    read(black_box(&case));
}

#[inline(never)]
fn counted_ignored(counted: &Counted) {
    match counted {
        Counted::Body(case) => drop(black_box(serde_json::from_slice::<IgnoredAny>(&case.body))),
        Counted::Records(typed) => typed.rival(&mut || ()),
    }
}

#[inline(never)]
fn counted_ours(counted: &Counted) {
    read(counted, &mut || ());
}

/// Reads, and calls back while the result is alive.
fn read(counted: &Counted, alive: &mut dyn FnMut()) {
    match counted {
        Counted::Body(case) => {
            let _result = black_box(case.read());
            alive();
        }
        Counted::Records(typed) => typed.ours(alive),
    }
}

fn instructions(name: &str, reader: &str) -> f64 {
    let part = format!("counted_{reader}");
    let [collected] = callgrind::instructions(&["count", name, reader], [&part]);
    assert!(collected > 1_000.0, "nothing was counted for {name}");
    collected
}

fn found(name: &str, counted: &Counted) -> Figures {
    // The first reading may set up what all later ones share.
    read(counted, &mut || ());
    let heap = measure(&HEAP, |alive| read(counted, alive));
    let ratio = instructions(name, "ours") / instructions(name, "ignored");
    Figures { instructions: (ratio * 1000.0).round() / 1000.0, allocations: heap.allocations }
}

fn check() -> ExitCode {
    let text = std::fs::read_to_string(FIGURES).expect("the figures can be read");
    let expected: BTreeMap<String, Figures> = serde_json::from_str(&text).expect("figures");
    let mut passed = true;
    for (name, case) in cases() {
        let found = found(name, &case());
        let Some(expected) = expected.get(name) else {
            println!("{name}: no figures expected, found {found:?}");
            passed = false;
            continue;
        };
        let most = expected.instructions * (1.0 + MARGIN);
        let verdict = if found.instructions > most || found.allocations > expected.allocations {
            passed = false;
            "EXCEEDED"
        } else if found.instructions < expected.instructions * (1.0 - MARGIN)
            || found.allocations < expected.allocations
        {
            "better: update the figures"
        } else {
            "ok"
        };
        println!(
            "{name}: {:.3} times the instructions, expected {:.3}; {} allocations, expected {}: {verdict}",
            found.instructions, expected.instructions, found.allocations, expected.allocations
        );
    }
    if passed {
        ExitCode::SUCCESS
    } else {
        eprintln!("reading costs more than the figures in benches/guard.json allow (margin 3 %)");
        ExitCode::FAILURE
    }
}

fn update() {
    let lines: Vec<String> = cases()
        .into_iter()
        .map(|(name, case)| {
            let found = found(name, &case());
            println!("{name}: {found:?}");
            format!("  {}: {}", serde_json::to_string(&name).unwrap(), serde_json::to_string(&found).unwrap())
        })
        .collect();
    std::fs::write(FIGURES, format!("{{\n{}\n}}\n", lines.join(",\n"))).expect("figures can be written");
}
