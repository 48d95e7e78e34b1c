//! Puts an extension together, key by key and value by value, and tells what is wrong with it. The engine and
//! the builder drive it, so that a rule about records stands here and nowhere else.

use std::borrow::Borrow;

use super::spelling::Spelling;
use super::table::{Absent, Cell, TableWriter};
use super::unique::SeenRecords;
use crate::schema::{Columns, ExtensionSchema, ExtensionType};
use crate::value::Scalar;
use crate::violation::{Collector, JsonType, NotGiven, Part, Place, Pointer, Violation, ViolationKind};

/// So many violations tell which attributes of the key a record does not give. A hundred such sentences would cost more
/// than a short body may.
const EXPLAINED: usize = 10;

/// It owns the schema in Rust, and borrows it while a body is read: a body's schemas are shared as a set.
#[derive(Debug)]
pub(crate) struct Assembler<S> {
    schema: S,
    /// The name of the extension, where the body spells it otherwise than the schema.
    spelled: Option<Box<str>>,
    /// The ordinal of the extension in the body.
    member: u32,
    /// What a record lacks that leaves it out.
    due: Columns,
    records: u32,
    /// How many elements of the array were begun, those that are no records included.
    elements: u32,
    /// Where no two records may be equal.
    seen_records: Option<SeenRecords>,
    /// How the body spells what the schema spells otherwise, where somebody wants to know.
    spelling: Option<Box<Spelling>>,
    record: RecordState,
}

/// What is known of the record being read.
#[derive(Debug, Default)]
struct RecordState {
    position: u32,
    /// How many members were begun.
    members: u32,
    seen: Columns,
    faulty: Columns,
    /// Mandatory attributes that are there, with `null`.
    nulls: Vec<MandatoryNull>,
    /// The column that comes next if the body keeps the order of the schema. Where it is mostly wrong, as in a body that
    /// shuffles its attributes, reading takes 1.35 times the instructions.
    guess: u8,
    /// Which member, counted from 1, spells its name last otherwise than the schema, and how.
    respelled: u32,
    spelled: String,
}

#[derive(Debug)]
struct MandatoryNull {
    column: u8,
    member: u32,
    spelled: Option<String>,
}

impl<S: Borrow<ExtensionSchema>> Assembler<S> {
    /// Begins an extension under a name that the body may spell in its own way.
    pub(crate) fn begin(
        schema: S,
        schema_ordinal: u32,
        spelled: Option<Box<str>>,
        member: u32,
        seen_records: &mut Option<SeenRecords>,
        writer: &mut TableWriter,
    ) -> Self {
        let declared: &ExtensionSchema = schema.borrow();
        let keyed =
            declared.extension_type() == ExtensionType::MultiValued && !declared.key_columns().0.is_empty();
        let due = match writer.absent() {
            Absent::Default | Absent::DefaultIfMandatory => declared.due(),
            Absent::NoValue => declared.mandatory(),
        };
        writer.open_extension(schema_ordinal);
        Assembler {
            schema,
            spelled,
            member,
            due,
            records: 0,
            elements: 0,
            seen_records: keyed
                .then(|| seen_records.take().unwrap_or_else(SeenRecords::new).next_extension()),
            spelling: None,
            record: RecordState::default(),
        }
    }

    /// From now on, keeps how the body spells what the schema spells otherwise.
    pub(crate) fn keep_spelling(&mut self) {
        self.spelling = Some(Box::default());
    }

    pub(crate) fn take_spelling(&mut self) -> Spelling {
        let mut spelling = self.spelling.take().map(|spelling| *spelling).unwrap_or_default();
        spelling.name = self.spelled.take();
        spelling
    }

    /// Ends the extension.
    pub(crate) fn end(&mut self, seen_records: &mut Option<SeenRecords>, writer: &mut TableWriter) {
        writer.close_extension(self.records);
        if self.seen_records.is_some() {
            *seen_records = self.seen_records.take();
        }
    }

    pub(crate) fn schema(&self) -> &ExtensionSchema {
        self.schema.borrow()
    }

    /// How many records there are so far.
    pub(crate) fn records(&self) -> usize {
        self.records as usize
    }

    /// How many elements of the array were begun.
    pub(crate) fn elements(&self) -> usize {
        self.elements as usize
    }

    fn name(&self) -> &str {
        self.spelled.as_deref().unwrap_or(self.schema().name())
    }

    /// The ordinal of the record being read, in an extension that has many.
    fn element(&self) -> Option<u32> {
        match self.schema().extension_type() {
            ExtensionType::SingleValued => None,
            ExtensionType::MultiValued => self.elements.checked_sub(1),
        }
    }

    fn extension_pointer(&self) -> Pointer {
        Pointer::to_declared(self.name())
    }

    fn record_pointer(&self) -> Pointer {
        let extension = self.extension_pointer();
        match self.element() {
            Some(element) => extension.index(element as usize),
            None => extension,
        }
    }

