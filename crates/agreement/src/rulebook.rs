//! An agreement made ready to judge operations.

use std::collections::BTreeSet;

use cedar_policy::Authorizer;
use detente_records::Agreement;
use detente_records::finding::Problems;
use detente_records::names::{AreaId, ArticleId, CategoryName};
use detente_records::place::Place;

use crate::articles::{Articles, Clause};
use crate::evaluation::Evaluator;
use crate::roster::Roster;
use crate::schema::schema;
use crate::slices::Slices;
use crate::store::Stores;
use crate::vocabulary::Vocabulary;

/// The most participants of an agreement. Whose consent is missing is found by trying sets of
/// them; sixteen is more than any arrangement of this kind has had.
pub const PARTICIPANTS_MAX: usize = 16;

/// A text of a dossier and the name it goes by in problems.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// The name, such as `articles.cedar`.
    pub name: &'a str,
    /// The whole text.
    pub text: &'a str,
}

/// What articles may name beyond what agreement.toml declares.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The areas of the dossier.
    pub areas: BTreeSet<AreaId>,
    /// The categories of its protected objects.
    pub categories: BTreeSet<CategoryName>,
}

/// An agreement and its articles, made ready to judge operations.
///
/// Can be shared between threads; judging one operation costs some tens of microseconds for each
/// thing it touches.
#[derive(Debug)]
pub struct Rulebook {
    pub(crate) agreement: Agreement,
    pub(crate) articles: Articles,
    pub(crate) evaluator: Evaluator,
}

impl Rulebook {
    /// Reads the articles of `agreement` and makes them ready.
    ///
    /// Returns every problem of the articles, the schema's additions, and the agreement's
    /// references to articles; there is a rulebook only when none of them is an error.
    pub fn load(
        agreement: &Agreement,
        articles: Document<'_>,
        schema_additions: Option<Document<'_>>,
        declared: &Declared,
    ) -> (Option<Self>, Problems) {
        let mut problems = Problems::new(articles.name);
        let schema = match schema(schema_additions.map(|document| document.text)) {
            Ok(schema) => schema,
            Err(error) => {
                let name = schema_additions.map_or("schema.cedarschema", |document| document.name);
                let mut refused = Problems::new(name);
                refused
                    .error("schema_invalid", Place::default(), error.to_string())
                    .help("remove the file, or declare only names in a namespace of your own");
                problems.append(refused);
                return (None, problems);
            }
        };
        let roster = Roster::of(agreement)
            .with_areas(&declared.areas)
            .with_categories(&declared.categories);
        let (articles, found) = Articles::read(articles.name, articles.text, &schema, &roster);
        problems.append(found);
        check_references(agreement, &articles, &mut problems);
        if problems.has_errors() {
            return (None, problems);
        }
        match Self::new(agreement.clone(), articles, schema, roster) {
            Ok(rulebook) => (Some(rulebook), problems),
            Err(reason) => {
                problems.error("articles_unusable", Place::default(), reason);
                (None, problems)
            }
        }
    }

    pub(crate) fn new(
        agreement: Agreement,
        articles: Articles,
        schema: cedar_policy::Schema,
        roster: Roster,
    ) -> Result<Self, String> {
        let slices = Slices::new(&articles, |clause| in_dispute(&agreement, clause), &schema)?;
        let vocabulary = Vocabulary::new();
        let stores = Stores::new(roster, schema.clone(), vocabulary.clone());
        let evaluator = Evaluator {
            schema,
            vocabulary,
            stores,
            slices,
            authorizer: Authorizer::new(),
        };
        Ok(Self {
            agreement,
            articles,
            evaluator,
        })
    }

    /// The same articles under an agreement whose standing has changed: another status, a party suspended, a reading in
    /// dispute.
    ///
    /// # Errors
    ///
    /// Words, when a policy that is now in dispute cannot be read the stricter way.
    pub fn under(&self, agreement: Agreement) -> Result<Self, String> {
        let before = self.evaluator.stores.roster();
        let roster = Roster::of(&agreement)
            .with_areas(&before.areas)
            .with_categories(&before.categories);
        let schema = self.evaluator.schema.clone();
        Self::new(agreement, self.articles.clone(), schema, roster)
    }

    /// The articles.
    pub fn articles(&self) -> &Articles {
        &self.articles
    }

    /// The agreement.
    pub fn agreement(&self) -> &Agreement {
        &self.agreement
    }

    /// Whether the reading of `clause` is in dispute, by its own annotation or by the agreement.
    pub fn in_dispute(&self, clause: &Clause) -> bool {
        in_dispute(&self.agreement, clause)
    }

    /// The articles of `clauses` by number, in the order of the file, each once.
    pub(crate) fn numbers(&self, clauses: &BTreeSet<String>) -> Vec<ArticleId> {
        let mut numbers: Vec<ArticleId> = Vec::new();
        for clause in self.cited(clauses) {
            if !numbers.contains(&clause.article) {
                numbers.push(clause.article.clone());
            }
        }
        numbers
    }

    /// The clauses with these ids, in the order of the file.
    pub(crate) fn cited<'a>(
        &'a self,
        clauses: &'a BTreeSet<String>,
    ) -> impl Iterator<Item = &'a Clause> {
        self.articles
            .clauses()
            .iter()
            .filter(|clause| clauses.contains(clause.id.as_str()))
    }
}

fn in_dispute(agreement: &Agreement, clause: &Clause) -> bool {
    clause.disputed.is_some()
        || agreement.disputes.contains_key(&clause.article)
        || agreement.disputes.contains_key(&clause.id)
}

fn check_references(agreement: &Agreement, articles: &Articles, problems: &mut Problems) {
    let disputes = agreement
        .disputes
        .keys()
        .map(|article| (article, "a dispute".to_owned()));
    let clocks = agreement
        .parameters
        .clocks
        .iter()
        .filter_map(|(id, clock)| {
            clock
                .article
                .as_ref()
                .map(|article| (article, format!("the clock {id}")))
        });
    articles.check_names(disputes.chain(clocks), problems);
    if agreement.participants.len() > PARTICIPANTS_MAX {
        let count = agreement.participants.len();
        problems
            .error(
                "too_many_participants",
                Place::default(),
                format!("{count} participants, more than {PARTICIPANTS_MAX}"),
            )
            .help("let participants act through a common one");
    }
}
