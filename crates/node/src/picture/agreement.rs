//! Texts of the agreement: tabled, reviewed, initialled, adopted, in force; Day D, preconditions, renewals.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_records::act::Act;
use detente_records::act::agreement::{AgreementTabled, Translation};
use detente_records::workflow::{Cause as Follows, Guard, GuardAnswer};
use detente_records::{ConcernSeverity, HolderId, PreconditionId, RecordId};
use detente_spacetime::Instant;

use super::air::Source;
use super::course::{Parties, Pending};
use super::dossier::Dossier;
use super::matter::Matter;
use super::outcome::{Cause, Change, Refusal};
use super::precondition::Report;
use super::said::{Author, Said};
use super::{Bound, Picture};

/// The state in which a text binds.
pub(super) const IN_FORCE: &str = "in_force";

/// A text of the agreement, from its tabling on.
#[derive(Clone, Debug)]
pub struct TextFile {
    /// Its course, and everything said about it.
    pub matter: Matter,
    /// SHA-256 of its dossier.
    pub sha256: [u8; 32],
    /// The dossier itself, where its tabling came with one that could be read.
    pub dossier: Option<Arc<Dossier>>,
    /// Its languages, and how the text in each stands to the others.
    pub translations: Vec<Translation>,
    /// Who has initialled it.
    pub initialled: BTreeMap<HolderId, Author>,
    /// Who has adopted it.
    pub adopted: BTreeMap<HolderId, Author>,
    /// Day D as each participant has set it; it is set when all say the same.
    pub day_d: BTreeMap<HolderId, Instant>,
    /// For each precondition, what each holder reported last.
    pub preconditions: BTreeMap<PreconditionId, BTreeMap<HolderId, Report>>,
    /// Preconditions that have come to hold, with when and by which entry.
    pub met: BTreeMap<PreconditionId, (Instant, Source)>,
    /// A later end, as far as each participant has agreed to one.
    pub renewals: BTreeMap<HolderId, Instant>,
}

impl TextFile {
    /// Day D, when every participant has set the same instant.
    pub fn agreed_day_d(&self, participants: &BTreeSet<HolderId>) -> Option<Instant> {
        unanimous(&self.day_d, participants)
    }

    /// The later end that every participant has agreed to: the earliest of what each accepts.
    pub fn agreed_end(&self, participants: &BTreeSet<HolderId>) -> Option<Instant> {
        let ends = participants.iter().map(|holder| self.renewals.get(holder));
        ends.collect::<Option<Vec<_>>>()?.into_iter().min().copied()
    }

    /// Notes the facts an act adds.
    fn note(&mut self, said: &Said<'_>) {
        let holder = said.author.holder.clone();
        match said.act {
            Act::AgreementInitialled(_) => {
                self.initialled.insert(holder, said.author.clone());
            }
            Act::AgreementAdopted(_) => {
                self.adopted.insert(holder, said.author.clone());
            }
            Act::DayDSet(act) => {
                self.day_d.insert(holder, act.at);
            }
            Act::PreconditionReported(act) => {
                let reports = self.preconditions.entry(act.precondition.clone());
                let report = Report {
                    holds: act.holds,
                    since: act.since,
                    at: said.at,
                    source: said.source(),
                    evidence: act.evidence.clone(),
                };
                reports.or_default().insert(holder, report);
            }
            Act::RenewalAgreed(act) => {
                self.renewals.insert(holder, act.until);
            }
            _ => {}
        }
    }
}

fn unanimous<T: Copy + PartialEq>(
    said: &BTreeMap<HolderId, T>,
    participants: &BTreeSet<HolderId>,
) -> Option<T> {
    let mut values = participants.iter().map(|holder| said.get(holder).copied());
    let first = values.next()??;
    values.all(|value| value == Some(first)).then_some(first)
}

