//! Log lines on the standard error: what the node does, never what a record says.

use tracing::level_filters::LevelFilter;

/// Starts to write log lines of at least this level; a second call changes nothing.
pub fn start(level: &str) {
    let level = match level {
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "debug" => LevelFilter::DEBUG,
        _ => LevelFilter::INFO,
    };
    let lines = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .json();
    // Whoever set one up before keeps it.
    let _ = lines.try_init();
}
