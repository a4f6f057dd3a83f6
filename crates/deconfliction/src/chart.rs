//! Flat maps of small parts of the Earth on which geodesics are straight but for a stated deviation.
//!
//! A chart is the central projection of the ellipsoid from the centre of mean curvature below its middle (radius √(MN)).
//! On a sphere that is the gnomonic projection, whose straight lines are geodesics.
//! On the ellipsoid they are plane sections through the projection centre, which differ from geodesics because the surface normal
//! does not pass exactly through that centre: [`Chart::deviation_m`] bounds by how much.
//! Points are earth-centred vectors, so the antimeridian and the poles are places like others.

/// Equatorial radius of WGS84, metres (NGA.STND.0036, table 3.1).
const EQUATORIAL_RADIUS_M: f64 = 6_378_137.0;

/// Flattening of WGS84 (NGA.STND.0036, table 3.1).
const FLATTENING: f64 = 1.0 / 298.257_223_563;

/// Square of the first eccentricity.
const ECCENTRICITY_SQUARED: f64 = FLATTENING * (2.0 - FLATTENING);

/// No radius of curvature of the ellipsoid is smaller: a(1 − e²), along the meridian at the equator, rounded down.
const CURVATURE_RADIUS_MIN_M: f64 = 6_335_439.0;

/// Height of a row of tiles, degrees of latitude.
///
/// Large enough that few searches touch more than two tiles, small enough that a chart is straight to 0.1 mm for edges of 10 km.
const TILE_DEG: f64 = 1.0;

/// Rows of tiles from pole to pole.
const ROWS: u32 = 180;

/// Columns of tiles a row is numbered for.
const COLUMNS_MAX: u32 = 360;

/// Cosine of the widest angle from the middle of a chart at which points are still mapped: 60°.
const COSINE_MIN: f64 = 0.5;

/// Rate at which the surface normal turns away from the projection centre, per radian from the middle of the chart.
///
/// The meridian and prime-vertical radii differ from √(MN) by at most e²/2 = 0.0034 of themselves; rounded up.
const NORMAL_DRIFT: f64 = 0.004;

/// Relative departure of the chart's scale from that of a sphere, per squared radian: as [`NORMAL_DRIFT`], with room.
const SCALE_DRIFT: f64 = 0.01;

/// A tile of the Earth, about [`TILE_DEG`] on a side, with a chart of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tile(u32);

impl Tile {
    /// The tile in whose middle part an earth-centred point (or any vector in its direction) lies.
    pub(crate) fn of(point: [f64; 3]) -> Self {
        let [x, y, z] = point;
        let latitude_deg = z.atan2(x.hypot(y)).to_degrees();
        let row = (((latitude_deg + 90.0) / TILE_DEG) as u32).min(ROWS - 1);
        let columns = columns(row);
        let turn = (y.atan2(x).to_degrees() + 180.0) / 360.0;
        let column = ((turn * f64::from(columns)) as u32).min(columns - 1);
        Self(row * COLUMNS_MAX + column)
    }

    /// Latitude and longitude of the tile's middle, radians.
    fn middle(self) -> (f64, f64) {
        let (row, column) = (self.0 / COLUMNS_MAX, self.0 % COLUMNS_MAX);
        let latitude_deg = (f64::from(row) + 0.5) * TILE_DEG - 90.0;
        let longitude_deg = (f64::from(column) + 0.5) * 360.0 / f64::from(columns(row)) - 180.0;
        (latitude_deg.to_radians(), longitude_deg.to_radians())
    }
}

/// Number of tiles in a row, so that a tile is about as wide as it is high.
fn columns(row: u32) -> u32 {
    let latitude_deg = (f64::from(row) + 0.5) * TILE_DEG - 90.0;
    ((360.0 * latitude_deg.to_radians().cos() / TILE_DEG) as u32).max(1)
}

/// The chart of one tile. Coordinates are metres east and north of its middle, true to scale there and stretched outwards.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chart {
    /// Where the projection rays start, earth-centred metres.
    center: [f64; 3],
    east: [f64; 3],
    north: [f64; 3],
    up: [f64; 3],
    /// Distance from the centre to the middle of the chart.
    radius_m: f64,
}

