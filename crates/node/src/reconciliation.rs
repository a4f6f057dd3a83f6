//! What two sides say of the same things, side by side: violations with everybody's finding, pull-backs as claimed and as
//! confirmed, who was kept out from where, and each channel as declared beside its use.
//!
//! Nothing is merged and nothing decided: a difference is shown as one, with the entries on either side of it.

use std::collections::{BTreeMap, BTreeSet};

use detente_records::act::Act;
use detente_records::act::violation::WithdrawalClaimed;
use detente_records::{Kind, LocalText};
use detente_spacetime::Instant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::life;
use crate::life::wire::ChannelView;
use crate::outcomes::wire::{RecordRef, Words};
use crate::picture::{Account, Allegation, Findings, Line, Matter, Picture};

/// Everything that two sides may see differently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reconciliation {
    /// As of when, RFC 3339.
    pub at: String,
    /// By participant: how many violations its own account counts. Never added up.
    pub counts: BTreeMap<String, u64>,
    /// Violations, the divergent ones first.
    pub violations: Vec<ViolationView>,
    /// Pull-backs by class of equipment.
    pub withdrawals: Vec<ClassView>,
    /// Who was kept out from where.
    pub access_restrictions: Vec<AccessView>,
    /// Channels, declared and observed.
    pub channels: Vec<ChannelView>,
}

/// A violation with what each side finds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ViolationView {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: Words,
    /// Where it stands in its workflow.
    pub state: String,
    /// Who reported it.
    pub reported_by: String,
    /// When it is alleged to have happened, RFC 3339.
    pub happened_at: String,
    /// Whose conduct is alleged, where that is said.
    pub party: Option<String>,
    /// The area, where it was sorted by area.
    pub area: Option<String>,
    /// The matter it repeats; it counts for nobody.
    pub duplicate_of: Option<String>,
    /// By participant and observer that said something: what it finds.
    pub findings: BTreeMap<String, FindingView>,
    /// Whose account counts it.
    pub counted_by: Vec<String>,
    /// `none`, `single_sided`, `concordant` or `divergent`.
    pub comparison: String,
    /// The report.
    pub record: RecordRef,
}

/// What one side finds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingView {
    /// `confirm`, `cannot_confirm`, `deny` or `no_access`.
    pub finding: String,
    /// When it was stated, RFC 3339.
    pub at: String,
    /// The entry.
    pub record: RecordRef,
}

/// Pull-backs of one class of equipment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassView {
    /// The class, as the claims name it.
    pub class: String,
    /// Claims that nobody has confirmed or found not confirmable.
    pub claimed: u64,
    /// Claims that were confirmed, and by nobody found not confirmable.
    pub confirmed: u64,
    /// Claims that can be neither confirmed nor denied.
    pub not_confirmable: u64,
    /// Claims that one side confirms and another finds not confirmable.
    pub divergent: u64,
    /// Every claim.
    pub claims: Vec<ClaimView>,
}

/// A claim that something was pulled back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimView {
    /// Its id.
    pub id: String,
    /// The party that had to pull back.
    pub party: String,
    /// Who claims it.
    pub claimed_by: String,
    /// From which line or area.
    pub line: String,
    /// How far from it, in metres.
    pub distance_m: f64,
    /// When it was done, as claimed, RFC 3339.
    pub at: String,
    /// Where it stands: `claimed`, `not_confirmed_in_time`, `confirmed`, `not_confirmable`, or `divergent` where the sides say
    /// different things.
    pub state: String,
    /// Since when, RFC 3339.
    pub since: String,
    /// What each side has said of it since it was claimed last, by holder.
    pub said: BTreeMap<String, SaidView>,
    /// Every entry about it.
    pub records: Vec<RecordRef>,
}

/// What one side says of a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaidView {
    /// `confirmed` or `not_confirmable`.
    pub word: String,
    /// When it was said, RFC 3339.
    pub at: String,
    /// The entry.
    pub record: RecordRef,
}

/// Somebody was kept out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessView {
    /// What it is filed under.
    pub subject: String,
    /// Who was kept out.
    pub kept_out: String,
    /// By whom, where that is said.
    pub by: Option<String>,
    /// The place, where it is named.
    pub place: Option<Words>,
    /// From when, RFC 3339.
    pub from: String,
    /// Until when, RFC 3339; null while it lasts.
    pub until: Option<String>,
    /// The reason given.
    pub reason: Option<Words>,
    /// Who reports it.
    pub reported_by: String,
    /// The entry.
    pub record: RecordRef,
}

/// Where a claim stands of which the sides say different things.
const DIVERGENT: &str = "divergent";

/// Sets everything side by side, as it stands at `now`.
pub fn of(picture: &Picture, now: Instant) -> Reconciliation {
    let participants = picture.participants();
    // What is on record by now counts, an entry of this very instant too.
    let until = Instant::from_micros(now.micros().saturating_add(1)).unwrap_or(now);
    let allegations: Vec<Allegation> = picture.allegations(until).collect();
    let counts = participants.iter().map(|holder| {
        let account = Account::Of(holder);
        let counted = allegations.iter();
        let counted = counted.filter(|one| one.counts_for(account, &participants));
        (holder.to_string(), counted.count() as u64)
    });
    let counts = counts.collect();
    let shown = |allegation: &Allegation| {
        let counted_by = participants
            .iter()
            .filter(|holder| allegation.counts_for(Account::Of(holder), &participants));
        let counted_by = counted_by.map(ToString::to_string).collect();
        violation(allegation, counted_by)
    };
    let mut violations: Vec<ViolationView> = allegations.iter().map(shown).collect();
    let divergent = Findings::Divergent.wire_name();
    violations.sort_by_key(|violation| (violation.comparison != divergent, violation.id.clone()));
    Reconciliation {
        at: now.to_string(),
        counts,
        violations,
        withdrawals: withdrawals(picture),
        access_restrictions: access_restrictions(picture),
        channels: life::of(picture, now).channels,
    }
}

