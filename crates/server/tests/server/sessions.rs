//! Signing in with a password: cookies, forged requests, guesses, and the end of it all.

use std::net::{IpAddr, Ipv4Addr};

use detente_server::answer::Answer;
use detente_server::attempts::FREE;
use detente_server::clock::Clock;
use serde_json::{Value, json};

use crate::world::{Member, World};

const NAME: &str = "watch-1";
const PASSWORD: &str = "correct horse battery";

/// Gives somebody a password.
async fn introduce(us: &Member) {
    let body = json!({"roles": ["watch_officer"], "password": PASSWORD});
    let path = format!("/api/v1/users/{NAME}");
    let answer = us.ask(Some("all"), "put", &path, &[], Some(&body)).await;
    assert_eq!(answer.status.as_u16(), 204);
}

async fn sign_in(us: &Member, name: &str, password: &str, more: &[(&'static str, &str)]) -> Answer {
    let body = json!({"name": name, "password": password});
    us.ask(None, "post", "/api/v1/session", more, Some(&body))
        .await
}

/// The cookie that an answer sets, as a browser sends it, and the session's second secret.
fn kept(answer: &Answer) -> (String, String) {
    let said: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer.status.as_u16(), 201, "{said}");
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    for needed in ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
        assert!(cookie.contains(needed), "{cookie}");
    }
    let pair = cookie.split(';').next().unwrap().to_owned();
    (pair, said["csrf"].as_str().unwrap().to_owned())
}

async fn status(us: &Member, method: &str, path: &str, more: &[(&'static str, &str)]) -> u16 {
    us.ask(None, method, path, more, None).await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_reads_by_its_cookie_and_changes_only_with_its_second_secret() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    introduce(us).await;
    let (cookie, csrf) = kept(&sign_in(us, NAME, PASSWORD, &[]).await);
    let cookie = ("cookie", cookie.as_str());
    assert_eq!(status(us, "get", "/api/v1/picture", &[cookie]).await, 200);
    let session = "/api/v1/session";
    for forged in [
        vec![cookie],
        vec![cookie, ("x-csrf-token", "guessed")],
        vec![
            cookie,
            ("x-csrf-token", &csrf),
            ("sec-fetch-site", "cross-site"),
        ],
        vec![
            cookie,
            ("x-csrf-token", &csrf),
            ("sec-fetch-site", "same-site"),
        ],
    ] {
        assert_eq!(
            status(us, "delete", session, &forged).await,
            403,
            "{forged:?}"
        );
    }
    // Another site cannot have a browser sign in as somebody else either.
    for site in ["cross-site", "same-site"] {
        let forged = sign_in(us, NAME, PASSWORD, &[("sec-fetch-site", site)]).await;
        assert_eq!(forged.status.as_u16(), 403);
        assert!(!forged.headers.contains_key("set-cookie"));
    }
    // Whoever signs in again has a new session, and the browser's old one is over.
    let again = sign_in(
        us,
        NAME,
        PASSWORD,
        &[cookie, ("sec-fetch-site", "same-origin")],
    )
    .await;
    let (new, csrf) = kept(&again);
    assert_ne!(new, cookie.1);
    let new = ("cookie", new.as_str());
    assert_eq!(status(us, "get", session, &[cookie]).await, 401);
    assert_eq!(status(us, "get", session, &[new]).await, 200);
    let right = [new, ("x-csrf-token", csrf.as_str())];
    assert_eq!(status(us, "delete", session, &right).await, 204);
    assert_eq!(status(us, "get", session, &[new]).await, 401);
    // A new password ends every session that the old one opened.
    let (open, _) = kept(&sign_in(us, NAME, PASSWORD, &[]).await);
    introduce(us).await;
    let open = ("cookie", open.as_str());
    assert_eq!(status(us, "get", session, &[open]).await, 401);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_has_to_wait_and_learns_nothing_about_names() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    introduce(us).await;
    let from = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let attempts = &us.house.app.attempts;
    let mut told = Vec::new();
    for name in [NAME, "watch-9"] {
        let wrong = async || {
            let answer = sign_in(us, name, "wrong horse battery", &[]).await;
            let waits = answer.headers.contains_key("retry-after");
            (answer.status.as_u16(), answer.body, waits)
        };
        let first = wrong().await;
        // Many more, the last of them a while ahead of any clock of a busy machine.
        let later_s = Clock::real().now_s() + 1_000;
        for _ in 0..FREE {
            attempts.begin(name, from, later_s);
        }
        told.push([first, wrong().await]);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!((told[0][0].0, told[0][0].2), (401, false));
    assert_eq!((told[0][1].0, told[0][1].2), (429, true));
    // The right password has to wait like a wrong one, or it would be told from them.
    let right = sign_in(us, NAME, PASSWORD, &[]).await;
    assert_eq!(right.status.as_u16(), 429);
    attempts.succeed(NAME, from);
    kept(&sign_in(us, NAME, PASSWORD, &[]).await);
    // A token is no guess, and works on.
    us.read("/api/v1/picture").await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_outlives_a_restart_and_so_does_its_end() {
    let mut world = World::open(1).await;
    let us = &world.nodes[0];
    introduce(us).await;
    let (stays, _) = kept(&sign_in(us, NAME, PASSWORD, &[]).await);
    let (ends, csrf) = kept(&sign_in(us, NAME, PASSWORD, &[]).await);
    let session = "/api/v1/session";
    let out = [("cookie", ends.as_str()), ("x-csrf-token", csrf.as_str())];
    assert_eq!(status(us, "delete", session, &out).await, 204);
    let absent = world.leave(0).await;
    world.back(absent).await;
    let us = &world.nodes[0];
    let stays = ("cookie", stays.as_str());
    let ends = ("cookie", ends.as_str());
    assert_eq!(status(us, "get", session, &[stays]).await, 200);
    assert_eq!(status(us, "get", session, &[ends]).await, 401);
    world.close().await;
}
