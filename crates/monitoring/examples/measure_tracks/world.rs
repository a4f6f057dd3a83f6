//! A made-up hour of traffic over the eastern Mediterranean, and zones there, the same on every machine.
//!
//! Zone `i` depends on the seed and `i` only, so a small world is the beginning of a larger one.
//! 60 % of the zones and of the traffic, or another share, lie around 200 hubs, the others anywhere; 30 % of the zones are corridors (as polygons),
//! the others areas of 0.1 to 5 km. Every fiftieth of the first 25 000 is a large airspace of 20 to 45 km.
//! Corners have seven decimals, as published coordinates have at most.
//! Half of the zones last the whole day, half two hours; seven in ten concern everybody, the others some of sixteen parties.
//! Seven in ten aircraft are drones at 10 to 40 m/s, the others fly at 80 to 250 m/s.

use std::f64::consts::{PI, TAU};

/// West and east of the world, degrees.
const LONGITUDE_DEG: [f64; 2] = [19.0, 37.0];
/// South and north of the world, degrees.
const LATITUDE_DEG: [f64; 2] = [30.0, 42.0];
/// Kept free along the sides for shapes around a centre, degrees.
const RIM_DEG: f64 = 0.5;
const HUBS: usize = 200;
/// Seconds of the day.
const DAY_S: i64 = 86_400;
const SHORT_S: i64 = 7_200;
/// Every how many zones one is a large airspace, and how many there are at most.
const AIRSPACE_EVERY: u64 = 50;
const AIRSPACES_MAX: u64 = 500;
const ZONE_SEED: u64 = 0xD37E_47E0_0000_0003;
const TRAFFIC_SEED: u64 = 0xD37E_47E0_0000_0004;
/// Ten o'clock, when the traffic begins, milliseconds of the day.
const TRAFFIC_FROM_MS: i64 = 36_000_000;
/// Parties that zones and aircraft belong to.
pub(crate) const PARTIES: u32 = 16;

/// One zone: a ring, a band of heights above the ellipsoid, a window of seconds into the day, the parties it concerns.
#[derive(Clone, Debug)]
pub(crate) struct Outline {
    /// Longitude and latitude in degrees, counter-clockwise, the first not repeated.
    pub(crate) ring: Vec<(f64, f64)>,
    pub(crate) lower_m: f64,
    pub(crate) upper_m: f64,
    pub(crate) start_s: i64,
    pub(crate) end_s: i64,
    /// One bit for each party.
    pub(crate) parties: u32,
}

/// One report of one aircraft.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    pub(crate) aircraft: u32,
    pub(crate) ms: i64,
    pub(crate) longitude_deg: f64,
    pub(crate) latitude_deg: f64,
    pub(crate) height_m: f64,
}

/// One aircraft on its way.
#[derive(Debug)]
struct Aircraft {
    chance: Chance,
    at: (f64, f64),
    heading: f64,
    speed_m_s: f64,
    height_m: f64,
    climb_m_s: f64,
    first_ms: i64,
    party: u32,
}

/// Makes zones and traffic.
#[derive(Debug)]
pub(crate) struct World {
    hubs: Vec<(f64, f64)>,
    /// Share of the centres that lie around a hub.
    near_hub: f64,
}

impl World {
    pub(crate) fn new(near_hub: f64) -> Self {
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
        Self { hubs, near_hub }
    }

    /// Zone number `i`.
    pub(crate) fn zone(&self, i: u64) -> Outline {
        let mut chance = Chance::new(ZONE_SEED, i);
        let centre = self.place(&mut chance);
        let drawn = if i.is_multiple_of(AIRSPACE_EVERY) && i / AIRSPACE_EVERY < AIRSPACES_MAX {
            area(&mut chance, centre, [20_000.0, 45_000.0], [50, 200])
        } else if chance.fraction() < 0.3 {
            corridor(&mut chance, centre, [200.0, 3_000.0])
        } else {
            area(&mut chance, centre, [100.0, 5_000.0], [8, 200])
        };
        let ring = drawn.into_iter().map(published).collect();
        let (start_s, end_s) = if chance.fraction() < 0.5 {
            (0, DAY_S)
        } else {
            let start_s = chance.whole(0, DAY_S - SHORT_S);
            (start_s, start_s + SHORT_S)
        };
        let (lower_m, upper_m) = if chance.fraction() < 0.5 {
            (0.0, 120.0)
        } else {
            let lower_m = chance.between(0.0, 3_000.0) as f32;
            let upper_m = lower_m + chance.between(200.0, 3_000.0) as f32;
            (f64::from(lower_m), f64::from(upper_m))
        };
        let everybody = (1 << PARTIES) - 1;
        let parties = if chance.fraction() < 0.7 {
            everybody
        } else {
            chance.word() as u32 & everybody
        };
        Outline {
            ring,
            lower_m,
            upper_m,
            start_s,
            end_s,
            parties,
        }
    }

