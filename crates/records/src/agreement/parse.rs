//! From the text of agreement.toml to an [`Agreement`].

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};

use super::citation::citations;
use super::{
    AGREEMENT_BYTES_MAX, Agreement, BoundParty, Dispute, Force, Group, Observer, ObserverFunction,
    PARTICIPANTS_MAX, Participant, Precondition, Reading, Status,
};
use crate::document;
use crate::finding::{Problems, quoted};
use crate::local_text::{LocalText, language_of};
use crate::names::{
    AgreementId, ArticleId, ForceId, GroupId, LanguageTag, Name, ObserverId, ParticipantId, PartyId,
};
use crate::parameters::Parameters;
use crate::place::{Path, Place};
use crate::table::{Table, unknown_name, word_of};
use crate::{characters, exclusion, nearest, toml_text};

pub(super) fn read(bytes: &[u8], problems: &mut Problems) -> Option<Agreement> {
    if bytes.len() > AGREEMENT_BYTES_MAX {
        let message = format!(
            "the file has {} bytes, more than {AGREEMENT_BYTES_MAX}",
            bytes.len()
        );
        problems
            .error("file_too_large", Place::of_span(0..0), message)
            .help("an agreement has a few kilobytes: check that this is the right file");
        return None;
    }
    let (text, offset) = document::utf8(bytes, 0, &Path::Root, problems)?;
    let root = toml_text::parse(text, offset, problems);
    exclusion::refuse_excluded(&root, &Path::Root, problems);
    let mut table = Table::of(&root, &Path::Root, problems)?;
    table.require(&["id", "title", "status", "participants"], problems);

    let participants = participants(&mut table, problems);
    let bound_parties = bound_parties(&mut table, &participants, problems);
    let groups = entries(&mut table, "groups", problems, |group, problems| Group {
        name: group.local_text("name", problems),
    });
    let parties: BTreeSet<String> = participants
        .keys()
        .map(ToString::to_string)
        .chain(bound_parties.keys().map(ToString::to_string))
        .collect();
    let forces = forces(&mut table, &parties, &groups, problems);
    let observers = observers(&mut table, &parties, problems);
    let preconditions = entries(
        &mut table,
        "preconditions",
        problems,
        |precondition, problems| {
            precondition.require(&["text"], problems);
            let article = precondition.name("article", problems);
            let quiet = precondition.span("quiet", problems);
            let after = precondition.span("after", problems);
            let due = precondition.span("due", problems);
            let opens = precondition.names("opens", problems, |_, _, _| {});
            let holds = precondition.boolean("holds", false, problems);
            let text = precondition.local_text("text", problems)?;
            if let (Some(after), Some(due)) = (after, due)
                && due < after
            {
                let message = "it is due before it can hold";
                problems
                    .error("empty_window", precondition.place_of("due"), message)
                    .help("give `due` a longer time after Day D than `after`");
            }
            let opens: BTreeSet<ArticleId> = opens.unwrap_or_default().into_iter().collect();
            if opens.is_empty() && (after.is_some() || due.is_some()) {
                let key = if after.is_some() { "after" } else { "due" };
                let message = "it counts from Day D, and holds back Day D itself";
                problems
                    .error("counts_from_itself", precondition.place_of(key), message)
                    .help("say with `opens` which articles it holds back");
            }
            Some(Precondition {
                text,
                article,
                quiet,
                after,
                due,
                opens,
                holds,
            })
        },
    );
    let preconditions: BTreeMap<_, _> = preconditions
        .into_iter()
        .filter_map(|(id, precondition)| Some((id, precondition?)))
        .collect();
    for (what, key, names) in [
        (
            "parties",
            "participants",
            parties.iter().map(String::as_str).collect::<Vec<_>>(),
        ),
        (
            "forces",
            "forces",
            forces.keys().map(Name::as_str).collect(),
        ),
        (
            "groups",
            "groups",
            groups.keys().map(Name::as_str).collect(),
        ),
    ] {
        warn_of_lookalikes(what, &names, table.place_of(key), problems);
    }
    let parameters = Parameters::read(&mut table, &parties, problems);
    let disputes = disputes(&mut table, &participants, problems);

    let id = table.name("id", problems);
    let title = table.local_text("title", problems);
    let languages = languages(&mut table, problems);
    let status = status(&mut table, problems);
    let day_d = table.instant("day_d", problems);
    let ends = table.instant("ends", problems);
    let as_of = table.instant("as_of", problems);
    if let (Some(day_d), Some(ends)) = (day_d, ends)
        && ends <= day_d
    {
        problems
            .error(
                "empty_window",
                table.place_of("ends"),
                "`ends` is not after `day_d`",
            )
            .help("an agreement ends after it begins");
    }
    table.warn_of_unknown(problems);
    let citations = citations(problems.document(), bytes, &root);
    Some(Agreement {
        // Reported as missing; with something in their place the rest of the dossier can be checked.
        id: id.or_else(|| AgreementId::parse("unnamed").ok())?,
        title: title.unwrap_or_else(|| LocalText::Plain(String::new())),
        languages,
        status: status.unwrap_or(Status::Draft),
        day_d,
        ends,
        as_of,
        participants,
        bound_parties,
        forces,
        groups,
        observers,
        held_back: Agreement::articles_held_back(&preconditions),
        preconditions,
        parameters,
        disputes,
        citations,
    })
}

