//! Reading articles: everything wrong with a file at once, each fault where it stands.

use crate::dossier::*;
use detente_agreement::{Document, Rulebook};

/// The words of articles are published where whoever writes one finds them.
#[test]
fn the_reference_holds_the_schema_as_it_is() {
    let page = include_str!("../../../../docs/reference/articles.md");
    let schema = detente_agreement::SCHEMA_TEXT.trim_end();
    assert!(
        page.contains(&format!("```cedarschema\n{schema}\n```\n")),
        "put crates/agreement/src/detente.cedarschema into docs/reference/articles.md anew"
    );
}

fn problems(articles: &str) -> String {
    load(AGREEMENT, articles).1.to_string()
}

#[test]
fn the_example_has_nothing_wrong_with_it() {
    insta::assert_snapshot!(problems(ARTICLES), @"");
}

#[test]
fn every_fault_is_told_with_its_place_and_the_way_out() {
    let articles = r#"
@id("a") @article("1")
permit (principal, action, resource);
@id("b") @article("2") @title("Unknown names") @consequence("none")
forbid (principal in Detente::Force::"north-airforce", action, resource)
when { context.consents.contains(Detente::Party::"Bb") };
@id("c") @article("3") @title("Ill typed") @consequence("none")
forbid (principal, action, resource) when { context.leadtime < duration("6 hours") };
@id("d") @article("4") @title("Cut short
forbid (principal, action, resource);
"#;
    insta::assert_snapshot!(problems(articles), @r#"
    articles.cedar:2:1: error[missing_annotation]: the clause has no @title
      help: add @title("…"), what the clause says in a line
    articles.cedar:5:22: error[unknown_reference]: unknown force `north-airforce`
      help: did you mean `north-air-force`?
    articles.cedar:6:8: error[consent_read_backwards]: the clause can let an operation through because a consent is missing
      help: silence never counts as consent: use `context.consents.contains…` to permit, or under `unless` to forbid
    articles.cedar:6:34: error[unknown_reference]: unknown party `Bb`
      help: known are `A`, `B`, `C` and `N`
    articles.cedar:8:45: error[article_invalid]: attribute `leadtime` in context not found
      help: did you mean `leadTime`?
    articles.cedar:8:64: error[article_invalid]: error during extension function argument validation: failed to parse as a duration value: `"6 hours"`
      help: valid duration strings are concatenated quantity-unit pairs with an optional leading `-`, for example `1d2h3m4s50ms`
    articles.cedar:9:31: error[article_syntax]: invalid token
      help: try checking that all strings are closed properly
    "#);
}

#[test]
fn parse_errors_in_one_article_do_not_hide_the_next() {
    let articles = r#"
@id("a") @article("1") @title("One") permit (principal, action resource);
@id("b") @article("2") @title("Two") permit (principal, action, resource) when { 1.5 < 2 };
@id("c") @article("3") @title("Three") permit (principal == ?principal, action, resource);
@id("a") @article("1") @title("Four") @excepst("x") @excepts("x") permit (principal, action, resource);
@id("a") @article("1") @title("Five") forbid (principal, action, resource);
@id("e") @article("6") @title("Six") @consequence("none")
forbid (principal, action == Detente::Action::"strike", resource == Detente::Operation::"op-1");
@id("f") @article("7") @title("Seven") @consequence("none")
forbid (principal is Detente::Party, action, resource);
"#;
    insta::assert_snapshot!(problems(articles), @r#"
    articles.cedar:2:64: error[article_syntax]: unexpected token `resource`: expected `!=`, `)`, `,`, `:`, `<`, `<=`, `==`, `>`, `>=`, `in`, or `is`
      help: check for a missing comma, quote or bracket at or just before this place
    articles.cedar:3:84: error[article_syntax]: unexpected token `5`: expected identifier
      help: check for a missing comma, quote or bracket at or just before this place
    articles.cedar:4:1: error[template]: an article cannot have slots to fill in
      help: write the party, force or area in place of ?principal or ?resource
    articles.cedar:5:1: warning[no_consequence]: article 1 does not say what follows when it is broken
      help: add @consequence("…"), or @consequence("none") if nothing is meant to follow
    articles.cedar:5:39: warning[unknown_annotation]: annotation `excepst` means nothing here
      help: did you mean `excepts`?
    articles.cedar:5:53: error[unknown_article]: @excepts names `x`, which no clause has as its @id
      help: known are `a`, `e` and `f`
    articles.cedar:6:1: error[duplicate_id]: another clause has the id `a` already
      help: clauses of one article share @article; each has its own @id
    articles.cedar:8:69: error[instance_in_article]: an article cannot name `Detente::Operation::"op-1"`
      help: speak of all of them with `resource is …` and the attributes they have
    articles.cedar:9:1: error[article_suspect]: policy is impossible: the policy expression evaluates to false for all valid requests
      help: loosen its condition or remove it: as it stands it never does what it says
    "#);
}

#[test]
fn silence_cannot_be_written_into_an_article() {
    let article = |effect: &str, condition: &str| {
        format!(
            "@id(\"x\") @article(\"1\") @title(\"X\") @consequence(\"none\")\n{effect} (principal, action, resource) when {{ {condition} }};"
        )
    };
    let b = "Detente::Party::\"B\"";
    let backwards = [
        article("permit", &format!("!context.consents.contains({b})")),
        article("forbid", &format!("context.consents.contains({b})")),
        article("permit", "context.consents.isEmpty()"),
        article(
            "permit",
            "context.participants.containsAll(context.consents)",
        ),
        article(
            "forbid",
            "context.consents.containsAll(context.participants)",
        ),
        article("permit", "context.consents == context.participants"),
        article(
            "permit",
            &format!("if context.consents.contains({b}) then false else true"),
        ),
    ];
    for articles in backwards {
        let found = problems(&articles);
        assert!(
            found.contains("consent_read_backwards"),
            "{articles}\n{found}"
        );
    }
    let forwards = [
        article(
            "permit",
            &format!("context.consents.contains({b}) || context.certain"),
        ),
        article("forbid", &format!("!context.consents.containsAny([{b}])")),
        article("forbid", "context.consents.isEmpty() && context.certain"),
        article(
            "forbid",
            &format!("context.certain && !(context.consents.contains({b}))"),
        ),
    ];
    for articles in forwards {
        assert_eq!(problems(&articles), "", "{articles}");
    }
}

#[test]
fn hostile_articles_are_refused_not_swallowed() {
    let deep = format!(
        "permit (principal, action, resource) when {{ {}true{} }};",
        "(".repeat(500),
        ")".repeat(500)
    );
    assert!(problems(&deep).contains("clause_too_complex"));
    let long = format!(
        "permit (principal, action, resource) when {{ {} true }};",
        "true && ".repeat(5_000)
    );
    assert!(problems(&long).contains("clause_too_complex"));
    assert!(problems("").contains("no_articles"));
    assert!(problems("// nothing").contains("no_articles"));
    assert!(problems(&";".repeat(6_000)).contains("too_many_clauses"));
}

#[test]
fn references_from_the_agreement_to_articles_are_checked() {
    let toml = format!(
        "{AGREEMENT}\n[[disputes]]\narticle = \"33\"\n[[disputes.readings]]\nparticipant = \"A\"\ntext = \"narrow\"\n"
    );
    let (rulebook, problems) = load(&toml, ARTICLES);
    assert!(rulebook.is_none());
    assert!(
        problems
            .to_string()
            .contains("a dispute names article `33`, which does not exist"),
        "{problems}"
    );
}

#[test]
fn a_title_cannot_be_written_to_read_as_another() {
    let articles = "@id(\"x\") @article(\"1\") @title(\"No \u{202e}strike\") @consequence(\"none\")\npermit (principal, action, resource);";
    assert!(
        problems(articles).contains("hidden_character"),
        "{}",
        problems(articles)
    );
}

#[test]
fn articles_that_the_agreement_misnames_are_told_in_the_agreement() {
    let toml = format!(
        "{AGREEMENT}\n[[parameters.clocks]]\nid = \"answer\"\nduration = \"24h\"\narticle = \"33\"\n\
         [[disputes]]\narticle = \"art-x\"\n[[disputes]]\narticle = \"5\"\n"
    );
    insta::assert_snapshot!(load(&toml, ARTICLES).1.to_string(), @r"
    agreement.toml:49:11: error[unknown_article]: the clock `answer` names article `33`, which does not exist (at /parameters/clocks/0/article)
      help: known are `1`, `10`, `2`, `3`, `4`, `5`, `6`, `7`, `8`, `9`, `art-1`, `art-10`, `art-2`, `art-3`, `art-4`, `art-5`, `art-6`, `art-7`, `art-8` and `art-9`
    agreement.toml:51:11: error[unknown_article]: a dispute names article `art-x`, which does not exist (at /disputes/0/article)
      help: did you mean `art-1`?
    ");
    // The clause with number 5 is there, though it cannot be read: only its own fault is told.
    let broken = ARTICLES.replacen("\nforbid (\n  principal,\n  action in Detente::Action::\"combat\",\n  resource is Detente::Area", "\nforbade (\n  principal,\n  action in Detente::Action::\"combat\",\n  resource is Detente::Area", 1);
    assert_ne!(broken, ARTICLES);
    let told = load(&toml, &broken).1.to_string();
    assert!(
        told.contains("article_syntax") && !told.contains("`5`"),
        "{told}"
    );
}

#[test]
fn a_schema_that_cannot_be_used_hides_no_fault_of_the_articles() {
    let load = |additions: &str| {
        let document = |name, text| Document { name, text };
        let articles = ARTICLES.replacen("@title(", "@titel(", 1);
        let (rulebook, problems) = Rulebook::load(
            &agreement(AGREEMENT),
            document("articles.cedar", &articles),
            Some(document("schema.cedarschema", additions)),
            &declared(),
        );
        assert!(rulebook.is_none());
        problems.to_string()
    };
    insta::assert_snapshot!(load("namespace X {\n  entity Y = { z: Strin };\n}\n"), @r#"
    schema.cedarschema:1:1: error[schema_invalid]: the schema's additions cannot be joined to the product's schema: failed to resolve type: Strin
      help: remove the file, or declare only names in a namespace of your own
    articles.cedar:3:1: error[missing_annotation]: the clause has no @title
      help: add @title("…"), what the clause says in a line
    articles.cedar:5:1: warning[unknown_annotation]: annotation `titel` means nothing here
      help: did you mean `title`?
    "#);
    insta::assert_snapshot!(load("namespace X {\n  entity Y = {\n"), @r#"
    schema.cedarschema:2:15: error[schema_invalid]: the schema cannot be read: error parsing schema: unexpected end of input
      help: remove the file, or declare only names in a namespace of your own
    articles.cedar:3:1: error[missing_annotation]: the clause has no @title
      help: add @title("…"), what the clause says in a line
    articles.cedar:5:1: warning[unknown_annotation]: annotation `titel` means nothing here
      help: did you mean `title`?
    "#);
}
