//! Points of the WGS84 ellipsoid as earth-centred vectors.
//!
//! Everything exact in this crate is decided in these coordinates: a point is three metres values, so neither
//! the antimeridian nor a pole is a special case, and no longitudes are ever compared.
//! The rounding of a coordinate (10⁻⁹ m) is five hundred thousand times finer than the band in which a
//! decision counts as boundary ([`crate::footprint::BOUNDARY_M`]).
//!
//! The way into these coordinates and back is the same to the last bit on every machine: sines and their inverses are those
//! of `libm`, because a system's own differ with its version and even with the processor it finds.

use std::ops::{Add, Mul, Sub};

use crate::position::Position;

/// Equatorial radius of WGS84, metres (NGA.STND.0036, table 3.1).
pub(crate) const EQUATORIAL_RADIUS_M: f64 = 6_378_137.0;
/// Flattening of WGS84 (NGA.STND.0036, table 3.1).
pub(crate) const FLATTENING: f64 = 1.0 / 298.257_223_563;

/// Square of the first eccentricity.
const E2: f64 = FLATTENING * (2.0 - FLATTENING);
const A2: f64 = EQUATORIAL_RADIUS_M * EQUATORIAL_RADIUS_M;
/// a² / b²: turns a point into the direction of its surface normal.
const POLAR_STRETCH: f64 = 1.0 / (1.0 - E2);

/// Smallest radius of curvature of the ellipsoid, metres: b²/a, along the meridian at the equator.
pub(crate) const CURVATURE_RADIUS_MIN_M: f64 = EQUATORIAL_RADIUS_M * (1.0 - E2);
/// Largest radius of curvature of the ellipsoid, metres: a²/b, at the poles.
pub(crate) const CURVATURE_RADIUS_MAX_M: f64 = EQUATORIAL_RADIUS_M / (1.0 - FLATTENING);
/// A radius of curvature between the extremes, used where any of them serves.
pub(crate) const CURVATURE_RADIUS_MEAN_M: f64 = 6_371_000.0;

/// An earth-centred, earth-fixed vector, metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Vector {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) z: f64,
}

impl Vector {
    pub(crate) const fn new(x: f64, y: f64, z: f64) -> Self {
        Self { x, y, z }
    }

    /// Places a position on the ellipsoid.
    ///
    /// Multiples of 90° are exact: both names of the antimeridian, and every longitude of a pole, give one point.
    pub(crate) fn of(position: Position) -> Self {
        let (sin_latitude, cos_latitude) = sin_cos_deg(position.latitude_deg());
        let (sin_longitude, cos_longitude) = sin_cos_deg(position.longitude_deg());
        let normal_radius = EQUATORIAL_RADIUS_M / (1.0 - E2 * sin_latitude * sin_latitude).sqrt();
        Self {
            x: normal_radius * cos_latitude * cos_longitude,
            y: normal_radius * cos_latitude * sin_longitude,
            z: normal_radius * (1.0 - E2) * sin_latitude,
        }
    }

    /// Latitude and longitude of a point of the ellipsoid, degrees.
    pub(crate) fn latitude_longitude_deg(self) -> (f64, f64) {
        let axis = (self.x * self.x + self.y * self.y).sqrt();
        let latitude = libm::atan2(self.z * POLAR_STRETCH, axis);
        let longitude = libm::atan2(self.y, self.x);
        (
            latitude.to_degrees().clamp(-90.0, 90.0),
            longitude.to_degrees().clamp(-180.0, 180.0),
        )
    }

    pub(crate) fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    pub(crate) fn cross(self, other: Self) -> Self {
        Self {
            x: self.y * other.z - self.z * other.y,
            y: self.z * other.x - self.x * other.z,
            z: self.x * other.y - self.y * other.x,
        }
    }

    pub(crate) fn length_squared(self) -> f64 {
        self.dot(self)
    }

    pub(crate) fn length(self) -> f64 {
        self.length_squared().sqrt()
    }

    /// The same direction with length one; the zero vector stays as it is.
    pub(crate) fn unit(self) -> Self {
        let length = self.length();
        if length > 0.0 {
            self * (1.0 / length)
        } else {
            self
        }
    }

