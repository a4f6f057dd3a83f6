//! A report as one recipient reads it: the only form in which content leaves its originator's node.
//!
//! What the form has no member for cannot be sent: there is none for a source, a method or a
//! position, and reading refuses members it does not know.

use detente_spacetime::Instant;
use serde_json::{Map, Value as Json};

use super::member::{AtLeastOne, Content as _, parts, words};
use super::report::Marking;
use super::text::{Digest, Grade, Harm};
use crate::finding::Problems;
use crate::local_text::LocalText;
use crate::names::{AreaId, HolderId, RecordId};

words! {
    /// The form of an edition, so that an older reader knows that it cannot read a newer one.
    EditionForm: "form of an edition" {
        /// The first.
        V1 = "detente/report/1",
    }

    /// The form of an edition that its recipient passed on.
    ForwardedForm: "form of a forwarded edition" {
        /// The first.
        V1 = "detente/forwarded/1",
    }

    /// How large the cells of the grid are.
    CellSize: "size of a cell" {
        /// 1° of latitude.
        Km100 = "100km",
        /// 30′ of latitude.
        Km50 = "50km",
        /// 6′ of latitude.
        Km10 = "10km",
        /// 3′ of latitude.
        Km5 = "5km",
        /// 0.6′ of latitude.
        Km1 = "1km",
    }
}

parts! {
    /// A report as one recipient reads it.
    pub Edition {
        /// The form of this document.
        form: EditionForm,
        /// The report.
        report: RecordId,
        /// Which edition of it: 1 as released first, one more with every correction.
        number: u32,
        /// Who released it.
        originator: HolderId,
        /// Who reads it.
        recipient: HolderId,
        /// What it is about.
        title: Option<LocalText>,
        /// On which terms it goes.
        marking: Marking,
        /// What it says, piece by piece.
        portions: AtLeastOne<EditionPortion>,
        /// The reports it was made from.
        derived_from: Vec<RecordId>,
    }

    /// One piece of it.
    pub EditionPortion {
        /// On which terms it goes.
        marking: Marking,
        /// What it says.
        text: Option<LocalText>,
        /// Where, as exactly as the recipient is to know.
        place: Option<EditionPlace>,
        /// When, as exactly as the recipient is to know.
        time: Option<EditionTime>,
        /// The casualties it states.
        harm: Option<Harm>,
        /// The sender's grade.
        grade: Option<Grade>,
        /// The reports this piece was made from.
        derived_from: Vec<RecordId>,
    }

    /// A place that is no point.
    pub EditionPlace {
        /// The name of the town or village.
        settlement: Option<LocalText>,
        /// The designated area it lies in.
        area: Option<AreaId>,
        /// The cell it lies in.
        cell: Option<Cell>,
    }

    /// A cell of the grid, by its south-western corner.
    pub Cell {
        /// Version of the grid.
        grid: u32,
        /// Which of its sizes.
        size: CellSize,
        /// Degrees north.
        south_deg: f64,
        /// Degrees east.
        west_deg: f64,
        /// Degrees north.
        north_deg: f64,
        /// Degrees east.
        east_deg: f64,
    }

    /// A stretch of time that begins on its own boundary.
    pub EditionTime {
        /// From when.
        from: Instant,
        /// For how many hours.
        hours: u32,
    }

    /// The line in front of an edition that a recipient passed on: what proves that it is what it
    /// had received.
    pub Forwarded {
        /// The form of this document.
        form: ForwardedForm,
        /// Who passed it on.
        forwarder: HolderId,
        /// Who reads it.
        recipient: HolderId,
        /// The salt of the commitment by which the originator is held to it.
        salt: Digest,
        /// How many bytes the edition has that follow this line.
        bytes: u32,
    }
}

impl Edition {
    /// Reads an edition; reports everything that is wrong with it.
    pub fn parse(document: &str, members: &Map<String, Json>) -> (Option<Self>, Problems) {
        super::read_part(document, members)
    }

    /// Returns the members of the edition, in the order of its form.
    pub fn to_json(&self) -> Json {
        self.written().unwrap_or_default()
    }
}

impl Forwarded {
    /// Reads a forwarded edition; reports everything that is wrong with it.
    pub fn parse(document: &str, members: &Map<String, Json>) -> (Option<Self>, Problems) {
        super::read_part(document, members)
    }

    /// Returns the members.
    pub fn to_json(&self) -> Json {
        self.written().unwrap_or_default()
    }
}
