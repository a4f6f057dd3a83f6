//! The picture: everything on record, folded into what stands.
//!
//! [`Picture::apply`] takes the entries of all ledgers in their canonical order. An act takes effect where its workflow, its
//! author's role and side, and every guard allow it; otherwise it stays on record and changes nothing. Clocks run out by the
//! entries' own times, never by anybody's clock; [`Picture::at`] shows how things stand at an instant.
//!
//! Reading order: [`outcome`](self::outcome), `fold` (how an act is applied), `clockwork` (how clocks run out), `recheck` (how
//! a restraint suspends operations), then one file for each aggregate.

mod agreement;
mod air;
mod allegation;
mod area;
mod bearing;
mod channel;
mod clockwork;
mod course;
mod digest;
mod dossier;
mod fold;
mod founding;
mod kept;
mod matter;
mod movement;
mod named;
mod notice;
mod operation;
mod outcome;
mod overdue;
mod plain;
mod plausible;
mod precondition;
mod private_check;
mod protected_object;
mod publication;
mod queries;
mod reading;
mod recheck;
mod recorded;
mod report;
mod said;
mod shared;
mod standing;
mod watches;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_agreement::Rulebook;
use detente_ledger::entry::Entry;
use detente_persistent::Map;
use detente_records::{ArticleId, HolderId, Kind, RecordId};
use detente_spacetime::Instant;

pub use agreement::TextFile;
pub use air::{Met, Source};
pub use allegation::{Account, Allegation, Findings, StatedFinding};
pub use area::{AreaFile, PendingChange};
pub use channel::{Call, Channel, Comparison, Declared};
pub use course::Course;
pub use dossier::{Dossier, ReadDossier};
pub use founding::{Founding, Holder, Standing};
pub use matter::{Line, Matter};
pub use movement::MovementFile;
pub use operation::{Dissent, Judged, OperationFile};
pub use outcome::{Cause, Change, Outcome, Refusal};
pub use overdue::{OverdueStep, OwedStep};
pub use plain::READ_BACK_TOLERANCE_M;
pub use precondition::{Holding, PreconditionState, QuietCount, Report};
pub use private_check::{CheckFile, CheckSaid, PRIVATE_CHECK, SaidOfCheck};
pub use protected_object::{Delivery, ObjectFile, SealedPlace};
pub use publication::{Publication, StatedPublicity};
pub use queries::{HistoryLine, Submissions};
pub use reading::ReadingFile;
pub use recorded::{Recorded, Spoken};
pub use report::{Owed, ReportFile, SealedFor};
pub use said::Author;
pub use watches::Watch;
pub use words::Words;

use air::Air;
use clockwork::Deadline;

/// Everything on record, folded into what stands.
///
/// Equal entries in equal order give equal pictures. A clone costs nothing that grows with the picture: it shares everything
/// with its original but what either changes afterwards.
#[derive(Clone, Debug)]
pub struct Picture {
    founding: Arc<Founding>,
    read_dossier: Option<ReadDossier>,
    /// Entries applied so far.
    applied: u64,
    /// The instant of the first of them.
    oldest: Option<Instant>,
    /// The instant the clocks have been run to.
    clock: Instant,
    /// The text that binds.
    bound_by: Option<Bound>,
    standing: Arc<standing::Standing>,
    /// The articles as they stand, made ready.
    rulebook: Option<Arc<Rulebook>>,
    air: Arc<Air>,
    texts: BTreeMap<RecordId, Arc<TextFile>>,
    readings: BTreeMap<ArticleId, Arc<ReadingFile>>,
    operations: Map<RecordId, Arc<OperationFile>>,
    /// Operations a restraint may suspend.
    live: Map<RecordId, ()>,
    areas: Map<RecordId, Arc<AreaFile>>,
    objects: Map<RecordId, Arc<ObjectFile>>,
    /// How many objects of each submitter stand that nobody validated.
    unvalidated: BTreeMap<HolderId, u32>,
    movements: Map<RecordId, Arc<MovementFile>>,
    /// Matters whose workflow needs no facts beyond what was said, by workflow and id.
    matters: BTreeMap<&'static str, Map<RecordId, Arc<Matter>>>,
    /// Acts that move no matter and whose words are asked for later.
    statements: BTreeMap<Kind, Map<RecordId, Arc<Vec<Line>>>>,
    deadlines: Map<(Instant, Deadline), ()>,
    due: Map<Deadline, Instant>,
    history: Map<RecordId, Arc<Vec<HistoryLine>>>,
    /// Names of authors, so that each is held once.
    authors: Map<Arc<str>, Arc<str>>,
    /// The last entry of each ledger, for the awareness key it shows.
    shown: BTreeMap<Arc<str>, (u64, Arc<Entry>)>,
}

/// The text that binds, and by which matter.
#[derive(Clone, Debug)]
struct Bound {
    /// `None` for the text of the founding.
    text: Option<RecordId>,
    dossier: Arc<Dossier>,
}

impl Picture {
    /// The picture before anything is on record.
    pub fn new(founding: Founding) -> Self {
        let mut picture = Self {
            founding: Arc::new(founding),
            read_dossier: None,
            applied: 0,
            oldest: None,
            clock: Instant::MIN,
            bound_by: None,
            standing: Arc::default(),
            rulebook: None,
            air: Arc::new(Air::new(&standing::before_any_text())),
            texts: BTreeMap::new(),
            readings: BTreeMap::new(),
            operations: Map::new(),
            live: Map::new(),
            areas: Map::new(),
            objects: Map::new(),
            unvalidated: BTreeMap::new(),
            movements: Map::new(),
            matters: BTreeMap::new(),
            statements: BTreeMap::new(),
            deadlines: Map::new(),
            due: Map::new(),
            history: Map::new(),
            authors: Map::new(),
            shown: BTreeMap::new(),
        };
        if let Some(dossier) = picture.founding.dossier.clone() {
            picture.bind(None, dossier, Instant::MIN);
        }
        picture
    }

    /// The picture with a way to read dossiers that are tabled; without one they cannot be read.
    #[must_use]
    pub fn reading_with(mut self, read_dossier: ReadDossier) -> Self {
        self.read_dossier = Some(read_dossier);
        self
    }

    /// Who signs and consents, in order.
    pub fn participants(&self) -> BTreeSet<HolderId> {
        let holders = self.founding.holders.values();
        holders
            .filter(|holder| holder.standing == Standing::Participant)
            .map(|holder| holder.id.clone())
            .collect()
    }

    /// Keepers of ledgers, by the origin of their ledger.
    pub fn holders(&self) -> &BTreeMap<Arc<str>, Holder> {
        &self.founding.holders
    }
}
