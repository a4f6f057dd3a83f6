//! The kinds of record an agreement needs, their validation and their wire form.
//!
//! Documents that people write are read into a tree that knows its places ([`document`]), and
//! from there into records; reading never stops at the first problem. This crate opens no files,
//! knows no time but what documents say, and holds nothing about targets ([`exclusion`]).

pub mod act;
pub mod activity;
pub mod agreement;
pub mod area;
pub mod characters;

pub mod concern;
pub mod datum;
pub mod document;
pub mod drawing;
pub mod duration;
pub mod exclusion;
pub mod finding;
pub mod gazetteer;
mod height;
pub mod json_text;
pub mod local_text;
pub mod movement;
pub mod names;
pub mod nearest;
pub mod operation;
pub mod parameters;
mod period;
pub mod place;
pub mod private_checks;
pub mod profile;
pub mod properties;
pub mod protected;
pub mod reporting;
pub mod shape;
pub mod standoff;
pub mod table;
pub mod toml_text;
pub mod workflow;

pub use act::{Act, ActContext, Kind, Role};
pub use activity::Activity;
pub use agreement::{
    Agreement, BoundParty, Dispute, Force, Group, Observer, ObserverFunction, Participant,
    Precondition, Reading, Status,
};
pub use area::{Area, AreaKind, AreaRecordKind};
pub use concern::{Concern, ConcernProperty, ConcernSeverity};
pub use drawing::Drawing;
pub use finding::{Origin, Problem, Problems, Provenance, Severity};
pub use gazetteer::{NamedPlace, PlaceName};
pub use local_text::LocalText;
pub use movement::{HumanitarianMovement, Leg};
pub use names::{
    AgreementId, AreaId, ArticleId, CategoryName, ChannelName, ClockId, ConcernId, FeatureId,
    ForceId, GroupId, HolderId, LanguageTag, MediaType, MovementId, Name, NameError, NameErrorKind,
    ObjectId, ObserverId, OfficeName, OperationId, ParticipantId, PartyId, PersonName, PlaceId,
    PolicyName, PreconditionId, RecordId, SealKeyId, SubjectId, TrackId,
};
pub use operation::{Gathering, Operation, OperationPart};
pub use parameters::{Clock, Parameters};
pub use place::{Path, Place};
pub use private_checks::{CHECK_CELLS_MAX, PrivateChecks};
pub use profile::{PlainVolume, ProfileContext, Record};
pub use properties::FeatureKind;
pub use protected::{KeepOut, ProtectedObject};
pub use reporting::Reporting;
pub use shape::Shape;
pub use standoff::StandoffPolicy;
