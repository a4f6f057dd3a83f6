//! The Military Grid Reference System: a zone, a square of 100 km by two letters, and digits within it.
//!
//! # Source
//!
//! NGA.STND.0037, *Universal Grids and the Transverse Mercator and Polar Stereographic Map Projections* (2014),
//! <https://earth-info.nga.mil/php/download.php?file=coord-grids>, chapters 11 and 12; lettering of WGS84 (AA).

use super::grid::{BANDS, Grid, POLE_OFFSET_M, Point, band_of, latitudes, longitudes, pole_letter};
use super::{Notation, NotationError, Stated};
use crate::position::Position;

/// Side of a lettered square, metres.
const SQUARE_M: f64 = 100_000.0;
/// After so many metres the letters of the rows begin anew.
const ROWS_M: f64 = 2_000_000.0;
/// How often they do up to the northing of the equator as seen from the south.
const ROW_TURNS: u8 = 5;
/// Letters of the columns, by the remainder of the zone's number.
const COLUMNS: [&str; 3] = ["STUVWXYZ", "ABCDEFGH", "JKLMNPQR"];
/// Letters of the rows of odd zones; even zones begin five letters later.
const ROWS: &str = "ABCDEFGHJKLMNPQRSTUV";
const EVEN_ZONES_LATER: usize = 5;
/// Letters of the columns at the poles, west and east of 0° and 180°.
const POLE_COLUMNS: [&str; 2] = ["JKLPQRSTUXYZ", "ABCFGHJKLPQR"];
/// Letters of the rows at the south pole and at the north pole.
const POLE_ROWS: [&str; 2] = ["ABCDEFGHJKLMNPQRSTUVWXYZ", "ABCDEFGHJKLMNP"];
/// Where the rows begin at the south pole and at the north pole, metres.
const POLE_ROW_0_M: [f64; 2] = [800_000.0, 1_300_000.0];
/// Most digits of an easting or northing: metres.
const DIGITS_MAX: usize = 5;
/// Half the diagonal of a square, as a part of its side.
const HALF_DIAGONAL: f64 = std::f64::consts::FRAC_1_SQRT_2;
/// How far a square may lie from its zone, as a part of its side: borders are straight on the globe, not on the grid.
const BORDER_SLACK: f64 = 1e-3;
/// Degrees in a metre, generously.
const DEG_IN_M: f64 = 1e-5;

/// Writes the square a position lies in.
pub(super) fn write(position: Position, fineness_m: f64) -> String {
    let grid = Grid::of(position);
    let point = grid.point(position);
    let (zone, column, row) = match grid {
        Grid::Zone { number, .. } => {
            let column = letter(columns(number), cell(point.easting_m) - 1);
            let row = letter(
                ROWS,
                (cell(point.northing_m) + row_shift(number)) % ROWS.len(),
            );
            let band = band_of(position.latitude_deg());
            (format!("{number}{band}"), column, row)
        }
        Grid::Pole { is_north } => {
            let half = usize::from(point.easting_m >= POLE_OFFSET_M);
            let pole = usize::from(is_north);
            let columns = POLE_COLUMNS[half];
            let column = letter(columns, cell(point.easting_m - pole_column_0_m(half)));
            let row = letter(POLE_ROWS[pole], cell(point.northing_m - POLE_ROW_0_M[pole]));
            let zone = pole_letter(point, is_north).to_string();
            (zone, column, row)
        }
    };
    let digits = (1..DIGITS_MAX)
        .find(|digits| HALF_DIAGONAL * side_m(*digits) <= fineness_m)
        .unwrap_or(DIGITS_MAX);
    let number = |metres: f64| {
        // The remainder lies in [0, 100 000) and its quotient has at most five digits.
        let whole = (metres.rem_euclid(SQUARE_M) / side_m(digits)).floor() as u32;
        format!("{whole:0digits$}")
    };
    format!(
        "{zone} {column}{row} {} {}",
        number(point.easting_m),
        number(point.northing_m)
    )
}

/// The number of whole squares in a distance.
fn cell(metres: f64) -> usize {
    (metres / SQUARE_M).floor().max(0.0) as usize
}

fn letter(letters: &str, index: usize) -> char {
    letters.chars().nth(index).unwrap_or('?')
}

