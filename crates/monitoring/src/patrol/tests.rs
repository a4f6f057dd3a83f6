//! The watch and the patrol, with and without the screen: the same events.

use std::collections::BTreeMap;

use detente_spacetime::{Span, geodesic::destination};

use super::*;
use crate::{
    DeclaredOperation, Event, Fix, Identity, Watch,
    screen::tests::{Numbers, at, second, world},
};

/// How often tracks of a test report, and how fast they fly.
struct Traffic {
    every_s: f64,
    fixes: u32,
    speed_m_s: (f64, f64),
}

fn fixes(
    numbers: &mut Numbers,
    track: u32,
    middle: Position,
    reach_m: f64,
    traffic: &Traffic,
) -> Vec<Fix> {
    let away_m = numbers.between(0.0, reach_m);
    let mut place = destination(middle, numbers.between(0.0, 360.0), away_m);
    let mut azimuth = numbers.between(0.0, 360.0);
    let mut height_m = numbers.between(0.0, 3_000.0);
    let speed_m_s = numbers.size(traffic.speed_m_s.0, traffic.speed_m_s.1);
    let name: Arc<str> = Arc::from(format!("t{track}"));
    (0..traffic.fixes)
        .map(|step| {
            azimuth += numbers.between(-15.0, 15.0);
            height_m =
                (height_m + numbers.between(-8.0, 8.0) * traffic.every_s).clamp(0.0, 4_000.0);
            place = destination(place, azimuth, speed_m_s * traffic.every_s);
            Fix {
                track: Arc::clone(&name),
                at: second(f64::from(step) * traffic.every_s - 300.0),
                position: place,
                altitude: Altitude::new(height_m, Reference::Pressure).ok(),
                source: None,
            }
        })
        .collect()
}

fn events(mut watch: Watch, fixes: &[Fix]) -> Vec<Event> {
    let mut events = Vec::new();
    for fix in fixes {
        watch.observe(fix.clone(), &mut |event| events.push(event));
    }
    watch.finish(&mut |event| events.push(event));
    events
}

/// What both report.
#[derive(Debug, PartialEq)]
struct Told {
    track: Arc<str>,
    zone: Arc<str>,
    kind: EventKind,
    at: Instant,
    place: Option<Position>,
    certainty: Certainty,
    between_fixes: bool,
    border: Option<Border>,
}

/// By a patrol that takes one fix after another; by one that gathers all of them, the same in the same order.
fn by_patrol(zones: &[Zone], fixes: &[Fix], forces: &BTreeMap<Arc<str>, Identity>) -> Vec<Told> {
    let settings = Settings::default();
    let patrol = || Patrol::new(zones.to_vec(), Reference::Pressure, &settings);
    let (mut patrol, mut gatherer) = (patrol(), patrol());
    gatherer.gathers_from = 0;
    let mut numbers = BTreeMap::new();
    let mut names = Vec::new();
    let mut found = Vec::new();
    let mut all = Gathered::default();
    for fix in fixes {
        let number = *numbers.entry(Arc::clone(&fix.track)).or_insert_with(|| {
            names.push(Arc::clone(&fix.track));
            let identity = forces.get(&fix.track);
            let force = identity.and_then(|identity| identity.force.as_ref());
            gatherer.track(force);
            patrol.track(force)
        });
        all.tracks.push(number);
        all.micros.push(fix.at.micros());
        all.latitudes_deg.push(fix.position.latitude_deg());
        all.longitudes_deg.push(fix.position.longitude_deg());
        all.heights_m.push(fix.altitude.unwrap().value_m());
        let columns = Columns {
            tracks: &[number],
            micros: &[fix.at.micros()],
            latitudes_deg: &[fix.position.latitude_deg()],
            longitudes_deg: &[fix.position.longitude_deg()],
            heights_m: &[fix.altitude.unwrap().value_m()],
        };
        patrol.take(&columns, &mut |crossing| found.push(crossing));
    }
    let mut gathered = Vec::new();
    let columns = Columns {
        tracks: &all.tracks,
        micros: &all.micros,
        latitudes_deg: &all.latitudes_deg,
        longitudes_deg: &all.longitudes_deg,
        heights_m: &all.heights_m,
    };
    gatherer.take(&columns, &mut |crossing| gathered.push(crossing));
    assert_eq!(gathered, found);
    assert_eq!(gatherer.counts().segments, patrol.counts().segments);
    let told = |crossing: Crossing| Told {
        track: Arc::clone(&names[crossing.track as usize]),
        zone: Arc::clone(&zones[crossing.zone as usize].id),
        kind: crossing.kind,
        at: crossing.at,
        place: crossing.place,
        certainty: crossing.certainty,
        between_fixes: crossing.between_fixes,
        border: crossing.border,
    };
    found.into_iter().map(told).collect()
}

