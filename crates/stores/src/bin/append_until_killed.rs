//! Appends entries to a ledger as fast as it can and prints the index of each acknowledged one.
//!
//! Usage: `append_until_killed files FOLDER` or `append_until_killed postgres URL LEDGER`. Made to be killed: whatever it
//! printed must be found by whoever opens the ledger next.

#![expect(
    clippy::print_stdout,
    reason = "what is acknowledged is said on standard output"
)]

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

use detente_ledger::log::{Log, SEGMENT_BYTES_MIN};
use detente_ledger::storage::Storage;
use detente_ledger::vkey::{KeyName, NoteSigner, SignatureType};
use detente_stores::committer::Committer;
use detente_stores::files::Files;
use detente_stores::postgres::{Database, Postgres, SCHEMA_DEFAULT};

type Outcome = Result<(), Box<dyn Error>>;

/// Entries waiting for one commit.
const TOGETHER: u64 = 8;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["files", folder] => {
            let files = Files::open(Path::new(folder))?;
            let companion = files.companion();
            append(open(files)?, companion)
        }
        ["postgres", url, ledger] => {
            let database = Database::new(url, SCHEMA_DEFAULT)?;
            let database = Postgres::succeed(&database, ledger)?;
            let companion = database.companion()?;
            append(open(database)?, companion)
        }
        _ => Err(
            "usage: append_until_killed files FOLDER | append_until_killed postgres URL LEDGER"
                .into(),
        ),
    }
}

fn signer() -> Result<NoteSigner, Box<dyn Error>> {
    let name = KeyName::parse("alpha.example")?;
    Ok(NoteSigner::new(name, SignatureType::Ed25519, &[1; 32])?)
}

fn open<S: Storage>(storage: S) -> Result<Log<S>, Box<dyn Error>> {
    let known = storage.read("checkpoint")?.is_some();
    let mut log = if known {
        Log::open(storage, signer()?, &[])?
    } else {
        Log::create(storage, signer()?, SEGMENT_BYTES_MIN)?
    };
    log.confirm_unshared()?;
    Ok(log)
}

fn append<S: Storage + Send + 'static>(log: Log<S>, companion: S) -> Outcome {
    let first = log.size();
    let committer = Committer::start(log, companion)?;
    let mut stdout = std::io::stdout();
    for start in (first..).step_by(usize::try_from(TOGETHER)?) {
        let waiting: Vec<_> = (start..start + TOGETHER)
            .map(|number| committer.submit(format!("{{\"entry\":{number}}}").into_bytes()))
            .collect();
        for receiver in waiting {
            let receipt = receiver.recv()??;
            println!("{}", receipt.index);
        }
        stdout.flush()?;
    }
    Ok(())
}
