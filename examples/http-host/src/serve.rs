//! Connections: how many at once, how long one may keep us waiting, and how all of it ends.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tower_service::Service as _;

use crate::body::Lingering;

/// What connections may do.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// The most of them at once. Further callers wait in the queue of the operating system.
    pub connections: usize,
    /// How long a connection may take to send the head of a request, idle or not, and how long it may leave an
    /// answer unread. It is closed then.
    pub patience: Duration,
    /// How long what is in flight may take when the host stops.
    pub grace: Duration,
}

/// Serves until `stop` is done, then lets what is in flight come to its end.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.patience);
    let places = Arc::new(Semaphore::new(limits.connections));
    let in_flight = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let accept = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (listener.accept().await, place)
        };
        let (stream, place) = tokio::select! {
            biased;
            () = &mut stop => break,
            (accepted, place) = accept => match accepted {
                Ok((stream, _)) => (stream, place),
                // The caller has gone already, or there are no more file descriptors: others come to their end.
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        // An answer is written at once, so nothing is gained by waiting for more.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.patience));
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            router.clone().call(request.map(|body| Body::new(Lingering::new(body))))
        });
        let connection = in_flight.watch(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
        tokio::spawn(async move {
            // What goes wrong with a connection is the caller's affair; requests have their own line in the log.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    if timeout(limits.grace, in_flight.shutdown()).await.is_err() {
        tracing::warn!("some requests were not finished in time");
    }
}