impl Picture {
    pub(super) fn fold_text(&mut self, said: &Said<'_>) -> Result<Vec<Change>, Refusal> {
        let id = said.act.subject().clone();
        let before = self.texts.get(&id).cloned();
        if let Act::AgreementTabled(act) = said.act
            && act.supersedes.as_ref().is_some_and(|named| {
                !self.texts.contains_key(named) && !self.is_founding_text(named)
            })
        {
            // Whoever signs it signs which text gives way to it.
            return Err(Refusal::unknown("text to be superseded"));
        }
        let mut next = match (before.as_deref(), said.act) {
            // Tabling a changed text makes every initial and adoption void.
            (Some(file), Act::AgreementTabled(act)) => {
                TextFile::tabled(file.matter.clone(), act, said)
            }
            (Some(file), _) => file.clone(),
            (None, Act::AgreementTabled(act)) => TextFile::tabled(Matter::begin(said)?, act, said),
            (None, _) => return Err(Refusal::unknown("text")),
        };
        next.note(said);
        self.note_met(&mut next, said);
        let guard = |guard: Guard| self.text_guard(guard, &next, said);
        let course = before.as_ref().map(|file| &file.matter.course);
        let moved = self.step(said, course, &Parties::of(&next.matter), &guard)?;
        let mut changes = vec![Change::of(said, course, &moved)];
        next.matter.go_on(moved, said);
        self.keep_text(id.clone(), next);
        changes.extend(self.settle_text(&id, said.at));
        Ok(changes)
    }

    /// Has a text bind that has come into force, and takes in what it changes.
    fn settle_text(&mut self, id: &RecordId, at: Instant) -> Vec<Change> {
        let Some(file) = self.texts.get(id).cloned() else {
            return Vec::new();
        };
        let binds = |bound: &Bound| bound.text.as_ref() == Some(id);
        let mut changes = Vec::new();
        if file.matter.course.state == IN_FORCE
            && !self.bound_by.as_ref().is_some_and(binds)
            && let Some(dossier) = file.dossier.clone()
        {
            changes.extend(self.supersede(at));
            changes.extend(self.bind(Some(id.clone()), dossier, at));
        }
        changes.extend(self.restand(at));
        changes
    }

    /// The text that bound so far gives way.
    fn supersede(&mut self, at: Instant) -> Option<Change> {
        let id = self.bound_by.as_ref()?.text.clone()?;
        let before = self.texts.get(&id).cloned()?;
        let mut next = (*before).clone();
        next.matter.course = before.matter.course.follow(Follows::Superseded, at)?;
        let cause = Cause::Follows(Follows::Superseded.wire_name());
        let from = Some(&before.matter.course);
        let change = Change::by(&id, from, &next.matter.course, at, cause);
        self.keep_text(id, next);
        Some(change)
    }

    /// Keeps a text and its clocks.
    fn keep_text(&mut self, id: RecordId, file: TextFile) {
        let pending = self.text_pending(&file);
        self.set_due(file.matter.course.machine.name, &id, None, pending);
        self.texts.insert(id, Arc::new(file));
    }

    fn text_pending(&self, file: &TextFile) -> Option<Pending> {
        let stated = file
            .dossier
            .as_ref()
            .and_then(|dossier| dossier.agreement().ends);
        let renewed = file.agreed_end(&self.remaining());
        let ends = stated.map(|ends| renewed.map_or(ends, |later| ends.max(later)));
        let (course, parties) = (&file.matter.course, Parties::of(&file.matter));
        let never = |_: &_| None;
        let causes = [(Follows::EndReached, ends)];
        course.pending(self.parameters(), &parties, None, &never, &causes)
    }

    /// Moves a text whose time has come.
    pub(super) fn run_out_text(&mut self, id: &RecordId) -> Vec<Change> {
        let Some(before) = self.texts.get(id).cloned() else {
            return Vec::new();
        };
        let Some(pending) = self.text_pending(&before) else {
            return Vec::new();
        };
        let mut next = (*before).clone();
        next.matter.course = before.matter.course.moved(pending.to, pending.at);
        let (from, cause) = (Some(&before.matter.course), Cause::Time(pending.name));
        let mut changes = vec![Change::by(id, from, &next.matter.course, pending.at, cause)];
        self.keep_text(id.clone(), next);
        changes.extend(self.restand(pending.at));
        changes
    }

