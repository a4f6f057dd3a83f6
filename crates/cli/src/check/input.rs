//! What `check` reads: the dossier's files, the articles, and the operations to be judged.

use std::collections::BTreeSet;
use std::path::Path;

use detente_agreement::{AwarenessKey, Rulebook};
use detente_formats::{Dossier, geojson, warn_of_transposed};
use detente_node::judge::Things;
use detente_records::{Gathering, Operation, Problems, Record};

use super::CheckArgs;
use crate::diagnostics::{Documents, ProblemAnswer, refuse, remark};
use crate::dossier::{read_folder, rulebook_of};
use crate::failure::{Failure, FailureKind};
use crate::file;
use crate::printer::Printer;

/// Everything that was read, and found valid.
#[derive(Debug)]
pub(super) struct Input {
    /// What was read, but for what moved into `things`.
    pub(super) dossier: Dossier,
    pub(super) rulebook: Rulebook,
    /// Everything that can be met; among operations those to be judged come first, then those that only stand beside them.
    pub(super) things: Things,
    /// How many operations are to be judged.
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
        let rulebook = rulebook_of(&dossier, &mut problems);
        let mut operations = std::mem::take(&mut dossier.operations);
        let mut judged = operations.len();
        if let Some(path) = &args.operations {
            let (proposed, more) = read_operations(path, &dossier, &mut documents)?;
            problems.append(more);
            judged = proposed.len();
            operations = beside(proposed, operations);
        }
        warn_of_transposed(&dossier, &operations, &mut problems);
        problems.sort_by_place();
        let Some(rulebook) = rulebook.filter(|_| !problems.has_errors()) else {
            return give_up(&problems, &documents, args, printer);
        };
        let warnings = problems.iter().map(ProblemAnswer::from).collect();
        remark(&problems, &documents, printer);
        let mut things = Things::new(&dossier.agreement.parameters);
        things.extend(
            std::mem::take(&mut dossier.areas),
            std::mem::take(&mut dossier.protected),
            std::mem::take(&mut dossier.movements),
            operations,
        );
        let awareness = AwarenessKey(dossier.content.sha256());
        Ok(Self {
            dossier,
            rulebook,
            things,
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
            let other = match record {
                Record::Operation(part) => return gathering.add(part, problems),
                Record::Area(area) => area.provenance,
                Record::ProtectedObject(object) => object.provenance,
                Record::HumanitarianMovement(movement) => movement.provenance,
            };
            problems
                .error(
                    "unexpected_kind",
                    other.place(),
                    "only operations are expected in this file",
                )
                .help("put areas, protected objects and movements into the dossier");
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
