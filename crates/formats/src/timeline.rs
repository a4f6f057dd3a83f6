//! Timelines: the acts of a scenario in their order, with what each is expected to come to.
//!
//! A timeline is a TOML document beside a dossier. Its acts have the bodies of ledger entries, except
//! that a body may name features of the dossier's files instead of repeating them:
//! `{ from = "protected.geojson", id = "hospital-h1", with = { accuracy_m = 30 } }` stands for that
//! feature with some properties exchanged, `{ from = "operations.geojson", operation = "op-17" }` for
//! the list of its volumes, and `{ from = "dossier" }` or `{ from = "dossier", take = "sha256" }` for
//! the tabled dossier and its hash.

use std::collections::BTreeMap;

use detente_records::document::{self, Located};
use detente_records::finding::{Origin, Problems, quoted};
use detente_records::place::{Path, Place};
use detente_records::table::{Table, text_of};
use detente_records::{HolderId, LocalText, PersonName, exclusion, toml_text};
use detente_spacetime::Instant;
use serde_json::{Map, Value as Json};

/// The largest timeline, in bytes; real ones have some tens of kilobytes.
pub const TIMELINE_BYTES_MAX: usize = 4 << 20;

/// The acts of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// The files that make up the dossier that is tabled, by name.
    pub dossier: Vec<String>,
    /// Further files with features that acts name.
    pub later: Vec<String>,
    /// The acts, in their order.
    pub acts: Vec<TimelineAct>,
}

/// One act of a timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineAct {
    /// When it is written.
    pub at: Instant,
    /// In whose ledger.
    pub holder: HolderId,
    /// By whom.
    pub user: PersonName,
    /// Its kind.
    pub kind: String,
    /// What it is expected to come to.
    pub expected: Expected,
    /// What happens, for somebody who watches.
    pub says: LocalText,
    body: Map<String, Json>,
}

/// What an act is expected to come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It takes effect, and leads its matter to this state where one is named.
    Accepted {
        /// Name of the state.
        state: Option<String>,
    },
    /// It is refused by this rule or guard.
    Refused {
        /// Name of the rule.
        rule: String,
    },
}

/// What the references of a timeline stand for.
#[derive(Clone, Debug, Default)]
pub struct TimelineSources {
    /// The features of each GeoJSON file, by its name.
    pub features: BTreeMap<String, Vec<Json>>,
    /// The dossier that is tabled, as a blob: `sha256`, `bytes`, `media_type`.
    pub dossier: Option<Json>,
}

/// A body names something that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no {what} in {}", quoted(.file))]
pub struct ReferenceError {
    what: String,
    file: String,
}

impl Timeline {
    /// Reads a timeline; every problem is reported, and bodies are checked when they are used.
    pub fn parse(document: &str, bytes: &[u8]) -> (Option<Self>, Problems) {
        let mut problems = Problems::new(document);
        let timeline = read(bytes, &mut problems);
        problems.locate(bytes, Origin::START);
        problems.sort_by_place();
        (timeline, problems)
    }
}

impl TimelineAct {
    /// Returns the body of the entry, with every reference replaced by what it stands for.
    ///
    /// What a proposal does not state (`consents`, `notified`) is left out of its features.
    ///
    /// # Errors
    ///
    /// [`ReferenceError`] when a feature or the dossier is not among `sources`.
    pub fn body(&self, sources: &TimelineSources) -> Result<Map<String, Json>, ReferenceError> {
        let resolve = |(key, value): (&String, &Json)| Ok((key.clone(), sources.resolve(value)?));
        self.body.iter().map(resolve).collect()
    }
}

impl TimelineSources {
    fn resolve(&self, value: &Json) -> Result<Json, ReferenceError> {
        match value {
            Json::Object(members) => match members.get("from").and_then(Json::as_str) {
                Some("dossier") => self.dossier(members),
                Some(file) if file.ends_with(".geojson") => self.features(file, members),
                _ => {
                    let resolve =
                        |(key, value): (&String, &Json)| Ok((key.clone(), self.resolve(value)?));
                    let members: Result<Map<String, Json>, _> =
                        members.iter().map(resolve).collect();
                    members.map(Json::Object)
                }
            },
            Json::Array(items) => items.iter().map(|item| self.resolve(item)).collect(),
            other => Ok(other.clone()),
        }
    }

