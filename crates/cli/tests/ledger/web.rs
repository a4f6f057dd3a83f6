//! Ledgers read over the network: honest servers verify, the others cost no more than a limit.

use super::server::{Manner, Server};
use super::{flip, write_ledger};
use crate::harness::Folder;

#[test]
fn a_ledger_is_verified_and_audited_over_http() {
    let folder = Folder::new();
    write_ledger(&folder);
    let server = Server::plain(&folder.path(""), Manner::Honest);
    for verb in ["verify", "audit"] {
        let run = folder.detente(&["ledger", verb, &server.url(), "--policy", "policy"]);
        assert_eq!(run.exit, 0, "{run}");
        assert!(run.stdout.starts_with("verified\n"), "{run}");
    }
    let run = folder.detente(&["ledger", "show", &server.url(), "--vkey", "log.vkey"]);
    assert_eq!(run.exit, 0, "{run}");
    let run = folder.detente(&[
        "ledger",
        "proof",
        &server.url(),
        "7",
        "--policy",
        "policy",
        "--out",
        "case",
    ]);
    assert_eq!(run.exit, 0, "{run}");
    flip(&folder.path("log/tile/entries/000"), 100);
    let run = folder.detente(&["ledger", "verify", &server.url(), "--policy", "policy"]);
    assert_eq!(run.exit, 4, "{run}");
    assert!(run.stdout.contains("tile/entries/000"), "{run}");
}

#[test]
fn over_tls_the_authority_must_be_known() {
    let folder = Folder::new();
    write_ledger(&folder);
    let (server, authority) = Server::secure(&folder.path(""), Manner::Honest);
    folder.write("ca.pem", &authority);
    let verify = |ca: &[&str]| {
        folder.detente(
            &[
                &["ledger", "verify", &server.url(), "--policy", "policy"],
                ca,
            ]
            .concat(),
        )
    };
    let run = verify(&["--ca", "ca.pem"]);
    assert_eq!(run.exit, 0, "{run}");
    assert!(run.stdout.starts_with("verified\n"), "{run}");

    let (_, stranger) = Server::secure(&folder.path(""), Manner::Silent);
    folder.write("stranger.pem", &stranger);
    let run = verify(&["--ca", "stranger.pem"]);
    assert_eq!(run.exit, 5, "{run}");
    assert!(run.stderr.contains("--ca FILE"), "{run}");
    folder.write("nothing.pem", "no certificate\n");
    assert_eq!(verify(&["--ca", "nothing.pem"]).exit, 3);
    assert_eq!(verify(&["--ca", "absent.pem"]).exit, 2);
}

#[test]
fn a_server_that_does_not_serve_is_unreachable_within_limits() {
    let folder = Folder::new();
    write_ledger(&folder);
    let root = folder.path("");
    for manner in [
        Manner::Silent,
        Manner::Endless,
        Manner::Circle,
        Manner::Broken,
        Manner::Talkative,
    ] {
        let server = Server::plain(&root, manner.clone());
        for verb in ["verify", "audit"] {
            let run = folder.detente(&["ledger", verb, &server.url(), "--timeout", "1"]);
            assert_eq!(run.exit, 5, "{manner:?}: {run}");
        }
    }
    let gone = Server::plain(&root, Manner::Honest).url();
    assert_eq!(folder.detente(&["ledger", "verify", &gone]).exit, 5);
}

#[test]
fn a_redirection_is_followed_but_never_from_tls_to_the_open() {
    let folder = Folder::new();
    write_ledger(&folder);
    let root = folder.path("");
    let honest = Server::plain(&root, Manner::Honest);
    let target = honest.url().trim_end_matches("/log").to_owned();
    let moved = Server::plain(&root, Manner::Elsewhere(target.clone()));
    let run = folder.detente(&["ledger", "verify", &moved.url(), "--policy", "policy"]);
    assert_eq!(run.exit, 0, "{run}");

    let (moved, authority) = Server::secure(&root, Manner::Elsewhere(target));
    folder.write("ca.pem", &authority);
    let run = folder.detente(&["ledger", "verify", &moved.url(), "--ca", "ca.pem"]);
    assert_eq!(run.exit, 5, "{run}");
}
