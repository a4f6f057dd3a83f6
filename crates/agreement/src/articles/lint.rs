//! What a lawyer would ask of the articles as a whole.

use std::collections::BTreeMap;

use detente_records::agreement::Citation;
use detente_records::finding::{Problems, quoted};
use detente_records::names::ArticleId;
use detente_records::nearest;

use super::annotations::place_of;
use super::{Articles, Clause, help_if_known};

/// Reports clauses without a consequence, and exceptions that do not work.
///
/// `text` is the whole file: a name that some clause of it claims without being readable is not
/// reported as unknown.
pub(super) fn check(clauses: &[Clause], text: &str, problems: &mut Problems) {
    let by_id: BTreeMap<&str, &Clause> = clauses
        .iter()
        .map(|clause| (clause.id.as_str(), clause))
        .collect();
    for clause in clauses {
        if clause.consequence.is_none() {
            let message = format!(
                "article {} does not say what follows when it is broken",
                clause.article
            );
            problems
                .warning("no_consequence", place_of("consequence", &clause.text, &clause.span), message)
                .help("add @consequence(\"…\"), or @consequence(\"none\") if nothing is meant to follow");
        }
        let readable = |id: &&ArticleId| by_id.contains_key(id.as_str()) || !claims(text, id);
        for id in clause.excepts.iter().filter(readable) {
            check_excepts(clause, id, &by_id, problems);
        }
        for id in clause.exceptions.iter().filter(readable) {
            check_exception(clause, id, &by_id, problems);
        }
    }
}

/// Whether the policy has an `unless` part: only that lets anything through a forbid.
pub(super) fn has_unless(clause: &Clause) -> bool {
    let Ok(policy) = clause.policy.to_pst() else {
        return false;
    };
    let parts = policy.body().clauses();
    parts
        .iter()
        .any(|part| matches!(part, cedar_policy::pst::Clause::Unless(_)))
}

/// `clause` calls itself an exception to the clause `id`.
fn check_excepts(
    clause: &Clause,
    id: &ArticleId,
    by_id: &BTreeMap<&str, &Clause>,
    problems: &mut Problems,
) {
    let place = place_of("excepts", &clause.text, &clause.span);
    let Some(rule) = by_id.get(id.as_str()) else {
        return unknown("excepts", id, by_id, place, problems);
    };
    if clause.forbids() {
        problems
            .warning(
                "exception_forbids",
                place,
                "a forbid cannot be an exception",
            )
            .help("make it a permit, or drop @excepts");
    } else if !rule.forbids() {
        let message = format!(
            "{} permits, so that nothing can be an exception to it",
            quoted(id.as_str())
        );
        problems
            .warning("exception_to_permit", place, message)
            .help("name the forbid that is meant, or drop @excepts");
    } else if !has_unless(rule) {
        let message = format!(
            "{} forbids without `unless`, so that this exception never has an effect",
            quoted(id.as_str())
        );
        problems
            .warning("exception_without_unless", place, message)
            .help(format!(
                "a forbid wins over every permit: add `unless {{ … }}` to {id}"
            ));
    } else if !rule.exceptions.contains(&clause.id) {
        let message = format!("{} does not name this exception", quoted(id.as_str()));
        problems
            .warning("exception_one_sided", place, message)
            .help(format!("add @exception(\"{}\") to {id}", clause.id));
    }
}

/// `clause` says that the clause `id` is an exception to it.
fn check_exception(
    clause: &Clause,
    id: &ArticleId,
    by_id: &BTreeMap<&str, &Clause>,
    problems: &mut Problems,
) {
    let place = place_of("exception", &clause.text, &clause.span);
    let Some(exception) = by_id.get(id.as_str()) else {
        return unknown("exception", id, by_id, place, problems);
    };
    if !clause.forbids() {
        problems
            .warning("exception_to_permit", place, "a permit has no exceptions")
            .help("put @exception on the forbid that is meant");
    } else if !exception.excepts.contains(&clause.id) {
        let message = format!(
            "{} does not say that it is an exception to this",
            quoted(id.as_str())
        );
        problems
            .warning("exception_one_sided", place, message)
            .help(format!("add @excepts(\"{}\") to {id}", clause.id));
    }
}

fn unknown(
    key: &str,
    id: &ArticleId,
    by_id: &BTreeMap<&str, &Clause>,
    place: detente_records::place::Place,
    problems: &mut Problems,
) {
    let known = by_id.keys().copied();
    let name = quoted(id.as_str());
    let message = format!("@{key} names {name}, which no clause has as its @id");
    let reported = problems.error("unknown_article", place, message);
    help_if_known(reported, nearest::way_out(id.as_str(), known));
}

/// Whether an annotation of `text` claims `id`, also in a clause that cannot be read.
fn claims(text: &str, id: &ArticleId) -> bool {
    text.contains(&format!("@id(\"{id}\")")) || text.contains(&format!("@article(\"{id}\")"))
}

impl Articles {
    /// Reports every citation of something that is neither the id of a clause nor the number of
    /// an article, under the document that cites it.
    pub(crate) fn check_citations(
        &self,
        citations: &[Citation],
        text: &str,
        problems: &mut Problems,
    ) {
        let known: Vec<&str> = self
            .clauses
            .iter()
            .flat_map(|clause| [clause.article.as_str(), clause.id.as_str()])
            .collect();
        for citation in citations {
            let name = citation.article.as_str();
            if self.has(name) || claims(text, &citation.article) {
                continue;
            }
            let Citation { by, provenance, .. } = citation;
            let message = format!("{by} names article {}, which does not exist", quoted(name));
            let mut wrong = Problems::new(&*provenance.document);
            let reported = wrong.error("unknown_article", provenance.place(), message);
            let way_out = nearest::way_out(name, known.iter().copied());
            reported.help(way_out.unwrap_or_else(|| "write the article".to_owned()));
            problems.append(wrong);
        }
    }
}
