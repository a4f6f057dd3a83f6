//! Who is on watch at each line, and who is called when nobody answers.

use std::collections::BTreeMap;

use detente_records::act::Act;
use detente_records::{HolderId, Kind, OfficeName, PersonName, RecordId};
use detente_spacetime::Instant;

use super::Picture;
use super::air::Source;

/// The watch that a holder said last it had taken at a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// The line.
    pub line: RecordId,
    /// Whose watch it is.
    pub holder: HolderId,
    /// The office on watch.
    pub office: OfficeName,
    /// Who has it, where that is on record.
    pub person: Option<PersonName>,
    /// Who is called when nobody answers.
    pub alternate: Option<OfficeName>,
    /// Since when.
    pub since: Instant,
    /// Until when; nobody has it afterwards until somebody says so.
    pub until: Instant,
    /// The entry.
    pub source: Source,
}

impl Watch {
    /// Whether somebody has the watch at an instant.
    pub fn is_kept(&self, at: Instant) -> bool {
        at < self.until
    }
}

impl Picture {
    /// The newest watch of each holder at each line, by line, then by holder, whether it has ended or not.
    pub fn watches(&self) -> Vec<Watch> {
        let mut found: BTreeMap<(&RecordId, &HolderId), Watch> = BTreeMap::new();
        for (line, words) in self.statements(Kind::WatchTaken) {
            for said in words {
                let Act::WatchTaken(act) = &*said.act else {
                    continue;
                };
                let watch = Watch {
                    line: line.clone(),
                    holder: said.author.holder.clone(),
                    office: act.office.clone(),
                    person: act.person.clone(),
                    alternate: act.alternate.clone(),
                    since: said.at,
                    until: act.until,
                    source: said.source.clone(),
                };
                found.insert((line, &said.author.holder), watch);
            }
        }
        found.into_values().collect()
    }
}
