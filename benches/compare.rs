//! `cargo bench -p service-end-benches`: time, allocations and heap next to rivals, all in one run.
#![allow(clippy::indexing_slicing, clippy::print_stdout, reason = "a benchmark prints its tables")]

use service_end_benches::case::Case;
use service_end_benches::end_to_end::{self, EndToEnd};
use service_end_benches::report::{Heaps, Table, guarded_instructions, versions};
use service_end_benches::rivals::{self, BASE, JSON_SCHEMA, OURS, STRUCT, VALUE};
use service_end_benches::rounds::{Read, Times, measure, warm_up_the_allocator};
use service_end_benches::shapes::{self, Shape};
use service_end_benches::typed::{self, Typed};
use service_end_benches::workloads;

const ROUNDS: usize = 41;
const OURS_NAME: &str = "**service-end**";

/// A part of the benchmark, and its name.
type Part = (&'static str, fn(&Heaps));

/// What is measured, unless the command line names some of it.
const PARTS: [Part; 5] = [
    ("completing", completing),
    ("rivals", rivals),
    ("shapes", shapes),
    ("typed", typed),
    ("memory", memory),
];

fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let heaps = Heaps::counted_by(env!("CARGO_BIN_EXE_heap"));
    warm_up_the_allocator();
    for (name, part) in PARTS {
        if named.is_empty() || named.iter().any(|named| named == name) {
            part(&heaps);
        }
    }
    let versions = versions(&[
        "serde_json",
        "jsonschema",
        "boon",
        "serde",
        "garde",
        "sonic-rs",
        "simd-json",
        "service-end",
    ]);
    println!("\n{versions}.");
}

/// First, while the memory is not yet full of what others left.
fn completing(_: &Heaps) {
    println!();
    print!("{}", end_to_end_table(end_to_end::measure(&workloads::small(), ROUNDS)));
}

fn rivals(heaps: &Heaps) {
    let workloads = workloads::all();
    let times: Vec<Times> = workloads.iter().map(time_of_rivals).collect();
    println!(
        "\nTime relative to serde_json reading `IgnoredAny`, all contenders taking turns in {ROUNDS} rounds,"
    );
    println!(
        "median of the ratios of each round; allocations; bytes held by the result per byte of the body.\n"
    );
    print!("{}", against_base(&workloads, &times, heaps));
    println!("\nOmitted by: ");
    for contender in rivals::all(&workloads[0]).iter().filter(|contender| !contender.omits.is_empty()) {
        println!("- {}: {}.", contender.name, contender.omits);
    }
    println!("\nTime relative to rivals.\n");
    print!("{}", against_targets(&workloads, &times));
    println!(
        "\nBuilt for the baseline of the processor family: sonic-rs is faster with `-C target-cpu=native`."
    );
    println!("simd-json overwrites what it reads: copying the body is part of its time.");
}

fn shapes(heaps: &Heaps) {
    let shapes = Shapes::measured(heaps);
    println!(
        "\nShapes, relative to `IgnoredAny` on the same body; the factor is that over the plain twin's.\n"
    );
    print!("{}", shapes.factors);
    println!("\n{}", shapes.per_record);
}

