//! What a private check costs: plans of two sides over an area of 200 by 200 km and 22 hours, compared to the finest level.
//!
//! `cargo run --release -p detente-sharing --example private_check -- [PLANS]`: so many on each side, 1 000 when not said.
//! Both sides run in this process, one after the other; the figure is processor time of both.

use detente_ledger::hash::Hash;
use detente_sharing::private_check::{Leg, Outcome, Role, Session, Terms};
use detente_spacetime::{
    Altitude, AltitudeBand, EdgeKind, Footprint, Instant, Position, Reference, VerticalAssumptions,
    Volume4D, Window, geodesic::destination,
};

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

    /// A leg of 15 to 60 km, 250 m to either side, 120 m thick, flown at 150 m/s.
    fn leg(&mut self) -> Option<Leg> {
        let start = Position::new(self.between(34.5, 36.3), self.between(36.0, 38.2)).ok()?;
        let length_m = self.between(15_000.0, 60_000.0);
        let end = destination(start, self.between(0.0, 360.0), length_m);
        let lower_m = self.between(500.0, 3_800.0);
        let from_s = self.between(0.0, 79_200.0);
        let metres = |value: f64| Altitude::new(value, Reference::Ellipsoid).ok();
        let at = |second: f64| Instant::from_micros(1_473_696_000_000_000 + (second * 1e6) as i64);
        let volume = Volume4D {
            footprint: Footprint::corridor(&[start, end], 250.0, EdgeKind::Geodesic)
                .ok()?
                .footprint,
            altitude: AltitudeBand::new(metres(lower_m)?, metres(lower_m + 120.0)?).ok()?,
            window: Window::new(at(from_s)?, at(from_s + length_m / 150.0)).ok()?,
        };
        Leg::new(&volume, &VerticalAssumptions::default()).ok()
    }
}

#[expect(clippy::print_stdout, reason = "the figure is the answer")]
fn main() {
    let count = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_usize);
    let terms = Terms {
        agreement: Hash::of(b"a measurement"),
        separation_m: 0,
        vertical_m: 0,
        time_s: 0,
        cells_max: 1 << 18,
        finest: 3,
    };
    let mut numbers = Numbers(7);
    let mut side = || -> Vec<Vec<Leg>> {
        let legs = std::iter::repeat_with(|| numbers.leg());
        legs.flatten().take(count).map(|leg| vec![leg]).collect()
    };
    let (ours, theirs) = (side(), side());
    let before = processor_s();
    let sides = (
        Session::open(Role::Initiator, terms.clone(), ours, [1; 32]),
        Session::open(Role::Responder, terms, theirs, [2; 32]),
    );
    let (Ok(mut initiator), Ok(mut responder)) = sides else {
        println!("more cells than the terms allow");
        return;
    };
    let commitments = (
        initiator.commitment().clone(),
        responder.commitment().clone(),
    );
    let mut waiting = Vec::new();
    let begun = responder
        .begin(commitments.0)
        .and_then(|_| initiator.begin(commitments.1));
    waiting.extend(
        begun
            .into_iter()
            .flat_map(|step| step.send)
            .map(|sent| (false, sent)),
    );
    let (mut messages, mut bytes, mut learnt) = (0_u64, 0_u64, Vec::new());
    while !waiting.is_empty() {
        let (by_responder, message) = waiting.remove(0);
        messages += 1;
        bytes += message.to_bytes().len() as u64;
        let to = if by_responder {
            &mut initiator
        } else {
            &mut responder
        };
        let Ok(step) = to.receive(&message) else {
            return;
        };
        let asks = matches!(step.learnt, Some(Outcome::Common { .. }));
        waiting.extend(step.send.into_iter().map(|sent| (!by_responder, sent)));
        if asks {
            let consent = to.consent().into_iter().flat_map(|step| step.send);
            waiting.extend(consent.map(|sent| (!by_responder, sent)));
        }
        if by_responder {
            learnt.extend(step.learnt);
        }
    }
    let seconds = processor_s() - before;
    for learnt in learnt {
        match learnt {
            Outcome::Apart { level } => println!("apart at level {level}"),
            Outcome::Common { count } => println!("{count} coarsest cells in common"),
            Outcome::Close {
                level,
                cells,
                plans,
            } => {
                println!(
                    "{} cells in common at level {level}, {} plans in them",
                    cells.len(),
                    plans.len()
                );
            }
            Outcome::Shown { legs, .. } => println!("{} legs of the other side shown", legs.len()),
        }
    }
    println!(
        "{count} + {count} plans: {messages} messages, {bytes} bytes, {seconds:.2} processor-seconds for both"
    );
}

/// Processor time of this process so far, seconds.
fn processor_s() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
