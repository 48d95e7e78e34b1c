//! Regular expressions that say of a text exactly what the leaves say: which days there are, and what lies within a range.
//! They use only what all engines know alike: groups, classes and repetition.
//!
//! A range is looked at beside the form, so its expression need not say the form once more.

/// A year from 0001 on.
macro_rules! year {
    () => {
        "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
    };
}

/// A year with a 29 February. The year 0000 is none of them here.
macro_rules! leap_year {
    () => {
        "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
    };
}

macro_rules! day {
    () => {
        concat!(
            "(?:",
            year!(),
            "-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)|",
            leap_year!(),
            "-02-29)"
        )
    };
}

macro_rules! hour {
    () => {
        "(?:[01][0-9]|2[0-3])"
    };
}

/// An offset that is not zero, without its sign.
macro_rules! offset {
    () => {
        "(?:00:(?:0[1-9]|[1-5][0-9])|(?:0[1-9]|1[0-9]|2[0-3]):[0-5][0-9])"
    };
}

/// With an offset to the west, a moment of the year 0001 can fall on this day.
macro_rules! day_before {
    () => {
        "0000-12-31"
    };
}

/// Text without U+0000.
pub(super) const TEXT: &str = r"^[^\u0000]*$";

/// A day in the years 0001 to 9999.
pub(super) const DATE: &str = concat!("^", day!(), "$");

/// A moment as it is read, but for the years: with an offset, those at both ends depend on it.
pub(super) const TIMESTAMP: &str = concat!(
    "^(?:",
    day!(),
    "[Tt]",
    hour!(),
    r":[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:[Zz]|[+-]",
    hour!(),
    ":[0-5][0-9])|",
    day_before!(),
    "[Tt]",
    hour!(),
    r":[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?-",
    offset!(),
    ")$"
);

/// A moment as it is written.
pub(super) const WRITTEN_TIMESTAMP: &str =
    concat!("^", day!(), "T", hour!(), r":[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z$");

/// A moment that can be midnight in UTC. With an offset, that depends on it.
pub(super) const MIDNIGHT: &str = concat!(
    "^(?:",
    day!(),
    r"[Tt](?:00:00:00(?:\.0{1,2}|\.000[0-9]*)?(?:[Zz]|[+-]00:00)|",
    hour!(),
    r":[0-5][0-9]:00(?:\.0{1,2}|\.000[0-9]*)?[+-]",
    offset!(),
    ")|",
    day_before!(),
    "[Tt]",
    hour!(),
    r":[0-5][0-9]:00(?:\.0{1,2}|\.000[0-9]*)?-",
    offset!(),
    ")$"
);

/// An amount, of any size.
pub(super) const AMOUNT: &str = r"^-?[0-9]+(?:\.[0-9]{1,4})?$";

/// A date or a moment in UTC that is not before a bound, written as they are. One with an offset is not judged.
pub(super) fn not_before(bound: &str) -> String {
    let (seconds, millis) = bound.split_once('.').unwrap_or((bound, ""));
    let mut alternatives = beyond(seconds, true);
    let millis = millis.trim_end_matches('Z').trim_end_matches('0');
    if millis.is_empty() {
        alternatives.push(seconds.to_owned());
    } else {
        alternatives.extend(beyond(millis, true).into_iter().map(|digits| format!(r"{seconds}\.{digits}")));
        alternatives.push(format!(r"{seconds}\.{millis}"));
    }
    in_utc(&alternatives)
}

/// A date or a moment in UTC that is not after a bound. What is finer than the bound is cut off.
pub(super) fn not_after(bound: &str) -> String {
    let (seconds, millis) = bound.split_once('.').unwrap_or((bound, ""));
    let mut alternatives = beyond(seconds, false);
    let millis = millis.trim_end_matches('Z');
    if millis.is_empty() {
        alternatives.push(seconds.to_owned());
    } else {
        let below = beyond(millis, false).into_iter().chain([millis.to_owned()]);
        alternatives.extend(below.map(|digits| format!(r"{seconds}\.{digits}")));
        let shorter =
            heads(millis).map(|head| if head.is_empty() { String::new() } else { format!(r"\.{head}") });
        alternatives.extend(shorter.map(|fraction| format!("{seconds}{fraction}[Zz+-]")));
    }
    in_utc(&alternatives)
}

