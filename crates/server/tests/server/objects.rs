//! Protected objects from a sheet to the last recipient, over the API as its users ask.

use serde_json::{Value, json};

use crate::reports::{contains, listen, logged};
use crate::world::{Member, World};

const IMPORT: &str = "/api/v1/protected-object-imports";

const HEADER: &str =
    "id,category,position,datum,accuracy_m,radius_m,place,measured_how,consent_by,consent_at\n";

fn sheet(rows: &[&str]) -> Vec<u8> {
    format!("{HEADER}{}\n", rows.join("\n")).into_bytes()
}

/// One act about one object through a batch, as one user; returns its status and its answer.
async fn one(
    node: &crate::world::Member,
    who: &str,
    kind: &str,
    role: &str,
    (id, body): (&str, Value),
) -> (u64, Value) {
    let act = json!({"kind": kind, "subject": id, "role": role, "body": body});
    let batch = json!({"acts": [act]}).to_string();
    let (status, said) = node.post(who, "/api/v1/acts/batch", batch.as_bytes()).await;
    assert_eq!(status, 200, "{said}");
    let answer = &said["answers"][0];
    (answer["status"].as_u64().unwrap(), answer["body"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_imported_row_by_row_and_once_more_without_harm() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let bytes = sheet(&[
        "good,clinic,\"36.13910, 36.82500\",WGS84,30,60,,handheld,Committee,2016-08-01",
        "odd,clinic,\"36.13910, 36.84500\",,30,60,,handheld,Committee,2016-08-01",
        "swapped,clinic,\"36.82500, 36.13910\",WGS84,30,60,,handheld,Committee,2016-08-01",
        "south,clinic,\"36.13910 S, 36.82500 E\",WGS84,30,60,,handheld,Committee,2016-08-01",
        "far,clinic,\"55.75, 37.61\",WGS84,30000,60,,handheld,Committee,2016-08-01",
        "turned\u{202e},clinic,\"36.1, 36.9\",WGS84,30,60,,handheld,Committee,2016-08-01",
        "near,clinic,\"36.13911, 36.82501\",WGS84,30,60,,handheld,Committee,2016-08-01",
    ]);
    let (status, checked) = us
        .post("notifier", &format!("{IMPORT}?only_check=true"), &bytes)
        .await;
    assert_eq!(status, 200, "{checked}");
    assert_eq!(
        us.read("/api/v1/protected-objects").await["items"],
        json!([])
    );
    let (status, said) = us.post("notifier", IMPORT, &bytes).await;
    assert_eq!(status, 200, "{said}");
    let states: Vec<(&str, &str)> = said["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["id"].as_str().unwrap(), row["state"].as_str().unwrap()))
        .collect();
    let expected = [
        ("good", "accepted"),
        ("odd", "warned"),
        // Far out at sea, and inside once the axes are exchanged.
        ("swapped", "refused"),
        ("south", "refused"),
        ("far", "warned"),
        ("turned\u{202e}", "refused"),
        ("near", "warned"),
    ];
    assert_eq!(states, expected);
    assert_eq!(checked["rows"][3], said["rows"][3]);
    assert_eq!(said["rows"][2]["problems"][0]["code"], "axes_exchanged");
    assert_eq!(said["rows"][3]["problems"][0]["code"], "wrong_hemisphere");
    assert_eq!(said["rows"][6]["problems"][0]["code"], "perhaps_duplicate");
    let back = &said["rows"][0]["position"]["read_back"][0];
    assert!(
        back["text"].as_str().unwrap().starts_with("37S CA"),
        "{back}"
    );
    // What was refused is mended and given again; what is there is recognised.
    let mended = said["refused_rows"]
        .as_str()
        .unwrap()
        .replace("36.82500, 36.13910", "36.14910, 36.88500")
        .replace(" S, ", " N, ")
        .replace('\u{202e}', "");
    let (_, again) = us.post("notifier", IMPORT, mended.as_bytes()).await;
    assert_eq!(
        (&again["refused"], &again["warned"]),
        (&json!(0), &json!(2)),
        "{again}"
    );
    // One stands where another does; one gives fewer digits than its accuracy claims.
    assert_eq!(again["rows"][1]["problems"][0]["code"], "perhaps_duplicate");
    assert_eq!(again["rows"][2]["problems"][0]["code"], "accuracy_widened");
    let (_, again) = us.post("notifier", IMPORT, &bytes).await;
    assert_eq!(
        (&again["already_there"], &again["refused"]),
        (&json!(4), &json!(3)),
        "{again}"
    );
    // The same id for something else is no second notice.
    let other =
        sheet(&["good,school,\"36.2, 36.9\",WGS84,20000,60,,handheld,Committee,2016-08-01"]);
    let (_, said) = us.post("notifier", IMPORT, &other).await;
    assert_eq!(said["rows"][0]["problems"][0]["code"], "id_taken", "{said}");
    // Whoever does not notify imports nothing, and what cannot be read says where.
    let (status, _) = us.post("planner", IMPORT, &bytes).await;
    assert_eq!(status, 403);
    let (status, said) = us
        .post("notifier", IMPORT, b"id,category\n\xc1\xee\xeb\xfc\xed\n")
        .await;
    assert_eq!(
        (status, &said["problems"][0]["code"]),
        (422, &json!("invalid_encoding"))
    );
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn warnings_go_along_to_a_second_person_and_the_notice_to_its_recipient() {
    let world = World::open(2).await;
    let (us, ru) = (&world.nodes[0], &world.nodes[1]);
    let bytes =
        sheet(&["odd,clinic,\"36.13910, 36.82500\",,30,60,Nowhere,handheld,Committee,2016-08-01"]);
    let (_, said) = us.post("notifier", IMPORT, &bytes).await;
    assert_eq!(said["warned"], 1, "{said}");
    world.settle().await;
    // The other side reads the warnings too.
    let shown = ru.read("/api/v1/protected-objects/odd").await;
    assert_eq!(shown["warnings"][0]["check"], "datum", "{shown}");
    let checks = json!({"version": 1, "checks": ["datum", "vicinity"]});
    let mut accepted = checks.clone();
    accepted["warnings_accepted"] = json!(1);
    let own = ("odd", accepted.clone());
    let (status, body) = one(us, "notifier", "object_validated", "notifier", own).await;
    assert_eq!(
        (status, &body["refusal"]["rule"]),
        (409, &json!("second_person")),
        "{body}"
    );
    let unread = ("odd", checks);
    let (status, body) = one(us, "all", "object_validated", "notifier", unread).await;
    assert_eq!(
        (status, &body["refusal"]["rule"]),
        (409, &json!("warnings_accepted")),
        "{body}"
    );
    let (status, body) = one(us, "all", "object_validated", "notifier", ("odd", accepted)).await;
    assert_eq!(status, 201, "{body}");
    let release = json!({"version": 1, "recipients": ["RU"], "precision": "exact"});
    let (status, body) = one(us, "all", "object_released", "notifier", ("odd", release)).await;
    assert_eq!(status, 201, "{body}");
    world.settle().await;
    for (kind, body) in [
        ("object_received", json!({"version": 1})),
        (
            "object_loaded",
            json!({"version": 1, "systems": ["planning"]}),
        ),
        (
            "object_disseminated",
            json!({"version": 1, "units": ["Wing one"]}),
        ),
    ] {
        let (status, body) = one(ru, "watch_officer", kind, "watch_officer", ("odd", body)).await;
        assert_eq!(status, 201, "{kind}: {body}");
    }
    world.settle().await;
    let shown = us.read("/api/v1/protected-objects/odd").await;
    assert_eq!(shown["deliveries"][0]["state"], "disseminated", "{shown}");
    world.close().await;
}

/// Shown coarsely, an object is protected wherever in its cell it stands, and no byte that leaves its node tells where.
#[tokio::test(flavor = "multi_thread")]
async fn an_object_shown_coarsely_is_held_by_its_area_and_its_place_stays_at_home() {
    let world = World::open(2).await;
    let (us, ru) = (&world.nodes[0], &world.nodes[1]);
    let row = |place: &str| {
        format!("hidden,clinic,\"{place}\",WGS84,30,60,,handheld,Committee,2016-08-01")
    };
    let path = format!("{IMPORT}?coarse=5km");
    let (_, said) = us
        .post("notifier", &path, &sheet(&[&row("36.13912, 36.82534")]))
        .await;
    assert_eq!(said["accepted"], 1, "{said}");
    world.settle().await;
    let shown = ru.read("/api/v1/protected-objects/hidden").await;
    assert_eq!(shown["shown"], "coarse");
    let body = &shown["matter"]["lines"][0]["body"];
    let ring = body["feature"]["geometry"]["coordinates"][0]
        .as_array()
        .unwrap();
    let corner = |index: usize| {
        (
            ring[index][0].as_f64().unwrap(),
            ring[index][1].as_f64().unwrap(),
        )
    };
    let ((west, south), (east, north)) = (corner(0), corner(2));
    assert!(
        west < 36.825 && 36.826 < east && south < 36.139 && 36.14 < north,
        "{ring:?}"
    );
    assert!(!shown.to_string().contains("36.1391") && !shown.to_string().contains("36.8253"));
    // Another place in the same cell gives the same entry: a second import finds it there.
    let (_, again) = us
        .post("notifier", &path, &sheet(&[&row("36.13712, 36.82734")]))
        .await;
    assert_eq!(again["already_there"], 1, "{again}");
    world.close().await;
}

/// Everything below a folder.
fn everything(folder: &std::path::Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.file_type().unwrap().is_dir() {
            true => bytes.extend(everything(&entry.path())),
            // What a running node replaces may be gone by now.
            false => bytes.extend(std::fs::read(entry.path()).unwrap_or_default()),
        }
    }
    bytes
}

/// Notifies an object by an area of the grid, and has it validated.
pub(crate) async fn notified_coarsely(node: &Member, id: &str, position: &str) {
    let row = format!("{id},clinic,\"{position}\",WGS84,30,60,,handheld,Committee,2016-08-01");
    let path = format!("{IMPORT}?coarse=5km");
    let (_, said) = node.post("notifier", &path, &sheet(&[&row])).await;
    assert_eq!(said["accepted"], 1, "{said}");
    validated(node, id).await;
}

async fn validated(node: &Member, id: &str) {
    let checks = json!({"version": 1, "checks": ["datum", "vicinity"]});
    let (status, body) = one(node, "all", "object_validated", "notifier", (id, checks)).await;
    assert_eq!(status, 201, "{body}");
}

pub(crate) async fn exact_place(node: &Member, id: &str) -> (u16, Value) {
    let path = format!("/api/v1/protected-objects/{id}/exact-place");
    let answer = node.ask(Some("planner"), "get", &path, &[], None).await;
    let said = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    (answer.status.as_u16(), said)
}

pub(crate) async fn released(node: &Member, id: &str, to: &Value) -> Value {
    let wish = json!({"objects": [id], "to": to, "role": "notifier"}).to_string();
    let path = "/api/v1/protected-object-releases";
    let (status, said) = node.post("all", path, wish.as_bytes()).await;
    assert_eq!(status, 200, "{said}");
    said["objects"][0].clone()
}

/// One recipient reads exactly where an object stands, another one an area that holds it; both judge by the area.
#[tokio::test(flavor = "multi_thread")]
async fn an_object_goes_exactly_to_one_recipient_and_coarsely_to_another() {
    listen();
    let world = World::open(3).await;
    let [us, ru, un] = world.nodes.as_slice() else {
        unreachable!()
    };
    let path = format!("{IMPORT}?coarse=5km");
    let row = "hidden,clinic,\"36.13912, 36.82534\",WGS84,30,60,,handheld,Committee,2016-08-01";
    let (_, said) = us.post("notifier", &path, &sheet(&[row])).await;
    assert_eq!(said["accepted"], 1, "{said}");
    validated(us, "hidden").await;
    // It lies in its own node, and is told to nobody yet.
    let (status, kept) = exact_place(us, "hidden").await;
    assert_eq!((status, &kept["version"]), (200, &json!(1)), "{kept}");
    world.settle().await;
    assert_eq!(exact_place(ru, "hidden").await.0, 404);
    // Exactly without what is sealed is no release, whoever writes it.
    let bare = json!({"version": 1, "recipients": ["RU"], "precision": "exact"});
    let (status, body) = one(us, "all", "object_released", "notifier", ("hidden", bare)).await;
    assert_eq!(
        (status, &body["refusal"]["rule"]),
        (409, &json!("exact_sealed_for_each")),
        "{body}"
    );
    let to = json!([
        {"recipient": "RU", "precision": "exact"}, {"recipient": "UN", "precision": "coarse"},
    ]);
    let said = released(us, "hidden", &to).await;
    assert_eq!(said["refused"], Value::Null, "{said}");
    assert_eq!(said["entries"].as_array().unwrap().len(), 2);
    world.settle().await;
    let seen = loop {
        // Its bytes come a moment after the entry that names them.
        let (status, seen) = exact_place(ru, "hidden").await;
        if status == 200 {
            break seen;
        }
        assert_eq!(status, 503, "{seen}");
        let version = ru.house.handle().view().version;
        let next = ru.house.handle();
        next.wait_for(|view| view.version > version).await.unwrap();
    };
    assert_eq!(seen["feature"], kept["feature"]);
    assert_eq!(seen["originator"], "US");
    assert_eq!(
        seen["feature"]["geometry"]["coordinates"],
        json!([36.82534, 36.13912])
    );
    // The other one reads what everybody reads, and there is nothing more to find: in its files, its answers or its logs.
    assert_eq!(exact_place(un, "hidden").await.0, 404);
    let shown = un.read("/api/v1/protected-objects/hidden").await;
    let precisions: Vec<&str> = shown["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|delivery| delivery["precision"].as_str().unwrap())
        .collect();
    assert_eq!(precisions, ["exact", "coarse"], "{shown}");
    let history = un.read("/api/v1/history/hidden").await;
    for bytes in [
        everything(&world.data("UN")),
        shown.to_string().into_bytes(),
        history.to_string().into_bytes(),
        logged(),
    ] {
        for digits in ["36.13912", "36.82534", "36.1391", "36.8253"] {
            assert!(!contains(&bytes, digits), "{digits}");
        }
    }
    // Sealed, it lies in one more place: with whom it was released to, which hands it to nobody.
    let lines = shown["matter"]["lines"].as_array().unwrap();
    let sealed = lines
        .iter()
        .find_map(|line| line["body"]["sealed"][0]["blob"]["sha256"].as_str());
    let blob = detente_ledger::hash::Hash::from_hex(sealed.unwrap()).unwrap();
    for (node, holds) in [(us, true), (ru, true), (un, false)] {
        let handle = node.house.handle();
        let look = move |node: &detente_node::node::Node<_>, _| {
            (
                node.holds_blob(blob),
                node.may_have("un.example/ledger", blob),
            )
        };
        assert_eq!(handle.look(look).await.unwrap(), (holds, false));
    }
    // What was notified exactly is not released coarsely: everybody reads it.
    let row = "open,clinic,\"36.13912, 36.72534\",WGS84,30,60,,handheld,Committee,2016-08-01";
    us.post("notifier", IMPORT, &sheet(&[row])).await;
    let said = released(
        us,
        "open",
        &json!([{"recipient": "UN", "precision": "coarse"}]),
    )
    .await;
    assert!(
        said["refused"].as_str().unwrap().contains("reads exactly"),
        "{said}"
    );
    world.close().await;
}

/// An exact place is given later too, while nobody was told another one, and only inside the area that protects it.
#[tokio::test(flavor = "multi_thread")]
async fn an_exact_place_outside_its_area_or_after_its_release_is_not_kept() {
    let world = World::open(2).await;
    let (us, ru) = (&world.nodes[0], &world.nodes[1]);
    let path = format!("{IMPORT}?coarse=5km");
    let row = "hidden,clinic,\"36.13912, 36.82534\",WGS84,30,60,,handheld,Committee,2016-08-01";
    us.post("notifier", &path, &sheet(&[row])).await;
    validated(us, "hidden").await;
    let (_, kept) = exact_place(us, "hidden").await;
    let put = |feature: Value| {
        let body = json!({"feature": feature}).to_string().into_bytes();
        us.put(
            "notifier",
            "/api/v1/protected-objects/hidden/exact-place",
            body,
        )
    };
    let mut moved = kept["feature"].clone();
    moved["geometry"]["coordinates"] = json!([36.82734, 36.13712]);
    assert_eq!(put(moved.clone()).await.0, 204);
    let mut outside = moved.clone();
    outside["geometry"]["coordinates"] = json!([37.5, 36.13712]);
    let (status, said) = put(outside).await;
    assert_eq!(status, 409, "{said}");
    let (status, said) = put(json!({"type": "Feature"})).await;
    assert_eq!(status, 422, "{said}");
    // Of an object that somebody else notified nothing is kept here.
    world.settle().await;
    let body = json!({"feature": moved}).to_string().into_bytes();
    let path = "/api/v1/protected-objects/hidden/exact-place";
    assert_eq!(ru.put("notifier", path, body).await.0, 404);
    let to = json!([{"recipient": "RU", "precision": "exact"}]);
    assert_eq!(released(us, "hidden", &to).await["refused"], Value::Null);
    let (status, said) = put(moved).await;
    assert_eq!(status, 409, "{said}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_is_refused_holds_back_none_of_its_batch() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let watch = |id: &str| {
        json!({"kind": "watch_taken", "subject": id, "role": "watch_officer", "body": {
            "office": "Centre", "person": "Officer", "until": "2099-01-01T00:00:00Z",
        }})
    };
    let foreign = json!({"kind": "object_received", "subject": "nothing", "role": "watch_officer", "body": {"version": 1}});
    let wrong =
        json!({"kind": "watch_taken", "subject": "line-3", "role": "watch_officer", "body": {}});
    let batch = json!({"acts": [watch("line-1"), foreign, wrong, watch("line-2")]}).to_string();
    let (status, said) = us
        .post("watch_officer", "/api/v1/acts/batch", batch.as_bytes())
        .await;
    assert_eq!(status, 200, "{said}");
    let statuses: Vec<u64> = said["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| answer["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [201, 409, 422, 201], "{said}");
    let (status, _) = us
        .post("auditor", "/api/v1/acts/batch", batch.as_bytes())
        .await;
    assert_eq!(status, 403);
    let none = json!({"acts": []}).to_string();
    let (status, _) = us
        .post("watch_officer", "/api/v1/acts/batch", none.as_bytes())
        .await;
    assert_eq!(status, 400);
    world.close().await;
}

/// An attachment of fifty megabytes: refused with the limit, and nothing of it is kept.
#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_that_is_too_large_is_refused_with_the_limit() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let large = vec![b'x'; 50 << 20];
    let hash = detente_ledger::hash::Hash::of(&large).to_hex();
    let path = format!("/api/v1/blobs/{hash}");
    let answer = us.put("watch_officer", &path, large).await;
    assert_eq!(answer.0, 413, "{}", answer.1);
    assert_eq!(answer.1["bytes_max"], 8 << 20);
    assert!(
        answer.1["detail"].as_str().unwrap().contains("8388608"),
        "{}",
        answer.1
    );
    let fits = vec![b'x'; 8 << 20];
    let hash = detente_ledger::hash::Hash::of(&fits).to_hex();
    let path = format!("/api/v1/blobs/{hash}");
    assert_eq!(us.put("watch_officer", &path, fits).await.0, 204);
    world.close().await;
}
