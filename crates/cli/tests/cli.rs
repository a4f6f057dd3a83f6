//! The command as a person or a script meets it: exit code, standard output, standard error.

mod completions;
mod harness;
mod usage;
