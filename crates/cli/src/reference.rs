//! The pages of `docs/reference` that are generated from code, and their freshness.

use std::path::Path;

/// Asserts that `docs/reference/<name>` is what the code says.
///
/// With `UPDATE_REFERENCE=1` in the environment the page is written instead.
pub(crate) fn assert_fresh(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/reference")
        .join(name);
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/reference/{name} is stale; run `UPDATE_REFERENCE=1 cargo test --release -p detente-cli` and commit it"
    );
}

/// Asserts that `docs/reference/<name>` is the JSON Schema of `T`, as [`assert_fresh`] does.
pub(crate) fn assert_schema_fresh<T: schemars::JsonSchema>(name: &str) {
    let schema = schemars::schema_for!(T);
    let mut text = serde_json::to_string_pretty(&schema).unwrap();
    text.push('\n');
    assert_fresh(name, &text);
}
