//! The map of a watch: tracks as they were seen, what was observed, and the zones around it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use detente_monitoring::{Event, Fix};
use detente_spacetime::{Footprint, Position};
use serde::{Deserialize, Serialize};

use super::dossier::Input;
use super::told::{Sums, concerns};
use crate::check::area_style;
use crate::failure::Failure;
use crate::file;
use crate::map::{
    AreaShape, MarkShape, MarkStyle, OperationShape, ProtectedShape, Scene, TrackShape,
    VerdictStyle, page, svg,
};
use crate::prose::counted;
use crate::shape::patch;

/// Tracks drawn: more would be a carpet.
const TRACKS_MAX: usize = 400;
/// Places kept of one track: when there are more, every second one goes.
const PLACES_MAX: usize = 512;
/// Observations drawn, alerts before the rest.
const MARKS_MAX: usize = 1_000;

/// Collects what will be drawn.
#[derive(Debug)]
pub(super) struct Picture {
    path: PathBuf,
    state: PictureState,
}

/// What was seen so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct PictureState {
    tracks: BTreeMap<String, Way>,
    tracks_left_out: u64,
    marks: Vec<Mark>,
    marks_left_out: u64,
}

/// A track, thinned as it grows.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Way {
    places: Vec<[f64; 2]>,
    /// Every so many fixes one place is kept.
    step: u64,
    seen: u64,
    last: [f64; 2],
}

/// An observation.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Mark {
    at: [f64; 2],
    is_alert: bool,
    is_sure: bool,
    title: String,
    words: String,
    with: Option<String>,
    when: i64,
}

impl Picture {
    pub(super) fn new(path: &Path, state: Option<PictureState>) -> Self {
        Self {
            path: path.to_owned(),
            state: state.unwrap_or_default(),
        }
    }

    pub(super) fn state(&self) -> PictureState {
        self.state.clone()
    }

    /// Takes where something was seen.
    pub(super) fn see(&mut self, fix: &Fix) {
        let at = lonlat(fix.position);
        if !self.state.tracks.contains_key(&*fix.track) {
            if self.state.tracks.len() >= TRACKS_MAX {
                self.state.tracks_left_out += 1;
                return;
            }
            let way = Way {
                step: 1,
                ..Way::default()
            };
            self.state.tracks.insert(fix.track.to_string(), way);
        }
        let Some(way) = self.state.tracks.get_mut(&*fix.track) else {
            return;
        };
        if way.seen.is_multiple_of(way.step) {
            way.places.push(at);
        }
        (way.seen, way.last) = (way.seen + 1, at);
        if way.places.len() >= PLACES_MAX {
            let mut number = 0;
            way.places.retain(|_| {
                number += 1;
                number % 2 == 1
            });
            way.step *= 2;
        }
    }

    /// Takes an observation.
    pub(super) fn mark(&mut self, event: &Event) {
        let Some(place) = event.place else {
            return;
        };
        let is_alert = event.alert.is_some();
        if self.state.marks.len() >= MARKS_MAX {
            self.state.marks_left_out += 1;
            let quiet = self.state.marks.iter().position(|mark| !mark.is_alert);
            match quiet.filter(|_| is_alert) {
                Some(quiet) => {
                    self.state.marks.remove(quiet);
                }
                None => return,
            }
        }
        let with = event.with.as_ref().map(|(id, _)| id.to_string());
        let time: String = event.at.to_string().chars().skip(11).take(8).collect();
        let what = event.kind.wire_name().replace('_', " ");
        self.state.marks.push(Mark {
            at: lonlat(place),
            is_alert,
            is_sure: event.certainty == detente_monitoring::Certainty::Certain,
            title: format!("{time} {} {what}", event.track),
            words: [with.clone().unwrap_or_default(), concerns(event)]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(": "),
            with,
            when: event.at.micros(),
        });
    }

    /// Draws and writes the file.
    pub(super) fn write(&self, input: &Input, sums: Sums) -> Result<(), Failure> {
        let scene = self.scene(input, sums);
        let is_page = self.path.extension().is_some_and(|ending| {
            ending.eq_ignore_ascii_case("html") || ending.eq_ignore_ascii_case("htm")
        });
        let drawn = if is_page { page(&scene) } else { svg(&scene) };
        file::write(&self.path, drawn.as_bytes())
    }