fn columns(number: u8) -> &'static str {
    COLUMNS[usize::from(number) % COLUMNS.len()]
}

fn row_shift(number: u8) -> usize {
    match number % 2 {
        0 => EVEN_ZONES_LATER,
        _ => 0,
    }
}

/// Where the columns of a half begin, metres: both have twelve letters, and the western ones end at the pole.
fn pole_column_0_m(half: usize) -> f64 {
    match half {
        0 => POLE_OFFSET_M - 12.0 * SQUARE_M,
        _ => POLE_OFFSET_M,
    }
}

/// Side of the square that so many digits name, metres.
fn side_m(digits: usize) -> f64 {
    let mut side_m = SQUARE_M;
    for _ in 0..digits {
        side_m /= 10.0;
    }
    side_m
}

/// A reference taken apart.
struct Reference {
    zone: String,
    number: Option<u8>,
    band: char,
    square: String,
    column: char,
    row: char,
    /// Offset of the named square's south-western corner in its lettered square, metres.
    easting_m: f64,
    northing_m: f64,
    side_m: f64,
}

/// Reads a reference; `None` when the text is not written like one.
pub(super) fn read(plain: &str) -> Option<Result<Stated, NotationError>> {
    let text = plain.strip_prefix("MGRS").unwrap_or(plain).trim();
    let end = text.find(|character: char| !character.is_ascii_digit())?;
    let (digits, rest) = text.split_at(end);
    let mut letters = String::new();
    let mut rest = rest;
    while letters.len() < 3 {
        rest = rest.trim_start();
        let letter = rest.chars().next().filter(char::is_ascii_uppercase)?;
        letters.push(letter);
        rest = rest.get(1..)?;
    }
    let rest = rest.trim_start();
    let only_digits = |character: char| character.is_ascii_digit() || character == ' ';
    let is_reference = digits.len() <= 2 && rest.chars().all(only_digits);
    let mut parts = letters.chars();
    let (band, column, row) = (parts.next()?, parts.next()?, parts.next()?);
    // Without a number only the letters of the poles begin a reference.
    let is_reference = is_reference && (!digits.is_empty() || "ABYZ".contains(band));
    if !is_reference {
        return None;
    }
    let (easting_m, northing_m, side_m) = match within(rest) {
        Ok(found) => found,
        Err(error) => return Some(Err(error)),
    };
    let reference = Reference {
        zone: format!("{digits}{band}"),
        number: digits.parse().ok(),
        band,
        square: format!("{column}{row}"),
        column,
        row,
        easting_m,
        northing_m,
        side_m,
    };
    Some(match reference.number {
        Some(number) => reference.in_zone(number),
        None => reference.at_pole(),
    })
}

/// Reads the digits: the corner of the named square in metres, and its side.
fn within(text: &str) -> Result<(f64, f64, f64), NotationError> {
    let groups: Vec<&str> = text.split_whitespace().collect();
    let count: usize = groups.iter().map(|group| group.len()).sum();
    let wrong = NotationError::Digits { count };
    let (easting, northing) = match groups.as_slice() {
        [both] if count.is_multiple_of(2) => both.split_at(count / 2),
        [easting, northing] if easting.len() == northing.len() => (*easting, *northing),
        _ => return Err(wrong),
    };
    let digits = easting.len();
    if !(1..=DIGITS_MAX).contains(&digits) {
        return Err(wrong);
    }
    let side_m = side_m(digits);
    let metres = |text: &str| {
        text.parse::<u32>()
            .ok()
            .map(|whole| f64::from(whole) * side_m)
    };
    match (metres(easting), metres(northing)) {
        (Some(easting_m), Some(northing_m)) => Ok((easting_m, northing_m, side_m)),
        _ => Err(wrong),
    }
}

impl Reference {
    fn no_zone(&self) -> NotationError {
        NotationError::Zone {
            zone: self.zone.clone(),
        }
    }

    fn no_square(&self) -> NotationError {
        NotationError::Square {
            zone: self.zone.clone(),
            square: self.square.clone(),
        }
    }

    fn outside(&self) -> NotationError {
        NotationError::OutsideZone {
            zone: self.zone.clone(),
        }
    }

