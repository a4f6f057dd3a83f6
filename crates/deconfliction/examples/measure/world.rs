//! A made-up day of air operations over the eastern Mediterranean, the same on every machine.
//!
//! Element `i` depends on the seed and `i` only, so a small world is the beginning of a larger one.
//! 60 % of the volumes lie around 200 hubs, the others anywhere; 60 % are corridors (as polygons), 40 % areas.
//! Every fiftieth of the first 25 000 is a large airspace that lasts the whole day; all others last two hours.

use std::f64::consts::TAU;

/// West and east of the world, degrees.
const LONGITUDE_DEG: [f64; 2] = [19.0, 37.0];
/// South and north of the world, degrees.
const LATITUDE_DEG: [f64; 2] = [30.0, 42.0];
/// Kept free along the sides for shapes around a centre, degrees.
const RIM_DEG: f64 = 0.5;
const HUBS: usize = 200;
/// Share of the centres that lie around a hub.
const NEAR_HUB: f64 = 0.6;
/// Seconds of the day.
const DAY_S: i64 = 86_400;
const OPERATION_S: i64 = 7_200;
/// Every how many volumes one is a large airspace, and how many there are at most.
const AIRSPACE_EVERY: u64 = 50;
const AIRSPACES_MAX: u64 = 500;

/// Which of the two sets of volumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    /// What the index holds.
    Stored,
    /// What is asked about; no large airspaces among them.
    Asked,
}

impl Set {
    fn seed(self) -> u64 {
        match self {
            Self::Stored => 0xD37E_47E0_0000_0001,
            Self::Asked => 0xD37E_47E0_0000_0002,
        }
    }
}

/// One operation: a ring, a band of heights above the ellipsoid, a window of seconds into the day.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// Longitude and latitude in degrees, counter-clockwise, the first not repeated.
    pub(crate) ring: Vec<(f64, f64)>,
    pub(crate) lower_m: f64,
    pub(crate) upper_m: f64,
    pub(crate) start_s: i64,
    pub(crate) end_s: i64,
}

/// Makes operations.
#[derive(Debug)]
pub(crate) struct World {
    hubs: Vec<(f64, f64)>,
}

impl World {
    pub(crate) fn new() -> Self {
        const HUB_RIM_DEG: f64 = 0.7;
        let mut chance = Chance::new(0xAB5, 0);
        let hubs = (0..HUBS)
            .map(|_| {
                let longitude = chance.between(
                    LONGITUDE_DEG[0] + HUB_RIM_DEG,
                    LONGITUDE_DEG[1] - HUB_RIM_DEG,
                );
                (
                    longitude,
                    chance.between(LATITUDE_DEG[0] + HUB_RIM_DEG, LATITUDE_DEG[1] - HUB_RIM_DEG),
                )
            })
            .collect();
        Self { hubs }
    }

    /// Operation number `i` of a set.
    pub(crate) fn operation(&self, set: Set, i: u64) -> Operation {
        let mut chance = Chance::new(set.seed(), i);
        let centre = self.place(&mut chance);
        if set == Set::Stored
            && i.is_multiple_of(AIRSPACE_EVERY)
            && i / AIRSPACE_EVERY < AIRSPACES_MAX
        {
            let ring = area(&mut chance, centre, [20_000.0, 45_000.0], [50, 200]);
            let (lower_m, upper_m) = heights(&mut chance, 150.0..6_000.0, 300.0..4_000.0);
            return Operation {
                ring,
                lower_m,
                upper_m,
                start_s: 0,
                end_s: DAY_S,
            };
        }
        let ring = match chance.fraction() < 0.6 {
            true => corridor(&mut chance, centre, [200.0, 3_000.0]),
            false => area(&mut chance, centre, [50.0, 3_000.0], [8, 200]),
        };
        let start_s = chance.whole(0, DAY_S - OPERATION_S);
        let (lower_m, upper_m) = match chance.fraction() < 0.8 {
            true => heights(&mut chance, 0.0..120.0, 30.0..120.0),
            false => heights(&mut chance, 0.0..6_000.0, 300.0..1_500.0),
        };
        Operation {
            ring,
            lower_m,
            upper_m,
            start_s,
            end_s: start_s + OPERATION_S,
        }
    }

