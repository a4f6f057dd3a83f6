//! Places that are known by name.

use detente_spacetime::Position;

use crate::names::{LanguageTag, PlaceId};

/// A place with every name it goes by.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedPlace {
    /// Its id.
    pub id: PlaceId,
    /// Its names, the usual one first; at least one.
    pub names: Vec<PlaceName>,
    /// Where it is.
    pub position: Position,
    /// How far from there it may really be, in metres.
    pub accuracy_m: f64,
    /// How the position is known.
    pub source: String,
}

/// A name in one language, or in one spelling of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceName {
    /// The language.
    pub language: LanguageTag,
    /// The name.
    pub text: String,
}
