//! How an act is applied: who says it about what, whether its workflow lets it, and what it changes.

use std::sync::Arc;

use detente_persistent::Map;
use detente_records::RecordId;
use detente_records::act::Kind;

use super::outcome::{Change, Outcome, Refusal};
use super::queries::HistoryLine;
use super::recorded::{Recorded, Spoken};
use super::said::{Author, Said};
use super::{Holder, Line, Picture};

impl Picture {
    /// Applies the next entry of the canonical order.
    ///
    /// Never fails: what cannot be read or is not allowed stays on record as [`Outcome::Ineffective`].
    ///
    /// # Cost
    ///
    /// Logarithmic in the matters on record for most acts; a restraint judges again the live operations it may touch.
    pub fn apply(&mut self, recorded: &Recorded<Spoken>) -> Outcome {
        self.applied += 1;
        self.oldest.get_or_insert(recorded.at);
        let ran_out = self.advance(recorded.at);
        let shown = (recorded.index, recorded.entry.clone());
        self.shown.insert(recorded.origin.clone(), shown);
        let founding = self.founding.clone();
        let Some(holder) = founding.holders.get(&recorded.origin) else {
            return Outcome::ineffective(Refusal::unknown_ledger());
        };
        let user = self.name(&recorded.entry.author);
        match read(recorded, holder, user) {
            Ok(said) => self.apply_said(&said, ran_out),
            Err(refusal) => Outcome::ineffective(refusal),
        }
    }

    /// The name of an author, kept once for all it writes.
    fn name(&mut self, author: &str) -> Arc<str> {
        if let Some(known) = self.authors.get(author) {
            return known.clone();
        }
        let name: Arc<str> = author.into();
        self.authors.insert(name.clone(), name.clone());
        name
    }

    fn apply_said(&mut self, said: &Said<'_>, mut ran_out: Vec<Change>) -> Outcome {
        let outcome = match self.fold(said) {
            Ok(changes) => {
                ran_out.extend(changes);
                // What was set for this very instant takes effect with it.
                ran_out.extend(self.advance(said.at));
                Outcome::effective(ran_out)
            }
            Err(refusal) => Outcome::ineffective(refusal.about(said)),
        };
        if said.act.kind() == Kind::Heartbeat {
            // A sign of life says nothing about a matter, and there is one every few seconds.
            return outcome;
        }
        let line = HistoryLine {
            source: said.source(),
            kind: said.act.kind(),
            author: said.author.clone(),
            at: said.at,
            outcome: outcome.clone(),
        };
        append(&mut self.history, said.act.subject(), line);
        outcome
    }

    /// An act that moves nothing.
    fn fold_statement(&mut self, said: &Said<'_>) -> Result<Vec<Change>, Refusal> {
        self.state(said)?;
        let kind = said.act.kind();
        if is_kept(kind) {
            let kept = self.statements.entry(kind).or_default();
            append(kept, said.act.subject(), Line::of(said));
        }
        Ok(Vec::new())
    }

    fn fold(&mut self, said: &Said<'_>) -> Result<Vec<Change>, Refusal> {
        self.is_about_what_was_seen(said)?;
        self.is_free_for_it(said)?;
        self.may_still_act(said)?;
        let machine = said.act.kind().machine();
        match machine.map_or(Field::Noted, |machine| Field::named(machine.name)) {
            Field::Text => self.fold_text(said),
            Field::Reading => self.fold_reading(said),
            Field::Operation => self.fold_operation(said),
            Field::Area => self.fold_area(said),
            Field::Object => self.fold_object(said),
            Field::Acknowledgement => self.fold_acknowledgement(said),
            Field::Movement => self.fold_movement(said),
            Field::Suspension => self.fold_suspension(said),
            Field::Own => self.fold_own(said),
            Field::Plain => self.fold_plain(said),
            Field::Noted => self.fold_statement(said),
        }
    }
}

/// Adds a line about a subject.
fn append<T: Clone>(lines: &mut Map<RecordId, Arc<Vec<T>>>, subject: &RecordId, line: T) {
    match lines.get_mut(subject) {
        Some(lines) => Arc::make_mut(lines).push(line),
        None => {
            lines.insert(subject.clone(), Arc::new(vec![line]));
        }
    }
}

/// Whether the words of a statement are asked for later. Signs of life and sightings come by the thousand, and are on record.
fn is_kept(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::PublicationStated
            | Kind::AccessionRecorded
            | Kind::AccessRestricted
            | Kind::LineStateDeclared
            | Kind::WatchTaken
            | Kind::ExactPlaceRead
    )
}

/// Which aggregate a workflow belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Text,
    Reading,
    Operation,
    Area,
    Object,
    /// One recipient's copy of an object's notice.
    Acknowledgement,
    Movement,
    Suspension,
    /// One holder's own course in a matter.
    Own,
    /// A matter that needs no facts beyond what was said.
    Plain,
    /// On record, and nothing stands differently.
    Noted,
}

impl Field {
    pub(super) fn named(machine: &str) -> Self {
        match machine {
            "agreement" => Self::Text,
            "reading" => Self::Reading,
            "operation" | "excepted_flight" => Self::Operation,
            "area" | "pause" => Self::Area,
            "protected_object" => Self::Object,
            "acknowledgement" => Self::Acknowledgement,
            "movement" => Self::Movement,
            "suspension" | "withdrawal" => Self::Suspension,
            "receipt" | "onward_release" => Self::Own,
            _ => Self::Plain,
        }
    }
}

/// What an entry says, by whom; or why it says nothing.
fn read<'a>(
    recorded: &'a Recorded<Spoken>,
    holder: &'a Holder,
    user: Arc<str>,
) -> Result<Said<'a>, Refusal> {
    let act = match &recorded.act.act {
        Ok(act) => act,
        Err(problems) => return Err(Refusal::by("unreadable", problems.as_ref())),
    };
    Ok(Said {
        origin: &recorded.origin,
        index: recorded.index,
        holder,
        author: Author {
            holder: holder.id.clone(),
            user,
        },
        role: act.role(),
        at: recorded.at,
        awareness: &recorded.entry.awareness,
        act,
        shared: act,
        bytes: recorded.bytes.as_ref(),
        dossier: recorded.act.dossier.as_ref(),
    })
}
