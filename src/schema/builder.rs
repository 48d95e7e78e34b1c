//! Builds schemas in Rust. They are judged as schemas read from JSON are.

use super::attribute::AttributeSchema;
use super::attribute_type::AttributeType;
use super::extension::{ExtensionSchema, ExtensionType};
use super::node::{Node, object};
use super::reader::{Reader, made};
use crate::value::Value;
use crate::violation::Violations;

macro_rules! starts {
    ($($(#[$doc:meta])* $start:ident => $kind:ident,)*) => {$(
        $(#[$doc])*
        pub fn $start(name: &str) -> AttributeSchemaBuilder {
            AttributeSchemaBuilder::new(name, AttributeType::$kind)
        }
    )*};
}

impl AttributeSchema {
    starts! {
        /// Starts to declare a `string`.
        string => String,
        /// Starts to declare an `integer`: 32 bits, signed.
        integer => Integer,
        /// Starts to declare a `long`: 64 bits, signed.
        long => Long,
        /// Starts to declare a `double`.
        double => Double,
        /// Starts to declare a `boolean`.
        boolean => Boolean,
        /// Starts to declare a `date`.
        date => Date,
        /// Starts to declare a `datetime`.
        datetime => DateTime,
        /// Starts to declare a `currency`.
        currency => Currency,
    }
}

impl ExtensionSchema {
    /// Starts to declare an extension of one record.
    pub fn single_valued(name: &str) -> ExtensionSchemaBuilder {
        ExtensionSchemaBuilder::new(name, ExtensionType::SingleValued)
    }

    /// Starts to declare an extension that is a list of records.
    pub fn multi_valued(name: &str) -> ExtensionSchemaBuilder {
        ExtensionSchemaBuilder::new(name, ExtensionType::MultiValued)
    }
}

/// Builds an attribute. What is wrong with it is told when the extension schema is built.
///
/// ```
/// use service_end::AttributeSchema;
/// let place = AttributeSchema::string("place").length(64).default("unknown");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct AttributeSchemaBuilder(Node);

impl AttributeSchemaBuilder {
    /// An attribute of a type that is known only at run time.
    pub fn new(name: &str, attribute_type: AttributeType) -> Self {
        AttributeSchemaBuilder(object! { "name": name, "type": attribute_type.as_str() })
    }

    /// The most characters that a string may have: at least 1.
    pub fn length(self, characters: usize) -> Self {
        self.key("length", characters)
    }

    /// Every record must have a value for it.
    pub fn mandatory(self) -> Self {
        self.key("mandatory", true)
    }

    /// The values that a `string`, an `integer` or a `long` may have: 1 to 1,000.
    ///
    /// ```
    /// use service_end::AttributeSchema;
    /// let channel = AttributeSchema::string("channel").values(["phone", "mail"]);
    /// ```
    pub fn values<'v>(self, values: impl IntoIterator<Item = impl Into<Value<'v>>>) -> Self {
        self.key("values", values.into_iter().map(|value| Node::from(value.into())).collect::<Vec<_>>())
    }

    /// The smallest value that a number, a date or a time may have.
    ///
    /// ```
    /// use service_end::AttributeSchema;
    /// let rating = AttributeSchema::integer("rating").minimum(1).maximum(5);
    /// ```
    pub fn minimum<'v>(self, value: impl Into<Value<'v>>) -> Self {
        self.key("minimum", value.into())
    }

    /// The largest value that a number, a date or a time may have.
    pub fn maximum<'v>(self, value: impl Into<Value<'v>>) -> Self {
        self.key("maximum", value.into())
    }

    /// The value of a record that leaves the attribute out.
    pub fn default<'v>(self, value: impl Into<Value<'v>>) -> Self {
        self.key("default", value.into())
    }

    /// What was said before under this key is replaced.
    fn key(self, key: &str, value: impl Into<Node>) -> Self {
        AttributeSchemaBuilder(self.0.with(key, value))
    }

    fn is_named(&self, name: &str) -> bool {
        let Node::Object(members) = &self.0 else { unreachable!("it is made as an object") };
        members.iter().any(|(key, value)| {
            key == "name" && value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(name))
        })
    }
}

/// Builds an extension schema.
#[derive(Clone, Debug)]
#[must_use]
pub struct ExtensionSchemaBuilder {
    name: String,
    extension_type: ExtensionType,
    attributes: Vec<AttributeSchemaBuilder>,
    unique: Vec<Node>,
    required: bool,
}

impl ExtensionSchemaBuilder {
    /// An extension of a type that is known only at run time.
    pub fn new(name: &str, extension_type: ExtensionType) -> Self {
        ExtensionSchemaBuilder {
            name: name.to_owned(),
            extension_type,
            attributes: Vec::new(),
            unique: Vec::new(),
            required: false,
        }
    }

    /// Adds an attribute.
    pub fn attribute(mut self, attribute: AttributeSchemaBuilder) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// Says more of an attribute that was added before, in place of what was said. A name that no attribute has adds one
    /// without a type, which [`build`](Self::build) tells as `missing_key` at its `/type`.
    pub fn refine(
        mut self,
        attribute: &str,
        refined: impl FnOnce(AttributeSchemaBuilder) -> AttributeSchemaBuilder,
    ) -> Self {
        match self.attributes.iter_mut().find(|earlier| earlier.is_named(attribute)) {
            Some(earlier) => *earlier = refined(earlier.clone()),
            // It has no type, which is told when the schema is built.
            None => self.attributes.push(refined(AttributeSchemaBuilder(object! { "name": attribute }))),
        }
        self
    }

    /// Adds attributes to the key: no two records of the extension in one service may carry equal values for
    /// all attributes of the key.
    pub fn unique(mut self, attributes: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.unique.extend(attributes.into_iter().map(|name| name.as_ref().into()));
        self
    }

    /// A service can't end without a record of it, given by the event that ends it or stored before. What is stored and
    /// can't be read counts.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The schema, which is judged as one read from JSON is.
    ///
    /// # Errors
    /// Every mistake in it, with pointers as into its JSON.
    pub fn build(self) -> Result<ExtensionSchema, Violations> {
        let node = object! {
            "name": self.name,
            "type": self.extension_type.as_str(),
            "attributes": self.attributes.into_iter().map(|attribute| attribute.0).collect::<Vec<_>>(),
            "unique": self.unique,
            "required": self.required,
        };
        made(&node, Reader::schema)
    }
}
