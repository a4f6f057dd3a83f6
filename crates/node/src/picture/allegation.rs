//! Allegations as each holder accounts for them, and how long nothing has been alleged.
//!
//! Accounts are never merged: whether an event counts is answered for one holder at a time, and for nobody in particular
//! ([`Account::Anybody`]) where only the strictest answer does.

use std::collections::{BTreeMap, BTreeSet};

use detente_records::act::Act;
use detente_records::act::violation::Statement;
use detente_records::{AreaId, ArticleId, HolderId, LocalText, PartyId, RecordId};
use detente_spacetime::Instant;

use super::air::Source;
use super::{Matter, Picture};

/// Whose account of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account<'a> {
    /// Anybody's allegation counts, unless every participant has found that it did not happen.
    Anybody,
    /// What this holder reported or confirmed, and has not found otherwise since.
    Of(&'a HolderId),
}

/// An allegation as it stood at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Allegation {
    /// Its id.
    pub id: RecordId,
    /// What it is called.
    pub title: LocalText,
    /// Who reported it.
    pub reported_by: HolderId,
    /// When.
    pub reported_at: Instant,
    /// The report.
    pub source: Source,
    /// When it is alleged to have happened: never after the report of it.
    pub happened_at: Instant,
    /// Whose conduct is alleged, where that is said.
    pub party: Option<PartyId>,
    /// Whether a breach is only held possible.
    pub possible: bool,
    /// The articles in question.
    pub articles: Vec<ArticleId>,
    /// The area in question, where it was sorted by area.
    pub area: Option<AreaId>,
    /// The matter it repeats, where it does.
    pub duplicate_of: Option<RecordId>,
    /// What each holder found last, and the entry that says so.
    pub findings: BTreeMap<HolderId, StatedFinding>,
    /// Where it stood.
    pub state: &'static str,
}

/// A finding on record.
#[derive(Clone, Debug, PartialEq)]
pub struct StatedFinding {
    /// What was found.
    pub statement: Statement,
    /// When it was stated.
    pub at: Instant,
    /// The entry.
    pub source: Source,
}

impl Allegation {
    /// An allegation as it stood just before `until`; `None` when it had not been reported by then.
    fn of(id: &RecordId, matter: &Matter, until: Instant) -> Option<Self> {
        let mut lines = matter.lines.iter().filter(|line| line.at < until);
        let first = lines.next()?;
        let Act::ViolationReported(act) = &*first.act else {
            return None;
        };
        let mut allegation = Self {
            id: id.clone(),
            title: act.title.clone(),
            reported_by: first.author.holder.clone(),
            reported_at: first.at,
            source: first.source.clone(),
            happened_at: act.at.map_or(first.at, |at| at.min(first.at)),
            party: act.party.clone(),
            possible: act.possible,
            articles: act.articles.clone(),
            area: None,
            duplicate_of: None,
            findings: BTreeMap::new(),
            state: matter.course.state,
        };
        for line in lines {
            match &*line.act {
                Act::ViolationTriaged(act) => {
                    allegation.duplicate_of = act.duplicate_of.clone();
                    allegation.area = act.area.clone();
                    if !act.articles.is_empty() {
                        allegation.articles = act.articles.clone();
                    }
                }
                Act::FindingStated(act) => {
                    let finding = StatedFinding {
                        statement: act.statement,
                        at: line.at,
                        source: line.source.clone(),
                    };
                    let holder = line.author.holder.clone();
                    allegation.findings.insert(holder, finding);
                }
                _ => {}
            }
        }
        Some(allegation)
    }

    /// What a holder found last.
    pub fn finding_of(&self, holder: &HolderId) -> Option<Statement> {
        self.findings.get(holder).map(|finding| finding.statement)
    }

    /// Whether an account counts it.
    ///
    /// A holder's own report counts until it finds otherwise; somebody else's counts once it confirms it. Nobody's count
    /// contains what is on record as a repetition.
    pub fn counts_for(&self, account: Account<'_>, participants: &BTreeSet<HolderId>) -> bool {
        if self.duplicate_of.is_some() {
            return false;
        }
        match account {
            Account::Of(holder) => match self.finding_of(holder) {
                Some(statement) => statement == Statement::Confirm,
                None => self.reported_by == *holder,
            },
            Account::Anybody => {
                let denies = |holder| self.finding_of(holder) == Some(Statement::Deny);
                participants.is_empty() || !participants.iter().all(denies)
            }
        }
    }

    /// How the findings on record stand to each other.
    pub fn agreement_of_findings(&self) -> Findings {
        let mut words: BTreeSet<Statement> = BTreeSet::new();
        words.extend(self.findings.values().map(|finding| finding.statement));
        match (self.findings.len(), words.len()) {
            (0, _) => Findings::None,
            (1, _) => Findings::SingleSided,
            (_, 1) => Findings::Concordant,
            _ => Findings::Divergent,
        }
    }
}

/// How findings about one allegation stand to each other; divergence is a result, not a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Findings {
    /// Nobody has stated any.
    None,
    /// One holder has.
    SingleSided,
    /// All that were stated say the same.
    Concordant,
    /// They differ, and all stand.
    Divergent,
}

impl Findings {
    /// Returns the name used in answers.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SingleSided => "single_sided",
            Self::Concordant => "concordant",
            Self::Divergent => "divergent",
        }
    }
}

impl Picture {
    /// Every allegation that was on record before `until`, by id, as it stood then.
    pub fn allegations(&self, until: Instant) -> impl Iterator<Item = Allegation> {
        let matters = self.matters("violation");
        matters.filter_map(move |(id, matter)| Allegation::of(id, matter, until))
    }

    /// Since when an account has been quiet at `now`: the last event it counts, or `anchor` where nothing came after that.
    ///
    /// Events that nobody dated count at the instant of their report.
    pub fn quiet_since(&self, account: Account<'_>, anchor: Instant, now: Instant) -> Instant {
        let participants = self.participants();
        let counted = self
            .allegations(now)
            .filter(|allegation| allegation.counts_for(account, &participants));
        let last = counted.map(|allegation| allegation.happened_at).max();
        last.map_or(anchor, |last| last.max(anchor))
    }
}
