//! An agreement made ready to judge operations.

use std::collections::BTreeSet;
use std::sync::Arc;

use cedar_policy::Authorizer;
use detente_records::Agreement;
use detente_records::finding::{Origin, Problems};
use detente_records::names::{AreaId, ArticleId, CategoryName};
use detente_records::place::Place;

use crate::articles::{Articles, Clause};
use crate::evaluation::Evaluator;
use crate::facts::GATHERED;
use crate::roster::Roster;
use crate::schema::{SchemaError, schema};
use crate::slices::Slices;
use crate::store::Stores;
use crate::vocabulary::Vocabulary;

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
    pub(crate) articles: Arc<Articles>,
    pub(crate) evaluator: Evaluator,
    /// What the dossier adds to the schema.
    pub(crate) additions: Option<String>,
    /// Whether some clause asks how near a protected object is.
    asks_how_near: bool,
    /// Whether some clause asks about all areas touched together.
    asks_what_is_touched: bool,
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
        let schema = schema(schema_additions.map(|document| document.text))
            .map_err(|error| problems.append(refused(error, schema_additions)))
            .ok();
        let roster = Roster::of(agreement)
            .with_areas(&declared.areas)
            .with_categories(&declared.categories);
        let Document { name, text } = articles;
        let (articles, found) = Articles::read(name, text, schema.as_ref(), &roster);
        problems.append(found);
        articles.check_citations(&agreement.citations, text, &mut problems);
        let Some(schema) = schema.filter(|_| !problems.has_errors()) else {
            return (None, problems);
        };
        match Self::new(agreement.clone(), articles, schema, roster) {
            Ok(rulebook) => {
                let additions = schema_additions.map(|document| document.text.to_owned());
                let rulebook = Self {
                    additions,
                    ..rulebook
                };
                (Some(rulebook), problems)
            }
            Err(reason) => {
                problems
                    .error("articles_unusable", Place::of_span(0..text.len()), reason)
                    .help("write the articles in simpler clauses");
                problems.locate(text.as_bytes(), Origin::START);
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
            slices: Arc::new(slices),
            authorizer: Authorizer::new(),
        };
        let asks_how_near = evaluator.slices.ask_how_near(&articles);
        let asks_what_is_touched = articles.clauses().iter().any(|clause| {
            let mut gathered = GATHERED.iter();
            gathered.any(|name| clause.reads(&format!("context.{name}")))
        });
        Ok(Self {
            agreement,
            articles: Arc::new(articles),
            evaluator,
            additions: None,
            asks_how_near,
            asks_what_is_touched,
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
        let additions = self.additions.clone();
        let new = Self::new(agreement, Articles::clone(&self.articles), schema, roster)?;
        Ok(Self { additions, ..new })
    }

    /// The same articles, with the same readings in dispute, where only the standing of the
    /// agreement and of its parties differs: nothing is sorted or validated anew.
    pub(crate) fn standing_as(&self, agreement: Agreement, roster: Roster) -> Self {
        let before = &self.evaluator;
        let evaluator = Evaluator {
            schema: before.schema.clone(),
            vocabulary: before.vocabulary.clone(),
            stores: Stores::new(roster, before.schema.clone(), before.vocabulary.clone()),
            slices: Arc::clone(&before.slices),
            authorizer: Authorizer::new(),
        };
        Self {
            agreement,
            articles: Arc::clone(&self.articles),
            evaluator,
            additions: self.additions.clone(),
            asks_how_near: self.asks_how_near,
            asks_what_is_touched: self.asks_what_is_touched,
        }
    }

    /// Whether some clause asks how near a protected object is: then what an operation comes near
    /// is a thing it touches, up to [`PROTECTED_SEARCH_M`](crate::PROTECTED_SEARCH_M), and not only
    /// what it meets.
    pub fn asks_how_near(&self) -> bool {
        self.asks_how_near
    }

    /// Whether some clause asks about all the areas touched together: then an area may open what
    /// is closed elsewhere, and not only hold back what enters it.
    pub fn asks_what_is_touched(&self) -> bool {
        self.asks_what_is_touched
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

/// Tells why the schema's additions were refused.
fn refused(error: SchemaError, additions: Option<Document<'_>>) -> Problems {
    let Document { name, text } = additions.unwrap_or(Document {
        name: "schema.cedarschema",
        text: "",
    });
    let mut problems = Problems::new(name);
    let place = Place::of_span(error.span(text.len()));
    problems
        .error("schema_invalid", place, error.to_string())
        .help("remove the file, or declare only names in a namespace of your own");
    problems.locate(text.as_bytes(), Origin::START);
    problems
}

fn in_dispute(agreement: &Agreement, clause: &Clause) -> bool {
    clause.disputed.is_some()
        || agreement.disputes.contains_key(&clause.article)
        || agreement.disputes.contains_key(&clause.id)
        // Until its preconditions hold an article is read as one in dispute is: it permits nothing.
        || agreement.held_back.contains(&clause.article)
        || agreement.held_back.contains(&clause.id)
}
