//! Tables, and what goes into them besides time.

use std::collections::HashMap;
use std::fmt::Write;
use std::process::Command;

/// What a contender allocates for a body.
#[derive(Clone, Copy, Debug)]
pub struct HeapPerBody {
    /// How often memory is asked for.
    pub allocations: usize,
    /// The most bytes held at once, per byte of the body.
    pub peak: f64,
    /// The bytes held by the result, per byte of the body.
    pub retained: f64,
}

/// What each contender allocates for each body.
#[derive(Debug)]
pub struct Heaps(HashMap<(String, String), HeapPerBody>);

impl Heaps {
    /// Runs the program that counts.
    pub fn counted_by(program: &str) -> Self {
        let output = Command::new(program).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let entry = |line: &str| {
            let parts: Vec<&str> = line.split('\t').collect();
            let number = |n: usize| parts[n].parse::<usize>().unwrap();
            let per_body = |n: usize| number(n) as f64 / number(5) as f64;
            let heap = HeapPerBody { allocations: number(2), peak: per_body(3), retained: per_body(4) };
            ((parts[0].to_owned(), parts[1].to_owned()), heap)
        };
        Heaps(text.lines().map(entry).collect())
    }

    /// What a contender allocates for a body.
    pub fn of(&self, case: &str, contender: &str) -> HeapPerBody {
        *self
            .0
            .get(&(case.to_owned(), contender.to_owned()))
            .unwrap_or_else(|| panic!("no {case} {contender}"))
    }

    /// What we allocate for a body.
    pub fn ours(&self, case: &str) -> HeapPerBody {
        self.of(case, "**service-end**")
    }
}

/// A Markdown table whose columns line up.
#[derive(Debug, Default)]
pub struct Table(Vec<Vec<String>>);

impl Table {
    /// A table with these headings.
    pub fn new<T: ToString>(headings: impl IntoIterator<Item = T>) -> Self {
        let mut table = Table::default();
        table.row(headings);
        table
    }

    /// Adds a row.
    pub fn row<T: ToString>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.0.push(cells.into_iter().map(|cell| cell.to_string()).collect());
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let columns = self.0[0].len();
        let width = |column: usize| self.0.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for (n, row) in self.0.iter().enumerate() {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                write!(line, "| {cell:width$} ")?;
            }
            writeln!(f, "{line}|")?;
            if n == 0 {
                let rules: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
                writeln!(f, "|{}|", rules.join("|"))?;
            }
        }
        Ok(())
    }
}

/// The instructions of reading a case, in times of those for `IgnoredAny`, as the guard holds them.
pub fn guarded_instructions(case: &str) -> f64 {
    let figures: serde_json::Value = serde_json::from_str(include_str!("../guard.json")).expect("figures");
    figures[case]["instructions"].as_f64().expect("a figure")
}

/// The versions in the lock file that this was built with.
pub fn versions(packages: &[&str]) -> String {
    let lock = include_str!("../../Cargo.lock");
    let version = |package: &&str| {
        let (_, entry) =
            lock.split_once(&format!("name = \"{package}\"\nversion = \"")).expect("a package in use");
        let version = entry.split('"').next().expect("a version");
        format!("{package} {version}")
    };
    packages.iter().map(version).collect::<Vec<_>>().join(", ")
}
