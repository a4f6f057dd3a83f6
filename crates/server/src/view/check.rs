//! A verdict on an operation that is not on record, with place, height, time and ways out of every reason.

use detente_agreement::Finding;
use detente_deconfliction::Scratch;
use detente_node::judge::{Contact, Court, Ways};
use detente_node::picture::Picture;
use detente_records::Operation;
use detente_spacetime::Instant;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::shape::{AltitudeView, ending, finite, geometry, metres};

/// A verdict with its reasons.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CheckView {
    /// `clear`, `consent_required` or `prohibited`.
    pub verdict: &'static str,
    /// Whose consent is missing.
    pub consent_required: Vec<String>,
    /// The articles that permit it.
    pub permitted_by: Vec<String>,
    /// Every reason, worst first.
    pub findings: Vec<ReasonView>,
    /// What would lift all of them at once.
    pub ways: WaysView,
    /// The instant it was judged at, RFC 3339.
    pub at: String,
}

/// One reason for a verdict.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReasonView {
    /// What it is about.
    pub kind: String,
    /// `forbid`, `consent` or `warn`.
    pub effect: String,
    /// The articles that decide it.
    pub articles: Vec<String>,
    /// The clauses of those articles.
    pub clauses: Vec<String>,
    /// The thing it is about; null for the operation at large.
    pub with: Option<String>,
    /// In words.
    pub message: String,
    /// Whose consent would lift it.
    pub consent_of: Vec<String>,
    /// Where, when and how high they meet; null when it is no meeting.
    pub overlap: Option<OverlapView>,
    /// Metres to the thing itself, without what is kept out around it; null when it is no meeting.
    pub separation_m: Option<f64>,
    /// What would lift it, without regard to the others.
    pub ways: WaysView,
}

/// Where, when and how high two things meet.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OverlapView {
    /// RFC 3339.
    pub start: String,
    /// RFC 3339, or `UFN`.
    pub end: String,
    /// Metres above the WGS84 ellipsoid.
    pub lower_m: f64,
    /// Metres above the WGS84 ellipsoid; null without a limit.
    pub upper_m: Option<f64>,
    /// The ground they share, as GeoJSON.
    pub geometry: Option<Value>,
    /// What was widened to compare the heights.
    pub widened: Vec<String>,
}

/// Ways out, each enough by itself; a changed operation has to be judged again.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WaysView {
    /// The consents of all of these.
    pub consents: Vec<String>,
    /// So many metres further away.
    pub further_m: Option<f64>,
    /// Metres kept out around it.
    pub kept_out_m: Option<f64>,
    /// Ending by this instant, RFC 3339.
    pub before: Option<String>,
    /// Beginning at or after this instant, RFC 3339.
    pub from: Option<String>,
    /// Above all of these.
    pub above: Vec<AltitudeView>,
}

impl CheckView {
    /// Judges an operation as if it were proposed at `now`; `None` while no text binds.
    pub fn of(picture: &Picture, operation: &Operation, now: Instant) -> Option<Self> {
        let court = Court {
            rulebook: picture.rulebook()?,
            things: picture.things(),
        };
        let contacts = court.contacts(operation, &mut Scratch::default());
        let judgement = picture.judge(operation, now)?;
        let remedies = court.remedies(&judgement, &contacts);
        let findings = judgement.findings.iter().zip(&remedies.each);
        let findings = findings.map(|(finding, ways)| {
            let contact = finding.touch.and_then(|touch| contacts.get(touch));
            ReasonView::of(&court, operation, contact, finding, ways)
        });
        Some(Self {
            verdict: judgement.verdict.wire_name(),
            consent_required: strings(&judgement.consent_required),
            permitted_by: strings(&judgement.permitted_by),
            findings: findings.collect(),
            ways: WaysView::of(&remedies.all),
            at: now.to_string(),
        })
    }
}

impl ReasonView {
    fn of(
        court: &Court<'_>,
        operation: &Operation,
        contact: Option<&Contact>,
        finding: &Finding,
        ways: &Ways,
    ) -> Self {
        Self {
            kind: finding.kind.wire_name().to_owned(),
            effect: finding.effect.wire_name().to_owned(),
            articles: strings(&finding.articles),
            clauses: finding.clauses.iter().cloned().collect(),
            with: finding.with.clone(),
            message: finding.message.clone(),
            consent_of: strings(&finding.consent_of),
            overlap: contact
                .filter(|contact| !contact.near)
                .map(|contact| OverlapView {
                    start: contact.enters.to_string(),
                    end: ending(contact.leaves),
                    lower_m: metres(contact.lower_m),
                    upper_m: finite(contact.upper_m),
                    geometry: geometry(&court.outlines(operation, contact)),
                    widened: strings(&contact.widenings),
                }),
            separation_m: contact.map(|contact| metres(contact.distance_m)),
            ways: WaysView::of(ways),
        }
    }
}

impl WaysView {
    fn of(ways: &Ways) -> Self {
        Self {
            consents: ways.consents.clone(),
            further_m: ways.further.map(|further| metres(further.more_m)),
            kept_out_m: ways.further.map(|further| metres(further.kept_out_m)),
            before: ways.outside.map(|(before, _)| before.to_string()),
            from: ways.outside.map(|(_, from)| from.to_string()),
            above: ways.above.iter().map(AltitudeView::of).collect(),
        }
    }
}

fn strings<'a, T: ToString + 'a>(items: impl IntoIterator<Item = &'a T>) -> Vec<String> {
    items.into_iter().map(ToString::to_string).collect()
}
