//! Preconditions: what participants report, beside what the record itself shows.
//!
//! A report opens nothing by itself. Where a precondition asks for consecutive quiet hours or for a time after Day D, these
//! are counted from the record when somebody reports, and a report that the record does not bear out changes nothing. No
//! clock opens anything either: it takes a participant's word at a time when everything holds.

use std::collections::{BTreeMap, BTreeSet};

use detente_records::act::Evidence;
use detente_records::{ArticleId, HolderId, Precondition, PreconditionId};
use detente_spacetime::{Instant, Span};

use super::air::Source;
use super::allegation::Account;
use super::said::Said;
use super::{Picture, TextFile};

/// A holder's last word on a precondition.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Whether it holds.
    pub holds: bool,
    /// Since when, where that was said.
    pub since: Option<Instant>,
    /// When it was reported.
    pub at: Instant,
    /// The entry.
    pub source: Source,
    /// What shows it.
    pub evidence: Vec<Evidence>,
}

/// How a precondition stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holding {
    /// Everything it asks for was there when it was last reported, and nobody says otherwise.
    Holds,
    /// Its earliest time has not come, or cannot be told before Day D is set.
    Waiting,
    /// Its earliest time has come; not every participant has reported that it holds.
    Unreported,
    /// Somebody's last report says that it does not hold.
    Contradicted,
    /// Every participant reports that it holds, and the record does not bear it out, or did not when they did.
    NotBorneOut,
    /// By its due time it did not hold.
    Overdue,
}

impl Holding {
    /// Returns the name used in answers.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Waiting => "waiting",
            Self::Unreported => "unreported",
            Self::Contradicted => "contradicted",
            Self::NotBorneOut => "not_borne_out",
            Self::Overdue => "overdue",
        }
    }
}

/// A precondition at an instant, with what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct PreconditionState {
    /// How it stands.
    pub holding: Holding,
    /// What each holder reported last.
    pub reports: BTreeMap<HolderId, Report>,
    /// The participants that have not reported.
    pub lacking: BTreeSet<HolderId>,
    /// When it came to hold, and by which entry.
    pub met: Option<(Instant, Source)>,
    /// Not before this instant; `None` where it does not say, or Day D is not set.
    pub earliest: Option<Instant>,
    /// It should hold by this instant.
    pub due: Option<Instant>,
    /// Quiet, where it asks for that.
    pub quiet: Option<QuietCount>,
}

/// Consecutive quiet, counted from the record.
#[derive(Clone, Debug, PartialEq)]
pub struct QuietCount {
    /// How long it has to be quiet.
    pub needed: Span,
    /// Since when it has been quiet by anybody's account, which is what counts; `None` before it can be counted.
    pub since: Option<Instant>,
    /// Since when it has been quiet by each holder's own account.
    pub by_account: BTreeMap<HolderId, Instant>,
}

impl TextFile {
    /// Whether every participant has reported that a precondition holds, and nobody's last report says otherwise.
    pub fn is_reported(&self, id: &PreconditionId, participants: &BTreeSet<HolderId>) -> bool {
        let Some(reports) = self.preconditions.get(id) else {
            return false;
        };
        let reported = |holder: &HolderId| reports.contains_key(holder);
        reports.values().all(|report| report.holds) && participants.iter().all(reported)
    }

    /// Articles that permit nothing because a precondition that opens them does not hold.
    pub fn held_back(&self) -> BTreeSet<ArticleId> {
        let Some(dossier) = &self.dossier else {
            return BTreeSet::new();
        };
        let preconditions = dossier.agreement().preconditions.iter();
        let open = preconditions.filter(|(id, _)| !self.met.contains_key(*id));
        open.flat_map(|(_, precondition)| precondition.opens.iter().cloned())
            .collect()
    }

    fn anchor(&self, asked: &Precondition, participants: &BTreeSet<HolderId>) -> Option<Instant> {
        match asked.opens.is_empty() {
            // What holds back Day D is counted from the tabling of the text.
            true => Some(self.matter.opened_at),
            false => self.agreed_day_d(participants),
        }
    }
}

