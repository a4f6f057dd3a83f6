//! The figures as a table and as JSON.

use super::Size;
use serde_json::{Value, json};
use std::fmt::Write;

/// A table for people.
pub(super) fn table(all: &[Size]) -> String {
    let mut text = String::from("Segments against zones (segments a processor-second)\n");
    for one in all {
        let ours = &one.ours;
        let _ = writeln!(
            text,
            "{:>9} zones  detente {:>12.0}   {} segments: {} entered, {} left, {} flown through; {:.2} % asked about exactly; \
             index {:.0} MB built in {:.2} s, process {:.0} MB",
            one.zones,
            ours.per_cpu_second,
            ours.segments,
            ours.entered,
            ours.left,
            ours.through,
            ours.asked * 100.0,
            ours.index_bytes / 1e6,
            ours.build_cpu_s,
            ours.process_bytes / 1e6
        );
        if let Some(peer) = &one.shapely {
            let _ = writeln!(
                text,
                "{:>16} shapely {:>12.0}   {:.1}× slower; {}; tree built in {:.2} s",
                "",
                peer.per_cpu_second,
                ours.per_cpu_second / peer.per_cpu_second,
                peer.version,
                peer.build_cpu_s
            );
            let _ = writeln!(
                text,
                "{:>16} {} changes; only detente {}, only shapely {}; of {} disputed pairs shapely agrees on {} with geodesic edges",
                "", peer.changes, peer.only_detente, peer.only_shapely, peer.disputed, peer.settled
            );
        }
        if let Some(peer) = &one.postgis {
            let _ = writeln!(
                text,
                "{:>16} PostGIS {:>12.0}   {:.0}× slower, one segment after another; {:.0} and {:.0}× in one join; {}; {} pairs touch",
                "",
                peer.single_per_cpu_second,
                ours.per_cpu_second / peer.single_per_cpu_second,
                peer.join_per_cpu_second,
                ours.per_cpu_second / peer.join_per_cpu_second,
                peer.version,
                peer.touched
            );
        }
    }
    text
}

/// The same for programs.
pub(super) fn json(all: &[Size]) -> Value {
    let sizes: Vec<Value> = all
        .iter()
        .map(|one| {
            json!({
                "zones": one.zones,
                "detente": {
                    "per_cpu_second": one.ours.per_cpu_second, "segments": one.ours.segments, "entered": one.ours.entered,
                    "left": one.ours.left, "through": one.ours.through, "asked": one.ours.asked, "build_s": one.ours.build_cpu_s,
                    "index_bytes": one.ours.index_bytes, "process_bytes": one.ours.process_bytes,
                },
                "shapely": one.shapely.as_ref().map(|peer| json!({
                    "version": peer.version, "per_cpu_second": peer.per_cpu_second, "build_s": peer.build_cpu_s,
                    "changes": peer.changes, "only_detente": peer.only_detente, "only_shapely": peer.only_shapely,
                    "disputed": peer.disputed, "settled_by_densifying": peer.settled,
                    "ratio": one.ours.per_cpu_second / peer.per_cpu_second,
                })),
                "postgis": one.postgis.as_ref().map(|peer| json!({
                    "version": peer.version, "single_per_cpu_second": peer.single_per_cpu_second,
                    "join_per_cpu_second": peer.join_per_cpu_second, "touched": peer.touched,
                    "ratio_single": one.ours.per_cpu_second / peer.single_per_cpu_second,
                    "ratio_join": one.ours.per_cpu_second / peer.join_per_cpu_second,
                })),
            })
        })
        .collect();
    json!({ "benchmark": "monitoring", "sizes": sizes })
}
