//! Every route × every role × own and foreign objects, from the OpenAPI document, against tables that
//! people review.

use std::fmt::Write as _;

use detente_server::api::openapi_document;
use serde_json::json;

use crate::matters::Matters;
use crate::world::World;

/// The routes by which something is ended that the next user is to find again.
const ENDED: [&str; 3] = [
    "/api/v1/tokens/{id}",
    "/api/v1/tokens/{id}/rotation",
    "/api/v1/users/{name}",
];

/// What stands for the parameters of a path: things that are not there.
fn filled(path: &str) -> String {
    path.replace("{origin}", "nobody.example")
        .replace("{index}", "0")
        .replace("{path}", "0/000")
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

/// Every route that names an object × every role × every object there is for it: own, foreign, hidden
/// and absent ones. A new route without a row in [`Matters::stand_ins`] fails here.
#[tokio::test(flavor = "multi_thread")]
async fn every_object_is_for_whom_the_table_says() {
    let matters = Matters::open().await;
    let us = matters.us();
    let mut names: Vec<&str> = us.tokens.keys().map(String::as_str).collect();
    names.retain(|name| *name != "all");
    let document = openapi_document();
    let mut table = String::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        if !path.contains('{') {
            continue;
        }
        for method in methods.as_object().unwrap().keys() {
            for number in 0..matters.stand_ins(path).len() {
                let mut groups: Vec<(u16, Vec<&str>)> = Vec::new();
                let mut label = "";
                for who in names.iter().copied() {
                    let stand_in = &matters.stand_ins(path)[number];
                    label = stand_in.label;
                    let mut filled = stand_in.filled.clone();
                    if ENDED.contains(&path.as_str()) {
                        // What was ended for one role is made anew for the next.
                        matters.renew(who);
                        filled = filled.replace("{own token}", &matters.token_of(who));
                    }
                    let (headers, body) = matters.request(method, path);
                    let answer = us
                        .ask(Some(who), method, &filled, &headers, body.as_ref())
                        .await;
                    let status = answer.status.as_u16();
                    match groups.iter_mut().find(|(known, _)| *known == status) {
                        Some((_, group)) => group.push(who),
                        None => groups.push((status, vec![who])),
                    }
                }
                groups.sort();
                for (status, group) in groups {
                    writeln!(
                        table,
                        "{method} {path} {label} {status}: {}",
                        group.join(" ")
                    )
                    .unwrap();
                }
            }
        }
    }
    insta::assert_snapshot!(table);
    matters.close().await;
}

/// On a socket that others reach, counters are for those who see to the house.
#[tokio::test(flavor = "multi_thread")]
async fn counters_are_open_on_this_machine_alone() {
    for (address, none, planner) in [("127.0.0.1:7070", 200, 200), ("192.0.2.1:443", 401, 403)] {
        let world = World::with(1, |plan| plan.api = address.parse().unwrap()).await;
        let us = &world.nodes[0];
        for (who, status) in [
            (None, none),
            (Some("planner"), planner),
            (Some("auditor"), 200),
        ] {
            let answer = us.ask(who, "get", "/metrics", &[], None).await;
            assert_eq!(answer.status.as_u16(), status, "{address} {who:?}");
        }
        world.close().await;
    }
}
