//! Sign-in by OpenID Connect: any provider, the authorization code with PKCE, and nothing believed
//! that was not checked (OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9207; RFC 9700).
//!
//! Nothing is kept of what is under way: time and randomness are handed in, and what a provider can
//! cost is limited by name. What comes out is an issuer, a subject and the roles that the settings
//! give to the subject's groups.

mod keys;
mod remote;
mod settings;
mod state;
mod token;

pub use keys::{KEYS_MAX, KeyFault, Keys};
pub use remote::{ANSWER_BYTES_MAX, PATIENCE};
pub use settings::{RoleMap, RoleMapError, Settings};
pub use token::{
    AGE_S_MAX, Claims, Expected, GROUPS_MAX, LEEWAY_S, SUBJECT_BYTES_MAX, TOKEN_BYTES_MAX,
    TokenFault, verify,
};

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::role::Role;
use crate::secret::Secret;
use remote::{Discovery, Remote, RemoteFault};
use state::Ties;

/// How long a sign-in may take at the provider, in seconds.
pub const PENDING_S: u64 = 600;
/// How long what a provider says about itself is believed, in seconds.
pub const DISCOVERED_S: u64 = 3_600;
/// A token by an unknown key makes the keys be read anew, but not more often than this, in seconds:
/// otherwise forged tokens would make us knock at the provider's door as often as they come.
pub const KEYS_AGAIN_S: u64 = 30;
/// A provider that could not be asked is left alone this long, in seconds: anybody can begin a sign-in,
/// and one after another must not wait for a provider that is away.
pub const PROVIDER_AGAIN_S: u64 = 5;
/// The cookie that ties a sign-in to the browser that began it.
pub const COOKIE: &str = "detente_sign_in";

/// Sign-ins at one provider.
#[derive(Debug)]
pub struct SignIns {
    settings: Settings,
    remote: Remote,
    ties: Ties,
    memory: tokio::sync::Mutex<Memory>,
}

/// What is remembered of the provider.
#[derive(Debug, Default)]
struct Memory {
    known: Option<Known>,
    /// When it could not be asked last, and why.
    failed: Option<(u64, RemoteFault)>,
}

/// What is known of the provider.
#[derive(Clone, Debug)]
struct Known {
    discovery: Discovery,
    discovered_s: u64,
    keys: Keys,
    keys_s: u64,
}

/// A sign-in that was begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Where the browser goes.
    pub url: String,
    /// What it keeps meanwhile.
    pub browser: String,
}

/// What comes back from the provider by way of the browser.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    /// The code to exchange.
    pub code: Option<String>,
    /// Which sign-in this is.
    pub state: Option<String>,
    /// Who says so (RFC 9207).
    pub issuer: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// What the browser kept.
    pub browser: Option<String>,
}

/// Whom a provider vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// Who vouches.
    pub issuer: String,
    /// For whom, by the provider's own name, which never changes.
    pub subject: String,
    /// The name for people, which becomes the author of ledger entries.
    pub name: String,
    /// The roles its groups have here; none for whoever is to stay outside.
    pub roles: BTreeSet<Role>,
}

impl SignIns {
    /// Prepares sign-ins at a provider; every server of a node has the same key.
    pub fn new(settings: Settings, key: &[u8; 32]) -> Self {
        Self {
            remote: Remote::new(settings.tls.clone()),
            settings,
            ties: Ties::new(key),
            memory: tokio::sync::Mutex::default(),
        }
    }

    /// Goes on with another key, which ends every sign-in that is under way.
    pub fn renew(&self, key: &[u8; 32]) {
        self.ties.renew(key);
    }

