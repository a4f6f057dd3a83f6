//! Early warning, held against the way that was really flown.

use std::collections::BTreeSet;
use std::sync::Arc;

use detente_monitoring::approach::{Horizon, Lookout, Place, Warning, WarningKind};
use detente_monitoring::{DeclaredOperation, Fix, Identity};
use detente_spacetime::geodesic::{destination, distance_m};
use detente_spacetime::{Position, Window};

use crate::world::{at, circle, fix, identities, operation, second, volume};

fn place(id: &str, latitude_deg: f64, longitude_deg: f64, radius_m: f64) -> Place {
    Place {
        id: Arc::from(id),
        footprint: circle(latitude_deg, longitude_deg, radius_m),
        window: Window::ALWAYS,
        forces: None,
        expected: BTreeSet::new(),
    }
}

fn lookout(places: Vec<Place>, operations: Vec<DeclaredOperation>) -> Lookout {
    Lookout::new(
        places,
        operations,
        Arc::new(identities()),
        Horizon::default(),
    )
}

/// A straight flight from `from`: one fix every `every_s` seconds.
fn flight(from: Position, azimuth_deg: f64, speed_m_s: f64, every_s: f64, fixes: u32) -> Vec<Fix> {
    (0..fixes)
        .map(|step| {
            let seconds = f64::from(step) * every_s;
            fix(
                seconds,
                destination(from, azimuth_deg, speed_m_s * seconds),
                800.0,
            )
        })
        .collect()
}

fn warnings(lookout: &mut Lookout, fixes: &[Fix]) -> Vec<Warning> {
    let mut told = Vec::new();
    for fix in fixes {
        lookout.observe(fix, &mut |warning| told.push(warning));
    }
    told
}

#[test]
fn the_expected_time_is_the_time_of_arrival_and_lies_between_the_bounds() {
    for (azimuth_deg, speed_m_s, every_s) in [
        (90.0, 200.0, 5.0),
        (0.0, 80.0, 10.0),
        (217.0, 310.0, 1.0),
        (300.0, 40.0, 60.0),
    ] {
        let town = at(35.0, 36.5);
        let away_m = speed_m_s * 600.0;
        let from = destination(town, azimuth_deg + 180.0, away_m + 2_000.0);
        let lookout = &mut lookout(vec![place("town", 35.0, 36.5, 2_000.0)], vec![]);
        let fixes = flight(
            from,
            azimuth_deg,
            speed_m_s,
            every_s,
            (600.0 / every_s) as u32,
        );
        let told = warnings(lookout, &fixes);
        let first = told.first().expect("a warning");
        let arrives = second(600.0);
        // Geodesics from both ends differ by a little in azimuth; the way hardly at all.
        let error_s = (first.arrival.expected - arrives).micros() as f64 / 1e6;
        assert!(error_s.abs() < 3.0, "{error_s} s at {azimuth_deg}");
        assert!(first.arrival.earliest < arrives && arrives < first.arrival.latest);
        assert_eq!(first.number, 1);
        assert_eq!(first.first, first.id);
        assert!((first.at - second(0.0)).micros() <= 2 * (every_s * 1e6) as i64 + 2_000_000);
        assert_eq!(
            told.len(),
            1,
            "it comes when it was expected: nothing more to tell"
        );
    }
}

#[test]
fn every_direction_and_the_antimeridian_and_the_pole_warn_alike() {
    let towns = [(0.0, 179.99), (10.0, -179.98), (89.6, 40.0), (-60.0, 0.0)];
    for (latitude_deg, longitude_deg) in towns {
        for azimuth_deg in [0.0, 45.0, 135.0, 250.0, 315.0] {
            let town = at(latitude_deg, longitude_deg);
            let from = destination(town, azimuth_deg, 50_000.0);
            let towards = detente_spacetime::geodesic::azimuth_deg(from, town);
            let lookout = &mut lookout(
                vec![place("town", latitude_deg, longitude_deg, 1_000.0)],
                vec![],
            );
            let told = warnings(lookout, &flight(from, towards, 200.0, 5.0, 20));
            assert_eq!(
                told.len(),
                1,
                "{latitude_deg} {longitude_deg} {azimuth_deg}"
            );
        }
    }
}

#[test]
fn who_passes_by_or_turns_away_is_expected_no_longer() {
    let places = || vec![place("town", 35.0, 36.5, 2_000.0)];
    // Heading 30 degrees beside the town.
    let aside = flight(at(35.0, 35.9), 60.0, 200.0, 5.0, 60);
    assert_eq!(warnings(&mut lookout(places(), vec![]), &aside), []);
    // Towards it for a minute, then away.
    let mut turning = flight(at(35.0, 35.9), 90.0, 200.0, 5.0, 13);
    let turns = turning.last().unwrap().position;
    turning.extend((1..40).map(|step| {
        let seconds = f64::from(step) * 5.0;
        fix(
            60.0 + seconds,
            destination(turns, 200.0, 200.0 * seconds),
            800.0,
        )
    }));
    let told = warnings(&mut lookout(places(), vec![]), &turning);
    let kinds: Vec<WarningKind> = told.iter().map(|warning| warning.kind).collect();
    assert_eq!(kinds, [WarningKind::Raised, WarningKind::Withdrawn]);
    assert_eq!(told[1].first, told[0].id);
    assert_eq!(told[1].before, Some((told[0].id, told[0].at)));
}

