//! Who lives in a world, and who listens to it.

use std::fmt;

use detente_node::node::{Command, Node, Shared};

use crate::chance::Chance;
use crate::script::Script;

/// Who lives in a world: the state before any entry, and what users wish for.
pub struct Cast<P: Shared> {
    /// Returns the state for these origins; `true` asks for another one (see [`Plant`]).
    pub founding: Begin<P>,
    /// Returns something a user of the node with this origin might want to write.
    pub wish: Wish<P>,
    /// Returns what a state allows to go on and should not.
    pub breaches: Breaches<P>,
    /// What is told instead of wishes, if anything is.
    pub script: Option<Script>,
    /// Returns the content that a record names, for its author to lay beside the ledger first.
    pub content: Content,
    /// Hears every message, with the machine it goes to, whether it arrives or not.
    pub overhear: Overhear,
    /// Sees each honest machine that runs at the end.
    pub farewell: Farewell<P>,
}

/// Returns the content that a record names.
pub type Content = Box<dyn Fn(&Command) -> Vec<Vec<u8>>>;

/// Hears a message to a machine.
pub type Overhear = Box<dyn Fn(usize, &[u8])>;

/// Sees a machine at the end.
pub type Farewell<P> = Box<dyn Fn(usize, &Node<P>)>;

impl<P: Shared> Cast<P> {
    /// Users whose records name no content, and nobody who listens.
    pub fn new(founding: Begin<P>, wish: Wish<P>) -> Self {
        Self {
            founding,
            wish,
            breaches: Box::new(|_| Vec::new()),
            script: None,
            content: Box::new(|_| Vec::new()),
            overhear: Box::new(|_, _| {}),
            farewell: Box::new(|_, _| {}),
        }
    }
}

/// Returns the state before any entry, for these origins; `true` asks for another one.
pub type Begin<P> = Box<dyn Fn(&[String], bool) -> P>;

/// Returns something a user of the node with this origin might want to write.
pub type Wish<P> = Box<dyn Fn(&P, &mut Chance, &str) -> Option<Command>>;

/// Returns what a state allows to go on and should not.
pub type Breaches<P> = Box<dyn Fn(&P) -> Vec<String>>;

impl<P: Shared> fmt::Debug for Cast<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Cast").finish_non_exhaustive()
    }
}
