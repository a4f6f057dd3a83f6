//! The GeoJSON exchange profile: from one feature to one record, every problem reported.
//!
//! Source: RFC 7946 for the geometry; the properties are listed in [`crate::properties`] and in
//! docs/reference/profile.md.

mod feature;

use std::sync::Arc;

use detente_spacetime::{VerticalAssumptions, Volume4D};

use crate::agreement::Agreement;
use crate::area::Area;
use crate::document::{Located, Value};
use crate::drawing::{self, Drawing};
use crate::finding::{Origin, Problems, Provenance, quoted};
use crate::height::{self, Missing};
use crate::local_text::LocalText;
use crate::movement::HumanitarianMovement;
use crate::names::FeatureId;
use crate::operation::OperationPart;
use crate::place::Path;
use crate::profile::feature::FeatureReader;
use crate::properties::{self, FeatureKind};
use crate::protected::ProtectedObject;
use crate::table::{Table, name_of, text_of, word_of};
use crate::{datum, exclusion, period};

/// What one feature of the profile says.
#[derive(Clone, Debug)]
pub enum Record {
    /// A volume of an operation.
    Operation(OperationPart),
    /// An area.
    Area(Area),
    /// A protected object.
    ProtectedObject(ProtectedObject),
    /// A humanitarian movement.
    HumanitarianMovement(HumanitarianMovement),
}

/// What a reader knows beside the feature.
#[derive(Clone, Debug)]
pub struct ProfileContext<'a> {
    /// Name of the document.
    pub document: Arc<str>,
    /// The agreement whose parties, forces and groups features refer to; without one, references
    /// are not checked.
    pub agreement: Option<&'a Agreement>,
}

/// A shape read without a dossier.
#[derive(Clone, Debug)]
pub struct PlainVolume {
    /// The feature's id, if it has one.
    pub id: Option<String>,
    /// Name for people.
    pub name: Option<LocalText>,
    /// What kind of feature it says to be.
    pub kind: Option<FeatureKind>,
    /// The volume; heights and times that were missing are unlimited.
    pub volume: Volume4D,
    /// The outline as drawn.
    pub drawing: Drawing,
    /// Where it was read.
    pub provenance: Provenance,
}

/// Reads one feature of a dossier.
///
/// `feature` stands at `path` and begins at `start`. Returns a record when everything it needs
/// could be read; a record may come with errors about the rest.
pub fn read_feature(
    feature: &Located<'_>,
    path: &Path<'_>,
    start: Origin,
    context: &ProfileContext<'_>,
    problems: &mut Problems,
) -> Option<Record> {
    exclusion::refuse_excluded(feature, path, problems);
    read_permitted(feature, path, start, context, problems)
}

/// Reads one feature of a document that has been searched for excluded keys as a whole.
pub(crate) fn read_permitted(
    feature: &Located<'_>,
    path: &Path<'_>,
    start: Origin,
    context: &ProfileContext<'_>,
    problems: &mut Problems,
) -> Option<Record> {
    let mut members = Table::of(feature, path, problems)?;
    check_members(&mut members, problems);
    let properties_path = path.key("properties");
    let Some(properties) = members.get("properties") else {
        problems
            .error(
                "missing_property",
                members.place(),
                "the feature has no `properties`",
            )
            .help("add `properties` with at least `kind` and `id`");
        return None;
    };
    let mut properties = Table::of(properties, &properties_path, problems)?;
    datum::check_crs(&properties, problems);
    let kind = kind(&mut properties, true, problems);
    properties::warn_of_unknown(&properties, kind, problems);
    let missing = match kind {
        None => Missing::Unjudged,
        Some(FeatureKind::Operation) => Missing::Error,
        Some(_) => Missing::Everything,
    };
    let provenance = provenance(feature, path, start, context);
    let assumptions = context
        .agreement
        .map(|agreement| agreement.parameters.vertical);
    let assumptions = assumptions.unwrap_or_default();
    let volume = volume(
        &mut members,
        &mut properties,
        missing,
        &assumptions,
        problems,
    );
    properties.local_text("note", problems);
    let mut reader = FeatureReader {
        members,
        properties,
        provenance,
        context,
        problems,
    };
    match kind? {
        FeatureKind::Operation => reader.operation(volume).map(Record::Operation),
        FeatureKind::Area(kind) => reader.area(kind, volume).map(Record::Area),
        FeatureKind::ProtectedObject => reader.object(volume).map(Record::ProtectedObject),
        FeatureKind::HumanitarianMovement => {
            reader.movement(volume).map(Record::HumanitarianMovement)
        }
    }
}

