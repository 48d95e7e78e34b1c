//! `cargo bench` in the root: what reading a body and ending a service cost, in a few seconds.
//!
//! All contenders take turns in every round. What is told is the median of the ratios within one round, since absolute
//! times mean nothing on a shared machine.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

use std::hint::black_box;

use serde::de::IgnoredAny;
use service_end_benches::case::Case;
use service_end_benches::rounds::{Read, Times, measure, warm_up_the_allocator};
use service_end_benches::{end_to_end, workloads};

const ROUNDS: usize = 101;
const OURS: usize = 0;
const VALUE: usize = 1;
const IGNORED: usize = 2;

fn main() {
    warm_up_the_allocator();
    let small = workloads::small();
    let completing = end_to_end::against_reading(&small, ROUNDS);
    let [example, records] = [&small, &workloads::rec(1_000)].map(read_by_all);

    println!("\nReading a body takes, in times of          the original's example  1,000 records");
    for (name, other) in
        [("`serde_json::Value`, which only parses", VALUE), ("`IgnoredAny`, which skips it", IGNORED)]
    {
        let (example, records) = (example.ratio(OURS, other), records.ratio(OURS, other));
        println!("  {name:<39}  {example:>22.2}  {records:>13.2}");
    }
    println!(
        "Ending a service on `MemoryStorage` takes {completing:.2} times what reading the example takes."
    );
    println!(
        "\nThe whole comparison, with rivals, odd bodies and memory: cargo bench -p service-end-benches"
    );
}

fn read_by_all(case: &Case) -> Times {
    let contenders: [Read<'_>; 3] = [
        Box::new(|body, _| drop(black_box(case.validator.read(body)))),
        Box::new(|body, _| drop(black_box(serde_json::from_slice::<serde_json::Value>(body)))),
        Box::new(|body, _| drop(black_box(serde_json::from_slice::<IgnoredAny>(body)))),
    ];
    let turns: Vec<(&[u8], &Read<'_>)> = contenders.iter().map(|read| (&*case.body, read)).collect();
    measure(&turns, ROUNDS)
}
