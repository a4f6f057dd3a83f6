//! Lines and rings cut to a rectangle, and written as SVG path data.

use std::fmt::Write as _;

/// A point of the sheet, in pixels, down the page.
pub(super) type Pixel = [f64; 2];

/// A rectangle of the sheet, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Rect {
    /// Whether the point lies inside or on the edge.
    pub(super) fn holds(&self, [x, y]: Pixel) -> bool {
        x >= self.left && x <= self.right && y >= self.top && y <= self.bottom
    }

    /// Whether the two share more than an edge.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    /// Whether `other` lies inside.
    pub(super) fn encloses(&self, other: &Self) -> bool {
        self.left <= other.left
            && other.right <= self.right
            && self.top <= other.top
            && other.bottom <= self.bottom
    }

    /// The rectangle with every side moved out by `by` pixels.
    pub(super) fn grown(&self, by: f64) -> Self {
        Self {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    /// The middle.
    pub(super) fn middle(&self) -> Pixel {
        [
            f64::midpoint(self.left, self.right),
            f64::midpoint(self.top, self.bottom),
        ]
    }
}

/// Returns the part of a ring inside the rectangle (Sutherland and Hodgman 1974).
pub(super) fn ring_inside(ring: &[Pixel], rect: &Rect) -> Vec<Pixel> {
    // One half-plane a side: which coordinate, its bound, and which way is inside.
    let sides = [
        (0, rect.left, 1.0),
        (0, rect.right, -1.0),
        (1, rect.top, 1.0),
        (1, rect.bottom, -1.0),
    ];
    let mut kept = ring.to_vec();
    for (axis, bound, sign) in sides {
        let depth = |point: Pixel| (if axis == 0 { point[0] } else { point[1] } - bound) * sign;
        let mut cut = Vec::with_capacity(kept.len() + 4);
        let mut previous = kept.last().copied();
        for &point in &kept {
            if let Some(before) = previous {
                let (from, to) = (depth(before), depth(point));
                if (from < 0.0) != (to < 0.0) {
                    cut.push(mixed(before, point, from / (from - to)));
                }
                if to >= 0.0 {
                    cut.push(point);
                }
            }
            previous = Some(point);
        }
        kept = cut;
    }
    kept
}

/// Returns the pieces of a line that come near the rectangle, each whole up to its first point outside.
pub(super) fn pieces_near(line: &[Pixel], rect: &Rect) -> Vec<Vec<Pixel>> {
    let mut pieces: Vec<Vec<Pixel>> = Vec::new();
    let mut open = false;
    for pair in line.windows(2) {
        let &[from, to] = pair else { continue };
        let extent = Rect {
            left: from[0].min(to[0]),
            right: from[0].max(to[0]) + f64::MIN_POSITIVE,
            top: from[1].min(to[1]),
            bottom: from[1].max(to[1]) + f64::MIN_POSITIVE,
        };
        if !(rect.meets(&extent) || rect.holds(from) || rect.holds(to)) {
            open = false;
            continue;
        }
        match pieces.last_mut() {
            Some(piece) if open => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
        open = true;
    }
    pieces
}

/// Appends the points to SVG path data, leaving out what no pixel could show.
pub(super) fn append_path(data: &mut String, points: &[Pixel], closed: bool) {
    let mut last: Option<Pixel> = None;
    for (index, &[x, y]) in points.iter().enumerate() {
        let is_end = index + 1 == points.len();
        if let Some([before_x, before_y]) = last {
            if !is_end && (x - before_x).abs() + (y - before_y).abs() < STEP_MIN_PX {
                continue;
            }
            let _ = write!(data, "L{x:.1} {y:.1}");
        } else {
            let _ = write!(data, "M{x:.1} {y:.1}");
        }
        last = Some([x, y]);
    }
    if closed && last.is_some() {
        data.push('Z');
    }
}

/// Steps shorter than this are not drawn: half of what the eye resolves on a screen.
const STEP_MIN_PX: f64 = 0.5;

fn mixed([ax, ay]: Pixel, [bx, by]: Pixel, fraction: f64) -> Pixel {
    [ax + (bx - ax) * fraction, ay + (by - ay) * fraction]
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Rect = Rect {
        left: 0.0,
        top: 0.0,
        right: 10.0,
        bottom: 10.0,
    };

    #[test]
    fn a_ring_around_the_frame_becomes_the_frame() {
        let ring = [[-50.0, -50.0], [50.0, -50.0], [50.0, 50.0], [-50.0, 50.0]];
        let mut cut = ring_inside(&ring, &FRAME);
        cut.sort_by(|a, b| a.partial_cmp(b).unwrap());
        assert_eq!(cut, [[0.0, 0.0], [0.0, 10.0], [10.0, 0.0], [10.0, 10.0]]);
    }

    #[test]
    fn a_ring_elsewhere_becomes_nothing() {
        assert!(ring_inside(&[[20.0, 0.0], [30.0, 0.0], [30.0, 5.0]], &FRAME).is_empty());
    }

    #[test]
    fn a_line_is_cut_where_it_leaves() {
        let line = [
            [-30.0, 5.0],
            [-20.0, 5.0],
            [5.0, 5.0],
            [20.0, 5.0],
            [30.0, 5.0],
            [40.0, 50.0],
        ];
        assert_eq!(
            pieces_near(&line, &FRAME),
            [vec![[-20.0, 5.0], [5.0, 5.0], [20.0, 5.0]]]
        );
    }

    #[test]
    fn path_data_drops_what_no_pixel_shows() {
        let mut data = String::new();
        append_path(
            &mut data,
            &[[0.0, 0.0], [0.1, 0.1], [5.0, 5.0], [5.1, 5.0]],
            true,
        );
        assert_eq!(data, "M0.0 0.0L5.0 5.0L5.1 5.0Z");
    }
}
