use serde::ser::{Serialize, SerializeMap, Serializer};

use super::completion::Completion;
use super::service::write_service;
use crate::value::{ServiceId, Timestamp, Version};

/// What others are told of an end: billing, reporting, the customer. A [`CloudEvents`](https://cloudevents.io) 1.0
/// document.
///
/// Whoever publishes it only once the service has ended may lose it, since a host can die in between, and whoever
/// publishes it before may tell what never happens. So a store keeps it in the transaction of the end, and it is published
/// from there, perhaps more than once. Its [id](Notice::id) never changes: by it a receiver recognises
/// what it was told before.
///
/// `serde` writes it in the structured mode of JSON (`application/cloudevents+json`), as [`Notice::to_json`] does. For the
/// binary mode there are [`Notice::attributes`] and [`Notice::data_to_json`].
///
/// ```
/// use service_end::service::{Decision, decide};
/// use service_end::{EndRules, Schemas, StoredService, Timestamp, Validator};
/// let started: Timestamp = "2009-05-12T11:50:00Z".parse().unwrap();
/// let now: Timestamp = "2009-05-12T12:05:12Z".parse().unwrap();
/// let service = StoredService::new(7, 1, started);
/// let event = Validator::new(Schemas::new()).read(br#"{ "disposition": 10 }"#).unwrap();
/// let Ok(Decision::Complete(completion)) = decide(7, Some(&service), event, &EndRules::new(), now) else {
///     panic!("an active service ends");
/// };
/// let notice = completion.notice("https://crm.example/services").with_types("com.example.ended", "com.example.replaced");
/// assert_eq!(notice.to_json(), concat!(
///     r#"{"specversion":"1.0","id":"7-1","source":"https://crm.example/services","type":"com.example.ended","#,
///     r#""subject":"7","time":"2009-05-12T12:05:12.000Z","datacontenttype":"application/json","data":{"#,
///     r#""service_id":7,"started":{"timestamp":"2009-05-12T11:50:00.000Z"},"#,
///     r#""completed":{"timestamp":"2009-05-12T12:05:12.000Z","disposition":10}}}"#,
/// ));
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Notice<'c> {
    completion: &'c Completion,
    source: &'c str,
    ended: &'c str,
    replaced: &'c str,
}

impl Completion {
    /// The notice of this end, from a source: a URI reference that is not empty, and that names the host's services among
    /// all that those who are told hear from. It is not checked here; [`NoticeOrigin`](crate::service::NoticeOrigin) is.
    pub fn notice<'c>(&'c self, source: &'c str) -> Notice<'c> {
        Notice { completion: self, source, ended: Notice::ENDED, replaced: Notice::REPLACED }
    }
}

impl<'c> Notice<'c> {
    /// The type of the first end of a service, unless the host says otherwise.
    pub const ENDED: &'static str = "service-end.ended";
    /// The type of an end that replaces an earlier one, unless the host says otherwise.
    pub const REPLACED: &'static str = "service-end.replaced";
    /// The media type of the data.
    pub const DATA_CONTENT_TYPE: &'static str = "application/json";

    /// With types of the host's own: of the first end of a service, and of one that replaces an earlier end. They begin
    /// with the host's domain in reverse, as `CloudEvents` recommends.
    pub fn with_types(mut self, ended: &'c str, replaced: &'c str) -> Self {
        (self.ended, self.replaced) = (ended, replaced);
        self
    }

    /// The service's id and the version that was decided on, `36981723-1`. Only one end can be committed at a version, so
    /// no other notice of this source ever has this id, and this one has no other.
    pub fn id(&self) -> String {
        notice_id(self.completion.service_id(), self.completion.version())
    }

    /// Where it comes from.
    pub fn source(&self) -> &'c str {
        self.source
    }

    /// What it tells.
    pub fn event_type(&self) -> &'c str {
        if self.completion.replaces() { self.replaced } else { self.ended }
    }

    /// The id of the service.
    pub fn subject(&self) -> String {
        self.completion.service_id().to_string()
    }

    /// When the service ended.
    pub fn time(&self) -> Timestamp {
        self.completion.end().timestamp()
    }

    /// Its attributes for the binary mode, with their names. Over HTTP each is a header, `ce-` before its name, its value
    /// percent-encoded as the HTTP binding of `CloudEvents` demands, and [`Notice::DATA_CONTENT_TYPE`] is the header
    /// `content-type`.
    pub fn attributes(&self) -> impl Iterator<Item = (&'static str, String)> {
        [
            ("specversion", SPEC_VERSION.to_owned()),
            ("id", self.id()),
            ("source", self.source.to_owned()),
            ("type", self.event_type().to_owned()),
            ("subject", self.subject()),
            ("time", self.time().to_string()),
        ]
        .into_iter()
    }

    /// The data as JSON: the document of the service as it ended, with those of its extensions that the event named. One
    /// that the event cleared is left out.
    pub fn data_to_json(&self) -> String {
        serde_json::to_string(&Data(self.completion))
            .unwrap_or_else(|error| unreachable!("plain values: {error}"))
    }

    /// All of it as one JSON document: the structured mode.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| unreachable!("plain values: {error}"))
    }
}

const SPEC_VERSION: &str = "1.0";

/// The id of the notice of an end that was decided on this version.
pub(crate) fn notice_id(service_id: ServiceId, version: Version) -> String {
    format!("{service_id}-{version}")
}

impl Serialize for Notice<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        for (name, value) in self.attributes() {
            json.serialize_entry(name, &value)?;
        }
        json.serialize_entry("datacontenttype", Self::DATA_CONTENT_TYPE)?;
        json.serialize_entry("data", &Data(self.completion))?;
        json.end()
    }
}

/// The service as it ended.
struct Data<'c>(&'c Completion);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Data(completion) = self;
        let end = Some(completion.end());
        write_service(
            serializer,
            completion.service_id(),
            completion.started(),
            end,
            completion.all_extensions(),
        )
    }
}
