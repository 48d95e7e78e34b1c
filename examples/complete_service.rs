//! Ends a service: the main job, from a JSON body to storage.
//!
//! Without arguments it shows the original's own example, and what bodies with mistakes get. With arguments it
//! tries your files: see `USAGE`.

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use service_end::{
    BusinessAttributes, CompleteService, MemoryStorage, Outcome, Problem, ReadError, Schemas, Service,
    Storage, StoredService, Timestamp, Validator, Violations, problem::ProblemCode, schema::DeclarationError,
    service::Refusal, storage::Want,
};

const USAGE: &str = "\
usage: complete_service [--schemas FILE] [--business FILE] [--service FILE] [--body FILE|-] [--json]

Ends a service in memory. What is left out is taken from the original's example.

  --schemas FILE    a JSON array of extension schemas
  --business FILE   the known business attributes: {\"disposition\": [{\"id\": 10, \"name\": \"Resolved\"}], …}
  --service FILE    the stored service to start from, active or ended
  --body FILE|-     the service end event; - reads standard input
  --json            print one JSON document: the service, or the problem

Exit status: 0 when the service is ended, 1 when that or the schemas are refused, 2 for wrong usage, for a file that
can't be read, and for mistakes in the files of --service and --business.";

/// The two schemas that the original's example needs.
const SCHEMAS: &str = r#"[
  { "name": "Feedback", "type": "single-valued",
    "attributes": [
      { "name": "FeedbackType", "type": "string", "length": 32, "mandatory": true },
      { "name": "rating", "type": "integer" },
      { "name": "notes", "type": "string", "length": 255 } ] },
  { "name": "Satisfaction", "type": "multi-valued",
    "attributes": [
      { "name": "rating", "type": "integer", "mandatory": true },
      { "name": "pertinence", "type": "integer" },
      { "name": "usefull", "type": "boolean" },
      { "name": "place", "type": "string", "length": 64, "default": "unknown" } ],
    "unique": ["place"] }
]"#;

const SERVICE: &str = r#"{ "service_id": 36981723, "started": { "timestamp": "2009-05-12T11:50:00.000Z" } }"#;

/// The body as the original's documentation prints it: a comma is missing after "SUCCESS".
const BODY_AS_PRINTED: &str = r#"{
  "timestamp": "2009-05-12T12:05:12.145Z",
  "interaction_id": "123ABCAADFJ1259ACF",
  "media_type": 1,
  "resource_id": 5005,
  "resource_type": 2,
  "disposition": 10,
  "disposition_desc": "SUCCESS"
  "Feedback": {
    "FeedbackType":"survey",
    "rating":7,
    "notes":"warm welcome at frontdesk, thanks for the nice trip"
  },
  "Satisfaction": [
    { "rating":2, "pertinence":8, "usefull":true, "place":"Terranova mexico resort" },
    { "rating":8, "pertinence":4, "usefull":false, "place":"Fancy resort Paris" }
  ]
}"#;

const BODY_WITH_MISTAKES: &str = r#"{
  "timestamp": "yesterday",
  "interaction_id": "123ABCAADFJ1259ACF",
  "resource_id": "5005",
  "Feedback": { "rating": 7.5, "note": "warm welcome" },
  "Satisfaction": [
    { "rating": 2, "place": "Fancy resort Paris" },
    { "rating": 8, "place": "Fancy resort Paris" },
    { "pertinence": 4 }
  ],
  "Complaints": []
}"#;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    // `println!` would panic where nobody reads any more.
    match answer(&arguments) {
        Ok((text, status)) => {
            let _ = writeln!(std::io::stdout(), "{text}");
            ExitCode::from(status)
        }
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "complete_service: {message}");
            ExitCode::from(2)
        }
    }
}

/// What is to be printed, and the exit status.
fn answer(arguments: &[OsString]) -> Result<(String, u8), String> {
    if arguments.is_empty() {
        return Ok((show_example()?, 0));
    }
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        return Ok((USAGE.to_owned(), 0));
    }
    let options = Options::parse(arguments)?;
    let inputs = Inputs::load(&options)?;
    let answer = end(&inputs);
    let text = if options.json { to_json(&answer) } else { to_text(&answer, &inputs) };
    Ok((text, u8::from(answer.is_err())))
}

/// Ends a service of a fresh store, as a host would.
fn end(inputs: &Inputs) -> Answer {
    let schemas = Schemas::from_json(&inputs.schemas).map_err(|error| Problem::from(&error))?;
    let validator = Validator::new(schemas.clone()).with_business_attributes(inputs.business.clone());
    let storage = MemoryStorage::new();
    let service_id = inputs.service.service_id;
    storage.insert(inputs.service.clone());

    let operation = CompleteService::new(validator, &storage);
    let outcome =
        operation.end(service_id, &inputs.body, Timestamp::now()).map_err(|error| Problem::from(&error))?;

    let Ok(stored) = storage.load(service_id, Want::All);
    let stored = stored.ok_or_else(|| Problem::from(&Refusal::NotFound))?;
    Ok((outcome, Service::read(&stored, &schemas)))
}

type Answer = Result<(Outcome, Service), Problem>;

