//! A plan's volume in whole numbers, from which its cells follow exactly.
//!
//! Turning a footprint into whole numbers is the only step that computes with fractions; what it may round by is part of the
//! leg, so that a leg always holds its volume. Sides commit to legs, not to footprints: an auditor whose sine differs in the
//! last bit replays the same session, and finds by [`Leg::agrees_with`] whether the legs are those of the plans.

use detente_spacetime::footprint::RADIUS_MIN_M;
use detente_spacetime::geodesic::{azimuth_deg, destination, distance_m};
use detente_spacetime::{
    ALTITUDE_MAX_M, Altitude, AltitudeBand, EdgeKind, Footprint, Instant, OutlinePoint, Position,
    Reference, VerticalAssumptions, Volume4D, Window,
};

use super::grid::{LATITUDE_MAX_DEG, TURN};

/// What a leg may hold beyond its volume, metres: the bow of an edge, the steps of a curve and the snapping of corners.
pub(super) const ROUNDING_M: f64 = 6.0;

/// Edges are cut to this length, metres, so that a straight line in degrees stays within [`EDGE_BOW_CM`] of the geodesic:
/// L²/8R · tan 85° is 3.6 m.
const EDGE_MAX_M: f64 = 4_000.0;
/// How far a straight edge in degrees may be from the geodesic, centimetres.
const EDGE_BOW_CM: i64 = 400;
/// Snapping to units of angle, and whatever two machines' trigonometry may differ by, centimetres.
const SNAP_CM: i64 = 10;
/// Curves are drawn to a thousandth of their radius, or to 10 cm (see the outline's tolerance).
const CURVE_PARTS: f64 = 1_000.0;
/// Heights further than this from the ellipsoid are taken for this, centimetres: ten thousand kilometres stand for all.
const HEIGHT_MAX_CM: i64 = 1_000_000_000;
/// A leg that reaches higher has no upper limit when it is read again, centimetres: [`ALTITUDE_MAX_M`].
const HEIGHT_LIMITED_CM: i64 = 10_000_000;
/// Most that a leg may say it was rounded by, centimetres: a thousandth of the widest footprint there is is far less.
const ROUNDED_MAX_CM: i64 = 10_000_000;
/// How far the corners of two legs of one volume may lie apart, units of angle: some 20 cm, what two machines' trigonometry and
/// the snapping after it may differ by, with room.
const SAME_UNITS: i64 = 20;
/// Longest window, microseconds: a plan for longer than a week is not a plan for an operation.
const WINDOW_MAX_US: i64 = 7 * 86_400 * 1_000_000;
/// Most corners of a leg, cut edges included: ten times what a footprint may have.
const CORNERS_MAX: usize = 100_000;

/// A corner: longitude and latitude in units of angle.
pub(super) type Corner = (i64, i64);

/// A volume in whole numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Polygons, each an outer ring and its holes, without the repeated corner; a ring of one corner is a point. A place counts
    /// when it lies in an odd number of rings.
    pub(super) polygons: Vec<Vec<Vec<Corner>>>,
    /// What the polygons may be too narrow by, centimetres.
    pub(super) rounded_cm: i64,
    /// Lowest and greatest height, centimetres above the ellipsoid, both held.
    pub(super) heights_cm: (i64, i64),
    /// First instant, and the first one that no longer counts, microseconds since 1970.
    pub(super) window_us: (i64, i64),
}

/// Why a volume cannot take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LegFault {
    /// Its window has no end.
    #[error("a window without an end cannot be compared in private; state an end")]
    Endless,
    /// Its window is longer than a week.
    #[error("a window of more than seven days cannot be compared in private; cut it")]
    TooLong,
    /// It reaches beyond 85° of latitude.
    #[error("a volume beyond 85° of latitude cannot be compared in private")]
    Polar,
    /// Its shape has too many corners.
    #[error("the shape has too many corners")]
    TooManyCorners,
}

