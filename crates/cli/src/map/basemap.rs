//! The coasts and borders of the world; data and layout: `crates/cli/data/README.md`.

use super::projection::LonLat;

/// The committed file.
static DATA: &[u8] = include_bytes!("../../data/basemap.bin");

/// What the file begins with: its name and the version of its layout.
const MAGIC: &[u8] = b"DTBM\x01";

/// The lines of the world and the countries they bound.
#[derive(Debug)]
pub(super) struct Basemap {
    lines: Vec<BaseLine>,
    countries: Vec<Country>,
}

/// A piece of coast or border.
#[derive(Debug)]
pub(super) struct BaseLine {
    pub(super) points: Vec<LonLat>,
    /// How many rings use it: more than one makes it a border.
    uses: u32,
}

/// A country, as Natural Earth draws it.
#[derive(Debug)]
pub(super) struct Country {
    pub(super) name: String,
    rings: Vec<Vec<LineUse>>,
}

/// A line as part of a ring.
#[derive(Clone, Copy, Debug)]
struct LineUse {
    line: usize,
    backwards: bool,
}

impl BaseLine {
    /// Whether two countries meet here.
    pub(super) fn is_border(&self) -> bool {
        self.uses > 1
    }
}

impl Basemap {
    /// Reads the file compiled into the command; `None` only if that file is not what it should be.
    pub(super) fn load() -> Option<Self> {
        Self::decode(DATA)
    }

    /// Returns every line.
    pub(super) fn lines(&self) -> &[BaseLine] {
        &self.lines
    }

    /// Returns every country.
    pub(super) fn countries(&self) -> &[Country] {
        &self.countries
    }

    /// Returns the closed rings of a country; the last point leads back to the first.
    pub(super) fn rings<'a>(
        &'a self,
        country: &'a Country,
    ) -> impl Iterator<Item = Vec<LonLat>> + 'a {
        country.rings.iter().map(|ring| {
            let mut points = Vec::new();
            for part in ring {
                let line = self
                    .lines
                    .get(part.line)
                    .map_or(&[][..], |line| line.points.as_slice());
                // Consecutive lines share an end: leave the last point of each to the next.
                let shared = line.len().saturating_sub(1);
                if part.backwards {
                    points.extend(line.iter().rev().take(shared));
                } else {
                    points.extend(line.iter().take(shared));
                }
            }
            points
        })
    }

    fn decode(data: &[u8]) -> Option<Self> {
        let mut reader = Reader {
            rest: data.strip_prefix(MAGIC)?,
        };
        let line_count = reader.count()?;
        let [scale_x, scale_y, origin_x, origin_y] = [
            reader.degrees()?,
            reader.degrees()?,
            reader.degrees()?,
            reader.degrees()?,
        ];
        let mut lines = Vec::new();
        for _ in 0..line_count {
            let mut points = Vec::new();
            let (mut x, mut y) = (0_i64, 0_i64);
            for _ in 0..reader.count()? {
                x = x.checked_add(reader.signed()?)?;
                y = y.checked_add(reader.signed()?)?;
                points.push([x as f64 * scale_x + origin_x, y as f64 * scale_y + origin_y]);
            }
            lines.push(BaseLine { points, uses: 0 });
        }
        let mut countries = Vec::new();
        for _ in 0..reader.count()? {
            let name = reader.text()?;
            let mut rings = Vec::new();
            for _ in 0..reader.count()? {
                let mut ring = Vec::new();
                for _ in 0..reader.count()? {
                    let coded = reader.count()?;
                    let part = LineUse {
                        line: coded >> 1,
                        backwards: coded & 1 == 1,
                    };
                    lines.get_mut(part.line)?.uses += 1;
                    ring.push(part);
                }
                rings.push(ring);
            }
            countries.push(Country { name, rings });
        }
        reader.rest.is_empty().then_some(Self { lines, countries })
    }
}

/// The rest of the file.
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..63).step_by(7) {
            let (&byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.unsigned()?).ok()
    }

    fn signed(&mut self) -> Option<i64> {
        let coded = self.unsigned()?;
        let half = i64::try_from(coded >> 1).ok()?;
        Some(if coded & 1 == 0 { half } else { -half - 1 })
    }

    fn degrees(&mut self) -> Option<f64> {
        Some(self.signed()? as f64 * 1e-12)
    }

    fn text(&mut self) -> Option<String> {
        let length = self.count()?;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        String::from_utf8(text.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_file_is_whole_and_places_known_borders() {
        let basemap = Basemap::load().unwrap();
        assert_eq!(basemap.countries().len(), 255);
        let syria = basemap
            .countries()
            .iter()
            .find(|country| country.name == "Syria")
            .unwrap();
        let points: Vec<LonLat> = basemap.rings(syria).flatten().collect();
        let extent = |axis: usize| {
            points
                .iter()
                .fold((f64::MAX, f64::MIN), |(low, high), point| {
                    (low.min(point[axis]), high.max(point[axis]))
                })
        };
        // Syria reaches from the sea at 35.7 E to the Tigris at 42.4 E, from 32.3 N to 37.3 N.
        let ((west, east), (south, north)) = (extent(0), extent(1));
        assert!(
            (west - 35.7).abs() < 0.1 && (east - 42.4).abs() < 0.1,
            "{west} {east}"
        );
        assert!(
            (south - 32.3).abs() < 0.1 && (north - 37.3).abs() < 0.1,
            "{south} {north}"
        );
        assert!(basemap.lines().iter().any(BaseLine::is_border));
        assert!(basemap.lines().iter().any(|line| !line.is_border()));
    }

    #[test]
    fn a_damaged_file_is_no_map_and_no_panic() {
        for cut in [0, 4, 5, 40, 1000, DATA.len() - 1] {
            assert!(Basemap::decode(&DATA[..cut]).is_none());
        }
        let mut damaged = DATA.to_vec();
        for at in (5..damaged.len()).step_by(9973) {
            damaged[at] ^= 0x80;
        }
        assert!(Basemap::decode(&damaged).is_none());
    }
}
