//! An amendment beside what is in force: article by article in the text, and in effect.

mod ground;
mod parameters;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use detente_records::names::ArticleId;

use crate::articles::{Articles, Clause, Consequence};
use crate::prove::{Change, Prover, ProverError, RequestChange};
use crate::rulebook::Rulebook;

pub use ground::{Ground, GroundChange, ground_changes};
pub use parameters::ParameterChange;
pub use text::amended_text;

/// What an amendment changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Amendment {
    /// The articles that change, in the order of the new text, those removed last.
    pub articles: Vec<ArticleChange>,
    /// Every kind of request whose answers change or may change, in a fixed order.
    pub requests: Vec<RequestChange>,
    /// What changes beside the articles: parties, forces, lead times, stand-off, clocks.
    pub parameters: Vec<ParameterChange>,
    /// Language versions of the new text that are missing, by article.
    pub untranslated: Vec<(ArticleId, String)>,
    /// All of it together.
    pub effect: Change,
}

/// How one article changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleChange {
    /// The article's number.
    pub article: ArticleId,
    /// What happens to it.
    pub kind: ArticleChangeKind,
    /// The lines that change, in order.
    pub lines: Vec<LineChange>,
    /// How the language versions stand, in the order of the agreement's languages.
    pub languages: Vec<(String, Version)>,
    /// Languages whose title stays although the article's rule or another title changes: the
    /// versions may no longer say the same.
    pub titles_unchanged: Vec<String>,
    /// Whether what follows a breach changes.
    pub consequence_changed: bool,
}

/// What happens to an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArticleChangeKind {
    /// It is new.
    Added,
    /// It is dropped.
    Removed,
    /// Its text changes.
    Changed,
}

/// How one language version of an article stands beside the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// It was written or changed with the article.
    Current,
    /// It stays as it was although the article changes: it may no longer say the same.
    Outdated,
    /// There is none.
    Missing,
}

impl Version {
    /// The word used in documents.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Outdated => "outdated",
            Self::Missing => "missing",
        }
    }
}

/// One line of an article's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineChange {
    /// In both.
    Kept(String),
    /// Only in the old text.
    Removed(String),
    /// Only in the new text.
    Added(String),
}

/// The longest article, in lines, compared line by line; a longer one is shown whole. Comparing
/// costs the product of both lengths.
const LINES_COMPARED_MAX: usize = 2_000;

/// Compares two rulebooks: `new` as an amendment of `old`.
///
/// # Errors
///
/// [`ProverError`] when a clause of either cannot be analysed.
pub fn amend(old: &Rulebook, new: &Rulebook) -> Result<Amendment, ProverError> {
    let changes = Prover::new(old)?.changes(&Prover::new(new)?);
    let parameters = parameters::changes(&old.agreement, &new.agreement);
    let effects = changes.iter().map(|request| request.change);
    let effects = effects.chain(parameters.iter().map(|parameter| parameter.effect));
    let effect = effects.fold(Change::Equivalent, Change::and);
    let languages: Vec<String> = new
        .agreement
        .languages
        .iter()
        .map(ToString::to_string)
        .collect();
    let requests = changes
        .into_iter()
        .filter(|request| request.change != Change::Equivalent);
    Ok(Amendment {
        articles: article_changes(old.articles(), new.articles(), &languages),
        requests: requests.collect(),
        parameters,
        untranslated: untranslated(new.articles(), &languages),
        effect,
    })
}

/// The articles that have no title in one of `languages`. The plain title is in the first.
fn untranslated(articles: &Articles, languages: &[String]) -> Vec<(ArticleId, String)> {
    let mut missing = Vec::new();
    for clause in articles.clauses() {
        for language in languages.iter().skip(1) {
            let entry = (clause.article.clone(), language.clone());
            if !clause.titles.contains_key(language) && !missing.contains(&entry) {
                missing.push(entry);
            }
        }
    }
    missing
}

/// How each language version stands after a change from `old` to `new`.
fn versions(old: &[&Clause], new: &[&Clause], languages: &[String]) -> Vec<(String, Version)> {
    let title = |clause: &Clause, index: usize, language: &str| {
        if index == 0 {
            Some(clause.title.clone())
        } else {
            clause.titles.get(language).cloned()
        }
    };
    let versions = languages.iter().enumerate().map(|(index, language)| {
        let titles = |clauses: &[&Clause]| -> Vec<Option<String>> {
            clauses
                .iter()
                .map(|clause| title(clause, index, language))
                .collect()
        };
        let (before, after) = (titles(old), titles(new));
        let version = if after.iter().any(Option::is_none) {
            Version::Missing
        } else if !old.is_empty() && before == after {
            Version::Outdated
        } else {
            Version::Current
        };
        (language.clone(), version)
    });
    versions.collect()
}

