//! What `check` reads: the dossier's files, the articles, and the operations to be judged.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use detente_agreement::{AwarenessKey, Declared, Document, Rulebook};
use detente_formats::{ArticleSource, Dossier, DossierPart, DossierSource, geojson, read_dossier};
use detente_records::{Gathering, Operation, Place, Problems, Record};

use super::CheckArgs;
use crate::diagnostics::{Documents, ProblemAnswer, refuse, remark};
use crate::failure::{Failure, FailureKind};
use crate::file;
use crate::printer::Printer;

/// Everything that was read, and found valid.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) dossier: Dossier,
    pub(super) rulebook: Rulebook,
    /// The operations in the air: those to be judged, then those that only stand beside them.
    pub(super) operations: Vec<Operation>,
    /// How many of them are to be judged.
    pub(super) judged: usize,
    /// Shows that the dossier was read.
    pub(super) awareness: AwarenessKey,
    pub(super) warnings: Vec<ProblemAnswer>,
}

impl Input {
    /// Reads everything; every problem of every file is reported before giving up.
    pub(super) fn read(args: &CheckArgs, printer: &mut Printer) -> Result<Self, Failure> {
        let mut documents = Documents::default();
        let (dossier, mut problems) = read_folder(&args.dossier, &mut documents)?;
        let Some(mut dossier) = dossier else {
            return give_up(&problems, &documents, args, printer);
        };
        let (rulebook, more) = load_rulebook(&dossier);
        problems.append(more);
        let mut operations = std::mem::take(&mut dossier.operations);
        let mut judged = operations.len();
        if let Some(path) = &args.operations {
            let (proposed, more) = read_operations(path, &dossier, &mut documents)?;
            problems.append(more);
            judged = proposed.len();
            operations = beside(proposed, operations);
        }
        problems.sort_by_place();
        let Some(rulebook) = rulebook.filter(|_| !problems.has_errors()) else {
            return give_up(&problems, &documents, args, printer);
        };
        let warnings = problems.iter().map(ProblemAnswer::from).collect();
        remark(&problems, &documents, printer);
        let awareness = AwarenessKey(dossier.content.sha256());
        Ok(Self {
            dossier,
            rulebook,
            operations,
            judged,
            awareness,
            warnings,
        })
    }
}

fn give_up<T>(
    problems: &Problems,
    documents: &Documents,
    args: &CheckArgs,
    printer: &mut Printer,
) -> Result<T, Failure> {
    match refuse(problems, documents, args.json, printer) {
        Err(failure) => Err(failure),
        Ok(_) => Err(Failure::new(
            FailureKind::InvalidInput,
            "the input is invalid",
        )),
    }
}

/// Reads the files of the folder, each under its path.
fn read_folder(
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

/// Makes the articles ready, with the names the dossier declares.
fn load_rulebook(dossier: &Dossier) -> (Option<Rulebook>, Problems) {
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

/// Reads the operations of a file of their own.
fn read_operations(
    path: &Path,
    dossier: &Dossier,
    documents: &mut Documents,
) -> Result<(Vec<Operation>, Problems), Failure> {
    let name = path.display().to_string();
    let mut input = file::open(path)?;
    documents.add(&name, path.to_owned());
    let mut gathering = Gathering::default();
    let problems = geojson::read_records(
        &name,
        &mut input,
        Some(&dossier.agreement),
        &mut |record, problems| {
            if let Record::Operation(part) = record {
                gathering.add(part, problems);
            } else {
                problems
                    .error(
                        "unexpected_kind",
                        Place::default(),
                        "only operations are expected in this file",
                    )
                    .help("put areas, protected objects and movements into the dossier");
            }
        },
    );
    Ok((gathering.finish(), problems))
}

/// Returns the proposed operations, then those declared ones that are not proposed anew.
fn beside(mut proposed: Vec<Operation>, declared: Vec<Operation>) -> Vec<Operation> {
    let anew: BTreeSet<_> = proposed
        .iter()
        .map(|operation| operation.id.clone())
        .collect();
    proposed.extend(
        declared
            .into_iter()
            .filter(|operation| !anew.contains(&operation.id)),
    );
    proposed
}
