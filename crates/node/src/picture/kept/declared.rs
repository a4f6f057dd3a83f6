//! What acts declare: kept as which line of a matter declares it, and read from that line's entry.

use std::sync::Arc;

use detente_ledger::entry::SignedEntry;
use detente_ledger::hash::Hash;
use detente_records::act::movement::LeadTimeClass;
use detente_records::act::operation::ProcessClass;
use detente_records::act::protected_object::{NoticeWarning, ReleasePrecision, ValidationCheck};
use detente_records::{Act, Area, HumanitarianMovement, Kind, Operation, ProtectedObject};
use serde_json::Value;

use super::super::agreement::TextFile;
use super::super::air::Source;
use super::super::area::{AreaFile, PendingChange};
use super::super::matter::Matter;
use super::super::movement::MovementFile;
use super::super::operation::OperationFile;
use super::super::precondition::Report;
use super::super::protected_object::ObjectFile;
use super::super::shared::read_act;
use super::super::{Dossier, Picture, ReadDossier};
use crate::kept::{Kept, Reader, Writer, kept};

macro_rules! kept_by_wire_name {
    ($( $name:ty ),*) => {$(
        impl Kept for $name {
            fn write(&self, to: &mut Writer) {
                match Self::ALL.iter().position(|(_, word)| word == self) {
                    Some(number) => to.length(number),
                    None => to.fail(concat!("a word that is none of ", stringify!($name))),
                }
            }

            fn read(from: &mut Reader<'_>) -> Option<Self> {
                let number = usize::read(from)?;
                Self::ALL.get(number).map(|(_, word)| *word)
            }
        }
    )*};
}

kept_by_wire_name!(
    LeadTimeClass,
    ProcessClass,
    ReleasePrecision,
    ValidationCheck
);

kept! {
    NoticeWarning { check, text }
}

/// Reads an act from its entry.
fn act(source: &Source, from: &Reader<'_>) -> Option<Act> {
    let bytes = from.entry(&source.origin, source.index)?;
    let entry = SignedEntry::parse(&bytes).ok()?.into_entry();
    read_act(&source.origin, &entry.kind, &entry.body).ok()
}

/// Kinds of act that declare what an operation, an area, an object or a movement is.
const OPERATIONS: &[Kind] = &[
    Kind::OperationProposed,
    Kind::OperationRevised,
    Kind::FlightNoticed,
];
const AREAS: &[Kind] = &[
    Kind::AreaEstablished,
    Kind::PauseDeclared,
    Kind::AreaChanged,
];
const OBJECTS: &[Kind] = &[Kind::ObjectSubmitted, Kind::ObjectAmended];
const MOVEMENTS: &[Kind] = &[Kind::MovementNotified, Kind::MovementChanged];

/// Writes which line declares something: the last of those that do, of these kinds.
fn write_place(matter: &Matter, kinds: &[Kind], declares: impl Fn(&Act) -> bool, to: &mut Writer) {
    let mut lines = matter.lines.iter();
    match lines.rposition(|line| kinds.contains(&line.act.kind()) && declares(&line.act)) {
        Some(place) => to.length(place),
        None => to.fail("nothing on record declares what stands"),
    }
}

/// Reads the act of the line that declares something.
fn read_place(matter: &Matter, from: &mut Reader<'_>) -> Option<Act> {
    let line = matter.lines.get(usize::read(from)?)?;
    act(&line.source, from)
}

fn operation_of(act: &Act) -> Option<&Operation> {
    match act {
        Act::OperationProposed(act) => Some(act.features.record()),
        Act::OperationRevised(act) => Some(act.features.record()),
        Act::FlightNoticed(act) => Some(act.features.record()),
        _ => None,
    }
}

fn area_of(act: &Act) -> Option<(&Area, &Value)> {
    let feature = match act {
        Act::AreaEstablished(act) => &act.feature,
        Act::PauseDeclared(act) => &act.feature,
        Act::AreaChanged(act) => &act.feature,
        _ => return None,
    };
    Some((feature.record(), feature.source()))
}

fn object_of(act: &Act) -> Option<(u32, &ProtectedObject)> {
    match act {
        Act::ObjectSubmitted(act) => Some((1, act.feature.record())),
        Act::ObjectAmended(act) => Some((act.version, act.feature.record())),
        _ => None,
    }
}

fn movement_of(act: &Act) -> Option<(u32, &HumanitarianMovement)> {
    match act {
        Act::MovementNotified(act) => Some((1, act.feature.record())),
        Act::MovementChanged(act) => Some((act.version, act.feature.record())),
        _ => None,
    }
}

pub(super) fn write_operation(file: &OperationFile, to: &mut Writer) {
    let OperationFile {
        matter,
        declared: _,
        version,
        proposed_by,
        proposed_at,
        expires,
        process_class,
        exception,
        answerable,
        consents,
        conditions,
        dissents,
        judged,
        turn,
    } = file;
    matter.write(to);
    write_place(matter, OPERATIONS, |_| true, to);
    version.write(to);
    proposed_by.write(to);
    proposed_at.write(to);
    expires.write(to);
    process_class.write(to);
    exception.write(to);
    answerable.write(to);
    consents.write(to);
    conditions.write(to);
    dissents.write(to);
    judged.write(to);
    turn.write(to);
}

