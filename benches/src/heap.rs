//! Counts what is allocated. Both counters are third-party allocators, since writing one takes `unsafe`.

use std::alloc::System;

use peakmem_alloc::{PeakMemAlloc, PeakMemAllocTrait};
use stats_alloc::StatsAlloc;

/// The allocator of a program that counts.
pub type Counting = PeakMemAlloc<&'static StatsAlloc<System>>;

static COUNTS: StatsAlloc<System> = StatsAlloc::system();

/// Makes the allocator, to be declared `#[global_allocator]`.
pub const fn counting() -> Counting {
    PeakMemAlloc::new(&COUNTS)
}

/// What some code allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heap {
    /// How often memory was asked for, growing included.
    pub allocations: usize,
    /// The most bytes held at once.
    pub peak: usize,
    /// The bytes held by the result.
    pub retained: usize,
}

/// Measures code that calls back while its result is alive.
pub fn measure(heap: &Counting, code: impl FnOnce(&mut dyn FnMut())) -> Heap {
    let before = COUNTS.stats();
    heap.reset_peak_memory();
    let mut found = None;
    code(&mut || {
        let now = COUNTS.stats() - before;
        let allocations = now.allocations + now.reallocations;
        found = Some(Heap {
            allocations,
            peak: heap.get_peak_memory(),
            retained: now.bytes_allocated.saturating_sub(now.bytes_deallocated),
        });
    });
    found.expect("the result was alive at some time")
}
