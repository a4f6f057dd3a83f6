//! Sign-in at a real provider: the npm package oidc-provider, run on this machine.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use detente_server::answer::{Answer, Client, HeaderName, Method, header};
use detente_server::clock::Clock;
use detente_server::oidc::{
    KEYS_AGAIN_S, KeyFault, PENDING_S, PROVIDER_AGAIN_S, Returned, RoleMap, Settings, SignInFault,
    SignIns, TokenFault, Vouched,
};
use detente_server::role::Role;
use detente_server::secret::Secret;
use serde_json::Value;

use crate::schemathesis::peer;
use crate::world::World;

const PATIENCE: Duration = Duration::from_secs(60);
/// Where the provider's clients come back to; nobody needs to listen there.
const REDIRECT: &str = "http://127.0.0.1:1/api/v1/sign-in/callback";
/// Redirections of one sign-in; the provider makes about six.
const HOPS_MAX: usize = 12;

/// A provider that runs until it is dropped.
struct Provider {
    child: Child,
    authority: String,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Provider {
    fn start() -> Option<Self> {
        let modules = peer("node_modules")?;
        // The port is free once this socket is closed.
        let port = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = port.local_addr().unwrap();
        drop(port);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/provider.mjs");
        let mut child = Command::new("node")
            .arg(script)
            .arg(modules.canonicalize().unwrap())
            .arg(address.port().to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let listens = lines.any(|line| line.unwrap() == "listening");
        assert!(listens, "the provider does not start");
        // Whatever else it says is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self {
            child,
            authority: address.to_string(),
        })
    }

    fn settings(&self, algorithm: &str) -> Settings {
        Settings {
            issuer: format!("http://{}", self.authority),
            client_id: format!("detente-{algorithm}"),
            client_secret: Some("a secret: with ?& in it".to_owned()),
            redirect: REDIRECT.to_owned(),
            scopes: "openid profile".to_owned(),
            name_claim: "preferred_username".to_owned(),
            roles_claim: "groups".to_owned(),
            roles: RoleMap::parse("{ \"air staff\" = \"planner\", watch = [\"watch_officer\"] }")
                .unwrap(),
            tls: None,
        }
    }

    /// Orders a fault, or new keys.
    async fn order(&self, what: &str) {
        let answer = get(&self.authority, Method::PUT, &format!("/test/{what}"), "").await;
        assert_eq!(answer.status.as_u16(), 204);
    }

    /// Goes where a browser goes, as somebody, until it is sent back; returns the query it brings.
    async fn visit(&self, url: &str, who: &str) -> String {
        let here = format!("http://{}", self.authority);
        let mut cookies = vec![format!("who={who}")];
        let mut url = url.to_owned();
        for _ in 0..HOPS_MAX {
            if let Some(query) = url.strip_prefix(REDIRECT) {
                return query.trim_start_matches('?').to_owned();
            }
            let path = url.strip_prefix(&here).unwrap_or(&url).to_owned();
            let answer = get(&self.authority, Method::GET, &path, &cookies.join("; ")).await;
            for cookie in answer.headers.get_all("set-cookie") {
                let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                let name = pair.split('=').next().unwrap();
                cookies.retain(|known| known.split('=').next() != Some(name));
                cookies.push(pair.to_owned());
            }
            let status = answer.status.as_u16();
            let body = String::from_utf8_lossy(&answer.body);
            assert!((300..400).contains(&status), "{path}: {status} {body}");
            answer.headers["location"]
                .to_str()
                .unwrap()
                .clone_into(&mut url);
        }
        panic!("too many redirections, the last to {url}");
    }
}

async fn get(authority: &str, method: Method, path: &str, cookies: &str) -> Answer {
    let client = Client::new(authority, None, 1 << 20);
    let headers: Vec<(HeaderName, String)> = vec![(header::COOKIE, cookies.to_owned())];
    let answer = client.ask(method, path, &headers, Vec::new().into(), PATIENCE);
    answer.await.unwrap()
}

/// The node's own key.
const KEY: [u8; 32] = [7; 32];

fn drawn(seed: u8) -> Secret {
    Secret::new([seed; 32])
}

fn unescaped(text: &str) -> String {
    text.replace("%3A", ":").replace("%2F", "/")
}

