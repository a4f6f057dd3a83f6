//! A report at home: everything its originator knows, and what each recipient is to get of it.
//!
//! Nothing here ever leaves a node. What leaves is an [`Edition`](super::Edition), made from a
//! draft for one recipient; it has no place for sources, methods or positions.

use detente_spacetime::Instant;
use serde_json::{Map, Value as Json};

use super::member::{Content as _, parts, words};
use super::report::Classification;
use super::text::{Grade, Harm, StatedPosition};
use crate::finding::Problems;
use crate::local_text::LocalText;
use crate::names::{AreaId, HolderId, RecordId};

words! {
    /// How exactly a recipient learns a place. What is not said is the first: nothing.
    PlaceTerms: "precision of places" {
        /// Not at all.
        Withheld = "withheld",
        /// The designated area it lies in.
        Area = "area",
        /// A cell of 1° of latitude, 110 km or more.
        Grid100Km = "grid_100km",
        /// A cell of 30′ of latitude, 55 km or more.
        Grid50Km = "grid_50km",
        /// A cell of 6′ of latitude, 11 km or more.
        Grid10Km = "grid_10km",
        /// A cell of 3′ of latitude, 5.5 km or more.
        Grid5Km = "grid_5km",
        /// A cell of 0.6′ of latitude, 1.1 km or more.
        Grid1Km = "grid_1km",
        /// The name of the town or village.
        Settlement = "settlement",
    }

    /// How exactly a recipient learns a time. What is not said is the first: nothing.
    TimeTerms: "precision of times" {
        /// Not at all.
        Withheld = "withheld",
        /// To the day, UTC.
        Day = "day",
        /// To a quarter of a day, UTC.
        SixHours = "six_hours",
        /// To the hour.
        Hour = "hour",
    }

    /// Which of two texts a recipient reads. What is not said is the first.
    Detail: "detail" {
        /// What stands below the tearline.
        Tearline = "tearline",
        /// The full text.
        Full = "full",
    }

    /// What can be left out for a recipient.
    Removable: "field" {
        /// The text.
        Text = "text",
        /// The place.
        Place = "place",
        /// The time.
        Time = "time",
        /// The casualties.
        Harm = "harm",
        /// The sender's grade.
        Grade = "grade",
    }
}

parts! {
    /// A marking as its author states it; what it leaves open is read the strictest way, and an
    /// empty list names nobody.
    pub StatedMarking {
        /// How far it is to be kept; none means that nobody may have it.
        classifications: Vec<Classification>,
        /// To whom it may be released; none means nobody.
        releasable_to: Vec<HolderId>,
        /// Whether only its originator may let it go further; so when it is not said.
        originator_control: Option<bool>,
        /// How it is to be handled.
        handling: Vec<LocalText>,
        /// When it is no longer to be used.
        expires: Option<Instant>,
    }

    /// A report as its originator keeps it.
    pub ReportDraft {
        /// The id it is going to have in the ledgers.
        report: RecordId,
        /// What it is about, in words everybody may read.
        title: Option<LocalText>,
        /// On which terms it goes, as everybody may read; without it, it goes to nobody.
        marking: Option<StatedMarking>,
        /// What it says, piece by piece.
        portions: Vec<DraftPortion>,
        /// The reports it was made from.
        derived_from: Vec<RecordId>,
    }

    /// One piece of a report, released or held back as a whole.
    pub DraftPortion {
        /// On which terms it goes; without it, it goes to nobody.
        marking: Option<StatedMarking>,
        /// What it says.
        text: Option<LocalText>,
        /// What it says to those who are to learn less.
        tearline: Option<LocalText>,
        /// Where.
        place: Option<DraftPlace>,
        /// When.
        at: Option<Instant>,
        /// The casualties it states.
        harm: Option<Harm>,
        /// The sender's grade.
        grade: Option<Grade>,
        /// Where it comes from. It cannot be sent.
        source: Option<SourceNote>,
        /// The reports this piece was made from.
        derived_from: Vec<RecordId>,
    }

    /// A place as exactly as its originator knows it.
    pub DraftPlace {
        /// The name of the town or village.
        settlement: Option<LocalText>,
        /// The designated area it lies in.
        area: Option<AreaId>,
        /// Where exactly. It cannot be sent; a cell of a grid can.
        position: Option<StatedPosition>,
    }

    /// Where something comes from. There is no field for any of this in what leaves a node.
    pub SourceNote {
        /// Who or what it is.
        name: Option<LocalText>,
        /// How it was learned.
        method: Option<LocalText>,
        /// What else is to be known about it.
        remark: Option<LocalText>,
    }

    /// What one recipient gets of a report.
    pub Terms {
        /// Who.
        recipient: HolderId,
        /// How exactly it learns places.
        place: Option<PlaceTerms>,
        /// How exactly it learns times.
        time: Option<TimeTerms>,
        /// Which text it reads.
        detail: Option<Detail>,
        /// What is left out.
        without: Vec<Removable>,
    }
}

impl ReportDraft {
    /// Reads a draft; reports everything that is wrong with it.
    pub fn parse(document: &str, members: &Map<String, Json>) -> (Option<Self>, Problems) {
        super::read_part(document, members)
    }

    /// Returns the members of the draft.
    pub fn to_json(&self) -> Json {
        self.written().unwrap_or_default()
    }
}

impl Terms {
    /// Reads terms; reports everything that is wrong with them.
    pub fn parse(document: &str, members: &Map<String, Json>) -> (Option<Self>, Problems) {
        super::read_part(document, members)
    }

    /// Returns the members of the terms.
    pub fn to_json(&self) -> Json {
        self.written().unwrap_or_default()
    }
}
