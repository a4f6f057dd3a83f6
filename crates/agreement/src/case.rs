//! What a decision needs to know of an operation: plain inputs, joined by whoever computed them.

use std::collections::BTreeSet;

use detente_records::area::{Area, AreaKind, AreaRecordKind};
use detente_records::names::{
    AreaId, CategoryName, ForceId, GroupId, OfficeName, OperationId, ParticipantId, PartyId,
};
use detente_records::{Activity, Agreement};
use detente_spacetime::Instant;

/// How far around an operation protected objects are looked for, in metres.
///
/// The distance an article is told when nothing protected is nearer. It equals the largest
/// stand-off a dossier may state, so that no keep-out reaches further.
pub const PROTECTED_SEARCH_M: f64 = 100_000.0;

/// Proof that whoever proposes an operation read the restraints it is judged against: the SHA-256
/// of what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AwarenessKey(pub [u8; 32]);

/// One operation and everything it touches.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationCase {
    /// The operation.
    pub operation: OperationId,
    /// Whose it is.
    pub party: PartyId,
    /// Who flies it.
    pub force: ForceId,
    /// What it does.
    pub activity: Activity,
    /// The start of its earliest volume.
    pub starts: Instant,
    /// The end of its latest volume; `None` until further notice.
    pub ends: Option<Instant>,
    /// When it was notified: the instant the operation states, else the evaluation instant, else
    /// `None`, which counts as no notice at all.
    pub notified: Option<Instant>,
    /// Who has consented. The proposing participant need not be listed: proposing is consenting.
    pub consents: BTreeSet<ParticipantId>,
    /// What its proposer had read; without it the operation is not evaluated.
    pub awareness: Option<AwarenessKey>,
    /// Metres to the nearest protected object; `None` when there is none within
    /// [`PROTECTED_SEARCH_M`].
    pub nearest_protected_m: Option<f64>,
    /// Everything it touches, once per thing or once per stretch inside it.
    pub touches: Vec<Touch>,
}

/// One thing an operation touches, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Touch {
    /// The id of the thing.
    pub with: String,
    /// What it is.
    pub thing: Thing,
    /// The first instant inside it.
    pub enters: Instant,
    /// The instant it is left; `None` until further notice.
    pub leaves: Option<Instant>,
    /// Metres between the two footprints; 0 when they overlap.
    pub distance_m: f64,
    /// False when an altitude had to be widened to compare them.
    pub certain: bool,
}

/// A thing an operation may touch, as far as articles can ask about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// An area that applies to the operation.
    Area(AreaFacts),
    /// A protected object.
    ProtectedObject {
        /// Its category.
        category: CategoryName,
        /// Metres to keep from it, rounded up.
        standoff_m: i64,
        /// Stand-off and location accuracy together, in metres, rounded up.
        keep_out_m: i64,
        /// Whether the operation is inside the keep-out in space, altitude and time.
        conflict: bool,
    },
    /// A humanitarian movement.
    Movement {
        /// Who moves.
        organisation: OfficeName,
    },
    /// Another declared operation.
    Operation {
        /// Whose it is.
        party: PartyId,
        /// Who flies it.
        force: ForceId,
        /// What it does.
        activity: Activity,
    },
}

/// What articles can ask about an area.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AreaFacts {
    /// Its id.
    pub id: AreaId,
    /// What sort of measure it is.
    pub measure: AreaRecordKind,
    /// How present the actors it is designated for are; `None` is every reading at once.
    pub area_kind: Option<AreaKind>,
    /// Who must consent.
    pub consent_of: BTreeSet<ParticipantId>,
    /// Who is present.
    pub groups: BTreeSet<GroupId>,
    /// When it takes effect.
    pub valid_from: Instant,
    /// When it ends; `None` until further notice.
    pub valid_until: Option<Instant>,
    /// Whether being in it may open anything: not before every participant has agreed to it, nor
    /// while it is suspended. Until then it only holds operations back: what articles ask about all
    /// areas touched together is asked with it and without it.
    pub opens: bool,
}

impl AreaFacts {
    /// Returns what articles can ask about `area` under `agreement`, where every participant has agreed to it.
    pub fn of(area: &Area, agreement: &Agreement) -> Self {
        Self {
            id: area.id.clone(),
            measure: area.kind,
            area_kind: area.area_kind,
            consent_of: area.consent_asked_of(agreement),
            groups: area.groups.clone(),
            valid_from: area.volume.window.start(),
            valid_until: area.volume.window.end(),
            opens: true,
        }
    }

    /// Whether it is a designated area whose kind nobody stated.
    pub fn kind_unknown(&self) -> bool {
        self.measure == AreaRecordKind::DesignatedArea && self.area_kind.is_none()
    }

    /// Every kind it may be of: all of them when unknown, none for other measures.
    pub(crate) fn kinds(&self) -> Vec<AreaKind> {
        match (self.measure, self.area_kind) {
            (AreaRecordKind::DesignatedArea, Some(kind)) => vec![kind],
            (AreaRecordKind::DesignatedArea, None) => AreaKind::ALL.map(|(_, kind)| kind).to_vec(),
            _ => Vec::new(),
        }
    }
}

/// What a request is asked about, as the schema names its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ResourceType {
    Airspace,
    Area,
    ProtectedObject,
    Movement,
    Operation,
}

impl ResourceType {
    pub(crate) const ALL: [Self; 5] = [
        Self::Airspace,
        Self::Area,
        Self::ProtectedObject,
        Self::Movement,
        Self::Operation,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Airspace => "Airspace",
            Self::Area => "Area",
            Self::ProtectedObject => "ProtectedObject",
            Self::Movement => "Movement",
            Self::Operation => "Operation",
        }
    }
}

impl Thing {
    /// Whether the operation comes near it and stays out of its keep-out.
    pub(crate) fn only_near(&self) -> bool {
        matches!(
            self,
            Self::ProtectedObject {
                conflict: false,
                ..
            }
        )
    }

    pub(crate) fn resource_type(&self) -> ResourceType {
        match self {
            Self::Area(_) => ResourceType::Area,
            Self::ProtectedObject { .. } => ResourceType::ProtectedObject,
            Self::Movement { .. } => ResourceType::Movement,
            Self::Operation { .. } => ResourceType::Operation,
        }
    }
}
