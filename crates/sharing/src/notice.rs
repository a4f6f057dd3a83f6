//! What is odd about the notice of a protected object: asked before it is submitted, answered by a second person.
//!
//! A notice with a mistaken place protects nobody, and is believed to. Here its place is held against the name of the
//! town it is said to lie in, against the area of the agreement, and against what is notified already. Whatever shows
//! exchanged axes or a mistaken hemisphere is for its submitter to mend; everything else is a warning that goes along.
//!
//! Whoever folds a notice asks again, with [`outside`] and [`neighbours`]: a submitter may have left its warnings out.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use detente_records::LocalText;
use detente_records::act::protected_object::{NoticeWarning, ValidationCheck};
use detente_spacetime::geodesic::distance_m;
use detente_spacetime::{GeoBox, Position};

use crate::gazetteer::{Gazetteer, Likeness};

/// How far from the middle of a town a place may lie and still be said to lie in it, metres: the outskirts of Aleppo.
pub const NEAR_PLACE_M: f64 = 15_000.0;
/// How far outside everything the agreement draws a notice is odd, metres.
pub const OUTSIDE_M: f64 = 100_000.0;
/// How near another object makes a notice look like the same one, metres: two entrances of one building.
pub const SAME_M: f64 = 30.0;
/// How near another object is worth a look, metres: one block.
pub const NEAR_M: f64 = 150.0;
/// Most neighbours named: whoever looks at these has seen what is wrong.
pub const NEIGHBOURS_MAX: usize = 3;
/// Characters of a warning that go on record.
pub const WARNING_CHARS_MAX: usize = 400;
/// Side of a cell in which neighbours are looked for, metres; no less than [`NEAR_M`].
const CELL_M: f64 = 200.0;
/// Radius of the sphere that cells are counted on, metres; at most 0.3 % of a distance off.
const SPHERE_M: f64 = 6_371_000.0;

/// What a position becomes when it was written down in one of the usual wrong ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// Latitude and longitude are exchanged.
    Exchanged,
    /// South stands for north, or north for south.
    Latitude,
    /// West stands for east, or east for west.
    Longitude,
    /// Both hemispheres are mistaken.
    Both,
}

impl Slip {
    const ALL: [Self; 4] = [Self::Exchanged, Self::Latitude, Self::Longitude, Self::Both];

    /// The position without this slip; none where that is no position.
    fn undone(self, position: Position) -> Option<Position> {
        let (latitude, longitude) = (position.latitude_deg(), position.longitude_deg());
        let (latitude, longitude) = match self {
            Self::Exchanged => (longitude, latitude),
            Self::Latitude => (-latitude, longitude),
            Self::Longitude => (latitude, -longitude),
            Self::Both => (-latitude, -longitude),
        };
        Position::new(latitude, longitude).ok()
    }

    fn words(self) -> &'static str {
        match self {
            Self::Exchanged => "latitude and longitude are exchanged",
            Self::Latitude => "north and south are exchanged",
            Self::Longitude => "east and west are exchanged",
            Self::Both => "both hemispheres are exchanged",
        }
    }
}

/// Something odd about a notice.
#[derive(Clone, Debug, PartialEq)]
pub enum Oddity {
    /// No place of the gazetteer goes by the name that was given.
    UnknownPlace {
        /// The name.
        name: String,
    },
    /// It lies far from the place it is said to lie in.
    FarFromPlace {
        /// The name given.
        name: String,
        /// The place of that name which is nearest, in words.
        nearest: String,
        /// How far that is, in metres.
        distance_m: f64,
        /// What would bring it there.
        slip: Option<Slip>,
    },
    /// It lies far from everything that the agreement draws.
    Outside {
        /// What would bring it in.
        slip: Option<Slip>,
    },
    /// Another object of the same category stands in the very same place.
    PerhapsSame {
        /// The other.
        id: String,
        /// How far, in metres.
        distance_m: f64,
    },
    /// Another object is near.
    Neighbour {
        /// The other.
        id: String,
        /// How far, in metres.
        distance_m: f64,
    },
}

