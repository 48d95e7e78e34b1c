//! How long the JSON of an event is, without that JSON being made: defaults can make it many times as long as the
//! body. It is counted by arithmetic, so that a record costs what it says, not what its defaults say.

use super::end_event::ServiceEndEvent;
use super::extension::Extension;
use super::open_extension::OpenExtension;
use super::record::Record;
use super::table::{Absent, Cell};
use super::write::FieldsJson;
use crate::schema::{ExtensionSchema, ExtensionType};
use crate::value::written_bytes;

/// The most bytes that the fixed fields of an event take, with their names: 32, 50, 64 and four times 255 characters,
/// of which each may be escaped, and some numbers.
const FIELDS: usize = 8192;

/// How many bytes `serde_json` writes for an event.
pub(crate) fn json_bytes(event: &ServiceEndEvent) -> usize {
    let fields = written_bytes(&FieldsJson(event));
    let declared: usize = event.extensions().iter().map(|each| member(each.name(), bytes_of(each))).sum();
    let bytes_of_open = |each: &OpenExtension| member(each.name(), each.json().len());
    let extensions = declared + event.open_extensions().iter().map(bytes_of_open).sum::<usize>();
    // Each extension was counted with a comma. The first needs none where there is no field.
    let needless = usize::from(fields == "{}".len() && extensions > 0);
    fields + extensions - needless
}

/// How long the JSON of an event that was read is at most, but for its defaults: of JSON text. A key is written as it
/// was, if not shorter; so is text; and with its key and its punctuation, a number grows by a factor of 2.6 at most:
/// `"a":1e15,` as a double.
pub(crate) fn most_bytes_of_text(body_bytes: usize) -> usize {
    body_bytes.saturating_mul(3).saturating_add(FIELDS)
}

/// The same for a number of words, three for a number with its key of at most 64 characters, and bytes of
/// text, of which each may be escaped.
pub(crate) fn most_bytes_of_table((words, text): (usize, usize)) -> usize {
    words.saturating_mul(32).saturating_add(text.saturating_mul(6)).saturating_add(FIELDS)
}

/// A member of an object, with a comma.
fn member(name: &str, value: usize) -> usize {
    r#""":,"#.len() + name.len() + value
}

fn bytes_of(extension: &Extension) -> usize {
    let Some(first) = extension.record() else { return "[]".len() };
    let schema = extension.schema();
    let absent = Defaulted { schema, absent: first.cells().absent() };
    let sum = absent.all();
    let records: usize = extension.iter().map(|record| record_bytes(record, &absent, sum)).sum();
    match schema.extension_type() {
        ExtensionType::SingleValued => records,
        ExtensionType::MultiValued => "[]".len() + records + extension.len() - 1,
    }
}

/// How long a record is, given what stands for all attributes with a default.
fn record_bytes(record: Record<'_>, absent: &Defaulted<'_>, sum: usize) -> usize {
    let Defaulted { schema, .. } = absent;
    let mut said = 0;
    let mut not_absent = 0;
    for (column, cell) in record.cells().iter(schema) {
        let attribute = schema.at(column);
        let value = match cell {
            Cell::Value(value) => value.json_bytes(),
            Cell::NoValue => "null".len(),
        };
        said += member(attribute.name(), value);
        if attribute.default().is_some() {
            not_absent += absent.one(column);
        }
    }
    let members = sum - not_absent + said;
    "{}".len() + members.saturating_sub(",".len())
}

/// The attributes of a schema that have a default, where a record leaves them out.
struct Defaulted<'s> {
    schema: &'s ExtensionSchema,
    absent: Absent,
}

impl Defaulted<'_> {
    /// All of them, as members with commas.
    fn all(&self) -> usize {
        match self.absent {
            Absent::Default => self.schema.defaults_bytes(),
            _ => self.schema.defaults().iter().map(|column| self.one(*column)).sum(),
        }
    }

    fn one(&self, column: u8) -> usize {
        match self.absent {
            Absent::Default => self.schema.default_bytes(column),
            Absent::DefaultIfMandatory if self.schema.mandatory().contains(column) => {
                self.schema.default_bytes(column)
            }
            _ => member(self.schema.at(column).name(), "null".len()),
        }
    }
}
