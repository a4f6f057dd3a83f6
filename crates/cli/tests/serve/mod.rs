//! A node as its operator runs it: settings, keys, cards, and a process that is killed.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use detente_server::answer::{Client, Method, header};
use serde_json::{Value, json};

use crate::harness::Folder;

const ROUNDS: usize = 4;
const ACTS_A_ROUND: usize = 40;
const PATIENCE: Duration = Duration::from_secs(60);

fn detente(folder: &Folder, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_detente"))
        .args(args)
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Starts `detente serve` and returns where users connect.
pub(crate) fn serve(folder: &Folder, more: &[&str]) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_detente"))
        .args([
            "serve",
            "--set",
            "api.listen=127.0.0.1:0",
            "--set",
            "peer.listen=127.0.0.1:0",
        ])
        .args([
            "--set",
            "node.unlock_file=unlock",
            "--set",
            "log.level=error",
        ])
        .args(more)
        .current_dir(folder.path(""))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    let address = line.trim().rsplit_once("http://").unwrap().1.to_owned();
    (child, address)
}

pub(crate) async fn ask(
    address: &str,
    token: &str,
    path: &str,
    act: Option<&Value>,
) -> Option<(u16, Value)> {
    let client = Client::new(address, None, 1 << 20);
    let headers = [(header::AUTHORIZATION, format!("Bearer {token}"))];
    let (method, body) = match act {
        Some(act) => (Method::POST, act.to_string().into_bytes()),
        None => (Method::GET, Vec::new()),
    };
    let answer = client
        .ask(method, path, &headers, body.into(), PATIENCE)
        .await;
    let answer = answer.ok()?;
    let said = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    Some((answer.status.as_u16(), said))
}

/// A node of one participant, set up with the command alone.
pub(crate) fn prepared() -> (Folder, String) {
    let folder = Folder::new();
    std::fs::write(folder.path("unlock"), "a long passphrase\n").unwrap();
    let keys = ["--keys", "keys", "--unlock-file", "unlock"];
    detente(
        &folder,
        &[&["keys", "new", "us.example/ledger"][..], &keys].concat(),
    );
    let card = [
        "join",
        "card",
        "US",
        "--address",
        "127.0.0.1:7443",
        "--out",
        "us.card",
    ];
    let fingerprint = detente(&folder, &[&card[..], &keys].concat());
    let dossier = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/syria-2016");
    let joined = detente(
        &folder,
        &["join", "agreement", dossier, "--card", "us.card"],
    );
    assert!(joined.contains(fingerprint.trim()), "{joined}");
    let user = [
        "user",
        "watch",
        "--role",
        "watch_officer",
        "--role",
        "auditor",
        "--token",
    ];
    let token = detente(&folder, &user).trim().to_owned();
    (folder, token)
}

