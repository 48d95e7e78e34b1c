//! The host over HTTP, called without a socket: whatever the method, the path, the headers and the body, it never fails,
//! every refusal is a problem document, and no value of a body stands in one.

use std::sync::{Arc, LazyLock};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Method, Request, Uri};
use axum::response::Response;
use clap::Parser as _;
use http_host::host::Host;
use http_host::metrics::Metrics;
use http_host::options::Options;
use http_host::store::memory;
use service_end::Problem;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

use crate::declared::{read_business, read_schemas};
use crate::host::routes;
use crate::made::{Dice, body, schemas};

const METHODS: [&str; 8] = ["POST", "GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "odd"];
const PATHS: [&str; 12] = [
    "/services/{id}/end",
    "/services/{id}/end",
    "/services/{id}/end",
    "/services/{id}",
    "/services/{id}?extensions={name}",
    "/services/start",
    "/metadata/services/extensions",
    "/metadata/services/extensions/{name}",
    "/metadata/services/extensions/{name}?force=true",
    "/openapi.json",
    "/metrics",
    "/health",
];
const ODD_PIECES: [&str; 12] =
    ["%ff", "%00", "%2F", "+1", "007", "-1", "", "*", "%zz", "?", "..", "9223372036854775808"];
const CONDITIONS: [&str; 8] = ["*", "\"1\"", "\"2\"", "W/\"1\"", "\"1\", \"2\"", "1", "\"", ""];

pub fn made(data: &[u8]) {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        Builder::new_current_thread().enable_all().build().unwrap_or_else(|error| panic!("{error}"))
    });
    static OPTIONS: LazyLock<[Arc<Options>; 2]> = LazyLock::new(|| {
        let options = |more: &[&str]| {
            let given = ["http-host", "--max-body", "3000"].iter().chain(more);
            Arc::new(Options::try_parse_from(given).expect("they are good"))
        };
        [options(&[]), options(&["--open", "*", "--policy", "replace-earlier"])]
    });
    let mut dice = Dice::new(data);
    dice.secretive = dice.once_in(2);
    let options = &OPTIONS[dice.below(2)];
    let host = Arc::new(Host::new(memory::open(None), Arc::clone(options)));
    let router = routes(host, &Arc::new(Metrics::new(false)), options);
    // Schemas that are valid, mostly, and known from then on.
    let declared = schemas(&mut dice, false);
    let elements: Vec<serde_json::Value> = serde_json::from_str(&declared).unwrap_or_default();
    let known =
        service_end::Schemas::from_json(&declared).map(|_| read_schemas(&declared)).unwrap_or_default();
    RUNTIME.block_on(async {
        for schema in &elements {
            let request = Request::post("/metadata/services/extensions").body(Body::from(schema.to_string()));
            check(router.clone().oneshot(request.expect("it is good")).await, None).await;
        }
        let mut id = "7".to_owned();
        let started =
            router.clone().oneshot(Request::post("/services/start").body(Body::empty()).expect("good"));
        if let Some(location) = check(started.await, None).await {
            id = location.trim_start_matches("/services/").to_owned();
        }
        for _ in 0..=dice.below(5) {
            let names: Vec<&str> = known.iter().map(|schema| &*schema.name).collect();
            let name = if names.is_empty() { "Survey" } else { dice.pick(&names) };
            let Some(uri) = uri(&mut dice, &id, name) else { continue };
            let method = Method::from_bytes(dice.pick(&METHODS).as_bytes()).expect("a token");
            let mut request = Request::builder().method(method).uri(uri);
            if dice.once_in(2) {
                request = request.header("If-Match", dice.pick(&CONDITIONS));
            }
            if let Some(value) = bytes(&mut dice)
                .filter(|_| dice.once_in(4))
                .and_then(|value| HeaderValue::from_bytes(&value).ok())
            {
                request = request.header(
                    dice.pick(&["If-Match", "Content-Type", "Accept", "Content-Length", "Expect"]),
                    value,
                );
            }
            let text = match dice.below(6) {
                0 => bytes(&mut dice).unwrap_or_default(),
                1 => elements.first().map(ToString::to_string).unwrap_or_default().into_bytes(),
                _ => body(&mut dice, &known, &read_business("{}")).into_bytes(),
            };
            let path = request.uri_ref().map(|uri| uri.path().to_owned()).unwrap_or_default();
            // What a schema says is no personal data.
            let is_secret = dice.secretive && path.starts_with("/services/");
            let Ok(request) = request.body(Body::from(text.clone())) else { continue };
            check(router.clone().oneshot(request).await, is_secret.then_some(&*text)).await;
        }
    });
}

fn uri(dice: &mut Dice<'_>, id: &str, name: &str) -> Option<Uri> {
    let id = if dice.once_in(8) { dice.pick(&ODD_PIECES) } else { id };
    let name = if dice.once_in(8) { dice.pick(&ODD_PIECES) } else { name };
    let mut path = dice.pick(&PATHS).replace("{id}", id).replace("{name}", name);
    if dice.once_in(12) {
        path.push_str(dice.pick(&ODD_PIECES));
    }
    path.parse().ok()
}

fn bytes(dice: &mut Dice<'_>) -> Option<Vec<u8>> {
    let length = dice.below(40);
    Some((0..length).map(|_| dice.below(256) as u8).collect())
}

/// Judges an answer. Where something was made, tells where it is.
async fn check<E: std::fmt::Debug>(answer: Result<Response, E>, secret: Option<&[u8]>) -> Option<String> {
    let (head, body) = answer.expect("a router never fails").into_parts();
    let text = to_bytes(body, usize::MAX).await.expect("it is in memory");
    let told = || format!("{head:?}\n{}", String::from_utf8_lossy(&text));
    assert!(head.status.as_u16() < 500, "{}", told());
    if head.status.is_client_error() {
        assert_eq!(
            head.headers.get("content-type").map(HeaderValue::as_bytes),
            Some(Problem::MEDIA_TYPE.as_bytes()),
            "{}",
            told()
        );
        if !text.is_empty() {
            let problem: Problem =
                serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{error}: {}", told()));
            assert_eq!(problem.status(), head.status.as_u16(), "{}", told());
        }
        if secret.is_some() {
            let text = String::from_utf8_lossy(&text);
            assert!(!text.contains(Dice::SECRETS) && !text.contains(Dice::SECRET_NUMBER), "{}", told());
        }
    }
    head.headers.get("location").and_then(|value| value.to_str().ok()).map(str::to_owned)
}
