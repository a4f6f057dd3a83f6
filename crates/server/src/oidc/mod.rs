//! Sign-in by OpenID Connect: any provider, the authorization code with PKCE, and nothing believed
//! that was not checked (OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9207; RFC 9700).
//!
//! A [`SignIns`] keeps what is under way: time and randomness are handed in, and what a provider can
//! cost is limited by name. What comes out is an issuer, a subject and the roles that the settings
//! give to the subject's groups.

mod keys;
mod remote;
mod settings;
mod token;

pub use keys::{KEYS_MAX, KeyFault, Keys};
pub use remote::{ANSWER_BYTES_MAX, PATIENCE};
pub use settings::{RoleMap, RoleMapError, Settings};
pub use token::{
    AGE_S_MAX, Claims, Expected, GROUPS_MAX, LEEWAY_S, SUBJECT_BYTES_MAX, TOKEN_BYTES_MAX,
    TokenFault, verify,
};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::role::Role;
use crate::secret::Secret;
use remote::{Discovery, Remote, RemoteFault};

/// Sign-ins under way at a time: each is some hundred bytes, and anybody can begin one.
pub const PENDING_MAX: usize = 10_000;
/// How long a sign-in may take at the provider, in seconds.
pub const PENDING_S: u64 = 600;
/// How long what a provider says about itself is believed, in seconds.
pub const DISCOVERED_S: u64 = 3_600;
/// A token by an unknown key makes the keys be read anew, but not more often than this, in seconds:
/// otherwise forged tokens would make us knock at the provider's door as often as they come.
pub const KEYS_AGAIN_S: u64 = 30;
/// The cookie that ties a sign-in to the browser that began it.
pub const COOKIE: &str = "detente_sign_in";

/// Sign-ins at one provider.
#[derive(Debug)]
pub struct SignIns {
    settings: Settings,
    remote: Remote,
    pending: Mutex<BTreeMap<String, Pending>>,
    known: tokio::sync::Mutex<Option<Known>>,
}

/// Random values for one sign-in.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Names the sign-in on its way through the provider.
    pub state: Secret,
    /// Comes back inside the token.
    pub nonce: Secret,
    /// Proves at the token endpoint who began (RFC 7636).
    pub verifier: Secret,
    /// Stays in the browser that began.
    pub browser: Secret,
}

/// A sign-in under way; the browser's value is kept as a hash.
#[derive(Clone, Debug)]
struct Pending {
    nonce: String,
    verifier: String,
    browser: String,
    expires_s: u64,
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
    pub browser: Secret,
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
    /// Prepares sign-ins at a provider.
    pub fn new(settings: Settings) -> Self {
        Self {
            remote: Remote::new(settings.tls.clone()),
            settings,
            pending: Mutex::default(),
            known: tokio::sync::Mutex::new(None),
        }
    }

