//! Complete Service over HTTP: the original's API in front of any store.
//!
//! Here the host is put together. Read `routes.rs` next: what can be asked of it, and a function for each.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use http_host::{
    answer::chain, host::Host, log, metrics::Metrics, options::Options, publish::Publisher, routes::routes,
    serve::serve, store::Store,
};
use service_end::storage::AsyncOutbox;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Arc::new(Options::parse());
    let _written = log::start(options.log);
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("http-host: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}

/// Serves from the storage of the options, which keeps notices if they are published, until the host is told to stop.
async fn run(options: &Arc<Options>) -> Result<(), Box<dyn Error>> {
    let origin = options.publish.as_ref().and(options.publish_source.clone());
    match options.storage.split_once(':').unwrap_or((&options.storage, "")) {
        #[cfg(feature = "memory")]
        ("memory", "") => run_on(http_host::store::memory::open(origin), options).await,
        #[cfg(feature = "sqlite")]
        ("sqlite", file) if !file.is_empty() => {
            run_on(http_host::store::sqlite::open(file, origin)?, options).await
        }
        #[cfg(feature = "postgres")]
        ("postgres", url) => {
            let store = service_end_postgres::PostgresStorage::new(url)?;
            run_on(if let Some(origin) = origin { store.with_outbox(origin) } else { store }, options).await
        }
        #[cfg(feature = "etcd")]
        ("etcd", urls) => {
            let nodes: Vec<&str> = urls.split(',').collect();
            let store = service_end_etcd::EtcdStorage::connect(&nodes, "service-end/").await?;
            run_on(if let Some(origin) = origin { store.with_outbox(origin) } else { store }, options).await
        }
        _ => Err("`--storage` is not known, or incomplete, or not in this build".into()),
    }
}

async fn run_on<S: Store + AsyncOutbox>(store: S, options: &Arc<Options>) -> Result<(), Box<dyn Error>> {
    let host = Arc::new(Host::new(store, Arc::clone(options)));
    let metrics = Arc::new(Metrics::new(options.publish.is_some()));
    let publisher = Publisher::start(&host, &metrics, options)?;
    serve(routes(host, &metrics, options), options).await?;
    // Once nothing ends any more. What is not told by then waits in the store.
    publisher.stop(options.grace).await;
    Ok(())
}
