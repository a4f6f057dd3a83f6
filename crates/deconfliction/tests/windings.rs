//! Rings that run around a place more than once, against windings counted in the plane.

#![expect(clippy::unwrap_used, reason = "a test may end at the first surprise")]

use detente_deconfliction::Index;
use detente_spacetime::{
    AltitudeBand, EdgeKind, Footprint, Position, ShapeNoteKind, Shaped, VerticalAssumptions,
    Volume4D, Window,
};
use proptest::prelude::*;

type Corner = (f64, f64);

/// Side of a cell of the grid, degrees: edges are then straight to far less than a millimetre.
const CELL_DEG: f64 = 1e-4;

fn position((x, y): Corner) -> Position {
    Position::new(y * CELL_DEG, 10.0 + x * CELL_DEG).unwrap()
}

fn ring(corners: &[Corner]) -> Vec<Position> {
    let around = corners.iter().chain(corners.first());
    around.map(|corner| position(*corner)).collect()
}

fn shaped(rings: &[&[Corner]]) -> Option<Shaped> {
    let rings: Vec<Vec<Position>> = rings.iter().map(|corners| ring(corners)).collect();
    Footprint::polygon(&rings, EdgeKind::Geodesic).ok()
}

fn volume(footprint: Footprint) -> Volume4D {
    Volume4D {
        footprint,
        altitude: AltitudeBand::EVERY_HEIGHT,
        window: Window::ALWAYS,
    }
}

/// How often a ring winds around a place, by the angles its edges are seen under.
fn winding(corners: &[Corner], at: Corner) -> i64 {
    let around = corners.iter().skip(1).chain(corners.first());
    let turned: f64 = corners
        .iter()
        .zip(around)
        .map(|(a, b)| {
            let (a, b) = ((a.0 - at.0, a.1 - at.1), (b.0 - at.0, b.1 - at.1));
            (a.0 * b.1 - a.1 * b.0).atan2(a.0 * b.0 + a.1 * b.1)
        })
        .sum();
    (turned / std::f64::consts::TAU).round() as i64
}

/// Asks the index and the footprint about a place, in both orders, and compares with what is expected.
fn judge(area: &Footprint, at: Corner, inside: bool) -> Result<(), TestCaseError> {
    let place = Footprint::circle(position(at), 0.01).unwrap().footprint;
    prop_assert_eq!(area.contains(position(at)), inside, "contains {:?}", at);
    prop_assert_eq!(area.overlaps(&place), inside, "overlaps {:?}", at);
    for (one, two) in [(area, &place), (&place, area)] {
        let mut index = Index::new(VerticalAssumptions::WORLD);
        index.insert(0_u16, &volume(one.clone()));
        let met = !index.conflicts(&volume(two.clone())).is_empty();
        prop_assert_eq!(met, inside, "index {:?}", at);
    }
    Ok(())
}

/// A ring that goes along itself, or around a loop of its own that touches it at a corner.
fn doubled() -> [(&'static str, Vec<Corner>); 5] {
    let square = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)];
    let beside = |by: f64| square.map(|(x, y)| (x + by, y + by));
    let inner = [(0.0, 0.0), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0)];
    [
        ("twice", [square, square].concat()),
        ("a hair beside", [square, beside(1e-8)].concat()),
        (
            "a third of a millimetre beside",
            [square, beside(3e-5)].concat(),
        ),
        ("an inner loop", [square, inner].concat()),
        ("three times", [square, square, square].concat()),
    ]
}

#[test]
fn whatever_a_ring_runs_around_more_than_once_is_inside() {
    for (name, corners) in doubled() {
        for turned in [false, true] {
            let mut corners = corners.clone();
            if turned {
                corners.reverse();
            }
            let shaped = shaped(&[&corners]).unwrap();
            assert!(shaped.footprint.is_entangled(), "{name}");
            assert!(
                shaped.notes.iter().any(|note| matches!(
                    note.kind,
                    ShapeNoteKind::WindsTwice | ShapeNoteKind::SelfCrossing
                )),
                "{name}: {:?}",
                shaped.notes
            );
            for at in [(2.0, 2.0), (0.3, 0.6), (3.5, 3.6), (1.7, 2.9)] {
                judge(&shaped.footprint, at, true).unwrap();
            }
            judge(&shaped.footprint, (4.5, 2.0), false).unwrap();
            let outline = shaped.footprint.outline();
            assert_eq!(outline.polygons().len(), 1, "{name}");
        }
    }
}

