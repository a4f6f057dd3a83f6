//! Outcome measures as answers, reports and announcements write them.

use std::collections::BTreeMap;

use detente_records::act::Estimate;
use detente_records::{LocalText, Reporting};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Access, Count, HarmEvent, Outcomes, Period, Quiet};
use crate::picture::{Allegation, Source};

/// A text: as it is, or by language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Words {
    /// In whatever language.
    Plain(String),
    /// By language tag.
    ByLanguage(BTreeMap<String, String>),
}

impl Words {
    /// The text in a language, else in English, else in the first there is.
    pub fn in_language(&self, tag: &str) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::ByLanguage(texts) => {
                let found = texts.get(tag).or_else(|| texts.get("en"));
                found
                    .or_else(|| texts.values().next())
                    .map_or("", String::as_str)
            }
        }
    }
}

impl From<&LocalText> for Words {
    fn from(text: &LocalText) -> Self {
        match text {
            LocalText::Plain(text) => Self::Plain(text.clone()),
            LocalText::ByLanguage(texts) => {
                let texts = texts.iter();
                Self::ByLanguage(
                    texts
                        .map(|(tag, text)| (tag.to_string(), text.clone()))
                        .collect(),
                )
            }
        }
    }
}

/// An entry of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordRef {
    /// The ledger.
    pub origin: String,
    /// Its index there.
    pub index: u64,
}

impl From<&Source> for RecordRef {
    fn from(source: &Source) -> Self {
        Self {
            origin: source.origin.to_string(),
            index: source.index,
        }
    }
}

/// A period; its end is not part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeriodView {
    /// RFC 3339.
    pub from: String,
    /// RFC 3339.
    pub until: String,
}

impl From<Period> for PeriodView {
    fn from(period: Period) -> Self {
        Self {
            from: period.from().to_string(),
            until: period.until().to_string(),
        }
    }
}

/// When reports close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CutOffView {
    /// Time of the day, such as `19:30`.
    pub time: String,
    /// Offset from UTC in which that is meant, such as `+03:00`.
    pub utc_offset: String,
}

impl From<Reporting> for CutOffView {
    fn from(reporting: Reporting) -> Self {
        Self {
            time: reporting.cut_off(),
            utc_offset: reporting.offset(),
        }
    }
}

/// What a period brought, beside what the one before it did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutcomesView {
    /// The period.
    pub period: PeriodView,
    /// The period before it.
    pub previous: PeriodView,
    /// Figures; those of different holders are never merged.
    pub counts: Vec<CountView>,
    /// Events that holders count differently: both counts stand.
    pub divergent: Vec<DivergenceView>,
    /// Quiet hours by each account, the strictest first.
    pub quiet: Vec<QuietView>,
    /// Allegations reported or found upon in the period.
    pub violations: Vec<AllegationView>,
    /// Alleged civilian casualties, source by source.
    pub harm: Vec<HarmView>,
    /// Restrictions of access.
    pub access: Vec<AccessView>,
}

/// A figure with the entries behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountView {
    /// What is counted.
    pub measure: String,
    /// Whose acts, or whose account.
    pub holder: String,
    /// Of whom, where that is said.
    pub party: Option<String>,
    /// In which area, where that is said.
    pub area: Option<String>,
    /// How many.
    pub count: u64,
    /// How many in the period before.
    pub previous: u64,
    /// The entries counted.
    pub records: Vec<RecordRef>,
}

/// Violations of one party in one area, as each participant and observer counts them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DivergenceView {
    /// Of whom, where that is said.
    pub party: Option<String>,
    /// In which area, where that is said.
    pub area: Option<String>,
    /// The count of each holder.
    pub counts: BTreeMap<String, u64>,
}

/// How quiet a period was by one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietView {
    /// Whose account; null where anybody's allegation counts.
    pub holder: Option<String>,
    /// Hours that have passed in which nothing is alleged to have happened.
    pub quiet_h: u64,
    /// Of how many.
    pub period_h: u64,
    /// Of how many that have passed; absent where the whole period has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_h: Option<u64>,
    /// The same in the period before.
    pub previous_quiet_h: u64,
    /// Since when it has been quiet at the end of the period, or now, RFC 3339.
    pub since: String,
    /// Whole consecutive quiet hours by then.
    pub consecutive_h: u64,
    /// The reports of what broke the quiet in the period.
    pub broken_by: Vec<RecordRef>,
}

/// An allegation as it stood at the end of the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllegationView {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: Words,
    /// Who reported it.
    pub reported_by: String,
    /// When, RFC 3339.
    pub reported_at: String,
    /// When it is alleged to have happened, RFC 3339.
    pub happened_at: String,
    /// Whose conduct is alleged, where that is said.
    pub party: Option<String>,
    /// Whether a breach is only held possible.
    pub possible: bool,
    /// The articles in question.
    pub articles: Vec<String>,
    /// The area in question.
    pub area: Option<String>,
    /// The matter it repeats; then nobody counts it.
    pub duplicate_of: Option<String>,
    /// What each holder found: `confirm`, `cannot_confirm`, `deny` or `no_access`.
    pub findings: BTreeMap<String, FindingView>,
    /// `none`, `single_sided`, `concordant` or `divergent`.
    pub agreement_of_findings: String,
    /// The report.
    pub record: RecordRef,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AllegationFinding")]
