//! Builds schemas in Rust. They are judged as schemas read from JSON are.

use super::attribute::AttributeSchema;
use super::attribute_type::AttributeType;
use super::extension::{ExtensionSchema, ExtensionType};
use super::node::Node;
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
pub struct AttributeSchemaBuilder(Vec<(String, Node)>);

impl AttributeSchemaBuilder {
    /// An attribute of a type that is known only at run time.
    pub fn new(name: &str, attribute_type: AttributeType) -> Self {
        AttributeSchemaBuilder(Vec::new())
            .key("name", Node::String(name.to_owned()))
            .key("type", Node::String(attribute_type.as_str().to_owned()))
    }

    /// The most characters that a string may have: at least 1.
    pub fn length(self, characters: usize) -> Self {
        self.key("length", Node::Integer(i64::try_from(characters).unwrap_or(i64::MAX)))
    }

    /// Every record must have a value for it.
    pub fn mandatory(self) -> Self {
        self.key("mandatory", Node::Boolean(true))
    }

    /// The values that a `string`, an `integer` or a `long` may have: 1 to 1,000.
    ///
    /// ```
    /// use service_end::AttributeSchema;
    /// let channel = AttributeSchema::string("channel").values(["phone", "mail"]);
    /// ```
    pub fn values<'v>(self, values: impl IntoIterator<Item = impl Into<Value<'v>>>) -> Self {
        self.key("values", Node::Array(values.into_iter().map(|value| value.into().into()).collect()))
    }

    /// The smallest value that a number, a date or a time may have.
    ///
    /// ```
    /// use service_end::AttributeSchema;
    /// let rating = AttributeSchema::integer("rating").minimum(1).maximum(5);
    /// ```
    pub fn minimum<'v>(self, value: impl Into<Value<'v>>) -> Self {
        self.key("minimum", value.into().into())
    }

    /// The largest value that a number, a date or a time may have.
    pub fn maximum<'v>(self, value: impl Into<Value<'v>>) -> Self {
        self.key("maximum", value.into().into())
    }

    /// The value of a record that leaves the attribute out.
    pub fn default<'v>(self, value: impl Into<Value<'v>>) -> Self {
        self.key("default", value.into().into())
    }

    /// What was said before under this key is replaced.
    fn key(mut self, key: &str, value: Node) -> Self {
        self.0.retain(|(known, _)| known != key);
        self.0.push((key.to_owned(), value));
        self
    }

    /// An attribute of this name that was added before.
    fn of_node(node: &Node, name: &str) -> Option<Self> {
        let Node::Object(members) = node else { return None };
        let is_name = |(key, value): &(String, Node)| {
            key == "name" && value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(name))
        };
        members.iter().any(is_name).then(|| AttributeSchemaBuilder(members.clone()))
    }

    pub(super) fn into_node(self) -> Node {
        Node::Object(self.0)
    }
}

/// Builds an extension schema.
#[derive(Clone, Debug)]
#[must_use]
pub struct ExtensionSchemaBuilder {
    name: String,
    extension_type: ExtensionType,
    attributes: Vec<Node>,
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
        self.attributes.push(attribute.into_node());
        self
    }

    /// Says more of an attribute that was added before, in place of what was said. A name that no attribute has adds one
    /// without a type, which [`build`](Self::build) tells as `missing_key` at its `/type`.
    pub fn refine(
        mut self,
        attribute: &str,
        refined: impl FnOnce(AttributeSchemaBuilder) -> AttributeSchemaBuilder,
    ) -> Self {
        let named = |earlier: &Node| AttributeSchemaBuilder::of_node(earlier, attribute);
        let known = self.attributes.iter_mut().find_map(|earlier| Some((named(earlier)?, earlier)));
        if let Some((start, earlier)) = known {
            *earlier = refined(start).into_node();
        } else {
            // It has no type, which is told when the schema is built.
            let start = AttributeSchemaBuilder(Vec::new()).key("name", Node::String(attribute.to_owned()));
            self.attributes.push(refined(start).into_node());
        }
        self
    }

    /// Adds attributes to the key: no two records of the extension in one service may carry equal values for
    /// all attributes of the key.
    pub fn unique(mut self, attributes: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.unique.extend(attributes.into_iter().map(|name| Node::String(name.as_ref().to_owned())));
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
        let node = Node::object([
            ("name", Node::String(self.name)),
            ("type", Node::String(self.extension_type.as_str().to_owned())),
            ("attributes", Node::Array(self.attributes)),
            ("unique", Node::Array(self.unique)),
            ("required", Node::Boolean(self.required)),
        ]);
        made(&node, Reader::schema)
    }
}
