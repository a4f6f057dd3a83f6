//! UTM and, beyond its parallels, UPS: a zone with an easting and a northing in metres.

use super::transverse::{Flat, from_pole, from_zone, onto_pole, onto_zone};
use super::{Notation, NotationError, Stated, decimals};
use crate::position::Position;

/// UTM is defined from here, degrees.
pub(super) const SOUTH_DEG: f64 = -80.0;
/// UTM is defined up to here, degrees.
pub(super) const NORTH_DEG: f64 = 84.0;
/// Degrees beyond those parallels in which either grid may still be used.
const OVERLAP_DEG: f64 = 0.5;
/// What is added to eastings of zones, metres.
const ZONE_EASTING_M: f64 = 500_000.0;
/// What is added to northings of southern zones, metres.
const SOUTH_NORTHING_M: f64 = 10_000_000.0;
/// What is added to eastings and northings at the poles, metres.
pub(super) const POLE_OFFSET_M: f64 = 2_000_000.0;
/// Eastings that are written of a zone, metres.
const EASTINGS_M: std::ops::RangeInclusive<f64> = 100_000.0..=900_000.0;
/// Digits of an easting before the decimal mark; receivers write a seventh in front, a nought.
const EASTING_DIGITS: std::ops::RangeInclusive<usize> = 6..=7;
/// Most decimals of a metre that are written.
const DECIMALS_MAX: usize = 3;

/// Latitude bands from south to north, each 8° high, the last one 12°.
pub(super) const BANDS: &str = "CDEFGHJKLMNPQRSTUVWX";

/// A zone, or the plane at a pole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grid {
    Zone { number: u8, is_north: bool },
    Pole { is_north: bool },
}

/// A point of a grid, with the false easting and northing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub(super) easting_m: f64,
    pub(super) northing_m: f64,
}

impl Grid {
    /// The grid a position is written in.
    pub(super) fn of(position: Position) -> Self {
        let latitude = position.latitude_deg();
        let is_north = latitude >= 0.0;
        match (SOUTH_DEG..NORTH_DEG).contains(&latitude) {
            true => Self::Zone {
                number: zone_of(position),
                is_north,
            },
            false => Self::Pole { is_north },
        }
    }

    pub(super) fn point(self, position: Position) -> Point {
        match self {
            Self::Zone { number, is_north } => {
                let flat = onto_zone(position, meridian_deg(number));
                Point {
                    easting_m: flat.x_m + ZONE_EASTING_M,
                    northing_m: flat.y_m + northing_offset_m(is_north),
                }
            }
            Self::Pole { is_north } => {
                let flat = onto_pole(position, is_north);
                Point {
                    easting_m: flat.x_m + POLE_OFFSET_M,
                    northing_m: flat.y_m + POLE_OFFSET_M,
                }
            }
        }
    }

    pub(super) fn position(self, point: Point) -> Option<Position> {
        match self {
            Self::Zone { number, is_north } => {
                let flat = Flat {
                    x_m: point.easting_m - ZONE_EASTING_M,
                    y_m: point.northing_m - northing_offset_m(is_north),
                };
                from_zone(flat, meridian_deg(number))
            }
            Self::Pole { is_north } => {
                let flat = Flat {
                    x_m: point.easting_m - POLE_OFFSET_M,
                    y_m: point.northing_m - POLE_OFFSET_M,
                };
                from_pole(flat, is_north)
            }
        }
    }
}

fn northing_offset_m(is_north: bool) -> f64 {
    match is_north {
        true => 0.0,
        false => SOUTH_NORTHING_M,
    }
}

fn meridian_deg(number: u8) -> f64 {
    f64::from(number) * 6.0 - 183.0
}

/// The zone of a position, with the exceptions of Norway and Svalbard.
fn zone_of(position: Position) -> u8 {
    let (latitude, longitude) = (position.latitude_deg(), position.longitude_deg());
    let band = band_of(latitude);
    let exceptions = (31..=37).find(|number| {
        let usual = usual_longitudes(*number);
        let found = longitudes(*number, band);
        found.is_some_and(|(west, east)| (west, east) != usual && (west..east).contains(&longitude))
    });
    // Longitudes lie in [−180, 180), so that the quotient lies in [0, 60).
    exceptions.unwrap_or(((longitude + 180.0) / 6.0).floor().clamp(0.0, 59.0) as u8 + 1)
}

/// The latitude band of a latitude within UTM.
pub(super) fn band_of(latitude_deg: f64) -> char {
    let index = ((latitude_deg - SOUTH_DEG) / 8.0).floor().clamp(0.0, 19.0) as usize;
    BANDS.chars().nth(index).unwrap_or('X')
}

