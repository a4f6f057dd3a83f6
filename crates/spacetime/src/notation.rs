//! Positions as people write and say them: degrees, degrees with minutes and seconds, MGRS, UTM.
//!
//! [`read`] takes a text for what it says and nothing more: minutes have two digits below 60, a hemisphere is named
//! for both angles or for none, a square lies in its zone. What can be read in two ways is refused with both. Digits
//! may be Arabic-Indic, decimals may follow a comma, sides of the world may be named in English, Russian or Arabic.
//!
//! What was read knows how exactly it was said ([`Stated::precision_m`]), and [`Stated::read_back`] says it again in
//! another notation, with the distance between the two: whoever wrote the one confirms the other.

mod angles;
mod grid;
mod mgrs;
mod token;
mod transverse;

use std::fmt;

use crate::geodesic;
use crate::position::Position;

/// Most characters of a position; longer texts are something else.
pub const TEXT_CHARS_MAX: usize = 120;

/// A way to write a position. All of them mean WGS84.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notation {
    /// Degrees with decimals, latitude first: `36.20124, 37.16117`.
    Decimal,
    /// Degrees, minutes and seconds with their hemispheres: `36°12′04.5″N 037°09′40.2″E`.
    Sexagesimal,
    /// The Military Grid Reference System: `37S CA 34567 08123`.
    Mgrs,
    /// Universal Transverse Mercator, beyond its parallels Universal Polar Stereographic: `37N 334567 4008123`.
    Utm,
}

impl Notation {
    /// Every notation.
    pub const ALL: [Self; 4] = [Self::Decimal, Self::Sexagesimal, Self::Mgrs, Self::Utm];

    /// The name in documents and options.
    pub const fn wire_name(self) -> &'static str {
        match self {
            Self::Decimal => "decimal",
            Self::Sexagesimal => "sexagesimal",
            Self::Mgrs => "mgrs",
            Self::Utm => "utm",
        }
    }

    /// The notation with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|notation| notation.wire_name() == name)
    }

    /// The notation to read this one back in: another kind of number, so that a slip does not repeat itself.
    pub const fn other(self) -> Self {
        match self {
            Self::Decimal | Self::Sexagesimal => Self::Mgrs,
            Self::Mgrs | Self::Utm => Self::Sexagesimal,
        }
    }
}

impl fmt::Display for Notation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.wire_name())
    }
}

/// A position as somebody stated it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stated {
    /// Where: the point itself, or the middle of the square that was named.
    pub position: Position,
    /// In which notation.
    pub notation: Notation,
    /// How far the point that was meant may lie from there, in metres, by the digits alone: the corner of the square,
    /// or one unit of the last digit either way, as people round and as they cut off.
    pub precision_m: f64,
}

/// A position said again in another notation.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadBack {
    /// The notation.
    pub notation: Notation,
    /// What to read out.
    pub text: String,
    /// What that says.
    pub position: Position,
    /// How far the two are apart, in metres; never more than both precisions together.
    pub distance_m: f64,
}

impl Stated {
    /// Says the position again in a notation, one digit finer than it was stated.
    ///
    /// MGRS and UTM know no position that they could not write; the answer is therefore always there.
    #[must_use]
    pub fn read_back(&self, notation: Notation) -> ReadBack {
        let text = write(self.position, notation, self.precision_m / 4.0);
        // What this crate writes it can read; the properties in the tests hold it to that.
        let position = read(&text).map_or(self.position, |said| said.position);
        ReadBack {
            notation,
            text,
            position,
            distance_m: geodesic::distance_m(self.position, position),
        }
    }
}

/// Reads a position in any of the notations.
///
/// # Errors
///
/// [`NotationError`], which says what is wrong and what to write instead.
pub fn read(text: &str) -> Result<Stated, NotationError> {
    let count = text.chars().count();
    if count > TEXT_CHARS_MAX {
        return Err(NotationError::TooLong { count });
    }
    let plain = token::plain(text);
    if plain.is_empty() {
        return Err(NotationError::Empty);
    }
    // A zone with letters can be nothing else, so that its faults are told as those of a grid.
    if let Some(read) = mgrs::read(&plain) {
        return read;
    }
    if let Some(read) = grid::read(&plain) {
        return read;
    }
    angles::read(&plain)
}

/// Reads a position; of two readings takes the one that lies where positions are expected, when only one does.
///
/// # Errors
///
/// As [`read`]; [`NotationError::Ambiguous`] when both or neither is expected.
pub fn read_expecting(
    text: &str,
    is_expected: impl Fn(Position) -> bool,
) -> Result<Stated, NotationError> {
    match read(text) {
        Err(NotationError::Ambiguous { first, second }) => {
            match (is_expected(first.position), is_expected(second.position)) {
                (true, false) => Ok(first),
                (false, true) => Ok(second),
                _ => Err(NotationError::Ambiguous { first, second }),
            }
        }
        other => other,
    }
}

