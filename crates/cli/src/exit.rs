//! The documented exit codes: a contract with scripts, the same for every verb.

use std::fmt::Write as _;
use std::process::ExitCode;

/// How a run ended, as its caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Done, and the answer is favourable.
    Favourable,
    /// Done, and the answer is unfavourable: prohibited, in conflict, refuted.
    Unfavourable,
    /// The command line, or a file or folder it names, cannot be used.
    Usage,
    /// An input document is invalid; every problem is reported.
    InvalidInput,
    /// A signature, proof or ledger does not verify: somebody may have cheated.
    VerificationFailed,
    /// A node or store could not be reached in time.
    Unreachable,
    /// A defect of the command itself.
    Bug,
}

impl Exit {
    /// Every code, in numeric order.
    pub(crate) const ALL: [Self; 7] = [
        Self::Favourable,
        Self::Unfavourable,
        Self::Usage,
        Self::InvalidInput,
        Self::VerificationFailed,
        Self::Unreachable,
        Self::Bug,
    ];

    /// Returns the number the process ends with.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Favourable => 0,
            Self::Unfavourable => 1,
            Self::Usage => 2,
            Self::InvalidInput => 3,
            Self::VerificationFailed => 4,
            Self::Unreachable => 5,
            Self::Bug => 70,
        }
    }

    /// Returns what the code says, in one line.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Favourable => "done; the answer, if any, is favourable",
            Self::Unfavourable => {
                "done; the answer is unfavourable (prohibited, in conflict, refuted)"
            }
            Self::Usage => "wrong usage, or a file that cannot be read or written",
            Self::InvalidInput => "an input document is invalid; every problem is reported",
            Self::VerificationFailed => {
                "verification failed: a signature, proof or ledger does not hold"
            }
            Self::Unreachable => "a node or store could not be reached in time",
            Self::Bug => "a defect in detente itself",
        }
    }

    /// Returns the table of codes as it closes the help text.
    pub(crate) fn table() -> String {
        let mut table = String::from("Exit codes:\n");
        for exit in Self::ALL {
            // Writing to a String cannot fail.
            let _ = writeln!(table, "  {:>2}  {}", exit.code(), exit.meaning());
        }
        table
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference page is generated from the table; run with `UPDATE_REFERENCE=1` to refresh it.
    #[test]
    fn the_reference_page_lists_every_code() {
        let mut page = String::from(
            "# Exit codes\n\n\
             Every verb of `detente` ends with one of these codes, so a script can tell a *no* from an error.\n\n\
             | code | meaning |\n| --- | --- |\n",
        );
        for exit in Exit::ALL {
            writeln!(page, "| {} | {} |", exit.code(), exit.meaning()).unwrap();
        }
        page.push_str(
            "\nCode 4 is separate from 3 on purpose: \"somebody may have cheated\" must never look like a typing mistake.\n\
             A reader that closes the pipe early changes nothing: the run ends quietly with the code of its answer.\n",
        );
        crate::reference::assert_fresh("exit-codes.md", &page);
    }

    #[test]
    fn the_codes_are_distinct_and_in_order() {
        assert!(
            Exit::ALL
                .windows(2)
                .all(|pair| pair[0].code() < pair[1].code())
        );
    }
}
