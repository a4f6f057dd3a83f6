//! The two projections of the grids: transverse Mercator for the zones, stereographic for the poles.
//!
//! # Source
//!
//! C. F. F. Karney, *Transverse Mercator with an accuracy of a few nanometers*, J. Geodesy 85 (2011) 475–485,
//! <https://doi.org/10.1007/s00190-011-0445-3>: the series of Krüger to the sixth order (section 4), and the conformal
//! latitude and its inverse (equations 7 to 9, 19 to 21), which the polar stereographic projection shares.

use crate::position::Position;

/// Semi-major axis of WGS84, metres.
const A_M: f64 = 6_378_137.0;
/// Flattening of WGS84.
const F: f64 = 1.0 / 298.257_223_563;
/// Third flattening.
const N: f64 = F / (2.0 - F);
/// Scale on the central meridian of a zone.
const ZONE_SCALE: f64 = 0.9996;
/// Scale at a pole.
const POLE_SCALE: f64 = 0.994;
/// Newton's method doubles its digits with every round and starts with three.
const ROUNDS: usize = 6;

const N2: f64 = N * N;
const N3: f64 = N2 * N;
const N4: f64 = N3 * N;
const N5: f64 = N4 * N;
const N6: f64 = N5 * N;

/// Radius of the sphere whose meridians are as long as those of the ellipsoid, metres.
const RECTIFYING_M: f64 = A_M / (1.0 + N) * (1.0 + N2 / 4.0 + N4 / 64.0 + N6 / 256.0);

const ALPHA: [f64; 6] = [
    N / 2.0 - 2.0 / 3.0 * N2 + 5.0 / 16.0 * N3 + 41.0 / 180.0 * N4 - 127.0 / 288.0 * N5
        + 7_891.0 / 37_800.0 * N6,
    13.0 / 48.0 * N2 - 3.0 / 5.0 * N3 + 557.0 / 1_440.0 * N4 + 281.0 / 630.0 * N5
        - 1_983_433.0 / 1_935_360.0 * N6,
    61.0 / 240.0 * N3 - 103.0 / 140.0 * N4 + 15_061.0 / 26_880.0 * N5 + 167_603.0 / 181_440.0 * N6,
    49_561.0 / 161_280.0 * N4 - 179.0 / 168.0 * N5 + 6_601_661.0 / 7_257_600.0 * N6,
    34_729.0 / 80_640.0 * N5 - 3_418_889.0 / 1_995_840.0 * N6,
    212_378_941.0 / 319_334_400.0 * N6,
];
const BETA: [f64; 6] = [
    N / 2.0 - 2.0 / 3.0 * N2 + 37.0 / 96.0 * N3 - N4 / 360.0 - 81.0 / 512.0 * N5
        + 96_199.0 / 604_800.0 * N6,
    N2 / 48.0 + N3 / 15.0 - 437.0 / 1_440.0 * N4 + 46.0 / 105.0 * N5
        - 1_118_711.0 / 3_870_720.0 * N6,
    17.0 / 480.0 * N3 - 37.0 / 840.0 * N4 - 209.0 / 4_480.0 * N5 + 5_569.0 / 90_720.0 * N6,
    4_397.0 / 161_280.0 * N4 - 11.0 / 504.0 * N5 - 830_251.0 / 7_257_600.0 * N6,
    4_583.0 / 161_280.0 * N5 - 108_847.0 / 3_991_680.0 * N6,
    20_648_693.0 / 638_668_800.0 * N6,
];

/// A point of a grid in metres, before any false easting or northing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flat {
    /// Eastward.
    pub(super) x_m: f64,
    /// Northward.
    pub(super) y_m: f64,
}

fn eccentricity() -> f64 {
    (F * (2.0 - F)).sqrt()
}

/// The tangent of the conformal latitude from that of the geographic one.
fn conformal(tau: f64) -> f64 {
    let e = eccentricity();
    let sigma = (e * (e * tau / tau.hypot(1.0)).atanh()).sinh();
    tau * sigma.hypot(1.0) - sigma * tau.hypot(1.0)
}

