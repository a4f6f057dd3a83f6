//! Guards: named conditions, each with its words. Whoever knows the facts evaluates them.

/// Whether a guard holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuardAnswer {
    /// It holds.
    Holds,
    /// It does not, or cannot be shown to.
    Fails {
        /// The reasons, in words; may be empty when the guard's own words say it all.
        because: Vec<String>,
    },
}

impl GuardAnswer {
    /// Returns the answer to a condition that needs no more words.
    pub fn of(holds: bool) -> Self {
        if holds {
            Self::Holds
        } else {
            Self::Fails {
                because: Vec::new(),
            }
        }
    }
}

macro_rules! guards {
    ($( $name:ident = $wire:literal: $says:literal; )*) => {
        /// A condition of a transition.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Guard {
            $( #[doc = concat!("Holds when ", $says, ".")] $name, )*
        }

        impl Guard {
            /// Every guard.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// Returns the name used in the reference.
            pub fn wire_name(self) -> &'static str {
                match self {
                    $( Self::$name => $wire, )*
                }
            }

            /// Returns what has to hold, to stand after "it needs that".
            pub fn says(self) -> &'static str {
                match self {
                    $( Self::$name => $says, )*
                }
            }
        }
    };
}

guards! {
    SameText = "same_text": "the hash is that of the text tabled last";
    NoBlockingConcern = "no_blocking_concern": "no blocking concern is open or maintained without a named override";
    OthersInitialled = "others_initialled": "every other participant has initialled the same text";
    OthersAdopted = "others_adopted": "every other participant has adopted the same text";
    OthersNamedDayD = "others_named_day_d": "every other participant has named the same Day D";
    PreconditionsHold = "preconditions_hold": "every precondition holds";
    DayDAgreed = "day_d_agreed": "every participant has named the same Day D";
    ReadingsAgree = "readings_agree": "no other participant has recorded another reading";
    OthersSettled = "others_settled": "every other participant that recorded a reading has accepted this one";

    Aware = "aware": "the author had seen the present version of every restraint it touches";
    Consentable = "consentable": "no protected object, movement or article prohibits it whoever consents";
    Clear = "clear": "judged now, nothing prohibits it and nobody's consent is missing";
    FirstVersion = "first_version": "the version is 1";
    NextVersion = "next_version": "the version is one more than the last";
    CurrentVersion = "current_version": "the version named is the last";
    OthersConsented = "others_consented": "every other participant whose consent it needs has consented to this version";
    OtherPerson = "other_person": "its author has not acted for the other side in this matter";
    WindowOpen = "window_open": "one of its volumes is open now";
    NoticesLoaded = "notices_loaded": "every protected object near it is loaded and passed on to those who execute, by the participant that acts";
    DissentsSeen = "dissents_seen": "every dissent noted about it has been seen by whoever decides";
    KnownDissent = "known_dissent": "the dissent named is on record";
    NewDissent = "new_dissent": "no dissent about it goes by the name yet";

    SecondPerson = "second_person": "its author is not the person who submitted it";
    WarningsAccepted = "warnings_accepted": "every warning of the notice is accepted, and its check was made";
    NoticesLeft = "notices_left": "its author has no more objects on record that nobody validated than the agreement lets one keeper of a ledger have";
    ContestOpen = "contest_open": "a contest is open";
    ExactSealedForEach = "exact_sealed_for_each": "the exact place of an object that is shown coarsely is sealed for each recipient that it is released to exactly, and for nobody else; what everybody reads exactly is called so";
    EndsLater = "ends_later": "neither the effect nor the end of grace lies in the past, and grace ends after the effect";
    AddsOnly = "adds_only": "the new version restrains everything that the last one did";
    OthersAgreed = "others_agreed": "every other participant has agreed";
    SameInstant = "same_instant": "the instant named is the one that was proposed last";
    OthersAcknowledged = "others_acknowledged": "every other recipient has acknowledged it";
    LegsInOrder = "legs_in_order": "the leg follows the last one reached";
    NoticeAhead = "notice_ahead": "the notice comes as long before the flight as the article asks";
    NoticeLate = "notice_late": "the notice comes later than the article asks";

    MarkingAllows = "marking_allows": "the marking, and that of every source, names every recipient and its ledger";
    SealedForEach = "sealed_for_each": "every recipient has content sealed for it alone, and nobody else has";
    PassingCovers = "passing_covers": "the originator has let it go to every recipient, and has not recalled it";
    PassingGranted = "passing_granted": "the decision is to grant it";
    PassingRefused = "passing_refused": "the decision is to refuse it";
    FindingsComplete = "findings_complete": "every participant has stated a finding, this one counted, since the matter was reopened last";
    WasPassedOn = "was_passed_on": "the message taken down last was passed on before";
    ReadBackAgrees = "read_back_agrees": "the position read back is the position given";
    TermsOfAgreement = "terms_of_agreement": "the terms are those of the agreement in force";
    SessionsLeft = "sessions_left": "the agreement lets its author propose one more session to this side within a day";
    EndsInTime = "ends_in_time": "the session ends later than now, and no later than the agreement lets it";
    SealedForOther = "sealed_for_other": "the content is sealed for the other side, which is a participant";
    NextMessage = "next_message": "the number is one more than that of its side's last message";
    CountKnown = "count_known": "both sides know how many coarse cells are common";
    OtherSideConsented = "other_side_consented": "it is the other side that has consented";
    FoundApart = "found_apart": "the finding is that no plans come close";
    FoundClose = "found_close": "the finding is that plans come close";
    OtherFoundSame = "other_found_same": "the other side has found the same";
    OtherFoundElse = "other_found_else": "the other side has found something else";
    NothingFoundYet = "nothing_found_yet": "neither side has said what it found";
    NotInThePast = "not_in_the_past": "the instant named does not lie in the past";
}
