//! Everything that all workers together have told, once.

use std::time::Duration;

use tokio::sync::watch;

use crate::bus::{Bus, BusError, heard_within};

/// With nothing told, the log is looked at this often, in case a wake-up was lost.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Hands over every line behind a number, with its own, until told to stop; or, unless it is to wait, until there is no more.
///
/// # Errors
///
/// [`BusError`].
pub async fn read(
    bus: &Bus,
    mut behind: u64,
    waits: bool,
    stop: watch::Receiver<bool>,
    line: &mut dyn FnMut(u64, &[u8]) -> bool,
) -> Result<u64, BusError> {
    let mut heard = bus.listen_to_events().await?;
    loop {
        if *stop.borrow() {
            return Ok(behind);
        }
        match bus.next_event(behind).await? {
            Some(read) => {
                behind = read.sequence;
                if !line(read.sequence, &read.payload) {
                    return Ok(behind);
                }
            }
            None if waits => heard_within(&mut heard, LOOK_EVERY).await,
            None => return Ok(behind),
        }
    }
}
