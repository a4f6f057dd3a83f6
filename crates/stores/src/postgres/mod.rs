//! A ledger's files in PostgreSQL, written by the one server that the database elected.
//!
//! Any number of servers may read ([`PostgresReader`]); one at a time writes ([`Postgres`]). The
//! election is an advisory lock of the session, so the database itself ends a term when the
//! connection of its holder dies. Every transaction also checks the number of the term, so that a
//! server which was cut off and does not know it yet changes nothing.
//!
//! Nothing is written outside a transaction, and a transaction that fails stops the store for
//! good: whether it was committed can then only be found out by opening the ledger again.

mod database;
mod pages;
mod reader;
mod session;
mod tls;

pub use database::{Database, SCHEMA_DEFAULT};
pub use reader::PostgresReader;
use session::Connection;
pub use session::PostgresError;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use detente_ledger::storage::{Storage, StorageError};
use postgres::{Client, Transaction};

use crate::relative::is_plain;
use pages::{PAGE_BYTES, Pages, zeros};

/// A ledger in a database, held by this server alone.
pub struct Postgres {
    database: Database,
    ledger: Arc<str>,
    /// What every path of this handle begins with: empty, or a folder with its slash.
    folder: String,
    term: i64,
    session: Arc<Mutex<Session>>,
    /// Bytes of allocated files, written since their last sync.
    pages: BTreeMap<String, Pages>,
    /// Whole files written and not yet settled; `None` when removed.
    files: BTreeMap<String, Option<Vec<u8>>>,
}

/// One connection, shared by every folder that is written through it.
struct Session {
    connection: Connection,
    /// Set by the first failed transaction.
    stopped: bool,
}

impl Session {
    fn with<T: Send>(
        &mut self,
        work: impl FnOnce(&mut Client) -> Result<T, PostgresError> + Send,
    ) -> Result<T, PostgresError> {
        match self.stopped {
            true => Err(PostgresError::Stopped),
            false => self.connection.with(work),
        }
    }
}

/// A server that stands for election as often as it is told, over one connection.
pub struct Candidate {
    database: Database,
    ledger: Arc<str>,
    client: Option<Connection>,
}

impl std::fmt::Debug for Candidate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Candidate")
            .field("database", &self.database)
            .field("ledger", &self.ledger)
            .finish_non_exhaustive()
    }
}

impl Candidate {
    /// Names what to stand for; the database is asked by [`Candidate::stand`].
    pub fn new(database: &Database, ledger: &str) -> Self {
        Self {
            database: database.clone(),
            ledger: Arc::from(ledger),
            client: None,
        }
    }

