//! A timeline with every reference replaced by what it stands for: what `demo` tells and `rehearse` plays.

use std::collections::BTreeMap;

use detente_formats::{Expected, Timeline, TimelineSources};
use detente_ledger::hash::Hash;
use detente_server::house::bundle;
use detente_spacetime::Instant;
use serde_json::{Map, Value, json};

/// What is told.
#[derive(Debug)]
pub(crate) struct Told {
    /// The steps, in their order.
    pub(crate) steps: Vec<Step>,
    /// The files of the dossier that is tabled, by name.
    pub(crate) dossier: BTreeMap<String, Vec<u8>>,
    /// The same as one piece, which whoever tables it has at hand.
    pub(crate) bundle: Vec<u8>,
}

/// One step.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) at: Instant,
    /// The holder whose node it is said at.
    pub(crate) node: String,
    pub(crate) user: String,
    pub(crate) role: String,
    pub(crate) kind: String,
    pub(crate) subject: String,
    /// What the kind asks for beside subject and role.
    pub(crate) body: Map<String, Value>,
    pub(crate) expected: Expected,
    /// What it is about, for people.
    pub(crate) words: String,
}

/// A timeline names something that is not there.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotThere(String);

impl Told {
    /// Replaces the references of a timeline by what its files hold.
    pub(crate) fn of(
        timeline: &Timeline,
        file: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<Self, NotThere> {
        let mut dossier = BTreeMap::new();
        for name in &timeline.dossier {
            dossier.insert(name.clone(), present(file, name)?);
        }
        let bundle = bundle::write(&dossier)
            .ok_or_else(|| NotThere("a file of the dossier is not text".to_owned()))?;
        let mut sources = TimelineSources {
            dossier: Some(json!({
                "sha256": Hash::of(&bundle).to_hex(),
                "bytes": bundle.len(),
                "media_type": bundle::MEDIA_TYPE,
            })),
            ..TimelineSources::default()
        };
        let names = timeline.dossier.iter().chain(&timeline.later);
        for name in names.filter(|name| name.ends_with(".geojson")) {
            let bytes = present(file, name)?;
            let collection: Value = serde_json::from_slice(&bytes)
                .map_err(|error| NotThere(format!("`{name}` is not JSON: {error}")))?;
            let features = collection["features"].as_array().cloned();
            let features = features.unwrap_or_default();
            sources.features.insert(name.clone(), features);
        }
        let mut steps = Vec::new();
        for (number, act) in timeline.acts.iter().enumerate() {
            let fault = |what: &dyn std::fmt::Display| {
                NotThere(format!("act {} ({}): {what}", number + 1, act.kind))
            };
            let mut body = act.body(&sources).map_err(|error| fault(&error))?;
            let mut take = |name: &str| match body.shift_remove(name) {
                Some(Value::String(text)) => Ok(text),
                _ => Err(fault(&format!("it has no `{name}`"))),
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
        Ok(Self {
            steps,
            dossier,
            bundle,
        })
    }
}

fn present(file: &dyn Fn(&str) -> Option<Vec<u8>>, name: &str) -> Result<Vec<u8>, NotThere> {
    file(name).ok_or_else(|| NotThere(format!("there is no file `{name}`")))
}
