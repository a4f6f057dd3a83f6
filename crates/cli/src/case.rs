//! A concrete operation that shows what articles allow: told in words, in JSON, and as a dossier of its own.

use std::collections::BTreeSet;
use std::path::Path;

use detente_agreement::prove::{Counterexample, free_place};
use detente_formats::Dossier;
use detente_formats::geojson::{Records, write_records};
use detente_records::{Agreement, Area, ProtectedObject};
use detente_spacetime::Position;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dossier::Ready;
use crate::failure::{Failure, FailureKind};
use crate::file;

/// A case as `--json` prints it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Case"))]
pub(crate) struct CaseAnswer {
    /// The case in words.
    story: String,
    /// What is assumed of parties and agreement that is not so now.
    assumed: Vec<String>,
    /// The verdict of the real evaluator on the case.
    verdict: String,
    /// The operation, and any other it meets, as a GeoJSON FeatureCollection.
    operations: Value,
    /// The areas it enters.
    areas: Value,
    /// The protected objects it comes near.
    protected: Value,
    /// The humanitarian movements it meets.
    movements: Value,
    /// How the agreement and its parties would stand.
    standing: StandingAnswer,
}

/// How the agreement and its parties stand in a case.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "CaseStanding"))]
struct StandingAnswer {
    /// How far the agreement has come.
    status: String,
    /// Day D.
    day_d: Option<String>,
    /// Parties that are suspended.
    suspended: Vec<String>,
    /// Parties that have withdrawn.
    withdrawn: Vec<String>,
    /// Whether the operation was notified at all.
    notified: bool,
}

impl StandingAnswer {
    fn of(agreement: &Agreement, notified: bool) -> Self {
        let parties = agreement
            .participants
            .iter()
            .map(|(id, party)| (id.as_str(), party.suspended, party.withdrawn))
            .chain(
                agreement
                    .bound_parties
                    .iter()
                    .map(|(id, party)| (id.as_str(), party.suspended, party.withdrawn)),
            );
        let (mut suspended, mut withdrawn) = (Vec::new(), Vec::new());
        for (id, is_suspended, is_withdrawn) in parties {
            if is_suspended {
                suspended.push(id.to_owned());
            }
            if is_withdrawn {
                withdrawn.push(id.to_owned());
            }
        }
        Self {
            status: agreement.status.wire_name().to_owned(),
            day_d: agreement.day_d.map(|instant| instant.to_string()),
            suspended,
            withdrawn,
            notified,
        }
    }

    /// The agreement's document, changed to stand so. Minimum lead times are left out, as in every
    /// proof; without notice there is no instant that could be taken for one.
    fn apply(&self, document: &str) -> Option<String> {
        let mut table: toml::Table = document.parse().ok()?;
        table.insert("status".to_owned(), self.status.clone().into());
        if let Some(day_d) = &self.day_d {
            table.insert(
                "day_d".to_owned(),
                toml::Value::Datetime(day_d.parse().ok()?),
            );
        }
        if !self.notified {
            table.remove("as_of");
        }
        for kind in ["participants", "bound_parties"] {
            let Some(toml::Value::Array(parties)) = table.get_mut(kind) else {
                continue;
            };
            for party in parties.iter_mut().filter_map(toml::Value::as_table_mut) {
                let id = party.get("id").and_then(toml::Value::as_str)?.to_owned();
                party.insert("suspended".to_owned(), self.suspended.contains(&id).into());
                party.insert("withdrawn".to_owned(), self.withdrawn.contains(&id).into());
            }
        }
        if let Some(toml::Value::Table(parameters)) = table.get_mut("parameters") {
            parameters.remove("lead_times");
        }
        toml::to_string(&table).ok()
    }
}

