//! The body of the fuzz target for articles.cedar and schema.cedarschema, also run by the tests of
//! the crate.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use detente_agreement::{
    AwarenessKey, Declared, Document, OperationCase, Rulebook, Thing, Touch, Verdict,
};
use detente_records::names::{CategoryName, ForceId, Name, OperationId, PartyId};
use detente_records::{Activity, Agreement, Problem, Severity};
use detente_spacetime::Instant;

const AGREEMENT: &str = include_str!("../../crates/agreement/testdata/agreement.toml");

/// The line between the articles and the schema's additions.
pub(crate) const SCHEMA_FOLLOWS: &str = "\n//// schema.cedarschema\n";

/// Reads any bytes as articles, and as a schema's additions behind [`SCHEMA_FOLLOWS`]; every
/// problem must stand inside its document, and every error say what to do.
///
/// Whatever articles are accepted must leave the product's own rules alone: no text permits a
/// strike beside a hospital, or an operation whose proposer read nothing.
pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (articles, additions) = match text.split_once(SCHEMA_FOLLOWS) {
        Some((articles, additions)) => (articles, Some(additions)),
        None => (&*text, None),
    };
    let document = |name, text| Document { name, text };
    let (rulebook, problems) = Rulebook::load(
        agreement(),
        document("articles.cedar", articles),
        additions.map(|text| document("schema.cedarschema", text)),
        &Declared::default(),
    );
    for problem in &problems {
        let text = match problem.document.as_str() {
            "articles.cedar" => articles,
            _ => additions.unwrap_or_default(),
        };
        check_place(problem, text.len());
    }
    assert_eq!(rulebook.is_none(), problems.has_errors(), "{problems}");
    if let Some(rulebook) = rulebook {
        check_unrelaxable(&rulebook);
    }
}

fn agreement() -> &'static Agreement {
    static READ: OnceLock<Agreement> = OnceLock::new();
    READ.get_or_init(|| {
        let (agreement, problems) = Agreement::parse("agreement.toml", AGREEMENT.as_bytes());
        let Some(agreement) = agreement else {
            panic!("the test agreement is broken: {problems}");
        };
        agreement
    })
}

fn check_place(problem: &Problem, length: usize) {
    let span = problem.place.span.as_ref();
    assert!(
        span.is_some_and(|span| span.start <= span.end && span.end <= length),
        "{problem}"
    );
    assert!(problem.place.line.is_some(), "{problem}");
    assert!(
        problem.help.is_some() || problem.severity != Severity::Error,
        "{problem}"
    );
}

fn check_unrelaxable(rulebook: &Rulebook) {
    let mut unaware = strike();
    unaware.touches.clear();
    unaware.awareness = None;
    for case in [strike(), unaware] {
        let judgement = rulebook.judge(&case);
        assert_eq!(judgement.verdict, Verdict::Prohibited, "{judgement:?}");
        assert!(judgement.consent_required.is_empty(), "{judgement:?}");
        assert_eq!(
            rulebook.judge(&case),
            judgement,
            "the second answer differs"
        );
    }
}

/// A strike with everyone's consent that comes too near to a hospital.
fn strike() -> OperationCase {
    let starts = at("2030-06-10T10:00:00Z");
    let ends = Some(at("2030-06-10T12:00:00Z"));
    OperationCase {
        operation: name::<OperationId>("op-1"),
        party: name::<PartyId>("A"),
        force: name::<ForceId>("a-air"),
        activity: Activity::Strike,
        starts,
        ends,
        notified: Some(at("2030-06-08T10:00:00Z")),
        consents: ["A", "B", "C"]
            .into_iter()
            .map(name)
            .collect::<BTreeSet<_>>(),
        awareness: Some(AwarenessKey([7; 32])),
        nearest_protected_m: Some(100.0),
        touches: vec![Touch {
            with: "city-hospital".to_owned(),
            thing: Thing::ProtectedObject {
                category: name::<CategoryName>("hospital"),
                standoff_m: 500,
                keep_out_m: 550,
                conflict: true,
            },
            enters: starts,
            leaves: ends,
            distance_m: 100.0,
            certain: true,
        }],
    }
}

fn name<N: Name>(text: &str) -> N {
    let Ok(name) = N::parse(text) else {
        panic!("{text} is a name");
    };
    name
}

fn at(text: &str) -> Instant {
    let Ok(instant) = Instant::parse_rfc3339(text) else {
        panic!("{text} is an instant");
    };
    instant
}