    fn place(&self, chance: &mut Chance) -> (f64, f64) {
        let (west, east) = (LONGITUDE_DEG[0] + RIM_DEG, LONGITUDE_DEG[1] - RIM_DEG);
        let (south, north) = (LATITUDE_DEG[0] + RIM_DEG, LATITUDE_DEG[1] - RIM_DEG);
        if chance.fraction() < NEAR_HUB {
            let hub = self.hubs[(chance.fraction() * HUBS as f64) as usize];
            let longitude = hub.0 + 0.12 * chance.normal();
            let latitude = hub.1 + 0.10 * chance.normal();
            (longitude.clamp(west, east), latitude.clamp(south, north))
        } else {
            let longitude = chance.between(west, east);
            (longitude, chance.between(south, north))
        }
    }
}

/// Heights are stored as single-precision numbers, so that every engine holds the same ones.
fn heights(
    chance: &mut Chance,
    lower: std::ops::Range<f64>,
    thickness: std::ops::Range<f64>,
) -> (f64, f64) {
    let lower_m = chance.between(lower.start, lower.end) as f32;
    let upper_m = lower_m + chance.between(thickness.start, thickness.end) as f32;
    (f64::from(lower_m), f64::from(upper_m))
}

/// Degrees in a metre east and north, near enough to draw with.
fn degrees_per_metre(latitude_deg: f64) -> (f64, f64) {
    (
        1.0 / (111_320.0 * latitude_deg.to_radians().cos()),
        1.0 / 110_900.0,
    )
}

/// A route of 5 to 20 legs as the polygon along both its sides.
fn corridor(chance: &mut Chance, centre: (f64, f64), leg_m: [f64; 2]) -> Vec<(f64, f64)> {
    let legs = chance.whole(5, 20) as usize;
    let mean_leg_m = chance.spread(leg_m[0], leg_m[1]);
    let half_width_m = chance.spread(15.0, 100.0).min(mean_leg_m * 0.2);
    let general = chance.between(0.0, TAU);
    let (mut at, mut headings, mut points) =
        ((0.0, 0.0), Vec::with_capacity(legs), vec![(0.0, 0.0)]);
    for _ in 0..legs {
        let heading = general + chance.between(-50_f64.to_radians(), 50_f64.to_radians());
        let leg_m = mean_leg_m * chance.between(0.7, 1.3);
        at = (at.0 + leg_m * heading.cos(), at.1 + leg_m * heading.sin());
        points.push(at);
        headings.push(heading);
    }
    let side = |sign: f64, k: usize| {
        let (before, after) = (headings[k.max(1) - 1], headings[k.min(legs - 1)]);
        let (across, mitre_m) = (
            0.5 * (before + after),
            half_width_m / (0.5 * (after - before)).cos(),
        );
        (
            points[k].0 - sign * across.sin() * mitre_m,
            points[k].1 + sign * across.cos() * mitre_m,
        )
    };
    let (x_deg, y_deg) = degrees_per_metre(centre.1);
    let right = (0..=legs).map(|k| side(-1.0, k));
    let left = (0..=legs).rev().map(|k| side(1.0, k));
    right
        .chain(left)
        .map(|(x, y)| (centre.0 + x * x_deg, centre.1 + y * y_deg))
        .collect()
}

/// A star-shaped area.
fn area(
    chance: &mut Chance,
    centre: (f64, f64),
    radius_m: [f64; 2],
    vertices: [i64; 2],
) -> Vec<(f64, f64)> {
    let count = chance.whole(vertices[0], vertices[1]);
    let radius_m = chance.spread(radius_m[0], radius_m[1]);
    let phase = chance.fraction();
    let (x_deg, y_deg) = degrees_per_metre(centre.1);
    (0..count)
        .map(|k| {
            let angle = TAU * (k as f64 + phase + 0.6 * (chance.fraction() - 0.5)) / count as f64;
            let away_m = radius_m * chance.between(0.7, 1.0);
            (
                centre.0 + away_m * angle.cos() * x_deg,
                centre.1 + away_m * angle.sin() * y_deg,
            )
        })
        .collect()
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), one stream for each element.
struct Chance(u64);

impl Chance {
    const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

    fn new(seed: u64, element: u64) -> Self {
        let mut chance = Self(seed ^ element.wrapping_mul(Self::STEP));
        chance.word();
        chance.word();
        chance
    }

    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(Self::STEP);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// In [0, 1).
    fn fraction(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.fraction()
    }

    /// Between two bounds with every order of magnitude equally likely.
    fn spread(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    fn whole(&mut self, low: i64, high: i64) -> i64 {
        low + (self.fraction() * (high - low + 1) as f64) as i64
    }

    /// Normally distributed with mean 0 and deviation 1 (Box and Muller, 1958).
    fn normal(&mut self) -> f64 {
        let (radius, turn) = (1.0 - self.fraction(), self.fraction());
        (-2.0 * radius.ln()).sqrt() * (TAU * turn).cos()
    }
}
