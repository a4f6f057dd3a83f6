//! The answer as it is printed: words for people, or one JSON object, both written as judging goes.

use std::collections::BTreeMap;

use detente_agreement::Verdict;
use detente_spacetime::Instant;
use serde::Serialize;

use super::input::Input;
use super::report::{Overlap, Report, ReportedFinding};
use super::{Counts, remedy, words};
use crate::diagnostics::ProblemAnswer;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::shape::{Geometry, geometry};
use crate::wire::{ending, finite, metres};

/// Everything but the operations.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CheckRest {
    /// The worst verdict of all: `prohibited`, else `consent_required`, else `clear`.
    verdict: &'static str,
    /// The instant the operations were judged from, RFC 3339; null when none is known.
    at: Option<String>,
    /// SHA-256 of the dossier as it was read, in hexadecimal.
    dossier: String,
    /// The clauses named in findings, by id.
    clauses: BTreeMap<String, ClauseAnswer>,
    /// What was wrong with the input without making it unusable.
    warnings: Vec<ProblemAnswer>,
}

/// A clause of the agreement.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Clause"))]
struct ClauseAnswer {
    /// The number of the article it belongs to.
    article: String,
    /// What it says, in a line.
    title: String,
}

/// The answer to one operation.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Operation"))]
struct OperationAnswer {
    /// Its id.
    operation: String,
    /// `prohibited`, `consent_required` or `clear`.
    verdict: &'static str,
    /// The smallest set of participants whose consent is missing; empty unless consent is required.
    consent_required: Vec<String>,
    /// Numbers of the articles that permit it; empty unless it is clear.
    permitted_by: Vec<String>,
    /// Every reason and remark, worst first.
    findings: Vec<FindingAnswer>,
    /// What would lift every finding at once, in words; each enough by itself. A changed operation has to be checked again.
    remedies: Vec<String>,
}

/// One reason for, or remark on, a verdict.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Finding"))]
struct FindingAnswer {
    /// What it is about: `protected_object`, `humanitarian_movement`, a kind of area, `operation`, `notice`, `article`, `not_permitted`, `not_evaluated`, `not_in_force`, `unknown`, `indeterminate` or `consent`.
    kind: &'static str,
    /// `forbid`, `consent` or `warn`.
    effect: &'static str,
    /// Numbers of the articles that decide it.
    articles: Vec<String>,
    /// Ids of the clauses of those articles; see `clauses` of the answer.
    clauses: Vec<String>,
    /// The id of the thing it is about; null for the operation at large.
    with: Option<String>,
    /// Where, when and how high they meet.
    overlap: Option<OverlapAnswer>,
    /// Geodesic metres to the thing itself, without any stand-off; 0 where they overlap.
    separation_m: Option<f64>,
    /// The finding in words.
    message: String,
    /// Participants whose consent would lift it.
    consent_of: Vec<String>,
    /// What would lift this finding, in words, without regard to the others.
    remedies: Vec<String>,
    /// The facts that triggered it, by the names articles use.
    facts: BTreeMap<String, String>,
}

/// Where, when and how high two things meet.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Overlap"))]
struct OverlapAnswer {
    /// RFC 3339.
    start: String,
    /// RFC 3339 or `UFN`.
    end: String,
    /// Metres above the WGS84 ellipsoid.
    lower_m: f64,
    /// Metres above the WGS84 ellipsoid; null without a limit.
    upper_m: Option<f64>,
    /// The outline they share; with a protected object, the part of what is kept out around it.
    geometry: Option<Geometry>,
    /// What had to be widened to compare the heights; empty when the comparison is exact.
    widened: Vec<String>,
}

/// Prints the answer piece by piece.
#[derive(Debug)]
pub(super) struct AnswerWriter<'a> {
    input: &'a Input,
    json: bool,
    clauses: BTreeMap<String, ClauseAnswer>,
    /// Whether an operation has been printed.
    begun: bool,
}