    /// The party of each aircraft, and every report in the order of time: all aircraft once, then all again.
    pub(crate) fn traffic(
        &self,
        aircraft: u32,
        each: u32,
        every_ms: i64,
    ) -> (Vec<u32>, Vec<Report>) {
        let mut flying: Vec<Aircraft> = (0..aircraft)
            .map(|number| self.aircraft(number.into(), every_ms))
            .collect();
        let mut reports = Vec::with_capacity(aircraft as usize * each as usize);
        for step in 0..each {
            for (aircraft, number) in flying.iter_mut().zip(0..) {
                if step > 0 {
                    aircraft.fly(every_ms as f64 / 1_000.0);
                }
                reports.push(Report {
                    aircraft: number,
                    ms: aircraft.first_ms + i64::from(step) * every_ms,
                    longitude_deg: aircraft.at.0,
                    latitude_deg: aircraft.at.1,
                    height_m: f64::from(aircraft.height_m as f32),
                });
            }
        }
        (
            flying.iter().map(|aircraft| aircraft.party).collect(),
            reports,
        )
    }

    fn aircraft(&self, number: u64, every_ms: i64) -> Aircraft {
        let mut chance = Chance::new(TRAFFIC_SEED, number);
        let at = self.place(&mut chance);
        let drone = chance.fraction() < 0.7;
        let (speeds, heights) = if drone {
            ((10.0, 40.0), (20.0, 150.0))
        } else {
            ((80.0, 250.0), (300.0, 9_000.0))
        };
        let speed_m_s = chance.between(speeds.0, speeds.1);
        let height_m = chance.between(heights.0, heights.1);
        let heading = chance.between(0.0, TAU);
        let party = chance.whole(0, i64::from(PARTIES) - 1) as u32;
        let first_ms = TRAFFIC_FROM_MS + chance.whole(0, every_ms - 1);
        Aircraft {
            chance,
            at,
            heading,
            speed_m_s,
            height_m,
            climb_m_s: 0.0,
            first_ms,
            party,
        }
    }

    fn place(&self, chance: &mut Chance) -> (f64, f64) {
        let (west, east) = (LONGITUDE_DEG[0] + RIM_DEG, LONGITUDE_DEG[1] - RIM_DEG);
        let (south, north) = (LATITUDE_DEG[0] + RIM_DEG, LATITUDE_DEG[1] - RIM_DEG);
        if chance.fraction() < self.near_hub {
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

impl Aircraft {
    /// Flies on for some seconds, turning and climbing a little; at the rim of the world it turns back.
    fn fly(&mut self, seconds: f64) {
        const TURN_RIM_DEG: f64 = 0.2;
        self.heading += 0.15 * self.chance.normal();
        self.climb_m_s = 0.8 * self.climb_m_s + 0.5 * self.chance.normal();
        let way_m = self.speed_m_s * seconds;
        let (x_deg, y_deg) = degrees_per_metre(self.at.1);
        let to = (
            self.at.0 + way_m * self.heading.cos() * x_deg,
            self.at.1 + way_m * self.heading.sin() * y_deg,
        );
        self.height_m = (self.height_m + self.climb_m_s * seconds).clamp(5.0, 11_000.0);
        let (west, east) = (
            LONGITUDE_DEG[0] + TURN_RIM_DEG,
            LONGITUDE_DEG[1] - TURN_RIM_DEG,
        );
        let (south, north) = (
            LATITUDE_DEG[0] + TURN_RIM_DEG,
            LATITUDE_DEG[1] - TURN_RIM_DEG,
        );
        self.at = (to.0.clamp(west, east), to.1.clamp(south, north));
        if self.at != to {
            self.heading += PI;
        }
    }
}

/// Degrees in a metre east and north, near enough to draw with.
fn degrees_per_metre(latitude_deg: f64) -> (f64, f64) {
    (
        1.0 / (111_320.0 * latitude_deg.to_radians().cos()),
        1.0 / 110_900.0,
    )
}

/// A corner as it is published: with seven decimals of a degree, eleven millimetres.
fn published((longitude_deg, latitude_deg): (f64, f64)) -> (f64, f64) {
    const DECIMALS: f64 = 1e7;
    let rounded = |degrees: f64| (degrees * DECIMALS).round() / DECIMALS;
    (rounded(longitude_deg), rounded(latitude_deg))
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
#[derive(Debug)]
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
