//! Who knew what, and when: for every entry of the telling, the earliest proof at each holder.

use detente_server::knowledge::{self, KnownView};
use detente_spacetime::Instant;

use super::play::Told;
use super::stage::Stage;
use crate::failure::{Failure, FailureKind};

/// Characters of a step's words in the table.
const WORDS_MAX: usize = 58;

/// Writes the table.
pub(super) async fn table(stage: &Stage, told: &[Told]) -> Result<String, Failure> {
    let mut text = String::from(
        "\nwho provably knew what, and by when (seconds after it was written; an entry of their own \
         or their cosignature proves it)\n",
    );
    let names: Vec<&str> = stage
        .nodes()
        .iter()
        .map(|node| node.holder.as_str())
        .collect();
    text.push_str(&format!("{:>4}  {:<WORDS_MAX$}", "step", "what"));
    for name in &names {
        text.push_str(&format!("  {name:>9}"));
    }
    text.push('\n');
    let Some(first) = stage.nodes().first() else {
        return Ok(text);
    };
    for step in told {
        let Some((origin, index)) = step.entry.clone() else {
            continue;
        };
        let holders = first.house.app.holders.clone();
        let handle = first.house.handle();
        let noted = handle.cosignatures().all();
        let known = handle
            .look(move |node, _| knowledge::of(node, &holders, &noted, &origin, index))
            .await
            .map_err(|stopped| Failure::new(FailureKind::Unreachable, stopped))?;
        let words: String = step.words.chars().take(WORDS_MAX).collect();
        text.push_str(&format!("{:>4}  {words:<WORDS_MAX$}", step.number));
        for name in &names {
            text.push_str(&format!("  {:>9}", when(&known, name)));
        }
        text.push('\n');
    }
    Ok(text)
}

fn when(known: &[KnownView], holder: &str) -> String {
    let at = |known: &KnownView| Instant::parse_rfc3339(&known.at).ok();
    let written = known
        .iter()
        .find(|known| known.proof == "written")
        .and_then(at);
    let found = known.iter().find(|known| known.holder == holder);
    match (found, written, found.and_then(at)) {
        (Some(found), ..) if found.proof == "written" => "wrote it".to_owned(),
        (Some(_), Some(written), Some(at)) => {
            let seconds = (at.micros() - written.micros()).max(0) / 1_000_000;
            format!("+{seconds} s")
        }
        _ => "–".to_owned(),
    }
}