    fn stated(&self, position: Position) -> Stated {
        Stated {
            position,
            notation: Notation::Mgrs,
            precision_m: HALF_DIAGONAL * self.side_m,
        }
    }

    fn in_zone(&self, number: u8) -> Result<Stated, NotationError> {
        let band = Some(self.band).filter(|band| BANDS.contains(*band));
        let band = band.ok_or_else(|| self.no_zone())?;
        let longitudes = longitudes(number, band).ok_or_else(|| self.no_zone())?;
        let latitudes = latitudes(band).ok_or_else(|| self.no_zone())?;
        let column = columns(number).find(self.column);
        let row = ROWS.find(self.row);
        let (Some(column), Some(row)) = (column, row) else {
            return Err(self.no_square());
        };
        let row = (row + ROWS.len() - row_shift(number)) % ROWS.len();
        let easting_m = metres(column + 1) + self.easting_m;
        let lowest_m = metres(row) + self.northing_m;
        let grid = Grid::Zone {
            number,
            is_north: band >= 'N',
        };
        let mut turns = (0..=ROW_TURNS).filter_map(|turn| {
            let corner = Point {
                easting_m,
                northing_m: lowest_m + f64::from(turn) * ROWS_M,
            };
            self.touches(grid, corner, latitudes, longitudes)
                .then(|| grid.position(self.middle(corner)))
        });
        let position = turns.next().flatten().ok_or_else(|| self.outside())?;
        Ok(self.stated(position))
    }

    fn middle(&self, corner: Point) -> Point {
        Point {
            easting_m: corner.easting_m + self.side_m / 2.0,
            northing_m: corner.northing_m + self.side_m / 2.0,
        }
    }

    /// Whether the square has a part in its zone.
    fn touches(
        &self,
        grid: Grid,
        corner: Point,
        (south, north): (f64, f64),
        (west, east): (f64, f64),
    ) -> bool {
        let slack_deg = self.side_m * BORDER_SLACK * DEG_IN_M;
        let side_m = self.side_m;
        let parts = [(0.0, 0.0), (0.0, side_m), (side_m, 0.0), (side_m, side_m)];
        let corners = parts.map(|(east_m, north_m)| Point {
            easting_m: corner.easting_m + east_m,
            northing_m: corner.northing_m + north_m,
        });
        let mut looked_at = corners.into_iter().chain([self.middle(corner)]);
        looked_at.any(|point| {
            let Some(position) = grid.position(point) else {
                return false;
            };
            let latitude = position.latitude_deg();
            // Measured from the middle of the zone, so that 180° is no border.
            let middle = (west + east) / 2.0;
            let off = (position.longitude_deg() - middle + 540.0).rem_euclid(360.0) - 180.0;
            // Meridians come together, so that the same slack is more degrees.
            let slack_east = slack_deg / latitude.to_radians().cos().max(0.05);
            (south - slack_deg..=north + slack_deg).contains(&latitude)
                && off.abs() <= (east - west) / 2.0 + slack_east
        })
    }

    fn at_pole(&self) -> Result<Stated, NotationError> {
        let is_north = matches!(self.band, 'Y' | 'Z');
        let half = usize::from(matches!(self.band, 'B' | 'Z'));
        let pole = usize::from(is_north);
        let column = POLE_COLUMNS[half].find(self.column);
        let row = POLE_ROWS[pole].find(self.row);
        let (Some(column), Some(row)) = (column, row) else {
            return Err(self.no_square());
        };
        let corner = Point {
            easting_m: pole_column_0_m(half) + metres(column) + self.easting_m,
            northing_m: POLE_ROW_0_M[pole] + metres(row) + self.northing_m,
        };
        let grid = Grid::Pole { is_north };
        let latitudes = match is_north {
            true => (super::grid::NORTH_DEG, 90.0),
            false => (-90.0, super::grid::SOUTH_DEG),
        };
        if !self.touches(grid, corner, latitudes, (-180.0, 180.0)) {
            return Err(self.outside());
        }
        let position = grid.position(self.middle(corner));
        Ok(self.stated(position.ok_or_else(|| self.outside())?))
    }
}

/// Metres of so many lettered squares.
fn metres(squares: usize) -> f64 {
    let mut metres = 0.0;
    for _ in 0..squares {
        metres += SQUARE_M;
    }
    metres
}
