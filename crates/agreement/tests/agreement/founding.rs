//! The plan of 2016 as a dossier: its concerns, and what each of its prohibitions is good for.

use crate::dossier::agreement;
use detente_agreement::prove::{Proof, Prover};
use detente_agreement::{Declared, Document, Rulebook};
use detente_records::concern::{self, Concern};

const AGREEMENT: &str = include_str!("../../../../scenarios/syria-2016/agreement.toml");
const ARTICLES: &str = include_str!("../../../../scenarios/syria-2016/articles.cedar");
const CONCERNS: &str = include_str!("../../../../scenarios/syria-2016/concerns.toml");

fn rulebook(articles: &str) -> Rulebook {
    rulebook_of(AGREEMENT, articles)
}

fn rulebook_of(toml: &str, articles: &str) -> Rulebook {
    let document = Document {
        name: "articles.cedar",
        text: articles,
    };
    let (rulebook, problems) =
        Rulebook::load(&agreement(toml), document, None, &Declared::default());
    rulebook.unwrap_or_else(|| panic!("{problems}"))
}

fn concerns() -> Vec<Concern> {
    let (concerns, problems) = concern::parse("concerns.toml", CONCERNS.as_bytes(), None);
    assert!(!problems.has_errors(), "{problems}");
    concerns
}

/// The plan without the clause `id`, and without the cross-references it would leave open.
fn without(id: &str) -> Rulebook {
    let clause = rulebook(ARTICLES)
        .articles()
        .clause(id)
        .unwrap()
        .text
        .clone();
    let kept = ARTICLES.replace(&clause, "");
    let articles: Vec<&str> = kept
        .lines()
        .filter(|line| !line.starts_with("@exce"))
        .collect();
    let refers = |line: &&str| line.starts_with("article =");
    let toml: Vec<&str> = AGREEMENT.lines().filter(|line| !refers(line)).collect();
    rulebook_of(&toml.join("\n"), &articles.join("\n"))
}

#[test]
fn every_concern_with_a_property_is_proved() {
    let rulebook = rulebook(ARTICLES);
    let (results, problems) = Prover::new(&rulebook).unwrap().concerns(&concerns());
    assert!(problems.is_empty(), "{problems}");
    assert!(results.len() >= 8);
    for result in results {
        assert_eq!(result.proof, Proof::Proved, "{}", result.id);
    }
}

#[test]
fn removing_any_prohibition_refutes_a_concern() {
    let whole = rulebook(ARTICLES);
    let concerns = concerns();
    let mut unmissed = Vec::new();
    for clause in whole
        .articles()
        .clauses()
        .iter()
        .filter(|clause| clause.forbids())
    {
        let rulebook = without(clause.id.as_str());
        let (results, _) = Prover::new(&rulebook).unwrap().concerns(&concerns);
        if !results
            .iter()
            .any(|result| matches!(result.proof, Proof::Refuted(_)))
        {
            unmissed.push(clause.id.to_string());
        }
    }
    assert_eq!(unmissed, Vec::<String>::new());
}
