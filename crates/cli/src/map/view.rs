//! Which part of the world the sheet shows, and where on the sheet a place falls.

use super::clip::{Pixel, Rect};
use super::projection::{EARTH_RADIUS_KM, LonLat, Projection, along_great_circles, place, unit};
use super::scene::Patch;

/// The narrowest view: content smaller than this is shown with its surroundings.
const EXTENT_MIN_KM: f64 = 3.0;
/// The widest view: half of the way around the Earth.
const EXTENT_MAX_KM: f64 = std::f64::consts::PI * EARTH_RADIUS_KM;
/// How much is left free around the content.
const MARGIN: f64 = 1.14;

/// A projection and the frame it fills.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    projection: Projection,
    pub(super) frame: Rect,
    pub(super) pixels_per_km: f64,
}

impl View {
    /// Fits the places into the frame.
    pub(super) fn of(places: &[LonLat], frame: Rect) -> Self {
        let mut center = middle(places).unwrap_or_default();
        let mut half_km = [EXTENT_MIN_KM / 2.0; 2];
        // The middle of the extent moves the centre, which changes the extent: twice settles it.
        for _ in 0..2 {
            let projection = Projection::around(center);
            let (low, high) = extent(&projection, places);
            center = projection.inverse([
                f64::midpoint(low[0], high[0]),
                f64::midpoint(low[1], high[1]),
            ]);
            half_km = [(high[0] - low[0]) / 2.0, (high[1] - low[1]) / 2.0];
        }
        let room = [frame.right - frame.left, frame.bottom - frame.top];
        let wide_km = (2.0 * half_km[0] * MARGIN).clamp(EXTENT_MIN_KM, EXTENT_MAX_KM);
        let high_km = (2.0 * half_km[1] * MARGIN).clamp(EXTENT_MIN_KM, EXTENT_MAX_KM);
        let pixels_per_km = (room[0] / wide_km).min(room[1] / high_km);
        Self {
            projection: Projection::around(center),
            frame,
            pixels_per_km,
        }
    }

    /// Returns where a place falls.
    pub(super) fn pixel(&self, place: LonLat) -> Pixel {
        let [east_km, north_km] = self.projection.forward(place);
        let [x, y] = self.frame.middle();
        [
            x + east_km * self.pixels_per_km,
            y - north_km * self.pixels_per_km,
        ]
    }

    /// Returns which place falls on a pixel.
    pub(super) fn place(&self, [x, y]: Pixel) -> LonLat {
        let [middle_x, middle_y] = self.frame.middle();
        self.projection.inverse([
            (x - middle_x) / self.pixels_per_km,
            (middle_y - y) / self.pixels_per_km,
        ])
    }

    /// Returns how far the corners are from the centre, in kilometres.
    pub(super) fn reach_km(&self) -> f64 {
        let (wide, high) = (
            self.frame.right - self.frame.left,
            self.frame.bottom - self.frame.top,
        );
        wide.hypot(high) / 2.0 / self.pixels_per_km
    }

    /// Returns how far a place is from the centre, in kilometres.
    pub(super) fn distance_km(&self, place: LonLat) -> f64 {
        let [east_km, north_km] = self.projection.forward(place);
        east_km.hypot(north_km)
    }

    /// Returns a line on the sheet, its pieces following great circles.
    pub(super) fn line(&self, line: &[LonLat]) -> Vec<Pixel> {
        let step_km = (40.0 / self.pixels_per_km).max(0.05);
        let places = along_great_circles(line, step_km, false);
        places.into_iter().map(|place| self.pixel(place)).collect()
    }

    /// Returns the rings of a patch on the sheet, their edges following great circles.
    pub(super) fn rings(&self, patch: &Patch) -> Vec<Vec<Pixel>> {
        // Pieces of 40 pixels keep a bent edge within a fraction of a pixel.
        let step_km = (40.0 / self.pixels_per_km).max(0.05);
        patch
            .rings
            .iter()
            .map(|ring| {
                along_great_circles(ring, step_km, true)
                    .into_iter()
                    .map(|place| self.pixel(place))
                    .collect()
            })
            .collect()
    }
}

/// Returns the middle of the places on the sphere; `None` where they have none.
pub(crate) fn middle(places: &[LonLat]) -> Option<LonLat> {
    let mut sum = [0.0; 3];
    for vector in places.iter().map(|&place| unit(place)) {
        for (total, part) in sum.iter_mut().zip(vector) {
            *total += part;
        }
    }
    let length = sum.iter().map(|part| part * part).sum::<f64>().sqrt();
    (length > 1e-9).then(|| place(sum))
}

/// The corners of the places' bounding box on the plane, in kilometres.
pub(super) fn extent(projection: &Projection, places: &[LonLat]) -> ([f64; 2], [f64; 2]) {
    if places.is_empty() {
        return ([0.0; 2], [0.0; 2]);
    }
    places.iter().map(|&place| projection.forward(place)).fold(
        ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]),
        |(low, high), [x, y]| {
            (
                [low[0].min(x), low[1].min(y)],
                [high[0].max(x), high[1].max(y)],
            )
        },
    )
}
