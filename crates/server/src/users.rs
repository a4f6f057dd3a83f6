//! Who may use this node: local users, their passwords and their API tokens.
//!
//! Kept in one small file that is replaced as a whole. Passwords are kept as Argon2id, tokens as
//! SHA-256 of 256 random bits: reading the file signs nobody in.

use std::collections::{BTreeMap, BTreeSet};

use argon2::{Algorithm, Argon2, Params, Version};
use argon2::{PasswordHasher as _, PasswordVerifier as _};
use detente_records::characters::{is_invisible, is_joiner};
use serde::{Deserialize, Serialize};

use crate::chance;
use crate::oidc::Vouched;
use crate::role::Role;
use crate::secret::Secret;
use crate::session::Session;

/// Most users of one node: an organisation's air staff, and room.
pub const USERS_MAX: usize = 10_000;
/// Most tokens one user holds that have not ended: one for each program, and those being replaced.
pub const TOKENS_PER_USER_MAX: usize = 32;
/// Sessions of one user that were ended before their time and are remembered one by one.
pub const ENDED_MAX: usize = 64;
/// Shortest password; longer is the only rule that helps (NIST SP 800-63B, 5.1.1).
pub const PASSWORD_CHARACTERS_MIN: usize = 12;
/// Longest password: hashing must not become a way to burn our processor.
pub const PASSWORD_BYTES_MAX: usize = 1_024;
/// Longest user name: it becomes the author of ledger entries.
pub const NAME_BYTES_MAX: usize = 128;
/// What a token starts with, so that secret scanners find one that leaked.
const TOKEN_PREFIX: &str = "detente_";
/// Argon2id with 19 MiB and two passes: OWASP's password storage cheat sheet, first choice.
const ARGON2_KIB: u32 = 19_456;
const ARGON2_PASSES: u32 = 2;
const ARGON2_LANES: u32 = 1;

/// Everybody this node knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Users {
    users: BTreeMap<String, User>,
    tokens: BTreeMap<String, Token>,
}

/// One person or program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    roles: BTreeSet<Role>,
    /// Argon2id in PHC form; none for users who sign in elsewhere.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    password: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    disabled: bool,
    /// Who vouches for the user, for one who signs in elsewhere.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    external: Option<External>,
    /// How often every session of the user was ended at once.
    #[serde(skip_serializing_if = "is_zero", default)]
    generation: u64,
    /// Sessions ended one by one, with the second at which each would have ended by itself.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    ended: BTreeMap<String, u64>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A user as a provider knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct External {
    issuer: String,
    subject: String,
}

/// A secret a program presents instead of a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    user: String,
    label: String,
    roles: BTreeSet<Role>,
    read_only: bool,
    expires_s: u64,
    digest: String,
}

/// Who asks, and with which powers: what every decision is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The user's name.
    pub name: String,
    /// The roles that count for this request.
    pub roles: BTreeSet<Role>,
    /// Whether the request came with a token that may only read.
    pub read_only: bool,
}

impl Users {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// [`UsersError::File`].
    pub fn parse(bytes: &[u8]) -> Result<Self, UsersError> {
        serde_json::from_slice(bytes).map_err(|error| UsersError::File(error.to_string()))
    }

    /// Writes the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// Returns the users and their roles, by name.
    pub fn list(&self) -> impl Iterator<Item = (&str, &User)> {
        self.users.iter().map(|(name, user)| (name.as_str(), user))
    }

    /// Returns whether anybody could sign in.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// Adds a user or replaces roles and password of one.
    ///
    /// # Errors
    ///
    /// [`UsersError`].
    pub fn put(
        &mut self,
        name: &str,
        roles: BTreeSet<Role>,
        password: Option<PasswordHash>,
    ) -> Result<(), UsersError> {
        let right = !name.is_empty()
            && name.len() <= NAME_BYTES_MAX
            && name.trim() == name
            && !name.contains(is_unseen);
        if !right {
            return Err(UsersError::Name);
        }
        if !self.users.contains_key(name) && self.users.len() >= USERS_MAX {
            return Err(UsersError::Full);
        }
        let kept = self.users.get(name);
        let user = User {
            roles,
            password: password
                .map(|hash| hash.0)
                .or_else(|| kept.and_then(|user| user.password.clone())),
            disabled: false,
            external: kept.and_then(|user| user.external.clone()),
            // Old sessions were opened with the old password or the old roles.
            generation: kept.map_or(0, |user| user.generation.saturating_add(1)),
            ended: BTreeMap::new(),
        };
        self.users.insert(name.to_owned(), user);
        Ok(())
    }

