use std::fmt;
use std::sync::Arc;

use super::findings::Findings;
use super::parts::{Parts, Reads};
use crate::schema::{FixedField, Schemas};
use crate::violation::HostCode;

/// What a rule looks at and what it finds: a closure will do.
///
/// It is pure: the same parts give the same findings. One that panics is a bug of the host; nothing is changed then, and
/// the next body is read as if nothing had happened.
pub trait Check: Send + Sync {
    /// Looks at the parts that the rule reads.
    fn check(&self, parts: &Parts<'_>, findings: &mut Findings<'_>);
}

impl<F: Fn(&Parts<'_>, &mut Findings<'_>) + Send + Sync> Check for F {
    fn check(&self, parts: &Parts<'_>, findings: &mut Findings<'_>) {
        self(parts, findings);
    }
}

/// A rule of the host's own about an event, which no schema can say. A [`Validator`](crate::Validator) runs it behind its
/// own checks ([`Validator::with_rule`](crate::Validator::with_rule)); [`rules`](crate::rules) tells which rule goes
/// where.
///
/// It declares which parts of an event it reads: fixed fields and extensions. It runs when these parts, as far as they
/// are in the body, are without violations, and sees these parts and no others. So it runs beside other violations, and
/// never on data that is half read.
///
/// ```
/// use service_end::schema::FixedField;
/// use service_end::validate::{Findings, Parts, Rule};
/// use service_end::violation::HostCode;
/// use service_end::{ReadError, Schemas, Validator, Value};
///
/// let code = HostCode::new("description_missing")?;
/// let rule = Rule::new(
///     "escalated_needs_description",
///     ["disposition", "disposition_desc"],
///     move |parts: &Parts<'_>, findings: &mut Findings<'_>| {
///         let escalated = parts.field(FixedField::Disposition) == Some(Value::Long(11));
///         if escalated && parts.field(FixedField::DispositionDesc).is_none() {
///             findings.at_field(FixedField::DispositionDesc, &code, "an escalation needs a description");
///         }
///     },
/// );
/// let validator = Validator::new(Schemas::new()).with_rule(rule)?;
/// let Err(ReadError::Invalid(violations)) = validator.read(br#"{ "disposition": 11 }"#) else { panic!() };
/// assert_eq!(violations.as_slice()[0].code().as_str(), "description_missing");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Rule {
    name: Arc<str>,
    reads: Vec<String>,
    check: Arc<dyn Check>,
}

impl Rule {
    /// A rule by its name, the names of the fixed fields and extensions that it reads, and what it checks. Whether the
    /// names are good is looked at when it is given to a validator.
    pub fn new(
        name: &str,
        reads: impl IntoIterator<Item = impl Into<String>>,
        check: impl Check + 'static,
    ) -> Self {
        Rule { name: name.into(), reads: reads.into_iter().map(Into::into).collect(), check: Arc::new(check) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of the fixed fields and extensions that it reads.
    pub fn reads(&self) -> impl ExactSizeIterator<Item = &str> {
        self.reads.iter().map(String::as_str)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("name", &self.name).field("reads", &self.reads).finish_non_exhaustive()
    }
}

/// Why a rule can't be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// Its name is not a lower-case ASCII letter, then such letters, digits or `_`, at most 64 in all.
    #[error(
        "the name of a rule must be a letter from `a` to `z`, then such letters, digits or `_`, at most 64 in all, but is {name:?}"
    )]
    #[non_exhaustive]
    InvalidName {
        /// The name.
        name: String,
    },
    /// An earlier rule has this name.
    #[error("there is a rule `{name}` already")]
    #[non_exhaustive]
    NameTaken {
        /// The name.
        name: String,
    },
    /// It reads something that is neither a fixed field nor an extension whose schema is registered or whose name is open.
    #[error(
        "rule `{rule}` reads {part:?}, which is neither a fixed field nor a registered or open extension"
    )]
    #[non_exhaustive]
    UnknownPart {
        /// The name of the rule.
        rule: String,
        /// What it reads.
        part: String,
    },
    /// Of what is stored it reads something that is not an extension whose schema is registered or whose name is open. The
    /// start and an earlier end need not be declared.
    #[error(
        "rule `{rule}` reads {part:?} of what is stored, which is neither a registered nor an open extension"
    )]
    #[non_exhaustive]
    UnknownStoredPart {
        /// The name of the rule.
        rule: String,
        /// What it reads.
        part: String,
    },
}

impl RuleError {
    /// The name of the rule.
    pub fn rule(&self) -> &str {
        match self {
            RuleError::InvalidName { name } | RuleError::NameTaken { name } => name,
            RuleError::UnknownPart { rule, .. } | RuleError::UnknownStoredPart { rule, .. } => rule,
        }
    }
}

/// A rule, and what it reads as the schemas of a validator have it.
#[derive(Clone, Debug)]
pub(super) struct Attached {
    pub(super) rule: Rule,
    pub(super) reads: Reads,
}

impl Attached {
    pub(super) fn new(rule: Rule, schemas: &Schemas, earlier: &[Attached]) -> Result<Self, RuleError> {
        check_rule_name(rule.name(), earlier.iter().map(|earlier| earlier.rule.name()))?;
        let reads = reads(rule.name(), rule.reads(), schemas)?;
        Ok(Attached { rule, reads })
    }

    pub(super) fn check(&self, parts: &Parts<'_>, findings: &mut Findings<'_>) {
        self.rule.check.check(parts, findings);
    }
}

/// Looks at the name of a rule, and whether it is taken.
pub(crate) fn check_rule_name<'n>(
    name: &str,
    mut earlier: impl Iterator<Item = &'n str>,
) -> Result<(), RuleError> {
    if !HostCode::is_formed(name) {
        return Err(RuleError::InvalidName { name: name.to_owned() });
    }
    if earlier.any(|earlier| earlier == name) {
        return Err(RuleError::NameTaken { name: name.to_owned() });
    }
    Ok(())
}

/// What a rule reads, given the names of the parts.
pub(crate) fn reads<'n>(
    rule: &str,
    names: impl Iterator<Item = &'n str>,
    schemas: &Schemas,
) -> Result<Reads, RuleError> {
    let mut reads = Reads::default();
    for name in names {
        if let Some(field) = FixedField::of(name) {
            reads.add_field(field);
        } else if let Some((ordinal, schema)) = schemas.get_full(name) {
            reads.add_extension(ordinal, schema.clone());
        } else if schemas.is_open(name) {
            reads.add_open(name);
        } else {
            return Err(RuleError::UnknownPart { rule: rule.to_owned(), part: name.to_owned() });
        }
    }
    Ok(reads)
}
