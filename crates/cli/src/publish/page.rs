//! An announcement as a page: three languages, nothing loaded from anywhere, the file inside.

use detente_node::outcomes::wire::Words;

use crate::daily::{escape, outcomes};
use crate::tongues::{self, TONGUES, Tongue};
use detente_node::announcement::wire::{AnnouncementFile, Statement};

/// What the file inside stands between.
const OPENED: &str = "<script type=\"application/json\" id=\"announcement\">";
const CLOSED: &str = "</script>";

/// Writes the page; equal files make equal pages.
pub(super) fn page(file: &AnnouncementFile, statement: &Statement) -> String {
    let title = match &statement.disclosed.title {
        Some(title) => title.in_language("en"),
        None => &statement.document,
    };
    let mut sections: String = TONGUES
        .iter()
        .map(|tongue| section(file, statement, tongue))
        .collect();
    let inside = serde_json::to_string(file).unwrap_or_default();
    // Inside a script nothing may look like its end; in JSON text this is the same character.
    let inside = inside.replace('<', "\\u003c");
    sections.push_str(&format!("{OPENED}{inside}{CLOSED}\n"));
    tongues::document(title, &sections)
}

/// Returns the file inside a page, as it stands there; `None` for anything but a page.
pub(super) fn embedded(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let start = text.find(OPENED)? + OPENED.len();
    let rest = text.get(start..)?;
    rest.get(..rest.find(CLOSED)?)
}

fn section(file: &AnnouncementFile, statement: &Statement, tongue: &Tongue) -> String {
    let word = |key: &str| escape(tongues::word(key, tongue.tag));
    let words = |words: &Words| escape(words.in_language(tongue.tag));
    let mut page = format!(
        "{}<h2>{}</h2>\n",
        tongues::open(tongue),
        word("announcement")
    );
    if let Some(title) = &statement.disclosed.title {
        page.push_str(&format!("<p><strong>{}</strong></p>\n", words(title)));
    }
    let rows = [
        ("document", statement.document.clone()),
        ("as_of", statement.as_of.clone()),
        ("state", statement.text.state.clone()),
        (
            "day_d",
            statement
                .text
                .day_d
                .clone()
                .unwrap_or_else(|| "–".to_owned()),
        ),
        ("text_sha256", statement.text.sha256.clone()),
    ];
    page.push_str("<table>\n");
    for (key, value) in rows {
        page.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td><code>{}</code></td></tr>\n",
            word(key),
            escape(&value)
        ));
    }
    page.push_str("</table>\n");
    page.push_str(&signatures(statement, tongue));
    page.push_str(&published(statement, tongue));
    page.push_str(&disclosed(statement, tongue));
    page.push_str(&withheld(statement, tongue));
    page.push_str(&format!(
        "<h3>{}</h3>\n<p>{}</p>\n<pre dir=\"ltr\">detente ledger verify announcement.html --policy KEYS</pre>\n<ul>\n",
        word("proofs"),
        word("proofs_say")
    ));
    for proven in file.endorsements.iter().chain(&file.signatures) {
        page.push_str(&format!(
            "<li><code>{}#{}</code></li>\n",
            escape(&proven.record.origin),
            proven.record.index
        ));
    }
    page.push_str("</ul>\n</section>\n");
    page
}

fn signatures(statement: &Statement, tongue: &Tongue) -> String {
    let word = |key: &str| escape(tongues::word(key, tongue.tag));
    let mut page = format!("<h3>{}</h3>\n<ul>\n", word("signatures"));
    for signature in &statement.text.signatures {
        page.push_str(&format!(
            "<li>{}: {}, <time datetime=\"{2}\">{2}</time> · <code>{3}#{4}</code></li>\n",
            escape(&signature.holder),
            word(&signature.act),
            escape(&signature.at),
            escape(&signature.record.origin),
            signature.record.index
        ));
    }
    page.push_str("</ul>\n");
    page
}

fn published(statement: &Statement, tongue: &Tongue) -> String {
    let word = |key: &str| escape(tongues::word(key, tongue.tag));
    let mut page = format!("<h3>{}</h3>\n<ul>\n", word("published"));
    for part in &statement.published {
        let stated: Vec<String> = part
            .stated
            .iter()
            .map(|(holder, stated)| format!("{holder} {}", stated.at))
            .collect();
        page.push_str(&format!(
            "<li><code>{}</code> {}</li>\n",
            escape(&part.part),
            escape(&stated.join(", "))
        ));
    }
    page.push_str("</ul>\n");
    page
}

fn withheld(statement: &Statement, tongue: &Tongue) -> String {
    let word = |key: &str| escape(tongues::word(key, tongue.tag));
    let mut page = format!("<h3>{}</h3>\n", word("withheld"));
    match &statement.withheld {
        None => page.push_str(&format!("<p>{}</p>\n", word("withheld_unsaid"))),
        Some(kinds) => {
            page.push_str("<ul>\n");
            for kind in kinds {
                page.push_str(&format!(
                    "<li><code>{}</code>: {}</li>\n",
                    escape(&kind.part),
                    kind.count
                ));
            }
            page.push_str("</ul>\n");
        }
    }
    page
}

