//! One point and one geodesic piece, or two pieces.
//!
//! A piece is held by its chord.
//! Over at most 10 km the geodesic between the ends differs from the normal section in the middle of the chord by
//! less than 1 µm (torsion of a WGS84 geodesic ≤ 5.3·10⁻¹⁰ /m, so the gap is ≤ κτL³/125), so the section decides sides and crossings.

use crate::{
    geodesic::{inverse, surface_distance_m},
    surface::{CURVATURE_RADIUS_MEAN_M, CURVATURE_RADIUS_MIN_M, Vector},
};

/// Beyond this chord the foot of the perpendicular is refined with Karney's inverse problem, metres.
const NEAR_MAX_M: f64 = 90_000.0;
/// Within this distance the tangent-plane distance, corrected to third order, is right to 0.1 µm, metres.
const PLANE_MAX_M: f64 = 2_000.0;
/// Beyond this distance a piece has no foot worth refining, metres: nearer than a quarter of the meridian.
const FOOT_MAX_M: f64 = 8_000_000.0;
/// A foot known to half a metre gives the distance, 90 km away or more, to 2 µm.
const FOOT_STEP_M: f64 = 0.5;
/// Every step shrinks the error of the foot a hundredfold; more than this never happens.
const FOOT_STEPS_MAX: usize = 6;

/// A geodesic piece, at most [`crate::footprint::PIECE_MAX_M`] long; both ends may be the same point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) a: Vector,
    pub(crate) b: Vector,
}

/// The ball around an edge: every point of the geodesic is within `radius_m` of `centre`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ball {
    pub(crate) centre: Vector,
    pub(crate) radius_m: f64,
}

impl Ball {
    pub(crate) const NONE: Self = Self {
        centre: Vector::new(0.0, 0.0, 0.0),
        radius_m: 0.0,
    };

    /// Whether some point of `self` may be nearer than `distance_m` to some point of `other`.
    pub(crate) fn within(&self, other: &Self, distance_m: f64) -> bool {
        let reach = self.radius_m + other.radius_m + distance_m;
        (self.centre - other.centre).length_squared() <= reach * reach
    }
}

/// The height of an arc of the ellipsoid above its chord is at most this, metres.
pub(crate) fn sagitta_max_m(chord_m: f64) -> f64 {
    chord_m * chord_m * (1.001 / (8.0 * CURVATURE_RADIUS_MIN_M))
}

impl Edge {
    pub(crate) fn ball(&self) -> Ball {
        let chord = (self.b - self.a).length();
        Ball {
            centre: (self.a + self.b) * 0.5,
            radius_m: 0.5 * chord + sagitta_max_m(chord),
        }
    }

    /// How far `point` lies to the left of the edge, metres times the length of the edge.
    ///
    /// The sign is right on either side of the edge and of its continuation over a length of the edge.
    pub(crate) fn left_of(&self, point: Vector) -> f64 {
        self.left_normal().dot(point - self.a)
    }

    /// Where another edge that crosses this one does so.
    pub(crate) fn crossing_with(&self, other: &Self) -> Vector {
        let (from, to) = (other.left_of(self.a), other.left_of(self.b));
        let share = if from == to {
            0.0
        } else {
            (from / (from - to)).clamp(0.0, 1.0)
        };
        self.at(share)
    }

    /// The point at share `t` of the chord, raised to the surface.
    pub(crate) fn at(&self, t: f64) -> Vector {
        (self.a + (self.b - self.a) * t).lifted()
    }

    /// A normal of the plane of the edge, to its left, as long as the edge within 0.4 %.
    pub(crate) fn left_normal(&self) -> Vector {
        (self.a + self.b).upward().cross(self.b - self.a) * (0.5 / CURVATURE_RADIUS_MEAN_M)
    }
}

/// Whether two pieces cross, each passing from one side of the other to the other side by more than `depth_m`.
///
/// Pieces that only touch, or miss crossing by rounding, have an end within a micrometre of the other piece:
/// [`distance_m`] to that end decides them.
pub(crate) fn cross(first: &Edge, second: &Edge, depth_m: f64) -> bool {
    let sides = |edge: &Edge, other: &Edge| {
        let (left, length) = (edge.left_normal(), (edge.b - edge.a).length());
        let (a, b) = (left.dot(other.a - edge.a), left.dot(other.b - edge.a));
        let depth = depth_m * length;
        (a > depth && b < -depth) || (a < -depth && b > depth)
    };
    sides(first, second) && sides(second, first)
}

