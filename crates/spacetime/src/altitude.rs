//! Altitudes that name what they are measured from.

use std::fmt;

/// Metres in a foot, exact (international foot, 1959).
pub const METRES_IN_FOOT: f64 = 0.3048;
/// The furthest height from its reference that is accepted, metres: the conventional edge of space.
pub const ALTITUDE_MAX_M: f64 = 100_000.0;
/// The highest flight level that is accepted, hundreds of feet.
pub const FLIGHT_LEVEL_MAX: u16 = 999;

/// What a height is measured from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// The WGS84 ellipsoid.
    Ellipsoid,
    /// Mean sea level as EGM96 has it.
    MeanSeaLevel,
    /// Pressure altitude in the standard atmosphere (1013.25 hPa); flight levels.
    Pressure,
    /// The ground below.
    AboveGround,
    /// The ground itself.
    Surface,
    /// No upper limit.
    Unlimited,
}

impl Reference {
    /// Every reference, in the order in which they are listed to people.
    pub const ALL: [Self; 6] = [
        Self::Ellipsoid,
        Self::MeanSeaLevel,
        Self::Pressure,
        Self::AboveGround,
        Self::Surface,
        Self::Unlimited,
    ];

    /// The code of the exchange profile: W84, MSL, STD, AGL, SFC, UNL.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ellipsoid => "W84",
            Self::MeanSeaLevel => "MSL",
            Self::Pressure => "STD",
            Self::AboveGround => "AGL",
            Self::Surface => "SFC",
            Self::Unlimited => "UNL",
        }
    }

    /// The reference with that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|reference| reference.code() == code)
    }
}

/// The unit a height was written in; kept so that it is shown as its author wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Metres.
    Metres,
    /// International feet.
    Feet,
    /// Hundreds of feet of pressure altitude.
    FlightLevel,
}

/// A height with its reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Altitude {
    value_m: f64,
    reference: Reference,
    unit: Unit,
}

/// Why a number and a reference are not an altitude.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AltitudeError {
    /// The number is not finite.
    #[error("the height is not a finite number")]
    NotFinite,
    /// The height is further than [`ALTITUDE_MAX_M`] from its reference.
    #[error("a height of {value_m} m is beyond ±100 000 m")]
    OutOfRange {
        /// The height as given, metres.
        value_m: f64,
    },
    /// A flight level above [`FLIGHT_LEVEL_MAX`] or below 0.
    #[error("flight levels run from 0 to 999")]
    FlightLevel,
    /// SFC or UNL were given a height.
    #[error("{} carries no height", reference.code())]
    Valued {
        /// The reference that carries no height.
        reference: Reference,
    },
}

impl Altitude {
    /// The ground.
    pub const SURFACE: Self = Self {
        value_m: 0.0,
        reference: Reference::Surface,
        unit: Unit::Metres,
    };
    /// No upper limit.
    pub const UNLIMITED: Self = Self {
        value_m: 0.0,
        reference: Reference::Unlimited,
        unit: Unit::Metres,
    };

    /// The height `value_m` metres above `reference`.
    ///
    /// # Errors
    ///
    /// A height that is not finite or beyond [`ALTITUDE_MAX_M`]; SFC and UNL, which carry none.
    pub fn new(value_m: f64, reference: Reference) -> Result<Self, AltitudeError> {
        Self::checked(value_m, reference, Unit::Metres)
    }

    /// The height `value_ft` feet above `reference`.
    ///
    /// # Errors
    ///
    /// As [`Altitude::new`].
    pub fn from_feet(value_ft: f64, reference: Reference) -> Result<Self, AltitudeError> {
        Self::checked(metres_of_feet(value_ft), reference, Unit::Feet)
    }

    /// The flight level `level`, in hundreds of feet of pressure altitude.
    ///
    /// # Errors
    ///
    /// A level that is not finite, negative or above [`FLIGHT_LEVEL_MAX`].
    pub fn flight_level(level: f64) -> Result<Self, AltitudeError> {
        if !level.is_finite() {
            return Err(AltitudeError::NotFinite);
        }
        if level < 0.0 || level > f64::from(FLIGHT_LEVEL_MAX) {
            return Err(AltitudeError::FlightLevel);
        }
        Self::checked(
            metres_of_feet(level * 100.0),
            Reference::Pressure,
            Unit::FlightLevel,
        )
    }