/// The tangent of the geographic latitude from that of the conformal one.
fn geographic(conformal_tau: f64) -> f64 {
    let e2 = F * (2.0 - F);
    let mut tau = conformal_tau / (1.0 - e2);
    for _ in 0..ROUNDS {
        let found = conformal(tau);
        let step = (conformal_tau - found) / found.hypot(1.0) * (1.0 + (1.0 - e2) * tau * tau)
            / ((1.0 - e2) * tau.hypot(1.0));
        if !step.is_finite() {
            break;
        }
        tau += step;
    }
    tau
}

/// Projects a position onto the zone around a meridian.
pub(super) fn onto_zone(position: Position, meridian_deg: f64) -> Flat {
    let lambda = (position.longitude_deg() - meridian_deg).to_radians();
    let tau = conformal(position.latitude_deg().to_radians().tan());
    let xi = tau.atan2(lambda.cos());
    let eta = (lambda.sin() / tau.hypot(lambda.cos())).asinh();
    let (mut x, mut y) = (eta, xi);
    for (alpha, twice) in ALPHA.into_iter().zip((2_u8..).step_by(2)) {
        let twice = f64::from(twice);
        x += alpha * (twice * xi).cos() * (twice * eta).sinh();
        y += alpha * (twice * xi).sin() * (twice * eta).cosh();
    }
    let radius_m = ZONE_SCALE * RECTIFYING_M;
    Flat {
        x_m: radius_m * x,
        y_m: radius_m * y,
    }
}

/// The position of a point of the zone around a meridian; none when the point lies beyond the ellipsoid.
pub(super) fn from_zone(flat: Flat, meridian_deg: f64) -> Option<Position> {
    let radius_m = ZONE_SCALE * RECTIFYING_M;
    let (xi, eta) = (flat.y_m / radius_m, flat.x_m / radius_m);
    let (mut x, mut y) = (eta, xi);
    for (beta, twice) in BETA.into_iter().zip((2_u8..).step_by(2)) {
        let twice = f64::from(twice);
        x -= beta * (twice * xi).cos() * (twice * eta).sinh();
        y -= beta * (twice * xi).sin() * (twice * eta).cosh();
    }
    if y.abs() > std::f64::consts::FRAC_PI_2 {
        return None;
    }
    let tau = geographic(y.sin() / x.sinh().hypot(y.cos()));
    let longitude_deg = meridian_deg + x.sinh().atan2(y.cos()).to_degrees();
    Position::new(tau.atan().to_degrees(), longitude_deg).ok()
}

/// Metres from the pole for a conformal colatitude of one: the scale of the polar projection.
fn pole_radius_m() -> f64 {
    let e = eccentricity();
    2.0 * POLE_SCALE * A_M / ((1.0 + e).powf(1.0 + e) * (1.0 - e).powf(1.0 - e)).sqrt()
}

/// Projects a position onto the plane at a pole, seen with 0° of longitude downward in the north, upward in the south.
pub(super) fn onto_pole(position: Position, is_north: bool) -> Flat {
    let latitude_deg = match is_north {
        true => position.latitude_deg(),
        false => -position.latitude_deg(),
    };
    let tau = conformal(latitude_deg.to_radians().tan());
    // exp(−asinh τ), written so that it keeps its digits near the pole.
    let colatitude = match latitude_deg >= 90.0 {
        true => 0.0,
        false => 1.0 / (tau + tau.hypot(1.0)),
    };
    let radius_m = pole_radius_m() * colatitude;
    let lambda = position.longitude_deg().to_radians();
    let down_m = radius_m * lambda.cos();
    Flat {
        x_m: radius_m * lambda.sin(),
        y_m: if is_north { -down_m } else { down_m },
    }
}

/// The position of a point of the plane at a pole.
pub(super) fn from_pole(flat: Flat, is_north: bool) -> Option<Position> {
    let radius_m = flat.x_m.hypot(flat.y_m);
    let sign = if is_north { 1.0 } else { -1.0 };
    if radius_m == 0.0 {
        return Position::new(90.0 * sign, 0.0).ok();
    }
    let colatitude = radius_m / pole_radius_m();
    let tau = geographic((1.0 / colatitude - colatitude) / 2.0);
    let longitude_deg = flat.x_m.atan2(-sign * flat.y_m).to_degrees();
    Position::new(sign * tau.atan().to_degrees(), longitude_deg).ok()
}
