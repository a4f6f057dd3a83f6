//! `detente init`: a starter dossier that `detente check` accepts.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;

/// The files of the starter, in the order a reader meets them.
const STARTER: [(&str, &str); 8] = [
    ("README.md", include_str!("starter/README.md")),
    ("agreement.toml", include_str!("starter/agreement.toml")),
    ("articles.cedar", include_str!("starter/articles.cedar")),
    ("areas.geojson", include_str!("starter/areas.geojson")),
    (
        "protected.geojson",
        include_str!("starter/protected.geojson"),
    ),
    (
        "movements.geojson",
        include_str!("starter/movements.geojson"),
    ),
    (
        "operations.geojson",
        include_str!("starter/operations.geojson"),
    ),
    ("concerns.toml", include_str!("starter/concerns.toml")),
];

/// The arguments of `detente init`.
#[derive(Args, Debug)]
pub(crate) struct InitArgs {
    /// The folder to make; it must not exist, or be empty
    #[arg(value_name = "DIR", default_value = "dossier")]
    folder: PathBuf,
}

/// Writes the starter, all of it or none of it.
pub(crate) fn run(args: &InitArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let folder = &args.folder;
    match fs::read_dir(folder) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(occupied(folder));
            }
            fill(folder)?;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => make(folder)?,
        Err(error) => return Err(Failure::unwritable(folder, error)),
    }
    for (name, _) in STARTER {
        printer.answer(&format!("{}\n", folder.join(name).display()))?;
    }
    printer.note(&format!("next: detente check {}\n", folder.display()));
    Ok(Exit::Favourable)
}

/// Makes the folder beside its final place and moves it there when it is complete.
fn make(folder: &Path) -> Result<(), Failure> {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let unfinished = folder.with_file_name(name);
    fs::create_dir_all(&unfinished).map_err(|error| Failure::unwritable(folder, error))?;
    let made = fill(&unfinished).and_then(|()| {
        fs::rename(&unfinished, folder).map_err(|error| Failure::unwritable(folder, error))
    });
    if made.is_err() {
        let _ = fs::remove_dir_all(&unfinished);
    }
    made
}

/// Writes the files into an empty folder; on failure it is empty again.
fn fill(folder: &Path) -> Result<(), Failure> {
    let mut written = Vec::new();
    for (name, content) in STARTER {
        let path = folder.join(name);
        let result = fs::File::create_new(&path).and_then(|mut file| {
            written.push(path.clone());
            file.write_all(content.as_bytes())?;
            file.sync_all()
        });
        if let Err(error) = result {
            for path in &written {
                let _ = fs::remove_file(path);
            }
            return Err(Failure::unwritable(&path, error));
        }
    }
    Ok(())
}

fn occupied(folder: &Path) -> Failure {
    Failure::new(
        FailureKind::Usage,
        format!("`{}` is not empty; nothing was written", folder.display()),
    )
    .hint("name a folder that does not exist yet")
}
