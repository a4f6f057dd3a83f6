//! Clauses that amend others, put into the articles in force.

use std::collections::BTreeSet;

use cedar_policy::Policy;
use detente_records::finding::{Origin, Problems, quoted};
use detente_records::nearest;
use detente_records::place::Place;

use crate::articles::{Articles, place_of, statements};

/// Returns `text`, the articles in force, as amended by the clauses of `amending`.
///
/// A clause annotated `@amends("id")` takes the place of the clause with that `@id`; a clause
/// without that annotation is added at the end; the clauses of `repealed` are left out. Every
/// amendment of something that is not there is a problem, reported under `document` with its place
/// and the nearest clause there is; there is a text only without one.
pub fn amended_text(
    articles: &Articles,
    text: &str,
    document: &str,
    amending: &str,
    repealed: &[String],
) -> (Option<String>, Problems) {
    let mut problems = Problems::new(document);
    let known = || articles.clauses().iter().map(|clause| clause.id.as_str());
    // The bytes of the old text that go, and what comes in their place.
    let mut edits: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    let mut added = Vec::new();
    let mut touched: BTreeSet<String> = BTreeSet::new();
    for span in statements(amending) {
        let statement = amending.get(span.clone()).unwrap_or_default();
        let policy = match Policy::parse(None, statement) {
            Ok(policy) => policy,
            Err(error) => {
                problems
                    .error("article_syntax", Place::of_span(span), error.to_string())
                    .help("write the amending clause as it is to stand");
                continue;
            }
        };
        let place = place_of("amends", statement, &span);
        match policy.annotation("amends") {
            Some(id) => match articles.clause(id) {
                Some(clause) if touched.insert(id.to_owned()) => {
                    edits.push((clause.span.clone(), without(statement, "amends")));
                }
                Some(_) => {
                    let message = format!("clause {} is amended twice", quoted(id));
                    problems
                        .error("amended_twice", place, message)
                        .help("join the two amendments into one clause");
                }
                None => {
                    let message = format!(
                        "@amends names {}, which no clause has as its @id",
                        quoted(id)
                    );
                    let help = nearest::way_out(id, known())
                        .unwrap_or_else(|| "a clause without @amends is added".to_owned());
                    problems.error("unknown_article", place, message).help(help);
                }
            },
            None => {
                let id = policy.annotation("id").unwrap_or_default();
                if articles.clause(id).is_some() {
                    let message = format!("clause {} is there already", quoted(id));
                    problems
                        .error("duplicate_id", place_of("id", statement, &span), message)
                        .help(format!("write @amends(\"{id}\") to replace it"));
                }
                added.push(statement.to_owned());
            }
        }
    }
    for id in repealed {
        match articles.clause(id) {
            Some(clause) if touched.insert(id.clone()) => {
                edits.push((clause.span.clone(), String::new()));
            }
            Some(_) => {
                let message = format!("clause {} is amended and repealed", quoted(id));
                problems
                    .error("amended_twice", Place::of_span(0..0), message)
                    .help("do one of the two");
            }
            None => {
                let message = format!("no clause has the @id {} to be repealed", quoted(id));
                let help = nearest::way_out(id, known())
                    .unwrap_or_else(|| "name the @id of a clause".to_owned());
                problems
                    .error("unknown_article", Place::of_span(0..0), message)
                    .help(help);
            }
        }
    }
    problems.locate(amending.as_bytes(), Origin::START);
    if problems.has_errors() {
        return (None, problems);
    }
    edits.sort_by_key(|(span, _)| span.start);
    let mut joined = String::with_capacity(text.len() + amending.len());
    let mut at = 0;
    for (span, replacement) in edits {
        joined.push_str(text.get(at..span.start).unwrap_or_default());
        joined.push_str(&replacement);
        at = span.end;
    }
    joined.push_str(text.get(at..).unwrap_or_default());
    for statement in added {
        joined.push_str("\n\n");
        joined.push_str(&statement);
    }
    joined.push('\n');
    (Some(joined), problems)
}

/// A statement without its annotation `key`.
fn without(statement: &str, key: &str) -> String {
    let place = place_of(key, statement, &(0..statement.len()));
    let Some(span) = place.span else {
        return statement.to_owned();
    };
    // Only the annotation itself goes: more may stand on its line.
    let rest = statement.get(span.start..).unwrap_or_default();
    let mut quotes = 0;
    let length = rest
        .char_indices()
        .scan(false, |escaped, (at, character)| {
            let plain = !*escaped;
            *escaped = plain && character == '\\';
            if character == '"' && plain {
                quotes += 1;
            }
            Some((at, character, quotes))
        })
        .find(|(_, character, quotes)| *character == ')' && quotes % 2 == 0)
        .map_or(0, |(at, ..)| at + 1);
    let mut kept = statement.get(..span.start).unwrap_or_default().to_owned();
    kept.push_str(rest.get(length..).unwrap_or_default().trim_start());
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_is_taken_out_and_nothing_else() {
        for (from, to) in [
            (
                "@id(\"a\")\n@amends(\"b\")\npermit (x);",
                "@id(\"a\")\npermit (x);",
            ),
            (
                "@amends(\"b)\\\")\") @id(\"a\") permit (x);",
                "@id(\"a\") permit (x);",
            ),
        ] {
            assert_eq!(without(from, "amends"), to);
        }
    }
}