    fn checked(value_m: f64, reference: Reference, unit: Unit) -> Result<Self, AltitudeError> {
        if matches!(reference, Reference::Surface | Reference::Unlimited) {
            return Err(AltitudeError::Valued { reference });
        }
        if !value_m.is_finite() {
            return Err(AltitudeError::NotFinite);
        }
        if value_m.abs() > ALTITUDE_MAX_M {
            return Err(AltitudeError::OutOfRange { value_m });
        }
        Ok(Self {
            value_m: value_m + 0.0,
            reference,
            unit,
        })
    }

    /// Metres above the reference; 0 for SFC and UNL.
    pub fn value_m(&self) -> f64 {
        self.value_m
    }

    /// What the height is measured from.
    pub fn reference(&self) -> Reference {
        self.reference
    }

    /// The unit the height was written in.
    pub fn unit(&self) -> Unit {
        self.unit
    }
}

impl fmt::Display for Altitude {
    /// As its author wrote it: `FL250`, `1 200 m MSL`, `400 ft AGL`, `SFC`, `UNL`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.reference.code();
        match (self.reference, self.unit) {
            (Reference::Surface | Reference::Unlimited, _) => f.write_str(code),
            (_, Unit::Metres) => write!(f, "{} m {code}", Grouped(self.value_m)),
            (_, Unit::Feet) => write!(f, "{} ft {code}", Grouped(self.value_m / METRES_IN_FOOT)),
            (_, Unit::FlightLevel) => {
                let level = self.value_m / METRES_IN_FOOT / 100.0;
                write!(f, "FL{:03}", (level * 1_000.0).round() / 1_000.0)
            }
        }
    }
}

/// The heights from `lower` to `upper`, both included: bands that touch share a height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AltitudeBand {
    lower: Altitude,
    upper: Altitude,
}

/// Why two altitudes do not bound a band.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AltitudeBandError {
    /// The upper limit lies below the lower one.
    #[error("the upper limit {upper} lies below the lower limit {lower}")]
    Reversed {
        /// The lower limit as given.
        lower: Altitude,
        /// The upper limit as given.
        upper: Altitude,
    },
    /// UNL as a lower limit.
    #[error("UNL cannot be a lower limit")]
    UnlimitedBelow,
}

impl AltitudeBand {
    /// From the ground up, without limit.
    pub const EVERY_HEIGHT: Self = Self {
        lower: Altitude::SURFACE,
        upper: Altitude::UNLIMITED,
    };

    /// The band from `lower` to `upper`.
    ///
    /// The order is checked where both limits have one reference (SFC counts as 0 m above ground); other pairs have no
    /// order without weather and terrain. A band without thickness is a level, and allowed.
    ///
    /// # Errors
    ///
    /// A band upside down, or one that starts at UNL.
    pub fn new(lower: Altitude, upper: Altitude) -> Result<Self, AltitudeBandError> {
        if lower.reference == Reference::Unlimited {
            return Err(AltitudeBandError::UnlimitedBelow);
        }
        let comparable = ground(lower.reference) == ground(upper.reference);
        if comparable && upper.value_m < lower.value_m {
            return Err(AltitudeBandError::Reversed { lower, upper });
        }
        Ok(Self { lower, upper })
    }

    /// The lower limit.
    pub fn lower(&self) -> Altitude {
        self.lower
    }

    /// The upper limit.
    pub fn upper(&self) -> Altitude {
        self.upper
    }

    /// The band between the same limits, exchanged: what a band that is upside down can only have meant.
    pub(crate) fn turned(&self) -> Self {
        Self {
            lower: self.upper,
            upper: self.lower,
        }
    }
}

/// Feet to metres, correctly rounded while 381 times the feet is exact: 0.3048 is 381 / 1250 and no binary number.
fn metres_of_feet(value_ft: f64) -> f64 {
    value_ft * 381.0 / 1_250.0
}

