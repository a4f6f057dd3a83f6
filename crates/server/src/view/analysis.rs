//! What an analysis of the articles says: proofs of concerns, and what an amendment changes.

use detente_agreement::Amendment;
use detente_agreement::amend::{
    ArticleChange, ArticleChangeKind, GroundChange, LineChange, ParameterChange,
};
use detente_agreement::prove::{
    Change, ConcernResult, Counterexample, Proof, RequestChange, StandingFinding, StandingProperty,
};
use detente_records::Concern;
use detente_spacetime::{Footprint, Outline, Position};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::shape::{geometry, local_text};

/// What became of the concerns about a text.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProofsView {
    /// The text that was analysed, when it was tabled; null for one that bound from the beginning.
    pub text: Option<String>,
    /// SHA-256 of its dossier.
    pub sha256: String,
    /// Who was asked.
    pub prover: &'static str,
    /// Every concern that comes with the text or was raised in the ledgers.
    pub concerns: Vec<ConcernProofView>,
    /// What is asked of every agreement.
    pub standing: Vec<StandingPropertyView>,
    /// Defects of the articles themselves.
    pub findings: Vec<DefectView>,
    /// Properties that cannot be read, each with what is wrong.
    pub problems: Vec<String>,
}

/// A concern, and what became of its property.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ConcernProofView {
    /// Its id, that of the concern in the ledgers where one was raised.
    pub id: String,
    /// What it is about.
    pub title: Value,
    /// The office that keeps it.
    pub owner: String,
    /// Who brought it up.
    pub raised_by: Option<String>,
    /// `blocking` or `non_blocking`.
    pub severity: &'static str,
    /// The reservation in full.
    pub text: Option<Value>,
    /// The property in Cedar terms.
    pub property: Option<String>,
    /// `proved`, `refuted`, `unknown` or `not_stated`.
    pub result: &'static str,
    /// Why it is unknown.
    pub reason: Option<String>,
    /// An operation that breaks it.
    pub counterexample: Option<CaseView>,
}

/// An operation that shows what articles allow, as the real evaluator judged it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CaseView {
    /// The case in words.
    pub story: String,
    /// What is assumed of parties and agreement that is not so now.
    pub assumed: Vec<String>,
    /// `clear`, `consent_required` or `prohibited`.
    pub verdict: &'static str,
    /// The operation and what it touches, drawn where the text has nothing else: a GeoJSON FeatureCollection.
    pub drawing: Value,
}

/// A property asked of every agreement.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StandingPropertyView {
    /// Its name.
    pub property: &'static str,
    /// `proved`, `refuted` or `unknown`.
    pub result: &'static str,
    /// In words.
    pub message: &'static str,
}

/// A defect of the articles.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DefectView {
    /// Its kind.
    pub kind: &'static str,
    /// The property that it breaks or leaves open.
    pub property: &'static str,
    /// The articles concerned.
    pub articles: Vec<String>,
    /// In words.
    pub message: String,
}

/// What an amendment changes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ComparisonView {
    /// `equivalent`, `looser`, `stricter`, `different` or `undecided`: all changes together.
    pub effect: &'static str,
    /// The articles that change.
    pub articles: Vec<ArticleChangeView>,
    /// Every kind of request whose answers change or may change.
    pub requests: Vec<RequestChangeView>,
    /// What changes beside the articles.
    pub parameters: Vec<ParameterChangeView>,
    /// What changes on the ground: areas, protected objects and movements.
    pub ground: Vec<GroundChangeView>,
    /// Language versions of articles that are missing in the new text.
    pub untranslated: Vec<UntranslatedView>,
}

/// How one article changes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ArticleChangeView {
    /// Its number.
    pub article: String,
    /// `added`, `removed` or `changed`.
    pub change: &'static str,
    /// Its text, line by line.
    pub lines: Vec<LineView>,
    /// How its language versions stand beside each other.
    pub languages: Vec<VersionView>,
    /// Whether what follows a breach changes.
    pub consequence_changed: bool,
}

/// One line of an article that changes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ChangedLineView")]
pub struct LineView {
    /// `kept`, `removed` or `added`.
    pub change: &'static str,
    /// The line.
    pub text: String,
}

/// How one language version of an article stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "LanguageVersionView")]
pub struct VersionView {
    /// The language.
    pub language: String,
    /// `current`, `outdated` or `missing`.
    pub version: &'static str,
}

/// How the answers to one kind of request change.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RequestChangeView {
    /// What the operation does.
    pub activity: &'static str,
    /// What it touches, as the Cedar schema names it.
    pub about: &'static str,
    /// `looser`, `stricter`, `different` or `undecided`.
    pub change: &'static str,
    /// An operation that only the new version lets through.
    pub looser: Option<CaseView>,
    /// An operation that only the old version lets through.
    pub stricter: Option<CaseView>,
}

/// A change of the agreement's document.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ParameterChangeView {
    /// What changes.
    pub subject: String,
    /// What it was; null when it is new.
    pub before: Option<String>,
    /// What it becomes; null when it is dropped.
    pub after: Option<String>,
    /// `equivalent`, `looser`, `stricter` or `different`.
    pub change: &'static str,
}

/// An area, protected object or movement that changes, and the ground that follows from it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GroundChangeView {
    /// `area`, `protected object` or `movement`.
    pub what: &'static str,
    /// Its id.
    pub id: String,
    /// What happens to it: `added`, `removed`, `grown`, `shrunk`, `redrawn`, `moved`, ….
    pub changes: Vec<String>,
    /// `looser`, `stricter` or `different`.
    pub change: &'static str,
    /// Its outline in the text that stands, GeoJSON; null when it is new.
    pub before: Option<Value>,
    /// Its outline in the new text, GeoJSON; null when it is dropped.
    pub after: Option<Value>,
    /// Ground that it covers only in the text that stands, GeoJSON; null when there is none.
    pub loosened: Option<Value>,
    /// Ground that it covers only in the new text, GeoJSON; null when there is none.
    pub tightened: Option<Value>,
}

