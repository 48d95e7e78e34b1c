//! What the command line says.

use std::time::Duration;

use service_end::{EndPolicy, Validator};

/// How the host is called.
pub const USAGE: &str = "\
usage: http-host [OPTIONS]

  --listen ADDRESS:PORT      where to listen (127.0.0.1:8080); port 0 takes a free one
  --storage STORAGE          memory (the default), sqlite:FILE, postgres:URL or etcd:URL,URL,URL;
                             the last two only in a build with `--features postgres,etcd`
  --policy POLICY            of a later end that differs: keep-first (the default) or replace-earlier
  --max-body BYTES           the most bytes of a body (8388608)
  --max-connections COUNT    the most connections at once (800: below the usual limit of 1024 open files)
  --read-timeout SECONDS     how long a sender may pause (10); a body may take six times as long
  --store-timeout SECONDS    how long the storage may take (5)
  --grace SECONDS            how long what is in flight may take when the host is stopped (30)

The environment variable LOG is the least level that is logged: error, warn, info (the default) or off.";

/// The options with their defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where to listen.
    pub listen: String,
    /// The kind of storage.
    pub storage: String,
    /// Where the storage is: what follows the first colon.
    pub place: String,
    /// What becomes of a later end that differs.
    pub policy: EndPolicy,
    /// The most bytes of a body.
    pub max_body: usize,
    /// The most connections at once.
    pub max_connections: usize,
    /// How long a sender may pause.
    pub read_timeout: Duration,
    /// How long the storage may take.
    pub store_timeout: Duration,
    /// How long what is in flight may take when the host is stopped.
    pub grace: Duration,
}

impl Options {
    /// Reads the arguments, without the name of the program.
    ///
    /// # Errors
    /// What is wrong with them, for people.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Options {
            listen: "127.0.0.1:8080".to_owned(),
            storage: "memory".to_owned(),
            place: String::new(),
            policy: EndPolicy::KeepFirst,
            max_body: Validator::DEFAULT_MAX_BODY_BYTES,
            max_connections: 800,
            read_timeout: Duration::from_secs(10),
            store_timeout: Duration::from_secs(5),
            grace: Duration::from_secs(30),
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let value =
                arguments.next().ok_or_else(|| format!("unknown, or without a value: `{argument}`"))?;
            let wrong = |_| format!("{argument}: `{value}` is no such number");
            let seconds = |value: &str| {
                let seconds =
                    value.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                seconds
                    .filter(|seconds| !seconds.is_zero() && *seconds <= Duration::from_secs(86_400))
                    .ok_or_else(|| format!("{argument}: `{value}` is no number of seconds, up to a day"))
            };
            match &*argument {
                "--listen" => options.listen = value,
                "--storage" => {
                    let (storage, place) = value.split_once(':').unwrap_or((&value, ""));
                    if place.is_empty() != (storage == "memory") {
                        return Err(format!("{argument}: `{value}` does not say where, or does so in vain"));
                    }
                    storage.clone_into(&mut options.storage);
                    place.clone_into(&mut options.place);
                }
                "--policy" => {
                    options.policy = match &*value {
                        "keep-first" => EndPolicy::KeepFirst,
                        "replace-earlier" => EndPolicy::ReplaceEarlier,
                        _ => return Err(format!("{argument}: `{value}` is no such policy")),
                    }
                }
                "--max-body" => options.max_body = value.parse().map_err(wrong)?,
                "--max-connections" => {
                    options.max_connections = value.parse::<u16>().map_err(wrong)?.max(1).into();
                }
                "--read-timeout" => options.read_timeout = seconds(&value)?,
                "--store-timeout" => options.store_timeout = seconds(&value)?,
                "--grace" => options.grace = seconds(&value)?,
                _ => return Err(format!("unknown argument `{argument}`")),
            }
        }
        Ok(options)
    }
}
