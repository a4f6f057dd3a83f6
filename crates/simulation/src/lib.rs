//! Seeded worlds of real nodes on made-up clocks, networks and disks.
//!
//! A [`World`] runs the same [`detente_node::node::Node`] as the server does, two to five of them,
//! and everything around them is chosen by a seed: messages that are lost, repeated, reordered and
//! delayed, partitions, clocks that jump, disks that fail at any step, machines that stop and start
//! again or come back from a backup, a peer that shows two histories, a peer that floods. Then the
//! world heals, and what must always hold is checked ([`invariant`]). The same seed gives the same
//! world. Each invariant can be shown to fail by a [`Plant`].
//!
//! A world either has users who wish for something now and then, or tells a [`Script`]: acts in
//! their order, each by its own party, however often machines and lines fail meanwhile.

mod air;
mod cast;
pub mod chance;
mod files;
mod flood;
mod host;
mod identity;
pub mod invariant;
mod kept;
mod network;
mod register;
mod rehearsal;
mod report;
mod script;
mod secrecy;
mod world;

pub use cast::{Begin, Breaches, Cast, Content, Farewell, Overhear, Wish};
pub use register::Register;
pub use rehearsal::{Scenario, Telling, rehearse, rehearse_telling};
pub use report::Report;
pub use script::{Came, Expected, Line, Script, Told};
pub use secrecy::{Overheard, blab, whisper};
pub use world::{Conditions, Plant, World};

use detente_ledger::hash::Hash;
use detente_node::node::{Command, Shared};

use chance::Chance;

/// A shared state that a world can be played with.
pub trait Played: Shared + 'static {
    /// Returns the state before any entry, for these origins; `is_odd` asks for another one, which
    /// shows that the comparison of states notices.
    fn founding(origins: &[String], is_odd: bool) -> Self;

    /// Returns something a user of the node `own` might want to write now.
    fn wish(&self, chance: &mut Chance, own: &str) -> Option<Command>;

    /// Returns a hash of everything in the state.
    fn digest(&self) -> Hash;

    /// Returns what the state allows to go on and should not, found without the rules it uses.
    fn breaches(&self) -> Vec<String> {
        Vec::new()
    }

    /// Returns what an entry that is on record came to.
    fn came(outcome: &Self::Outcome) -> Came;

    /// Returns the rule that a wish ran into, by name.
    fn rule(refusal: &Self::Refusal) -> String;
}
