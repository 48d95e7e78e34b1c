//! Every interleaving of a few callers that end one service over a simulated store.
//!
//! The operation is the real one, `CompleteService::end_async`. Each load and each commit that it asks for waits at a
//! [`desk::Desk`] until the [`explore`] decides what happens next: which caller is answered and how, whether an answer
//! is lost, when a commit whose answer was lost is applied after all, when somebody else writes, and when the schemas
//! change. All orders are tried. States that were seen before are not visited again.
//!
//! Where the store keeps an outbox, it is that of the store in memory, and workers take notices out of it, confirm them, give
//! them back, or die ([`outbox`]): a notice is there exactly from its commit until it is confirmed.
//!
//! What each caller is told is judged by [`judge`], against the history of the store: each end takes effect once, and no
//! answer lies. What is found comes with its schedule, and [`explore::replay`] shows it step by step.

pub mod desk;
pub mod explore;
pub mod judge;
pub mod outbox;
pub mod run;
pub mod scenario;
pub mod world;
