//! Questions that cost as much as we know how: each is as short as it can be for what it does.

use std::fmt::Write;

use service_end::StoredService;

use crate::costs::Question;

/// A question with its name.
#[derive(Clone, Copy, Debug)]
pub struct Worst {
    /// Its name.
    pub name: &'static str,
    make: fn() -> Question,
}

impl Worst {
    /// Makes it.
    pub fn question(&self) -> Question {
        (self.make)()
    }
}

macro_rules! worst {
    ($($name:literal $make:expr;)*) => {
        /// All of them.
        pub const ALL: &[Worst] = &[$(Worst { name: $name, make: || $make }),*];
    };
}

worst! {
    // Names that are not known, next to many that are.
    "near attribute names" near_attributes(256, 100, 64);
    "near attribute names, far apart in length" near_attributes(256, 100, 12);
    "near extension names, 10,000 schemas" near_extensions(10_000, 100);
    "short names with accents, 1,928 schemas" short_names_with_accents();
    "one unknown name, 10,000 schemas" near_extensions(10_000, 1);
    "unknown attributes of one byte" unknown_attributes(|_| "x".into());
    "unknown attributes in other letters" unknown_attributes(|n| format!("ä{n:x}"));
    "unknown attributes in need of escapes" unknown_attributes(|_| r"\u0000~/".into());
    "unknown attributes, schemas with long names" long_known_names(100);
    "100 unknown names of 10,000 characters" unknown_long_names(10_000);
    "100 unknown names of 1,000 characters" unknown_long_names(1_000);
    "an unknown name of 1 MiB" unknown_long_name(1 << 20, "x");
    "an unknown name of 1 MiB in escapes" unknown_long_name(1 << 20, r"\n");
    "an unknown name of 1 MiB of tildes" unknown_long_name(1 << 20, "~");
    "an unknown name of 1 MiB that can't be seen" unknown_long_name(1 << 18, "\u{202e}");
    "100 unknown names of 128 deletes" Question::new("[]", members(100, |_| format!("\"{}\":0", "\u{7f}".repeat(128))));
    "75 unknown names of 391 tildes" Question::new("[]", members(75, |_| format!("\"{}\":0", "~".repeat(391))));
    "100 duplicate keys below a name of 60,000 characters" duplicates_below(&"k".repeat(60_000));
    "100 duplicate keys below a name of 1,000 characters" duplicates_below(&"k".repeat(1_000));
    "100 duplicate keys below a name of 1,000 control characters" duplicates_below(&r"\u0001".repeat(1_000));
    "100 duplicate keys below a name of deletes and tildes" duplicates_below(&format!("{}{}", "\u{7f}".repeat(16), "~".repeat(48)));
    "100 values beside a listed one of 1 MiB" beside_listed(&"x".repeat(1 << 20), "y");
    "100 values beside a listed one of control characters" beside_listed(&"\u{1}".repeat(255), "y");
    "100 values beside two listed ones of control characters" beside_two_listed();
    "100 values near to a listed one of 200 deletes" beside_listed(&"\u{7f}".repeat(200), &"\u{7f}".repeat(199));
    "100,000 unknown keys" Question::new("[]", members(100_000, |_| r#""x":0"#.into()));
    // The business attributes.
    "100,000 dispositions, an unknown id" business(100_000, r#"{"disposition":-5}"#);
    "100,000 dispositions, an unknown name" business(100_000, r#"{"disposition":"name of value 0070x"}"#);
    "100,000 dispositions, an id in quotes" business(100_000, r#"{"disposition":"70"}"#);
    "4 enumerations of 10,000, near names" four_enumerations("name of value 0070x");
    "4 enumerations of 10,000, names of 255 characters" four_enumerations(&format!("{:é<254}x", "name of value"));
    "a known field 100,000 times" Question::new("[]", members(100_000, |_| r#""disposition":1"#.into()));
    "all fixed fields wrong, 1,000 times" fixed_fields_wrong();
    // Many extensions.
    "8,000 extensions, twice" many_extensions(8_000, false);
    "8,000 extensions in reverse, twice" many_extensions(8_000, true);
    "8,000 empty extensions, twice" many_empty_extensions(8_000);
    "60,000 extensions of {}, twice" extensions_without_values(60_000);
    "2,000 extensions of {}, twice" extensions_without_values(2_000);
    "8,000 extensions, all stored otherwise" stored_otherwise(8_000);
    "8,000 other extensions stored" others_stored(8_000);
    "1,000 keyed extensions of 9 records" keyed_extensions(1_000, 9);
    "100 keyed extensions of 100 records" keyed_extensions(100, 100);
    "10,000 keyed extensions of one record, after one of 10,000" keyed_after_large(10_000);
    "a keyed schema of 256 columns, records {}" keyed_columns("{}", 10_000);
    "a keyed schema of 256 columns, all duplicates" keyed_columns(r#"{"a_0":1}"#, 1_000);
    "a keyed schema of 256 columns, all different" keyed_differing(3_000);
    "100 duplicates of {}, half of the key by default" short_duplicates(104);
    "missing extensions" missing_extensions(1_000, "{}");
    "9,999 missing extensions, one that is there" missing_extensions(10_000, r#"{"Extension_of_the_host_0000":[{}]}"#);
    "stored elements that are no records" unreadable(&one("multi-valued", "\"integer\""), list("0", 300_000));
    "stored duplicates of a key, in an open extension" unreadable("[]", format!(r#"{{"":0{}}}"#, r#","":0"#.repeat(200_000))).open();
    "the last 170 of 256 attributes, twice" last_attributes(170, 100);
    // Defaults.
    "{} of 256 defaults of 100 characters" defaults(256, 100, "{}", 10_000);
    "the same, just small enough" defaults(256, 100, "{}", 1_100);
    "{} of one default of 400,000 characters" defaults(1, 400_000, "{}", 10_000);
    "the same, 80 records" defaults(1, 400_000, "{}", 80);
    "{} of 256 defaults of 1 character" defaults(256, 1, "{}", 10_000);
    "{} of 40 defaults of 1 character" defaults(40, 1, "{}", 10_000);
    "defaults put off by null" defaults(256, 100, r#"{"a_255":null}"#, 1_100);
    "a default of 30 MiB, one record" defaults(1, 30 << 20, "{}", 1);
    "16 extensions of {} of 256 defaults" many_defaults(16);
    // Missing, null and wrong.
    "10,000 records that lack 256 attributes" lacking(10_000, "{}");
    "10,000 records with null for what is mandatory" lacking(10_000, r#"{"a_0":null}"#);
    "256 nulls a record, respelt" null_everywhere(400, true);
    "256 nulls a record" null_everywhere(400, false);
    "all of another type" values("\"integer\"", "\"x\"", 10_000);
    "numbers for strings" values("\"string\"", "123456", 10_000);
    "objects for scalars" values("\"string\"", "{\"a\":{\"b\":[]}}", 10_000);
    "duplicate keys by the thousand" duplicate_keys();
    "names in another case" values_of("A_0", "\"integer\"", "7", 30_000);
    "wide integers" values("\"long\"", "-9223372036854775808", 10_000);
    "too wide integers" values("\"long\"", "92233720368547758089223372036854775808", 10_000);
    "1.0 with 300 digits" values("\"long\"", &format!("1.{:0<300}", ""), 2_000);
    "doubles of 700 digits" values("\"double\"", &format!("0.{:1<700}e-300", ""), 1_000);
    "doubles hard to round" values("\"double\"", "2.22507385850720113605740979670913197593481954635164564e-308", 10_000);
    "amounts" values("\"currency\"", "0.1234", 10_000);
    "amounts in exponent form" values("\"currency\"", "1e-4", 30_000);
    "amounts as strings" values("\"currency\"", "\"-922337203685477.5808\"", 10_000);
    "timestamps with offsets" values("\"datetime\"", "\"2009-05-12t23:59:59.999999999999999-23:59\"", 10_000);
    "timestamps in escapes" values("\"datetime\"", r#""\u0032009-05-12T12:05:12Z""#, 10_000);
    "timestamps with long fractions" values("\"datetime\"", &format!("\"2009-05-12T12:05:12.{:0<1000}Z\"", ""), 1_000);
    "dates written as timestamps" values("\"date\"", "\"2009-05-13T01:00:00+01:00\"", 10_000);
    "wrong dates" values("\"date\"", "\"2009-02-30\"", 10_000);
    // Text.
    "long strings with escapes" values("\"string\"", &format!("\"{}\"", r"\n".repeat(10_000)), 50);
    "long strings in \\u escapes" values("\"string\"", &format!("\"{}\"", r"\ud83d\ude00".repeat(10_000)), 10);
    "short strings in escapes" values("\"string\"", r#""\n""#, 50_000);
    "strings of control characters, twice" values("\"string\"", &format!("\"{}\"", r"\u0001".repeat(10_000)), 10);
    "empty strings" values("\"string\"", "\"\"", 50_000);
    "non-ASCII names" Question::new("[]", members(10_000, |n| format!(r#""名{n}":"値""#)));
    "too long strings in other letters" values("\"string\", \"length\": 64", &format!("\"{:é<65}\"", ""), 5_000);
    // What is skipped.
    "a million brackets deep" Question::new("[]", format!(r#"{{"x":{}"#, "[".repeat(1_000_000)));
    "120 deep, skipped, many times" Question::new("[]", members(1_000, |_| format!(r#""x":{}{}"#, "[".repeat(120), "]".repeat(120))));
    "objects skipped" Question::new("[]", members(100_000, |_| r#""x":{"":0}"#.into()));
    "arrays skipped" Question::new("[]", format!(r#"{{"x":[0{}]}}"#, ",0".repeat(500_000)));
    "objects skipped where an array is due" Question::new(&one("multi-valued", "\"integer\""), format!(r#"{{"E":{{"a":0{}}}}}"#, r#","a":0"#.repeat(100_000)));
    "records beyond the limit" Question::new(&one("multi-valued", "\"integer\""), format!(r#"{{"E":[{{}}{}]}}"#, ",{}".repeat(200_000)));
    "120 elements that are no records" Question::new(&one("multi-valued", "\"integer\""), format!(r#"{{"E":[0{}]}}"#, ",0".repeat(119)));
    "elements that are no records" Question::new(&one("multi-valued", "\"integer\""), format!(r#"{{"E":[0{}]}}"#, ",0".repeat(9_999)));
    "a million elements, 100 of them located" Question::new(&one("multi-valued", "\"integer\""), format!(r#"{{"E":[0{}]}}"#, ",0".repeat(1_000_000)));
    "100,000 empty records in quotes" Question::new(&one("multi-valued", "\"integer\""), format!(r#"{{"E":[""{}]}}"#, r#","""#.repeat(100_000)));
    "a wrong value of 1 MiB, located 100 times" Question::new("[]", members(100, |_| format!(r#""resource_id":[{}0]"#, "0,".repeat(5_000))));
    "100 attributes missing in one record of 1 MiB" lacking(1, &format!(r#"{{"x":"{}"}}"#, "x".repeat(1 << 20)));
    "100 attributes missing in a record of many members" lacking(1, &format!("{{{}}}", vec![r#""":0"#; 20_000].join(",")));
    "violations of a record of 256 nulls in reverse" lacking(1, &reversed_nulls());
    "blanks" Question::new("[]", format!("{}{{}}", " ".repeat(1 << 20)));
    // The answer.
    "violations at the end of a line of 8 MiB" one_long_line("x");
    "the same, in other letters" one_long_line("é");
    "violations all over a line of 1 MiB" all_over_a_line();
    "violations at the end of a million lines" many_lines();
    "violations in reverse places" reverse_places();
    "violations in long lines of blanks" lines_of(&" ".repeat(5_000));
    "violations between non-ASCII keys" lines_of(&"\u{202e}".repeat(1_300));
    "violations between long strings" between_long_strings(5_000);
    "a violation deep in each of 100 arrays of 1,000" deep_in_arrays(100, 1_000);
    "violations taking turns between containers" taking_turns();
    "all violations kept, 100,000 unknown keys" Question::new("[]", members(100_000, |_| r#""x":0"#.into())).max_violations(usize::MAX);
    "all violations kept, 10,000 records that lack 256" lacking(1_000, "{}").max_violations(usize::MAX);
    "all violations kept, one line" lacking(10_000, r#"{"a_0":"x"}"#).max_violations(2_000);
    "all violations kept, 10,000 missing extensions" missing_extensions(10_000, "{}").max_violations(usize::MAX);
    "all violations kept, names of 60 deletes" Question::new("[]", members(1_000, |_| format!("\"{}\":0", "\u{7f}".repeat(60)))).max_violations(usize::MAX);
    "1,000 violations kept" Question::new("[]", members(1_000, |_| r#""x":0"#.into())).max_violations(1_000);
    "duplicate records, all kept" keyed_columns("{}", 3_000).max_violations(3_000);
    // Open extensions, which are compared by what they say.
    "open, in other order on each of 32 levels" open_otherwise(OPEN_BYTES, 32, in_order, out_of_order);
    "open, in other order on each of 100 levels, 256 KiB" open_otherwise(1 << 18, 100, in_order, out_of_order);
    "open, 1 MiB of text below 32 levels in other order" open_otherwise(1 << 20, 32, text_in_order, text_out_of_order);
    "open, numbers in another form" open_otherwise(OPEN_BYTES, 32, |_, bytes| list("1", bytes / 2), |_, bytes| list("1.0", bytes / 2));
    "open, 256 KiB of numbers in another form" open_otherwise(1 << 18, 32, |_, bytes| list("1", bytes / 2), |_, bytes| list("1.0", bytes / 2));
    "open, members in reverse" open_otherwise(OPEN_BYTES, 32, |_, bytes| reversed(bytes, false), |_, bytes| reversed(bytes, true));
    "open, 256 KiB of members in reverse" open_otherwise(1 << 18, 32, |_, bytes| reversed(bytes, false), |_, bytes| reversed(bytes, true));
    "open, escapes in another form" open_otherwise(OPEN_BYTES, 32, |_, bytes| list(r#""\u0041""#, bytes / 9), |_, bytes| list(r#""A""#, bytes / 9));
    "700,000 open names, twice" Question::new("[]", members(700_000, |n| format!("\"E{n:x}\":0"))).open();
    "100,000 open names, all stored otherwise" open_names_stored(100_000);
    // Not JSON.
    "an error at the first byte of 1 MiB" Question::new("[]", format!("x{}", " ".repeat(1 << 20)));
    "the same, in other letters" Question::new("[]", "é".repeat(1 << 19));
    "an error behind a million lines" Question::new("[]", format!("{{{}x", "\n".repeat(1_000_000)));
    "not UTF-8 at the end of 1 MiB" not_utf8();
    "a number of 1 MiB that is cut off" Question::new("[]", format!("{{\"x\":1{}e", "0".repeat(1 << 20)));
    "an open string of 1 MiB" Question::new("[]", format!("{{\"{}", r"\n".repeat(1 << 19)));
    "a syntax error at the end of a line of 1 MiB" Question::new("[]", format!("{{\"x\":\"{}\"", "é".repeat(1 << 19)));
}

/// A body of many members.
fn members(count: usize, member: impl Fn(usize) -> String) -> String {
    let members: Vec<_> = (0..count).map(member).collect();
    format!("{{{}}}", members.join(","))
}

/// A body of one extension with many records.
fn records(count: usize, record: impl Fn(usize) -> String) -> String {
    let records: Vec<_> = (0..count).map(record).collect();
    format!("{{\"E\":[{}]}}", records.join(","))
}

/// A schema as JSON, of attributes `a_0` and so on.
fn schema(
    name: &str,
    extension_type: &str,
    attributes: impl IntoIterator<Item = String>,
    more: &str,
) -> String {
    let mut schema = format!(r#"{{"name":"{name}","type":"{extension_type}","attributes":["#);
    for (n, attribute) in attributes.into_iter().enumerate() {
        let comma = if n > 0 { "," } else { "" };
        write!(schema, r#"{comma}{{"name":"a_{n}","type":{attribute}}}"#).unwrap();
    }
    schema + "]" + more + "}"
}

fn one(extension_type: &str, attribute: &str) -> String {
    format!("[{}]", schema("E", extension_type, [attribute.into()], ""))
}

fn alike(count: usize, attribute: &str) -> Vec<String> {
    vec![attribute.into(); count]
}

fn named_attributes(count: usize, length: usize) -> String {
    let attributes: Vec<_> = (0..count)
        .map(|n| format!(r#"{{"name":"{:a<length$}{n:04}","type":"integer"}}"#, "", length = length - 4))
        .collect();
    format!(r#"[{{"name":"E","type":"multi-valued","attributes":[{}]}}]"#, attributes.join(","))
}

fn near_attributes(count: usize, unknown: usize, length: usize) -> Question {
    // Each differs by three edits from all of them, which shows late.
    let members: Vec<_> =
        (0..unknown).map(|n| format!("\"{:a<length$}x{n:03}\":0", "", length = length - 4)).collect();
    Question::new(&named_attributes(count, length), format!("{{\"E\":[{{{}}}]}}", members.join(",")))
}

fn near_extensions(count: usize, unknown: usize) -> Question {
    Question::new(
        &small_schemas(count, "extension_of_ours_"),
        members(unknown, |n| format!("\"extension_of_our_x{n:05}\":0")),
    )
}

/// Schemas of one attribute, whose names begin alike.
fn small_schemas(count: usize, name: &str) -> String {
    let schemas: Vec<_> = (0..count)
        .map(|n| schema(&format!("{name}{n:05}"), "single-valued", alike(1, "\"integer\""), ""))
        .collect();
    format!("[{}]", schemas.join(","))
}

/// Found by the search: little is read, and each line that is shown has many short pieces.
fn short_names_with_accents() -> Question {
    Question::new(&small_schemas(1_928, "E"), members(113, |_| r#""éééé":0"#.into()))
}

fn unknown_attributes(name: fn(usize) -> String) -> Question {
    let schemas = format!("[{}]", schema("E", "multi-valued", alike(256, "\"integer\""), ""));
    Question::new(&schemas, records(9_000, |n| format!("{{\"{}\":0}}", name(n))))
}

fn long_known_names(violations: usize) -> Question {
    Question::new(&named_attributes(256, 64), records(violations, |_| "{\"x\":0}".into()))
}

fn unknown_long_names(length: usize) -> Question {
    Question::new("[]", members(100, |n| format!("\"{:x<length$}{n}\":0", "")))
}

fn unknown_long_name(times: usize, piece: &str) -> Question {
    Question::new("[]", format!("{{\"{}\":0}}", piece.repeat(times)))
}

/// A hundred duplicate keys in an open extension, whose pointers all have a long name in them.
fn duplicates_below(name: &str) -> Question {
    let twice = r#","":0"#.repeat(100);
    Question::new("[]", format!(r#"{{"E":{{"{name}":{{"":0{twice}}}}}}}"#)).open()
}

/// A hundred records with a value that is not listed.
fn beside_listed(listed: &str, value: &str) -> Question {
    let (listed, length) = (serde_json::to_string(listed).unwrap(), listed.len());
    let attribute = format!(r#"{{"name":"a","type":"string","length":{length},"values":[{listed}]}}"#);
    let schema = format!(r#"{{"name":"E","type":"multi-valued","attributes":[{attribute}]}}"#);
    let records = vec![format!(r#"{{"a":"{value}"}}"#); 100];
    Question::new(&format!("[{schema}]"), format!(r#"{{"E":[{}]}}"#, records.join(",")))
}

/// A record of a hundred values that are not listed.
fn beside_two_listed() -> Question {
    let listed = [255, 256].map(|length| serde_json::to_string(&"\u{1}".repeat(length)).unwrap());
    let attributes = alike(100, &format!("\"string\",\"values\":[{}]", listed.join(",")));
    let values: Vec<_> = (0..100).map(|n| format!("\"a_{n}\":\"\"")).collect();
    let schemas = format!("[{}]", schema("E", "single-valued", attributes, ""));
    Question::new(&schemas, format!("{{\"E\":{{{}}}}}", values.join(",")))
}

fn enumeration(count: usize) -> String {
    let values: Vec<_> =
        (0..count).map(|n| format!(r#"{{"id":{n},"name":"name of value {n:05}"}}"#)).collect();
    format!("[{}]", values.join(","))
}

fn business(count: usize, body: &str) -> Question {
    Question::new("[]", body).business(&format!("{{\"disposition\":{}}}", enumeration(count)))
}

const BUSINESS: [&str; 4] = ["application_type", "resource_type", "media_type", "disposition"];

fn four_enumerations(name: &str) -> Question {
    let values = enumeration(10_000);
    let attributes = BUSINESS.map(|field| format!("\"{field}\":{values}"));
    let body = BUSINESS.map(|field| format!("\"{field}\":\"{name}\""));
    Question::new("[]", format!("{{{}}}", body.join(","))).business(&format!("{{{}}}", attributes.join(",")))
}

fn fixed_fields_wrong() -> Question {
    let once = r#""session_id":0,"interaction_id":[],"application_id":"x","resource_id":1.5,"timestamp":"x","service_id":{},"disposition_desc":"\u0000","disposition":true"#;
    Question::new("[]", members(1_000, |_| once.into()))
}

fn extensions(count: usize) -> String {
    let schemas: Vec<_> =
        (0..count).map(|n| schema(&format!("E{n}"), "single-valued", alike(1, "\"integer\""), "")).collect();
    format!("[{}]", schemas.join(","))
}

fn many_extensions(count: usize, reverse: bool) -> Question {
    let ordinal = |n| if reverse { count - 1 - n } else { n };
    Question::new(&extensions(count), members(count, |n| format!("\"E{}\":{{\"a_0\":{n}}}", ordinal(n))))
}

fn many_empty_extensions(count: usize) -> Question {
    let schemas: Vec<_> =
        (0..count).map(|n| schema(&format!("E{n}"), "multi-valued", alike(1, "\"integer\""), "")).collect();
    Question::new(&format!("[{}]", schemas.join(",")), members(count, |n| format!("\"E{n}\":[]")))
}

fn extensions_without_values(count: usize) -> Question {
    Question::new(&extensions(count), members(count, |n| format!("\"E{n}\":{{}}")))
}

/// The service has ended before, with other records of every extension.
fn stored_otherwise(count: usize) -> Question {
    many_extensions(count, false).stored(|service| {
        let with = |service: StoredService, n| {
            service.with_extension(&format!("E{n}"), format!("{{\"a_0\":{}}}", n + 1))
        };
        let service = (0..count).fold(service, with);
        ended(&service)
    })
}

fn others_stored(count: usize) -> Question {
    Question::new(&extensions(1), r#"{"E0":{"a_0":1}}"#).stored(|service| {
        (1..count).fold(service, |service, n| service.with_extension(&format!("E{n}"), r#"{"a_0":1}"#))
    })
}

/// The most bytes of an open extension, unless a host says otherwise.
const OPEN_BYTES: usize = 64 << 10;

/// A body with an open extension of so many bytes and levels, and one that is stored and says the same.
fn open_otherwise(
    bytes: usize,
    levels: usize,
    body: fn(usize, usize) -> String,
    stored: fn(usize, usize) -> String,
) -> Question {
    let json = body(levels, bytes - 100);
    assert!(json.len() <= bytes && json.len() > bytes / 2, "{} bytes", json.len());
    let mut question = Question::new("[]", format!("{{\"E\":{json}}}"))
        .open()
        .stored(|service| ended(&service.with_extension("E", stored(levels, bytes - 100))));
    question.validator = question.validator.with_max_open_bytes(bytes).with_max_open_levels(levels);
    question
}

/// A list of the same element.
fn list(element: &str, count: usize) -> String {
    format!("[{element}{}]", format!(",{element}").repeat(count - 1))
}

fn reversed(bytes: usize, is_reversed: bool) -> String {
    let count = bytes / 10;
    members(count, |n| format!("\"{:05x}\":0", if is_reversed { count - 1 - n } else { n }))
}

/// Lists of objects in objects, with so many levels.
fn nested(levels: usize, bytes: usize, level: impl Fn(&str) -> String, inside: &str) -> String {
    let one = (2..levels).fold(inside.to_owned(), |inside, _| level(&inside));
    let count = (bytes / (one.len() + 1)).max(1);
    format!("[{one}{}]", format!(",{one}").repeat(count - 1))
}

fn in_order(levels: usize, bytes: usize) -> String {
    nested(levels, bytes, |inside| format!(r#"{{"a":0,"b":{inside}}}"#), "{}")
}

fn out_of_order(levels: usize, bytes: usize) -> String {
    nested(levels, bytes, |inside| format!(r#"{{"b":{inside},"a":0}}"#), "{}")
}

fn text_in_order(levels: usize, bytes: usize) -> String {
    let text = format!("\"{}\"", "x".repeat(bytes - 2_000));
    nested(levels, bytes, |inside| format!(r#"{{"a":0,"b":{inside}}}"#), &text)
}

fn text_out_of_order(levels: usize, bytes: usize) -> String {
    let text = format!("\"{}\"", "x".repeat(bytes - 2_000));
    nested(levels, bytes, |inside| format!(r#"{{"b":{inside},"a":0}}"#), &text)
}

fn open_names_stored(count: usize) -> Question {
    Question::new("[]", members(count, |n| format!("\"E{n:x}\":0"))).open().stored(|service| {
        let with = |service: StoredService, n| service.with_extension(&format!("E{n:x}"), "1");
        ended(&(0..count).fold(service, with))
    })
}

fn ended(service: &StoredService) -> StoredService {
    let json =
        service.to_json().replacen('{', r#"{"completed":{"timestamp":"2009-05-12T12:05:12.145Z"},"#, 1);
    StoredService::from_json(json, 1).expect("a service")
}

fn keyed(name: &str) -> String {
    schema(name, "multi-valued", alike(1, "\"integer\""), r#","unique":["a_0"]"#)
}

fn keyed_records(count: usize) -> String {
    let records: Vec<_> = (0..count).map(|n| format!("{{\"a_0\":{n}}}")).collect();
    format!("[{}]", records.join(","))
}

fn keyed_extensions(count: usize, records: usize) -> Question {
    let schemas: Vec<_> = (0..count).map(|n| keyed(&format!("E{n}"))).collect();
    let records = keyed_records(records);
    Question::new(&format!("[{}]", schemas.join(",")), members(count, |n| format!("\"E{n}\":{records}")))
}

fn keyed_after_large(count: usize) -> Question {
    let mut question = keyed_extensions(count, 1);
    let first = format!("{{\"E0\":{}", keyed_records(10_000));
    let body = String::from_utf8(question.body).unwrap();
    let (_, rest) = body.split_once(",\"E1\"").unwrap();
    question.body = format!("{first},\"E1\"{rest}").into();
    question
}

fn keyed_wide(attribute: &str) -> String {
    let names: Vec<_> = (0..256).map(|n| format!("\"a_{n}\"")).collect();
    let unique = format!(",\"unique\":[{}]", names.join(","));
    format!("[{}]", schema("E", "multi-valued", alike(256, attribute), &unique))
}

fn keyed_columns(record: &str, count: usize) -> Question {
    Question::new(&keyed_wide("\"integer\""), records(count, |_| record.into()))
}

fn keyed_differing(count: usize) -> Question {
    Question::new(
        &keyed_wide("\"integer\", \"default\": 0"),
        records(count, |n| format!("{{\"a_255\":{n}}}")),
    )
}

fn short_duplicates(count: usize) -> Question {
    let default = |n: usize| if n.is_multiple_of(2) { ",\"default\":0" } else { "" };
    let attributes = (0..100).map(|n| format!("\"integer\"{}", default(n)));
    let key: Vec<_> = (0..100).map(|n| format!("\"a_{n}\"")).collect();
    let key = format!(",\"unique\":[{}]", key.join(","));
    let schemas = format!("[{}]", schema("E", "multi-valued", attributes, &key));
    Question::new(&schemas, records(count, |_| "{}".into()))
}

/// Every schema asks for its extension, and the body has none.
fn missing_extensions(count: usize, body: &str) -> Question {
    let name = |n: usize| format!("Extension_of_the_host_{n:04}");
    let schemas: Vec<_> = (0..count)
        .map(|n| schema(&name(n), "multi-valued", alike(1, "\"integer\""), ",\"required\":true"))
        .collect();
    Question::new(&format!("[{}]", schemas.join(",")), body)
}

/// The service has ended before, with an extension that can't be read.
fn unreadable(schemas: &str, stored: String) -> Question {
    Question::new(schemas, r#"{"E":[]}"#).stored(|service| ended(&service.with_extension("E", stored)))
}

/// What a record leaves out stands before all that it says.
fn last_attributes(count: usize, times: usize) -> Question {
    let schemas = format!("[{}]", schema("E", "multi-valued", alike(256, "\"boolean\""), ""));
    let members: Vec<_> = (256 - count..256).map(|n| format!("\"a_{n}\":true")).collect();
    Question::new(&schemas, records(times, |_| format!("{{{}}}", members.join(","))))
}

fn defaults(attributes: usize, length: usize, record: &str, count: usize) -> Question {
    let attribute = format!("\"string\",\"default\":\"{}\"", "d".repeat(length));
    let schemas = format!("[{}]", schema("E", "multi-valued", alike(attributes, &attribute), ""));
    Question::new(&schemas, records(count, |_| record.into()))
}

fn many_defaults(count: usize) -> Question {
    let attribute = format!("\"string\",\"default\":\"{:d<10}\"", "");
    let schemas: Vec<_> =
        (0..count).map(|n| schema(&format!("E{n}"), "multi-valued", alike(256, &attribute), "")).collect();
    let records = vec!["{}"; 10_000].join(",");
    Question::new(&format!("[{}]", schemas.join(",")), members(count, |n| format!("\"E{n}\":[{records}]")))
}

fn lacking(count: usize, record: &str) -> Question {
    let schemas = schema("E", "multi-valued", alike(256, "\"integer\",\"mandatory\":true"), "");
    Question::new(&format!("[{schemas}]"), records(count, |_| record.into()))
}

fn null_everywhere(count: usize, respelt: bool) -> Question {
    let letter = if respelt { "A" } else { "a" };
    let nulls: Vec<_> = (0..256).rev().map(|n| format!("\"{letter}_{n}\":null")).collect();
    lacking(count, &format!("{{{}}}", nulls.join(",")))
}

fn values(attribute: &str, value: &str, count: usize) -> Question {
    values_of("a_0", attribute, value, count)
}

/// Many records, at most 10,000 in each of the extensions.
fn values_of(name: &str, attribute: &str, value: &str, count: usize) -> Question {
    let extensions = count.div_ceil(10_000);
    let schemas: Vec<_> =
        (0..extensions).map(|n| schema(&format!("E{n}"), "multi-valued", alike(1, attribute), "")).collect();
    let record = format!("{{\"{name}\":{value}}}");
    let records = vec![record; count.min(10_000)].join(",");
    Question::new(
        &format!("[{}]", schemas.join(",")),
        members(extensions, |n| format!("\"E{n}\":[{records}]")),
    )
}

/// The attributes that are missing have their places in one large record, from its end to its beginning.
fn reversed_nulls() -> String {
    let nulls: Vec<_> = (0..100).rev().map(|n| format!("\"a_{n}\":null,\"{:x<5000}\":0", "")).collect();
    format!("{{{}}}", nulls.join(","))
}

fn duplicate_keys() -> Question {
    let members = [r#""a_0":0,"A_0":1"#; 10].join(",");
    Question::new(&one("multi-valued", "\"integer\""), records(5_000, |_| format!("{{{members}}}")))
}

fn hundred_wrong() -> String {
    vec![r#""x":0"#; 100].join(",")
}

fn one_long_line(letter: &str) -> Question {
    let text = letter.repeat((8_000_000 - 1_000) / letter.len());
    Question::new("[]", format!(r#"{{"y":"{text}",{}}}"#, hundred_wrong()))
}

fn all_over_a_line() -> Question {
    let text = "x".repeat(10_000);
    Question::new("[]", members(100, |_| format!(r#""interaction_id":"{text}""#)))
}

fn many_lines() -> Question {
    Question::new("[]", format!("{{{}{}}}", "\n".repeat(1_000_000), hundred_wrong()))
}

/// Missing attributes point at the beginning of records whose other violations come before.
fn reverse_places() -> Question {
    lacking(100, &format!("{{\"a_3\":{}\"x\"}}", " ".repeat(5_000)))
}

fn lines_of(text: &str) -> Question {
    Question::new("[]", members(100, |_| format!("\n\"\":0,{}\"{text}\":0", " ".repeat(3_000))))
}

fn between_long_strings(length: usize) -> Question {
    Question::new("[]", members(100, |n| format!("\"k{n}\":\"{}\"", "é".repeat(length))))
}

/// A violation in each of many arrays, all of which must be looked into again for it.
fn deep_in_arrays(arrays: usize, elements: usize) -> Question {
    let schemas: Vec<_> =
        (0..arrays).map(|n| schema(&format!("E{n}"), "multi-valued", alike(1, "\"integer\""), "")).collect();
    let valid = vec!["{}"; elements].join(",");
    Question::new(
        &format!("[{}]", schemas.join(",")),
        members(arrays, |n| format!("\"E{n}\":[{valid},{{\"a_0\":\"x\"}}]")),
    )
}

/// Records wide as can be, each of which is looked into for one violation.
fn taking_turns() -> Question {
    let members: Vec<_> =
        (0..256).map(|n| format!("\"a_{n}\":{}", if n == 200 { "\"x\"" } else { "1" })).collect();
    let schemas = format!("[{}]", schema("E", "multi-valued", alike(256, "\"integer\""), ""));
    Question::new(&schemas, records(100, |_| format!("{{{}}}", members.join(","))))
}

fn not_utf8() -> Question {
    let mut body = format!("{{\"x\":\"{}", "é".repeat(1 << 19)).into_bytes();
    body.push(0xff);
    Question::new("[]", body)
}
