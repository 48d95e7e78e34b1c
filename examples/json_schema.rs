//! Prints what is declared as JSON Schema, for those who don't read extension schemas: see `USAGE`.

use std::ffi::OsString;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;

use service_end::schema::{DeclarationError, OpenNameError};
use service_end::{BusinessAttributes, Schemas, Validator};

const USAGE: &str = "\
usage: json_schema [--schemas FILE] [--business FILE] [--open NAME,NAME|*] [--stored]

Prints the JSON Schema (2020-12) of the bodies that end a service.

  --schemas FILE    a JSON array of extension schemas; without it there are none
  --business FILE   the known business attributes: {\"disposition\": [{\"id\": 10, \"name\": \"Resolved\"}], …}
  --open NAMES      the names of extensions that need no schema, with commas; or * for every name
  --stored          print the schema of a stored service instead

Exit status: 0, or 2 for wrong usage, for a file that can't be read, for mistakes in it, and if nothing can be
printed.";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    // `println!` would panic where nobody reads any more.
    match answer(&arguments) {
        Ok(text) => {
            let written = writeln!(std::io::stdout(), "{text}");
            match written.map_err(|error| (error.kind(), error)) {
                Ok(()) | Err((ErrorKind::BrokenPipe, _)) => ExitCode::SUCCESS,
                Err((_, error)) => {
                    let _ =
                        writeln!(std::io::stderr(), "json_schema: what is printed can't be written: {error}");
                    ExitCode::from(2)
                }
            }
        }
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "json_schema: {message}");
            ExitCode::from(2)
        }
    }
}

/// What is to be printed.
fn answer(arguments: &[OsString]) -> Result<String, String> {
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        return Ok(USAGE.to_owned());
    }
    let (mut schemas, mut business, mut open, mut stored) = (None, None, None, false);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let argument = argument.to_string_lossy();
        let file = match &*argument {
            "--stored" => {
                stored = true;
                continue;
            }
            "--schemas" => &mut schemas,
            "--business" => &mut business,
            "--open" => &mut open,
            other => return Err(format!("unknown argument `{other}`\n\n{USAGE}")),
        };
        let what = if argument == "--open" { "names" } else { "a file" };
        let name = arguments.next().ok_or_else(|| format!("{argument} needs {what}\n\n{USAGE}"))?;
        if file.replace(name).is_some() {
            return Err(format!("{argument} is given twice\n\n{USAGE}"));
        }
    }
    let open = open.map(|open| open.to_string_lossy()).unwrap_or_default();
    let open = open.parse().map_err(|error: OpenNameError| format!("--open: {error}"))?;
    let schemas = declared(schemas, Schemas::from_json)?.with_open(open);
    let business = declared(business, BusinessAttributes::from_json)?;
    let validator = Validator::new(schemas).with_business_attributes(business);
    let schema = if stored { validator.stored_json_schema() } else { validator.body_json_schema() };
    Ok(schema.to_string())
}

/// What a file declares, or nothing where no file is named.
fn declared<T: Default>(
    file: Option<&OsString>,
    read: impl FnOnce(Vec<u8>) -> Result<T, DeclarationError>,
) -> Result<T, String> {
    let Some(file) = file else { return Ok(T::default()) };
    let shown = Path::new(file).display();
    let text = std::fs::read(file).map_err(|error| format!("{shown}: {error}"))?;
    read(text).map_err(|error| match error {
        DeclarationError::Invalid(violations) => {
            violations.iter().fold(format!("{shown}:"), |told, violation| {
                let place =
                    violation.span().map(|span| format!("line {}, column {}: ", span.line, span.column));
                told + "\n  " + &place.unwrap_or_default() + &violation.to_string()
            })
        }
        other => format!("{shown}: {other}"),
    })
}
