//! `detente deconflict --with`: two node processes, the users of each, one killed in the middle, and audits of both.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Stdio};

use super::{collection, plan};
use crate::harness::{Folder, Run, command};

/// Times that a command is put again while a node that was started has not heard its peer yet.
const TRIES: usize = 2_000;

/// One participant's node: a folder of its own, and its process.
struct Node {
    name: &'static str,
    child: Child,
    url: String,
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the command in a participant's folder.
fn at(folder: &Folder, name: &str, args: &[&str]) -> Run {
    let output = command(&folder.path(name)).args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Run {
        exit: output.status.code().unwrap(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}

fn done(folder: &Folder, name: &str, args: &[&str]) -> String {
    let run = at(folder, name, args);
    assert_eq!(run.exit, 0, "{args:?}: {run}");
    run.stdout
}

/// A free address for a peer's door: cards name it before the node listens.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// Keys, cards, the agreement and a user for both.
fn prepared() -> (Folder, [(&'static str, String); 2]) {
    let folder = Folder::new();
    let sides = [("us", free_address()), ("ru", free_address())];
    for (name, address) in &sides {
        std::fs::create_dir(folder.path(name)).unwrap();
        folder.write(&format!("{name}/unlock"), "a long passphrase\n");
        let ledger = format!("{name}.example/ledger");
        let keys = ["--keys", "keys", "--unlock-file", "unlock"];
        done(
            &folder,
            name,
            &[&["keys", "new", &ledger][..], &keys].concat(),
        );
        let holder = name.to_uppercase();
        let card = format!("../{name}.card");
        let args = [
            "join",
            "card",
            &holder,
            "--address",
            address,
            "--out",
            &card,
        ];
        done(&folder, name, &[&args[..], &keys].concat());
    }
    let dossier = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/syria-2016");
    for (name, _) in &sides {
        let args = [
            "join",
            "agreement",
            dossier,
            "--card",
            "../us.card",
            "--card",
            "../ru.card",
        ];
        done(&folder, name, &args);
        let roles = [
            "--role",
            "planner",
            "--role",
            "consenter",
            "--role",
            "auditor",
        ];
        let token = done(
            &folder,
            name,
            &[&["user", "desk", "--token"][..], &roles].concat(),
        );
        folder.write(&format!("{name}/token"), &token);
    }
    (folder, sides)
}

fn serve(folder: &Folder, (name, address): &(&'static str, String), more: &[&str]) -> Node {
    let peer = format!("peer.listen={address}");
    let mut child = command(&folder.path(name))
        .args(["serve", "--set", "api.listen=127.0.0.1:0", "--set", &peer])
        .args([
            "--set",
            "node.unlock_file=unlock",
            "--set",
            "log.level=error",
        ])
        .args(more)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    let address = line.trim().rsplit_once("http://").unwrap().1;
    Node {
        name,
        url: format!("http://{address}"),
        child,
    }
}

/// Runs `detente deconflict` as the user of a node.
fn deconflict(folder: &Folder, node: &Node, args: &[&str]) -> Run {
    let who = ["--node", &node.url, "--token-file", "token"];
    at(
        folder,
        node.name,
        &[&["deconflict"][..], args, &who].concat(),
    )
}

/// The same, again while the node is not ready to write.
fn when_ready(folder: &Folder, node: &Node, args: &[&str]) -> Run {
    for _ in 0..TRIES {
        let run = deconflict(folder, node, args);
        if run.exit != 5 || !run.stdout.is_empty() {
            return run;
        }
    }
    deconflict(folder, node, args)
}

#[test]
fn two_nodes_compare_plans_by_consent_and_each_can_be_audited() {
    let (folder, sides) = prepared();
    let mut us = serve(&folder, &sides[0], &["--new-ledger"]);
    let ru = serve(&folder, &sides[1], &["--new-ledger"]);
    let ours = [
        plan("transit-1", [[36.0, 35.0], [36.2, 35.1]], 3_000, 3_200),
        plan("transit-2", [[38.0, 36.0], [38.0, 36.2]], 3_000, 3_200),
    ];
    let theirs = [plan("patrol", [[36.0, 35.1], [36.2, 35.0]], 3_100, 3_400)];
    folder.write("us/plans.geojson", &collection(&ours));
    folder.write("ru/plans.geojson", &collection(&theirs));

    // Nobody has answered yet: the session is open, and the command says so.
    let asked = [
        "--with",
        "RU",
        "--plans",
        "plans.geojson",
        "--patience",
        "0",
        "--json",
    ];
    let run = when_ready(&folder, &us, &asked);
    assert_eq!(run.exit, 5, "{run}");
    let check = run.json()["check"].as_str().unwrap().to_owned();
    let again = deconflict(&folder, &us, &["--with", "RU", "--plans", "plans.geojson"]);
    assert_eq!(again.exit, 2, "a session is open: {again}");

    let answered = [
        "--with",
        "US",
        "--answer",
        "--plans",
        "plans.geojson",
        "--patience",
        "300",
    ];
    let run = when_ready(&folder, &ru, &answered);
    assert_eq!(run.exit, 1, "{run}");
    assert!(
        run.stdout.starts_with("COMMON  plans may come close"),
        "{run}"
    );
    assert!(
        !run.stdout.contains("patrol"),
        "which plan it is about is not known: {run}"
    );

    // The one node dies without a word, and goes on where it was.
    us.child.kill().unwrap();
    us.child.wait().unwrap();
    drop(us);
    let us = serve(&folder, &sides[0], &[]);
    let run = when_ready(
        &folder,
        &us,
        &["--with", "RU", "--consent", "--patience", "1"],
    );
    assert_eq!(run.exit, 5, "{run}");
    assert!(run.stdout.starts_with("WAITING  consented"), "{run}");
    let run = when_ready(
        &folder,
        &ru,
        &["--with", "US", "--consent", "--patience", "300"],
    );
    assert_eq!(run.exit, 1, "{run}");
    assert!(run.stdout.starts_with("CLOSE  plans come close"), "{run}");
    assert!(run.stdout.contains("patrol overlaps a leg of theirs, 2016-09-12T16:00:00Z to 2016-09-12T16:20:00Z, 3100 to 3200 m"), "{run}");
    let run = deconflict(
        &folder,
        &us,
        &["--with", "RU", "--patience", "300", "--json"],
    );
    assert_eq!(run.exit, 1, "{run}");
    let seen = run.json();
    assert_eq!(seen["state"], "close");
    assert_eq!(seen["knows"]["plans"], serde_json::json!(["transit-1"]));

    // Each shows its side to the other's auditor.
    let disclosed = folder.path("ru.json").display().to_string();
    let run = deconflict(&folder, &ru, &["disclose", &check, "--out", &disclosed]);
    assert_eq!(run.exit, 0, "{run}");
    let audit = ["audit", "--check", &check, "--disclosed", &disclosed];
    let run = deconflict(&folder, &us, &audit);
    assert_eq!(run.exit, 0, "{run}");
    assert!(run.stdout.starts_with("HOLDS"), "{run}");
    // Held against plans it had declared elsewhere, the same disclosure fails.
    folder.write("us/declared.geojson", &collection(&ours[1..]));
    let run = deconflict(
        &folder,
        &us,
        &[&audit[..], &["--plans", "declared.geojson"]].concat(),
    );
    assert_eq!(run.exit, 4, "{run}");

    // Plans that keep apart are told so, with nobody's consent.
    folder.write("us/plans.geojson", &collection(&ours[1..]));
    let run = when_ready(&folder, &us, &asked);
    assert_eq!(run.exit, 5, "{run}");
    let run = when_ready(&folder, &ru, &answered);
    assert_eq!(run.exit, 0, "{run}");
    assert!(run.stdout.starts_with("APART"), "{run}");
    let run = deconflict(&folder, &us, &["--with", "RU", "--patience", "300"]);
    assert!(run.stdout.starts_with("APART"), "{run}");
    // And what is refused ends.
    let run = when_ready(&folder, &us, &asked);
    assert_eq!(run.exit, 5, "{run}");
    let end = ["--with", "US", "--end", "Not today."];
    let mut ended = deconflict(&folder, &ru, &end);
    for _ in 0..TRIES {
        if ended.exit != 2 {
            break;
        }
        // The proposal has not arrived there yet.
        ended = deconflict(&folder, &ru, &end);
    }
    assert_eq!(ended.exit, 0, "{ended}");
    let run = deconflict(&folder, &us, &["--with", "RU", "--patience", "300"]);
    assert_eq!(run.exit, 1, "{run}");
    assert!(
        run.stdout.starts_with("ENDED  the session is refused"),
        "{run}"
    );
}
