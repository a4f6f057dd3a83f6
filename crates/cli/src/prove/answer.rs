//! What `prove` prints.

use detente_agreement::prove::{Proof, StandingFinding, StandingProperty};
use detente_formats::Dossier;
use detente_records::concern::Concern;
use serde::{Deserialize, Serialize};

use super::ruling::Ruling;
use crate::case::CaseAnswer;
use crate::printable::printable;
use crate::prose::counted;

/// The answer of `detente prove`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Proofs"))]
pub(crate) struct ProveAnswer {
    /// Who was asked: the built-in analysis, and any solver with its version.
    provers: Vec<String>,
    /// Every concern, in the order of the dossier.
    concerns: Vec<ConcernAnswer>,
    /// What is asked of every agreement.
    standing: Vec<StandingAnswer>,
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
    #[serde(flatten)]
    ruled: RulingAnswer,
    /// Whether the answer was found before, for the same articles, property and provers.
    cached: bool,
}

/// What became of a property.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Ruling"))]
pub(super) struct RulingAnswer {
    /// `proved`, `refuted` or `unknown`.
    result: String,
    /// Why it is unknown.
    reason: Option<String>,
    /// Who shows the result.
    proved_by: Vec<String>,
    /// Why another prover could not.
    doubts: Vec<String>,
    /// Who contradicts whom: a defect of Detente or of a solver, never to be expected.
    disagreement: Option<String>,
    /// An operation that breaks the property.
    pub(super) counterexample: Option<CaseAnswer>,
}

/// What became of a property asked of every agreement.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Standing"))]
pub(super) struct StandingAnswer {
    /// Stable name of the property.
    property: String,
    /// `proved`, `refuted` or `unknown`; the findings say where.
    result: String,
    /// The property in words.
    message: String,
    /// Who shows the result.
    proved_by: Vec<String>,
}

/// A defect of the articles.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Finding"))]
pub(super) struct FindingAnswer {
    /// Stable name of the defect.
    kind: String,
    /// The property of every agreement that it breaks or leaves open.
    property: String,
    /// The articles concerned.
    articles: Vec<String>,
    /// The defect in words.
    message: String,
}

/// What is kept of the defects of one agreement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct DefectsAnswer {
    pub(super) standing: Vec<StandingAnswer>,
    pub(super) findings: Vec<FindingAnswer>,
}

impl RulingAnswer {
    pub(super) fn of(ruling: &Ruling, dossier: &Dossier) -> Self {
        let (result, reason, counterexample) = match &ruling.proof {
            Proof::Proved => ("proved", None, None),
            Proof::Refuted(case) => ("refuted", None, Some(CaseAnswer::of(case, dossier))),
            Proof::Unknown { reason } => ("unknown", Some(reason.clone()), None),
            Proof::NotStated => {
                let reason = "the concern states no property".to_owned();
                ("unknown", Some(reason), None)
            }
        };
        Self {
            result: result.to_owned(),
            reason,
            proved_by: ruling.by.clone(),
            doubts: ruling.doubts.clone(),
            disagreement: ruling.disagreement.clone(),
            counterexample,
        }
    }

    /// Whether the answer is final for the same question.
    pub(super) fn settled(&self, provers: usize) -> bool {
        self.disagreement.is_none() && self.proved_by.len() >= provers.min(2)
    }
}

impl DefectsAnswer {
    /// Joins the findings with who proved the rest: `sound` names who besides the built-in
    /// analysis showed that no article can fail, `doubts` why somebody could not.
    pub(super) fn of(findings: &[StandingFinding], sound: &[String]) -> Self {
        let standing = StandingProperty::ALL.map(|property| {
            let mut proved_by = vec![super::ruling::BUILT_IN.to_owned()];
            let result = match property.holds(findings) {
                Some(true) => "proved",
                Some(false) => "refuted",
                None => {
                    proved_by.clear();
                    "unknown"
                }
            };
            if property == StandingProperty::NeverErrs && result == "proved" && !sound.is_empty() {
                proved_by = sound.to_vec();
            }
            StandingAnswer {
                property: property.wire_name().to_owned(),
                result: result.to_owned(),
                message: property.told().to_owned(),
                proved_by,
            }
        });
        let finding = |finding: &StandingFinding| FindingAnswer {
            kind: finding.kind.wire_name().to_owned(),
            property: finding.property.wire_name().to_owned(),
            articles: finding.articles.iter().map(ToString::to_string).collect(),
            message: finding.message.clone(),
        };
        Self {
            standing: standing.into(),
            findings: findings.iter().map(finding).collect(),
        }
    }
}

