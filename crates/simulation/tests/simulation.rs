//! Worlds by the thousand, and one planted bug for each invariant.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic like the tests themselves"
)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use detente_node::picture::Picture;
use detente_simulation::invariant::{
    CONVERGENCE, EQUAL_PICTURES, FORKS_PROVED, NOTHING_LOST, QUOTAS, RESTRAINT, SOUND,
};
use detente_simulation::{Conditions, Plant, Played, Register, Report, World};

/// Worlds played in every test run.
const SEEDS: u64 = 1000;

/// Worlds played with the real picture, whose judgements cost more.
const FLOWN_SEEDS: u64 = 100;

fn play<P: Played>(conditions: Conditions) -> Report {
    World::<P>::new(conditions).expect("a world").play()
}

/// Plays worlds side by side; returns the sums of records, starts, restores and fork proofs.
fn play_all<P: Played>(seeds: u64) -> [u64; 4] {
    let next = AtomicU64::new(0);
    let bad = Mutex::new(Vec::new());
    let totals = Mutex::new([0; 4]);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        break;
                    }
                    let report = play::<P>(Conditions::any(seed));
                    let counts = [report.records, report.starts, report.restores, report.forks];
                    let mut totals = totals.lock().expect("lock");
                    totals
                        .iter_mut()
                        .zip(counts)
                        .for_each(|(sum, count)| *sum += count);
                    if !report.violations.is_empty() {
                        bad.lock().expect("lock").push(report);
                    }
                }
            });
        }
    });
    let bad = bad.into_inner().expect("lock");
    let first = bad.iter().min_by_key(|report| report.conditions.seed);
    if let Some(report) = first {
        panic!(
            "{} of {seeds} worlds fail, the first with seed {}:\n{report}{}",
            bad.len(),
            report.conditions.seed,
            report.events.join("\n")
        );
    }
    totals.into_inner().expect("lock")
}

#[test]
fn a_thousand_worlds_keep_every_invariant() {
    let [records, _, restores, forks] = play_all::<Register>(SEEDS);
    // The worlds must not be idle for the invariants to mean anything.
    assert!(records > 20 * SEEDS, "{records}");
    assert!(restores > SEEDS / 20, "{restores}");
    assert!(forks > SEEDS / 10, "{forks}");
}

#[test]
fn worlds_with_operations_keep_every_invariant() {
    let [records, ..] = play_all::<Picture>(FLOWN_SEEDS);
    assert!(records > 5 * FLOWN_SEEDS, "{records}");
}

#[test]
fn the_same_seed_gives_the_same_world() {
    for seed in [3, 17, 40] {
        let (one, other) = (
            play::<Picture>(Conditions::any(seed)),
            play::<Picture>(Conditions::any(seed)),
        );
        assert_eq!(one.events, other.events);
        assert_eq!(one.to_string(), other.to_string());
    }
}

/// Plays worlds with a planted bug until the invariant fails.
fn is_caught<P: Played>(plant: Plant, invariant: &str, prepare: impl Fn(&mut Conditions)) -> bool {
    (0..60).any(|seed| {
        let mut conditions = Conditions::any(seed);
        conditions.plant = Some(plant);
        prepare(&mut conditions);
        let violations = play::<P>(conditions).violations;
        violations
            .iter()
            .any(|violation| violation.invariant == invariant)
    })
}

#[test]
fn a_disk_that_forgets_is_caught() {
    let caught = is_caught::<Register>(Plant::DisksForget, NOTHING_LOST, |_| {});
    assert!(caught || is_caught::<Register>(Plant::DisksForget, SOUND, |_| {}));
}

#[test]
fn a_node_that_folds_otherwise_is_caught() {
    assert!(is_caught::<Register>(
        Plant::OddFounding,
        EQUAL_PICTURES,
        |_| {}
    ));
}

#[test]
fn an_operation_flown_against_its_articles_is_caught() {
    assert!(is_caught::<Picture>(Plant::OddFounding, RESTRAINT, |_| {}));
}

#[test]
fn unproved_forks_are_caught() {
    assert!(is_caught::<Register>(
        Plant::DeafToForks,
        FORKS_PROVED,
        |conditions| {
            conditions.parties = 4;
            conditions.is_equivocating = true;
        }
    ));
}

#[test]
fn a_line_that_never_heals_is_caught() {
    assert!(is_caught::<Register>(
        Plant::NeverHealed,
        CONVERGENCE,
        |_| {}
    ));
}

#[test]
fn missing_quotas_are_caught() {
    assert!(is_caught::<Register>(
        Plant::NoQuotas,
        QUOTAS,
        |conditions| {
            conditions.parties = 4;
            conditions.is_flooding = true;
        }
    ));
}

#[test]
fn a_backup_that_writes_on_blindly_is_caught() {
    let forked = |invariant| is_caught::<Register>(Plant::BlindRestore, invariant, |_| {});
    assert!(forked(SOUND) || forked(NOTHING_LOST));
}
