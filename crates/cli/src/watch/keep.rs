//! What is kept of a run, so that another goes on where it was stopped, however it was stopped.
//!
//! The checkpoint holds everything the watch has in mind and how far the sources were read; it takes the place of the one
//! before whole or not at all. Beside it a journal names the lines printed since, so that they are not printed again. A file
//! of events is cut back to where it was at the checkpoint, and so holds every event exactly once.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use detente_monitoring::approach::SightingState;
use detente_monitoring::wire::WatchState;
use serde::{Deserialize, Serialize};

use super::picture::PictureState;
use super::told::{Lost, Row, Sums};
use crate::failure::{Failure, FailureKind};
use crate::file;

/// The form of the file.
const FORM: u32 = 1;
/// The largest checkpoint that is read, in bytes: a million tracks.
const BYTES_MAX: u64 = 2 << 30;

/// What is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    form: u32,
    /// Counts the checkpoints of all runs.
    pub(super) generation: u64,
    /// What has to be the same for the rest to mean anything.
    pub(super) fits: Fits,
    /// Reports taken from the sources that can be read again.
    pub(super) reports: u64,
    pub(super) watch: WatchState,
    pub(super) sightings: Vec<SightingState>,
    pub(super) sums: Sums,
    pub(super) rows: Vec<Row>,
    pub(super) lost: Lost,
    /// Length of the file of events, in bytes.
    pub(super) events_bytes: Option<u64>,
    pub(super) picture: Option<PictureState>,
    /// Acts that the node has not answered yet.
    pub(super) outbox: Vec<super::feed::Letter>,
}

/// What a checkpoint was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fits {
    /// SHA-256 of the dossier.
    pub(super) dossier: String,
    /// SHA-256 of the identities and the places to warn.
    pub(super) beside: String,
    /// Stragglers' window and whatever else decides, in words.
    pub(super) settings: String,
    /// The sources that can be read again: their names, and a hash over how each begins.
    pub(super) sources: Vec<(String, String)>,
}

/// What a run takes over, and whatever it has to set in motion for it.
pub(super) struct Parts<'a> {
    pub(super) fits: &'a Fits,
    pub(super) reports: u64,
    pub(super) watch: WatchState,
    pub(super) sightings: Vec<SightingState>,
    pub(super) sums: Sums,
    pub(super) rows: &'a [Row],
    pub(super) lost: Lost,
    pub(super) events_bytes: Option<u64>,
    pub(super) picture: Option<PictureState>,
    pub(super) outbox: Vec<super::feed::Letter>,
}

/// The checkpoint of a run.
#[derive(Debug)]
pub(super) struct Keeper {
    path: PathBuf,
    generation: u64,
}

impl Keeper {
    /// Opens a checkpoint; the state of an earlier run, if there is one, and the lines it printed since.
    pub(super) fn open(
        path: &Path,
        fits: &Fits,
    ) -> Result<(Self, Option<Kept>, BTreeSet<String>), Failure> {
        let keeper = |generation| Self {
            path: path.to_owned(),
            generation,
        };
        let length = match std::fs::metadata(path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok((keeper(0), None, BTreeSet::new()));
            }
            Err(error) => return Err(Failure::unreadable(path, error)),
        };
        if length > BYTES_MAX {
            return Err(invalid(path, "it is larger than 2 GiB"));
        }
        let bytes = std::fs::read(path).map_err(|error| Failure::unreadable(path, error))?;
        let kept: Kept = serde_json::from_slice(&bytes)
            .map_err(|error| invalid(path, &format!("it is no checkpoint of a watch: {error}")))?;
        if kept.form != FORM {
            return Err(invalid(
                path,
                &format!("it is of form {}, not {FORM}", kept.form),
            ));
        }
        let other = kept.fits.differences(fits);
        if !other.is_empty() {
            return Err(invalid(
                path,
                &format!("it was kept over other {}", other.join(", ")),
            ));
        }
        let printed = Journal::read(path, kept.generation)?;
        Ok((keeper(kept.generation), Some(kept), printed))
    }

    /// Writes the next checkpoint.
    pub(super) fn keep(&mut self, parts: Parts<'_>) -> Result<(), Failure> {
        self.generation += 1;
        let kept = Kept {
            form: FORM,
            generation: self.generation,
            fits: parts.fits.clone(),
            reports: parts.reports,
            watch: parts.watch,
            sightings: parts.sightings,
            sums: parts.sums,
            rows: parts.rows.to_vec(),
            lost: parts.lost,
            events_bytes: parts.events_bytes,
            picture: parts.picture,
            outbox: parts.outbox,
        };
        let bytes =
            serde_json::to_vec(&kept).map_err(|error| Failure::new(FailureKind::Bug, error))?;
        file::write(&self.path, &bytes)
    }

    /// Where the checkpoint is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The number of the newest checkpoint.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }
}