    fn record_place(&self) -> Place {
        Place { member: self.member, element: self.element(), attribute: None, part: Part::Value }
    }

    fn attribute_place(&self, part: Part) -> Place {
        Place { attribute: self.record.members.checked_sub(1), part, ..self.record_place() }
    }

    /// Something stands where the extension's object or array is due.
    pub(crate) fn wrong_shape(&self, found: JsonType, collector: &mut Collector) {
        let expected = match self.schema().extension_type() {
            ExtensionType::SingleValued => JsonType::Object,
            ExtensionType::MultiValued => JsonType::Array,
        };
        collector.push(|| {
            let kind = ViolationKind::WrongShape { expected, found };
            Violation::new(self.extension_pointer(), Some(Place::member(self.member, Part::Value)), kind)
        });
    }

    /// Something stands where a record of the array is due.
    pub(crate) fn wrong_element(&self, found: JsonType, collector: &mut Collector) {
        collector.push(|| {
            let kind = ViolationKind::WrongShape { expected: JsonType::Object, found };
            Violation::new(self.record_pointer(), Some(self.record_place()), kind)
        });
    }

    pub(crate) fn too_many_records(&self, limit: usize, collector: &mut Collector) {
        collector.push(|| {
            let kind = ViolationKind::TooManyRecords { limit };
            Violation::new(self.extension_pointer(), Some(Place::member(self.member, Part::Value)), kind)
        });
    }

    /// Begins an element of the array, whatever it turns out to be.
    pub(crate) fn next_element(&mut self) {
        self.elements += 1;
    }

    /// Begins a record.
    pub(crate) fn open(&mut self, writer: &mut TableWriter) {
        let record = &mut self.record;
        record.position = writer.open_record();
        record.members = 0;
        record.seen = Columns::default();
        record.faulty = Columns::default();
        record.nulls.clear();
        record.guess = 0;
        record.respelled = 0;
    }

    /// Whether no key of the record was taken yet.
    pub(crate) fn at_first_attribute(&self) -> bool {
        self.record.members == 0
    }

    /// Takes a key of the record: its column, or `None` where its value is not looked into.
    pub(crate) fn attribute(&mut self, name: &str, collector: &mut Collector) -> Option<u8> {
        self.record.members += 1;
        let guess = self.record.guess;
        if self.schema().is_at(guess, name) && self.record.seen.insert(guess) {
            self.record.guess = guess.wrapping_add(1);
            return Some(guess);
        }
        self.other_attribute(name, collector)
    }

    /// Takes a key that is not the one that comes next.
    // Inlined, it makes a body of records cost 5 % more.
    #[inline(never)]
    fn other_attribute(&mut self, name: &str, collector: &mut Collector) -> Option<u8> {
        let Some(column) = self.schema().column(name, self.record.guess) else {
            self.unknown_attribute(name, collector);
            return None;
        };
        self.record.guess = column.wrapping_add(1);
        if self.schema().at(column).name() != name {
            // A violation that the value may have tells the name as the body has it.
            self.record.respelled = self.record.members;
            self.record.spelled.clear();
            self.record.spelled.push_str(name);
            if let Some(spelling) = &mut self.spelling {
                spelling.note(self.records, column, name);
            }
        }
        if !self.record.seen.insert(column) {
            self.duplicate_attribute(column, name, collector);
            return None;
        }
        Some(column)
    }

    fn unknown_attribute(&self, name: &str, collector: &mut Collector) {
        collector.push(|| {
            let kind = ViolationKind::UnknownAttribute {
                extension: self.schema().shared_name(),
                known: self.schema().known().clone(),
            };
            Violation::new(self.record_pointer().name(name), Some(self.attribute_place(Part::Key)), kind)
        });
    }

    fn duplicate_attribute(&mut self, column: u8, name: &str, collector: &mut Collector) {
        self.record.faulty.insert(column);
        collector.push(|| {
            let place = self.attribute_place(Part::Key);
            Violation::new(self.record_pointer().declared(name), Some(place), ViolationKind::DuplicateKey)
        });
    }

