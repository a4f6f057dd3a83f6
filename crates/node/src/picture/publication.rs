//! Who may know which part of a document: as each participant states it, and as far as all of them do.

use std::collections::{BTreeMap, BTreeSet};

use detente_records::act::Act;
use detente_records::act::agreement::{PublicationStated, Publicity};
use detente_records::{HolderId, Kind, LocalText, RecordId};
use detente_spacetime::Instant;

use super::Picture;
use super::air::Source;

/// What is on record about the publication of one document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Publication {
    /// For each part, what each holder said last; the empty name is the whole document.
    parts: BTreeMap<String, BTreeMap<HolderId, StatedPublicity>>,
}

/// A holder's last word on who may know a part.
#[derive(Clone, Debug, PartialEq)]
pub struct StatedPublicity {
    /// When it was stated.
    pub at: Instant,
    /// The entry.
    pub source: Source,
    /// What it says.
    pub act: PublicationStated,
}

impl Publication {
    /// Every part spoken of, with what each holder said last; the empty name is the whole document.
    pub fn parts(&self) -> impl Iterator<Item = (&str, &BTreeMap<HolderId, StatedPublicity>)> {
        let parts = self.parts.iter();
        parts.map(|(part, stated)| (part.as_str(), stated))
    }

    /// Who may know a part: what the most reticent of the participants says of it, or of the whole document where it said
    /// nothing of the part. Whoever said nothing at all keeps it secret.
    pub fn of_part(&self, part: &str, participants: &BTreeSet<HolderId>) -> Publicity {
        let said = |holder: &HolderId| {
            let of = |part: &str| self.parts.get(part)?.get(holder);
            of(part)
                .or_else(|| of(""))
                .map_or(Publicity::Secret, |stated| stated.act.publicity)
        };
        // The words go from the closest to the widest circle.
        let closest = participants.iter().map(said).min();
        closest.unwrap_or(Publicity::Secret)
    }

    /// Whether every participant has agreed to publish exactly this part, by name: what was said of the whole does not count.
    pub fn is_agreed_by_name(&self, part: &str, participants: &BTreeSet<HolderId>) -> bool {
        let stated = self.parts.get(part);
        let published = |holder: &HolderId| {
            let said = stated.and_then(|stated| stated.get(holder));
            said.is_some_and(|stated| stated.act.publicity == Publicity::Published)
        };
        !participants.is_empty() && participants.iter().all(published)
    }
}

/// The name of the part an act means; empty for the whole document.
///
/// A part named in several languages goes by its first name, in the order of language tags.
fn part_name(part: Option<&LocalText>) -> String {
    match part {
        None => String::new(),
        Some(LocalText::Plain(name)) => name.clone(),
        Some(LocalText::ByLanguage(names)) => {
            let first = names.iter().next();
            first.map_or_else(String::new, |(_, name)| name.clone())
        }
    }
}

impl Picture {
    /// What is on record about the publication of each document, by its id, before `until`.
    pub fn publications(&self, until: Instant) -> BTreeMap<RecordId, Publication> {
        let mut documents: BTreeMap<RecordId, Publication> = BTreeMap::new();
        for (document, lines) in self.statements(Kind::PublicationStated) {
            let publication = documents.entry(document.clone()).or_default();
            for line in lines.iter().filter(|line| line.at < until) {
                if let Act::PublicationStated(act) = &*line.act {
                    let stated = StatedPublicity {
                        at: line.at,
                        source: line.source.clone(),
                        act: act.clone(),
                    };
                    let part = part_name(act.part.as_ref());
                    let said = publication.parts.entry(part).or_default();
                    said.insert(line.author.holder.clone(), stated);
                }
            }
        }
        documents
    }
}
