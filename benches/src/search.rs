//! Looks for the question that costs most: random schemas and bodies, of which the costliest are kept and changed.
//!
//! Time stands for instructions here, since it is cheap to take; the guard counts instructions of what comes out.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::case::Dice;
use crate::costs::{ALLOWANCE, INSTRUCTIONS_PER_BYTE, Question, TIMES_IGNORED, ask, memory};
use crate::heap::Counting;

/// Longer bodies are not asked, so that many are.
const LONGEST: usize = 64 << 10;
/// How many are kept of each kind.
const KEPT: usize = 6;
/// What is looked for: a part that costs much, all of it, the memory, and a retry next to the first end.
const KINDS: [&str; 8] = ["reading", "ending", "retrying", "document", "rendering", "all", "memory", "retry"];

/// A question as a recipe that can be changed a little, written down, and made again.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Genome {
    schemas: usize,
    many: bool,
    attributes: usize,
    name_length: usize,
    types: usize,
    default_length: usize,
    /// Every n-th attribute is mandatory, or none.
    mandatory: usize,
    unique: usize,
    dispositions: usize,
    body: Vec<Member>,
    /// How many thousandths of the body are sent.
    cut: usize,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Member {
    count: usize,
    key: Key,
    value: Value,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
enum Key {
    /// The next extension or attribute.
    Next,
    NextInOtherCase,
    First,
    Last,
    Near,
    Text(usize, usize),
    Field(usize),
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
enum Value {
    /// What fits: of an extension so many records with one attribute, of an attribute a value of its type.
    Fit(usize),
    Literal(usize),
    Text(usize, usize),
    Deep(usize),
    List(usize, Box<Value>),
    Object(Vec<Member>),
}

const PIECES: [&str; 10] =
    ["x", "é", "名", r"\n", r"\u0001", r"\ud83d\ude00", r"\u0000", "~", "\u{202e}", " "];
const LITERALS: [&str; 20] = [
    "null",
    "true",
    "0",
    "7.0",
    "-9223372036854775808",
    "123456789012345678901234567890",
    "1e300",
    "2.2250738585072011360574097967091319759348195463516e-308",
    "0.1234",
    "1e-4",
    "\"2009-05-12\"",
    "\"2009-05-12T12:05:12.145Z\"",
    "\"2009-05-12t23:59:59.999999999-23:59\"",
    "\"-922337203685477.5808\"",
    "\"\"",
    "\"70\"",
    "\"name of value 0070x\"",
    "{}",
    "[]",
    "\n\n 1",
];
const TYPES: [&str; 8] = ["string", "integer", "long", "double", "boolean", "date", "datetime", "currency"];
const FIELDS: [&str; 11] = [
    "session_id",
    "interaction_id",
    "application_type",
    "resource_type",
    "media_type",
    "disposition",
    "application_id",
    "resource_id",
    "disposition_desc",
    "timestamp",
    "service_id",
];

impl Genome {
    fn random(dice: &mut Dice) -> Self {
        let mut genome = Genome {
            schemas: 1,
            many: dice.below(3) > 0,
            attributes: amount(dice, 256),
            name_length: amount(dice, 60),
            types: dice.below(9),
            default_length: 0,
            mandatory: 0,
            unique: 0,
            dispositions: 0,
            body: (0..=dice.below(2)).map(|_| member(dice, 0)).collect(),
            cut: 1000,
        };
        (0..dice.below(8)).for_each(|_| genome.change(dice));
        genome
    }

    fn change(&mut self, dice: &mut Dice) {
        match dice.below(24) {
            0 => self.schemas = amount(dice, 2_000),
            1 => self.many = !self.many,
            2 => self.attributes = amount(dice, 256),
            3 => self.name_length = amount(dice, 60),
            4 => self.types = dice.below(TYPES.len() + 1),
            5 => self.default_length = if dice.below(3) == 0 { 0 } else { amount(dice, 100_000) },
            6 => self.mandatory = dice.below(4),
            7 => self.unique = if dice.below(3) == 0 { 0 } else { amount(dice, 256) },
            8 => self.dispositions = if dice.below(3) == 0 { 0 } else { amount(dice, 10_000) },
            9 => self.cut = if dice.below(2) == 0 { 1000 } else { dice.below(1001) },
            _ => change_members(&mut self.body, dice, 0),
        }
    }

    /// Makes the question.
    pub fn question(&self) -> Question {
        let mut body = String::new();
        self.object(&mut body, &self.body, true);
        let mut end = body.len() * self.cut.min(1000) / 1000;
        while !body.is_char_boundary(end) {
            end -= 1;
        }
        body.truncate(end);
        let question = Question::new(&self.schemas(), body);
        if self.dispositions == 0 {
            return question;
        }
        let values: Vec<_> = (0..self.dispositions)
            .map(|n| format!(r#"{{"id":{n},"name":"name of value {n:05}"}}"#))
            .collect();
        let values = values.join(",");
        let fields = ["application_type", "resource_type", "media_type", "disposition"];
        let fields = fields.map(|field| format!("\"{field}\":[{values}]"));
        question.business(&format!("{{{}}}", fields.join(",")))
    }

    fn schemas(&self) -> String {
        // What all schemas hold at once has a limit too.
        let attributes = self.attributes.min(20_000 / self.schemas).max(1);
        let extension_type = if self.many { "multi-valued" } else { "single-valued" };
        let mut declared = String::new();
        for n in 0..attributes {
            let attribute_type = self.attribute_type(n);
            write!(declared, ",").unwrap();
            if n == 0 {
                declared.clear();
            }
            write!(
                declared,
                r#"{{"name":"{}","type":"{attribute_type}""#,
                Self::name('a', n, self.name_length)
            )
            .unwrap();
            if self.mandatory > 0 && n % self.mandatory == 0 {
                declared += r#","mandatory":true"#;
            } else if self.default_length > 0 {
                let length = self.default_length.min(2_000_000 / (attributes * self.schemas));
                let default = match attribute_type {
                    "string" => format!("\"{}\"", "d".repeat(length)),
                    "boolean" => "true".into(),
                    "date" => "\"2009-05-12\"".into(),
                    "datetime" => "\"2009-05-12T12:05:12.145Z\"".into(),
                    _ => "1234567".into(),
                };
                write!(declared, r#","default":{default}"#).unwrap();
            }
            declared.push('}');
        }
        let unique: Vec<_> = (0..self.unique.min(attributes))
            .map(|n| format!("\"{}\"", Self::name('a', n, self.name_length)))
            .collect();
        let unique = unique.join(",");
        let schemas: Vec<_> = (0..self.schemas)
            .map(|n| {
                let name = Self::name('E', n, self.name_length.min(26));
                format!(r#"{{"name":"{name}","type":"{extension_type}","attributes":[{declared}],"unique":[{unique}]}}"#)
            })
            .collect();
        format!("[{}]", schemas.join(","))
    }

    fn attribute_type(&self, attribute: usize) -> &'static str {
        TYPES[if self.types < TYPES.len() { self.types } else { attribute % TYPES.len() }]
    }

    fn name(letter: char, n: usize, length: usize) -> String {
        format!("{letter}{:x<length$}{n:05}", "", length = length.saturating_sub(6))
    }

    fn object(&self, out: &mut String, members: &[Member], top: bool) {
        let (letter, length, names) = if top {
            ('E', self.name_length.min(26), self.schemas)
        } else {
            ('a', self.name_length, self.attributes)
        };
        out.push('{');
        let mut next = 0;
        let mut first = true;
        for member in members {
            for _ in 0..member.count {
                if out.len() > LONGEST {
                    break;
                }
                if !first {
                    out.push(',');
                }
                first = false;
                let key = match member.key {
                    Key::Next => Self::name(letter, next % names, length),
                    Key::NextInOtherCase => Self::name(letter, next % names, length).to_uppercase(),
                    Key::First => Self::name(letter, 0, length),
                    Key::Last => Self::name(letter, names - 1, length),
                    Key::Near => Self::name(letter, next, length).replacen('0', "y", 2),
                    Key::Text(piece, length) => PIECES[piece].repeat(length),
                    Key::Field(field) => FIELDS[field].to_owned(),
                };
                write!(out, "\"{key}\":").unwrap();
                match &member.value {
                    Value::Fit(count) if top => self.fitting_records(out, *count),
                    Value::Fit(_) => self.fitting_value(out, next % names, next),
                    value => self.value(out, value),
                }
                next += usize::from(matches!(member.key, Key::Next | Key::NextInOtherCase | Key::Near));
            }
        }
        out.push('}');
    }

    fn fitting_records(&self, out: &mut String, count: usize) {
        let count = if self.many { count } else { 1 };
        out.push_str(if self.many { "[" } else { "" });
        for n in 0..count {
            if out.len() > LONGEST {
                break;
            }
            write!(out, "{}{{\"{}\":", if n > 0 { "," } else { "" }, Self::name('a', 0, self.name_length))
                .unwrap();
            self.fitting_value(out, 0, n);
            out.push('}');
        }
        out.push_str(if self.many { "]" } else { "" });
    }

    fn fitting_value(&self, out: &mut String, attribute: usize, n: usize) {
        match self.attribute_type(attribute) {
            "string" => write!(out, "\"{n}\"").unwrap(),
            "boolean" => *out += "true",
            "date" => *out += "\"2009-05-12\"",
            "datetime" => *out += "\"2009-05-12T12:05:12.145Z\"",
            _ => write!(out, "{n}").unwrap(),
        }
    }

    fn value(&self, out: &mut String, value: &Value) {
        match value {
            Value::Fit(n) => write!(out, "{n}").unwrap(),
            Value::Literal(literal) => *out += LITERALS[*literal],
            Value::Text(piece, length) => {
                let piece = PIECES[*piece];
                let length = (*length).min(LONGEST.saturating_sub(out.len()) / piece.len());
                write!(out, "\"{}\"", piece.repeat(length)).unwrap();
            }
            Value::Deep(depth) => write!(out, "{}{}", "[".repeat(*depth), "]".repeat(*depth)).unwrap(),
            Value::List(count, value) => {
                out.push('[');
                for n in 0..*count {
                    if out.len() > LONGEST {
                        break;
                    }
                    if n > 0 {
                        out.push(',');
                    }
                    self.value(out, value);
                }
                out.push(']');
            }
            Value::Object(members) => self.object(out, members, false),
        }
    }
}

/// A number up to a limit, small ones as often as large ones.
fn amount(dice: &mut Dice, most: usize) -> usize {
    let bits = dice.below(most.ilog2() as usize + 1);
    ((1 << bits) + dice.below(1 << bits)).min(most)
}

fn key(dice: &mut Dice) -> Key {
    match dice.below(10) {
        0..4 => Key::Next,
        4 => Key::NextInOtherCase,
        5 => Key::First,
        6 => Key::Last,
        7 => Key::Near,
        8 => Key::Text(dice.below(PIECES.len()), amount(dice, 10_000)),
        _ => Key::Field(dice.below(FIELDS.len())),
    }
}

fn value(dice: &mut Dice, depth: usize) -> Value {
    match dice.below(if depth < 3 { 10 } else { 5 }) {
        0..2 => Value::Fit(amount(dice, 1_000)),
        2 => Value::Literal(dice.below(LITERALS.len())),
        3 => Value::Text(dice.below(PIECES.len()), amount(dice, 20_000)),
        4 => Value::Deep(amount(dice, 120)),
        5..8 => Value::List(amount(dice, 10_000), Box::new(value(dice, depth + 1))),
        _ => Value::Object((0..dice.below(3)).map(|_| member(dice, depth + 1)).collect()),
    }
}

fn member(dice: &mut Dice, depth: usize) -> Member {
    let count = amount(dice, if depth == 0 { 10_000 } else { 300 });
    Member { count, key: key(dice), value: value(dice, depth) }
}

fn change_members(members: &mut Vec<Member>, dice: &mut Dice, depth: usize) {
    let at = dice.below(members.len().max(1));
    let Some(chosen) = members.get_mut(at) else { return members.push(member(dice, depth)) };
    match dice.below(9) {
        0 => chosen.count = amount(dice, 10_000),
        1 => chosen.count = (chosen.count * 2).min(20_000),
        2 => chosen.key = key(dice),
        3 => chosen.value = value(dice, depth),
        4 => {
            let copy = chosen.clone();
            members.insert(dice.below(members.len() + 1), copy);
        }
        5 => drop(members.remove(at)),
        6 => members.push(member(dice, depth)),
        _ => change_value(&mut chosen.value, dice, depth),
    }
}

fn change_value(value: &mut Value, dice: &mut Dice, depth: usize) {
    match value {
        Value::Fit(count) => *count = amount(dice, 10_000),
        Value::Literal(literal) => *literal = dice.below(LITERALS.len()),
        Value::Text(_, length) | Value::Deep(length) if dice.below(2) == 0 => *length = amount(dice, 120),
        Value::Text(piece, _) => *piece = dice.below(PIECES.len()),
        Value::Deep(_) => *value = self::value(dice, depth),
        Value::List(count, _) if dice.below(2) == 0 => *count = amount(dice, 10_000),
        Value::List(_, element) => change_value(element, dice, depth + 1),
        Value::Object(members) => change_members(members, dice, depth + 1),
    }
}

/// A search under way.
#[derive(Debug)]
pub struct Search {
    dice: Dice,
    /// For each of the kinds the costliest, each with its figure.
    kept: [Vec<(f64, Genome)>; KINDS.len()],
    asked: usize,
    /// The seconds that the allowance of instructions takes.
    allowance: f64,
}

impl Search {
    /// Begins, at a place of its own for each seed.
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new();
        (0..seed % 100_000).for_each(|_| {
            dice.throw();
        });
        // `IgnoredAny` takes some twelve instructions a byte on bodies like this one.
        let case = crate::workloads::rec(1_000);
        let question = Question { body: case.body, validator: case.validator, ..Question::new("[]", "") };
        let seconds = (0..9).map(|_| ask(&question)[0]).fold(f64::MAX, f64::min);
        let allowance = seconds * ALLOWANCE / (INSTRUCTIONS_PER_BYTE * question.body.len() as f64);
        Search { dice, kept: Default::default(), asked: 0, allowance }
    }

    /// Asks one more question.
    pub fn step(&mut self, heap: &Counting) {
        let dice = &mut self.dice;
        let genomes: usize = self.kept.iter().map(Vec::len).sum();
        let genome = if genomes == 0 || dice.below(8) == 0 {
            Genome::random(dice)
        } else {
            let at = dice.below(genomes);
            let mut genome = self.kept.iter().flatten().nth(at).expect("one of them").1.clone();
            (0..=dice.below(4)).for_each(|_| genome.change(dice));
            genome
        };
        let question = genome.question();
        if question.body.len() > 4 * LONGEST {
            return;
        }
        self.asked += 1;
        let least = if question.is_json() {
            0.0
        } else {
            self.allowance / ALLOWANCE * INSTRUCTIONS_PER_BYTE * question.body.len() as f64
        };
        let take_times = || {
            let [ignored, parts @ ..] = ask(&question);
            let [read, end, retry, document, rendering] = parts;
            [ignored.max(least), read, end, retry, document, rendering]
        };
        let mut times = take_times();
        // Of what is worth it, the best of three: others run on the machine too.
        if self.figures(times).iter().zip(&self.kept).any(|(figure, kept)| worth(*figure, kept)) {
            for _ in 0..2 {
                for (time, again) in times.iter_mut().zip(take_times()) {
                    *time = time.min(again);
                }
            }
        }
        let figures = self.figures(times);
        let memory = memory(heap, &question).of_the_bound();
        let [ignored, read, end, retry, ..] = times;
        // A retry of next to nothing says nothing.
        let slow = retry > self.allowance / 10.0 && ignored > 0.0;
        let figures = figures.into_iter().chain([memory, if slow { retry / (read + end) } else { 0.0 }]);
        for (figure, kept) in figures.zip(&mut self.kept) {
            if worth(figure, kept) && kept.iter().all(|(_, other)| *other != genome) {
                kept.push((figure, genome.clone()));
                kept.sort_by(|(one, _), (other, _)| other.total_cmp(one));
                kept.truncate(KEPT);
            }
        }
    }

    /// Each part, then all of them, in times of the bound.
    fn figures(&self, times: [f64; 6]) -> [f64; 6] {
        let [ignored, parts @ ..] = times;
        let bound = TIMES_IGNORED * ignored + self.allowance;
        let [read, end, retry, document, rendering] = parts.map(|part| part / bound);
        [read, end, retry, document, rendering, parts.iter().sum::<f64>() / bound]
    }

    /// How many questions were asked.
    pub fn asked(&self) -> usize {
        self.asked
    }

    /// The costliest question of each kind.
    pub fn worst(&self) -> impl Iterator<Item = (&'static str, &Genome)> {
        KINDS.into_iter().zip(&self.kept).filter_map(|(kind, kept)| Some((kind, &kept.first()?.1)))
    }
}

fn worth(figure: f64, kept: &[(f64, Genome)]) -> bool {
    figure > 0.0 && (kept.len() < KEPT || kept.last().is_some_and(|(least, _)| figure > *least))
}
