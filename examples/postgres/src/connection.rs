//! The way to the server: a pool that reconnects by itself, and one function that asks.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod};
use service_end::service::NoticeOrigin;
use tokio_postgres::config::{LoadBalanceHosts, TargetSessionAttrs};
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, NoTls, Row, Socket};

use crate::{PostgresError, TABLES};

/// A commit is acknowledged when it is on the disk, and with the standby where there is one: whatever the role, the
/// database or the connection string say of it. Who asks for more has more.
const DURABLE: &str = "SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')";

/// The names of everything that is in the schema where tables are made, those of columns behind their table's.
const THERE: &str = "
    WITH there AS (
        SELECT c.oid, c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema()
    )
    SELECT name FROM there
    UNION ALL
    SELECT concat(there.name, '.', a.attname) FROM there JOIN pg_attribute a ON a.attrelid = there.oid
    WHERE a.attnum > 0 AND NOT a.attisdropped";

/// Services in a PostgreSQL database. Cheap to clone; share it between tasks.
#[derive(Clone, Debug)]
pub struct PostgresStorage {
    pool: Pool,
    timeout: Duration,
    /// Of the notices, where they are kept.
    pub(crate) origin: Option<Arc<NoticeOrigin>>,
}

impl PostgresStorage {
    /// A store with at most 16 connections, without TLS, that answers within 5 seconds. Connects when it is first
    /// used, so a host can start before its database.
    ///
    /// # Errors
    /// When the text is not a connection string.
    pub fn new(url: &str) -> Result<Self, PostgresError> {
        Self::with(url.parse()?, NoTls, 16, Duration::from_secs(5))
    }

    /// A store with connections of your own making.
    ///
    /// Where the configuration names several hosts, the one that takes writes is used, and looked for again after a
    /// failover. A host that is silent is given up in time to try the others.
    ///
    /// # Errors
    /// None that is known.
    pub fn with<T>(
        mut config: Config,
        tls: T,
        connections: usize,
        timeout: Duration,
    ) -> Result<Self, PostgresError>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + Sync,
        T::TlsConnect: Send + Sync,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let hosts = u32::try_from(config.get_hosts().len()).unwrap_or(u32::MAX).max(1);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(timeout / (hosts + 1));
        }
        // What the server still does after we have given up must end soon, too: others may wait for its locks.
        let options = config.get_options().unwrap_or_default();
        let limit = timeout.as_millis();
        let options =
            format!("-c statement_timeout={limit} -c idle_in_transaction_session_timeout={limit} {options}");
        config
            .options(options)
            .tcp_user_timeout(timeout)
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            // In no fixed order: one that takes connections and then says nothing must not always be the first.
            .load_balance_hosts(LoadBalanceHosts::Random);
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let durable = Hook::async_fn(|client, _| {
            Box::pin(async { client.batch_execute(DURABLE).await.map_err(HookError::Backend) })
        });
        let pool = Pool::builder(Manager::from_config(config, tls, recycling)).max_size(connections);
        let pool = pool.post_create(durable).build();
        Ok(PostgresStorage { pool: pool.map_err(|_| PoolError::NoRuntimeSpecified)?, timeout, origin: None })
    }

    /// Makes the tables where they are not there. Needed once, when a host is set up, and again with a newer version of
    /// this store. Where nothing is missing, the tables are not even locked: a host can start at any time.
    ///
    /// # Errors
    /// When the database can't be reached, or refuses.
    pub async fn create_tables(&self) -> Result<(), PostgresError> {
        match self.create_missing().await {
            // Of two that make a table at the same moment, PostgreSQL refuses one in this way.
            Err(PostgresError::Database(error)) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
                self.create_missing().await
            }
            created => created,
        }
    }

    /// The catalogue is looked at first: `IF NOT EXISTS` alone locks a table before it finds that nothing is to be done.
    /// That waits for a dump or a long report, and every end would wait behind it.
    async fn create_missing(&self) -> Result<(), PostgresError> {
        let rows = self.query(THERE, &[]).await?;
        let there = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<&str>, _>>()?;
        let missing = TABLES.iter().filter(|(name, _)| !there.contains(name));
        let missing: String = missing.map(|(_, statement)| *statement).collect();
        if missing.is_empty() {
            return Ok(());
        }
        self.in_time(async { Ok(self.pool.get().await?.batch_execute(&missing).await?) }).await
    }

    /// One prepared statement: one transaction, one round trip.
    pub(crate) async fn query(
        &self,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, PostgresError> {
        self.in_time(async {
            let mut lent = Lent::default();
            let connection = lent.0.insert(self.pool.get().await?);
            let statement = connection.prepare_cached(sql).await?;
            let rows = connection.query(&statement, parameters).await?;
            lent.give_back();
            Ok(rows)
        })
        .await
    }

    /// A prepared statement behind a gate: two statements in one transaction. All is sent at once, in one round trip. The
    /// second statement sees everything that was committed while the first one waited.
    pub(crate) async fn query_behind(
        &self,
        (gate, gate_parameters): (&str, &[&(dyn ToSql + Sync)]),
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, PostgresError> {
        self.in_time(async {
            let mut lent = Lent::default();
            let connection = lent.0.insert(self.pool.get().await?);
            let gate = connection.prepare_cached(gate).await?;
            let statement = connection.prepare_cached(sql).await?;
            // They are sent in this order, before any of them is waited for.
            let (begun, passed, rows, ended) = tokio::join!(
                biased;
                connection.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED"),
                connection.query(&gate, gate_parameters),
                connection.query(&statement, parameters),
                connection.batch_execute("COMMIT"),
            );
            begun?;
            passed?;
            let rows = rows?;
            ended?;
            lent.give_back();
            Ok(rows)
        })
        .await
    }

    /// One statement that may take its time.
    pub(crate) async fn query_patiently(
        &self,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, PostgresError> {
        let mut lent = Lent::default();
        let connection = lent.0.insert(self.in_time(async { Ok(self.pool.get().await?) }).await?);
        let transaction = connection.transaction().await?;
        transaction.batch_execute("SET LOCAL statement_timeout = 0").await?;
        let rows = transaction.query(sql, parameters).await?;
        transaction.commit().await?;
        lent.give_back();
        Ok(rows)
    }

    pub(crate) async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, PostgresError>>,
    ) -> Result<T, PostgresError> {
        tokio::time::timeout(self.timeout, work).await.unwrap_or(Err(PostgresError::TimedOut))
    }
}

/// A connection that goes back to the pool only after a call that ended well. After one that failed or was given up
/// it may be waiting still, or lead to a server that no longer takes writes: it is closed.
#[derive(Default)]
struct Lent(Option<Object>);

impl Lent {
    fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(Object::take(connection));
        }
    }
}
