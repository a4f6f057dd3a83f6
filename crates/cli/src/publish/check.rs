//! `detente ledger verify ANNOUNCEMENT`: is it what the participants put on record, byte for byte?

use std::collections::BTreeMap;
use std::path::Path;

use detente_ledger::hash::Hash;
use detente_ledger::policy::Policy;
use detente_server::house::bundle;
use serde_json::json;

use super::page;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printable::printable;
use crate::printer::Printer;
use detente_node::announcement::wire::AnnouncementFile;
use detente_node::announcement::{ANNOUNCEMENT_BYTES_MAX, Verified, verify};

/// Checks an announcement, as a file or as a page; the answer is favourable when every participant vouches for it.
pub(crate) fn check(
    path: &Path,
    policy: &Policy,
    as_json: bool,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let length = std::fs::metadata(path)
        .map_err(|error| Failure::unreadable(path, error))?
        .len();
    // A page holds the file a second time, and words around it.
    let answer = if length > 3 * ANNOUNCEMENT_BYTES_MAX as u64 {
        Err(vec!["it is larger than any announcement".to_owned()])
    } else {
        let bytes = std::fs::read(path).map_err(|error| Failure::unreadable(path, error))?;
        checked(&bytes, policy)
    };
    match &answer {
        _ if as_json => printer.answer_json(&told_json(&answer))?,
        Ok(verified) => printer.answer(&told(verified))?,
        Err(faults) => {
            let mut text = format!("FAILED: {} fault(s); believe no part of it\n", faults.len());
            for fault in faults {
                text.push_str(&format!("  fault    {}\n", printable(fault)));
            }
            printer.answer(&text)?;
        }
    }
    Ok(match answer {
        // One side's account of an agreement is what an announcement is there to replace.
        Ok(verified) if !verified.not_endorsed_by.is_empty() => Exit::Unfavourable,
        Ok(_) => Exit::Favourable,
        Err(_) => Exit::VerificationFailed,
    })
}

/// Checks the bytes of a file or of a page; a page has to be exactly the one its file makes.
pub(crate) fn checked(bytes: &[u8], policy: &Policy) -> Result<Verified, Vec<String>> {
    let Some(embedded) = page::embedded(bytes) else {
        return verify(bytes, policy, &bundle_sha256);
    };
    let file: AnnouncementFile = serde_json::from_str(embedded)
        .map_err(|error| vec![format!("the page holds no announcement: {error}")])?;
    let verified = verify(&file.to_bytes(), policy, &bundle_sha256)?;
    if page::page(&verified.file, &verified.statement).as_bytes() != bytes {
        let fault = "the page is not the one this version makes of the announcement it holds, which itself verifies";
        return Err(vec![fault.to_owned()]);
    }
    Ok(verified)
}

fn bundle_sha256(files: &BTreeMap<String, String>) -> Option<Hash> {
    let files = files.iter();
    let files = files
        .map(|(name, text)| (name.clone(), text.clone().into_bytes()))
        .collect();
    bundle::write(&files).map(|bytes| Hash::of(&bytes))
}

fn listed<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    match names.is_empty() {
        true => "nobody".to_owned(),
        false => names.join(", "),
    }
}

fn told(verified: &Verified) -> String {
    let statement = &verified.statement;
    let mut text = format!(
        "verified\n  announced   {} as of {}\n  statement   sha256 {}\n  vouched for by {}\n",
        printable(&statement.document),
        statement.as_of,
        verified.sha256.to_hex(),
        printable(&listed(&verified.endorsed_by)),
    );
    if !verified.not_endorsed_by.is_empty() {
        text.push_str(&format!(
            "  NOT by      {}: their word is missing, so this is one side's account\n",
            printable(&listed(&verified.not_endorsed_by))
        ));
    }
    let whole = match statement.disclosed.is_whole_dossier {
        true => "disclosed whole",
        false => "disclosed in part",
    };
    text.push_str(&format!(
        "  signed text sha256 {}, {}, adopted by {}; {whole}\n",
        statement.text.sha256,
        printable(&statement.text.state),
        printable(&listed(&verified.adopted_by)),
    ));
    let parts: Vec<&str> = statement
        .published
        .iter()
        .map(|part| part.part.as_str())
        .collect();
    text.push_str(&format!("  published   {}\n", printable(&parts.join(", "))));
    match &statement.withheld {
        None => text.push_str("  withheld    the participants have not agreed to say how much\n"),
        Some(kinds) => {
            for kind in kinds {
                text.push_str(&format!(
                    "  withheld    {} of {}\n",
                    kind.count,
                    printable(&kind.part)
                ));
            }
        }
    }
    text
}

fn told_json(answer: &Result<Verified, Vec<String>>) -> serde_json::Value {
    match answer {
        Ok(verified) => json!({
            "verified": true,
            "document": verified.statement.document,
            "as_of": verified.statement.as_of,
            "sha256": verified.sha256.to_hex(),
            "endorsed_by": verified.endorsed_by,
            "not_endorsed_by": verified.not_endorsed_by,
            "text_sha256": verified.statement.text.sha256,
            "adopted_by": verified.adopted_by,
            "faults": [],
        }),
        Err(faults) => json!({"verified": false, "faults": faults}),
    }
}
