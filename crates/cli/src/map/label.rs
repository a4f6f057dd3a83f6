//! Names beside their shapes, without covering one another.

use std::fmt::Write as _;

use super::clip::{Pixel, Rect};
use super::text::{escaped, shortened, width_px};

/// Names longer than this are cut.
const CHARACTERS_MAX: usize = 36;
/// How far out a name may stand from its shape before it is left out, in pixels.
const DISTANCES_PX: [f64; 4] = [10.0, 24.0, 44.0, 70.0];

/// A name that wants a place.
#[derive(Debug)]
pub(super) struct Label {
    pub(super) anchor: Pixel,
    pub(super) words: String,
    /// The CSS class of the text.
    pub(super) class: &'static str,
    pub(super) size_px: f64,
    pub(super) color: &'static str,
    /// Whether the name may lie over the anchor: true where no sign stands there.
    pub(super) over: bool,
}

/// The sheet as far as it is taken.
#[derive(Debug)]
pub(super) struct Board {
    frame: Rect,
    taken: Vec<Rect>,
}

impl Board {
    /// An empty sheet with some places reserved.
    pub(super) fn new(frame: Rect, reserved: Vec<Rect>) -> Self {
        Self {
            frame,
            taken: reserved,
        }
    }

    /// Keeps names away from a sign of this radius.
    pub(super) fn reserve(&mut self, [x, y]: Pixel, radius_px: f64) {
        self.taken.push(Rect {
            left: x - radius_px,
            top: y - radius_px,
            right: x + radius_px,
            bottom: y + radius_px,
        });
    }

    /// Returns the label as SVG at the first free place around its anchor; empty when there is none.
    ///
    /// Ask for the most important label first.
    pub(super) fn place(&mut self, label: &Label) -> String {
        let words = shortened(&label.words, CHARACTERS_MAX);
        if words.is_empty() || !self.frame.holds(label.anchor) {
            return String::new();
        }
        let (width, height) = (width_px(&words, label.size_px) + 4.0, label.size_px + 4.0);
        let [x, y] = label.anchor;
        let middle = Rect {
            left: x - width / 2.0,
            top: y - height / 2.0,
            right: x + width / 2.0,
            bottom: y + height / 2.0,
        };
        if label.over && self.is_free(&middle) {
            self.taken.push(middle);
            return drawn(label, &words, &middle, false);
        }
        for distance in DISTANCES_PX {
            let diagonal = distance * 0.8;
            let corners = [
                [x + distance, y - height / 2.0],
                [x - distance - width, y - height / 2.0],
                [x - width / 2.0, y - distance - height],
                [x - width / 2.0, y + distance],
                [x + diagonal, y - diagonal - height],
                [x + diagonal, y + diagonal],
                [x - diagonal - width, y - diagonal - height],
                [x - diagonal - width, y + diagonal],
            ];
            for [left, top] in corners {
                let place = Rect {
                    left,
                    top,
                    right: left + width,
                    bottom: top + height,
                };
                if self.is_free(&place) {
                    self.taken.push(place);
                    return drawn(label, &words, &place, distance > 20.0);
                }
            }
        }
        String::new()
    }

    fn is_free(&self, place: &Rect) -> bool {
        self.frame.encloses(place) && !self.taken.iter().any(|taken| taken.meets(place))
    }
}

/// The text, with a line back to its anchor when it stands apart.
fn drawn(label: &Label, words: &str, place: &Rect, led: bool) -> String {
    let mut svg = String::new();
    let [x, y] = label.anchor;
    if led {
        let to_x = x.clamp(place.left, place.right);
        let to_y = y.clamp(place.top, place.bottom);
        let _ = write!(
            svg,
            r#"<path d="M{x:.1} {y:.1}L{to_x:.1} {to_y:.1}" stroke="{}" stroke-width="0.7" stroke-opacity="0.8"/>"#,
            label.color
        );
    }
    let _ = write!(
        svg,
        r#"<text x="{:.1}" y="{:.1}" class="{}" font-size="{}" fill="{}">{}</text>"#,
        place.left + 2.0,
        place.bottom - 4.5,
        label.class,
        label.size_px,
        label.color,
        escaped(words)
    );
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_cover_one_another_and_stay_on_the_sheet() {
        let frame = Rect {
            left: 0.0,
            top: 0.0,
            right: 300.0,
            bottom: 200.0,
        };
        let mut board = Board::new(frame, Vec::new());
        for index in 0..40 {
            let _ = board.place(&Label {
                anchor: [150.0 + f64::from(index % 5), 100.0],
                words: format!("operation {index}"),
                class: "operation",
                size_px: 12.0,
                color: "#000",
                over: false,
            });
        }
        assert!(board.taken.len() > 8, "several fit");
        for (index, place) in board.taken.iter().enumerate() {
            assert!(frame.encloses(place));
            assert!(
                board
                    .taken
                    .iter()
                    .skip(index + 1)
                    .all(|other| !other.meets(place))
            );
        }
    }
}
