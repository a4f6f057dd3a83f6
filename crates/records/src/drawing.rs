//! From the outline an author drew to the exact footprint it means.

use detente_spacetime::{
    EdgeKind, Footprint, ShapeFault, ShapeFaultKind, ShapeNote, ShapeNoteKind, ShapePlace,
};

use crate::document::{Located, Value};
use crate::finding::Problems;
use crate::place::{Path, Place};
use crate::shape::Shape;
use crate::table::{Table, word_of};

/// An outline as drawn, with the kind of line between its vertices; kept so that a record can be
/// written again as its author wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// The outline.
    pub shape: Shape,
    /// What runs between two vertices.
    pub edges: EdgeKind,
}

/// The kinds of edge with their wire names.
pub const EDGES: [(&str, EdgeKind); 3] = [
    ("geodesic", EdgeKind::Geodesic),
    ("parallel", EdgeKind::Parallel),
    ("rhumb", EdgeKind::Rhumb),
];

impl Drawing {
    /// Returns the number of vertices drawn.
    pub fn vertex_count(&self) -> usize {
        match &self.shape {
            Shape::Polygon(rings) => rings.iter().map(Vec::len).sum(),
            Shape::MultiPolygon(polygons) => polygons.iter().flatten().map(Vec::len).sum(),
            Shape::Circle { .. } => 1,
            Shape::Corridor { line, .. } => line.len(),
        }
    }
}

/// Reads geometry, distances and `edges` of a feature; every fault of the shape is reported at
/// the vertex it concerns.
pub(crate) fn read(
    geometry: Option<&Located<'_>>,
    path: &Path<'_>,
    properties: &mut Table<'_, '_>,
    problems: &mut Problems,
) -> Option<(Drawing, Footprint)> {
    let edges_path = properties.path().key("edges");
    let edges = match properties.get("edges") {
        None => Some(EdgeKind::Geodesic),
        Some(value) => word_of(
            value,
            &edges_path,
            "unknown_edges",
            "kind of edge",
            &EDGES,
            problems,
        ),
    };
    let Some(geometry) = geometry.filter(|geometry| geometry.value != Value::Null) else {
        problems
            .error("missing_geometry", properties.place(), "the feature has no geometry")
            .help("draw a Polygon, a MultiPolygon, a Point with `radius_m` or a LineString with `half_width_m`");
        return None;
    };
    let shape = crate::shape::read(geometry, path, properties, problems)?;
    let drawing = Drawing {
        shape,
        edges: edges?,
    };
    let shaped = match &drawing.shape {
        Shape::Polygon(rings) => Footprint::polygon(rings, drawing.edges),
        Shape::MultiPolygon(polygons) => Footprint::multi_polygon(polygons, drawing.edges),
        Shape::Circle { centre, radius_m } => Footprint::circle(*centre, *radius_m),
        Shape::Corridor { line, half_width_m } => {
            Footprint::corridor(line, *half_width_m, drawing.edges)
        }
    };
    match shaped {
        Ok(shaped) => {
            let drawn = Drawn {
                shape: &drawing.shape,
                geometry,
                path,
            };
            for note in &shaped.notes {
                report_note(note, &drawn, problems);
            }
            Some((drawing, shaped.footprint))
        }
        Err(faults) => {
            let drawn = Drawn {
                shape: &drawing.shape,
                geometry,
                path,
            };
            for fault in &faults {
                let place = match (&fault.kind, &drawing.shape) {
                    (ShapeFaultKind::RadiusOutOfRange { .. }, Shape::Circle { .. }) => {
                        properties.place_of("radius_m")
                    }
                    (ShapeFaultKind::RadiusOutOfRange { .. }, _) => {
                        properties.place_of("half_width_m")
                    }
                    _ => drawn.place(&fault.place),
                };
                report_fault(fault, place, problems);
            }
            None
        }
    }
}

fn report_note(note: &ShapeNote, drawn: &Drawn<'_>, problems: &mut Problems) {
    let place = drawn.place(&note.place);
    let message = note.kind.to_string();
    match &note.kind {
        ShapeNoteKind::RepeatedPoint | ShapeNoteKind::Turned => {
            problems.note("shape_put_right", place, message);
        }
        ShapeNoteKind::Slanted => {
            problems.note("geodesic_edge", place, message);
        }
        ShapeNoteKind::NotClosed => problems
            .warning("ring_not_closed", place, message)
            .help("repeat the first position at the end of the ring (RFC 7946 section 3.1.6)"),
        _ => problems
            .warning("doubtful_shape", place, message)
            .help("check the order of the vertices; the restrictive reading is used meanwhile"),
    }
}

fn report_fault(fault: &ShapeFault, place: Place, problems: &mut Problems) {
    let help = match &fault.kind {
        ShapeFaultKind::RadiusOutOfRange { .. } => "give a distance within these limits, in metres",
        ShapeFaultKind::TooManyVertices { .. } | ShapeFaultKind::TooManyPieces => {
            "draw the outline coarser, on the restrictive side"
        }
        ShapeFaultKind::EdgeTooLong | ShapeFaultKind::OppositeLongitudes => {
            "add a vertex between the two"
        }
        ShapeFaultKind::WiderThanHemisphere => "split the shape into smaller ones",
        _ => "a ring needs three different positions that do not lie on one line, a line two",
    };
    problems
        .error("invalid_shape", place, fault.kind.to_string())
        .help(help);
}

/// A geometry in its document, to find the place of a vertex.
struct Drawn<'a> {
    shape: &'a Shape,
    geometry: &'a Located<'a>,
    path: &'a Path<'a>,
}

impl Drawn<'_> {
    fn place(&self, place: &ShapePlace) -> Place {
        let vertex = place.vertices.first().copied();
        let steps: Vec<usize> = match self.shape {
            Shape::Polygon(_) => [place.ring].into_iter().chain(vertex).collect(),
            Shape::MultiPolygon(_) => [place.polygon, place.ring]
                .into_iter()
                .chain(vertex)
                .collect(),
            Shape::Circle { .. } => Vec::new(),
            Shape::Corridor { .. } => vertex.into_iter().collect(),
        };
        let Value::Table(members) = &self.geometry.value else {
            return Place::new(self.path, self.geometry.span.clone());
        };
        let path = self.path.key("coordinates");
        match members.iter().find(|member| member.key == "coordinates") {
            Some(member) => descend(&member.value, &path, &steps),
            None => Place::new(&path, self.geometry.span.clone()),
        }
    }
}

fn descend(value: &Located<'_>, path: &Path<'_>, steps: &[usize]) -> Place {
    if let (Value::List(items), [step, rest @ ..]) = (&value.value, steps)
        && let Some(item) = items.get(*step)
    {
        return descend(item, &path.index(*step), rest);
    }
    Place::new(path, value.span.clone())
}
