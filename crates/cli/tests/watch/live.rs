//! Receivers over real sockets: slow, silent, flooding, and coming back.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use super::syria;
use crate::harness::{Folder, command};

const IDENTITIES: &str =
    r#"{"identities": [{"track": "good", "force": "syrian-air-force", "stated_by": "post"}]}"#;

/// Two fixes, of which the second lies in eastern Aleppo.
fn fix(second: u32, east: f64) -> String {
    format!(
        "{{\"t\": \"2016-09-13T09:00:{second:02}Z\", \"id\": \"good\", \"lat\": 36.2, \"lon\": {east}, \"alt_m\": 2500, \
         \"reference\": \"MSL\"}}\n"
    )
}

/// A receiver: what it does with each line that is opened to it.
fn receiver(mut serve: impl FnMut(TcpStream) -> bool + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((line, _)) = listener.accept() {
            if !serve(line) {
                return;
            }
        }
    });
    format!("tcp://{address}")
}

fn start(folder: &Folder, sources: &[&str], more: &[&str]) -> Child {
    folder.write("identities.json", IDENTITIES);
    let mut command = command(&folder.path(""));
    command.arg("watch").arg(syria()).args([
        "--identities",
        "identities.json",
        "--json",
        "--stragglers",
        "0",
    ]);
    for source in sources {
        command.args(["--tracks", source]);
    }
    command
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Asks the process to stop; returns its exit code and what it said beside the answer.
fn stop(mut child: Child) -> (Option<i32>, String) {
    let asked = Command::new("kill")
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(asked.success());
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    (child.wait().unwrap().code(), said)
}

fn next_event(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> Value {
    serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap()
}

#[test]
fn sources_that_are_slow_silent_or_flood_keep_no_other_waiting() {
    let flooded = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&flooded);
    let (flood_is_on, flood) = std::sync::mpsc::channel::<()>();
    let flooding = receiver(move |mut line| {
        let piece = "MSG,3,1,1,F00001,1,2016/09/18,07:00:10.250,2016/09/18,07:00:10.300,,20000,,,10.5,20.7,,,0,0,0,0\n\
                     \u{1}\u{2} broken, of course\n"
            .repeat(200);
        while line.write_all(piece.as_bytes()).is_ok() {
            if counted.fetch_add(1, Ordering::Relaxed) == 0 {
                flood_is_on.send(()).unwrap();
            }
        }
        false
    });
    // Nothing at all; and one byte of a line that never ends.
    let mut held = Vec::new();
    let silent = receiver(move |line| {
        held.push(line);
        true
    });
    let mut slow_lines = Vec::new();
    let slow = receiver(move |mut line| {
        line.write_all(b"{").unwrap();
        slow_lines.push(line);
        true
    });
    let (go_on, told) = std::sync::mpsc::channel::<()>();
    let good = receiver(move |mut line| {
        flood.recv().unwrap();
        line.write_all(fix(0, 37.0).as_bytes()).unwrap();
        line.write_all(fix(30, 37.18).as_bytes()).unwrap();
        told.recv().unwrap();
        line.write_all(fix(59, 37.4).as_bytes()).unwrap();
        std::mem::forget(line);
        true
    });
    let folder = Folder::new();
    let mut child = start(&folder, &[&flooding, &silent, &slow, &good], &[]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let event = next_event(&mut lines);
    assert_eq!(
        (&event["event"], &event["track"]),
        (&"enter".into(), &"good".into())
    );
    let before = flooded.load(Ordering::Relaxed);
    go_on.send(()).unwrap();
    let event = next_event(&mut lines);
    assert_eq!(
        (&event["event"], &event["track"]),
        (&"leave".into(), &"good".into())
    );
    assert!(before > 0, "the flood was on all the while");
    let (code, said) = stop(child);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("could not be read"), "{said}");
    assert!(said.contains("line 2:"), "{said}");
}

#[test]
fn a_receiver_that_closes_its_line_is_opened_again_and_its_track_goes_on() {
    let mut lines_opened = 0;
    let source = receiver(move |mut line| {
        lines_opened += 1;
        match lines_opened {
            1 => line.write_all(fix(0, 37.0).as_bytes()).unwrap(),
            // A line that breaks off inside a report.
            2 => line.write_all(&fix(20, 37.1).as_bytes()[..40]).unwrap(),
            _ => {
                line.write_all(fix(30, 37.18).as_bytes()).unwrap();
                std::mem::forget(line);
            }
        }
        true
    });
    let folder = Folder::new();
    let mut child = start(&folder, &[&source], &[]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(next_event(&mut lines)["event"], "enter");
    let (code, said) = stop(child);
    assert_eq!(code, Some(1));
    assert!(said.contains("the line was closed; trying again"), "{said}");
    assert!(said.contains("1 could not be read"), "{said}");
}

#[test]
fn the_standard_input_beside_a_receiver_that_is_not_there() {
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("tcp://{}", listener.local_addr().unwrap())
    };
    let folder = Folder::new();
    let mut child = start(&folder, &["-", &gone], &["--no-reconnect"]);
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    input
        .write_all((fix(0, 37.0) + &fix(30, 37.18)).as_bytes())
        .unwrap();
    assert_eq!(next_event(&mut lines)["event"], "enter");
    drop(input);
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{said}");
    assert!(said.contains("refused"), "{said}");
}

#[test]
fn a_receiver_that_is_never_reached_is_unreachable() {
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("tcp://{}", listener.local_addr().unwrap())
    };
    let folder = Folder::new();
    let dossier = syria().display().to_string();
    let run = folder.detente(&["watch", &dossier, "--tracks", &gone, "--no-reconnect"]);
    assert_eq!(run.exit, 5, "{run}");
    assert!(run.stderr.contains("could not be reached"), "{run}");
}

#[test]
fn what_is_no_source_is_wrong_usage() {
    let folder = Folder::new();
    let dossier = syria().display().to_string();
    for (source, hint) in [
        ("tcp://host", "names no port"),
        ("udp://host:1", "no source of tracks"),
    ] {
        let run = folder.detente(&["watch", &dossier, "--tracks", source]);
        assert_eq!(run.exit, 2, "{run}");
        assert!(run.stderr.contains(hint), "{run}");
    }
}
