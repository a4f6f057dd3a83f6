//! Every kind of act, once: its wire name, its struct and what it says.

use serde_json::{Map, Value as Json};

use super::Role;
use super::member::Reading;
use super::{
    agreement::*, area::*, call::*, concern::*, incident::*, movement::*, node::*, operation::*,
    private_check::*, protected_object::*, report::*, suspension::*, violation::*, watch::*,
};
use crate::names::RecordId;
use crate::table::Table;

/// A member of a body, for the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberDescription {
    /// Its name.
    pub name: &'static str,
    /// What it means, as a sentence with a space before it.
    pub says: &'static str,
    /// Whether it must be there.
    pub is_required: bool,
}

/// The body of one kind of act.
pub(super) trait Body: Sized {
    /// What it has beside `subject` and `role`.
    const MEMBERS: &'static [MemberDescription];

    /// Reads every member; reports everything that is wrong.
    fn read(table: &mut Table<'_, '_>, reading: &mut Reading<'_>) -> Option<Self>;

    /// Writes every member.
    fn write(&self, body: &mut Map<String, Json>);
}

macro_rules! kinds {
    ($( $name:ident = $wire:literal: $says:literal; )*) => {
        /// A kind of act.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $( #[doc = $says] $name, )*
        }

        impl Kind {
            /// Every kind, in the order of the reference.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// Returns the name used as an entry's kind.
            pub const fn wire_name(self) -> &'static str {
                match self {
                    $( Self::$name => $wire, )*
                }
            }

            /// Returns what an act of this kind says, as a sentence.
            pub const fn says(self) -> &'static str {
                match self {
                    $( Self::$name => $says, )*
                }
            }

            /// Returns what an act of this kind has beside `subject` and `role`.
            pub fn members(self) -> &'static [MemberDescription] {
                match self {
                    $( Self::$name => <$name as Body>::MEMBERS, )*
                }
            }

            /// Returns the kind with this wire name.
            pub fn from_wire_name(name: &str) -> Option<Self> {
                match name {
                    $( $wire => Some(Self::$name), )*
                    _ => None,
                }
            }
        }

        /// What one entry of a ledger says.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Act {
            $( #[doc = $says] $name($name), )*
        }

        impl Act {
            /// Returns the kind.
            pub fn kind(&self) -> Kind {
                match self {
                    $( Self::$name(_) => Kind::$name, )*
                }
            }

            /// Returns what the act is about.
            pub fn subject(&self) -> &RecordId {
                match self {
                    $( Self::$name(body) => &body.subject, )*
                }
            }

            /// Returns the role in which its author acted.
            pub fn role(&self) -> Role {
                match self {
                    $( Self::$name(body) => body.role, )*
                }
            }

            /// Returns the body of the entry that says this.
            pub fn to_body(&self) -> Map<String, Json> {
                let mut members = Map::new();
                match self {
                    $( Self::$name(body) => body.write(&mut members), )*
                }
                members
            }

            pub(super) fn read(
                kind: Kind,
                table: &mut Table<'_, '_>,
                reading: &mut Reading<'_>,
            ) -> Option<Self> {
                match kind {
                    $( Kind::$name => $name::read(table, reading).map(Self::$name), )*
                }
            }
        }
    };
}