pub struct FindingView {
    /// `confirm`, `cannot_confirm`, `deny` or `no_access`.
    pub statement: String,
    /// When it was stated, RFC 3339.
    pub at: String,
    /// The entry.
    pub record: RecordRef,
}

/// An event of which civilian casualties are alleged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HarmView {
    /// The incident or operation.
    pub subject: String,
    /// What it is called.
    pub title: Option<Words>,
    /// From the least any source states to the most; null where no source states figures.
    pub killed: Option<SpanView>,
    /// The same for those injured.
    pub injured: Option<SpanView>,
    /// Each source's own figures.
    pub accounts: Vec<HarmAccountView>,
}

/// From the least any source states to the most; not a middle of anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpanView {
    /// The least.
    pub lowest: u32,
    /// The most; null where a source states no most.
    pub highest: Option<u32>,
}

/// What one source alleges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HarmAccountView {
    /// Who says so; null where the holder itself does.
    pub source: Option<String>,
    /// Whose ledger it is on record in.
    pub holder: String,
    /// When it was recorded, RFC 3339.
    pub at: String,
    /// Killed, as stated.
    pub killed: Option<EstimateView>,
    /// Injured, as stated.
    pub injured: Option<EstimateView>,
    /// The source's words about its figures.
    pub note: Option<Words>,
    /// The recipient's own grade: letter of the source, digit of the information.
    pub grade: Option<String>,
    /// The entry.
    pub record: RecordRef,
}

/// A count as its source states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EstimateView {
    /// At least.
    pub low: u32,
    /// Most likely; null where that is not said.
    pub best: Option<u32>,
    /// At most; null where that is not said.
    pub high: Option<u32>,
}

/// Somebody was kept from a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessView {
    /// Who recorded it.
    pub holder: String,
    /// When, RFC 3339.
    pub at: String,
    /// Who was kept out.
    pub kept_out: String,
    /// By whom, where that is said.
    pub by: Option<String>,
    /// The place as it is called, where that is said.
    pub place: Option<Words>,
    /// From when, RFC 3339.
    pub from: String,
    /// Until when, RFC 3339.
    pub until: Option<String>,
    /// The reason given.
    pub reason: Option<Words>,
    /// The entry.
    pub record: RecordRef,
}

/// A daily report: one day beside the day before, and the week it closes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DailyReport {
    /// The agreement; null while no text binds.
    pub agreement: Option<String>,
    /// The date it is for.
    pub date: String,
    /// When it closes.
    pub cut_off: CutOffView,
    /// Whether it has closed; figures of one that has not may still grow.
    pub is_closed: bool,
    /// The day.
    pub day: OutcomesView,
    /// The seven days that end with it, beside the seven before.
    pub week: OutcomesView,
    /// Each of these days, the earliest first.
    pub days: Vec<DayView>,
}

/// One day of a week, in a few figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DayView {
    /// The period.
    pub period: PeriodView,
    /// Quiet hours by anybody's account.
    pub quiet_h: u64,
    /// Hours that have passed; absent where the whole day has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_h: Option<u64>,
    /// Every figure of the day, by measure and holder.
    pub counts: BTreeMap<String, BTreeMap<String, u64>>,
}

impl OutcomesView {
    /// Shows what a period brought.
    pub fn of(outcomes: &Outcomes) -> Self {
        Self {
            period: outcomes.period.into(),
            previous: outcomes.previous.into(),
            counts: outcomes.counts.iter().map(CountView::from).collect(),
            divergent: divergent(outcomes),
            quiet: outcomes.quiet.iter().map(QuietView::from).collect(),
            violations: outcomes
                .allegations
                .iter()
                .map(AllegationView::from)
                .collect(),
            harm: outcomes.harm.iter().map(HarmView::from).collect(),
            access: outcomes.access.iter().map(AccessView::from).collect(),
        }
    }
}

impl DayView {
    /// Shows a day in a few figures.
    pub fn of(outcomes: &Outcomes) -> Self {
        let mut counts: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        for count in &outcomes.counts {
            let holders = counts.entry(count.measure.wire_name().to_owned());
            let figure = holders.or_default().entry(count.holder.to_string());
            *figure.or_default() += count.records.len() as u64;
        }
        for holders in counts.values_mut() {
            holders.retain(|_, figure| *figure > 0);
        }
        counts.retain(|_, holders| !holders.is_empty());
        let strictest = outcomes.quiet.first();
        Self {
            period: outcomes.period.into(),
            quiet_h: strictest.map_or(0, |quiet| quiet.quiet_h),
            passed_h: strictest.and_then(passed),
            counts,
        }
    }
}

