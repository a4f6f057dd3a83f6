//! The only source of randomness: the operating system's.

use crate::secret::Secret;

/// Bytes of a salt of a ledger entry.
pub const SALT_BYTES: usize = 16;

/// Draws the salt of a ledger entry.
///
/// # Errors
///
/// [`NoChance`] when the operating system has no randomness.
pub fn salt() -> Result<[u8; SALT_BYTES], NoChance> {
    draw()
}

/// Draws a secret: a session, a token, a proof key.
///
/// # Errors
///
/// [`NoChance`] when the operating system has no randomness.
pub fn secret() -> Result<Secret, NoChance> {
    draw().map(Secret::new)
}

/// Draws bytes.
///
/// # Errors
///
/// [`NoChance`] when the operating system has no randomness.
pub fn draw<const N: usize>() -> Result<[u8; N], NoChance> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoChance)?;
    Ok(bytes)
}

/// The operating system has no randomness to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no randomness")]
pub struct NoChance;