fn observers(
    table: &mut Table<'_, '_>,
    parties: &BTreeSet<String>,
    problems: &mut Problems,
) -> BTreeMap<ObserverId, Observer> {
    let observers: BTreeMap<ObserverId, Observer> =
        entries(table, "observers", problems, |observer, problems| {
            let name = observer.local_text("name", problems);
            let path = observer.path().key("functions");
            let items = observer.list("functions", problems).unwrap_or_default();
            let functions: BTreeSet<ObserverFunction> = items
                .iter()
                .enumerate()
                .filter_map(|(index, item)| {
                    word_of(
                        item,
                        &path.index(index),
                        "unknown_function",
                        "function of an observer",
                        &ObserverFunction::ALL,
                        problems,
                    )
                })
                .collect();
            if functions.is_empty() {
                problems
                    .warning(
                        "no_function",
                        observer.place(),
                        "an observer without a function can only read",
                    )
                    .help("add functions = [\"notifier\"] or [\"monitor\"]");
            }
            Observer { name, functions }
        });
    for id in observers.keys().filter(|id| parties.contains(id.as_str())) {
        let message = format!("{} is both an observer and a party", quoted(id.as_str()));
        problems
            .error("duplicate_id", table.place_of("observers"), message)
            .help("whoever observes takes no part: give each its own id");
    }
    observers
}

fn status(table: &mut Table<'_, '_>, problems: &mut Problems) -> Option<Status> {
    let value = table.get("status")?;
    let path = table.path().key("status");
    word_of(
        value,
        &path,
        "unknown_status",
        "status of an agreement",
        &Status::ALL,
        problems,
    )
}

fn languages(table: &mut Table<'_, '_>, problems: &mut Problems) -> Vec<LanguageTag> {
    let path = table.path().key("languages");
    let items = table.list("languages", problems).unwrap_or_default();
    let tags = items.iter().enumerate();
    tags.filter_map(|(index, item)| language_of(item, &path.index(index), problems))
        .collect()
}

fn participants(
    table: &mut Table<'_, '_>,
    problems: &mut Problems,
) -> BTreeMap<ParticipantId, Participant> {
    let found: BTreeMap<ParticipantId, Participant> =
        entries(table, "participants", problems, |participant, problems| {
            Participant {
                name: participant.local_text("name", problems),
                suspended: participant.boolean("suspended", false, problems),
                withdrawn: participant.boolean("withdrawn", false, problems),
            }
        });
    if found.len() > PARTICIPANTS_MAX {
        let message = format!("{} participants, more than {PARTICIPANTS_MAX}", found.len());
        problems
            .error("too_many_entries", table.place_of("participants"), message)
            .help("let blocs take part as one participant");
    }
    found
}

