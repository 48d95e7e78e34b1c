use std::error::Error;
use std::fmt::{self, Write};

use service_end::{ReadError, Violations};

/// Why a case does not pass.
#[derive(Debug)]
pub(crate) enum Fault {
    Failed { expected: String, found: String },
    Skipped(String),
}

impl Fault {
    pub(crate) fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Fault::Failed { expected: expected.into(), found: found.into() }
    }

    pub(crate) fn skip(reason: impl Into<String>) -> Self {
        Fault::Skipped(reason.into())
    }

    /// The store failed where it should have answered.
    pub(crate) fn error(expected: &str, error: &(dyn Error + 'static)) -> Self {
        let mut found = format!("the error \"{error}\"");
        let mut source = error.source();
        while let Some(deeper) = source {
            found.push_str(": ");
            found.push_str(&deeper.to_string());
            source = deeper.source();
        }
        Fault::new(expected, found)
    }

    /// Two texts that should be equal, shown from shortly before they part.
    pub(crate) fn texts(what: &str, expected: &str, found: &str) -> Self {
        let common = expected.chars().zip(found.chars()).take_while(|(left, right)| left == right).count();
        let start = common.saturating_sub(BEFORE);
        let cut = |text: &str| {
            let mut shown = String::from(if start > 0 { "…" } else { "" });
            let mut rest = text.chars().skip(start);
            for character in rest.by_ref().take(SHOWN) {
                show(character, &mut shown);
            }
            shown.push_str(if rest.next().is_some() { "…" } else { "" });
            shown
        };
        Fault::new(format!("{what} {}", cut(expected)), cut(found))
    }

    /// Says more precisely when it happened.
    pub(crate) fn when(self, when: &str) -> Self {
        match self {
            Fault::Failed { expected, found } => {
                Fault::Failed { expected: format!("{when}, {expected}"), found }
            }
            skipped @ Fault::Skipped(_) => skipped,
        }
    }

    /// Tells the commands that have led to it.
    pub(crate) fn after(mut self, which: &str, commands: &[impl fmt::Display]) -> Self {
        if let Fault::Failed { found, .. } = &mut self {
            // Writing to a text can't fail.
            let _ = write!(found, "\nafter {which}:");
            for (command, number) in commands.iter().zip(1..) {
                let _ = write!(found, "\n{number}. {command}");
            }
        }
        self
    }
}

const BEFORE: usize = 25;
const SHOWN: usize = 120;

/// Characters that look alike, or like nothing, are told by their number.
fn show(character: char, shown: &mut String) {
    if character == ' ' || character.is_ascii_graphic() {
        shown.push(character);
    } else {
        shown.extend(character.escape_default());
    }
}

/// An event of the suite itself that is not valid: a fault of the suite, told as it is.
impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        Fault::new("the suite's own event to be valid", error.to_string())
    }
}

impl From<Violations> for Fault {
    fn from(violations: Violations) -> Self {
        Fault::new("the suite's own event to be valid", violations.to_string())
    }
}

/// Demands that something holds.
pub(crate) fn ensure(
    holds: bool,
    expected: impl Into<String>,
    found: impl FnOnce() -> String,
) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::new(expected, found())) }
}
