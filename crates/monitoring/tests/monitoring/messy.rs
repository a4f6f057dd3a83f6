//! Tracks as sources send them: unordered, doubled, interrupted, mixed up.

use detente_monitoring::Fix;

use crate::world::{at, circle, events, fix, told, volume, watch, zone};

/// A track that passes through the area at 1 km/s·0.09, one fix every five seconds.
fn through() -> Vec<Fix> {
    (0..60)
        .map(|step| {
            fix(
                f64::from(step) * 5.0,
                at(36.0, 36.9 + 0.004 * f64::from(step)),
                500.0,
            )
        })
        .collect()
}

fn area() -> detente_monitoring::Zone {
    zone("area", volume(circle(36.0, 37.0, 3_000.0)))
}

#[test]
fn shuffled_and_doubled_fixes_give_the_events_of_the_clean_track() {
    let clean = events(watch(vec![area()], vec![]), through());
    assert_eq!(clean.len(), 2);
    let mut messy = Vec::new();
    for pair in through().chunks(2) {
        messy.extend([pair[1].clone(), pair[0].clone(), pair[1].clone()]);
    }
    let mut watch = watch(vec![area()], vec![]);
    let mut found = Vec::new();
    for fix in messy {
        watch.observe(fix, &mut |event| found.push(event));
    }
    watch.finish(&mut |event| found.push(event));
    assert_eq!(found, clean);
    assert_eq!(watch.counts().duplicates, 30);
    assert_eq!(watch.counts().too_late, 0);
}

#[test]
fn a_fix_that_comes_too_late_is_counted_and_left_out() {
    let mut watch = watch(vec![area()], vec![]);
    for fix in through() {
        watch.observe(fix, &mut |_| ());
    }
    watch.observe(fix(1.0, at(36.0, 37.0), 500.0), &mut |_| ());
    assert_eq!(watch.counts().too_late, 1);
}

#[test]
fn a_gap_names_what_was_in_reach_and_calls_it_possible() {
    // Two minutes unseen; the straight way passes 8.5 km from the middle of the area.
    let near = || zone("near", volume(circle(35.6, 37.0, 7_000.0)));
    let far = || zone("far", volume(circle(35.2, 37.0, 7_000.0)));
    let mut fixes: Vec<Fix> = (0..6)
        .map(|step| {
            fix(
                f64::from(step) * 10.0,
                at(35.677, 36.8 + 0.0166 * f64::from(step)),
                500.0,
            )
        })
        .collect();
    fixes.extend((0..3).map(|step| {
        let step = f64::from(step);
        fix(
            170.0 + step * 10.0,
            at(35.677, 37.07 + 0.0166 * step),
            500.0,
        )
    }));
    assert_eq!(
        told(&events(watch(vec![near(), far()], vec![]), fixes)),
        [
            "50.000 gap  certain",
            "50.000 possible_presence near possible possible_unmatched_flight",
        ]
    );
}

#[test]
fn what_moves_faster_than_anything_flies_is_a_teleport_and_back_again_two_aircraft() {
    let here = |seconds: f64| fix(seconds, at(36.0, 36.0 + seconds * 1e-3), 500.0);
    let there = |seconds: f64| fix(seconds, at(39.0, 36.0 + seconds * 1e-3), 500.0);
    let fixes = vec![
        here(0.0),
        here(5.0),
        there(10.0),
        here(15.0),
        there(20.0),
        here(25.0),
    ];
    let inside = zone("area", volume(circle(37.5, 36.0, 20_000.0)));
    assert_eq!(
        told(&events(watch(vec![inside], vec![]), fixes)),
        ["10.000 teleport  certain", "15.000 identity_swap  certain"]
    );
}

#[test]
fn a_clock_that_stands_still_is_told_once() {
    let stuck = (0..9).map(|step| fix(10.0, at(36.0, 36.0 + 0.01 * f64::from(step)), 500.0));
    let fixes = std::iter::once(fix(0.0, at(36.0, 35.99), 500.0)).chain(stuck);
    assert_eq!(
        told(&events(watch(vec![], vec![]), fixes.collect())),
        ["10.000 frozen_clock  certain"]
    );
}

#[test]
fn two_places_of_each_instant_are_two_aircraft() {
    let here = |seconds: f64| fix(seconds, at(36.0, 36.0 + seconds * 1e-3), 500.0);
    let there = |seconds: f64| fix(seconds, at(39.0, 36.0 + seconds * 1e-3), 500.0);
    let fixes = [0.0, 10.0, 20.0, 30.0].map(|seconds| [here(seconds), there(seconds)]);
    assert_eq!(
        told(&events(watch(vec![], vec![]), fixes.concat())),
        ["10.000 identity_swap  certain"]
    );
}