pub(super) fn read_operation(from: &mut Reader<'_>) -> Option<OperationFile> {
    let matter = Matter::read(from)?;
    let act = read_place(&matter, from)?;
    Some(OperationFile {
        declared: Arc::new(operation_of(&act)?.clone()),
        matter,
        version: Kept::read(from)?,
        proposed_by: Kept::read(from)?,
        proposed_at: Kept::read(from)?,
        expires: Kept::read(from)?,
        process_class: Kept::read(from)?,
        exception: Kept::read(from)?,
        answerable: Kept::read(from)?,
        consents: Kept::read(from)?,
        conditions: Kept::read(from)?,
        dissents: Kept::read(from)?,
        judged: Kept::read(from)?,
        turn: Kept::read(from)?,
    })
}

/// Every dossier there is, in a fixed order.
pub(super) fn dossiers(picture: &Picture) -> Vec<&Arc<Dossier>> {
    let tabled = picture.texts.values();
    let tabled = tabled.filter_map(|file| file.dossier.as_ref());
    picture.founding.dossier.iter().chain(tabled).collect()
}

/// Areas that a text declares, with the same id, in a fixed order.
fn areas_of_texts(picture: &Picture) -> Vec<&Area> {
    let dossiers = dossiers(picture).into_iter();
    dossiers.flat_map(|dossier| &dossier.areas).collect()
}

pub(super) fn write_area(picture: &Picture, file: &AreaFile, to: &mut Writer) {
    let AreaFile {
        matter,
        current,
        written,
        version,
        agreed,
        pending,
        pause,
    } = file;
    matter.write(to);
    written.is_some().write(to);
    match written {
        Some(written) => write_place(matter, AREAS, |act| is_written(act, written), to),
        None => {
            let shown = format!("{current:?}");
            let areas = areas_of_texts(picture);
            let is_it = |area: &&Area| area.id == current.id && format!("{area:?}") == shown;
            match areas.iter().position(is_it) {
                Some(number) => to.length(number),
                None => to.fail("an area of no text on record"),
            }
        }
    }
    version.write(to);
    agreed.write(to);
    pending.is_some().write(to);
    if let Some(pending) = pending {
        let PendingChange {
            version,
            area,
            proposed_by,
            agreed,
        } = pending;
        version.write(to);
        area.is_some().write(to);
        if let Some((_, written)) = area {
            write_place(matter, AREAS, |act| is_written(act, written), to);
        }
        proposed_by.write(to);
        agreed.write(to);
    }
    pause.write(to);
}

fn is_written(act: &Act, written: &Value) -> bool {
    area_of(act).is_some_and(|(_, source)| source == written)
}

pub(super) fn read_area(picture: &Picture, from: &mut Reader<'_>) -> Option<AreaFile> {
    let matter = Matter::read(from)?;
    let (current, written) = match bool::read(from)? {
        true => {
            let (area, written) = read_drawn(&matter, from)?;
            (area, Some(written))
        }
        false => {
            let area = *areas_of_texts(picture).get(usize::read(from)?)?;
            (Arc::new(area.clone()), None)
        }
    };
    let version = Kept::read(from)?;
    let agreed = Kept::read(from)?;
    let pending = match bool::read(from)? {
        false => None,
        true => Some(PendingChange {
            version: Kept::read(from)?,
            area: match bool::read(from)? {
                false => None,
                true => Some(read_drawn(&matter, from)?),
            },
            proposed_by: Kept::read(from)?,
            agreed: Kept::read(from)?,
        }),
    };
    Some(AreaFile {
        matter,
        current,
        written,
        version,
        agreed,
        pending,
        pause: Kept::read(from)?,
    })
}

fn read_drawn(matter: &Matter, from: &mut Reader<'_>) -> Option<(Arc<Area>, Arc<Value>)> {
    let act = read_place(matter, from)?;
    let (area, written) = area_of(&act)?;
    Some((Arc::new(area.clone()), Arc::new(written.clone())))
}

pub(super) fn write_object(file: &ObjectFile, to: &mut Writer) {
    let ObjectFile {
        matter,
        current: _,
        version,
        previous,
        protected_from,
        written_by,
        warnings,
        shown,
        validated,
        deliveries,
        contested_by,
        review_by,
        explicit_end,
        revoked,
        beside,
    } = file;
    let is_version =
        |wanted: u32| move |act: &Act| object_of(act).is_some_and(|(version, _)| version == wanted);
    matter.write(to);
    version.write(to);
    write_place(matter, OBJECTS, is_version(*version), to);
    let numbers: Vec<u32> = previous.iter().map(|(version, _)| *version).collect();
    numbers.write(to);
    for version in numbers {
        write_place(matter, OBJECTS, is_version(version), to);
    }
    protected_from.write(to);
    written_by.write(to);
    warnings.write(to);
    shown.write(to);
    validated.write(to);
    deliveries.write(to);
    contested_by.write(to);
    review_by.write(to);
    explicit_end.write(to);
    revoked.write(to);
    beside.write(to);
}

