//! Requests: near to what the host takes, and all that a caller may send instead.

use axum::body::{Body, Bytes};
use axum::http::header::{HeaderMap, HeaderName, HeaderValue, IF_MATCH};
use axum::http::{Method, Request, Uri};
use futures_util::stream::iter;
use serde_json::Value;

use super::model::Model;
use crate::declared::read_schemas;
use crate::made::{Dice, body, damage, name_in_other_case, newer, schemas, telling_extensions, value_for};
use crate::plain::{Json, Type};

/// A request, as it comes off a connection.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub sent: Sent,
}

/// How a body arrives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sent {
    Whole,
    /// Of so many bytes, and the length is not told before.
    InPieces(usize),
    /// After so many bytes the connection breaks.
    Broken(usize),
}

const SCHEMAS: &str = "/metadata/services/extensions";
const METHODS: [&str; 8] = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "BREW"];
const ODD_IDS: [&str; 16] = [
    "0",
    "-1",
    "-0",
    "+1",
    "01",
    "1.5",
    "abc",
    "start",
    "%FF",
    "1%20",
    "1%2F2",
    "0x10",
    "{id}",
    "%",
    "9223372036854775807",
    "9223372036854775808",
];
const ODD_PATHS: [&str; 16] = [
    "/",
    "/nope",
    "*",
    "localhost:80",
    "http://localhost/health",
    "//health",
    "/health/",
    "/Health",
    "/services",
    "/services/",
    "/services//end",
    "/services/start/end",
    "/services/1/end/",
    "/metadata/services/extensions/",
    "/servic%65s/start",
    "/docs",
];
const ODD_TAGS: [&str; 12] =
    ["*", "\"x\"", "\"\"", "\"00\"", "\"-4711\"", "\"a,b\"", "W/\"x\"", "w/\"x\"", "\"a b\"", "\"", "x", ""];

impl Asked {
    pub fn new(method: &str, uri: &str, body: impl Into<Vec<u8>>) -> Self {
        let (method, uri) = (method.parse().expect("a method"), uri.parse().expect("a path"));
        Asked { method, uri, headers: HeaderMap::new(), body: body.into(), sent: Sent::Whole }
    }

    pub fn declare(schema: &str) -> Self {
        Asked::new("POST", SCHEMAS, schema)
    }

    /// An end for the schemas that the host should know.
    pub fn end(dice: &mut Dice<'_>, model: &Model, id: i64) -> Self {
        Asked::new("POST", &format!("/services/{id}/end"), event(dice, model))
    }

    pub fn show(id: i64) -> Self {
        Asked::new("GET", &format!("/services/{id}?extensions=*"), "")
    }

    /// The next request to a host; `None` if it is none that a connection lets through.
    pub fn made(dice: &mut Dice<'_>, model: &Model) -> Option<Self> {
        let ids = model.ids();
        let id = if dice.once_in(16) { 1_000_000_000 } else { dice.pick(&ids) };
        dice.service_id = id;
        let path_id = if dice.once_in(16) { dice.pick(&ODD_IDS).to_owned() } else { id.to_string() };
        let headers = headers(dice, model, id)?;
        let sent = dice.below(16);
        // Chosen before the body, which takes as many bytes as there are.
        let (is_odd_method, is_odd_path, is_odd_body) =
            (dice.once_in(16), dice.once_in(16), dice.once_in(24));
        let (mut method, mut uri, mut body) = match dice.below(16) {
            0..8 => ("POST", format!("/services/{path_id}/end"), event(dice, model)),
            8 => ("POST", "/services/start".to_owned(), start(dice)),
            9 | 10 => ("GET", format!("/services/{path_id}{}", query(dice, model)), String::new()),
            11 => ("POST", SCHEMAS.to_owned(), declaration(dice, model)),
            12 | 13 => {
                let force = dice.pick(&["", "?force=true", "?force=false", "?force", "?x=1&f%6Frce=tru%65"]);
                let schema = declaration(dice, model);
                let name = if dice.once_in(8) { None } else { schema_name(&schema) };
                let name = name.unwrap_or_else(|| name_of_one(dice, model));
                ("PUT", format!("{SCHEMAS}/{}{force}", encoded(dice, &name)), schema)
            }
            14 => {
                let name = name_of_one(dice, model);
                ("DELETE", format!("{SCHEMAS}/{}", encoded(dice, &name)), String::new())
            }
            _ => (
                "GET",
                dice.pick(&[SCHEMAS, "/health", "/metrics", "/openapi.json"]).to_owned(),
                String::new(),
            ),
        };
        if is_odd_method {
            method = dice.pick(&METHODS);
        }
        if is_odd_path {
            dice.pick(&ODD_PATHS).clone_into(&mut uri);
        }
        if is_odd_body {
            body = event(dice, model);
        }
        let mut body = body.into_bytes();
        if dice.once_in(16) {
            damage(dice, &mut body);
        } else if dice.once_in(24) {
            body = (0..dice.below(40)).map(|_| dice.below(256) as u8).collect();
        } else if dice.once_in(12) {
            // Just as long as a body may be, or not quite.
            let length = model.max_body() + dice.below(3) - 1;
            body.resize(body.len().max(length), b' ');
        }
        let sent = match sent {
            14 => Sent::InPieces(1 + dice.below(64)),
            15 => Sent::Broken(dice.below(body.len() + 1)),
            _ => Sent::Whole,
        };
        Some(Asked { method: method.parse().ok()?, uri: uri.parse().ok()?, headers, body, sent })
    }

