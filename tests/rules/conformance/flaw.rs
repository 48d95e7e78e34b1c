//! What can be wrong with a store: the flaws by the case of the kit that must find each.

use serde_json::{Map, Value};
use service_end::{Completion, Timestamp, value::Currency};

/// Hands the table to another macro.
macro_rules! flaws {
    ($then:ident) => {
        $then! {
            an_unknown_service_is_none: FailsOnUnknown;
            a_service_is_read_as_it_was_put_in: EndsWhatIsActive;
            any_64_bit_integer_is_a_service_id: IdsOf32Bits;
            services_do_not_affect_one_another: OneVersionForAll;
            a_commit_on_an_unknown_service_is_stale: Upserts;
            a_commit_at_another_version_is_stale: IgnoresTheVersion;
            a_version_never_comes_back: EightVersions;
            the_end_and_every_extension_are_one_commit: HalfACommit;
            every_fixed_field_is_kept: DropsAField;
            a_later_end_replaces_every_fixed_field: KeepsEarlierFields;
            an_extension_is_replaced_whole: Merges;
            other_extensions_stay_as_they_are: ReplacesAll;
            an_empty_list_leaves_nothing_stored: ForgetsToClear KeepsEmptyLists;
            extensions_are_keyed_in_lower_case: KeysAsSpelt;
            only_what_is_wanted_is_loaded: LoadsEverything;
            all_that_is_wanted_is_loaded: LoadsOneOnly;
            extensions_are_named_in_any_case: FindsKeysAsSpelt;
            every_type_is_kept_at_its_limits: LongsAsDoubles;
            doubles_are_kept_by_every_bit: RoundsDoubles;
            amounts_are_kept_to_the_ten_thousandth: AmountsAsCents;
            moments_are_kept_to_the_millisecond: MomentsInSeconds;
            an_id_is_not_a_name_of_the_same_digits: DigitsAreNumbers;
            text_keeps_its_case: FoldsCase;
            text_is_not_normalised: Normalises;
            text_keeps_its_spaces: TrimsSpaces;
            text_keeps_characters_of_every_script: ThreeBytesACharacter;
            text_keeps_quotes_and_control_characters: DropsControlCharacters DoublesBackslashes;
            text_keeps_characters_that_mean_nothing: ReplacesNonCharacters;
            an_empty_text_is_not_a_missing_one: EmptyTextIsNull;
            a_text_of_100_000_characters_is_kept: CutsLongText;
            records_keep_their_order: SortsRecords;
            equal_records_are_all_kept: DropsEqualRecords;
            ten_thousand_records_are_kept: KeepsThousandRecords;
            an_attribute_without_a_value_stays_so: ZeroIsNull;
            what_no_schema_reads_is_handed_back: HidesWhatIsNotFlat;
            damaged_text_is_handed_back: FailsOnDamaged;
            an_unreadable_extension_can_be_replaced: KeepsOtherShapes;
            an_open_extension_comes_back_as_it_was_written: WritesDeclaredOnly WritesOpenAnew ForgetsNames;
            an_open_extension_whose_name_is_registered_changes_nothing: TakesAllThatIsOpen;
            a_schema_reads_what_was_open_before: HidesWhatWasOpen;
            a_store_without_schemas_never_says_they_changed: KeepsWhatItSees;
            another_schema_than_the_registered_one_changes_nothing: IgnoresSchemas ChecksOneSchema ChecksNoEmptyLists
                EndsAllTheSame DropsWhatIsOfAnotherSchema;
            a_removed_schema_changes_nothing: ForgetsWhatIsRemoved;
            a_schema_declared_anew_is_the_same_if_it_is_equal: RefusesNamesOnceRemoved;
            what_is_not_registered_is_taken: TakesRegisteredOnly HidesWhatWasBefore;
            a_completion_without_extensions_is_taken: RefusesAllOnceRemoved;
            a_stale_completion_of_an_old_schema_changes_nothing: EndsWhatIsStaleAndOld;
            a_commit_is_seen_by_every_later_read: ServesFromItsCache LagsBehind;
            a_commit_is_seen_through_another_handle: CachesByHandle;
            what_was_committed_is_there_after_reopening: KeepsNothingForLong;
            a_version_never_comes_back_after_reopening: CountsVersionsAnew;
            of_many_commits_at_one_version_one_wins: ChecksThenActs FailsWhenBusy;
            a_read_beside_writes_is_one_version: ReadsInTwoSteps;
            what_is_too_large_changes_nothing: FailsWhenTooLarge HalfOfWhatIsTooLarge;
            a_store_that_can_not_answer_says_so: KnowsNothingWhenDown IsStaleWhenDown;
            every_end_leaves_its_notice: TellsNothing TellsTheEndOnly;
            what_changes_nothing_is_not_told: TellsWhateverComes;
            a_notice_is_not_there_before_its_end: TellsBeforeTheCommit;
            a_notice_stays_until_it_is_confirmed: ForgetsWhatIsTaken;
            notices_are_there_after_reopening: KeepsNoticesInMemory;
            notices_of_one_service_come_one_at_a_time_in_their_order: HandsOutAllOfAService LastComesFirst
                SortsVersionsAsText LosesTheNext;
            those_that_have_waited_longest_come_first: SortsServices LatestServiceComesFirst LaterNoticesWaitAnew;
            no_more_is_taken_than_asked_for: TakesAll TakesAnySize;
            the_backlog_counts_what_is_not_confirmed: CountsWhatIsFree CountsTheAgeFromTheLease;
            the_backlog_is_right_after_every_step: CountsFromFirstToLast;
            a_notice_is_held_by_one_worker_at_a_time: IgnoresLeases ChecksThenHolds;
            what_is_given_back_can_be_taken_after_its_pause: KnowsNoPause KeepsWhatIsGivenBack;
            what_is_given_back_is_held_no_longer: ConfirmsWhatWasGivenBack MovesWhatWasGivenBack;
            each_time_that_a_notice_is_taken_counts_as_an_attempt: CountsNoAttempts CountsWhatIsGivenBack
                CountsAttemptsOfAService;
            a_worker_that_comes_too_late_changes_nothing: LetsAnyoneConfirm;
            random_commands_on_the_outbox_do_as_its_model_does: FreesWhatIsConfirmedTooLate CountsTheSameTwice
                LosesWhatComesWhileHeld;
            random_commands_do_as_the_model_does: DropsOneOfTwo;
        }
    };
}