    fn dossier(&self, reference: &Map<String, Json>) -> Result<Json, ReferenceError> {
        let taken = match reference.get("take").and_then(Json::as_str) {
            Some(member) => self.dossier.as_ref().and_then(|blob| blob.get(member)),
            None => self.dossier.as_ref(),
        };
        taken.cloned().ok_or_else(|| ReferenceError {
            what: "blob".to_owned(),
            file: "dossier".to_owned(),
        })
    }

    fn features(&self, file: &str, reference: &Map<String, Json>) -> Result<Json, ReferenceError> {
        let operation = reference.contains_key("operation");
        let key = if operation { "operation" } else { "id" };
        let wanted = reference.get(key);
        let features = self.features.get(file).map(Vec::as_slice);
        let mut found: Vec<Json> = features
            .unwrap_or_default()
            .iter()
            .filter(|feature| wanted.is_some() && feature["properties"].get(key) == wanted)
            .map(|feature| exchanged(feature, reference))
            .collect();
        match (operation, found.len()) {
            (true, 1..) => Ok(Json::Array(found)),
            (false, 1) => Ok(found.swap_remove(0)),
            _ => Err(ReferenceError {
                what: format!("feature whose `{key}` is {}", wanted.unwrap_or(&Json::Null)),
                file: file.to_owned(),
            }),
        }
    }
}

/// Returns a feature with the properties of `with` and the geometry of `geometry` in their place.
fn exchanged(feature: &Json, reference: &Map<String, Json>) -> Json {
    let mut feature = feature.clone();
    if let Some(properties) = feature.get_mut("properties").and_then(Json::as_object_mut) {
        for stated_by_acts in ["consents", "notified"] {
            properties.shift_remove(stated_by_acts);
        }
        if let Some(with) = reference.get("with").and_then(Json::as_object) {
            properties.extend(with.clone());
        }
    }
    if let (Some(geometry), Some(members)) = (reference.get("geometry"), feature.as_object_mut()) {
        members.insert("geometry".to_owned(), geometry.clone());
    }
    feature
}

fn read(bytes: &[u8], problems: &mut Problems) -> Option<Timeline> {
    if bytes.len() > TIMELINE_BYTES_MAX {
        let message = format!(
            "the file has {} bytes, more than {TIMELINE_BYTES_MAX}",
            bytes.len()
        );
        problems
            .error("file_too_large", Place::of_span(0..0), message)
            .help("a timeline has some tens of kilobytes: check that this is the right file");
        return None;
    }
    let (text, offset) = document::utf8(bytes, 0, &Path::Root, problems)?;
    let root = toml_text::parse(text, offset, problems);
    exclusion::refuse_excluded(&root, &Path::Root, problems);
    let mut table = Table::of(&root, &Path::Root, problems)?;
    table.require(&["dossier", "acts"], problems);
    let dossier = file_names(&mut table, "dossier", problems);
    let later = file_names(&mut table, "later", problems);
    let mut acts: Vec<TimelineAct> = Vec::new();
    table.each("acts", problems, |entry, problems| {
        let Some(act) = act(entry, problems) else {
            return;
        };
        if acts.last().is_some_and(|before| before.at > act.at) {
            problems
                .error(
                    "out_of_order",
                    entry.place_of("at"),
                    "this act comes before the last one",
                )
                .help("put the acts in the order of their instants");
        }
        acts.push(act);
    });
    table.warn_of_unknown(problems);
    Some(Timeline {
        dossier,
        later,
        acts,
    })
}

fn file_names(
    table: &mut Table<'_, '_>,
    key: &'static str,
    problems: &mut Problems,
) -> Vec<String> {
    let path = table.path().key(key);
    let items = table.list(key, problems).unwrap_or_default();
    let name = |(index, item): (usize, &Located<'_>)| {
        text_of(item, &path.index(index), problems).map(str::to_owned)
    };
    items.iter().enumerate().filter_map(name).collect()
}

