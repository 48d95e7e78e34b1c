//! What concurrent callers are told could have been told to one after the other: threads on two stores of one file, and
//! processes that are killed.
//!
//! `LINEAR_OPERATIONS=1000000 cargo test -p service-end-sqlite linear -- --nocapture` asks for more.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use service_end_linear::answer::Answer;
use service_end_linear::call::{Call, What};
use service_end_linear::caller::Habits;
use service_end_linear::check::Tally;
use service_end_linear::readers::Readers;
use service_end_linear::run::Batch;
use service_end_linear::store::{Store, ask, started};
use service_end_sqlite::{SqliteError, SqliteStorage};
use tempfile::TempDir;

use crate::child;

const FILE: &str = "SERVICE_END_SQLITE_LINEAR_FILE";

/// One call in so many is the last of its process.
const CALLS_OF_A_PROCESS: usize = 60;

/// A file in memory, where there is room: what a killed process has written is there all the same.
fn directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    tempfile::tempdir_in(if memory.is_dir() { memory } else { Path::new("/tmp") }).unwrap()
}

fn operations(otherwise: u64) -> u64 {
    std::env::var("LINEAR_OPERATIONS").map_or(otherwise, |number| number.parse().unwrap())
}

struct Sqlite(SqliteStorage);

impl Sqlite {
    fn done(&self, readers: &Readers, call: &Call) -> Result<bool, SqliteError> {
        let Sqlite(storage) = self;
        match &call.what {
            What::Start { .. } => storage.insert(&started(call)),
            What::Register(edition) => storage.register(readers.edition(*edition)),
            What::Replace(edition) => {
                storage.replace(readers.edition(*edition), true).map(|done| done.is_ok())
            }
            What::Unregister => storage.unregister(readers.kept()),
            other => panic!("that is the operation's: {other:?}"),
        }
    }
}

impl Store for Sqlite {
    fn call(&self, readers: &Readers, call: &Call) -> Option<Answer> {
        match &call.what {
            What::Load(_) | What::End { .. } | What::Commit { .. } => ask(&self.0, readers, call),
            _ => self.done(readers, call).ok().map(Answer::Done),
        }
    }
}

/// Batches on services of one file, each through these ways.
fn checked(ways: &[&dyn Store], first: i64, operations: u64) -> Tally {
    let mut tally = Tally::default();
    let mut number = first;
    while tally.operations < operations {
        let readers = Readers::numbered(number);
        let habits = Habits::new();
        let seed = number.unsigned_abs();
        let mut batch = Batch::new(&readers, habits, number * habits.services, seed);
        batch.phase(ways);
        tally.check(&batch).unwrap_or_else(|anomaly| panic!("{anomaly}"));
        number += 1;
    }
    tally
}

#[test]
fn threads_on_two_stores_of_one_file_are_linearizable() {
    let directory = directory();
    let open = || Sqlite(SqliteStorage::open(directory.path().join("services.db")).unwrap());
    let (one, other) = (open(), open());
    let tally = checked(&[&one, &other], 1, operations(20_000));
    println!("SQLite, two stores: {tally}");
    assert_eq!(tally.unknown + tally.failed_reads, 0);
}

#[test]
fn processes_that_are_killed_are_linearizable() {
    let directory = directory();
    let file = directory.path().join("services.db");
    drop(SqliteStorage::open(&file).unwrap());
    let processes = [(); 3].map(|()| Process(file.clone(), Mutex::new(Running::start(&file))));
    let [one, two, three] = &processes;
    let tally = checked(&[one, two, three], 1, operations(20_000) / 4);
    println!("SQLite, processes that are killed: {tally}");
    assert!(tally.unknown > 0, "{tally}");
}

/// Another process that does what it is told to, and is killed now and then in the middle of it.
struct Process(PathBuf, Mutex<Running>);

struct Running {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Running {
    fn start(file: &Path) -> Self {
        let mut command = child("linear::the_process_that_is_told_what_to_do");
        let command = command.env(FILE, file).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Running { process, answers }
    }

    /// The next answer; none if the process has died first.
    fn answer(&mut self) -> Option<Answer> {
        let mut line = String::new();
        loop {
            line.clear();
            self.answers.read_line(&mut line).unwrap();
            // The line may stand behind what the test runner says.
            match line.split_once("answer: ") {
                Some((_, answer)) if line.ends_with('\n') => return serde_json::from_str(answer).unwrap(),
                Some(_) => return None,
                None if line.is_empty() => return None,
                None => {}
            }
        }
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Store for Process {
    fn call(&self, readers: &Readers, call: &Call) -> Option<Answer> {
        let mut running = self.1.lock().unwrap();
        let told = serde_json::to_string(&(readers.kept(), readers.other(), call)).unwrap();
        writeln!(running.process.stdin.as_mut().unwrap(), "{told}").unwrap();
        let dies = fastrand::usize(..CALLS_OF_A_PROCESS) == 0;
        if dies {
            std::thread::sleep(Duration::from_micros(fastrand::u64(..1_000)));
            running.kill();
        }
        let answer = running.answer();
        if dies {
            *running = Running::start(&self.0);
        }
        answer
    }
}

#[test]
#[ignore = "it is run, and killed, by the test above"]
fn the_process_that_is_told_what_to_do() {
    let Ok(file) = std::env::var(FILE) else { return };
    let storage = Sqlite(SqliteStorage::open(file).unwrap());
    let mut readers = Readers::numbered(0);
    for line in std::io::stdin().lines() {
        let (kept, other, call): (String, String, Call) = serde_json::from_str(&line.unwrap()).unwrap();
        if readers.kept() != kept {
            readers = Readers::new(kept, other);
        }
        let answer = serde_json::to_string(&storage.call(&readers, &call)).unwrap();
        // Past the test runner's own capture.
        let mut output = std::io::stdout();
        output.write_all(format!("answer: {answer}\n").as_bytes()).unwrap();
        output.flush().unwrap();
    }
}
