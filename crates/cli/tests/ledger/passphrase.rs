//! The passphrase is asked on a terminal without showing it, and twice where a slip would cost.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Stdio};

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::harness::{Folder, command};

const PASSPHRASE: &str = "correct horse battery staple";

/// `detente` with a terminal as its standard input, and the other end of that terminal.
fn at_a_terminal(folder: &Folder, arguments: &[&str]) -> (Child, File) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let name = ptsname(&person, Vec::new()).unwrap();
    let terminal = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    let child = command(&folder.path(""))
        .args(arguments)
        .stdin(Stdio::from(terminal))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    (child, File::from(person))
}

/// Types each line after its prompt; returns the exit code and all that the terminal showed.
fn type_lines(folder: &Folder, arguments: &[&str], lines: &[(&str, &str)]) -> (i32, String) {
    let (mut child, mut person) = at_a_terminal(folder, arguments);
    let mut said = child.stderr.take().unwrap();
    for (prompt, line) in lines {
        let mut heard = Vec::new();
        while !heard.ends_with(prompt.as_bytes()) {
            let mut byte = [0];
            assert_eq!(said.read(&mut byte).unwrap(), 1, "no prompt `{prompt}`");
            heard.extend(byte);
        }
        person.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
    let exit = child.wait().unwrap().code().unwrap();
    let mut shown = Vec::new();
    // When the last process has left the terminal, reading it ends with an error.
    let _ = person.read_to_end(&mut shown);
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    (exit, String::from_utf8_lossy(&shown).into_owned() + &rest)
}

#[test]
fn a_typed_passphrase_is_not_shown_and_is_asked_twice_for_new_keys() {
    let folder = Folder::new();
    let new = ["keys", "new", "alpha.example/ledger"];
    let twice = |second| {
        [
            ("new passphrase: ", PASSPHRASE),
            ("the same again: ", second),
        ]
    };
    let (exit, shown) = type_lines(&folder, &new, &twice("correct horse battery stable"));
    assert_eq!(exit, 2, "{shown}");
    assert!(shown.contains("differ"), "{shown}");
    assert!(!folder.path("keys").exists(), "nothing was written");

    let (exit, shown) = type_lines(&folder, &new, &twice(PASSPHRASE));
    assert_eq!(exit, 0, "{shown}");
    assert!(!shown.contains("horse"), "{shown}");
    let once = [("passphrase: ", PASSPHRASE)];
    let (exit, shown) = type_lines(&folder, &["keys", "rotate"], &once);
    assert_eq!(exit, 0, "{shown}");
    assert!(!shown.contains("horse"), "{shown}");
    // What was typed is what a service reads from its file.
    folder.write("unlock", &format!("{PASSPHRASE}\n"));
    let run = folder.detente(&["keys", "rotate", "--unlock-file", "unlock"]);
    assert_eq!(run.exit, 0, "{run}");
}

#[test]
fn a_script_hands_the_passphrase_over_a_pipe() {
    let folder = Folder::new();
    let mut child = command(&folder.path(""))
        .args(["keys", "new", "alpha.example/ledger"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(PASSPHRASE.as_bytes()).unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(
        !String::from_utf8(output.stderr)
            .unwrap()
            .contains("passphrase: ")
    );
    let run = folder.detente(&["keys", "rotate"]);
    assert_eq!(run.exit, 2, "an empty passphrase: {run}");
}

/// How much work a file of keys may ask for is a fixed limit: one that was measured anew at every start kept a busy machine
/// from opening keys of its own.
#[test]
fn how_much_work_a_file_may_ask_for_does_not_depend_on_the_machine() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("keys")).unwrap();
    std::fs::write(folder.path("unlock"), "a long passphrase\n").unwrap();
    let opened = |work: u8| {
        let (salt, body) = ("A".repeat(22), "A".repeat(43));
        let text = format!(
            "age-encryption.org/v1\n-> scrypt {salt} {work}\n{body}\n--- {body}\n{}",
            "x".repeat(32)
        );
        std::fs::write(folder.path("keys/keys.age"), text).unwrap();
        folder.detente(&[
            "keys",
            "rotate",
            "--keys",
            "keys",
            "--unlock-file",
            "unlock",
        ])
    };
    let run = opened(21);
    assert_eq!(run.exit, 3, "{run}");
    assert!(run.stderr.contains("Excessive work"), "{run}");
    let run = opened(14);
    assert_eq!(run.exit, 3, "{run}");
    assert!(!run.stderr.contains("Excessive work"), "{run}");
}
