//! Bodies that are too large or never come, and documents that must stay true.

use detente_server::api::openapi_document;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn large_and_slow_bodies_cost_the_node_nothing() {
    let world = World::with(1, |plan| plan.request_s_max = 1).await;
    let us = &world.nodes[0];
    let large = json!({"kind": "watch_taken", "subject": "x".repeat(2 << 20)});
    let answer = us
        .ask(Some("all"), "post", "/api/v1/acts", &[], Some(&large))
        .await;
    assert_eq!(answer.status.as_u16(), 413);
    let mut stream = TcpStream::connect(us.house.api).await.unwrap();
    let request = format!(
        "POST /api/v1/acts HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {}\r\n\
         Content-Length: 100\r\n\r\n{{",
        us.tokens["all"]
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let text = String::from_utf8_lossy(&answer);
    assert!(text.starts_with("HTTP/1.1 408"), "{text}");
    let health = us.ask(None, "get", "/healthz", &[], None).await;
    assert!(matches!(health.status.as_u16(), 200 | 503));
    world.close().await;
}

/// Where a schema of a document is a truth value.
fn booleans(place: &str, value: &Value, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(items) => items.iter().map(|item| (String::new(), item)).collect(),
        _ => return,
    };
    let holds_schemas = place.ends_with("/properties") || place.ends_with("/schemas");
    for (key, child) in children {
        let place = format!("{place}/{key}");
        if child.is_boolean() && (holds_schemas || matches!(key.as_str(), "schema" | "items")) {
            found.push(place);
        } else {
            booleans(&place, child, found);
        }
    }
}

#[test]
fn what_may_be_anything_is_written_so_that_makers_of_clients_read_it() {
    let mut found = Vec::new();
    booleans("", &openapi_document(), &mut found);
    assert_eq!(found, Vec::<String>::new());
    let roles = &openapi_document()["components"]["schemas"]["Role"];
    assert_eq!(roles["enum"][0], "planner");
    assert!(
        roles["description"]
            .as_str()
            .unwrap()
            .contains("`planner`: ")
    );
}

/// Run with `UPDATE_REFERENCE=1` to refresh it.
#[test]
fn the_published_document_is_the_served_one() {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    let text = serde_json::to_string_pretty(&openapi_document()).unwrap() + "\n";
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == text, "refresh it with UPDATE_REFERENCE=1");
}