/// Columns of fixes.
#[derive(Default)]
struct Gathered {
    tracks: Vec<u32>,
    micros: Vec<i64>,
    latitudes_deg: Vec<f64>,
    longitudes_deg: Vec<f64>,
    heights_m: Vec<f64>,
}

fn by_watch(event: &Event) -> Option<Told> {
    let crossed = matches!(
        event.kind,
        EventKind::Inside | EventKind::Enter | EventKind::Leave
    );
    let (zone, _) = event.with.clone().filter(|_| crossed)?;
    Some(Told {
        track: Arc::clone(&event.track),
        zone,
        kind: event.kind,
        at: event.at,
        place: event.place,
        certainty: event.certainty,
        between_fixes: event.between_fixes,
        border: event.border,
    })
}

fn sorted(mut told: Vec<Told>) -> Vec<Told> {
    told.sort_by_key(|one| (Arc::clone(&one.track), one.at, Arc::clone(&one.zone)));
    told
}

#[test]
fn with_and_without_the_screen_and_without_names_the_events_are_the_same() {
    let mut numbers = Numbers(4_711);
    let (mut all, mut crossed) = (0, 0);
    for round in 0..24 {
        let latitude = [0.0, 35.0, -60.0, 83.8, -88.0, 52.0][round % 6];
        let longitude = [12.0, 179.95, -75.0][round % 3];
        let middle = at(latitude, longitude);
        let reach_m = numbers.size(1_000.0, 60_000.0);
        let zones: Vec<Zone> = world(&mut numbers, middle, reach_m)
            .into_iter()
            .map(|(zone, _)| zone)
            .collect();
        let traffic = Traffic {
            every_s: [1.0, 5.0, 20.0][round % 3],
            fixes: 120,
            speed_m_s: (1.0, 400.0),
        };
        let force = Identity {
            force: Some(Arc::from("f")),
            ..Identity::default()
        };
        let forces = BTreeMap::from([(Arc::from("t0"), force.clone()), (Arc::from("t2"), force)]);
        let mut stream = Vec::new();
        for track in 0..12 {
            stream.extend(fixes(&mut numbers, track, middle, reach_m, &traffic));
        }
        stream.sort_by_key(|fix| fix.at);
        let operations: Vec<DeclaredOperation> = zones
            .iter()
            .take(round % 2)
            .map(|zone| DeclaredOperation {
                id: Arc::from("o"),
                forces: [Arc::from("f")].into(),
                volumes: vec![zone.volume.clone()],
                standing: crate::zone::Standing::Cleared,
            })
            .collect();
        let settings = Settings {
            loiter: Span::from_micros(40_000_000),
            ..Settings::default()
        };
        let watch = || Watch::new(zones.clone(), operations.clone(), forces.clone(), settings);
        let screened = events(watch(), &stream);
        let exact = events(watch().unscreened(), &stream);
        assert_eq!(screened.len(), exact.len(), "round {round}");
        for (one, two) in screened.iter().zip(&exact) {
            assert_eq!(one, two, "round {round}");
        }
        all += exact.len();
        let watched = sorted(screened.iter().filter_map(by_watch).collect());
        let patrolled = sorted(by_patrol(&zones, &stream, &forces));
        crossed += patrolled.len();
        assert_eq!(watched, patrolled, "round {round}");
    }
    assert!(crossed > 500 && all > crossed, "{crossed} of {all}");
}

#[test]
fn fixes_that_are_none_or_late_are_left_out_and_counted() {
    let mut patrol = Patrol::new(Vec::new(), Reference::Ellipsoid, &Settings::default());
    let track = patrol.track(None);
    let mut take = |track: u32, micros: i64, latitude_deg: f64, height_m: f64| {
        let columns = Columns {
            tracks: &[track],
            micros: &[micros],
            latitudes_deg: &[latitude_deg],
            longitudes_deg: &[180.0],
            heights_m: &[height_m],
        };
        patrol.take(&columns, &mut |_| ());
        patrol.counts().left_out
    };
    assert_eq!(take(track, 10, 36.0, 0.0), 0);
    assert_eq!(take(track, 10, 36.0, 0.0), 1);
    assert_eq!(take(track, 9, 36.0, 0.0), 2);
    assert_eq!(take(track, 11, f64::NAN, 0.0), 3);
    assert_eq!(take(track, 11, 91.0, 0.0), 4);
    assert_eq!(take(track, 11, 36.0, f64::INFINITY), 5);
    assert_eq!(take(track + 1, 11, 36.0, 0.0), 6);
    assert_eq!(take(track, 11, 36.0, 0.0), 6);
}