    pub fn request(&self) -> Request<Body> {
        let pieces = |bytes: &[u8], size: usize| -> Vec<Result<Bytes, std::io::Error>> {
            bytes.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect()
        };
        let body = match self.sent {
            Sent::Whole => Body::from(self.body.clone()),
            Sent::InPieces(size) => Body::from_stream(iter(pieces(&self.body, size))),
            Sent::Broken(after) => {
                let mut pieces = pieces(&self.body[..after], after.max(1));
                pieces.push(Err(std::io::ErrorKind::ConnectionReset.into()));
                Body::from_stream(iter(pieces))
            }
        };
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }
}

/// The body of an end, for the schemas that the host should know.
fn event(dice: &mut Dice<'_>, model: &Model) -> String {
    let registered = read_schemas(&model.schemas_json());
    if !dice.once_in(2) {
        return body(dice, &registered, &Vec::new());
    }
    // One without mistakes, at times by the schemas of before. Where another host has changed one, it is near to what tells
    // the two apart.
    let at_hand = read_schemas(&model.schemas_at_hand_json());
    let mut members: Vec<_> = if dice.once_in(2) { &registered } else { &at_hand }
        .iter()
        .map(|old| {
            let new = registered.iter().find(|new| new.name.eq_ignore_ascii_case(&old.name)).unwrap_or(old);
            let extensions = telling_extensions(dice, old, new);
            let extension = match dice.below(3) {
                0 => &extensions[0],
                1 => &extensions[dice.below(extensions.len())],
                // All defaults.
                _ if old.many => "[{}]",
                _ => "{}",
            };
            format!("\"{}\":{extension}", old.name)
        })
        .collect();
    if !members.iter().any(|member| member.starts_with("\"Feedback0\"")) {
        // It may be open now, and be declared later.
        let open = dice.pick(&["{\"rating0\":7}", "[{}]", "\"x\"", "[]"]);
        members.push(format!("\"Feedback0\":{open}"));
    }
    members.retain(|_| !dice.once_in(3));
    format!("{{{}}}", members.join(","))
}

fn start(dice: &mut Dice<'_>) -> String {
    match dice.below(4) {
        0 => String::new(),
        1 => body(dice, &[], &Vec::new()),
        _ => {
            // As many mistakes as are told, or about.
            let many = if dice.once_in(6) { 100 + dice.below(3) } else { 0 };
            let timestamp = value_for(dice, Type::DateTime);
            let more = dice.pick(&["", "", ",\"timestamp\":null", ",\"a/b~c\":[{}]", ",\"\\u0041\":1e400"]);
            let many: Vec<_> = (0..many).map(|ordinal| format!(",\"{ordinal}\":0")).collect();
            format!("{{\"timestamp\":{timestamp}{more}{}}}", many.concat())
        }
    }
}