fn typed(_: &Heaps) {
    let all = typed::all();
    let reads: Vec<[Read<'_>; 2]> = all
        .iter()
        .map(|typed| -> [Read<'_>; 2] {
            [Box::new(|_, alive| typed.ours(alive)), Box::new(|_, alive| typed.rival(alive))]
        })
        .collect();
    let turns: Vec<(&[u8], &Read<'_>)> = reads.iter().flatten().map(|read| (&b""[..], read)).collect();
    let times = measure(&turns, ROUNDS);
    let mut table = Table::new(["records into structs", "time / serde_json", "target"]);
    for (ordinal, Typed { name, target, .. }) in all.iter().enumerate() {
        let ratio = times.ratio(2 * ordinal, 2 * ordinal + 1);
        table.row([(*name).to_owned(), format!("{ratio:.2}"), format!("{target:.2}")]);
    }
    println!(
        "\nReading an extension into structs, relative to `serde_json::from_str` on the extension's JSON.\n"
    );
    print!("{table}");
}

fn memory(heaps: &Heaps) {
    println!("\nMemory, in bytes per byte of the body. `peak` is the most held at once while reading.\n");
    print!("{}", memory_table(heaps));
}

fn time_of_rivals(case: &Case) -> Times {
    let contenders = rivals::all(case);
    let turns: Vec<(&[u8], &Read<'_>)> =
        contenders.iter().map(|contender| (&*case.body, &contender.read)).collect();
    measure(&turns, ROUNDS)
}

fn against_base(workloads: &[Case], times: &[Times], heaps: &Heaps) -> Table {
    let names: Vec<_> = workloads.iter().map(|case| case.name).collect();
    let headings = ["time / IgnoredAny"].into_iter().chain(names.iter().copied());
    let mut table =
        Table::new(headings.chain(["allocations small", "rec1k", "rec10k", "wide", "heap/body rec10k"]));
    for (ordinal, contender) in rivals::all(&workloads[0]).iter().enumerate() {
        let ratios = times.iter().map(|times| format!("{:.2}", times.ratio(ordinal, BASE)));
        let allocations = names.iter().map(|name| heaps.of(name, contender.name).allocations.to_string());
        let heap = format!("{:.1}", heaps.of("rec10k", contender.name).retained);
        table.row([contender.name.to_owned()].into_iter().chain(ratios).chain(allocations).chain([heap]));
    }
    table
}

fn against_targets(workloads: &[Case], times: &[Times]) -> Table {
    let names = workloads.iter().map(|case| case.name);
    let mut table = Table::new(["time of ours /"].into_iter().chain(names).chain(["must", "aim"]));
    for (name, rival, must, aim) in [
        ("`Value`", VALUE, 0.55, 0.35),
        ("`Value` + jsonschema", JSON_SCHEMA, 0.45, 0.30),
        ("static struct", STRUCT, 0.90, 0.60),
    ] {
        let ratios = times.iter().map(|times| format!("{:.2}", times.ratio(OURS, rival)));
        let goals = [format!("{must:.2}"), format!("{aim:.2}")];
        table.row([name.to_owned()].into_iter().chain(ratios).chain(goals));
    }
    let counted = workloads.iter().map(|case| format!("{:.2}", guarded_instructions(case.name)));
    let goals = ["2.40".to_owned(), "1.60".to_owned()];
    table.row(["instructions of IgnoredAny, as guarded".to_owned()].into_iter().chain(counted).chain(goals));
    table
}

struct Shapes {
    factors: Table,
    per_record: String,
}

impl Shapes {
    fn measured(heaps: &Heaps) -> Self {
        let mut cases = shapes::twins();
        cases.push(workloads::rec(100));
        cases.push(shapes::thousand_violations());
        cases.extend(shapes::ALL.iter().map(Shape::case));
        let reads: Vec<[Read<'_>; 2]> = cases.iter().map(rivals::base_and_ours).collect();
        let turns: Vec<(&[u8], &Read<'_>)> = cases
            .iter()
            .zip(&reads)
            .flat_map(|(case, [base, ours])| [(&*case.body, base), (&case.body, ours)])
            .collect();
        let times = measure(&turns, ROUNDS);

        let place = |name: &str| cases.iter().position(|case| case.name == name).unwrap_or_default();
        let ratio = |name: &str| times.ratio(2 * place(name) + 1, 2 * place(name));
        let mut factors = Table::new([
            "shape",
            "time / IgnoredAny",
            "plain twin",
            "its time",
            "factor",
            "in instructions (guard.json)",
            "limit",
            "allocations",
            "heap/body",
        ]);
        for shape in shapes::ALL {
            let (ours, twin, heap) = (ratio(shape.name), ratio(shape.twin), heaps.ours(shape.name));
            factors.row([
                shape.name.to_owned(),
                format!("{ours:.2}"),
                shape.twin.to_owned(),
                format!("{twin:.2}"),
                format!("{:.2}", ours / twin),
                format!("{:.2}", guarded_instructions(shape.name) / guarded_instructions(shape.twin)),
                format!("{:.1}", shape.limit),
                heap.allocations.to_string(),
                format!("{:.1}", heap.retained),
            ]);
        }
        let (many, heap) = (ratio("1,000 violations"), heaps.ours("1,000 violations"));
        factors.row([
            "1,000 violations".to_owned(),
            format!("{many:.2}"),
            "-".to_owned(),
            String::new(),
            String::new(),
            String::new(),
            "3.6 of IgnoredAny (aim 2.0)".to_owned(),
            heap.allocations.to_string(),
            format!("{:.1}", heap.retained),
        ]);
        let ours = |name: &str| 2 * place(name) + 1;
        let growth = times.ratio(ours("rec10k"), ours("rec100")) / 100.0;
        let per_record = format!(
            "Time per record, 10,000 against 100: {:+.0} % (must +15 %, aim +5 %).",
            (growth - 1.0) * 100.0
        );
        Shapes { factors, per_record }
    }
}

fn end_to_end_table(completing: EndToEnd) -> Table {
    let mut table = Table::new(["completing on MemoryStorage, small", "factor", "must", "aim"]);
    for (name, factor, must, aim) in [
        ("time / reading alone", completing.against_reading, "1.5", "1.25"),
        (
            "time with 1,000,000 stored services / with 1,000",
            completing.million_against_thousand,
            "1.3",
            "1.1",
        ),
        ("throughput of two threads / one, at least", completing.two_threads_against_one, "1.7", ""),
        ("the same of threads that only read", completing.two_readers_against_one, "", ""),
    ] {
        table.row([name, &format!("{factor:.2}"), must, aim]);
    }
    table
}

fn memory_table(heaps: &Heaps) -> Table {
    let mut table = Table::new(["body", "bytes", "peak", "held", "allocations", "must held", "aim"]);
    let mut row = |case: &Case, [must, aim]: [&str; 2]| {
        let heap = heaps.of(case.name, OURS_NAME);
        table.row([
            case.name.to_owned(),
            case.body.len().to_string(),
            format!("{:.1}", heap.peak),
            format!("{:.1}", heap.retained),
            heap.allocations.to_string(),
            must.to_owned(),
            aim.to_owned(),
        ]);
    };
    row(&workloads::rec(10_000), ["3", "2"]);
    for case in shapes::sparse_memory() {
        row(&case, ["8", "4"]);
    }
    for case in shapes::hostile() {
        row(&case, ["", ""]);
    }
    table
}
