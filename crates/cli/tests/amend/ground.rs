//! What an amendment is said to change on the ground, beside what operations are told under both texts.

use serde_json::{Value, json};

use crate::harness::Folder;

/// How many amendments are made up, and how many operations are judged under the old and the new text of each.
const AMENDMENTS: usize = 40;
const OPERATIONS: usize = 150;

/// Where everything is, degrees: everything lies within a third of a degree of it.
const PLACE: [f64; 2] = [-18.7, 64.8];

/// A small generator of chance: the same in every run.
struct Chance(u64);

impl Chance {
    fn share(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1_u32 << 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.share() * limit as f64) as usize
    }

    fn one_of(&mut self, of: &[Value]) -> Value {
        of[self.below(of.len())].clone()
    }

    fn place(&mut self) -> Value {
        let [longitude, latitude] = PLACE;
        json!([
            longitude + 0.4 * (self.share() - 0.5),
            latitude + 0.2 * (self.share() - 0.5)
        ])
    }

    /// The corners of a star around the place, some of them cut in deeply.
    fn ring(&mut self, reach: f64) -> Value {
        let corners = 4 + self.below(9);
        let [longitude, latitude] = PLACE;
        let mut ring: Vec<Value> = (0..corners)
            .map(|corner| {
                let turn = std::f64::consts::TAU * corner as f64 / corners as f64;
                let share = reach * (0.1 + 0.9 * self.share());
                let (north, east) = turn.sin_cos();
                json!([
                    longitude + 0.3 * share * east,
                    latitude + 0.13 * share * north
                ])
            })
            .collect();
        ring.push(ring[0].clone());
        ring.into()
    }

    fn shape(&mut self) -> (Value, Option<(&'static str, f64)>) {
        match self.below(4) {
            0 => (
                json!({"type": "Point", "coordinates": self.place()}),
                Some(("radius_m", 500.0 + 9_000.0 * self.share())),
            ),
            1 => (
                json!({"type": "LineString", "coordinates": [self.place(), self.place(), self.place()]}),
                Some(("half_width_m", 300.0 + 3_000.0 * self.share())),
            ),
            2 => (
                json!({"type": "Polygon", "coordinates": [self.ring(1.0)]}),
                None,
            ),
            _ => (
                json!({"type": "Polygon", "coordinates": [self.ring(1.0), self.ring(0.09)]}),
                None,
            ),
        }
    }

    fn limit(&mut self, from_m: f64, open: &str) -> Value {
        let value = from_m + (4.0 * self.share()).floor() * 1_000.0;
        let references = [json!("MSL"), json!("MSL"), json!("W84")];
        match self.below(4) {
            0 => json!({"reference": open}),
            _ => json!({"value": value, "unit": "m", "reference": self.one_of(&references)}),
        }
    }

    fn area(&mut self) -> Value {
        let (geometry, width) = self.shape();
        let kinds = [json!("prohibited_area"), json!("designated_area")];
        let mut properties = json!({
            "id": "the-area",
            "kind": self.one_of(&kinds),
            "lower": self.limit(0.0, "SFC"),
            "upper": self.limit(5_000.0, "UNL"),
            "start": format!("2030-06-{:02}T00:00:00Z", 2 + self.below(10)),
            "end": format!("2030-06-{:02}T00:00:00Z", 15 + self.below(10)),
        });
        if properties["kind"] == "designated_area" {
            properties["area_kind"] = json!("significant");
        }
        if let Some((name, metres)) = width {
            properties[name] = json!(metres);
        }
        self.scope(&mut properties);
        json!({"type": "Feature", "geometry": geometry, "properties": properties})
    }

    fn scope(&mut self, properties: &mut Value) {
        let scopes = [
            json!([]),
            json!(["NORTH"]),
            json!(["SOUTH"]),
            json!(["NORTH", "SOUTH"]),
            json!(["north-air", "COAST"]),
        ];
        properties["applies_to"] = self.one_of(&scopes);
        let activities = [json!([]), json!(["strike"]), json!(["strike", "transit"])];
        properties["activities"] = self.one_of(&activities);
    }

    /// The same area with one or two things changed.
    fn amended(&mut self, area: &Value) -> Value {
        let mut area = area.clone();
        for _ in 0..=self.below(2) {
            let properties = area["properties"].clone();
            match self.below(7) {
                0 => area["properties"]["lower"] = self.limit(0.0, "SFC"),
                1 => area["properties"]["upper"] = self.limit(5_000.0, "UNL"),
                2 => {
                    let start = format!("2030-06-{:02}T00:00:00Z", 2 + self.below(10));
                    area["properties"]["start"] = json!(start);
                }
                3 => self.scope(&mut area["properties"]),
                _ => {
                    let widths = ["radius_m", "half_width_m"];
                    let width = widths.iter().find(|name| properties[**name].is_f64());
                    match (width, self.below(2)) {
                        (Some(name), 0) => {
                            let metres = properties[*name].as_f64().unwrap_or_default();
                            area["properties"][*name] = json!(metres * (0.5 + self.share()));
                        }
                        (None, 0) => self.bent(&mut area["geometry"]["coordinates"][0]),
                        (None, _) => self.slotted(&mut area),
                        (Some(_), _) => {
                            for name in widths {
                                if let Some(known) = area["properties"].as_object_mut() {
                                    known.remove(name);
                                }
                            }
                            let (geometry, width) = self.shape();
                            area["geometry"] = geometry;
                            if let Some((name, metres)) = width {
                                area["properties"][name] = json!(metres);
                            }
                        }
                    }
                }
            }
        }
        area
    }

    /// A corner pulled in or out.
    fn bent(&mut self, ring: &mut Value) {
        let Some(corners) = ring.as_array_mut() else {
            return;
        };
        let corner = 1 + self.below(corners.len() - 2);
        let share = 0.6 + 0.8 * self.share();
        for (number, centre) in PLACE.into_iter().enumerate() {
            let there = corners[corner][number].as_f64().unwrap_or_default();
            corners[corner][number] = json!(centre + share * (there - centre));
        }
    }

    /// A lane left open: a hole from one side to the other of a square.
    fn slotted(&mut self, area: &mut Value) {
        let [longitude, latitude] = PLACE;
        let at = |east: f64, north: f64| json!([longitude + 0.3 * east, latitude + 0.13 * north]);
        let lane = 0.05 + 0.3 * self.share();
        let bottom = 0.95 * (2.0 * self.share() - 1.0);
        area["geometry"] = json!({"type": "Polygon", "coordinates": [[
            at(-1.0, -1.0), at(1.0, -1.0), at(1.0, 1.0), at(lane, 1.0), at(lane, bottom),
            at(-lane, bottom), at(-lane, 1.0), at(-1.0, 1.0), at(-1.0, -1.0),
        ]]});
    }

    fn operation(&mut self, number: usize) -> Value {
        let forces = [
            json!(["NORTH", "north-air"]),
            json!(["SOUTH", "south-air"]),
            json!(["COAST", "coast-air"]),
        ];
        let who = self.one_of(&forces);
        let activities = [json!("strike"), json!("transit"), json!("medevac")];
        let lower = 500.0 + 10_000.0 * self.share();
        let day = 1 + self.below(27);
        json!({"type": "Feature",
        "geometry": {"type": "Point", "coordinates": self.place()},
        "properties": {
            "id": format!("op-{number}-a"), "operation": format!("op-{number}"), "kind": "operation",
            "party": who[0], "force": who[1], "activity": self.one_of(&activities),
            "radius_m": 50.0 + 500.0 * self.share(),
            "lower": {"value": lower, "unit": "m", "reference": "W84"},
            "upper": {"value": lower + 200.0, "unit": "m", "reference": "W84"},
            "start": format!("2030-06-{day:02}T08:00:00Z"), "end": format!("2030-06-{day:02}T09:00:00Z"),
            "notified": "2030-05-20T00:00:00Z",
        }})
    }
}