/// The latitudes of a band, in degrees.
pub(super) fn latitudes(band: char) -> Option<(f64, f64)> {
    let index = u8::try_from(BANDS.find(band)?).ok()?;
    let south = SOUTH_DEG + 8.0 * f64::from(index);
    Some((south, if band == 'X' { NORTH_DEG } else { south + 8.0 }))
}

fn usual_longitudes(number: u8) -> (f64, f64) {
    let west = f64::from(number) * 6.0 - 186.0;
    (west, west + 6.0)
}

/// The longitudes of a zone in a band, in degrees; none where the zone does not exist.
pub(super) fn longitudes(number: u8, band: char) -> Option<(f64, f64)> {
    match (number, band) {
        (31, 'V') => Some((0.0, 3.0)),
        (32, 'V') => Some((3.0, 12.0)),
        (31, 'X') => Some((0.0, 9.0)),
        (33, 'X') => Some((9.0, 21.0)),
        (35, 'X') => Some((21.0, 33.0)),
        (37, 'X') => Some((33.0, 42.0)),
        (32 | 34 | 36, 'X') => None,
        (1..=60, _) => Some(usual_longitudes(number)),
        _ => None,
    }
}

/// Writes a position, metres with as many decimals as the fineness asks for.
pub(super) fn write(position: Position, fineness_m: f64) -> String {
    let grid = Grid::of(position);
    let point = grid.point(position);
    let digits = decimals(1.0, fineness_m, DECIMALS_MAX);
    let name = match grid {
        Grid::Zone { number, is_north } if is_north => format!("{number}N"),
        // `37S` could be the band of Syria as well as the southern hemisphere.
        Grid::Zone { number, .. } => format!("{number} south"),
        Grid::Pole { is_north } => pole_letter(point, is_north).to_string(),
    };
    format!(
        "{name} {:.digits$} {:.digits$}",
        point.easting_m, point.northing_m
    )
}

/// The letter of a half of the plane at a pole.
pub(super) fn pole_letter(point: Point, is_north: bool) -> char {
    match (is_north, point.easting_m < POLE_OFFSET_M) {
        (false, true) => 'A',
        (false, false) => 'B',
        (true, true) => 'Y',
        (true, false) => 'Z',
    }
}

/// How the zone is written.
#[derive(Clone, Copy, Debug)]
enum Designator {
    /// Hemisphere, spelled out.
    Hemisphere(u8, bool),
    /// A letter behind the number: a band, or N or S for a hemisphere.
    Letter(u8, char),
    /// One of the letters of the poles.
    Pole(char),
}

/// Reads UTM or UPS; `None` when the text is not written like either.
pub(super) fn read(plain: &str) -> Option<Result<Stated, NotationError>> {
    let (designator, rest) = designator(plain)?;
    let separated = metres(rest);
    // A comma between digits is read as a decimal mark where the other reading does not fit.
    let found = separated.or_else(|| metres(&super::angles::decimal_commas(rest)?))?;
    Some(stated(designator, &found))
}

fn stated(designator: Designator, found: &Metres) -> Result<Stated, NotationError> {
    let (number, letter) = match designator {
        Designator::Pole(letter) => return polar(letter, found),
        Designator::Hemisphere(number, is_north) => {
            let zone = format!("{number}");
            return hemisphere(number, is_north, &zone, found);
        }
        Designator::Letter(number, letter) => (number, letter),
    };
    let zone = format!("{number}{letter}");
    let banded = banded(number, letter, &zone, found);
    let hemispheric = match letter {
        'N' => hemisphere(number, true, &zone, found),
        'S' => hemisphere(number, false, &zone, found),
        _ => return banded,
    };
    match (hemispheric, banded) {
        (Ok(first), Ok(second)) if first.position != second.position => {
            Err(NotationError::Ambiguous { first, second })
        }
        (Ok(found), _) | (Err(_), Ok(found)) => Ok(found),
        (Err(error), Err(_)) => Err(error),
    }
}

/// The letter is a latitude band, and the position lies in it.
fn banded(number: u8, band: char, zone: &str, found: &Metres) -> Result<Stated, NotationError> {
    let missing = || NotationError::Zone {
        zone: zone.to_owned(),
    };
    let (south, north) = latitudes(band).ok_or_else(missing)?;
    let stated = hemisphere(number, band >= 'N', zone, found)?;
    let latitude = stated.position.latitude_deg();
    // A position on the border of a band may be rounded over it.
    let slack_deg = stated.precision_m / 100_000.0;
    match (south - slack_deg..=north + slack_deg).contains(&latitude) {
        true => Ok(stated),
        false => Err(NotationError::OutsideZone {
            zone: zone.to_owned(),
        }),
    }
}

