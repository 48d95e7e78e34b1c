//! Parts of a request, read a second time: by the letter of the standards, in the most obvious way.

use axum::http::{HeaderMap, HeaderValue};

/// Text with `%` and two digits for each byte that can't stand in it.
pub fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|digit| char::from(*digit).to_digit(16));
    let (mut decoded, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((16 * high + low) as u8);
                at += 3;
            }
            (other, ..) => {
                decoded.push(other);
                at += 1;
            }
        }
    }
    decoded
}

/// The names and values of a query, as a form in a browser writes them.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    let text = |part: &str| String::from_utf8_lossy(&percent_decoded(&part.replace('+', " "))).into_owned();
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

/// What `If-Match` asks for.
#[derive(Debug, PartialEq)]
pub enum IfMatch {
    /// Nothing, or that there is a service.
    Any,
    /// One of these strong tags.
    Tags(Vec<Vec<u8>>),
    Invalid,
}

/// RFC 9110, 13.1.1 and 5.6.1. Several fields are one list.
pub fn if_match(headers: &HeaderMap) -> IfMatch {
    let fields: Vec<_> = headers.get_all("if-match").iter().map(HeaderValue::as_bytes).collect();
    if fields.is_empty() || matches!(&fields[..], [one] if one.trim_ascii() == b"*") {
        return IfMatch::Any;
    }
    let (mut tags, mut elements) = (Vec::new(), 0);
    let list = fields.join(&b',');
    let mut rest = list.trim_ascii();
    while !rest.is_empty() {
        let mut end = 0;
        let mut quoted = false;
        while end < rest.len() && (quoted || rest[end] != b',') {
            quoted ^= rest[end] == b'"';
            end += 1;
        }
        let element = rest[..end].trim_ascii();
        rest = rest.get(end + 1..).unwrap_or_default().trim_ascii();
        if element.is_empty() {
            continue;
        }
        elements += 1;
        let strong = element.strip_prefix(b"W/").unwrap_or(element);
        let Some(tag) = strong.strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\"")) else {
            return IfMatch::Invalid;
        };
        if tag.iter().any(|byte| b"\" \t".contains(byte)) {
            return IfMatch::Invalid;
        }
        if strong.len() == element.len() {
            tags.push(tag.to_vec());
        }
    }
    if elements == 0 { IfMatch::Invalid } else { IfMatch::Tags(tags) }
}

/// A path, if the host has something there.
#[derive(Clone, Debug, PartialEq)]
pub enum Route {
    Schemas,
    Schema(Segment),
    Start,
    End(Segment),
    Service(Segment),
    Health,
    Metrics,
    OpenApi,
}

/// A part of a path, if it is text.
pub type Segment = Option<String>;

impl Route {
    pub fn of(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let segment = |part: &str| String::from_utf8(percent_decoded(part)).ok();
        Some(match parts[..] {
            ["metadata", "services", "extensions"] => Route::Schemas,
            ["metadata", "services", "extensions", name] if !name.is_empty() => Route::Schema(segment(name)),
            ["services", "start"] => Route::Start,
            ["services", id, "end"] => Route::End(segment(id)),
            ["services", id] if !id.is_empty() => Route::Service(segment(id)),
            ["health"] => Route::Health,
            ["metrics"] => Route::Metrics,
            ["openapi.json"] => Route::OpenApi,
            _ => return None,
        })
    }

    pub fn methods(&self) -> &'static [&'static str] {
        match self {
            Route::Schemas => &["GET", "HEAD", "POST"],
            Route::Schema(_) => &["DELETE", "PUT"],
            Route::Start | Route::End(_) => &["POST"],
            _ => &["GET", "HEAD"],
        }
    }
}
