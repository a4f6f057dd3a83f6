//! The agreement: who takes part, who is bound through whom, which forces fly, and the parameters.

mod citation;
mod parse;

use std::collections::{BTreeMap, BTreeSet};

use detente_spacetime::{Instant, Span};

use crate::finding::Problems;
use crate::local_text::LocalText;
use crate::names::{
    AgreementId, ArticleId, ForceId, GroupId, LanguageTag, ObserverId, ParticipantId, PartyId,
    PreconditionId, SubjectId,
};
use crate::parameters::Parameters;

pub use citation::Citation;

/// The largest agreement.toml, in bytes; real ones have a few kilobytes.
pub const AGREEMENT_BYTES_MAX: usize = 4 << 20;

/// The most participants of an agreement. Whose consent is missing is found by trying sets of
/// them; sixteen is more than any arrangement of this kind has had.
pub const PARTICIPANTS_MAX: usize = 16;

/// An agreement as its document states it, with every reference inside it resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// Its id.
    pub id: AgreementId,
    /// Its title.
    pub title: LocalText,
    /// Its working languages, in the order given.
    pub languages: Vec<LanguageTag>,
    /// How far it has come.
    pub status: Status,
    /// The anchor of relative timelines, once set.
    pub day_d: Option<Instant>,
    /// When it ends, if that is fixed.
    pub ends: Option<Instant>,
    /// The instant the dossier describes; the evaluation instant unless another is given.
    pub as_of: Option<Instant>,
    /// Those who sign and can consent.
    pub participants: BTreeMap<ParticipantId, Participant>,
    /// Those who are bound without signing.
    pub bound_parties: BTreeMap<PartyId, BoundParty>,
    /// Whatever flies.
    pub forces: BTreeMap<ForceId, Force>,
    /// Groups that are present in areas or that forces belong to.
    pub groups: BTreeMap<GroupId, Group>,
    /// Those who keep a ledger and watch or notify, without consenting.
    pub observers: BTreeMap<ObserverId, Observer>,
    /// What has to hold before articles bind.
    pub preconditions: BTreeMap<PreconditionId, Precondition>,
    /// Clocks, stand-off policy, lead times, vertical assumptions.
    pub parameters: Parameters,
    /// Articles whose reading is in dispute.
    pub disputes: BTreeMap<ArticleId, Dispute>,
    /// Articles that permit nothing because a precondition that opens them does not hold; what they forbid they forbid.
    pub held_back: BTreeSet<ArticleId>,
    /// Where the document names articles, in its order.
    pub citations: Vec<Citation>,
}

/// How far an agreement has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Being written.
    Draft,
    /// Laid before the participants.
    Tabled,
    /// Binding.
    InForce,
    /// Suspended; protected objects and movements stay protected.
    Suspended,
    /// Over; protected objects and movements stay protected.
    Ended,
}

impl Status {
    /// Every status with its wire name, in the order of an agreement's life.
    pub const ALL: [(&'static str, Self); 5] = [
        ("draft", Self::Draft),
        ("tabled", Self::Tabled),
        ("in_force", Self::InForce),
        ("suspended", Self::Suspended),
        ("ended", Self::Ended),
    ];

    /// Returns the name used in documents.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Tabled => "tabled",
            Self::InForce => "in_force",
            Self::Suspended => "suspended",
            Self::Ended => "ended",
        }
    }
}

/// A state or organisation that signs, runs a node, and can consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Name for people, if it differs from the id.
    pub name: Option<LocalText>,
    /// Whether it has suspended its part.
    pub suspended: bool,
    /// Whether it has withdrawn.
    pub withdrawn: bool,
}

/// A party whose conduct articles restrain without its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundParty {
    /// Name for people, if it differs from the id.
    pub name: Option<LocalText>,
    /// The participant answerable for it; without one nothing it does can be permitted.
    pub guarantor: Option<ParticipantId>,
    /// Whether it is suspended.
    pub suspended: bool,
    /// Whether it has left.
    pub withdrawn: bool,
}

/// A force: what flies, for a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Force {
    /// The party it belongs to.
    pub party: PartyId,
    /// Name for people, if it differs from the id.
    pub name: Option<LocalText>,
    /// Groups it belongs to.
    pub groups: BTreeSet<GroupId>,
    /// Forces it is part of; never in a circle.
    pub within: BTreeSet<ForceId>,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Name for people, if it differs from the id.
    pub name: Option<LocalText>,
}

