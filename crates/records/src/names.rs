//! Checked names: every id is its own type, and only a name fit to print exists.

use std::fmt;

use crate::characters::is_invisible;

/// The longest id, in bytes of UTF-8.
///
/// Long enough for any designation in use, short enough for a line of a table, an index key and a
/// ledger entry.
pub const NAME_BYTES_MAX: usize = 128;

/// A name was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid {what} {}", crate::finding::quoted(.input))]
pub struct NameError {
    what: &'static str,
    input: String,
    #[source]
    kind: NameErrorKind,
}

impl NameError {
    /// Returns the reason.
    pub fn kind(&self) -> NameErrorKind {
        self.kind
    }
}

/// The reason inside a [`NameError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameErrorKind {
    /// No characters at all.
    #[error("the name is empty")]
    Empty,
    /// More than [`NAME_BYTES_MAX`] bytes.
    #[error("the name has {bytes} bytes, more than {NAME_BYTES_MAX}")]
    TooLong {
        /// Bytes found.
        bytes: usize,
    },
    /// A control character, a line break, or one that changes direction or shows nothing.
    #[error("character U+{:04X} does not show or changes how the line reads", u32::from(*.0))]
    Unprintable(char),
    /// A space at the beginning or end, where nobody sees it.
    #[error("the name begins or ends with a space")]
    OuterSpace,
}

/// A checked name: printable, bounded, comparable.
pub trait Name: Sized + Ord + Clone {
    /// What the name names, for messages: "party", "force", ….
    const WHAT: &'static str;

    /// Checks `text`.
    ///
    /// # Errors
    ///
    /// [`NameError`] when the text is empty, longer than [`NAME_BYTES_MAX`], or holds a character
    /// that cannot be seen.
    fn parse(text: &str) -> Result<Self, NameError>;

    /// Returns the text.
    fn as_str(&self) -> &str;
}

fn check(what: &'static str, text: &str) -> Result<(), NameError> {
    let kind = if text.is_empty() {
        NameErrorKind::Empty
    } else if text.len() > NAME_BYTES_MAX {
        NameErrorKind::TooLong { bytes: text.len() }
    } else if let Some(bad) = text.chars().find(|c| c.is_control() || is_invisible(*c)) {
        NameErrorKind::Unprintable(bad)
    } else if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
        NameErrorKind::OuterSpace
    } else {
        return Ok(());
    };
    Err(NameError {
        what,
        input: text.chars().take(NAME_BYTES_MAX).collect(),
        kind,
    })
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(std::sync::Arc<str>);

        impl Name for $name {
            const WHAT: &'static str = $what;

            fn parse(text: &str) -> Result<Self, NameError> {
                check($what, text).map(|()| Self(text.into()))
            }

            fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl $name {
            /// Checks `text`; see [`Name::parse`].
            ///
            /// # Errors
            ///
            /// [`NameError`] when the text is not a printable, bounded name.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                Name::parse(text)
            }

            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

names! {
    /// Id of an agreement.
    AgreementId: "agreement id";
    /// Id of anyone who acts: a participant or a bound party.
    PartyId: "party";
    /// Id of a participant, who signs, runs a node, and can consent.
    ParticipantId: "participant";
    /// Id of a force, which belongs to a party and flies.
    ForceId: "force";
    /// Id of a group that is present somewhere or that a force belongs to.
    GroupId: "group";
    /// What an area applies to: the id of a party, a force or a group.
    SubjectId: "party, force or group";
    /// Id of a feature of whatever kind.
    FeatureId: "id";
    /// Id of an area.
    AreaId: "area id";
    /// Id of a protected object.
    ObjectId: "object id";
    /// Category of a protected object, such as `hospital`.
    CategoryName: "category";
    /// Id of a humanitarian movement.
    MovementId: "movement id";
    /// Id of an operation, shared by all its volumes.
    OperationId: "operation id";
    /// Id of an article.
    ArticleId: "article";
    /// Id of a clock.
    ClockId: "clock";
    /// Id of a concern.
    ConcernId: "concern id";
    /// Id of what an act is about: an operation, an object, a concern, a call, ….
    RecordId: "subject";
    /// Id of an observer, who keeps a ledger and does not consent.
    ObserverId: "observer";
    /// Id of whoever keeps a ledger: a participant or an observer.
    HolderId: "participant or observer";
    /// Id of a precondition.
    PreconditionId: "precondition";
    /// A channel that can be suspended on its own, such as a liaison line.
    ChannelName: "channel";
    /// What a source calls a track; it says nothing of whose it is.
    TrackId: "id of a track";
    /// Id of a place in a gazetteer.
    PlaceId: "place";
    /// A policy that says what a level of a marking asks for.
    PolicyName: "policy";
    /// Short id of a key that content is sealed to, in hexadecimal digits.
    SealKeyId: "id of a key";
    /// A media type such as `application/json`.
    MediaType: "media type";
    /// Name of a person.
    PersonName: "person";
    /// An office or organisation that owns, raises or submits something.
    OfficeName: "office or organisation";
    /// A language tag such as `en` or `zh-Hant`.
    LanguageTag: "language";
}

impl From<ParticipantId> for PartyId {
    fn from(participant: ParticipantId) -> Self {
        Self(participant.0)
    }
}

impl From<&ParticipantId> for PartyId {
    fn from(participant: &ParticipantId) -> Self {
        Self(participant.0.clone())
    }
}

impl From<&ParticipantId> for HolderId {
    fn from(participant: &ParticipantId) -> Self {
        Self(participant.0.clone())
    }
}

impl From<&ObserverId> for HolderId {
    fn from(observer: &ObserverId) -> Self {
        Self(observer.0.clone())
    }
}

impl PartialEq<PartyId> for ParticipantId {
    fn eq(&self, party: &PartyId) -> bool {
        self.0 == party.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_can_be_read_are_accepted() {
        for text in [
            "US",
            "syrian-air-force",
            "Хмеймим 1",
            "مستشفى",
            "a/b",
            "D+3",
        ] {
            assert!(ForceId::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn names_that_hide_something_are_refused() {
        let kind = |text: &str| PartyId::parse(text).map_err(|error| error.kind());
        assert_eq!(kind(""), Err(NameErrorKind::Empty));
        assert_eq!(
            kind("U\u{202e}S"),
            Err(NameErrorKind::Unprintable('\u{202e}'))
        );
        assert_eq!(kind("US\n"), Err(NameErrorKind::Unprintable('\n')));
        assert_eq!(
            kind("US\u{200b}"),
            Err(NameErrorKind::Unprintable('\u{200b}'))
        );
        assert_eq!(kind(" US"), Err(NameErrorKind::OuterSpace));
        assert_eq!(
            kind(&"x".repeat(129)),
            Err(NameErrorKind::TooLong { bytes: 129 })
        );
    }

    #[test]
    fn an_error_says_what_was_refused() {
        let error = PartyId::parse("U\u{202e}S").map_err(|error| error.to_string());
        assert_eq!(error, Err("invalid party `U\\u{202e}S`".to_owned()));
    }
}
