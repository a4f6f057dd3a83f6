//! Alleged civilian casualties: source by source, never averaged, never added up.

use std::collections::BTreeMap;

use detente_records::act::{Act, Estimate, Grade, Harm};
use detente_records::{HolderId, LocalText, OfficeName, RecordId};
use detente_spacetime::Instant;

use super::period::Period;
use crate::picture::{Line, Picture, Source};

/// An event of which civilian casualties are alleged.
#[derive(Clone, Debug, PartialEq)]
pub struct HarmEvent {
    /// The incident, or the operation in whose account it stands.
    pub subject: RecordId,
    /// What it is called.
    pub title: Option<LocalText>,
    /// Every account on record by the end of the period, in order.
    pub accounts: Vec<HarmAccount>,
}

/// What one source alleges.
#[derive(Clone, Debug, PartialEq)]
pub struct HarmAccount {
    /// Who says so; `None` where the holder itself does.
    pub by: Option<OfficeName>,
    /// Whose ledger it is on record in.
    pub holder: HolderId,
    /// When it was recorded.
    pub at: Instant,
    /// The entry.
    pub source: Source,
    /// The figures, as that source states them.
    pub harm: Harm,
    /// The recipient's own grade of it.
    pub grade: Option<Grade>,
}

impl HarmEvent {
    /// The least any source states and the most, for those killed or injured; never a middle.
    ///
    /// The most is `None` where a source states no most.
    pub fn span(&self, of: impl Fn(&Harm) -> Option<Estimate>) -> Option<(u32, Option<u32>)> {
        let stated: Vec<Estimate> = self
            .accounts
            .iter()
            .filter_map(|account| of(&account.harm))
            .collect();
        let low = stated.iter().map(|estimate| estimate.low()).min()?;
        let highs: Option<Vec<u32>> = stated.iter().map(|estimate| estimate.high()).collect();
        Some((low, highs.and_then(|highs| highs.into_iter().max())))
    }
}

/// The events somebody spoke of in a period, by their subject.
pub(super) fn events(picture: &Picture, period: Period) -> Vec<HarmEvent> {
    let mut events: BTreeMap<RecordId, HarmEvent> = BTreeMap::new();
    let incidents = picture
        .matters("incident")
        .map(|(id, matter)| (id, &matter.lines));
    let operations = picture
        .operations()
        .map(|(id, file)| (id, &file.matter.lines));
    for (id, lines) in incidents.chain(operations) {
        for line in lines.iter().filter(|line| line.at < period.until()) {
            note(&mut events, id, line);
        }
    }
    let mut events: Vec<HarmEvent> = events.into_values().collect();
    events.retain(|event| {
        let mut accounts = event.accounts.iter();
        accounts.any(|account| period.contains(account.at))
    });
    events
}

fn note(events: &mut BTreeMap<RecordId, HarmEvent>, id: &RecordId, line: &Line) {
    let mut add = |subject: &RecordId, title: Option<&LocalText>, account: HarmAccount| {
        let event = events.entry(subject.clone()).or_insert_with(|| HarmEvent {
            subject: subject.clone(),
            title: None,
            accounts: Vec::new(),
        });
        event.title = event.title.take().or_else(|| title.cloned());
        event.accounts.push(account);
    };
    let account = |by: Option<&OfficeName>, harm: &Harm, grade: Option<&Grade>| HarmAccount {
        by: by.cloned(),
        holder: line.author.holder.clone(),
        at: line.at,
        source: line.source.clone(),
        harm: harm.clone(),
        grade: grade.cloned(),
    };
    match &*line.act {
        Act::IncidentReported(act) => {
            if let Some(harm) = &act.account.harm {
                let said = account(Some(&act.account.source), harm, act.account.grade.as_ref());
                add(id, Some(&act.title), said);
            }
        }
        Act::IncidentSourceAdded(act) => {
            if let Some(harm) = &act.account.harm {
                let said = account(Some(&act.account.source), harm, act.account.grade.as_ref());
                add(id, None, said);
            }
        }
        Act::OperationClosedOut(act) => {
            for alleged in &act.harm {
                if let Some(harm) = &alleged.harm {
                    let subject = alleged.incident.as_ref().unwrap_or(id);
                    add(subject, Some(&alleged.text), account(None, harm, None));
                }
            }
        }
        _ => {}
    }
}