impl Leg {
    /// The volume in whole numbers.
    ///
    /// # Errors
    ///
    /// [`LegFault`], when the volume has no place in the grid.
    pub fn new(volume: &Volume4D, assumptions: &VerticalAssumptions) -> Result<Self, LegFault> {
        let window_us = window_us(volume)?;
        let outline = volume.footprint.outline();
        let mut polygons = Vec::new();
        let mut corners = 0;
        for polygon in outline.polygons() {
            let mut rings = Vec::new();
            for ring in polygon {
                let ring = snapped(ring)?;
                corners += ring.len();
                if corners > CORNERS_MAX {
                    return Err(LegFault::TooManyCorners);
                }
                rings.push(ring);
            }
            polygons.push(rings);
        }
        if let Some(point) = outline.point() {
            polygons.push(vec![vec![units(
                point.longitude_deg(),
                point.latitude_deg(),
            )?]]);
        }
        let curve_cm = (volume.footprint.offset_m() * 100.0 / CURVE_PARTS)
            .ceil()
            .max(10.0);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a footprint is no wider than the earth"
        )]
        let curve_cm = curve_cm as i64;
        Ok(Self {
            polygons,
            rounded_cm: EDGE_BOW_CM + SNAP_CM + curve_cm,
            heights_cm: heights_cm(volume, assumptions),
            window_us,
        })
    }

    /// What its shape may be off by, metres.
    pub(super) fn rounded_m(&self) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "no leg is rounded by more than a hundred kilometres"
        )]
        let rounded_m = self.rounded_cm as f64 / 100.0;
        rounded_m.max(ROUNDING_M)
    }

    /// All rings, whichever polygon they belong to.
    pub(super) fn rings(&self) -> impl Iterator<Item = &Vec<Corner>> {
        self.polygons.iter().flatten()
    }

    /// How many corners it has.
    pub(super) fn corners(&self) -> usize {
        self.rings().map(Vec::len).sum()
    }

    /// The leg in its only form.
    ///
    /// ```text
    /// rounded_cm (8)  lowest (8)  greatest (8)  first (8)  last (8)  polygons (4)
    ///   [ rings (4)  [ corners (4)  [ longitude (5)  latitude (5) ]… ]… ]…
    /// ```
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64 + CORNER_BYTES * self.corners());
        for number in [
            self.rounded_cm,
            self.heights_cm.0,
            self.heights_cm.1,
            self.window_us.0,
            self.window_us.1,
        ] {
            bytes.extend(number.to_be_bytes());
        }
        let count = |bytes: &mut Vec<u8>, count: usize| {
            bytes.extend(u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
        };
        count(&mut bytes, self.polygons.len());
        for polygon in &self.polygons {
            count(&mut bytes, polygon.len());
            for ring in polygon {
                count(&mut bytes, ring.len());
                for (longitude, latitude) in ring {
                    bytes.extend(&longitude.to_be_bytes()[3..]);
                    bytes.extend(&latitude.to_be_bytes()[3..]);
                }
            }
        }
        bytes
    }

    /// Reads a leg; `None` for anything but the only form of one that has a place in the grid.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let mut leg = Self {
            rounded_cm: reader.number()?,
            heights_cm: (reader.number()?, reader.number()?),
            window_us: (reader.number()?, reader.number()?),
            polygons: Vec::new(),
        };
        for _ in 0..reader.count()? {
            let mut polygon = Vec::new();
            for _ in 0..reader.count()? {
                let corners = reader.count()?;
                let (corners, rest) = reader.0.split_at_checked(corners * CORNER_BYTES)?;
                reader.0 = rest;
                let (corners, _) = corners.as_chunks::<CORNER_BYTES>();
                polygon.push(corners.iter().map(corner).collect());
            }
            leg.polygons.push(polygon);
        }
        (reader.0.is_empty() && leg.is_sound()).then_some(leg)
    }

    /// Whether every number is one that a volume can have, so that nothing computed with them overflows.
    fn is_sound(&self) -> bool {
        let reach = |(longitude, latitude): &Corner| {
            longitude.abs() <= TURN / 2 && latitude.abs() <= latitude_max()
        };
        let (lower, upper) = self.heights_cm;
        let (start, end) = self.window_us;
        (0..=ROUNDED_MAX_CM).contains(&self.rounded_cm)
            && (-HEIGHT_MAX_CM..=upper).contains(&lower)
            && upper <= HEIGHT_MAX_CM
            && start < end
            && end
                .checked_sub(start)
                .is_some_and(|span| span <= WINDOW_MAX_US)
            && Instant::from_micros(start).is_some()
            && Instant::from_micros(end).is_some()
            && self.corners() <= CORNERS_MAX
            && self.rings().all(|ring| !ring.is_empty())
            && self.rings().flatten().all(reach)
    }

    /// Whether another leg can be of the same volume, made on another machine: corners to some 20 cm, heights to a
    /// centimetre, the rest exactly.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        let near = |one: i64, other: i64| one.abs_diff(other) <= 1;
        self.window_us == other.window_us
            && near(self.rounded_cm, other.rounded_cm)
            && near(self.heights_cm.0, other.heights_cm.0)
            && near(self.heights_cm.1, other.heights_cm.1)
            && self.runs_along(other)
            && other.runs_along(self)
    }

    /// Whether every corner lies on an edge of the other, or nearly.
    fn runs_along(&self, other: &Self) -> bool {
        let edges: Vec<(Corner, Corner)> = other.edges().collect();
        self.rings().flatten().all(|corner| {
            edges
                .iter()
                .any(|(from, to)| is_beside(*corner, *from, *to))
        })
    }

    /// The edges of all rings; a ring of one corner has one edge from the corner to itself.
    pub(super) fn edges(&self) -> impl Iterator<Item = (Corner, Corner)> + '_ {
        self.rings().flat_map(|ring| {
            let next = ring.iter().cycle().skip(1);
            ring.iter().copied().zip(next.copied())
        })
    }

    /// The volume that the leg stands for, to some metres; `None` only where it has no corners, so that it lies nowhere.
    ///
    /// What is written outside the range of altitudes is read as more, never as less: above it there is no limit.
    #[must_use]
    pub fn volume(&self) -> Option<Volume4D> {
        Some(Volume4D {
            footprint: self.drawn().or_else(|| self.around())?,
            altitude: self.altitude()?,
            window: Window::new(
                Instant::from_micros(self.window_us.0)?,
                Some(Instant::from_micros(self.window_us.1)?),
            )
            .ok()?,
        })
    }

    /// The footprint that the rings draw; `None` where they enclose nothing that can be measured.
    fn drawn(&self) -> Option<Footprint> {
        let polygons: Option<Vec<Vec<Vec<Position>>>> = self
            .polygons
            .iter()
            .map(|polygon| polygon.iter().map(|ring| positions(ring)).collect())
            .collect();
        let polygons = polygons?;
        let shaped = Footprint::multi_polygon(&polygons, EdgeKind::Geodesic);
        Some(shaped.ok()?.footprint)
    }

    /// A circle around all corners.
    fn around(&self) -> Option<Footprint> {
        let corners: Option<Vec<Vec<Position>>> =
            self.rings().map(|ring| positions(ring)).collect();
        let corners = corners?.concat();
        let centre = *corners.first()?;
        let reach_m = corners
            .iter()
            .map(|corner| distance_m(centre, *corner))
            .fold(0.0, f64::max);
        let point = Footprint::circle(centre, RADIUS_MIN_M).ok()?.footprint;
        Some(point.kept_out(reach_m))
    }

    fn altitude(&self) -> Option<AltitudeBand> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "heights of a leg are within ten thousand kilometres"
        )]
        let metres = |cm: i64| {
            let value_m = (cm as f64 / 100.0).clamp(-ALTITUDE_MAX_M, ALTITUDE_MAX_M);
            Altitude::new(value_m, Reference::Ellipsoid).ok()
        };
        let (lower, upper) = self.heights_cm;
        let upper = match upper > HEIGHT_LIMITED_CM {
            true => Altitude::UNLIMITED,
            false => metres(upper)?,
        };
        AltitudeBand::new(metres(lower)?, upper).ok()
    }
}