fn article_changes(old: &Articles, new: &Articles, languages: &[String]) -> Vec<ArticleChange> {
    let (before, after) = (by_number(old), by_number(new));
    let mut order: Vec<&ArticleId> = Vec::new();
    for clause in new.clauses().iter().chain(old.clauses()) {
        if !order.contains(&&clause.article) {
            order.push(&clause.article);
        }
    }
    order
        .into_iter()
        .filter_map(|number| {
            let none = Vec::new();
            let (old, new) = (
                before.get(number).unwrap_or(&none),
                after.get(number).unwrap_or(&none),
            );
            let kind = match (old.is_empty(), new.is_empty()) {
                (true, _) => ArticleChangeKind::Added,
                (_, true) => ArticleChangeKind::Removed,
                _ if text(old) == text(new) => return None,
                _ => ArticleChangeKind::Changed,
            };
            Some(ArticleChange {
                article: number.clone(),
                kind,
                lines: lines(&text(old), &text(new)),
                languages: match kind {
                    ArticleChangeKind::Removed => Vec::new(),
                    _ => versions(old, new, languages),
                },
                titles_unchanged: if kind == ArticleChangeKind::Changed {
                    unchanged(old, new)
                } else {
                    Vec::new()
                },
                consequence_changed: consequences(old) != consequences(new),
            })
        })
        .collect()
}

fn by_number(articles: &Articles) -> BTreeMap<&ArticleId, Vec<&Clause>> {
    let mut found: BTreeMap<&ArticleId, Vec<&Clause>> = BTreeMap::new();
    for clause in articles.clauses() {
        found.entry(&clause.article).or_default().push(clause);
    }
    found
}

fn text(clauses: &[&Clause]) -> String {
    clauses
        .iter()
        .map(|clause| clause.text.as_str())
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn consequences<'a>(clauses: &[&'a Clause]) -> Vec<Option<&'a Consequence>> {
    clauses
        .iter()
        .map(|clause| clause.consequence.as_ref())
        .collect()
}

/// The languages whose titles are the same in both, the plain title being "".
fn unchanged(old: &[&Clause], new: &[&Clause]) -> Vec<String> {
    let titles = |clauses: &[&Clause]| {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for clause in clauses {
            found
                .entry(String::new())
                .or_default()
                .push(clause.title.clone());
            for (language, title) in &clause.titles {
                found
                    .entry(language.clone())
                    .or_default()
                    .push(title.clone());
            }
        }
        found
    };
    let (before, after) = (titles(old), titles(new));
    let languages: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    languages
        .into_iter()
        .filter(|language| before.get(*language) == after.get(*language))
        .cloned()
        .collect()
}

/// The lines of both texts as one: what is kept, removed and added (longest common subsequence).
fn lines(old: &str, new: &str) -> Vec<LineChange> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    if old.len().max(new.len()) > LINES_COMPARED_MAX {
        let removed = old
            .iter()
            .map(|line| LineChange::Removed((*line).to_owned()));
        return removed
            .chain(new.iter().map(|line| LineChange::Added((*line).to_owned())))
            .collect();
    }
    let width = new.len() + 1;
    // common[i * width + j]: length of the longest common subsequence of old[i..] and new[j..].
    let mut common = vec![0_usize; (old.len() + 1) * width];
    let at = |common: &[usize], i: usize, j: usize| common.get(i * width + j).copied().unwrap_or(0);
    for (i, before) in old.iter().enumerate().rev() {
        for (j, after) in new.iter().enumerate().rev() {
            let length = if before == after {
                at(&common, i + 1, j + 1) + 1
            } else {
                at(&common, i + 1, j).max(at(&common, i, j + 1))
            };
            if let Some(cell) = common.get_mut(i * width + j) {
                *cell = length;
            }
        }
    }
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    loop {
        match (old.get(i), new.get(j)) {
            (Some(before), Some(after)) if before == after => {
                found.push(LineChange::Kept((*before).to_owned()));
                (i, j) = (i + 1, j + 1);
            }
            (Some(before), after)
                if after.is_none() || at(&common, i + 1, j) >= at(&common, i, j + 1) =>
            {
                found.push(LineChange::Removed((*before).to_owned()));
                i += 1;
            }
            (_, Some(after)) => {
                found.push(LineChange::Added((*after).to_owned()));
                j += 1;
            }
            _ => return found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_comparison_holds_both_texts(old in prop::collection::vec("[abc]", 0..8), new in prop::collection::vec("[abc]", 0..8)) {
            let changes = lines(&old.join("\n"), &new.join("\n"));
            let before: Vec<&str> = changes.iter().filter_map(|line| match line {
                LineChange::Kept(line) | LineChange::Removed(line) => Some(line.as_str()),
                LineChange::Added(_) => None,
            }).collect();
            let after: Vec<&str> = changes.iter().filter_map(|line| match line {
                LineChange::Kept(line) | LineChange::Added(line) => Some(line.as_str()),
                LineChange::Removed(_) => None,
            }).collect();
            prop_assert_eq!(before, old);
            prop_assert_eq!(after, new);
        }
    }
}
