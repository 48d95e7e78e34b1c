//! Compares two versions of a host's schemas, as a check before the new one is rolled out: see `USAGE`.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;

use service_end::Schemas;
use service_end::schema::{Answer, Change, Comparison, DeclarationError, Question};

const USAGE: &str = "\
usage: compare_schemas OLD NEW [--json]

Compares two files, each a JSON array of extension schemas, and answers three questions:

  bodies    does NEW accept every body that OLD accepts?
  records   does NEW read everything that was stored under OLD, with equal values?
  rollback  does OLD accept every body that NEW accepts?

  --json    print one JSON document: the answers, each no with a witness, and the changes

Exit status: 0 when bodies and records are safe, 1 when they are not, 2 for wrong usage and for files that can't be
read or have mistakes, and if nothing can be printed.";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    // `println!` would panic where nobody reads any more.
    match answer(&arguments) {
        Ok((text, status)) => {
            let written = writeln!(std::io::stdout(), "{text}");
            match written.map_err(|error| (error.kind(), error)) {
                Ok(()) | Err((ErrorKind::BrokenPipe, _)) => ExitCode::from(status),
                Err((_, error)) => {
                    let _ = writeln!(
                        std::io::stderr(),
                        "compare_schemas: what is printed can't be written: {error}"
                    );
                    ExitCode::from(2)
                }
            }
        }
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "compare_schemas: {message}");
            ExitCode::from(2)
        }
    }
}

/// What is to be printed, and the exit status.
fn answer(arguments: &[OsString]) -> Result<(String, u8), String> {
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        return Ok((USAGE.to_owned(), 0));
    }
    let mut json = false;
    let mut files = Vec::new();
    for argument in arguments {
        match argument.to_string_lossy() {
            option if option == "--json" => json = true,
            option if option.starts_with('-') => {
                return Err(format!("unknown argument `{option}`\n\n{USAGE}"));
            }
            _ => files.push(argument),
        }
    }
    let [old, new] = files[..] else { return Err(format!("two files are needed\n\n{USAGE}")) };
    let comparison = read(old)?.compare(&read(new)?);
    let text =
        if json { serde_json::to_string(&comparison).unwrap_or_default() } else { to_text(&comparison) };
    Ok((text, u8::from(!comparison.is_safe())))
}

fn read(file: &OsStr) -> Result<Schemas, String> {
    let in_file = |message: &dyn std::fmt::Display| format!("{}: {message}", Path::new(file).display());
    let json = std::fs::read(file).map_err(|error| in_file(&error))?;
    Schemas::from_json(json).map_err(|error| match &error {
        DeclarationError::Invalid(violations) => {
            let mut text = in_file(&"the schemas have mistakes");
            for violation in violations {
                let place =
                    violation.span().map(|span| format!("line {}, column {}: ", span.line, span.column));
                let _ = write!(text, "\n  {}{violation}", place.unwrap_or_default());
            }
            text
        }
        error => in_file(error),
    })
}

fn to_text(comparison: &Comparison) -> String {
    let mut text = String::new();
    for question in Question::ALL {
        let (yes, no) = match question {
            Question::Bodies => ("every body that was accepted is accepted", "accepted before, and no more"),
            Question::Records => {
                ("all that is stored reads as before", "stored before, and not read as before")
            }
            Question::Rollback => {
                ("every body that is accepted was accepted before", "accepted now, and not before")
            }
        };
        let answer = match comparison.answer(*question) {
            Answer::Safe => format!("safe: {yes}"),
            Answer::Unsafe { witness, .. } => format!("NOT safe: {no}\n{:10}{witness}", ""),
            _ => "NOT safe: but a text that shows it would be very long".to_owned(),
        };
        let _ = writeln!(text, "{question:10}{answer}");
    }
    let changes = comparison.changes();
    let _ = match changes.len() {
        0 => write!(text, "\nNothing has changed."),
        1 => write!(text, "\n1 change:"),
        count => write!(text, "\n{count} changes:"),
    };
    for change in changes {
        let _ = write!(text, "\n  {}", line(change));
    }
    text
}

fn line(change: &Change) -> String {
    let breaks: Vec<_> = change.breaks().map(Question::as_str).collect();
    let breaks = if breaks.is_empty() { String::new() } else { format!(" (breaks {})", breaks.join(", ")) };
    format!("{}: {}{breaks}", change.pointer(), change.message())
}