/// Bytes of a corner.
const CORNER_BYTES: usize = 10;

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self) -> Option<i64> {
        let (number, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(i64::from_be_bytes(*number))
    }

    /// A count of things that take at least four bytes each; more than there are bytes for is no count.
    fn count(&mut self) -> Option<usize> {
        let (count, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        let count = usize::try_from(u32::from_be_bytes(*count)).ok()?;
        (count <= rest.len() / 4).then_some(count)
    }
}

fn corner(bytes: &[u8; CORNER_BYTES]) -> Corner {
    let [a, b, c, d, e, f, g, h, i, j] = *bytes;
    let signed = |first: u8, rest: [u8; 4]| {
        (i64::from(first.cast_signed()) << 32) | i64::from(u32::from_be_bytes(rest))
    };
    (signed(a, [b, c, d, e]), signed(f, [g, h, i, j]))
}

/// Whether a place lies on an edge, to [`SAME_UNITS`].
fn is_beside((x, y): Corner, (from_x, from_y): Corner, (to_x, to_y): Corner) -> bool {
    let (along_x, along_y) = (i128::from(to_x - from_x), i128::from(to_y - from_y));
    let (off_x, off_y) = (i128::from(x - from_x), i128::from(y - from_y));
    let length2 = along_x * along_x + along_y * along_y;
    let along = (off_x * along_x + off_y * along_y).clamp(0, length2);
    let near2 = i128::from(SAME_UNITS * SAME_UNITS);
    if length2 == 0 {
        return off_x * off_x + off_y * off_y <= near2;
    }
    // The nearest place of the edge, in whole units; rounding it costs less than a unit.
    let (at_x, at_y) = (along_x * along / length2, along_y * along / length2);
    let (gap_x, gap_y) = (off_x - at_x, off_y - at_y);
    gap_x * gap_x + gap_y * gap_y <= near2
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a latitude in whole units of 2^-32 turns"
)]
fn latitude_max() -> i64 {
    (LATITUDE_MAX_DEG / 360.0 * TURN as f64).round() as i64
}

