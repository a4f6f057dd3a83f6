//! Builds the console with npm and lists its files for `src/console.rs`, which embeds them.
//!
//! Without npm, or when it fails, the node is built all the same and says how to get the console. `DETENTE_CONSOLE=off`
//! leaves it out on purpose. The console's proof room checks with the ledger's own functions where they can be compiled
//! for it (`build/verifier.rs`), and with its own script where they cannot.
#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads its environment"
)]

#[path = "build/verifier.rs"]
mod verifier;

use std::collections::hash_map::DefaultHasher;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::hash::Hasher as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the console is made of, below `web/`; nothing else there asks for a new build.
const SOURCES: [&str; 9] = [
    "src",
    "public/favicon.svg",
    "scripts",
    "data",
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
];
/// Leaves the console out when it is `off`.
const SWITCH: &str = "DETENTE_CONSOLE";
/// Where the packages' lock is remembered, so that they are installed once and not before every build.
const INSTALLED: &str = "node_modules/.detente-lock";

fn main() -> Result<(), Box<dyn Error>> {
    let web = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../../web");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    println!("cargo:rerun-if-env-changed={SWITCH}");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    for source in SOURCES {
        println!("cargo:rerun-if-changed={}", web.join(source).display());
    }
    let built = out.join("console");
    let files = match build(&web, &out, &built) {
        Ok(()) => list(&built)?,
        Err(why) => {
            println!(
                "cargo:warning=the console is not built: {why}. The node runs without it; to get it, install Node.js 20.19 or later with npm, \
                 then `touch web/package.json` and build again"
            );
            Vec::new()
        }
    };
    fs::write(out.join("console.rs"), table(&built, &files)?)?;
    Ok(())
}

fn build(web: &Path, out: &Path, built: &Path) -> Result<(), String> {
    if std::env::var(SWITCH).is_ok_and(|switch| switch == "off") {
        return Err(format!("{SWITCH} is off"));
    }
    let read = |name: &str| fs::read_to_string(web.join(name)).unwrap_or_default();
    let lock = read("package-lock.json");
    if lock.is_empty() || read(INSTALLED) != lock {
        npm(
            web,
            built,
            Path::new(""),
            &["ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        )?;
        fs::write(web.join(INSTALLED), &lock).map_err(|error| error.to_string())?;
    }
    let verifier = verifier::build(out).unwrap_or_else(|why| {
        println!("cargo:warning=the console checks records with its own script, not with the ledger's functions: {why}");
        PathBuf::new()
    });
    npm(web, built, &verifier, &["run", "--silent", "build"])
}

/// Runs npm; `verifier` is the WebAssembly that the console is built with, or empty.
fn npm(web: &Path, built: &Path, verifier: &Path, arguments: &[&str]) -> Result<(), String> {
    let done = Command::new("npm")
        .args(arguments)
        .current_dir(web)
        .env("DETENTE_CONSOLE_OUT", built)
        .env("DETENTE_VERIFIER_FILE", verifier)
        .env("NPM_CONFIG_UPDATE_NOTIFIER", "false")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("npm cannot be started ({error})"))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let last = said.lines().rfind(|line| !line.trim().is_empty());
    Err(format!(
        "`npm {}` failed: {}",
        arguments.join(" "),
        last.unwrap_or("it did not say why")
    ))
}

/// Every file below a folder, by its path in URLs; packed twins are found beside their originals.
fn list(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|ending| ending != "gz") {
                let inside = path.strip_prefix(folder)?;
                files.push(inside.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The table that `src/console.rs` includes.
fn table(folder: &Path, files: &[String]) -> Result<String, Box<dyn Error>> {
    let mut text = String::from("pub(super) static FILES: &[File] = &[\n");
    for file in files {
        let path = folder.join(file);
        let packed = PathBuf::from(format!("{}.gz", path.display()));
        let bytes = fs::read(&path)?;
        let mut hasher = DefaultHasher::new();
        hasher.write(&bytes);
        let tag = format!("\"{:016x}-{:x}\"", hasher.finish(), bytes.len());
        // What has a packed twin is embedded once: every browser unpacks.
        let (kept, is_packed) = match packed.is_file() {
            true => (packed, true),
            false => (path, false),
        };
        writeln!(
            text,
            "    File {{ path: {file:?}, tag: {tag:?}, is_packed: {is_packed}, bytes: include_bytes!({:?}) }},",
            kept.display().to_string()
        )?;
    }
    text.push_str("];\n");
    Ok(text)
}
