//! Connections: how many at once, how long one may keep us waiting, and how all of it ends.

use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;

use crate::options::Options;

/// Serves until SIGTERM or SIGINT, then lets what is in flight come to its end, within the time of grace.
pub async fn serve(routes: Router, options: &Options) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(&options.listen).await;
    let listener = listener.map_err(|error| format!("can't listen on {}: {error}", options.listen))?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    // Nobody may be reading.
    let _ = writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(options.read_timeout);
    let places = Arc::new(Semaphore::new(options.max_connections.into()));
    let in_flight = GracefulShutdown::new();
    loop {
        // Without a free place nobody is accepted: callers wait in the queue of the operating system.
        let accept = async { (Arc::clone(&places).acquire_owned().await, listener.accept().await) };
        let (place, stream) = tokio::select! {
            biased;
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            (place, accepted) = accept => match accepted {
                Ok((stream, _)) => (place, stream),
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
        stream.set_write_timeout(Some(options.read_timeout));
        let service = TowerToHyperService::new(routes.clone());
        let connection = in_flight.watch(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
        tokio::spawn(async move {
            // What goes wrong with a connection is the caller's affair; requests have their own line in the log.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    if timeout(options.grace, in_flight.shutdown()).await.is_err() {
        tracing::warn!("some requests were not finished in time");
    }
    Ok(())
}
