//! The plan as tabled in July: its concerns refuted, each cured by an amendment that tightens and
//! does nothing else.

use crate::dossier::agreement;
use detente_agreement::amend::amended_text;
use detente_agreement::prove::{Change, Proof, Prover};
use detente_agreement::{Declared, Document, Rulebook, Verdict, amend};
use detente_records::concern::{self, Concern};

macro_rules! scenario {
    ($name:literal) => {
        include_str!(concat!("../../../../scenarios/", $name))
    };
}

const AGREEMENT: &str = scenario!("syria-2016-july/agreement.toml");
const ARTICLES: &str = scenario!("syria-2016-july/articles.cedar");
const CONCERNS: &str = scenario!("syria-2016-july/concerns.toml");
const FINAL: &str = scenario!("syria-2016/articles.cedar");

/// Each concern with the amendment that cures it.
const AMENDMENTS: [(&str, &str); 10] = [
    (
        "planes-not-grounded",
        include_str!("../../../../scenarios/syria-2016-july/amendments/planes-not-grounded.cedar"),
    ),
    (
        "possible-presence",
        include_str!("../../../../scenarios/syria-2016-july/amendments/possible-presence.cedar"),
    ),
    (
        "unilateral-strike",
        include_str!("../../../../scenarios/syria-2016-july/amendments/unilateral-strike.cedar"),
    ),
    (
        "imminent-threat",
        include_str!("../../../../scenarios/syria-2016-july/amendments/imminent-threat.cedar"),
    ),
    (
        "third-party-outside-channel",
        include_str!(
            "../../../../scenarios/syria-2016-july/amendments/third-party-outside-channel.cedar"
        ),
    ),
    (
        "wrong-coordinates",
        include_str!("../../../../scenarios/syria-2016-july/amendments/wrong-coordinates.cedar"),
    ),
    (
        "fixed-zones",
        include_str!("../../../../scenarios/syria-2016-july/amendments/fixed-zones.cedar"),
    ),
    (
        "aid-movement",
        include_str!("../../../../scenarios/syria-2016-july/amendments/aid-movement.cedar"),
    ),
    (
        "intelligence-exposure",
        include_str!(
            "../../../../scenarios/syria-2016-july/amendments/intelligence-exposure.cedar"
        ),
    ),
    (
        "no-consequence",
        include_str!("../../../../scenarios/syria-2016-july/amendments/no-consequence.cedar"),
    ),
];

fn rulebook(articles: &str) -> Rulebook {
    let document = Document {
        name: "articles.cedar",
        text: articles,
    };
    let (rulebook, problems) =
        Rulebook::load(&agreement(AGREEMENT), document, None, &Declared::default());
    rulebook.unwrap_or_else(|| panic!("{problems}"))
}

fn concerns() -> Vec<Concern> {
    let (concerns, problems) = concern::parse("concerns.toml", CONCERNS.as_bytes(), None);
    assert!(!problems.has_errors(), "{problems}");
    concerns
}

fn amended(articles: &str, amendment: &str) -> String {
    let book = rulebook(articles);
    let (text, problems) = amended_text(book.articles(), articles, "a.cedar", amendment, &[]);
    text.unwrap_or_else(|| panic!("{problems}"))
}

#[test]
fn every_concern_is_refuted_and_cured_by_an_amendment_that_only_tightens() {
    let july = rulebook(ARTICLES);
    let concerns = concerns();
    assert_eq!(concerns.len(), AMENDMENTS.len());
    for (id, amendment) in AMENDMENTS {
        let concern = concerns
            .iter()
            .find(|concern| concern.id.as_str() == id)
            .unwrap();
        let proof = |book: &Rulebook| {
            let prover = Prover::new(book).unwrap();
            let (mut results, problems) = prover.concerns(std::slice::from_ref(concern));
            assert!(problems.is_empty(), "{problems}");
            results.remove(0).proof
        };
        match proof(&july) {
            Proof::Refuted(case) => assert_eq!(case.judgement.verdict, Verdict::Clear, "{id}"),
            other => panic!("{id}: {other:?}"),
        }
        let cured = rulebook(&amended(ARTICLES, amendment));
        assert_eq!(proof(&cured), Proof::Proved, "{id}");
        let change = amend(&july, &cured).unwrap();
        assert_eq!(change.effect, Change::Stricter, "{id}");
        assert!(
            change
                .requests
                .iter()
                .all(|request| request.change == Change::Stricter
                    && request.looser.is_none()
                    && request.stricter.is_some()),
            "{id}"
        );
        assert_eq!(change.articles.len(), 1, "{id}");
    }
}

#[test]
fn with_every_amendment_the_articles_are_those_of_the_plan() {
    let text = AMENDMENTS
        .into_iter()
        .fold(ARTICLES.to_owned(), |text, (_, amendment)| {
            amended(&text, amendment)
        });
    let change = amend(&rulebook(&text), &rulebook(FINAL)).unwrap();
    assert_eq!(change.effect, Change::Equivalent);
    assert!(change.articles.is_empty(), "{:?}", change.articles);
}

#[test]
fn an_amendment_of_what_is_not_there_is_pointed_at() {
    let book = rulebook(ARTICLES);
    let wrong = "@id(\"art-3\")\n@article(\"3\")\n@title(\"T\")\nforbid (principal, action, resource);\n@id(\"art-x\") @amends(\"art-33\") @article(\"3\") @title(\"T\")\nforbid (principal, action, resource);\nforbid (principal, action, resource) when { ;\n";
    let (text, problems) = amended_text(
        book.articles(),
        ARTICLES,
        "a.cedar",
        wrong,
        &["art-77".to_owned()],
    );
    assert_eq!(text, None);
    let told = problems.to_string();
    for said in [
        "a.cedar:5:14: error[unknown_article]: @amends names `art-33`",
        "did you mean `art-3`?",
        "error[duplicate_id]: clause `art-3` is there already",
        "error[article_syntax]",
        "no clause has the @id `art-77` to be repealed",
    ] {
        assert!(told.contains(said), "{said}\n{told}");
    }
}
