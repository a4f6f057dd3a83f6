//! The articles of an agreement: Cedar policies with the annotations that make them a text.

mod annotations;
mod consent_reading;
mod lint;
mod literals;
mod reads;
mod statements;
mod validation;

pub(crate) use annotations::place_of;
pub(crate) use statements::statements;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use cedar_policy::{Effect, Policy, PolicyId, Schema, Template};
use detente_records::finding::{Origin, Problems, Reported, quoted};
use detente_records::names::ArticleId;
use detente_records::place::Place;

use crate::roster::Roster;

/// The largest articles file, in bytes: a long agreement has a hundred kilobytes.
pub const ARTICLES_BYTES_MAX: usize = 2 << 20;

/// The most clauses of one agreement; decisions cost time in proportion to those that apply.
pub const CLAUSES_MAX: usize = 5_000;

/// The longest clause, in bytes. Bounds how deep its expression can be, and so the stack that
/// reading, validating and proving need.
pub const CLAUSE_BYTES_MAX: usize = 16 << 10;

/// The deepest nesting of brackets in a clause; readable ones have about five levels.
pub const CLAUSE_NESTING_MAX: usize = 48;

/// The articles of an agreement, in the order of their file.
#[derive(Clone, Debug)]
pub struct Articles {
    clauses: Vec<Clause>,
    by_id: BTreeMap<String, usize>,
}

/// One rule: a Cedar policy, and what its annotations say of it.
///
/// An article has one or more clauses, which share their [`Clause::article`] number.
#[derive(Clone, Debug)]
pub struct Clause {
    /// Its own id, unique in the agreement (`@id`).
    pub id: ArticleId,
    /// The number of the article it belongs to (`@article`).
    pub article: ArticleId,
    /// What it says, in a line (`@title`).
    pub title: String,
    /// The same in other languages (`@title_ru`, …), by language tag.
    pub titles: BTreeMap<String, String>,
    /// What follows when it is broken (`@consequence`); `None` when the text does not say.
    pub consequence: Option<Consequence>,
    /// The clauses it is an exception to (`@excepts`).
    pub excepts: Vec<ArticleId>,
    /// The clauses that are exceptions to it (`@exception`).
    pub exceptions: Vec<ArticleId>,
    /// Why its reading is in dispute (`@disputed`).
    pub disputed: Option<String>,
    /// The bytes of the file it fills.
    pub span: Range<usize>,
    /// Its text, annotations included.
    pub text: String,
    pub(crate) policy: Policy,
    pub(crate) reads: BTreeSet<String>,
}

/// What follows when a clause is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// The article says that nothing follows.
    NoneStated,
    /// What follows, in the article's words.
    Stated(String),
}

impl Clause {
    /// Whether the clause prohibits rather than permits.
    pub fn forbids(&self) -> bool {
        self.policy.effect() == Effect::Forbid
    }

    /// Whether it reads the fact called `name`, such as `context.leadTime`.
    pub fn reads(&self, name: &str) -> bool {
        self.reads.contains(name)
    }

    /// The title in the first of `languages` there is, else the plain title.
    pub fn title_in(&self, languages: &[&str]) -> &str {
        languages
            .iter()
            .find_map(|language| self.titles.get(*language))
            .map_or(self.title.as_str(), String::as_str)
    }
}

impl Articles {
    /// Reads an articles file.
    ///
    /// Every clause must parse, carry `@id`, `@article` and `@title`, pass Cedar's strict
    /// validation without a warning, name only what `roster` knows, and read consents in the
    /// direction in which a missing consent never helps. All problems are reported at once, each
    /// with the bytes of `text` it is about; clauses without one of their own are returned, so
    /// use the articles for decisions only when [`Problems::has_errors`] is false.
    ///
    /// Without a `schema` (because that has faults of its own) nothing is validated against one;
    /// the rest is checked all the same.
    pub fn read(
        document: &str,
        text: &str,
        schema: Option<&Schema>,
        roster: &Roster,
    ) -> (Self, Problems) {
        let mut problems = Problems::new(document);
        let mut clauses = parse_all(text, &mut problems);
        drop_duplicates(&mut clauses, &mut problems);
        for clause in &clauses {
            literals::check(clause, roster, &mut problems);
            consent_reading::check(clause, &mut problems);
        }
        if let Some(schema) = schema {
            validation::check(&clauses, schema, &mut problems);
        }
        lint::check(&clauses, text, &mut problems);
        problems.locate(text.as_bytes(), Origin::START);
        problems.sort_by_place();
        (Self::from_clauses(clauses), problems)
    }

    /// Returns the ids of the entities of type `kind`, such as `Area`, that clauses name.
    pub fn named(&self, kind: &str) -> BTreeSet<String> {
        let policies = self.clauses.iter().map(|clause| &clause.policy);
        policies.flat_map(|policy| named(policy, kind)).collect()
    }

    /// Reads the property of a concern: one policy, checked like an article but without the
    /// annotations that make a text of it.
    pub(crate) fn read_property(
        document: &str,
        text: &str,
        schema: &Schema,
        roster: &Roster,
    ) -> (Option<Clause>, Problems) {
        let mut problems = Problems::new(document);
        let spans = statements(text);
        let clause = match spans.as_slice() {
            [only] => property(text, only.clone(), &mut problems),
            _ => {
                let message = format!("{} policies where one is expected", spans.len());
                problems
                    .error(
                        "property_not_single",
                        Place::of_span(0..text.len()),
                        message,
                    )
                    .help("state one `forbid` (never allowed) or one `permit` (always allowed)");
                None
            }
        };
        if let Some(clause) = &clause {
            literals::check(clause, roster, &mut problems);
            validation::check(std::slice::from_ref(clause), schema, &mut problems);
        }
        problems.locate(text.as_bytes(), Origin::START);
        (clause, problems)
    }

