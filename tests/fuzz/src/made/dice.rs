use arbitrary::Unstructured;

/// Choices, made by the bytes of the fuzzer. Once there are no more bytes, the first choice is taken.
#[derive(Debug)]
pub struct Dice<'d> {
    bytes: Unstructured<'d>,
    /// All text and all numbers in bodies are [secrets](crate::made::Dice::SECRETS).
    pub secretive: bool,
    /// The service that bodies are about, if they say so.
    pub service_id: i64,
}

impl<'d> Dice<'d> {
    /// Characters that stand nowhere but in values of bodies, if these are secret.
    pub const SECRETS: [char; 4] = ['ж', 'щ', 'ю', '🜁'];
    /// What numbers begin with, if they are secret.
    pub const SECRET_NUMBER: &'static str = "86420975";

    /// Choices made by some bytes.
    pub fn new(data: &'d [u8]) -> Self {
        Dice { bytes: Unstructured::new(data), secretive: false, service_id: 7 }
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        self.bytes.int_in_range(0..=limit - 1).unwrap_or(0)
    }

    /// Something that happens once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    /// One of some.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Any number.
    pub fn number(&mut self) -> i64 {
        self.bytes.arbitrary().unwrap_or(0)
    }

    /// Any character.
    pub fn character(&mut self) -> char {
        self.bytes.arbitrary().unwrap_or('x')
    }

    /// The bytes that are left.
    pub fn rest(self) -> &'d [u8] {
        self.bytes.take_rest()
    }
}