    /// Takes the scalar under the key taken last.
    #[expect(
        clippy::inline_always,
        reason = "with `CellTarget::scalar`, which calls it: 4 % of all instructions"
    )]
    #[inline(always)]
    pub(crate) fn scalar(
        &mut self,
        column: u8,
        scalar: Scalar<'_>,
        writer: &mut TableWriter,
        collector: &mut Collector,
    ) {
        match self.schema().at(column).accept_common(scalar) {
            Some(value) => writer.push(column, value),
            None => self.less_common_scalar(column, scalar, writer, collector),
        }
    }

    fn less_common_scalar(
        &mut self,
        column: u8,
        scalar: Scalar<'_>,
        writer: &mut TableWriter,
        collector: &mut Collector,
    ) {
        if scalar == Scalar::Null {
            return self.null(column, writer);
        }
        match self.schema().at(column).accept(scalar) {
            Ok(value) => writer.push(column, value),
            Err(kind) => {
                let text = if let Scalar::String(text) = scalar { Some(text) } else { None };
                self.fault(column, kind, text, collector);
            }
        }
    }

    fn null(&mut self, column: u8, writer: &mut TableWriter) {
        let attribute = self.schema().at(column);
        if attribute.is_mandatory() {
            self.record.faulty.insert(column);
            self.record.nulls.push(MandatoryNull {
                column,
                member: self.record.members - 1,
                spelled: self.spelled_name().map(str::to_owned),
            });
        } else if attribute.default().is_some() {
            writer.push_no_value(column);
        }
    }

    /// Takes an array or an object where a scalar is due.
    pub(crate) fn container(&mut self, column: u8, found: JsonType, collector: &mut Collector) {
        let kind = self.schema().at(column).attribute_type().wrong_type(found);
        self.fault(column, kind, None, collector);
    }

    /// Takes a value that does not fit, for a reason that the schema alone does not have.
    pub(crate) fn unfit(&mut self, column: u8, violation: Violation, collector: &mut Collector) {
        self.record.faulty.insert(column);
        collector.push(|| violation);
    }

    fn fault(&mut self, column: u8, kind: ViolationKind, text: Option<&str>, collector: &mut Collector) {
        self.record.faulty.insert(column);
        collector.push_of(text, || {
            let name = self.spelled_name().unwrap_or(self.schema().at(column).name());
            let pointer = self.record_pointer().declared(name);
            Violation::new(pointer, Some(self.attribute_place(Part::Value)), kind)
        });
    }

    /// The name of the attribute begun last, where the body spells it otherwise than the schema.
    fn spelled_name(&self) -> Option<&str> {
        (self.record.respelled == self.record.members).then_some(&*self.record.spelled)
    }

    /// Ends the record: first it is compared with the earlier ones, then its missing attributes are told.
    pub(crate) fn close(&mut self, writer: &mut TableWriter, collector: &mut Collector) {
        let missing = self.due.without(self.record.seen);
        writer.close_record();
        let seen_records = self.seen_records.as_mut().filter(|_| !writer.is_full());
        if let Some(seen_records) = seen_records {
            let schema: &ExtensionSchema = self.schema.borrow();
            let (_, key) = schema.key_columns();
            if !key.intersects(self.record.faulty) && !key.intersects(missing) {
                let ordinal = self.elements - 1;
                let earlier = seen_records.earlier(schema, writer, self.record.position, ordinal);
                if let Some(first) = earlier {
                    self.duplicate_record(first, writer, collector);
                }
            }
        }
        if !missing.is_empty() || !self.record.nulls.is_empty() {
            self.missing_attributes(missing, collector);
        }
        self.records += 1;
    }

    fn duplicate_record(&self, first: u32, writer: &TableWriter, collector: &mut Collector) {
        let explained = collector.found() < EXPLAINED;
        collector.push(|| {
            let not_given = if explained { self.not_given(writer) } else { None };
            let kind = ViolationKind::DuplicateRecord {
                attributes: self.schema().known_of_key().clone(),
                first: first as usize,
                not_given: not_given.map(Box::new),
            };
            Violation::new(self.record_pointer(), Some(self.record_place()), kind)
        });
    }

    /// The attributes of the key that have their default in the record being read, and those without a value.
    fn not_given(&self, writer: &TableWriter) -> Option<NotGiven> {
        let schema = self.schema();
        let (mut said, mut valued) = (Columns::default(), Columns::default());
        for (column, cell) in writer.record_at(self.record.position).iter(schema) {
            said.insert(column);
            if cell != Cell::NoValue {
                valued.insert(column);
            }
        }
        let absent = schema.key_columns().1.without(valued);
        let by_default: Columns = writer.absent().defaults(schema).iter().copied().collect();
        let by_default = absent.without(absent.without(by_default)).without(said);
        let [by_default, without_value] =
            [by_default, absent.without(by_default)].map(|columns| schema.known_in_key(columns));
        (!absent.is_empty()).then_some(NotGiven { by_default, without_value })
    }

    fn missing_attributes(&self, missing: Columns, collector: &mut Collector) {
        // 10,000 records can lack 256 attributes each.
        if collector.is_over() {
            return;
        }
        let nulls: Columns = self.record.nulls.iter().map(|null| null.column).collect();
        for column in nulls.iter().chain(missing.iter()).collect::<Columns>().iter() {
            let attribute = self.schema().at(column);
            collector.push(|| {
                let kind = ViolationKind::MissingAttribute { attribute: attribute.shared_name() };
                let null = self.record.nulls.iter().find(|null| null.column == column);
                let place = match null {
                    Some(null) => Place { attribute: Some(null.member), ..self.record_place() },
                    None => self.record_place(),
                };
                let name = null.and_then(|null| null.spelled.as_deref()).unwrap_or(attribute.name());
                Violation::new(self.record_pointer().declared(name), Some(place), kind)
            });
        }
    }
}
