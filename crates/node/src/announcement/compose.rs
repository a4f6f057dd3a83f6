//! From a picture to a statement: what every participant publishes, and nothing else.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};

use detente_ledger::hash::Hash;
use detente_records::act::agreement::Publicity;
use detente_records::{HolderId, PartyId, RecordId};
use detente_spacetime::Instant;

use super::part;
use super::wire::{
    CountedLedger, Disclosed, PublishedPart, Statement, TextStatement, WithheldKind,
};
use super::{ANNOUNCEMENT, VERSION};
use crate::life;
use crate::life::wire::{AgreementLife, ChannelView, MilestoneView, StatedView};
use crate::outcomes::wire::{OutcomesView, RecordRef, Words};
use crate::outcomes::{Count, Measure, Outcomes, Period};
use crate::picture::{Picture, Publication, TextFile};

/// Composes the statement about the text that binds.
///
/// `ledgers` says what the picture was folded from, `files` are the text's dossier, `as_of` is the instant from which on
/// entries are no part of it. Equal input gives equal statements.
///
/// # Errors
///
/// [`ComposeError`]: no text binds, or a participant keeps back what cannot be left out.
pub fn compose(
    picture: &Picture,
    ledgers: Vec<CountedLedger>,
    files: &BTreeMap<String, String>,
    as_of: Instant,
) -> Result<Statement, ComposeError> {
    let id = picture.binding_text().ok_or(ComposeError::NoText)?;
    let file = picture.text(id).ok_or(ComposeError::NoText)?;
    let participants = picture.participants();
    let publications = picture.publications(as_of);
    let publication = publications.get(id).cloned().unwrap_or_default();
    let desk = Desk {
        picture,
        id,
        file,
        participants: &participants,
        publication: &publication,
        as_of,
    };
    if !desk.is_published(part::SIGNATURES) {
        return Err(ComposeError::SignaturesWithheld {
            document: id.clone(),
            by: desk.keepers(part::SIGNATURES),
        });
    }
    let life = life::of(picture, as_of);
    Ok(Statement {
        detente_statement: VERSION,
        document: id.to_string(),
        ledgers,
        as_of: as_of.to_string(),
        text: TextStatement {
            sha256: Hash::from_bytes(file.sha256).to_hex(),
            state: file.matter.course.state.to_owned(),
            day_d: file.agreed_day_d(&participants).map(|at| at.to_string()),
            signatures: life
                .texts
                .iter()
                .find(|text| text.id == id.as_str())
                .map(|text| text.signatures.clone())
                .unwrap_or_default(),
        },
        published: desk.published(files),
        disclosed: desk.disclosed(&life, files),
        withheld: desk.withheld(&life, files),
    })
}

/// Why nothing can be announced.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// There is no signed text.
    #[error("no text that was tabled and adopted binds: there is nothing to announce")]
    NoText,
    /// What proves everything else is kept back.
    #[error(
        "the signatures of `{document}` are not published by {}",
        by.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
    )]
    SignaturesWithheld {
        /// The document.
        document: RecordId,
        /// Who keeps them.
        by: BTreeSet<HolderId>,
    },
}

struct Desk<'a> {
    picture: &'a Picture,
    id: &'a RecordId,
    file: &'a TextFile,
    participants: &'a BTreeSet<HolderId>,
    publication: &'a Publication,
    as_of: Instant,
}

