//! An amendment as a text of its own: clauses that replace others or are new, put into the
//! articles in force.

use std::path::Path;

use detente_agreement::amend::amended_text;
use detente_records::{Origin, Problems, document};

use crate::diagnostics::{Documents, refuse};
use crate::dossier::{Ready, load_rulebook};
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;

/// The largest file of amending clauses, in bytes: as much as a whole agreement may have.
const BYTES_MAX: u64 = detente_agreement::articles::ARTICLES_BYTES_MAX as u64;

/// Reads the amending clauses of `path` and makes the dossier of `old` ready as amended.
///
/// A clause with `@amends("id")` takes the place of that clause; any other is added at the end.
pub(super) fn amended(
    path: &Path,
    repealed: &[String],
    old: &Ready,
    json: bool,
    printer: &mut Printer,
) -> Result<Ready, Failure> {
    let name = path.display().to_string();
    let size = std::fs::metadata(path).map_err(|error| Failure::unreadable(path, error))?;
    if size.len() > BYTES_MAX {
        let error = format!("{name} has more than {BYTES_MAX} bytes");
        return Err(Failure::new(FailureKind::InvalidInput, error));
    }
    let bytes = std::fs::read(path).map_err(|error| Failure::unreadable(path, error))?;
    let mut documents = Documents::default();
    documents.add(&name, path.to_owned());
    let mut unread = Problems::new(&name);
    let amending = document::utf8(&bytes, 0, &detente_records::Path::Root, &mut unread);
    unread.locate(&bytes, Origin::START);
    let Some((amending, offset)) = amending else {
        return give_up(&unread, &documents, json, printer);
    };
    // A byte order mark gives way to as many spaces, so that places stay those of the file.
    let amending = format!("{:offset$}{amending}", "");
    let articles = old.rulebook.articles();
    let text = &old.dossier.articles.text;
    let (text, problems) = amended_text(articles, text, &name, &amending, repealed);
    let Some(text) = text else {
        return give_up(&problems, &documents, json, printer);
    };
    let mut dossier = old.dossier.clone();
    dossier.articles.name = format!("articles as amended by {name}");
    documents.add_text(&dossier.articles.name, &text);
    dossier.articles.text = text;
    match load_rulebook(&dossier) {
        (Some(rulebook), _) => Ok(Ready {
            dossier,
            rulebook,
            documents,
        }),
        (None, problems) => give_up(&problems, &documents, json, printer),
    }
}

fn give_up(
    problems: &Problems,
    documents: &Documents,
    json: bool,
    printer: &mut Printer,
) -> Result<Ready, Failure> {
    refuse(problems, documents, json, printer)?;
    let error = "the amendment is invalid";
    Err(Failure::new(FailureKind::InvalidInput, error))
}
