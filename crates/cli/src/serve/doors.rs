//! What the settings say about doors beside those for users and peers: a provider, other logs.

use std::path::Path;
use std::sync::Arc;

use detente_ledger::vkey::Vkey;
use detente_server::config::Config;
use detente_server::oidc::{RoleMap, Settings};
use detente_server::tls::public_client;

use crate::failure::{Failure, FailureKind};

/// Reads the provider of sign-ins, if one is named.
pub(super) fn sign_in(config: &Config) -> Result<Option<Settings>, Failure> {
    let text = |name: &str| config.text(name).to_owned();
    if config.text("oidc.issuer").is_empty() {
        return Ok(None);
    }
    let client_secret = match config.path("oidc.client_secret_file") {
        Some(path) => read(&path)?
            .lines()
            .next()
            .map(|line| line.trim().to_owned()),
        None => None,
    };
    let roles = RoleMap::parse(config.text("oidc.roles"))
        .map_err(|error| Failure::new(FailureKind::InvalidInput, error))?;
    let tls = match (
        config.text("oidc.issuer").starts_with("https://"),
        config.path("oidc.authorities"),
    ) {
        (true, Some(path)) => {
            let tls = public_client(read(&path)?.as_bytes())
                .map_err(|error| Failure::new(FailureKind::InvalidInput, error))?;
            Some(Arc::new(tls))
        }
        _ => None,
    };
    Ok(Some(Settings {
        issuer: text("oidc.issuer"),
        client_id: text("oidc.client_id"),
        client_secret,
        redirect: text("oidc.redirect"),
        scopes: text("oidc.scopes"),
        name_claim: text("oidc.name_claim"),
        roles_claim: text("oidc.roles_claim"),
        roles,
        tls,
    }))
}

/// Reads the keys of other logs to cosign.
pub(super) fn witnessed(config: &Config) -> Result<Vec<Vkey>, Failure> {
    let Some(path) = config.path("witness.logs") else {
        return Ok(Vec::new());
    };
    let text = read(&path)?;
    let lines = text.lines().enumerate();
    let keys = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    keys.map(|(number, line)| {
        Vkey::parse(line.trim()).map_err(|error| {
            let message = format!("line {} of `{}`: {error}", number + 1, path.display());
            Failure::new(FailureKind::InvalidInput, message)
        })
    })
    .collect()
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::unreadable(path, error))
}