    /// Returns the name of somebody a provider vouches for who needs no change here.
    pub fn known(&self, vouched: &Vouched) -> Option<&str> {
        let mut users = self.users.iter();
        let known = users.find(|(_, user)| {
            let external = user.external.as_ref();
            external.is_some_and(|external| external.is(vouched))
        });
        let (name, user) = known?;
        (!user.disabled && user.roles == vouched.roles).then_some(name.as_str())
    }

    /// Admits whoever a provider vouches for, with the roles of this very sign-in; returns the name here.
    ///
    /// The provider's own name of a user decides who it is. A name that is somebody else's here stays
    /// theirs, and whoever was shut out stays out.
    ///
    /// # Errors
    ///
    /// [`UsersError`].
    pub fn admit(&mut self, vouched: &Vouched) -> Result<String, UsersError> {
        let mut users = self.users.iter_mut();
        let known = users.find(|(_, user)| {
            let external = user.external.as_ref();
            external.is_some_and(|external| external.is(vouched))
        });
        if let Some((name, user)) = known {
            if user.disabled {
                return Err(UsersError::Unknown);
            }
            user.roles.clone_from(&vouched.roles);
            return Ok(name.clone());
        }
        if self.users.contains_key(&vouched.name) {
            return Err(UsersError::Taken);
        }
        self.put(&vouched.name, vouched.roles.clone(), None)?;
        if let Some(user) = self.users.get_mut(&vouched.name) {
            user.external = Some(External {
                issuer: vouched.issuer.clone(),
                subject: vouched.subject.clone(),
            });
        }
        Ok(vouched.name.clone())
    }

    /// Shuts a user out, with every token.
    pub fn disable(&mut self, name: &str) -> bool {
        let Some(user) = self.users.get_mut(name) else {
            return false;
        };
        user.disabled = true;
        user.end_all();
        self.tokens.retain(|_, token| token.user != name);
        true
    }

    /// Returns how often every session of a user was ended at once.
    pub fn generation(&self, name: &str) -> u64 {
        self.users.get(name).map_or(0, |user| user.generation)
    }

    /// Returns whether a session was not ended before its time.
    pub fn is_open(&self, session: &Session) -> bool {
        let user = self.users.get(&session.user);
        user.is_some_and(|user| {
            user.generation == session.generation && !user.ended.contains_key(&session.name())
        })
    }

    /// Ends a session; at the limit all of the user's, rather than keep an endless list.
    pub fn end_session(&mut self, session: &Session, now_s: u64) {
        let Some(user) = self.users.get_mut(&session.user) else {
            return;
        };
        if user.generation != session.generation {
            return;
        }
        user.ended.retain(|_, expires_s| *expires_s > now_s);
        if user.ended.len() < ENDED_MAX {
            user.ended.insert(session.name(), session.expires_s);
        } else {
            user.end_all();
        }
    }

    /// Returns who a name is, if it may still sign in.
    pub fn identity(&self, name: &str) -> Option<Identity> {
        let user = self.users.get(name).filter(|user| !user.disabled)?;
        Some(Identity {
            name: name.to_owned(),
            roles: user.roles.clone(),
            read_only: false,
        })
    }

    /// Returns what a password must be compared with; always something, so that an unknown name
    /// costs as much as a wrong password.
    pub fn challenge(&self, name: &str) -> Challenge {
        let user = self.users.get(name).filter(|user| !user.disabled);
        Challenge(user.and_then(|user| user.password.clone()))
    }

    /// Makes a token and returns what its holder keeps: it is never shown again.
    ///
    /// # Errors
    ///
    /// [`UsersError`]; roles the user does not hold are refused.
    pub fn issue_token(&mut self, wish: &TokenWish) -> Result<(String, String), UsersError> {
        let user = self.users.get(&wish.user).ok_or(UsersError::Unknown)?;
        if !wish.roles.is_subset(&user.roles) {
            return Err(UsersError::Scope);
        }
        let held = self
            .tokens
            .values()
            .filter(|token| token.user == wish.user)
            .count();
        if held >= TOKENS_PER_USER_MAX {
            return Err(UsersError::Tokens);
        }
        let secret = chance::secret().map_err(|_| UsersError::Chance)?;
        let digest = secret.digest();
        let id = id_of(&digest);
        let token = Token {
            user: wish.user.clone(),
            label: wish.label.clone(),
            roles: wish.roles.clone(),
            read_only: wish.read_only,
            expires_s: wish.expires_s,
            digest,
        };
        self.tokens.insert(id.clone(), token);
        Ok((id, format!("{TOKEN_PREFIX}{}", secret.reveal())))
    }

