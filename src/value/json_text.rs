//! JSON text that was found right before: its white space, and its levels.

/// Adds JSON text to another, without the white space that means nothing. Numbers and texts stay as they are written.
pub(crate) fn push_compact(to: &mut String, json: &str) {
    for_each_piece(json, |piece| to.push_str(piece));
}

/// How many bytes that adds.
pub(crate) fn compact_bytes(json: &str) -> usize {
    let mut bytes = 0;
    for_each_piece(json, |piece| bytes += piece.len());
    bytes
}

/// Hands over what stands between white space that means nothing.
fn for_each_piece<'j>(json: &'j str, mut take: impl FnMut(&'j str)) {
    let mut rest = json;
    while !rest.is_empty() {
        let (outside, from_text) = rest.split_at(rest.find('"').unwrap_or(rest.len()));
        outside.split_ascii_whitespace().for_each(&mut take);
        let (text, after) = from_text.split_at(text_bytes(from_text));
        take(text);
        rest = after;
    }
}

/// How many bytes a text has that begins here, with its quotes; nothing, if none begins.
pub(super) fn text_bytes(json: &str) -> usize {
    let mut bytes = 1;
    while let Some((inside, _)) = json.get(bytes..).and_then(|rest| rest.split_once('"')) {
        bytes += inside.len() + 1;
        let backslashes = inside.bytes().rev().take_while(|byte| *byte == b'\\').count();
        if backslashes % 2 == 0 {
            return bytes;
        }
    }
    json.len()
}

/// How many levels of arrays and objects JSON text has: none for a scalar.
pub(crate) fn levels(json: &str) -> usize {
    let (mut level, mut deepest) = (0_usize, 0);
    for_each_piece(json, |piece| {
        if piece.starts_with('"') {
            return;
        }
        for byte in piece.bytes() {
            match byte {
                b'[' | b'{' => level += 1,
                b']' | b'}' => level = level.saturating_sub(1),
                _ => {}
            }
            deepest = level.max(deepest);
        }
    });
    deepest
}

/// The most levels that this crate looks into, since it does so level by level.
pub(crate) const MAX_LEVELS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_and_texts_stay() {
        for (json, expected) in [
            (" 1 ", "1"),
            ("[ 1 ,\t2\r\n]", "[1,2]"),
            (r#"{ "a b" : " \" \\" , "\\\"": "" }"#, r#"{"a b":" \" \\","\\\"":""}"#),
            (r#"[ "\\" , "\\\\" , "\\\" ]" , "" ]"#, r#"["\\","\\\\","\\\" ]",""]"#),
            (r#""東 京 \u00e9""#, r#""東 京 \u00e9""#),
            ("-0.10e+05", "-0.10e+05"),
        ] {
            let mut text = String::new();
            push_compact(&mut text, json);
            assert_eq!((&*text, compact_bytes(json)), (expected, expected.len()));
        }
    }

    #[test]
    fn levels_are_those_of_arrays_and_objects() {
        for (json, expected) in [("1", 0), (r#""[[""#, 0), ("[]", 1), (r#"[{"]":[]},{}]"#, 3)] {
            assert_eq!(levels(json), expected, "{json}");
        }
    }
}
