//! Holds what questions cost to the bound.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use service_end_benches::costs::{self, Instructions, Memory, PARTS, Question, TIMES_FIRST};
use service_end_benches::heap::Counting;
use service_end_benches::search::{Genome, Search};
use service_end_benches::worst;

use crate::callgrind;

/// Asks a question of this name, or one that the search found.
pub(crate) fn ask_by_name(name: &str) {
    let known = worst::ALL.iter().find(|worst| worst.name == name);
    let question = known.map_or_else(
        || serde_json::from_str::<Genome>(name).expect("the name of a question, or a genome").question(),
        worst::Worst::question,
    );
    costs::ask(&question);
}

/// Whether the worst questions that we know stay within the bound.
pub(crate) fn check(heap: &Counting, part_of_name: &str) -> ExitCode {
    let asked = worst::ALL.iter().filter(|worst| worst.name.contains(part_of_name));
    let asked = asked.map(|worst| (worst.name.to_owned(), worst.name.to_owned(), worst.question()));
    let mut passed = hold(heap, &asked.collect::<Vec<_>>());
    passed &= remains(heap);
    verdict(passed)
}

/// Whether what remains of a large end holds on to little of the rest.
fn remains(heap: &Counting) -> bool {
    let [little, much] = costs::remaining(heap);
    let holds = much <= little + little / 10;
    println!(
        "{} an extension that remains of an end: a store of {little} bytes, of {much} where the end said 1 MB more",
        if holds { "  " } else { "NO" },
    );
    holds
}

/// Looks for a worse question for so many seconds. Another seed begins with other questions.
pub(crate) fn search(heap: &Counting, seconds: u64, seed: u64) -> ExitCode {
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut search = Search::new(seed);
    while Instant::now() < end {
        search.step(heap);
    }
    println!("{} questions were asked; the worst of each kind:", search.asked());
    let found = search.worst().map(|(kind, genome)| {
        let name = serde_json::to_string(genome).expect("a genome is JSON");
        (format!("{kind}: {name}"), name, genome.question())
    });
    verdict(hold(heap, &found.collect::<Vec<_>>()))
}

/// Whether all questions, each with a title and a name, stay within the bound.
fn hold(heap: &Counting, asked: &[(String, String, Question)]) -> bool {
    // Instructions are the same whatever else a machine does, so they are counted side by side.
    let count = |(_, name, _): &(_, String, _)| callgrind::instructions(&["ask", name], PARTS);
    let counted: Vec<_> = asked.par_iter().map(count).collect();
    println!("     bound  IgnoredAny   memory   retry");
    let mut all_hold = true;
    for ((title, _, question), counted) in asked.iter().zip(counted) {
        all_hold &= holds(heap, title, question, Instructions::of(question, counted));
    }
    all_hold
}

fn holds(heap: &Counting, title: &str, question: &Question, instructions: Instructions) -> bool {
    // The first question may set up what all later ones share.
    costs::ask(question);
    let memory = costs::memory(heap, question);
    let retry = instructions.retry_times_first();
    let holds = instructions.of_the_bound() <= 1.0
        && memory.of_the_bound() <= 1.0
        && retry.is_none_or(|retry| retry <= TIMES_FIRST);
    let Memory { answer, retry: again, .. } = memory;
    println!(
        "{} {:>7.3} {:>10.2}  {:>7.3} {:>7}  {title}",
        if holds { "  " } else { "NO" },
        instructions.of_the_bound(),
        instructions.times_ignored(),
        memory.of_the_bound(),
        retry.map_or("-".into(), |retry| format!("{retry:.2}")),
    );
    if !holds {
        let parts: Vec<_> = PARTS
            .iter()
            .zip(instructions.0)
            .map(|(part, count)| format!("{} {:.2} M", part.trim_start_matches("counted_"), count / 1e6))
            .collect();
        println!(
            "           {} bytes; {}; held {:.2} MB, by a retry {:.2} MB",
            question.body.len(),
            parts.join(", "),
            answer as f64 / 1e6,
            again as f64 / 1e6,
        );
    }
    holds
}

fn verdict(passed: bool) -> ExitCode {
    if passed {
        return ExitCode::SUCCESS;
    }
    eprintln!(
        "an answer costs more than its question: more than {} times the instructions of IgnoredAny and {} more, \
         {} times its bytes and {} more, a retry more than {TIMES_FIRST} times the first end, or one that is over holds \
         memory",
        costs::TIMES_IGNORED,
        costs::ALLOWANCE,
        costs::TIMES_BODY,
        costs::MEMORY_ALLOWANCE,
    );
    ExitCode::FAILURE
}
