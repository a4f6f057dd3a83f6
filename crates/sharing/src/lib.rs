//! What leaves a node, for whom, and how exactly.
//!
//! A report is kept at home as a [`ReportDraft`](detente_records::act::ReportDraft) with everything
//! its originator knows. For each recipient [`compose`] makes an
//! [`Edition`](detente_records::act::Edition) of it: portions whose [`Marking`] does not admit the
//! recipient are absent, places become cells of a [`grid`](coarsen) or names, times become hours,
//! and there is no field for a source, a method or a point. The bytes that a preview shows are the
//! bytes that [`seal_edition`] seals.
//!
//! An object that is shown by an area of the grid goes exactly to those it is released to exactly: [`exact_payload`].
//!
//! [`private_check`] finds out whether plans come close to another participant's without either being shown.
//!
//! Missing, empty and unknown mean nobody, everywhere. Nothing here opens a file, knows a clock or
//! draws chance.

mod check;
pub mod coarsen;
mod compose;
mod exact;
mod folding;
pub mod gazetteer;
mod marking;
pub mod notice;
mod padding;
pub mod private_check;
mod reading;
mod sealing;

pub use check::{Objection, SOURCE_WORD_LETTERS_MIN, Slip, slips};
pub use compose::{Composed, Desk, LeftOut, Prepared, compose};
pub use exact::{
    ExpectedPlace, area_around, exact_payload, lies_in, read_exact, read_reading, reading_payload,
};
pub use marking::{Denial, Directory, Marking, Reader};
pub use padding::{BUCKETS, PLACE_BYTES, padded, padded_bytes};
pub use reading::{Content, Expected, Passed, ReadFault, read, shut_out};
pub use sealing::{
    Author, OpenFault, Opened, edition_seed, forwarded, open, seal_edition, sealed_part,
};