/// Hours that have passed of a period that is not over.
fn passed(quiet: &Quiet) -> Option<u64> {
    (quiet.passed_h < quiet.period_h).then_some(quiet.passed_h)
}

/// Where holders that count at all count differently.
fn divergent(outcomes: &Outcomes) -> Vec<DivergenceView> {
    let mut found = Vec::new();
    for ((party, area), mut counts) in outcomes.accounts() {
        let mut figures = counts.values();
        let first = figures.next().copied();
        if figures.all(|figure| Some(*figure) == first) {
            continue;
        }
        found.push(DivergenceView {
            party: party.map(|party| party.to_string()),
            area: area.map(|area| area.to_string()),
            counts: std::mem::take(&mut counts)
                .into_iter()
                .map(|(holder, figure)| (holder.to_string(), figure))
                .collect(),
        });
    }
    found
}

impl From<&Count> for CountView {
    fn from(count: &Count) -> Self {
        Self {
            measure: count.measure.wire_name().to_owned(),
            holder: count.holder.to_string(),
            party: count.party.as_ref().map(ToString::to_string),
            area: count.area.as_ref().map(ToString::to_string),
            count: count.records.len() as u64,
            previous: count.previous.len() as u64,
            records: count.records.iter().map(RecordRef::from).collect(),
        }
    }
}

impl From<&Quiet> for QuietView {
    fn from(quiet: &Quiet) -> Self {
        Self {
            holder: quiet.holder.as_ref().map(ToString::to_string),
            quiet_h: quiet.quiet_h,
            period_h: quiet.period_h,
            passed_h: passed(quiet),
            previous_quiet_h: quiet.previous_quiet_h,
            since: quiet.since.to_string(),
            consecutive_h: quiet.consecutive_h,
            broken_by: quiet.broken_by.iter().map(RecordRef::from).collect(),
        }
    }
}

impl From<&Allegation> for AllegationView {
    fn from(allegation: &Allegation) -> Self {
        let findings = allegation.findings.iter().map(|(holder, finding)| {
            let view = FindingView {
                statement: finding.statement.wire_name().to_owned(),
                at: finding.at.to_string(),
                record: RecordRef::from(&finding.source),
            };
            (holder.to_string(), view)
        });
        Self {
            id: allegation.id.to_string(),
            title: Words::from(&allegation.title),
            reported_by: allegation.reported_by.to_string(),
            reported_at: allegation.reported_at.to_string(),
            happened_at: allegation.happened_at.to_string(),
            party: allegation.party.as_ref().map(ToString::to_string),
            possible: allegation.possible,
            articles: allegation
                .articles
                .iter()
                .map(ToString::to_string)
                .collect(),
            area: allegation.area.as_ref().map(ToString::to_string),
            duplicate_of: allegation.duplicate_of.as_ref().map(ToString::to_string),
            findings: findings.collect(),
            agreement_of_findings: allegation.agreement_of_findings().wire_name().to_owned(),
            record: RecordRef::from(&allegation.source),
        }
    }
}

impl From<Estimate> for EstimateView {
    fn from(estimate: Estimate) -> Self {
        Self {
            low: estimate.low(),
            best: estimate.best(),
            high: estimate.high(),
        }
    }
}

impl From<&HarmEvent> for HarmView {
    fn from(event: &HarmEvent) -> Self {
        let span = |(lowest, highest)| SpanView { lowest, highest };
        let accounts = event.accounts.iter().map(|account| HarmAccountView {
            source: account.by.as_ref().map(ToString::to_string),
            holder: account.holder.to_string(),
            at: account.at.to_string(),
            killed: account.harm.killed.map(EstimateView::from),
            injured: account.harm.injured.map(EstimateView::from),
            note: account.harm.note.as_ref().map(Words::from),
            grade: account.grade.as_ref().map(|grade| {
                format!(
                    "{}{}",
                    grade.reliability.wire_name(),
                    grade.credibility.wire_name()
                )
            }),
            record: RecordRef::from(&account.source),
        });
        Self {
            subject: event.subject.to_string(),
            title: event.title.as_ref().map(Words::from),
            killed: event.span(|harm| harm.killed).map(span),
            injured: event.span(|harm| harm.injured).map(span),
            accounts: accounts.collect(),
        }
    }
}

impl From<&Access> for AccessView {
    fn from(access: &Access) -> Self {
        Self {
            holder: access.holder.to_string(),
            at: access.at.to_string(),
            kept_out: access.act.kept_out.to_string(),
            by: access.act.by.as_ref().map(ToString::to_string),
            place: access.act.place.name.as_ref().map(Words::from),
            from: access.act.from.to_string(),
            until: access.act.until.map(|at| at.to_string()),
            reason: access.act.reason.as_ref().map(Words::from),
            record: RecordRef::from(&access.source),
        }
    }
}
