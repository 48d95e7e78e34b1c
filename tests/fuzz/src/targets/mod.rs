//! The targets: functions of bytes that panic where a rule is broken.

mod bodies;
mod builders;
mod business;
mod decisions;
mod formats;
mod http;
mod open;
mod operations;
mod problems;
mod renderings;
mod rules;
mod schemas;
mod services;
mod typed;
mod versions;

pub use problems::check_problem;

/// A target.
pub type Target = fn(&[u8]);

/// A function for each, so that a program has the code of its own target and no other.
macro_rules! targets {
    ($($name:ident => $target:path,)*) => {
        $(pub fn $name(data: &[u8]) {
            $target(data);
        })*

        /// All of them, by the names of their programs.
        pub const ALL: &[(&str, Target)] = &[$((stringify!($name), $name)),*];
    };
}

targets! {
    bodies_made => bodies::made,
    bodies_raw => bodies::raw,
    builders => builders::made,
    business => business::raw,
    decisions => decisions::made,
    formats => formats::made,
    http => http::made,
    message_pack => formats::message_pack,
    open => open::raw,
    operations => operations::made,
    problems => problems::raw,
    renderings => renderings::made,
    renderings_raw => renderings::raw,
    rules => rules::made,
    schemas_made => schemas::made,
    schemas_raw => schemas::raw,
    services_made => services::made,
    services_raw => services::raw,
    typed => typed::made,
    versions => versions::made,
}
