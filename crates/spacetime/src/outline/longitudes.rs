//! From rings of surface points to rings of longitude and latitude, cut at the antimeridian.

use i_overlay::core::overlay_rule::OverlayRule;

use super::{OutlinePoint, Region, Shapes, overlay_without_specks};
use crate::surface::Vector;

/// Turns of a ring beyond this many degrees mean that it runs around a pole.
const AROUND_DEG: f64 = 180.0;

/// The regions as RFC 7946 polygons: rings closed, none crossing the antimeridian.
pub(super) fn cut(regions: &[Region]) -> Vec<Vec<Vec<OutlinePoint>>> {
    regions.iter().flat_map(cut_region).collect()
}

fn cut_region(region: &Region) -> Vec<Vec<Vec<OutlinePoint>>> {
    let rings: Vec<Unrolled> = region.iter().map(|ring| unroll(ring)).collect();
    if rings
        .iter()
        .all(|ring| !ring.is_around_pole() && ring.stays())
    {
        let polygon = rings.iter().map(|ring| closed(&ring.points)).collect();
        return vec![polygon];
    }
    // Three rounds around a pole are cut to one.
    let around_pole = rings.first().is_some_and(Unrolled::is_around_pole);
    let windows: &[f64] = if around_pole {
        &[0.0]
    } else {
        &[-360.0, 0.0, 360.0]
    };
    let mut rings = rings.into_iter();
    let shell = rings.next().map(|ring| vec![ring.in_plane(Side::Left)]);
    let shell: Shapes = shell.into_iter().collect();
    let holes: Shapes = rings
        .flat_map(|ring| {
            let ring = ring.in_plane(Side::Right);
            [-360.0, 0.0, 360.0]
                .map(|turn_deg| vec![ring.iter().map(|[x, y]| [x + turn_deg, *y]).collect()])
        })
        .collect();
    let area = if holes.is_empty() {
        shell
    } else {
        overlay_deg(&shell, &holes, OverlayRule::Difference)
    };
    windows
        .iter()
        .flat_map(|turn_deg| window(&area, *turn_deg))
        .collect()
}

/// What of the area lies in one turn of longitudes, moved to −180..=180.
fn window(area: &Shapes, turn_deg: f64) -> Vec<Vec<Vec<OutlinePoint>>> {
    let (west, east) = (turn_deg - 180.0, turn_deg + 180.0);
    let frame = vec![vec![vec![
        [west, -91.0],
        [east, -91.0],
        [east, 91.0],
        [west, 91.0],
    ]]];
    let snap = |value: f64, to: f64| {
        if (value - to).abs() < 1e-10 {
            to
        } else {
            value
        }
    };
    overlay_deg(area, &frame, OverlayRule::Intersect)
        .into_iter()
        .map(|shape| {
            let point = |[x, y]: [f64; 2]| {
                let x = snap(snap(x, west), east) - turn_deg;
                [
                    x.clamp(-180.0, 180.0),
                    snap(snap(y, 90.0), -90.0).clamp(-90.0, 90.0),
                ]
            };
            shape
                .into_iter()
                .map(|ring| closed(&ring.into_iter().map(point).collect::<Vec<_>>()))
                .collect()
        })
        .collect()
}

/// The side of a ring on which it encloses something: outer rings run counter-clockwise, holes clockwise.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// A ring with longitudes that follow it without a jump.
struct Unrolled {
    points: Vec<[f64; 2]>,
    /// The longitude it gains in one round: 0, or ±360 around a pole.
    turn_deg: f64,
}

impl Unrolled {
    fn stays(&self) -> bool {
        self.points
            .iter()
            .all(|[longitude, _]| (-180.0..=180.0).contains(longitude))
    }

    fn is_around_pole(&self) -> bool {
        self.turn_deg.abs() >= AROUND_DEG
    }

