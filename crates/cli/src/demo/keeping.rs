//! Where the nodes of the demonstration keep their ledgers: in a folder, or in a database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use detente_ledger::reader::TileSource as _;
use detente_server::chance;
use detente_server::house::LEDGER;
use detente_stores::postgres::{Database, PostgresError};
use detente_stores::store::Place;

use crate::failure::{Failure, FailureKind};

/// Bytes that tell the schemas of one demonstration from those of another.
const MARK_BYTES: usize = 4;

/// Who vouches for a database's certificate: those whom this machine trusts.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Where the ledgers are kept, and whether they stay.
#[derive(Debug)]
pub(super) struct Keeping {
    folder: Folder,
    database: Option<Schemas>,
}

/// A schema for each node, in one database.
#[derive(Debug)]
struct Schemas {
    url: String,
    /// What the names of this demonstration's schemas begin with.
    mark: String,
    stay: bool,
    made: Vec<Database>,
}

impl Keeping {
    /// Prepares the folder, and names the schemas when there is a database.
    pub(super) fn prepare(keep: Option<&Path>, store: Option<&str>) -> Result<Self, Failure> {
        let database = match store {
            None => None,
            Some(url) => {
                let mark: [u8; MARK_BYTES] =
                    chance::draw().map_err(|error| Failure::new(FailureKind::Bug, error))?;
                let mark: String = mark.iter().map(|byte| format!("{byte:02x}")).collect();
                Some(Schemas {
                    url: url.to_owned(),
                    mark: format!("detente_demo_{mark}"),
                    stay: keep.is_some(),
                    made: Vec::new(),
                })
            }
        };
        // What can be said of the address is said before a folder is made.
        if let Some(schemas) = &database {
            schemas.database("")?;
        }
        Ok(Self {
            folder: Folder::prepare(keep)?,
            database,
        })
    }

    /// Returns where a node keeps what it has.
    pub(super) fn place(&mut self, holder: &str, origin: &str) -> Result<Place, Failure> {
        match &mut self.database {
            None => Ok(Place::Folder(self.folder.path.join(holder.to_lowercase()))),
            Some(schemas) => {
                let database = schemas.database(holder)?;
                schemas.made.push(database.clone());
                Ok(Place::Database(database, Arc::from(origin)))
            }
        }
    }

    /// Returns a folder with a node's ledger, as anybody can verify it; from a database it is
    /// copied.
    pub(super) fn ledger(&self, holder: &str, place: &Place) -> Result<PathBuf, Failure> {
        let folder = self.folder.path.join(holder.to_lowercase()).join(LEDGER);
        if self.database.is_none() {
            return Ok(folder);
        }
        let unread = |error: &dyn std::fmt::Display| {
            Failure::new(FailureKind::Unreachable, error.to_string())
        };
        let reader = place
            .reader()
            .map_err(|error| unread(&error))?
            .below(LEDGER);
        for path in reader.paths().map_err(|error| unread(&error))? {
            let Some(bytes) = reader.fetch(&path).map_err(|error| unread(&error))? else {
                continue;
            };
            let to = folder.join(&path);
            let unwritable = |error| Failure::unwritable(&to, error);
            to.parent()
                .map_or(Ok(()), std::fs::create_dir_all)
                .map_err(unwritable)?;
            std::fs::write(&to, bytes).map_err(unwritable)?;
        }
        Ok(folder)
    }

    /// Returns the folder: of the ledgers, or of what is written beside the schemas.
    pub(super) fn path(&self) -> &Path {
        &self.folder.path
    }

    /// Writes a file into the folder that is whole whenever it is there.
    pub(super) fn put(&self, name: &str, content: &serde_json::Value) -> Result<(), Failure> {
        let folder = &self.folder.path;
        let (path, whole) = (folder.join(format!("{name}.new")), folder.join(name));
        let unwritable = |error| Failure::unwritable(&whole, error);
        std::fs::write(&path, format!("{content:#}\n")).map_err(unwritable)?;
        std::fs::rename(&path, &whole).map_err(unwritable)
    }

    /// Says where the ledgers are, and how to keep them.
    pub(super) fn words(&self) -> String {
        let folder = match self.folder.is_temporary {
            true => "in a temporary folder; keep them with --keep DIR".to_owned(),
            false => self.folder.path.display().to_string(),
        };
        match &self.database {
            None => format!("ledgers  {folder}\n"),
            Some(schemas) => {
                let names: Vec<&str> = schemas.made.iter().map(Database::schema).collect();
                let stay = match schemas.stay {
                    true => "they stay",
                    false => "they go with this process; keep them with --keep DIR",
                };
                format!(
                    "ledgers  schemas {}; {stay}\ncopies   {folder}\n",
                    names.join(", ")
                )
            }
        }
    }
}

impl Schemas {
    fn database(&self, holder: &str) -> Result<Database, Failure> {
        let plain = |character: char| match character.to_ascii_lowercase() {
            letter if letter.is_ascii_alphanumeric() => letter,
            _ => '_',
        };
        let holder: String = holder.chars().map(plain).collect();
        let usage = |error: PostgresError| {
            Failure::new(FailureKind::Usage, error.in_full())
                .hint("--store takes postgres://user@host/database?sslmode=verify-full")
        };
        let schema = format!("{}_{holder}", self.mark);
        let database = Database::new(&self.url, &schema).map_err(usage)?;
        if !database.needs_authorities() {
            return Ok(database);
        }
        let path = Path::new(AUTHORITIES);
        let authorities = std::fs::read(path).map_err(|error| Failure::unreadable(path, error))?;
        database.with_authorities(&authorities).map_err(usage)
    }
}

impl Drop for Schemas {
    fn drop(&mut self) {
        if self.stay {
            return;
        }
        for database in &self.made {
            // A database that is gone keeps its schemas; their names were printed.
            let _ = database.remove();
        }
    }
}

/// The folder of the demonstration; a temporary one goes when it is dropped.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    is_temporary: bool,
}

impl Folder {
    fn prepare(keep: Option<&Path>) -> Result<Self, Failure> {
        let (path, is_temporary) = match keep {
            Some(path) => (path.to_owned(), false),
            None => {
                let name = format!("detente-demo-{}", std::process::id());
                (std::env::temp_dir().join(name), true)
            }
        };
        let unwritable = |error| Failure::unwritable(&path, error);
        std::fs::create_dir_all(&path).map_err(unwritable)?;
        let mut inside = std::fs::read_dir(&path).map_err(unwritable)?;
        if inside.next().is_some() {
            let message = format!("`{}` is not empty", path.display());
            return Err(Failure::new(FailureKind::Usage, message).hint("name a new folder"));
        }
        Ok(Self { path, is_temporary })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_temporary {
            // What cannot be removed is left to the operating system.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