    /// The provider.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Begins a sign-in.
    ///
    /// # Errors
    ///
    /// [`SignInFault`]; at the limit the oldest sign-ins give way, so that nobody can keep others out
    /// by beginning many.
    pub async fn begin(&self, drawn: Drawn, now_s: u64) -> Result<Begun, SignInFault> {
        let known = self.known(now_s).await?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(drawn.verifier.reveal()));
        let (state, nonce) = (drawn.state.reveal(), drawn.nonce.reveal());
        let parameters = [
            ("response_type", "code"),
            ("client_id", self.settings.client_id.as_str()),
            ("redirect_uri", self.settings.redirect.as_str()),
            ("scope", self.settings.scopes.as_str()),
            ("state", state.as_str()),
            ("nonce", nonce.as_str()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let endpoint = &known.discovery.authorization_endpoint;
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        let url = format!("{endpoint}{joint}{}", remote::form(&parameters));
        let pending = Pending {
            nonce,
            verifier: drawn.verifier.reveal(),
            browser: drawn.browser.digest(),
            expires_s: now_s.saturating_add(PENDING_S),
        };
        let mut open = self.lock();
        open.retain(|_, pending| pending.expires_s > now_s);
        while open.len() >= PENDING_MAX {
            let oldest = open.iter().min_by_key(|(_, pending)| pending.expires_s);
            let Some(oldest) = oldest.map(|(state, _)| state.clone()) else {
                break;
            };
            open.remove(&oldest);
        }
        open.insert(drawn.state.digest(), pending);
        Ok(Begun {
            url,
            browser: drawn.browser,
        })
    }

    /// Ends a sign-in: exchanges the code and checks the token.
    ///
    /// # Errors
    ///
    /// [`SignInFault`]; whatever it is, this sign-in is over.
    pub async fn finish(&self, returned: &Returned, now_s: u64) -> Result<Vouched, SignInFault> {
        let pending = self.take(returned, now_s)?;
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
            .exchange(&self.settings, &known.discovery, code, &pending.verifier)
            .await?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: &pending.nonce,
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

    /// Takes the sign-in that comes back: once, in time, and in the browser that began it.
    fn take(&self, returned: &Returned, now_s: u64) -> Result<Pending, SignInFault> {
        let state = returned.state.as_deref().and_then(Secret::parse);
        let state = state.ok_or(SignInFault::Unknown)?.digest();
        let pending = self.lock().remove(&state).ok_or(SignInFault::Unknown)?;
        let browser = returned.browser.as_deref().and_then(Secret::parse);
        let same_browser = browser.is_some_and(|browser| browser.digest() == pending.browser);
        match same_browser && pending.expires_s > now_s {
            true => Ok(pending),
            false => Err(SignInFault::Unknown),
        }
    }

    /// Returns what is known of the provider; asks it when that is nothing, or old.
    async fn known(&self, now_s: u64) -> Result<Known, SignInFault> {
        let mut known = self.known.lock().await;
        if let Some(known) = &*known
            && known.discovered_s.saturating_add(DISCOVERED_S) > now_s
        {
            return Ok(known.clone());
        }
        let discovery = self.remote.discover(&self.settings.issuer).await?;
        let keys = self.remote.keys(&discovery).await?;
        let fresh = Known {
            discovery,
            discovered_s: now_s,
            keys,
            keys_s: now_s,
        };
        *known = Some(fresh.clone());
        Ok(fresh)
    }

    /// Reads the keys again, since one is used that was not among them.
    async fn keys_again(&self, now_s: u64) -> Result<Keys, SignInFault> {
        let mut known = self.known.lock().await;
        let Some(known) = known.as_mut() else {
            return Err(SignInFault::Token(TokenFault::Key(KeyFault::Unknown)));
        };
        if known.keys_s.saturating_add(KEYS_AGAIN_S) <= now_s {
            known.keys = self.remote.keys(&known.discovery).await?;
            known.keys_s = now_s;
        }
        Ok(known.keys.clone())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sign_ins() -> SignIns {
        let roles = RoleMap::parse("{ planners = \"planner\" }").expect("roles");
        SignIns::new(Settings {
            issuer: "https://id.example".to_owned(),
            client_id: "detente".to_owned(),
            client_secret: None,
            redirect: "https://node.example/api/v1/sign-in/callback".to_owned(),
            scopes: "openid".to_owned(),
            name_claim: "sub".to_owned(),
            roles_claim: "groups".to_owned(),
            roles,
            tls: None,
        })
    }

    fn pending(browser: &Secret, expires_s: u64) -> Pending {
        Pending {
            nonce: "n".to_owned(),
            verifier: "v".to_owned(),
            browser: browser.digest(),
            expires_s,
        }
    }

    #[test]
    fn a_sign_in_comes_back_once_in_time_and_to_its_own_browser() {
        let sign_ins = sign_ins();
        let (state, browser) = (Secret::new([1; 32]), Secret::new([2; 32]));
        let returned = |browser: &Secret| Returned {
            state: Some(state.reveal()),
            browser: Some(browser.reveal()),
            ..Returned::default()
        };
        let begin = || {
            let pending = pending(&browser, 100);
            sign_ins.lock().insert(state.digest(), pending);
        };
        begin();
        assert!(sign_ins.take(&returned(&browser), 99).is_ok());
        // Again, it is not under way any more.
        let again = sign_ins.take(&returned(&browser), 99).map(|_| ());
        assert_eq!(again, Err(SignInFault::Unknown));
        begin();
        let late = sign_ins.take(&returned(&browser), 100).map(|_| ());
        assert_eq!(late, Err(SignInFault::Unknown));
        begin();
        let elsewhere = sign_ins.take(&returned(&Secret::new([3; 32])), 99);
        assert_eq!(elsewhere.map(|_| ()), Err(SignInFault::Unknown));
        // Whoever tried from elsewhere has ended it for everybody.
        assert!(sign_ins.lock().is_empty());
    }
}
