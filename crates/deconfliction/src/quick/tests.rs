//! The quick test against the exact one: it may be unsure, never wrong.

use super::*;
use crate::lanes::{Portable, Work, widest};
use crate::shape::Solid;
use crate::solid::fill;
use detente_spacetime::{EdgeKind, Footprint, Position, Proximity, Shaped};
use geographiclib_rs::{DirectGeodesic, Geodesic};
use proptest::prelude::*;

fn position(latitude_deg: f64, longitude_deg: f64) -> Position {
    Position::new(latitude_deg, longitude_deg).unwrap()
}

/// The position at a distance and azimuth from another.
fn beside(from: Position, azimuth_deg: f64, metres: f64) -> Position {
    let (latitude, longitude): (f64, f64) = Geodesic::wgs84().direct(
        from.latitude_deg(),
        from.longitude_deg(),
        azimuth_deg,
        metres,
    );
    position(latitude, longitude)
}

/// A ring around a position, with its radius varying from vertex to vertex.
fn ring(around: Position, radius_m: f64, spread: &[f64]) -> Vec<Position> {
    let count = spread.len() as f64;
    (0..)
        .zip(spread)
        .map(|(i, share)| beside(around, 360.0 * f64::from(i) / count, radius_m * share))
        .collect()
}

struct Compare<'a>(&'a Footprint, &'a Footprint);

impl Work for Compare<'_> {
    type Output = Certainty;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Certainty {
        quick(lanes, self.0, self.1)
    }
}

#[inline(always)]
fn quick<L: Lanes>(lanes: L, query: &Footprint, stored: &Footprint) -> Certainty {
    let (mut solid, mut mapped, mut store) =
        (Solid::default(), Mapped::default(), ShapeStore::default());
    fill(&mut solid, stored);
    store.push(&solid, &mut mapped);
    fill(&mut solid, query);
    let shape = store.get(0).unwrap();
    solid.map(&Chart::of(shape.tile), &mut mapped);
    approach(lanes, &mapped, &solid.nature, shape)
        .unwrap_or_else(|approach| settle(lanes, &mapped, &solid.nature, &store, shape, &approach))
}

/// Asks in both orders and with every instruction set, and holds each sure answer against the exact one.
fn judge(a: &Footprint, b: &Footprint) -> Result<Certainty, TestCaseError> {
    let exact = a.overlaps(b);
    let answer = widest(Compare(a, b));
    prop_assert_eq!(answer, quick(Portable, a, b));
    for answer in [answer, widest(Compare(b, a))] {
        match answer {
            Certainty::Overlap => prop_assert!(exact, "overlap claimed: {a:?} {b:?}"),
            Certainty::Apart => prop_assert!(!exact, "a gap claimed: {a:?} {b:?}"),
            Certainty::Unsure => {}
        }
    }
    Ok(answer)
}

fn made(shaped: Result<Shaped, Vec<detente_spacetime::ShapeFault>>) -> Option<Footprint> {
    shaped.ok().map(|shaped| shaped.footprint)
}

/// One of the kinds of footprint, around a position and about as large as told.
fn footprint(kind: u8, at: Position, size_m: f64, spread: &[f64]) -> Option<Footprint> {
    let outer = ring(at, size_m, spread);
    match kind {
        0 => made(Footprint::polygon(&[outer], EdgeKind::Geodesic)),
        1 => made(Footprint::circle(at, size_m.clamp(0.01, 400_000.0))),
        2 => made(Footprint::corridor(
            &outer,
            (size_m * 0.1).max(0.01),
            EdgeKind::Geodesic,
        )),
        3 => {
            let hole: Vec<f64> = spread.iter().map(|share| share * 0.5).collect();
            made(Footprint::polygon(
                &[outer, ring(at, size_m, &hole)],
                EdgeKind::Geodesic,
            ))
        }
        4 => {
            let second = ring(beside(at, 77.0, size_m * 3.0), size_m * 0.4, spread);
            made(Footprint::multi_polygon(
                &[vec![outer], vec![second]],
                EdgeKind::Geodesic,
            ))
        }
        5 => {
            // Vertices out of order cross the ring with itself.
            let mut crossed = outer;
            crossed.swap(1, 2);
            made(Footprint::polygon(&[crossed], EdgeKind::Geodesic))
        }
        _ => made(Footprint::polygon(&[outer], EdgeKind::Geodesic))
            .map(|core| core.kept_out(size_m * 0.2)),
    }
}

