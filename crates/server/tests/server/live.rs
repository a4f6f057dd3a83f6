//! Events: everything after the last one seen, and nothing twice.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::acts::watch;
use crate::world::{Member, World};

/// Opens the stream and reads until `enough` says so.
async fn follow(node: &Member, last: Option<&str>, enough: impl Fn(&str) -> bool) -> String {
    let mut stream = TcpStream::connect(node.house.api).await.unwrap();
    let resume = last.map_or_else(String::new, |id| format!("Last-Event-ID: {id}\r\n"));
    let request = format!(
        "GET /api/v1/events HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {}\r\n{resume}\r\n",
        node.tokens["all"]
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
