//! The command as a person or a script meets it: exit code, standard output, standard error.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests may panic like the tests themselves"
)]

mod amend;
mod check;
mod completions;
mod deconflict;
mod demo;
mod harness;
mod init;
mod invalid_input;
mod killed;
mod ledger;
mod overlap;
mod place;
mod position;
mod postgres;
mod prove;
mod rehearse;
mod scenarios;
mod schema;
mod serve;
mod usage;
mod watch;
