//! The articles analysed: proofs of concerns, an amendment compared, an announcement previewed.

use serde_json::{Value, json};

use crate::world::{Member, World};

async fn compare(node: &Member, wish: &Value) -> (u16, Value) {
    let path = "/api/v1/agreement/comparison";
    let answer = node.ask(Some("planner"), "post", path, &[], Some(wish));
    let answer = answer.await;
    let said = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    (answer.status.as_u16(), said)
}

async fn raise(node: &Member, subject: &str, property: &str) {
    let concern = json!({
        "kind": "concern_raised", "subject": subject, "role": "consenter",
        "body": {
            "title": "One participant strikes alone", "office": "Legal adviser", "severity": "blocking",
            "text": "Nobody strikes alone.", "articles": ["art-6"], "property": property,
        },
    });
    let (status, said) = node.submit(&concern, &[]).await;
    assert_eq!(status, 201, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concern_raised_in_a_ledger_is_proved_or_refuted_with_a_case() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let before = us.read("/api/v1/agreement/proofs").await;
    assert_eq!(before["concerns"], json!([]));
    assert_eq!(before["standing"].as_array().unwrap().len(), 8);
    // Two hours before a strike at large: six are asked for, so it holds; twelve are not.
    let late = |hours: u32| {
        format!(
            "forbid (principal, action in Detente::Action::\"combat\", resource is Detente::Airspace) \
             when {{ context.leadTime < duration(\"{hours}h\") }};"
        )
    };
    raise(us, "six-hours", &late(2)).await;
    raise(us, "twelve-hours", &late(12)).await;
    let after = us.read("/api/v1/agreement/proofs").await;
    let concerns = after["concerns"].as_array().unwrap();
    let found = |id: &str| concerns.iter().find(|concern| concern["id"] == id).unwrap();
    assert_eq!(found("six-hours")["result"], "proved", "{after}");
    let refuted = found("twelve-hours");
    assert_eq!(refuted["result"], "refuted", "{after}");
    assert_eq!(refuted["raised_by"], "US");
    let case = &refuted["counterexample"];
    assert_eq!(case["verdict"], "clear");
    let drawn = case["drawing"]["features"].as_array().unwrap();
    assert!(
        drawn
            .iter()
            .any(|feature| feature["properties"]["kind"] == "operation")
    );
    // A property that cannot be read is a problem with words, not a proof.
    raise(us, "unreadable", "forbid (principal, action").await;
    let shown = us.read("/api/v1/agreement/proofs").await;
    assert!(!shown["problems"].as_array().unwrap().is_empty());
    let concerns = shown["concerns"].as_array().unwrap();
    let unreadable = concerns
        .iter()
        .find(|concern| concern["id"] == "unreadable");
    assert_eq!(unreadable.unwrap()["result"], "unknown");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amendment_is_compared_and_nothing_is_recorded() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let size = us.read("/api/v1/picture").await["applied"].clone();
    let weaker = "@amends(\"art-2-2\") @id(\"art-2-2\") @article(\"2\") @title(\"Weaker\") @consequence(\"none\") \
         forbid (principal, action in Detente::Action::\"combat\", resource is Detente::Airspace) \
         when { !principal.party.participant && context.leadTime < duration(\"1h\") };";
    let (status, said) = compare(us, &json!({"clauses": weaker})).await;
    assert_eq!(status, 200, "{said}");
    assert_eq!(said["effect"], "looser");
    assert_eq!(said["articles"][0]["article"], "2");
    let request = &said["requests"][0];
    assert_eq!(request["activity"], "strike");
    assert_eq!(request["looser"]["verdict"], "clear");
    assert_eq!(request["stricter"], Value::Null);
    // A clock names the article: that is told, not a text without it compared.
    let (status, said) = compare(us, &json!({"repeal": ["art-2-2"]})).await;
    assert_eq!(status, 422);
    assert_eq!(
        said["problems"][0]["pointer"],
        "/parameters/clocks/2/article"
    );
    let (status, said) = compare(us, &json!({"repeal": ["art-99"], "clauses": "permit ("})).await;
    assert_eq!(status, 422);
    assert!(said["problems"].as_array().unwrap().len() > 1, "{said}");
    let (status, _) = compare(us, &json!({"text": "nothing-tabled"})).await;
    assert_eq!(status, 404);
    let (status, _) = compare(us, &json!({"clauses": " ".repeat(1 << 18)})).await;
    assert_eq!(status, 400);
    assert_eq!(us.read("/api/v1/picture").await["applied"], size);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_signed_text_nothing_can_be_announced() {
    let world = World::open(1).await;
    let shown = world.nodes[0].read("/api/v1/agreement/announcement").await;
    assert_eq!(shown["disclosed"], Value::Null);
    assert!(
        shown["refused"].as_str().unwrap().contains("no text"),
        "{shown}"
    );
    assert!(shown["parts"].as_array().unwrap().len() > 10);
    world.close().await;
}
