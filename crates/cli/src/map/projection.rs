//! Degrees to kilometres on a plane around one point, for pictures.

/// The mean radius of the Earth, in kilometres (IUGG 1980).
pub(super) const EARTH_RADIUS_KM: f64 = 6371.0088;

/// A place in degrees: longitude, latitude.
pub(crate) type LonLat = [f64; 2];

/// The azimuthal equidistant projection of the sphere around a centre.
///
/// True to scale along every line through the centre, continuous across the antimeridian and the
/// poles. Good to a third of a percent, which is finer than a pixel; no answer depends on it.
/// Source: Snyder, *Map Projections: A Working Manual*, USGS Professional Paper 1395 (1987), chapter 25.
#[derive(Clone, Copy, Debug)]
pub(super) struct Projection {
    center: LonLat,
    sin_latitude: f64,
    cos_latitude: f64,
}

impl Projection {
    /// A projection around `center`.
    pub(super) fn around(center: LonLat) -> Self {
        let (sin_latitude, cos_latitude) = center[1].to_radians().sin_cos();
        Self {
            center,
            sin_latitude,
            cos_latitude,
        }
    }

    /// Returns kilometres east and north of the centre, along the plane.
    pub(super) fn forward(&self, [longitude_deg, latitude_deg]: LonLat) -> [f64; 2] {
        let (sin_lat, cos_lat) = latitude_deg.to_radians().sin_cos();
        let (sin_lon, cos_lon) = (longitude_deg - self.center[0]).to_radians().sin_cos();
        let east = cos_lat * sin_lon;
        let north = self.cos_latitude * sin_lat - self.sin_latitude * cos_lat * cos_lon;
        let up = self.sin_latitude * sin_lat + self.cos_latitude * cos_lat * cos_lon;
        let across = east.hypot(north);
        if across < 1e-15 {
            return [
                0.0,
                if up >= 0.0 {
                    0.0
                } else {
                    std::f64::consts::PI * EARTH_RADIUS_KM
                },
            ];
        }
        let scale = across.atan2(up) / across * EARTH_RADIUS_KM;
        [east * scale, north * scale]
    }

    /// Returns the place at kilometres east and north of the centre.
    pub(super) fn inverse(&self, [east_km, north_km]: [f64; 2]) -> LonLat {
        let distance_km = east_km.hypot(north_km);
        if distance_km < 1e-9 {
            return self.center;
        }
        let (sin_c, cos_c) = (distance_km / EARTH_RADIUS_KM).sin_cos();
        let sin_lat =
            cos_c * self.sin_latitude + north_km * sin_c * self.cos_latitude / distance_km;
        let longitude = (east_km * sin_c)
            .atan2(distance_km * self.cos_latitude * cos_c - north_km * self.sin_latitude * sin_c)
            .to_degrees();
        [
            fold(self.center[0] + longitude),
            sin_lat.clamp(-1.0, 1.0).asin().to_degrees(),
        ]
    }
}

/// Returns the longitude in [-180, 180).
pub(super) fn fold(longitude_deg: f64) -> f64 {
    (longitude_deg + 180.0).rem_euclid(360.0) - 180.0
}

/// Returns `ring` with points added so that each piece follows the great circle closely.
///
/// `step_km` is the longest piece.
pub(super) fn along_great_circles(line: &[LonLat], step_km: f64, closed: bool) -> Vec<LonLat> {
    let mut dense = Vec::with_capacity(line.len());
    let next = line.iter().skip(1).chain(line.first().filter(|_| closed));
    for (&from, &to) in line.iter().zip(next) {
        dense.push(from);
        let (a, b) = (unit(from), unit(to));
        let angle = chord(a, b);
        let pieces = (angle * EARTH_RADIUS_KM / step_km)
            .ceil()
            .clamp(1.0, 4096.0);
        let mut piece = 1.0;
        while piece < pieces {
            dense.push(between(a, b, angle, piece / pieces));
            piece += 1.0;
        }
    }
    if !closed {
        dense.extend(line.last());
    }
    dense
}

/// Returns the unit vector of a place.
pub(super) fn unit([longitude_deg, latitude_deg]: LonLat) -> [f64; 3] {
    let (sin_lat, cos_lat) = latitude_deg.to_radians().sin_cos();
    let (sin_lon, cos_lon) = longitude_deg.to_radians().sin_cos();
    [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
}

/// Returns the place of a vector of any length but zero.
pub(super) fn place([x, y, z]: [f64; 3]) -> LonLat {
    [y.atan2(x).to_degrees(), z.atan2(x.hypot(y)).to_degrees()]
}

/// The angle between two unit vectors, in radians.
fn chord(a: [f64; 3], b: [f64; 3]) -> f64 {
    let half = a
        .iter()
        .zip(b)
        .map(|(a, b)| (a - b) * (a - b))
        .sum::<f64>()
        .sqrt()
        / 2.0;
    2.0 * half.min(1.0).asin()
}

/// The place at a fraction of the way; Shoemake's spherical interpolation (1985).
fn between(a: [f64; 3], b: [f64; 3], angle: f64, fraction: f64) -> LonLat {
    let sine = angle.sin();
    let (from, to) = if sine.abs() < 1e-12 {
        (1.0 - fraction, fraction)
    } else {
        (
            ((1.0 - fraction) * angle).sin() / sine,
            (fraction * angle).sin() / sine,
        )
    };
    let [ax, ay, az] = a;
    let [bx, by, bz] = b;
    place([
        ax * from + bx * to,
        ay * from + by * to,
        az * from + bz * to,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_undoes_forward_everywhere_short_of_the_antipode() {
        for center in [[37.0, 36.0], [179.9, -17.0], [0.0, 89.5], [-60.0, -90.0]] {
            let projection = Projection::around(center);
            for place in [[36.5, 35.0], [-179.5, -16.0], [120.0, 88.0], [-61.0, -88.0]] {
                let back = projection.inverse(projection.forward(place));
                assert!(
                    chord(unit(back), unit(place)) < 1e-9,
                    "{center:?} {place:?} {back:?}"
                );
            }
        }
    }

    #[test]
    fn distance_from_the_center_is_true() {
        // A quarter of a meridian of the sphere.
        let [east, north] = Projection::around([10.0, 0.0]).forward([10.0, 90.0]);
        assert!(east.abs() < 1e-6);
        assert!((north - EARTH_RADIUS_KM * std::f64::consts::FRAC_PI_2).abs() < 1e-6);
    }

    #[test]
    fn long_edges_bend_and_rings_close() {
        let ring = along_great_circles(&[[0.0, 60.0], [90.0, 60.0]], 1000.0, true);
        assert!(ring.len() > 8);
        assert!(
            ring.iter().any(|[_, latitude]| *latitude > 65.0),
            "the great circle passes north of the parallel"
        );
    }
}