    fn scene(&self, input: &Input, sums: Sums) -> Scene {
        let dossier = &input.dossier;
        let state = &self.state;
        let mut marks: Vec<&Mark> = state.marks.iter().collect();
        marks.sort_by_key(|mark| mark.when);
        let mut focus: Vec<[f64; 2]> = state.marks.iter().map(|mark| mark.at).collect();
        for mark in &marks {
            focus.extend(
                mark.with
                    .as_deref()
                    .and_then(|id| around(input, id))
                    .into_iter()
                    .flatten(),
            );
        }
        if focus.is_empty() {
            focus = state
                .tracks
                .values()
                .flat_map(|way| way.places.iter().copied())
                .collect();
        }
        Scene {
            title: super::warned::title(&dossier.agreement.title),
            subtitle: self.subtitle(sums),
            areas: dossier
                .areas
                .iter()
                .map(|area| {
                    let name = named(area.name.as_ref(), area.id.as_str());
                    let style = area_style(area.kind, area.area_kind);
                    AreaShape {
                        note: format!("{name} ({})\n{}", area.id, style.words()),
                        name,
                        style,
                        patch: patch(&area.volume.footprint.outline()),
                    }
                })
                .collect(),
            protected: dossier
                .protected
                .iter()
                .map(|object| {
                    let keep_out = object.keep_out(&dossier.agreement.parameters.standoff);
                    let name = named(object.name.as_ref(), object.id.as_str());
                    ProtectedShape {
                        note: format!("{name} ({})\n{}", object.id, object.category),
                        name,
                        patch: patch(&object.volume.footprint.outline()),
                        keep_out: patch(&keep_out.footprint.outline()),
                    }
                })
                .collect(),
            operations: dossier
                .operations
                .iter()
                .filter(|operation| {
                    let id = operation.id.as_str();
                    marks
                        .iter()
                        .any(|mark| mark.with.as_deref() == Some(id) || mark.words.contains(id))
                })
                .map(|operation| OperationShape {
                    name: operation.id.to_string(),
                    verdict: VerdictStyle::Declared,
                    patches: operation
                        .volumes
                        .iter()
                        .map(|volume| patch(&volume.footprint.outline()))
                        .collect(),
                    summary: operation.party.to_string(),
                    note: format!("{}: declared volumes", operation.id),
                })
                .collect(),
            tracks: state
                .tracks
                .iter()
                .map(|(name, way)| {
                    let mut places = way.places.clone();
                    if places.last() != Some(&way.last) {
                        places.push(way.last);
                    }
                    TrackShape {
                        name: name.clone(),
                        places,
                        note: format!("{name}: {} fixes", way.seen),
                    }
                })
                .collect(),
            marks: marks
                .iter()
                .map(|mark| MarkShape {
                    at: mark.at,
                    style: match (mark.is_alert, mark.is_sure) {
                        (true, true) => MarkStyle::Alert,
                        (true, false) => MarkStyle::PossibleAlert,
                        (false, _) => MarkStyle::Observation,
                    },
                    title: mark.title.clone(),
                    summary: mark.words.clone(),
                })
                .collect(),
            focus,
            ..Scene::default()
        }
    }

    fn subtitle(&self, sums: Sums) -> String {
        let mut words = format!(
            "{}, {}, {}",
            counted(self.state.tracks.len() as u64, "track"),
            counted(sums.events, "event"),
            counted(sums.alerts, "alert")
        );
        if sums.warnings > 0 {
            words.push_str(", ");
            words.push_str(&counted(sums.warnings, "early warning"));
        }
        if self.state.tracks_left_out > 0 {
            words.push_str("; not every track is drawn");
        }
        if self.state.marks_left_out > 0 {
            words.push_str("; not every event is drawn");
        }
        words
    }
}

/// The corners of whatever goes by an id.
fn around(input: &Input, id: &str) -> Option<Vec<[f64; 2]>> {
    let dossier = &input.dossier;
    let corners = |footprint: &Footprint| {
        let patch = patch(&footprint.outline());
        patch.rings.into_iter().flatten().collect()
    };
    if let Some(area) = dossier.areas.iter().find(|area| area.id.as_str() == id) {
        return Some(corners(&area.volume.footprint));
    }
    if let Some(object) = dossier
        .protected
        .iter()
        .find(|object| object.id.as_str() == id)
    {
        return Some(corners(&object.volume.footprint));
    }
    let operation = dossier
        .operations
        .iter()
        .find(|one| one.id.as_str() == id)?;
    let volumes = operation.volumes.iter();
    Some(
        volumes
            .flat_map(|volume| -> Vec<[f64; 2]> { corners(&volume.footprint) })
            .collect(),
    )
}

fn named(name: Option<&detente_records::LocalText>, id: &str) -> String {
    name.map_or_else(
        || id.to_owned(),
        |name| name.in_language(&["en"]).to_owned(),
    )
}

fn lonlat(position: Position) -> [f64; 2] {
    [position.longitude_deg(), position.latitude_deg()]
}

/// How a file of the map is named.
pub(super) fn parse_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let ending = path
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default();
    if ["svg", "html", "htm"]
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
    {
        Ok(path)
    } else {
        Err("the file must end in .svg or .html".to_owned())
    }
}
