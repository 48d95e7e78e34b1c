//! Declarations and bodies made of the bytes of the fuzzer: near to valid, with every kind of mistake.

mod bodies;
mod dice;
mod scalars;
mod schemas;
mod versions;

pub use bodies::{body, damage};
pub use dice::Dice;
pub use scalars::{name_in_other_case, value_for};
pub use schemas::{business, schemas};
pub use versions::{newer, telling_extensions};
