//! The one connection that writes, and the callers that wait for it.
//!
//! A flush to the disk costs far more than what is written. So callers that come while another one writes wait in a
//! line, and the first of them then writes for all: one transaction, in which each has a savepoint of its own, and one
//! flush. None has an answer before the transaction is on the disk.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, ffi};

use crate::SqliteError;

/// How long a caller waits for a writer in another process.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often the lock is tried meanwhile. SQLite itself would wait for up to 100 ms, and so miss the moments in which
/// a busy writer lets others through.
const TRY_AGAIN: Duration = Duration::from_micros(200);

/// How many callers share a transaction at most. Far more than those that wait at any moment on most machines.
const TOGETHER: usize = 256;

/// The connection that writes, in its turn for each caller.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: Mutex<Connection>,
    line: Mutex<Line>,
}

/// Those that wait, in the order they came. While anybody writes for them, the first of them is or was told to.
#[derive(Debug, Default)]
struct Line {
    waiting: VecDeque<Arc<dyn Waiting>>,
    is_served: bool,
}

impl Writer {
    pub(crate) fn new(connection: Connection) -> Result<Self, SqliteError> {
        // Callers wait as `begin` says.
        connection.busy_timeout(Duration::ZERO)?;
        Ok(Writer { connection: Mutex::new(connection), line: Mutex::default() })
    }

    /// Does some work in a transaction: it is on the disk when this is `Ok`, and nothing of it is done when the work
    /// itself fails.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, SqliteError> + Send + 'static,
    ) -> Result<T, SqliteError> {
        let turn = Arc::new(Turn::new(work));
        let mut line = lock(&self.line);
        line.waiting.push_back(Arc::clone(&turn) as Arc<dyn Waiting>);
        let is_served = mem::replace(&mut line.is_served, true);
        drop(line);
        if !is_served || turn.wait_for_a_part() == Part::Writes {
            self.serve(turn.deadline());
        }
        turn.answer()
    }

    /// Writes for those in the line, of which the caller is the first.
    fn serve(&self, deadline: Instant) {
        let mut served = Served { line: &self.line, turns: Vec::new(), failed: None };
        let connection = lock(&self.connection);
        if let Err(error) = begin(&connection, deadline) {
            // Those behind have time left, and try for themselves.
            served.next();
            return served.fail(error);
        }
        while served.turns.len() < TOGETHER {
            let Some(turn) = served.next() else { break };
            let is_alone = served.turns.len() == 1;
            let ran =
                if is_alone { run_alone(&connection, &*turn, deadline) } else { run(&connection, &*turn) };
            if let Err(error) = ran {
                served.failed = Some(error);
                break;
            }
        }
        if served.failed.is_none() {
            if let Err(error) = execute(&connection, "COMMIT") {
                served.fail(error);
            }
        }
        if !connection.is_autocommit() {
            // What could not be committed is given up, so that the next ones can begin. Where that fails too, so does
            // their beginning, which says why.
            let _ = execute(&connection, "ROLLBACK");
        }
    }

    #[cfg(test)]
    pub(crate) fn connection(&self) -> MutexGuard<'_, Connection> {
        lock(&self.connection)
    }
}

/// Begins a transaction that writes, as soon as no other process has one.
fn begin(connection: &Connection, deadline: Instant) -> rusqlite::Result<()> {
    loop {
        match execute(connection, "BEGIN IMMEDIATE") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < deadline =>
            {
                std::thread::sleep(TRY_AGAIN);
            }
            begun => return begun,
        }
    }
}

/// Has the first caller's work done. There is nothing else in the transaction yet, so no savepoint is needed, which a
/// caller that comes alone would pay for.
///
/// # Errors
/// When there is no transaction for the others.
fn run_alone(
    connection: &Connection,
    turn: &dyn Waiting,
    deadline: Instant,
) -> Result<(), Arc<rusqlite::Error>> {
    if turn.run(connection).is_ok() {
        return Ok(());
    }
    if !connection.is_autocommit() {
        execute(connection, "ROLLBACK")?;
    }
    Ok(begin(connection, deadline)?)
}

/// Has one caller's work done in the transaction of others, or undone if it fails.
///
/// # Errors
/// When the whole transaction is lost.
fn run(connection: &Connection, turn: &dyn Waiting) -> Result<(), Arc<rusqlite::Error>> {
    execute(connection, "SAVEPOINT turn")?;
    match turn.run(connection) {
        // After some errors, as when the disk is full, SQLite has given up the transaction by itself.
        Err(Some(cause)) if connection.is_autocommit() => return Err(cause),
        Err(_) => execute(connection, "ROLLBACK TO turn")?,
        Ok(()) => {}
    }
    Ok(execute(connection, "RELEASE turn")?)
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute(()).map(|_| ())
}

