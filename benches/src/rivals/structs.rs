//! What a Rust developer writes whose extensions are known at compile time: owned structs, with and without
//! checks by `garde`.
#![expect(dead_code, reason = "the event is only made, checked by its rules and dropped")]

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::Deserialize;

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct Event {
    #[garde(length(chars, max = 32))]
    session_id: Option<String>,
    #[garde(length(chars, max = 50))]
    interaction_id: Option<String>,
    application_type: Option<i64>,
    application_id: Option<i64>,
    resource_type: Option<i64>,
    resource_id: Option<i64>,
    media_type: Option<i64>,
    disposition: Option<i64>,
    #[garde(length(chars, max = 64))]
    disposition_desc: Option<String>,
    timestamp: Option<DateTime<Utc>>,
    #[serde(rename = "Feedback")]
    #[garde(dive)]
    feedback: Option<Feedback>,
    #[serde(rename = "Satisfaction")]
    #[garde(dive)]
    satisfaction: Option<Vec<Satisfaction>>,
}

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct Feedback {
    #[serde(rename = "FeedbackType")]
    #[garde(length(chars, max = 16))]
    kind: Option<String>,
    rating: i32,
    #[garde(length(chars, max = 255))]
    notes: Option<String>,
}

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct Satisfaction {
    rating: i32,
    pertinence: Option<i32>,
    usefull: Option<bool>,
    #[garde(length(chars, max = 64))]
    place: Option<String>,
}

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct Entry {
    #[garde(length(chars, max = 16))]
    segment: Option<String>,
    score: i32,
    visits: Option<i64>,
    ratio: Option<f64>,
    active: Option<bool>,
    changed: Option<DateTime<Utc>>,
    #[garde(length(chars, max = 64))]
    agent: Option<String>,
    #[garde(length(chars, max = 32))]
    queue: Option<String>,
    attempts: Option<i32>,
    #[garde(length(chars, max = 255))]
    note: Option<String>,
}

macro_rules! wide {
    ($($extension:ident)*) => {
        #[derive(Debug, Deserialize, Validate)]
        #[serde(deny_unknown_fields)]
        #[garde(allow_unvalidated)]
        #[expect(non_snake_case, reason = "the names of the extensions in the body")]
        pub(super) struct Wide {
            timestamp: Option<DateTime<Utc>>,
            disposition: Option<i64>,
            $(#[garde(dive)] $extension: Option<Entry>,)*
        }
    };
}

wide! {
    Extension00 Extension01 Extension02 Extension03 Extension04 Extension05 Extension06 Extension07 Extension08
    Extension09 Extension10 Extension11 Extension12 Extension13 Extension14 Extension15 Extension16 Extension17
    Extension18 Extension19 Extension20 Extension21 Extension22 Extension23 Extension24 Extension25 Extension26
    Extension27 Extension28 Extension29 Extension30 Extension31 Extension32 Extension33 Extension34 Extension35
    Extension36 Extension37 Extension38 Extension39 Extension40 Extension41 Extension42 Extension43 Extension44
    Extension45 Extension46 Extension47 Extension48 Extension49
}
