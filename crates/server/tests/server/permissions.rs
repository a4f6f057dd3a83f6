//! Every route × every role, from the OpenAPI document, against a table that people review; and
//! answers for hidden and absent things, which are the same bytes.

use std::fmt::Write as _;

use detente_server::api::openapi_document;
use serde_json::{Value, json};

use crate::world::World;

/// What stands for the parameters of a path: things that are not there.
fn filled(path: &str) -> String {
    path.replace("{origin}", "nobody.example")
        .replace("{index}", "0")
        .replace("{*path}", "0/000")
        .replace("{hash}", &"0".repeat(64))
        .replace("{id}", "nothing")
        .replace("{name}", "nothing")
        .replace("{subject}", "nothing")
        .replace("{workflow}", "concern")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_lets_in_whom_the_table_says() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let mut names: Vec<&str> = us.tokens.keys().map(String::as_str).collect();
    names.retain(|name| *name != "all");
    let document = openapi_document();
    let mut table = String::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            if path == "/api/v1/events" {
                // A stream does not end; tests/server/live.rs reads it.
                continue;
            }
            let body = matches!(method.as_str(), "post" | "put").then(|| json!({}));
            let mut groups: Vec<(u16, Vec<&str>)> = Vec::new();
            for who in [None].into_iter().chain(names.iter().copied().map(Some)) {
                if path == "/api/v1/session" && method == "delete" {
                    continue;
                }
                let answer = us.ask(who, method, &filled(path), &[], body.as_ref()).await;
                let status = answer.status.as_u16();
                let name = who.unwrap_or("-");
                match groups.iter_mut().find(|(known, _)| *known == status) {
                    Some((_, group)) => group.push(name),
                    None => groups.push((status, vec![name])),
                }
            }
            groups.sort();
            for (status, group) in groups {
                writeln!(table, "{method} {path} {status}: {}", group.join(" ")).unwrap();
            }
        }
    }
    insta::assert_snapshot!(table);
    world.close().await;
}

/// A report between others, and one that was never written, answer with the same bytes.
#[tokio::test(flavor = "multi_thread")]
async fn hidden_and_absent_cannot_be_told_apart() {
    let world = World::open(3).await;
    let (us, ru, un) = (&world.nodes[0], &world.nodes[1], &world.nodes[2]);
    let identity = detente_ledger::hash::Hash::of(&un.card.genesis).to_hex();
    let blob =
        json!({"sha256": "0".repeat(64), "bytes": 10, "media_type": "application/octet-stream"});
    let report = json!({
        "kind": "report_released", "subject": "r-secret", "role": "release_officer",
        "body": {
            "title": "For others", "recipients": ["UN"],
            "marking": {
                "classifications": [{"policy": "plan", "level": "secret"}],
                "releasable_to": ["UN"], "identities": [identity], "originator_control": true,
            },
            "sealed": [{
                "recipient": "UN", "suite": "x25519", "commitment": "1".repeat(64),
                "keys": ["0".repeat(16)], "blob": blob,
            }],
        },
    });
    let (status, said) = ru.submit(&report, &[]).await;
    assert_eq!(status, 201, "{said}");
    world.settle().await;
    let seen = un.read("/api/v1/reports/r-secret").await;
    assert_eq!(seen["opened_by"], "RU");
    for path in [
        "/api/v1/reports/{}",
        "/api/v1/history/{}",
        "/api/v1/matters/report/{}",
        "/api/v1/reports/{}/content",
        "/api/v1/reports/{}/acknowledgements",
        "/api/v1/report-drafts/{}",
    ] {
        let shown = |answer: detente_server::answer::Answer| {
            let mut headers: Vec<String> = answer
                .headers
                .iter()
                .filter(|(name, _)| name.as_str() != "date")
                .map(|(name, value)| format!("{name}: {value:?}"))
                .collect();
            headers.sort();
            (answer.status, headers, answer.body)
        };
        let hidden = path.replace("{}", "r-secret");
        let absent = path.replace("{}", "r-absent");
        let hidden = shown(us.ask(Some("all"), "get", &hidden, &[], None).await);
        let absent = shown(us.ask(Some("all"), "get", &absent, &[], None).await);
        assert_eq!(hidden, absent, "{path}");
        assert_eq!(hidden.0.as_u16(), 404);
    }
    let listed = us.read("/api/v1/reports").await;
    assert_eq!(listed["items"], Value::Array(Vec::new()));
    world.close().await;
}

/// Another's token, and one that never was.
#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_token_is_as_absent_as_none() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let listed = us.read("/api/v1/tokens").await;
    let foreign = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|token| token["user"] == "planner")
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/api/v1/tokens/{foreign}");
    let hidden = us.ask(Some("consenter"), "delete", &path, &[], None).await;
    let absent = us
        .ask(
            Some("consenter"),
            "delete",
            "/api/v1/tokens/none",
            &[],
            None,
        )
        .await;
    assert_eq!((hidden.status, &hidden.body), (absent.status, &absent.body));
    assert_eq!(hidden.status.as_u16(), 404);
    let own = us.ask(Some("planner"), "delete", &path, &[], None).await;
    assert_eq!(own.status.as_u16(), 204);
    let gone = us
        .ask(Some("planner"), "get", "/api/v1/picture", &[], None)
        .await;
    assert_eq!(gone.status.as_u16(), 401);
    world.close().await;
}
