//! The answer to one operation: the judgement joined with place, height, time and a way out.

use std::slice::from_ref;

use detente_agreement::{Effect, Finding, Judgement, Verdict};
use detente_node::judge::{Contact, Subject, ends};
use detente_records::{LocalText, Operation};
use detente_spacetime::{Instant, Outline, Volume4D};

use super::judging::Session;
use super::remedy::{Obstacle, Ways};

/// The answer to one operation, ready to be told.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) operation: String,
    pub(super) name: Option<String>,
    pub(super) party: String,
    pub(super) force: String,
    pub(super) activity: &'static str,
    pub(super) starts: Instant,
    pub(super) ends: Option<Instant>,
    pub(super) verdict: Verdict,
    pub(super) consent_required: Vec<String>,
    /// Article numbers, when clear.
    pub(super) permitted_by: Vec<String>,
    pub(super) findings: Vec<ReportedFinding>,
    /// What would lift every finding at once, in words.
    pub(super) remedies: Vec<String>,
}

/// One reason, or remark.
#[derive(Debug)]
pub(super) struct ReportedFinding {
    pub(super) kind: &'static str,
    pub(super) effect: Effect,
    /// Numbers of the articles that decide it.
    pub(super) articles: Vec<String>,
    /// Ids of their clauses.
    pub(super) clauses: Vec<String>,
    pub(super) with: Option<String>,
    pub(super) with_name: Option<String>,
    pub(super) consent_of: Vec<String>,
    /// Metres to the thing itself, without its stand-off.
    pub(super) separation_m: Option<f64>,
    pub(super) overlap: Option<Overlap>,
    pub(super) facts: Vec<(String, String)>,
    pub(super) message: String,
    /// What would lift it, without regard to the others.
    pub(super) ways: Ways,
}

/// Where, when and how high the operation meets something.
#[derive(Debug)]
pub(super) struct Overlap {
    pub(super) start: Instant,
    pub(super) end: Option<Instant>,
    pub(super) lower_m: f64,
    pub(super) upper_m: f64,
    pub(super) widened: Vec<String>,
    pub(super) outlines: Vec<Outline>,
}

impl Report {
    /// Joins the judgement with what is known of the contacts it speaks of.
    pub(super) fn new(
        session: &Session<'_>,
        operation: &Operation,
        contacts: &[Contact],
        judgement: Judgement,
    ) -> Self {
        let findings = judgement.findings.into_iter().map(|finding| {
            let contact = finding.touch.and_then(|touch| contacts.get(touch));
            ReportedFinding::new(session, operation, contact, finding)
        });
        let mut report = Self {
            operation: operation.id.to_string(),
            name: operation.name.as_ref().map(spoken),
            party: operation.party.to_string(),
            force: operation.force.to_string(),
            activity: operation.activity.wire_name(),
            starts: operation.start(),
            ends: ends(operation),
            verdict: judgement.verdict,
            consent_required: judgement
                .consent_required
                .iter()
                .map(ToString::to_string)
                .collect(),
            permitted_by: judgement
                .permitted_by
                .iter()
                .map(ToString::to_string)
                .collect(),
            findings: findings.collect(),
            remedies: Vec::new(),
        };
        report.withdraw_idle_advice();
        report.remedies = report.ways_out_of_all().words();
        report
    }

    /// Drops advice to go elsewhere where the operation is forbidden wherever it goes.
    fn withdraw_idle_advice(&mut self) {
        let anywhere = |finding: &ReportedFinding| {
            finding.effect == Effect::Forbid && finding.overlap.is_none()
        };
        if self.findings.iter().any(anywhere) {
            for finding in &mut self.findings {
                finding.ways = Ways::default();
            }
        }
    }

    /// The findings that stand in the way of a clear verdict.
    pub(super) fn obstacles(&self) -> impl Iterator<Item = &ReportedFinding> + Clone {
        let findings = self.findings.iter();
        findings.filter(|finding| finding.effect != Effect::Warn)
    }

    fn ways_out_of_all(&self) -> Ways {
        let several = self.obstacles().map(|finding| &finding.ways);
        match self.obstacles().count() {
            0 => Ways::default(),
            1 => several.clone().next().cloned().unwrap_or_default(),
            _ => Ways::of_all(several, &self.consent_required),
        }
    }
}

impl ReportedFinding {
    fn new(
        session: &Session<'_>,
        operation: &Operation,
        contact: Option<&Contact>,
        finding: Finding,
    ) -> Self {
        let thing = contact.and_then(|contact| ThingMet::of(session, contact));
        let ways = Ways::of(&finding, thing.as_ref().map(|thing| &thing.obstacle));
        Self {
            kind: finding.kind.wire_name(),
            effect: finding.effect,
            articles: finding.articles.iter().map(ToString::to_string).collect(),
            clauses: finding.clauses.iter().cloned().collect(),
            with: finding.with,
            with_name: thing.and_then(|thing| thing.name),
            consent_of: finding.consent_of.iter().map(ToString::to_string).collect(),
            separation_m: contact.map(|contact| contact.distance_m),
            overlap: contact.map(|contact| Overlap {
                start: contact.enters,
                end: contact.leaves,
                lower_m: contact.lower_m,
                upper_m: contact.upper_m,
                widened: contact.widenings.iter().map(ToString::to_string).collect(),
                outlines: session.court().outlines(operation, contact),
            }),
            facts: finding
                .facts
                .into_iter()
                .map(|fact| (fact.name, fact.value))
                .collect(),
            message: finding.message,
            ways,
        }
    }
}

/// The thing of a contact, as far as people ask about it.
struct ThingMet<'a> {
    name: Option<String>,
    obstacle: Obstacle<'a>,
}

impl<'a> ThingMet<'a> {
    fn of(session: &'a Session<'_>, contact: &Contact) -> Option<Self> {
        let things = &session.input.things;
        let (name, volumes, keep_out): (Option<&LocalText>, &[Volume4D], _) = match contact.subject
        {
            Subject::Area(slot) => {
                let area = things.area(slot)?;
                (area.name.as_ref(), from_ref(&area.volume), None)
            }
            Subject::ProtectedObject(slot) => {
                let (object, kept) = things.protected_object(slot)?;
                let keep_out = Some((kept, contact.distance_m));
                (object.name.as_ref(), from_ref(&object.volume), keep_out)
            }
            Subject::Movement(slot) => {
                let movement = things.movement(slot)?;
                (movement.name.as_ref(), from_ref(&movement.volume), None)
            }
            Subject::Operation(slot) => {
                let other = things.operation(slot)?;
                (other.name.as_ref(), other.volumes.as_slice(), None)
            }
        };
        let obstacle = Obstacle { volumes, keep_out };
        Some(Self {
            name: name.map(spoken),
            obstacle,
        })
    }
}

/// Text for people in the language of the command.
pub(super) fn spoken(text: &LocalText) -> String {
    text.in_language(&["en"]).to_owned()
}
