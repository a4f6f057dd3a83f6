//! Tracks spread over NATS JetStream by cell of the earth, for any number of workers.
//!
//! A [`feeder`] puts every fix into the log of the partition that its cell belongs to, and a mark into the log that a track
//! leaves. A [`worker`] reads the logs of some partitions, holds their tracks, and hands a track that left over to the log of the
//! partition it went to. What a worker concludes follows from the logs alone ([`desk`]): whoever reads a log again, because
//! another worker was killed, concludes the same. Events go under their names, and a name is taken once; so nothing is lost and
//! nothing is told twice, whichever worker or server fails.
//!
//! What it must not know: articles, records, files. It opens sockets and reads the monotonic clock, for leases alone.

mod bus;
pub mod cell;
pub mod desk;
pub mod feeder;
mod lease;
pub mod reader;
pub mod wire;
pub mod worker;

pub use bus::{Bus, BusError, Layout};
