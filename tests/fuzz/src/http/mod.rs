//! The HTTP host without its connections, requests to it, and what it should answer: a model that is told of each request
//! and of its answer, and panics at the first answer that differs.

mod answer;
mod asked;
mod model;
mod read;
mod served;
mod services;

pub use asked::{Asked, declaration};
pub use model::Model;
pub use served::{Served, options};