fn bound_parties(
    table: &mut Table<'_, '_>,
    participants: &BTreeMap<ParticipantId, Participant>,
    problems: &mut Problems,
) -> BTreeMap<PartyId, BoundParty> {
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    let mut parties: BTreeMap<PartyId, BoundParty> =
        entries(table, "bound_parties", problems, |party, problems| {
            if let Some(id) = party.text("id", &mut Problems::new("")) {
                places.insert(id.to_owned(), party.place_of("id"));
            }
            BoundParty {
                name: party.local_text("name", problems),
                guarantor: None,
                suspended: party.boolean("suspended", false, problems),
                withdrawn: party.boolean("withdrawn", false, problems),
            }
        });
    let both: Vec<PartyId> = participants.keys().map(PartyId::from).collect();
    for party in both.iter().filter(|party| parties.remove(*party).is_some()) {
        let message = format!(
            "{} is both a participant and a bound party",
            quoted(party.as_str())
        );
        problems
            .error("duplicate_id", table.place_of("bound_parties"), message)
            .help("a party either signs or is bound through a guarantor");
    }
    let known_participants = || participants.keys().map(Name::as_str);
    table.each("guarantors", problems, |guarantor, problems| {
        guarantor.require(&["participant", "for"], problems);
        let who: Option<ParticipantId> = guarantor.name("participant", problems);
        let whom: Option<PartyId> = guarantor.name("for", problems);
        guarantor.warn_of_unknown(problems);
        let (Some(who), Some(whom)) = (who, whom) else {
            return;
        };
        if !participants.contains_key(&who) {
            unknown_name(
                "participant",
                who.as_str(),
                guarantor.place_of("participant"),
                known_participants(),
                problems,
            );
            return;
        }
        let names: Vec<String> = parties.keys().map(ToString::to_string).collect();
        match parties.get_mut(&whom) {
            None => {
                let known = names.iter().map(String::as_str);
                unknown_name(
                    "bound party",
                    whom.as_str(),
                    guarantor.place_of("for"),
                    known,
                    problems,
                );
            }
            Some(party) if party.guarantor.as_ref().is_some_and(|other| *other != who) => {
                let message = format!("{} has two guarantors", quoted(whom.as_str()));
                problems
                    .error("two_guarantors", guarantor.place_of("for"), message)
                    .help("one participant is answerable: remove the other entry");
            }
            Some(party) => party.guarantor = Some(who),
        }
    });
    for (id, party) in &parties {
        if party.guarantor.is_none() {
            let message = format!("{} has no guarantor", quoted(id.as_str()));
            let place = places.get(id.as_str()).cloned();
            let place = place.unwrap_or_else(|| table.place_of("bound_parties"));
            problems
                .warning("no_guarantor", place, message)
                .help("no one answers for it, so none of its operations can be permitted: add an entry to [[guarantors]]");
        }
    }
    parties
}

fn forces(
    table: &mut Table<'_, '_>,
    parties: &BTreeSet<String>,
    groups: &BTreeMap<GroupId, Group>,
    problems: &mut Problems,
) -> BTreeMap<ForceId, Force> {
    let mut known: BTreeSet<String> = BTreeSet::new();
    table.each("forces", &mut Problems::new(""), |force, _| {
        known.extend(force.text("id", &mut Problems::new("")).map(str::to_owned));
    });
    let forces: BTreeMap<ForceId, Option<Force>> =
        entries(table, "forces", problems, |force, problems| {
            force.require(&["party"], problems);
            let party: Option<PartyId> = force.name("party", problems);
            let name = force.local_text("name", problems);
            let member_of = force.names("groups", problems, |group: &GroupId, place, problems| {
                if !groups.contains_key(group) {
                    let names = groups.keys().map(Name::as_str);
                    unknown_name("group", group.as_str(), place, names, problems);
                }
            });
            let within = force.names("within", problems, |parent: &ForceId, place, problems| {
                if !known.contains(parent.as_str()) {
                    let names = known.iter().map(String::as_str);
                    unknown_name("force", parent.as_str(), place, names, problems);
                }
            });
            let party_known = party
                .as_ref()
                .is_none_or(|party| parties.contains(party.as_str()));
            if let (Some(party), false) = (&party, party_known) {
                let names = parties.iter().map(String::as_str);
                unknown_name(
                    "party",
                    party.as_str(),
                    force.place_of("party"),
                    names,
                    problems,
                );
            }
            Some(Force {
                party: party?,
                name,
                groups: member_of.into_iter().flatten().collect(),
                within: within.into_iter().flatten().collect(),
            })
        });
    let forces: BTreeMap<ForceId, Force> = forces
        .into_iter()
        .filter_map(|(id, force)| Some((id, force?)))
        .collect();
    refuse_circles(table, &forces, problems);
    forces
}

