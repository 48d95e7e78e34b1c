//! All scenarios.

#![allow(clippy::panic, reason = "a test that meets the unexpected fails")]

use service_end_sim::explore::explore;
use service_end_sim::scenario::Scenario;

#[test]
fn in_every_order_each_end_takes_effect_once_and_no_answer_lies() {
    let mut states = 0;
    for scenario in Scenario::all() {
        let explored = explore(&scenario);
        println!("{}: {} states", scenario.name, explored.states);
        if let Some(finding) = explored.finding {
            panic!("{}: {finding}", scenario.name);
        }
        states += explored.states;
    }
    println!("{states} states in all");
}