    fn text_guard(&self, guard: Guard, next: &TextFile, said: &Said<'_>) -> GuardAnswer {
        let participants = self.signatories(next);
        let all = |said: &BTreeMap<HolderId, Author>| {
            participants.iter().all(|holder| said.contains_key(holder))
        };
        let holds = match (guard, said.act) {
            (Guard::SameText, Act::AgreementInitialled(act)) => next.is_text(act.sha256.bytes()),
            (Guard::SameText, Act::AgreementAdopted(act)) => next.is_text(act.sha256.bytes()),
            (Guard::NoBlockingConcern, _) => {
                let because = self.blocking_concerns();
                return match because.is_empty() {
                    true => GuardAnswer::Holds,
                    false => GuardAnswer::Fails { because },
                };
            }
            (Guard::OthersInitialled, _) => all(&next.initialled),
            (Guard::OthersAdopted, _) => all(&next.adopted),
            (Guard::OthersNamedDayD | Guard::DayDAgreed, _) => {
                next.agreed_day_d(&participants).is_some()
            }
            (Guard::PreconditionsHold, _) => next.dossier.as_ref().is_some_and(|dossier| {
                let asked = dossier.agreement().preconditions.iter();
                let mut needed = asked.filter(|(_, asked)| asked.opens.is_empty());
                needed.all(|(id, _)| self.is_met(next, id, said.at))
            }),
            (Guard::NotInThePast, Act::DayDSet(act)) => act.at >= said.at,
            (Guard::NotInThePast, Act::RenewalAgreed(act)) => act.until >= said.at,
            _ => false,
        };
        GuardAnswer::of(holds)
    }

    /// Whether a name is that of the text that binds from the founding on.
    fn is_founding_text(&self, named: &RecordId) -> bool {
        let bound = self.bound_by.as_ref();
        bound.is_some_and(|bound| {
            bound.text.is_none() && bound.dossier.agreement().id.as_str() == named.as_str()
        })
    }

    /// Whose word a text needs: of every participant that has not left, and of whoever has and takes part in it again.
    pub(crate) fn signatories(&self, file: &TextFile) -> BTreeSet<HolderId> {
        let mut needed = self.remaining();
        let named = file.dossier.as_ref().map(|dossier| dossier.agreement());
        let mut participants = self.participants();
        participants.retain(|holder| match named {
            Some(agreement) => agreement.participants.contains_key(holder.as_str()),
            None => true,
        });
        needed.extend(participants);
        needed
    }

    /// Blocking concerns that are open or maintained, without an override.
    pub(crate) fn blocking_concerns(&self) -> Vec<String> {
        let open = self.matters("concern").filter(|(_, matter)| {
            let blocking = matter.lines.first().is_some_and(|line| {
                matches!(&*line.act, Act::ConcernRaised(act)
                    if act.severity == ConcernSeverity::Blocking)
            });
            blocking && !matter.course.is_over()
        });
        open.map(|(id, matter)| format!("concern {id} is {}", matter.course.state))
            .collect()
    }
}

impl TextFile {
    fn tabled(matter: Matter, act: &AgreementTabled, said: &Said<'_>) -> Self {
        let sha256 = *act.dossier.sha256.bytes();
        let same = |dossier: &&Arc<Dossier>| dossier.sha256 == sha256;
        Self {
            matter,
            sha256,
            dossier: said.dossier.filter(same).cloned(),
            translations: act.translations.clone(),
            initialled: BTreeMap::new(),
            adopted: BTreeMap::new(),
            day_d: BTreeMap::new(),
            preconditions: BTreeMap::new(),
            met: BTreeMap::new(),
            renewals: BTreeMap::new(),
        }
    }

    /// Whether a hash is that of the text, and the text could be read.
    fn is_text(&self, sha256: &[u8; 32]) -> bool {
        self.dossier.is_some() && self.sha256 == *sha256
    }
}
