//! Another participant's ledger, read to judge the one that is audited.

use detente_ledger::audit::Faults;
use detente_ledger::audit::content::{ContentAudit, ContentReport};
use detente_ledger::checkpoint::Checkpoint;
use detente_ledger::reader::LogReader;

use super::source::{LedgerPlace, Source};
use super::verify::check_structure;
use super::web::Connection;
use crate::failure::Failure;
use crate::printer::Printer;

/// A ledger that holds below its own checkpoint.
pub(super) struct Other {
    source: Source,
    head: Checkpoint,
    /// What it says.
    pub(super) content: ContentReport,
}

impl Other {
    /// Reads a ledger; one that does not hold is no witness, and its faults are added.
    pub(super) fn read(
        place: &str,
        connection: &Connection,
        faults: &mut Faults,
        printer: &Printer,
    ) -> Result<Option<Self>, Failure> {
        let ledger = LedgerPlace {
            ledger: place.to_owned(),
            connection: connection.clone(),
        };
        let source = ledger.open()?;
        let signed = match source.checkpoint()? {
            Ok(signed) => signed,
            Err(message) => {
                faults.add(format!("{place}/checkpoint"), None, message);
                return Ok(None);
            }
        };
        let head = signed.checkpoint().clone();
        let mut content = ContentAudit::new(&source, head.origin(), Vec::new());
        let structure = check_structure(&source, &signed, &mut content, printer)?;
        let content = content.finish();
        for fault in structure.list() {
            let path = format!("{place}/{}", fault.path);
            faults.add(path, fault.index, fault.message.clone());
        }
        let sound = structure.is_empty();
        Ok(sound.then_some(Self {
            source,
            head,
            content,
        }))
    }

    /// Checks what the audited ledger says it knew of this one.
    pub(super) fn check_citations(&self, audited: &ContentReport, faults: &mut Faults) {
        let Some(cited) = audited.citations.get(self.head.origin()) else {
            return;
        };
        let Ok(mut reader) = LogReader::open(&self.source, self.head.clone()) else {
            return;
        };
        for (index, size, root) in cited {
            // A size this copy does not reach cannot be judged from it.
            if *size <= self.head.size() && reader.root_at(*size).ok() != Some(*root) {
                let message = format!(
                    "its awareness key cites a root that `{}` never had",
                    self.head.origin()
                );
                faults.add("tile/entries", Some(*index), message);
            }
        }
    }
}
