//! Tries all scenarios up to the first finding, or shows one schedule again.

use std::env;
use std::process::ExitCode;

use service_end_sim::explore::{explore, replay};
use service_end_sim::scenario::Scenario;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => all(),
        ["replay", name, schedule] => again(name, schedule),
        _ => {
            eprintln!("usage: service-end-sim [replay SCENARIO SCHEDULE]");
            ExitCode::from(2)
        }
    }
}

fn all() -> ExitCode {
    let mut states = 0;
    for scenario in Scenario::all() {
        let explored = explore(&scenario);
        println!("{:32} {:>9} states {:>10} steps", scenario.name, explored.states, explored.steps);
        states += explored.states;
        if let Some(finding) = explored.finding {
            println!("    {finding}");
            return ExitCode::FAILURE;
        }
    }
    println!("{:32} {states:>9} states", "all");
    ExitCode::SUCCESS
}

fn again(name: &str, schedule: &str) -> ExitCode {
    let Some(scenario) = Scenario::all().into_iter().find(|scenario| scenario.name == name) else {
        eprintln!("there is no scenario {name}");
        return ExitCode::from(2);
    };
    let Ok(schedule) = schedule.split(',').map(str::parse).collect::<Result<Vec<usize>, _>>() else {
        eprintln!("a schedule is a list of numbers: 0,2,1");
        return ExitCode::from(2);
    };
    match replay(&scenario, &schedule, |action, run| println!("{action:?}\n    {}", run.shown())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("{message}");
            ExitCode::FAILURE
        }
    }
}
