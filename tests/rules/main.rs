//! The rules, as tables of cases. A test is named after the rule that it holds.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails"
)]

mod async_storage;
mod attribute_mistakes;
mod bad_content;
mod bad_input;
mod carried_events;
mod compare_example;
mod conditions;
mod conformance;
mod debugged;
mod decision;
mod declarations;
mod differential;
mod differential_text;
mod documents;
mod event_size;
mod events;
mod example;
mod excerpts;
mod features;
mod fixed_fields;
mod floors;
mod grammar;
mod host_rules;
mod hostile_files;
mod json_schema_example;
mod json_schemas;
mod leaves;
mod listed_values;
mod located;
mod located_declarations;
mod long_names;
mod memory_schemas;
mod memory_storage;
mod message_pack;
mod migration;
mod mutations;
mod notices;
mod number_token;
mod open_decisions;
mod open_extensions;
mod openapi;
mod operation;
mod origins;
mod outbox;
mod problems;
mod program;
mod properties;
mod records;
mod required;
mod schema_keys;
mod schema_mistakes;
mod schema_sets;
mod schema_sets_grown;
mod schemas;
mod set_values;
mod snapshot;
mod stage;
mod stored_rules;
mod suggestions;
mod support;
mod syntax;
mod typed;
mod typed_first_schema;
mod typed_fits;
mod typed_mistakes;
mod typed_whole;
mod typed_words;
mod typed_writing;
mod types;
mod values;
mod versions;
mod versions_open;
mod versions_told;
mod violations;
mod wrapped_numbers;
