//! Clocks that run out ring: once each, on record for everybody, until the step is made.

use std::time::Duration;

use detente_node::picture::{Matter, Picture};
use detente_records::RecordId;
use detente_server::clock::Clock;
use detente_spacetime::{Instant, Span};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::world::{Member, PATIENCE, World};

/// More than one alert names.
const OBJECTS: usize = 260;

fn start() -> Instant {
    Instant::parse_rfc3339("2016-09-13T12:00:00Z").unwrap()
}

fn after(hours: i64) -> Instant {
    start().plus(Span::from_hours(hours).unwrap()).unwrap()
}

/// Lets the nodes' clock go on by itself, so many times as fast as the world's: pauses between nodes are of the same clock.
fn going_on(clock: &Clock, times: i64) -> JoinHandle<()> {
    let moving = clock.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        loop {
            ticks.tick().await;
            let next = moving.now().plus(Span::from_micros(20_000 * times));
            moving.advance_to(next.unwrap());
        }
    })
}

/// The alerts that nodes raised by themselves: by whom about whom, where they stand, and how many objects they name.
fn rung(picture: &Picture) -> Vec<(String, &'static str, usize)> {
    let of = |(_, matter): (&RecordId, &Matter)| {
        let body = matter.lines.first()?.act.to_body();
        let subjects = body.get("subjects").and_then(Value::as_array);
        let count = subjects.map_or(0, Vec::len);
        let owed_by = body.get("owed_by")?.as_str()?;
        let whose = format!("{} of {owed_by}", matter.opened_by.holder);
        Some((whose, matter.course.state, count))
    };
    let mut found: Vec<_> = picture.matters("alert").filter_map(of).collect();
    found.sort();
    found
}

/// Waits until a node shows these alerts and no others.
async fn rings(node: &Member, expected: &[(&str, &str, usize)]) {
    let handle = node.house.handle();
    let is_there = |picture: &Picture| {
        let found = rung(picture);
        let found = found
            .iter()
            .map(|(whose, state, count)| (whose.as_str(), *state, *count));
        found.eq(expected.iter().copied())
    };
    let waited = handle.wait_for(|view| is_there(&view.picture));
    if tokio::time::timeout(PATIENCE, waited).await.is_err() {
        let found = rung(&handle.view().picture);
        panic!("{expected:?}, and not {found:?}");
    }
}

async fn act(node: &Member, kind: &str, role: &str, (subject, body): (&str, Value)) {
    let act = json!({"kind": kind, "subject": subject, "role": role, "body": body});
    let (status, said) = node.submit(&act, &[]).await;
    assert_eq!(status, 201, "{kind}: {said}");
}

fn names() -> impl Iterator<Item = String> {
    (0..OBJECTS).map(|number| format!("h-{number}"))
}

/// Puts an act about each object on record.
async fn batch(node: &Member, kind: &str, role: &str, names: &[String], body: &Value) {
    let acts: Vec<Value> = names
        .iter()
        .map(|name| json!({"kind": kind, "subject": name, "role": role, "body": body}))
        .collect();
    let wish = json!({ "acts": acts }).to_string();
    let (status, said) = node
        .post("all", "/api/v1/acts/batch", wish.as_bytes())
        .await;
    assert_eq!(status, 200, "{kind}: {said}");
}

/// Notifies the objects and releases them to RU.
async fn notify(us: &Member) {
    let mut sheet = String::from(
        "id,category,position,datum,accuracy_m,radius_m,place,measured_how,consent_by,consent_at\n",
    );
    for (number, name) in names().enumerate() {
        let (row, column) = (number / 20, number % 20);
        let latitude = 36.0 + row as f64 / 100.0;
        let longitude = 36.8 + column as f64 / 100.0;
        sheet.push_str(&format!(
            "{name},clinic,\"{latitude:.5}, {longitude:.5}\",WGS84,30,60,,handheld,Committee,2016-08-01\n"
        ));
    }
    let path = "/api/v1/protected-object-imports";
    let (_, said) = us.post("notifier", path, sheet.as_bytes()).await;
    assert_eq!(said["accepted"], OBJECTS, "{said}");
    let release = json!({"version": 1, "recipients": ["RU"], "precision": "exact"});
    let all: Vec<String> = names().collect();
    batch(us, "object_released", "notifier", &all, &release).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_is_not_acknowledged_in_time_rings_once_until_it_is() {
    let clock = Clock::simulated(start());
    let going_on = going_on(&clock, 1);
    let mut world = World::at(2, clock.clone(), |_| {}).await;
    notify(&world.nodes[0]).await;
    world.settle().await;
    assert!(rung(&world.nodes[0].house.handle().view().picture).is_empty());
    // Two hours are for the first step: the side that waits rings about all objects, for everybody.
    clock.advance_to(after(3));
    let all = [("US of RU", "raised", 4), ("US of RU", "raised", 256)];
    for node in &world.nodes {
        rings(node, &all).await;
    }
    // A node that comes back does not ring again for what has rung.
    let absent = world.leave(0).await;
    world.back_at(absent, &clock).await;
    let (ru, us) = (&world.nodes[0], &world.nodes[1]);
    let handle = us.house.handle();
    let confirmed = handle.wait_for(|view| view.is_confirmed);
    tokio::time::timeout(PATIENCE, confirmed)
        .await
        .unwrap()
        .unwrap();
    // All steps but one are made: the alert that names it stands, the other is taken back.
    let names: Vec<String> = names().collect();
    let (one, others) = names.split_first().unwrap();
    let received = json!({"version": 1});
    batch(ru, "object_received", "watch_officer", others, &received).await;
    for node in &world.nodes {
        let still = rung_after(node, "acknowledged").await;
        assert_eq!(still.len(), 2, "{still:?}");
    }
    act(ru, "object_received", "watch_officer", (one, received)).await;
    let done = [
        ("US of RU", "acknowledged", 4),
        ("US of RU", "acknowledged", 256),
    ];
    for node in &world.nodes {
        rings(node, &done).await;
    }
    // The next step has a clock of its own, and rings for itself.
    clock.advance_to(after(30));
    let again = [
        ("US of RU", "acknowledged", 4),
        ("US of RU", "acknowledged", 256),
        ("US of RU", "raised", 4),
        ("US of RU", "raised", 256),
    ];
    for node in &world.nodes {
        rings(node, &again).await;
    }
    going_on.abort();
    world.close().await;
}

/// Waits until one alert is in a state, and returns all.
async fn rung_after(node: &Member, state: &str) -> Vec<(String, &'static str, usize)> {
    let handle = node.house.handle();
    let waited = handle.wait_for(|view| {
        let found = rung(&view.picture);
        found.iter().any(|(_, found, _)| *found == state)
    });
    tokio::time::timeout(PATIENCE, waited)
        .await
        .unwrap()
        .unwrap();
    rung(&handle.view().picture)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_owes_a_step_rings_by_itself_where_the_other_cannot_be_heard() {
    let clock = Clock::simulated(start());
    let going_on = going_on(&clock, 10);
    let mut world = World::at(2, clock.clone(), |_| {}).await;
    notify(&world.nodes[0]).await;
    world.settle().await;
    let absent = world.leave(0).await;
    clock.advance_to(after(3));
    let ru = &world.nodes[0];
    let own = [("RU of RU", "raised", 4), ("RU of RU", "raised", 256)];
    rings(ru, &own).await;
    drop(absent);
    going_on.abort();
    world.close().await;
}
