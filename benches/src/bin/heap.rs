//! Prints what each contender allocates, for the comparison: it measures time without this allocator.
#![expect(clippy::print_stdout, reason = "this is what the comparison reads")]

use service_end_benches::heap::{Counting, Heap, counting, measure};
use service_end_benches::{rivals, shapes, workloads};

#[global_allocator]
static HEAP: Counting = counting();

fn main() {
    for case in workloads::all() {
        for contender in rivals::all(&case) {
            print(case.name, contender.name, &case.body, &contender.read);
        }
    }
    let shapes = shapes::ALL.iter().map(shapes::Shape::case);
    let others = shapes.chain(shapes::sparse_memory()).chain(shapes::hostile());
    for case in others.chain([shapes::thousand_violations()]) {
        let [_, ours] = rivals::base_and_ours(&case);
        print(case.name, "**service-end**", &case.body, &ours);
    }
}

fn print(case: &str, contender: &str, body: &[u8], read: &service_end_benches::rounds::Read<'_>) {
    // The first reading may set up what all later ones share.
    read(body, &mut || ());
    let Heap { allocations, peak, retained } = measure(&HEAP, |alive| read(body, alive));
    println!("{case}\t{contender}\t{allocations}\t{peak}\t{retained}\t{}", body.len());
}
