//! Compiles the ledger's checks for the console's proof room: `detente-verifier`, as WebAssembly.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Leaves it out when it is `off`, as where the target is not installed.
const SWITCH: &str = "DETENTE_VERIFIER";
const TARGET: &str = "wasm32-unknown-unknown";
/// The profile of the workspace that it is built with.
const PROFILE: &str = "verifier";
/// What it is made of, seen from the server's crate.
const SOURCES: [&str; 6] = [
    "../verifier/src",
    "../verifier/Cargo.toml",
    "../ledger/src",
    "../ledger/Cargo.toml",
    "../../Cargo.toml",
    "../../Cargo.lock",
];
/// Variables that belong to the person or the machine and not to the outer build: where packages come from, and the
/// tokens of the outer build's job server, so that both together run as many compilers as one.
const KEPT: [&str; 7] = [
    "CARGO_HOME",
    "CARGO_HTTP_",
    "CARGO_NET_",
    "CARGO_REGISTRIES_",
    "CARGO_REGISTRY_",
    "CARGO_SOURCE_",
    "CARGO_MAKEFLAGS",
];
/// Variables beside cargo's own that would change what the inner compiler does.
const DROPPED: [&str; 5] = [
    "RUSTFLAGS",
    "RUSTDOCFLAGS",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_LINKER",
];

/// Builds the module and returns its file, or says in words why there is none.
pub(crate) fn build(out: &Path) -> Result<PathBuf, String> {
    println!("cargo:rerun-if-env-changed={SWITCH}");
    if std::env::var(SWITCH).is_ok_and(|switch| switch == "off") {
        return Err(format!("{SWITCH} is off"));
    }
    let variable = |name: &str| std::env::var(name).map_err(|error| format!("{name}: {error}"));
    let manifest = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    for source in SOURCES {
        println!("cargo:rerun-if-changed={}", manifest.join(source).display());
    }
    let (cargo, rustc) = (variable("CARGO")?, variable("RUSTC")?);
    let libraries = libraries(&rustc)?;
    if !libraries.join(TARGET).join("lib").is_dir() {
        return Err(format!(
            "{TARGET} is not installed. To get it: `rustup target add {TARGET}`, and build again"
        ));
    }
    let target = out.join("verifier");
    let root = manifest.join("../..");
    let mut command = Command::new(cargo);
    for (name, _) in std::env::vars_os().filter(|(name, _)| leaks(name)) {
        command.env_remove(name);
    }
    let done = command
        // Empty where a person's own settings have flags for every target: what is shipped depends on the sources alone,
        // and names no folder of the machine it was built on.
        .env("CARGO_ENCODED_RUSTFLAGS", flags(&root))
        .env("RUSTC", &rustc)
        .args(["rustc", "--locked", "--quiet", "--lib"])
        .args(["--crate-type", "cdylib"])
        .args(["--target", TARGET, "--profile", PROFILE])
        .arg("--manifest-path")
        .arg(manifest.join("../verifier/Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .current_dir(&root)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cargo cannot be started ({error})"))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        let first = said.lines().find(|line| line.starts_with("error"));
        let first = first.or_else(|| said.lines().next());
        return Err(first.unwrap_or("cargo did not say why").to_owned());
    }
    let built = target.join(TARGET).join(PROFILE);
    Ok(built.join("detente_verifier.wasm"))
}

/// Where the compiler keeps the standard library of each target; installing one is noticed by the list beside them.
fn libraries(rustc: &str) -> Result<PathBuf, String> {
    let said = Command::new(rustc)
        .args(["--print", "sysroot"])
        .output()
        .map_err(|error| format!("{rustc} cannot be started ({error})"))?;
    let sysroot = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    let libraries = Path::new(&sysroot).join("lib/rustlib");
    let list = libraries.join("components");
    if list.is_file() {
        println!("cargo:rerun-if-changed={}", list.display());
    }
    Ok(libraries)
}

fn leaks(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let is_cargos = name.trim_start_matches('_').starts_with("CARGO");
    DROPPED.contains(&name.as_ref()) || is_cargos && !KEPT.iter().any(|kept| name.starts_with(kept))
}

/// Replaces the folders of packages and of the workspace in the places that messages name.
fn flags(root: &Path) -> OsString {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let root = root.canonicalize().ok();
    let mut flags = OsString::new();
    for (folder, name) in [(home, "cargo"), (root, "detente")] {
        let Some(folder) = folder else { continue };
        if !flags.is_empty() {
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(folder);
        flags.push("=");
        flags.push(name);
    }
    flags
}