fn anywhere() -> impl Strategy<Value = Position> {
    let latitude =
        prop_oneof![4 => -89.0..89.0, 1 => 89.0..90.0, 1 => -90.0..-89.0, 1 => Just(90.0)];
    let longitude = prop_oneof![3 => -180.0..180.0, 1 => 179.0..181.0];
    (latitude, longitude).prop_map(|(latitude, longitude)| position(latitude, longitude))
}

fn spread() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0.3..1.0, 4..40)
}

/// Metres from one to a hundred thousand, every order of magnitude equally likely.
fn size_m() -> impl Strategy<Value = f64> {
    (0.0..5.0).prop_map(|exponent| 10_f64.powf(exponent))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sure_answers_are_right_for_shapes_near_each_other(
        at in anywhere(), kinds in (0_u8..7, 0_u8..7), sizes in (size_m(), size_m()),
        spreads in (spread(), spread()), azimuth in 0.0..360.0, share in 0.0..2.0,
    ) {
        let away_m = (sizes.0 + sizes.1) * share;
        let first = footprint(kinds.0, at, sizes.0, &spreads.0);
        let second = footprint(kinds.1, beside(at, azimuth, away_m), sizes.1, &spreads.1);
        if let (Some(first), Some(second)) = (first, second) {
            judge(&first, &second)?;
        }
    }

    #[test]
    fn sure_answers_are_right_around_the_deciding_millimetre(
        at in anywhere(), kinds in (0_u8..7, 0_u8..7), sizes in (size_m(), size_m()),
        spreads in (spread(), spread()), azimuth in 0.0..360.0, millimetres in -20.0..20.0,
    ) {
        let away_m = (sizes.0 + sizes.1) * 2.5;
        let first = footprint(kinds.0, at, sizes.0, &spreads.0);
        let second = footprint(kinds.1, beside(at, azimuth, away_m), sizes.1, &spreads.1);
        if let (Some(first), Some(second)) = (first, second)
            && let Proximity::Apart { separation_m } = first.proximity(&second)
        {
            let millimetres: f64 = millimetres;
            judge(&first.kept_out(separation_m + millimetres / 1e3), &second)?;
        }
    }

    #[test]
    fn sure_answers_are_right_where_boundaries_nearly_meet(
        at in anywhere(), length_m in size_m(), azimuth in 0.0..360.0, share in 0.1..0.9,
        millimetres in -20.0..20.0, turn in 20.0..160.0,
    ) {
        // A triangle, and another whose tip lies some millimetres inside or outside one of its edges.
        let far = beside(at, azimuth, length_m);
        let third = beside(at, azimuth + 60.0, length_m);
        let on_edge = beside(at, azimuth, length_m * share);
        let tip = beside(on_edge, azimuth + 90.0, millimetres / 1e3);
        let other = [tip, beside(tip, azimuth - turn, length_m), beside(tip, azimuth - turn - 15.0, length_m)];
        let first = made(Footprint::polygon(&[vec![at, far, third]], EdgeKind::Geodesic));
        let second = made(Footprint::polygon(&[other.to_vec()], EdgeKind::Geodesic));
        if let (Some(first), Some(second)) = (first, second) {
            judge(&first, &second)?;
        }
    }

    #[test]
    fn what_is_plainly_so_is_sure(
        at in anywhere(), size in 10.0..20_000.0, spread in spread(), azimuth in 0.0..360.0, kind in 0_u8..3,
    ) {
        // Metres matter to answers about offsets on a chart's rim, so plainly means by a good part of the size.
        let first = footprint(kind, at, size, &spread).unwrap();
        let apart = footprint(0, beside(at, azimuth, size * 2.5), size, &spread).unwrap();
        prop_assert_eq!(judge(&first, &apart)?, Certainty::Apart);
        let upon = footprint(0, beside(at, azimuth, size * 0.1), size, &spread).unwrap();
        let overlap = judge(&first, &upon)?;
        prop_assert!(kind == 2 || overlap == Certainty::Overlap, "{overlap:?}");
    }
}
