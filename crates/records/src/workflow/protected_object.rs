//! Protected objects, and each recipient's ladder of acknowledgement.

use super::actor::{Actor, Side, actor};
use super::clock::{clock, until};
use super::guard::Guard;
use super::{Cause, Consequence, Machine, Per, last, on, state, stay};
use crate::act::{Kind, Role};

const SUBMITTER: &[Actor] = &[actor(Role::Notifier, Side::Submitter)];
const RELEASE: &[Actor] = &[
    actor(Role::ReleaseOfficer, Side::Submitter),
    actor(Role::Notifier, Side::Submitter),
];
/// Whoever can find a notification wrong before it goes out or afterwards.
const CHECKERS: &[Actor] = &[
    actor(Role::Notifier, Side::Submitter),
    actor(Role::WatchOfficer, Side::Recipient),
];
const CONTESTERS: &[Actor] = &[
    actor(Role::Inquiry, Side::Recipient),
    actor(Role::WatchOfficer, Side::Recipient),
];
const RECIPIENT: &[Actor] = &[actor(Role::WatchOfficer, Side::Recipient)];

const PROTECTED: &[&str] = &[
    "submitted",
    "returned",
    "validated",
    "live",
    "review_overdue",
    "revoked_with_grace",
];
const KEPT: &[&str] = &[
    "submitted",
    "returned",
    "validated",
    "live",
    "review_overdue",
];

pub(super) const PROTECTED_OBJECT: Machine = Machine {
    name: "protected_object",
    title: "Protected object",
    says: "Protection begins with the submission and ends only by a revocation whose grace is over, or by an end that was stated at the start. A notification gives no permission and no guarantee, and changes no duty under the law.",
    per: Per::Subject,
    states: &[
        state("draft", 0, "It is not notified."),
        state("submitted", 1, "Notified; protected, not yet checked."),
        state("returned", 1, "Returned for correction; protected."),
        state("validated", 1, "Checked by a second person; protected."),
        state("live", 1, "Released to recipients; protected."),
        state(
            "review_overdue",
            1,
            "Nobody has confirmed it in time; protected.",
        ),
        state(
            "revoked_with_grace",
            1,
            "Withdrawn; protected until its grace is over.",
        ),
        last("revoked", 0, "Withdrawn, and its grace is over."),
        last(
            "lapsed",
            0,
            "The end that was stated at the start has come.",
        ),
    ],
    transitions: &[
        on(
            Kind::ObjectSubmitted,
            &["draft"],
            "submitted",
            SUBMITTER,
            &[Guard::NoticesLeft],
        )
        .noted("Protection begins here, not with any acknowledgement."),
        on(
            Kind::ObjectValidated,
            &["submitted"],
            "validated",
            SUBMITTER,
            &[
                Guard::CurrentVersion,
                Guard::SecondPerson,
                Guard::WarningsAccepted,
            ],
        ),
        on(
            Kind::ObjectReturned,
            &["submitted", "validated", "live", "review_overdue"],
            "returned",
            CHECKERS,
            &[Guard::CurrentVersion],
        ),
        on(
            Kind::ObjectReleased,
            &["validated", "live"],
            "live",
            RELEASE,
            &[Guard::CurrentVersion, Guard::ExactSealedForEach],
        ),
        stay(
            Kind::ObjectReleased,
            &["submitted", "returned", "review_overdue"],
            RELEASE,
            &[Guard::CurrentVersion, Guard::ExactSealedForEach],
        )
        .noted("May go out before it is checked, and shows that it is not."),
        stay(
            Kind::ObjectReviewed,
            &["submitted", "returned", "validated", "live"],
            SUBMITTER,
            &[Guard::CurrentVersion],
        ),
        on(
            Kind::ObjectReviewed,
            &["review_overdue"],
            "live",
            SUBMITTER,
            &[Guard::CurrentVersion],
        ),
        on(
            Kind::ObjectAmended,
            KEPT,
            "submitted",
            SUBMITTER,
            &[Guard::NextVersion],
        ),
        stay(Kind::ObjectContested, PROTECTED, CONTESTERS, &[])
            .noted("It stays protected while it is contested."),
        stay(
            Kind::ContestAnswered,
            PROTECTED,
            SUBMITTER,
            &[Guard::ContestOpen],
        )
        .noted("One answer to each who contests, in the order of their contests."),
        on(
            Kind::ObjectRevoked,
            KEPT,
            "revoked_with_grace",
            SUBMITTER,
            &[Guard::EndsLater],
        ),
    ],
    clocks: &[
        clock(
            "review_due",
            "live",
            "object-review",
            Side::Submitter,
            "review_overdue",
            "Shown as stale, and still protected.",
        ),
        until(
            "review_promised",
            "live",
            "`review_by` of the notification",
            Side::Submitter,
            "review_overdue",
            "Shown as stale, and still protected.",
        ),
    ],
    consequences: &[
        Consequence {
            cause: Cause::GraceEnded,
            from: &["revoked_with_grace"],
            to: "revoked",
        },
        Consequence {
            cause: Cause::EndReached,
            from: PROTECTED,
            to: "lapsed",
        },
    ],
    reopened_by: &[],
};

pub(super) const ACKNOWLEDGEMENT: Machine = Machine {
    name: "acknowledgement",
    title: "Acknowledgement of a notification",
    says: "Each recipient climbs a ladder of its own: received, loaded, disseminated. There is no approval on it.",
    per: Per::SubjectAndHolder,
    states: &[
        state("not_sent", 0, "It was not released to this recipient."),
        state("sent", 1, "Released, and not acknowledged."),
        state("received", 1, "Received."),
        state("loaded", 1, "Loaded into the recipient's systems."),
        state("disseminated", 1, "Passed on to those who execute."),
        state("rejected", 1, "The recipient could not take it."),
        state("overdue", 2, "The next step was not made in time."),
    ],
    transitions: &[
        on(
            Kind::ObjectReceived,
            &["sent", "rejected", "overdue"],
            "received",
            RECIPIENT,
            &[Guard::CurrentVersion],
        )
        .noted("Receipt is no permission and no guarantee, and changes no duty."),
        on(
            Kind::ObjectLoaded,
            &["received", "overdue"],
            "loaded",
            RECIPIENT,
            &[Guard::CurrentVersion],
        ),
        on(
            Kind::ObjectDisseminated,
            &["loaded"],
            "disseminated",
            RECIPIENT,
            &[Guard::CurrentVersion],
        ),
        stay(
            Kind::ObjectDisseminated,
            &["disseminated"],
            RECIPIENT,
            &[Guard::CurrentVersion],
        )
        .noted("Passed on to more units."),
        on(
            Kind::ObjectRejected,
            &["sent", "received", "overdue"],
            "rejected",
            RECIPIENT,
            &[Guard::CurrentVersion],
        )
        .noted("The object is protected nevertheless."),
    ],
    clocks: &[
        clock(
            "receipt_due",
            "sent",
            "notification-received",
            Side::Recipient,
            "overdue",
            "The recipient has not acknowledged.",
        ),
        clock(
            "loading_due",
            "received",
            "notification-loaded",
            Side::Recipient,
            "overdue",
            "The recipient has not loaded it.",
        ),
        clock(
            "dissemination_due",
            "loaded",
            "notification-disseminated",
            Side::Recipient,
            "overdue",
            "The recipient has not passed it on.",
        ),
    ],
    consequences: &[Consequence {
        cause: Cause::Released,
        from: &[
            "not_sent",
            "received",
            "loaded",
            "disseminated",
            "rejected",
            "overdue",
        ],
        to: "sent",
    }],
    reopened_by: &[],
};
