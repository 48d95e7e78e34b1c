//! Carries a whole store to the schemas that are registered in it: see `USAGE`.

use std::error::Error;
use std::process::ExitCode;

use service_end::ServiceId;
use service_end_sqlite::SqliteStorage;

const USAGE: &str = "\
usage: migrate_sqlite FILE [--write] [--after ID] [--batch COUNT]

Carries the extensions of all services in FILE to the schemas that are registered there. Without --write it is a dry
run: it tells what would be changed, and what can't be carried.

  --write        change what is stored
  --after ID     go on behind this service, the last one of an earlier run
  --batch COUNT  how many services are changed in one transaction, 1000 by default
  --help         tell this

It can be killed at any time and started again. Exit status: 0 when all is carried, 1 when some services can't be, 2
for wrong usage and when the store fails.";

struct Options {
    file: String,
    write: bool,
    after: Option<ServiceId>,
    batch: usize,
}

fn main() -> ExitCode {
    if std::env::args().skip(1).any(|argument| argument == "--help" || argument == "-h") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let options = match parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("migrate_sqlite: {message}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match migrate(&options) {
        Ok(failed) => ExitCode::from(u8::from(failed > 0)),
        Err(error) => {
            eprintln!("migrate_sqlite: {}: {}", options.file, with_sources(&*error));
            ExitCode::from(2)
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options { file: String::new(), write: false, after: None, batch: 1_000 };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        let wrong = |_| format!("{argument} needs a number");
        match &*argument {
            "--write" => options.write = true,
            "--after" => options.after = Some(ServiceId(value()?.parse().map_err(wrong)?)),
            "--batch" => options.batch = value()?.parse::<usize>().map_err(wrong)?.max(1),
            option if option.starts_with('-') || !options.file.is_empty() => {
                return Err(format!("unknown argument `{option}`"));
            }
            _ => options.file = argument,
        }
    }
    if options.file.is_empty() { Err("a file is needed".to_owned()) } else { Ok(options) }
}

/// Goes through the store, and tells how many services can't be carried.
fn migrate(options: &Options) -> Result<usize, Box<dyn Error>> {
    // A store that is not there is not made.
    std::fs::metadata(&options.file)?;
    let storage = SqliteStorage::open(&options.file)?;
    let (mut after, mut services, mut changed, mut failed) = (options.after, 0, 0, 0);
    loop {
        let batch = storage.migrate(after, options.batch, !options.write)?;
        for (id, violations) in &batch.failed {
            for violation in violations {
                println!("service {id}: {violation}");
            }
        }
        services += batch.services;
        changed += batch.changed;
        failed += batch.failed.len();
        let done = if options.write { "changed" } else { "to be changed" };
        let Some(last) = batch.last else {
            println!("{services} services with extensions: {changed} {done}, {failed} can't be carried");
            return Ok(failed);
        };
        eprintln!("up to service {last}: {services} services, {changed} {done}, {failed} can't be carried");
        after = Some(last);
    }
}

/// An error and what it came of, the nearest first. Some errors tell their source themselves: that is not said twice.
fn with_sources(error: &dyn Error) -> String {
    let mut said = error.to_string();
    for source in std::iter::successors(error.source(), |&error| error.source()) {
        let source = source.to_string();
        if !said.ends_with(&source) {
            said = format!("{said}: {source}");
        }
    }
    said
}
