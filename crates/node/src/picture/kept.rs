//! How a picture is kept between two runs.
//!
//! What an act says is never written: of each line only which entry says it. What a restraint or an operation is is read from
//! the act that declares it, and what is in the air is put there again by what stands.

mod air;
mod declared;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use detente_agreement::{Effect, Fact, Finding, FindingKind, Judgement, Verdict};
use detente_ledger::entry::{Entry, SignedEntry};
use detente_records::act::suspension::Scope;
use detente_records::workflow::Machine;
use detente_records::{Kind, RecordId};

use super::air::{Met, Source};
use super::clockwork::Deadline;
use super::course::Course;
use super::matter::{Line, Matter};
use super::operation::{Dissent, Judged};
use super::outcome::{Cause, Change, Outcome, Refusal};
use super::protected_object::Delivery;
use super::queries::HistoryLine;
use super::reading::ReadingFile;
use super::said::Author;
use super::standing::{self, Standing};
use super::words::Words;
use super::{Bound, Founding, Picture};
use crate::kept::{Kept, Reader, Writer, kept, kept_words};

kept! {
    Source { origin, index }
    Author { holder, user }
    Met { kind, id }
    Deadline { machine, subject, recipient }
    Matter { course, opened_by, opened_at, lines, holders }
    Change { machine, subject, holder, from, to, at, cause }
    Refusal { attempted, subject, state, rule, says, who_could_act }
    HistoryLine { source, kind, author, at, outcome }
    Dissent { office, text, seen_by }
    Judged { judgement, met, at }
    Judgement { verdict, consent_required, permitted_by, findings }
    Finding { effect, kind, with, touch, since, articles, clauses, consent_of, facts, message }
    Fact { name, value }
    Delivery { course, version, precision }
    ReadingFile { matter, readings, accepted }
    Standing { suspended, withdrawn, disputes, in_force, day_d, ends, held_back }
}

kept_words! {
    Verdict: [Verdict::Clear, Verdict::ConsentRequired, Verdict::Prohibited];
    Effect: [Effect::Forbid, Effect::Consent, Effect::Warn];
}

/// What a finding is about, but for the sort of an area.
const ABOUT: [FindingKind; 11] = [
    FindingKind::NotEvaluated,
    FindingKind::Unknown,
    FindingKind::NotInForce,
    FindingKind::ProtectedObject,
    FindingKind::HumanitarianMovement,
    FindingKind::Operation,
    FindingKind::Notice,
    FindingKind::Article,
    FindingKind::NotPermitted,
    FindingKind::Indeterminate,
    FindingKind::Consent,
];

impl Kept for FindingKind {
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Area(kind) => Some(*kind).write(to),
            other => {
                None::<detente_records::AreaRecordKind>.write(to);
                match ABOUT.iter().position(|about| about == other) {
                    Some(number) => to.length(number),
                    None => to.fail("a finding about something new"),
                }
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        match Option::read(from)? {
            Some(kind) => Some(Self::Area(kind)),
            None => ABOUT.get(usize::read(from)?).copied(),
        }
    }
}

impl Kept for Scope {
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Channel(name) => (0_u32, name.as_str().to_owned()).write(to),
            Self::Article(id) => (1_u32, id.as_str().to_owned()).write(to),
            Self::Area(id) => (2_u32, id.as_str().to_owned()).write(to),
            Self::All => (3_u32, String::new()).write(to),
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let (number, name): (u32, String) = Kept::read(from)?;
        match number {
            0 => detente_records::ChannelName::parse(&name)
                .ok()
                .map(Self::Channel),
            1 => detente_records::ArticleId::parse(&name)
                .ok()
                .map(Self::Article),
            2 => detente_records::AreaId::parse(&name).ok().map(Self::Area),
            3 => Some(Self::All),
            _ => None,
        }
    }
}

impl Kept for Course {
    fn write(&self, to: &mut Writer) {
        self.machine.name.write(to);
        self.state.write(to);
        self.since.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            machine: Machine::named(<&'static str>::read(from)?)?,
            state: Kept::read(from)?,
            since: Kept::read(from)?,
        })
    }
}

