//! Where a protected object that is shown coarsely stands exactly, as one recipient reads it.
//!
//! Everybody who holds the ledgers reads an area that holds the object, and every node judges by it. The exact place goes to
//! those it is released to, sealed for each of them alone.

use detente_spacetime::Instant;
use serde_json::{Map, Value as Json};

use super::feature::Drawn;
use super::member::{Content as _, parts, words};
use super::text::Digest;
use crate::finding::Problems;
use crate::local_text::LocalText;
use crate::names::{HolderId, OfficeName, RecordId};
use crate::protected::ProtectedObject;

words! {
    /// The form of an exact place, so that an older reader knows that it cannot read a newer one.
    ExactPlaceForm: "form of an exact place" {
        /// The first.
        V1 = "detente/exact-place/1",
    }
}

parts! {
    /// An exact place as one recipient reads it.
    pub ExactPlace {
        /// The form of this document.
        form: ExactPlaceForm,
        /// The object.
        object: RecordId,
        /// The version of its notice.
        version: u32,
        /// Who notified it.
        originator: HolderId,
        /// Who reads it.
        recipient: HolderId,
        /// The object as it stands.
        feature: Drawn<ProtectedObject>,
        /// What it was used for, and when that was seen.
        function: Option<LocalText>,
        /// Hashes of photographs.
        photo_hashes: Vec<Digest>,
    }
}

words! {
    /// The form of a reading, so that an older reader knows that it cannot read a newer one.
    PlaceReadingForm: "form of a reading of an exact place" {
        /// The first.
        V1 = "detente/exact-place-read/1",
    }
}

parts! {
    /// That somebody read where an object stands exactly, as whoever notified the object reads it.
    pub PlaceReading {
        /// The form of this document.
        form: PlaceReadingForm,
        /// The object.
        object: RecordId,
        /// The version of its notice.
        version: u32,
        /// Who notified it.
        originator: HolderId,
        /// On whose node it was read.
        holder: HolderId,
        /// The user who read it, as that node names its users.
        user: OfficeName,
        /// The first instant of the day on which it was read, once or more often; the entry says when first.
        day: Instant,
    }
}

impl PlaceReading {
    /// Reads a reading; reports everything that is wrong with it.
    pub fn parse(document: &str, members: &Map<String, Json>) -> (Option<Self>, Problems) {
        super::read_part(document, members)
    }

    /// Returns the members, in the order of the form.
    pub fn to_json(&self) -> Json {
        self.written().unwrap_or_default()
    }
}

impl ExactPlace {
    /// Reads an exact place; reports everything that is wrong with it.
    pub fn parse(document: &str, members: &Map<String, Json>) -> (Option<Self>, Problems) {
        super::read_part(document, members)
    }

    /// Returns the members, in the order of the form.
    pub fn to_json(&self) -> Json {
        self.written().unwrap_or_default()
    }
}
