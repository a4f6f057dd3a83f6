//! Planes in which geodesic pieces are straight, with exact integer predicates: the ground for fast filters.
//!
//! A [`Plane`] is the central projection of the ellipsoid from its centre of curvature below the plane's origin
//! (radius √(MN)) onto the tangent plane there.
//! It is made from earth-centred coordinates with three products and one division, has a closed inverse,
//! and knows no longitudes, so poles and the antimeridian are ordinary places.
//!
//! # Error
//!
//! A geodesic piece of length L, at a distance D from the origin, departs from the straight line between its ends by at most
//! 0.0034·D·L²/(8R²) + 1 µm, R the earth's radius: see [`Plane::straightness_error_m`].
//! For the pieces of this crate (L ≤ 10 km) that is 0.03 mm at 25 km and 0.1 mm at 100 km from the origin.
//! Karney's ellipsoidal gnomonic projection is straighter for whole edges of hundreds of kilometres, but costs an
//! iteration of the inverse geodesic problem for each point; cutting edges first makes the cheap projection as exact.
//! Snapping to the grid moves a point by at most 0.071 mm.

use std::cmp::Ordering;

use crate::{
    position::Position,
    surface::{EQUATORIAL_RADIUS_M, FLATTENING, Vector},
};

/// The step of the integer grid, metres.
pub const GRID_M: f64 = 0.000_1;
/// Largest grid coordinate: sums and products of differences then fit in `i64`.
pub const GRID_MAX: i32 = 1 << 30;
/// Snapping moves a point by at most half a diagonal of a grid cell, metres.
pub const SNAP_ERROR_M: f64 = 0.000_071;
/// Farthest from the origin that points are snapped, metres: the grid ends there (107 km along an axis).
pub const SNAP_RADIUS_M: f64 = 107_000.0;

/// A central projection of the surface around an origin; x runs east, y north, in metres.
#[derive(Clone, Debug)]
pub struct Plane {
    origin: Vector,
    up: Vector,
    east: Vector,
    north: Vector,
    radius_m: f64,
}

impl Plane {
    /// The plane that touches the ellipsoid at a position.
    #[must_use]
    pub fn at(origin: Position) -> Self {
        let longitude = origin.longitude_deg().to_radians();
        Self::touching(
            Vector::of(origin),
            Vector::new(-longitude.sin(), longitude.cos(), 0.0),
        )
    }

    /// The plane that touches the ellipsoid in a direction from the centre of the earth.
    pub(crate) fn along(axis: Vector) -> Self {
        let centre = Vector::new(0.0, 0.0, 0.0);
        let origin = centre
            .leaves(axis)
            .unwrap_or(Vector::new(EQUATORIAL_RADIUS_M, 0.0, 0.0));
        let east = Vector::new(-origin.y, origin.x, 0.0);
        let east = if east.length() > 0.0 {
            east.unit()
        } else {
            Vector::new(0.0, 1.0, 0.0)
        };
        Self::touching(origin, east)
    }

    fn touching(origin: Vector, east: Vector) -> Self {
        let up = origin.normal();
        let squash = 1.0 - FLATTENING * (2.0 - FLATTENING) * up.z * up.z;
        // √(MN) = a √(1 − e²) / (1 − e² sin² φ), and √(1 − e²) = 1 − f.
        let radius_m = EQUATORIAL_RADIUS_M * (1.0 - FLATTENING) / squash;
        Self {
            origin,
            up,
            east,
            north: up.cross(east),
            radius_m,
        }
    }

    /// The direction of the x axis.
    pub(crate) fn east(&self) -> Vector {
        self.east
    }

    /// Projects a position to (east, north) metres; `None` when it is a quarter of the earth away or more.
    #[must_use]
    pub fn forward(&self, position: Position) -> Option<(f64, f64)> {
        self.forward_vector(Vector::of(position))
    }

    /// The position that [`Plane::forward`] takes to (`x_m`, `y_m`); `None` for coordinates that are not finite.
    #[must_use]
    pub fn reverse(&self, x_m: f64, y_m: f64) -> Option<Position> {
        let (latitude, longitude) = self.reverse_vector(x_m, y_m)?.latitude_longitude_deg();
        Position::new(latitude, longitude).ok()
    }

    pub(crate) fn forward_vector(&self, point: Vector) -> Option<(f64, f64)> {
        let from_origin = point - self.origin;
        let depth = 1.0 + from_origin.dot(self.up) / self.radius_m;
        if depth < 1e-6 {
            return None;
        }
        let scale = 1.0 / depth;
        Some((
            from_origin.dot(self.east) * scale,
            from_origin.dot(self.north) * scale,
        ))
    }

    pub(crate) fn reverse_vector(&self, x_m: f64, y_m: f64) -> Option<Vector> {
        let centre = self.origin - self.up * self.radius_m;
        let ray = self.east * x_m + self.north * y_m + self.up * self.radius_m;
        // A unit ray keeps the metres of far points from drowning the rest.
        if x_m.is_finite() && y_m.is_finite() {
            centre.leaves(ray.unit())
        } else {
            None
        }
    }

    /// How far a geodesic piece may depart from the straight line between its projected ends, metres.
    #[must_use]
    pub fn straightness_error_m(piece_m: f64, from_origin_m: f64) -> f64 {
        let radius2 = EQUATORIAL_RADIUS_M * EQUATORIAL_RADIUS_M * 0.98;
        let torsion = 8e-19 * piece_m * piece_m * piece_m;
        0.0034 * from_origin_m * piece_m * piece_m / (8.0 * radius2) + torsion + 1e-8
    }

