use serde::ser::{Serialize, SerializeMap, Serializer};

use super::answer::{Answer, Question};
use super::change::{Breaks, Change, ChangeCode};
use super::extension::{Refused, refused};
use super::member::append;
use super::open;
use super::record::shortest_extension;
use super::rule::Door;
use crate::schema::extension::ExtensionSchema;
use crate::schema::set::Schemas;

/// What becomes of callers and of what is stored when one version of a schema, or of a set, takes the place of another.
///
/// The answers are exact: it is no if and only if there is a witness that proves it. Limits of size are left aside (how
/// many records an extension may have, how long a body may be). One combination is answered no without a witness,
/// [`Answer::Unproven`]: the only thing that the new version refuses is text of more than 1,048,576 characters, since its
/// `length` is at least that. Such a witness would be longer than most limits.
///
/// - *Accepts* means: the body ends an active service that has no extension stored.
/// - *Stored* is what is written for a stored service: only effective values, in their canonical form. It reads with
///   equal values if the JSON that is written of it again is the same, names in any case and numbers by value: an
///   `integer` that became a `double` does, and so does a `date` that became a `string`.
///
/// ```
/// use service_end::{AttributeSchema, ExtensionSchema};
/// let note = |length| {
///     ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string("text").length(length)).build()
/// };
/// let comparison = note(3)?.compare(&note(2)?);
/// assert_eq!(comparison.bodies().witness(), Some(r#"{"Note":{"text":"aaa"}}"#));
/// assert_eq!(comparison.records().witness(), Some(r#"{"text":"aaa"}"#));
/// assert!(comparison.rollback().is_safe());
/// assert_eq!(comparison.changes()[0].to_string(),
///     "/attributes/0/length: length_changed: attribute `text` has a length of 2 instead of a length of 3");
/// # Ok::<(), service_end::Violations>(())
/// ```
///
/// As JSON it is an object with the three answers and the changes:
/// `{"bodies":{"safe":true},"records":{"safe":false,"witness":"…"},"rollback":{"safe":true},"changes":[…]}`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Comparison {
    bodies: Answer,
    records: Answer,
    rollback: Answer,
    changes: Vec<Change>,
}

impl Comparison {
    /// Whether the new version accepts every body that the old one accepts. The witness is a body that `old` accepts and
    /// `new` refuses.
    pub fn bodies(&self) -> &Answer {
        &self.bodies
    }

    /// Whether everything stored under the old version reads under the new one, with equal values. The witness is what
    /// is stored of the extension; where sets are compared, an object with it: `{"Feedback":{…}}`.
    pub fn records(&self) -> &Answer {
        &self.records
    }

    /// Whether the old version accepts every body that the new one accepts. The witness is a body that `new` accepts and
    /// `old` refuses.
    pub fn rollback(&self) -> &Answer {
        &self.rollback
    }

    /// The answer to a question.
    pub fn answer(&self, question: Question) -> &Answer {
        match question {
            Question::Bodies => &self.bodies,
            Question::Records => &self.records,
            Question::Rollback => &self.rollback,
        }
    }

    /// Whether the new version may take the place of the old one: callers go on, and what is stored reads.
    pub fn is_safe(&self) -> bool {
        self.bodies.is_safe() && self.records.is_safe()
    }

    /// Every difference, in the order of the new version.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }
}

impl Serialize for Comparison {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(Some(4))?;
        for question in Question::ALL {
            json.serialize_entry(question.as_str(), self.answer(*question))?;
        }
        json.serialize_entry("changes", &self.changes)?;
        json.end()
    }
}

impl ExtensionSchema {
    /// Compares this version with a newer one. Two schemas of different names are compared as two sets are: one is gone,
    /// and the other is new.
    pub fn compare(&self, new: &ExtensionSchema) -> Comparison {
        let alone = |schema: &ExtensionSchema| {
            Schemas::try_from_iter([schema.clone()]).unwrap_or_else(|_| unreachable!("it is alone"))
        };
        let (old_set, new_set) = (alone(self), alone(new));
        let base = |name: &str| {
            if self.name().eq_ignore_ascii_case(new.name()) { String::new() } else { format!("/{name}") }
        };
        Comparison {
            bodies: bodies(&old_set, &new_set),
            records: records(&old_set, &new_set, |_, json| json),
            rollback: bodies(&new_set, &old_set),
            changes: changes(&old_set, &new_set, base),
        }
    }
}