/// Writes a position so that what is written lies within about `fineness_m` metres of it.
///
/// UTM is written with a hemisphere that no latitude band can be taken for.
#[must_use]
pub fn write(position: Position, notation: Notation, fineness_m: f64) -> String {
    match notation {
        Notation::Decimal => angles::write_decimal(position, fineness_m),
        Notation::Sexagesimal => angles::write_sexagesimal(position, fineness_m),
        Notation::Mgrs => mgrs::write(position, fineness_m),
        Notation::Utm => grid::write(position, fineness_m),
    }
}

/// Why a text is not a position.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotationError {
    /// There is nothing.
    #[error("there is no position")]
    Empty,
    /// It is no position, whatever it is.
    #[error("{count} characters are too many for a position")]
    TooLong {
        /// How many there are.
        count: usize,
    },
    /// A character that occurs in no position.
    #[error("`{character}` does not occur in a position")]
    Character {
        /// The character.
        character: char,
    },
    /// It fits no notation.
    #[error("this is a position in no notation that is read here")]
    Unreadable,
    /// Two readings, far apart.
    #[error("this can be read as {} and as {}", first.position, second.position)]
    Ambiguous {
        /// One reading.
        first: Stated,
        /// The other.
        second: Stated,
    },
    /// Minutes or seconds of 60 and more.
    #[error("{value} {part} are too many: there are 60 to the next unit")]
    Sixtieths {
        /// `minutes` or `seconds`.
        part: &'static str,
        /// The number.
        value: f64,
    },
    /// A latitude or longitude that is none.
    #[error("a {axis} of {value}° does not exist")]
    OutOfRange {
        /// `latitude` or `longitude`.
        axis: &'static str,
        /// Degrees.
        value: f64,
    },
    /// Decimals before the last part.
    #[error("only the last part of an angle has decimals")]
    InnerDecimals,
    /// A sign and a hemisphere.
    #[error("an angle has a sign or a hemisphere, not both")]
    SignAndHemisphere,
    /// One angle of the two names its hemisphere.
    #[error("one angle names its hemisphere and the other does not")]
    OneHemisphere,
    /// Two latitudes or two longitudes.
    #[error("both angles are {axis}s")]
    SameAxis {
        /// `latitude` or `longitude`.
        axis: &'static str,
    },
    /// A zone that does not exist.
    #[error("there is no zone {zone}")]
    Zone {
        /// As written, with its band where there is one.
        zone: String,
    },
    /// Letters of a square that does not exist in its zone.
    #[error("zone {zone} has no square {square}")]
    Square {
        /// The zone.
        zone: String,
        /// The letters.
        square: String,
    },
    /// A square that lies outside the zone it is written in.
    #[error("the square lies outside the zone {zone} it is written in")]
    OutsideZone {
        /// The zone.
        zone: String,
    },
    /// Digits of a square that are not two halves of one length.
    #[error("{count} digits are not two numbers of one to five digits")]
    Digits {
        /// How many there are.
        count: usize,
    },
    /// An easting or northing that no zone has.
    #[error("{axis} {value} m lies outside every zone")]
    Metres {
        /// `easting` or `northing`.
        axis: &'static str,
        /// Metres.
        value: f64,
    },
}

impl NotationError {
    /// What to write instead.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Ambiguous { .. } => {
                "write `north` or `south` after the zone, or use MGRS or degrees"
            }
            Self::Sixtieths { .. } => {
                "are these decimals of a degree? write 36.75, or 36°45′ for minutes"
            }
            Self::OutOfRange { .. } => {
                "latitude comes first, from −90 to 90; longitude goes from −180 to 180"
            }
            Self::InnerDecimals => "write 36°12.5′ or 36°12′30″",
            Self::SignAndHemisphere => "leave out the sign, or the letter",
            Self::OneHemisphere | Self::SameAxis { .. } => {
                "name both hemispheres, such as 36.2 N 37.16 E, or neither, latitude first"
            }
            Self::Zone { .. } => {
                "zones go from 1 to 60; bands from C to X without I and O; zones 32X, 34X and 36X do not exist"
            }
            Self::Square { .. } | Self::OutsideZone { .. } => {
                "compare zone and letters with the source: one of them is mistaken"
            }
            Self::Digits { .. } => "write as many digits for the easting as for the northing",
            Self::Metres { .. } => {
                "an easting goes from 100000 to 900000, a northing to 10000000; the easting comes first"
            }
            Self::Empty | Self::TooLong { .. } | Self::Character { .. } | Self::Unreadable => {
                "write 36.20124, 37.16117 or 36°12′04.5″N 37°09′40.2″E or 37S CA 34567 08123 or 37 north 334567 4008123"
            }
        }
    }
}

/// The number of decimals with which one unit of the last is at most `fineness` of them, from 0 to `most`.
fn decimals(unit: f64, fineness: f64, most: usize) -> usize {
    let mut unit = unit;
    for count in 0..most {
        if unit <= fineness {
            return count;
        }
        unit /= 10.0;
    }
    most
}
