//! Three nodes with something of everything on record, own and foreign, released and hidden.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use detente_formats::{Timeline, TimelineSources};
use detente_ledger::hash::Hash;
use detente_server::clock::Clock;
use detente_server::house;
use detente_server::users::TokenWish;
use detente_spacetime::{Instant, Span};
use serde_json::{Map, Value, json};

use crate::world::{Member, World};

/// When the matters are written: both sides may propose then.
const NOW: &str = "2016-09-13T02:10:00Z";
/// A report between others.
pub(crate) const HIDDEN: &str = "r-secret";
/// A report that was never written; as long as [`HIDDEN`].
pub(crate) const ABSENT: &str = "r-absent";

/// Nodes of US, RU and UN; everything is asked of the first.
pub(crate) struct Matters {
    world: World,
    creeping: tokio::task::JoinHandle<()>,
    blob: String,
    foreign_token: String,
    own_tokens: Mutex<BTreeMap<String, String>>,
}

/// One object that a route can be asked for.
pub(crate) struct StandIn {
    pub(crate) label: &'static str,
    pub(crate) filled: String,
    /// Whether somebody with every role gets it.
    pub(crate) is_there: bool,
}

/// The bodies of the scenario's acts, by kind and subject.
fn bodies() -> BTreeMap<(String, String), Map<String, Value>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/syria-2016");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let (timeline, problems) = Timeline::parse("timeline.toml", &read("timeline.toml"));
    assert!(problems.is_empty(), "{problems}");
    let timeline = timeline.unwrap();
    let mut sources = TimelineSources {
        dossier: Some(json!({"sha256": "0".repeat(64), "bytes": 1, "media_type": "x/y"})),
        ..TimelineSources::default()
    };
    for name in timeline.dossier.iter().chain(&timeline.later) {
        if name.ends_with(".geojson") {
            let collection: Value = serde_json::from_slice(&read(name)).unwrap();
            let features = collection["features"].as_array().unwrap().clone();
            sources.features.insert(name.clone(), features);
        }
    }
    let acts = timeline.acts.iter().map(|act| {
        let body = act.body(&sources).unwrap();
        let subject = body["subject"].as_str().unwrap().to_owned();
        ((act.kind.clone(), subject), body)
    });
    acts.collect()
}

/// A report as it is released, to those whose ledgers have these identities.
fn report(id: &str, recipients: &[(&str, String)], derived_from: &[&str]) -> Value {
    let names: Vec<&str> = recipients.iter().map(|(name, _)| *name).collect();
    let identities: Vec<&str> = recipients.iter().map(|(_, hash)| hash.as_str()).collect();
    let blob =
        json!({"sha256": "0".repeat(64), "bytes": 10, "media_type": "application/octet-stream"});
    let sealed: Vec<Value> = names
        .iter()
        .map(|name| {
            json!({
                "recipient": name, "suite": "x25519", "commitment": "1".repeat(64),
                "keys": ["0".repeat(16)], "blob": blob,
            })
        })
        .collect();
    let mut body = json!({
        "title": "A report", "recipients": names,
        "marking": {
            "classifications": [{"policy": "plan", "level": "secret"}],
            "releasable_to": names, "identities": identities, "originator_control": true,
        },
        "sealed": sealed,
    });
    if !derived_from.is_empty() {
        body["derived_from"] = json!(derived_from);
    }
    json!({
        "kind": "report_released", "subject": id, "role": "release_officer", "body": body,
    })
}

/// The identity of a holder's ledger.
fn identity(node: &Member) -> String {
    Hash::of(&node.card.genesis).to_hex()
}

fn area(id: &str) -> Value {
    let square = json!([[
        [40.0, 34.0],
        [40.1, 34.0],
        [40.1, 34.1],
        [40.0, 34.1],
        [40.0, 34.0]
    ]]);
    json!({
        "kind": "area_established", "subject": id, "role": "consenter",
        "body": {"feature": {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": square},
            "properties": {
                "id": id, "kind": "prohibited_area",
                "lower": {"reference": "SFC"},
                "upper": {"value": 9000, "unit": "m", "reference": "W84"},
                "start": "2016-09-11T00:00:00Z", "end": "UFN",
            },
        }},
    })
}

