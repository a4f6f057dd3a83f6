//! Fixes, zones and a watch over them, in few words.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use detente_monitoring::{
    Answer, DeclaredOperation, Event, Fix, Identity, Settings, Standing, Watch, Zone, ZoneKind,
};
use detente_spacetime::{
    Altitude, AltitudeBand, Footprint, Instant, Position, Reference, Volume4D, Window,
};

pub(crate) fn at(latitude_deg: f64, longitude_deg: f64) -> Position {
    Position::new(latitude_deg, longitude_deg).expect("a position")
}

/// So many seconds after the start of the test's day.
pub(crate) fn second(seconds: f64) -> Instant {
    Instant::from_micros(1_473_897_600_000_000 + (seconds * 1e6).round() as i64)
        .expect("an instant")
}

pub(crate) fn msl(height_m: f64) -> Altitude {
    Altitude::new(height_m, Reference::MeanSeaLevel).expect("an altitude")
}

pub(crate) fn fix(seconds: f64, position: Position, height_m: f64) -> Fix {
    Fix {
        track: Arc::from("t"),
        at: second(seconds),
        position,
        altitude: Some(msl(height_m)),
        source: None,
    }
}

pub(crate) fn circle(latitude_deg: f64, longitude_deg: f64, radius_m: f64) -> Footprint {
    let shaped = Footprint::circle(at(latitude_deg, longitude_deg), radius_m);
    shaped.expect("a circle").footprint
}

pub(crate) fn volume(footprint: Footprint) -> Volume4D {
    Volume4D {
        footprint,
        altitude: AltitudeBand::EVERY_HEIGHT,
        window: Window::ALWAYS,
    }
}

/// A zone that restrains everybody and forbids force `f` by article `a-1`.
pub(crate) fn zone(id: &str, volume: Volume4D) -> Zone {
    let answer = Answer {
        articles: vec![Arc::from("a-1")],
        guarantor: Some(Arc::from("G")),
        clock: Some(Arc::from("answer")),
    };
    Zone {
        id: Arc::from(id),
        kind: ZoneKind::Area,
        volume,
        forces: None,
        unmatched: BTreeMap::from([(Arc::from("f"), answer)]),
        operations: BTreeMap::new(),
    }
}

/// An operation of force `f`.
pub(crate) fn operation(id: &str, volumes: Vec<Volume4D>) -> DeclaredOperation {
    DeclaredOperation {
        id: Arc::from(id),
        forces: BTreeSet::from([Arc::from("f")]),
        volumes,
        standing: Standing::Cleared,
    }
}

/// The track `t` is what a source says is force `f`.
pub(crate) fn identities() -> BTreeMap<Arc<str>, Identity> {
    let identity = Identity {
        force: Some(Arc::from("f")),
        civil: false,
        stated_by: Some(Arc::from("a source")),
    };
    BTreeMap::from([(Arc::from("t"), identity)])
}

pub(crate) fn watch(zones: Vec<Zone>, operations: Vec<DeclaredOperation>) -> Watch {
    Watch::new(zones, operations, identities(), Settings::default())
}

/// Everything the fixes show.
pub(crate) fn events(mut watch: Watch, fixes: Vec<Fix>) -> Vec<Event> {
    let mut events = Vec::new();
    for fix in fixes {
        watch.observe(fix, &mut |event| events.push(event));
    }
    watch.finish(&mut |event| events.push(event));
    events
}

/// What the events say in one line each.
pub(crate) fn told(events: &[Event]) -> Vec<String> {
    let tell = |event: &Event| {
        let with = event.with.as_ref().map_or("", |(id, _)| id);
        let since = (event.at - second(0.0)).micros() as f64 / 1e6;
        let alert = event
            .alert
            .as_ref()
            .map_or("", |alert| alert.kind.wire_name());
        let words = [
            format!("{since:.3}"),
            event.kind.wire_name().to_owned(),
            with.to_owned(),
            event.certainty.wire_name().to_owned(),
            alert.to_owned(),
        ];
        words.join(" ").trim_end().to_owned()
    };
    events.iter().map(tell).collect()
}
