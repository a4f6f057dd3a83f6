//! The timeline of the scenario: who says what, when, and what must come of it.

use std::collections::BTreeMap;

use detente_formats::{Expected, Timeline, TimelineSources};
use detente_ledger::hash::Hash;
use detente_server::house::bundle;
use detente_spacetime::Instant;
use serde_json::{Map, Value, json};

use super::scenario;
use crate::failure::{Failure, FailureKind};

/// What is told.
#[derive(Debug)]
pub(super) struct Told {
    /// The steps, in their order.
    pub(super) steps: Vec<Step>,
    /// The files of the dossier that is tabled, by name.
    pub(super) dossier: BTreeMap<String, Vec<u8>>,
    /// The same as one piece, which whoever tables it has at hand.
    pub(super) bundle: Vec<u8>,
}

/// One step.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) at: Instant,
    /// The holder whose node it is said at.
    pub(super) node: String,
    pub(super) user: String,
    pub(super) role: String,
    pub(super) kind: String,
    pub(super) subject: String,
    /// What the kind asks for beside subject and role.
    pub(super) body: Map<String, Value>,
    pub(super) expected: Expected,
    /// What it is about, for people.
    pub(super) words: String,
}

/// Reads the timeline, every reference replaced by what it stands for.
pub(super) fn read() -> Result<Told, Failure> {
    let (timeline, problems) = Timeline::parse("timeline.toml", scenario::TIMELINE);
    let timeline = timeline.filter(|_| !problems.has_errors());
    let timeline = timeline.ok_or_else(|| defect(&format!("{problems:?}")))?;
    let sources = sources(&timeline)?;
    let mut steps = Vec::new();
    for act in &timeline.acts {
        let mut body = act.body(&sources).map_err(|error| defect(&error))?;
        let mut take = |name: &str| match body.shift_remove(name) {
            Some(Value::String(text)) => Ok(text),
            _ => Err(defect(&format!("an act has no `{name}`"))),
        };
        let (subject, role) = (take("subject")?, take("role")?);
        steps.push(Step {
            at: act.at,
            node: act.holder.to_string(),
            user: act.user.to_string(),
            role,
            kind: act.kind.clone(),
            subject,
            body,
            expected: act.expected.clone(),
            words: act.says.to_string(),
        });
    }
    Ok(Told {
        steps,
        dossier: scenario::dossier(&timeline.dossier),
        bundle: bundle(&timeline)?,
    })
}

fn sources(timeline: &Timeline) -> Result<TimelineSources, Failure> {
    let mut sources = TimelineSources::default();
    for name in timeline.dossier.iter().chain(&timeline.later) {
        if !name.ends_with(".geojson") {
            continue;
        }
        let bytes = scenario::file(name).ok_or_else(|| defect(&format!("no file `{name}`")))?;
        let collection: Value = serde_json::from_slice(bytes).map_err(|error| defect(&error))?;
        let features = collection["features"].as_array().cloned();
        sources
            .features
            .insert(name.clone(), features.unwrap_or_default());
    }
    let bundle = bundle(timeline)?;
    sources.dossier = Some(json!({
        "sha256": Hash::of(&bundle).to_hex(),
        "bytes": bundle.len(),
        "media_type": bundle::MEDIA_TYPE,
    }));
    Ok(sources)
}

fn bundle(timeline: &Timeline) -> Result<Vec<u8>, Failure> {
    let files = scenario::dossier(&timeline.dossier);
    bundle::write(&files).ok_or_else(|| defect(&"a file of the dossier is not text"))
}

fn defect(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        FailureKind::Bug,
        format!("the built-in scenario cannot be told: {error}"),
    )
}