fn disclosed(statement: &Statement, tongue: &Tongue) -> String {
    let word = |key: &str| escape(tongues::word(key, tongue.tag));
    let words = |words: &Words| escape(words.in_language(tongue.tag));
    let disclosed = &statement.disclosed;
    let mut page = format!("<h3>{}</h3>\n", word("disclosed"));
    let whole = match disclosed.is_whole_dossier {
        true => "whole_dossier",
        false => "part_of_dossier",
    };
    page.push_str(&format!("<p>{}</p>\n", word(whole)));
    let mut list = |title: &str, items: Option<Vec<String>>| {
        if let Some(items) = items {
            page.push_str(&format!("<h4>{}</h4>\n<ul>\n", word(title)));
            for item in items {
                page.push_str(&format!("<li dir=\"auto\">{item}</li>\n"));
            }
            page.push_str("</ul>\n");
        }
    };
    let concerns = disclosed.concerns.as_ref().map(|offices| {
        let all = offices.iter().flat_map(|(office, concerns)| {
            concerns.iter().map(move |concern| {
                let named = concern
                    .overridden_by
                    .as_ref()
                    .map(|named| format!(" — {}: {}", escape(&named.name), words(&named.reason)));
                format!(
                    "{}: {} ({}, {}){}",
                    escape(office),
                    words(&concern.title),
                    escape(&concern.severity),
                    escape(&concern.state),
                    named.unwrap_or_default()
                )
            })
        });
        all.collect()
    });
    list("concerns", concerns);
    list(
        "meetings",
        disclosed.meetings.as_ref().map(|meetings| {
            let told = meetings.iter().map(|meeting| {
                let decisions: Vec<String> = meeting
                    .decisions
                    .iter()
                    .map(|decision| words(&decision.text))
                    .collect();
                format!(
                    "{} ({}): {}",
                    escape(meeting.at.as_deref().unwrap_or("–")),
                    escape(&meeting.state),
                    decisions.join("; ")
                )
            });
            told.collect()
        }),
    );
    list(
        "readings",
        disclosed.readings.as_ref().map(|readings| {
            let told = readings.iter().map(|reading| {
                let by: Vec<String> = reading
                    .readings
                    .iter()
                    .map(|(holder, text)| format!("{}: {}", escape(holder), words(text)))
                    .collect();
                format!("{}: {}", escape(&reading.article), by.join(" / "))
            });
            told.collect()
        }),
    );
    list(
        "preconditions",
        disclosed.preconditions.as_ref().map(|preconditions| {
            let told = preconditions
                .iter()
                .map(|one| format!("{}: {}", words(&one.text), escape(&one.holding)));
            told.collect()
        }),
    );
    list(
        "timeline",
        disclosed.timeline.as_ref().map(|timeline| {
            let told = timeline.iter().map(|one| {
                format!(
                    "{} {} · {} {}: {}",
                    escape(one.at.as_deref().unwrap_or("–")),
                    escape(one.relative.as_deref().unwrap_or("")),
                    escape(&one.kind),
                    escape(&one.of),
                    escape(&one.status)
                )
            });
            told.collect()
        }),
    );
    list(
        "suspensions",
        disclosed.suspensions.as_ref().map(|suspensions| {
            let told = suspensions.iter().map(|one| {
                format!(
                    "{}: {} {} · {} · {} · {}",
                    escape(&one.holder),
                    escape(&one.scope),
                    escape(one.what.as_deref().unwrap_or("")),
                    escape(&one.state),
                    escape(&one.effect),
                    words(&one.reason)
                )
            });
            told.collect()
        }),
    );
    list(
        "withdrawals",
        disclosed.withdrawals.as_ref().map(|withdrawals| {
            let told = withdrawals.iter().map(|one| {
                format!(
                    "{} · {} · {}",
                    escape(&one.holder),
                    escape(&one.state),
                    escape(&one.effect)
                )
            });
            told.collect()
        }),
    );
    list(
        "channels",
        disclosed.channels.as_ref().map(|channels| {
            let told = channels.iter().map(|one| {
                format!(
                    "{}: {} / {} · {}",
                    escape(&one.name),
                    one.answered,
                    one.calls,
                    escape(&one.comparison)
                )
            });
            told.collect()
        }),
    );
    if let Some(view) = &disclosed.outcomes {
        page.push_str(&format!(
            "<h3>{}</h3>\n{}",
            word("outcomes"),
            outcomes(view, tongue)
        ));
    }
    for (name, text) in &disclosed.files {
        page.push_str(&format!(
            "<details><summary><code>{}</code></summary>\n<pre dir=\"ltr\">{}</pre></details>\n",
            escape(name),
            escape(text)
        ));
    }
    page
}