    /// Makes a token that takes another's place: of the same owner, for the same purpose, with the
    /// same powers. The one before ends at `until_s` at the latest; where that is now, at once.
    ///
    /// # Errors
    ///
    /// [`UsersError`]; the token before stays as it was.
    pub fn rotate_token(
        &mut self,
        id: &str,
        expires_s: u64,
        (now_s, until_s): (u64, u64),
    ) -> Result<(String, String), UsersError> {
        let before = self.tokens.get(id).ok_or(UsersError::Unknown)?.clone();
        let wish = TokenWish {
            user: before.user.clone(),
            label: before.label.clone(),
            roles: before.roles.clone(),
            read_only: before.read_only,
            expires_s,
        };
        self.forget_ended_tokens(now_s);
        let kept = Token {
            expires_s: before.expires_s.min(until_s),
            ..before.clone()
        };
        self.tokens.remove(id);
        if kept.expires_s > now_s {
            self.tokens.insert(id.to_owned(), kept);
        }
        let issued = self.issue_token(&wish);
        if issued.is_err() {
            self.tokens.insert(id.to_owned(), before);
        }
        issued
    }

    /// Forgets tokens that have ended: they must not count against what their owners may hold.
    pub fn forget_ended_tokens(&mut self, now_s: u64) {
        self.tokens.retain(|_, token| token.expires_s > now_s);
    }

    /// Returns the tokens, by id.
    pub fn tokens(&self) -> impl Iterator<Item = (&str, &Token)> {
        self.tokens.iter().map(|(id, token)| (id.as_str(), token))
    }

    /// Ends a token.
    pub fn revoke_token(&mut self, id: &str) -> bool {
        self.tokens.remove(id).is_some()
    }

    /// Returns whom a presented token stands for.
    pub fn by_token(&self, presented: &str, now_s: u64) -> Option<Identity> {
        let digest = digest(presented)?;
        let token = self.tokens.get(&id_of(&digest))?;
        if token.digest != digest || token.expires_s <= now_s {
            return None;
        }
        let identity = self.identity(&token.user)?;
        Some(Identity {
            roles: identity.roles.intersection(&token.roles).copied().collect(),
            read_only: token.read_only,
            ..identity
        })
    }
}

/// Returns the id of a token from what its holder keeps, if it is one.
pub fn token_id(presented: &str) -> Option<String> {
    Some(id_of(&digest(presented)?))
}

fn digest(presented: &str) -> Option<String> {
    let secret = Secret::parse(presented.strip_prefix(TOKEN_PREFIX)?)?;
    Some(secret.digest())
}

fn id_of(digest: &str) -> String {
    digest.chars().take(12).collect()
}

impl External {
    fn is(&self, vouched: &Vouched) -> bool {
        self.issuer == vouched.issuer && self.subject == vouched.subject
    }
}

/// Whether a character cannot be seen in a name, or makes it read as another; what joins letters
/// within honest words does neither.
fn is_unseen(character: char) -> bool {
    character.is_control() || (is_invisible(character) && !is_joiner(character))
}

impl User {
    fn end_all(&mut self) {
        self.generation = self.generation.saturating_add(1);
        self.ended.clear();
    }

    /// The roles the user holds.
    pub fn roles(&self) -> &BTreeSet<Role> {
        &self.roles
    }

    /// Whether the user is shut out.
    pub fn is_disabled(&self) -> bool {
        self.disabled
    }
}

impl Token {
    /// Whose it is.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// What it is for, in its owner's words.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The roles it carries at most.
    pub fn roles(&self) -> &BTreeSet<Role> {
        &self.roles
    }

    /// Whether it may only read.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// When it ends, in seconds since 1970.
    pub fn expires_s(&self) -> u64 {
        self.expires_s
    }
}

/// A token somebody wants.
#[derive(Clone, Debug)]
pub struct TokenWish {
    /// Whose it will be.
    pub user: String,
    /// What it is for.
    pub label: String,
    /// The roles it carries.
    pub roles: BTreeSet<Role>,
    /// Whether it may only read.
    pub read_only: bool,
    /// When it ends, in seconds since 1970.
    pub expires_s: u64,
}

