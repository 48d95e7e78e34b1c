//! Reading records into structs, next to `serde_json` reading the same structs out of the same extension's JSON.

use serde::Deserialize;
use service_end::value::{Currency, Date};
use service_end::{Extension, Timestamp};

use crate::case::Case;
use crate::{shapes, workloads};

/// An extension, and how its records are read.
#[derive(Debug)]
pub struct Typed {
    /// Its name in tables and in the guard's figures.
    pub name: &'static str,
    /// The most of the time of `serde_json` that reading is to take.
    pub target: f64,
    extension: Extension,
    json: String,
    ours: fn(&Extension, &mut dyn FnMut()),
    rival: fn(&str, &mut dyn FnMut()),
}

impl Typed {
    /// Reads the records out of the extension, and calls back while they are alive.
    pub fn ours(&self, alive: &mut dyn FnMut()) {
        (self.ours)(&self.extension, alive);
    }

    /// Reads them out of its JSON.
    pub fn rival(&self, alive: &mut dyn FnMut()) {
        (self.rival)(&self.json, alive);
    }
}

macro_rules! typed {
    ($name:literal, $target:literal, $case:expr, $read:ty) => {{
        let extension = extension(&$case);
        Typed {
            name: $name,
            target: $target,
            json: extension.to_json(),
            extension,
            ours: |extension, alive| {
                let _records = std::hint::black_box(extension.to::<$read>().unwrap());
                alive();
            },
            rival: |json, alive| {
                let _records = std::hint::black_box(serde_json::from_str::<$read>(json).unwrap());
                alive();
            },
        }
    }};
}

/// How records are read that is measured.
pub fn all() -> [Typed; 4] {
    [
        typed!("typed: borrowed", 0.10, workloads::rec(1_000), Vec<Borrowed<'_>>),
        typed!("typed: owned", 0.30, workloads::rec(1_000), Vec<Owned>),
        typed!("typed: one record of ten", 0.10, workloads::wide(), Wide<'_>),
        typed!("typed: dates, times and amounts", 0.10, shapes::dates("dates"), Vec<Visit>),
    ]
}

/// The last extension of a body.
fn extension(case: &Case) -> Extension {
    case.read().unwrap().extensions().last().unwrap().clone()
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "records are only read and dropped")]
struct Borrowed<'e> {
    rating: i32,
    pertinence: Option<i32>,
    usefull: Option<bool>,
    place: &'e str,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Owned {
    rating: i32,
    pertinence: Option<i32>,
    usefull: Option<bool>,
    place: String,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Wide<'e> {
    segment: &'e str,
    score: i32,
    visits: i64,
    ratio: f64,
    active: bool,
    changed: Timestamp,
    agent: &'e str,
    queue: &'e str,
    attempts: Option<i32>,
    note: &'e str,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Visit {
    opened: Date,
    changed: Timestamp,
    closed: Option<Timestamp>,
    price: Currency,
    refund: Option<Currency>,
}
