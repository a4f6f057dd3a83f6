//! Tokens give way to others with the same powers, by their owners alone.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use detente_server::role::Role;
use detente_server::users::{TOKENS_PER_USER_MAX, TokenWish, Users, UsersError, token_id};

use crate::world::{Member, World};

async fn rotate(node: &Member, who: &str, id: &str, wish: &Value) -> (u16, Value) {
    let path = format!("/api/v1/tokens/{id}/rotation");
    node.post(who, &path, wish.to_string().as_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_replaced_by_its_owner_and_goes_on_for_as_long_as_was_said() {
    let mut world = World::open(1).await;
    let us = &world.nodes[0];
    let own = token_id(&us.tokens["planner"]).unwrap();
    let wish = json!({"days": 30, "overlap_hours": 1});
    // Somebody else's is absent, an administrator's power over it notwithstanding: whoever makes a
    // token knows it.
    for who in ["watch_officer", "administrator", "all"] {
        assert_eq!(rotate(us, who, &own, &wish).await.0, 404, "{who}");
    }
    for wrong in [
        json!({"days": 0}),
        json!({"days": 400}),
        json!({"days": 1, "overlap_hours": 169}),
        json!({"days": 1, "roles": ["administrator"]}),
    ] {
        assert_eq!(rotate(us, "planner", &own, &wrong).await.0, 400, "{wrong}");
    }
    let (status, said) = rotate(us, "planner", &own, &wish).await;
    assert_eq!(status, 201, "{said}");
    let next = said["token"].as_str().unwrap().to_owned();
    assert_eq!(said["id"], token_id(&next).unwrap());
    // Both still work.
    assert_eq!(
        us.ask(Some("planner"), "get", "/api/v1/operations", &[], None)
            .await
            .status,
        200
    );
    world.nodes[0]
        .tokens
        .insert("planner".to_owned(), next.clone());
    let us = &world.nodes[0];
    let said = us
        .ask(Some("planner"), "get", "/api/v1/tokens", &[], None)
        .await;
    let said: Value = serde_json::from_slice(&said.body).unwrap();
    let items = said["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert!(items.iter().all(|item| item["roles"] == json!(["planner"])));
    let ends = |id: &str| {
        let item = items.iter().find(|item| item["id"] == id).unwrap();
        item["expires_s"].as_u64().unwrap()
    };
    let apart = ends(&token_id(&next).unwrap()) - ends(&own);
    assert_eq!(apart, 30 * 86_400 - 3_600);
    // With no overlap the one before is gone.
    let id = token_id(&next).unwrap();
    let at_once = json!({"days": 30, "overlap_hours": 0});
    assert_eq!(rotate(us, "planner", &id, &at_once).await.0, 201);
    let answer = us
        .ask(Some("planner"), "get", "/api/v1/operations", &[], None)
        .await;
    assert_eq!(answer.status, 401);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_becomes_one_with_more_powers_and_nobody_holds_more_than_the_limit() {
    let mut world = World::open(1).await;
    let us = &world.nodes[0];
    let strong = token_id(&us.tokens["all"]).unwrap();
    let weak = json!({"label": "weak", "roles": ["planner"], "days": 1});
    let (status, said) = us
        .post("all", "/api/v1/tokens", weak.to_string().as_bytes())
        .await;
    assert_eq!(status, 201, "{said}");
    let weak = said["token"].as_str().unwrap().to_owned();
    let reading = json!({"label": "reads", "roles": ["planner"], "days": 1, "read_only": true});
    let (_, said) = us
        .post("all", "/api/v1/tokens", reading.to_string().as_bytes())
        .await;
    let reading = said["token"].as_str().unwrap().to_owned();
    let tokens = &mut world.nodes[0].tokens;
    tokens.insert("weak".to_owned(), weak.clone());
    tokens.insert("reading".to_owned(), reading.clone());
    let us = &world.nodes[0];
    let wish = json!({"days": 1});
    assert_eq!(rotate(us, "weak", &strong, &wish).await.0, 403);
    assert_eq!(
        rotate(us, "weak", &token_id(&weak).unwrap(), &wish).await.0,
        201
    );
    // A token that may only read changes nothing, itself included.
    assert_eq!(
        rotate(us, "reading", &token_id(&reading).unwrap(), &wish)
            .await
            .0,
        404
    );
    let more = json!({"label": "more", "roles": ["planner"], "days": 1});
    let mut issued = 4;
    let refused = loop {
        let (status, said) = us
            .post("all", "/api/v1/tokens", more.to_string().as_bytes())
            .await;
        if status != 201 {
            break said;
        }
        issued += 1;
    };
    assert_eq!(issued, TOKENS_PER_USER_MAX);
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("at most 32 tokens"), "{detail}");
    world.close().await;
}

#[test]
fn a_token_gives_way_to_another_with_the_same_powers_and_time_to_change() {
    let mut users = Users::default();
    let roles = BTreeSet::from([Role::Planner, Role::WatchOfficer]);
    users.put("alice", roles, None).unwrap();
    let wish = |number: u64| TokenWish {
        user: "alice".to_owned(),
        label: format!("script {number}"),
        roles: BTreeSet::from([Role::Planner]),
        read_only: true,
        expires_s: 1_000 + number,
    };
    let (id, before) = users.issue_token(&wish(0)).unwrap();
    assert_eq!(token_id(&before), Some(id.clone()));
    assert_eq!(token_id("detente_x"), None);
    let (next, shown) = users.rotate_token(&id, 9_000, (100, 150)).unwrap();
    // Both work for a while, then only the new one; neither can do more than before.
    for token in [&before, &shown] {
        let identity = users.by_token(token, 149).unwrap();
        assert_eq!(identity.roles, BTreeSet::from([Role::Planner]));
        assert!(identity.read_only);
    }
    assert_eq!(users.by_token(&before, 150), None);
    assert!(users.by_token(&shown, 8_999).is_some());
    let token = users.tokens().find(|(id, _)| *id == next).unwrap().1;
    assert_eq!((token.label(), token.expires_s()), ("script 0", 9_000));
    // An overlap gives no token more time than it had.
    let (_, last) = users.rotate_token(&next, 20_000, (200, 10_000)).unwrap();
    assert!(users.by_token(&shown, 8_999).is_some());
    assert_eq!(users.by_token(&shown, 9_000), None);
    assert_eq!(
        users.rotate_token("no such token", 1, (0, 0)),
        Err(UsersError::Unknown)
    );
    // Full is full, also for one that would overlap; one that ends at once makes room itself.
    users.forget_ended_tokens(9_000);
    let mut issued = 1;
    while users.issue_token(&wish(10_000 + issued)).is_ok() {
        issued += 1;
    }
    assert_eq!(issued as usize, TOKENS_PER_USER_MAX);
    let id = token_id(&last).unwrap();
    let full = users.rotate_token(&id, 30_000, (9_000, 9_500));
    assert_eq!(full, Err(UsersError::Tokens));
    assert!(users.by_token(&last, 9_600).is_some(), "it stays as it was");
    assert!(users.rotate_token(&id, 30_000, (9_000, 9_000)).is_ok());
    assert_eq!(users.by_token(&last, 9_000), None);
    // What has ended counts no more.
    users.forget_ended_tokens(29_000);
    assert!(users.issue_token(&wish(40_000)).is_ok());
}