#[test]
fn what_a_hole_runs_around_more_than_once_is_left_out() {
    let outer = [(-2.0, -2.0), (6.0, -2.0), (6.0, 6.0), (-2.0, 6.0)];
    for (name, corners) in doubled() {
        let shaped = shaped(&[&outer, &corners]).unwrap();
        judge(&shaped.footprint, (2.1, 2.2), false).unwrap();
        judge(&shaped.footprint, (5.0, 2.2), true).unwrap();
        assert!(shaped.footprint.is_entangled(), "{name}");
    }
}

#[test]
fn a_hole_in_a_hole_gives_nothing_back() {
    let square =
        |least: f64, most: f64| [(least, least), (most, least), (most, most), (least, most)];
    let rings = [square(0.0, 9.0), square(1.0, 8.0), square(3.0, 6.0)];
    let shaped = shaped(&[&rings[0], &rings[1], &rings[2]]).unwrap();
    assert!(
        shaped
            .notes
            .iter()
            .any(|note| note.kind == ShapeNoteKind::HoleWithinHole)
    );
    judge(&shaped.footprint, (4.5, 4.4), false).unwrap();
    judge(&shaped.footprint, (2.0, 2.1), false).unwrap();
    judge(&shaped.footprint, (0.5, 0.6), true).unwrap();
}

#[test]
fn a_hole_may_touch_its_outer_ring() {
    let outer = [(0.0, 0.0), (8.0, 0.0), (8.0, 8.0), (0.0, 8.0)];
    for hole in [
        [(0.0, 0.0), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0)],
        [(0.0, 4.0), (3.0, 3.0), (4.0, 4.0), (3.0, 5.0)],
        [(8.0, 8.0), (5.0, 7.0), (5.0, 5.0), (7.0, 5.0)],
    ] {
        for first in 0..4 {
            let mut hole = hole;
            hole.rotate_left(first);
            let shaped = shaped(&[&outer, &hole]).unwrap();
            let mut kinds = shaped.notes.iter().map(|note| &note.kind);
            assert!(
                kinds.all(|kind| *kind == ShapeNoteKind::Turned),
                "{:?}",
                shaped.notes
            );
            assert!(!shaped.footprint.is_entangled());
            judge(&shaped.footprint, (7.5, 0.5), true).unwrap();
            let centre = (
                hole.iter().map(|corner| corner.0).sum::<f64>() / 4.0,
                hole.iter().map(|corner| corner.1).sum::<f64>() / 4.0,
            );
            judge(&shaped.footprint, centre, false).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Rings whose corners come from a small grid touch, overlap and cross themselves in every way.
    #[test]
    fn what_outer_rings_wind_around_counts_without_what_holes_wind_around(
        outer in prop::collection::vec((0..5_u8, 0..5_u8), 3..14),
        hole in prop::collection::vec((0..5_u8, 0..5_u8), 3..9),
        with_hole in prop::bool::ANY,
    ) {
        let corners = |cells: &[(u8, u8)]| -> Vec<Corner> {
            cells.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).collect()
        };
        let (outer, hole) = (corners(&outer), corners(&hole));
        let rings: &[&[Corner]] = if with_hole { &[&outer, &hole] } else { &[&outer] };
        let Some(shaped) = shaped(rings) else {
            return Ok(());
        };
        for cell in 0..16_u8 {
            // Nowhere near a line through corners of the grid.
            let at = (f64::from(cell % 4) + 0.4142, f64::from(cell / 4) + 0.2718);
            let inside = winding(&outer, at) != 0 && !(with_hole && winding(&hole, at) != 0);
            judge(&shaped.footprint, at, inside)?;
        }
    }
}
