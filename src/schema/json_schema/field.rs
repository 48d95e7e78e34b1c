//! The fixed fields.

use super::attribute::{Form, characters, or_null, text, timestamp, whole};
use crate::schema::business::{BusinessAttributes, BusinessField};
use crate::schema::field::FixedField;
use crate::schema::node::{Node, object};
use crate::value::{BusinessName, DispositionDesc, InteractionId, SessionId};

/// The schema of a fixed field, with what a form shows of it.
pub(super) fn field(field: FixedField, business: &BusinessAttributes, form: Form) -> Node {
    let (title, description) = described(field);
    let (value, limit) = match field {
        FixedField::SessionId => bounded(SessionId::MAX_CHARS),
        FixedField::InteractionId => bounded(InteractionId::MAX_CHARS),
        FixedField::DispositionDesc => bounded(DispositionDesc::MAX_CHARS),
        FixedField::ApplicationId | FixedField::ResourceId | FixedField::ServiceId => {
            (whole(i64::MIN, i64::MAX), String::new())
        }
        FixedField::ApplicationType => (coded(BusinessField::ApplicationType, business), String::new()),
        FixedField::ResourceType => (coded(BusinessField::ResourceType, business), String::new()),
        FixedField::MediaType => (coded(BusinessField::MediaType, business), String::new()),
        FixedField::Disposition => (coded(BusinessField::Disposition, business), String::new()),
        FixedField::Timestamp => (timestamp(form), String::new()),
    };
    let value = if form == Form::Body { or_null(value) } else { value };
    object! { "title": title, "description": format!("{description}{limit}.") }.joined(value)
}

fn bounded(limit: usize) -> (Node, String) {
    (text(Some(limit)), format!(", at most {}", characters(limit)))
}

/// Any id or name, or those that the host declared: each under its name, by its id and by its name.
fn coded(field: BusinessField, business: &BusinessAttributes) -> Node {
    match business.values(field) {
        Some(values) => {
            let choice = |(id, name): (i64, &str)| {
                let both = [Node::Integer(id), name.to_owned().into()];
                object! { "title": name.to_owned(), "enum": both }
            };
            let choices: Vec<Node> = values.map(choice).collect();
            object! { "anyOf": choices }
        }
        None => object! { "anyOf": [whole(i64::MIN, i64::MAX), text(Some(BusinessName::MAX_CHARS))] },
    }
}

fn described(field: FixedField) -> (&'static str, &'static str) {
    match field {
        FixedField::SessionId => ("Session", "The id of the related session"),
        FixedField::InteractionId => ("Interaction", "The id of the interaction at the event's creation"),
        FixedField::ApplicationType => {
            ("Application type", "The type or class of the application that issues the event")
        }
        FixedField::ApplicationId => ("Application", "The DB id of the application that issues the event"),
        FixedField::ResourceType => {
            ("Resource type", "The type or class of the resource that provides the service")
        }
        FixedField::ResourceId => ("Resource", "The DB id of the resource that provides the service"),
        FixedField::MediaType => ("Media type", "The media type, such as e-mail, voice or chat"),
        FixedField::Disposition => ("Disposition", "The business disposition of the service"),
        FixedField::DispositionDesc => {
            ("Description of the disposition", "What the disposition means in this case")
        }
        FixedField::Timestamp => ("Timestamp", "When the service ended, like 2009-05-12T12:05:12.145Z"),
        FixedField::ServiceId => ("Service", "The id of the service"),
    }
}
