//! Whether two JSON texts say the same.

use std::borrow::Cow;

use super::json_text::{MAX_LEVELS, text_bytes};

/// Whether two JSON texts, both right and without white space, say the same: members in any order, numbers by their exact
/// value. What has more levels than this crate keeps equals nothing but its own text.
pub(crate) fn same_json(one: &str, other: &str) -> bool {
    one == other || normal(one).is_some_and(|one| normal(other).is_some_and(|other| one == other))
}

/// The one text of all that say the same. It is not JSON.
fn normal(json: &str) -> Option<String> {
    let mut writer = Writer { rest: json, normal: String::with_capacity(json.len()) };
    writer.value(MAX_LEVELS)?;
    Some(writer.normal)
}

struct Writer<'j> {
    rest: &'j str,
    normal: String,
}

/// Where a member begins in the normal text, where its name ends, and where it ends.
type Member = (u32, u32, u32);

impl Writer<'_> {
    fn value(&mut self, levels: usize) -> Option<()> {
        match self.rest.as_bytes().first()? {
            b'"' => self.text(),
            b'[' => self.array(levels.checked_sub(1)?),
            b'{' => self.object(levels.checked_sub(1)?),
            _ => {
                let scalar = self.take(self.rest.find([',', ']', '}']).unwrap_or(self.rest.len()));
                match scalar.as_bytes().first()? {
                    b'n' | b't' | b'f' => self.normal.push_str(scalar),
                    _ => push_number(&mut self.normal, scalar),
                }
                Some(())
            }
        }
    }

    fn array(&mut self, levels: usize) -> Option<()> {
        self.mark();
        while !self.rest.starts_with(']') {
            self.value(levels)?;
            if self.rest.starts_with(',') {
                self.mark();
            }
        }
        self.mark();
        Some(())
    }

    fn object(&mut self, levels: usize) -> Option<()> {
        self.mark();
        let mut members: Vec<Member> = Vec::new();
        while !self.rest.starts_with('}') {
            let begin = self.end()?;
            self.text()?;
            let name_end = self.end()?;
            self.mark();
            self.value(levels)?;
            self.normal.push(',');
            members.push((begin, name_end, self.end()?));
            if self.rest.starts_with(',') {
                self.take(1);
            }
        }
        if !members.is_sorted_by(|one, next| self.name(one) < self.name(next)) {
            self.sort(members);
        }
        self.mark();
        Some(())
    }

    /// Puts the members of an object, which were written last, in the order of their names.
    fn sort(&mut self, mut members: Vec<Member>) {
        let Some(&(begin, ..)) = members.first() else { return };
        members.sort_by(|one, other| self.name(one).cmp(self.name(other)));
        let mut sorted = String::with_capacity(self.normal.len() - begin as usize);
        // Of one name the last counts, as `serde_json` has it.
        for same_name in members.chunk_by(|one, next| self.name(one) == self.name(next)) {
            if let Some((begin, _, end)) = same_name.last() {
                sorted.push_str(self.part(*begin, *end));
            }
        }
        self.normal.truncate(begin as usize);
        self.normal.push_str(&sorted);
    }

    fn name(&self, (begin, name_end, _): &Member) -> &str {
        self.part(*begin, *name_end)
    }

    fn part(&self, begin: u32, end: u32) -> &str {
        let part = self.normal.get(begin as usize..end as usize);
        part.unwrap_or_else(|| unreachable!("members are written as a whole"))
    }

    /// A text as `serde_json` writes it.
    fn text(&mut self) -> Option<()> {
        let text = self.take(text_bytes(self.rest));
        if text.contains('\\') {
            let text: Cow<'_, str> = serde_json::from_str(text).ok()?;
            self.normal += &serde_json::to_string(&text).ok()?;
        } else {
            self.normal.push_str(text);
        }
        Some(())
    }

    /// Copies what opens, parts or closes.
    fn mark(&mut self) {
        let mark = self.take(1);
        self.normal.push_str(mark);
    }

    fn end(&self) -> Option<u32> {
        u32::try_from(self.normal.len()).ok()
    }
}

impl<'j> Writer<'j> {
    fn take(&mut self, bytes: usize) -> &'j str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }
}

/// Adds a number: its sign, its digits from the first to the last that is not zero, and the power of ten of the last
/// one. Zero has no sign. An exponent beyond 64 bits is the bound that is nearest: no such number has ever been meant.
fn push_number(normal: &mut String, number: &str) {
    let (number, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let beyond = if exponent.starts_with('-') { i64::MIN } else { i64::MAX };
    let exponent = exponent.parse().unwrap_or(beyond);
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let all: Cow<'_, str> =
        if fraction.is_empty() { whole.into() } else { format!("{whole}{fraction}").into() };
    let digits = all.trim_end_matches('0');
    let places = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    let exponent =
        i64::saturating_sub(exponent, places(fraction)).saturating_add(places(&all) - places(digits));
    match digits.trim_start_matches('0') {
        "" => normal.push('0'),
        digits => {
            normal.push_str(sign);
            normal.push_str(digits);
            if exponent != 0 {
                normal.push('e');
                normal.push_str(&exponent.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_equal_whatever_their_form() {
        for (one, other, expected) in [
            ("1", "1.0", true),
            ("100", "1E+2", true),
            ("-0", "0e9", true),
            ("0.10", "1e-1", true),
            ("0", "1e-400", false),
            ("0.1", "0.10000000000000000001", false),
            ("9007199254740993", "9007199254740992", false),
            ("123456789012345678901234567890", "1.2345678901234567890123456789e29", true),
            ("-1", "1", false),
            ("1", r#""1""#, false),
            ("null", "false", false),
            ("[]", "{}", false),
            ("[1,2]", "[2,1]", false),
            ("[1,[2]]", "[1.0,[2]]", true),
            ("[1,[2]]", "[1,2]", false),
            ("[[],[1.0]]", "[[1],[]]", false),
            (r#"{"a":1,"b":[2]}"#, r#"{"b":[2.0],"a":1}"#, true),
            (r#"{"a":1}"#, r#"{"A":1}"#, false),
            (r#"{"a":1}"#, r#"{"a":1,"b":null}"#, false),
            (r#"{"a":{"b":1,"c":2},"d":{}}"#, r#"{"d":{},"a":{"c":2,"b":1}}"#, true),
            (r#"{"a":{"b":1,"c":2},"d":{}}"#, r#"{"d":{"c":2},"a":{"b":1}}"#, false),
            (r#"{"a":"b","c":"d"}"#, r#"{"a":"b\",\"c\":\"d"}"#, false),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#, true),
            (r#"{"a":1,"\u0061":2}"#, r#"{"a":1}"#, false),
            (r#"{"ab":1,"a":2}"#, r#"{"a":2.0,"\u0061b":1}"#, true),
            (r#""\u00e9\/""#, "\"é/\"", true),
            (r#""\ud800""#, r#""\uD800""#, false),
            ("1e99999999999999999999", "1e99999999999999999998", true),
        ] {
            assert_eq!(same_json(one, other), expected, "{one} and {other}");
            assert_eq!(same_json(other, one), expected, "{other} and {one}");
        }
    }

    #[test]
    fn what_is_too_deep_equals_only_its_own_text() {
        let deep =
            |levels: usize, inside: &str| format!("{}{inside}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(same_json(&deep(100, "1"), &deep(100, "1.0")));
        assert!(!same_json(&deep(101, "1"), &deep(101, "1.0")));
        assert!(same_json(&deep(1_000_000, "1"), &deep(1_000_000, "1")));
    }
}
