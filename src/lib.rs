//! x
#![allow(dead_code, unused_imports)]
mod event;
mod schema;
mod validate;
mod value;
mod violation;
pub use event::*;
pub use schema::*;
pub use validate::*;
pub use value::*;
pub use violation::*;