    /// Stands for election; `None` while another server is elected.
    ///
    /// # Errors
    ///
    /// [`PostgresError`]; the next call connects again.
    pub fn stand(&mut self) -> Result<Option<Postgres>, PostgresError> {
        let mut client = match self.client.take() {
            Some(client) if !client.is_closed() => client,
            _ => prepared(&self.database)?,
        };
        let (database, ledger) = (&self.database, &*self.ledger);
        match client.with(|client| session::elect(client, database, ledger)) {
            Ok(term) => Ok(Some(Postgres::of(
                self.database.clone(),
                self.ledger.clone(),
                term,
                client,
            ))),
            Err(PostgresError::Held { .. }) => {
                self.client = Some(client);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Connects to a database whose tables are there and whose commits last.
fn prepared(database: &Database) -> Result<Connection, PostgresError> {
    let mut connection = database.connect()?;
    connection.with(|client| {
        session::create_tables(client, database)?;
        session::check_durability(client)
    })?;
    Ok(connection)
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The client would print its address, which may hold a password.
        formatter
            .debug_struct("Postgres")
            .field("database", &self.database)
            .field("ledger", &self.ledger)
            .field("folder", &self.folder)
            .field("term", &self.term)
            .finish_non_exhaustive()
    }
}

impl Postgres {
    /// Connects and stands for election as the writer of `ledger`.
    ///
    /// The tables are created when they are missing.
    ///
    /// # Errors
    ///
    /// [`PostgresError::Held`] while another server is elected: serve reads and stand again later.
    pub fn stand(database: &Database, ledger: &str) -> Result<Self, PostgresError> {
        let elected = Candidate::new(database, ledger).stand()?;
        elected.ok_or_else(|| PostgresError::Held {
            ledger: ledger.to_owned(),
        })
    }

    /// Connects and waits until `ledger` has no writer, then becomes it.
    ///
    /// Returns at once when nobody writes; otherwise when the database has ended the session of
    /// whoever does.
    ///
    /// # Errors
    ///
    /// [`PostgresError`].
    pub fn succeed(database: &Database, ledger: &str) -> Result<Self, PostgresError> {
        let mut client = prepared(database)?;
        let term = client.with(|client| session::succeed(client, database, ledger))?;
        Ok(Self::of(database.clone(), Arc::from(ledger), term, client))
    }

    fn of(database: Database, ledger: Arc<str>, term: i64, connection: Connection) -> Self {
        let session = Session {
            connection,
            stopped: false,
        };
        Self {
            database,
            ledger,
            folder: String::new(),
            term,
            session: Arc::new(Mutex::new(session)),
            pages: BTreeMap::new(),
            files: BTreeMap::new(),
        }
    }

    /// Opens a second connection to the same files in the same term, for a thread that works beside
    /// this one; it ends with the term.
    ///
    /// # Errors
    ///
    /// [`PostgresError`].
    pub fn companion(&self) -> Result<Self, PostgresError> {
        let client = self.database.connect()?;
        let mut companion = Self::of(
            self.database.clone(),
            self.ledger.clone(),
            self.term,
            client,
        );
        companion.folder.clone_from(&self.folder);
        Ok(companion)
    }

    /// Returns a handle whose paths begin in a folder, over the same connection.
    #[must_use]
    pub fn below(&self, folder: &str) -> Self {
        Self {
            database: self.database.clone(),
            ledger: self.ledger.clone(),
            folder: format!("{}{folder}/", self.folder),
            term: self.term,
            session: Arc::clone(&self.session),
            pages: BTreeMap::new(),
            files: BTreeMap::new(),
        }
    }

    /// Returns the number of this server's term; each election has a higher one.
    pub fn term(&self) -> i64 {
        self.term
    }

    /// Asks the database whether this server is still the elected one.
    ///
    /// # Errors
    ///
    /// [`PostgresError`]; the store then has stopped for good.
    pub fn check_term(&self) -> Result<(), PostgresError> {
        let schema = self.schema();
        let ledger: &str = &self.ledger;
        let mut session = self.session();
        let term = self.term;
        let checked = session.with(|client| {
            let row = client.query_one(
                &format!("select term from {schema}.sequencer where ledger = $1"),
                &[&ledger],
            )?;
            match row.try_get(0)? {
                newest if newest == term => Ok(()),
                newest => Err(PostgresError::Superseded { term, newest }),
            }
        });
        session.stopped = checked.is_err();
        checked
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn full(&self, path: &str) -> String {
        format!("{}{path}", self.folder)
    }

    fn schema(&self) -> &str {
        self.database.schema()
    }

    /// Runs `work` in one transaction of this term; the first failure stops the store.
    fn durably<T: Send>(
        &self,
        work: impl FnOnce(&mut Transaction<'_>, &str) -> Result<T, PostgresError> + Send,
    ) -> Result<T, PostgresError> {
        let (schema, ledger, term) = (self.schema(), &*self.ledger, self.term);
        let mut session = self.session();
        let done = session.with(|client| in_term(client, schema, ledger, term, work));
        session.stopped = done.is_err();
        done
    }

    /// Reads a file as the database has it.
    fn stored(&self, path: &str) -> Result<Option<Vec<u8>>, PostgresError> {
        let (schema, path) = (self.schema(), self.full(path));
        let ledger: &str = &self.ledger;
        self.session().with(|client| {
            let row = client.query_opt(
                &format!("select bytes from {schema}.file where ledger = $1 and path = $2"),
                &[&ledger, &path],
            )?;
            if let Some(row) = row {
                return Ok(Some(row.try_get(0)?));
            }
            let row = client.query_opt(
                &format!("select bytes from {schema}.extent where ledger = $1 and path = $2"),
                &[&ledger, &path],
            )?;
            let Some(row) = row else {
                return Ok(None);
            };
            let mut whole = zeros(row.try_get::<_, i64>(0)?);
            let pages = client.query(
                &format!("select page, bytes from {schema}.page where ledger = $1 and path = $2"),
                &[&ledger, &path],
            )?;
            for row in pages {
                let (page, bytes): (i64, &[u8]) = (row.try_get(0)?, row.try_get(1)?);
                pages::lay(&mut whole, page, bytes);
            }
            Ok(Some(whole))
        })
    }

    fn read_through(&self, path: &str) -> Result<Option<Vec<u8>>, PostgresError> {
        if let Some(unsettled) = self.files.get(path) {
            return Ok(unsettled.clone());
        }
        let mut bytes = self.stored(path)?;
        if let (Some(bytes), Some(pages)) = (&mut bytes, self.pages.get(path)) {
            pages.overlay(bytes);
        }
        Ok(bytes)
    }

    /// Returns the files directly in a directory with their lengths, by name.
    fn names(&self, directory: &str) -> Result<BTreeMap<String, u64>, PostgresError> {
        let local = match directory.is_empty() {
            true => String::new(),
            false => format!("{directory}/"),
        };
        let (schema, prefix) = (self.schema(), self.full(&local));
        let ledger: &str = &self.ledger;
        let rows = self.session().with(|client| {
            Ok(client.query(
                &format!(
                    "select path, octet_length(bytes)::bigint from {schema}.file
                 where ledger = $1 and starts_with(path, $2)
                 union all
                 select path, bytes from {schema}.extent
                 where ledger = $1 and starts_with(path, $2)"
                ),
                &[&ledger, &prefix],
            )?)
        })?;
        let mut lengths = BTreeMap::new();
        for row in rows {
            let (path, bytes): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
            if let Some(name) = path.strip_prefix(&prefix) {
                lengths.insert(name.to_owned(), u64::try_from(bytes).unwrap_or(0));
            }
        }
        for (path, unsettled) in &self.files {
            let Some(name) = path.strip_prefix(&local) else {
                continue;
            };
            match unsettled {
                Some(bytes) => lengths.insert(name.to_owned(), bytes.len() as u64),
                None => lengths.remove(name),
            };
        }
        lengths.retain(|name, _| !name.is_empty() && !name.contains('/'));
        Ok(lengths)
    }

    /// Returns the files directly in a directory with their lengths, by name.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    pub fn lengths(&self, directory: &str) -> Result<BTreeMap<String, u64>, StorageError> {
        self.names(directory).map_err(failed("list", directory))
    }

    fn write_pages(&mut self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), PostgresError> {
        if !self.pages.contains_key(path) {
            let size = self.allocated(path)?;
            self.pages.insert(path.to_owned(), Pages::new(size));
        }
        let Some(pages) = self.pages.get(path) else {
            return Err(PostgresError::NotAllocated);
        };
        // A page that is written only in part keeps the rest of what the database has.
        for page in pages.torn(offset, bytes.len())? {
            let stored = self.page(path, page)?;
            if let Some(pages) = self.pages.get_mut(path) {
                pages.fill(page, stored);
            }
        }
        match self.pages.get_mut(path) {
            Some(pages) => pages.write(offset, bytes),
            None => Err(PostgresError::NotAllocated),
        }
    }

    fn allocated(&self, path: &str) -> Result<u64, PostgresError> {
        let (schema, path) = (self.schema(), self.full(path));
        let ledger: &str = &self.ledger;
        let row = self.session().with(|client| {
            Ok(client.query_opt(
                &format!("select bytes from {schema}.extent where ledger = $1 and path = $2"),
                &[&ledger, &path],
            )?)
        })?;
        let size: i64 = row.ok_or(PostgresError::NotAllocated)?.try_get(0)?;
        u64::try_from(size).map_err(|_| PostgresError::NotAllocated)
    }

    fn page(&self, path: &str, page: i64) -> Result<Vec<u8>, PostgresError> {
        let (schema, path) = (self.schema(), self.full(path));
        let ledger: &str = &self.ledger;
        let row = self.session().with(|client| {
            Ok(client.query_opt(
                &format!(
                    "select bytes from {schema}.page where ledger = $1 and path = $2 and page = $3"
                ),
                &[&ledger, &path, &page],
            )?)
        })?;
        Ok(match row {
            Some(row) => row.try_get(0)?,
            None => vec![0; PAGE_BYTES],
        })
    }

    fn sync_pages(&mut self, path: &str) -> Result<(), PostgresError> {
        let written = match self.pages.get_mut(path) {
            Some(pages) => pages.take(),
            None => return self.allocated(path).map(|_| ()),
        };
        let (numbers, bytes): (Vec<i64>, Vec<Vec<u8>>) = written.into_iter().unzip();
        let (schema, path) = (self.schema(), self.full(path));
        self.durably(|transaction, ledger| {
            transaction.execute(
                &format!(
                    "insert into {schema}.page (ledger, path, page, bytes)
                     select $1, $2, * from unnest($3::bigint[], $4::bytea[])
                     on conflict (ledger, path, page) do update set bytes = excluded.bytes"
                ),
                &[&ledger, &path, &numbers, &bytes],
            )?;
            Ok(())
        })
    }

    /// Makes whole files durable, and with them every removal.
    fn settle_files(&mut self, paths: &[String]) -> Result<(), PostgresError> {
        let settled: BTreeSet<&String> = paths.iter().collect();
        let mut gone = Vec::new();
        let mut names = Vec::new();
        let mut contents: Vec<&[u8]> = Vec::new();
        for (path, file) in &self.files {
            match file {
                None => gone.push(self.full(path)),
                Some(bytes) if settled.contains(path) => {
                    names.push(self.full(path));
                    contents.push(bytes);
                }
                Some(_) => {}
            }
        }
        let schema = self.schema();
        self.durably(|transaction, ledger| {
            remove(transaction, schema, ledger, &gone)?;
            remove(transaction, schema, ledger, &names)?;
            transaction.execute(
                &format!(
                    "insert into {schema}.file (ledger, path, bytes)
                     select $1, * from unnest($2::text[], $3::bytea[])"
                ),
                &[&ledger, &names, &contents],
            )?;
            Ok(())
        })?;
        self.files
            .retain(|path, file| file.is_some() && !settled.contains(path));
        Ok(())
    }
}

/// Runs `work` in a transaction that fails when a later term has begun.
fn in_term<T>(
    client: &mut Client,
    schema: &str,
    ledger: &str,
    term: i64,
    work: impl FnOnce(&mut Transaction<'_>, &str) -> Result<T, PostgresError>,
) -> Result<T, PostgresError> {
    let mut transaction = client.transaction()?;
    let newest: i64 = transaction
        .query_one(
            &format!("select term from {schema}.sequencer where ledger = $1 for share"),
            &[&ledger],
        )?
        .try_get(0)?;
    if newest != term {
        return Err(PostgresError::Superseded { term, newest });
    }
    let done = work(&mut transaction, ledger)?;
    transaction.commit()?;
    Ok(done)
}

/// Removes files of either sort.
fn remove(
    transaction: &mut Transaction<'_>,
    schema: &str,
    ledger: &str,
    paths: &[String],
) -> Result<(), PostgresError> {
    if paths.is_empty() {
        return Ok(());
    }
    for table in ["file", "extent", "page"] {
        let statement =
            format!("delete from {schema}.{table} where ledger = $1 and path = any($2::text[])");
        transaction.execute(&statement, &[&ledger, &paths])?;
    }
    Ok(())
}

fn failed<'a>(
    operation: &'static str,
    path: &'a str,
) -> impl Fn(PostgresError) -> StorageError + 'a {
    move |error| StorageError {
        operation,
        path: path.to_owned(),
        reason: error.in_full(),
    }
}

fn plain(path: &str) -> Result<(), PostgresError> {
    if is_plain(path) {
        Ok(())
    } else {
        Err(PostgresError::Path)
    }
}

impl Storage for Postgres {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StorageError> {
        plain(path)
            .and_then(|()| self.read_through(path))
            .map_err(failed("read", path))
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, StorageError> {
        self.lengths(directory)
            .map(|lengths| lengths.into_keys().collect())
    }

    fn allocate(&mut self, path: &str, bytes: u64) -> Result<(), StorageError> {
        let size = i64::try_from(bytes).map_err(|_| PostgresError::TooLarge { bytes });
        let allocated = plain(path).and(size).and_then(|size| {
            let (schema, full) = (self.schema(), self.full(path));
            self.durably(|transaction, ledger| {
                remove(transaction, schema, ledger, std::slice::from_ref(&full))?;
                transaction.execute(
                    &format!(
                        "insert into {schema}.extent (ledger, path, bytes) values ($1, $2, $3)"
                    ),
                    &[&ledger, &full, &size],
                )?;
                Ok(())
            })
        });
        allocated.map_err(failed("allocate", path))?;
        self.files.remove(path);
        self.pages.insert(path.to_owned(), Pages::new(bytes));
        Ok(())
    }

    fn write_at(&mut self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StorageError> {
        self.write_pages(path, offset, bytes)
            .map_err(failed("write", path))
    }

    fn sync(&mut self, path: &str) -> Result<(), StorageError> {
        self.sync_pages(path).map_err(failed("sync", path))
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        plain(path).map_err(failed("write", path))?;
        self.pages.remove(path);
        self.files.insert(path.to_owned(), Some(bytes.to_vec()));
        Ok(())
    }

    fn settle(&mut self, paths: &[String]) -> Result<(), StorageError> {
        let first = paths.first().map_or("", String::as_str);
        self.settle_files(paths).map_err(failed("sync", first))
    }

    fn remove(&mut self, path: &str) -> Result<(), StorageError> {
        plain(path).map_err(failed("remove", path))?;
        self.pages.remove(path);
        self.files.insert(path.to_owned(), None);
        Ok(())
    }

    fn replace(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.write(path, bytes)?;
        // Other servers see a new checkpoint only together with every file it may lead them to.
        let written: Vec<String> = self.files.keys().cloned().collect();
        self.settle_files(&written).map_err(failed("replace", path))
    }

    fn replace_all(&mut self, files: &[(String, &[u8])]) -> Result<(), StorageError> {
        for (path, bytes) in files {
            self.write(path, bytes)?;
        }
        let first = files.first().map_or("", |(path, _)| path.as_str());
        let written: Vec<String> = self.files.keys().cloned().collect();
        self.settle_files(&written)
            .map_err(failed("replace", first))
    }
}
