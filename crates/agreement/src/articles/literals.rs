//! The entities a clause names: Cedar takes any spelling, the roster does not.

use cedar_policy::EntityUid;
use detente_records::finding::{Problems, quoted};
use detente_records::names::Name;
use detente_records::nearest;
use detente_records::place::Place;

use super::Clause;
use crate::roster::Roster;

/// Reports every entity `clause` names that the agreement does not know.
///
/// Cedar's validator cannot: to it a misspelt party is a party that has not been met yet, and
/// the clause would silently never apply.
pub(super) fn check(clause: &Clause, roster: &Roster, problems: &mut Problems) {
    let mut literals = clause.policy.entity_literals();
    literals.sort();
    literals.dedup();
    for literal in literals {
        let (what, known): (_, Vec<&str>) = match literal.type_name().basename() {
            "Party" => ("party", names(roster.parties.keys())),
            "Force" => ("force", names(roster.forces.keys())),
            "Group" => ("group", names(roster.groups.iter())),
            "ObjectCategory" => (
                "category of protected objects",
                names(roster.categories.iter()),
            ),
            "Area" => {
                warn_of_area(clause, &literal, problems);
                ("area", names(roster.areas.iter()))
            }
            "Action" | "AreaKind" | "MeasureKind" => continue,
            _ => {
                refuse_instance(clause, &literal, problems);
                continue;
            }
        };
        let id = literal.id().unescaped();
        if !known.contains(&id) {
            let help =
                nearest::way_out(id, known).unwrap_or_else(|| format!("no {what} is declared"));
            problems
                .error(
                    "unknown_reference",
                    place(clause, &literal),
                    format!("unknown {what} {}", quoted(id)),
                )
                .help(help);
        }
    }
}

/// Areas come and go as data; an article that names one has to be renegotiated with it, and many
/// such articles make proofs slow.
fn warn_of_area(clause: &Clause, literal: &EntityUid, problems: &mut Problems) {
    let message = format!(
        "the clause names the area {}",
        quoted(literal.id().unescaped())
    );
    problems
        .warning("area_in_article", place(clause, literal), message)
        .help("speak of areas by measure, kind, groups or consent, and keep the area in areas.geojson");
}

/// No article is about one operation, movement or protected object.
fn refuse_instance(clause: &Clause, literal: &EntityUid, problems: &mut Problems) {
    let message = format!("an article cannot name {}", quoted(&literal.to_string()));
    problems
        .error("instance_in_article", place(clause, literal), message)
        .help("speak of all of them with `resource is …` and the attributes they have");
}

fn names<'a, N: Name + 'a>(names: impl Iterator<Item = &'a N>) -> Vec<&'a str> {
    names.map(Name::as_str).collect()
}

fn place(clause: &Clause, literal: &EntityUid) -> Place {
    let text = literal.to_string();
    match clause.text.find(&text) {
        Some(at) => Place::of_span(clause.span.start + at..clause.span.start + at + text.len()),
        None => Place::of_span(clause.span.clone()),
    }
}