impl CaseAnswer {
    /// Draws the case where the dossier has nothing else.
    pub(crate) fn of(case: &Counterexample, dossier: &Dossier) -> Self {
        let sketch = case.sketch(nowhere(dossier));
        Self {
            story: case.story.clone(),
            assumed: case.assumed.clone(),
            verdict: case.judgement.verdict.wire_name().to_owned(),
            operations: sketch.operations,
            areas: sketch.areas,
            protected: sketch.protected,
            movements: sketch.movements,
            standing: StandingAnswer::of(&case.agreement, case.operation.notified.is_some()),
        }
    }

    /// Writes the case into `folder` as a dossier of its own, with the articles of the one read
    /// from `dossier`, and of its features those without which the articles name what is not there.
    pub(crate) fn write(
        &self,
        folder: &Path,
        dossier: &Path,
        ready: &Ready,
    ) -> Result<(), Failure> {
        std::fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, error))?;
        let from = dossier.join("agreement.toml");
        let agreement =
            std::fs::read_to_string(&from).map_err(|error| Failure::unreadable(&from, error))?;
        let agreement = self.standing.apply(&agreement).ok_or_else(|| {
            Failure::new(FailureKind::Bug, "the agreement cannot be written anew")
        })?;
        file::write(&folder.join("agreement.toml"), agreement.as_bytes())?;
        for name in ["articles.cedar", "schema.cedarschema"] {
            let from = dossier.join(name);
            if from.is_file() {
                let to = folder.join(name);
                std::fs::copy(&from, &to).map_err(|error| Failure::unwritable(&to, error))?;
            }
        }
        let mut areas = self.areas.clone();
        let mut protected = self.protected.clone();
        add_named(&mut areas, &mut protected, ready);
        for (name, features) in [
            ("operations.geojson", &self.operations),
            ("areas.geojson", &areas),
            ("protected.geojson", &protected),
            ("movements.geojson", &self.movements),
        ] {
            let path = folder.join(name);
            let text = format!("{features:#}\n");
            std::fs::write(&path, text).map_err(|error| Failure::unwritable(&path, error))?;
        }
        Ok(())
    }

    /// The story, indented under what it explains.
    pub(crate) fn told(&self) -> String {
        self.story
            .lines()
            .map(|line| format!("    {line}\n"))
            .collect()
    }
}

/// Adds the areas that articles name and the case is not about, and an object of each category they
/// name: without them the articles would name what the dossier does not know. They lie far away.
fn add_named(areas: &mut Value, protected: &mut Value, ready: &Ready) {
    let articles = ready.rulebook.articles();
    let drawn: BTreeSet<String> = features(areas)
        .iter()
        .filter_map(|feature| feature["properties"]["id"].as_str().map(str::to_owned))
        .collect();
    let mut named = articles.named("Area");
    named.retain(|id| !drawn.contains(id));
    let others = ready.dossier.areas.iter();
    let others: Vec<Area> = others
        .filter(|area| named.contains(area.id.as_str()))
        .cloned()
        .collect();
    let mut categories = articles.named("ObjectCategory");
    let objects = ready.dossier.protected.iter();
    let objects: Vec<ProtectedObject> = objects
        .filter(|object| categories.remove(object.category.as_str()))
        .cloned()
        .collect();
    append(
        areas,
        &Records {
            areas: &others,
            ..Records::default()
        },
    );
    append(
        protected,
        &Records {
            protected: &objects,
            ..Records::default()
        },
    );
}

fn append(collection: &mut Value, records: &Records<'_>) {
    let more: Value = serde_json::from_str(&write_records(records)).unwrap_or_default();
    if let Some(Value::Array(into)) = collection.get_mut("features") {
        into.extend(features(&more).iter().cloned());
    }
}

fn features(collection: &Value) -> &[Value] {
    collection["features"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// Where the dossier has nothing.
fn nowhere(dossier: &Dossier) -> Position {
    let areas = dossier.areas.iter().map(|area| &area.volume);
    let objects = dossier.protected.iter().map(|object| &object.volume);
    free_place(
        areas
            .chain(objects)
            .map(|volume| *volume.footprint.bounds()),
    )
}
