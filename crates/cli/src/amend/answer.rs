//! What `amend` prints.

use detente_agreement::Amendment;
use detente_agreement::amend::{
    ArticleChange, ArticleChangeKind, GroundChange, LineChange, ParameterChange,
};
use detente_agreement::prove::{Change, RequestChange};
use detente_formats::Dossier;
use serde::Serialize;

use crate::case::CaseAnswer;
use crate::printable::printable;
use crate::shape::{Geometry, geometry};

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
    /// What changes beside the articles: parties, forces, lead times, stand-off, clocks.
    parameters: Vec<ParameterAnswer>,
    /// What changes on the ground.
    ground: Vec<GroundAnswer>,
    /// Language versions of articles that are missing in the new text.
    untranslated: Vec<UntranslatedAnswer>,
}

/// One change of the agreement's document.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "ParameterChange"))]
struct ParameterAnswer {
    /// What changes.
    subject: String,
    /// What it was; absent when it is new.
    before: Option<String>,
    /// What it becomes; absent when it is dropped.
    after: Option<String>,
    /// `equivalent`, `looser`, `stricter` or `different`.
    change: &'static str,
}

/// An area, protected object or movement that changes.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "GroundChange"))]
struct GroundAnswer {
    /// `area`, `protected object` or `movement`.
    what: &'static str,
    /// Its id.
    id: String,
    /// What happens to it: `added`, `removed`, `grown`, `shrunk`, `redrawn`, `moved`, ….
    changes: Vec<String>,
    /// `looser`, `stricter` or `different`.
    change: &'static str,
    /// Its outline in the old version.
    before: Option<Geometry>,
    /// Its outline in the new version.
    after: Option<Geometry>,
}

/// A language version that is missing.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Untranslated"))]
struct UntranslatedAnswer {
    /// The article's number.
    article: String,
    /// The language.
    language: String,
}

/// How one language version of an article stands.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "LanguageVersion"))]
struct VersionAnswer {
    /// The language.
    language: String,
    /// `current`, `outdated` (it stays although the article changes) or `missing`.
    version: &'static str,
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
    /// How its language versions stand beside each other.
    languages: Vec<VersionAnswer>,
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
    pub(super) fn of(
        amendment: &Amendment,
        ground: &[GroundChange],
        effect: Change,
        dossier: &Dossier,
    ) -> Self {
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
            effect: effect.wire_name(),
            articles: amendment.articles.iter().map(article).collect(),
            requests: amendment.requests.iter().map(request).collect(),
            parameters: amendment.parameters.iter().map(parameter).collect(),
            ground: ground.iter().map(placed).collect(),
            untranslated: amendment
                .untranslated
                .iter()
                .map(|(article, language)| UntranslatedAnswer {
                    article: article.to_string(),
                    language: language.clone(),
                })
                .collect(),
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
                let titles = article.titles_unchanged.iter();
                let titles = titles.map(|language| match language.as_str() {
                    "" => "@title".to_owned(),
                    tag => format!("@title_{tag}"),
                });
                text.push_str(&format!(
                    "    unchanged are {}: check that they still say what the clause does\n",
                    titles.collect::<Vec<_>>().join(", ")
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
        for parameter in &self.parameters {
            let told = |value: &Option<String>| match value {
                Some(value) => printable(value).to_string(),
                None => "none".to_owned(),
            };
            text.push_str(&format!(
                "{}  {}: {} becomes {}\n",
                parameter.change.to_uppercase(),
                printable(&parameter.subject),
                told(&parameter.before),
                told(&parameter.after)
            ));
        }
        for ground in &self.ground {
            text.push_str(&format!(
                "{}  {} {}: {}\n",
                ground.change.to_uppercase(),
                ground.what,
                printable(&ground.id),
                ground.changes.join(", ")
            ));
        }
        for missing in &self.untranslated {
            text.push_str(&format!(
                "article {} has no version in {}\n",
                printable(&missing.article),
                printable(&missing.language)
            ));
        }
        text.push_str(&format!("In effect the amendment is {}.\n", self.effect));
        text
    }
}

fn parameter(change: &ParameterChange) -> ParameterAnswer {
    ParameterAnswer {
        subject: change.subject.clone(),
        before: change.before.clone(),
        after: change.after.clone(),
        change: change.effect.wire_name(),
    }
}

fn placed(change: &GroundChange) -> GroundAnswer {
    let outline = |footprint: &Option<detente_spacetime::Footprint>| {
        let outline = footprint.as_ref()?.outline();
        geometry([&outline])
    };
    GroundAnswer {
        what: change.what,
        id: change.id.clone(),
        changes: change.changes.clone(),
        change: change.effect.wire_name(),
        before: outline(&change.before),
        after: outline(&change.after),
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
        languages: change
            .languages
            .iter()
            .map(|(language, version)| VersionAnswer {
                language: language.clone(),
                version: version.wire_name(),
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