/// SFC and AGL are measured from the same ground.
pub(crate) fn ground(reference: Reference) -> Reference {
    match reference {
        Reference::Surface => Reference::AboveGround,
        other => other,
    }
}

/// A number with its thousands set apart and at most three decimals: `12 500.25`.
pub(crate) struct Grouped(pub(crate) f64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.3}", self.0.abs());
        let text = text.trim_end_matches('0').trim_end_matches('.');
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        if self.0 < 0.0 && text != "0" {
            f.write_str("−")?;
        }
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place) % 3 == 0 {
                f.write_str(" ")?;
            }
            write!(f, "{digit}")?;
        }
        if decimals.is_empty() {
            return Ok(());
        }
        write!(f, ".{decimals}")
    }
}

impl fmt::Display for AltitudeBand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.lower, self.upper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_read_as_they_were_written() {
        let show = |altitude: Result<Altitude, AltitudeError>| altitude.unwrap().to_string();
        assert_eq!(show(Altitude::flight_level(85.0)), "FL085");
        assert_eq!(
            show(Altitude::from_feet(400.0, Reference::AboveGround)),
            "400 ft AGL"
        );
        assert_eq!(
            show(Altitude::new(1_200.5, Reference::MeanSeaLevel)),
            "1 200.5 m MSL"
        );
        assert_eq!(AltitudeBand::EVERY_HEIGHT.to_string(), "SFC to UNL");
    }

    #[test]
    fn feet_are_exact() {
        let metres = |feet| {
            let altitude = Altitude::from_feet(feet, Reference::MeanSeaLevel);
            altitude.unwrap().value_m()
        };
        assert_eq!(metres(1.0), METRES_IN_FOOT);
        assert_eq!(metres(-1_250.0), -381.0);
        for level in 0..=FLIGHT_LEVEL_MAX {
            let exact_m = f64::from(level) * 3_048.0 / 100.0;
            let level = f64::from(level);
            assert_eq!(Altitude::flight_level(level).unwrap().value_m(), exact_m);
            assert_eq!(metres(level * 100.0), exact_m);
        }
    }

    #[test]
    fn numbers_read_easily() {
        for (number, read) in [
            (0.0, "0"),
            (-0.0004, "0"),
            (100.0, "100"),
            (999.9996, "1 000"),
            (-100_000.0, "−100 000"),
            (1_234_567.875, "1 234 567.875"),
        ] {
            assert_eq!(Grouped(number).to_string(), read);
        }
    }

    #[test]
    fn what_is_no_altitude_is_refused() {
        assert_eq!(
            Altitude::new(f64::NAN, Reference::Ellipsoid),
            Err(AltitudeError::NotFinite)
        );
        assert!(matches!(
            Altitude::new(100_001.0, Reference::Ellipsoid),
            Err(AltitudeError::OutOfRange { .. })
        ));
        assert_eq!(
            Altitude::flight_level(1_000.0),
            Err(AltitudeError::FlightLevel)
        );
        assert!(matches!(
            Altitude::new(1.0, Reference::Surface),
            Err(AltitudeError::Valued { .. })
        ));
    }

    #[test]
    fn a_band_is_the_right_way_up_where_that_can_be_said() {
        let msl = |metres| Altitude::new(metres, Reference::MeanSeaLevel).unwrap();
        let agl = |metres| Altitude::new(metres, Reference::AboveGround).unwrap();
        assert!(AltitudeBand::new(msl(100.0), msl(100.0)).is_ok());
        assert!(matches!(
            AltitudeBand::new(msl(100.0), msl(99.0)),
            Err(AltitudeBandError::Reversed { .. })
        ));
        assert!(matches!(
            AltitudeBand::new(Altitude::SURFACE, agl(-1.0)),
            Err(AltitudeBandError::Reversed { .. })
        ));
        assert!(AltitudeBand::new(agl(500.0), msl(100.0)).is_ok());
        assert_eq!(
            AltitudeBand::new(Altitude::UNLIMITED, Altitude::UNLIMITED),
            Err(AltitudeBandError::UnlimitedBelow)
        );
    }
}