/// Somebody who keeps a ledger of its own without being a participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observer {
    /// Name for people, if it differs from the id.
    pub name: Option<LocalText>,
    /// What it is there for.
    pub functions: BTreeSet<ObserverFunction>,
}

/// What an observer is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObserverFunction {
    /// It notifies protected objects and humanitarian movements.
    Notifier,
    /// It watches whether the agreement is kept.
    Monitor,
}

impl ObserverFunction {
    /// Every function with its wire name.
    pub const ALL: [(&'static str, Self); 2] =
        [("notifier", Self::Notifier), ("monitor", Self::Monitor)];

    /// Returns the name used in documents.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Notifier => "notifier",
            Self::Monitor => "monitor",
        }
    }
}

/// Something that has to hold before articles bind; all of them have to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precondition {
    /// What has to hold.
    pub text: LocalText,
    /// The article that asks for it.
    pub article: Option<ArticleId>,
    /// How long nothing may have been alleged, without a break, by the count of the record.
    pub quiet: Option<Span>,
    /// How long after Day D it can hold at the earliest.
    pub after: Option<Span>,
    /// How long after Day D it should hold at the latest.
    pub due: Option<Span>,
    /// The articles that permit nothing before it holds; without any it holds back Day D itself.
    pub opens: BTreeSet<ArticleId>,
    /// Whether a dossier that is judged by itself, without anybody's record, says that it holds.
    pub holds: bool,
}

/// An article whose reading is in dispute; until settled the stricter reading counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The readings on record, in the order given.
    pub readings: Vec<Reading>,
}

/// One participant's reading of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Whose reading it is.
    pub participant: ParticipantId,
    /// What it says.
    pub text: LocalText,
}

impl Agreement {
    /// Reads an agreement.toml.
    ///
    /// `document` names the file in problems. The agreement is returned whenever it can be pieced
    /// together, also beside errors, so that the rest of a dossier can be checked against it; use
    /// it for decisions only when [`Problems::has_errors`] is false.
    pub fn parse(document: &str, text: &[u8]) -> (Option<Self>, Problems) {
        let mut problems = Problems::new(document);
        let agreement = parse::read(text, &mut problems);
        problems.locate(text, crate::finding::Origin::START);
        problems.sort_by_place();
        (agreement, problems)
    }

    /// Returns the articles that preconditions which do not hold keep from permitting anything, as a dossier by itself has it.
    fn articles_held_back(
        preconditions: &BTreeMap<PreconditionId, Precondition>,
    ) -> BTreeSet<ArticleId> {
        let open = preconditions.values().filter(|asked| !asked.holds);
        open.flat_map(|asked| asked.opens.iter().cloned()).collect()
    }

    /// Says whether `party` takes part or is bound.
    pub fn has_party(&self, party: &str) -> bool {
        self.participants.contains_key(party) || self.bound_parties.contains_key(party)
    }

    /// Returns the ids of all participants and bound parties, in order.
    pub fn party_names(&self) -> impl Iterator<Item = &str> + Clone {
        let participants = self.participants.keys().map(ParticipantId::as_str);
        participants.chain(self.bound_parties.keys().map(PartyId::as_str))
    }

    /// Says whether an area can apply to `name`: a party, a force or a group.
    pub fn has_subject(&self, name: &str) -> bool {
        self.has_party(name) || self.forces.contains_key(name) || self.groups.contains_key(name)
    }

    /// Returns the ids of all parties, forces and groups.
    pub fn subject_names(&self) -> impl Iterator<Item = &str> + Clone {
        let forces = self.forces.keys().map(ForceId::as_str);
        self.party_names()
            .chain(forces)
            .chain(self.groups.keys().map(GroupId::as_str))
    }

    /// Returns the participant answerable for `party`: itself, or its guarantor.
    pub fn answerable(&self, party: &PartyId) -> Option<&ParticipantId> {
        match self.participants.get_key_value(party.as_str()) {
            Some((participant, _)) => Some(participant),
            None => self
                .bound_parties
                .get(party)
                .and_then(|bound| bound.guarantor.as_ref()),
        }
    }

    /// Returns the forces `force` is part of, itself included, in order.
    pub fn force_and_parents(&self, force: &ForceId) -> BTreeSet<ForceId> {
        let mut found = BTreeSet::new();
        let mut open = vec![force.clone()];
        while let Some(next) = open.pop() {
            if let Some(known) = self.forces.get(&next) {
                open.extend(
                    known
                        .within
                        .iter()
                        .filter(|parent| !found.contains(*parent))
                        .cloned(),
                );
            }
            found.insert(next);
        }
        found
    }