/// The geodesic distance between a point, with its unit surface normal, and a piece, metres.
pub(crate) fn distance_m(point: Vector, normal: Vector, edge: &Edge) -> f64 {
    let (to_a, to_b) = (edge.a - point, edge.b - point);
    if to_a.length_squared() > NEAR_MAX_M * NEAR_MAX_M {
        return far_distance_m(point, normal, edge);
    }
    let foot = Foot::new(normal, to_a, to_b);
    if foot.share <= 0.0 {
        return surface_distance_m(point, edge.a);
    }
    if foot.share >= 1.0 {
        return surface_distance_m(point, edge.b);
    }
    let plane_m2 = foot.offset.length_squared();
    if plane_m2 <= PLANE_MAX_M * PLANE_MAX_M {
        // A central projection shows an arc s as R tan(s/R).
        let bend = plane_m2 / (3.0 * CURVATURE_RADIUS_MEAN_M * CURVATURE_RADIUS_MEAN_M);
        return plane_m2.sqrt() * (1.0 - bend);
    }
    surface_distance_m(point, (point + foot.chord_point(to_a, to_b)).lifted())
}

/// The point of a piece that is nearest to a point: exact within 100 km, a few metres off beyond 1 000 km.
pub(crate) fn foot(point: Vector, edge: &Edge) -> Vector {
    let (to_a, to_b) = (edge.a - point, edge.b - point);
    let foot = Foot::new(point.normal(), to_a, to_b);
    (point + foot.chord_point(to_a, to_b)).lifted()
}

/// Where on the chord of a piece the nearest point to a point is: 0 at `a`, 1 at `b`.
pub(crate) fn chord_share(point: Vector, edge: &Edge) -> f64 {
    let foot = Foot::new(point.normal(), edge.a - point, edge.b - point);
    let (weight_a, weight_b) = ((1.0 - foot.share) / foot.depth_a, foot.share / foot.depth_b);
    weight_b / (weight_a + weight_b)
}

/// The nearest point of a piece's line, seen in the tangent plane of the point by central projection.
///
/// The plane is centred at the point, so geodesics are straight in it and perpendiculars to the centre are true.
struct Foot {
    /// From the point to the foot, in the tangent plane.
    offset: Vector,
    /// Where on the projected piece the foot is: 0 at `a`, 1 at `b`.
    share: f64,
    depth_a: f64,
    depth_b: f64,
}

impl Foot {
    fn new(normal: Vector, to_a: Vector, to_b: Vector) -> Self {
        let (up_a, up_b) = (to_a.dot(normal), to_b.dot(normal));
        let depth_a = 1.0 + up_a / CURVATURE_RADIUS_MEAN_M;
        let depth_b = 1.0 + up_b / CURVATURE_RADIUS_MEAN_M;
        let a = (to_a - normal * up_a) * (1.0 / depth_a);
        let b = (to_b - normal * up_b) * (1.0 / depth_b);
        let along = b - a;
        let length2 = along.length_squared();
        let share = if length2 > 0.0 {
            (-a.dot(along) / length2).clamp(0.0, 1.0)
        } else {
            0.0
        };
        Self {
            offset: a + along * share,
            share,
            depth_a,
            depth_b,
        }
    }

    /// The point of the chord that projects to the foot, relative to the point.
    fn chord_point(&self, to_a: Vector, to_b: Vector) -> Vector {
        let (weight_a, weight_b) = ((1.0 - self.share) / self.depth_a, self.share / self.depth_b);
        (to_a * weight_a + to_b * weight_b) * (1.0 / (weight_a + weight_b))
    }
}

/// The distance to a piece that is far away: Newton's method on the place of the foot.
fn far_distance_m(point: Vector, normal: Vector, edge: &Edge) -> f64 {
    let along = edge.b - edge.a;
    let length = along.length();
    let to_a = inverse(point, edge.a).distance_m;
    if length == 0.0 {
        return to_a;
    }
    if to_a > FOOT_MAX_M {
        let middle = inverse(point, edge.at(0.5)).distance_m;
        return to_a.min(middle).min(inverse(point, edge.b).distance_m);
    }
    let mut share = Foot::new(normal, edge.a - point, edge.b - point).share;
    let mut distance = f64::INFINITY;
    for _ in 0..FOOT_STEPS_MAX {
        let foot = edge.at(share);
        let seen = inverse(point, foot);
        distance = distance.min(seen.distance_m);
        let heading = direction(foot, seen.arrival_deg);
        let angle = seen.distance_m / CURVATURE_RADIUS_MEAN_M;
        // Napier: tan(leg) = tan(hypotenuse) · cos(angle between them).
        let leg = -(angle.tan() * heading.dot(along) / length).atan() * CURVATURE_RADIUS_MEAN_M;
        let next = (share + leg / length).clamp(0.0, 1.0);
        if ((next - share) * length).abs() <= FOOT_STEP_M {
            break;
        }
        share = next;
    }
    distance
}

/// The unit tangent at a point of the ellipsoid that heads at an azimuth.
pub(crate) fn direction(at: Vector, azimuth_deg: f64) -> Vector {
    let (_, longitude_deg) = at.latitude_longitude_deg();
    let (sin_longitude, cos_longitude) = longitude_deg.to_radians().sin_cos();
    let east = Vector::new(-sin_longitude, cos_longitude, 0.0);
    let north = at.normal().cross(east);
    let (sine, cosine) = azimuth_deg.to_radians().sin_cos();
    east * sine + north * cosine
}
