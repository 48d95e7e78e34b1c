//! Every public type can be sent to and shared with other threads, and every error is one.

use std::error::Error;
use std::fmt::{Debug, Display};

use service_end::complete::*;
use service_end::event::*;
use service_end::problem::*;
use service_end::schema::*;
use service_end::service::*;
use service_end::storage::*;
use service_end::validate::*;
use service_end::value::*;
use service_end::violation::*;
use service_end_conformance::{Case, Clause, Options, Report, Verdict};

use crate::support::root;

fn borrowed<'a, T: Send + Sync + Debug + 'a>() {}
fn owned<T: Send + Sync + Debug + 'static>() {}
fn plain<T: Send + Sync + Debug + Clone + PartialEq + 'static>() {}
fn error<T: Error + Display + Send + Sync + Clone + 'static>() {}

/// Holds types to a bound, and gives their names.
macro_rules! names {
    ($bound:ident: $($name:ident $(<$($of:ty),*>)?),* $(,)?) => {{
        $($bound::<$name $(<$($of),*>)?>();)*
        [$(stringify!($name)),*]
    }};
}

/// Views borrow, and may live as long as what they look at.
fn views() -> Vec<&'static str> {
    views_for("")
}

fn views_for<'a>(_: &'a str) -> Vec<&'static str> {
    borrowed::<'a, AllExtensions<'a>>();
    borrowed::<'a, AnyExtension<'a>>();
    borrowed::<'a, Record<'a>>();
    borrowed::<'a, Records<'a>>();
    borrowed::<'a, RecordBuilder<'a>>();
    borrowed::<'a, RecordIter<'a>>();
    borrowed::<'a, RecordsAs<'a, u8>>();
    borrowed::<'a, FixedFieldsIter<'a>>();
    borrowed::<'a, Rendering<'a>>();
    borrowed::<'a, Findings<'a>>();
    borrowed::<'a, Parts<'a>>();
    borrowed::<'a, StoredParts<'a>>();
    borrowed::<'a, SchemasIter<'a>>();
    borrowed::<'a, StoredExtension<'a>>();
    borrowed::<'a, Value<'a>>();
    borrowed::<'a, KnownIter<'a>>();
    borrowed::<'a, Notice<'a>>();
    borrowed::<'a, Want<'a>>();
    vec![
        "AllExtensions",
        "AnyExtension",
        "Findings",
        "FixedFieldsIter",
        "KnownIter",
        "Notice",
        "Parts",
        "Record",
        "Records",
        "RecordBuilder",
        "RecordIter",
        "RecordsAs",
        "Rendering",
        "SchemasIter",
        "StoredExtension",
        "StoredParts",
        "Value",
        "Want",
    ]
}

fn data() -> Vec<&'static str> {
    let schema = names!(plain:
        Answer, AttributeSchema, AttributeType, BusinessAttributes, BusinessField, Change, ChangeCode, Comparison,
        ExtensionSchema, ExtensionType, Fingerprint, FixedField, JsonSchema, OpenNames, Question, Schemas,
    );
    let event = names!(plain:
        BusinessValue, Extension, FixedFields, Migrated, MismatchKind, OpenExtension, ServiceEndEvent,
    );
    let service = names!(plain:
        Backlog, Commit, Completion, Decision, End, EndPolicy, EndRules, NoticeOrigin, Outcome, StoredService,
        TakenNotice, Target, Unreadable,
    );
    let value = names!(plain:
        BusinessName, Currency, Date, DispositionDesc, InteractionId, ServiceId, SessionId, Timestamp, Version,
    );
    let violation = names!(plain:
        Code, HostCode, Known, Part, Place, Span, Violation,
    );
    let problem = names!(plain: OpenApi, ProblemCode);
    plain::<BoundedText<7>>();
    [&["BoundedText"][..], &schema, &event, &service, &value, &violation, &problem].concat()
}

fn tools() -> Vec<&'static str> {
    let builders = names!(owned: AttributeSchemaBuilder, ServiceEndEventBuilder, ExtensionBuilder, ExtensionSchemaBuilder);
    let operations = names!(owned: CompleteService<MemoryStorage>, Rule, Service, StoredRule, Validator);
    let stores = names!(owned:
        AnyAsyncOutbox, AnyAsyncStorage, AnyOutbox, AnyStorage, Immediate<MemoryStorage>, MemoryStorage, OffThread<MemoryStorage>,
    );
    let conformance = names!(owned: Case, Clause, Options, Report, Verdict);
    [&builders[..], &operations, &stores, &conformance].concat()
}

