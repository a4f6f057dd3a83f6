//! A watch that is put away and taken up again goes on as if nothing had happened.

use std::collections::BTreeSet;
use std::sync::Arc;

use detente_monitoring::wire::{StateError, WatchState};
use detente_monitoring::{Event, Evidence, Fix, Watch, Zone};
use detente_spacetime::Window;

use crate::world::{at, circle, fix, operation, second, volume, watch, zone};

/// Numbers that look drawn, the same every time.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn zones() -> Vec<Zone> {
    let mut zones: Vec<Zone> = (0..6)
        .map(|number| {
            let east = f64::from(number) * 0.11;
            zone(
                &format!("z-{number}"),
                volume(circle(36.0, 36.8 + east, 4_000.0)),
            )
        })
        .collect();
    let mut again = zone("z-0", volume(circle(36.0, 36.81, 3_000.0)));
    again.volume.window = Window::new(second(0.0), Some(second(900.0))).unwrap();
    zones.push(again);
    zones
}

fn fresh() -> Watch {
    let mut declared = operation("o", vec![volume(circle(36.0, 36.9, 8_000.0))]);
    declared.volumes[0].window = Window::new(second(0.0), Some(second(2_000.0))).unwrap();
    watch(zones(), vec![declared])
}

/// Three tracks that wander, stop, jump, fall silent, and come out of order and twice.
fn fixes() -> Vec<Fix> {
    let mut drawn = Drawn(7);
    let mut fixes = Vec::new();
    for name in ["t", "u", "v"] {
        let (mut seconds, mut east) = (0.0, 36.75);
        for _ in 0..150 {
            let jumps = drawn.below(40) == 0;
            let silent = drawn.below(25) == 0;
            seconds += if silent {
                90.0
            } else {
                5.0 + drawn.below(3) as f64
            };
            east += if jumps { 0.4 } else { 0.006 };
            if east > 37.5 {
                east = 36.75;
            }
            let north = 36.0 + drawn.below(100) as f64 * 1e-4;
            let height_m = 300.0 + drawn.below(1_000) as f64;
            let mut fix = fix(seconds, at(north, east), height_m);
            fix.track = Arc::from(name);
            fixes.push(fix.clone());
            if drawn.below(10) == 0 {
                fixes.push(fix);
            }
        }
    }
    fixes.sort_by_key(|fix| fix.at);
    for place in 1..fixes.len() {
        if drawn.below(4) == 0 {
            fixes.swap(place - 1, place);
        }
    }
    fixes
}

fn observe(watch: &mut Watch, fixes: &[Fix], told: &mut Vec<Event>) {
    for fix in fixes {
        watch.observe(fix.clone(), &mut |event| told.push(event));
    }
}

fn put_away(watch: &Watch) -> WatchState {
    let written = serde_json::to_string(&watch.saved()).unwrap();
    serde_json::from_str(&written).unwrap()
}

#[test]
fn a_watch_taken_up_anywhere_tells_what_an_uninterrupted_one_tells() {
    let fixes = fixes();
    let mut whole = Vec::new();
    let mut uninterrupted = fresh();
    observe(&mut uninterrupted, &fixes, &mut whole);
    uninterrupted.finish(&mut |event| whole.push(event));
    assert!(whole.len() > 60, "{} events", whole.len());
    let mut running = fresh();
    let mut before = Vec::new();
    for place in 0..fixes.len() {
        observe(&mut running, &fixes[place..=place], &mut before);
        if place % 11 == 0 {
            let state = put_away(&running);
            let mut again = fresh();
            again.restore(&state).unwrap();
            assert_eq!(again.saved(), state, "after {place}");
            let mut found = before.clone();
            observe(&mut again, &fixes[place + 1..], &mut found);
            again.finish(&mut |event| found.push(event));
            assert_eq!(found, whole, "taken up after {place}");
            assert_eq!(again.counts(), uninterrupted.counts());
        }
    }
}

#[test]
fn tracks_handed_from_one_watch_to_another_tell_together_what_one_watch_tells() {
    let fixes = fixes();
    let mut whole = Vec::new();
    let mut one = fresh();
    observe(&mut one, &fixes, &mut whole);
    one.finish(&mut |event| whole.push(event));
    let mut pair = [fresh(), fresh()];
    let mut found = Vec::new();
    for (place, fix) in fixes.iter().enumerate() {
        let side = (place / 20) % 2;
        let [left, right] = &mut pair;
        let (here, there) = if side == 0 {
            (left, right)
        } else {
            (right, left)
        };
        if let Some(state) = there.give_track(&fix.track) {
            let state = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
            here.take_track(&state).unwrap();
        }
        here.observe(fix.clone(), &mut |event| found.push(event));
    }
    for watch in &mut pair {
        watch.finish(&mut |event| found.push(event));
    }
    let names = |events: &[Event]| -> BTreeSet<String> {
        let name = |event: &Event| event.id(&event.item()).to_string();
        events.iter().map(name).collect()
    };
    assert_eq!(found.len(), whole.len());
    assert_eq!(names(&found), names(&whole));
}

#[test]
fn every_event_has_a_name_of_its_own_and_the_same_one_again() {
    let run = || {
        let mut told = Vec::new();
        let mut watch = fresh();
        observe(&mut watch, &fixes(), &mut told);
        watch.finish(&mut |event| told.push(event));
        let name = |event: &Event| event.id(&event.item()).to_string();
        told.iter().map(name).collect::<Vec<_>>()
    };
    let (first, second) = (run(), run());
    assert_eq!(first, second);
    let apart: BTreeSet<&String> = first.iter().collect();
    assert_eq!(apart.len(), first.len());
}

#[test]
fn a_state_kept_over_other_zones_or_in_another_form_is_refused() {
    let state = put_away(&fresh());
    let mut other = watch(vec![], vec![]);
    assert_eq!(other.restore(&state), Err(StateError::OtherSky));
    let later = WatchState {
        version: 2,
        ..state
    };
    assert_eq!(
        fresh().restore(&later),
        Err(StateError::Version { found: 2 })
    );
}

#[test]
fn evidence_is_the_raw_fixes_and_their_hash() {
    let mut raw = fix(0.25, at(36.1, 37.000_000_1), 500.0);
    raw.source = Some(Arc::from("radar-west"));
    let evidence = Evidence::of(&[raw]);
    assert_eq!(
        std::str::from_utf8(evidence.bytes()).unwrap(),
        "{\"t\":\"2016-09-15T00:00:00.25Z\",\"id\":\"t\",\"lat\":36.1,\"lon\":37.0000001,\"alt_m\":500.0,\
         \"reference\":\"MSL\",\"source\":\"radar-west\"}\n"
    );
    // Worked out by sha256sum.
    assert_eq!(
        evidence.sha256(),
        "cf3b3844da42e47755279d3da5865d734a15ab93373234af846403335f1a10c2"
    );
}
