//! Place names as people write and hear them, found among places that are known.
//!
//! A name comes in Arabic, Russian or Latin letters, with or without vowels and articles, taken down
//! over a bad line by somebody who does not speak the language. It is brought into one Latin
//! spelling, then into the skeleton of what is heard, and compared with every known name. What is
//! found is a list of candidates with how each was found and how far it lies from where it was said
//! to be; nothing is ever chosen for anybody. [`Candidate::read_back`] is what the caller is asked.

mod edits;
mod spelling;

use detente_records::NamedPlace;
use detente_spacetime::{Position, geodesic};

pub use spelling::{skeleton, spelled};

/// Most candidates returned: whoever reads back reads no more.
pub const CANDIDATES_MAX: usize = 12;
/// Letters of a name that is compared; longer ones are no names.
pub const NAME_LETTERS_MAX: usize = 64;
/// Letters of a spelling for each letter that may be wrong.
const LETTERS_PER_EDIT: usize = 4;
/// Sounds of a skeleton for each sound that may be wrong.
const SOUNDS_PER_EDIT: usize = 5;
/// A skeleton with fewer sounds fits everything and is compared for equality only.
const SOUNDS_MIN: usize = 4;

/// Places by all the names they go by.
#[derive(Clone, Debug, Default)]
pub struct Gazetteer {
    places: Vec<Known>,
}

#[derive(Clone, Debug)]
struct Known {
    place: NamedPlace,
    /// For each name its spelling and its skeleton.
    names: Vec<(String, String)>,
}

/// How a name was found, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// Spelled the same, but for marks that are often left out.
    Same,
    /// Another spelling or script of what sounds the same.
    Sounds,
    /// So many letters or sounds are different.
    Near(usize),
}

/// A place that may be meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate<'a> {
    /// The place.
    pub place: &'a NamedPlace,
    /// Which of its names was found, by its index.
    pub name: usize,
    /// How.
    pub likeness: Likeness,
    /// How far it lies from where the name was said to be, in metres; none when nobody said where.
    pub distance_m: Option<f64>,
}

impl Gazetteer {
    /// Takes places with their names.
    pub fn new(places: impl IntoIterator<Item = NamedPlace>) -> Self {
        let known = |place: NamedPlace| {
            let names = place.names.iter();
            let names = names.map(|name| (spelled(&name.text), skeleton(&name.text)));
            Known {
                names: names.collect(),
                place,
            }
        };
        Self {
            places: places.into_iter().map(known).collect(),
        }
    }

    /// Returns every place.
    pub fn places(&self) -> impl Iterator<Item = &NamedPlace> {
        self.places.iter().map(|known| &known.place)
    }

    /// Returns the places that `name` may stand for, likeliest first; of equally likely ones the
    /// nearest to `said_at` first.
    ///
    /// # Cost
    ///
    /// Linear in the names known; about a microsecond each.
    pub fn resolve(&self, name: &str, said_at: Option<Position>) -> Vec<Candidate<'_>> {
        let letters: String = name.chars().take(NAME_LETTERS_MAX).collect();
        let (spelling, sounds) = (spelled(&letters), skeleton(&letters));
        if spelling.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<Candidate<'_>> = self
            .places
            .iter()
            .filter_map(|known| {
                let names = known.names.iter().enumerate();
                let alike = names.filter_map(|(index, (spelled, skeleton))| {
                    Some((likeness((&spelling, &sounds), (spelled, skeleton))?, index))
                });
                let (likeness, name) = alike.min()?;
                let distance_m =
                    said_at.map(|said_at| geodesic::distance_m(said_at, known.place.position));
                Some(Candidate {
                    place: &known.place,
                    name,
                    likeness,
                    distance_m,
                })
            })
            .collect();
        found.sort_by(|one, other| {
            let distances = (one.distance_m, other.distance_m);
            let nearer = match distances {
                (Some(one), Some(other)) => one.total_cmp(&other),
                _ => std::cmp::Ordering::Equal,
            };
            let likeness = one.likeness.cmp(&other.likeness);
            likeness
                .then(nearer)
                .then_with(|| one.place.id.cmp(&other.place.id))
        });
        found.truncate(CANDIDATES_MAX);
        found
    }

    /// Returns the place nearest to a position, other than `but`, with its distance in metres.
    pub fn nearest(
        &self,
        position: Position,
        but: Option<&NamedPlace>,
    ) -> Option<(&NamedPlace, f64)> {
        let others = self
            .places()
            .filter(|place| but.is_none_or(|but| but.id != place.id));
        others
            .map(|place| (place, geodesic::distance_m(position, place.position)))
            .min_by(|one, other| one.1.total_cmp(&other.1))
    }

    /// Returns what to read back to whoever said the name: which place, where it lies, and how far
    /// that is from what was said and from the next place.
    pub fn read_back(&self, candidate: &Candidate<'_>) -> String {
        let place = candidate.place;
        let names: Vec<&str> = place.names.iter().map(|name| name.text.as_str()).collect();
        let mut said = format!(
            "{}, at {} (known to {})",
            names.join(" / "),
            degrees(place.position),
            kilometres(place.accuracy_m),
        );
        if let Some((next, distance_m)) = self.nearest(place.position, Some(place)) {
            let bearing = geodesic::azimuth_deg(next.position, place.position);
            let name = next
                .names
                .first()
                .map_or(next.id.as_str(), |name| &name.text);
            said.push_str(&format!(
                ", {} {} of {name}",
                kilometres(distance_m),
                compass(bearing)
            ));
        }
        if let Some(distance_m) = candidate.distance_m {
            said.push_str(&format!(
                "; {} from the position given",
                kilometres(distance_m)
            ));
        }
        said
    }
}

fn likeness(
    (spelling, sounds): (&str, &str),
    (known, known_sounds): (&str, &str),
) -> Option<Likeness> {
    if spelling == known {
        return Some(Likeness::Same);
    }
    if !sounds.is_empty() && sounds == known_sounds {
        return Some(Likeness::Sounds);
    }
    let letters = spelling.chars().count().max(known.chars().count());
    let wrong = edits::distance(spelling, known, letters / LETTERS_PER_EDIT);
    let heard = sounds.chars().count().max(known_sounds.chars().count());
    let misheard = (heard >= SOUNDS_MIN)
        .then(|| edits::distance(sounds, known_sounds, heard / SOUNDS_PER_EDIT))
        .flatten();
    // A sound taken for another weighs more than a letter written for another.
    let edits = wrong.into_iter().chain(misheard.map(|edits| edits + 1));
    edits.min().map(Likeness::Near)
}

fn degrees(position: Position) -> String {
    let (latitude, longitude) = (position.latitude_deg(), position.longitude_deg());
    format!(
        "{:.4} {} {:.4} {}",
        latitude.abs(),
        if latitude < 0.0 { "south" } else { "north" },
        longitude.abs(),
        if longitude < 0.0 { "west" } else { "east" },
    )
}

fn kilometres(metres: f64) -> String {
    format!("{:.1} km", metres / 1_000.0)
}

fn compass(azimuth_deg: f64) -> &'static str {
    const POINTS: [&str; 8] = [
        "north",
        "north-east",
        "east",
        "south-east",
        "south",
        "south-west",
        "west",
        "north-west",
    ];
    let eighth = ((azimuth_deg.rem_euclid(360.0) + 22.5) / 45.0) as usize;
    POINTS
        .get(eighth % POINTS.len())
        .copied()
        .unwrap_or("north")
}