impl Desk<'_> {
    fn is_published(&self, part: &str) -> bool {
        self.publication.of_part(part, self.participants) == Publicity::Published
    }

    fn keepers(&self, part: &str) -> BTreeSet<HolderId> {
        let alone = |holder: &&HolderId| {
            let one = BTreeSet::from([(*holder).clone()]);
            self.publication.of_part(part, &one) != Publicity::Published
        };
        self.participants.iter().filter(alone).cloned().collect()
    }

    /// Parts that are published, with each holder's word. A part nobody knows here is not named: its name could tell.
    fn published(&self, files: &BTreeMap<String, String>) -> Vec<PublishedPart> {
        let named = part::ALL.iter().map(|(name, _)| *name);
        let names = named
            .filter(|name| *name != ANNOUNCEMENT && *name != part::WITHHELD)
            .chain(files.keys().map(String::as_str));
        let published = names.filter(|name| self.is_published(name));
        published
            .map(|name| {
                let stated = self.publication.parts().find(|(part, _)| *part == name);
                let stated = stated.into_iter().flat_map(|(_, stated)| stated);
                PublishedPart {
                    part: name.to_owned(),
                    stated: stated
                        .map(|(holder, stated)| {
                            let view = StatedView {
                                publicity: stated.act.publicity.wire_name().to_owned(),
                                by: stated.act.by.as_ref().map(ToString::to_string),
                                published_at: stated.act.at.map(|at| at.to_string()),
                                at: stated.at.to_string(),
                                record: RecordRef::from(&stated.source),
                            };
                            (holder.to_string(), view)
                        })
                        .collect(),
                }
            })
            .collect()
    }

    fn disclosed(&self, life: &AgreementLife, files: &BTreeMap<String, String>) -> Disclosed {
        let shown: BTreeMap<String, String> = files
            .iter()
            .filter(|(name, _)| self.is_published(name))
            .map(|(name, text)| (name.clone(), text.clone()))
            .collect();
        let text = life.texts.iter().find(|text| text.id == self.id.as_str());
        let agreement = self.picture.agreement();
        Disclosed {
            title: agreement
                .filter(|_| self.is_published(part::TITLE))
                .map(|agreement| Words::from(&agreement.title)),
            is_whole_dossier: shown.len() == files.len() && !files.is_empty(),
            files: shown,
            concerns: self.part(part::CONCERNS, || life.concerns.clone()),
            meetings: self.part(part::MEETINGS, || life.meetings.clone()),
            readings: self.part(part::READINGS, || life.readings.clone()),
            preconditions: text
                .and_then(|text| self.part(part::PRECONDITIONS, || text.preconditions.clone())),
            timeline: self.part(part::TIMELINE, || self.timeline(life)),
            suspensions: self.part(part::SUSPENSIONS, || life.suspensions.clone()),
            withdrawals: self.part(part::SUSPENSIONS, || life.withdrawals.clone()),
            channels: self.part(part::CHANNELS, || self.channels(life)),
            outcomes: self.outcomes(),
        }
    }

    /// What is due when, but for what belongs to a part that is kept back.
    fn timeline(&self, life: &AgreementLife) -> Vec<MilestoneView> {
        let shown = life.timeline.iter().filter(|milestone| {
            let part = match milestone.kind.as_str() {
                "precondition_earliest" | "precondition_due" => part::PRECONDITIONS,
                "suspension" | "withdrawal" => part::SUSPENSIONS,
                _ => part::TIMELINE,
            };
            self.is_published(part)
        });
        shown.cloned().collect()
    }

    /// Channels; one that only a suspension speaks of belongs to the suspensions.
    fn channels(&self, life: &AgreementLife) -> Vec<ChannelView> {
        let mut channels = life.channels.clone();
        if !self.is_published(part::SUSPENSIONS) {
            channels.retain(|channel| !channel.declared.is_empty() || channel.last_call.is_some());
            for channel in &mut channels {
                channel.suspended_by.clear();
            }
        }
        channels
    }

    fn part<T>(&self, part: &str, make: impl FnOnce() -> T) -> Option<T> {
        self.is_published(part).then(make)
    }

    /// Figures since Day D. Lists behind them are parts of their own, and areas are named only where their file is.
    fn outcomes(&self) -> Option<OutcomesView> {
        if !self.is_published(part::OUTCOMES) {
            return None;
        }
        let day_d = self.file.agreed_day_d(self.participants);
        let from = day_d.or(self.picture.oldest())?;
        let period = Period::new(from, self.as_of)?;
        let mut outcomes = Outcomes::of(self.picture, period, self.as_of);
        if !self.is_published("areas.geojson") {
            forget_areas(&mut outcomes);
        }
        if !self.is_published(part::VIOLATIONS) {
            outcomes.allegations.clear();
        }
        if !self.is_published(part::HARM) {
            outcomes.harm.clear();
        }
        if !self.is_published(part::ACCESS) {
            outcomes.access.clear();
        }
        Some(OutcomesView::of(&outcomes))
    }

    /// How much is withheld, where the participants agreed by name to say so.
    fn withheld(
        &self,
        life: &AgreementLife,
        files: &BTreeMap<String, String>,
    ) -> Option<Vec<WithheldKind>> {
        let agreed = self
            .publication
            .is_agreed_by_name(part::WITHHELD, self.participants);
        if !agreed {
            return None;
        }
        let text = life.texts.iter().find(|text| text.id == self.id.as_str());
        let preconditions = text.map_or(0, |text| text.preconditions.len());
        let counts = [
            (part::CONCERNS, life.concerns.values().map(Vec::len).sum()),
            (part::MEETINGS, life.meetings.len()),
            (part::READINGS, life.readings.len()),
            (part::PRECONDITIONS, preconditions),
            (
                part::SUSPENSIONS,
                life.suspensions.len() + life.withdrawals.len(),
            ),
            (part::CHANNELS, life.channels.len()),
            (
                part::VIOLATIONS,
                self.picture.allegations(self.as_of).count(),
            ),
        ];
        let counts = counts
            .into_iter()
            .map(|(name, count)| (name.to_owned(), count as u64));
        let dossier = files
            .iter()
            .map(|(name, text)| (name.clone(), things(name, text)));
        let kinds = counts
            .chain(dossier)
            .filter(|(name, count)| *count > 0 && !self.is_published(name));
        Some(
            kinds
                .map(|(part, count)| WithheldKind { part, count })
                .collect(),
        )
    }
}

/// Leaves out where things happened: figures of several areas become one.
fn forget_areas(outcomes: &mut Outcomes) {
    let mut merged: BTreeMap<(Measure, HolderId, Option<PartyId>), Count> = BTreeMap::new();
    for count in std::mem::take(&mut outcomes.counts) {
        let key = (count.measure, count.holder.clone(), count.party.clone());
        match merged.entry(key) {
            Entry::Vacant(place) => {
                place.insert(Count {
                    area: None,
                    ..count
                });
            }
            Entry::Occupied(mut place) => {
                place.get_mut().records.extend(count.records);
                place.get_mut().previous.extend(count.previous);
            }
        }
    }
    for mut count in merged.into_values() {
        count.records.sort();
        count.previous.sort();
        outcomes.counts.push(count);
    }
    for allegation in &mut outcomes.allegations {
        allegation.area = None;
    }
}

/// How many things a file of a dossier holds: features, articles' policies, or the one document.
fn things(name: &str, text: &str) -> u64 {
    if name.ends_with(".geojson") {
        let collection: Option<serde_json::Value> = serde_json::from_str(text).ok();
        let features = collection
            .as_ref()
            .and_then(|all| all["features"].as_array());
        return features.map_or(1, |features| features.len() as u64);
    }
    if name.ends_with(".cedar") {
        return text.matches("@article(").count().max(1) as u64;
    }
    if name == "concerns.toml" {
        return text.matches("[[concerns]]").count().max(1) as u64;
    }
    1
}
