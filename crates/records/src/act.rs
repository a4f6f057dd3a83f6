//! Acts: what one entry of a ledger says, typed.
//!
//! An entry has a kind and a body. The body names what it is about (`subject`), the role its author
//! acted in (`role`), and what its kind asks for, listed kind by kind in the modules below. Reading
//! is strict: an unknown member is an error, everything wrong is reported at once with its pointer,
//! and the exclusion list ([`crate::exclusion`]) holds at any depth. Who may write which act when
//! is said in [`crate::workflow`].

mod json;
mod kind;
mod member;

pub mod agreement;
pub mod area;
pub mod call;
pub mod concern;
pub mod draft;
pub mod edition;
pub mod exact_place;
pub mod feature;
pub mod incident;
pub mod movement;
pub mod node;
pub mod operation;
pub mod private_check;
pub mod protected_object;
pub mod report;
pub mod suspension;
pub mod text;
pub mod violation;
pub mod watch;

use std::sync::Arc;

use serde_json::{Map, Value as Json};

pub use draft::{ReportDraft, Terms};
pub use edition::{Edition, Forwarded};
pub use exact_place::{ExactPlace, PlaceReading};
pub use feature::Drawn;
pub use kind::{Act, Kind, MemberDescription};
pub use member::AtLeastOne;
pub use text::{Account, Blob, Digest, Estimate, Evidence, Grade, Harm, StatedPosition, Verbatim};

use crate::agreement::Agreement;
use crate::exclusion;
use crate::finding::{Problems, quoted};
use crate::place::{Path, Place};
use crate::table::Table;
use member::{Reading, words};

/// What a reader knows beside an act.
#[derive(Clone, Debug)]
pub struct ActContext<'a> {
    /// Name of the entry, for problems and provenance.
    pub document: Arc<str>,
    /// The agreement whose parties, forces and groups features refer to; without one, references
    /// are not checked.
    pub agreement: Option<&'a Agreement>,
}

words! {
    /// The role in which a person acts; no person acts for both sides of one matter.
    Role: "role" {
        /// Proposes operations and closes them out.
        Planner = "planner",
        /// Gives or refuses a participant's word: consents, concerns, the text of the agreement.
        Consenter = "consenter",
        /// Keeps the watch: calls, stops, activation, acknowledgements.
        WatchOfficer = "watch_officer",
        /// Decides what leaves, to whom and how exact.
        ReleaseOfficer = "release_officer",
        /// Establishes circumstances.
        Inquiry = "inquiry",
        /// Reads everything it may and writes nothing that binds.
        Auditor = "auditor",
        /// Runs the node.
        Administrator = "administrator",
        /// Notifies protected objects and movements.
        Notifier = "notifier",
        /// Watches whether the agreement is kept.
        Monitor = "monitor",
        /// The node itself.
        System = "system",
    }
}

impl Role {
    /// Returns the role with this wire name.
    pub fn from_wire_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|(known, _)| *known == name).map(|(_, role)| *role)
    }
}

impl Act {
    /// Reads the body of an entry of kind `kind`.
    ///
    /// Returns an act only when nothing is wrong with it beyond warnings. Places of problems are
    /// RFC 6901 pointers into the body; a body has no lines.
    ///
    /// # Cost
    ///
    /// Linear in the body, plus the shapes drawn in it.
    pub fn parse(
        kind: &str,
        body: &Map<String, Json>,
        context: &ActContext<'_>,
    ) -> (Option<Self>, Problems) {
        let mut problems = Problems::new(context.document.as_ref());
        let root = json::located(body, &mut problems);
        exclusion::refuse_excluded(&root, &Path::Root, &mut problems);
        let known = Kind::from_wire_name(kind);
        if known.is_none() {
            report_unknown_kind(kind, &mut problems);
        }
        let mut reading = Reading {
            document: context.document.clone(),
            agreement: context.agreement,
            subject: None,
            problems,
        };
        let table = Table::of(&root, &Path::Root, &mut reading.problems);
        let act = match (known, table) {
            (Some(kind), Some(mut table)) => Self::read(kind, &mut table, &mut reading),
            _ => None,
        };
        let mut problems = reading.problems;
        problems.forget_spans();
        let act = act.filter(|_| !problems.has_errors());
        (act, problems)
    }
}

/// Reads an object that is no act but is made of the same members.
fn read_part<T: member::Content>(
    document: &str,
    members: &Map<String, Json>,
) -> (Option<T>, Problems) {
    let mut problems = Problems::new(document);
    let root = json::located(members, &mut problems);
    exclusion::refuse_excluded(&root, &Path::Root, &mut problems);
    let mut reading = Reading {
        document: document.into(),
        agreement: None,
        subject: None,
        problems,
    };
    let read = T::read(&root, &Path::Root, &mut reading);
    let mut problems = reading.problems;
    problems.forget_spans();
    let read = read.filter(|_| !problems.has_errors());
    (read, problems)
}

fn report_unknown_kind(kind: &str, problems: &mut Problems) {
    let place = Place::default();
    if let Some(term) = exclusion::excluded_term(kind) {
        exclusion::report(kind, term, place, problems);
        return;
    }
    let names = || Kind::ALL.iter().map(|kind| kind.wire_name());
    problems
        .error(
            "unknown_kind",
            place,
            format!("{} is not a known kind of act", quoted(kind)),
        )
        .help(match crate::nearest::nearest(kind, names()) {
            Some(found) => format!("did you mean `{found}`?"),
            None => "docs/reference/workflows.md lists every kind".to_owned(),
        });
}

#[cfg(test)]
mod tests;
