//! What `amend` prints.

use detente_agreement::Amendment;
use detente_agreement::amend::{ArticleChange, ArticleChangeKind, LineChange};
use detente_agreement::prove::RequestChange;
use detente_formats::Dossier;
use serde::Serialize;

use crate::case::CaseAnswer;
use crate::printable::printable;

/// The answer of `detente amend`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Amendment"))]
pub(crate) struct AmendAnswer {
    /// `equivalent`, `looser`, `stricter`, `different` or `undecided`: all changes together.
    effect: &'static str,
    /// The articles that change.
    articles: Vec<ArticleAnswer>,
    /// Every kind of request whose answers change or may change.
    requests: Vec<RequestAnswer>,
}

/// How one article changes.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "ArticleChange"))]
struct ArticleAnswer {
    /// The article's number.
    article: String,
    /// `added`, `removed` or `changed`.
    change: &'static str,
    /// The lines that change, each behind `+` or `-`, among those kept behind a blank.
    lines: Vec<String>,
    /// Languages whose title stays although the rule changes: the versions may no longer say the same.
    titles_unchanged: Vec<String>,
    /// Whether what follows a breach changes.
    consequence_changed: bool,
}

/// How the answers to one kind of request change.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "RequestChange"))]
struct RequestAnswer {
    /// What the operation does.
    activity: &'static str,
    /// What it touches, as the Cedar schema names it.
    about: &'static str,
    /// How the answers change.
    change: &'static str,
    /// An operation that only the new version lets through.
    looser: Option<CaseAnswer>,
    /// An operation that only the old version lets through.
    stricter: Option<CaseAnswer>,
}

impl AmendAnswer {
    pub(super) fn of(amendment: &Amendment, dossier: &Dossier) -> Self {
        let request = |request: &RequestChange| RequestAnswer {
            activity: request.activity.wire_name(),
            about: request.about,
            change: request.change.wire_name(),
            looser: request
                .looser
                .as_ref()
                .map(|case| CaseAnswer::of(case, dossier)),
            stricter: request
                .stricter
                .as_ref()
                .map(|case| CaseAnswer::of(case, dossier)),
        };
        Self {
            effect: amendment.effect.wire_name(),
            articles: amendment.articles.iter().map(article).collect(),
            requests: amendment.requests.iter().map(request).collect(),
        }
    }

    /// The answer in words.
    pub(super) fn told(&self) -> String {
        let mut text = String::new();
        for article in &self.articles {
            text.push_str(&format!(
                "Article {}: {}\n",
                article.article, article.change
            ));
            for line in article.lines.iter().filter(|line| !line.starts_with(' ')) {
                text.push_str(&format!("    {}\n", printable(line)));
            }
            if !article.titles_unchanged.is_empty() {
                text.push_str(&format!(
                    "    the title in {} stays as it was: check that the versions still say the same\n",
                    article.titles_unchanged.join(", ")
                ));
            }
            if article.consequence_changed {
                text.push_str("    what follows a breach changes\n");
            }
        }
        for request in &self.requests {
            text.push_str(&format!(
                "{}  {} and {}\n",
                request.change.to_uppercase(),
                request.activity,
                request.about
            ));
            for (case, says) in [
                (&request.looser, "allowed now, refused before:"),
                (&request.stricter, "refused now, allowed before:"),
            ] {
                if let Some(case) = case {
                    text.push_str(&format!("  {says}\n{}", case.told()));
                }
            }
        }
        text.push_str(&format!("In effect the amendment is {}.\n", self.effect));
        text
    }
}

fn article(change: &ArticleChange) -> ArticleAnswer {
    ArticleAnswer {
        article: change.article.to_string(),
        change: match change.kind {
            ArticleChangeKind::Added => "added",
            ArticleChangeKind::Removed => "removed",
            ArticleChangeKind::Changed => "changed",
        },
        lines: change
            .lines
            .iter()
            .map(|line| match line {
                LineChange::Kept(line) => format!("  {line}"),
                LineChange::Removed(line) => format!("- {line}"),
                LineChange::Added(line) => format!("+ {line}"),
            })
            .collect(),
        titles_unchanged: change.titles_unchanged.clone(),
        consequence_changed: change.consequence_changed,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn generated_schema_is_fresh() {
        crate::reference::assert_schema_fresh::<super::AmendAnswer>("amend.schema.json");
    }
}
