//! The host as its callers see it: the built program, real HTTP on loopback, on every storage.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

mod away;
mod callers;
mod errors;
#[cfg(feature = "etcd")]
#[path = "../../../etcd/tests/cluster/mod.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "it is shared with the tests of the engine, which use all of it"
)]
mod etcd_cluster;
#[cfg(feature = "memory")]
mod health;
mod host;
mod life_cycle;
#[cfg(feature = "memory")]
mod log;
#[cfg(feature = "memory")]
mod meanwhile;
mod minimal;
mod open;
mod openapi;
#[cfg(feature = "postgres")]
#[path = "../../../postgres/tests/store/server.rs"]
#[allow(dead_code, reason = "it is shared with the tests of the engine, which use all of it")]
mod postgres_server;
mod publish;
mod raw;
mod rules;
mod schemas;
mod soak;
mod stop;
mod versions;

/// The tests that hold for every storage, as a module of tests for each.
macro_rules! on_every_storage {
    ($($(#[$attribute:meta])* $storage:ident => $start:expr;)*) => {$(
        $(#[$attribute])*
        mod $storage {
            use crate::{
                callers, errors, host::Fixture, life_cycle, open, openapi, publish, rules, schemas, stop, versions,
            };

            on_every_storage!(@tests $start;
                life_cycle::a_service_is_started_ended_and_shown,
                life_cycle::extensions_are_shown_when_asked_for,
                errors::every_failure_is_a_problem_document,
                errors::a_wrong_start_is_told_as_such,
                errors::bodies_over_the_limit_are_refused_without_being_waited_for,
                callers::of_sixteen_callers_one_wins,
                callers::sixteen_callers_with_the_same_event_all_succeed,
                callers::callers_that_disconnect_half_way_change_nothing_else,
                open::names_that_are_open_take_any_json,
                open::of_names_that_are_listed_only_those_are_open,
                open::what_another_host_declares_is_open_no_more,
                rules::rules_from_a_file_are_told_beside_violations,
                schemas::mistakes_are_told_with_their_line_and_column,
                schemas::records_go_with_their_schema_and_never_come_back,
                schemas::no_request_sees_half_a_set,
                schemas::what_another_host_declares_is_known_here,
                schemas::nothing_is_refused_by_the_schemas_of_before,
                openapi::the_document_tells_the_schemas_that_are_registered_now,
                openapi::the_page_is_served_from_here_alone,
                schemas::a_schema_is_replaced_by_a_version_that_is_safe,
                schemas::while_a_schema_is_replaced_no_caller_notices,
                publish::every_end_is_told_whatever_the_receiver_answers,
                publish::a_host_that_is_stopped_or_killed_goes_on_where_it_was,
                publish::a_notice_that_is_always_refused_holds_back_its_service_until_it_is_given_up,
                stop::what_is_in_flight_is_finished,
                versions::an_end_can_ask_for_a_version,
                versions::of_sixteen_callers_at_one_version_one_wins,
            );
        }
    )*};
    (@tests $start:expr; $($room:ident::$test:ident,)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            let fixture: Fixture = $start;
            $room::$test(&fixture).await;
        }
    )*};
}

on_every_storage! {
    #[cfg(feature = "memory")]
    memory => Fixture::memory();
    #[cfg(feature = "sqlite")]
    sqlite => Fixture::sqlite();
    #[cfg(feature = "postgres")]
    postgres => Fixture::postgres();
    #[cfg(feature = "etcd")]
    etcd => Fixture::etcd().await;
}