    /// The provider.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Begins a sign-in; `state` is drawn for it and names it on its way through the provider.
    ///
    /// # Errors
    ///
    /// [`SignInFault`].
    pub async fn begin(&self, state: Secret, now_s: u64) -> Result<Begun, SignInFault> {
        let known = self.known(now_s).await?;
        let tied = self.ties.of(&state);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&tied.verifier));
        let shown = state.reveal();
        let parameters = [
            ("response_type", "code"),
            ("client_id", self.settings.client_id.as_str()),
            ("redirect_uri", self.settings.redirect.as_str()),
            ("scope", self.settings.scopes.as_str()),
            ("state", shown.as_str()),
            ("nonce", tied.nonce.as_str()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let endpoint = &known.discovery.authorization_endpoint;
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        Ok(Begun {
            url: format!("{endpoint}{joint}{}", remote::form(&parameters)),
            browser: self.ties.to_browser(&state, now_s),
        })
    }

    /// Ends a sign-in: exchanges the code and checks the token.
    ///
    /// # Errors
    ///
    /// [`SignInFault`]; whatever it is, this sign-in is over.
    pub async fn finish(&self, returned: &Returned, now_s: u64) -> Result<Vouched, SignInFault> {
        let (state, browser) = (returned.state.as_deref(), returned.browser.as_deref());
        let tied = self.ties.take(state, browser, now_s)?;
        if let Some(error) = &returned.error {
            return Err(SignInFault::Declined(error.chars().take(64).collect()));
        }
        let code = returned.code.as_deref().ok_or(SignInFault::Unknown)?;
        let known = self.known(now_s).await?;
        let is_issuer = match &returned.issuer {
            Some(issuer) => *issuer == self.settings.issuer,
            None => {
                !known
                    .discovery
                    .authorization_response_iss_parameter_supported
            }
        };
        if !is_issuer {
            return Err(SignInFault::Issuer);
        }
        let token = self
            .remote
            .exchange(&self.settings, &known.discovery, code, &tied.verifier)
            .await?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: &tied.nonce,
            now_s,
        };
        let claims = match verify(&token, &known.keys, &expected) {
            Err(TokenFault::Key(KeyFault::Unknown)) => {
                let keys = self.keys_again(now_s).await?;
                verify(&token, &keys, &expected)?
            }
            other => other?,
        };
        self.vouched(&claims)
    }

    fn vouched(&self, claims: &Claims) -> Result<Vouched, SignInFault> {
        let name = claims.text(&self.settings.name_claim);
        let name = name.ok_or_else(|| SignInFault::Name(self.settings.name_claim.clone()))?;
        Ok(Vouched {
            issuer: self.settings.issuer.clone(),
            subject: claims.subject().to_owned(),
            name: name.to_owned(),
            roles: self
                .settings
                .roles
                .of(&claims.texts(&self.settings.roles_claim)),
        })
    }

    /// Returns what is known of the provider; asks it when that is nothing, or old.
    async fn known(&self, now_s: u64) -> Result<Known, SignInFault> {
        let mut memory = self.memory.lock().await;
        if let Some(known) = &memory.known
            && known.discovered_s.saturating_add(DISCOVERED_S) > now_s
        {
            return Ok(known.clone());
        }
        if let Some((at_s, fault)) = &memory.failed
            && at_s.saturating_add(PROVIDER_AGAIN_S) > now_s
        {
            return Err(SignInFault::Remote(fault.clone()));
        }
        match self.ask(now_s).await {
            Ok(fresh) => {
                *memory = Memory {
                    known: Some(fresh.clone()),
                    failed: None,
                };
                Ok(fresh)
            }
            Err(fault) => {
                memory.failed = Some((now_s, fault.clone()));
                Err(SignInFault::Remote(fault))
            }
        }
    }

    async fn ask(&self, now_s: u64) -> Result<Known, RemoteFault> {
        let discovery = self.remote.discover(&self.settings.issuer).await?;
        let keys = self.remote.keys(&discovery).await?;
        Ok(Known {
            discovery,
            discovered_s: now_s,
            keys,
            keys_s: now_s,
        })
    }

    /// Reads the keys again, since one is used that was not among them.
    async fn keys_again(&self, now_s: u64) -> Result<Keys, SignInFault> {
        let mut memory = self.memory.lock().await;
        let Some(known) = memory.known.as_mut() else {
            return Err(SignInFault::Token(TokenFault::Key(KeyFault::Unknown)));
        };
        if known.keys_s.saturating_add(KEYS_AGAIN_S) <= now_s {
            // One that fails counts as well.
            known.keys_s = now_s;
            known.keys = self.remote.keys(&known.discovery).await?;
        }
        Ok(known.keys.clone())
    }
}

/// Nobody was signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignInFault {
    /// No such sign-in is under way: it was ended before, took too long, or began elsewhere.
    #[error("no such sign-in is under way in this browser")]
    Unknown,
    /// The provider, or its user, said no.
    #[error("the provider declined: {0}")]
    Declined(String),
    /// The answer came from another provider.
    #[error("the answer is not by the provider that was asked")]
    Issuer,
    /// The token cannot be believed.
    #[error(transparent)]
    Token(#[from] TokenFault),
    /// The token names nobody.
    #[error("the token has no text `{0}` to name the user by")]
    Name(String),
    /// The provider cannot be asked, or answers what cannot be read.
    #[error(transparent)]
    Remote(#[from] RemoteFault),
}

pub use remote::RemoteFault as ProviderFault;
