//! Events: everything after the last one seen, and nothing twice.

use std::future::{Future as _, poll_fn};
use std::sync::{Mutex, mpsc};
use std::task::Poll;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use detente_node::picture::Picture;
use detente_server::clock::Clock;
use detente_server::runtime::Handle;
use detente_spacetime::{Instant, Span};
use serde_json::{Value, json};

use crate::acts::watch;
use crate::world::{Member, PATIENCE, World};

/// How far the clock moves from one question to the next.
const MOMENT_US: i64 = 500_000;

/// Opens the stream and reads until `enough` says so.
async fn follow(node: &Member, last: Option<&str>, enough: impl Fn(&str) -> bool) -> String {
    follow_as(node, "all", last, enough).await
}

/// The same, as a user.
async fn follow_as(
    node: &Member,
    who: &str,
    last: Option<&str>,
    enough: impl Fn(&str) -> bool,
) -> String {
    let mut stream = subscribe(node, who, last).await;
    let mut text = String::new();
    let mut buffer = vec![0; 65_536];
    while !enough(&text) {
        let count = stream.read(&mut buffer).await.unwrap();
        assert_ne!(count, 0, "{text}");
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
    }
    text
}

/// Opens the stream.
async fn subscribe(node: &Member, who: &str, last: Option<&str>) -> TcpStream {
    let mut stream = TcpStream::connect(node.house.api).await.unwrap();
    let resume = last.map_or_else(String::new, |id| format!("Last-Event-ID: {id}\r\n"));
    let request = format!(
        "GET /api/v1/events HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {}\r\n{resume}\r\n",
        node.tokens[who]
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

fn ids(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("id: "))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_comes_back_misses_nothing() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let (status, _) = us.submit(&watch("A"), &[]).await;
    assert_eq!(status, 201);
    // The first act is before the subscription: an unknown id asks for everything anew.
    // What happens meanwhile may follow at once; nothing comes before it, and it has no id to come back with.
    let text = follow(us, Some("0-0"), |text| text.contains("event: reset\n")).await;
    assert!(text.contains("\r\n\r\n"), "{text}");
    assert!(text.contains("\r\nx-accel-buffering: no\r\n"), "{text}");
    let (before, _) = text.split_once("event: reset\n").unwrap();
    assert!(ids(before).is_empty(), "{text}");
    let reader = follow(us, None, |text| text.matches("id: ").count() >= 1);
    let writer = async {
        loop {
            // The reader may not be there yet: acts are repeated until it has seen one.
            us.submit(&watch("B"), &[]).await;
        }
    };
    let first = tokio::select! {
        first = reader => first,
        () = writer => unreachable!(),
    };
    let last = ids(&first)[0].to_owned();
    us.submit(&watch("C"), &[]).await;
    let next = follow(us, Some(&last), |text| text.matches("id: ").count() >= 1).await;
    let number = |id: &str| id.split_once('-').unwrap().1.parse::<u64>().unwrap();
    assert_eq!(number(ids(&next)[0]), number(&last) + 1);
    // It moves no matter: only its kind says what to look at again.
    assert!(
        next.contains("\"kind\":\"watch_taken\"") || next.contains("\"kind\":\"heartbeat\""),
        "{next}"
    );
    world.close().await;
}

/// A node that waits between two events. While one stop follows the other it takes in what others wrote and shows none of
/// it: that is shown when no event waits any more, or after very many.
struct Stop {
    /// Entries of the ledger in question that it has taken in.
    size: u64,
    go_on: mpsc::Sender<()>,
}

impl Stop {
    /// Puts a stop behind the events that wait, has the node go on from the one before, and waits until it is there.
    async fn after(handle: &Handle<Picture>, origin: &str, before: Option<Self>) -> Self {
        let (tell, told) = oneshot::channel();
        let (go_on, wait) = mpsc::channel();
        let origin = origin.to_owned();
        let mut look = Box::pin(handle.look(move |node, _| {
            let _ = tell.send(node.size(&origin));
            // It goes on as well when nobody holds it any more.
            let _ = wait.recv();
        }));
        let waits = poll_fn(|context| Poll::Ready(look.as_mut().poll(context).is_pending())).await;
        assert!(waits);
        if let Some(before) = before {
            before.go_on.send(()).unwrap();
        }
        let size = told.await.unwrap();
        Self { size, go_on }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_before_the_picture_shows_it() {
    /// Requests that are answered while the node has taken in more than it shows: by then a word too early is heard.
    const ANSWERED: usize = 60;
    let world = World::open(2).await;
    let (us, ru) = (&world.nodes[0], &world.nodes[1]);
    let origin = ru.card.origin.as_str();
    let handle = us.house.handle();
    let text = Mutex::new(String::new());
    let all_is_shown = || {
        let text = text.lock().unwrap();
        let told = text.split("\"version\":").skip(1).filter_map(|rest| {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<u64>().ok()
        });
        let (told, shown) = (told.max().unwrap_or(0), handle.view().version);
        assert!(told <= shown, "{told} is told and {shown} shown: {text}");
    };
    let mut stream = subscribe(us, "all", Some("0-0")).await;
    let mut listen = async |enough: &dyn Fn(&str) -> bool| {
        let mut buffer = vec![0; 65_536];
        while !enough(&text.lock().unwrap()) {
            let count = stream.read(&mut buffer).await.unwrap();
            let mut text = text.lock().unwrap();
            text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
            assert_ne!(count, 0, "{text}");
        }
    };
    listen(&|text| text.contains("event: reset\n")).await;
    let held = async {
        let mut stop = Stop::after(&handle, origin, None).await;
        let mut answered = 0;
        while answered < ANSWERED {
            stop = Stop::after(&handle, origin, Some(stop)).await;
            let hidden = stop.size > handle.view().ledgers[origin].size;
            us.ask(None, "get", "/healthz", &[], None).await;
            all_is_shown();
            answered += usize::from(hidden);
        }
    };
    let writer = async {
        loop {
            ru.submit(&watch("A"), &[]).await;
        }
    };
    tokio::select! {
        () = held => {}
        () = listen(&|_| false) => unreachable!(),
        () = writer => unreachable!(),
    }
    // And it is told at all.
    listen(&|text| !ids(text).is_empty()).await;
    all_is_shown();
    drop(stream);
    world.close().await;
}

fn alert(subject: &str) -> Value {
    json!({
        "kind": "alert_raised",
        "subject": subject,
        "role": "watch_officer",
        "body": {"text": "A flight nobody announced", "articles": ["art-3"]},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_ring_for_those_who_watch_and_for_nobody_else() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let rung = |text: &str| text.contains("event: alert\n");
    let readers = async {
        tokio::join!(
            follow_as(us, "watch_officer", None, rung),
            follow_as(us, "monitor", None, rung),
            // A planner follows the same changes: it has seen the alert once it sees what came after it.
            follow_as(us, "planner", None, |text| text
                .matches("\"alert\"")
                .count()
                >= 2),
        )
    };
    let writer = async {
        for number in 0_u32.. {
            us.submit(&alert(&format!("a-{number}")), &[]).await;
        }
    };
    let (officer, monitor, planner) = tokio::select! {
        heard = readers => heard,
        () = writer => unreachable!(),
    };
    for text in [officer, monitor] {
        let data = text
            .lines()
            .skip_while(|line| *line != "event: alert")
            .nth(1)
            .unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(data["body"]["text"], "A flight nobody announced");
        assert_eq!(data["body"]["articles"], json!(["art-3"]));
        assert_eq!(data["holder"], "US");
    }
    assert!(!planner.contains("event: alert"), "{planner}");
    assert!(planner.contains("event: applied"), "{planner}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_shut_out_hears_nothing_more() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let mut stream = TcpStream::connect(us.house.api).await.unwrap();
    let request = format!(
        "GET /api/v1/events HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {}\r\n\r\n",
        us.tokens["planner"]
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut buffer = vec![0; 65_536];
    let mut text = String::new();
    while !text.contains(": hello") {
        let count = stream.read(&mut buffer).await.unwrap();
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
    }
    let path = "/api/v1/users/planner";
    let answer = us.ask(Some("all"), "delete", path, &[], None).await;
    assert_eq!(answer.status.as_u16(), 204);
    let reader = async {
        let mut text = String::new();
        // The last chunk of an answer has no bytes.
        while !text.ends_with("0\r\n\r\n") {
            let count = stream.read(&mut buffer).await.unwrap();
            assert_ne!(count, 0, "{text}");
            text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        }
        text
    };
    let writer = async {
        loop {
            us.submit(&watch("B"), &[]).await;
        }
    };
    let text = tokio::select! {
        text = reader => text,
        () = writer => unreachable!(),
    };
    // What the node wrote by itself before may be there.
    assert!(!text.contains("flight-safety"), "{text}");
    world.close().await;
}

/// A flight of the United States where nothing restrains it, in the morning of 14 September 2016.
fn proposal(operation: &str) -> Value {
    let corners = [
        [20.0, 10.0],
        [20.1, 10.0],
        [20.1, 10.1],
        [20.0, 10.1],
        [20.0, 10.0],
    ];
    json!({
        "kind": "operation_proposed", "subject": operation, "role": "planner",
        "body": {
            "features": [{
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [corners]},
                "properties": {
                    "id": format!("{operation}-1"), "kind": "operation", "operation": operation,
                    "party": "US", "force": "us-air", "activity": "transit",
                    "start": "2016-09-14T06:00:00Z", "end": "2016-09-14T10:00:00Z",
                    "lower": {"reference": "SFC"},
                    "upper": {"value": 9000, "unit": "m", "reference": "W84"},
                },
            }],
            "version": 1, "expires": "2016-09-14T05:00:00Z", "process_class": "deliberate",
        },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_gives_notice_by_itself_of_an_operation_seen_outside_what_it_declared() {
    let instant = |text: &str| Instant::parse_rfc3339(text).unwrap();
    let clock = Clock::simulated(instant("2016-09-13T02:10:00Z"));
    let world = World::at(1, clock.clone(), |_| {}).await;
    let us = &world.nodes[0];
    // From a change whose number is known, so that nothing is missed however late the reader comes.
    let reader = follow(us, None, |text| text.matches("id: ").count() >= 1);
    let writer = async {
        loop {
            us.submit(&watch("A"), &[]).await;
        }
    };
    let first = tokio::select! {
        first = reader => first,
        () = writer => unreachable!(),
    };
    let last = ids(&first)[0].to_owned();
    let activated = json!({
        "kind": "operation_activated", "subject": "op-1", "role": "watch_officer",
        "body": {"version": 1},
    });
    let seen = json!({
        "kind": "nonconformance_observed", "subject": "op-1", "role": "watch_officer",
        "body": {"text": "Left its volume southward."},
    });
    for act in [&proposal("op-1"), &activated, &seen] {
        let (status, said) = us.submit(act, &[]).await;
        assert_eq!(status, 201, "{said}");
        assert_eq!(said["outcome"]["is_effective"], true, "{said}");
        clock.advance_to(instant("2016-09-14T06:30:00Z"));
    }
    let rung = |text: &str| {
        let told = text
            .lines()
            .skip_while(|line| *line != "event: alert")
            .nth(1)?;
        serde_json::from_str::<Value>(told.strip_prefix("data: ")?).ok()
    };
    let text = follow_as(us, "watch_officer", Some(&last), |text| {
        rung(text).is_some()
    })
    .await;
    let alert = rung(&text).unwrap();
    let subject = alert["subject"].as_str().unwrap();
    assert!(subject.starts_with("nonconforming-op-1-"), "{alert}");
    assert_eq!(alert["body"]["about"], "op-1");
    assert_eq!(alert["body"]["role"], "system");
    // It stands on the node's own record, once, however often the same is seen.
    us.submit(&seen, &[]).await;
    us.submit(&watch("B"), &[]).await;
    let alerts = us.read("/api/v1/matters/alert").await;
    let text = alerts.to_string();
    assert_eq!(
        text.matches("\"id\":\"nonconforming-op-1-").count(),
        1,
        "{text}"
    );
    world.close().await;
}

/// While the line is down two sides declare an operation under one name: the one that comes later by its own clock is nowhere,
/// and its watch hears of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_gives_notice_by_itself_of_what_lost_its_effect_when_the_line_came_back() {
    let instant = |text: &str| Instant::parse_rfc3339(text).unwrap();
    let clock = Clock::simulated(instant("2016-09-13T02:10:00Z"));
    let mut world = World::at(3, clock.clone(), |_| {}).await;
    world.settle().await;
    // The United States are alone when they declare it, and away when Russia does.
    let (un, ru) = (world.leave(2).await, world.leave(1).await);
    let (status, said) = world.nodes[0].submit(&proposal("op-1"), &[]).await;
    assert_eq!(status, 201, "{said}");
    let us = world.leave(0).await;
    clock.advance_to(instant("2016-09-13T02:20:00Z"));
    world.back_at(un, &clock).await;
    world.back_at(ru, &clock).await;
    let ru = &world.nodes[1];
    // A node that comes back signs when one of two peers has confirmed its ledger and the other stays away.
    let signs = async {
        while !ru.house.handle().view().is_confirmed {
            ru.read("/api/v1/ledgers").await;
            clock.advance_to(clock.now().plus(Span::from_micros(MOMENT_US)).unwrap());
        }
    };
    tokio::time::timeout(PATIENCE, signs).await.unwrap();
    let mut other = proposal("op-1");
    let properties = &mut other["body"]["features"][0]["properties"];
    properties["party"] = json!("RU");
    properties["force"] = json!("ru-air");
    let (status, said) = ru.submit(&other, &[]).await;
    assert_eq!(status, 201, "{said}");
    assert_eq!(said["outcome"]["is_effective"], true, "{said}");
    let lost = said["index"].as_u64().unwrap();
    world.back_at(us, &clock).await;
    let ru = &world.nodes[1];
    let subject = format!("lost-op-1-{lost}-RU");
    let alarmed = async {
        loop {
            let alerts = ru.read("/api/v1/matters/alert").await.to_string();
            if alerts.contains(&subject) {
                return;
            }
            clock.advance_to(clock.now().plus(Span::from_micros(MOMENT_US)).unwrap());
        }
    };
    tokio::time::timeout(PATIENCE, alarmed).await.unwrap();
    let alert = ru.read(&format!("/api/v1/matters/alert/{subject}")).await;
    let body = &alert["lines"][0]["body"];
    assert_eq!(body["about"], "op-1", "{alert}");
    let text = body["text"].as_str().unwrap();
    let text = text.replacen(&format!("Entry {lost} "), "Entry N ", 1);
    insta::assert_snapshot!(text, @"Entry N of this ledger (operation_proposed) has no effect any more, now that what others wrote before it has arrived: its author had not seen entry 1 of us.example/ledger, by which the matter of this name began: it is about another. Say anew what was said about op-1, under another name where this one is taken.");
    world.close().await;
}