impl Oddity {
    /// The name of it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::FarFromPlace {
                slip: Some(slip), ..
            }
            | Self::Outside { slip: Some(slip) } => match slip {
                Slip::Exchanged => "axes_exchanged",
                Slip::Latitude | Slip::Longitude | Slip::Both => "wrong_hemisphere",
            },
            Self::UnknownPlace { .. } => "unknown_place",
            Self::FarFromPlace { slip: None, .. } => "far_from_named_place",
            Self::Outside { slip: None } => "outside_the_agreement",
            Self::PerhapsSame { .. } => "perhaps_duplicate",
            Self::Neighbour { .. } => "near_neighbour",
        }
    }

    /// The check that has to look at it.
    pub fn check(&self) -> ValidationCheck {
        match self {
            Self::PerhapsSame { .. } | Self::Neighbour { .. } => ValidationCheck::Neighbours,
            Self::FarFromPlace { slip: Some(_), .. } | Self::Outside { slip: Some(_) } => {
                ValidationCheck::Datum
            }
            _ => ValidationCheck::Vicinity,
        }
    }

    /// The warning that says so.
    pub fn warning(&self) -> NoticeWarning {
        let text = self.to_string().chars().take(WARNING_CHARS_MAX).collect();
        NoticeWarning {
            check: self.check(),
            text: LocalText::Plain(text),
        }
    }

    /// Whether it is for the submitter to mend: a slip that shows what was meant.
    pub fn is_slip(&self) -> bool {
        matches!(
            self,
            Self::FarFromPlace { slip: Some(_), .. } | Self::Outside { slip: Some(_) }
        )
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::UnknownPlace { .. } => "look the name up with `detente place`, and read it back",
            Self::FarFromPlace { slip: Some(_), .. } | Self::Outside { slip: Some(_) } => {
                "correct the position, after reading it back to whoever measured it"
            }
            Self::FarFromPlace { .. } => {
                "read both back to whoever measured it: the name or the position is mistaken"
            }
            Self::Outside { .. } => "compare the position with a map",
            Self::PerhapsSame { .. } => "amend the other one, if this is the same object",
            Self::Neighbour { .. } => "compare the two on a map",
        }
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownPlace { name } => write!(f, "no place is known by the name `{name}`"),
            Self::FarFromPlace {
                name,
                nearest,
                distance_m,
                slip,
            } => {
                let kilometres = distance_m / 1_000.0;
                write!(
                    f,
                    "it lies {kilometres:.1} km from {nearest}, said as `{name}`"
                )?;
                match slip {
                    Some(slip) => write!(f, "; it would lie there if {}", slip.words()),
                    None => Ok(()),
                }
            }
            Self::Outside { slip } => {
                let kilometres = OUTSIDE_M / 1_000.0;
                write!(
                    f,
                    "it lies more than {kilometres:.0} km outside everything the agreement draws"
                )?;
                match slip {
                    Some(slip) => write!(f, "; it would lie inside if {}", slip.words()),
                    None => Ok(()),
                }
            }
            Self::PerhapsSame { id, distance_m } => write!(
                f,
                "`{id}` of the same category stands {distance_m:.0} m away: is it the same object?"
            ),
            Self::Neighbour { id, distance_m } => {
                write!(f, "`{id}` stands {distance_m:.0} m away")
            }
        }
    }
}

/// An object that is notified.
#[derive(Clone, Debug, PartialEq)]
pub struct Notified {
    /// Its id.
    pub id: String,
    /// Its category.
    pub category: String,
    /// Its middle.
    pub position: Position,
}

/// What notices are held against.
#[derive(Debug)]
pub struct Surroundings<'a> {
    gazetteer: &'a Gazetteer,
    /// What the agreement draws, widened.
    drawn: Vec<GeoBox>,
    objects: Vec<Notified>,
    /// Objects by the cell of their middle.
    cells: HashMap<[i32; 3], Vec<usize>>,
    /// Places by the name that was asked for: what they are called, where, and how exactly.
    asked: BTreeMap<String, Vec<(String, Position, f64)>>,
}

impl<'a> Surroundings<'a> {
    /// Takes the places that are known and the boxes of what the agreement draws.
    pub fn new(gazetteer: &'a Gazetteer, drawn: impl IntoIterator<Item = GeoBox>) -> Self {
        let drawn = drawn.into_iter().map(|drawn| drawn.expanded(OUTSIDE_M));
        Self {
            gazetteer,
            drawn: drawn.collect(),
            objects: Vec::new(),
            cells: HashMap::new(),
            asked: BTreeMap::new(),
        }
    }

    /// Takes an object that is notified.
    pub fn add(&mut self, object: Notified) {
        let cell = cell(object.position);
        self.cells.entry(cell).or_default().push(self.objects.len());
        self.objects.push(object);
    }

    /// Says whether a position lies where the agreement draws anything, or near.
    pub fn is_expected(&self, position: Position) -> bool {
        self.drawn.iter().any(|drawn| drawn.contains(position))
    }

    /// Says what is odd about an object, said to lie in `place`.
    ///
    /// # Cost
    ///
    /// A few microseconds, and one search of the gazetteer for every name that was not asked for before.
    pub fn oddities(&mut self, object: &Notified, place: Option<&str>) -> Vec<Oddity> {
        let mut oddities = Vec::new();
        oddities.extend(place.and_then(|name| self.place(name, object.position)));
        let is_told = oddities.iter().any(Oddity::is_slip);
        if !is_told && !self.drawn.is_empty() {
            oddities.extend(outside(object.position, |there| self.is_expected(there)));
        }
        oddities.extend(self.neighbours(object));
        oddities
    }