impl Schemas {
    /// Compares this set with a newer one.
    ///
    /// ```
    /// use service_end::{AttributeSchema, ExtensionSchema, Schemas};
    /// let note = ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string("text")).build()?;
    /// let (none, one) = (Schemas::new(), Schemas::new().with(note).unwrap());
    /// assert!(none.compare(&one).is_safe());
    /// assert_eq!(one.compare(&none).records().witness(), Some(r#"{"Note":{}}"#));
    /// # Ok::<(), service_end::Violations>(())
    /// ```
    pub fn compare(&self, new: &Schemas) -> Comparison {
        Comparison {
            bodies: bodies(self, new),
            records: records(self, new, |name, json| object([(name, json)])),
            rollback: bodies(new, self),
            changes: changes(self, new, |name| format!("/{name}")),
        }
    }
}

/// Whether the new set accepts every body that the old one accepts.
fn bodies(old: &Schemas, new: &Schemas) -> Answer {
    let kept_or_gone = old.iter().map(|schema| match new.get(schema.name()) {
        Some(now) => (schema, refused(schema, now, Door::Body)),
        None if new.is_open(schema.name()) => (schema, Refused::Nothing),
        None => (schema, Refused::Extension(shortest_extension(schema, Door::Body))),
    });
    let come = new.iter().filter(|schema| schema.is_required() && old.get(schema.name()).is_none());
    let all = kept_or_gone.chain(come.map(|schema| (schema, Refused::Unnamed)));
    let beside = |name: &str, json: Option<String>| {
        let others = old.required().iter().filter(|required| required.name() != name);
        let others = others.map(|required| (required.name(), shortest_extension(required, Door::Body)));
        object(others.chain(json.map(|json| (name, json))))
    };
    let of_schemas = answer(all, |schema, json| beside(schema.name(), json));
    with_open(of_schemas, old, new, |name| beside(name, Some(open::VALUE.to_owned())))
}

/// The answer for all schemas, or else a witness under a name that is open no more.
fn with_open(of_schemas: Answer, old: &Schemas, new: &Schemas, witness: impl Fn(&str) -> String) -> Answer {
    if let Answer::Unsafe { .. } = of_schemas {
        return of_schemas;
    }
    match open::lost(old, new) {
        Some(name) => Answer::Unsafe { witness: witness(&name) },
        None => of_schemas,
    }
}

/// Whether the new set reads everything that was stored under the old one.
fn records(old: &Schemas, new: &Schemas, witness: impl Fn(&str, String) -> String) -> Answer {
    let all = old.iter().map(|schema| match new.get(schema.name()) {
        Some(now) => (schema, refused(schema, now, Door::Store)),
        None if new.is_open(schema.name()) => (schema, Refused::Nothing),
        None => (schema, Refused::Extension(shortest_extension(schema, Door::Store))),
    });
    let of_schemas = answer(all, |schema, json| witness(schema.name(), json.unwrap_or_default()));
    with_open(of_schemas, old, new, |name| witness(name, open::VALUE.to_owned()))
}

/// The first refusal with a witness, or else any.
fn answer<'s>(
    all: impl Iterator<Item = (&'s ExtensionSchema, Refused)>,
    witness: impl Fn(&'s ExtensionSchema, Option<String>) -> String,
) -> Answer {
    let mut answer = Answer::Safe;
    for (schema, refused) in all {
        let json = match refused {
            Refused::Nothing => continue,
            Refused::Unproven => {
                answer = Answer::Unproven;
                continue;
            }
            Refused::Unnamed => None,
            Refused::Extension(json) => Some(json),
        };
        return Answer::Unsafe { witness: witness(schema, json) };
    }
    answer
}

fn changes(old: &Schemas, new: &Schemas, base: impl Fn(&str) -> String) -> Vec<Change> {
    let mut list = Vec::new();
    for schema in new {
        let name = schema.name();
        match old.get(name) {
            Some(before) if before == schema => {}
            Some(before) => super::changes::changes(before, schema, &base(name), &mut list),
            None => {
                let was_open = old.is_open(name);
                let bodies = schema.is_required() || was_open;
                let breaks = Breaks { bodies, records: was_open, rollback: !was_open };
                let message = format!("the extension `{name}` is new");
                list.push(Change::new(base(name), ChangeCode::ExtensionAdded, message, breaks));
            }
        }
    }
    for schema in old.iter().filter(|schema| new.get(schema.name()).is_none()) {
        let name = schema.name();
        let message = format!("the extension `{name}` is gone");
        let is_open = new.is_open(name);
        let breaks =
            Breaks { bodies: !is_open, records: !is_open, rollback: schema.is_required() || is_open };
        list.push(Change::new(base(name), ChangeCode::ExtensionRemoved, message, breaks));
    }
    open::changes(old, new, base, &mut list);
    list
}

/// A JSON object.
fn object<'n>(members: impl IntoIterator<Item = (&'n str, String)>) -> String {
    let mut object = String::new();
    for (name, json) in members {
        append(&mut object, name, &json);
    }
    format!("{{{object}}}")
}
