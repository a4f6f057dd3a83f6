//! Developer commands: `cargo xtask <command>`.
//!
//! What a developer or CI runs lives here rather than in shell scripts, so that it has types, tests and one place to look.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer command speaks to its terminal"
)]

mod bench;
mod console;
mod fuzz;
mod peers;
mod steps;
mod test;
mod tidy;
mod verifier;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask <command>

Commands:
  test          install what the tests need, then check and test everything
  ci            the same, as .ci/run calls it
  tidy          check the rules of docs/STYLE.md that a program can check
  console       check and test the console alone, with the command built last
  peers         install the independent programs that the tests compare with
  bench NAME    measure a room beside its peers (deconfliction, monitoring, ledger, node, objects, start)
  fuzz [TARGET…] [--seconds N | --brief]  run the parsers of foreign bytes under libFuzzer
  generate      write the generated reference pages again
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let root = root();
    let outcome = match command.as_str() {
        "test" | "ci" => test::run(&root),
        "tidy" => tidy::run(&root),
        "console" => console::run(&root),
        "peers" => peers::install(&root),
        "bench" => bench::run(&root, &rest),
        "fuzz" => fuzz::run(&root, &rest),
        "generate" => steps::generate(&root),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {command}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's folder: two above this crate's manifest.
fn root() -> PathBuf {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    manifest
        .ancestors()
        .nth(2)
        .map_or_else(|| manifest.clone(), PathBuf::from)
}