/// A password as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Hashes a new password.
    ///
    /// # Errors
    ///
    /// [`UsersError::Password`] for one that is too short or too long.
    ///
    /// # Cost
    ///
    /// 19 MiB and tens of milliseconds: never on a thread that serves others.
    pub fn of(password: &str) -> Result<Self, UsersError> {
        let right = password.chars().count() >= PASSWORD_CHARACTERS_MIN
            && password.len() <= PASSWORD_BYTES_MAX;
        if !right {
            return Err(UsersError::Password);
        }
        let salt: [u8; 16] = chance::draw().map_err(|_| UsersError::Chance)?;
        let hash = argon2id()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map_err(|error| UsersError::File(error.to_string()))?;
        Ok(Self(hash.to_string()))
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PasswordHash(…)")
    }
}

/// What a presented password is compared with.
#[derive(Debug)]
pub struct Challenge(Option<String>);

impl Challenge {
    /// Compares; takes as long for a name that does not exist.
    ///
    /// # Cost
    ///
    /// That of [`PasswordHash::of`].
    pub fn accepts(&self, password: &str) -> bool {
        if password.len() > PASSWORD_BYTES_MAX {
            return false;
        }
        let Some(kept) = &self.0 else {
            // The work is done and thrown away, so that time does not tell who exists.
            let _ = argon2id().hash_password_with_salt(password.as_bytes(), &[0; 16]);
            return false;
        };
        argon2::PasswordHash::new(kept).is_ok_and(|hash| {
            argon2id()
                .verify_password(password.as_bytes(), &hash)
                .is_ok()
        })
    }
}