fn errors() -> Vec<&'static str> {
    names!(error:
        AnyError, CompleteError<AnyError>, CurrencyError, DateError, IntegerError, DeclarationError, FingerprintError,
        HostCodeError, IncompatibleSchema, MemberTaken, Mismatch, Mismatches, OffThreadError<AnyError>, OpenNameError, OriginError, ParseNameError, Problem, ProblemCodeError,
        ReadError, Refusal, ReplaceError, RuleError, RuleFailed, SchemaExists, SchemaNotFound, SyntaxError, TextError, TimestampError,
        Violations,
    )
    .to_vec()
}

/// What else is public: traits, functions, and jobs, which are handed over rather than shared.
const OTHERS: [&str; 11] = [
    "AsyncFixture",
    "AsyncOutbox",
    "AsyncStorage",
    "Check",
    "Fixture",
    "Job",
    "Outbox",
    "OutboxUnderTest",
    "Storage",
    "StoredCheck",
    "decide",
];

#[test]
fn errors_that_hold_data_are_equal_by_it() {
    plain::<CompleteError<std::fmt::Error>>();
    plain::<OffThreadError<std::fmt::Error>>();
    plain::<DeclarationError>();
    plain::<Mismatch>();
    plain::<Mismatches>();
    plain::<ReadError>();
    plain::<Refusal>();
    plain::<Violations>();
    plain::<SyntaxError>();
}

#[test]
fn a_job_can_be_sent_to_another_thread() {
    fn sent<T: Send + 'static>() {}
    sent::<Job>();
}

#[test]
fn every_public_type_is_held_to_this() {
    let mut held = [views(), data(), tools(), errors(), OTHERS.to_vec()].concat();
    held.sort_unstable();
    let mut public = Vec::new();
    public.extend(reexported("src/problem/mod.rs"));
    for room in ["complete", "event", "schema", "service", "storage", "validate", "value", "violation"] {
        public.extend(reexported(&format!("src/{room}/mod.rs")));
        public.extend(declared(&format!("src/{room}/mod.rs")));
    }
    public.extend(reexported("tests/conformance/src/lib.rs"));
    public.extend(declared("tests/conformance/src/lib.rs"));
    public.sort();
    public.dedup();
    assert_eq!(held, public);
}

/// The public types, traits and functions that a file declares itself.
fn declared(file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(file)).unwrap();
    let words = ["struct", "enum", "trait", "type", "fn"];
    let names = text.lines().filter_map(|line| {
        let (word, rest) = line.strip_prefix("pub ")?.split_once(' ')?;
        words.contains(&word).then(|| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap())
    });
    names.filter(|name| !["check", "check_async"].contains(name)).map(str::to_owned).collect()
}

/// The names that a file re-exports with `pub use`.
fn reexported(file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(file)).unwrap();
    let uses = text.split("\npub use ").skip(1);
    uses.flat_map(|rest| {
        let list = rest.split(';').next().unwrap();
        let list = list.split_once('{').map_or_else(|| list.rsplit("::").next().unwrap(), |(_, group)| group);
        list.trim_end_matches('}').split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>()
    })
    .filter(|name| !name.is_empty())
    .collect()
}

/// An error for a person is printed with its sources.
#[test]
fn no_error_says_what_its_source_says() {
    let invalid = || Validator::new(Schemas::new()).read(b"{\"x\":1}").unwrap_err();
    let syntax = || Validator::new(Schemas::new()).read(b"{").unwrap_err();
    let foreign = serde_json::from_str::<serde_json::Value>("{").unwrap_err();
    let foreign =
        Validator::new(Schemas::new()).read_from(serde_json::to_value(foreign.to_string()).unwrap());
    let failed = || std::io::Error::other("away");
    let errors: Vec<Box<dyn Error>> = vec![
        Box::new(invalid()),
        Box::new(syntax()),
        Box::new(foreign.unwrap_err()),
        Box::new(invalid().violations().unwrap().clone()),
        Box::new(Problem::from(invalid())),
        Box::new(CompleteError::<std::io::Error>::Read(invalid())),
        Box::new(CompleteError::<std::io::Error>::Read(syntax())),
        Box::new(CompleteError::<std::io::Error>::Refused(Refusal::NotFound)),
        Box::new(CompleteError::Storage(failed())),
        Box::new(CompleteError::Storage(OffThreadError::Storage(failed()))),
        Box::new(ExtensionSchema::from_json("[").unwrap_err()),
        Box::new(ExtensionSchema::from_json("[]").unwrap_err()),
        Box::new("1e".parse::<Currency>().unwrap_err()),
        Box::new(Schemas::new().without("A").unwrap_err()),
    ];
    for error in &errors {
        let mut told = error.to_string();
        let sources = std::iter::successors(error.source(), |source| (*source).source());
        for source in sources.map(ToString::to_string) {
            assert!(!told.contains(&source), "{told}: {source}");
            told = source;
        }
    }
}
