//! Carries a whole store to the schemas that are registered in it: see `USAGE`.

use std::error::Error;
use std::process::ExitCode;

use service_end::ServiceId;
use service_end_postgres::PostgresStorage;

const USAGE: &str = "\
usage: migrate_postgres URL [--write] [--after ID] [--batch COUNT]

Carries the extensions of all services of the database at URL to the schemas that are registered there. Without --write it is a dry
run: it tells what would be changed, and what can't be carried.

  --write        change what is stored
  --after ID     go on behind this service, the last one of an earlier run
  --batch COUNT  how many services are read at once, 1000 by default
  --help         tell this

It can be killed at any time and started again. Exit status: 0 when all is carried, 1 when some services are not, 2
for wrong usage and when the store fails.";

struct Options {
    url: String,
    write: bool,
    after: Option<ServiceId>,
    batch: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::args().skip(1).any(|argument| argument == "--help" || argument == "-h") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let options = match parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("migrate_postgres: {message}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match migrate(&options).await {
        Ok(failed) => ExitCode::from(u8::from(failed > 0)),
        Err(error) => {
            eprintln!("migrate_postgres: {}", with_sources(&*error));
            ExitCode::from(2)
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options { url: String::new(), write: false, after: None, batch: 1_000 };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        let wrong = |_| format!("{argument} needs a number");
        match &*argument {
            "--write" => options.write = true,
            "--after" => options.after = Some(ServiceId(value()?.parse().map_err(wrong)?)),
            "--batch" => options.batch = value()?.parse::<u32>().map_err(wrong)?.max(1),
            option if option.starts_with('-') || !options.url.is_empty() => {
                return Err(format!("unknown argument `{option}`"));
            }
            _ => options.url = argument,
        }
    }
    if options.url.is_empty() { Err("an address is needed".to_owned()) } else { Ok(options) }
}

/// Goes through the store, and tells how many services can't be carried.
async fn migrate(options: &Options) -> Result<usize, Box<dyn Error>> {
    let storage = PostgresStorage::new(&options.url)?;
    let (mut after, mut services, mut changed, mut failed) = (options.after, 0, 0, 0);
    let mut overtaken = 0;
    loop {
        let batch = storage.migrate(after, options.batch, !options.write).await?;
        for (id, violations) in &batch.failed {
            for violation in violations {
                println!("service {id}: {violation}");
            }
        }
        services += batch.services;
        changed += batch.changed;
        failed += batch.failed.len();
        overtaken += batch.overtaken;
        let done = if options.write { "changed" } else { "to be changed" };
        let Some(last) = batch.last else {
            println!("{services} services with extensions: {changed} {done}, {failed} can't be carried");
            if overtaken > 0 {
                println!("{overtaken} were changed by others meanwhile: run it again");
            }
            return Ok(failed + overtaken);
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
