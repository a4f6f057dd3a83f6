//! A file of made tracks to measure `detente watch` with, the same bytes every time.
//!
//! `cargo run --release -p detente-formats --example made_tracks -- FORMAT [AIRCRAFT] [TIMES] > FILE`: as `readsb`, so many
//! snapshots of `aircraft.json` ten seconds apart with everything that a receiver says of each aircraft, or as `jsonl` the same
//! reports a line each; 20 000 aircraft and a hundred times when nothing else is said.

use std::error::Error;
use std::io::{self, BufWriter, Write};

/// Seconds from one time to the next.
const EVERY_S: f64 = 10.0;
/// The first time: 18 September 2016, 07:00 UTC.
const FIRST_S: f64 = 1_474_182_000.0;
/// Metres of a degree of latitude, and of one of longitude at 36° north.
const DEGREE_M: (f64, f64) = (110_950.0, 90_160.0);
const FOOT_M: f64 = 0.3048;

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
}

/// One aircraft on a straight way, north of the equator and east of Greenwich.
struct Aircraft {
    number: u32,
    latitude_deg: f64,
    longitude_deg: f64,
    course_deg: f64,
    speed_m_s: f64,
    height_ft: f64,
    climb_ft_min: f64,
}

impl Aircraft {
    /// Somewhere over the area of `scenarios/syria-2016` or beside it: most of them airliners, every fourth low and slow.
    fn new(number: u32, numbers: &mut Numbers) -> Self {
        let is_low = number.is_multiple_of(4);
        let (slow, fast) = if is_low { (40.0, 90.0) } else { (180.0, 260.0) };
        let (low, high) = if is_low { (20.0, 80.0) } else { (280.0, 410.0) };
        Self {
            number,
            latitude_deg: numbers.between(34.0, 38.0),
            longitude_deg: numbers.between(35.0, 42.0),
            course_deg: numbers.between(0.0, 360.0),
            speed_m_s: numbers.between(slow, fast),
            height_ft: (numbers.between(low, high)).round() * 100.0,
            climb_ft_min: (numbers.between(-8.0, 8.0)).round() * 64.0,
        }
    }

    fn fly(&mut self, seconds: f64) {
        let (north, east) = (
            self.course_deg.to_radians().cos(),
            self.course_deg.to_radians().sin(),
        );
        self.latitude_deg += north * self.speed_m_s * seconds / DEGREE_M.0;
        self.longitude_deg += east * self.speed_m_s * seconds / DEGREE_M.1;
    }

    /// As readsb writes it, with about as much as an aircraft with ADS-B says.
    fn readsb(&self, into: &mut dyn Write, numbers: &mut Numbers) -> io::Result<()> {
        let knots = self.speed_m_s / 0.514_444;
        let (number, height, climb) = (self.number, self.height_ft, self.climb_ft_min);
        write!(
            into,
            "{{\"hex\":\"~{number:06x}\",\"type\":\"adsb_icao\",\"flight\":\"MADE{number:<5}\",\"alt_baro\":{height},\"alt_geom\":{},\
             \"gs\":{knots:.1},\"tas\":{:.0},\"track\":{:.2},\"track_rate\":{:.2},\"roll\":{:.2},\"baro_rate\":{climb},\
             \"squawk\":\"{:04o}\",\"emergency\":\"none\",\"category\":\"A3\",\"nav_qnh\":1013.6,\"nav_altitude_mcp\":{height}",
            height + 25.0 * numbers.between(10.0, 60.0).round(),
            knots + 11.0,
            self.course_deg,
            numbers.between(-0.1, 0.1),
            numbers.between(-2.0, 2.0),
            number % 4096,
        )?;
        if number.is_multiple_of(3) {
            write!(into, ",\"nav_modes\":[\"autopilot\",\"vnav\",\"tcas\"]")?;
        }
        write!(
            into,
            ",\"lat\":{:.6},\"lon\":{:.6},\"nic\":8,\"rc\":186,\"seen_pos\":{:.3},\"version\":2,\"nic_baro\":1,\"nac_p\":10,\
             \"nac_v\":2,\"sil\":3,\"sil_type\":\"perhour\",\"alert\":0,\"spi\":0,\"mlat\":[],\"tisb\":[],\"messages\":{:.0},\
             \"seen\":{:.1},\"rssi\":{:.1}}}",
            self.latitude_deg,
            self.longitude_deg,
            numbers.between(0.0, 4.0),
            numbers.between(100.0, 90_000.0),
            numbers.between(0.0, 4.0),
            numbers.between(-30.0, -3.0),
        )
    }

    fn json_line(&self, second: f64, into: &mut dyn Write) -> io::Result<()> {
        let of_day = second as i64 % 86_400;
        writeln!(
            into,
            "{{\"t\": \"2016-09-18T{:02}:{:02}:{:02}Z\", \"id\": \"~{:06x}\", \"lat\": {:.6}, \"lon\": {:.6}, \"alt_m\": {:.1}, \
             \"reference\": \"STD\"}}",
            of_day / 3600,
            of_day / 60 % 60,
            of_day % 60,
            self.number,
            self.latitude_deg,
            self.longitude_deg,
            self.height_ft * FOOT_M,
        )
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, otherwise: u32| match words.get(place) {
        Some(word) => word.parse(),
        None => Ok(otherwise),
    };
    let (count, times) = (number(1, 20_000)?, number(2, 100)?);
    let is_readsb = match words.first().map(String::as_str) {
        Some("readsb") => true,
        Some("jsonl") => false,
        _ => return Err("say readsb or jsonl, and if you like how many aircraft how often".into()),
    };
    let mut numbers = Numbers(2016);
    let mut aircraft: Vec<Aircraft> = (0..count)
        .map(|number| Aircraft::new(number, &mut numbers))
        .collect();
    let mut into = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    for time in 0..times {
        let second = FIRST_S + EVERY_S * f64::from(time);
        if is_readsb {
            let messages = 1_000 * (time + 1);
            write!(
                into,
                "{{ \"now\" : {second:.3},\n  \"messages\" : {messages},\n  \"aircraft\" : ["
            )?;
        }
        for (place, one) in aircraft.iter_mut().enumerate() {
            if is_readsb {
                into.write_all(if place == 0 { b"\n" } else { b",\n" })?;
                one.readsb(&mut into, &mut numbers)?;
            } else {
                one.json_line(second, &mut into)?;
            }
            one.fly(EVERY_S);
        }
        if is_readsb {
            into.write_all(b"\n  ]\n}\n")?;
        }
    }
    into.flush()?;
    Ok(())
}
