//! Names, numbers, texts and moments, as JSON.

use super::dice::Dice;
use crate::plain::Type;

const PIECES: [&str; 22] = [
    "a",
    "b",
    "Paris",
    "é",
    "名",
    "😀",
    r"\n",
    r"\u0041",
    r"\u00e9",
    r"\ud83d\ude00",
    r"\\",
    r#"\""#,
    r"\/",
    "~",
    "/",
    "~1",
    "\u{202e}",
    "\u{7f}",
    " ",
    r"\u0000",
    r"\ud800",
    r"\u2028",
];
const NUMBERS: [&str; 34] = [
    "0",
    "-0",
    "-0.0",
    "0e0",
    "1e0",
    "7.0",
    "7.5",
    "-7e0",
    "1E2",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "2147483648.0",
    "9007199254740991.0",
    "9007199254740992.0",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "1e300",
    "1e309",
    "1e-400",
    "0.1",
    "0.12345",
    "1.5e-4",
    "99999999999.9999",
    "100000000000.0",
    "922337203685477",
    "922337203685478",
    "922337203685477.5",
    "922337203685477.75",
    "123456789012345678901234567890",
];
const AMOUNTS: [&str; 14] = [
    "0",
    "-0",
    "-0.0",
    "1.5",
    "12.3456",
    "12.34567",
    "+1",
    ".5",
    "1.",
    "-",
    "922337203685477.5807",
    "922337203685477.5808",
    "-922337203685477.5808",
    "007.10",
];
const DATES: [&str; 10] = [
    "2009-05-12",
    "2000-02-29",
    "1900-02-29",
    "2009-13-01",
    "0001-01-01",
    "9999-12-31",
    "0000-12-31",
    "2009-5-12",
    "10000-01-01",
    "2009-05-12 ",
];
const CLOCKS: [&str; 12] = [
    "00:00:00",
    "12:05:12",
    "23:59:59",
    "23:59:60",
    "24:00:00",
    "12:60:00",
    "00:00:00.000",
    "12:05:12.145",
    "12:05:12.1459",
    "00:00:00.0009",
    "12:05:12.",
    "12:05",
];
const ZONES: [&str; 12] =
    ["Z", "z", "+00:00", "-00:00", "+02:00", "-23:59", "+23:59", "+24:00", "+0200", "", "+02", "-02:60"];

/// A number in any form.
pub fn number(dice: &mut Dice<'_>) -> String {
    if dice.secretive {
        let rest = dice.pick(&["", "3", ".5", ".12345", "e3", "e30", "12345678901234567890"]);
        return format!("{}{rest}", Dice::SECRET_NUMBER);
    }
    match dice.below(6) {
        0 => (dice.number() % 10).to_string(),
        1 => dice.number().to_string(),
        2 => dice.pick(&NUMBERS).to_owned(),
        3 => format!("{}.{}", dice.number() % 1000, dice.below(100_000)),
        4 => format!("{}.{}e{}", dice.number() % 100_000, dice.below(1000), dice.below(40) as i64 - 20),
        _ => {
            let float = f64::from_bits(dice.number() as u64);
            if float.is_finite() { format!("{float:?}") } else { "1".to_owned() }
        }
    }
}

/// A text, at times with escapes.
pub fn text(dice: &mut Dice<'_>) -> String {
    let mut text = String::new();
    for _ in 0..dice.pick(&[1, 0, 2, 3, 4, 8, 9]) {
        if dice.secretive {
            text.push(dice.pick(&Dice::SECRETS));
        } else if dice.once_in(4) {
            let character = serde_json::to_string(&dice.character()).expect("a text");
            text += &character[1..character.len() - 1];
        } else {
            // The last three are seldom: what they say is accepted nowhere, or is no text.
            let pieces = if dice.once_in(8) { &PIECES[..] } else { &PIECES[..19] };
            text += dice.pick(pieces);
        }
    }
    if dice.once_in(12) {
        text = text.repeat(dice.pick(&[2, 30, 60]));
    }
    format!("\"{text}\"")
}

fn moment(dice: &mut Dice<'_>) -> String {
    if dice.secretive {
        return text(dice);
    }
    if dice.once_in(3) {
        return format!(
            "\"{}{}{}{}\"",
            dice.pick(&DATES),
            dice.pick(&["T", "t", " "]),
            dice.pick(&CLOCKS),
            dice.pick(&ZONES)
        );
    }
    let (year, month, day) = (2009 + dice.below(3), 1 + dice.below(12), 1 + dice.below(29));
    let (hour, millis) = (dice.below(24), dice.below(1000));
    format!("\"{year}-{month:02}-{day:02}T{hour:02}:00:00.{millis:03}Z\"")
}

fn date(dice: &mut Dice<'_>) -> String {
    if dice.secretive {
        return text(dice);
    }
    match dice.below(4) {
        0..2 => format!("\"20{:02}-{:02}-{:02}\"", dice.below(20), 1 + dice.below(12), 1 + dice.below(29)),
        2 => format!("\"{}\"", dice.pick(&DATES)),
        _ => format!("\"{}T{}{}\"", dice.pick(&DATES), dice.pick(&CLOCKS), dice.pick(&ZONES)),
    }
}

fn amount(dice: &mut Dice<'_>) -> String {
    match dice.below(3) {
        0 => number(dice),
        _ if dice.secretive => text(dice),
        1 => format!("\"{}.{}\"", dice.number() % 1000, dice.below(20_000)),
        _ => format!("\"{}\"", dice.pick(&AMOUNTS)),
    }
}

/// A value for a type, mostly one that fits.
pub fn value_for(dice: &mut Dice<'_>, attribute_type: Type) -> String {
    match attribute_type {
        Type::String => text(dice),
        Type::Integer => match dice.below(3) {
            0 if !dice.secretive => dice.pick(&["1", "2", "3", "7.0", "1e1"]).to_owned(),
            1 if !dice.secretive => (dice.number() as i32).to_string(),
            _ => number(dice),
        },
        Type::Long | Type::Double => number(dice),
        Type::Boolean => dice.pick(&["true", "false"]).to_owned(),
        Type::Date => date(dice),
        Type::DateTime => moment(dice),
        Type::Currency => amount(dice),
    }
}

/// The name as it is, or in another case.
pub fn name_in_other_case(dice: &mut Dice<'_>, name: &str) -> String {
    match dice.below(8) {
        6 => name.to_ascii_uppercase(),
        7 => name
            .chars()
            .map(|c| if dice.once_in(2) { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
            .collect(),
        _ => name.to_owned(),
    }
}

/// The name, or one that is nearly it.
pub fn spelled(dice: &mut Dice<'_>, name: &str) -> String {
    if !dice.once_in(12) {
        return name_in_other_case(dice, name);
    }
    let at = dice.below(name.len());
    let mut name = name.to_owned();
    match dice.below(4) {
        0 => drop(name.remove(at)),
        1 => name.insert(at, dice.pick(&['x', '_', '~', '/', 'é'])),
        2 => name.replace_range(at..=at, &format!("\\u{:04x}", name.as_bytes()[at])),
        _ => name.push_str(dice.pick(&["s", r"\u0000", r"\ud800", "ſ", "K"])),
    }
    name
}

/// Nothing, or what may stand between two tokens.
pub fn between(dice: &mut Dice<'_>) -> &'static str {
    if dice.once_in(10) { dice.pick(&[" ", "\n", "\t", "\r\n", "  ", "\u{a0}"]) } else { "" }
}
