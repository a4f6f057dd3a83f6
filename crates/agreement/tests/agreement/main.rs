//! The agreement as its users see it: articles in, judgements out.

mod articles;
mod decisions;
mod dossier;
mod fail_open;
mod properties;
mod unrelaxable;
