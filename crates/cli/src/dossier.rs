//! The folder of a dossier: its files read, its articles made ready.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use detente_agreement::{Declared, Document, Rulebook};
use detente_formats::{ArticleSource, Dossier, DossierPart, DossierSource, read_dossier};
use detente_records::{Problems, Severity};

use crate::diagnostics::{Documents, refuse, remark};
use crate::failure::{Failure, FailureKind};
use crate::file;
use crate::printer::Printer;

/// A dossier and its articles, both valid.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) dossier: Dossier,
    pub(crate) rulebook: Rulebook,
    pub(crate) documents: Documents,
}

/// Reads a dossier whose every file must be valid; every problem is reported before giving up.
pub(crate) fn ready(folder: &Path, json: bool, printer: &mut Printer) -> Result<Ready, Failure> {
    ready_with(folder, json, printer, |_, _| Ok(Problems::default()))
}

/// The same, with the problems that only `more` looks for, among all others.
pub(crate) fn ready_with(
    folder: &Path,
    json: bool,
    printer: &mut Printer,
    more: impl FnOnce(&Dossier, &Rulebook) -> Result<Problems, Failure>,
) -> Result<Ready, Failure> {
    let mut documents = Documents::default();
    let (dossier, mut problems) = read_folder(folder, &mut documents)?;
    let judged = dossier.map(|dossier| {
        let book = rulebook_of(&dossier, &mut problems);
        (dossier, book)
    });
    if let Some((dossier, Some(rulebook))) = &judged {
        problems.append(more(dossier, rulebook)?);
    }
    problems.sort_by_place();
    match judged {
        Some((dossier, Some(rulebook))) if !problems.has_errors() => {
            remark(&problems, &documents, printer);
            Ok(Ready {
                dossier,
                rulebook,
                documents,
            })
        }
        _ => {
            refuse(&problems, &documents, json, printer)?;
            Err(Failure::new(
                FailureKind::InvalidInput,
                "the dossier is invalid",
            ))
        }
    }
}

/// Reads the files of the folder, each under its path.
pub(crate) fn read_folder(
    folder: &Path,
    documents: &mut Documents,
) -> Result<(Option<Dossier>, Problems), Failure> {
    let hint = "name a folder with an agreement.toml; `detente init` writes one";
    let kind =
        std::fs::metadata(folder).map_err(|error| Failure::unreadable(folder, error).hint(hint))?;
    if !kind.is_dir() {
        return Err(
            Failure::unreadable(folder, std::io::ErrorKind::NotADirectory.into()).hint(hint),
        );
    }
    let mut files: Vec<(DossierPart, String, BufReader<File>)> = Vec::new();
    for (name, part) in DossierPart::ALL {
        let path = folder.join(name);
        if !path
            .try_exists()
            .map_err(|error| Failure::unreadable(&path, error))?
        {
            continue;
        }
        let shown = path.display().to_string();
        documents.add(&shown, path.clone());
        files.push((part, shown, file::open(&path)?));
    }
    let sources = files
        .iter_mut()
        .map(|(part, name, content)| DossierSource {
            part: *part,
            name: name.clone(),
            content,
        })
        .collect();
    Ok(read_dossier(sources))
}

/// Makes the articles of a dossier ready whose reading found `problems`, and adds those it finds.
///
/// Of articles that could not be read nothing can be said: they are not looked at.
pub(crate) fn rulebook_of(dossier: &Dossier, problems: &mut Problems) -> Option<Rulebook> {
    let articles = DossierPart::Articles.file_name();
    let unread = problems
        .iter()
        .any(|problem| problem.severity == Severity::Error && problem.document.ends_with(articles));
    if unread {
        return None;
    }
    let (rulebook, found) = load_rulebook(dossier);
    problems.append(found);
    rulebook
}

/// Makes the articles ready, with the names the dossier declares.
pub(crate) fn load_rulebook(dossier: &Dossier) -> (Option<Rulebook>, Problems) {
    let declared = Declared {
        areas: dossier.areas.iter().map(|area| area.id.clone()).collect(),
        categories: dossier
            .protected
            .iter()
            .map(|object| object.category.clone())
            .collect(),
    };
    Rulebook::load(
        &dossier.agreement,
        document(&dossier.articles),
        dossier.schema_extension.as_ref().map(document),
        &declared,
    )
}

fn document(source: &ArticleSource) -> Document<'_> {
    Document {
        name: &source.name,
        text: &source.text,
    }
}
