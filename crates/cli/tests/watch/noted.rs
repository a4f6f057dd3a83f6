//! What the watch sees, on the record of a real node.

use serde_json::Value;

use super::{events, syria};
use crate::serve::{ask, prepared, serve};

#[test]
fn what_the_watch_sees_is_on_the_record_of_a_node_once_however_often_it_is_told() {
    let (folder, token) = prepared();
    let (child, address) = serve(&folder, &["--new-ledger"]);
    let _serving = Serving(child);
    folder.write("token", &token);
    let (dossier, node) = (syria().display().to_string(), format!("http://{address}"));
    let tracks = syria().join("tracks").display().to_string();
    let args = [
        "watch",
        &dossier,
        "--tracks",
        &tracks,
        "--node",
        &node,
        "--token-file",
        "token",
        "--json",
    ];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let matters = |workflow: &str| {
        let path = format!("/api/v1/matters/{workflow}");
        let (status, said) = runtime
            .block_on(ask(&address, &token, &path, None))
            .unwrap();
        assert_eq!(status, 200, "{said}");
        said
    };
    let first = folder.detente(&args);
    assert_eq!(first.exit, 1, "{first}");
    let seen = events(&first);
    let alerts: Vec<&Value> = seen
        .iter()
        .filter(|event| event["alert"].is_object())
        .collect();
    assert!(alerts.len() > 3, "{first}");
    // Operations of the dossier are not flown on this node: what is said of how they are flown is refused by its rules.
    assert!(first.stderr.contains("acts on record"), "{first}");
    let raised = matters("alert");
    let mut owed = 0;
    for event in &alerts {
        let id = event["id"].as_str().unwrap();
        let subject = format!("alert-{id}");
        if event["event"] != "back_in_volume" {
            assert!(raised.to_string().contains(&subject), "{event}\n{raised}");
        }
        // Who answers for a party that did not sign stands in the record of the alert.
        if let Some(guarantor) = event["alert"]["guarantor"].as_str() {
            let alert = matters(&format!("alert/{subject}"));
            assert_eq!(alert["lines"][0]["body"]["owed_by"], guarantor, "{alert}");
            owed += 1;
        }
        // The observation names the fixes by their hash, and the node keeps them.
        let sha256 = event["evidence_item"]["sha256"].as_str().unwrap();
        let path = format!("/api/v1/blobs/{sha256}");
        let (status, _) = runtime
            .block_on(ask(&address, &token, &path, None))
            .unwrap();
        assert_eq!(status, 200, "{path}");
    }
    assert!(owed > 0, "{first}");
    let again = folder.detente(&args);
    assert_eq!(again.stdout, first.stdout);
    assert_eq!(matters("alert"), raised, "told again, and there once");
}

/// A node that ends with the test, also with one that fails.
struct Serving(std::process::Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