impl<'a> AnswerWriter<'a> {
    /// Prints what comes before the first operation.
    pub(super) fn begin(
        json: bool,
        input: &'a Input,
        printer: &mut Printer,
    ) -> Result<Self, Failure> {
        if json {
            printer.answer("{\"operations\": [")?;
        }
        Ok(Self {
            input,
            json,
            clauses: BTreeMap::new(),
            begun: false,
        })
    }

    /// Prints one operation.
    pub(super) fn operation(
        &mut self,
        report: &Report,
        printer: &mut Printer,
    ) -> Result<(), Failure> {
        let begun = std::mem::replace(&mut self.begun, true);
        if !self.json {
            let separator = if begun { "\n" } else { "" };
            return printer.answer(&format!(
                "{separator}{}",
                words::tell(report, printer.palette())
            ));
        }
        for id in report.findings.iter().flat_map(|finding| &finding.clauses) {
            self.cite(id);
        }
        printer.answer(if begun { ",\n" } else { "\n" })?;
        printer.answer_compact(&OperationAnswer::of(report))
    }

    /// Prints what comes after the last operation.
    pub(super) fn end(
        self,
        worst: Verdict,
        counts: &Counts,
        at: Option<Instant>,
        printer: &mut Printer,
    ) -> Result<(), Failure> {
        if !self.json {
            let separator = if self.begun { "\n" } else { "" };
            return printer.answer(&format!("{separator}{}\n", counts.words()));
        }
        let rest = CheckRest {
            verdict: worst.wire_name(),
            at: at.map(|at| at.to_string()),
            dossier: self.input.dossier.content.to_string(),
            clauses: self.clauses,
            warnings: self.input.warnings.clone(),
        };
        printer.answer("\n],\n")?;
        printer.answer_rest(&rest)
    }

    fn cite(&mut self, id: &str) {
        if self.clauses.contains_key(id) {
            return;
        }
        let clauses = self.input.rulebook.articles().clauses();
        if let Some(clause) = clauses.iter().find(|clause| clause.id.as_str() == id) {
            let answer = ClauseAnswer {
                article: clause.article.to_string(),
                title: clause.title.clone(),
            };
            self.clauses.insert(id.to_owned(), answer);
        }
    }
}

impl OperationAnswer {
    fn of(report: &Report) -> Self {
        Self {
            operation: report.operation.clone(),
            verdict: report.verdict.wire_name(),
            consent_required: report.consent_required.clone(),
            permitted_by: report.permitted_by.clone(),
            findings: report.findings.iter().map(FindingAnswer::of).collect(),
            remedies: report.remedies.clone(),
        }
    }
}

impl FindingAnswer {
    fn of(finding: &ReportedFinding) -> Self {
        Self {
            kind: finding.kind,
            effect: finding.effect.wire_name(),
            articles: finding.articles.clone(),
            clauses: finding.clauses.clone(),
            with: finding.with.clone(),
            overlap: finding.overlap.as_ref().map(OverlapAnswer::of),
            separation_m: finding.separation_m.map(metres),
            message: finding.message.clone(),
            consent_of: finding.consent_of.clone(),
            remedies: remedy::words(&finding.ways),
            facts: finding.facts.iter().cloned().collect(),
        }
    }
}

impl OverlapAnswer {
    fn of(overlap: &Overlap) -> Self {
        Self {
            start: overlap.start.to_string(),
            end: ending(overlap.end),
            lower_m: metres(overlap.lower_m),
            upper_m: finite(overlap.upper_m),
            geometry: geometry(&overlap.outlines),
            widened: overlap.widened.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    /// What `detente check --json` prints: the pieces below, one operation a line so that memory does not grow with
    /// their number.
    #[derive(serde::Serialize, schemars::JsonSchema)]
    #[schemars(title = "Answer of detente check")]
    struct CheckAnswer {
        /// Every operation judged, in the order of the file.
        operations: Vec<super::OperationAnswer>,
        #[serde(flatten)]
        rest: super::CheckRest,
    }

    #[test]
    fn the_published_schema_is_fresh() {
        crate::reference::assert_schema_fresh::<CheckAnswer>("check.schema.json");
    }
}