    fn place(&mut self, name: &str, position: Position) -> Option<Oddity> {
        // A gazetteer that knows nothing says nothing about a name.
        self.gazetteer.places().next()?;
        let gazetteer = self.gazetteer;
        let known = self.asked.entry(name.to_owned()).or_insert_with(|| {
            let mut found = gazetteer.resolve(name, None);
            // Where a name is spelled as it was given, what only sounds like it is another place.
            if found.iter().any(|one| one.likeness == Likeness::Same) {
                found.retain(|one| one.likeness == Likeness::Same);
            }
            let found = found.iter().map(|candidate| {
                let place = candidate.place;
                let names: Vec<&str> = place.names.iter().map(|name| name.text.as_str()).collect();
                (names.join(" / "), place.position, place.accuracy_m)
            });
            found.collect()
        });
        let beyond_m = |there: Position| -> Option<(&str, f64, f64)> {
            let distances = known.iter().map(|(names, middle, accuracy_m)| {
                let distance_m = distance_m(there, *middle);
                (names.as_str(), distance_m, distance_m - accuracy_m)
            });
            distances.min_by(|one, other| one.2.total_cmp(&other.2))
        };
        let Some((nearest, distance_m, beyond)) = beyond_m(position) else {
            return Some(Oddity::UnknownPlace {
                name: name.to_owned(),
            });
        };
        if beyond <= NEAR_PLACE_M {
            return None;
        }
        let is_there =
            |there: Position| beyond_m(there).is_some_and(|(_, _, beyond)| beyond <= NEAR_PLACE_M);
        Some(Oddity::FarFromPlace {
            name: name.to_owned(),
            nearest: nearest.to_owned(),
            distance_m,
            slip: slip(position, is_there),
        })
    }

    fn neighbours(&self, object: &Notified) -> Vec<Oddity> {
        let [x, y, z] = cell(object.position);
        let near = around().flat_map(|(dx, dy, dz)| {
            let indices = self.cells.get(&[x + dx, y + dy, z + dz]);
            indices.into_iter().flatten()
        });
        neighbours(object, near.filter_map(|index| self.objects.get(*index)))
    }
}

/// The middle of what a box holds, by which notices are compared.
pub fn middle(bounds: &GeoBox) -> Option<Position> {
    let rect = bounds.rects().next()?;
    let latitude_deg = (rect.south_deg + rect.north_deg) / 2.0;
    Position::new(latitude_deg, (rect.west_deg + rect.east_deg) / 2.0).ok()
}

/// What is odd about a position that is not where it is expected.
pub fn outside(position: Position, is_expected: impl Fn(Position) -> bool) -> Option<Oddity> {
    (!is_expected(position)).then(|| Oddity::Outside {
        slip: slip(position, is_expected),
    })
}

/// What is odd about an object in view of others, the nearest first; only those within [`NEAR_M`] count.
pub fn neighbours<'o>(
    object: &Notified,
    others: impl IntoIterator<Item = &'o Notified>,
) -> Vec<Oddity> {
    let others = others.into_iter().filter(|other| other.id != object.id);
    let near = others.map(|other| (distance_m(object.position, other.position), other));
    let mut near: Vec<(f64, &Notified)> = near
        .filter(|(distance_m, _)| *distance_m <= NEAR_M)
        .collect();
    near.sort_by(|one, other| {
        one.0
            .total_cmp(&other.0)
            .then_with(|| one.1.id.cmp(&other.1.id))
    });
    near.truncate(NEIGHBOURS_MAX);
    let oddities = near.into_iter().map(|(distance_m, other)| {
        let id = other.id.clone();
        match distance_m <= SAME_M && other.category == object.category {
            true => Oddity::PerhapsSame { id, distance_m },
            false => Oddity::Neighbour { id, distance_m },
        }
    });
    oddities.collect()
}

/// The slip that brings a position where it is expected.
fn slip(position: Position, is_expected: impl Fn(Position) -> bool) -> Option<Slip> {
    let undone = |slip: &Slip| slip.undone(position).is_some_and(&is_expected);
    Slip::ALL.into_iter().find(|slip| undone(slip))
}

/// The cell of a position in space, where neither the poles nor 180° are anything special.
fn cell(position: Position) -> [i32; 3] {
    let (latitude, longitude) = (
        position.latitude_deg().to_radians(),
        position.longitude_deg().to_radians(),
    );
    let point = [
        latitude.cos() * longitude.cos(),
        latitude.cos() * longitude.sin(),
        latitude.sin(),
    ];
    // At most 32 000 cells from the middle of the Earth.
    point.map(|part| (part * SPHERE_M / CELL_M).floor() as i32)
}

fn around() -> impl Iterator<Item = (i32, i32, i32)> {
    let steps = || -1..=1;
    steps().flat_map(move |x| steps().flat_map(move |y| steps().map(move |z| (x, y, z))))
}
