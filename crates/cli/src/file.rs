//! Files of the command line: opened with a reason when they cannot be, written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Opens a file for reading.
///
/// A folder opens on some systems and fails at the first read: it is refused here, with its name.
pub(crate) fn open(path: &Path) -> Result<BufReader<File>, Failure> {
    let file = File::open(path).map_err(|error| Failure::unreadable(path, error))?;
    let kind = file
        .metadata()
        .map_err(|error| Failure::unreadable(path, error))?;
    if kind.is_dir() {
        return Err(Failure::unreadable(
            path,
            std::io::ErrorKind::IsADirectory.into(),
        ));
    }
    Ok(BufReader::new(file))
}

/// Largest file that is taken into memory whole, bytes: above any message of a private check and any file of plans.
const WHOLE_BYTES_MAX: u64 = 256 << 20;

/// Reads a file whole.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut input = open(path)?.take(WHOLE_BYTES_MAX + 1);
    input
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::unreadable(path, error))?;
    if bytes.len() as u64 > WHOLE_BYTES_MAX {
        return Err(Failure::unreadable(
            path,
            std::io::ErrorKind::FileTooLarge.into(),
        ));
    }
    Ok(bytes)
}

/// Writes a file whole or not at all: into a neighbour first, which then takes its name.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let mut options = File::options();
    write_with(
        options.write(true).create(true).truncate(true),
        path,
        content,
    )
}

/// The same for what nobody but its owner may read.
pub(crate) fn write_secret(path: &Path, content: &[u8]) -> Result<(), Failure> {
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut options = File::options();
    let options = options.write(true).create_new(true).mode(0o600);
    write_with(options, path, content)
}

fn write_with(options: &OpenOptions, path: &Path, content: &[u8]) -> Result<(), Failure> {
    let neighbour = neighbour(path);
    let written = options
        .open(&neighbour)
        .and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&neighbour, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&neighbour);
        Failure::unwritable(path, error)
    })
}

/// The name of the file that is written first.
fn neighbour(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}
