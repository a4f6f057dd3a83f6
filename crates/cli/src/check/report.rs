//! The answer to one operation: the judgement joined with place, height, time and a way out.

use detente_agreement::{Effect, Finding, Judgement, Verdict};
use detente_node::judge::{Contact, Subject, Ways, ends};
use detente_records::{LocalText, Operation};
use detente_spacetime::{Instant, Outline};

use super::judging::Session;
use super::remedy::words;

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
        let remedies = session.court().remedies(&judgement, contacts);
        let findings = judgement.findings.into_iter().zip(remedies.each);
        let findings = findings.map(|(finding, ways)| {
            let contact = finding.touch.and_then(|touch| contacts.get(touch));
            ReportedFinding::new(session, operation, contact, finding, ways)
        });
        Self {
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
            remedies: words(&remedies.all),
        }
    }

    /// The findings that stand in the way of a clear verdict.
    pub(super) fn obstacles(&self) -> impl Iterator<Item = &ReportedFinding> + Clone {
        let findings = self.findings.iter();
        findings.filter(|finding| finding.effect != Effect::Warn)
    }
}

impl ReportedFinding {
    fn new(
        session: &Session<'_>,
        operation: &Operation,
        contact: Option<&Contact>,
        finding: Finding,
        ways: Ways,
    ) -> Self {
        Self {
            kind: finding.kind.wire_name(),
            effect: finding.effect,
            articles: finding.articles.iter().map(ToString::to_string).collect(),
            clauses: finding.clauses.iter().cloned().collect(),
            with: finding.with,
            with_name: contact.and_then(|contact| name_of(session, contact)),
            consent_of: finding.consent_of.iter().map(ToString::to_string).collect(),
            separation_m: contact.map(|contact| contact.distance_m),
            overlap: contact
                .filter(|contact| !contact.near)
                .map(|contact| Overlap {
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

/// The name of the thing of a contact, where it has one beside its id.
fn name_of(session: &Session<'_>, contact: &Contact) -> Option<String> {
    let things = &session.input.things;
    let name = match contact.subject {
        Subject::Area(slot) => things.area(slot)?.name.as_ref(),
        Subject::ProtectedObject(slot) => things.protected_object(slot)?.0.name.as_ref(),
        Subject::Movement(slot) => things.movement(slot)?.name.as_ref(),
        Subject::Operation(slot) => things.operation(slot)?.name.as_ref(),
    };
    name.map(spoken)
}

/// Text for people in the language of the command.
pub(super) fn spoken(text: &LocalText) -> String {
    text.in_language(&["en"]).to_owned()
}
