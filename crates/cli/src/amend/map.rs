//! The map of an amendment: what is on the ground before and after, and the difference.

use std::path::Path;

use detente_agreement::amend::GroundChange;
use detente_formats::Dossier;
use detente_spacetime::Footprint;

use crate::check::area_style;
use crate::failure::Failure;
use crate::file;
use crate::map::{AreaShape, ConflictShape, Patch, ProtectedShape, Scene, page, svg};
use crate::shape::patch;

/// Draws the difference into `path`: SVG, or a page by its ending.
pub(super) fn draw(
    path: &Path,
    new: &Dossier,
    old: &Dossier,
    changes: &[GroundChange],
    effect: &str,
) -> Result<(), Failure> {
    let mut areas = Vec::new();
    for (version, dossier) in [("as it was", old), ("as amended", new)] {
        for area in &dossier.areas {
            let id = area.id.to_string();
            let changed = changes
                .iter()
                .any(|change| change.what == "area" && change.id == id);
            // What stays is drawn once.
            if changed || version == "as amended" {
                areas.push(AreaShape {
                    name: if version == "as amended" {
                        id.clone()
                    } else {
                        String::new()
                    },
                    style: area_style(area.kind, area.area_kind),
                    patch: patch(&area.volume.footprint.outline()),
                    note: format!("{id}\n{version}"),
                });
            }
        }
    }
    let mut protected = Vec::new();
    for object in &new.protected {
        let outline = patch(&object.volume.footprint.outline());
        protected.push(ProtectedShape {
            name: object.id.to_string(),
            patch: outline.clone(),
            keep_out: outline,
            note: format!("{} ({})", object.id, object.category),
        });
    }
    let conflicts = changes.iter().map(|change| ConflictShape {
        patch: difference(change.before.as_ref(), change.after.as_ref()),
        note: format!(
            "{} {}: {} ({})",
            change.what,
            change.id,
            change.changes.join(", "),
            change.effect.wire_name()
        ),
    });
    let scene = Scene {
        title: "What the amendment changes on the ground".to_owned(),
        subtitle: format!(
            "{} changed; in effect {effect}; the difference is drawn over the areas",
            changes.len()
        ),
        areas,
        protected,
        conflicts: conflicts.collect(),
        ..Scene::default()
    };
    let html = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("html"));
    let drawn = if html { page(&scene) } else { svg(&scene) };
    file::write(path, drawn.as_bytes())
}

/// The ground of one footprint and not of the other: both outlines under the even-odd rule.
fn difference(before: Option<&Footprint>, after: Option<&Footprint>) -> Patch {
    let mut rings = Vec::new();
    for footprint in [before, after].into_iter().flatten() {
        rings.extend(patch(&footprint.outline()).rings);
    }
    if let (Some(before), Some(after)) = (before, after) {
        let (one, other) = (patch(&before.outline()), patch(&after.outline()));
        if one.rings == other.rings {
            // Nothing moved: the thing itself is what changed.
            return one;
        }
    }
    Patch { rings }
}
