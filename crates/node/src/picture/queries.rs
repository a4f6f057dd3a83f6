//! What can be asked of a picture.
//!
//! Ask [`Picture::at`] first: it shows how things stand at an instant, with every clock run out by then.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_agreement::{Judgement, Rulebook};
use detente_ledger::awareness::AwarenessKey;
use detente_records::act::Kind;
use detente_records::{Agreement, ArticleId, HolderId, Operation, RecordId};
use detente_spacetime::Instant;

use super::air::{Question, Source};
use super::said::Author;
use super::{
    AreaFile, Dossier, Line, Matter, MovementFile, ObjectFile, OperationFile, Outcome, Picture,
    ReadingFile, TextFile,
};
use crate::judge::Things;

/// One entry about a matter, with what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryLine {
    /// The entry.
    pub source: Source,
    /// What it attempted.
    pub kind: Kind,
    /// Who wrote it.
    pub author: Author,
    /// Its effective time.
    pub at: Instant,
    /// What became of it.
    pub outcome: Outcome,
}

impl Picture {
    /// How things stand at an instant: with every clock that runs out by then. Instants before the last entry show the last.
    pub fn at(&self, now: Instant) -> Cow<'_, Self> {
        if !self.is_due(now) {
            return Cow::Borrowed(self);
        }
        let mut later = self.clone();
        later.advance(now);
        Cow::Owned(later)
    }

    /// When the next clock runs out, of whatever matter; `None` while none runs.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|((due, _), ())| *due)
    }

    /// The instant of the newest entry.
    pub fn newest(&self) -> Instant {
        self.clock
    }

    /// How many entries were applied.
    pub fn applied(&self) -> u64 {
        self.applied
    }

    /// The agreement as it stands, suspensions and disputes included; `None` while no text binds.
    pub fn agreement(&self) -> Option<&Agreement> {
        self.rulebook.as_ref().map(|rulebook| rulebook.agreement())
    }

    /// The articles as they stand.
    pub fn rulebook(&self) -> Option<&Arc<Rulebook>> {
        self.rulebook.as_ref()
    }

    /// The text that binds.
    pub fn dossier(&self) -> Option<&Arc<Dossier>> {
        self.bound_by.as_ref().map(|bound| &bound.dossier)
    }

    /// Everything an operation can meet, by place, height and time.
    pub fn things(&self) -> &Things {
        self.air.things()
    }

    /// Texts of the agreement that were tabled, by id.
    pub fn texts(&self) -> impl Iterator<Item = (&RecordId, &TextFile)> {
        self.texts.iter().map(|(id, file)| (id, &**file))
    }

    /// One text.
    pub fn text(&self, id: &RecordId) -> Option<&TextFile> {
        self.texts.get(id).map(|file| &**file)
    }

    /// Articles whose reading was put on record.
    pub fn readings(&self) -> impl Iterator<Item = (&ArticleId, &ReadingFile)> {
        self.readings.iter().map(|(id, file)| (id, &**file))
    }

    /// Operations and excepted flights, by id.
    pub fn operations(&self) -> impl Iterator<Item = (&RecordId, &OperationFile)> {
        self.operations.iter().map(|(id, file)| (id, &**file))
    }

    /// One operation.
    pub fn operation(&self, id: &RecordId) -> Option<&OperationFile> {
        self.operations.get(id).map(|file| &**file)
    }

    /// Areas and pauses established in the ledgers, by id; those of the text itself are in its dossier.
    pub fn areas(&self) -> impl Iterator<Item = (&RecordId, &AreaFile)> {
        self.areas.iter().map(|(id, file)| (id, &**file))
    }

    /// One area.
    pub fn area(&self, id: &RecordId) -> Option<&AreaFile> {
        self.areas.get(id).map(|file| &**file)
    }

    /// Protected objects notified in the ledgers, by id.
    pub fn protected_objects(&self) -> impl Iterator<Item = (&RecordId, &ObjectFile)> {
        self.objects.iter().map(|(id, file)| (id, &**file))
    }

    /// One protected object.
    pub fn protected_object(&self, id: &RecordId) -> Option<&ObjectFile> {
        self.objects.get(id).map(|file| &**file)
    }

    /// How many objects each notifier has submitted, validated and contested: visible counts, so that blocking airspace by
    /// notices shows.
    pub fn submissions(&self) -> BTreeMap<HolderId, Submissions> {
        let mut counts: BTreeMap<HolderId, Submissions> = BTreeMap::new();
        for file in self.objects.values() {
            let count = counts
                .entry(file.matter.opened_by.holder.clone())
                .or_default();
            count.submitted += 1;
            count.validated += usize::from(file.validated.is_some());
            count.contested += usize::from(!file.contested_by.is_empty());
        }
        counts
    }

    /// Humanitarian movements, by id.
    pub fn movements(&self) -> impl Iterator<Item = (&RecordId, &MovementFile)> {
        self.movements.iter().map(|(id, file)| (id, &**file))
    }

    /// One humanitarian movement.
    pub fn movement(&self, id: &RecordId) -> Option<&MovementFile> {
        self.movements.get(id).map(|file| &**file)
    }

    /// The matters of one workflow, such as `concern`, `violation`, `liaison_call`, by id.
    pub fn matters<'a>(
        &'a self,
        machine: &str,
    ) -> impl Iterator<Item = (&'a RecordId, &'a Matter)> + use<'a> {
        let matters = self.matters.get(machine).into_iter().flatten();
        matters.map(|(id, matter)| (id, &**matter))
    }

    /// One matter of a workflow.
    pub fn matter(&self, machine: &str, id: &RecordId) -> Option<&Matter> {
        self.matter_file(machine, id).map(|matter| &**matter)
    }

    /// The picture as it would be if nobody had ever brought these matters up: what is there for whoever
    /// must not learn that they are. It is for asking what would be refused, not for going on with.
    #[must_use]
    pub fn without(&self, machine: &str, ids: &BTreeSet<RecordId>) -> Self {
        let mut other = self.clone();
        if let Some(matters) = other.matters.get_mut(machine) {
            for id in ids {
                matters.remove(id);
            }
        }
        other
    }

    /// One matter, as it is shared.
    pub(super) fn matter_file(&self, machine: &str, id: &RecordId) -> Option<&Arc<Matter>> {
        self.matters.get(machine)?.get(id)
    }

    /// The instant of the oldest entry.
    pub fn oldest(&self) -> Option<Instant> {
        self.oldest
    }

    /// The text that binds, where one was tabled; `None` for the text of the founding.
    pub fn binding_text(&self) -> Option<&RecordId> {
        self.bound_by.as_ref()?.text.as_ref()
    }

    /// Effective acts of a kind that moves no matter, by subject, each in order; kept of publications, accessions,
    /// restrictions of access, declared states of lines and watches.
    pub fn statements(&self, kind: Kind) -> impl Iterator<Item = (&RecordId, &[Line])> {
        let kept = self.statements.get(&kind).into_iter().flatten();
        kept.map(|(subject, lines)| (subject, lines.as_slice()))
    }

    /// Every entry about every subject, effective or not, by subject; signs of life are left out.
    pub fn histories(&self) -> impl Iterator<Item = (&RecordId, &[HistoryLine])> {
        let histories = self.history.iter();
        histories.map(|(subject, lines)| (subject, lines.as_slice()))
    }

    /// Every entry about a subject, effective or not, in order; signs of life are left out.
    pub fn history_of(&self, subject: &RecordId) -> &[HistoryLine] {
        self.history.get(subject).map_or(&[], |lines| lines)
    }

    /// The last awareness key of each ledger, with the index of the entry that shows it.
    pub fn shown(&self) -> impl Iterator<Item = (&str, u64, &AwarenessKey)> {
        let shown = self.shown.iter();
        shown.map(|(origin, (index, entry))| (origin.as_ref(), *index, &entry.awareness))
    }

    /// Judges an operation on record as it stands: its consents held, against what was there before it.
    ///
    /// `None` while no text binds, or when there is no such operation.
    pub fn judge_on_record(&self, id: &RecordId) -> Option<Judgement> {
        let file = self.operation(id)?;
        self.judge_file(file).map(|answer| answer.judgement)
    }

    /// Judges an operation that is not on record, as if it were proposed at `now`.
    ///
    /// `None` while no text binds.
    pub fn judge(&self, operation: &Operation, now: Instant) -> Option<Judgement> {
        let question = Question {
            declared: operation,
            turn: u64::MAX,
            notified: now,
            consents: operation.consents.clone(),
        };
        let rulebook = self.rulebook.as_ref()?;
        Some(self.air.judge(rulebook, &question).judgement)
    }
}

/// Counts of one notifier's objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Submissions {
    /// Notified.
    pub submitted: usize,
    /// Validated in some version.
    pub validated: usize,
    /// Contested without an answer so far.
    pub contested: usize,
}
