//! Who read exactly where an object stands is on record, for whoever notified it, and beside what happened there.

use serde_json::{Value, json};

use crate::objects::{exact_place, notified_coarsely, released};
use crate::world::{Member, PATIENCE, World};

async fn readings(node: &Member, who: &str) -> (u16, Value) {
    let path = "/api/v1/exact-place-readings";
    let answer = node.ask(Some(who), "get", path, &[], None).await;
    let said = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    (answer.status.as_u16(), said)
}

/// Waits until a node shows an exact place: its bytes come a moment after the entry that names them.
pub(crate) async fn reads(node: &Member, id: &str) -> Value {
    let handle = node.house.handle();
    let waited = async {
        loop {
            let version = handle.view().version;
            let (status, seen) = exact_place(node, id).await;
            if status == 200 {
                return seen;
            }
            assert_eq!(status, 503, "{seen}");
            handle
                .wait_for(|view| view.version > version)
                .await
                .unwrap();
        }
    };
    tokio::time::timeout(PATIENCE, waited).await.unwrap()
}

/// Waits until so many readings are shown, and none that cannot be.
async fn readings_of(node: &Member, count: usize) -> Value {
    let handle = node.house.handle();
    let waited = async {
        loop {
            let version = handle.view().version;
            let (status, said) = readings(node, "notifier").await;
            assert_eq!(status, 200, "{said}");
            let found = said["readings"].as_array().unwrap().len();
            if found == count && said["unreadable"] == json!([]) {
                return said;
            }
            handle
                .wait_for(|view| view.version > version)
                .await
                .unwrap();
        }
    };
    tokio::time::timeout(PATIENCE, waited).await.unwrap()
}

fn incident(id: &str, latitude_deg: f64) -> Value {
    json!({"kind": "incident_reported", "subject": id, "role": "inquiry", "body": {
        "title": "Shells on the road", "account": {
            "source": "Spotters", "text": "Shells fell.", "language": "en",
            "place": {"position": {"latitude_deg": latitude_deg, "longitude_deg": 36.82534}, "precision": "exact"},
            "time_precision": "minute", "evidence": [],
        },
    }})
}

#[tokio::test(flavor = "multi_thread")]
async fn clinics_stayed_off_the_list_out_of_fear_every_reading_of_an_exact_place_is_on_record() {
    let world = World::open(3).await;
    let [us, ru, un] = world.nodes.as_slice() else {
        unreachable!()
    };
    notified_coarsely(us, "hidden", "36.13912, 36.82534").await;
    let to = json!([
        {"recipient": "RU", "precision": "exact"}, {"recipient": "UN", "precision": "coarse"},
    ]);
    assert_eq!(released(us, "hidden", &to).await["refused"], Value::Null);
    world.settle().await;
    assert_eq!(
        readings_of(us, 0).await["known"]["RU"]["exactly"]["objects"],
        1
    );
    // Looking again, and again, is one entry of that day.
    for _ in 0..3 {
        reads(ru, "hidden").await;
    }
    let size = |node: &Member, of: &Member| {
        node.house.handle().view().ledgers[of.card.origin.as_str()].size
    };
    let before = size(ru, ru);
    reads(ru, "hidden").await;
    let read = |node: &Member| {
        let view = node.house.handle().view();
        let kind = detente_records::Kind::ExactPlaceRead;
        let lines = view.picture.statements(kind).flat_map(|(_, lines)| lines);
        lines.map(|line| line.act.to_body()).collect::<Vec<_>>()
    };
    assert_eq!(read(ru).len(), 1, "{before}");
    world.settle().await;
    // Whoever notified the object reads who it was; everybody else that somebody read something of its.
    let said = readings_of(us, 1).await;
    let seen = &said["readings"][0];
    assert_eq!(
        (
            &seen["object"],
            &seen["holder"],
            &seen["user"],
            &seen["version"]
        ),
        (&json!("hidden"), &json!("RU"), &json!("planner"), &json!(1))
    );
    let body = Value::Object(read(un).remove(0)).to_string();
    for word in ["hidden", "planner"] {
        assert!(!body.contains(word), "{body}");
    }
    assert_eq!(readings(un, "auditor").await.1["readings"], json!([]));
    // On the node where it was read, those who examine see it, and whoever notifies only what is its own.
    assert_eq!(
        readings(ru, "auditor").await.1["readings"][0]["object"],
        "hidden"
    );
    assert_eq!(readings(ru, "notifier").await.1["readings"], json!([]));
    assert_eq!(readings(ru, "planner").await.0, 403);
    // The own users of whoever notified it are on record as well.
    let (status, _) = exact_place(us, "hidden").await;
    assert_eq!(status, 200);
    let said = readings_of(us, 2).await;
    assert_eq!(said["readings"][0]["holder"], "US", "{said}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_was_suspected_of_targeting_readings_are_held_beside_incidents() {
    let world = World::open(3).await;
    let [us, ru, un] = world.nodes.as_slice() else {
        unreachable!()
    };
    notified_coarsely(us, "told", "36.13912, 36.82534").await;
    notified_coarsely(us, "untold", "36.23912, 36.82534").await;
    let to = json!([
        {"recipient": "RU", "precision": "exact"}, {"recipient": "UN", "precision": "coarse"},
    ]);
    assert_eq!(released(us, "told", &to).await["refused"], Value::Null);
    world.settle().await;
    reads(ru, "told").await;
    world.settle().await;
    readings_of(us, 1).await;
    for (id, latitude_deg) in [("i-near", 36.1401), ("i-far", 36.9), ("i-other", 36.2392)] {
        let (status, said) = un.submit(&incident(id, latitude_deg), &[]).await;
        assert_eq!(status, 201, "{said}");
    }
    world.settle().await;
    let said = readings_of(us, 1).await;
    let near = said["incidents"].as_array().unwrap();
    assert_eq!(near.len(), 2, "{said}");
    let of = |object: &str| near.iter().find(|near| near["object"] == object).unwrap();
    assert_eq!(of("told")["incident"], "i-near");
    assert_eq!(
        (
            &of("told")["told_exactly"],
            &of("told")["told_coarsely"],
            &of("told")["read_by"]
        ),
        (&json!(["RU"]), &json!(["UN"]), &json!(["RU"]))
    );
    assert_eq!(
        (&of("untold")["told_exactly"], &of("untold")["read_by"]),
        (&json!([]), &json!([]))
    );
    // Rates stand beside each other: of what was told, and of what was not.
    let share = |count: usize| json!({"objects": count, "with_incident": count});
    let ru = &said["known"]["RU"];
    assert_eq!(
        [
            &ru["exactly"],
            &ru["coarsely"],
            &ru["not_told"],
            &ru["read"]
        ],
        [&share(1), &share(0), &share(1), &share(1)]
    );
    assert_eq!(said["known"]["UN"]["coarsely"], share(1));
    assert_eq!(said["cannot_prove"].as_array().unwrap().len(), 4);
    world.close().await;
}
