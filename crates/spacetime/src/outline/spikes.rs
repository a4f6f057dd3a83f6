//! Rings rid of spikes: places where an overlay of shapes with common edges goes out and back along one line.

/// How far the way back may lie from the way out, metres: well above rounding, well below what is drawn.
const SPIKE_WIDTH_MAX_M: f64 = 1e-6;

/// Returns the ring, in metres, without the points where it turns back on itself; its area is unchanged.
pub(super) fn removed(ring: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    let mut kept: Vec<[f64; 2]> = Vec::with_capacity(ring.len());
    for point in ring {
        kept.push(point);
        while let [.., before, tip, after] = kept.as_slice() {
            if !is_spike(*before, *tip, *after) {
                break;
            }
            let tip = kept.len() - 2;
            kept.remove(tip);
        }
    }
    // The ring may begin on a spike.
    while let ([first, second, ..], [.., before, last]) = (kept.as_slice(), kept.as_slice()) {
        if kept.len() < 4 {
            break;
        } else if is_spike(*before, *last, *first) {
            kept.pop();
        } else if is_spike(*last, *first, *second) {
            kept.remove(0);
        } else {
            break;
        }
    }
    kept
}

/// Whether the way from `tip` leads back along the way to it, or nowhere.
fn is_spike(before: [f64; 2], tip: [f64; 2], after: [f64; 2]) -> bool {
    let (out, back) = (
        [tip[0] - before[0], tip[1] - before[1]],
        [after[0] - tip[0], after[1] - tip[1]],
    );
    let longer = out[0].hypot(out[1]).max(back[0].hypot(back[1]));
    let shorter = out[0].hypot(out[1]).min(back[0].hypot(back[1]));
    let dot = out[0] * back[0] + out[1] * back[1];
    let cross = out[0] * back[1] - out[1] * back[0];
    shorter <= SPIKE_WIDTH_MAX_M || (dot < 0.0 && cross.abs() <= SPIKE_WIDTH_MAX_M * longer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [[f64; 2]; 4] = [[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 9.0]];

    #[test]
    fn a_ring_without_spikes_stays_as_it_is() {
        let with_collinear = vec![[0.0, 0.0], [4.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 9.0]];
        assert_eq!(removed(with_collinear.clone()), with_collinear);
    }

    #[test]
    fn spikes_go_wherever_the_ring_begins() {
        let spiked = [
            [0.0, 0.0],
            [9.0, 0.0],
            [9.0, 4.0],
            [3.0, 4.0],
            [9.0, 4.0],
            [9.0, 9.0],
            [0.0, 9.0],
        ];
        for start in 0..spiked.len() {
            let mut ring = spiked.to_vec();
            ring.rotate_left(start);
            let mut found = removed(ring);
            found.retain(|point| *point != [9.0, 4.0]);
            found.sort_by(|a, b| a.partial_cmp(b).unwrap());
            let mut square = SQUARE;
            square.sort_by(|a, b| a.partial_cmp(b).unwrap());
            assert_eq!(found, square, "from {start}");
        }
    }

    #[test]
    fn a_spike_of_several_points_goes_whole() {
        let mut ring = SQUARE.to_vec();
        ring.splice(
            2..2,
            [[9.0, 4.0], [6.0, 4.0], [3.0, 4.0], [6.0, 4.0], [9.0, 4.0]],
        );
        let found = removed(ring);
        assert!(!found.contains(&[3.0, 4.0]) && !found.contains(&[6.0, 4.0]));
    }
}
