//! A concrete operation that shows what articles allow: told in words, in JSON, and as a dossier of its own.

use std::path::Path;

use detente_agreement::prove::Counterexample;
use detente_formats::Dossier;
use detente_spacetime::{GeoBox, Position};
use serde::Serialize;
use serde_json::Value;

use crate::failure::Failure;

/// Places far out at sea, latitude and longitude in degrees: a case is drawn at the first that the dossier leaves free.
const FREE_PLACES: [(f64, f64); 4] = [(0.0, -30.0), (-30.0, 80.0), (30.0, -45.0), (-40.0, -120.0)];
/// The room a drawn case needs, metres: its areas have a radius of 5 km, its distances at most some tens of kilometres.
const ROOM_M: f64 = 100_000.0;

/// A case as `--json` prints it.
#[derive(Debug, Serialize)]
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
}

impl CaseAnswer {
    /// Draws the case where the dossier has nothing else.
    pub(crate) fn of(case: &Counterexample, dossier: &Dossier) -> Self {
        let sketch = case.sketch(free_place(dossier));
        Self {
            story: case.story.clone(),
            assumed: case.assumed.clone(),
            verdict: case.judgement.verdict.wire_name().to_owned(),
            operations: sketch.operations,
            areas: sketch.areas,
            protected: sketch.protected,
            movements: sketch.movements,
        }
    }

    /// Writes the case into `folder` as a dossier of its own, with the articles of `dossier`.
    pub(crate) fn write(&self, folder: &Path, dossier: &Path) -> Result<(), Failure> {
        std::fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, error))?;
        for name in ["agreement.toml", "articles.cedar", "schema.cedarschema"] {
            let from = dossier.join(name);
            if from.is_file() {
                let to = folder.join(name);
                std::fs::copy(&from, &to).map_err(|error| Failure::unwritable(&to, error))?;
            }
        }
        for (name, features) in [
            ("operations.geojson", &self.operations),
            ("areas.geojson", &self.areas),
            ("protected.geojson", &self.protected),
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

fn free_place(dossier: &Dossier) -> Position {
    let taken: Vec<GeoBox> = dossier
        .areas
        .iter()
        .map(|area| *area.volume.footprint.bounds())
        .chain(
            dossier
                .protected
                .iter()
                .map(|object| *object.volume.footprint.bounds()),
        )
        .collect();
    let free = |place: &Position| {
        let room = GeoBox::around(*place, ROOM_M);
        !taken.iter().any(|bounds| bounds.intersects(&room))
    };
    let places = FREE_PLACES.map(place);
    places
        .into_iter()
        .find(free)
        .unwrap_or_else(|| place(FREE_PLACES[0]))
}

#[expect(
    clippy::expect_used,
    reason = "the places are constants, and on the Earth"
)]
fn place((latitude_deg, longitude_deg): (f64, f64)) -> Position {
    Position::new(latitude_deg, longitude_deg).expect("a place on the Earth")
}