    /// A vector along the surface normal at (or below) this point, not of unit length.
    pub(crate) fn upward(self) -> Self {
        Self {
            x: self.x,
            y: self.y,
            z: self.z * POLAR_STRETCH,
        }
    }

    /// The unit surface normal at (or below) this point.
    pub(crate) fn normal(self) -> Self {
        self.upward().unit()
    }

    /// Moves a point near the ellipsoid along the normal onto it.
    pub(crate) fn lifted(self) -> Self {
        // With q(x) = x·Dx, D = diag(1, 1, a²/b²)/a², the height h along the unit normal n solves q(x + h n) = 1.
        let up = self.upward();
        let normal = up.unit();
        let shortfall = 1.0 - self.dot(up) / A2;
        let slope = normal.dot(up) / A2;
        let bend = normal.dot(normal.upward()) / A2;
        let root = (slope * slope + bend * shortfall).max(0.0).sqrt();
        self + normal * (shortfall / (slope + root))
    }

    /// The point where the line through `self` with `direction` leaves the ellipsoid, for a start inside it.
    pub(crate) fn leaves(self, direction: Self) -> Option<Self> {
        let bend = direction.dot(direction.upward()) / A2;
        let slope = self.dot(direction.upward()) / A2;
        let shortfall = 1.0 - self.dot(self.upward()) / A2;
        let discriminant = slope * slope + bend * shortfall;
        if bend > 0.0 && discriminant >= 0.0 {
            Some(self + direction * ((discriminant.sqrt() - slope) / bend))
        } else {
            None
        }
    }

    /// The normal curvature of the ellipsoid below this point in a unit direction, 1/metres.
    pub(crate) fn curvature(self, direction: Self) -> f64 {
        let up = self.upward();
        // Scaled to the surface: points inside the ellipsoid see the curvature of the surface above them.
        let depth = (self.dot(up) / A2).sqrt();
        direction.dot(direction.upward()) * depth / up.length()
    }

    pub(crate) fn bits(self) -> [u64; 3] {
        [self.x.to_bits(), self.y.to_bits(), self.z.to_bits()]
    }
}

impl Add for Vector {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            x: self.x + other.x,
            y: self.y + other.y,
            z: self.z + other.z,
        }
    }
}

impl Sub for Vector {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self {
            x: self.x - other.x,
            y: self.y - other.y,
            z: self.z - other.z,
        }
    }
}

impl Mul<f64> for Vector {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Self {
            x: self.x * factor,
            y: self.y * factor,
            z: self.z * factor,
        }
    }
}

/// The nearest whole number, halves away from zero: `f64::round` without the call.
fn nearest(number: f64) -> i64 {
    let whole = number as i64;
    // Exact: what is left of a number is a number.
    let rest = number - whole as f64;
    whole + i64::from(rest >= 0.5) - i64::from(rest <= -0.5)
}

/// Sine and cosine of an angle in degrees, exact at multiples of 90°, and never a negative zero.
fn sin_cos_deg(angle_deg: f64) -> (f64, f64) {
    let quarter = nearest(angle_deg / 90.0);
    let rest = (angle_deg - quarter as f64 * 90.0).to_radians();
    let (sine, cosine) = libm::sincos(rest);
    let (sine, cosine) = match quarter & 3 {
        0 => (sine, cosine),
        1 => (cosine, -sine),
        2 => (-sine, -cosine),
        _ => (-cosine, sine),
    };
    (sine + 0.0, cosine + 0.0)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// The last bits of points all over the ellipsoid and of the positions they come back to.
    #[test]
    fn every_machine_has_the_same_points_to_the_last_bit() {
        let mut bits = Sha256::new();
        for step in 0..20_000_u32 {
            // Along a spiral from pole to pole, at angles of no pattern.
            let latitude_deg = f64::from(step) * (180.0 / 19_999.0) - 90.0;
            let longitude_deg = (f64::from(step) * 137.507_764).rem_euclid(360.0) - 180.0;
            let position = Position::new(latitude_deg, longitude_deg).unwrap();
            let point = Vector::of(position);
            let (latitude_deg, longitude_deg) = point.latitude_longitude_deg();
            for number in [point.x, point.y, point.z, latitude_deg, longitude_deg] {
                bits.update(number.to_bits().to_be_bytes());
            }
        }
        let digest: String = bits.finalize()[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(digest, "d37b48c21ed213d5");
    }
}
