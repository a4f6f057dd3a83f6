//! Where a protected object that is shown coarsely stands exactly, as one recipient reads it.
//!
//! Everybody who holds the ledgers reads the cells that hold the object, and every node judges by them. The exact place goes to
//! those it is released to, sealed for each of them alone.

use serde_json::{Map, Value as Json};

use super::feature::Drawn;
use super::member::{Content as _, parts, words};
use super::text::Digest;
use crate::finding::Problems;
use crate::local_text::LocalText;
use crate::names::{HolderId, RecordId};
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
