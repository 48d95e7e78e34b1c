/// A small deterministic source of random numbers (splitmix64): the same seed gives the same suite.
#[derive(Clone, Debug)]
pub(crate) struct Generator(u64);

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Generator(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }

    /// True once in so many times.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// Any 64 bits, as a signed integer.
    pub(crate) fn long(&mut self) -> i64 {
        i64::from_ne_bytes(self.next().to_ne_bytes())
    }

    /// Any finite float.
    pub(crate) fn double(&mut self) -> f64 {
        let float = f64::from_bits(self.next());
        if float.is_finite() { float } else { 0.1 }
    }

    /// One of these; `None` if there are none.
    pub(crate) fn pick<'t, T>(&mut self, these: &'t [T]) -> Option<&'t T> {
        these.get(self.below(these.len()))
    }
}
