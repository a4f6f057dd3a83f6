//! Where an agreement's document names articles, so that a wrong number can be pointed at.

use std::sync::Arc;

use crate::document::Located;
use crate::finding::{Origin, Problems, Provenance, quoted};
use crate::names::ArticleId;
use crate::place::{Path, Place};
use crate::table::Table;

/// A place in an agreement's document that names an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The article it names.
    pub article: ArticleId,
    /// What names it, for messages: "a dispute", "the clock `d+7`".
    pub by: String,
    /// Where.
    pub provenance: Provenance,
}

/// Returns every citation in `text`, which was read as `root`; faults are reported elsewhere.
pub(super) fn citations(document: &str, text: &[u8], root: &Located<'_>) -> Vec<Citation> {
    let mut found: Vec<(ArticleId, String, Place)> = Vec::new();
    // What is wrong with the tables themselves was told when they were read.
    let mut told = Problems::new(document);
    let mut add = |entry: &mut Table<'_, '_>, by: String| {
        let mut told = Problems::new(document);
        if let Some(article) = entry.name("article", &mut told) {
            found.push((article, by.clone(), entry.place_of("article")));
        }
        let mut opened = Vec::new();
        entry.names("opens", &mut told, |article: &ArticleId, place, _| {
            opened.push((article.clone(), by.clone(), place));
        });
        found.extend(opened);
    };
    if let Some(mut table) = Table::of(root, &Path::Root, &mut told) {
        table.each("disputes", &mut told, |dispute, _| {
            add(dispute, "a dispute".to_owned());
        });
        table.each("preconditions", &mut told, |precondition, told| {
            let id = precondition.text("id", told).unwrap_or_default();
            add(precondition, format!("the precondition {}", quoted(id)));
        });
        let path = Path::Root.key("parameters");
        let parameters = table
            .get("parameters")
            .and_then(|value| Table::of(value, &path, &mut Problems::new(document)));
        if let Some(mut parameters) = parameters {
            parameters.each("clocks", &mut told, |clock, told| {
                let id = clock.text("id", told).unwrap_or_default();
                add(clock, format!("the clock {}", quoted(id)));
            });
        }
    }
    found.sort_by_key(|(_, _, place)| place.span.as_ref().map(|span| span.start));
    let name: Arc<str> = Arc::from(document);
    found
        .into_iter()
        .map(|(article, by, place)| Citation {
            article,
            by,
            provenance: provenance(&name, text, place),
        })
        .collect()
}

fn provenance(document: &Arc<str>, text: &[u8], place: Place) -> Provenance {
    let span = place.span.unwrap_or_default();
    let mut start = Origin::START;
    start.advance(text.get(..span.start).unwrap_or_default());
    Provenance {
        document: Arc::clone(document),
        pointer: place.pointer.unwrap_or_default(),
        start,
        length: span.len(),
    }
}
