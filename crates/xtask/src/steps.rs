//! Running the programs that a developer command is made of.

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs `program` in `root` with its output on the terminal; a non-zero exit is an error that names the command.
pub(crate) fn run(
    root: &Path,
    program: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Result<()> {
    let shown = format!("{program} {}", arguments.join(" "));
    println!("\n=== {shown}");
    let status = Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(root)
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Runs `program` in `root` and returns what it wrote to standard output.
pub(crate) fn output(root: &Path, program: &str, arguments: &[&str]) -> Result<String> {
    let shown = format!("{program} {}", arguments.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{shown}`"))?;
    if !output.status.success() {
        bail!("`{shown}` ended with {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` did not write UTF-8"))
}

/// Writes the generated reference pages again; the tests that compare them say when this is needed.
pub(crate) fn generate(root: &Path) -> Result<()> {
    run(
        root,
        "cargo",
        &["test", "--release", "--workspace", "--quiet", "generated"],
        &[("DETENTE_GENERATE", "1"), ("INSTA_UPDATE", "always")],
    )?;
    // The console's types follow the document that was just written.
    run(root, "bash", &["web/install.sh"], &[])?;
    run(&root.join("web"), "npm", &["run", "--silent", "api"], &[])
}