pub(super) fn read_object(from: &mut Reader<'_>) -> Option<ObjectFile> {
    let matter = Matter::read(from)?;
    let version = Kept::read(from)?;
    let act = read_place(&matter, from)?;
    let current = Arc::new(object_of(&act)?.1.clone());
    let numbers: Vec<u32> = Kept::read(from)?;
    let mut previous = Vec::with_capacity(numbers.len());
    for version in numbers {
        let act = read_place(&matter, from)?;
        previous.push((version, Arc::new(object_of(&act)?.1.clone())));
    }
    let protected_from = Kept::read(from)?;
    Some(ObjectFile {
        matter,
        current,
        version,
        previous,
        protected_from,
        written_by: Kept::read(from)?,
        warnings: Kept::read(from)?,
        shown: Kept::read(from)?,
        validated: Kept::read(from)?,
        deliveries: Kept::read(from)?,
        contested_by: Kept::read(from)?,
        review_by: Kept::read(from)?,
        explicit_end: Kept::read(from)?,
        revoked: Kept::read(from)?,
        beside: Kept::read(from)?,
    })
}

pub(super) fn write_movement(file: &MovementFile, to: &mut Writer) {
    let MovementFile {
        matter,
        current: _,
        version,
        former,
        lead_time_class,
        acknowledged,
        departed,
        leg,
    } = file;
    let is_version = |wanted: u32| {
        move |act: &Act| movement_of(act).is_some_and(|(version, _)| version == wanted)
    };
    matter.write(to);
    write_place(matter, MOVEMENTS, is_version(*version), to);
    version.write(to);
    let numbers: Vec<u32> = former.iter().map(|(version, _)| *version).collect();
    numbers.write(to);
    for version in numbers {
        write_place(matter, MOVEMENTS, is_version(version), to);
    }
    lead_time_class.write(to);
    acknowledged.write(to);
    departed.write(to);
    leg.write(to);
}

pub(super) fn read_movement(from: &mut Reader<'_>) -> Option<MovementFile> {
    let matter = Matter::read(from)?;
    let act = read_place(&matter, from)?;
    let current = Arc::new(movement_of(&act)?.1.clone());
    let version = Kept::read(from)?;
    let numbers: Vec<u32> = Kept::read(from)?;
    let mut former = Vec::with_capacity(numbers.len());
    for version in numbers {
        let act = read_place(&matter, from)?;
        former.push((version, Arc::new(movement_of(&act)?.1.clone())));
    }
    Some(MovementFile {
        current,
        matter,
        version,
        former,
        lead_time_class: Kept::read(from)?,
        acknowledged: Kept::read(from)?,
        departed: Kept::read(from)?,
        leg: Kept::read(from)?,
    })
}

pub(super) fn write_text(file: &TextFile, to: &mut Writer) {
    let TextFile {
        matter,
        sha256,
        dossier,
        translations: _,
        initialled,
        adopted,
        day_d,
        preconditions,
        met,
        renewals,
    } = file;
    matter.write(to);
    write_place(matter, &[Kind::AgreementTabled], |_| true, to);
    sha256.write(to);
    dossier.is_some().write(to);
    if dossier.is_some() {
        to.content(Hash::from_bytes(*sha256));
    }
    initialled.write(to);
    adopted.write(to);
    day_d.write(to);
    preconditions.write(to);
    met.write(to);
    renewals.write(to);
}

pub(super) fn read_text(read: Option<ReadDossier>, from: &mut Reader<'_>) -> Option<TextFile> {
    let matter = Matter::read(from)?;
    let Act::AgreementTabled(act) = read_place(&matter, from)? else {
        return None;
    };
    let sha256 = Kept::read(from)?;
    let dossier = match bool::read(from)? {
        false => None,
        true => {
            let (_, content) = from.content()?;
            Some(Arc::new(read?(&content?)?))
        }
    };
    Some(TextFile {
        matter,
        sha256,
        dossier,
        translations: act.translations.clone(),
        initialled: Kept::read(from)?,
        adopted: Kept::read(from)?,
        day_d: Kept::read(from)?,
        preconditions: Kept::read(from)?,
        met: Kept::read(from)?,
        renewals: Kept::read(from)?,
    })
}

impl Kept for Report {
    fn write(&self, to: &mut Writer) {
        let Self {
            holds,
            since,
            at,
            source,
            evidence: _,
        } = self;
        holds.write(to);
        since.write(to);
        at.write(to);
        source.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let (holds, since) = Kept::read(from)?;
        let at = Kept::read(from)?;
        let source = Source::read(from)?;
        let Act::PreconditionReported(act) = act(&source, from)? else {
            return None;
        };
        Some(Self {
            holds,
            since,
            at,
            source,
            evidence: act.evidence.clone(),
        })
    }
}