/// A schema: a new one, a newer version of one that is registered, or none at all.
pub fn declaration(dice: &mut Dice<'_>, model: &Model) -> String {
    // What is declared may be told, so it holds no secrets.
    let secretive = std::mem::replace(&mut dice.secretive, false);
    let all = match dice.below(4) {
        0 => Some(schemas(dice, false)),
        1 => Some(schemas(dice, true)),
        2 => newer(dice, &model.schemas_json()),
        _ => with_another_attribute(dice, &model.schemas_json()),
    };
    dice.secretive = secretive;
    let all = all.unwrap_or_else(|| "[]".to_owned());
    let Ok(json) = Json::of(&all) else { return all };
    let each = json.elements();
    if each.is_empty() { all.clone() } else { each[dice.below(each.len())].text().to_owned() }
}

/// Schemas, of which each has one of its attributes anew, with another default if there is one.
fn with_another_attribute(dice: &mut Dice<'_>, old: &str) -> Option<String> {
    let mut all: Value = serde_json::from_str(old).ok()?;
    for schema in all.as_array_mut()? {
        let fresh: Value = serde_json::from_str(&schemas(dice, false)).ok()?;
        let attributes = schema["attributes"].as_array_mut()?;
        let at = dice.below(attributes.len());
        let fresh = fresh.pointer("/0/attributes")?.as_array()?;
        let has_default = |attribute: &&Value| attribute.get("default").is_some();
        let mut attribute = fresh.iter().find(has_default).or(fresh.first())?.clone();
        attribute["name"] = attributes[at]["name"].clone();
        attributes[at] = attribute;
    }
    Some(all.to_string())
}

fn schema_name(schema: &str) -> Option<String> {
    let schema: Value = serde_json::from_str(schema).ok()?;
    Some(schema.get("name")?.as_str()?.to_owned())
}

/// The name of a schema that the host should know, nearly always.
fn name_of_one(dice: &mut Dice<'_>, model: &Model) -> String {
    let names = model.names();
    if names.is_empty() || dice.once_in(8) {
        return dice.pick(&["nope", "E0", "é", "a/b", "*", "%FF"]).to_owned();
    }
    let name = names[dice.below(names.len())].clone();
    name_in_other_case(dice, &name)
}

/// Text as a part of a path or a query.
fn encoded(dice: &mut Dice<'_>, text: &str) -> String {
    let each = text.bytes().map(|byte| {
        let plain = byte.is_ascii_alphanumeric() || b"*_%".contains(&byte);
        if plain && !dice.once_in(24) { char::from(byte).to_string() } else { format!("%{byte:02x}") }
    });
    each.collect()
}

fn query(dice: &mut Dice<'_>, model: &Model) -> String {
    let lists: Vec<_> = (0..dice.pick(&[1, 0, 2]))
        .map(|_| {
            let names: Vec<_> = (0..dice.pick(&[1, 2, 3, 0]))
                .map(|_| {
                    let name = if dice.once_in(3) { "*".to_owned() } else { name_of_one(dice, model) };
                    encoded(dice, &name)
                })
                .collect();
            let key =
                dice.pick(&["extensions", "extensions", "extensions", "Extensions", "x", "%65xtensions"]);
            format!("{key}={}", names.join(dice.pick(&[",", "%2C", "+,", ",,", "&"])))
        })
        .collect();
    format!("?{}", lists.join("&"))
}

fn headers(dice: &mut Dice<'_>, model: &Model, id: i64) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for _ in 0..dice.pick(&[0, 1, 0, 2]) {
        let version = model.version(id).unwrap_or_default();
        let tags: Vec<_> = (0..dice.pick(&[1, 2, 3]))
            .map(|_| match dice.below(8) {
                0..4 => format!("\"{version}\""),
                4 => format!("\"{}\"", version - 1),
                5 => format!("W/\"{version}\""),
                6 => format!("\"{}{version}\"", dice.pick(&["0", "+"])),
                _ => dice.pick(&ODD_TAGS).to_owned(),
            })
            .collect();
        let list = tags.join(dice.pick(&[",", ", ", " ,\t", ", ,", " "]));
        let mut list = list.into_bytes();
        if dice.once_in(12) {
            damage(dice, &mut list);
        }
        headers.append(IF_MATCH, HeaderValue::from_bytes(&list).ok()?);
    }
    if dice.once_in(12) {
        let name = dice.pick(&[
            "content-type",
            "accept",
            "if-none-match",
            "expect",
            "content-length",
            "content-encoding",
        ]);
        let value = dice.pick(&["", "*", "text/plain", "0", "gzip", "100-continue", "\"1\""]);
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    Some(headers)
}
