//! Worlds by the thousand, and one planted bug for each invariant.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic like the tests themselves"
)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use detente_node::node::Command;
use detente_node::picture::Picture;
use detente_simulation::invariant::{
    AS_TOLD, CONVERGENCE, EQUAL_PICTURES, FORKS_PROVED, NOTHING_LOST, QUOTAS, REFUSED, RESTRAINT,
    SOUND, TOLD,
};
use detente_simulation::{
    Cast, Conditions, Expected, Line, Plant, Played, Register, Report, Script, World, blab, whisper,
};
use detente_spacetime::Instant;
use serde_json::{Map, json};

/// Worlds played in every test run.
const SEEDS: u64 = 1000;

/// Worlds in which reports go around, each played with two secrets.
const WHISPERED_SEEDS: u64 = 40;
/// Enough for an object whose place stays at home to be notified in some of them.
const PLANTED_SEEDS: u64 = 6;

/// Worlds played with the real picture, whose judgements cost more.
const FLOWN_SEEDS: u64 = 100;

fn play<P: Played>(conditions: Conditions) -> Report {
    World::<P>::new(conditions).expect("a world").play()
}

/// Plays worlds side by side; returns the sums of records, starts from what was kept, restores, fork proofs, keys taken into
/// use, and backups from before that which others brought up to date.
fn play_all<P: Played>(seeds: u64) -> [u64; 6] {
    let next = AtomicU64::new(0);
    let bad = Mutex::new(Vec::new());
    let totals = Mutex::new([0; 6]);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        break;
                    }
                    let report = play::<P>(Conditions::any(seed));
                    let counts = [
                        report.records,
                        report.begun,
                        report.restores,
                        report.forks,
                        report.rotations,
                        report.rotations_taken_back,
                    ];
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
    let [records, begun, restores, forks, rotations, taken_back] = play_all::<Register>(SEEDS);
    // The worlds must not be idle for the invariants to mean anything.
    assert!(records > 20 * SEEDS, "{records}");
    assert!(begun > SEEDS, "{begun}");
    assert!(restores > SEEDS / 20, "{restores}");
    assert!(forks > SEEDS / 10, "{forks}");
    assert!(rotations > SEEDS / 2, "{rotations}");
    assert!(taken_back > SEEDS / 200, "{taken_back}");
}

#[test]
fn worlds_with_operations_keep_every_invariant() {
    let [records, begun, ..] = play_all::<Picture>(FLOWN_SEEDS);
    assert!(records > 5 * FLOWN_SEEDS, "{records}");
    assert!(begun > FLOWN_SEEDS, "{begun}");
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
    is_caught_within::<P>(60, plant, &[invariant], prepare)
}