#[test]
fn who_slows_down_is_told_anew() {
    let mut fixes = flight(at(35.0, 35.6), 90.0, 250.0, 5.0, 13);
    let from = fixes.last().unwrap().position;
    fixes.extend((1..40).map(|step| {
        let seconds = f64::from(step) * 5.0;
        fix(
            60.0 + seconds,
            destination(from, 90.0, 120.0 * seconds),
            800.0,
        )
    }));
    let told = warnings(
        &mut lookout(vec![place("town", 35.0, 36.5, 2_000.0)], vec![]),
        &fixes,
    );
    assert!(told.len() >= 2, "{told:?}");
    let last = told.last().unwrap();
    assert_eq!(last.kind, WarningKind::Updated);
    let remaining_m = distance_m(fixes.last().unwrap().position, at(35.0, 36.5)) - 2_000.0;
    let arrives_s =
        (fixes.last().unwrap().at - second(0.0)).micros() as f64 / 1e6 + remaining_m / 120.0;
    let expected_s = (last.arrival.expected - second(0.0)).micros() as f64 / 1e6;
    assert!(
        (expected_s - arrives_s).abs() < 75.0,
        "{expected_s} {arrives_s}"
    );
}

#[test]
fn a_civil_flight_an_unknown_one_and_one_that_is_expected_alarm_nobody() {
    let fixes = flight(at(35.0, 35.9), 90.0, 200.0, 5.0, 30);
    let places = || vec![place("town", 35.0, 36.5, 2_000.0)];
    let watched = |identity: Option<Identity>, places, operations| {
        let mut identities = identities();
        identities.remove("t");
        identities.extend(identity.map(|identity| (Arc::from("t"), identity)));
        let mut lookout =
            Lookout::new(places, operations, Arc::new(identities), Horizon::default());
        warnings(&mut lookout, &fixes).len()
    };
    let identity = |force: Option<&str>, civil| Identity {
        force: force.map(Arc::from),
        civil,
        stated_by: None,
    };
    assert_eq!(
        watched(Some(identity(Some("f"), false)), places(), vec![]),
        1
    );
    assert_eq!(
        watched(Some(identity(Some("f"), true)), places(), vec![]),
        0
    );
    assert_eq!(watched(Some(identity(None, false)), places(), vec![]), 0);
    assert_eq!(watched(None, places(), vec![]), 0);
    let mut of_others = places();
    of_others[0].forces = Some(BTreeSet::from([Arc::from("g")]));
    assert_eq!(
        watched(Some(identity(Some("f"), false)), of_others, vec![]),
        0
    );
    let mut told_of = places();
    told_of[0].expected.insert(Arc::from("medevac"));
    let declared = || {
        vec![operation(
            "medevac",
            vec![volume(circle(35.0, 36.2, 60_000.0))],
        )]
    };
    assert_eq!(
        watched(
            Some(identity(Some("f"), false)),
            told_of.clone(),
            declared()
        ),
        0
    );
    assert_eq!(
        watched(Some(identity(Some("f"), false)), told_of, vec![]),
        1
    );
    assert_eq!(
        watched(Some(identity(Some("f"), false)), places(), declared()),
        1
    );
}

#[test]
fn a_lookout_taken_up_anywhere_warns_as_an_uninterrupted_one() {
    let mut fixes = flight(at(35.0, 35.6), 90.0, 250.0, 5.0, 13);
    let from = fixes.last().unwrap().position;
    fixes.extend((1..60).map(|step| {
        let seconds = f64::from(step) * 5.0;
        let azimuth_deg = if step > 30 { 180.0 } else { 90.0 };
        fix(
            60.0 + seconds,
            destination(from, azimuth_deg, 120.0 * seconds),
            800.0,
        )
    }));
    let places = || {
        vec![
            place("town", 35.0, 36.5, 2_000.0),
            place("village", 35.02, 36.3, 900.0),
        ]
    };
    let whole = warnings(&mut lookout(places(), vec![]), &fixes);
    assert!(whole.len() >= 4, "{whole:?}");
    for split in 0..fixes.len() {
        let mut first = lookout(places(), vec![]);
        let mut told = warnings(&mut first, &fixes[..split]);
        let written = serde_json::to_string(&first.saved()).unwrap();
        let states: Vec<_> = serde_json::from_str(&written).unwrap();
        let mut second = lookout(places(), vec![]);
        for state in &states {
            second.take(state).unwrap();
        }
        told.extend(warnings(&mut second, &fixes[split..]));
        assert_eq!(told, whole, "taken up after {split}");
    }
}
