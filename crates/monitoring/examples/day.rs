//! A whole day of twenty thousand aircraft, clean and as it arrives: the test of the same name at full size.
//!
//! `cargo run --release -p detente-monitoring --example day -- [AIRCRAFT] [HOURS]`; a hundred aircraft at a time, as tracks
//! are independent of each other.

#[path = "../tests/monitoring/day.rs"]
mod day;

/// Aircraft replayed together: their day is held in memory.
const TOGETHER: u32 = 100;

#[expect(clippy::print_stdout, reason = "what it came to is the answer")]
fn main() {
    let mut words = std::env::args().skip(1);
    let aircraft: u32 = words
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or(20_000);
    let hours: f64 = words
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or(24.0);
    let mut all = day::Replay::default();
    for first in (0..aircraft).step_by(TOGETHER as usize) {
        let one = day::replay(first..(first + TOGETHER).min(aircraft), hours);
        all.fixes += one.fixes;
        all.events += one.events;
        all.again += one.again;
        all.lost += one.lost;
        all.kept += one.kept;
        all.gone += one.gone;
        all.hidden += one.hidden;
        all.told_as_possible += one.told_as_possible;
        all.gaps += one.gaps;
    }
    println!(
        "{} fixes, {} of them again, {} lost; {} events, {} kept to the last digit, {} rest on lost fixes; \
         {} gaps hide {} entries, {} told as possible",
        all.fixes,
        all.again,
        all.lost,
        all.events,
        all.kept,
        all.gone,
        all.gaps,
        all.hidden,
        all.told_as_possible
    );
}
