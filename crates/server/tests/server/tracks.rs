//! Tracks: the last position of each thing observed, by whoever observed it.

use serde_json::{Value, json};

use crate::matters::{HIDDEN, Matters};
use crate::world::{Member, World};

/// An observation of `subject`; without a position when `place` is null.
fn observed(subject: &str, at: &str, place: Value) -> Value {
    let mut act = json!({
        "kind": "observation_recorded", "subject": subject, "role": "watch_officer",
        "body": {
            "at": at, "time_precision": "minute", "means": "radar", "source": "north radar",
            "text": format!("{subject} was seen"), "evidence": [],
            "grade": {"reliability": "B", "credibility": "2"},
        },
    });
    if !place.is_null() {
        act["body"]["place"] = place;
    }
    act
}

fn at(latitude_deg: f64, longitude_deg: f64) -> Value {
    json!({
        "position": {"latitude_deg": latitude_deg, "longitude_deg": longitude_deg},
        "precision": "exact",
    })
}

async fn record(node: &Member, act: &Value) {
    let (status, said) = node.submit(act, &[]).await;
    assert_eq!(status, 201, "{said}");
}

async fn tracks(node: &Member, query: &str) -> Value {
    node.read(&format!("/api/v1/tracks{query}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn observations_that_name_their_track_are_one_way_whatever_they_are_called() {
    let world = World::open(2).await;
    let (us, ru) = (&world.nodes[0], &world.nodes[1]);
    let named = |subject: &str, minute: u32, latitude_deg: f64| {
        let mut act = observed(
            subject,
            &format!("2016-09-12T10:{minute:02}:00Z"),
            at(latitude_deg, 37.2),
        );
        act["body"]["track_id"] = json!("738065");
        act
    };
    for (subject, minute, latitude_deg) in
        [("obs-1", 0, 36.0), ("obs-3", 20, 36.4), ("obs-2", 10, 36.2)]
    {
        record(us, &named(subject, minute, latitude_deg)).await;
    }
    record(ru, &named("obs-1", 30, 36.6)).await;
    record(
        us,
        &observed("obs-9", "2016-09-12T10:40:00Z", at(35.0, 37.0)),
    )
    .await;
    world.settle().await;
    let said = tracks(us, "").await;
    let of = |id: &str| {
        let items = said["items"].as_array().unwrap();
        items.iter().find(|track| track["id"] == id).cloned()
    };
    let track = of("738065@US").unwrap();
    assert_eq!(track["track_id"], "738065");
    assert_eq!(track["subject"], "obs-3");
    assert_eq!(track["observations"], 3);
    let latitudes: Vec<&Value> = track["path"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| &point["latitude_deg"])
        .collect();
    assert_eq!(latitudes, [&json!(36.0), &json!(36.2), &json!(36.4)]);
    // Without a name of its track it stands for itself.
    let alone = of("obs-9@US").unwrap();
    assert_eq!(alone["track_id"], Value::Null);
    assert_eq!(alone["path"].as_array().unwrap().len(), 1);
    // What another participant calls by the same name is that participant's.
    let theirs = of("738065@RU").unwrap();
    assert_eq!(theirs["observations"], 1);
    assert_eq!(theirs["path"].as_array().unwrap().len(), 1);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_track_is_where_it_was_observed_last_by_each_participant() {
    let world = World::open(2).await;
    let (us, ru) = (&world.nodes[0], &world.nodes[1]);
    record(
        us,
        &observed("track-1", "2016-09-12T10:10:00Z", at(36.2, 37.2)),
    )
    .await;
    // Written later, seen earlier: not where it was last.
    record(
        us,
        &observed("track-1", "2016-09-12T10:05:00Z", at(36.1, 37.1)),
    )
    .await;
    // Without a place it says nothing about where.
    record(
        us,
        &observed("track-1", "2016-09-12T10:20:00Z", Value::Null),
    )
    .await;
    record(
        us,
        &observed("track-2", "2016-09-12T10:00:00Z", at(35.0, 36.0)),
    )
    .await;
    record(
        us,
        &observed("track-3", "2016-09-12T10:00:00Z", Value::Null),
    )
    .await;
    // Whoever else calls something so moves nothing of ours.
    record(
        ru,
        &observed("track-1", "2016-09-12T11:00:00Z", at(34.0, 35.0)),
    )
    .await;
    world.settle().await;

    for node in [us, ru] {
        let page = tracks(node, "").await;
        let items = page["items"].as_array().unwrap();
        let shown: Vec<(&str, f64, u64)> = items
            .iter()
            .map(|item| {
                let number = |name: &str| item[name].as_f64().unwrap();
                let id = item["id"].as_str().unwrap();
                (
                    id,
                    number("latitude_deg"),
                    item["observations"].as_u64().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("track-1@RU", 34.0, 1),
                ("track-1@US", 36.2, 2),
                ("track-2@US", 35.0, 1)
            ]
        );
        let own = &items[1];
        assert_eq!(own["at"], "2016-09-12T10:10:00Z");
        assert_eq!(own["means"], "radar");
        assert_eq!(own["source"], "north radar");
        assert_eq!(
            own["grade"],
            json!({"reliability": "B", "credibility": "2"})
        );
        // The entry it comes from says the same.
        let (origin, index) = (own["origin"].as_str().unwrap(), &own["index"]);
        let path = format!("/api/v1/records/{}/{index}", origin.replace('/', "%2F"));
        let entry = node.read(&path).await;
        assert_eq!(entry["body"]["place"]["position"]["latitude_deg"], 36.2);
        // Nothing about a track says where it is going, or puts it before another.
        for member in ["course", "speed", "priority", "score", "rank"] {
            assert!(own.get(member).is_none(), "{member}");
        }
    }

    let first = tracks(us, "?limit=1").await;
    assert_eq!(first["items"].as_array().unwrap().len(), 1);
    let next = first["next"].as_str().unwrap();
    let rest = tracks(us, &format!("?after={next}")).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
    assert!(rest["next"].is_null());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_hidden_report_is_no_track_either() {
    let matters = Matters::open().await;
    let (us, un) = (matters.us(), matters.un());
    record(
        us,
        &observed("track-open", "2016-09-12T10:00:00Z", at(36.2, 37.2)),
    )
    .await;
    record(
        un,
        &observed(HIDDEN, "2016-09-12T10:00:00Z", at(36.2, 37.2)),
    )
    .await;
    matters.settle().await;
    let ids = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|item| item["subject"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&tracks(us, "").await), ["track-open"]);
    assert_eq!(ids(&tracks(un, "").await), [HIDDEN, "track-open"]);
    matters.close().await;
}
