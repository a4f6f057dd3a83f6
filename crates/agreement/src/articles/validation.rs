//! Cedar's own checks, told as problems that point into the articles file.

use std::collections::BTreeMap;
use std::ops::Range;

use cedar_policy::{ParseErrors, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use detente_records::finding::Problems;
use detente_records::place::Place;
use miette::Diagnostic;

use super::{Clause, help_if_known};

/// What to do about a fault where Cedar does not say.
fn way_out(code: &str) -> &'static str {
    match code {
        "article_syntax" => {
            "check for a missing comma, quote or bracket at or just before this place"
        }
        "article_suspect" => {
            "loosen its condition or remove it: as it stands it never does what it says"
        }
        _ => {
            "compare it with the schema: it names what an article may ask about, and of which type"
        }
    }
}

/// Reports what keeps the statement that fills `span` from being a policy.
pub(super) fn report_syntax(errors: &ParseErrors, span: &Range<usize>, problems: &mut Problems) {
    for error in errors.iter() {
        tell("article_syntax", error, span).report(problems);
    }
}

/// Validates `clauses` strictly, warnings counting as errors: a warning of Cedar's is an article
/// that can never apply or a name made to look like another.
pub(super) fn check(clauses: &[Clause], schema: &Schema, problems: &mut Problems) {
    let mut policies = PolicySet::new();
    for clause in clauses {
        // Ids are unique by now, so that adding cannot fail.
        if let Err(error) = policies.add(clause.policy.clone()) {
            problems.error(
                "duplicate_id",
                Place::of_span(clause.span.clone()),
                error.to_string(),
            );
        }
    }
    let result = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
    let span = |id: &PolicyId| {
        let clause = clauses.iter().find(|clause| clause.policy.id() == id);
        clause.map_or(0..0, |clause| clause.span.clone())
    };
    // Cedar tells a fault once for every activity it shows in, in no fixed order.
    let mut told: BTreeMap<(usize, usize), Told> = BTreeMap::new();
    let errors = result
        .validation_errors()
        .map(|error| tell("article_invalid", error, &span(error.policy_id())));
    let warnings = result
        .validation_warnings()
        .map(|warning| tell("article_suspect", warning, &span(warning.policy_id())));
    for fault in errors.chain(warnings) {
        let key = (fault.start, fault.end);
        match told.get(&key) {
            Some(known) if known <= &fault => {}
            _ => drop(told.insert(key, fault)),
        }
    }
    for fault in told.into_values() {
        fault.report(problems);
    }
}

/// One diagnostic of Cedar's, told for the file. Ordered so that of several in one place the same
/// one is always kept.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    code: &'static str,
    message: String,
    help: Option<String>,
    start: usize,
    end: usize,
}

impl Told {
    fn report(self, problems: &mut Problems) {
        let place = Place::of_span(self.start..self.end);
        help_if_known(problems.error(self.code, place, self.message), self.help);
    }
}

/// Tells `diagnostic`, whose labels count from the start of `span`.
fn tell(code: &'static str, diagnostic: &dyn Diagnostic, span: &Range<usize>) -> Told {
    let label = diagnostic.labels().and_then(|mut labels| labels.next());
    let (start, end, detail) = match label {
        Some(label) if span.start + label.offset() <= span.end => {
            let start = span.start + label.offset();
            let end = (start + label.len()).min(span.end);
            (start, end, label.label().map(str::to_owned))
        }
        _ => (span.start, span.end, None),
    };
    let mut message = plain(&one_line(&diagnostic.to_string()));
    if let Some(detail) = detail.filter(|detail| !message.contains(detail.as_str())) {
        message = format!("{message}: {}", one_line(&detail));
    }
    let help = diagnostic.help().map_or_else(
        || way_out(code).to_owned(),
        |help| plain(&one_line(&help.to_string())),
    );
    Told {
        code,
        message,
        help: Some(help),
        start,
        end,
    }
}

/// Drops what the place says already: the policy, and the one activity of many it was met under.
fn plain(message: &str) -> String {
    let message = match message
        .strip_prefix("for policy `")
        .and_then(|rest| rest.split_once('`'))
    {
        Some((_, rest)) => rest.trim_start_matches([',', ':', ' ']),
        None => message,
    };
    match message.split_once(" for Detente::Action::\"") {
        Some((before, after)) => {
            let after = after.split_once('"').map_or("", |(_, after)| after);
            format!("{before}{after}")
        }
        None => message.to_owned(),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
