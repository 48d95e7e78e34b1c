//! From a declaration as written to what it declares, or every mistake in it.

use indexmap::IndexMap;

use super::DeclarationError;
use super::at::At;
use super::attribute::{AttributeSchema, AttributeType, Default, long};
use super::business::{BusinessAttributes, BusinessField, Enumeration, Taken};
use super::extension::{ExtensionSchema, ExtensionType, MAX_ATTRIBUTES};
use super::field::is_reserved;
use super::node::Node;
use super::set::Schemas;
use crate::value::{BusinessName, Caseless, FoldedBuild, Name, NameError, Scalar, check_name};
use crate::violation::{Collector, Known, Pointer, Violation, ViolationKind, Violations};

/// The longest name of an extension (documented by the original).
const MAX_EXTENSION_NAME: usize = 26;
/// The longest name of an attribute (chosen).
const MAX_ATTRIBUTE_NAME: usize = 64;

type Attributes = IndexMap<Name, AttributeSchema, FoldedBuild>;

/// What a declaration declares, by the rules for one kind of it.
type Rules<T> = fn(&mut Reader, &At<'_>, &Node) -> Option<T>;

/// Reads a text. What is wrong is looked for in it once more, so that its place can be told.
pub(super) fn json<T>(json: &[u8], rules: Rules<T>) -> Result<T, DeclarationError> {
    let node = Node::parse(json)?;
    judge(&node, rules).map_err(|violations| violations.locate(json).into())
}

/// Judges what was made in Rust.
pub(super) fn made<T>(node: &Node, rules: Rules<T>) -> Result<T, Violations> {
    judge(node, rules).map_err(Violations::without_places)
}

fn judge<T>(node: &Node, rules: Rules<T>) -> Result<T, Violations> {
    let mut reader = Reader(Collector::unlimited());
    let made = rules(&mut reader, &At::Whole, node);
    match (reader.0.take_violations(), made) {
        (None, Some(made)) => Ok(made),
        (Some(violations), _) => Err(violations),
        (None, None) => {
            Err(Violations::one(Violation::new(Pointer::whole(), None, ViolationKind::MissingKey)))
        }
    }
}

/// Gathers mistakes. What can't be made because of one is `None`, and its mistake has been told.
pub(super) struct Reader(Collector);

impl Reader {
    /// A mistake in a value.
    fn mistake(&mut self, at: &At<'_>, kind: ViolationKind) {
        self.0.push(|| Violation::in_document(at.pointer(), at.path(), kind));
    }

    /// A mistake in the key of a member.
    fn mistake_in_key(&mut self, at: &At<'_>, kind: ViolationKind) {
        self.0.push(|| Violation::in_document(at.pointer(), at.path().key(), kind));
    }

    fn wrong_type(&mut self, at: &At<'_>, expected: &'static [&'static str], node: &Node) {
        let kind = ViolationKind::WrongType { expected: Known::fixed(expected), found: node.json_type() };
        self.mistake(at, kind);
    }

    pub(super) fn schemas(&mut self, at: &At<'_>, node: &Node) -> Option<Schemas> {
        let elements = self.array(at, node)?;
        let mut by_name = Some(IndexMap::default());
        // Taken even by a schema that has other mistakes.
        let mut taken = IndexMap::<String, ()>::new();
        for (ordinal, element) in (0..).zip(elements) {
            let at = at.element(ordinal);
            let schema = self.schema(&at, element);
            if let Some((at, name)) = name_of(&at, element) {
                if taken.insert(name.to_ascii_lowercase(), ()).is_some() {
                    self.mistake(&at, ViolationKind::SchemaExists);
                    continue;
                }
            }
            by_name = by_name.zip(schema).map(|(mut by_name, schema)| {
                by_name.insert(Name(schema.shared_name()), schema);
                by_name
            });
        }
        by_name.map(Schemas::of)
    }

    pub(super) fn schema(&mut self, at: &At<'_>, node: &Node) -> Option<ExtensionSchema> {
        const KNOWN: &[&str] = &["name", "type", "attributes", "unique"];
        let members = self.members(at, node, KNOWN)?;
        let name = self.needed(&members, "name").and_then(|(at, node)| {
            let name = self.name(&at, node, MAX_EXTENSION_NAME)?;
            if is_reserved(name) {
                self.mistake(&at, ViolationKind::ReservedName);
                return None;
            }
            Some(name)
        });
        let extension_type = self.needed(&members, "type").and_then(|(at, node)| {
            let Some(text) = string(node) else {
                self.wrong_type(&at, &["string"], node);
                return None;
            };
            let of_text = [ExtensionType::SingleValued, ExtensionType::MultiValued]
                .into_iter()
                .find(|t| t.as_str() == text);
            if of_text.is_none() {
                self.mistake(&at, ViolationKind::UnknownType { known: ExtensionType::KNOWN });
            }
            of_text
        });
        let attributes =
            self.needed(&members, "attributes").and_then(|(at, node)| self.attributes(&at, node));
        let unique = match members.find("unique") {
            Some((at, node)) => self.unique(&at, node, attributes.as_ref()),
            None => Some(Vec::new()),
        };
        let attributes = attributes.filter(|declared| declared.complete)?;
        Some(ExtensionSchema::compile(name?, extension_type?, attributes.schemas, unique?))
    }

    fn attributes<'n>(&mut self, at: &At<'_>, node: &'n Node) -> Option<Declared<'n>> {
        let elements = self.array(at, node)?;
        let mut declared =
            Declared { schemas: Attributes::default(), names: IndexMap::new(), complete: true };
        if elements.is_empty() {
            self.mistake(at, ViolationKind::NoAttributes);
            declared.complete = false;
        }
        if elements.len() > MAX_ATTRIBUTES {
            self.mistake(at, ViolationKind::TooManyAttributes { limit: MAX_ATTRIBUTES });
            declared.complete = false;
        }
        for (ordinal, element) in (0..).zip(elements) {
            match self.attribute(&at.element(ordinal), element, &mut declared.names) {
                Some(attribute) => drop(declared.schemas.insert(Name(attribute.shared_name()), attribute)),
                None => declared.complete = false,
            }
        }
        Some(declared)
    }

    fn attribute<'n>(
        &mut self,
        at: &At<'_>,
        node: &'n Node,
        names: &mut IndexMap<String, &'n str>,
    ) -> Option<AttributeSchema> {
        const KNOWN: &[&str] = &["name", "type", "length", "mandatory", "default"];
        let members = self.members(at, node, KNOWN)?;
        let name = self.needed(&members, "name").and_then(|(at, node)| {
            let name = self.name(&at, node, MAX_ATTRIBUTE_NAME)?;
            if names.insert(name.to_ascii_lowercase(), name).is_some() {
                self.mistake(&at, ViolationKind::DuplicateAttribute);
                return None;
            }
            Some(name)
        });
        let attribute_type = self.needed(&members, "type").and_then(|(at, node)| {
            let Some(text) = string(node) else {
                self.wrong_type(&at, &["string"], node);
                return None;
            };
            let of_text = AttributeType::of(text);
            if of_text.is_none() {
                self.mistake(&at, ViolationKind::UnknownType { known: AttributeType::KNOWN });
            }
            of_text
        });
        let length = members.find("length").map(|(at, node)| self.length(&at, node, attribute_type));
        let mandatory = members.find("mandatory").map_or(Some(false), |(at, node)| self.mandatory(&at, node));
        let mut attribute = AttributeSchema {
            name: name.unwrap_or_default().into(),
            attribute_type: attribute_type?,
            length: length.flatten(),
            mandatory: mandatory.unwrap_or_default(),
            default: None,
        };
        if let Some((at, node)) = members.find("default") {
            self.default(&at, node, &mut attribute)?;
        }
        // Nothing that was there may be left out of what is made.
        let complete = name.is_some() && mandatory.is_some() && length != Some(None);
        complete.then_some(attribute)
    }

    fn name<'n>(&mut self, at: &At<'_>, node: &'n Node, limit: usize) -> Option<&'n str> {
        let Some(name) = string(node) else {
            self.wrong_type(at, &["string"], node);
            return None;
        };
        let kind = match check_name(name, limit) {
            Ok(()) => return Some(name),
            Err(NameError::Invalid) => ViolationKind::InvalidName,
            Err(NameError::TooLong) => ViolationKind::NameTooLong { limit },
        };
        self.mistake(at, kind);
        None
    }

    fn length(&mut self, at: &At<'_>, node: &Node, attribute_type: Option<AttributeType>) -> Option<usize> {
        if attribute_type.is_some_and(|t| t != AttributeType::String) {
            self.mistake(at, ViolationKind::LengthNotApplicable);
            return None;
        }
        let characters = match node {
            Node::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            Node::Integer(_) | Node::Float(_) => node.scalar().ok().and_then(|scalar| long(scalar).ok()),
            _ => None,
        };
        let length =
            characters.and_then(|characters| usize::try_from(characters).ok()).filter(|length| *length >= 1);
        if length.is_none() {
            self.mistake(at, ViolationKind::InvalidLength);
        }
        length
    }

    fn mandatory(&mut self, at: &At<'_>, node: &Node) -> Option<bool> {
        let mandatory = match node {
            Node::Boolean(mandatory) => Some(*mandatory),
            Node::String(text) => text.parse().ok(),
            _ => None,
        };
        if mandatory.is_none() {
            self.mistake(at, ViolationKind::InvalidMandatory);
        }
        mandatory
    }

    fn default(&mut self, at: &At<'_>, node: &Node, attribute: &mut AttributeSchema) -> Option<()> {
        let accepted = match node.scalar() {
            Ok(Scalar::Null) => return Some(()),
            Ok(scalar) => attribute.accept(scalar).map(Default::from),
            Err(container) => Err(attribute.attribute_type.wrong_type(container)),
        };
        match accepted {
            Ok(default) => {
                attribute.default = Some(default);
                Some(())
            }
            Err(reason) => {
                self.mistake(at, ViolationKind::InvalidDefault { reason: Box::new(reason) });
                None
            }
        }
    }

    fn unique(&mut self, at: &At<'_>, node: &Node, declared: Option<&Declared<'_>>) -> Option<Vec<u8>> {
        let elements = self.array(at, node)?;
        let mut named = IndexMap::<String, ()>::new();
        let mut columns = Some(Vec::new());
        // Made once: a long list may have very many names that are unknown.
        let known = declared.map_or_else(
            || Known::fixed(&[]),
            |declared| Known::declared(declared.names.values().map(|name| (*name).into())),
        );
        for (ordinal, element) in (0..).zip(elements) {
            let at = at.element(ordinal);
            let Some(name) = string(element) else {
                self.wrong_type(&at, &["string"], element);
                columns = None;
                continue;
            };
            let column = match declared {
                // Without a list of attributes nothing can be said of a name.
                None => continue,
                Some(declared) if !declared.names.contains_key(&name.to_ascii_lowercase()) => {
                    self.mistake(&at, ViolationKind::UnknownUniqueAttribute { known: known.clone() });
                    None
                }
                Some(_) if named.insert(name.to_ascii_lowercase(), ()).is_some() => {
                    self.mistake(&at, ViolationKind::DuplicateUniqueAttribute);
                    None
                }
                Some(declared) => declared.schemas.get_index_of(&Caseless(name)),
            };
            columns = columns.zip(column).and_then(|(mut columns, column)| {
                columns.push(u8::try_from(column).ok()?);
                Some(columns)
            });
        }
        columns
    }

    pub(super) fn business(&mut self, at: &At<'_>, node: &Node) -> Option<BusinessAttributes> {
        const KNOWN: &[&str] = &[
            BusinessField::ApplicationType.name(),
            BusinessField::ResourceType.name(),
            BusinessField::MediaType.name(),
            BusinessField::Disposition.name(),
        ];
        let members = self.members(at, node, KNOWN)?;
        let mut attributes = BusinessAttributes::new();
        for field in BusinessField::ALL {
            let Some((at, node)) = members.find(field.name()) else { continue };
            let Some(elements) = self.array(&at, node) else { continue };
            let mut enumeration = Enumeration::default();
            for (ordinal, element) in (0..).zip(elements) {
                self.business_value(&at.element(ordinal), element, &mut enumeration);
            }
            attributes.declare(field, enumeration);
        }
        Some(attributes)
    }

    fn business_value(&mut self, at: &At<'_>, node: &Node, enumeration: &mut Enumeration) -> Option<()> {
        let members = self.members(at, node, &["id", "name"])?;
        let id = self.needed(&members, "id").and_then(|(at, node)| {
            let id = node.scalar().map_err(|found| AttributeType::Long.wrong_type(found)).and_then(long);
            id.map_err(|kind| self.mistake(&at, kind)).ok()
        });
        let name = self.needed(&members, "name").and_then(|(at, node)| {
            let Some(name) = string(node) else {
                self.wrong_type(&at, &["string"], node);
                return None;
            };
            BusinessName::new(name).map_err(|error| self.mistake(&at, error.into())).ok()
        });
        let key = match enumeration.insert(id?, &name?) {
            Ok(()) => return Some(()),
            Err(Taken::Id) => "id",
            Err(Taken::Name) => "name",
        };
        let (at, _) = members.find(key)?;
        self.mistake(&at, ViolationKind::BusinessValueExists);
        None
    }

    /// The members of an object, of equal keys the first. Unknown keys are told.
    fn members<'a, 'n>(
        &mut self,
        at: &'a At<'a>,
        node: &'n Node,
        known: &'static [&'static str],
    ) -> Option<Members<'a, 'n>> {
        let Node::Object(all) = node else {
            self.wrong_type(at, &["object"], node);
            return None;
        };
        let mut members = Members { at, list: Vec::with_capacity(known.len()) };
        for (ordinal, (key, node)) in (0..).zip(all) {
            if !known.contains(&&**key) {
                let kind = ViolationKind::UnknownKey { known: Known::fixed(known) };
                self.mistake_in_key(&at.member(key, ordinal), kind);
            } else if members.find(key).is_some() {
                self.mistake_in_key(&at.member(key, ordinal), ViolationKind::DuplicateKey);
            } else {
                members.list.push((ordinal, key, node));
            }
        }
        Some(members)
    }

    /// The value of a key that must be there, and its place.
    fn needed<'m, 'n>(&mut self, members: &'m Members<'_, 'n>, key: &'m str) -> Option<(At<'m>, &'n Node)> {
        let found = members.find(key);
        if found.is_none() {
            let Members { at, .. } = members;
            let kind = ViolationKind::MissingKey;
            self.0.push(|| Violation::in_document(at.pointer().name(key), at.path(), kind));
        }
        found
    }

    fn array<'n>(&mut self, at: &At<'_>, node: &'n Node) -> Option<&'n [Node]> {
        let Node::Array(elements) = node else {
            self.wrong_type(at, &["array"], node);
            return None;
        };
        Some(elements)
    }
}

