//! Problem documents as JSON Schema.

use super::code::ProblemCode;
use crate::schema::Question;
use crate::schema::node::{Node, object};
use crate::violation::Code;

/// A problem of this crate or of a host, which can have members of its own.
pub(super) fn problem_schema() -> Node {
    let codes: Vec<Node> = ProblemCode::ALL.iter().map(|code| code.as_str().into()).collect();
    let violations = object! {
        "type": "array", "items": object! { "$ref": "#/components/schemas/Violation" },
        "description": "Everything that is wrong with the body or the schema, in the order of the text.",
    };
    object! {
        "title": "Problem",
        "description": "What went wrong (RFC 9457).",
        "type": "object",
        "properties": object! {
            "type": text("The kind of problem, as an address.").with("format", "uri"),
            "title": text("A short summary, always the same for a code."),
            "status": object! { "type": "integer", "description": "The HTTP status.", "minimum": 400_i64, "maximum": 599_i64 },
            "code": text("The kind of problem, in one word. Hosts can have codes of their own.").with("examples", codes),
            "detail": text("What happened this time, for people."),
            "line": place("The line of a syntax error."),
            "column": place("The column of a syntax error, in characters."),
            "violations": violations,
            "truncated": object! { "type": "boolean", "description": "Whether there are more violations than are told." },
            "differences": object! {
                "type": "array", "items": object! { "type": "string" },
                "description": "Where the event differs from the one that ended the service, as JSON pointers.",
            },
            "changes": object! {
                "type": "array", "items": change_schema(),
                "description": "How the two versions of the schema differ.",
            },
        },
        "required": ["type", "title", "status", "code", "detail"],
    }
}

fn change_schema() -> Node {
    let questions: Vec<Node> = Question::NAMES.iter().map(|name| (*name).into()).collect();
    object! {
        "type": "object",
        "properties": object! {
            "pointer": text("Where it is in the schema, as a JSON pointer."),
            "code": text("What it is, in one word."),
            "message": text("What it is, for people."),
            "breaks": object! {
                "type": "array", "items": object! { "enum": questions }, "description": "What it breaks by itself.",
            },
        },
        "required": ["pointer", "code", "message", "breaks"],
    }
}

pub(super) fn violation_schema() -> Node {
    let codes: Vec<Node> = Code::ALL.iter().map(|code| code.as_str().into()).collect();
    object! {
        "title": "Violation",
        "description": "One thing that is wrong with a text. It never repeats a value from it.",
        "type": "object",
        "properties": object! {
            "pointer": text("Where it is, as a JSON pointer (RFC 6901)."),
            "code": text("What it is, in one word. Hosts can have codes of their own.").with("examples", codes),
            "message": text("What it is, for the person who fixes it."),
            "params": object! { "type": "object", "description": "The numbers and names that the message is made of." },
            "expected": object! {
                "type": "array", "items": object! { "type": "string" }, "description": "What would be right.",
            },
            "suggestion": text("What was probably meant."),
            "line": place("The line."),
            "column": place("The column, in characters."),
        },
        "required": ["pointer", "code", "message"],
    }
}

fn text(description: &str) -> Node {
    object! { "type": "string", "description": description }
}

fn place(description: &str) -> Node {
    object! { "type": "integer", "description": format!("{description} From 1."), "minimum": 1_i64 }
}