#[test]
fn a_node_that_is_killed_again_and_again_loses_nothing_it_acknowledged() {
    let (folder, token) = prepared();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut acknowledged: Vec<(u64, String)> = Vec::new();
    for round in 0..ROUNDS {
        let more: &[&str] = if round == 0 { &["--new-ledger"] } else { &[] };
        let (mut child, address) = serve(&folder, more);
        let told = runtime.block_on(async {
            let mut told = Vec::new();
            let mut open = tokio::task::JoinSet::new();
            for number in 0..2 * ACTS_A_ROUND {
                let (address, token) = (address.clone(), token.clone());
                open.spawn(async move {
                    let person = format!("Officer {round}-{number}");
                    let act = json!({
                        "kind": "watch_taken", "subject": "flight-safety", "role": "watch_officer",
                        "body": {
                            "office": "Centre", "person": person,
                            "until": "2099-01-01T00:00:00Z",
                        },
                    });
                    let answer = ask(&address, &token, "/api/v1/acts", Some(&act)).await;
                    (person, answer)
                });
            }
            while let Some(done) = open.join_next().await {
                if let (person, Some((201, said))) = done.unwrap() {
                    told.push((said["index"].as_u64().unwrap(), person));
                }
                if told.len() == ACTS_A_ROUND {
                    // The rest is on its way: now the process dies without a word.
                    child.kill().unwrap();
                }
            }
            told
        });
        child.wait().unwrap();
        assert!(told.len() >= ACTS_A_ROUND, "{}", told.len());
        acknowledged.extend(told);
    }
    let (mut child, address) = serve(&folder, &[]);
    runtime.block_on(async {
        for (index, person) in &acknowledged {
            let path = format!("/api/v1/records/us.example%2Fledger/{index}");
            let (status, said) = ask(&address, &token, &path, None).await.unwrap();
            assert_eq!(status, 200, "{index}");
            assert_eq!(said["body"]["person"], person.as_str());
        }
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let log_key = std::fs::read_to_string(folder.path("keys/log.vkey")).unwrap();
    let audited = detente(
        &folder,
        &["ledger", "audit", "data/ledger", "--vkey", log_key.trim()],
    );
    assert!(audited.contains("verified"), "{audited}");
}

#[test]
fn settings_say_where_they_come_from() {
    let folder = Folder::new();
    std::fs::write(folder.path("detente.toml"), "[api]\nrequest_s_max = 5\n").unwrap();
    let shown = detente(
        &folder,
        &[
            "config",
            "show",
            "--config",
            "detente.toml",
            "--set",
            "session.hours=2",
            "--json",
        ],
    );
    let rows: Value = serde_json::from_str(&shown).unwrap();
    let row = |name: &str| {
        let mut rows = rows.as_array().unwrap().iter();
        rows.find(|row| row["name"] == name).unwrap().clone()
    };
    assert_eq!(
        (
            &row("api.request_s_max")["value"],
            &row("api.request_s_max")["source"]
        ),
        (&json!("5"), &json!("file"))
    );
    assert_eq!(row("session.hours")["source"], "flag");
    assert_eq!(row("node.data")["source"], "default");
}

#[test]
fn an_exhibit_is_verified_with_the_file_and_the_keys_alone_and_tampering_ends_in_code_four() {
    let (folder, token) = prepared();
    std::fs::write(folder.path("token"), &token).unwrap();
    let (mut child, address) = serve(&folder, &["--new-ledger"]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let act = json!({
        "kind": "watch_taken", "subject": "flight-safety", "role": "watch_officer",
        "body": {"office": "Centre", "person": "Officer", "until": "2099-01-01T00:00:00Z"},
    });
    let answer = runtime.block_on(ask(&address, &token, "/api/v1/acts", Some(&act)));
    assert_eq!(answer.unwrap().0, 201);
    let node = format!("http://{address}");
    let asker = ["--node", node.as_str(), "--token-file", "token"];
    detente(&folder, &[&["export", "all.exhibit"][..], &asker].concat());
    let identity = age::x25519::Identity::generate();
    let to = identity.to_public().to_string();
    let sealed = ["export", "sealed.exhibit.age", "--to", to.as_str()];
    detente(&folder, &[&sealed[..], &asker].concat());
    child.kill().unwrap();
    child.wait().unwrap();
    let secret = {
        use age::secrecy::ExposeSecret as _;
        identity.to_string().expose_secret().to_owned()
    };
    std::fs::write(folder.path("identity"), secret).unwrap();
    // Another machine: nothing but the file and the keys.
    let board = Folder::new();
    for name in ["all.exhibit", "sealed.exhibit.age", "identity"] {
        std::fs::copy(folder.path(name), board.path(name)).unwrap();
    }
    for name in ["log.vkey", "unit.vkey"] {
        std::fs::copy(folder.path("keys").join(name), board.path(name)).unwrap();
    }
    let keys = ["--vkey", "log.vkey", "--vkey", "unit.vkey"];
    let verify = |more: &[&str]| {
        let args = [&["ledger", "verify"][..], more, &keys].concat();
        board.detente(&args)
    };
    let run = verify(&["all.exhibit", "--json", "--unpack", "unpacked"]);
    assert_eq!(run.exit, 0, "{run}");
    let said = run.json();
    assert_eq!(said["verified"], true);
    assert_eq!(said["sealed_by"], "us.example/ledger/unit");
    assert_eq!(said["ledgers"][0]["withheld"], 0);
    let evidence = board.path("unpacked/us.example_ledger/0.tlog-proof");
    assert!(evidence.is_file());
    let run = verify(&["sealed.exhibit.age", "--identity", "identity"]);
    assert_eq!(run.exit, 0, "{run}");
    // Whatever it is called, it is what it is; and what is none of the kinds accuses nobody.
    for (name, given) in [("all.exhibit", "all"), ("sealed.exhibit.age", "sealed.bin")] {
        std::fs::copy(board.path(name), board.path(given)).unwrap();
        let run = verify(&[given, "--identity", "identity"]);
        assert_eq!(run.exit, 0, "{run}");
    }
    std::fs::write(board.path("notes.txt"), "nothing of the kind").unwrap();
    let run = verify(&["notes.txt"]);
    assert_eq!(run.exit, 3, "{run}");
    let run = verify(&["sealed.exhibit.age"]);
    assert_eq!(run.exit, 2, "{run}");
    let bytes = std::fs::read(board.path("all.exhibit")).unwrap();
    for place in [bytes.len() / 3, bytes.len() / 2, bytes.len() - 40] {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        std::fs::write(board.path("changed.exhibit"), changed).unwrap();
        let run = verify(&["changed.exhibit"]);
        assert_eq!(run.exit, 4, "{place}: {run}");
    }
    let run = board.detente(&["ledger", "verify", "all.exhibit"]);
    assert_eq!(run.exit, 2, "{run}");
}

#[cfg(unix)]
#[test]
fn settings_are_read_beside_variables_and_files_of_any_bytes() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let folder = Folder::new();
    let show = |name: &str, more: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_detente"))
            .args(["config", "show"])
            .args(more)
            .env(name, OsStr::from_bytes(b"a\xff"))
            .current_dir(folder.path(""))
            .output()
            .unwrap()
    };
    let told = show("OF_ANOTHER_PROGRAM", &[]);
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    let told = show("DETENTE_LOG_LEVEL", &[]);
    assert_eq!(told.status.code(), Some(2), "{told:?}");
    std::fs::write(folder.path("bad.toml"), b"[log]\nlevel = \"\xff\"\n").unwrap();
    let told = show("OF_ANOTHER_PROGRAM", &["--config", "bad.toml"]);
    assert_eq!(told.status.code(), Some(3), "{told:?}");
    let said = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(said.contains("bad.toml:2:10"), "{said}");
}

#[test]
fn whoever_cannot_start_says_where_it_fails() {
    let (folder, _) = prepared();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (mut child, _) = serve(&folder, &["--new-ledger"]);
    let start = |setting: &str| {
        let any = [
            "--set",
            "api.listen=127.0.0.1:0",
            "--set",
            "peer.listen=127.0.0.1:0",
        ];
        let unlock = ["--set", "node.unlock_file=unlock", "--set", setting];
        folder.detente(&[&["serve"][..], &any, &unlock].concat())
    };
    let run = start(&format!("api.listen={address}"));
    assert_eq!(run.exit, 2, "{run}");
    assert!(run.stderr.contains(&address), "{run}");
    // Another process writes the folder: a file that cannot be written, and no invalid document.
    let run = start("log.level=error");
    assert_eq!(run.exit, 2, "{run}");
    child.kill().unwrap();
    child.wait().unwrap();
    let log = std::fs::read_dir(folder.path("data/ledger/wal")).unwrap();
    for segment in log {
        let path = segment.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.truncate(0);
        std::fs::write(&path, bytes).unwrap();
    }
    let run = start("log.level=error");
    assert_eq!(run.exit, 4, "{run}");
}

#[test]
fn a_text_is_tabled_from_its_folder_and_named_by_the_hash_that_everybody_computes() {
    let (folder, _) = prepared();
    let user = ["user", "signer", "--role", "consenter", "--token"];
    std::fs::write(folder.path("token"), detente(&folder, &user)).unwrap();
    let more = ["--new-ledger", "--set", "node.dossier=to_be_tabled"];
    let (mut child, address) = serve(&folder, &more);
    let node = format!("http://{address}");
    let asker = ["--node", node.as_str(), "--token-file", "token"];
    let dossier = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/syria-2016");
    let hash = detente(&folder, &["table", dossier, "--hash-only", "--quiet"]);
    let table = ["table", dossier, "--subject", "plan", "--quiet"];
    let said = detente(&folder, &[&table[..], &asker].concat());
    assert!(said.contains("agreement plan: – → tabled"), "{said}");
    assert!(said.contains(hash.trim()), "{said}");
    let submit = |kind: &str, body: Value| {
        let act = json!({"kind": kind, "subject": "plan", "role": "consenter", "body": body});
        std::fs::write(folder.path("act.json"), act.to_string()).unwrap();
        detente(&folder, &[&["submit", "act.json"][..], &asker].concat())
    };
    submit("technical_review_opened", json!({}));
    submit(
        "precondition_reported",
        json!({"precondition": "quiet-days", "holds": false}),
    );
    // A text that is not there cannot be named, nor a dossier that is wrong be tabled.
    let run = folder.detente(&[&["table", "keys"][..], &asker].concat());
    assert_eq!(run.exit, 3, "{run}");
    child.kill().unwrap();
    child.wait().unwrap();
}