fn returned(query: &str, browser: &str) -> Returned {
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(known, _)| *known == name);
        found.map(|(_, value)| unescaped(value))
    };
    Returned {
        code: value("code"),
        state: value("state"),
        issuer: value("iss"),
        error: value("error"),
        browser: Some(browser.to_owned()),
    }
}

/// One whole sign-in; returns what came of it, and what came back from the provider.
async fn sign_in(
    provider: &Provider,
    sign_ins: &SignIns,
    seed: u8,
    who: &str,
    now_s: u64,
) -> (Result<Vouched, SignInFault>, Returned) {
    let begun = sign_ins.begin(drawn(seed), now_s).await.unwrap();
    let query = provider.visit(&begun.url, who).await;
    let returned = returned(&query, &begun.browser);
    (sign_ins.finish(&returned, now_s).await, returned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certified_provider_vouches_for_whom_it_knows_in_every_kind_of_signature() {
    let Some(provider) = Provider::start() else {
        return;
    };
    let now_s = Clock::real().now_s();
    for (seed, algorithm) in ["RS256", "PS256", "ES256", "EdDSA"].into_iter().enumerate() {
        let sign_ins = SignIns::new(provider.settings(algorithm), &KEY);
        let seed = u8::try_from(seed).unwrap();
        let (vouched, _) = sign_in(&provider, &sign_ins, seed, "alice", now_s).await;
        let vouched = vouched.unwrap_or_else(|fault| panic!("{algorithm}: {fault}"));
        assert_eq!(vouched.subject, "alice");
        assert_eq!(vouched.name, "alice of the provider");
        assert_eq!(vouched.roles, [Role::Planner, Role::WatchOfficer].into());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_believed_that_does_not_hold() {
    let Some(provider) = Provider::start() else {
        return;
    };
    let sign_ins = SignIns::new(provider.settings("RS256"), &KEY);
    let mut now_s = Clock::real().now_s();
    let token = |fault: TokenFault| SignInFault::Token(fault);
    let faults = [
        ("audience", token(TokenFault::Audience)),
        ("issuer", token(TokenFault::Issuer)),
        ("expired", token(TokenFault::Expired)),
        ("nonce", token(TokenFault::Nonce)),
        ("unknown-key", token(TokenFault::Key(KeyFault::Unknown))),
        ("foreign-key", token(TokenFault::Key(KeyFault::Signature))),
        ("unsigned", token(TokenFault::Key(KeyFault::Algorithm))),
    ];
    for (seed, (name, fault)) in (10..).zip(faults) {
        provider.order(&format!("fault/{name}")).await;
        let (came, _) = sign_in(&provider, &sign_ins, seed, "alice", now_s).await;
        assert_eq!(came, Err(fault), "{name}");
    }
    provider.order("fault/none").await;
    let (came, back) = sign_in(&provider, &sign_ins, 30, "alice", now_s).await;
    assert!(came.is_ok(), "{came:?}");
    // The same answer once more.
    assert_eq!(
        sign_ins.finish(&back, now_s).await,
        Err(SignInFault::Unknown)
    );
    // From another provider, to another browser, too late.
    let begin = |seed: u8| sign_ins.begin(drawn(seed), now_s);
    let begun = begin(31).await.unwrap();
    let right = returned(&provider.visit(&begun.url, "alice").await, &begun.browser);
    let other = Returned {
        issuer: Some("https://id.example".to_owned()),
        ..right.clone()
    };
    assert_eq!(
        sign_ins.finish(&other, now_s).await,
        Err(SignInFault::Issuer)
    );
    let begun = begin(32).await.unwrap();
    let right = returned(&provider.visit(&begun.url, "alice").await, &begun.browser);
    let other = Returned {
        browser: Some(begin(40).await.unwrap().browser),
        ..right
    };
    assert_eq!(
        sign_ins.finish(&other, now_s).await,
        Err(SignInFault::Unknown)
    );
    let begun = begin(33).await.unwrap();
    let right = returned(&provider.visit(&begun.url, "alice").await, &begun.browser);
    let late = sign_ins.finish(&right, now_s + PENDING_S).await;
    assert_eq!(late, Err(SignInFault::Unknown));
    // Whoever says no at the provider is not signed in.
    let (came, _) = sign_in(&provider, &sign_ins, 34, "nobody", now_s).await;
    assert_eq!(came, Err(SignInFault::Declined("access_denied".to_owned())));
    // The provider's keys are replaced while we hold the old ones: they are read again, not too often.
    provider.order("keys").await;
    now_s += 1;
    let (came, _) = sign_in(&provider, &sign_ins, 35, "alice", now_s + KEYS_AGAIN_S).await;
    assert!(came.is_ok(), "{came:?}");
    provider.order("keys").await;
    let (came, _) = sign_in(&provider, &sign_ins, 36, "alice", now_s + KEYS_AGAIN_S).await;
    assert_eq!(came, Err(token(TokenFault::Key(KeyFault::Unknown))));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_the_provider_vouches_for_gets_a_session_with_the_roles_of_its_groups() {
    let Some(provider) = Provider::start() else {
        return;
    };
    let settings = provider.settings("ES256");
    let world = World::with(1, |plan| {
        plan.doors.sign_in = Some(settings.clone());
    })
    .await;
    let us = &world.nodes[0];
    let api = us.house.api.to_string();
    let ways = get(&api, Method::GET, "/api/v1/sign-in/ways", "").await;
    let ways: Value = serde_json::from_slice(&ways.body).unwrap();
    assert_eq!(ways["provider"], settings.issuer.as_str());
    let arrive = async |who: &str| {
        let begun = get(&api, Method::GET, "/api/v1/sign-in", "").await;
        assert_eq!(begun.status.as_u16(), 303);
        let cookie = begun.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let url = begun.headers["location"].to_str().unwrap();
        let query = provider.visit(url, who).await;
        let path = format!("/api/v1/sign-in/callback?{query}");
        let arrived = get(&api, Method::GET, &path, &cookie).await;
        (path, cookie, arrived)
    };
    let (path, cookie, arrived) = arrive("alice").await;
    let said = String::from_utf8_lossy(&arrived.body).into_owned();
    assert_eq!(arrived.status.as_u16(), 200, "{said}");
    let session = arrived.headers["set-cookie"].to_str().unwrap();
    let session = session.split(';').next().unwrap().to_owned();
    let who = get(&api, Method::GET, "/api/v1/session", &session).await;
    let who: Value = serde_json::from_slice(&who.body).unwrap();
    assert_eq!(who["name"], "alice of the provider");
    assert_eq!(
        who["roles"],
        serde_json::json!(["planner", "watch_officer"])
    );
    let picture = get(&api, Method::GET, "/api/v1/picture", &session).await;
    assert_eq!(picture.status.as_u16(), 200);
    // The way back, taken again, leads nowhere; nor does it for whoever has no role here.
    let again = get(&api, Method::GET, &path, &cookie).await;
    assert_eq!(again.status.as_u16(), 401);
    let (_, _, stranger) = arrive("stranger").await;
    assert_eq!(stranger.status.as_u16(), 403);
    assert!(!stranger.headers.contains_key("set-cookie"));
    world.close().await;
}

/// Anybody can begin a sign-in: a provider that is away must not be asked as often as they do.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_away_is_left_alone_for_a_while() {
    let door = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = door.local_addr().unwrap();
    let (asked, mut counts) = tokio::sync::watch::channel(0);
    tokio::spawn(async move {
        loop {
            // Whoever connects is hung up on.
            drop(door.accept().await);
            asked.send_modify(|count| *count += 1);
        }
    });
    let settings = Settings {
        issuer: format!("http://{address}"),
        client_id: "detente".to_owned(),
        client_secret: None,
        redirect: REDIRECT.to_owned(),
        scopes: "openid".to_owned(),
        name_claim: "sub".to_owned(),
        roles_claim: "groups".to_owned(),
        roles: RoleMap::default(),
        tls: None,
    };
    let sign_ins = SignIns::new(settings, &KEY);
    let mut faults = Vec::new();
    for (number, now_s) in [0, 1, PROVIDER_AGAIN_S - 1].into_iter().enumerate() {
        let number = u8::try_from(number).unwrap();
        faults.push(sign_ins.begin(drawn(number), now_s).await.unwrap_err());
    }
    assert!(matches!(faults[0], SignInFault::Remote(_)), "{faults:?}");
    assert!(faults.iter().all(|fault| *fault == faults[0]), "{faults:?}");
    counts.wait_for(|count| *count >= 1).await.unwrap();
    assert_eq!(*counts.borrow(), 1);
    assert!(sign_ins.begin(drawn(9), PROVIDER_AGAIN_S).await.is_err());
    counts.wait_for(|count| *count >= 2).await.unwrap();
}