impl Chart {
    pub(crate) fn of(tile: Tile) -> Self {
        let (latitude, longitude) = tile.middle();
        let ((sin_lat, cos_lat), (sin_lon, cos_lon)) = (latitude.sin_cos(), longitude.sin_cos());
        let up = [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat];
        let squeeze = 1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat;
        let prime_vertical_m = EQUATORIAL_RADIUS_M / squeeze.sqrt();
        let meridian_m = prime_vertical_m * (1.0 - ECCENTRICITY_SQUARED) / squeeze;
        let radius_m = (prime_vertical_m * meridian_m).sqrt();
        let polar = 1.0 - ECCENTRICITY_SQUARED;
        Self {
            center: [
                (prime_vertical_m - radius_m) * up[0],
                (prime_vertical_m - radius_m) * up[1],
                (prime_vertical_m * polar - radius_m) * up[2],
            ],
            east: [-sin_lon, cos_lon, 0.0],
            north: [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat],
            up,
            radius_m,
        }
    }

    /// Maps points given coordinate by coordinate.
    ///
    /// The last answer is the least cosine of their angles from the middle; below [`COSINE_MIN`] the coordinates mean nothing.
    #[inline(always)]
    pub(crate) fn project<const N: usize>(
        &self,
        points: &[[f64; N]; 3],
    ) -> ([f64; N], [f64; N], f64) {
        let (mut east, mut north, mut depth) = ([0.0; N], [0.0; N], [0.0; N]);
        for i in 0..N {
            let (x, y, z) = (
                points[0][i] - self.center[0],
                points[1][i] - self.center[1],
                points[2][i] - self.center[2],
            );
            let up = x * self.up[0] + y * self.up[1] + z * self.up[2];
            let scale = self.radius_m / up;
            east[i] = scale * (x * self.east[0] + y * self.east[1]);
            north[i] = scale * (x * self.north[0] + y * self.north[1] + z * self.north[2]);
            depth[i] = up;
        }
        // The ellipsoid's distance from the centre departs from the radius by less than a percent.
        let least = depth
            .iter()
            .fold(f64::INFINITY, |least, up| crate::lanes::least(*up, least));
        (east, north, least / self.radius_m)
    }

    /// Whether points whose least cosine is given are mapped at all.
    pub(crate) fn reaches(cosine: f64) -> bool {
        cosine >= COSINE_MIN
    }

    /// Angle from the middle, radians, beyond which no point of a box lies; the box is in metres of the chart.
    pub(crate) fn angle(&self, low: [f64; 2], high: [f64; 2]) -> f64 {
        let furthest = |axis: usize| low[axis].abs().max(high[axis].abs());
        // tan ρ = distance / radius, and ρ ≤ tan ρ.
        furthest(0).hypot(furthest(1)) / self.radius_m
    }

    /// The most that a geodesic edge can leave the straight line between its mapped ends, metres of the chart.
    ///
    /// `angle` bounds the place of the edge ([`Chart::angle`]), `edge_m` its length.
    /// A plane section whose plane is tilted by θ against the surface normal has geodesic curvature θ/R and so a sagitta of
    /// θ L² / 8R against the geodesic; the tilt is the drift of the normal over the distance from the middle.
    pub(crate) fn deviation_m(angle: f64, edge_m: f64) -> f64 {
        let tilt = NORMAL_DRIFT * (angle + edge_m / CURVATURE_RADIUS_MIN_M);
        tilt * edge_m * edge_m / (8.0 * CURVATURE_RADIUS_MIN_M) * Self::stretch(angle).1
    }