fn argon2id() -> Argon2<'static> {
    let params = Params::new(ARGON2_KIB, ARGON2_PASSES, ARGON2_LANES, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Users could not be read or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UsersError {
    /// The file of users is damaged.
    #[error("the file of users cannot be read: {0}")]
    File(String),
    /// The name cannot be a user's.
    #[error(
        "a user name has 1 to {NAME_BYTES_MAX} bytes, no control or invisible characters and no space around it"
    )]
    Name,
    /// The password is too short or too long.
    #[error(
        "a password has at least {PASSWORD_CHARACTERS_MIN} characters and at most {PASSWORD_BYTES_MAX} bytes"
    )]
    Password,
    /// No such user.
    #[error("there is no such user")]
    Unknown,
    /// Somebody else here has the name.
    #[error("the name is another user's here")]
    Taken,
    /// The token would carry roles its owner does not hold.
    #[error("a token carries only roles that its owner holds")]
    Scope,
    /// Too many users.
    #[error("a node has at most {USERS_MAX} users")]
    Full,
    /// Too many tokens.
    #[error(
        "a user holds at most {TOKENS_PER_USER_MAX} tokens that have not ended; end one of them first"
    )]
    Tokens,
    /// No randomness.
    #[error("the operating system gives no randomness")]
    Chance,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users() -> Users {
        let mut users = Users::default();
        let hash = PasswordHash::of("correct horse battery").expect("hash");
        let roles = BTreeSet::from([Role::Planner, Role::WatchOfficer]);
        users.put("alice", roles, Some(hash)).expect("added");
        users
    }

    #[test]
    fn passwords_are_compared_and_never_kept() {
        let users = users();
        assert!(users.challenge("alice").accepts("correct horse battery"));
        assert!(!users.challenge("alice").accepts("correct horse batterz"));
        assert!(!users.challenge("bob").accepts("correct horse battery"));
        let file = String::from_utf8(users.to_bytes()).expect("text");
        assert!(file.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!file.contains("battery"));
        assert_eq!(Users::parse(file.as_bytes()), Ok(users));
        assert_eq!(PasswordHash::of("short"), Err(UsersError::Password));
    }

    #[test]
    fn a_token_carries_at_most_its_roles_and_ends_in_time() {
        let mut users = users();
        let wish = TokenWish {
            user: "alice".to_owned(),
            label: "script".to_owned(),
            roles: BTreeSet::from([Role::Planner]),
            read_only: true,
            expires_s: 100,
        };
        let (id, shown) = users.issue_token(&wish).expect("token");
        let identity = users.by_token(&shown, 99).expect("valid");
        assert_eq!(identity.roles, BTreeSet::from([Role::Planner]));
        assert!(identity.read_only);
        assert_eq!(users.by_token(&shown, 100), None);
        assert_eq!(users.by_token("detente_x", 0), None);
        assert!(
            !String::from_utf8(users.to_bytes())
                .expect("text")
                .contains(&shown)
        );
        let more = TokenWish {
            roles: BTreeSet::from([Role::Administrator]),
            ..wish
        };
        assert_eq!(users.issue_token(&more), Err(UsersError::Scope));
        assert!(users.revoke_token(&id));
        assert_eq!(users.by_token(&shown, 0), None);
    }

    #[test]
    fn who_is_vouched_for_keeps_its_name_and_takes_nobodys() {
        let mut users = users();
        let vouched = |subject: &str, name: &str, roles: &[Role]| Vouched {
            issuer: "https://id.example".to_owned(),
            subject: subject.to_owned(),
            name: name.to_owned(),
            roles: roles.iter().copied().collect(),
        };
        let bob = vouched("u-1", "bob", &[Role::Planner]);
        assert_eq!(users.admit(&bob), Ok("bob".to_owned()));
        // Its roles are those of the last sign-in, its name that of the first.
        let renamed = vouched("u-1", "robert", &[Role::Auditor]);
        assert_eq!(users.admit(&renamed), Ok("bob".to_owned()));
        let identity = users.identity("bob").expect("there");
        assert_eq!(identity.roles, BTreeSet::from([Role::Auditor]));
        for name in ["alice", "bob"] {
            let other = vouched("u-2", name, &[Role::Planner]);
            assert_eq!(users.admit(&other), Err(UsersError::Taken));
        }
        assert!(!users.challenge("bob").accepts("anything at all"));
        assert_eq!(users.known(&renamed), Some("bob"));
        assert_eq!(users.known(&bob), None, "its roles changed since");
        for name in ["", " eve", "e\u{202e}ve", "e\u{200b}ve", "e\nve"] {
            let other = vouched("u-3", name, &[Role::Planner]);
            assert_eq!(users.admit(&other), Err(UsersError::Name), "{name:?}");
        }
        assert_eq!(Users::parse(&users.to_bytes()), Ok(users.clone()));
        users.disable("bob");
        assert_eq!(users.admit(&bob), Err(UsersError::Unknown));
    }

    #[test]
    fn sessions_end_one_by_one_or_all_at_once_and_the_list_is_bounded() {
        let mut users = users();
        let session = |number: u8, generation, expires_s| Session {
            id: [number; 16],
            user: "alice".to_owned(),
            generation,
            expires_s,
        };
        let (one, two) = (session(1, 0, 100), session(2, 0, 100));
        users.end_session(&one, 0);
        assert!(!users.is_open(&one) && users.is_open(&two));
        assert_eq!(Users::parse(&users.to_bytes()), Ok(users.clone()));
        // A new password or other roles end what was opened before.
        users.put("alice", BTreeSet::new(), None).expect("put");
        assert!(!users.is_open(&two) && users.is_open(&session(2, 1, 100)));
        // What would have ended by itself is forgotten; too much at a time ends everything.
        for number in 0..=ENDED_MAX as u8 {
            users.end_session(&session(number, 1, 50), 50 + u64::from(number));
        }
        assert_eq!(users.generation("alice"), 1);
        for number in 0..=ENDED_MAX as u8 {
            users.end_session(&session(number, 1, 1_000), 200);
        }
        assert_eq!(users.generation("alice"), 2);
        let stranger = Session {
            user: "eve".to_owned(),
            ..session(3, 0, 100)
        };
        assert!(!users.is_open(&stranger));
        users.disable("alice");
        assert!(!users.is_open(&session(9, 2, 1_000)));
    }

    #[test]
    fn a_disabled_user_is_out_with_every_token() {
        let mut users = users();
        let wish = TokenWish {
            user: "alice".to_owned(),
            label: String::new(),
            roles: BTreeSet::from([Role::Planner]),
            read_only: false,
            expires_s: u64::MAX,
        };
        let (_, shown) = users.issue_token(&wish).expect("token");
        assert!(users.disable("alice"));
        assert_eq!(users.by_token(&shown, 0), None);
        assert_eq!(users.identity("alice"), None);
        assert!(!users.challenge("alice").accepts("correct horse battery"));
    }
}