impl Fits {
    /// What differs, in words.
    fn differences(&self, other: &Self) -> Vec<&'static str> {
        let differ = [
            (self.dossier != other.dossier, "articles or zones"),
            (self.beside != other.beside, "identities or places to warn"),
            (self.settings != other.settings, "settings"),
            (self.sources != other.sources, "tracks"),
        ];
        let words = differ.iter().filter(|(differs, _)| *differs);
        words.map(|(_, word)| *word).collect()
    }
}

/// The names of the lines printed since the last checkpoint.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Begins the journal behind a checkpoint; `printed` is what an earlier run has printed since.
    pub(super) fn begin(
        checkpoint: &Path,
        generation: u64,
        printed: &BTreeSet<String>,
    ) -> Result<Self, Failure> {
        let path = beside(checkpoint);
        let mut text = format!("{generation}\n");
        for id in printed {
            text.push_str(id);
            text.push('\n');
        }
        file::write(&path, text.as_bytes())?;
        let unwritable = |error| Failure::unwritable(&path, error);
        let file = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(unwritable)?;
        Ok(Self { path, file })
    }

    /// Notes that a line is out.
    pub(super) fn note(&mut self, id: &str) -> Result<(), Failure> {
        self.file
            .write_all(format!("{id}\n").as_bytes())
            .map_err(|error| Failure::unwritable(&self.path, error))
    }

    /// The lines printed behind a checkpoint; those behind an earlier one are in it.
    fn read(checkpoint: &Path, generation: u64) -> Result<BTreeSet<String>, Failure> {
        let path = beside(checkpoint);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(BTreeSet::new());
            }
            Err(error) => return Err(Failure::unreadable(&path, error)),
        };
        let mut lines = text.lines();
        let of_this = lines.next().and_then(|line| line.parse().ok()) == Some(generation);
        let ids = lines.filter(|_| of_this).map(str::to_owned);
        Ok(ids.collect())
    }
}

fn beside(checkpoint: &Path) -> PathBuf {
    let mut name = checkpoint.file_name().unwrap_or_default().to_owned();
    name.push(".printed");
    checkpoint.with_file_name(name)
}

/// The file that holds every event exactly once.
#[derive(Debug)]
pub(super) struct EventsFile {
    path: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
}

impl EventsFile {
    /// Opens the file and cuts it back to where it was.
    pub(super) fn open(path: &Path, bytes: u64) -> Result<Self, Failure> {
        let unwritable = |error| Failure::unwritable(path, error);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(unwritable)?;
        let length = file.metadata().map_err(unwritable)?.len();
        if length < bytes {
            return Err(invalid(path, "it is shorter than it was at the checkpoint"));
        }
        file.set_len(bytes).map_err(unwritable)?;
        file.seek(SeekFrom::Start(bytes)).map_err(unwritable)?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
            bytes,
        })
    }

    pub(super) fn write(&mut self, line: &str) -> Result<(), Failure> {
        self.bytes += line.len() as u64;
        self.file
            .write_all(line.as_bytes())
            .map_err(|error| Failure::unwritable(&self.path, error))
    }

    /// Makes what was written durable; returns how much it is.
    pub(super) fn settle(&mut self) -> Result<u64, Failure> {
        let settled = self
            .file
            .flush()
            .and_then(|()| self.file.get_ref().sync_data());
        settled.map_err(|error| Failure::unwritable(&self.path, error))?;
        Ok(self.bytes)
    }

    /// Hands on what was written, for whoever reads along.
    pub(super) fn push(&mut self) -> Result<(), Failure> {
        let flushed = self.file.flush();
        flushed.map_err(|error| Failure::unwritable(&self.path, error))
    }
}

fn invalid(path: &Path, reason: &str) -> Failure {
    let message = format!("`{}`: {reason}", path.display());
    Failure::new(FailureKind::InvalidInput, message)
        .hint("go on with the same dossier, tracks and options, or name a new file with --resume")
}
