//! What has to hold before articles bind.

use std::collections::{BTreeMap, BTreeSet};

use detente_records::{ArticleId, Precondition, PreconditionId};
use detente_spacetime::Span;

use super::{Found, come_or_gone, listed, pairs};
use crate::prove::Change;

/// Each precondition and each of its members.
pub(super) fn changes(
    old: &BTreeMap<PreconditionId, Precondition>,
    new: &BTreeMap<PreconditionId, Precondition>,
    found: &mut Found,
) {
    for (id, was, is) in pairs(old, new) {
        found.text(
            format!("precondition {id}"),
            was.map(|asked| &asked.text),
            is.map(|asked| &asked.text),
            come_or_gone(was, is, Change::Different),
        );
        let (Some(was), Some(is)) = (was, is) else {
            continue;
        };
        let Precondition {
            text: _, // compared above
            article,
            quiet,
            after,
            due,
            opens,
            holds,
        } = was;
        let of = |what: &str| format!("{what} of precondition {id}");
        let name = |article: &Option<ArticleId>| article.as_ref().map(ToString::to_string);
        found.add(
            of("article"),
            name(article),
            name(&is.article),
            Change::Equivalent,
        );
        found.add(
            of("what is held back"),
            Some(held_back(opens)),
            Some(held_back(&is.opens)),
            of_opens(was, is),
        );
        found.restraint(of("quiet"), quiet.as_ref(), is.quiet.as_ref());
        found.restraint(
            of("earliest time after Day D"),
            after.as_ref(),
            is.after.as_ref(),
        );
        let time = |span: Option<Span>| span.map(|span| span.to_string());
        found.add(
            of("latest time after Day D"),
            time(*due),
            time(is.due),
            of_due(*due, is.due),
        );
        let word = |holds: bool| {
            let word = if holds { "holds" } else { "does not hold" };
            Some(word.to_owned())
        };
        found.add(
            format!("precondition {id} by the dossier's own word"),
            word(*holds),
            word(is.holds),
            if is.holds {
                Change::Looser
            } else {
                Change::Stricter
            },
        );
    }
}

/// Whoever has less time is bound more, and without a limit nobody is late.
fn of_due(before: Option<Span>, after: Option<Span>) -> Change {
    match (before, after) {
        (Some(before), Some(after)) if after < before => Change::Stricter,
        (None, Some(_)) => Change::Stricter,
        _ => Change::Looser,
    }
}

fn held_back(opens: &BTreeSet<ArticleId>) -> String {
    match opens.is_empty() {
        true => "Day D".to_owned(),
        false => format!("articles {}", listed(opens)),
    }
}

/// Without an article of its own a precondition holds back Day D, and with it everything.
fn of_opens(was: &Precondition, is: &Precondition) -> Change {
    let (before, after) = (&was.opens, &is.opens);
    let change = match (before.is_empty(), after.is_empty()) {
        (true, false) => Change::Looser,
        (false, true) => Change::Stricter,
        _ if after.is_superset(before) => return Change::Stricter,
        _ if after.is_subset(before) => return Change::Looser,
        _ => return Change::Different,
    };
    // Quiet is counted from the tabling where Day D is held back, and else from Day D: the articles
    // named may open at another time for that alone.
    match was.quiet.is_some() || is.quiet.is_some() {
        true => Change::Different,
        false => change,
    }
}
