//! Counterexamples in the agreement's words.

use crate::case::OperationCase;
use crate::facts::{list, until};
use crate::finding::{Judgement, Verdict};
use crate::words;

/// Tells what the operation is, what it touches, and what becomes of it.
pub(super) fn tell(operation: &OperationCase, assumed: &[String], judgement: &Judgement) -> String {
    let mut parts = Vec::new();
    if !assumed.is_empty() {
        parts.push(format!("suppose {}", assumed.join(", ")));
    }
    let ends = operation
        .ends
        .map_or_else(|| until(None), |end| format!("until {end}"));
    parts.push(format!(
        "{} of {} from {} {ends}",
        words::operation(operation),
        operation.party,
        operation.starts
    ));
    for touch in &operation.touches {
        let mut place = words::encounter(touch);
        if let crate::case::Thing::Area(area) = &touch.thing {
            let groups = list(area.groups.iter().map(|group| group.as_str()));
            if !area.groups.is_empty() {
                place.push_str(&format!(" where {groups} are present"));
            }
            match area.valid_until {
                Some(end) => {
                    place.push_str(&format!(" (valid from {} until {end})", area.valid_from))
                }
                None => place.push_str(&format!(
                    " (valid from {}, until further notice)",
                    area.valid_from
                )),
            }
        }
        parts.push(format!("{place}, entered {}", touch.enters));
    }
    parts.push(match operation.notified {
        Some(notified) => format!("notified {notified}"),
        None => "never notified".to_owned(),
    });
    parts.push(if operation.consents.is_empty() {
        "without anyone's recorded consent".to_owned()
    } else {
        format!(
            "with the consent of {}",
            list(super::concretise::consenting(operation))
        )
    });
    let permitted = judgement
        .permitted_by
        .iter()
        .map(|article| article.as_str());
    let outcome = match judgement.verdict {
        Verdict::Clear => format!("clear, by article {}", list(permitted)),
        other => {
            let reason = judgement
                .findings
                .first()
                .map_or("", |finding| finding.message.as_str());
            format!("{other}: {reason}")
        }
    };
    format!("{}: {outcome}", parts.join("; "))
}
