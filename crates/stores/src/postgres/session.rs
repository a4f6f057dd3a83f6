//! Connections, tables and the election.

use std::error::Error;
use std::fmt::Write as _;
use std::time::Duration;

use postgres::{Client, Config, NoTls};

/// How long a connection may take; a database on the same site answers in milliseconds.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// Silence after which the connection is probed: a standby waits in silence for its election.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);
/// How long a statement may take before the server gives up on it: far above any commit, and below
/// the patience of whoever waits for an acknowledgement.
const STATEMENT_WAIT_MS: u32 = 30_000;
/// Distinguishes the election of ledgers from other advisory locks in the same database.
const ELECTION_SALT: i64 = 0x0064_6574_656e_7465;

const TABLES: &str = "
create schema if not exists detente;
create table if not exists detente.sequencer (
    ledger text primary key,
    term bigint not null
);
create table if not exists detente.file (
    ledger text not null,
    path text not null,
    bytes bytea not null,
    primary key (ledger, path)
);
create table if not exists detente.extent (
    ledger text not null,
    path text not null,
    bytes bigint not null,
    primary key (ledger, path)
);
create table if not exists detente.page (
    ledger text not null,
    path text not null,
    page bigint not null,
    bytes bytea not null,
    primary key (ledger, path, page)
);
alter table detente.file alter column bytes set storage external;
alter table detente.page alter column bytes set storage plain;
";

/// Connects with the waits and the durability a ledger needs.
pub(super) fn connect(url: &str) -> Result<Client, PostgresError> {
    let mut config: Config = url.parse().map_err(|error: postgres::Error| {
        // The message must not repeat the address, which may hold a password.
        PostgresError::Address {
            reason: error
                .source()
                .map_or_else(|| error.to_string(), ToString::to_string),
        }
    })?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_WAIT);
    }
    config
        .application_name("detente")
        .keepalives_idle(KEEPALIVE_IDLE);
    let mut client = config.connect(NoTls)?;
    client.batch_execute(&format!(
        "set synchronous_commit = on; set statement_timeout = {STATEMENT_WAIT_MS}"
    ))?;
    Ok(client)
}

/// Creates what is missing; servers that start together wait for each other.
pub(super) fn create_tables(client: &mut Client) -> Result<(), PostgresError> {
    let mut transaction = client.transaction()?;
    transaction.execute("select pg_advisory_xact_lock($1)", &[&ELECTION_SALT])?;
    transaction.batch_execute(TABLES)?;
    transaction.commit()?;
    Ok(())
}

/// Refuses a database that forgets what it committed.
pub(super) fn check_durability(client: &mut Client) -> Result<(), PostgresError> {
    for setting in ["fsync", "full_page_writes"] {
        let row = client.query_one("select current_setting($1)", &[&setting])?;
        if row.try_get::<_, &str>(0)? != "on" {
            return Err(PostgresError::NotDurable { setting });
        }
    }
    Ok(())
}

/// Takes the lock of the ledger for this session, if it is free, and begins a new term.
pub(super) fn elect(client: &mut Client, ledger: &str) -> Result<i64, PostgresError> {
    let elected: bool = client
        .query_one(
            "select pg_try_advisory_lock(hashtextextended($1, $2))",
            &[&ledger, &ELECTION_SALT],
        )?
        .try_get(0)?;
    if !elected {
        return Err(PostgresError::Held {
            ledger: ledger.to_owned(),
        });
    }
    begin_term(client, ledger)
}

/// Waits for the lock of the ledger however long its holder lives, and begins a new term.
pub(super) fn succeed(client: &mut Client, ledger: &str) -> Result<i64, PostgresError> {
    client.batch_execute("set statement_timeout = 0")?;
    client.execute(
        "select pg_advisory_lock(hashtextextended($1, $2))",
        &[&ledger, &ELECTION_SALT],
    )?;
    client.batch_execute(&format!("set statement_timeout = {STATEMENT_WAIT_MS}"))?;
    begin_term(client, ledger)
}

fn begin_term(client: &mut Client, ledger: &str) -> Result<i64, PostgresError> {
    let row = client.query_one(
        "insert into detente.sequencer as known (ledger, term) values ($1, 1)
         on conflict (ledger) do update set term = known.term + 1
         returning term",
        &[&ledger],
    )?;
    Ok(row.try_get(0)?)
}

/// The database refused, failed, or elected somebody else.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresError {
    /// The address cannot be read.
    #[error("the address of the database is not a connection string: {reason}")]
    Address {
        /// What is wrong with it.
        reason: String,
    },
    /// Another server writes this ledger.
    #[error("another server writes `{ledger}`")]
    Held {
        /// The ledger.
        ledger: String,
    },
    /// A later term has begun.
    #[error("term {term} is over, another server writes in term {newest}")]
    Superseded {
        /// The term of this server.
        term: i64,
        /// The newest term.
        newest: i64,
    },
    /// The database runs without what makes a commit durable.
    #[error("the database runs with `{setting} = off`, so nothing it commits is durable")]
    NotDurable {
        /// The setting.
        setting: &'static str,
    },
    /// An earlier failure stopped this store.
    #[error("an earlier failure stopped this store; open the ledger again")]
    Stopped,
    /// A write into a file that was not allocated.
    #[error("the file is not allocated")]
    NotAllocated,
    /// A write beyond the end of an allocated file.
    #[error("the write ends beyond the {size} bytes of the file")]
    BeyondEnd {
        /// Bytes of the file.
        size: u64,
    },
    /// A file larger than the database can name.
    #[error("{bytes} bytes are more than a file can have")]
    TooLarge {
        /// Bytes asked for.
        bytes: u64,
    },
    /// Not a plain relative path.
    #[error("not a plain relative path")]
    Path,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] postgres::Error),
}

impl PostgresError {
    /// Returns the message with its causes.
    pub fn in_full(&self) -> String {
        let mut words = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let _ = write!(words, ": {error}");
            cause = error.source();
        }
        words
    }
}
