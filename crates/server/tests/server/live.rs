//! Events: everything after the last one seen, and nothing twice.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use serde_json::{Value, json};

use crate::acts::watch;
use crate::world::{Member, World};

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
    let mut stream = TcpStream::connect(node.house.api).await.unwrap();
    let resume = last.map_or_else(String::new, |id| format!("Last-Event-ID: {id}\r\n"));
    let request = format!(
        "GET /api/v1/events HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {}\r\n{resume}\r\n",
        node.tokens[who]
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    let mut buffer = vec![0; 65_536];
    while !enough(&text) {
        let count = stream.read(&mut buffer).await.unwrap();
        assert_ne!(count, 0, "{text}");
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
    }
    text
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
    let reset = follow(us, Some("0-0"), |text| text.contains("event: reset")).await;
    assert!(ids(&reset).is_empty());
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
