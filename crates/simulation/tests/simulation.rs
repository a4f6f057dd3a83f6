//! Worlds by the thousand, and one planted bug for each invariant.

#![expect(
    clippy::expect_used,
    reason = "helpers of tests may panic like the tests themselves"
)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use detente_simulation::invariant::{
    CONVERGENCE, EQUAL_PICTURES, FORKS_PROVED, NOTHING_LOST, QUOTAS, SOUND,
};
use detente_simulation::{Conditions, Plant, Register, Report, World};

/// Worlds played in every test run.
const SEEDS: u64 = 1000;

fn play(conditions: Conditions) -> Report {
    World::<Register>::new(conditions).expect("a world").play()
}

#[test]
fn a_thousand_worlds_keep_every_invariant() {
    let next = AtomicU64::new(0);
    let bad = Mutex::new(Vec::new());
    let totals = Mutex::new((0, 0, 0, 0, 0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= SEEDS {
                        break;
                    }
                    let report = play(Conditions::any(seed));
                    let mut totals = totals.lock().expect("lock");
                    totals.0 += report.records;
                    totals.1 += report.messages;
                    totals.2 += report.starts;
                    totals.3 += report.restores;
                    totals.4 += report.forks;
                    if !report.violations.is_empty() {
                        bad.lock().expect("lock").push(report);
                    }
                }
            });
        }
    });
    let totals = totals.into_inner().expect("lock");
    println!("records, messages, starts, restores, fork proofs: {totals:?}");
    let bad = bad.into_inner().expect("lock");
    let first = bad.iter().min_by_key(|report| report.conditions.seed);
    if let Some(report) = first {
        panic!(
            "{} of {SEEDS} worlds fail; the first, to be replayed with \
             `detente rehearse syria-2016 --seed {}`:\n{report}{}",
            bad.len(),
            report.conditions.seed,
            report.events.join("\n")
        );
    }
    // The worlds must not be idle for the invariants to mean anything.
    assert!(
        totals.0 > 20 * SEEDS && totals.3 > SEEDS / 20 && totals.4 > SEEDS / 10,
        "{totals:?}"
    );
}

#[test]
fn the_same_seed_gives_the_same_world() {
    for seed in [3, 17, 40] {
        let (one, other) = (play(Conditions::any(seed)), play(Conditions::any(seed)));
        assert_eq!(one.events, other.events);
        assert_eq!(one.to_string(), other.to_string());
    }
}

/// Plays worlds with a planted bug until the invariant fails.
fn is_caught(plant: Plant, invariant: &str, prepare: impl Fn(&mut Conditions)) -> bool {
    (0..60).any(|seed| {
        let mut conditions = Conditions::any(seed);
        conditions.plant = Some(plant);
        prepare(&mut conditions);
        let violations = play(conditions).violations;
        violations
            .iter()
            .any(|violation| violation.invariant == invariant)
    })
}

#[test]
fn a_disk_that_forgets_is_caught() {
    let caught = is_caught(Plant::DisksForget, NOTHING_LOST, |_| {});
    assert!(caught || is_caught(Plant::DisksForget, SOUND, |_| {}));
}

#[test]
fn a_node_that_folds_otherwise_is_caught() {
    assert!(is_caught(Plant::OddFounding, EQUAL_PICTURES, |_| {}));
}

#[test]
fn unproved_forks_are_caught() {
    assert!(is_caught(Plant::DeafToForks, FORKS_PROVED, |conditions| {
        conditions.parties = 4;
        conditions.is_equivocating = true;
    }));
}

#[test]
fn a_line_that_never_heals_is_caught() {
    assert!(is_caught(Plant::NeverHealed, CONVERGENCE, |_| {}));
}

#[test]
fn missing_quotas_are_caught() {
    assert!(is_caught(Plant::NoQuotas, QUOTAS, |conditions| {
        conditions.parties = 4;
        conditions.is_flooding = true;
    }));
}

#[test]
fn a_backup_that_writes_on_blindly_is_caught() {
    let forked = |invariant| is_caught(Plant::BlindRestore, invariant, |_| {});
    assert!(forked(SOUND) || forked(NOTHING_LOST));
}
