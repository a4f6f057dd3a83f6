//! What an answer about heights had to assume, in words for a planner.

use std::fmt;

use crate::altitude::{Altitude, AltitudeBand, Grouped, Reference};

/// A limit, or a band, that could not be compared as written and was taken to the conservative side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Widening {
    /// A limit was taken as a range of heights.
    Limit {
        /// The limit as its author wrote it.
        limit: Altitude,
        /// The lowest height it may have, metres above the WGS84 ellipsoid.
        lower_m: f64,
        /// The greatest height it may have, metres above the WGS84 ellipsoid.
        upper_m: f64,
    },
    /// The lower limit lies above the upper one everywhere the band may be, so the band was taken as all between them.
    UpsideDown {
        /// The band as its author wrote it.
        band: AltitudeBand,
    },
}

impl fmt::Display for Widening {
    /// `FL250 without QNH taken as 4 800 to 9 600 m above the ellipsoid`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Limit {
                limit,
                lower_m,
                upper_m,
            } => {
                let lacking = match limit.reference() {
                    Reference::Pressure => " without QNH",
                    Reference::AboveGround | Reference::Surface => " without terrain",
                    Reference::MeanSeaLevel => " by EGM96",
                    Reference::Ellipsoid | Reference::Unlimited => "",
                };
                let step_m = step_m(upper_m - lower_m);
                let lower = Grouped((lower_m / step_m).floor() * step_m);
                let upper = Grouped((upper_m / step_m).ceil() * step_m);
                write!(
                    f,
                    "{limit}{lacking} taken as {lower} to {upper} m above the ellipsoid"
                )
            }
            Self::UpsideDown { band } => write!(
                f,
                "{band} is upside down everywhere it applies, taken as all heights between its limits"
            ),
        }
    }
}

/// How coarsely a range that wide is told, in metres.
fn step_m(width_m: f64) -> f64 {
    match width_m {
        width_m if width_m >= 1_000.0 => 100.0,
        width_m if width_m >= 100.0 => 10.0,
        width_m if width_m >= 10.0 => 1.0,
        _ => 0.1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(limit: Altitude, lower_m: f64, upper_m: f64) -> String {
        Widening::Limit {
            limit,
            lower_m,
            upper_m,
        }
        .to_string()
    }

    #[test]
    fn says_what_was_taken_for_what_and_why() {
        assert_eq!(
            told(Altitude::flight_level(250.0).unwrap(), 6_912.0, 8_888.0),
            "FL250 without QNH taken as 6 900 to 8 900 m above the ellipsoid"
        );
        assert_eq!(
            told(
                Altitude::from_feet(400.0, Reference::AboveGround).unwrap(),
                -330.0,
                8_990.0
            ),
            "400 ft AGL without terrain taken as −400 to 9 000 m above the ellipsoid"
        );
        assert_eq!(
            told(
                Altitude::new(1_200.0, Reference::MeanSeaLevel).unwrap(),
                1_217.43,
                1_220.08
            ),
            "1 200 m MSL by EGM96 taken as 1 217.4 to 1 220.1 m above the ellipsoid"
        );
        assert_eq!(
            told(Altitude::SURFACE, -0.01, 0.01),
            "SFC without terrain taken as −0.1 to 0.1 m above the ellipsoid"
        );
    }
}
