//! Ends a service: the main job, from a JSON body to storage.
//!
//! Without arguments it shows the original's own example, and what bodies with mistakes get. With arguments it
//! tries your files: see `USAGE`.

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use service_end::problem::ProblemCode;
use service_end::schema::{DeclarationError, OpenNameError, OpenNames};
use service_end::service::{Refusal, StoredParts, StoredRule};
use service_end::validate::{Findings, Parts, Rule};
use service_end::violation::{HostCode, HostCodeError};
use service_end::{
    BusinessAttributes, CompleteService, MemoryStorage, Outcome, Problem, ReadError, Schemas, Service,
    Storage, StoredService, Timestamp, Validator, Value, Violations, storage::Want,
};

const USAGE: &str = "\
usage: complete_service [--schemas FILE] [--business FILE] [--service FILE] [--body FILE|-]
                        [--open NAME,NAME|*] [--json]

Ends a service in memory. What is left out is taken from the original's example.

  --schemas FILE    a JSON array of extension schemas
  --business FILE   the known business attributes: {\"disposition\": [{\"id\": 10, \"name\": \"Resolved\"}], …}
  --service FILE    the stored service to start from, active or ended
  --body FILE|-     the service end event; - reads standard input
  --open NAMES      the names of extensions that need no schema, with commas; or * for every name
  --json            print one JSON document: the service, or the problem

Exit status: 0 when the service is ended, 1 when that or the schemas are refused, 2 for wrong usage, for a file that
can't be read, for mistakes in the files of --service and --business, and if nothing can be printed.";

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

/// What a host can ask beyond types: lists of values, ranges, and extensions without which no service ends.
const SCHEMAS_WITH_RULES: &str = r#"[
  { "name": "Survey", "type": "multi-valued",
    "attributes": [
      { "name": "rating", "type": "integer", "mandatory": true, "minimum": 1, "maximum": 5 },
      { "name": "channel", "type": "string", "values": ["phone", "mail", "chat"] },
      { "name": "comment", "type": "string", "length": 255 } ] },
  { "name": "Hold", "type": "single-valued", "attributes": [ { "name": "reason", "type": "string" } ] },
  { "name": "Owner", "type": "single-valued", "required": true,
    "attributes": [ { "name": "agent", "type": "long", "mandatory": true } ] }
]"#;

/// What a schema says, and what a rule about the event says.
const BODY_AGAINST_RULES: &str = r#"{
  "resource_id": "5005",
  "survey": [ { "rating": 4 }, { "Rating": 2 } ]
}"#;

const BODY_AGAINST_SCHEMAS: &str = r#"{
  "Survey": [ { "rating": 3, "channel": "mial" }, { "rating": 0 } ]
}"#;

/// What the decision says, and what a rule about the stored service says.
const BODY_AGAINST_WHAT_IS_STORED: &str = r#"{
  "disposition": 10,
  "survey": [ { "rating": 4 } ]
}"#;

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
                        "complete_service: what is printed can't be written: {error}"
                    );
                    ExitCode::from(2)
                }
            }
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
    let schemas = schemas.with_open(inputs.open.clone());
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
    parts.push(show_rules().map_err(|error| error.to_string())?);
    Ok(parts.join("\n\n"))
}

/// Rules of a host: in schemas, and in code of both kinds.
fn show_rules() -> Result<String, Box<dyn Error>> {
    let validator =
        Validator::new(Schemas::from_json(SCHEMAS_WITH_RULES)?).with_rule(low_rating_needs_comment()?)?;
    let started = "2009-05-12T11:50:00Z".parse()?;
    let service = StoredService::new(7, 0, started).with_extension("Hold", r#"{"reason":"a complaint"}"#);
    let storage = MemoryStorage::new();
    storage.insert(service);
    let operation = CompleteService::new(validator, &storage).with_stored_rule(nothing_on_hold_ends()?)?;
    let mut parts = Vec::new();
    for (title, body) in [
        ("Schemas also list values and have ranges:", BODY_AGAINST_SCHEMAS),
        ("What no schema can say is a rule of the host's own, told beside them:", BODY_AGAINST_RULES),
        (
            "Other rules look at what is stored, like an extension that is required:",
            BODY_AGAINST_WHAT_IS_STORED,
        ),
    ] {
        let Err(error) = operation.end(7, body.as_bytes(), Timestamp::now()) else {
            return Err("the rules must refuse this".into());
        };
        let problem = Problem::from(&error);
        let mut text = format!("{title}\n\n{} {}\n{}\n", problem.status(), problem.title(), problem.detail());
        if let Some(rendering) = problem.render(body.as_bytes()) {
            let _ = write!(text, "\n{}", rendering.show_values());
        }
        parts.push(text.trim_end().to_owned());
    }
    Ok(parts.join("\n\n"))
}

/// A rule about the event.
fn low_rating_needs_comment() -> Result<Rule, HostCodeError> {
    let code = HostCode::new("comment_missing")?;
    Ok(Rule::new(
        "low_rating_needs_comment",
        ["Survey"],
        move |parts: &Parts<'_>, findings: &mut Findings<'_>| {
            for (ordinal, record) in parts.extension("Survey").into_iter().flatten().enumerate() {
                let low = record.get("rating").and_then(Value::as_i64).is_some_and(|rating| rating <= 2);
                if low && record.get("comment").is_none() {
                    let message = "a rating of at most 2 needs a comment";
                    findings.at_attribute("Survey", ordinal, "comment", &code, message);
                }
            }
        },
    ))
}

/// A rule about the service that is stored.
fn nothing_on_hold_ends() -> Result<StoredRule, HostCodeError> {
    let code = HostCode::new("on_hold")?;
    Ok(StoredRule::new(
        "nothing_on_hold_ends",
        [""; 0],
        ["Hold"],
        move |_: &Parts<'_>, stored: &StoredParts<'_>, findings: &mut Findings<'_>| {
            if stored.extension("Hold").is_some() {
                findings.at_event(&code, "this service is on hold");
            }
        },
    ))
}

#[derive(Default)]
struct Options {
    schemas: Option<OsString>,
    business: Option<OsString>,
    service: Option<OsString>,
    body: Option<OsString>,
    open: Option<OsString>,
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
                "--open" => &mut options.open,
                other => return Err(format!("unknown argument `{other}`\n\n{USAGE}")),
            };
            let what = if argument == "--open" { "names" } else { "a file" };
            let name = arguments.next().ok_or_else(|| format!("{argument} needs {what}\n\n{USAGE}"))?;
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
    open: OpenNames,
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
        let open = options.open.as_deref().map(OsStr::to_string_lossy).unwrap_or_default();
        let open = open.parse().map_err(|error: OpenNameError| format!("--open: {error}"))?;
        Ok(Inputs { schemas, business, service, body, open })
    }

    fn example(body: &str) -> Result<Inputs, String> {
        let (business, open) = (BusinessAttributes::new(), OpenNames::none());
        Ok(Inputs { schemas: SCHEMAS.into(), business, service: example_service()?, body: body.into(), open })
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
