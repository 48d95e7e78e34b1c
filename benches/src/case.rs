//! A body, the schemas it is read with, and what is expected of the reading.

use service_end::{ExtensionSchema, ReadError, Schemas, ServiceEndEvent, Validator};

/// One body to read.
#[derive(Debug)]
pub struct Case {
    /// Its name in tables and in the guard's figures.
    pub name: &'static str,
    /// Reads it.
    pub validator: Validator,
    /// The JSON text.
    pub body: Vec<u8>,
    /// How many violations it has.
    pub violations: usize,
}

impl Case {
    /// A valid body.
    pub fn valid(name: &'static str, schemas: &[ExtensionSchema], body: impl Into<Vec<u8>>) -> Self {
        Case::with_violations(name, schemas, body, 0)
    }

    /// A body with so many violations, all of which are kept.
    pub fn with_violations(
        name: &'static str,
        schemas: &[ExtensionSchema],
        body: impl Into<Vec<u8>>,
        violations: usize,
    ) -> Self {
        let mut set = Schemas::new();
        for schema in schemas {
            set = set.with(schema.clone()).expect("names differ");
        }
        let validator =
            Validator::new(set).with_max_violations(usize::MAX).with_max_body_bytes(u32::MAX as usize);
        Case { name, validator, body: body.into(), violations }
    }

    /// Reads the body.
    ///
    /// # Errors
    /// Its violations.
    pub fn read(&self) -> Result<ServiceEndEvent, ReadError> {
        self.validator.read(&self.body)
    }

    /// Makes sure that the body is read as expected, so that nothing else is measured.
    #[must_use]
    pub fn checked(self) -> Self {
        let found = match self.read() {
            Ok(_) => 0,
            Err(ReadError::Invalid(violations)) => violations.as_slice().len(),
            Err(error) => panic!("{}: {error}", self.name),
        };
        assert_eq!(found, self.violations, "violations of {}", self.name);
        self
    }
}

/// Numbers that look random, the same in every run.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// Starts over.
    pub fn new() -> Self {
        Dice(0x9e37_79b9_7f4a_7c15)
    }

    /// The next number.
    pub fn throw(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.throw() % limit as u64).unwrap()
    }

    /// Puts a list in some order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}

impl Default for Dice {
    fn default() -> Self {
        Dice::new()
    }
}
