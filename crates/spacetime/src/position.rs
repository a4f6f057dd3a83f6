//! Positions on the WGS84 ellipsoid.

use std::fmt;

/// A geodetic position on WGS84, without a height.
///
/// Latitude in [-90, 90] degrees, longitude folded to [-180, 180) degrees; both finite. At a pole the longitude is 0.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Position {
    latitude_deg: f64,
    longitude_deg: f64,
}

/// Why two numbers are not a position.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PositionError {
    /// One of the numbers is not finite.
    #[error("a coordinate is not a finite number")]
    NotFinite,
    /// The latitude is beyond a pole.
    #[error("latitude {latitude_deg} is outside −90 to 90 degrees")]
    Latitude {
        /// The latitude as given, degrees.
        latitude_deg: f64,
    },
    /// The longitude is beyond one turn.
    #[error("longitude {longitude_deg} is outside −360 to 360 degrees")]
    Longitude {
        /// The longitude as given, degrees.
        longitude_deg: f64,
    },
}

impl Position {
    /// The position at `latitude_deg` north and `longitude_deg` east, in degrees on WGS84.
    ///
    /// # Errors
    ///
    /// Numbers that are not finite, a latitude beyond ±90, a longitude beyond ±360.
    pub fn new(latitude_deg: f64, longitude_deg: f64) -> Result<Self, PositionError> {
        if !latitude_deg.is_finite() || !longitude_deg.is_finite() {
            return Err(PositionError::NotFinite);
        }
        if latitude_deg.abs() > 90.0 {
            return Err(PositionError::Latitude { latitude_deg });
        }
        if longitude_deg.abs() > 360.0 {
            return Err(PositionError::Longitude { longitude_deg });
        }
        Ok(Self::folded(latitude_deg, longitude_deg))
    }

    /// A position from numbers that are known to be in range, as a geodesic computation returns them.
    pub(crate) fn folded(latitude_deg: f64, longitude_deg: f64) -> Self {
        let latitude_deg = latitude_deg.clamp(-90.0, 90.0);
        let mut longitude_deg = longitude_deg;
        if longitude_deg >= 180.0 {
            longitude_deg -= 360.0;
        } else if longitude_deg < -180.0 {
            longitude_deg += 360.0;
        }
        if longitude_deg >= 180.0 || latitude_deg.abs() >= 90.0 {
            longitude_deg = if latitude_deg.abs() >= 90.0 {
                0.0
            } else {
                longitude_deg - 360.0
            };
        }
        // Adding zero turns −0 into 0, so that equal positions have equal bits.
        Self {
            latitude_deg: latitude_deg + 0.0,
            longitude_deg: longitude_deg + 0.0,
        }
    }

    /// Degrees north of the equator, in [-90, 90].
    pub fn latitude_deg(&self) -> f64 {
        self.latitude_deg
    }

    /// Degrees east of Greenwich, in [-180, 180).
    pub fn longitude_deg(&self) -> f64 {
        self.longitude_deg
    }
}

impl fmt::Display for Position {
    /// Degrees and a hemisphere letter, to about 10 cm: `36.139100° N, 36.825000° E`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let north = if self.latitude_deg < 0.0 { 'S' } else { 'N' };
        let east = if self.longitude_deg < 0.0 { 'W' } else { 'E' };
        write!(
            f,
            "{:.6}° {north}, {:.6}° {east}",
            self.latitude_deg.abs(),
            self.longitude_deg.abs()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longitudes_are_folded_and_poles_have_one_name() {
        let folded = |latitude, longitude| {
            let position = Position::new(latitude, longitude).unwrap();
            (position.latitude_deg(), position.longitude_deg())
        };
        assert_eq!(folded(10.0, 180.0), (10.0, -180.0));
        assert_eq!(folded(10.0, -180.0), (10.0, -180.0));
        assert_eq!(folded(10.0, 359.5), (10.0, -0.5));
        assert_eq!(folded(10.0, 360.0), (10.0, 0.0));
        assert_eq!(folded(10.0, -360.0), (10.0, 0.0));
        assert_eq!(folded(90.0, 77.0), (90.0, 0.0));
        assert_eq!(folded(-90.0, -180.0), (-90.0, 0.0));
        assert_eq!(folded(-0.0, -0.0).0.to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn what_is_no_position_is_refused() {
        assert_eq!(Position::new(f64::NAN, 0.0), Err(PositionError::NotFinite));
        assert_eq!(
            Position::new(0.0, f64::INFINITY),
            Err(PositionError::NotFinite)
        );
        assert!(matches!(
            Position::new(90.000_001, 0.0),
            Err(PositionError::Latitude { .. })
        ));
        assert!(matches!(
            Position::new(0.0, 361.0),
            Err(PositionError::Longitude { .. })
        ));
    }

    #[test]
    fn a_position_reads_with_its_hemispheres() {
        assert_eq!(
            Position::new(-36.1391, 36.825).unwrap().to_string(),
            "36.139100° S, 36.825000° E"
        );
    }
}