    /// The ring in the plane of longitude and latitude; one around a pole runs three rounds and back along the pole on the
    /// side of what it encloses.
    fn in_plane(self, encloses: Side) -> Vec<[f64; 2]> {
        if !self.is_around_pole() {
            return self.points;
        }
        let eastward = self.turn_deg > 0.0;
        let pole_deg = if eastward == (encloses == Side::Left) {
            90.0
        } else {
            -90.0
        };
        let rounds = [-self.turn_deg, 0.0, self.turn_deg];
        let mut points: Vec<[f64; 2]> = rounds
            .into_iter()
            .flat_map(|turn_deg| self.points.iter().map(move |[x, y]| [x + turn_deg, *y]))
            .collect();
        if let Some([x, y]) = self.points.first().copied() {
            let (start, end) = (x - self.turn_deg, x + 2.0 * self.turn_deg);
            points.extend([[end, y], [end, pole_deg], [start, pole_deg]]);
        }
        points
    }
}

fn unroll(ring: &[Vector]) -> Unrolled {
    let mut points: Vec<[f64; 2]> = Vec::with_capacity(ring.len() + 2);
    let mut now: Option<(Vector, f64)> = None;
    let ends = ring.first().into_iter().copied();
    let mut turn_deg = 0.0;
    let mut first_deg = 0.0;
    for (index, vertex) in ring.iter().copied().chain(ends).enumerate() {
        let (latitude, longitude) = vertex.latitude_longitude_deg();
        let unrolled = match now {
            None => {
                first_deg = longitude;
                longitude
            }
            Some((before, before_deg)) => {
                let step = (longitude - before_deg + 540.0).rem_euclid(360.0) - 180.0;
                if let Some(crossing) =
                    antimeridian_between(before, vertex, before_deg, before_deg + step)
                {
                    points.push(crossing);
                }
                before_deg + step
            }
        };
        now = Some((vertex, unrolled));
        if index < ring.len() {
            points.push([unrolled, latitude]);
        } else {
            turn_deg = unrolled - first_deg;
        }
    }
    let turn_deg = (turn_deg / 360.0).round() * 360.0;
    let shift = if turn_deg == 0.0 {
        home_shift(&points)
    } else {
        0.0
    };
    for point in &mut points {
        point[0] += shift;
    }
    Unrolled { points, turn_deg }
}

/// Whole turns that bring a ring that may stay within −180..=180 there.
fn home_shift(points: &[[f64; 2]]) -> f64 {
    let least = points
        .iter()
        .map(|point| point[0])
        .fold(f64::INFINITY, f64::min);
    let greatest = points
        .iter()
        .map(|point| point[0])
        .fold(f64::NEG_INFINITY, f64::max);
    if greatest <= -180.0 {
        360.0
    } else if least >= 180.0 {
        -360.0
    } else {
        0.0
    }
}

/// Where an edge crosses the antimeridian, on the geodesic, with the longitude of the unrolled ring.
fn antimeridian_between(a: Vector, b: Vector, from_deg: f64, to_deg: f64) -> Option<[f64; 2]> {
    let odd = |value: f64| ((value - 180.0) / 360.0).floor();
    let (low, high) = (from_deg.min(to_deg), from_deg.max(to_deg));
    let line_deg = odd(high) * 360.0 + 180.0;
    if odd(low) == odd(high) || line_deg <= low || line_deg >= high || a.y == b.y {
        return None;
    }
    let crossing = (a + (b - a) * (a.y / (a.y - b.y))).lifted();
    Some([line_deg, crossing.latitude_longitude_deg().0])
}

fn closed(ring: &[[f64; 2]]) -> Vec<OutlinePoint> {
    let point = |[longitude_deg, latitude_deg]: &[f64; 2]| OutlinePoint {
        longitude_deg: *longitude_deg,
        latitude_deg: *latitude_deg,
    };
    ring.iter().chain(ring.first()).map(point).collect()
}

/// Area in degrees: specks are gone already.
fn overlay_deg(subject: &Shapes, clip: &Shapes, rule: OverlayRule) -> Shapes {
    overlay_without_specks(subject, clip, rule, 0.0)
}