fn to_json(answer: &Answer) -> String {
    let json = match answer {
        Ok((_, service)) => {
            serde_json::to_string(service).map(|json| format!(r#"{{"status":204,"service":{json}}}"#))
        }
        Err(problem) => serde_json::to_string(problem),
    };
    json.unwrap_or_default()
}

fn to_text(answer: &Answer, inputs: &Inputs) -> String {
    let (outcome, service) = match answer {
        Ok(ended) => ended,
        Err(problem) => return refusal(problem, inputs),
    };
    let title = match outcome {
        Outcome::Ended(_) => "The service has ended, and is stored so:",
        Outcome::Replaced(_) => "The earlier end is replaced, and the service stored so:",
        Outcome::AlreadySo(_) => "The service had ended just so before; nothing has changed:",
    };
    let mut text = format!("204 No Content\n{title}\n");
    text += &serde_json::to_string_pretty(service).unwrap_or_default();
    for unreadable in service.unreadable() {
        let key = unreadable.key();
        let _ =
            write!(text, "\n(The schemas can't read the stored extension `{key}`: {})", unreadable.error());
    }
    text
}

/// A problem as a person likes to read it: the lines of the body or of the schemas, and the places in them marked. Both
/// are the caller's own, so their values are shown.
fn refusal(problem: &Problem, inputs: &Inputs) -> String {
    let mut text = format!("{} {}\n{}\n", problem.status(), problem.title(), problem.detail());
    let at_fault = match problem.known_code() {
        Some(ProblemCode::InvalidSchema) => &inputs.schemas,
        _ => &inputs.body,
    };
    if let Some(rendering) = problem.render(at_fault) {
        let _ = write!(text, "\n{}", rendering.show_values());
    }
    text.trim_end().to_owned()
}

fn show_example() -> Result<String, String> {
    let mended = BODY_AS_PRINTED.replace("\"SUCCESS\"\n", "\"SUCCESS\",\n");
    let shows = [
        ("Service 36981723 is ended with the body of the original's documentation:", &*mended),
        ("As it is printed there, the body lacks a comma:", BODY_AS_PRINTED),
        ("And a body with several mistakes is told all of them at once:", BODY_WITH_MISTAKES),
    ];
    let mut parts = Vec::new();
    for (title, body) in shows {
        let inputs = Inputs::example(body)?;
        parts.push(format!("{title}\n\n{}", to_text(&end(&inputs), &inputs)));
    }
    Ok(parts.join("\n\n"))
}

#[derive(Default)]
struct Options {
    schemas: Option<OsString>,
    business: Option<OsString>,
    service: Option<OsString>,
    body: Option<OsString>,
    json: bool,
}

impl Options {
    fn parse(arguments: &[OsString]) -> Result<Options, String> {
        let mut options = Options::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let argument = argument.to_string_lossy();
            let file = match &*argument {
                "--json" => {
                    options.json = true;
                    continue;
                }
                "--schemas" => &mut options.schemas,
                "--business" => &mut options.business,
                "--service" => &mut options.service,
                "--body" => &mut options.body,
                other => return Err(format!("unknown argument `{other}`\n\n{USAGE}")),
            };
            let name = arguments.next().ok_or_else(|| format!("{argument} needs a file\n\n{USAGE}"))?;
            if file.replace(name.clone()).is_some() {
                return Err(format!("{argument} is given twice\n\n{USAGE}"));
            }
        }
        Ok(options)
    }
}

/// What is needed to end a service.
struct Inputs {
    schemas: Vec<u8>,
    business: BusinessAttributes,
    service: StoredService,
    body: Vec<u8>,
}

impl Inputs {
    fn load(options: &Options) -> Result<Inputs, String> {
        let business = match &options.business {
            Some(file) => {
                BusinessAttributes::from_json(read_file(file)?).map_err(|error| in_file(file, &error))?
            }
            None => BusinessAttributes::new(),
        };
        let service = match &options.service {
            Some(file) => {
                StoredService::from_json(read_file(file)?, 0).map_err(|error| in_file(file, &error))?
            }
            None => example_service()?,
        };
        let schemas = options.schemas.as_ref().map_or_else(|| Ok(SCHEMAS.into()), |file| read_file(file))?;
        let body = match &options.body {
            Some(file) if file == "-" => {
                let mut body = Vec::new();
                std::io::stdin()
                    .read_to_end(&mut body)
                    .map_err(|error| format!("standard input: {error}"))?;
                body
            }
            Some(file) => read_file(file)?,
            None => BODY_AS_PRINTED.replace("\"SUCCESS\"\n", "\"SUCCESS\",\n").into(),
        };
        Ok(Inputs { schemas, business, service, body })
    }

    fn example(body: &str) -> Result<Inputs, String> {
        let business = BusinessAttributes::new();
        Ok(Inputs { schemas: SCHEMAS.into(), business, service: example_service()?, body: body.into() })
    }
}

fn example_service() -> Result<StoredService, String> {
    StoredService::from_json(SERVICE, 0).map_err(|error| error.to_string())
}

fn read_file(file: &OsStr) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| in_file(file, &error))
}

/// What is wrong with a file, and where in it.
fn in_file(file: &OsStr, error: &(dyn Error + 'static)) -> String {
    let mut text = format!("{}:", Path::new(file).display());
    let (violations, cause): (Option<&Violations>, &dyn Error) =
        match (error.downcast_ref::<DeclarationError>(), error.downcast_ref::<ReadError>()) {
            (Some(DeclarationError::Invalid(violations)), _) | (_, Some(ReadError::Invalid(violations))) => {
                (Some(violations), error)
            }
            // The message of the error itself speaks of a body.
            (_, Some(ReadError::Syntax(syntax))) => (None, syntax),
            _ => (None, error),
        };
    match violations {
        Some(violations) => violations.iter().for_each(|violation| {
            let place = violation.span().map(|span| format!("line {}, column {}: ", span.line, span.column));
            let _ = write!(text, "\n  {}{violation}", place.unwrap_or_default());
        }),
        None => {
            let _ = write!(text, " {cause}");
        }
    }
    text
}
