//! The cases, by what they are about. Each is written once, for stores of either kind.

mod beside;
mod failing;
mod lasting;
mod model;
mod notice;
mod number;
mod open;
mod outbox;
mod queue;
mod race;
mod record;
mod replace;
mod schema;
mod service;
mod stale;
mod text;
mod unreadable;
mod want;
mod worker;

use crate::bench::Bench;
use crate::fixture::AsyncFixture;
use crate::report::{Case, Clause};

macro_rules! cases {
    ($($about:ident { $($case:ident: $($clause:ident)+;)+ })+) => {
        /// Tries every case, one after the other.
        pub(crate) async fn try_all<F: AsyncFixture>(bench: &mut Bench<F>) -> Vec<Case> {
            let mut cases = Vec::new();
            $($(
                let name = stringify!($case);
                if bench.options.only.is_none_or(|only| only == name) {
                    let tried = Box::pin($about::$case(bench)).await;
                    cases.push(Case::new(name, &[$(Clause::$clause),+], tried));
                }
            )+)+
            cases
        }
    };
}

cases! {
    service {
        an_unknown_service_is_none: S5;
        a_service_is_read_as_it_was_put_in: S6;
        any_64_bit_integer_is_a_service_id: S5 S6;
        services_do_not_affect_one_another: S1 S3;
    }
    stale {
        a_commit_on_an_unknown_service_is_stale: S1;
        a_commit_at_another_version_is_stale: S1;
        a_version_never_comes_back: S1;
    }
    replace {
        the_end_and_every_extension_are_one_commit: S2;
        every_fixed_field_is_kept: S6;
        a_later_end_replaces_every_fixed_field: S2;
        an_extension_is_replaced_whole: S3;
        other_extensions_stay_as_they_are: S3;
        an_empty_list_leaves_nothing_stored: S3;
        extensions_are_keyed_in_lower_case: S8;
    }
    want {
        only_what_is_wanted_is_loaded: S6;
        all_that_is_wanted_is_loaded: S6;
        extensions_are_named_in_any_case: S8;
    }
    number {
        every_type_is_kept_at_its_limits: S6;
        doubles_are_kept_by_every_bit: S6;
        amounts_are_kept_to_the_ten_thousandth: S6;
        moments_are_kept_to_the_millisecond: S6;
        an_id_is_not_a_name_of_the_same_digits: S6;
    }
    text {
        text_keeps_its_case: S6;
        text_is_not_normalised: S6;
        text_keeps_its_spaces: S6;
        text_keeps_characters_of_every_script: S6;
        text_keeps_quotes_and_control_characters: S6;
        text_keeps_characters_that_mean_nothing: S6;
        an_empty_text_is_not_a_missing_one: S6;
        a_text_of_100_000_characters_is_kept: S6;
    }
    record {
        records_keep_their_order: S6;
        equal_records_are_all_kept: S6;
        ten_thousand_records_are_kept: S6;
        an_attribute_without_a_value_stays_so: S6;
    }
    unreadable {
        what_no_schema_reads_is_handed_back: S8;
        damaged_text_is_handed_back: S8;
        an_unreadable_extension_can_be_replaced: S8;
    }
    open {
        an_open_extension_comes_back_as_it_was_written: S6 S3;
        an_open_extension_whose_name_is_registered_changes_nothing: S9 S2;
        a_schema_reads_what_was_open_before: S8;
    }
    schema {
        a_store_without_schemas_never_says_they_changed: S9;
        another_schema_than_the_registered_one_changes_nothing: S9 S2;
        a_removed_schema_changes_nothing: S9 S2;
        a_schema_declared_anew_is_the_same_if_it_is_equal: S9;
        what_is_not_registered_is_taken: S9;
        a_completion_without_extensions_is_taken: S9;
        a_stale_completion_of_an_old_schema_changes_nothing: S9 S1;
    }
    lasting {
        a_commit_is_seen_by_every_later_read: S4;
        a_commit_is_seen_through_another_handle: S4 S1;
        what_was_committed_is_there_after_reopening: S4;
        a_version_never_comes_back_after_reopening: S1;
    }
    race {
        of_many_commits_at_one_version_one_wins: S1 S2;
        of_many_callers_one_ends_a_service: S1;
        callers_with_the_same_event_all_succeed: S1 S4;
        no_update_is_lost: S1 S4;
    }
    beside {
        a_read_beside_writes_is_one_version: S6;
        a_reader_never_goes_back: S4;
    }
    failing {
        a_dropped_commit_has_happened_or_not: S2;
        what_is_too_large_changes_nothing: S7 S2;
        a_store_that_can_not_answer_says_so: S7;
    }
    notice {
        every_end_leaves_its_notice: S10;
        what_changes_nothing_is_not_told: S10;
        a_notice_is_not_there_before_its_end: S10;
        a_notice_stays_until_it_is_confirmed: S10;
        notices_are_there_after_reopening: S10;
        a_dropped_commit_is_told_if_it_has_happened: S10;
    }
    queue {
        notices_of_one_service_come_one_at_a_time_in_their_order: S10;
        those_that_have_waited_longest_come_first: S10;
        no_more_is_taken_than_asked_for: S10;
        the_backlog_counts_what_is_not_confirmed: S10;
        the_backlog_is_right_after_every_step: S10;
    }
    worker {
        a_notice_is_held_by_one_worker_at_a_time: S10;
        many_workers_tell_everything_once_and_in_order: S10;
        what_is_given_back_can_be_taken_after_its_pause: S10;
        what_is_given_back_is_held_no_longer: S10;
        each_time_that_a_notice_is_taken_counts_as_an_attempt: S10;
        a_worker_that_comes_too_late_changes_nothing: S10;
    }
    outbox {
        random_commands_on_the_outbox_do_as_its_model_does: S10;
    }
    model {
        random_commands_do_as_the_model_does: S1 S2 S3 S5 S6 S8;
    }
}
