//! Reports between real nodes: what is previewed is what is read, by its recipients and nobody else;
//! recalls and corrections reach whoever is there, and whoever comes back.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use detente_ledger::hash::Hash;
use detente_node::federation::{Answer, Ask, Message, Refused};
use serde_json::{Value, json};

use crate::world::{Member, World};

const WORD: &str = "Quetzalcoatl";

/// Everything the nodes of this process log.
static LOGS: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOGS.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Everything that was logged so far.
pub(crate) fn logged() -> Vec<u8> {
    LOGS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Keeps what is logged from now on.
pub(crate) fn listen() {
    let logs =
        tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    // Another test of this process may have begun it.
    let _ = logs.with_writer(|| Log).try_init();
    tracing::info!("the ears are open");
}

pub(crate) fn contains(bytes: &[u8], word: &str) -> bool {
    bytes
        .windows(word.len())
        .any(|found| found == word.as_bytes())
}

fn marking(names: &[&str]) -> Value {
    json!({
        "classifications": [{"policy": "detente", "level": "restricted"}],
        "releasable_to": names, "originator_control": true,
    })
}

fn draft() -> Value {
    json!({
        "title": "Movements in the north",
        "marking": marking(&["RU", "UN"]),
        "portions": [
            {
                "marking": marking(&["RU", "UN"]),
                "text": "Nine trucks stand near the silo.", "tearline": "Vehicles stand in the north.",
                "place": {"position": {"latitude_deg": 36.5866, "longitude_deg": 37.0463}},
                "at": "2016-09-15T08:47:13Z",
                "source": {"name": "Observer Zephyrinus", "method": "seen from the minaret"},
            },
            {"text": format!("{WORD} stays at home."), "tearline": WORD},
        ],
    })
}

/// Sends JSON as the user with every role.
async fn send(node: &Member, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let answer = node.ask(Some("all"), method, path, &[], Some(body)).await;
    let said = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    (answer.status.as_u16(), said)
}

async fn sends(node: &Member, method: &str, path: &str, body: &Value) -> Value {
    let (status, said) = send(node, method, path, body).await;
    assert!((200..300).contains(&status), "{path}: {status} {said}");
    said
}

/// Previews and releases `r-1` from a node; returns what the preview showed.
pub(crate) async fn release(node: &Member, terms: &Value) -> Value {
    release_draft(node, &draft(), terms).await
}

async fn release_draft(node: &Member, draft: &Value, terms: &Value) -> Value {
    sends(node, "put", "/api/v1/report-drafts/r-1", draft).await;
    let wish = json!({"terms": terms});
    let path = "/api/v1/report-drafts/r-1";
    let preview = sends(node, "post", &format!("{path}/preview"), &wish).await;
    assert_eq!(preview["can_be_released"], true, "{preview}");
    let mut expected = json!({});
    for edition in preview["editions"].as_array().unwrap() {
        expected[edition["recipient"].as_str().unwrap()] = edition["sha256"].clone();
    }
    let wish = json!({"terms": terms, "expected": expected});
    sends(node, "post", &format!("{path}/release"), &wish).await;
    preview
}

/// The blobs a report names, by recipient.
pub(crate) async fn blobs(node: &Member, report: &str) -> Vec<(String, Hash)> {
    let shown = node.read(&format!("/api/v1/reports/{report}")).await;
    let mut found = Vec::new();
    for line in shown["lines"].as_array().unwrap() {
        for sealed in line["body"]["sealed"].as_array().into_iter().flatten() {
            let hash = sealed["blob"]["sha256"].as_str().unwrap();
            let recipient = sealed["recipient"].as_str().unwrap();
            found.push((recipient.to_owned(), Hash::from_hex(hash).unwrap()));
        }
    }
    found
}

/// Waits until a node holds a blob.
pub(crate) async fn holds(node: &Member, hash: Hash) {
    loop {
        let handle = node.house.handle();
        let held = handle.look(move |node, _| node.holds_blob(hash));
        if held.await.unwrap() {
            return;
        }
        let version = node.house.handle().view().version;
        let next = node.house.handle();
        next.wait_for(|view| view.version > version).await.unwrap();
    }
}

/// Waits until a report stands somewhere at a node.
async fn stands(node: &Member, report: &str, state: &'static str) {
    let id = detente_records::RecordId::parse(report).unwrap();
    let handle = node.house.handle();
    let reached = handle.wait_for(|view| {
        let report = view.picture.report(&id);
        report.is_some_and(|report| report.matter.course.state == state)
    });
    reached.await.unwrap();
}

async fn owed(node: &Member) -> Vec<(String, String)> {
    let shown = node.read("/api/v1/reports/r-1/acknowledgements").await;
    let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
    let owed = shown["not_acknowledged_by"].as_array().unwrap().iter();
    owed.map(|owed| (text(owed, "recipient"), text(owed, "what")))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_recipient_reads_what_was_previewed_and_nobody_else_anything() {
    listen();
    let world = World::open(3).await;
    let [us, ru, un] = world.nodes.as_slice() else {
        unreachable!()
    };
    let terms =
        json!([{"recipient": "RU", "place": "grid_10km", "time": "hour", "detail": "full"}]);
    let preview = release(us, &terms).await;
    world.settle().await;
    let (_, hash) = blobs(us, "r-1").await.remove(0);
    holds(ru, hash).await;
    let read = ru.read("/api/v1/reports/r-1/content").await;
    let shown = &preview["editions"][0];
    assert_eq!(
        (&read["reads"], &read["sha256"]),
        (&shown["reads"], &shown["sha256"])
    );
    assert_eq!(read["reads"]["portions"].as_array().unwrap().len(), 1);
    // The originator can show what it sent.
    let sent = us.read("/api/v1/reports/r-1/content?recipient=RU").await;
    assert_eq!(sent["sha256"], shown["sha256"]);
    // Who is no recipient finds no content, and is given no byte of it by either node.
    let hidden = un
        .ask(Some("all"), "get", "/api/v1/reports/r-1/content", &[], None)
        .await;
    assert_eq!(hidden.status.as_u16(), 404);
    let ask = |exchange, hash| Message::Ask {
        exchange,
        ask: Ask::Blob { hash },
    };
    let from = |member: &Member| Arc::<str>::from(member.card.origin.as_str());
    for holder in [us, ru] {
        for (exchange, hash) in [(1 << 40, hash), ((1 << 40) + 1, Hash::of(b"absent"))] {
            let said = holder
                .house
                .handle()
                .from_peer(from(un), ask(exchange, hash))
                .await;
            let refused = Answer::Refused(Refused::NotHeld);
            let answer = Message::Answer {
                exchange,
                answer: refused,
            };
            assert_eq!(said.unwrap(), Some(answer), "{}", holder.card.holder);
        }
    }
    let handle = un.house.handle();
    let wanted = handle.look(|node, _| node.wanted_blobs().count());
    assert_eq!(wanted.await.unwrap(), 0, "it does not even ask");
    // Nothing of what stayed at home lies anywhere at the others, in whatever file.
    for holder in ["RU", "UN"] {
        for word in [WORD, "Zephyrinus", "minaret", "36.5866"] {
            assert!(!is_written(&world.data(holder), word), "{holder}: {word}");
        }
    }
    assert!(
        is_written(&world.data("US"), WORD),
        "the search finds what is there"
    );
    // Nor in what nodes say of themselves: what they log, count, and tell of refusals.
    let mut said = Vec::new();
    for node in &world.nodes {
        let metrics = node.ask(Some("all"), "get", "/metrics", &[], None).await;
        assert_eq!(metrics.status.as_u16(), 200);
        said.extend_from_slice(&metrics.body);
    }
    // Nor in any answer that the others' nodes give to whoever asks: lists, counts, documents and refusals.
    let document = detente_server::api::openapi_document();
    let paths = document["paths"].as_object().unwrap().iter();
    let readable = paths
        .filter(|(path, methods)| !methods["get"].is_null() && path.as_str() != "/api/v1/events");
    for (path, _) in readable {
        let path = path
            .replace("{id}", "r-1")
            .replace("{subject}", "r-1")
            .replace("{workflow}", "report")
            .replace("{origin}", "us.example%2Fledger")
            .replace("{index}", "1")
            .replace("{hash}", &hash.to_hex())
            .replace("{name}", "agreement.toml")
            .replace("{path}", "entries/000");
        for (node, who) in [(ru, "planner"), (un, "all"), (us, "planner")] {
            let answer = node.ask(Some(who), "get", &path, &[], None).await;
            said.extend_from_slice(&answer.body);
            for (name, value) in &answer.headers {
                said.extend_from_slice(name.as_str().as_bytes());
                said.extend_from_slice(value.as_bytes());
            }
        }
    }
    world.close().await;
    said.extend_from_slice(&LOGS.lock().unwrap_or_else(PoisonError::into_inner));
    assert!(contains(&said, "the ears are open"));
    for word in [WORD, "Zephyrinus", "minaret", "36.5866", "Nine trucks"] {
        assert!(!contains(&said, word), "{word}");
    }
}

/// Whether a word stands in some file below a folder.
fn is_written(folder: &std::path::Path, word: &str) -> bool {
    let files = std::fs::read_dir(folder).unwrap();
    files.into_iter().any(|file| {
        let path = file.unwrap().path();
        match path.is_dir() {
            true => is_written(&path, word),
            // What a running node replaces may be gone by now.
            false => std::fs::read(&path).is_ok_and(|bytes| contains(&bytes, word)),
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_released_is_refused_with_every_reason() {
    let world = World::open(2).await;
    let us = &world.nodes[0];
    let mut named = draft();
    named["portions"][0]["text"] = json!("As observer Zephyrinus told us.");
    sends(us, "put", "/api/v1/report-drafts/r-1", &named).await;
    let wish = json!({"terms": [{"recipient": "RU", "detail": "full"}, {"recipient": "OSCE"}]});
    let preview = sends(us, "post", "/api/v1/report-drafts/r-1/preview", &wish).await;
    let codes: Vec<&str> = preview["objections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|objection| objection["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["unknown_recipient", "names_source"]);
    let (status, said) = send(us, "post", "/api/v1/report-drafts/r-1/release", &wish).await;
    assert_eq!(
        (status, said["objections"].as_array().unwrap().len()),
        (409, 2)
    );
    // What changed since it was previewed is not sent.
    sends(us, "put", "/api/v1/report-drafts/r-1", &draft()).await;
    let wish = json!({"terms": [{"recipient": "RU"}], "expected": {"RU": "0".repeat(64)}});
    let (status, said) = send(us, "post", "/api/v1/report-drafts/r-1/release", &wish).await;
    assert_eq!(status, 409, "{said}");
    assert_eq!(us.read("/api/v1/reports").await["items"], json!([]));
    // A draft with anything it may not hold is not even kept.
    let mut excluded = draft();
    excluded["portions"][0]["aim_point"] = json!("x");
    let (status, said) = send(us, "put", "/api/v1/report-drafts/r-2", &excluded).await;
    assert_eq!(status, 422);
    let found: Vec<&str> = said["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["code"].as_str().unwrap())
        .collect();
    assert_eq!(found, ["r50_excluded"]);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recall_reaches_those_who_are_there_and_those_who_come_back() {
    let mut world = World::open(3).await;
    let terms = json!([{"recipient": "RU"}, {"recipient": "UN"}]);
    release(&world.nodes[0], &terms).await;
    world.settle().await;
    let first = blobs(&world.nodes[0], "r-1").await;
    let hash_for = |name: &str| first.iter().find(|(who, _)| who == name).unwrap().1;
    holds(&world.nodes[1], hash_for("RU")).await;
    for node in &world.nodes[1..] {
        sends(node, "post", "/api/v1/reports/r-1/acknowledge", &json!({})).await;
    }
    world.settle().await;
    assert_eq!(owed(&world.nodes[0]).await, []);
    // UN goes away; the recall is signed and pushed without it.
    let un = world.leave(2).await;
    let [us, ru] = world.nodes.as_slice() else {
        unreachable!()
    };
    // Everybody reads the reason: it is held against the draft as the texts are.
    for given_away in ["Observer Zephyrinus was wrong.", "Not at 36.5866, 37.0463."] {
        let reason = json!({"reason": given_away});
        let (status, said) = send(us, "post", "/api/v1/reports/r-1/recall", &reason).await;
        assert_eq!(status, 409, "{said}");
        assert_eq!(said["type"], "/api/v1/problems#reason-gives-away");
    }
    let reason = json!({"reason": "The date was wrong."});
    sends(us, "post", "/api/v1/reports/r-1/recall", &reason).await;
    stands(ru, "r-1", "recalled").await;
    let pair = |who: &str| (who.to_owned(), "recall".to_owned());
    assert_eq!(owed(us).await, [pair("RU"), pair("UN")]);
    sends(ru, "post", "/api/v1/reports/r-1/acknowledge", &json!({})).await;
    world.settle().await;
    assert_eq!(owed(&world.nodes[0]).await, [pair("UN")]);
    // Recalled content is handed out no more, not even to those it was sealed for.
    let hash = hash_for("UN");
    let handle = world.nodes[0].house.handle();
    let may = handle.look(move |node, _| node.may_have("un.example/ledger", hash));
    assert!(!may.await.unwrap());
    world.back(un).await;
    let un = &world.nodes[2];
    stands(un, "r-1", "recalled").await;
    let inbox = un.read("/api/v1/report-inbox").await;
    assert_eq!(inbox["items"][0]["to_acknowledge"], "recall");
    if inbox["items"][0]["has_content"] == false {
        let gone = un.ask(Some("all"), "get", "/api/v1/reports/r-1/content", &[], None);
        assert_eq!(gone.await.status, 410, "it will not arrive any more");
    }
    un.house
        .handle()
        .wait_for(|view| view.is_confirmed)
        .await
        .unwrap();
    sends(un, "post", "/api/v1/reports/r-1/acknowledge", &json!({})).await;
    world.settle().await;
    assert_eq!(owed(&world.nodes[0]).await, []);
    let read = world.nodes[1].read("/api/v1/reports/r-1/content").await;
    assert_eq!(
        (&read["is_in_use"], &read["state"]),
        (&json!(false), &json!("recalled"))
    );
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_goes_on_when_its_originator_says_so_and_is_corrected_for_everyone() {
    let world = World::open(3).await;
    let [us, ru, un] = world.nodes.as_slice() else {
        unreachable!()
    };
    let preview = release(us, &json!([{"recipient": "RU"}])).await;
    world.settle().await;
    let (_, hash) = blobs(us, "r-1").await.remove(0);
    holds(ru, hash).await;
    let onward = json!({"recipients": ["UN"]});
    let path = |verb: &str| format!("/api/v1/reports/r-1/{verb}");
    let (status, _) = send(ru, "post", &path("forward"), &onward).await;
    assert_eq!(status, 409, "unasked");
    let request = json!({"recipients": ["UN"], "reason": "They ask."});
    sends(ru, "post", &path("onward-request"), &request).await;
    world.settle().await;
    let decision = json!({"requester": "RU", "granted": true});
    sends(us, "post", &path("onward-decision"), &decision).await;
    world.settle().await;
    sends(ru, "post", &path("forward"), &onward).await;
    world.settle().await;
    let passed = blobs(ru, "r-1").await;
    holds(un, passed.iter().find(|(who, _)| who == "UN").unwrap().1).await;
    let read = un.read(&path("content")).await;
    assert_eq!(read["forwarder"], "RU");
    assert_eq!(
        read["sha256"], preview["editions"][0]["sha256"],
        "to the last byte"
    );
    // A correction goes to both, by the originator.
    let mut corrected = draft();
    corrected["portions"][0]["tearline"] = json!("Vehicles stand in the south.");
    sends(us, "put", "/api/v1/report-drafts/r-1", &corrected).await;
    let terms = json!([{"recipient": "RU"}, {"recipient": "UN"}]);
    let asked = json!({"terms": terms, "correction": true});
    let preview = sends(us, "post", "/api/v1/report-drafts/r-1/preview", &asked).await;
    let hash = preview["editions"][1]["sha256"].clone();
    assert_eq!(preview["editions"][1]["recipient"], "UN");
    let expected = json!({"UN": hash});
    let wish =
        json!({"terms": terms, "reason": "Observer Zephyrinus erred.", "expected": expected});
    let (status, _) = send(us, "post", "/api/v1/report-drafts/r-1/correct", &wish).await;
    assert_eq!(status, 409, "everybody reads the reason");
    let wish = json!({"terms": terms, "reason": "South, not north.", "expected": expected});
    sends(us, "post", "/api/v1/report-drafts/r-1/correct", &wish).await;
    world.settle().await;
    let all = blobs(us, "r-1").await;
    holds(un, all.last().unwrap().1).await;
    let read = un.read(&path("content")).await;
    assert_eq!(
        (&read["number"], &read["forwarder"]),
        (&json!(2), &Value::Null)
    );
    assert_eq!(
        read["reads"]["portions"][0]["text"],
        "Vehicles stand in the south."
    );
    // What a recipient thinks of it stands beside it.
    sends(un, "post", &path("acknowledge"), &json!({})).await;
    let grade = json!({"grade": {"reliability": "F", "credibility": "2"}});
    sends(un, "post", &path("grade"), &grade).await;
    let link = json!({"with": "r-9", "bearing": "contradicts"});
    sends(un, "post", &path("link"), &link).await;
    world.close().await;
}

/// Corrects `r-1` for RU, and waits until RU holds what it reads now.
async fn correct(world: &World, draft: &Value, number: u64) {
    let (us, ru) = (&world.nodes[0], &world.nodes[1]);
    sends(us, "put", "/api/v1/report-drafts/r-1", draft).await;
    let wish = json!({"terms": [{"recipient": "RU"}], "reason": "Said too little."});
    sends(us, "post", "/api/v1/report-drafts/r-1/correct", &wish).await;
    world.settle().await;
    holds(ru, blobs(us, "r-1").await.last().unwrap().1).await;
    let read = ru.read("/api/v1/reports/r-1/content").await;
    assert_eq!(read["number"], number);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portion_goes_no_further_than_its_own_marking() {
    let world = World::open(3).await;
    let [us, ru, un] = world.nodes.as_slice() else {
        unreachable!()
    };
    // The second portion is for RU alone; the report as a whole may go to UN as well.
    let mut mixed = draft();
    mixed["portions"][1] = json!({
        "marking": marking(&["RU"]),
        "text": "Their commander left at dawn.", "tearline": "A commander left.",
    });
    release_draft(us, &mixed, &json!([{"recipient": "RU"}])).await;
    world.settle().await;
    holds(ru, blobs(us, "r-1").await.remove(0).1).await;
    let path = |verb: &str| format!("/api/v1/reports/r-1/{verb}");
    let onward = json!({"recipients": ["UN"]});
    let request = json!({"recipients": ["UN"], "reason": "They ask."});
    sends(ru, "post", &path("onward-request"), &request).await;
    world.settle().await;
    // Its originator does not grant what would hand that portion on.
    let decision = json!({"requester": "RU", "granted": true});
    let (status, said) = send(us, "post", &path("onward-decision"), &decision).await;
    assert_eq!(status, 409, "{said}");
    assert_eq!(said["type"], "/api/v1/problems#portion-not-releasable");
    assert_eq!(
        said["detail"],
        "portion 2 may not go to UN: its marking does not name this recipient; release it to UN directly, without what is not marked for them"
    );
    // Granted while it held nothing but what UN may have, and corrected since.
    correct(&world, &draft(), 2).await;
    sends(us, "post", &path("onward-decision"), &decision).await;
    world.settle().await;
    correct(&world, &mixed, 3).await;
    let (status, said) = send(ru, "post", &path("forward"), &onward).await;
    assert_eq!(status, 409, "{said}");
    assert_eq!(said["type"], "/api/v1/problems#portion-not-releasable");
    assert_eq!(said["portions"], json!([{"portion": 2, "recipient": "UN"}]));
    assert_eq!(
        said["detail"],
        "portion 2 may not go to UN: its marking does not name this recipient; ask US, who wrote it, to release it to UN directly"
    );
    world.settle().await;
    let sealed = blobs(us, "r-1").await;
    assert!(sealed.iter().all(|(who, _)| who == "RU"), "{sealed:?}");
    // Without that portion it goes on.
    correct(&world, &draft(), 4).await;
    sends(ru, "post", &path("forward"), &onward).await;
    world.settle().await;
    let passed = blobs(ru, "r-1").await;
    holds(un, passed.iter().find(|(who, _)| who == "UN").unwrap().1).await;
    let read = un.read(&path("content")).await;
    assert_eq!(
        (&read["forwarder"], &read["held_back"]),
        (&json!("RU"), &json!([]))
    );
    world.close().await;
}
