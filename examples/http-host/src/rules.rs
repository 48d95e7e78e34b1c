//! Rules of this host, from the file of `--rules`: what no schema can say. The README tells their form.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use service_end::validate::{Findings, Parts, Rule, RuleError};
use service_end::{
    Extension, Schemas, Validator, Value, event::OpenExtension, schema::FixedField, violation::HostCode,
};

/// The rules of a file.
#[derive(Clone, Debug, Default)]
pub struct Rules(Arc<[Declared]>);

/// A rule as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    name: String,
    #[serde(deserialize_with = "code")]
    code: HostCode,
    message: String,
    when: Condition,
    /// The extension, or the attribute, that must then be there.
    needs: String,
}

/// When a rule applies. One key says of which kind it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Condition {
    /// A fixed field has this value: the event must then have a record of an extension.
    Field(FieldIs),
    /// A number of a record is at most so large: the record must then have another attribute, not empty.
    Record(NumberAtMost),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldIs {
    name: FixedField,
    is: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NumberAtMost {
    extension: String,
    attribute: String,
    at_most: i64,
}

fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HostCode, D::Error> {
    let text = String::deserialize(deserializer)?;
    HostCode::new(&text).map_err(|error| D::Error::custom(format!("`{text}`: {error}")))
}

impl Rules {
    /// Reads a file of rules, and looks at all that can be wrong with them whatever the schemas are.
    pub fn read(file: &str) -> Result<Self, String> {
        let text = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
        let rules: Vec<Declared> =
            serde_json::from_slice(&text).map_err(|error| format!("{file}: {error}"))?;
        let mut names = Validator::default();
        for declared in &rules {
            let nothing = |_: &Parts<'_>, _: &mut Findings<'_>| {};
            let rule = Rule::new(&declared.name, [""; 0], nothing);
            names = names.with_rule(rule).map_err(|error: RuleError| format!("{file}: {error}"))?;
        }
        Ok(Rules(rules.into()))
    }

    /// Gives them to a validator. A rule whose extension or attribute is not declared waits until it is, unless it needs no
    /// more than an extension whose name is open.
    #[must_use]
    pub fn attached(&self, validator: Validator) -> Validator {
        self.0.iter().fold(validator, |validator, declared| {
            if !declared.fits(validator.schemas()) {
                return validator;
            }
            match validator.with_rule(declared.rule()) {
                Ok(validator) => validator,
                Err(error) => unreachable!("its name and what it reads were looked at: {error}"),
            }
        })
    }
}

impl Declared {
    fn fits(&self, schemas: &Schemas) -> bool {
        match &self.when {
            Condition::Field(_) => schemas.get(&self.needs).is_some() || schemas.is_open(&self.needs),
            Condition::Record(NumberAtMost { extension, attribute, .. }) => {
                let schema = schemas.get(extension);
                schema.is_some_and(|schema| {
                    [attribute, &self.needs].into_iter().all(|name| schema.attribute(name).is_some())
                })
            }
        }
    }

    fn rule(&self) -> Rule {
        let Declared { name, code, message, when, needs } = self.clone();
        match when {
            Condition::Field(FieldIs { name: field, is }) => {
                let reads = [field.name().to_owned(), needs.clone()];
                Rule::new(&name, reads, move |parts: &Parts<'_>, findings: &mut Findings<'_>| {
                    let applies = parts.field(field) == Some(Value::Long(is));
                    let lacks = parts.extension(&needs).is_none_or(Extension::is_empty)
                        && parts.open_extension(&needs).is_none_or(OpenExtension::is_empty);
                    if applies && lacks {
                        findings.at_extension(&needs, &code, &*message);
                    }
                })
            }
            Condition::Record(NumberAtMost { extension, attribute, at_most }) => {
                let reads = [extension.clone()];
                Rule::new(&name, reads, move |parts: &Parts<'_>, findings: &mut Findings<'_>| {
                    let records = parts.extension(&extension).into_iter().flatten();
                    for (ordinal, record) in records.enumerate() {
                        let number = record.get(&attribute).and_then(Value::as_i64);
                        let lacks = match record.get(&needs) {
                            Some(Value::String(text)) => text.is_empty(),
                            Some(_) => false,
                            None => true,
                        };
                        if lacks && number.is_some_and(|number| number <= at_most) {
                            findings.at_attribute(&extension, ordinal, &needs, &code, &*message);
                        }
                    }
                })
            }
        }
    }
}
