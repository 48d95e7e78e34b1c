//! Two versions of a schema, or of a set of them, side by side.
//!
//! Whether one version takes all that the other takes is not guessed from a list of rules: [`probes`] are values of which
//! one tells two attributes apart if any value does, and both attributes judge them as they judge a body.

mod answer;
mod attribute;
mod carry;
mod change;
mod changes;
mod comparison;
mod extension;
mod line;
mod member;
mod open;
mod probes;
mod record;
mod rule;

pub use answer::{Answer, Question};
pub use change::{Change, ChangeCode};
pub use comparison::Comparison;
