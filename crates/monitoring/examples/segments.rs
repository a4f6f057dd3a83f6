//! How many segments a second one core holds against how many zones.
//!
//! `cargo run --release -p detente-monitoring --example segments -- ZONES`: zones of 0.1 to 5 km over 18° by 12°,
//! 2 000 aircraft with a fix every five seconds, the last in the order of time.

use std::{collections::BTreeMap, sync::Arc};

use detente_monitoring::{Fix, Settings, Watch, Zone, ZoneKind};
use detente_spacetime::{
    Altitude, AltitudeBand, Footprint, Instant, Position, Reference, Volume4D, Window,
    geodesic::destination,
};

/// Aircraft in the air.
const AIRCRAFT: u32 = 2_000;
/// Fixes of each.
const FIXES: u32 = 101;

/// Numbers that are the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let word = mixed ^ (mixed >> 31);
        low + (high - low) * (word >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn place(&mut self) -> Option<Position> {
        Position::new(self.between(30.0, 42.0), self.between(19.0, 37.0)).ok()
    }
}

#[expect(clippy::print_stdout, reason = "the figure is the answer")]
fn main() {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let mut numbers = Numbers(7);
    let zones: Vec<Zone> = (0..count.unwrap_or(1_000))
        .filter_map(|number| zone(number, &mut numbers))
        .collect();
    let fixes = fixes(&mut numbers);
    let zones_count = zones.len();
    let mut watch = Watch::new(zones, Vec::new(), BTreeMap::new(), Settings::default());
    let mut events = 0_u64;
    #[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
    let started = std::time::Instant::now();
    for fix in fixes {
        watch.observe(fix, &mut |_| events += 1);
    }
    watch.finish(&mut |_| events += 1);
    let seconds = started.elapsed().as_secs_f64();
    let segments = watch.counts().segments;
    println!(
        "{zones_count} zones, {segments} segments, {events} events, {:.3} M segments/s",
        segments as f64 / seconds / 1e6
    );
}

fn zone(number: u32, numbers: &mut Numbers) -> Option<Zone> {
    let radius_m = 10_f64.powf(numbers.between(2.0, 3.7));
    let footprint = Footprint::circle(numbers.place()?, radius_m)
        .ok()?
        .footprint;
    let floor_m = numbers.between(0.0, 3_000.0);
    let level = |height_m| Altitude::new(height_m, Reference::MeanSeaLevel).ok();
    let altitude = AltitudeBand::new(level(floor_m)?, level(floor_m + 3_000.0)?).ok()?;
    Some(Zone {
        id: Arc::from(format!("z{number}")),
        kind: ZoneKind::Area,
        volume: Volume4D {
            footprint,
            altitude,
            window: Window::ALWAYS,
        },
        forces: None,
        unmatched: BTreeMap::new(),
        operations: BTreeMap::new(),
    })
}

fn fixes(numbers: &mut Numbers) -> Vec<Fix> {
    let mut fixes = Vec::new();
    for aircraft in 0..AIRCRAFT {
        let track: Arc<str> = Arc::from(format!("t{aircraft}"));
        let Some(mut position) = numbers.place() else {
            continue;
        };
        let (azimuth, speed_m_s) = (numbers.between(0.0, 360.0), numbers.between(10.0, 250.0));
        let altitude = Altitude::new(numbers.between(0.0, 6_000.0), Reference::MeanSeaLevel).ok();
        for number in 0..FIXES {
            let micros = 1_473_897_600_000_000 + i64::from(number) * 5_000_000;
            let Some(at) = Instant::from_micros(micros) else {
                continue;
            };
            fixes.push(Fix {
                track: track.clone(),
                at,
                position,
                altitude,
                source: None,
            });
            position = destination(position, azimuth, speed_m_s * 5.0);
        }
    }
    fixes.sort_by_key(|fix| fix.at);
    fixes
}
