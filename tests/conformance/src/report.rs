use std::fmt;

use crate::fault::Fault;

/// A clause of the contract that [`Storage`](service_end::Storage) lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Clause {
    /// A completion is applied if and only if the service is still at its version.
    S1,
    /// It is applied as a whole or not at all.
    S2,
    /// The extensions that it names are replaced whole, the others untouched.
    S3,
    /// What was committed is seen by every later read.
    S4,
    /// Reading an unknown service is `None`.
    S5,
    /// What is read is one consistent version, exactly as stored.
    S6,
    /// Errors are no answers, and "too large" is no error.
    S7,
    /// What today's schemas can't read is handed back; extensions are keyed in lower case.
    S8,
    /// A completion that was read with another schema than the registered one changes nothing.
    S9,
    /// What ended is told, and nothing else: the outbox.
    S10,
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What became of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The store did as the rule says.
    Passed,
    /// The store did otherwise.
    Failed {
        /// What the rule demands.
        expected: String,
        /// What the store did.
        found: String,
    },
    /// The case could not be tried on this store.
    Skipped {
        /// Why.
        reason: String,
    },
}

/// One case: a rule, and whether the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    name: &'static str,
    clauses: &'static [Clause],
    verdict: Verdict,
}

impl Case {
    pub(crate) fn new(name: &'static str, clauses: &'static [Clause], tried: Result<(), Fault>) -> Self {
        let verdict = match tried {
            Ok(()) => Verdict::Passed,
            Err(Fault::Failed { expected, found }) => Verdict::Failed { expected, found },
            Err(Fault::Skipped(reason)) => Verdict::Skipped { reason },
        };
        Case { name, clauses, verdict }
    }

    /// Its name, which says the rule. Names stay the same between versions of this crate.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The clauses of the contract that it proves.
    pub fn clauses(&self) -> &'static [Clause] {
        self.clauses
    }

    /// What became of it.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Whether the store did as the rule says.
    pub fn is_passed(&self) -> bool {
        self.verdict == Verdict::Passed
    }

    /// Whether the store did otherwise.
    pub fn is_failed(&self) -> bool {
        matches!(self.verdict, Verdict::Failed { .. })
    }

    /// Whether the case could not be tried.
    pub fn is_skipped(&self) -> bool {
        matches!(self.verdict, Verdict::Skipped { .. })
    }
}

/// One row of the report; what was expected and found, or why it was skipped, on lines of its own.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clauses: Vec<String> = self.clauses.iter().map(Clause::to_string).collect();
        let clauses = clauses.join(" ");
        let state = match &self.verdict {
            Verdict::Passed => "passed",
            Verdict::Failed { .. } => "FAILED",
            Verdict::Skipped { .. } => "skipped",
        };
        write!(f, "{state:<7}  {:<43}  {clauses}", self.name)?;
        match &self.verdict {
            Verdict::Passed => Ok(()),
            Verdict::Failed { expected, found } => {
                write!(f, "\n{INDENT}expected: {}", expected.replace('\n', NEXT_LINE))?;
                write!(f, "\n{INDENT}found:    {}", found.replace('\n', NEXT_LINE))
            }
            Verdict::Skipped { reason } => write!(f, "\n{INDENT}because {reason}"),
        }
    }
}

const INDENT: &str = "             ";
const NEXT_LINE: &str = "\n                       ";

/// What a store was found to do, case by case. Shown as a table.
///
/// ```
/// # use service_end::{MemoryStorage, StoredService};
/// # use service_end_conformance::Fixture;
/// # struct InMemory;
/// # impl Fixture for InMemory {
/// #     type Storage = MemoryStorage;
/// #     fn fresh(&mut self) -> MemoryStorage { MemoryStorage::new() }
/// #     fn insert(&mut self, storage: &MemoryStorage, service: StoredService) { storage.insert(service); }
/// #     fn reopen(&mut self, _: MemoryStorage) -> Option<MemoryStorage> { None }
/// # }
/// let report = service_end_conformance::check(InMemory);
/// println!("{report}");
/// assert!(report.is_passed());
/// assert!(report.case("an_unknown_service_is_none").unwrap().is_passed());
/// let skipped: Vec<_> = report.skipped().map(|case| case.name()).collect();
/// assert!(skipped.contains(&"what_was_committed_is_there_after_reopening"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a report says nothing until it is looked at: `assert` it"]
pub struct Report {
    seed: u64,
    cases: Vec<Case>,
}

impl Report {
    pub(crate) fn new(seed: u64, cases: Vec<Case>) -> Self {
        Report { seed, cases }
    }

    /// What the random values and commands were made from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The cases, in the order tried.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The cases, in the order tried.
    pub fn iter(&self) -> std::slice::Iter<'_, Case> {
        self.cases.iter()
    }

    /// The case of a name.
    pub fn case(&self, name: &str) -> Option<&Case> {
        self.iter().find(|case| case.name == name)
    }

    /// The cases in which the store did not do as the rule says.
    pub fn failed(&self) -> impl Iterator<Item = &Case> {
        self.iter().filter(|case| case.is_failed())
    }

    /// The cases that could not be tried.
    pub fn skipped(&self) -> impl Iterator<Item = &Case> {
        self.iter().filter(|case| case.is_skipped())
    }

    /// Whether there are cases, and none failed. Skipped ones don't count: look at [`Report::skipped`].
    pub fn is_passed(&self) -> bool {
        !self.cases.is_empty() && self.failed().next().is_none()
    }

    /// Makes a test of the report.
    ///
    /// # Panics
    /// Unless [`Report::is_passed`], with the report as the message.
    #[track_caller]
    pub fn assert(&self) {
        assert!(self.is_passed(), "the store does not keep the contract of storage\n\n{self}");
    }
}

impl<'r> IntoIterator for &'r Report {
    type Item = &'r Case;
    type IntoIter = std::slice::Iter<'r, Case>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Report {
    type Item = Case;
    type IntoIter = std::vec::IntoIter<Case>;

    fn into_iter(self) -> Self::IntoIter {
        self.cases.into_iter()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (failed, skipped) = (self.failed().count(), self.skipped().count());
        let passed = self.cases.len() - failed - skipped;
        writeln!(f, "{passed} passed, {failed} failed, {skipped} skipped; seed {}", self.seed)?;
        self.iter().try_for_each(|case| write!(f, "\n{case}"))
    }
}