fn in_utc(alternatives: &[String]) -> String {
    format!("^(?:{}|.*:.*[+-]{}$)", alternatives.join("|").replace('T', "[Tt]"), offset!())
}

/// An amount, in ten-thousandths, that is not less than a bound.
pub(super) fn at_least(bound: i64) -> String {
    let magnitude = bound.unsigned_abs();
    match bound {
        1.. => format!("^{}", at_least_magnitude(magnitude)),
        0 => r"^(?:[0-9]|-[0.]*$)".to_owned(),
        _ => format!("^(?:[0-9]|-{})", at_most_magnitude(magnitude)),
    }
}

/// An amount, in ten-thousandths, that is not more than a bound.
pub(super) fn at_most(bound: i64) -> String {
    let magnitude = bound.unsigned_abs();
    match bound {
        0.. => format!("^(?:-|{})", at_most_magnitude(magnitude)),
        _ => format!("^-{}", at_least_magnitude(magnitude)),
    }
}

/// An amount in its digits before and behind the point.
fn digits(magnitude: u64) -> (String, String) {
    let whole = (magnitude / 10_000).to_string();
    (whole.trim_start_matches('0').to_owned(), format!("{:04}", magnitude % 10_000))
}

fn at_least_magnitude(magnitude: u64) -> String {
    let (whole, fraction) = digits(magnitude);
    let mut alternatives = vec![format!("[1-9][0-9]{{{},}}", whole.len())];
    alternatives.extend(as_long(&whole, true));
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        alternatives.push(format!(r"{whole}(?:\.|$)"));
    } else {
        let above = beyond(fraction, true).into_iter().chain([fraction.to_owned()]);
        alternatives.extend(above.map(|digits| format!(r"{whole}\.{digits}")));
    }
    format!("0*(?:{})", alternatives.join("|"))
}

fn at_most_magnitude(magnitude: u64) -> String {
    let (whole, fraction) = digits(magnitude);
    let mut alternatives = Vec::new();
    if let Some(shorter) = whole.len().checked_sub(1) {
        alternatives.push(format!(r"[0-9]{{0,{shorter}}}(?:\.|$)"));
    }
    alternatives.extend(as_long(&whole, false));
    let below = beyond(&fraction, false).into_iter().chain([fraction.clone()]);
    alternatives.extend(below.map(|digits| format!(r"{whole}\.{digits}")));
    let shorter =
        heads(&fraction).map(|head| if head.is_empty() { String::new() } else { format!(r"\.{head}") });
    alternatives.extend(shorter.map(|fraction| format!("{whole}{fraction}$")));
    format!("0*(?:{})", alternatives.join("|"))
}

/// Numbers of as many digits as this one that are above or below it.
fn as_long(whole: &str, above: bool) -> impl Iterator<Item = String> {
    let length = whole.len();
    beyond(whole, above).into_iter().zip(places(whole, above)).map(move |(head, place)| {
        let rest = length - place - 1;
        format!(r"{head}[0-9]{{{rest}}}(?:\.|$)")
    })
}

/// How a text begins that is above or below this one: as this one, up to a digit that decides.
fn beyond(text: &str, above: bool) -> Vec<String> {
    let head = |place| text.chars().take(place).collect::<String>();
    let decides = |place| {
        let digit = text.as_bytes().get(place).map_or(0, |digit| digit - b'0');
        match (above, digit) {
            (true, 8) => "9".to_owned(),
            (true, digit) => format!("[{}-9]", digit + 1),
            (false, 1) => "0".to_owned(),
            (false, digit) => format!("[0-{}]", digit - 1),
        }
    };
    places(text, above).map(|place| head(place) + &decides(place)).collect()
}

/// The places of the digits that have others above or below them.
fn places(text: &str, above: bool) -> impl Iterator<Item = usize> {
    let last = if above { b'9' } else { b'0' };
    let bytes = text.as_bytes().iter().enumerate();
    bytes.filter(move |(_, byte)| byte.is_ascii_digit() && **byte != last).map(|(place, _)| place)
}

/// The beginnings of a text that are shorter than itself, the empty one too.
fn heads(text: &str) -> impl Iterator<Item = String> {
    (0..text.len()).map(|length| text.chars().take(length).collect())
}
