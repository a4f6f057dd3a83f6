//! The compiler's standard library for the console's proof room, which checks with the ledger crate as WebAssembly.

use crate::steps;
use anyhow::Result;
use std::path::Path;
use std::process::{Command, Stdio};

const TARGET: &str = "wasm32-unknown-unknown";
/// Where nothing answers, rustup would try three times and wait for minutes; it is tried once.
const PATIENCE: [(&str, &str); 2] = [
    ("RUSTUP_MAX_RETRIES", "1"),
    ("RUSTUP_DOWNLOAD_TIMEOUT", "60"),
];

/// Sees to it that the target is there before the server is built, or says plainly that it is not.
///
/// Without it the build goes on, the console checks with its own script, and the tests expect it to say so: neither a
/// machine that reaches nothing nor one without rustup fails for it.
pub(crate) fn install(root: &Path) -> Result<()> {
    if is_installed(root)? {
        return Ok(());
    }
    println!("\n=== rustup target add {TARGET}");
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .envs(PATIENCE)
        .current_dir(root)
        .stdin(Stdio::null())
        .status();
    let why = match added {
        Ok(status) if status.success() && is_installed(root)? => return Ok(()),
        Ok(status) => format!("rustup ended with {status}"),
        Err(error) => format!("rustup cannot be started ({error})"),
    };
    println!(
        "{TARGET} is not installed and cannot be: {why}. The console is built with its own script for checking records, \
         not with the ledger crate, and its tests expect that"
    );
    Ok(())
}

/// Whether the compiler in use has the target's standard library: where the build of the server looks, too.
fn is_installed(root: &Path) -> Result<bool> {
    let folder = ["--print", "target-libdir", "--target", TARGET];
    Ok(Path::new(steps::output(root, "rustc", &folder)?.trim()).is_dir())
}