impl Picture {
    /// Whether the record bears a precondition out at an instant: its time has come, and it was quiet as long as it asks.
    pub(super) fn is_borne_out(&self, file: &TextFile, asked: &Precondition, at: Instant) -> bool {
        let participants = self.signatories(file);
        let day_d = file.agreed_day_d(&participants);
        let time_has_come = match asked.after {
            None => true,
            Some(after) => day_d
                .and_then(|day_d| day_d.plus(after))
                .is_some_and(|earliest| earliest <= at),
        };
        let has_been_quiet = match asked.quiet {
            None => true,
            Some(quiet) => file
                .anchor(asked, &participants)
                .and_then(|anchor| self.quiet_since(Account::Anybody, anchor, at).plus(quiet))
                .is_some_and(|complete| complete <= at),
        };
        time_has_come && has_been_quiet
    }

    /// Whether a precondition holds at an instant: it came to hold before and nobody said otherwise, or it does so now.
    pub(super) fn is_met(&self, file: &TextFile, id: &PreconditionId, at: Instant) -> bool {
        let asked = file
            .dossier
            .as_ref()
            .and_then(|dossier| dossier.agreement().preconditions.get(id));
        let Some(asked) = asked else {
            return false;
        };
        file.is_reported(id, &self.signatories(file))
            && (file.met.contains_key(id) || self.is_borne_out(file, asked, at))
    }

    /// Notes which preconditions hold after a report: what came to hold stays so until somebody reports otherwise.
    pub(super) fn note_met(&self, next: &mut TextFile, said: &Said<'_>) {
        let Some(dossier) = next.dossier.clone() else {
            return;
        };
        for id in dossier.agreement().preconditions.keys() {
            match self.is_met(next, id, said.at) {
                true => {
                    let now = || (said.at, said.source());
                    next.met.entry(id.clone()).or_insert_with(now);
                }
                false => {
                    next.met.remove(id);
                }
            }
        }
    }

    /// How every precondition of a text stands at an instant.
    pub fn preconditions(
        &self,
        file: &TextFile,
        now: Instant,
    ) -> BTreeMap<PreconditionId, PreconditionState> {
        let Some(dossier) = &file.dossier else {
            return BTreeMap::new();
        };
        let asked = dossier.agreement().preconditions.iter();
        asked
            .map(|(id, asked)| (id.clone(), self.precondition(file, (id, asked), now)))
            .collect()
    }

    fn precondition(
        &self,
        file: &TextFile,
        (id, asked): (&PreconditionId, &Precondition),
        now: Instant,
    ) -> PreconditionState {
        let participants = self.signatories(file);
        let day_d = file.agreed_day_d(&participants);
        let from_day_d = |span: Option<Span>| day_d?.plus(span?);
        let reports = file.preconditions.get(id).cloned().unwrap_or_default();
        let (earliest, due) = (from_day_d(asked.after), from_day_d(asked.due));
        let contradicted = reports.values().any(|report| !report.holds);
        let waits = asked.after.is_some() && earliest.is_none_or(|earliest| now < earliest);
        let holding = match () {
            () if file.met.contains_key(id) => Holding::Holds,
            () if contradicted => Holding::Contradicted,
            () if due.is_some_and(|due| due <= now) => Holding::Overdue,
            () if waits => Holding::Waiting,
            () if file.is_reported(id, &participants) => Holding::NotBorneOut,
            () => Holding::Unreported,
        };
        let quiet = asked.quiet.map(|needed| {
            let anchor = file.anchor(asked, &participants);
            let counted = anchor.filter(|anchor| *anchor <= now);
            let holders = self.holders().values().map(|holder| &holder.id);
            QuietCount {
                needed,
                since: counted.map(|anchor| self.quiet_since(Account::Anybody, anchor, now)),
                by_account: holders
                    .filter_map(|holder| {
                        let since = self.quiet_since(Account::Of(holder), counted?, now);
                        Some((holder.clone(), since))
                    })
                    .collect(),
            }
        });
        PreconditionState {
            holding,
            lacking: participants
                .into_iter()
                .filter(|holder| !reports.contains_key(holder))
                .collect(),
            reports,
            met: file.met.get(id).cloned(),
            earliest,
            due,
            quiet,
        }
    }
}
