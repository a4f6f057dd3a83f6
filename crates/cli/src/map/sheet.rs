//! The sheet: 1280 by 800 pixels of SVG, complete in itself.

use std::fmt::Write as _;

use super::basemap::Basemap;
use super::clip::Rect;
use super::label::{Board, Label};
use super::layer;
use super::scene::{Patch, Scene};
use super::style::{MOVEMENT_COLOR, PROTECTED_COLOR, TRACK_COLOR, patterns};
use super::text::{escaped, shortened};
use super::view::View;
use super::{focus, graticule, ground, inset, panel};

/// The size of the sheet, in pixels: a laptop's screen.
const WIDTH: f64 = 1280.0;
const HEIGHT: f64 = 800.0;
/// Where the map is.
const MAP: Rect = Rect {
    left: 16.0,
    top: 62.0,
    right: 948.0,
    bottom: 784.0,
};
/// Where the panel is.
const PANEL: Rect = Rect {
    left: 964.0,
    top: 62.0,
    right: 1268.0,
    bottom: 784.0,
};

const CSS: &str = "text{font-family:'Noto Sans','Noto Sans Arabic','DejaVu Sans','Segoe UI',Arial,sans-serif;fill:#1d2328}\
.title{font-size:21px;font-weight:600}.subtitle{font-size:13px;fill:#4a545c}\
.country{font-size:13px;letter-spacing:2px;fill:#8b8578}.inset .country{font-size:9px;letter-spacing:1px}.graticule{font-size:10px;fill:#5b7180}\
.scale text,.north text{font-size:11px}.north text{font-weight:700}\
.map-label{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}\
.strong-label{font-weight:600}.panel text{font-size:12.5px}.panel .heading{font-size:14px;font-weight:600}\
.panel .strong{font-weight:600}.panel .small{font-size:11px;fill:#4a545c}.panel .source{font-size:9.5px;fill:#6a737b}";

/// Draws the scene.
pub(crate) fn svg(scene: &Scene) -> String {
    let crowd = match scene.focus.as_slice() {
        [] => focus::crowd(scene),
        places => Some(places.to_vec()),
    };
    let view = match &crowd {
        Some(places) => View::of(places, MAP),
        None => View::of(&scene.places().collect::<Vec<_>>(), MAP),
    };
    let corner = crowd.map(|_| inset::place(&view, scene));
    let basemap = Basemap::load();
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img"><title>{}</title><desc>{}</desc><defs><style>{CSS}</style>{}<clipPath id="frame"><rect x="{}" y="{}" width="{}" height="{}"/></clipPath></defs><rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/><text x="16" y="30" class="title">{}</text><text x="16" y="50" class="subtitle">{}</text>"##,
        escaped(&scene.title),
        escaped(&scene.subtitle),
        patterns(),
        MAP.left,
        MAP.top,
        MAP.right - MAP.left,
        MAP.bottom - MAP.top,
        escaped(&shortened(&scene.title, 90)),
        escaped(&shortened(&scene.subtitle, 150)),
    );
    svg.push_str(r#"<g clip-path="url(#frame)">"#);
    if let Some(basemap) = &basemap {
        svg.push_str(&ground::draw(&view, basemap));
    }
    svg.push_str(&graticule::draw(&view));
    svg.push_str(&layer::areas(&view, scene));
    svg.push_str(&layer::movements(&view, scene));
    svg.push_str(&layer::protected(&view, scene));
    svg.push_str(&layer::operations(&view, scene));
    svg.push_str(&layer::conflicts(&view, scene));
    svg.push_str(&layer::tracks(&view, scene));
    svg.push_str(&signs_and_names(&view, scene, corner));
    svg.push_str(&layer::marks(&view, scene));
    svg.push_str(&graticule::furniture(&view));
    svg.push_str("</g>");
    if let Some(corner) = corner {
        svg.push_str(&inset::draw(&view, scene, basemap.as_ref(), corner));
    }
    let _ = write!(
        svg,
        r##"<rect x="{}" y="{}" width="{}" height="{}" fill="none" stroke="#5b6770" stroke-width="1"/>"##,
        MAP.left,
        MAP.top,
        MAP.right - MAP.left,
        MAP.bottom - MAP.top
    );
    svg.push_str(&panel::draw(scene, &PANEL));
    svg.push_str("</svg>\n");
    svg
}

/// Draws the signs, then names in the order of what a reader must not miss.
fn signs_and_names(view: &View, scene: &Scene, corner: Option<Rect>) -> String {
    let scale_bar = Rect {
        left: MAP.left,
        top: MAP.bottom - 70.0,
        right: MAP.left + 290.0,
        bottom: MAP.bottom,
    };
    let north = Rect {
        left: MAP.right - 46.0,
        top: MAP.top,
        right: MAP.right,
        bottom: MAP.top + 70.0,
    };
    let reserved = [scale_bar, north].into_iter().chain(corner).collect();
    let mut board = Board::new(view.frame, reserved);
    let anchor = |patch: &Patch| layer::anchor(view, patch);
    let mut signs = String::new();
    let mut labels = Vec::new();
    let mut worst_last = Vec::new();
    for operation in &scene.operations {
        let Some(at) = operation.patches.iter().find_map(anchor) else {
            continue;
        };
        board.reserve(at, 8.0);
        worst_last.push(layer::verdict_sign(at, operation.verdict));
        labels.push(Label {
            anchor: at,
            words: operation.name.clone(),
            class: "map-label strong-label",
            size_px: 12.0,
            color: operation.verdict.color(),
            over: false,
        });
    }
    for object in &scene.protected {
        let Some(at) = anchor(&object.patch) else {
            continue;
        };
        board.reserve(at, 6.0);
        signs.push_str(&layer::protected_sign(at));
        labels.push(Label {
            anchor: at,
            words: object.name.clone(),
            class: "map-label",
            size_px: 11.0,
            color: PROTECTED_COLOR,
            over: false,
        });
    }
    for track in &scene.tracks {
        let Some(at) = view
            .line(&track.places)
            .into_iter()
            .rev()
            .find(|at| view.frame.holds(*at))
        else {
            continue;
        };
        labels.push(Label {
            anchor: at,
            words: track.name.clone(),
            class: "map-label",
            size_px: 11.0,
            color: TRACK_COLOR,
            over: false,
        });
    }
    let movements = scene
        .movements
        .iter()
        .map(|movement| (&movement.patch, &movement.name, MOVEMENT_COLOR));
    let areas = scene
        .areas
        .iter()
        .map(|area| (&area.patch, &area.name, area.style.color()));
    for (patch, name, color) in movements.chain(areas) {
        let Some(at) = anchor(patch) else { continue };
        labels.push(Label {
            anchor: at,
            words: name.clone(),
            class: "map-label",
            size_px: 11.0,
            color,
            over: true,
        });
    }
    signs.extend(worst_last.into_iter().rev());
    let names: String = labels.iter().map(|label| board.place(label)).collect();
    signs + &names
}