fn violation(allegation: &Allegation, counted_by: Vec<String>) -> ViolationView {
    let findings = allegation.findings.iter().map(|(holder, finding)| {
        let shown = FindingView {
            finding: finding.statement.wire_name().to_owned(),
            at: finding.at.to_string(),
            record: RecordRef::from(&finding.source),
        };
        (holder.to_string(), shown)
    });
    ViolationView {
        id: allegation.id.to_string(),
        title: Words::from(&allegation.title),
        state: allegation.state.to_owned(),
        reported_by: allegation.reported_by.to_string(),
        happened_at: allegation.happened_at.to_string(),
        party: allegation.party.as_ref().map(ToString::to_string),
        area: allegation.area.as_ref().map(ToString::to_string),
        duplicate_of: allegation.duplicate_of.as_ref().map(ToString::to_string),
        findings: findings.collect(),
        counted_by,
        comparison: allegation.agreement_of_findings().wire_name().to_owned(),
        record: RecordRef::from(&allegation.source),
    }
}

fn withdrawals(picture: &Picture) -> Vec<ClassView> {
    let mut classes: BTreeMap<String, ClassView> = BTreeMap::new();
    for (id, matter) in picture.matters("withdrawal_obligation") {
        // The last claim counts: a party may have pulled back further since.
        let claims = matter.lines.iter().rev();
        let mut claims = claims.filter_map(|line| match &*line.act {
            Act::WithdrawalClaimed(act) => Some((line, act)),
            _ => None,
        });
        let Some((line, act)) = claims.next() else {
            continue;
        };
        let name = class_name(&act.class);
        let class = classes.entry(name.clone()).or_insert_with(|| ClassView {
            class: name,
            claimed: 0,
            confirmed: 0,
            not_confirmable: 0,
            divergent: 0,
            claims: Vec::new(),
        });
        let claim = claim(id.as_str(), matter, line, act);
        match claim.state.as_str() {
            "confirmed" => class.confirmed += 1,
            "not_confirmable" => class.not_confirmable += 1,
            DIVERGENT => class.divergent += 1,
            _ => class.claimed += 1,
        }
        class.claims.push(claim);
    }
    classes.into_values().collect()
}

/// The name a class goes by: in English where there are several, else the first.
fn class_name(class: &LocalText) -> String {
    Words::from(class).in_language("en").to_owned()
}

fn claim(id: &str, matter: &Matter, line: &Line, act: &WithdrawalClaimed) -> ClaimView {
    let said = said_of(matter);
    let words: BTreeSet<&str> = said.values().map(|said| said.word.as_str()).collect();
    let state = match words.len() {
        0 | 1 => matter.course.state,
        _ => DIVERGENT,
    };
    ClaimView {
        id: id.to_owned(),
        party: act.party.to_string(),
        claimed_by: line.author.holder.to_string(),
        line: act.line.to_string(),
        distance_m: act.distance_m,
        at: act.at.to_string(),
        state: state.to_owned(),
        since: matter.course.since.to_string(),
        said,
        records: matter
            .lines
            .iter()
            .map(|line| RecordRef::from(&line.source))
            .collect(),
    }
}

/// The last word of each side on a claim, since it was made last.
fn said_of(matter: &Matter) -> BTreeMap<String, SaidView> {
    let lines = matter.lines.iter().rev();
    let lines = lines.take_while(|line| line.act.kind() != Kind::WithdrawalClaimed);
    let mut said = BTreeMap::new();
    for line in lines {
        let word = match line.act.kind() {
            Kind::WithdrawalConfirmed => "confirmed",
            Kind::WithdrawalNotConfirmable => "not_confirmable",
            _ => continue,
        };
        let holder = line.author.holder.to_string();
        said.entry(holder).or_insert_with(|| SaidView {
            word: word.to_owned(),
            at: line.at.to_string(),
            record: RecordRef::from(&line.source),
        });
    }
    said
}

fn access_restrictions(picture: &Picture) -> Vec<AccessView> {
    let statements = picture.statements(Kind::AccessRestricted);
    let lines =
        statements.flat_map(|(subject, lines)| lines.iter().map(move |line| (subject, line)));
    let mut shown: Vec<AccessView> = lines
        .filter_map(|(subject, line)| match &*line.act {
            Act::AccessRestricted(act) => Some(AccessView {
                subject: subject.to_string(),
                kept_out: act.kept_out.to_string(),
                by: act.by.as_ref().map(ToString::to_string),
                place: act.place.name.as_ref().map(Words::from),
                from: act.from.to_string(),
                until: act.until.map(|until| until.to_string()),
                reason: act.reason.as_ref().map(Words::from),
                reported_by: line.author.holder.to_string(),
                record: RecordRef::from(&line.source),
            }),
            _ => None,
        })
        .collect();
    shown.sort_by(|one, other| (&one.from, &one.record).cmp(&(&other.from, &other.record)));
    shown
}