/// A ring as positions, closed again.
fn positions(ring: &[Corner]) -> Option<Vec<Position>> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a turn of 2^32 units is far below what a float holds exactly"
    )]
    let degrees = |units: i64| units as f64 * 360.0 / TURN as f64;
    let closed = ring.iter().chain(ring.first());
    closed
        .map(|(longitude, latitude)| Position::new(degrees(*latitude), degrees(*longitude)).ok())
        .collect()
}

fn window_us(volume: &Volume4D) -> Result<(i64, i64), LegFault> {
    let start = volume.window.start().micros();
    let end = volume.window.end().ok_or(LegFault::Endless)?.micros();
    if end.saturating_sub(start) > WINDOW_MAX_US {
        return Err(LegFault::TooLong);
    }
    Ok((start, end))
}

fn heights_cm(volume: &Volume4D, assumptions: &VerticalAssumptions) -> (i64, i64) {
    let band = volume
        .altitude
        .ellipsoid(volume.footprint.bounds(), assumptions);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "infinite heights are cut to the range, which keeps their order"
    )]
    let cut = |value: f64| (value as i64).clamp(-HEIGHT_MAX_CM, HEIGHT_MAX_CM);
    (
        cut((band.lower_m * 100.0).floor()),
        cut((band.upper_m * 100.0).ceil()),
    )
}

/// A ring with its long edges cut along their geodesics, snapped; the repeated last corner is left out.
fn snapped(ring: &[OutlinePoint]) -> Result<Vec<Corner>, LegFault> {
    let mut corners = Vec::with_capacity(ring.len());
    for (from, to) in ring.iter().zip(ring.iter().skip(1)) {
        corners.push(units(from.longitude_deg, from.latitude_deg)?);
        // Edges along the antimeridian are cuts of the drawing; their ends have the same longitude and need no cutting.
        let (Ok(start), Ok(end)) = (
            Position::new(from.latitude_deg, from.longitude_deg),
            Position::new(to.latitude_deg, to.longitude_deg),
        ) else {
            return Err(LegFault::Polar);
        };
        let length_m = distance_m(start, end);
        if length_m <= EDGE_MAX_M {
            continue;
        }
        let azimuth = azimuth_deg(start, end);
        let parts = (length_m / EDGE_MAX_M).ceil();
        let mut part = 1.0;
        while part < parts {
            let place = destination(start, azimuth, length_m * part / parts);
            let longitude = beside(place.longitude_deg(), from.longitude_deg);
            corners.push(units(longitude, place.latitude_deg())?);
            part += 1.0;
            if corners.len() > CORNERS_MAX {
                return Err(LegFault::TooManyCorners);
            }
        }
    }
    Ok(corners)
}

/// The longitude on the side of the antimeridian where `near` lies, degrees.
fn beside(longitude_deg: f64, near_deg: f64) -> f64 {
    if longitude_deg - near_deg > 180.0 {
        longitude_deg - 360.0
    } else if longitude_deg - near_deg < -180.0 {
        longitude_deg + 360.0
    } else {
        longitude_deg
    }
}

fn units(longitude_deg: f64, latitude_deg: f64) -> Result<Corner, LegFault> {
    if latitude_deg.abs() > LATITUDE_MAX_DEG {
        return Err(LegFault::Polar);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "degrees within a turn become whole units of 2^-32 turns"
    )]
    let unit = |degrees: f64| (degrees / 360.0 * TURN as f64).round() as i64;
    Ok((unit(longitude_deg), unit(latitude_deg)))
}