/// The callers that share a transaction. When it is done, each has its answer, and the next in the line is told to write.
struct Served<'l> {
    line: &'l Mutex<Line>,
    turns: Vec<Arc<dyn Waiting>>,
    failed: Option<Arc<rusqlite::Error>>,
}

impl Served<'_> {
    /// One more from the line.
    fn next(&mut self) -> Option<Arc<dyn Waiting>> {
        let turn = lock(self.line).waiting.pop_front()?;
        self.turns.push(Arc::clone(&turn));
        Some(turn)
    }

    fn fail(&mut self, error: rusqlite::Error) {
        self.failed = Some(Arc::new(error));
    }
}

impl Drop for Served<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The others must not wait for ever.
            let aborted = rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_ABORT), None);
            self.fail(aborted);
        }
        for turn in &self.turns {
            turn.settle(self.failed.as_ref());
        }
        let mut line = lock(self.line);
        match line.waiting.front() {
            Some(next) => next.write_now(),
            None => line.is_served = false,
        }
    }
}

/// A caller in the line.
trait Waiting: std::fmt::Debug + Send + Sync {
    /// Does its work, and keeps what came of it. If it failed, what it did must be undone; the cause is told if it was
    /// the database.
    fn run(&self, connection: &Connection) -> Result<(), Option<Arc<rusqlite::Error>>>;

    /// The transaction is on the disk, or has failed.
    fn settle(&self, failed: Option<&Arc<rusqlite::Error>>);

    /// It is the first now, and writes for all.
    fn write_now(&self);
}

/// One caller's work, and its answer.
struct Turn<T, W> {
    came: Instant,
    state: Mutex<State<T, W>>,
    changed: Condvar,
}

enum State<T, W> {
    Waits(W),
    /// It is its turn to write for all.
    Writes(W),
    /// Done or failed, and not to be told yet.
    Ran(Result<T, SqliteError>),
    Settled(Result<T, SqliteError>),
    Taken,
}

/// What a caller has to do once it has waited.
#[derive(PartialEq)]
enum Part {
    Writes,
    Answers,
}

impl<T, W> Turn<T, W> {
    fn new(work: W) -> Self {
        Turn { came: Instant::now(), state: Mutex::new(State::Waits(work)), changed: Condvar::new() }
    }

    fn deadline(&self) -> Instant {
        self.came + PATIENCE
    }

    fn wait_for_a_part(&self) -> Part {
        let waits = |state: &mut State<T, W>| matches!(state, State::Waits(_) | State::Ran(_));
        let state = self.changed.wait_while(lock(&self.state), waits).unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, State::Writes(_)) { Part::Writes } else { Part::Answers }
    }

    fn answer(&self) -> Result<T, SqliteError> {
        match mem::replace(&mut *lock(&self.state), State::Taken) {
            State::Settled(answer) => answer,
            _ => unreachable!("whoever writes settles all, and the caller takes its answer once"),
        }
    }
}

impl<T, W> Waiting for Turn<T, W>
where
    T: Send,
    W: FnOnce(&Connection) -> Result<T, SqliteError> + Send,
{
    fn run(&self, connection: &Connection) -> Result<(), Option<Arc<rusqlite::Error>>> {
        let mut state = lock(&self.state);
        let (State::Waits(work) | State::Writes(work)) = mem::replace(&mut *state, State::Taken) else {
            unreachable!("a turn is run once")
        };
        let done = work(connection);
        let told = match &done {
            Ok(_) => Ok(()),
            Err(SqliteError::Sqlite(error)) => Err(Some(Arc::clone(error))),
            Err(_) => Err(None),
        };
        *state = State::Ran(done);
        told
    }

    fn settle(&self, failed: Option<&Arc<rusqlite::Error>>) {
        let mut state = lock(&self.state);
        let answer = match (mem::replace(&mut *state, State::Taken), failed) {
            (State::Ran(Err(error)), _) => Err(error),
            (_, Some(error)) => Err(SqliteError::Sqlite(Arc::clone(error))),
            (State::Ran(done), None) => done,
            (_, None) => unreachable!("a transaction without failure has run all its turns"),
        };
        *state = State::Settled(answer);
        drop(state);
        self.changed.notify_one();
    }

    fn write_now(&self) {
        let mut state = lock(&self.state);
        let State::Waits(work) = mem::replace(&mut *state, State::Taken) else {
            unreachable!("who stands in the line waits")
        };
        *state = State::Writes(work);
        drop(state);
        self.changed.notify_one();
    }
}

impl<T, W> std::fmt::Debug for Turn<T, W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Turn").field("came", &self.came).finish_non_exhaustive()
    }
}

/// What a thread that panicked has left is whole: its transaction is rolled back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