fn collection(features: &[Value]) -> String {
    json!({"type": "FeatureCollection", "features": features}).to_string()
}

/// How severe each operation's verdict is.
fn severities(folder: &Folder, dossier: &str) -> Vec<(String, usize)> {
    let run = folder.detente(&[
        "check",
        dossier,
        "--operations",
        "operations.geojson",
        "--json",
    ]);
    assert!(run.exit <= 1, "{run}");
    let answer = run.json();
    let operations = answer["operations"].as_array().unwrap();
    let severity = |operation: &Value| {
        let verdict = operation["verdict"].as_str().unwrap_or_default();
        let known = ["clear", "consent_required", "prohibited"];
        known.iter().position(|known| *known == verdict).unwrap()
    };
    let mut severities: Vec<(String, usize)> = operations
        .iter()
        .map(|operation| (operation["operation"].to_string(), severity(operation)))
        .collect();
    severities.sort();
    assert_eq!(severities.len(), OPERATIONS);
    severities
}

#[test]
fn no_operation_is_freer_under_an_amendment_that_is_said_to_loosen_nothing() {
    let mut chance = Chance(2_016);
    let (mut freer, mut bound) = (0, 0);
    let mut told = std::collections::BTreeMap::<String, usize>::new();
    for _ in 0..AMENDMENTS {
        let folder = Folder::new();
        let area = chance.area();
        let amended = chance.amended(&area);
        for (dossier, area) in [("old", &area), ("new", &amended)] {
            let starter = folder.detente(&["init", dossier]);
            assert_eq!(starter.exit, 0, "{starter}");
            for name in ["protected", "movements", "operations"] {
                folder.write(&format!("{dossier}/{name}.geojson"), &collection(&[]));
            }
            folder.write(
                &format!("{dossier}/areas.geojson"),
                &collection(std::slice::from_ref(area)),
            );
        }
        let operations: Vec<Value> = (0..OPERATIONS)
            .map(|number| chance.operation(number))
            .collect();
        folder.write("operations.geojson", &collection(&operations));
        let (before, after) = (severities(&folder, "old"), severities(&folder, "new"));
        let run = folder.detente(&["amend", "old", "new", "--json"]);
        let effect = run.json()["effect"].as_str().unwrap_or_default().to_owned();
        let mut pairs = before.iter().zip(&after);
        let any_freer = pairs.clone().any(|(old, new)| new.1 < old.1);
        let any_bound = pairs.any(|(old, new)| new.1 > old.1);
        let context = || format!("{run}\n{area}\n{amended}");
        if any_freer {
            freer += 1;
            assert!(effect == "looser" || effect == "different", "{}", context());
        }
        if any_bound {
            bound += 1;
            assert!(
                effect == "stricter" || effect == "different",
                "{}",
                context()
            );
        }
        *told.entry(effect).or_default() += 1;
    }
    assert!(
        freer >= 8 && bound >= 8,
        "{freer} freer, {bound} bound, {told:?}"
    );
    assert!(
        told.len() >= 3 && told["different"] < AMENDMENTS / 2,
        "{told:?}"
    );
}