async fn record(node: &Member, act: &Value) {
    let (status, said) = node.submit(act, &[]).await;
    assert_eq!(status, 201, "{act}: {said}");
}

impl Matters {
    /// Puts everything on record.
    pub(crate) async fn open() -> Self {
        let start = Instant::parse_rfc3339(NOW).unwrap();
        let clock = Clock::simulated(start);
        let moving = clock.clone();
        // The nodes' clock goes on with the world's, from another day.
        let creeping = tokio::spawn(async move {
            let step = Duration::from_millis(20);
            let mut ticks = tokio::time::interval(step);
            loop {
                ticks.tick().await;
                let next = moving.now().plus(Span::from_micros(20_000));
                moving.advance_to(next.unwrap());
            }
        });
        let world = World::at(3, clock, |_| {}).await;
        // Whoever proposes has seen the others' ledgers.
        world.settle().await;
        let bodies = bodies();
        let told = |kind: &str, subject: &str| {
            let mut body = bodies[&(kind.to_owned(), subject.to_owned())].clone();
            let (subject, role) = (body.remove("subject"), body.remove("role"));
            json!({"kind": kind, "subject": subject, "role": role, "body": body})
        };
        let (us, ru, un) = (&world.nodes[0], &world.nodes[1], &world.nodes[2]);
        record(us, &told("operation_proposed", "us-strike-jisr")).await;
        record(us, &told("call_rung", "call-place")).await;
        record(us, &area("zone-us")).await;
        let to = |node: &Member, name: &'static str| [(name, identity(node))];
        record(us, &report("r-own", &to(ru, "RU"), &[])).await;
        record(ru, &told("operation_proposed", "ru-strike-silence")).await;
        record(ru, &told("call_rung", "call-stop")).await;
        record(ru, &area("zone-ru")).await;
        record(ru, &report("r-released", &to(us, "US"), &[])).await;
        record(ru, &report(HIDDEN, &to(un, "UN"), &[])).await;
        record(un, &told("object_submitted", "clinic-c2")).await;
        record(un, &told("movement_notified", "aid-al-atarib")).await;
        record(un, &told("incident_reported", "incident-kafr-sousa")).await;
        world.settle().await;
        let content = b"content";
        let blob = Hash::of(content).to_hex();
        let put = us
            .send(
                Some("all"),
                "put",
                &format!("/api/v1/blobs/{blob}"),
                content,
            )
            .await;
        assert_eq!(put.status.as_u16(), 204);
        let listed = us.read("/api/v1/tokens").await;
        let foreign = listed["items"].as_array().unwrap().iter();
        let mut foreign = foreign.filter(|token| token["user"] == "nobody");
        let foreign_token = foreign.next().unwrap()["id"].as_str().unwrap().to_owned();
        Self {
            world,
            creeping,
            blob,
            foreign_token,
            own_tokens: Mutex::default(),
        }
    }

    /// Waits until every node holds what the others have written.
    pub(crate) async fn settle(&self) {
        self.world.settle().await;
    }

    pub(crate) fn us(&self) -> &Member {
        &self.world.nodes[0]
    }

    pub(crate) fn un(&self) -> &Member {
        &self.world.nodes[2]
    }

    /// A report to UN made from another one.
    pub(crate) fn derived(&self, from: &str) -> Value {
        report("r-derived", &[("UN", identity(self.un()))], &[from])
    }

    /// Gives a user a token to end, and makes sure that there is a user to be shut out.
    pub(crate) fn renew(&self, who: &str) {
        let app = &self.us().house.app;
        let known = self.own_tokens.lock().unwrap().get(who).cloned();
        // As the API changes them: in what the node keeps, and in what it has in mind.
        let renewed = app.office.with(|files| {
            let changed = house::change_users(files, |users| {
                users.put("spare", [].into(), None)?;
                if let Some(known) = known.filter(|known| users.tokens().any(|(id, _)| id == known))
                {
                    return Ok(known);
                }
                let wish = TokenWish {
                    user: who.to_owned(),
                    label: "spare".to_owned(),
                    roles: [].into(),
                    read_only: false,
                    expires_s: u64::MAX,
                };
                Ok(users.issue_token(&wish)?.0)
            });
            let (users, id) = changed.unwrap().unwrap();
            *app.directory.write().unwrap() = users;
            id
        });
        let mut tokens = self.own_tokens.lock().unwrap();
        tokens.insert(who.to_owned(), renewed.unwrap());
    }

