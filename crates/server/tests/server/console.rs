//! The console's files, and what maps are drawn from.

use detente_server::console;
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_served_with_a_policy_that_lets_nothing_in_from_elsewhere() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let page = us.ask(None, "get", "/", &[], None).await;
    assert_eq!(page.status.as_u16(), 200);
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    if !console::is_built() {
        assert!(text.contains("/api/v1/openapi.json"), "{text}");
        world.close().await;
        return;
    }
    let header = |name: &str| page.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/html; charset=utf-8");
    let policy = header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"));
    assert!(
        !text.contains("http://") && !text.contains("https://"),
        "{text}"
    );

    let tag = header("etag");
    let again = us
        .ask(None, "get", "/", &[("if-none-match", &tag)], None)
        .await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));

    let script = text
        .split('"')
        .find(|part| part.starts_with("./assets/") && part.ends_with(".js"))
        .map(|part| part.trim_start_matches('.').to_owned())
        .unwrap();
    let plain = us.ask(None, "get", &script, &[], None).await;
    assert_eq!(plain.status.as_u16(), 406);
    let gzip = [("accept-encoding", "gzip")];
    let packed = us.ask(None, "get", &script, &gzip, None).await;
    assert_eq!(packed.status.as_u16(), 200);
    assert_eq!(packed.headers["content-encoding"], "gzip");
    assert!(
        packed.headers["cache-control"]
            .to_str()
            .unwrap()
            .contains("immutable")
    );
    assert_eq!(packed.body[..2], [0x1f, 0x8b]);

    let absent = us.ask(None, "get", "/assets/absent.js", &[], None).await;
    assert_eq!(absent.status.as_u16(), 404);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_picture_at_an_instant_shows_what_counted_by_then() {
    let world = World::open(1).await;
    let us = &world.nodes[0];
    let incident = json!({
        "kind": "incident_reported",
        "subject": "incident-1",
        "role": "inquiry",
        "body": {
            "title": "Smoke over the ridge",
            "account": {
                "source": "A spotter",
                "text": "Smoke",
                "language": "en",
                "channel": "radio",
                "place": {
                    "name": "the ridge",
                    "position": {"latitude_deg": 35.5, "longitude_deg": 36.5},
                    "precision": "settlement",
                },
                "at": "2016-09-12T18:00:00Z",
                "time_precision": "hour",
            },
        },
    });
    let (status, said) = us.submit(&incident, &[]).await;
    assert_eq!(status, 201, "{said}");
    let index = said["index"].as_u64().unwrap();

    let now = us.read("/api/v1/picture/features").await;
    let count = |picture: &Value, class: &str| {
        let features = picture["features"].as_array().unwrap();
        let of_class = features
            .iter()
            .filter(|it| it["properties"]["class"] == class);
        of_class.count()
    };
    assert_eq!(count(&now, "area"), 1, "all others ended in 2016");
    assert_eq!(count(&now, "protected_object"), count(&now, "keep_out"));
    assert_eq!(count(&now, "event"), 1);
    for feature in now["features"].as_array().unwrap() {
        assert!(!feature["geometry"].is_null(), "{feature}");
    }

    let before = us
        .read("/api/v1/picture/features?at=2016-09-12T16:00:00Z")
        .await;
    assert_eq!(count(&before, "event"), 0);
    assert!(count(&before, "area") > 5);
    assert_eq!(before["at"], "2016-09-12T16:00:00Z");
    let wrong = "/api/v1/picture/features?at=yesterday";
    let wrong = us.ask(Some("all"), "get", wrong, &[], None).await;
    assert_eq!(wrong.status.as_u16(), 400);

    let origin = said["origin"].as_str().unwrap().replace('/', "%2F");
    let seen = us
        .read(&format!("/api/v1/awareness/{origin}/{index}"))
        .await;
    assert_eq!(seen, json!([]), "nobody else keeps a ledger here");
    world.close().await;
}