fn act(entry: &mut Table<'_, '_>, problems: &mut Problems) -> Option<TimelineAct> {
    entry.require(
        &["at", "holder", "user", "role", "kind", "subject", "says"],
        problems,
    );
    let at = entry.instant("at", problems);
    let holder = entry.name("holder", problems);
    let user = entry.name("user", problems);
    let kind = entry.text("kind", problems).map(str::to_owned);
    let says = entry.local_text("says", problems);
    let state = entry.text("state", problems).map(str::to_owned);
    let refused = entry.text("refused", problems).map(str::to_owned);
    let mut members = Map::new();
    for key in ["subject", "role"] {
        if let Some(text) = entry.text(key, problems) {
            members.insert(key.to_owned(), Json::from(text));
        }
    }
    if let Some(body) = entry.get("body") {
        let path = entry.path().key("body");
        let written = Table::of(body, &path, problems)?;
        let member =
            |member: &document::Member<'_>| (member.key.to_string(), member.value.value.to_json());
        members.extend(written.members().iter().map(member));
    }
    entry.warn_of_unknown(problems);
    Some(TimelineAct {
        at: at?,
        holder: holder?,
        user: user?,
        kind: kind?,
        expected: match refused {
            Some(rule) => Expected::Refused { rule },
            None => Expected::Accepted { state },
        },
        says: says?,
        body: members,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TWO: &str = r#"
        dossier = ["agreement.toml"]

        [[acts]]
        at = 2016-09-13T02:00:00Z
        holder = "US"
        user = "us-planner"
        role = "planner"
        kind = "operation_proposed"
        subject = "op-1"
        state = "proposed"
        says = { en = "An operation is proposed" }
        body = { version = 1, features = { from = "operations.geojson", operation = "op-1", with = { radius_m = 900 } } }

        [[acts]]
        at = 2016-09-13T03:00:00Z
        holder = "RU"
        user = "ru-consenter"
        role = "consenter"
        kind = "agreement_initialled"
        subject = "plan"
        refused = "same_text"
        says = "Too early"
        body = { sha256 = { from = "dossier", take = "sha256" } }
    "#;

    fn sources() -> TimelineSources {
        let volume = |id: &str| {
            json!({"type": "Feature", "geometry": null, "properties": {
                "id": id, "operation": "op-1", "radius_m": 100, "consents": ["RU"], "notified": "x"
            }})
        };
        let features = vec![volume("a"), volume("b")];
        TimelineSources {
            features: BTreeMap::from([("operations.geojson".to_owned(), features)]),
            dossier: Some(json!({"sha256": "00", "bytes": 1, "media_type": "x/y"})),
        }
    }

    #[test]
    fn references_stand_for_features_and_for_the_dossier() {
        let (timeline, problems) = Timeline::parse("timeline.toml", TWO.as_bytes());
        assert!(problems.is_empty(), "{problems}");
        let acts = timeline.unwrap().acts;
        let body = acts[0].body(&sources()).unwrap();
        assert_eq!(body["subject"], "op-1");
        assert_eq!(body["role"], "planner");
        assert_eq!(body["features"].as_array().unwrap().len(), 2);
        let properties = json!({"id": "a", "operation": "op-1", "radius_m": 900});
        assert_eq!(body["features"][0]["properties"], properties);
        let state = Some("proposed".to_owned());
        assert_eq!(acts[0].expected, Expected::Accepted { state });
        assert_eq!(acts[1].body(&sources()).unwrap()["sha256"], "00");
        let missing = acts[0].body(&TimelineSources::default()).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "no feature whose `operation` is \"op-1\" in `operations.geojson`"
        );
    }

    #[test]
    fn every_fault_of_a_timeline_is_reported() {
        let text = TWO
            .replace("2016-09-13T03", "2016-09-13T01")
            .replace("says = \"Too early\"", "")
            .replace(
                "user = \"us-planner\"",
                "user = \"us-planner\"\n        state_ = \"x\"",
            )
            .replace("version = 1", "weapon = 1");
        let (_, problems) = Timeline::parse("timeline.toml", text.as_bytes());
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(
            codes,
            ["unknown_property", "r50_excluded", "missing_property"]
        );
    }
}
