//! Ledgers at hand: in a folder, or served by a node; verified, and folded as a node folds them.

mod folder;
mod keys;
mod served;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use detente_ledger::audit::structure::{Visitor, check};
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::hash::Hash;
use detente_ledger::policy::Policy;
use detente_ledger::reader::TileSource;
use detente_ledger::tree::Tree;
use detente_node::history::History;
use detente_node::picture::Picture;
use detente_node::replay::{LedgerEntries, replay};
use detente_records::Kind;
use detente_server::house::{bundle, founding_of};
use serde_json::Value;

pub(crate) use folder::HOLDERS_FILE;
pub(crate) use keys::trust_policy;
pub(crate) use served::checkpoint_path;

use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;

/// Returns content beside the ledgers by its hash.
pub(crate) type Blobs = Box<dyn Fn(Hash) -> Option<Vec<u8>>>;

/// One ledger at hand, every entry of it verified against its checkpoint.
pub(crate) struct Held {
    /// Whose it is in the agreement.
    pub(crate) holder: String,
    /// Its origin.
    pub(crate) origin: String,
    /// Its newest checkpoint, with the signatures it has.
    pub(crate) head: SignedCheckpoint,
    /// Its entries, byte for byte.
    pub(crate) entries: Vec<Vec<u8>>,
    /// Its files.
    pub(crate) files: Box<dyn TileSource>,
}

impl fmt::Debug for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Held")
            .field("origin", &self.origin)
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}

/// Every ledger of an agreement at hand.
pub(crate) struct Holdings {
    /// By origin.
    pub(crate) ledgers: Vec<Held>,
    /// Content beside them.
    pub(crate) blobs: Blobs,
    /// The files of a dossier that binds from the beginning, where none was tabled.
    dossier: Option<BTreeMap<String, Vec<u8>>>,
}

/// A ledger before it is verified: whose, and its files.
struct Found {
    holder: String,
    files: Box<dyn TileSource>,
    /// For messages.
    place: String,
}

impl Holdings {
    /// Opens a folder of ledgers.
    pub(crate) fn of_folder(
        folder: &Path,
        dossier: Option<&Path>,
        printer: &Printer,
    ) -> Result<Self, Failure> {
        let (found, blobs) = folder::open(folder)?;
        let dossier = dossier.map(folder::dossier_files).transpose()?;
        Self::verify(found, blobs, dossier, printer)
    }

    /// Fetches every ledger a node holds.
    pub(crate) fn of_node(asker: &crate::node::Asker, printer: &Printer) -> Result<Self, Failure> {
        let fetched = served::fetch(asker)?;
        Self::verify(fetched.found, fetched.blobs, Some(fetched.dossier), printer)
    }

    fn verify(
        found: Vec<Found>,
        blobs: Blobs,
        dossier: Option<BTreeMap<String, Vec<u8>>>,
        printer: &Printer,
    ) -> Result<Self, Failure> {
        let mut progress = printer.progress("ledgers verified");
        let mut ledgers = Vec::new();
        let total = found.len() as u64;
        for (number, found) in (0..).zip(found) {
            progress.at(number, Some(total));
            ledgers.push(verified(found)?);
        }
        progress.finish();
        ledgers.sort_by(|a, b| a.origin.cmp(&b.origin));
        Ok(Self {
            ledgers,
            blobs,
            dossier,
        })
    }

    /// Folds the ledgers, or only as much of each as `sizes` says.
    pub(crate) fn fold(
        &self,
        sizes: Option<&BTreeMap<String, u64>>,
    ) -> Result<History<Picture>, Failure> {
        let (files, binds) = match (self.tabled_files(), &self.dossier) {
            (Some(files), _) => (files, false),
            (None, Some(files)) => (files.clone(), true),
            (None, None) => {
                let message = "no text was tabled in these ledgers whose dossier lies beside them";
                return Err(Failure::new(FailureKind::InvalidInput, message)
                    .hint("name the dossier in force from the beginning with --dossier"));
            }
        };
        let holders: Vec<(&str, &str, &[u8])> = self
            .ledgers
            .iter()
            .map(|held| {
                let genesis = held.entries.first().map_or(&[][..], Vec::as_slice);
                (held.holder.as_str(), held.origin.as_str(), genesis)
            })
            .collect();
        let founding = founding_of(&holders, &files, binds)
            .map_err(|error| Failure::new(FailureKind::InvalidInput, error))?;
        let picture = Picture::new(founding).reading_with(bundle::read);
        let ledgers: Vec<LedgerEntries> = self
            .ledgers
            .iter()
            .map(|held| LedgerEntries {
                origin: Arc::from(held.origin.as_str()),
                entries: match sizes {
                    None => held.entries.clone(),
                    Some(sizes) => {
                        let size = sizes.get(&held.origin).copied().unwrap_or(0);
                        let size = usize::try_from(size).unwrap_or(usize::MAX);
                        held.entries.iter().take(size).cloned().collect()
                    }
                },
            })
            .collect();
        let replayed = replay(picture, &ledgers, &self.blobs);
        if let Some(missing) = replayed.missing.first() {
            let message = format!(
                "entry {} of `{}` knew {} entries of `{}`, or content beside it, that is not here",
                missing.index, missing.origin, missing.size, missing.cited
            );
            return Err(Failure::new(FailureKind::InvalidInput, message)
                .hint("take every ledger of the agreement, as one node holds them"));
        }
        Ok(replayed.history)
    }