/// Reads one feature as a bare volume, for questions that need no dossier.
///
/// Only the geometry must be there. Missing heights mean every height and missing times mean
/// always, each said in a note. The exclusions of R50 hold here too.
pub fn read_plain(
    feature: &Located<'_>,
    path: &Path<'_>,
    start: Origin,
    context: &ProfileContext<'_>,
    problems: &mut Problems,
) -> Option<PlainVolume> {
    exclusion::refuse_excluded(feature, path, problems);
    let mut members = Table::of(feature, path, problems)?;
    check_members(&mut members, problems);
    let properties_path = path.key("properties");
    let empty = Located {
        span: feature.span.clone(),
        value: Value::Table(Vec::new()),
    };
    let properties = members.get("properties").unwrap_or(&empty);
    let mut properties = Table::of(properties, &properties_path, problems)?;
    datum::check_crs(&properties, problems);
    let kind = kind(&mut properties, false, problems);
    let name = properties.local_text("name", problems);
    let assumptions = VerticalAssumptions::default();
    let volume = volume(
        &mut members,
        &mut properties,
        Missing::Assumed,
        &assumptions,
        problems,
    );
    let id = ["id", "operation"].into_iter().find_map(|key| {
        let found = properties.get(key).or_else(|| members.get(key));
        let path = path.key(key);
        found.and_then(|value| name_of::<FeatureId>(value, &path, problems))
    });
    let (drawing, volume) = volume?;
    Some(PlainVolume {
        id: id.map(|id| id.to_string()),
        name,
        kind,
        volume,
        drawing,
        provenance: provenance(feature, path, start, context),
    })
}

/// Reads what every kind shares: geometry, heights and times.
fn volume(
    members: &mut Table<'_, '_>,
    properties: &mut Table<'_, '_>,
    missing: Missing,
    assumptions: &VerticalAssumptions,
    problems: &mut Problems,
) -> Option<(Drawing, Volume4D)> {
    let path = members.path().key("geometry");
    let drawn = drawing::read(members.get("geometry"), &path, properties, problems);
    let altitude = height::read(properties, missing, problems);
    let window = period::read(properties, missing, problems);
    let ((drawing, footprint), altitude) = (drawn?, altitude?);
    if altitude.is_upside_down(footprint.bounds(), assumptions) {
        let message = format!(
            "no height can lie from {} to {}",
            altitude.lower(),
            altitude.upper()
        );
        problems
            .error("invalid_altitudes", properties.place_of("lower"), message)
            .help("exchange `lower` and `upper`, or check their units and references");
        return None;
    }
    let window = window?;
    Some((
        drawing,
        Volume4D {
            footprint,
            altitude,
            window,
        },
    ))
}

/// Checks `type` and `crs`, and warns of members that are not part of a feature.
fn check_members(members: &mut Table<'_, '_>, problems: &mut Problems) {
    datum::check_crs(members, problems);
    let path = members.path().key("type");
    match members.get("type") {
        None => {
            problems
                .error(
                    "wrong_geojson_type",
                    members.place(),
                    "the feature has no `type`",
                )
                .help("add \"type\": \"Feature\"");
        }
        Some(value) => {
            if let Some(text) = text_of(value, &path, problems)
                && text != "Feature"
            {
                problems
                    .error("wrong_geojson_type", members.place_of("type"), format!("{} where a Feature belongs", quoted(text)))
                    .help("the type is written \"Feature\"; a geometry alone needs a feature around it");
            }
        }
    }
    for key in ["id", "geometry", "properties", "bbox", "crs"] {
        members.get(key);
    }
    members.warn_of_unknown(problems);
}

fn kind(
    properties: &mut Table<'_, '_>,
    required: bool,
    problems: &mut Problems,
) -> Option<FeatureKind> {
    let path = properties.path().key("kind");
    let names = FeatureKind::ALL.map(|(name, _)| name);
    match properties.get("kind") {
        Some(value) => {
            if let Value::Text(text) = &value.value
                && exclusion::excluded_term(text).is_some()
            {
                return None;
            }
            let known = &FeatureKind::ALL;
            word_of(
                value,
                &path,
                "unknown_kind",
                "kind of feature",
                known,
                problems,
            )
        }
        None => {
            if required {
                problems
                    .error("missing_property", properties.place(), "`kind` is missing")
                    .help(format!(
                        "add `kind`, one of {}",
                        crate::nearest::listed(&names)
                    ));
            }
            None
        }
    }
}

fn provenance(
    feature: &Located<'_>,
    path: &Path<'_>,
    start: Origin,
    context: &ProfileContext<'_>,
) -> Provenance {
    let document = context.document.clone();
    Provenance {
        document,
        pointer: path.pointer(),
        start,
        length: feature.span.len(),
    }
}