/// The attributes of a schema, as far as they could be made, and the names of all of them in lower case.
struct Declared<'n> {
    schemas: Attributes,
    names: IndexMap<String, &'n str>,
    complete: bool,
}

fn string(node: &Node) -> Option<&str> {
    if let Node::String(text) = node { Some(text) } else { None }
}

/// The members of an object that have a meaning there.
struct Members<'a, 'n> {
    at: &'a At<'a>,
    list: Vec<(u32, &'n str, &'n Node)>,
}

impl<'n> Members<'_, 'n> {
    /// The value of a key, and its place.
    fn find<'m>(&'m self, key: &str) -> Option<(At<'m>, &'n Node)> {
        let (ordinal, key, node) = *self.list.iter().find(|(_, name, _)| *name == key)?;
        Some((self.at.member(key, ordinal), node))
    }
}

/// The name of a schema, and its place. A value has one mistake: a name that has one already is none.
fn name_of<'a>(at: &'a At<'a>, schema: &'a Node) -> Option<(At<'a>, &'a str)> {
    let Node::Object(members) = schema else { return None };
    let (ordinal, (key, node)) = (0..).zip(members).find(|(_, (key, _))| key == "name")?;
    let name = string(node)?;
    let good = check_name(name, MAX_EXTENSION_NAME).is_ok() && !is_reserved(name);
    good.then(|| (at.member(key, ordinal), name))
}