    pub(crate) fn from_clauses(clauses: Vec<Clause>) -> Self {
        let ids = clauses.iter().enumerate();
        let by_id = ids
            .map(|(index, clause)| (clause.id.as_str().to_owned(), index))
            .collect();
        Self { clauses, by_id }
    }

    /// The clauses, in the order of the file.
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// The clause with this `@id`.
    pub fn clause(&self, id: &str) -> Option<&Clause> {
        self.by_id
            .get(id)
            .and_then(|index| self.clauses.get(*index))
    }

    /// The clauses of the article with this number.
    pub fn article<'a>(&'a self, number: &'a str) -> impl Iterator<Item = &'a Clause> {
        self.clauses
            .iter()
            .filter(move |clause| clause.article.as_str() == number)
    }

    /// Whether `name` is the id of a clause or the number of an article.
    pub fn has(&self, name: &str) -> bool {
        self.by_id.contains_key(name) || self.article(name).next().is_some()
    }
}

/// The ids of the entities of type `kind` that a policy names.
pub(crate) fn named(policy: &Policy, kind: &str) -> BTreeSet<String> {
    let literals = policy.entity_literals();
    let of_kind = literals
        .iter()
        .filter(|literal| literal.type_name().basename() == kind);
    of_kind
        .map(|literal| literal.id().unescaped().to_owned())
        .collect()
}

fn parse_all(text: &str, problems: &mut Problems) -> Vec<Clause> {
    if text.len() > ARTICLES_BYTES_MAX {
        let message = format!(
            "a file of {} bytes, more than {ARTICLES_BYTES_MAX}",
            text.len()
        );
        problems
            .error("articles_too_long", Place::of_span(0..0), message)
            .help("split the agreement");
        return Vec::new();
    }
    let spans = statements(text);
    if let Some(beyond) = spans.get(CLAUSES_MAX) {
        let message = format!("{} clauses, more than {CLAUSES_MAX}", spans.len());
        problems
            .error("too_many_clauses", Place::of_span(beyond.clone()), message)
            .help("split the agreement");
        return Vec::new();
    }
    if spans.is_empty() {
        problems
            .error(
                "no_articles",
                Place::of_span(0..text.len()),
                "the file holds no article",
            )
            .help("nothing is permitted by default: write at least one permit");
    }
    spans
        .into_iter()
        .filter_map(|span| parse(text, span, problems))
        .collect()
}

/// Parses `statement`, which fills `span`, within the limits on a clause.
fn parse_policy(statement: &str, span: &Range<usize>, problems: &mut Problems) -> Option<Policy> {
    if statement.len() > CLAUSE_BYTES_MAX || statements::nesting(statement) > CLAUSE_NESTING_MAX {
        let message = format!(
            "a clause longer than {CLAUSE_BYTES_MAX} bytes or nested deeper than {CLAUSE_NESTING_MAX}"
        );
        problems
            .error("clause_too_complex", Place::of_span(span.clone()), message)
            .help("split it into several clauses with the same @article");
        return None;
    }
    match Policy::parse(None, statement) {
        Ok(policy) => Some(policy),
        Err(_)
            if Template::parse(None, statement).is_ok_and(|read| read.slots().next().is_some()) =>
        {
            problems
                .error(
                    "template",
                    Place::of_span(span.clone()),
                    "an article cannot have slots to fill in",
                )
                .help("write the party, force or area in place of ?principal or ?resource");
            None
        }
        Err(errors) => {
            validation::report_syntax(&errors, span, problems);
            None
        }
    }
}

/// Reads the one clause that fills `span` of `text`.
fn parse(text: &str, span: Range<usize>, problems: &mut Problems) -> Option<Clause> {
    let statement = text.get(span.clone()).unwrap_or_default();
    let policy = parse_policy(statement, &span, problems)?;
    let read = annotations::read(&policy, &span, statement, problems)?;
    let policy = policy.new_id(PolicyId::new(read.id.as_str()));
    Some(Clause {
        id: read.id,
        article: read.article,
        title: read.title,
        titles: read.titles,
        consequence: read.consequence,
        excepts: read.excepts,
        exceptions: read.exceptions,
        disputed: read.disputed,
        span,
        text: statement.to_owned(),
        reads: reads::reads(&policy),
        policy,
    })
}

/// Reads the policy that fills `span` of a property's text.
fn property(text: &str, span: Range<usize>, problems: &mut Problems) -> Option<Clause> {
    let statement = text.get(span.clone()).unwrap_or_default();
    let policy = parse_policy(statement, &span, problems)?;
    let id = ArticleId::parse("property").ok()?;
    Some(Clause {
        article: id.clone(),
        title: String::new(),
        titles: BTreeMap::new(),
        consequence: None,
        excepts: Vec::new(),
        exceptions: Vec::new(),
        disputed: None,
        span,
        text: statement.to_owned(),
        reads: reads::reads(&policy),
        policy: policy.new_id(PolicyId::new(id.as_str())),
        id,
    })
}

/// Adds the way out of a problem, where one is known.
fn help_if_known(reported: Reported<'_>, help: Option<String>) {
    if let Some(help) = help {
        reported.help(help);
    }
}

/// Keeps the first clause with each id and reports the others.
fn drop_duplicates(clauses: &mut Vec<Clause>, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    clauses.retain(|clause| {
        let first = seen.insert(clause.id.clone());
        if !first {
            let message = format!(
                "another clause has the id {} already",
                quoted(clause.id.as_str())
            );
            problems
                .error(
                    "duplicate_id",
                    annotations::place_of("id", &clause.text, &clause.span),
                    message,
                )
                .help("clauses of one article share @article; each has its own @id");
        }
        first
    });
}
