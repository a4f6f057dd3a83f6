//! Who is warned of what: places, subscribers, and the messages written for them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use detente_formats::cap::approach::{ApproachNotice, LANGUAGES};
use detente_formats::cap::{AreaShape, MessageKind, Reference, Scope, Status};
use detente_monitoring::approach::{Place, Warning, WarningKind};
use detente_monitoring::{DeclaredOperation, Standing, Zone, ZoneKind};
use detente_records::{Activity, LocalText};
use detente_spacetime::geodesic::distance_m;
use detente_spacetime::{Footprint, Position, Window};
use serde::Deserialize;

use super::dossier::Input;
use crate::failure::{Failure, FailureKind};
use crate::file;

/// The file beside the tracks that is read when no other is named.
pub(super) const FILE_NAME: &str = "subscribers.json";
/// The largest file of subscribers, in bytes: a hundred thousand of them.
const BYTES_MAX: u64 = 32 << 20;
/// The widest populated place, metres: a conurbation.
const RADIUS_MAX_M: f64 = 100_000.0;

/// The file of subscribers (docs/reference/events.md).
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    #[serde(default)]
    places: Vec<PlaceEntry>,
    #[serde(default)]
    subscribers: Vec<SubscriberEntry>,
    /// What the file is about, for people.
    #[serde(default, rename = "note")]
    _note: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceEntry {
    id: Arc<str>,
    #[serde(default)]
    name: BTreeMap<String, String>,
    latitude_deg: f64,
    longitude_deg: f64,
    radius_m: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubscriberEntry {
    id: String,
    places: Vec<Arc<str>>,
    #[serde(default)]
    addresses: Vec<String>,
}

/// Where people are warned, and who.
#[derive(Debug, Default)]
pub(super) struct Warned {
    places: BTreeMap<Arc<str>, Named>,
    subscribers: Vec<SubscriberEntry>,
    messages: Option<Messages>,
}

/// What messages say of a place.
#[derive(Debug)]
struct Named {
    names: [String; 3],
    shape: Option<AreaShape>,
}

/// Where messages go, and who speaks in them.
#[derive(Debug)]
pub(super) struct Messages {
    pub(super) folder: PathBuf,
    pub(super) sender: String,
    pub(super) sender_name: String,
    pub(super) status: Status,
}

/// Reads the subscribers; their bytes tell one file from another.
pub(super) fn read(path: Option<&Path>) -> Result<(Document, Vec<u8>), Failure> {
    let Some(path) = path else {
        return Ok((Document::default(), Vec::new()));
    };
    let unreadable = |error| Failure::unreadable(path, error);
    if std::fs::metadata(path).map_err(unreadable)?.len() > BYTES_MAX {
        return Err(invalid(
            path,
            &["the file is larger than 32 MiB".to_owned()],
        ));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let document: Document =
        serde_json::from_slice(&bytes).map_err(|error| invalid(path, &[error.to_string()]))?;
    Ok((document, bytes))
}

impl Document {
    /// Joins the places with the protected objects of the dossier; every fault is told at once.
    pub(super) fn places(
        self,
        path: &Path,
        input: &Input,
        (zones, operations): (&[Zone], &[DeclaredOperation]),
        messages: Option<Messages>,
    ) -> Result<(Vec<Place>, Warned), Failure> {
        let mut faults = Vec::new();
        let mut places = protected(input, zones, operations);
        let mut named: BTreeMap<Arc<str>, Named> = BTreeMap::new();
        for object in &input.dossier.protected {
            let names = match &object.name {
                Some(name) => LANGUAGES.map(|language| name.in_language(&[language]).to_owned()),
                None => LANGUAGES.map(|_| object.id.to_string()),
            };
            let shape = circle(&object.volume.footprint);
            named.insert(Arc::from(object.id.as_str()), Named { names, shape });
        }
        for entry in &self.places {
            if named.contains_key(&entry.id) {
                faults.push(format!("place `{}`: the id is taken", entry.id));
                continue;
            }
            match entry.place(input) {
                Ok((place, shape)) => {
                    let names = LANGUAGES.map(|language| entry.called(language));
                    named.insert(
                        Arc::clone(&entry.id),
                        Named {
                            names,
                            shape: Some(shape),
                        },
                    );
                    places.push(place);
                }
                Err(reason) => faults.push(format!("place `{}`: {reason}", entry.id)),
            }
        }
        for subscriber in &self.subscribers {
            let unknown = subscriber
                .places
                .iter()
                .filter(|id| !named.contains_key(*id));
            faults.extend(unknown.map(|id| {
                format!(
                    "subscriber `{}`: no protected object and no place `{id}`",
                    subscriber.id
                )
            }));
        }
        if !faults.is_empty() {
            return Err(invalid(path, &faults));
        }
        if let Some(messages) = &messages {
            std::fs::create_dir_all(&messages.folder)
                .map_err(|error| Failure::unwritable(&messages.folder, error))?;
        }
        let warned = Warned {
            places: named,
            subscribers: self.subscribers,
            messages,
        };
        Ok((places, warned))
    }
}

/// The protected objects; a flight alarms them when the agreement forbids it there.
fn protected(input: &Input, zones: &[Zone], operations: &[DeclaredOperation]) -> Vec<Place> {
    let is_held_back =
        |standing: &Standing| matches!(standing, Standing::LateNotice(_) | Standing::Refused(_));
    let mut objects = BTreeMap::new();
    for object in &input.dossier.protected {
        objects.insert(object.id.as_str(), object);
    }
    // What is restrained before the agreement ends and what after are two zones, and so two places.
    let zones = zones
        .iter()
        .filter(|zone| zone.kind == ZoneKind::ProtectedObject);
    let places = zones.filter_map(|zone| {
        let object = objects.get(&*zone.id)?;
        let is_expected = |operation: &&DeclaredOperation| {
            let here = zone.operations.get(&operation.id);
            !is_held_back(&operation.standing) && !here.is_some_and(is_held_back)
        };
        Some(Place {
            id: Arc::clone(&zone.id),
            footprint: object.volume.footprint.clone(),
            window: zone.volume.window,
            forces: Some(zone.unmatched.keys().cloned().collect()),
            expected: operations
                .iter()
                .filter(is_expected)
                .map(|operation| Arc::clone(&operation.id))
                .collect(),
        })
    });
    places.collect()
}

impl PlaceEntry {
    fn place(&self, input: &Input) -> Result<(Place, AreaShape), String> {
        let center = Position::new(self.latitude_deg, self.longitude_deg)
            .map_err(|error| error.to_string())?;
        if !(self.radius_m > 0.0 && self.radius_m <= RADIUS_MAX_M) {
            return Err("`radius_m` is not between 0 and 100 km".to_owned());
        }
        let shaped = Footprint::circle(center, self.radius_m);
        let footprint = shaped
            .map_err(|_| "no circle on the earth".to_owned())?
            .footprint;
        // Whoever brings or fetches people and goods alarms nobody where people live.
        let peaceful = input.dossier.operations.iter().filter(|operation| {
            !matches!(
                operation.activity,
                Activity::Strike | Activity::Reconnaissance
            )
        });
        let place = Place {
            id: Arc::clone(&self.id),
            footprint,
            window: Window::ALWAYS,
            forces: None,
            expected: peaceful
                .map(|operation| Arc::from(operation.id.as_str()))
                .collect(),
        };
        let radius_m = self.radius_m;
        Ok((place, AreaShape::Circle { center, radius_m }))
    }

    fn called(&self, language: &str) -> String {
        let names = [language, "en"];
        let named = names.iter().find_map(|language| self.name.get(*language));
        named
            .or_else(|| self.name.values().next())
            .cloned()
            .unwrap_or_else(|| self.id.to_string())
    }
}

impl Warned {
    /// Who subscribes to a place.
    pub(super) fn subscribers(&self, place: &str) -> impl Iterator<Item = &str> {
        self.of(place).map(|subscriber| subscriber.id.as_str())
    }

    /// The name of a place in every language of the messages.
    pub(super) fn names(&self, place: &str) -> [String; 3] {
        let named = self.places.get(place);
        named.map_or_else(
            || [(); 3].map(|()| place.to_owned()),
            |named| named.names.clone(),
        )
    }

    /// Writes the message; again, if it was written before: it is the same.
    pub(super) fn write(&self, warning: &Warning) -> Result<(), Failure> {
        let Some(messages) = &self.messages else {
            return Ok(());
        };
        let identifier = |id: &dyn std::fmt::Display| format!("detente-{id}");
        let before = warning.before.iter().map(|(id, at)| Reference {
            sender: messages.sender.clone(),
            identifier: identifier(id),
            sent: *at,
        });
        let addresses: Vec<String> = self
            .of(&warning.place)
            .flat_map(|subscriber| subscriber.addresses.iter().cloned())
            .collect();
        let names = self.names(&warning.place);
        let [english, russian, arabic] = &names;
        let notice = ApproachNotice {
            identifier: identifier(&warning.id),
            sender: &messages.sender,
            sender_name: &messages.sender_name,
            sent: warning.at,
            status: messages.status,
            scope: if addresses.is_empty() {
                Scope::Restricted("for those responsible for the place".to_owned())
            } else {
                Scope::Private(addresses)
            },
            kind: match warning.kind {
                WarningKind::Raised => MessageKind::Alert,
                WarningKind::Updated => MessageKind::Update,
                WarningKind::Withdrawn => MessageKind::Cancel,
            },
            references: before.collect(),
            place: [english, russian, arabic],
            shape: self
                .places
                .get(&warning.place)
                .and_then(|named| named.shape.clone()),
            earliest: warning.arrival.earliest,
            expected: warning.arrival.expected,
            latest: warning.arrival.latest,
        };
        let xml = notice.message().to_xml();
        let xml = xml.map_err(|error| {
            Failure::new(FailureKind::Usage, error).hint("name the sender with --sender")
        })?;
        let path = messages.folder.join(format!("{}.xml", warning.id));
        file::write(&path, xml.as_bytes())
    }

    fn of(&self, place: &str) -> impl Iterator<Item = &SubscriberEntry> {
        let subscribes =
            move |subscriber: &&SubscriberEntry| subscriber.places.iter().any(|id| &**id == place);
        self.subscribers.iter().filter(subscribes)
    }
}

/// The circle around an outline, for programs that know no other shape.
fn circle(footprint: &Footprint) -> Option<AreaShape> {
    let outline = footprint.outline();
    let [longitude_deg, latitude_deg] = crate::shape::middle(&outline)?;
    let center = Position::new(latitude_deg, longitude_deg).ok()?;
    let corners = outline.polygons().iter().flatten().flatten();
    let radius_m = corners
        .filter_map(|corner| Position::new(corner.latitude_deg, corner.longitude_deg).ok())
        .map(|corner| distance_m(center, corner))
        .fold(0.0, f64::max);
    Some(AreaShape::Circle {
        center,
        radius_m: radius_m.ceil(),
    })
}

/// The title of an agreement, for messages.
pub(super) fn title(text: &LocalText) -> String {
    text.in_language(&["en"]).to_owned()
}

fn invalid(path: &Path, reasons: &[String]) -> Failure {
    let message = format!("`{}`: {}", path.display(), reasons.join("; "));
    Failure::new(FailureKind::InvalidInput, message)
        .hint("docs/reference/events.md says what the file holds")
}
