//! The dossiers that come with the product are read without an error.

use std::fs::File;
use std::path::PathBuf;

use detente_formats::{DossierPart, DossierSource, read_dossier};

#[test]
fn every_scenario_is_a_sound_dossier() {
    let scenarios = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios"));
    let mut read = 0;
    for folder in std::fs::read_dir(scenarios).unwrap() {
        let folder = folder.unwrap().path();
        let mut files: Vec<(DossierPart, File)> = DossierPart::ALL
            .into_iter()
            .filter_map(|(name, part)| Some((part, File::open(folder.join(name)).ok()?)))
            .collect();
        let sources = files.iter_mut().map(|(part, content)| DossierSource {
            part: *part,
            name: part.file_name().to_owned(),
            content,
        });
        let (dossier, problems) = read_dossier(sources.collect());
        assert!(!problems.has_errors(), "{}\n{problems}", folder.display());
        assert!(!dossier.unwrap().operations.is_empty());
        read += 1;
    }
    assert!(read >= 2, "only {read} scenarios found");
}
