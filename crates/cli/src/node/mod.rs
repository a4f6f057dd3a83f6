//! The verbs that talk to a running node: thin clients of its API.

mod asking;
mod export;
mod read;
mod report;
mod role;
mod table;
mod token;
mod write;

pub(crate) use asking::{Asker, NodeArgs, runtime};
pub(crate) use export::{ExportArgs, ledger_paths, run as export};
pub(crate) use read::{OperationsArgs, StatusArgs, escaped, every_item, operations, status};
pub(crate) use report::{ReportArgs, run as report};
pub(crate) use table::{TableArgs, table};
pub(crate) use token::{TokenArgs, run as token};
pub(crate) use write::{
    AckArgs, ConsentArgs, ObjectArgs, StopArgs, SubmitArgs, ack, consent, object, stop, submit,
};