/// Reports forces that are, over some steps, part of themselves.
fn refuse_circles(
    table: &Table<'_, '_>,
    forces: &BTreeMap<ForceId, Force>,
    problems: &mut Problems,
) {
    // Strip forces whose parents are all stripped; what is left stands in or below a circle.
    let mut left: BTreeMap<&ForceId, &Force> = forces.iter().collect();
    loop {
        let free: Vec<&ForceId> = left
            .iter()
            .filter(|(_, force)| !force.within.iter().any(|parent| left.contains_key(parent)))
            .map(|(id, _)| *id)
            .collect();
        if free.is_empty() {
            break;
        }
        for id in free {
            left.remove(id);
        }
    }
    if !left.is_empty() {
        let names: Vec<&str> = left.keys().map(|id| id.as_str()).collect();
        let message = format!("forces are part of themselves: {}", nearest::listed(&names));
        problems
            .error("circular_forces", table.place_of("forces"), message)
            .help("remove an entry of `within` so that the chain ends");
    }
}

fn disputes(
    table: &mut Table<'_, '_>,
    participants: &BTreeMap<ParticipantId, Participant>,
    problems: &mut Problems,
) -> BTreeMap<ArticleId, Dispute> {
    let mut disputes = BTreeMap::new();
    table.each("disputes", problems, |dispute, problems| {
        dispute.require(&["article"], problems);
        let article: Option<ArticleId> = dispute.name("article", problems);
        let mut readings = Vec::new();
        dispute.each("readings", problems, |reading, problems| {
            reading.require(&["participant", "text"], problems);
            let participant: Option<ParticipantId> = reading.name("participant", problems);
            let text = reading.local_text("text", problems);
            reading.warn_of_unknown(problems);
            let (Some(participant), Some(text)) = (participant, text) else {
                return;
            };
            if !participants.contains_key(&participant) {
                let known = participants.keys().map(Name::as_str);
                let place = reading.place_of("participant");
                unknown_name("participant", participant.as_str(), place, known, problems);
            }
            readings.push(Reading { participant, text });
        });
        dispute.warn_of_unknown(problems);
        let Some(article) = article else { return };
        if disputes
            .insert(article.clone(), Dispute { readings })
            .is_some()
        {
            duplicate(
                "disputed article",
                article.as_str(),
                dispute.place_of("article"),
                problems,
            );
        }
    });
    disputes
}

/// Warns of names that a reader would take for one another.
fn warn_of_lookalikes(what: &str, names: &[&str], place: Place, problems: &mut Problems) {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for name in names {
        if let Some(first) = seen.insert(characters::skeleton(name), name) {
            let message = format!(
                "two {what} look alike: {} and {}",
                quoted(first),
                quoted(name)
            );
            problems
                .warning("names_look_alike", place.clone(), message)
                .help("rename one: they differ only in case, separators or the script of a letter");
        }
    }
}

/// Reads the list of tables `key`, each with an `id` of its own.
fn entries<N: Name, T>(
    table: &mut Table<'_, '_>,
    key: &'static str,
    problems: &mut Problems,
    mut read: impl FnMut(&mut Table<'_, '_>, &mut Problems) -> T,
) -> BTreeMap<N, T> {
    let mut found = BTreeMap::new();
    table.each(key, problems, |entry, problems| {
        entry.require(&["id"], problems);
        let id: Option<N> = entry.name("id", problems);
        let read = read(entry, problems);
        entry.warn_of_unknown(problems);
        let Some(id) = id else { return };
        match found.entry(id) {
            Entry::Occupied(first) => {
                duplicate(
                    N::WHAT,
                    first.key().as_str(),
                    entry.place_of("id"),
                    problems,
                );
            }
            Entry::Vacant(place) => {
                place.insert(read);
            }
        }
    });
    found
}

fn duplicate(what: &str, name: &str, place: Place, problems: &mut Problems) {
    problems
        .error(
            "duplicate_id",
            place,
            format!("{what} {} is declared twice", quoted(name)),
        )
        .help("give each its own id, or remove one");
}
