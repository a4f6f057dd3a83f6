//! A node on a network: the HTTP API, the transport between peers, users, clock and randomness.
//!
//! What it holds: sockets, real time and chance, users and sessions, and the one task that owns a
//! node and does what it asks. What it must not know: what an act means or when it may be written;
//! that is decided below, by functions that can be replayed.

pub mod alarm;
pub mod answer;
pub mod api;
pub mod attempts;
pub mod authority;
pub mod card;
pub mod chance;
mod checks;
pub mod client;
pub mod clock;
pub mod config;
pub mod console;
mod drafts;
pub mod events;
mod exact_places;
pub mod house;
pub mod idempotency;
pub mod knowledge;
pub mod listen;
pub mod logs;
pub mod metrics;
pub mod oidc;
pub mod peer;
pub mod problem;
pub mod renewed;
pub mod role;
pub mod runtime;
pub mod seals;
pub mod secret;
pub mod session;
pub mod tls;
pub mod users;
pub mod view;
pub mod witness;

/// Takes over, from now on, how the process is asked to stop: an interrupt from a terminal, or SIGTERM. What is returned ends
/// when it was asked.
///
/// # Errors
///
/// The operating system's, when it gives no signals.
///
/// # Panics
///
/// Outside of a tokio runtime.
pub fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}
