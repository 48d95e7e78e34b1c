//! Measures time: all contenders take turns in every round, so that whatever else the machine does hits all of
//! them, and only ratios within one round count.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Who reads a body. The result is dropped inside of what is measured, after the callback has been called.
pub type Read<'c> = Box<dyn Fn(&[u8], &mut dyn FnMut()) + 'c>;

/// The time of each contender in each round, in seconds per call.
#[derive(Debug)]
pub struct Times(Vec<Vec<f64>>);

/// For how long a contender is called in one round: as many calls as fit when it is tried out at the beginning.
const TURN: Duration = Duration::from_micros(800);

/// Lets the allocator keep what is freed, as it does in a host that has run for a while. Until something as large as
/// this has been freed, glibc gives memory back to the system and asks for it again in the next call.
pub fn warm_up_the_allocator() {
    drop(black_box(vec![0_u8; 30 << 20]));
}

/// Has the contenders take turns. A contender is what it reads and how.
pub fn measure(contenders: &[(&[u8], &Read<'_>)], rounds: usize) -> Times {
    let calls: Vec<u32> = contenders.iter().map(|(body, read)| calls_per_turn(body, read)).collect();
    let mut times = vec![Vec::with_capacity(rounds); contenders.len()];
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            let contender = (turn + round) % contenders.len();
            let (body, read) = contenders[contender];
            let calls = calls[contender];
            let start = Instant::now();
            for _ in 0..calls {
                read(black_box(body), &mut || ());
            }
            times[contender].push(start.elapsed().as_secs_f64() / f64::from(calls));
        }
    }
    Times(times)
}

fn calls_per_turn(body: &[u8], read: &Read<'_>) -> u32 {
    let mut calls = 0;
    let start = Instant::now();
    while start.elapsed() < TURN {
        read(black_box(body), &mut || ());
        calls += 1;
    }
    calls
}

impl Times {
    /// The times of contenders, round by round.
    pub(crate) fn of(times: Vec<Vec<f64>>) -> Self {
        Times(times)
    }

    /// The time of one contender relative to another: the median of the ratios of each round.
    pub fn ratio(&self, one: usize, other: usize) -> f64 {
        median(self.0[one].iter().zip(&self.0[other]).map(|(one, other)| one / other).collect())
    }

    /// The median time of a contender in seconds.
    pub fn seconds(&self, contender: usize) -> f64 {
        median(self.0[contender].clone())
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
