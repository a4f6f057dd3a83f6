//! Concerns proved, refuted with an operation that the evaluator confirms, and left undecided.

use crate::dossier::*;
use detente_agreement::prove::{ConcernResult, Counterexample, Proof, Prover};
use detente_agreement::{Rulebook, Verdict};
use detente_records::concern::{self, Concern, ConcernProperty, ConcernSeverity};
use detente_records::{Activity, ConcernId, LocalText, OfficeName};

fn concern(id: &str, property: Option<&str>) -> Concern {
    Concern {
        id: ConcernId::parse(id).unwrap(),
        title: LocalText::Plain("Concern".to_owned()),
        owner: OfficeName::parse("An office").unwrap(),
        severity: ConcernSeverity::Blocking,
        raised_by: None,
        text: None,
        property: property.map(|text| ConcernProperty {
            text: text.to_owned(),
            place: None,
        }),
        answer: None,
    }
}

pub(crate) fn proof(rulebook: &Rulebook, property: &str) -> Proof {
    let concern = concern("c", Some(property));
    let (results, problems) = Prover::new(rulebook).unwrap().concerns(&[concern]);
    assert!(!problems.has_errors(), "{problems}");
    results
        .into_iter()
        .next()
        .map(|ConcernResult { proof, .. }| proof)
        .unwrap()
}

fn refuted(rulebook: &Rulebook, property: &str) -> Counterexample {
    match proof(rulebook, property) {
        Proof::Refuted(counterexample) => *counterexample,
        other => panic!("{property}\n{other:?}"),
    }
}

fn without(id: &str) -> String {
    let kept: Vec<&str> = ARTICLES
        .split_inclusive(";\n")
        .filter(|text| !text.contains(&format!("@id(\"{id}\")")))
        .collect();
    let text = kept.concat();
    assert_ne!(text, ARTICLES);
    // The other side of an exception goes with it.
    text.replace(&format!("@excepts(\"{id}\")\n"), "")
        .replace(&format!("@exception(\"{id}\")\n"), "")
}

/// One property for each prohibition of the example.
const PROPERTIES: [(&str, &str); 8] = [
    (
        "art-2",
        r#"forbid (principal, action in Detente::Action::"combat", resource) when { principal.party.suspended };"#,
    ),
    (
        "art-3",
        r#"forbid (principal in Detente::Force::"north-air-force", action, resource is Detente::Area)
        when { resource.measure == Detente::MeasureKind::"designated_area" } unless { action == Detente::Action::"medevac" };"#,
    ),
    (
        "art-5",
        r#"forbid (principal, action == Detente::Action::"strike", resource is Detente::Area)
        when { resource.measure == Detente::MeasureKind::"designated_area" && resource.consentOf.contains(Detente::Party::"C") && !(context.consents.contains(Detente::Party::"C")) };"#,
    ),
    (
        "art-6",
        r#"forbid (principal, action, resource is Detente::Area) when { resource.measure == Detente::MeasureKind::"prohibited_area" };"#,
    ),
    (
        "art-7",
        r#"forbid (principal, action == Detente::Action::"strike", resource is Detente::ProtectedObject) when { context.distanceM <= 2999 };"#,
    ),
    (
        "art-8",
        r#"forbid (principal, action == Detente::Action::"airdrop", resource is Detente::Movement) unless { context.consents.contains(Detente::Party::"A") };"#,
    ),
    (
        "art-9",
        r#"forbid (principal, action, resource is Detente::Operation) when { !context.consents.contains(resource.party) && resource.party.participant && !resource.party.withdrawn };"#,
    ),
    (
        "art-10",
        r#"forbid (principal, action == Detente::Action::"strike", resource is Detente::Area) when { context.leadTime < duration("6h") && context.enters < datetime("2030-01-05") && !context.notified };"#,
    ),
];

#[test]
fn every_prohibition_is_proved_and_its_removal_refutes_its_property() {
    let whole = rulebook(ARTICLES);
    for (id, property) in PROPERTIES {
        assert_eq!(proof(&whole, property), Proof::Proved, "{id}");
        let counterexample = refuted(&rulebook(&without(id)), property);
        assert_eq!(
            counterexample.judgement.verdict,
            Verdict::Clear,
            "{id}: {}",
            counterexample.story
        );
        // The whole agreement refuses the same operation, as the parties then stand.
        if counterexample.assumed.is_empty() {
            assert_ne!(
                whole.judge(&counterexample.operation).verdict,
                Verdict::Clear,
                "{id}"
            );
        }
    }
}