    /// Returns the token that a user may end.
    pub(crate) fn token_of(&self, who: &str) -> String {
        self.own_tokens.lock().unwrap()[who].clone()
    }

    /// Returns the token of somebody else.
    pub(crate) fn foreign_token(&self) -> &str {
        &self.foreign_token
    }

    /// Returns the objects that a path with parameters can name; a path that is not here fails the
    /// test that asks for it.
    pub(crate) fn stand_ins(&self, path: &str) -> Vec<StandIn> {
        let there = |label, value: &str| (label, value.to_owned(), true);
        let gone = |label, value: &str| (label, value.to_owned(), false);
        let entries = |more: &str| {
            vec![
                there("own", &format!("us.example%2Fledger/1{more}")),
                there("foreign", &format!("ru.example%2Fledger/1{more}")),
                gone("beyond its end", &format!("ru.example%2Fledger/999{more}")),
                gone("of nobody", &format!("nobody.example/0{more}")),
            ]
        };
        let of_ledgers = |more: &str| {
            vec![
                there("own", &format!("us.example%2Fledger{more}")),
                there("foreign", &format!("ru.example%2Fledger{more}")),
                gone("of nobody", &format!("nobody.example{more}")),
            ]
        };
        let (stem, rows) = match path {
            "/api/v1/agreement/files/{name}" => (
                "/api/v1/agreement/files/",
                vec![
                    there("common", "agreement.toml"),
                    gone("absent", "secret.toml"),
                ],
            ),
            "/api/v1/operations/{id}" => (
                "/api/v1/operations/",
                vec![
                    there("own", "us-strike-jisr"),
                    there("foreign", "ru-strike-silence"),
                    gone("absent", "none"),
                ],
            ),
            "/api/v1/areas/{id}" => (
                "/api/v1/areas/",
                vec![
                    there("own", "zone-us"),
                    there("foreign", "zone-ru"),
                    gone("absent", "none"),
                ],
            ),
            "/api/v1/protected-objects/{id}" => (
                "/api/v1/protected-objects/",
                vec![there("foreign", "clinic-c2"), gone("absent", "none")],
            ),
            "/api/v1/protected-objects/{id}/exact-place" => (
                "/api/v1/protected-objects/",
                vec![
                    gone("foreign", "clinic-c2/exact-place"),
                    gone("absent", "none/exact-place"),
                ],
            ),
            "/api/v1/movements/{id}" => (
                "/api/v1/movements/",
                vec![there("foreign", "aid-al-atarib"), gone("absent", "none")],
            ),
            "/api/v1/matters/{workflow}" => (
                "/api/v1/matters/",
                vec![
                    there("shared", "call"),
                    gone("released one by one", "report"),
                ],
            ),
            "/api/v1/matters/{workflow}/{id}" => (
                "/api/v1/matters/",
                vec![
                    there("own", "call/call-place"),
                    there("foreign", "call/call-stop"),
                    there("foreign incident", "incident/incident-kafr-sousa"),
                    gone("own report", "report/r-own"),
                    gone("hidden report", &format!("report/{HIDDEN}")),
                    gone("absent", "call/none"),
                ],
            ),
            "/api/v1/history/{subject}" => (
                "/api/v1/history/",
                vec![
                    there("own", "us-strike-jisr"),
                    there("foreign", "ru-strike-silence"),
                    there("own report", "r-own"),
                    there("released report", "r-released"),
                    gone("hidden report", HIDDEN),
                    gone("absent", ABSENT),
                ],
            ),
            "/api/v1/reports/{id}" => (
                "/api/v1/reports/",
                vec![
                    there("own", "r-own"),
                    there("released", "r-released"),
                    gone("hidden", HIDDEN),
                    gone("absent", ABSENT),
                ],
            ),
            "/api/v1/awareness/{origin}/{index}" => ("/api/v1/awareness/", entries("")),
            "/api/v1/reports/{id}/content"
            | "/api/v1/reports/{id}/acknowledgements"
            | "/api/v1/reports/{id}/acknowledge"
            | "/api/v1/reports/{id}/grade"
            | "/api/v1/reports/{id}/link"
            | "/api/v1/reports/{id}/onward-request"
            | "/api/v1/reports/{id}/onward-decision"
            | "/api/v1/reports/{id}/recall"
            | "/api/v1/reports/{id}/forward" => {
                let verb = path.rsplit('/').next().unwrap_or_default();
                let row = |label, id: &str| gone(label, &format!("{id}/{verb}"));
                (
                    "/api/v1/reports/",
                    vec![
                        row("own", "r-own"),
                        row("released", "r-released"),
                        row("hidden", HIDDEN),
                        row("absent", ABSENT),
                    ],
                )
            }
            "/api/v1/report-drafts/{id}" => {
                ("/api/v1/report-drafts/", vec![gone("absent", "none")])
            }
            "/api/v1/report-drafts/{id}/preview"
            | "/api/v1/report-drafts/{id}/release"
            | "/api/v1/report-drafts/{id}/correct" => {
                let verb = path.rsplit('/').next().unwrap_or_default();
                let row = gone("absent", &format!("none/{verb}"));
                ("/api/v1/report-drafts/", vec![row])
            }
            "/api/v1/private-checks/{id}" => {
                ("/api/v1/private-checks/", vec![gone("absent", "none")])
            }
            "/api/v1/private-checks/{id}/record" | "/api/v1/private-checks/{id}/disclosure" => {
                let verb = path.rsplit('/').next().unwrap_or_default();
                let row = gone("absent", &format!("none/{verb}"));
                ("/api/v1/private-checks/", vec![row])
            }
            "/api/v1/records/{origin}/{index}" => ("/api/v1/records/", entries("")),
            "/api/v1/records/{origin}/{index}/proof" => ("/api/v1/records/", entries("/proof")),
            "/api/v1/records/{origin}/{index}/knowledge" => {
                ("/api/v1/records/", entries("/knowledge"))
            }
            "/api/v1/ledgers/{origin}/checkpoint" => {
                ("/api/v1/ledgers/", of_ledgers("/checkpoint"))
            }
            "/api/v1/ledgers/{origin}/tile/{path}" => {
                let mut rows = of_ledgers("/tile/0/777");
                rows.iter_mut().for_each(|row| row.2 = false);
                ("/api/v1/ledgers/", rows)
            }
            "/api/v1/blobs/{hash}" => (
                "/api/v1/blobs/",
                vec![there("kept", &self.blob), gone("absent", &"0".repeat(64))],
            ),
            "/witness/{hash}/checkpoint" => (
                "/witness/",
                vec![gone(
                    "never cosigned",
                    &format!("{}/checkpoint", "0".repeat(64)),
                )],
            ),
            "/api/v1/tokens/{id}" => (
                "/api/v1/tokens/",
                vec![
                    there("own", "{own token}"),
                    there("foreign", &self.foreign_token),
                    gone("absent", "none"),
                ],
            ),
            "/api/v1/tokens/{id}/rotation" => (
                "/api/v1/tokens/",
                vec![
                    there("own", "{own token}/rotation"),
                    gone("foreign", &format!("{}/rotation", self.foreign_token)),
                    gone("absent", "none/rotation"),
                ],
            ),
            "/api/v1/users/{name}" => (
                "/api/v1/users/",
                vec![there("known", "spare"), gone("absent", "none")],
            ),
            other => panic!("{other} names an object: say here which there are, own and foreign"),
        };
        let rows = rows.into_iter();
        rows.map(|(label, value, is_there)| StandIn {
            label,
            filled: format!("{stem}{value}"),
            is_there,
        })
        .collect()
    }

    /// Returns what a changing request needs to be well formed without changing what others need: a
    /// condition that no object meets, where the route looks at one.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
    ) -> (Vec<(&'static str, &'static str)>, Option<Value>) {
        match (method, path) {
            ("put", "/api/v1/users/{name}") => (
                vec![("if-match", "\"as it was\"")],
                Some(json!({"roles": []})),
            ),
            ("delete", "/api/v1/tokens/{id}") => (vec![("if-match", "\"as it was\"")], None),
            ("post", "/api/v1/tokens/{id}/rotation") => (Vec::new(), Some(json!({"days": 1}))),
            ("put", _) => (Vec::new(), Some(json!({}))),
            _ => (Vec::new(), None),
        }
    }

    pub(crate) async fn close(self) {
        self.world.close().await;
        self.creeping.abort();
    }
}