    /// Rounds plane coordinates to the grid; `None` outside it.
    #[must_use]
    pub fn snap(x_m: f64, y_m: f64) -> Option<GridPoint> {
        let step = |metres: f64| {
            let steps = (metres / GRID_M).round();
            (steps.abs() < f64::from(GRID_MAX)).then_some(steps as i32)
        };
        Some(GridPoint {
            x: step(x_m)?,
            y: step(y_m)?,
        })
    }
}

/// A point of the grid of [`GRID_M`] in some plane; both coordinates are less than [`GRID_MAX`] in size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GridPoint {
    x: i32,
    y: i32,
}

impl GridPoint {
    /// A grid point; `None` when a coordinate is not less than [`GRID_MAX`] in size.
    #[must_use]
    pub fn new(x: i32, y: i32) -> Option<Self> {
        let fits = |value: i32| value > -GRID_MAX && value < GRID_MAX;
        (fits(x) && fits(y)).then_some(Self { x, y })
    }

    /// Grid steps east of the origin.
    #[must_use]
    pub fn x(self) -> i32 {
        self.x
    }

    /// Grid steps north of the origin.
    #[must_use]
    pub fn y(self) -> i32 {
        self.y
    }

    /// The side of the line from `a` to `b` on which this point lies: `Greater` is left. Exact.
    #[must_use]
    pub fn side_of(self, a: Self, b: Self) -> Ordering {
        let wide = |value: i32| i64::from(value);
        // Differences stay below 2³¹ and products below 2⁶²; comparing the products avoids their difference.
        let rise = (wide(b.x) - wide(a.x)) * (wide(self.y) - wide(a.y));
        let run = (wide(b.y) - wide(a.y)) * (wide(self.x) - wide(a.x));
        rise.cmp(&run)
    }
}

/// Whether the segments `a`–`b` and `c`–`d` share a point, ends included. Exact.
#[must_use]
pub fn segments_meet(a: GridPoint, b: GridPoint, c: GridPoint, d: GridPoint) -> bool {
    let (side_c, side_d) = (c.side_of(a, b), d.side_of(a, b));
    let (side_a, side_b) = (a.side_of(c, d), b.side_of(c, d));
    if side_c != side_d && side_a != side_b {
        return true;
    }
    let between = |p: GridPoint, q: GridPoint, point: GridPoint| {
        (p.x.min(q.x)..=p.x.max(q.x)).contains(&point.x)
            && (p.y.min(q.y)..=p.y.max(q.y)).contains(&point.y)
    };
    (side_c == Ordering::Equal && between(a, b, c))
        || (side_d == Ordering::Equal && between(a, b, d))
        || (side_a == Ordering::Equal && between(c, d, a))
        || (side_b == Ordering::Equal && between(c, d, b))
}

/// How often a closed ring of grid points winds around a point, counter-clockwise positive; exact off the ring.
///
/// The ring may or may not repeat its first point.
#[must_use]
pub fn winding(ring: &[GridPoint], point: GridPoint) -> i32 {
    let ends = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(ends)
        .map(|(a, b)| match (a.y <= point.y, b.y <= point.y) {
            (true, false) if point.side_of(*a, *b) == Ordering::Greater => 1,
            (false, true) if point.side_of(*a, *b) == Ordering::Less => -1,
            _ => 0,
        })
        .sum()
}

/// Tiles along one side of a face of the lattice.
const TILES_PER_SIDE: u32 = 256;

/// A tile of a fixed lattice over the earth: six faces of a cube, each of 256 × 256 tiles some 40 km wide.
///
/// Every place is within 32 km of the middle of its tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId(u32);

impl TileId {
    /// The tile that holds a position.
    #[must_use]
    pub fn of(position: Position) -> Self {
        let v = Vector::of(position);
        let (face, main, first, second) = match (v.x.abs(), v.y.abs(), v.z.abs()) {
            (x, y, z) if x >= y && x >= z => (0, v.x, v.y, v.z),
            (_, y, z) if y >= z => (2, v.y, v.z, v.x),
            _ => (4, v.z, v.x, v.y),
        };
        let face = face + u32::from(main < 0.0);
        let step = |share: f64| {
            // Equal angles, not equal tangents, keep the tiles alike.
            let angle = (share / main.abs()).atan() / std::f64::consts::FRAC_PI_2 + 0.5;
            ((angle * f64::from(TILES_PER_SIDE)) as u32).min(TILES_PER_SIDE - 1)
        };
        Self((face * TILES_PER_SIDE + step(first)) * TILES_PER_SIDE + step(second))
    }

    /// The number of the tile, below 6 × 2¹⁶.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }

    /// The plane that touches the earth in the middle of the tile.
    #[must_use]
    pub fn plane(self) -> Plane {
        let step = |number: u32| {
            let share =
                (f64::from(number % TILES_PER_SIDE) + 0.5) / f64::from(TILES_PER_SIDE) - 0.5;
            (share * std::f64::consts::FRAC_PI_2).tan()
        };
        let (first, second) = (step(self.0 / TILES_PER_SIDE), step(self.0));
        let face = self.0 / (TILES_PER_SIDE * TILES_PER_SIDE);
        let main = if face.is_multiple_of(2) { 1.0 } else { -1.0 };
        let axis = match face / 2 {
            0 => Vector::new(main, first, second),
            1 => Vector::new(second, main, first),
            _ => Vector::new(first, second, main),
        };
        Plane::along(axis.unit())
    }
}
