//! A ledger's files in PostgreSQL, written by the one server that the database elected.
//!
//! Any number of servers may read ([`PostgresReader`]); one at a time writes ([`Postgres`]). The
//! election is an advisory lock of the session, so the database itself ends a term when the
//! connection of its holder dies. Every transaction also checks the number of the term, so that a
//! server which was cut off and does not know it yet changes nothing.
//!
//! Nothing is written outside a transaction, and a transaction that fails stops the store for
//! good: whether it was committed can then only be found out by opening the ledger again.

mod pages;
mod reader;
mod session;

pub use reader::PostgresReader;
pub use session::PostgresError;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use detente_ledger::storage::{Storage, StorageError};
use postgres::{Client, Transaction};

use crate::relative::is_plain;
use pages::{PAGE_BYTES, Pages, zeros};

/// A ledger in a database, held by this server alone.
pub struct Postgres {
    url: String,
    ledger: String,
    term: i64,
    client: Mutex<Client>,
    /// Bytes of allocated files, written since their last sync.
    pages: BTreeMap<String, Pages>,
    /// Whole files written and not yet settled; `None` when removed.
    files: BTreeMap<String, Option<Vec<u8>>>,
    /// Set by the first failed transaction.
    stopped: bool,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The client would print its address, which may hold a password.
        formatter
            .debug_struct("Postgres")
            .field("ledger", &self.ledger)
            .field("term", &self.term)
            .finish_non_exhaustive()
    }
}

impl Postgres {
    /// Connects and stands for election as the writer of `ledger`.
    ///
    /// `url` is a connection string of PostgreSQL. The tables are created when they are missing.
    ///
    /// # Errors
    ///
    /// [`PostgresError::Held`] while another server is elected: serve reads and stand again later.
    pub fn stand(url: &str, ledger: &str) -> Result<Self, PostgresError> {
        Self::open(url, ledger, session::elect)
    }

    /// Connects and waits until `ledger` has no writer, then becomes it: what a standby does.
    ///
    /// Returns at once when nobody writes; otherwise when the database has ended the session of
    /// whoever does.
    ///
    /// # Errors
    ///
    /// [`PostgresError`].
    pub fn succeed(url: &str, ledger: &str) -> Result<Self, PostgresError> {
        Self::open(url, ledger, session::succeed)
    }

    fn open(
        url: &str,
        ledger: &str,
        elect: impl FnOnce(&mut Client, &str) -> Result<i64, PostgresError>,
    ) -> Result<Self, PostgresError> {
        let mut client = session::connect(url)?;
        session::create_tables(&mut client)?;
        session::check_durability(&mut client)?;
        let term = elect(&mut client, ledger)?;
        Ok(Self::of(url, ledger, term, client))
    }

    fn of(url: &str, ledger: &str, term: i64, client: Client) -> Self {
        Self {
            url: url.to_owned(),
            ledger: ledger.to_owned(),
            term,
            client: Mutex::new(client),
            pages: BTreeMap::new(),
            files: BTreeMap::new(),
            stopped: false,
        }
    }

    /// Opens a second connection to the same files in the same term, for a thread that settles
    /// them beside the commits; it ends with the term.
    ///
    /// # Errors
    ///
    /// [`PostgresError`].
    pub fn companion(&self) -> Result<Self, PostgresError> {
        let client = session::connect(&self.url)?;
        Ok(Self::of(&self.url, &self.ledger, self.term, client))
    }

    /// Returns the number of this server's term; each election has a higher one.
    pub fn term(&self) -> i64 {
        self.term
    }