pub(super) use flaws;

macro_rules! declare {
    ($($case:ident: $($flaw:ident)+;)+) => {
        /// What is wrong with a store.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Flaw {
            Nothing,
            // Found only where several callers take turns.
            HalfWhenDropped,
            TellsBeforeHand,
            TellsInASecondStep,
            $($($flaw,)+)+
        }

        /// The cases, and the flaws that each must find.
        pub(super) const CASES: &[(&str, &[Flaw])] = &[$((stringify!($case), &[$(Flaw::$flaw),+])),+];
    };
}

flaws!(declare);

impl Flaw {
    /// What becomes of a JSON text on its way into the store.
    #[allow(clippy::cast_precision_loss, reason = "this is the flaw")]
    pub(super) fn spoil(self, json: &mut Value) {
        match self {
            Flaw::FoldsCase => texts(json, &|text| text.to_lowercase()),
            Flaw::Normalises => texts(json, &|text| text.replace("e\u{301}", "\u{e9}")),
            Flaw::TrimsSpaces => texts(json, &|text| text.trim_end_matches(' ').to_owned()),
            Flaw::ThreeBytesACharacter => texts(json, &|text| text.replace(|c| c > '\u{ffff}', "?")),
            Flaw::DropsControlCharacters => texts(json, &|text| text.replace(char::is_control, "")),
            Flaw::DoublesBackslashes => texts(json, &|text| text.replace('\\', "\\\\")),
            Flaw::ReplacesNonCharacters => texts(json, &|text| text.replace('\u{ffff}', "\u{fffd}")),
            Flaw::CutsLongText => texts(json, &|text| text.chars().take(65_535).collect()),
            Flaw::MomentsInSeconds => texts(json, &|text| match text.parse::<Timestamp>() {
                Ok(_) if text.len() > 20 => format!("{}.000Z", &text[..19]),
                _ => text.to_owned(),
            }),
            Flaw::AmountsAsCents => texts(json, &|text| match (text.parse::<Currency>(), text.find('.')) {
                (Ok(_), Some(point)) => text[..text.len().min(point + 3)].to_owned(),
                _ => text.to_owned(),
            }),
            Flaw::RoundsDoubles => numbers(json, &|number| match (number.as_i64(), number.as_f64()) {
                (None, Some(double)) => format!("{double:.14e}").parse::<f64>().unwrap().into(),
                _ => number.clone(),
            }),
            Flaw::LongsAsDoubles => numbers(json, &|number| match number.as_i64() {
                Some(long) => format!("{:.0}", long as f64).parse().unwrap_or(long).into(),
                None => number.clone(),
            }),
            Flaw::EmptyTextIsNull => members(json, &|members| members.retain(|_, value| value != "")),
            Flaw::ZeroIsNull => members(json, &|members| {
                members.retain(|_, value| *value != 0 && *value != false);
            }),
            Flaw::SortsRecords => elements(json, |records| records.sort_by_key(Value::to_string)),
            Flaw::DropsEqualRecords => elements(json, Vec::dedup),
            Flaw::KeepsThousandRecords => elements(json, |records| records.truncate(1_000)),
            _ => {}
        }
    }