fn hemisphere(
    number: u8,
    is_north: bool,
    zone: &str,
    found: &Metres,
) -> Result<Stated, NotationError> {
    if !(1..=60).contains(&number) {
        let zone = zone.to_owned();
        return Err(NotationError::Zone { zone });
    }
    let easting_m = found.point.easting_m;
    if !EASTINGS_M.contains(&easting_m) {
        let (axis, value) = ("easting", easting_m);
        return Err(NotationError::Metres { axis, value });
    }
    let northing = NotationError::Metres {
        axis: "northing",
        value: found.point.northing_m,
    };
    if !(0.0..=SOUTH_NORTHING_M).contains(&found.point.northing_m) {
        return Err(northing);
    }
    let grid = Grid::Zone { number, is_north };
    let position = grid.position(found.point).ok_or_else(|| northing.clone())?;
    let latitude = position.latitude_deg();
    let defined = SOUTH_DEG - OVERLAP_DEG..=NORTH_DEG + OVERLAP_DEG;
    if !defined.contains(&latitude) {
        return Err(northing);
    }
    Ok(found.at(position))
}

fn polar(letter: char, found: &Metres) -> Result<Stated, NotationError> {
    let is_north = matches!(letter, 'Y' | 'Z');
    let outside = NotationError::OutsideZone {
        zone: letter.to_string(),
    };
    let grid = Grid::Pole { is_north };
    let position = grid.position(found.point).ok_or_else(|| outside.clone())?;
    let latitude = position.latitude_deg();
    let is_there = match is_north {
        true => latitude >= NORTH_DEG - OVERLAP_DEG,
        false => latitude <= SOUTH_DEG + OVERLAP_DEG,
    };
    match is_there && pole_letter(found.point, is_north) == letter {
        true => Ok(found.at(position)),
        false => Err(outside),
    }
}

/// Takes the zone off the beginning.
fn designator(plain: &str) -> Option<(Designator, &str)> {
    let text = ["UTM", "UPS", "ZONE"].iter().fold(plain, |text, word| {
        text.strip_prefix(word).unwrap_or(text).trim_start()
    });
    let end = text.find(|character: char| !character.is_ascii_digit())?;
    let (digits, rest) = text.split_at(end);
    let rest = rest.trim_start();
    if digits.is_empty() {
        let letter = rest.chars().next()?;
        let after = rest
            .get(1..)
            .filter(|_| matches!(letter, 'A' | 'B' | 'Y' | 'Z'))?;
        return Some((Designator::Pole(letter), after));
    }
    if digits.len() > 2 {
        return None;
    }
    let number = digits.parse().ok()?;
    for (word, is_north) in [("NORTH", true), ("SOUTH", false)] {
        if let Some(after) = rest.strip_prefix(word) {
            return Some((Designator::Hemisphere(number, is_north), after));
        }
    }
    let letter = rest.chars().next().filter(char::is_ascii_uppercase)?;
    Some((Designator::Letter(number, letter), rest.get(1..)?))
}

/// An easting and a northing as they are written.
struct Metres {
    point: Point,
    /// One unit of the finer one's last digit.
    unit_m: f64,
}

impl Metres {
    fn at(&self, position: Position) -> Stated {
        Stated {
            position,
            notation: Notation::Utm,
            precision_m: self.unit_m.hypot(self.unit_m),
        }
    }
}

/// Reads `334567 4008123`, `334567mE 4008123mN`, with a space or a comma between the two.
fn metres(text: &str) -> Option<Metres> {
    let (easting, rest) = number(text, 'E')?;
    if !EASTING_DIGITS.contains(&easting.whole) {
        return None;
    }
    let (northing, rest) = number(rest, 'N')?;
    if !rest.trim().is_empty() {
        return None;
    }
    let digits = easting.decimals.max(northing.decimals);
    Some(Metres {
        point: Point {
            easting_m: easting.value,
            northing_m: northing.value,
        },
        unit_m: 10_f64.powi(-i32::try_from(digits).ok()?),
    })
}

struct Written {
    value: f64,
    whole: usize,
    decimals: usize,
}

fn number(text: &str, axis: char) -> Option<(Written, &str)> {
    let text = text.trim_start_matches([' ', ',', ';', '/']);
    let end = text
        .find(|character: char| !character.is_ascii_digit() && character != '.')
        .unwrap_or(text.len());
    let (written, rest) = text.split_at(end);
    let (whole, fraction) = written.split_once('.').unwrap_or((written, ""));
    let is_sound = !whole.is_empty() && written.contains('.') != fraction.is_empty();
    let value = written.parse().ok().filter(|_| is_sound)?;
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('M').unwrap_or(rest).trim_start();
    let rest = rest.strip_prefix(axis).unwrap_or(rest);
    let number = Written {
        value,
        whole: whole.len(),
        decimals: fraction.len(),
    };
    Some((number, rest))
}