kinds! {
    AgreementTabled = "agreement_tabled": "A text is laid before the participants, with its whole dossier.";
    TechnicalReviewOpened = "technical_review_opened": "Experts begin to examine the text.";
    AgreementInitialled = "agreement_initialled": "A participant initials the text, named by its hash.";
    AgreementAdopted = "agreement_adopted": "A participant adopts the text, named by its hash.";
    DayDSet = "day_d_set": "A participant names the anchor of all relative timelines.";
    PreconditionReported = "precondition_reported": "Somebody reports whether a precondition holds, with evidence.";
    RenewalAgreed = "renewal_agreed": "A participant agrees to a later end.";
    MeetingCalled = "meeting_called": "A technical meeting is called, with its agenda.";
    MeetingHeld = "meeting_held": "The minutes of a technical meeting: who came, what was decided.";
    InterpretationRecorded = "interpretation_recorded": "A participant states how it reads an article.";
    InterpretationSettled = "interpretation_settled": "A participant accepts a reading as the common one.";
    PublicationStated = "publication_stated": "Somebody states what of a document is secret, shared or published.";
    AccessionRecorded = "accession_recorded": "A group's answer to the terms, and the channel it came by.";

    ConcernRaised = "concern_raised": "An office states a reservation.";
    ConcernAssigned = "concern_assigned": "A concern is given to an office to answer.";
    ConcernAnswered = "concern_answered": "A concern is answered.";
    ConcernAccepted = "concern_accepted": "The owner of a concern accepts the answer.";
    ConcernMaintained = "concern_maintained": "The owner of a concern maintains it in spite of the answer.";
    ConcernWithdrawn = "concern_withdrawn": "The owner of a concern withdraws it.";
    OverrideNamed = "override_named": "A named person takes it upon himself to go on in spite of a concern, with the reason.";

    AreaEstablished = "area_established": "An area is established.";
    AreaChanged = "area_changed": "Another version of an area is stated; what it adds holds at once, what it loosens has to be agreed.";
    AreaCancelled = "area_cancelled": "It is proposed to give up an area.";
    AreaChangeAgreed = "area_change_agreed": "A participant agrees to a version of an area: to its loosening, or to one that holds, so that being in it may open something.";
    AreaChangeDropped = "area_change_dropped": "The loosening of an area is refused or given up.";
    PauseDeclared = "pause_declared": "A humanitarian pause: an area nobody enters for a while.";

    OperationProposed = "operation_proposed": "An operation is put to the other participants.";
    OperationRevised = "operation_revised": "Another version of an operation is proposed; all consents are void.";
    OperationConsented = "operation_consented": "A participant consents to one version of an operation.";
    OperationConsentedWithConditions = "operation_consented_with_conditions": "A participant would consent to one version on conditions.";
    OperationConditionsAccepted = "operation_conditions_accepted": "The proposer takes the conditions on.";
    OperationObjected = "operation_objected": "A participant refuses, with the reason.";
    DissentNoted = "dissent_noted": "An office disagrees with the assessment behind an operation.";
    DissentSeen = "dissent_seen": "Whoever decides has seen a dissent.";
    OperationActivated = "operation_activated": "The use of the consented volumes begins.";
    NonconformanceObserved = "nonconformance_observed": "An operation was seen outside what it declared.";
    ConformanceRestored = "conformance_restored": "An operation is back inside what it declared.";
    ContingencyDeclared = "contingency_declared": "An operation cannot be flown as declared.";
    OperationEnded = "operation_ended": "The use of the volumes has ended.";
    OperationClosedOut = "operation_closed_out": "The account of an operation: actual times, deviations, allegations of harm.";
    CloseoutAnswered = "closeout_answered": "The other side's statement on a close-out.";
    OperationCancelled = "operation_cancelled": "The proposer gives an operation up.";
    OperationStopped = "operation_stopped": "A participant stops an operation; reasons may follow.";

    ObjectSubmitted = "object_submitted": "An object is notified for protection; it is protected from now on.";
    ObjectValidated = "object_validated": "A second person has checked place, footprint and neighbours.";
    ObjectReturned = "object_returned": "A notification is returned for correction; the object stays protected.";
    ObjectReleased = "object_released": "A notification is released to named recipients, exactly or coarsely.";
    ObjectReceived = "object_received": "A recipient has received a notification. Neither permission nor guarantee follows, and no duty changes.";
    ObjectLoaded = "object_loaded": "A recipient has loaded a notification into its systems.";
    ObjectDisseminated = "object_disseminated": "A recipient has passed a notification to those who execute.";
    ObjectRejected = "object_rejected": "A recipient could not take a notification, with the reason.";
    ObjectContested = "object_contested": "A recipient contests a notification; the object stays protected.";
    ContestAnswered = "contest_answered": "The submitter answers the contest that has waited longest; an object that several contest stays contested until each has its answer.";
    ObjectAmended = "object_amended": "Another version of an object is notified.";
    ObjectRevoked = "object_revoked": "A notification is withdrawn; protection ends when its grace is over.";
    ObjectReviewed = "object_reviewed": "The submitter confirms that a notification still holds.";
    ExactPlaceRead = "exact_place_read": "Somebody has read where an object stands exactly; who and which is sealed for whoever notified it.";

    MovementNotified = "movement_notified": "A humanitarian movement is notified; it is protected from now on.";
    MovementChanged = "movement_changed": "Another version of a movement is notified.";
    MovementAcknowledged = "movement_acknowledged": "A recipient has received the notice of a movement. Neither permission nor guarantee follows, and no duty changes.";
    MovementDeparted = "movement_departed": "A movement has set out.";
    MovementLegReached = "movement_leg_reached": "A movement has begun a leg of its way.";
    MovementArrived = "movement_arrived": "A movement has arrived.";
    MovementAborted = "movement_aborted": "A movement was broken off.";
    MovementClosed = "movement_closed": "The account of a movement.";

    FlightNoticed = "flight_noticed": "A flight of a bound party is announced under an exception.";
    FlightCancelled = "flight_cancelled": "An announced flight is given up.";

    ReportReleased = "report_released": "A report is released to named recipients.";
    ReportReceived = "report_received": "A recipient has received a report; receipt admits nothing.";
    ReportGraded = "report_graded": "A recipient grades a report by its own judgement.";
    ReportLinked = "report_linked": "A recipient holds a report beside another account, and says how they bear on each other.";
    OnwardRequested = "onward_requested": "A recipient asks the originator to pass a report on.";
    OnwardDecided = "onward_decided": "The originator decides about passing a report on.";
    ReportForwarded = "report_forwarded": "A recipient passes a report on to those its originator has let it go to.";
    ReportRecalled = "report_recalled": "The originator recalls a report. It proves that recipients were told, not that they forget; that it was released stays on record.";
    RecallAcknowledged = "recall_acknowledged": "A recipient has taken note of a recall.";
    ReportCorrected = "report_corrected": "The originator corrects a report; every recipient has to take note again.";

    IncidentReported = "incident_reported": "An event is reported, by one source, without a legal label.";
    IncidentSourceAdded = "incident_source_added": "Another source's account of the same event.";

    ViolationReported = "violation_reported": "An event is alleged, or held possible, to break an article.";
    ViolationTriaged = "violation_triaged": "An allegation is sorted: duplicates, articles, area, class of party.";
    ViolationNotified = "violation_notified": "The other side is told of an allegation.";
    InformationRequested = "information_requested": "Information about an allegation is asked for.";
    InformationGiven = "information_given": "Information about an allegation is given.";
    InquiryOpened = "inquiry_opened": "An inquiry begins to establish circumstances.";
    ViolationAssessed = "violation_assessed": "Nature, extent and threat are assessed.";
    FindingStated = "finding_stated": "A participant or observer states its finding; findings may diverge.";
    ResponseRecorded = "response_recorded": "What was done about it.";
    ViolationClosed = "violation_closed": "The matter is closed for now.";
    ViolationReopened = "violation_reopened": "The matter is taken up again.";
    AccessRestricted = "access_restricted": "Monitors or inquirers were kept from a place.";

    WithdrawalClaimed = "withdrawal_claimed": "A party claims to have pulled back what it had to.";
    WithdrawalConfirmed = "withdrawal_confirmed": "A pull-back is confirmed.";
    WithdrawalNotConfirmable = "withdrawal_not_confirmable": "A pull-back can be neither confirmed nor denied.";

    SuspensionNotified = "suspension_notified": "A participant suspends a channel, an article, an area or all; the safety floor stays.";
    ResumptionProposed = "resumption_proposed": "A participant proposes to resume.";
    ResumptionAgreed = "resumption_agreed": "A participant agrees to resume.";
    WithdrawalNotified = "withdrawal_notified": "A participant announces that it leaves the agreement; the safety floor stays.";

    CallRung = "call_rung": "A call over the liaison line begins; its clock runs for both sides.";
    CallUnanswered = "call_unanswered": "A call was not answered.";
    CallAnswered = "call_answered": "Whoever is on watch answers.";
    PriorityDeclared = "priority_declared": "The caller says how urgent it is.";
    ContentTaken = "content_taken": "The message is taken down, by anyone who answers.";
    ReadBack = "read_back": "The message is read back as understood.";
    ReadBackConfirmed = "read_back_confirmed": "The caller confirms the read-back.";
    ReadBackRefused = "read_back_refused": "The caller says that the read-back is wrong.";
    PassedOn = "passed_on": "The message is passed to whoever can act on it.";
    ActionConfirmed = "action_confirmed": "Whoever could act has acted.";
    CallClosed = "call_closed": "The call is over.";
    CallMessage = "call_message": "Either side writes beside a call; what is written answers nothing, confirms nothing and stops nothing.";
    CallEscalated = "call_escalated": "A call goes to an alternate.";
    LineStateDeclared = "line_state_declared": "A participant declares a line open, suspended or out of order.";
    WatchTaken = "watch_taken": "Somebody takes the watch on a line.";

    PrivateCheckProposed = "private_check_proposed": "A participant asks another whether plans of theirs come close, without showing them, and is committed to its own.";
    PrivateCheckAnswered = "private_check_answered": "The other side takes part, and is committed to its plans.";
    PrivateCheckRefused = "private_check_refused": "The other side does not take part.";
    PrivateCheckMessage = "private_check_message": "The next thing that one side says to the other, sealed.";
    PrivateCheckConsented = "private_check_consented": "A participant consents to learn which cells are common, and to show the legs that lie in the last of them.";
    PrivateCheckConcluded = "private_check_concluded": "What a side has found.";
    PrivateCheckBrokenOff = "private_check_broken_off": "A side ends the session, and says why and what is known.";

    ObservationRecorded = "observation_recorded": "Something was observed; nobody is made responsible by it.";
    AlertRaised = "alert_raised": "Something needs the attention of the watch.";
    AlertAcknowledged = "alert_acknowledged": "The watch has taken note of an alert.";

    Heartbeat = "heartbeat": "The node is alive and shows how far its ledger has come.";
    AttemptRefused = "attempt_refused": "A command was refused, and what it was.";
    ForkPublished = "fork_published": "Proof that a ledger was shown in two contradicting forms.";
}