/// Whether one of the first `seeds` worlds breaks one of the invariants.
fn is_caught_within<P: Played>(
    seeds: u64,
    plant: Plant,
    invariants: &[&str],
    prepare: impl Fn(&mut Conditions),
) -> bool {
    (0..seeds).any(|seed| {
        let mut conditions = Conditions::any(seed);
        conditions.plant = Some(plant);
        prepare(&mut conditions);
        let violations = play::<P>(conditions).violations;
        violations
            .iter()
            .any(|violation| invariants.contains(&violation.invariant))
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
    // Peers that hear of each other at once leave it little time to write before it has its entries back: about one world
    // in a hundred restores a backup just then.
    let seeds = 600;
    let plant = Plant::BlindRestore;
    assert!(is_caught_within::<Register>(
        seeds,
        plant,
        &[SOUND, NOTHING_LOST],
        |_| {}
    ));
}

/// A note by one party after the other, hours apart; every seventh value is refused.
fn script(expected: impl Fn(u64) -> Expected) -> Script {
    let line = |number: u64| {
        let at = 1_473_638_400_000_000 + i64::try_from(number).expect("small") * 3_600_000_000;
        let body = [
            ("subject".to_owned(), json!("watch")),
            ("value".to_owned(), json!(number)),
        ];
        Line {
            at: Instant::from_micros(at).expect("in range"),
            party: usize::from(number.is_multiple_of(2)),
            command: Command {
                author: "officer".to_owned(),
                kind: "note".to_owned(),
                body: Map::from_iter(body),
            },
            expected: expected(number),
        }
    };
    Script {
        lines: (1..=28).map(line).collect(),
        blobs: Vec::new(),
    }
}

fn right(number: u64) -> Expected {
    match number.is_multiple_of(7) {
        true => Expected::Refused("not this value".to_owned()),
        false => Expected::Effective(None),
    }
}

fn tell(seed: u64, plant: Option<Plant>, expected: impl Fn(u64) -> Expected) -> Report {
    let conditions = Conditions {
        parties: 3,
        is_equivocating: false,
        is_flooding: false,
        plant,
        ..Conditions::any(seed)
    };
    let cast = Cast {
        script: Some(script(expected)),
        ..Cast::new(Box::new(Register::founding), Box::new(|_, _, _| None))
    };
    World::with(conditions, cast).expect("a world").play()
}

#[test]
fn a_script_is_told_whatever_goes_wrong() {
    let mut troubled = 0;
    for seed in 0..20 {
        let report = tell(seed, None, right);
        assert!(
            report.violations.is_empty(),
            "{report}{}",
            report.events.join("\n")
        );
        assert!(report.told.iter().all(|told| told.is_expected));
        assert_eq!(report.told.len(), 28);
        troubled += usize::from(report.starts > 3);
    }
    assert!(troubled > 10, "{troubled}");
}

#[test]
fn a_script_that_does_not_come_true_is_caught() {
    let fails = |report: &Report, invariant: &str| {
        let mut violations = report.violations.iter();
        violations.any(|violation| violation.invariant == invariant)
    };
    let cut = tell(1, Some(Plant::NeverHealed), right);
    assert!(fails(&cut, TOLD), "{cut}");
    let strict = tell(1, None, |_| Expected::Refused("not this value".to_owned()));
    assert!(fails(&strict, REFUSED), "{strict}");
    let lenient = tell(1, None, |_| Expected::Effective(None));
    assert!(fails(&lenient, AS_TOLD), "{lenient}");
}

/// Whatever stays at home, every byte of every message is the same: nothing that leaves a machine,
/// and nothing about how much of it leaves when, is derived from it.
#[test]
fn nothing_that_leaves_a_machine_depends_on_what_stays_at_home() {
    let (mut sent, mut opened, mut placed, mut differing) = (0, 0, 0, 0);
    for seed in 0..WHISPERED_SEEDS {
        let (one, heard) = whisper(seed, 1).expect("a world");
        let (other, other_heard) = whisper(seed, 2).expect("a world");
        assert!(heard.leaks.is_empty(), "seed {seed}: {:?}", heard.leaks);
        assert_eq!(heard.misplaced, 0, "seed {seed}");
        assert_eq!(heard, other_heard, "seed {seed}");
        assert_eq!(
            (one.events, one.records, one.refusals, one.messages),
            (other.events, other.records, other.refusals, other.messages),
            "seed {seed}"
        );
        assert!(
            one.violations.is_empty(),
            "seed {seed}: {:?}",
            one.violations
        );
        sent += heard.sent;
        opened += heard.opened;
        placed += heard.placed;
        let (_, elsewhere) = whisper(seed + 10_000, 1).expect("a world");
        differing += u64::from(elsewhere.messages != heard.messages);
    }
    assert!(sent > 10 * WHISPERED_SEEDS, "{sent} editions");
    assert!(
        opened > 2 * WHISPERED_SEEDS,
        "{opened} of {sent} editions opened"
    );
    assert!(placed > WHISPERED_SEEDS / 4, "{placed} exact places opened");
    assert_eq!(differing, WHISPERED_SEEDS, "messages are told apart");
}

/// A notice that tells a little of where in its cells an object stands is found out.
#[test]
fn a_place_that_shows_through_its_notice_is_noticed() {
    let shows = |seed: u64| {
        let (_, heard) = blab(seed, 1).expect("a world");
        let (_, other) = blab(seed, 2).expect("a world");
        heard.messages != other.messages
    };
    let found = (0..PLANTED_SEEDS).filter(|seed| shows(*seed)).count();
    assert!(found > 0, "none of {PLANTED_SEEDS} worlds told");
}