#[test]
fn a_counterexample_is_told_in_the_words_of_the_agreement() {
    let stories: Vec<String> = ["art-2", "art-3", "art-7", "art-9"]
        .into_iter()
        .map(|id| {
            let property = PROPERTIES.iter().find(|(of, _)| *of == id).unwrap().1;
            refuted(&rulebook(&without(id)), property).story
        })
        .collect();
    insta::assert_snapshot!(stories.join("\n\n"), @r#"
    suppose N is suspended; a strike by north-air-force of N from 2030-01-02T00:00:00Z until 2030-01-02T01:00:00Z; notified 2029-12-31T00:00:00Z; without anyone's recorded consent: clear, by article 1

    a strike by north-helicopters of N from 2030-01-02T00:00:00Z until 2030-01-02T01:00:00Z; inside the designated area there (concentrated presence) (valid from 2030-01-01T23:00:00Z until 2030-01-02T02:00:00Z), entered 2030-01-02T00:00:00Z; notified 2029-12-31T00:00:00Z; with the consent of A: clear, by article 1

    a strike by north-air-force of N from 2030-01-02T00:00:00Z until 2030-01-02T01:00:00Z; 2999 m from the protected object there, entered 2030-01-02T00:00:00Z; notified 2029-12-31T00:00:00Z; without anyone's recorded consent: clear, by article 1

    a strike by north-air-force of N from 2030-01-02T00:00:00Z until 2030-01-02T01:00:00Z; meeting transit there of B, entered 2030-01-02T00:00:00Z; notified 2029-12-31T00:00:00Z; with the consent of A: clear, by article 1
    "#);
}

#[test]
fn what_is_promised_is_proved_or_refuted_too() {
    let promise = r#"permit (principal in Detente::Force::"north-air-force", action == Detente::Action::"medevac", resource is Detente::Area)
        when { context.agreement.inForce && !principal.party.withdrawn && context.notified && context.leadTime >= duration("24h") &&
               resource.measure == Detente::MeasureKind::"designated_area" };"#;
    assert_eq!(proof(&rulebook(ARTICLES), promise), Proof::Proved);
    let stricter = ARTICLES.replace(
        "context.leadTime >= duration(\"24h\")\n}",
        "context.leadTime >= duration(\"48h\")\n}",
    );
    let counterexample = refuted(&rulebook(&stricter), promise);
    assert_eq!(counterexample.judgement.verdict, Verdict::Prohibited);
    assert_eq!(counterexample.operation.activity, Activity::Medevac);
}

#[test]
fn what_no_area_can_be_refutes_nothing() {
    let vacuous = [
        r#"forbid (principal, action, resource is Detente::Area)
        when { resource.measure == Detente::MeasureKind::"corridor" && !resource.kinds.isEmpty() };"#,
        r#"forbid (principal, action, resource is Detente::Airspace)
        when { context.areaKinds.contains(Detente::AreaKind::"possible") && !context.measures.contains(Detente::MeasureKind::"designated_area") };"#,
        r#"forbid (principal, action, resource is Detente::Airspace)
        when { context.measures.isEmpty() && !context.areas.isEmpty() };"#,
        r#"forbid (principal, action, resource is Detente::Airspace)
        when { context.areas.isEmpty() && !context.groups.isEmpty() };"#,
        r#"forbid (principal, action, resource is Detente::Airspace)
        when { context.measures.contains(Detente::MeasureKind::"designated_area") && context.areaKinds.isEmpty() };"#,
    ];
    let rulebook = rulebook(ARTICLES);
    for property in vacuous {
        let proof = proof(&rulebook, property);
        assert!(matches!(proof, Proof::Proved), "{property}\n{proof:?}");
    }
}

#[test]
fn several_areas_at_once_break_what_one_alone_cannot() {
    let counterexample = refuted(
        &rulebook(ARTICLES),
        r#"forbid (principal, action, resource is Detente::Airspace)
        when { context.measures.containsAll([Detente::MeasureKind::"corridor", Detente::MeasureKind::"no_fire_area"]) };"#,
    );
    assert!(counterexample.operation.touches.len() >= 2);
}

#[test]
fn arithmetic_that_no_bound_captures_is_undecided_never_proved() {
    let property = r#"permit (principal, action == Detente::Action::"transit", resource is Detente::Airspace) when { context.agreement.inForce && !principal.party.withdrawn };"#;
    assert_eq!(proof(&rulebook(ARTICLES), property), Proof::Proved);
    let may_fail = format!(
        "{ARTICLES}\n@id(\"x\") @article(\"x\") @title(\"X\") @consequence(\"none\")\nforbid (principal, action == Detente::Action::\"strike\", resource) when {{ context.distanceM + 9223372036854775807 < 0 }};"
    );
    assert!(matches!(
        proof(&rulebook(&may_fail), property),
        Proof::Unknown { .. }
    ));
    // A product that is never what the article asks for: no bound says so, and no operation shows it.
    let sums = r#"@id("x") @article("x") @title("X") @consequence("none")
        permit (principal, action, resource) when { context.nearestProtectedM * 2 < context.nearestProtectedM * 2 };"#;
    let never = r#"forbid (principal, action, resource is Detente::Airspace);"#;
    assert!(matches!(
        proof(&rulebook(sums), never),
        Proof::Unknown { .. }
    ));
}

#[test]
fn a_fault_of_a_property_is_shown_where_it_stands_in_the_file() {
    let head = "[[concerns]]\ntitle = \"T\"\nowner = \"O\"\nseverity = \"blocking\"\n";
    let properties = [
        concat!(
            "'''\nforbid (\n  principal in Detente::Force::\"nort-air-force\",\n",
            "  action in Detente::Action::\"combat\",\n  resource\n) when { context.distanceM < true };\n'''",
        ),
        r#"'forbid (principal in Detente::Force::"nort-air-force", action, resource);'"#,
        r#""forbid (principal in Detente::Force::\"nort-air-force\", action, resource);""#,
        "'forbid (principal, action)'",
    ];
    let stated = properties.iter().enumerate();
    let text = stated.map(|(id, text)| format!("{head}id = \"c{id}\"\nproperty = {text}\n"));
    let text: String = text.collect();
    let (concerns, problems) = concern::parse("dossier/concerns.toml", text.as_bytes(), None);
    assert!(problems.is_empty(), "{problems}");
    let rulebook = rulebook(ARTICLES);
    let problems = Prover::new(&rulebook).unwrap().check_properties(&concerns);
    for problem in &problems {
        let start = problem.place.span.as_ref().unwrap().start;
        let line = 1 + text[..start].matches('\n').count();
        assert_eq!(problem.place.line, u32::try_from(line).ok(), "{problem}");
    }
    insta::assert_snapshot!(problems.to_string(), @r#"
    dossier/concerns.toml:8:16: error[unknown_reference]: unknown force `nort-air-force` (at /concerns/0/property)
      help: did you mean `north-air-force`?
    dossier/concerns.toml:11:30: error[article_invalid]: unexpected type: expected Long but saw __cedar::internal::True (at /concerns/0/property)
      help: compare it with the schema: it names what an article may ask about, and of which type
    dossier/concerns.toml:18:34: error[unknown_reference]: unknown force `nort-air-force` (at /concerns/1/property)
      help: did you mean `north-air-force`?
    dossier/concerns.toml:24:12: error[unknown_reference]: unknown force `nort-air-force` (at /concerns/2/property)
      help: did you mean `north-air-force`?
    dossier/concerns.toml:30:39: error[article_syntax]: unexpected end of input: expected `;` or identifier (at /concerns/3/property)
      help: check for a missing comma, quote or bracket at or just before this place
    "#);
}

#[test]
fn a_property_is_checked_like_an_article() {
    let rulebook = rulebook(ARTICLES);
    let prover = Prover::new(&rulebook).unwrap();
    let (results, problems) = prover.concerns(&[
        concern(
            "typo",
            Some(r#"forbid (principal in Detente::Force::"nort-air-force", action, resource);"#),
        ),
        concern(
            "type",
            Some("forbid (principal, action, resource) when { context.distanceM < true };"),
        ),
        concern(
            "two",
            Some("forbid (principal, action, resource); permit (principal, action, resource);"),
        ),
        concern("words", None),
    ]);
    assert!(
        results[..3]
            .iter()
            .all(|result| matches!(result.proof, Proof::Unknown { .. }))
    );
    assert_eq!(results[3].proof, Proof::NotStated);
    insta::assert_snapshot!(problems.to_string(), @r#"
    concerns.toml, property of typo:1:22: error[unknown_reference]: unknown force `nort-air-force`
      help: did you mean `north-air-force`?
    concerns.toml, property of type:1:65: error[article_invalid]: unexpected type: expected Long but saw __cedar::internal::True
      help: compare it with the schema: it names what an article may ask about, and of which type
    concerns.toml, property of two:1:1: error[property_not_single]: 2 policies where one is expected
      help: state one `forbid` (never allowed) or one `permit` (always allowed)
    "#);
}

#[test]
fn what_is_wrong_with_the_agreement_itself_is_found() {
    let standing = |articles: &str, toml: &str| {
        let rulebook = load(toml, articles).0.unwrap();
        let found = Prover::new(&rulebook).unwrap().standing(&mut |_, _| {});
        found
            .into_iter()
            .map(|finding| format!("{}: {}", finding.kind.wire_name(), finding.message))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(standing(ARTICLES, AGREEMENT), "");
    let faulty = format!(r#"{ARTICLES}
        @id("never") @article("20") @title("Both sides of a line")
        forbid (principal, action, resource is Detente::ProtectedObject) when {{ context.distanceM < resource.standoffM && resource.standoffM < 10 && context.distanceM > 10 }};
        @id("idle") @article("21") @title("Strikes in prohibited areas") @consequence("none")
        forbid (principal, action == Detente::Action::"strike", resource is Detente::Area) when {{ resource.measure == Detente::MeasureKind::"prohibited_area" && context.notified }};
        @id("sum") @article("22") @title("Arithmetic") @consequence("none")
        forbid (principal, action == Detente::Action::"strike", resource is Detente::ProtectedObject) when {{ context.distanceM + 9223372036854700000 >= resource.keepOutM && context.distanceM < resource.keepOutM }};"#)
        .replace("action == Detente::Action::\"medevac\" && context.notified && context.leadTime >= duration(\"24h\")\n};", "action == Detente::Action::\"medevac\"\n};");
    let toml = format!("{AGREEMENT}\n[[parameters.clocks]]\nid = \"answer\"\nduration = \"24h\"\n");
    insta::assert_snapshot!(standing(&faulty, &toml), @r#"
    no_consequence: article 20 (Both sides of a line) does not say what follows when it is broken
    clock_without_owner: nobody owns the clock answer
    exception_wider: clause art-3 (The bound air force flies no operation in a designated area) lets through, under `unless`, more than its exceptions permit, and another article permits it
    never_applies: clause never (Both sides of a line) applies to no operation that can be asked about
    no_effect: clause idle (Strikes in prohibited areas) could be left out without changing any decision
    may_fail: clause sum (Arithmetic) contains arithmetic that can fail; an operation is then refused
    "#);
}

#[test]
fn a_counterexample_can_be_drawn_as_features_a_dossier_can_hold() {
    let agreement = agreement(AGREEMENT);
    let at = detente_spacetime::Position::new(35.0, 38.0).unwrap();
    for id in ["art-3", "art-7", "art-8", "art-9"] {
        let property = PROPERTIES.iter().find(|(of, _)| *of == id).unwrap().1;
        let sketch = refuted(&rulebook(&without(id)), property).sketch(at);
        let all = [
            &sketch.operations,
            &sketch.areas,
            &sketch.protected,
            &sketch.movements,
        ];
        let features = all
            .iter()
            .flat_map(|part| part["features"].as_array().unwrap());
        let mut drawn = 0;
        for feature in features {
            let text = feature.to_string();
            let mut problems = detente_records::Problems::new("sketch.geojson");
            let path = detente_records::Path::Root;
            let located =
                detente_records::json_text::parse(&text, 0, &path, &mut problems).unwrap();
            let context = detente_records::ProfileContext {
                document: "sketch.geojson".into(),
                agreement: Some(&agreement),
            };
            let record = detente_records::profile::read_feature(
                &located,
                &path,
                detente_records::Origin::START,
                &context,
                &mut problems,
            );
            assert!(
                record.is_some() && !problems.has_errors(),
                "{text}\n{problems}"
            );
            drawn += 1;
        }
        assert_eq!(drawn, 2, "{id}");
    }
}
