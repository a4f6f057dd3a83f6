//! What `prove` prints.

use detente_agreement::prove::{ConcernResult, Proof, StandingFinding};
use detente_formats::Dossier;
use serde::Serialize;

use crate::case::CaseAnswer;
use crate::printable::printable;

/// The answer of `detente prove`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Proofs"))]
pub(crate) struct ProveAnswer {
    /// Every concern, in the order of the dossier.
    concerns: Vec<ConcernAnswer>,
    /// Defects of the articles themselves.
    findings: Vec<FindingAnswer>,
}

/// What became of one concern.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Concern"))]
struct ConcernAnswer {
    /// The concern.
    id: String,
    /// What it is called.
    title: String,
    /// The office that raised it.
    owner: String,
    /// `proved`, `refuted` or `unknown`.
    result: &'static str,
    /// Why it is unknown.
    reason: Option<String>,
    /// An operation that breaks the property.
    counterexample: Option<CaseAnswer>,
}

/// A defect of the articles.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Finding"))]
struct FindingAnswer {
    /// Stable name of the defect.
    kind: &'static str,
    /// The articles concerned.
    articles: Vec<String>,
    /// The defect in words.
    message: String,
}

impl ProveAnswer {
    pub(super) fn of(
        dossier: &Dossier,
        results: &[ConcernResult],
        findings: &[StandingFinding],
    ) -> Self {
        let concern = |result: &ConcernResult| {
            let known = dossier
                .concerns
                .iter()
                .find(|concern| concern.id == result.id);
            let (word, reason, case) = match &result.proof {
                Proof::Proved => ("proved", None, None),
                Proof::Refuted(case) => ("refuted", None, Some(CaseAnswer::of(case, dossier))),
                Proof::Unknown { reason } => ("unknown", Some(reason.clone()), None),
                Proof::NotStated => {
                    let reason = "the concern states no property".to_owned();
                    ("unknown", Some(reason), None)
                }
            };
            ConcernAnswer {
                id: result.id.to_string(),
                title: known.map_or_else(String::new, |concern| {
                    concern.title.in_language(&["en"]).to_owned()
                }),
                owner: known.map_or_else(String::new, |concern| concern.owner.to_string()),
                result: word,
                reason,
                counterexample: case,
            }
        };
        let finding = |finding: &StandingFinding| FindingAnswer {
            kind: finding.kind.wire_name(),
            articles: finding.articles.iter().map(ToString::to_string).collect(),
            message: finding.message.clone(),
        };
        Self {
            concerns: results.iter().map(concern).collect(),
            findings: findings.iter().map(finding).collect(),
        }
    }

    /// The answer in words.
    pub(super) fn told(&self) -> String {
        let mut text = String::new();
        for concern in &self.concerns {
            text.push_str(&format!(
                "{}  {}  {}\n  owner: {}\n",
                concern.result.to_uppercase(),
                concern.id,
                printable(&concern.title),
                printable(&concern.owner)
            ));
            if let Some(reason) = &concern.reason {
                text.push_str(&format!("  because {}\n", printable(reason)));
            }
            if let Some(case) = &concern.counterexample {
                text.push_str("  this operation breaks it:\n");
                text.push_str(&case.told());
            }
        }
        for finding in &self.findings {
            text.push_str(&format!("FINDING  {}\n", printable(&finding.message)));
        }
        let count = |word: &str| {
            self.concerns
                .iter()
                .filter(|concern| concern.result == word)
                .count()
        };
        text.push_str(&format!(
            "{} concerns: {} proved, {} refuted, {} unknown; {} findings about the articles\n",
            self.concerns.len(),
            count("proved"),
            count("refuted"),
            count("unknown"),
            self.findings.len()
        ));
        text
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn generated_schema_is_fresh() {
        crate::reference::assert_schema_fresh::<super::ProveAnswer>("prove.schema.json");
    }
}