    /// The least and greatest ratio of distances on the chart to those on the ellipsoid, within `angle` of the middle.
    pub(crate) fn stretch(angle: f64) -> (f64, f64) {
        let slack = SCALE_DRIFT * angle * angle;
        // tan ρ was taken for ρ: sec² ρ = 1 + tan² ρ.
        (1.0 - slack, (1.0 + angle * angle) * (1.0 + slack))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geographiclib_rs::{DirectGeodesic, Geodesic, InverseGeodesic};
    use proptest::prelude::*;

    /// Earth-centred coordinates, as the textbook has them.
    fn vector(latitude_deg: f64, longitude_deg: f64) -> [f64; 3] {
        let (lat, lon) = (latitude_deg.to_radians(), longitude_deg.to_radians());
        let n = EQUATORIAL_RADIUS_M / (1.0 - ECCENTRICITY_SQUARED * lat.sin().powi(2)).sqrt();
        [
            n * lat.cos() * lon.cos(),
            n * lat.cos() * lon.sin(),
            n * (1.0 - ECCENTRICITY_SQUARED) * lat.sin(),
        ]
    }

    fn mapped(chart: &Chart, point: [f64; 3]) -> [f64; 2] {
        let (x, y, cosine) = chart.project(&point.map(|c| [c]));
        assert!(Chart::reaches(cosine));
        [x[0], y[0]]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn geodesics_are_straight_to_the_stated_deviation(
            latitude in -90.0..90.0, longitude in -180.0..180.0,
            away in 0.0..300_000.0, toward in 0.0..360.0, azimuth in 0.0..360.0, exponent in 1.0..5.5_f64,
        ) {
            let earth = Geodesic::wgs84();
            let length_m = 10_f64.powf(exponent);
            let tile = Tile::of(vector(latitude, longitude));
            let chart = Chart::of(tile);
            let (lat, lon) = tile.middle();
            let (a_lat, a_lon): (f64, f64) = earth.direct(lat.to_degrees(), lon.to_degrees(), toward, away);
            let point = |s: f64| -> [f64; 2] {
                let (lat, lon): (f64, f64) = earth.direct(a_lat, a_lon, azimuth, s);
                mapped(&chart, vector(lat, lon))
            };
            let (a, b) = (point(0.0), point(length_m));
            let along = [b[0] - a[0], b[1] - a[1]];
            let low = [a[0].min(b[0]), a[1].min(b[1])];
            let high = [a[0].max(b[0]), a[1].max(b[1])];
            let bound_m = Chart::deviation_m(chart.angle(low, high), length_m);
            for part in [0.1, 0.25, 0.5, 0.75, 0.9] {
                let p = point(length_m * part);
                let off_m = ((p[0] - a[0]) * along[1] - (p[1] - a[1]) * along[0]).abs() / along[0].hypot(along[1]);
                prop_assert!(off_m <= bound_m + 1e-7, "{off_m} > {bound_m}");
            }
        }

        #[test]
        fn distances_are_stretched_within_the_stated_bounds(
            latitude in -90.0..90.0, longitude in -180.0..180.0,
            away in 0.0..300_000.0, toward in 0.0..360.0, azimuth in 0.0..360.0, length_m in 100.0..300_000.0,
        ) {
            let earth = Geodesic::wgs84();
            let tile = Tile::of(vector(latitude, longitude));
            let chart = Chart::of(tile);
            let (lat, lon) = tile.middle();
            let (a_lat, a_lon): (f64, f64) = earth.direct(lat.to_degrees(), lon.to_degrees(), toward, away);
            let (b_lat, b_lon): (f64, f64) = earth.direct(a_lat, a_lon, azimuth, length_m);
            let (a, b) = (mapped(&chart, vector(a_lat, a_lon)), mapped(&chart, vector(b_lat, b_lon)));
            let low = [a[0].min(b[0]), a[1].min(b[1])];
            let high = [a[0].max(b[0]), a[1].max(b[1])];
            let (least, greatest) = Chart::stretch(chart.angle(low, high));
            let s: f64 = earth.inverse(a_lat, a_lon, b_lat, b_lon);
            let ratio = (a[0] - b[0]).hypot(a[1] - b[1]) / s;
            prop_assert!(ratio >= least - 1e-9 && ratio <= greatest + 1e-9, "{least} {ratio} {greatest}");
        }

        #[test]
        fn a_tile_is_near_its_points(latitude in -90.0..90.0, longitude in -180.0..180.0) {
            let point = vector(latitude, longitude);
            let at = mapped(&Chart::of(Tile::of(point)), point);
            prop_assert!(at[0].hypot(at[1]) < 130_000.0, "{at:?}");
        }
    }
}
