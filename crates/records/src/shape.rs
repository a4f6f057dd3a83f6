//! The outline of a feature as its author drew it, read from GeoJSON geometry.

use detente_spacetime::Position;

use crate::document::{Located, Value};
use crate::finding::{Problems, quoted};
use crate::nearest;
use crate::place::{Path, Place};
use crate::table::{Table, list_of, text_of, wrong_type};

/// The most vertices of one feature, all rings together.
///
/// The exact geometry takes as many; a border drawn finer than this is a survey, not a rule.
pub const FEATURE_VERTICES_MAX: usize = 100_000;

/// The most rings or polygons of one feature.
pub const FEATURE_RINGS_MAX: usize = 10_000;

/// An outline: vertices in order, longitude and latitude on WGS84.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Rings, the outer one first, then holes.
    Polygon(Vec<Vec<Position>>),
    /// Several polygons.
    MultiPolygon(Vec<Vec<Vec<Position>>>),
    /// Everything within a geodesic distance of a point.
    Circle {
        /// The point.
        centre: Position,
        /// The distance in metres.
        radius_m: f64,
    },
    /// Everything within a geodesic distance of a line.
    Corridor {
        /// The line's vertices.
        line: Vec<Position>,
        /// The distance in metres, to each side and beyond both ends.
        half_width_m: f64,
    },
}

/// Geometry types of RFC 7946 that the profile has no use for, and what to do instead.
const OUTSIDE: [(&str, &str); 3] = [
    (
        "GeometryCollection",
        "make each geometry its own feature; volumes of one operation share its `operation` id",
    ),
    (
        "MultiPoint",
        "make each point its own feature with `radius_m`",
    ),
    (
        "MultiLineString",
        "make each line its own feature with `half_width_m`",
    ),
];

/// Reads the geometry `value`; `properties` may hold `radius_m` and `half_width_m`.
///
/// Every wrong coordinate is reported with its own place.
pub(crate) fn read(
    value: &Located<'_>,
    path: &Path<'_>,
    properties: &mut Table<'_, '_>,
    problems: &mut Problems,
) -> Option<Shape> {
    let mut geometry = Table::of(value, path, problems)?;
    crate::datum::check_crs(&geometry, problems);
    geometry.require(&["type"], problems);
    let type_path = path.key("type");
    let kind = geometry
        .get("type")
        .and_then(|kind| text_of(kind, &type_path, problems));
    if let Some(other) = kind.filter(|kind| OUTSIDE.iter().any(|(outside, _)| outside == kind)) {
        unsupported(other, geometry.place_of("type"), problems);
        return None;
    }
    geometry.require(&["coordinates"], problems);
    let coordinates = geometry.get("coordinates");
    let (kind, coordinates) = (kind?, coordinates?);
    let path = path.key("coordinates");
    let mut reader = Coordinates {
        vertices: 0,
        heights: 0,
        height_place: None,
        problems,
    };
    let mut faulty = false;
    let shape = match kind {
        "Polygon" => reader.rings(coordinates, &path).map(Shape::Polygon),
        "MultiPolygon" => reader.polygons(coordinates, &path).map(Shape::MultiPolygon),
        "Point" => {
            let centre = reader.position(coordinates, &path);
            let radius_m = distance(properties, "radius_m", "Point", reader.problems);
            centre
                .zip(radius_m)
                .map(|(centre, radius_m)| Shape::Circle { centre, radius_m })
        }
        "LineString" => {
            let line = reader.line(coordinates, &path);
            let width = distance(properties, "half_width_m", "LineString", reader.problems);
            line.zip(width)
                .map(|(line, half_width_m)| Shape::Corridor { line, half_width_m })
        }
        other => {
            let place = geometry.place_of("type");
            unsupported(other, place, reader.problems);
            return None;
        }
    };
    reader.warn_of_heights();
    for (key, wanted, kinds) in [
        ("radius_m", "Point", "Point"),
        ("half_width_m", "LineString", "LineString"),
    ] {
        if kind != kinds && properties.has(key) {
            faulty = true;
            problems
                .error(
                    "misplaced_distance",
                    properties.place_of(key),
                    format!("`{key}` has no meaning for a {kind}"),
                )
                .help(format!(
                    "`{key}` belongs to a {wanted}; draw the {kind} as large as it is meant"
                ));
        }
    }
    shape.filter(|_| !faulty)
}

fn unsupported(kind: &str, place: Place, problems: &mut Problems) {
    let known = ["Polygon", "MultiPolygon", "Point", "LineString"];
    let help = match OUTSIDE.iter().find(|(name, _)| *name == kind) {
        Some((_, help)) => (*help).to_owned(),
        None => match nearest::nearest(kind, known) {
            Some(found) => format!("did you mean `{found}`?"),
            None => format!("known are {}", nearest::listed(&known)),
        },
    };
    problems
        .error(
            "unsupported_geometry",
            place,
            format!("{} is not a geometry of the profile", quoted(kind)),
        )
        .help(help);
}

fn distance(
    properties: &mut Table<'_, '_>,
    key: &'static str,
    kind: &str,
    problems: &mut Problems,
) -> Option<f64> {
    if !properties.has(key) {
        problems
            .error(
                "missing_property",
                properties.place(),
                format!("a {kind} needs `{key}`"),
            )
            .help(format!("add `{key}`, a distance in metres"));
        return None;
    }
    let metres = properties.number(key, problems)?;
    if metres > 0.0 {
        return Some(metres);
    }
    problems
        .error(
            "out_of_range",
            properties.place_of(key),
            format!("`{key}` is {metres} m"),
        )
        .help("give a distance above zero, in metres");
    None
}

