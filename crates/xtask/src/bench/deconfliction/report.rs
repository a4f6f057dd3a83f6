//! The figures as a table and as JSON.

use super::Figures;
use serde_json::{Value, json};
use std::fmt::Write;

/// A table for people.
pub(super) fn table(all: &[Figures]) -> String {
    let mut text =
        String::from("One operation against many (questions a processor-second; microseconds)\n");
    let _ = writeln!(
        text,
        "{:>9}  {:<14}{:>12}{:>10}{:>10}{:>10}{:>10}{:>11}",
        "volumes", "", "per second", "p50", "p99", "build s", "index MB", "conflicts"
    );
    for one in all {
        rows(&mut text, one);
    }
    if let Some(peer) = all.iter().find_map(|one| one.peer.as_ref()) {
        let _ = writeln!(
            text,
            "Peer: {}, GiST over geometry, time range and height range; asked by a client with a prepared \
             statement, and in a loop inside the server.",
            peer.version
        );
    }
    text
}

/// The rows of one size.
fn rows(text: &mut String, one: &Figures) {
    let ours = &one.ours;
    let mut row = |name: &str, rest: String| {
        let size = if name == "detente" {
            one.size.to_string()
        } else {
            String::new()
        };
        let _ = writeln!(text, "{size:>9}  {name:<14}{rest}");
    };
    row(
        "detente",
        format!(
            "{:>12.0}{:>10.2}{:>10.2}{:>10.2}{:>10.0}{:>11}",
            ours.per_cpu_second,
            ours.p50_us,
            ours.p99_us,
            ours.build_cpu_s,
            ours.index_bytes / 1e6,
            ours.conflicts
        ),
    );
    row(
        "  side by side",
        format!("{:>12.0}", ours.together_per_cpu_second),
    );
    if let Some(peer) = &one.peer {
        row(
            "PostGIS",
            format!(
                "{:>12.0}{:>10.2}{:>10.2}{:>10.2}{:>10.0}{:>11}",
                peer.per_cpu_second,
                peer.p50_us,
                peer.p99_us,
                peer.build_s,
                peer.index_bytes / 1e6,
                peer.conflicts.len()
            ),
        );
        row("  inside", format!("{:>12.0}", peer.inside_per_cpu_second));
        row(
            "ratio",
            format!(
                "{:>11.0}×{:>9.0}×{:>9.0}×",
                ours.per_cpu_second / peer.per_cpu_second,
                peer.p50_us / ours.p50_us,
                peer.p99_us / ours.p99_us
            ),
        );
        row(
            "  to inside",
            format!(
                "{:>11.0}×",
                ours.per_cpu_second / peer.inside_per_cpu_second
            ),
        );
    }
    row("", difference_line(one));
    row(
        "",
        format!(
            "all pairs: {} in {:.2} processor-seconds; process {:.0} MB",
            one.pairs.pairs,
            one.pairs.cpu_s,
            ours.process_bytes / 1e6
        ),
    );
}

fn difference_line(one: &Figures) -> String {
    match &one.differences {
        None => "not compared".into(),
        Some(none) if none.count() == 0 => "the same conflicts, pair by pair".into(),
        Some(some) => format!(
            "{} pairs differ (only detente: {:?}, only PostGIS: {:?}); on geodesic edges PostGIS agrees with detente on {}",
            some.count(),
            some.only_ours,
            some.only_peer,
            some.settled
        ),
    }
}

/// The same for programs.
pub(super) fn json(all: &[Figures]) -> Value {
    let sizes: Vec<Value> = all
        .iter()
        .map(|one| {
            json!({
                "volumes": one.size,
                "detente": {
                    "per_cpu_second": one.ours.per_cpu_second,
                    "together_per_cpu_second": one.ours.together_per_cpu_second, "p50_us": one.ours.p50_us, "p99_us": one.ours.p99_us,
                    "build_s": one.ours.build_cpu_s, "index_bytes": one.ours.index_bytes, "process_bytes": one.ours.process_bytes,
                    "conflicts": one.ours.conflicts,
                },
                "postgis": one.peer.as_ref().map(|peer| json!({
                    "version": peer.version, "per_cpu_second": peer.per_cpu_second, "inside_per_cpu_second": peer.inside_per_cpu_second, "p50_us": peer.p50_us, "p99_us": peer.p99_us,
                    "build_s": peer.build_s, "index_bytes": peer.index_bytes, "conflicts": peer.conflicts.len(),
                })),
                "ratio": one.peer.as_ref().map(|peer| one.ours.per_cpu_second / peer.per_cpu_second),
                "ratio_inside": one.peer.as_ref().map(|peer| one.ours.per_cpu_second / peer.inside_per_cpu_second),
                "differences": one.differences.as_ref().map(|some| json!({
                    "only_detente": some.only_ours, "only_postgis": some.only_peer, "settled_by_densifying": some.settled,
                })),
                "all_pairs": { "pairs": one.pairs.pairs, "cpu_s": one.pairs.cpu_s },
            })
        })
        .collect();
    json!({ "benchmark": "deconfliction", "sizes": sizes })
}
