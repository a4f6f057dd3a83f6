//! Readings of articles: one participant's words beside another's, until both say the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_records::act::Act;
use detente_records::workflow::{Guard, GuardAnswer};
use detente_records::{ArticleId, HolderId, LocalText};

use super::Picture;
use super::course::Parties;
use super::matter::Matter;
use super::outcome::{Change, Refusal};
use super::said::Said;

/// How participants read one article.
#[derive(Clone, Debug)]
pub struct ReadingFile {
    /// Its course, and everything said about it.
    pub matter: Matter,
    /// The reading of each participant, as last stated.
    pub readings: BTreeMap<HolderId, LocalText>,
    /// The reading each participant last accepted as the common one.
    pub accepted: BTreeMap<HolderId, LocalText>,
}

impl ReadingFile {
    fn begin(matter: Matter) -> Self {
        Self {
            matter,
            readings: BTreeMap::new(),
            accepted: BTreeMap::new(),
        }
    }

    /// Notes the facts an act adds. A reading stated anew takes back what its author had accepted before.
    fn note(&mut self, said: &Said<'_>) {
        let holder = said.author.holder.clone();
        match said.act {
            Act::InterpretationRecorded(act) => {
                self.accepted.remove(&holder);
                self.readings.insert(holder, act.reading.clone());
            }
            Act::InterpretationSettled(act) => {
                self.accepted.insert(holder, act.reading.clone());
            }
            _ => {}
        }
    }

    /// Whether readings on record differ and none has been accepted by everyone: the stricter one counts.
    pub fn in_dispute(&self) -> bool {
        self.matter.course.state == "disputed"
    }
}

impl Picture {
    pub(super) fn fold_reading(&mut self, said: &Said<'_>) -> Result<Vec<Change>, Refusal> {
        let Ok(article) = ArticleId::parse(said.act.subject().as_str()) else {
            return Err(Refusal::unknown("article"));
        };
        self.has_article(&article)?;
        let before = self.readings.get(&article).cloned();
        let mut next = match before.as_deref() {
            Some(file) => file.clone(),
            None => ReadingFile::begin(Matter::begin(said)?),
        };
        next.note(said);
        let guard = |guard: Guard| reading_guard(guard, &next, said);
        let course = before.as_ref().map(|file| &file.matter.course);
        let moved = self.step(said, course, &Parties::of(&next.matter), &guard)?;
        let mut changes = vec![Change::of(said, course, &moved)];
        next.matter.go_on(moved, said);
        if next.matter.course.state == "undisputed"
            && let Act::InterpretationSettled(act) = said.act
        {
            // What everyone accepted is from now on how each of them reads it.
            for reading in next.readings.values_mut() {
                *reading = act.reading.clone();
            }
        }
        self.readings.insert(article, Arc::new(next));
        changes.extend(self.restand(said.at));
        Ok(changes)
    }
}

fn reading_guard(guard: Guard, next: &ReadingFile, said: &Said<'_>) -> GuardAnswer {
    let mut others = next
        .readings
        .iter()
        .filter(|(holder, _)| **holder != said.author.holder);
    let holds = match (guard, said.act) {
        (Guard::ReadingsAgree, Act::InterpretationRecorded(act)) => {
            others.all(|(_, reading)| *reading == act.reading)
        }
        (Guard::OthersSettled, Act::InterpretationSettled(act)) => {
            others.all(|(holder, _)| next.accepted.get(holder) == Some(&act.reading))
        }
        _ => false,
    };
    GuardAnswer::of(holds)
}