    /// What becomes of an end besides, given the one before.
    pub(super) fn spoil_end(self, end: &mut Value, earlier: Option<&Value>) {
        match self {
            Flaw::DropsAField => members(end, &|members| drop(members.remove("application_type"))),
            Flaw::KeepsEarlierFields => members(end, &|members| {
                for (name, value) in earlier.and_then(Value::as_object).into_iter().flatten() {
                    members.entry(name).or_insert(value.clone());
                }
            }),
            Flaw::DigitsAreNumbers => members(end, &|members| {
                for (name, value) in members {
                    let number = value.as_str().and_then(|text| text.parse::<i64>().ok());
                    if let (Some(number), false) = (number, name.ends_with("_id")) {
                        *value = number.into();
                    }
                }
            }),
            _ => {}
        }
    }

    /// Whether an extension is not written at all.
    pub(super) fn drops(
        self,
        key: &str,
        completion: &Completion,
        earlier: Option<&Value>,
        new: &Value,
    ) -> bool {
        match self {
            Flaw::DropsOneOfTwo => {
                key == "ratings_2" && completion.extensions().iter().any(|other| other.key() == "everything")
            }
            Flaw::KeepsOtherShapes => earlier.is_some_and(|earlier| earlier.is_array() != new.is_array()),
            _ => false,
        }
    }
}

fn texts(json: &mut Value, change: &dyn Fn(&str) -> String) {
    match json {
        Value::String(text) => *text = change(text),
        Value::Array(elements) => elements.iter_mut().for_each(|element| texts(element, change)),
        Value::Object(members) => members.values_mut().for_each(|member| texts(member, change)),
        _ => {}
    }
}

fn numbers(json: &mut Value, change: &dyn Fn(&Value) -> Value) {
    match json {
        Value::Number(_) => *json = change(json),
        Value::Array(elements) => elements.iter_mut().for_each(|element| numbers(element, change)),
        Value::Object(members) => members.values_mut().for_each(|member| numbers(member, change)),
        _ => {}
    }
}

fn members(json: &mut Value, change: &dyn Fn(&mut Map<String, Value>)) {
    match json {
        Value::Array(elements) => elements.iter_mut().for_each(|element| members(element, change)),
        Value::Object(object) => change(object),
        _ => {}
    }
}

fn elements(json: &mut Value, change: impl Fn(&mut Vec<Value>)) {
    if let Value::Array(elements) = json {
        change(elements);
    }
}
