//! Which database, and which schema in it.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use postgres::config::SslMode;
use postgres::{Client, Config, NoTls};

use super::PostgresError;
use super::session::{Connection, STATEMENT_WAIT_MS, elsewhere};
use super::tls::{Mode, Verified, decide, split_mode};

/// How long a connection may take; a database on the same site answers in milliseconds.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// Silence after which the connection is probed, so that a machine that vanished is noticed.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);
/// How long sent bytes may stay unacknowledged before the connection is given up, for the same
/// purpose: longer than any statement may take.
const SILENCE_MAX: Duration = Duration::from_secs(45);
/// Longest name of a schema: PostgreSQL cuts longer ones off, and two could become one.
const SCHEMA_BYTES_MAX: usize = 63;
/// The schema of whoever names none.
pub const SCHEMA_DEFAULT: &str = "detente";

/// A database, and the schema in it that belongs to the servers of one node.
#[derive(Clone)]
pub struct Database {
    config: Arc<Config>,
    schema: Arc<str>,
    mode: Mode,
    tls: Option<Verified>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may hold a password.
        formatter
            .debug_struct("Database")
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

impl Database {
    /// Reads a connection string of PostgreSQL, `postgres://…` or `host=… dbname=…`; nothing is
    /// connected yet.
    ///
    /// `sslmode` is `verify-full` or `disable`; one of them must be said for a database on another
    /// machine.
    ///
    /// # Errors
    ///
    /// [`PostgresError::Address`] and [`PostgresError::Schema`].
    pub fn new(url: &str, schema: &str) -> Result<Self, PostgresError> {
        let (url, mode) = split_mode(url)?;
        let mut config: Config = url.parse().map_err(|error: postgres::Error| {
            // The message must not repeat the address, which may hold a password.
            PostgresError::Address {
                reason: error
                    .source()
                    .map_or_else(|| error.to_string(), ToString::to_string),
            }
        })?;
        if !is_schema(schema) {
            return Err(PostgresError::Schema);
        }
        let mode = decide(mode, config.get_hosts())?;
        config.ssl_mode(match mode {
            Mode::Plain => SslMode::Disable,
            Mode::Verified => SslMode::Require,
        });
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_WAIT);
        }
        config
            .application_name("detente")
            .keepalives_idle(KEEPALIVE_IDLE)
            .tcp_user_timeout(SILENCE_MAX);
        Ok(Self {
            config: Arc::new(config),
            schema: Arc::from(schema),
            mode,
            tls: None,
        })
    }

    /// The same database with a password, which then need not stand in the connection string.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        Arc::make_mut(&mut self.config).password(password);
        self
    }

    /// Returns whether the connection is to be encrypted, for which authorities are needed.
    pub fn needs_authorities(&self) -> bool {
        self.mode == Mode::Verified
    }

    /// The same database with those who may vouch for its certificate, PEM.
    ///
    /// # Errors
    ///
    /// [`PostgresError::Authorities`] when there is no certificate among the bytes.
    pub fn with_authorities(mut self, authorities: &[u8]) -> Result<Self, PostgresError> {
        self.tls = Some(Verified::by(authorities)?);
        Ok(self)
    }

    /// The schema, a plain identifier.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// Removes the schema and everything in it.
    ///
    /// # Errors
    ///
    /// [`PostgresError`].
    pub fn remove(&self) -> Result<(), PostgresError> {
        let statement = format!("drop schema if exists {} cascade", self.schema);
        self.connect()?
            .with(|client| Ok(client.batch_execute(&statement)?))
    }

    /// Connects with the waits and the durability a ledger needs.
    pub(super) fn connect(&self) -> Result<Connection, PostgresError> {
        let settings =
            format!("set synchronous_commit = on; set statement_timeout = {STATEMENT_WAIT_MS}");
        let client = elsewhere(|| -> Result<Client, PostgresError> {
            let mut client = match (self.mode, &self.tls) {
                (Mode::Plain, _) => self.config.connect(NoTls)?,
                (Mode::Verified, Some(tls)) => self.config.connect(tls.clone())?,
                (Mode::Verified, None) => return Err(PostgresError::Authorities),
            };
            client.batch_execute(&settings)?;
            Ok(client)
        })?;
        Ok(Connection::new(client))
    }
}

/// Whether a name needs no quotes in a statement, so that nothing can be slipped into one.
fn is_schema(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.len() <= SCHEMA_BYTES_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.starts_with("pg_")
        && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_a_plain_name_and_a_password_is_never_shown() {
        let url = "postgres://us:secret@localhost/detente";
        for schema in ["detente", "detente_us", "n1"] {
            let database = Database::new(url, schema).expect(schema);
            let shown = format!("{database:?}");
            assert!(
                shown.contains(schema) && !shown.contains("secret"),
                "{shown}"
            );
        }
        let long = "s".repeat(64);
        for schema in [
            "",
            "1n",
            "a b",
            "a;drop table x",
            "\"a\"",
            "Upper",
            "pg_x",
            &long,
        ] {
            let refused = Database::new(url, schema);
            assert!(matches!(refused, Err(PostgresError::Schema)), "{schema:?}");
        }
        let refused = Database::new("postgres://us:secret@localhost:port/x", "detente");
        let said = refused.expect_err("no address").in_full();
        assert!(!said.contains("secret"), "{said}");
    }
}
