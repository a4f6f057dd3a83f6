//! What was told of own objects, beside what was reported near them.

use std::collections::BTreeSet;

use detente_node::disclosure::{Reading, disclosure};
use serde_json::json;

use crate::shapes::hospital;
use crate::world::{World, holder, id};

const PLACE: (f64, f64) = (36.6, 35.9);

/// Who was told, who has read, and what happened stand beside each other; what came before a telling counts for nothing.
#[test]
fn the_list_was_suspected_of_targeting_what_was_told_is_held_beside_what_happened() {
    let mut world = World::new();
    let notify = |world: &mut World, name: &str, place: (f64, f64)| {
        let body = hospital(name, place);
        world.does("UN:clara", "notifier", "object_submitted", name, body);
    };
    let incident = |world: &mut World, name: &str, place: (f64, f64)| {
        let body = json!({"title": "Shells", "account": {
            "source": "Spotters", "text": "Shells fell.", "language": "en", "time_precision": "minute", "evidence": [],
            "place": {"position": {"latitude_deg": place.1, "longitude_deg": place.0}, "precision": "exact"},
        }});
        world.does("OSCE:mona", "monitor", "incident_reported", name, body);
    };
    let other = (PLACE.0 + 1.0, PLACE.1);
    incident(&mut world, "before", PLACE);
    notify(&mut world, "h1", PLACE);
    notify(&mut world, "h2", other);
    incident(&mut world, "untold", PLACE);
    let release = json!({"version": 1, "recipients": ["US"], "precision": "exact"});
    world.does("UN:clara", "notifier", "object_released", "h1", release);
    let told_at = world.now;
    let none = |_: &detente_records::RecordId, _: u32| None;
    let found = disclosure(&world.picture, &holder("UN"), &[], none);
    let names: Vec<&str> = found
        .incidents
        .iter()
        .map(|near| near.incident.as_str())
        .collect();
    assert_eq!(names, ["untold"]);
    let us = found.known[&holder("US")];
    assert_eq!((us.exactly.objects, us.exactly.with_incident), (1, 0));
    assert_eq!((us.not_told.objects, us.not_told.with_incident), (1, 0));
    let ru = found.known[&holder("RU")];
    assert_eq!((ru.not_told.objects, ru.not_told.with_incident), (2, 1));

    incident(&mut world, "after", (PLACE.0, PLACE.1 + 0.001));
    let said = json!({
        "form": "detente/exact-place-read/1", "object": "h1", "version": 1, "originator": "UN",
        "holder": "US", "user": "anna", "day": "2016-09-13T00:00:00Z",
    });
    let (said, problems) =
        detente_records::act::PlaceReading::parse("reading", said.as_object().unwrap());
    let reading = Reading {
        said: said.unwrap_or_else(|| panic!("{problems}")),
        at: told_at,
        source: world
            .picture
            .protected_object(&id("h1"))
            .unwrap()
            .matter
            .lines[0]
            .source
            .clone(),
    };
    let found = disclosure(&world.picture, &holder("UN"), &[reading], none);
    let latest = &found.incidents[0];
    assert_eq!(latest.incident.as_str(), "after");
    assert!(
        (latest.distance_m - 111.0).abs() < 1.0,
        "{}",
        latest.distance_m
    );
    let only_us = BTreeSet::from([holder("US")]);
    assert_eq!(
        (&latest.told_exactly, &latest.read_by),
        (&only_us, &only_us)
    );
    // The earlier one was reported before anybody was told.
    assert!(found.incidents[1].told_exactly.is_empty());
    let us = found.known[&holder("US")];
    assert_eq!((us.exactly.with_incident, us.read.with_incident), (1, 1));
    // A day that began before the notice may still mean what came after it; a date ahead of its record tells of nobody who
    // was told since.
    let coarse = |at: &str, precision: &str| {
        json!({"title": "Shells", "account": {
            "source": "Spotters", "text": "Shells fell.", "language": "en", "evidence": [],
            "at": at, "time_precision": precision,
            "place": {"position": {"latitude_deg": other.1, "longitude_deg": other.0}, "precision": "exact"},
        }})
    };
    let body = coarse("2016-09-13T00:00:00Z", "day");
    world.does(
        "OSCE:mona",
        "monitor",
        "incident_reported",
        "that-day",
        body,
    );
    let body = coarse("2016-09-13T00:00:00Z", "minute");
    world.does(
        "OSCE:mona",
        "monitor",
        "incident_reported",
        "at-midnight",
        body,
    );
    let release = json!({"version": 1, "recipients": ["US"], "precision": "exact"});
    world.does("UN:clara", "notifier", "object_released", "h2", release);
    let found = disclosure(&world.picture, &holder("UN"), &[], none);
    let near: Vec<_> = found
        .incidents
        .iter()
        .filter(|near| near.object.as_str() == "h2")
        .collect();
    let names: Vec<&str> = near.iter().map(|near| near.incident.as_str()).collect();
    assert_eq!(names, ["that-day"]);
    assert!(
        near[0].told_exactly.is_empty(),
        "told after it was recorded"
    );
    assert!(near[0].earliest.unwrap() < near[0].latest);
    // Of others' objects nothing is put together here.
    let others = disclosure(&world.picture, &holder("US"), &[], none);
    assert!(others.known.is_empty() && others.incidents.is_empty());
}
