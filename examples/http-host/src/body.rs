//! Bodies of requests: how many bytes of them are taken, how long a sender may take, and what becomes of the rest.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use service_end::problem::ProblemCode;
use tokio::time::{Instant, timeout, timeout_at};

use crate::answer::{Failure, HostCode, problem};

/// What a sender may do.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// The most bytes of a body.
    pub bytes: usize,
    /// How long a sender may pause. The whole body may take six times as long.
    pub pause: Duration,
}

impl BodyLimits {
    /// Takes a body: all of it, or what is wrong with how it comes. One that says that it is too large is not
    /// waited for.
    ///
    /// # Errors
    /// `body_too_large`, `request_timeout`, `incomplete_body`.
    pub async fn read(&self, mut body: Body) -> Result<Bytes, Failure> {
        // It is known once there is something to wait for.
        let mut deadline = None;
        if body.size_hint().lower() > self.bytes as u64 {
            return Err(self.too_large());
        }
        let Some(mut whole) = self.next(&mut body, &mut deadline).await? else { return Ok(Bytes::new()) };
        if whole.len() > self.bytes {
            return Err(self.too_large());
        }
        // Most bodies come in one piece, which is not copied.
        let Some(more) = self.next(&mut body, &mut deadline).await? else { return Ok(whole) };
        let mut pieces = BytesMut::from(std::mem::take(&mut whole));
        let mut piece = more;
        loop {
            if piece.len() > self.bytes - pieces.len() {
                return Err(self.too_large());
            }
            pieces.extend_from_slice(&piece);
            match self.next(&mut body, &mut deadline).await? {
                Some(next) => piece = next,
                None => return Ok(pieces.freeze()),
            }
        }
    }

    async fn next(&self, body: &mut Body, deadline: &mut Option<Instant>) -> Result<Option<Bytes>, Failure> {
        loop {
            if body.is_end_stream() {
                return Ok(None);
            }
            let mut frame = body.frame();
            let frame = if let Some(ready) = (&mut frame).now_or_never() {
                Ok(ready)
            } else {
                let now = Instant::now();
                let whole = *deadline.get_or_insert(now + 6 * self.pause);
                timeout_at(whole.min(now + self.pause), frame).await
            };
            match frame {
                Ok(None) => return Ok(None),
                Ok(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
                Ok(Some(Err(_))) => {
                    let detail = "the body broke off, or is not sent as HTTP demands";
                    return Err(Failure::of_host(HostCode::IncompleteBody, detail));
                }
                Err(_) => {
                    let detail = "the body did not come in time; sending the same event again is safe";
                    return Err(Failure::of_host(HostCode::RequestTimeout, detail));
                }
            }
        }
    }

    fn too_large(&self) -> Failure {
        problem(ProblemCode::BodyTooLarge, format!("at most {} bytes are allowed", self.bytes))
    }
}

/// A body as it comes in. What nobody wants of it is taken from the connection all the same, for a short time:
/// where a connection is closed on a sender that is still sending, the sender may lose the answer.
#[derive(Debug)]
pub struct Lingering(Option<Incoming>);

/// How long the rest of a body is taken.
const LINGER: Duration = Duration::from_secs(2);

impl Lingering {
    /// The body of a request.
    pub fn new(incoming: Incoming) -> Self {
        Lingering(Some(incoming))
    }
}

impl http_body::Body for Lingering {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(incoming) = &mut self.0 else { return Poll::Ready(None) };
        let polled = Pin::new(incoming).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.0 = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), Incoming::size_hint)
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let Some(mut rest) = self.0.take().filter(|rest| !rest.is_end_stream()) else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(timeout(LINGER, async move { while let Some(Ok(_)) = rest.frame().await {} }));
        }
    }
}
