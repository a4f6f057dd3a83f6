//! `detente completions`.

use crate::harness::Folder;

#[test]
fn every_shell_gets_a_script_that_knows_the_verbs() {
    let folder = Folder::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = folder.detente(&["completions", shell]);
        assert_eq!(run.exit, 0, "{run}");
        assert!(run.stdout.contains("completions"), "{shell}");
        assert_eq!(run.stderr, "");
    }
}