    /// Runs `work` in one transaction of this term; the first failure stops the store.
    fn durably<T>(
        &mut self,
        work: impl FnOnce(&mut Transaction<'_>, &str) -> Result<T, PostgresError>,
    ) -> Result<T, PostgresError> {
        if self.stopped {
            return Err(PostgresError::Stopped);
        }
        let client = self
            .client
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let done = in_term(client, &self.ledger, self.term, work);
        self.stopped = done.is_err();
        done
    }

    /// Reads a file as the database has it.
    fn stored(&self, path: &str) -> Result<Option<Vec<u8>>, PostgresError> {
        if self.stopped {
            return Err(PostgresError::Stopped);
        }
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let row = client.query_opt(
            "select bytes from detente.file where ledger = $1 and path = $2",
            &[&self.ledger, &path],
        )?;
        if let Some(row) = row {
            return Ok(Some(row.try_get(0)?));
        }
        let row = client.query_opt(
            "select bytes from detente.extent where ledger = $1 and path = $2",
            &[&self.ledger, &path],
        )?;
        let Some(row) = row else {
            return Ok(None);
        };
        let mut whole = zeros(row.try_get::<_, i64>(0)?);
        let pages = client.query(
            "select page, bytes from detente.page where ledger = $1 and path = $2",
            &[&self.ledger, &path],
        )?;
        for row in pages {
            let (page, bytes): (i64, &[u8]) = (row.try_get(0)?, row.try_get(1)?);
            pages::lay(&mut whole, page, bytes);
        }
        Ok(Some(whole))
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

    fn names(&self, directory: &str) -> Result<Vec<String>, PostgresError> {
        let prefix = if directory.is_empty() {
            String::new()
        } else {
            format!("{directory}/")
        };
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = client.query(
            "select path from detente.file where ledger = $1 and starts_with(path, $2)
             union select path from detente.extent where ledger = $1 and starts_with(path, $2)",
            &[&self.ledger, &prefix],
        )?;
        let mut paths = BTreeSet::new();
        for row in rows {
            paths.insert(row.try_get::<_, String>(0)?);
        }
        for (path, unsettled) in &self.files {
            if unsettled.is_some() {
                paths.insert(path.clone());
            } else {
                paths.remove(path);
            }
        }
        let names = paths
            .iter()
            .filter_map(|path| path.strip_prefix(&prefix))
            .filter(|name| !name.is_empty() && !name.contains('/'));
        Ok(names.map(str::to_owned).collect())
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

    fn allocated(&mut self, path: &str) -> Result<u64, PostgresError> {
        let client = self
            .client
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let row = client.query_opt(
            "select bytes from detente.extent where ledger = $1 and path = $2",
            &[&self.ledger, &path],
        )?;
        let size: i64 = row.ok_or(PostgresError::NotAllocated)?.try_get(0)?;
        u64::try_from(size).map_err(|_| PostgresError::NotAllocated)
    }

    fn page(&mut self, path: &str, page: i64) -> Result<Vec<u8>, PostgresError> {
        let client = self
            .client
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let row = client.query_opt(
            "select bytes from detente.page where ledger = $1 and path = $2 and page = $3",
            &[&self.ledger, &path, &page],
        )?;
        Ok(match row {
            Some(row) => row.try_get(0)?,
            None => vec![0; PAGE_BYTES],
        })
    }

    fn sync_pages(&mut self, path: &str) -> Result<(), PostgresError> {
        let written = match self.pages.get_mut(path) {
            Some(pages) => pages.take(),
            None if self.stopped => return Err(PostgresError::Stopped),
            None => return self.allocated(path).map(|_| ()),
        };
        let (numbers, bytes): (Vec<i64>, Vec<Vec<u8>>) = written.into_iter().unzip();
        self.durably(|transaction, ledger| {
            transaction.execute(
                "insert into detente.page (ledger, path, page, bytes)
                 select $1, $2, * from unnest($3::bigint[], $4::bytea[])
                 on conflict (ledger, path, page) do update set bytes = excluded.bytes",
                &[&ledger, &path, &numbers, &bytes],
            )?;
            Ok(())
        })
    }

    /// Makes whole files durable, and with them every removal.
    fn settle_files(&mut self, paths: &[String]) -> Result<(), PostgresError> {
        let removed = |file: &Option<Vec<u8>>| file.is_none();
        let mut gone: Vec<String> = Vec::new();
        for (path, file) in &self.files {
            if removed(file) {
                gone.push(path.clone());
            }
        }
        let mut names = Vec::new();
        let mut contents = Vec::new();
        for path in paths {
            if let Some(Some(bytes)) = self.files.get(path) {
                names.push(path.clone());
                contents.push(bytes.clone());
            }
        }
        self.durably(|transaction, ledger| {
            remove(transaction, ledger, &gone)?;
            remove(transaction, ledger, &names)?;
            transaction.execute(
                "insert into detente.file (ledger, path, bytes)
                 select $1, * from unnest($2::text[], $3::bytea[])",
                &[&ledger, &names, &contents],
            )?;
            Ok(())
        })?;
        for path in gone.iter().chain(&names) {
            self.files.remove(path);
        }
        Ok(())
    }
}

/// Runs `work` in a transaction that fails when a later term has begun.
fn in_term<T>(
    client: &mut Client,
    ledger: &str,
    term: i64,
    work: impl FnOnce(&mut Transaction<'_>, &str) -> Result<T, PostgresError>,
) -> Result<T, PostgresError> {
    let mut transaction = client.transaction()?;
    let newest: i64 = transaction
        .query_one(
            "select term from detente.sequencer where ledger = $1 for share",
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
    ledger: &str,
    paths: &[String],
) -> Result<(), PostgresError> {
    if paths.is_empty() {
        return Ok(());
    }
    for table in ["file", "extent", "page"] {
        let statement =
            format!("delete from detente.{table} where ledger = $1 and path = any($2::text[])");
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
        self.names(directory).map_err(failed("list", directory))
    }

    fn allocate(&mut self, path: &str, bytes: u64) -> Result<(), StorageError> {
        let size = i64::try_from(bytes).map_err(|_| PostgresError::TooLarge { bytes });
        let allocated = plain(path).and(size).and_then(|size| {
            self.durably(|transaction, ledger| {
                remove(transaction, ledger, &[path.to_owned()])?;
                transaction.execute(
                    "insert into detente.extent (ledger, path, bytes) values ($1, $2, $3)",
                    &[&ledger, &path, &size],
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
}
