//! The small map in a corner that shows where the large one lies, and what lies outside it.

use std::fmt::Write as _;

use super::basemap::Basemap;
use super::clip::{Pixel, Rect};
use super::label::{Board, Label};
use super::scene::Scene;
use super::view::View;
use super::{ground, layer};

/// The size of the inset, in pixels.
const WIDTH: f64 = 268.0;
const HEIGHT: f64 = 206.0;
/// How far it stays from the frame of the map, in pixels.
const MARGIN: f64 = 8.0;

/// Returns the corner where the inset covers least of what is drawn.
pub(super) fn place(view: &View, scene: &Scene) -> Rect {
    let frame = view.frame;
    let corner = |left: f64, top: f64| Rect {
        left,
        top,
        right: left + WIDTH,
        bottom: top + HEIGHT,
    };
    let right = frame.right - WIDTH - MARGIN;
    // The scale bar has the lower left corner and north the upper right.
    let corners = [
        corner(right, frame.bottom - HEIGHT - MARGIN),
        corner(frame.left + MARGIN, frame.top + MARGIN),
        corner(right, frame.top + MARGIN + 70.0),
    ];
    let drawn: Vec<Pixel> = scene.places().map(|place| view.pixel(place)).collect();
    let covered = |corner: &Rect| drawn.iter().filter(|&&pixel| corner.holds(pixel)).count();
    corners.into_iter().min_by_key(covered).unwrap_or(frame)
}

/// Draws everything small, the large map as a frame, and names what lies outside it.
pub(super) fn draw(view: &View, scene: &Scene, basemap: Option<&Basemap>, place: Rect) -> String {
    let overview = View::of(&scene.places().collect::<Vec<_>>(), place);
    let Rect {
        left,
        top,
        right,
        bottom,
    } = place;
    let (width, height) = (right - left, bottom - top);
    let mut svg = format!(
        r##"<clipPath id="inset"><rect x="{left}" y="{top}" width="{width}" height="{height}"/></clipPath><g clip-path="url(#inset)" class="inset">"##
    );
    if let Some(basemap) = basemap {
        svg.push_str(&ground::draw(&overview, basemap));
    }
    let corners = [
        [view.frame.left, view.frame.top],
        [view.frame.right, view.frame.bottom],
    ];
    let [from, to] = corners.map(|corner| overview.pixel(view.place(corner)));
    let _ = write!(
        svg,
        r##"<rect x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}" fill="#ffffff" fill-opacity="0.35" stroke="#111" stroke-width="1.4"/>"##,
        from[0].min(to[0]),
        from[1].min(to[1]),
        (to[0] - from[0]).abs(),
        (to[1] - from[1]).abs()
    );
    let mut board = Board::new(place, Vec::new());
    let outside: Vec<_> = scene
        .operations
        .iter()
        .filter_map(|operation| {
            let at = operation
                .patches
                .iter()
                .find_map(|patch| layer::anchor(&overview, patch))?;
            let hidden = !view.frame.holds(view.pixel(overview.place(at)));
            hidden.then_some((at, operation))
        })
        .collect();
    for (at, operation) in outside.iter().rev() {
        board.reserve(*at, 6.0);
        let _ = write!(
            svg,
            r#"<g transform="translate({:.1} {:.1}) scale(0.72) translate({:.1} {:.1})">{}</g>"#,
            at[0],
            at[1],
            -at[0],
            -at[1],
            layer::verdict_sign(*at, operation.verdict)
        );
    }
    for (at, operation) in &outside {
        svg.push_str(&board.place(&Label {
            anchor: *at,
            words: operation.name.clone(),
            class: "map-label",
            size_px: 10.0,
            color: operation.verdict.color(),
            over: false,
        }));
    }
    let _ = write!(
        svg,
        r##"</g><rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="#3a444c" stroke-width="1.4"/>"##
    );
    svg
}
