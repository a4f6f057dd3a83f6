//! A watch spread over a cluster of three NATS servers, of which one is killed, as is a worker.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up says why"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

use super::syria;
use crate::harness::{Folder, command};

/// Aircraft that cross the country, each from cell to cell and through whatever lies on its way.
const AIRCRAFT: u32 = 12;
/// Fixes of each.
const FIXES: u32 = 500;
/// However slow the machine is, everything is told within this, or it is lost.
const LOST_AFTER: Duration = Duration::from_secs(240);

/// Processes that end with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn tracks() -> String {
    let mut text = String::new();
    for step in 0..FIXES {
        for number in 0..AIRCRAFT {
            let along = f64::from(step) * 0.01;
            let east = if number % 2 == 0 {
                35.9 + along
            } else {
                40.9 - along
            };
            let north = 35.4 + f64::from(number) * 0.08;
            let seconds = step * 5;
            let (hour, minute, second) = (9 + seconds / 3_600, seconds / 60 % 60, seconds % 60);
            writeln!(
                text,
                "{{\"t\": \"2016-09-13T{hour:02}:{minute:02}:{second:02}Z\", \"id\": \"a-{number}\", \"lat\": {north}, \
                 \"lon\": {east}, \"alt_m\": 2500, \"reference\": \"MSL\"}}"
            )
            .unwrap();
        }
    }
    text
}

/// Ports that nobody listens on.
fn ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

/// Reads until a line holds a word; what follows is read away, so that nobody waits for the reader.
fn wait_for(word: &str, from: ChildStderr) {
    let mut lines = BufReader::new(from).lines();
    let mut said = String::new();
    loop {
        let line = lines
            .next()
            .unwrap_or_else(|| panic!("it ended without `{word}`:\n{said}"))
            .unwrap();
        if line.contains(word) {
            break;
        }
        said.push_str(&line);
        said.push('\n');
    }
    std::thread::spawn(move || lines.for_each(drop));
}

/// Starts a cluster of three; returns the servers and how they are reached.
fn cluster(folder: &Path) -> (Vec<Running>, String) {
    let clients = ports::<3>();
    let routes = ports::<3>();
    let all: Vec<String> = routes
        .iter()
        .map(|port| format!("nats://127.0.0.1:{port}"))
        .collect();
    let servers = (0..3).map(|number| {
        let mut child = Command::new("nats-server")
            .args(["-a", "127.0.0.1", "-p", &clients[number].to_string(), "-js"])
            .arg("-sd")
            .arg(folder.join(format!("nats-{number}")))
            .args(["--server_name", &format!("n{number}"), "--cluster_name", "watch"])
            .args(["--cluster", &all[number], "--routes", &all.join(",")])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("nats-server: run crates/streams/tests/peers/install.sh, as `cargo xtask test` does");
        wait_for("Server is ready", child.stderr.take().unwrap());
        Running(child)
    });
    let servers = servers.collect();
    let urls: Vec<String> = clients
        .iter()
        .map(|port| format!("nats://127.0.0.1:{port}"))
        .collect();
    (servers, urls.join(","))
}

fn part(folder: &Folder, servers: &str, part: &str, more: &[&str]) -> Command {
    let mut command = command(&folder.path(""));
    command
        .arg("watch")
        .arg(syria())
        .args([
            "--identities",
            "identities.json",
            "--subscribers",
            "subscribers.json",
        ])
        .args([
            "--nats",
            servers,
            "--nats-as",
            part,
            "--nats-replicas",
            "3",
            "--nats-partitions",
            "8",
        ])
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn worker(folder: &Folder, servers: &str) -> Running {
    let mut child = part(folder, servers, "work", &[]).spawn().unwrap();
    wait_for("ready", child.stderr.take().unwrap());
    Running(child)
}

fn by_id(lines: impl Iterator<Item = String>) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines {
        let event: Value = serde_json::from_str(&line).unwrap();
        let id = event["id"].as_str().unwrap().to_owned();
        found.entry(id).or_default().push(line);
    }
    found
}

/// Hands over each line; ends when the process does.
fn lines(from: ChildStdout) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

#[test]
fn killing_a_worker_and_a_server_loses_no_event_and_tells_none_twice() {
    let folder = Folder::new();
    let entries: Vec<Value> = (0..AIRCRAFT)
        .map(|number| serde_json::json!({"track": format!("a-{number}"), "force": "syrian-air-force", "stated_by": "post"}))
        .collect();
    folder.write(
        "identities.json",
        &serde_json::json!({ "identities": entries }).to_string(),
    );
    folder.write(
        "subscribers.json",
        r#"{"subscribers": [{"id": "relief", "places": ["hospital-h1"]}]}"#,
    );
    folder.write("tracks.jsonl", &tracks());
    let alone = folder.detente(&[
        "watch",
        &syria().display().to_string(),
        "--tracks",
        "tracks.jsonl",
        "--identities",
        "identities.json",
        "--subscribers",
        "subscribers.json",
        "--json",
        "--quiet",
    ]);
    let expected = by_id(alone.stdout.lines().map(str::to_owned));
    assert!(expected.len() > 50, "{} events", expected.len());
    assert!(alone.stdout.contains("early_warning"));

    let (mut servers, urls) = cluster(&folder.path(""));
    let mut first = worker(&folder, &urls);
    let _second = worker(&folder, &urls);
    let mut teller = part(&folder, &urls, "tell", &[]).spawn().unwrap();
    let told = lines(teller.stdout.take().unwrap());
    let teller = Running(teller);
    let feeder = part(&folder, &urls, "feed", &["--tracks", "tracks.jsonl"])
        .spawn()
        .unwrap();

    let mut seen = BTreeSet::new();
    let (mut third, mut killed) = (None, 0);
    while seen.len() < expected.len() {
        let line = told.recv_timeout(LOST_AFTER);
        let line = line.unwrap_or_else(|_| panic!("{} of {} told", seen.len(), expected.len()));
        let event: Value = serde_json::from_str(&line).unwrap();
        assert!(
            seen.insert(event["id"].as_str().unwrap().to_owned()),
            "told twice: {line}"
        );
        if seen.len() >= expected.len() / 4 && killed == 0 {
            first.0.kill().unwrap();
            third = Some(worker(&folder, &urls));
            killed = 1;
        }
        if seen.len() >= expected.len() / 2 && killed == 1 {
            servers[0].0.kill().unwrap();
            killed = 2;
        }
    }
    assert_eq!(killed, 2);
    let fed = feeder.wait_with_output().unwrap();
    assert!(
        fed.status.success(),
        "{}",
        String::from_utf8_lossy(&fed.stderr)
    );
    drop(teller);
    let mut again = part(&folder, &urls, "told", &[]).spawn().unwrap();
    let mut text = String::new();
    again
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(again.wait().unwrap().code(), Some(1));
    let found = by_id(text.lines().map(str::to_owned));
    assert_eq!(found, expected, "the events of one watch, each once");
    drop(third);
}
