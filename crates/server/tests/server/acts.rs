//! Acts over HTTP: recorded, refused, repeated, and seen by the other side.

use serde_json::{Value, json};

use crate::world::World;

/// An act that anybody on watch may write at any time.
pub(crate) fn watch(person: &str) -> Value {
    json!({
        "kind": "watch_taken",
        "subject": "flight-safety",
        "role": "watch_officer",
        "body": {"office": "Operations centre", "person": person, "until": "2099-01-01T00:00:00Z"},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_is_durable_cosigned_and_known_at_the_other_side() {
    let world = World::open(2).await;
    let (us, ru) = (&world.nodes[0], &world.nodes[1]);
    let (status, said) = us.submit(&watch("A. Example"), &[]).await;
    assert_eq!(status, 201, "{said}");
    assert_eq!(said["outcome"]["is_effective"], true);
    let (origin, index) = (
        said["origin"].as_str().unwrap(),
        said["index"].as_u64().unwrap(),
    );
    world.settle().await;
    let escaped = origin.replace('/', "%2F");
    let there = ru.read(&format!("/api/v1/records/{escaped}/{index}")).await;
    assert_eq!(there["kind"], "watch_taken");
    assert_eq!(there["author"], "all");
    // The cosignature comes back and then proves who knew it.
    let handle = us.house.handle();
    let cosigned = handle.wait_for(|view| {
        let ledger = &view.ledgers[origin];
        ledger
            .cosigned
            .values()
            .any(|cosigned| cosigned.size > index)
    });
    cosigned.await.unwrap();
    let known = us
        .read(&format!("/api/v1/records/{escaped}/{index}/knowledge"))
        .await;
    let holders: Vec<&str> = known
        .as_array()
        .unwrap()
        .iter()
        .map(|known| known["holder"].as_str().unwrap())
        .collect();
    assert!(
        holders.contains(&"US") && holders.contains(&"RU"),
        "{known}"
    );
    let digest = |picture: &Value| picture["digest"].clone();
    let (ours, theirs) = (
        us.read("/api/v1/picture").await,
        ru.read("/api/v1/picture").await,
    );
    assert_eq!(digest(&ours), digest(&theirs));
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_done_once() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let key = [("idempotency-key", "k-1")];
    let first = us.submit(&watch("A"), &key).await;
    let again = us.submit(&watch("A"), &key).await;
    assert_eq!(first.0, 201);
    assert_eq!(first, again);
    let (status, _) = us.submit(&watch("B"), &key).await;
    assert_eq!(status, 422);
    let (_, other) = us.submit(&watch("A"), &[]).await;
    assert_eq!(
        other["index"].as_u64().unwrap(),
        first.1["index"].as_u64().unwrap() + 1
    );
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_why_and_an_invalid_act_says_everything() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let consent = json!({
        "kind": "operation_consented", "subject": "op-none", "role": "consenter",
        "body": {"version": 1},
    });
    let (status, said) = us.submit(&consent, &[]).await;
    assert_eq!(status, 409);
    assert!(said["refusal"]["rule"].is_string(), "{said}");
    let invalid = json!({
        "kind": "operation_consented", "subject": "op-none", "role": "consenter",
        "body": {"weapon": "none", "colour": "red"},
    });
    let (status, said) = us.submit(&invalid, &[]).await;
    assert_eq!(status, 422);
    let codes: Vec<&str> = said["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["code"].as_str().unwrap())
        .collect();
    assert!(
        codes.contains(&"r50_excluded") && codes.len() >= 3,
        "{said}"
    );
    let answer = us
        .ask(Some("planner"), "post", "/api/v1/acts", &[], Some(&consent))
        .await;
    assert_eq!(
        answer.status.as_u16(),
        403,
        "a planner does not write as a consenter"
    );
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_changed_is_not_sent_again() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let first = us
        .ask(Some("all"), "get", "/api/v1/workflows", &[], None)
        .await;
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    let known = [("if-none-match", tag.as_str())];
    let again = us
        .ask(Some("all"), "get", "/api/v1/workflows", &known, None)
        .await;
    assert_eq!(again.status.as_u16(), 304);
    assert!(again.body.is_empty());
    let stale = [("if-match", "\"another\"")];
    let (status, _) = us.submit(&watch("A"), &stale).await;
    assert_eq!(status, 412);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_member_that_a_body_lacks_or_nobody_reads_is_named_at_once() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let told = async |act: Value| {
        let (status, said) = us.submit(&act, &[]).await;
        assert_eq!(status, 400, "{said}");
        said["detail"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        told(json!({"rol": "watch_officer", "text": {}})).await,
        "`kind` is missing; `subject` is missing; `rol` is not known here (did you mean `role`?); \
         `text` is not known here (known are `body`, `kind`, `role` and `subject`)"
    );
    // What else is wrong is said as it was.
    let typed = told(json!({"kind": 1, "subject": "x"})).await;
    assert!(typed.contains("invalid type: integer `1`"), "{typed}");
    let whole = told(json!([])).await;
    assert!(whole.contains("invalid length 0"), "{whole}");
    // What an array means depends on the order of members, which nothing says.
    let bare = told(json!(["watch_taken", "flight-safety", "watch_officer", {}])).await;
    assert!(bare.contains("expected an object"), "{bare}");
    world.close().await;
}
