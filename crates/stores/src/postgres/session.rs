//! Tables and the election.

use std::error::Error;
use std::fmt::Write as _;

use postgres::Client;

use super::Database;

/// How long a statement may take before the server gives up on it: far above any commit, and below
/// the patience of whoever waits for an acknowledgement.
pub(super) const STATEMENT_WAIT_MS: u32 = 30_000;
/// Distinguishes the election of ledgers from other advisory locks in the same database.
const ELECTION_SALT: i64 = 0x0064_6574_656e_7465;

/// Creates what is missing; servers that start together wait for each other.
///
/// Where the tables are there nothing is created, so that an account that may create nothing can
/// be given tables that an administrator made.
pub(super) fn create_tables(client: &mut Client, database: &Database) -> Result<(), PostgresError> {
    let schema = database.schema();
    let last = format!("{schema}.page");
    let mut transaction = client.transaction()?;
    transaction.execute("select pg_advisory_xact_lock($1)", &[&ELECTION_SALT])?;
    let row = transaction.query_one("select to_regclass($1) is not null", &[&last])?;
    if !row.try_get::<_, bool>(0)? {
        transaction.batch_execute(&tables(schema))?;
    }
    transaction.commit()?;
    Ok(())
}

fn tables(schema: &str) -> String {
    format!(
        "
create schema if not exists {schema};
create table if not exists {schema}.sequencer (
    ledger text primary key,
    term bigint not null
);
create table if not exists {schema}.file (
    ledger text not null,
    path text not null,
    bytes bytea not null,
    primary key (ledger, path)
);
create table if not exists {schema}.extent (
    ledger text not null,
    path text not null,
    bytes bigint not null,
    primary key (ledger, path)
);
create table if not exists {schema}.page (
    ledger text not null,
    path text not null,
    page bigint not null,
    bytes bytea not null,
    primary key (ledger, path, page)
);
alter table {schema}.file alter column bytes set storage external;
alter table {schema}.page alter column bytes set storage plain;
"
    )
}

/// A connection that may be used and dropped anywhere.
///
/// The client waits for its answers by running tasks, and refuses to on a thread that runs tasks
/// already, as those of a server do. There the work goes to a thread of its own.
pub(super) struct Connection(Option<Client>);

impl Connection {
    pub(super) fn new(client: Client) -> Self {
        Self(Some(client))
    }

    pub(super) fn with<T: Send>(
        &mut self,
        work: impl FnOnce(&mut Client) -> Result<T, PostgresError> + Send,
    ) -> Result<T, PostgresError> {
        let client = self.0.as_mut().ok_or(PostgresError::Stopped)?;
        elsewhere(|| work(client))
    }

    pub(super) fn is_closed(&self) -> bool {
        self.0.as_ref().is_none_or(Client::is_closed)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            elsewhere(|| drop(client));
        }
    }
}

/// Does work where it may wait.
pub(super) fn elsewhere<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if tokio::runtime::Handle::try_current().is_err() {
        return work();
    }
    std::thread::scope(|scope| match scope.spawn(work).join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    })
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
pub(super) fn elect(
    client: &mut Client,
    database: &Database,
    ledger: &str,
) -> Result<i64, PostgresError> {
    let elected: bool = client
        .query_one(
            "select pg_try_advisory_lock(hashtextextended($1, $2))",
            &[&office(database, ledger), &ELECTION_SALT],
        )?
        .try_get(0)?;
    if !elected {
        return Err(PostgresError::Held {
            ledger: ledger.to_owned(),
        });
    }
    begin_term(client, database, ledger)
}

/// Waits for the lock of the ledger however long its holder lives, and begins a new term.
pub(super) fn succeed(
    client: &mut Client,
    database: &Database,
    ledger: &str,
) -> Result<i64, PostgresError> {
    client.batch_execute("set statement_timeout = 0")?;
    client.execute(
        "select pg_advisory_lock(hashtextextended($1, $2))",
        &[&office(database, ledger), &ELECTION_SALT],
    )?;
    client.batch_execute(&format!("set statement_timeout = {STATEMENT_WAIT_MS}"))?;
    begin_term(client, database, ledger)
}

/// What is stood for: the same ledger in two schemas is written by two servers.
fn office(database: &Database, ledger: &str) -> String {
    format!("{} {ledger}", database.schema())
}

fn begin_term(
    client: &mut Client,
    database: &Database,
    ledger: &str,
) -> Result<i64, PostgresError> {
    let schema = database.schema();
    let row = client.query_one(
        &format!(
            "insert into {schema}.sequencer as known (ledger, term) values ($1, 1)
             on conflict (ledger) do update set term = known.term + 1
             returning term"
        ),
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
    /// Nobody is there to vouch for the certificate of the database.
    #[error("there is no authority to vouch for the database's certificate")]
    Authorities,
    /// The schema cannot be named in a statement.
    #[error(
        "a schema is named by 1 to 63 lowercase letters, digits and `_`, a letter first, not `pg_…`"
    )]
    Schema,
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