impl ProveAnswer {
    /// Joins what became of the concerns, each with whether it was known before, in their order.
    pub(super) fn of(
        provers: Vec<String>,
        concerns: &[Concern],
        ruled: Vec<(RulingAnswer, bool)>,
        defects: DefectsAnswer,
    ) -> Self {
        let concerns = concerns.iter().zip(ruled);
        let concerns = concerns.map(|(concern, (ruled, cached))| ConcernAnswer {
            id: concern.id.to_string(),
            title: concern.title.in_language(&["en"]).to_owned(),
            owner: concern.owner.to_string(),
            ruled,
            cached,
        });
        Self {
            provers,
            concerns: concerns.collect(),
            standing: defects.standing,
            findings: defects.findings,
        }
    }

    /// The counterexamples, each with its concern.
    pub(super) fn counterexamples(&self) -> impl Iterator<Item = (&str, &CaseAnswer)> {
        self.concerns.iter().filter_map(|concern| {
            let case = concern.ruled.counterexample.as_ref()?;
            Some((concern.id.as_str(), case))
        })
    }

    /// Whether two provers contradict each other.
    pub(super) fn disagrees(&self) -> bool {
        let mut concerns = self.concerns.iter();
        concerns.any(|concern| concern.ruled.disagreement.is_some())
    }

    /// Whether every property that a concern states is proved.
    pub(super) fn favourable(&self, concerns: &[Concern]) -> bool {
        let mut stated = self
            .concerns
            .iter()
            .zip(concerns)
            .filter(|(_, concern)| concern.property.is_some());
        stated.all(|(answer, _)| answer.ruled.result == "proved")
    }

    /// The answer in words.
    pub(super) fn told(&self) -> String {
        let mut text = String::new();
        for concern in &self.concerns {
            let ruled = &concern.ruled;
            text.push_str(&format!(
                "{}  {}  {}\n  owner: {}\n",
                ruled.result.to_uppercase(),
                concern.id,
                printable(&concern.title),
                printable(&concern.owner)
            ));
            if !ruled.proved_by.is_empty() {
                text.push_str(&format!(
                    "  {} by: {}{}\n",
                    ruled.result,
                    ruled.proved_by.join(", "),
                    if concern.cached {
                        " (known before)"
                    } else {
                        ""
                    }
                ));
            }
            if let Some(reason) = &ruled.reason {
                text.push_str(&format!("  because {}\n", printable(reason)));
            }
            for doubt in &ruled.doubts {
                text.push_str(&format!("  not confirmed by {}\n", printable(doubt)));
            }
            if let Some(disagreement) = &ruled.disagreement {
                text.push_str(&format!(
                    "  THE PROVERS DISAGREE: {}; this is a defect, please report it\n",
                    printable(disagreement)
                ));
            }
            if let Some(case) = &ruled.counterexample {
                text.push_str("  this operation breaks it:\n");
                text.push_str(&case.told());
            }
        }
        for standing in &self.standing {
            text.push_str(&format!(
                "{}  {}\n",
                standing.result.to_uppercase(),
                printable(&standing.message)
            ));
        }
        for finding in &self.findings {
            text.push_str(&format!("FINDING  {}\n", printable(&finding.message)));
        }
        let count = |word: &str| {
            self.concerns
                .iter()
                .filter(|concern| concern.ruled.result == word)
                .count()
        };
        text.push_str(&format!(
            "{}: {} proved, {} refuted, {} unknown; {} about the articles\n",
            counted(self.concerns.len() as u64, "concern"),
            count("proved"),
            count("refuted"),
            count("unknown"),
            counted(self.findings.len() as u64, "finding")
        ));
        text.push_str(&format!("asked: {}\n", self.provers.join(", ")));
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
