//! Extensions made in Rust. They follow the rules that a body follows.

use serde::Serialize;

use super::assemble::Assembler;
use super::extension::{Declared, Extension};
use super::scalar::{NoScalar, scalar_of};
use super::table::{Absent, TableWriter};
use crate::schema::{ExtensionSchema, ExtensionType};
use crate::violation::{Collector, Pointer, Violation, ViolationKind, Violations};

/// Builds an extension in Rust. It follows the rules that a body follows.
#[derive(Debug)]
#[must_use]
pub struct ExtensionBuilder {
    pub(super) assembler: Assembler<ExtensionSchema>,
    pub(super) writer: TableWriter,
    pub(super) found: Collector,
}

impl Extension {
    /// Starts to make an extension in Rust, record by record.
    pub fn builder(schema: &ExtensionSchema) -> ExtensionBuilder {
        ExtensionBuilder::new(schema, Absent::Default)
    }
}

impl ExtensionBuilder {
    pub(super) fn new(schema: &ExtensionSchema, absent: Absent) -> Self {
        let mut writer = TableWriter::new(absent, 0, usize::MAX);
        let assembler = Assembler::begin(schema.clone(), 0, None, 0, &mut None, &mut writer);
        ExtensionBuilder { assembler, writer, found: Collector::unlimited() }
    }

    /// Adds a record, which the closure fills:
    /// `.record(|record| { record.set("rating", 2).set("place", "Paris"); })`.
    pub fn record(mut self, fill: impl FnOnce(&mut RecordBuilder<'_>)) -> Self {
        if !self.is_full() {
            self.assembler.next_element();
            fill(&mut self.open());
            self.close();
        }
        self
    }

    /// Begins a record.
    pub(super) fn open(&mut self) -> RecordBuilder<'_> {
        self.assembler.open(&mut self.writer);
        self.attributes()
    }

    /// The record begun last.
    pub(super) fn attributes(&mut self) -> RecordBuilder<'_> {
        let ExtensionBuilder { assembler, writer, found } = self;
        RecordBuilder { assembler, writer, found }
    }

    pub(super) fn is_full(&self) -> bool {
        self.writer.is_full()
    }

    /// Ends the record.
    pub(super) fn close(&mut self) {
        self.assembler.close(&mut self.writer, &mut self.found);
    }

    /// The extension.
    ///
    /// # Errors
    /// Every violation in its records, with pointers as into the body of an event. A single-valued extension
    /// must have one record, `wrong_shape` otherwise. More than 4 GiB are `too_long`.
    pub fn build(mut self) -> Result<Extension, Violations> {
        let schema = self.assembler.schema();
        let records = self.assembler.elements();
        if schema.extension_type() == ExtensionType::SingleValued && records != 1 {
            let pointer = Pointer::to(schema.name());
            self.found.push(|| Violation::new(pointer, None, ViolationKind::RecordCount { found: records }));
        }
        self.made()
    }

    /// The extension, of whatever number of records.
    pub(super) fn made(self) -> Result<Extension, Violations> {
        let ExtensionBuilder { mut assembler, mut writer, mut found } = self;
        let schema = assembler.schema().clone();
        if writer.is_full() {
            let (_, length) = writer.size();
            let kind = ViolationKind::TooLong { limit: u32::MAX as usize, length };
            found.push(|| Violation::new(Pointer::to(schema.name()), None, kind));
        }
        // There is no text in which a place could be looked for.
        found.finish(()).map_err(Violations::without_places)?;
        assembler.end(&mut None, &mut writer);
        let mut made = Extension::all_of(&mut writer, Declared::One(schema));
        Ok(made.pop().unwrap_or_else(|| unreachable!("it was begun")))
    }
}

/// Builds a record in Rust.
#[derive(Debug)]
pub struct RecordBuilder<'b> {
    assembler: &'b mut Assembler<ExtensionSchema>,
    writer: &'b mut TableWriter,
    found: &'b mut Collector,
}

impl RecordBuilder<'_> {
    /// Gives an attribute a value: one that `serde` writes as a text, a number, a boolean or nothing, and that is then
    /// judged as in a body. Numbers may have any width. `None` says that the attribute has no value, not even its
    /// default. Dates, times and amounts may be given as text too.
    ///
    /// ```
    /// use service_end::{AttributeSchema, Extension, ExtensionSchema};
    /// let schema = ExtensionSchema::single_valued("Feedback")
    ///     .attribute(AttributeSchema::integer("rating"))
    ///     .attribute(AttributeSchema::string("place").default("unknown"))
    ///     .build()?;
    /// let feedback = Extension::builder(&schema)
    ///     .record(|record| { record.set("rating", 7_u64).set("place", None::<&str>); })
    ///     .build()?;
    /// assert_eq!(feedback.to_json(), r#"{"rating":7}"#);
    /// # Ok::<(), service_end::Violations>(())
    /// ```
    pub fn set(&mut self, attribute: &str, value: impl Serialize) -> &mut Self {
        let RecordBuilder { assembler, writer, found } = self;
        if let Some(column) = assembler.attribute(attribute, found) {
            let taken = scalar_of(&value, &mut |scalar| assembler.scalar(column, scalar, writer, found));
            if let Err(NoScalar(json_type)) = taken {
                assembler.container(column, json_type, found);
            }
        }
        self
    }

    /// Says that an attribute has no value, not even its default.
    pub fn set_null(&mut self, attribute: &str) -> &mut Self {
        self.set(attribute, ())
    }
}