struct Coordinates<'p> {
    vertices: usize,
    heights: usize,
    height_place: Option<Place>,
    problems: &'p mut Problems,
}

impl Coordinates<'_> {
    fn polygons(
        &mut self,
        value: &Located<'_>,
        path: &Path<'_>,
    ) -> Option<Vec<Vec<Vec<Position>>>> {
        let items = self.bounded(value, path, "polygons")?;
        if items.is_empty() {
            self.empty(value, path, "a MultiPolygon has no polygons");
            return None;
        }
        let read: Vec<_> = items
            .iter()
            .enumerate()
            .map(|(index, item)| self.rings(item, &path.index(index)))
            .collect();
        read.into_iter().collect()
    }

    fn rings(&mut self, value: &Located<'_>, path: &Path<'_>) -> Option<Vec<Vec<Position>>> {
        let items = self.bounded(value, path, "rings")?;
        if items.is_empty() {
            self.empty(value, path, "a polygon has no rings");
            return None;
        }
        let read: Vec<_> = items
            .iter()
            .enumerate()
            .map(|(index, item)| self.line(item, &path.index(index)))
            .collect();
        read.into_iter().collect()
    }

    fn bounded<'a, 't>(
        &mut self,
        value: &'a Located<'t>,
        path: &Path<'_>,
        what: &str,
    ) -> Option<&'a [Located<'t>]> {
        let items = list_of(value, path, self.problems)?;
        if items.len() <= FEATURE_RINGS_MAX {
            return Some(items);
        }
        let message = format!("{} {what}, more than {FEATURE_RINGS_MAX}", items.len());
        self.problems
            .error(
                "too_many_rings",
                Place::new(path, value.span.clone()),
                message,
            )
            .help("draw fewer and larger shapes");
        None
    }

    fn line(&mut self, value: &Located<'_>, path: &Path<'_>) -> Option<Vec<Position>> {
        let items = list_of(value, path, self.problems)?;
        if items
            .first()
            .is_some_and(|item| matches!(item.value, Value::Number(_)))
        {
            let message = "a position where a list of positions belongs";
            self.problems
                .error("invalid_position", Place::new(path, value.span.clone()), message)
                .help("one pair of brackets is missing: a line or ring is a list of positions, a Polygon a list of rings");
            return None;
        }
        if self.vertices.saturating_add(items.len()) > FEATURE_VERTICES_MAX {
            let message = format!(
                "{} vertices, more than {FEATURE_VERTICES_MAX} in one feature",
                self.vertices.saturating_add(items.len())
            );
            self.problems
                .error(
                    "too_many_vertices",
                    Place::new(path, value.span.clone()),
                    message,
                )
                .help("draw the outline coarser, on the restrictive side");
            return None;
        }
        self.vertices += items.len();
        let mut line = Vec::with_capacity(items.len());
        let mut whole = true;
        for (index, item) in items.iter().enumerate() {
            match self.position(item, &path.index(index)) {
                Some(position) => line.push(position),
                None => whole = false,
            }
        }
        whole.then_some(line)
    }

    fn position(&mut self, value: &Located<'_>, path: &Path<'_>) -> Option<Position> {
        let items = list_of(value, path, self.problems)?;
        let [longitude, latitude, rest @ ..] = items else {
            let count = items.len();
            self.problems
                .error(
                    "invalid_position",
                    Place::new(path, value.span.clone()),
                    format!("a position has {count} of its 2 numbers"),
                )
                .help("write [longitude, latitude] in degrees");
            return None;
        };
        if !rest.is_empty() {
            self.heights += 1;
            if self.height_place.is_none() {
                self.height_place = Some(Place::new(path, value.span.clone()));
            }
        }
        let longitude_deg = self.degrees(longitude, &path.index(0));
        let latitude_deg = self.degrees(latitude, &path.index(1));
        let (longitude_deg, latitude_deg) = (longitude_deg?, latitude_deg?);
        match Position::new(latitude_deg, longitude_deg) {
            Ok(position) => Some(position),
            Err(error) => {
                let swapped = Position::new(longitude_deg, latitude_deg).is_ok();
                let help = if swapped {
                    "longitude comes first: are the two swapped?"
                } else {
                    "write [longitude, latitude] in degrees, longitude −180 to 180, latitude −90 to 90"
                };
                let message = format!("[{longitude_deg}, {latitude_deg}]: {error}");
                self.problems
                    .error(
                        "position_out_of_range",
                        Place::new(path, value.span.clone()),
                        message,
                    )
                    .help(help);
                None
            }
        }
    }

    fn degrees(&mut self, value: &Located<'_>, path: &Path<'_>) -> Option<f64> {
        match &value.value {
            Value::Number(number) => Some(*number),
            Value::Text(text) => {
                let message = format!("a coordinate is text, {}", quoted(text));
                self.problems
                    .error("wrong_type", Place::new(path, value.span.clone()), message)
                    .help("write decimal degrees as a number without quotes, such as 36.2");
                None
            }
            other => {
                wrong_type(path, value, "a number of degrees", other, self.problems);
                None
            }
        }
    }

    fn empty(&mut self, value: &Located<'_>, path: &Path<'_>, message: &str) {
        self.problems
            .error(
                "empty_geometry",
                Place::new(path, value.span.clone()),
                message,
            )
            .help("draw at least three different vertices");
    }

    fn warn_of_heights(&mut self) {
        if let Some(place) = self.height_place.take() {
            let message = match self.heights {
                1 => "a position has a third number, which is ignored".to_owned(),
                count => format!("{count} positions have a third number, which is ignored"),
            };
            self.problems
                .warning("height_in_position", place, message)
                .help("heights belong in `lower` and `upper`, with their reference");
        }
    }
}