/// A language version that is missing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UntranslatedView {
    /// The article's number.
    pub article: String,
    /// The language.
    pub language: String,
}

impl CaseView {
    fn of(case: &Counterexample, at: Position) -> Self {
        let sketch = case.sketch(at);
        let parts = [
            sketch.areas,
            sketch.protected,
            sketch.movements,
            sketch.operations,
        ];
        let features: Vec<Value> = parts
            .into_iter()
            .filter_map(|mut part| match part["features"].take() {
                Value::Array(features) => Some(features),
                _ => None,
            })
            .flatten()
            .collect();
        Self {
            story: case.story.clone(),
            assumed: case.assumed.clone(),
            verdict: case.judgement.verdict.wire_name(),
            drawing: json!({"type": "FeatureCollection", "features": features}),
        }
    }
}

impl ConcernProofView {
    /// Shows a concern beside what became of its property; a case is drawn around `at`.
    pub fn of(concern: &Concern, found: &ConcernResult, at: Position) -> Self {
        let (result, reason, counterexample) = match &found.proof {
            Proof::Proved => ("proved", None, None),
            Proof::Refuted(case) => ("refuted", None, Some(CaseView::of(case, at))),
            Proof::Unknown { reason } => ("unknown", Some(reason.clone()), None),
            Proof::NotStated => ("not_stated", None, None),
        };
        Self {
            id: concern.id.to_string(),
            title: local_text(&concern.title),
            owner: concern.owner.to_string(),
            raised_by: concern.raised_by.as_ref().map(ToString::to_string),
            severity: concern.severity.wire_name(),
            text: concern.text.as_ref().map(local_text),
            property: concern.property.as_ref().map(|it| it.text.clone()),
            result,
            reason,
            counterexample,
        }
    }
}

impl StandingPropertyView {
    /// Says of every property that is asked of all agreements whether it holds.
    pub fn all(findings: &[StandingFinding]) -> Vec<Self> {
        let views = StandingProperty::ALL.map(|property| Self {
            property: property.wire_name(),
            result: match property.holds(findings) {
                Some(true) => "proved",
                Some(false) => "refuted",
                None => "unknown",
            },
            message: property.told(),
        });
        views.into()
    }
}

impl DefectView {
    /// Shows a defect.
    pub fn of(finding: &StandingFinding) -> Self {
        Self {
            kind: finding.kind.wire_name(),
            property: finding.property.wire_name(),
            articles: finding.articles.iter().map(ToString::to_string).collect(),
            message: finding.message.clone(),
        }
    }
}

impl ComparisonView {
    /// Shows a comparison; cases are drawn around `at`.
    pub fn of(amendment: &Amendment, ground: &[GroundChange], at: Position) -> Self {
        let missing = amendment.untranslated.iter();
        let effect = ground
            .iter()
            .fold(amendment.effect, |effect, change| effect.and(change.effect));
        Self {
            effect: effect.wire_name(),
            ground: ground.iter().map(placed).collect(),
            articles: amendment.articles.iter().map(article).collect(),
            requests: amendment
                .requests
                .iter()
                .filter(|request| request.change != Change::Equivalent)
                .map(|change| request(change, at))
                .collect(),
            parameters: amendment.parameters.iter().map(parameter).collect(),
            untranslated: missing
                .map(|(article, language)| UntranslatedView {
                    article: article.to_string(),
                    language: language.clone(),
                })
                .collect(),
        }
    }
}

fn article(change: &ArticleChange) -> ArticleChangeView {
    let line = |line: &LineChange| {
        let (change, text) = match line {
            LineChange::Kept(text) => ("kept", text),
            LineChange::Removed(text) => ("removed", text),
            LineChange::Added(text) => ("added", text),
        };
        LineView {
            change,
            text: text.clone(),
        }
    };
    let versions = change.languages.iter();
    ArticleChangeView {
        article: change.article.to_string(),
        change: match change.kind {
            ArticleChangeKind::Added => "added",
            ArticleChangeKind::Removed => "removed",
            ArticleChangeKind::Changed => "changed",
        },
        lines: change.lines.iter().map(line).collect(),
        languages: versions
            .map(|(language, version)| VersionView {
                language: language.clone(),
                version: version.wire_name(),
            })
            .collect(),
        consequence_changed: change.consequence_changed,
    }
}

fn placed(change: &GroundChange) -> GroundChangeView {
    let whole = |footprint: &Option<Footprint>| geometry([&footprint.as_ref()?.outline()]);
    let part = |outline: Outline| geometry([&outline]);
    GroundChangeView {
        what: change.what,
        id: change.id.clone(),
        changes: change.changes.clone(),
        change: change.effect.wire_name(),
        before: whole(&change.before),
        after: whole(&change.after),
        loosened: part(change.left()),
        tightened: part(change.taken()),
    }
}

fn request(change: &RequestChange, at: Position) -> RequestChangeView {
    let case = |case: &Option<Box<Counterexample>>| {
        let case = case.as_ref()?;
        Some(CaseView::of(case, at))
    };
    RequestChangeView {
        activity: change.activity.wire_name(),
        about: change.about,
        change: change.change.wire_name(),
        looser: case(&change.looser),
        stricter: case(&change.stricter),
    }
}

fn parameter(change: &ParameterChange) -> ParameterChangeView {
    ParameterChangeView {
        subject: change.subject.clone(),
        before: change.before.clone(),
        after: change.after.clone(),
        change: change.effect.wire_name(),
    }
}