    /// Says whether `subject` names `force`, a force it is part of, a group of any of them, or
    /// the party the operation is flown for.
    ///
    /// A name shared by a party, a force and a group covers all of them.
    pub fn covers(&self, subject: &SubjectId, party: &PartyId, force: &ForceId) -> bool {
        let name = subject.as_str();
        party.as_str() == name
            || self.force_and_parents(force).iter().any(|member| {
                let known = self.forces.get(member);
                member.as_str() == name
                    || known.is_some_and(|known| {
                        known.party.as_str() == name
                            || known.groups.iter().any(|group| group.as_str() == name)
                    })
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = r#"
        id = "plan"
        title = "Plan"
        status = "in_force"
        participants = [{ id = "US" }, { id = "RU" }]
        bound_parties = [{ id = "SY" }, { id = "militia" }]
        guarantors = [{ participant = "RU", for = "SY" }]
        groups = [{ id = "pro-government" }]
        forces = [
            { id = "air-force", party = "SY", groups = ["pro-government"] },
            { id = "helicopters", party = "SY", within = ["air-force"] },
            { id = "other", party = "US" },
        ]
    "#;

    fn plan() -> Agreement {
        let (agreement, problems) = Agreement::parse("agreement.toml", PLAN.as_bytes());
        assert!(!problems.has_errors(), "{problems}");
        agreement.unwrap()
    }

    #[test]
    fn a_bound_party_answers_through_its_guarantor() {
        let plan = plan();
        let answerable = |party: &str| {
            plan.answerable(&PartyId::parse(party).unwrap())
                .map(ParticipantId::as_str)
        };
        assert_eq!(answerable("US"), Some("US"));
        assert_eq!(answerable("SY"), Some("RU"));
        assert_eq!(answerable("militia"), None);
        assert_eq!(answerable("FR"), None);
        assert!(plan.has_party("militia") && !plan.has_party("FR"));
    }

    #[test]
    fn a_name_covers_a_force_its_parents_their_groups_and_its_party() {
        let plan = plan();
        let covers = |subject: &str, force: &str| {
            let subject = SubjectId::parse(subject).unwrap();
            let force = ForceId::parse(force).unwrap();
            let party = plan.forces.get(&force).unwrap().party.clone();
            plan.covers(&subject, &party, &force)
        };
        for subject in ["helicopters", "air-force", "pro-government", "SY"] {
            assert!(covers(subject, "helicopters"), "{subject}");
        }
        assert!(!covers("helicopters", "air-force"));
        assert!(!covers("pro-government", "other"));
        assert!(!covers("RU", "helicopters"));
    }

    #[test]
    fn observers_have_functions_and_are_no_parties() {
        let text = format!(
            "{PLAN}
            observers = [{{ id = \"UN\", functions = [\"notifier\"] }}, {{ id = \"RU\" }}, {{ id = \"X\" }}]
            preconditions = [{{ id = \"quiet\", text = \"Seven quiet days\", article = \"art-1\" }}]"
        );
        let (plan, problems) = Agreement::parse("agreement.toml", text.as_bytes());
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(
            codes,
            ["no_guarantor", "duplicate_id", "no_function", "no_function"]
        );
        let plan = plan.unwrap();
        assert!(!plan.has_party("UN"));
        let un = plan.observers.get("UN").unwrap();
        assert_eq!(un.functions, BTreeSet::from([ObserverFunction::Notifier]));
        assert_eq!(plan.preconditions.len(), 1);
    }

    #[test]
    fn missing_parameters_are_restrictive() {
        let plan = plan();
        let hospital = crate::names::CategoryName::parse("hospital").unwrap();
        let policy = &plan.parameters.standoff;
        assert!(policy.standoff_m(&hospital) >= crate::standoff::STANDOFF_UNSTATED_M);
        assert!(!policy.exempts(&hospital, crate::Activity::Medevac));
    }

    #[test]
    fn no_more_participants_than_subsets_can_be_looked_at() {
        let many: String = (0..17).map(|n| format!("{{id=\"p{n}\"}},")).collect();
        let text = format!("id='a'\ntitle='t'\nstatus='draft'\nparticipants=[{many}]\n");
        let (_, problems) = Agreement::parse("agreement.toml", text.as_bytes());
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["too_many_entries"]);
    }
}