    /// The root a ledger had at a size.
    pub(crate) fn root_at(&self, origin: &str, size: u64) -> Option<Hash> {
        let held = self.ledgers.iter().find(|held| held.origin == origin)?;
        let size = usize::try_from(size).ok()?;
        let mut tree = Tree::new();
        let mut finished = Vec::new();
        for entry in held.entries.get(..size)? {
            if !tree.push(Hash::leaf(entry), &mut finished) {
                return None;
            }
            finished.clear();
        }
        Some(tree.root())
    }

    /// The files of the dossier tabled first: who takes part is said there.
    fn tabled_files(&self) -> Option<BTreeMap<String, Vec<u8>>> {
        let mut tabled: Vec<(String, Hash)> = Vec::new();
        for held in &self.ledgers {
            for entry in &held.entries {
                let Ok(entry) = serde_json::from_slice::<Value>(entry) else {
                    continue;
                };
                if entry["kind"] == Kind::AgreementTabled.wire_name() {
                    let named = entry["body"]["dossier"]["sha256"].as_str();
                    if let Some(hash) = named.and_then(Hash::from_hex) {
                        let written_at = entry["written_at"].as_str().unwrap_or_default();
                        tabled.push((written_at.to_owned(), hash));
                    }
                }
            }
        }
        tabled.sort();
        let mut bundles = tabled
            .into_iter()
            .filter_map(|(_, hash)| (self.blobs)(hash).filter(|bytes| Hash::of(bytes) == hash));
        bundles.find_map(|bytes| bundle::files(&bytes))
    }
}

/// Collects entries.
struct Collected(Vec<Vec<u8>>);

impl Visitor for Collected {
    fn entry(&mut self, _: u64, bytes: &[u8]) {
        self.0.push(bytes.to_vec());
    }
}

/// Verifies one ledger: its structure, and that a key of its own signed its checkpoint.
fn verified(found: Found) -> Result<Held, Failure> {
    let Found {
        holder,
        files,
        place,
    } = found;
    let faulty = |message: &str| {
        let message = format!("the ledger of {holder} in `{place}`: {message}");
        Failure::new(FailureKind::Verification, message)
            .hint("`detente ledger audit` names every fault")
    };
    let unreachable = |error| Failure::new(FailureKind::Unreachable, error);
    let bytes = files.fetch("checkpoint").map_err(unreachable)?;
    let bytes = bytes.ok_or_else(|| faulty("it has no checkpoint"))?;
    let head = SignedCheckpoint::parse(&bytes).map_err(|error| faulty(&error.to_string()))?;
    let mut collected = Collected(Vec::new());
    let faults = check(&&*files, head.checkpoint(), &mut collected).map_err(unreachable)?;
    if let Some(fault) = faults.list().first() {
        return Err(faulty(&fault.to_string()));
    }
    let entries = collected.0;
    let keys = keys::log_keys(&entries);
    let is_signed = keys
        .into_iter()
        .any(|key| Policy::of_log(key).check(&head).is_ok());
    if !is_signed {
        return Err(faulty(
            "no log key of its own key events signed its checkpoint",
        ));
    }
    let origin = head.checkpoint().origin().to_owned();
    Ok(Held {
        holder,
        origin,
        head,
        entries,
        files,
    })
}

/// Where the record is: a folder, or a node.
#[derive(clap::Args, Debug)]
pub(crate) struct RecordArgs {
    /// Folder with ledgers and holders.json, as `export` and `demo --keep` write them; without it the
    /// node is asked
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// The dossier in force from the beginning, where none was tabled in the folder's ledgers
    #[arg(long, value_name = "DIR", requires = "folder")]
    pub(crate) dossier: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) node: crate::node::NodeArgs,
}

impl RecordArgs {
    /// Opens the ledgers of the folder; `None` where the node is to be asked.
    pub(crate) fn holdings(&self, printer: &Printer) -> Result<Option<Holdings>, Failure> {
        let folder = self.folder.as_deref();
        folder
            .map(|folder| Holdings::of_folder(folder, self.dossier.as_deref(), printer))
            .transpose()
    }
}