impl Kept for Cause {
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Act(kind) => (0_u32, *kind).write(to),
            Self::Time(name) => (1_u32, *name).write(to),
            Self::Follows(name) => (2_u32, *name).write(to),
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        match u32::read(from)? {
            0 => Kind::read(from).map(Self::Act),
            1 => Kept::read(from).map(Self::Time),
            2 => Kept::read(from).map(Self::Follows),
            _ => None,
        }
    }
}

impl Kept for Outcome {
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Effective(changes) => {
                true.write(to);
                to.length(changes.len());
                for change in changes.iter() {
                    change.write(to);
                }
            }
            Self::Ineffective(refusal) => {
                false.write(to);
                refusal.write(to);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(match bool::read(from)? {
            true => Self::effective(Vec::read(from)?),
            false => Self::Ineffective(Arc::read(from)?),
        })
    }
}

impl Kept for Line {
    fn write(&self, to: &mut Writer) {
        let Self {
            source,
            author,
            role,
            at,
            act,
        } = self;
        if !act.is_on_record() {
            to.fail("a line that is in no ledger");
        }
        source.write(to);
        author.write(to);
        role.write(to);
        at.write(to);
        act.kind().write(to);
        act.subject().write(to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let source = Source::read(from)?;
        let author = Author::read(from)?;
        let role = Kept::read(from)?;
        let at = Kept::read(from)?;
        let kind = Kind::read(from)?;
        let subject = RecordId::read(from)?;
        let bytes = from.entry(&source.origin, source.index)?;
        let act = Words::on_record(kind, subject, source.origin.clone(), bytes);
        Some(Self {
            source,
            author,
            role,
            at,
            act,
        })
    }
}

impl Picture {
    /// Writes everything that stands.
    pub(super) fn write_all(&self, to: &mut Writer) {
        let Self {
            founding: _,
            read_dossier: _,
            applied,
            oldest,
            clock,
            bound_by,
            standing,
            rulebook: _,
            air: _,
            texts,
            readings,
            operations,
            live,
            areas,
            objects,
            unvalidated,
            movements,
            matters,
            statements,
            deadlines,
            due,
            history,
            authors: _,
            shown,
        } = self;
        applied.write(to);
        oldest.write(to);
        clock.write(to);
        to.length(texts.len());
        for (id, file) in texts {
            id.write(to);
            declared::write_text(file, to);
        }
        readings.write(to);
        bound_by.as_ref().map(|bound| bound.text.clone()).write(to);
        standing.write(to);
        unvalidated.write(to);
        matters.write(to);
        statements.write(to);
        deadlines.write(to);
        due.write(to);
        history.write(to);
        live.write(to);
        to.length(operations.len());
        for (id, file) in operations {
            id.write(to);
            declared::write_operation(file, to);
        }
        to.length(areas.len());
        for (id, file) in areas {
            id.write(to);
            declared::write_area(self, file, to);
        }
        to.length(objects.len());
        for (id, file) in objects {
            id.write(to);
            declared::write_object(file, to);
        }
        to.length(movements.len());
        for (id, file) in movements {
            id.write(to);
            declared::write_movement(file, to);
        }
        to.length(shown.len());
        for (origin, (index, _)) in shown {
            origin.write(to);
            index.write(to);
        }
        air::write(self, to);
    }

