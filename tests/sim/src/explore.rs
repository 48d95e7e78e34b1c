//! All orders, depth first.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hasher};

use crate::run::{Action, Run};
use crate::scenario::Scenario;

/// What came of trying all orders of a scenario.
#[derive(Debug)]
pub struct Explored {
    /// How many different states there are.
    pub states: usize,
    /// How many steps were taken from one to another.
    pub steps: usize,
    /// The first thing that is wrong.
    pub finding: Option<Finding>,
}

/// Something wrong, and how to see it again.
#[derive(Debug)]
pub struct Finding {
    /// What is wrong.
    pub message: String,
    /// Which of the possible actions was taken, step by step.
    pub schedule: Vec<usize>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schedule: Vec<_> = self.schedule.iter().map(ToString::to_string).collect();
        write!(f, "{} (schedule {})", self.message, schedule.join(","))
    }
}

/// Tries all orders of a scenario, or all up to the first that goes wrong.
pub fn explore(scenario: &Scenario) -> Explored {
    let mut search = Search { scenario, seen: HashSet::new(), steps: 0, schedule: Vec::new() };
    let finding = search.visit(Run::new(scenario)).err();
    Explored { states: search.seen.len(), steps: search.steps, finding }
}

struct Search<'s> {
    scenario: &'s Scenario,
    seen: HashSet<(u64, u64)>,
    steps: usize,
    schedule: Vec<usize>,
}

impl<'s> Search<'s> {
    fn visit(&mut self, run: Run<'s>) -> Result<(), Finding> {
        if !self.seen.insert(key(&run)) {
            return Ok(());
        }
        let actions = run.actions();
        let mut run = Some(run);
        for (choice, action) in actions.iter().enumerate() {
            // A future can't be copied: all but the last way on begin again at the beginning.
            let last = choice + 1 == actions.len();
            let again = if last { run.take() } else { None };
            let mut next = again.unwrap_or_else(|| self.again());
            self.schedule.push(choice);
            self.steps += 1;
            match next.take(*action) {
                Ok(()) => self.visit(next)?,
                Err(message) => return Err(Finding { message, schedule: self.schedule.clone() }),
            }
            self.schedule.pop();
        }
        Ok(())
    }

    /// The run at the present schedule, once more.
    fn again(&self) -> Run<'s> {
        let mut run = Run::new(self.scenario);
        for choice in &self.schedule {
            let action =
                run.actions().get(*choice).copied().unwrap_or_else(|| unreachable!("it was possible"));
            if let Err(message) = run.take(action) {
                unreachable!("it went well before: {message}");
            }
        }
        run
    }
}

/// Two hashes of a state. That two states out of some millions share both does not happen.
fn key(run: &Run<'_>) -> (u64, u64) {
    let hash = |first: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(first);
        run.hash_into(&mut hasher);
        hasher.finish()
    };
    (hash(0), hash(1))
}

/// One schedule again, telling each action to `show`.
///
/// # Errors
/// What goes wrong at its end, or a step that is not possible.
pub fn replay(
    scenario: &Scenario,
    schedule: &[usize],
    mut show: impl FnMut(Action, &Run<'_>),
) -> Result<(), String> {
    let mut run = Run::new(scenario);
    for choice in schedule {
        let possible = run.actions();
        let Some(action) = possible.get(*choice) else {
            return Err(format!("{choice} is not possible here, only one of {possible:?}"));
        };
        let taken = run.take(*action);
        show(*action, &run);
        taken?;
    }
    Ok(())
}
