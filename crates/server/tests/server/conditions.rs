//! What clients of HTTP expect: entity tags, conditions, pages and keys, on every route the document
//! promises them for.

use detente_server::answer::Answer;
use detente_server::api::openapi_document;
use serde_json::{Value, json};

use crate::matters::Matters;

/// The routes of the document with a parameter in a place, as pairs of method and path.
fn with_parameter(place: &str, name: &str) -> Vec<(String, String)> {
    let document = openapi_document();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let parameters = operation["parameters"].as_array();
            let has = parameters
                .into_iter()
                .flatten()
                .any(|parameter| parameter["in"] == place && parameter["name"] == name);
            if has {
                found.push((method.clone(), path.clone()));
            }
        }
    }
    found
}

fn is_problem(answer: &Answer) -> bool {
    answer.headers["content-type"] == "application/problem+json"
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_changed_is_not_sent_again_on_any_route() {
    let matters = Matters::open().await;
    let us = matters.us();
    let mut asked = 0;
    for (_, path) in with_parameter("header", "if-none-match") {
        let filled = match path.contains('{') {
            // It cannot be asked without saying what for.
            false if path == "/api/v1/places" => format!("{path}?name=Aleppo"),
            false if path == "/api/v1/positions" => format!("{path}?text=36.2,37.1"),
            false => path.clone(),
            true => {
                matters.renew("all");
                let mut stand_ins = matters.stand_ins(&path).into_iter();
                let Some(found) = stand_ins.find(|stand_in| stand_in.is_there) else {
                    continue;
                };
                found
                    .filled
                    .replace("{own token}", &matters.token_of("all"))
            }
        };
        let first = us.ask(Some("all"), "get", &filled, &[], None).await;
        assert_eq!(first.status.as_u16(), 200, "{filled}");
        let tag = first.headers["etag"].to_str().unwrap().to_owned();
        let known = [("if-none-match", tag.as_str())];
        let again = us.ask(Some("all"), "get", &filled, &known, None).await;
        // What moves with the clock may be another by now; then it is sent, with another tag.
        match again.status.as_u16() {
            304 => assert!(again.body.is_empty(), "{filled}"),
            200 => assert_ne!(again.headers["etag"], tag.as_str(), "{filled}"),
            other => panic!("{filled}: {other}"),
        }
        asked += 1;
    }
    assert!(asked >= 20, "{asked}");
    matters.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_changed_that_is_not_as_it_was_last_seen() {
    let matters = Matters::open().await;
    let us = matters.us();
    matters.renew("all");
    let stale = [("if-match", "\"another\"")];
    for (method, path) in with_parameter("header", "if-match") {
        if path == "/api/v1/acts" {
            continue;
        }
        let found = matters.stand_ins(&path).into_iter().find(|it| it.is_there);
        let filled = found.unwrap().filled;
        let filled = filled.replace("{own token}", &matters.token_of("all"));
        let body = (method == "put").then(|| json!({"roles": ["planner"]}));
        let seen = us.ask(Some("all"), "get", &filled, &[], None).await;
        let answer = us
            .ask(Some("all"), &method, &filled, &stale, body.as_ref())
            .await;
        assert_eq!(answer.status.as_u16(), 412, "{method} {filled}");
        let tag = seen.headers["etag"].to_str().unwrap().to_owned();
        let known = [("if-match", tag.as_str())];
        let answer = us
            .ask(Some("all"), &method, &filled, &known, body.as_ref())
            .await;
        assert_eq!(answer.status.as_u16(), 204, "{method} {filled}");
        matters.renew("all");
    }
    // A user who is there already is not made again.
    let new = [("if-none-match", "*")];
    let body = json!({"roles": ["planner"]});
    let path = "/api/v1/users/spare";
    let answer = us.ask(Some("all"), "put", path, &new, Some(&body)).await;
    assert_eq!(answer.status.as_u16(), 412);
    // An act about an area that has changed since.
    let act = json!({
        "kind": "area_cancelled", "subject": "zone-us", "role": "consenter",
        "body": {"reason": "not needed any more"},
    });
    let (status, said) = us.submit(&act, &stale).await;
    assert_eq!(status, 412, "{said}");
    matters.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_is_the_same_page_by_page() {
    let matters = Matters::open().await;
    let us = matters.us();
    for (_, path) in with_parameter("query", "after") {
        let path = path.replace("{workflow}", "call");
        let whole = us.read(&path).await;
        let whole = whole["items"].as_array().unwrap().clone();
        let mut items: Vec<Value> = Vec::new();
        let mut after = String::new();
        loop {
            let page = us.read(&format!("{path}?limit=1{after}")).await;
            items.extend(page["items"].as_array().unwrap().clone());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        assert_eq!(items.len(), whole.len(), "{path}");
        for wrong in ["limit=0", "limit=1001", "limit=x", "limt=1"] {
            let path = format!("{path}?{wrong}");
            let answer = us.ask(Some("all"), "get", &path, &[], None).await;
            assert_eq!(answer.status.as_u16(), 400, "{path}");
            assert!(is_problem(&answer), "{path}");
        }
    }
    let path = "/api/v1/history/us-strike-jisr";
    let cancelled = json!({
        "kind": "operation_cancelled", "subject": "us-strike-jisr", "role": "planner",
        "body": {"reason": "not needed any more"},
    });
    let (status, said) = us.submit(&cancelled, &[]).await;
    assert_eq!(status, 201, "{said}");
    let first = us
        .ask(Some("all"), "get", &format!("{path}?limit=1"), &[], None)
        .await;
    let link = first.headers["link"].to_str().unwrap();
    assert_eq!(link, "<?skip=1&limit=1>; rel=\"next\"");
    let rest = us.read(&format!("{path}?skip=1")).await;
    assert_eq!(rest.as_array().unwrap().len(), 1);
    matters.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_something_new_is_done_once_for_a_key() {
    let matters = Matters::open().await;
    let us = matters.us();
    let keyed = with_parameter("header", "idempotency-key");
    for path in [
        "/api/v1/acts",
        "/api/v1/tokens",
        "/api/v1/reports/{id}/recall",
    ] {
        assert!(keyed.iter().any(|(_, keyed)| keyed == path), "{path}");
    }
    let key = [("idempotency-key", "one")];
    let wish = json!({"label": "program", "roles": ["planner"], "days": 1});
    let path = "/api/v1/tokens";
    let first = us
        .ask(Some("planner"), "post", path, &key, Some(&wish))
        .await;
    let again = us
        .ask(Some("planner"), "post", path, &key, Some(&wish))
        .await;
    assert_eq!(first.status.as_u16(), 201);
    assert_eq!(first.body, again.body);
    // A refusal is repeated as the problem it was.
    let wrong = json!({"label": "program", "roles": ["auditor"], "days": 1});
    let key = [("idempotency-key", "two")];
    for _ in 0..2 {
        let refused = us
            .ask(Some("planner"), "post", path, &key, Some(&wrong))
            .await;
        assert_eq!(refused.status.as_u16(), 400);
        assert!(is_problem(&refused));
    }
    matters.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_with_a_request_is_a_problem() {
    let matters = Matters::open().await;
    let us = matters.us();
    for (method, path, status) in [
        ("patch", "/api/v1/operations", 405),
        ("get", "/api/v1/nowhere", 404),
        ("get", "/api/v1/operations/%FF", 404),
        ("get", "/api/v1/blobs/short", 404),
    ] {
        let answer = us.ask(Some("all"), method, path, &[], None).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}");
        assert!(is_problem(&answer), "{method} {path}");
    }
    let answer = us
        .ask(Some("all"), "patch", "/api/v1/operations", &[], None)
        .await;
    assert!(answer.headers.contains_key("allow"));
    matters.close().await;
}