    /// Reads what [`Picture::write_all`] wrote, for the same founding.
    pub(super) fn read_all(&self, from: &mut Reader<'_>) -> Option<Self> {
        let mut picture = Self::new(Founding {
            holders: self.founding.holders.clone(),
            dossier: None,
        });
        picture.founding = self.founding.clone();
        picture.read_dossier = self.read_dossier;
        picture.applied = Kept::read(from)?;
        picture.oldest = Kept::read(from)?;
        picture.clock = Kept::read(from)?;
        for _ in 0..from.length()? {
            let id = RecordId::read(from)?;
            let file = declared::read_text(self.read_dossier, from)?;
            picture.texts.insert(id, Arc::new(file));
        }
        picture.readings = Kept::read(from)?;
        let bound: Option<Option<RecordId>> = Kept::read(from)?;
        picture.bound_by = match bound {
            None => None,
            Some(None) => Some(Bound {
                text: None,
                dossier: self.founding.dossier.clone()?,
            }),
            Some(Some(id)) => Some(Bound {
                dossier: picture.texts.get(&id)?.dossier.clone()?,
                text: Some(id),
            }),
        };
        picture.standing = Kept::read(from)?;
        picture.rulebook = picture
            .bound_by
            .as_ref()
            .and_then(|bound| standing::rulebook(bound, &picture.standing));
        picture.unvalidated = Kept::read(from)?;
        picture.matters = Kept::read(from)?;
        picture.statements = Kept::read(from)?;
        picture.deadlines = Kept::read(from)?;
        picture.due = Kept::read(from)?;
        picture.history = Kept::read(from)?;
        picture.live = Kept::read(from)?;
        let mut operations = Vec::new();
        for _ in 0..from.length()? {
            let id = RecordId::read(from)?;
            operations.push((id, Arc::new(declared::read_operation(from)?)));
        }
        picture.operations = operations.into_iter().collect();
        for _ in 0..from.length()? {
            let id = RecordId::read(from)?;
            let file = declared::read_area(&picture, from)?;
            picture.areas.insert(id, Arc::new(file));
        }
        for _ in 0..from.length()? {
            let id = RecordId::read(from)?;
            let file = declared::read_object(from)?;
            picture.objects.insert(id, Arc::new(file));
        }
        for _ in 0..from.length()? {
            let id = RecordId::read(from)?;
            let file = declared::read_movement(from)?;
            picture.movements.insert(id, Arc::new(file));
        }
        let mut shown: BTreeMap<Arc<str>, (u64, Arc<Entry>)> = BTreeMap::new();
        for _ in 0..from.length()? {
            let origin: Arc<str> = Kept::read(from)?;
            let index = u64::read(from)?;
            let bytes = from.entry(&origin, index)?;
            let entry = match SignedEntry::parse(&bytes) {
                Ok(signed) => signed.into_entry(),
                Err(_) => crate::node::malformed(),
            };
            shown.insert(origin, (index, Arc::new(entry)));
        }
        picture.shown = shown;
        picture.air = Arc::new(air::read(&picture, from)?);
        Some(picture)
    }

    /// What the picture begins from.
    pub(super) fn founding(&self) -> &Founding {
        &self.founding
    }

    /// Whether everything that was read from acts, and not written, is the same in both.
    pub(super) fn declares_alike(&self, other: &Self) -> bool {
        fn alike<T: Debug>(one: impl Iterator<Item = T>, other: impl Iterator<Item = T>) -> bool {
            one.map(|it| format!("{it:?}"))
                .eq(other.map(|it| format!("{it:?}")))
        }
        let operations = |it: &'_ Self| -> Vec<_> {
            it.operations
                .values()
                .map(|file| file.declared.clone())
                .collect()
        };
        let areas = |it: &'_ Self| -> Vec<_> {
            it.areas
                .values()
                .map(|file| {
                    (
                        file.current.clone(),
                        file.written.clone(),
                        file.pending.clone(),
                    )
                })
                .collect()
        };
        let objects = |it: &'_ Self| -> Vec<_> {
            it.objects
                .values()
                .map(|file| (file.current.clone(), file.previous.clone()))
                .collect()
        };
        let movements = |it: &'_ Self| -> Vec<_> {
            it.movements
                .values()
                .map(|file| (file.current.clone(), file.former.clone()))
                .collect()
        };
        let texts = |it: &'_ Self| -> Vec<_> {
            it.texts
                .values()
                .map(|file| (file.translations.clone(), file.preconditions.clone()))
                .collect()
        };
        alike(operations(self).iter(), operations(other).iter())
            && alike(areas(self).iter(), areas(other).iter())
            && alike(objects(self).iter(), objects(other).iter())
            && alike(movements(self).iter(), movements(other).iter())
            && alike(texts(self).iter(), texts(other).iter())
            && alike(self.agreement().into_iter(), other.agreement().into_iter())
    }
}
