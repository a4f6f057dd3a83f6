//! The annotations of a clause: what makes a policy an article people can cite.

use std::collections::BTreeMap;
use std::ops::Range;

use cedar_policy::Policy;
use detente_records::characters::is_direction_override;
use detente_records::finding::{Problems, quoted};
use detente_records::names::ArticleId;
use detente_records::nearest;
use detente_records::place::Place;

use super::{Consequence, help_if_known};

/// How a clause says that nothing follows when it is broken.
const CONSEQUENCE_NONE: &str = "none";

/// The annotations the product reads; titles in further languages are `title_` and a tag.
const KNOWN: [&str; 7] = [
    "id",
    "article",
    "title",
    "consequence",
    "excepts",
    "exception",
    "disputed",
];

/// What the annotations of one policy say.
pub(super) struct Annotations {
    pub(super) id: ArticleId,
    pub(super) article: ArticleId,
    pub(super) title: String,
    pub(super) titles: BTreeMap<String, String>,
    pub(super) consequence: Option<Consequence>,
    pub(super) excepts: Vec<ArticleId>,
    pub(super) exceptions: Vec<ArticleId>,
    pub(super) disputed: Option<String>,
}

/// Reads the annotations of `policy`, whose `text` fills `span` of the file.
pub(super) fn read(
    policy: &Policy,
    span: &Range<usize>,
    text: &str,
    problems: &mut Problems,
) -> Option<Annotations> {
    let mut reader = Reader {
        policy,
        span,
        text,
        problems,
    };
    reader.warn_of_unknown();
    reader.refuse_hidden();
    let id = reader.name("id");
    let article = reader.name("article");
    let title = reader.title();
    let consequence = reader.text("consequence").map(|text| {
        if text == CONSEQUENCE_NONE {
            Consequence::NoneStated
        } else {
            Consequence::Stated(text)
        }
    });
    let excepts = reader.names("excepts");
    let exceptions = reader.names("exception");
    let disputed = policy.annotation("disputed").map(str::to_owned);
    let titles = policy.annotations().filter_map(|(key, value)| {
        let tag = key.strip_prefix("title_")?;
        Some((tag.replace('_', "-"), value.to_owned()))
    });
    let titles = titles.collect();
    Some(Annotations {
        id: id?,
        article: article?,
        title: title?,
        titles,
        consequence,
        excepts,
        exceptions,
        disputed,
    })
}

/// The place of annotation `key` in a clause, or of the whole clause when it has none.
pub(crate) fn place_of(key: &str, text: &str, span: &Range<usize>) -> Place {
    let needle = format!("@{key}");
    let found = text.match_indices(&needle).find(|(at, _)| {
        let after = text.get(at + needle.len()..).unwrap_or_default();
        !after.starts_with(|next: char| next.is_alphanumeric() || next == '_')
    });
    let Some((at, _)) = found else {
        return Place::of_span(span.clone());
    };
    let rest = text.get(at..).unwrap_or_default();
    let length = rest.find('\n').unwrap_or(rest.len());
    Place::of_span(
        span.start + at..span.start + at + rest.get(..length).unwrap_or(rest).trim_end().len(),
    )
}

struct Reader<'a> {
    policy: &'a Policy,
    span: &'a Range<usize>,
    text: &'a str,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    fn warn_of_unknown(&mut self) {
        let mut keys: Vec<&str> = self.policy.annotations().map(|(key, _)| key).collect();
        keys.sort_unstable();
        for key in keys {
            if !KNOWN.contains(&key) && !key.starts_with("title_") {
                let place = place_of(key, self.text, self.span);
                let message = format!("annotation {} means nothing here", quoted(key));
                let reported = self.problems.warning("unknown_annotation", place, message);
                help_if_known(reported, nearest::way_out(key, KNOWN));
            }
        }
    }

    /// Control characters and direction overrides can make an article read as another.
    fn refuse_hidden(&mut self) {
        let bad = |character: char| character.is_control() || is_direction_override(character);
        let mut hidden: Vec<(&str, char)> = self
            .policy
            .annotations()
            .filter_map(|(key, text)| Some((key, text.chars().find(|c| bad(*c))?)))
            .collect();
        hidden.sort_unstable();
        for (key, character) in hidden {
            let place = place_of(key, self.text, self.span);
            let message = format!(
                "@{key} holds the character U+{:04X}, which hides or reorders text",
                u32::from(character)
            );
            self.problems
                .error("hidden_character", place, message)
                .help("remove it");
        }
    }

    /// The text of a required annotation that is a checked name.
    fn name(&mut self, key: &'static str) -> Option<ArticleId> {
        let Some(text) = self.policy.annotation(key) else {
            self.missing(key);
            return None;
        };
        match ArticleId::parse(text) {
            Ok(name) => Some(name),
            Err(error) => {
                let place = place_of(key, self.text, self.span);
                let message = format!("@{key} {} cannot be used: {}", quoted(text), error.kind());
                self.problems
                    .error("invalid_name", place, message)
                    .help("write a short visible name such as art-3");
                None
            }
        }
    }

    /// The names in an optional annotation, separated by commas.
    fn names(&mut self, key: &'static str) -> Vec<ArticleId> {
        let listed = self.policy.annotation(key).unwrap_or_default();
        let parts = listed
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let mut names = Vec::new();
        for part in parts {
            match ArticleId::parse(part) {
                Ok(name) => names.push(name),
                Err(error) => {
                    let place = place_of(key, self.text, self.span);
                    let message =
                        format!("@{key} {} cannot be used: {}", quoted(part), error.kind());
                    self.problems
                        .error("invalid_name", place, message)
                        .help("write the @id of a clause");
                }
            }
        }
        names
    }

    fn title(&mut self) -> Option<String> {
        if self.policy.annotation("title").is_none() {
            self.missing("title");
            return None;
        }
        let title = self.text("title");
        if title.is_none() {
            let place = place_of("title", self.text, self.span);
            self.problems
                .error("empty_text", place, "the title is empty")
                .help("say in a line what the clause does");
        }
        title
    }

    fn text(&self, key: &str) -> Option<String> {
        let text = self.policy.annotation(key)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn missing(&mut self, key: &'static str) {
        let way_out = match key {
            "id" => "add @id(\"…\"), unique in the agreement",
            "article" => "add @article(\"…\"), the number people cite",
            _ => "add @title(\"…\"), what the clause says in a line",
        };
        let place = Place::of_span(self.span.clone());
        self.problems
            .error(
                "missing_annotation",
                place,
                format!("the clause has no @{key}"),
            )
            .help(way_out);
    }
}
