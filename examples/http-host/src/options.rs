//! What the command line says.

use std::time::Duration;

use clap::Parser;
use reqwest::Url;
use service_end::{EndPolicy, Validator, schema::OpenNames, service::NoticeOrigin};
use tracing::level_filters::LevelFilter;

use crate::rules::Rules;

/// Complete Service over HTTP.
#[derive(Clone, Debug, Parser)]
#[command(name = "http-host")]
pub struct Options {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// memory, sqlite:FILE, postgres:URL or etcd:URL,URL,URL; the last two only in a build with
    /// `--features postgres,etcd`
    #[arg(long, default_value = "memory")]
    pub storage: String,
    /// What becomes of a later end that differs: keep-first or replace-earlier
    #[arg(long, default_value_t)]
    pub policy: EndPolicy,
    /// The names of extensions that need no schema, or * for every name
    #[arg(long, value_name = "NAME,NAME|*", default_value = "")]
    pub open: OpenNames,
    /// Rules of this host about events, as the README tells them
    #[arg(long, value_name = "FILE", value_parser = Rules::read)]
    pub rules: Option<Rules>,
    /// The most bytes of a body
    #[arg(long, value_name = "BYTES", default_value_t = Validator::DEFAULT_MAX_BODY_BYTES)]
    pub max_body: usize,
    /// The most connections at once; below the usual limit of 1024 open files
    #[arg(long, value_name = "COUNT", default_value_t = 800, value_parser = clap::value_parser!(u16).range(1..))]
    pub max_connections: u16,
    /// How long a sender or a reader may pause; a body may take six times as long
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub read_timeout: Duration,
    /// How long the storage may take
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub store_timeout: Duration,
    /// How long what is in flight may take when the host is stopped
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub grace: Duration,
    /// Where each end is told, by HTTP POST, in the form of `CloudEvents`; without it no notice is kept
    #[arg(long, value_name = "URL", value_parser = receiver, requires = "publish_source")]
    pub publish: Option<Url>,
    /// What the notices name as their source: a URI that no other store has, nor this one before it was emptied
    #[arg(long, value_name = "URI", requires = "publish")]
    pub publish_source: Option<NoticeOrigin>,
    /// Notices that are given up: they are never told again, and those behind them can be
    #[arg(long, value_name = "ID,ID", value_delimiter = ',', requires = "publish")]
    pub publish_skip: Vec<String>,
    /// How long the receiver of a notice may take
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub publish_timeout: Duration,
    /// The longest pause between two attempts to tell
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub publish_pause: Duration,
    /// The least level that is logged: error, warn, info or off
    #[arg(long, value_name = "LEVEL", env = "LOG", default_value = "info")]
    pub log: LevelFilter,
}

fn seconds(value: &str) -> Result<Duration, &'static str> {
    let seconds = value.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let possible = seconds.filter(|seconds| !seconds.is_zero() && *seconds <= Duration::from_secs(86_400));
    possible.ok_or("not a number of seconds above 0 and up to a day")
}

fn receiver(value: &str) -> Result<Url, &'static str> {
    let url = Url::parse(value).ok().filter(|url| url.scheme() == "http" && url.has_host());
    url.ok_or("not an address that begins with http://")
}
