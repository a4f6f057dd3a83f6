//! Warnings as messages of the Common Alerting Protocol 1.2, which the alert systems of states and relief organisations read.
//!
//! [`CapMessage::to_xml`] writes what the schema allows and what its rules in words ask for beside it
//! (<http://docs.oasis-open.org/emergency/cap/v1.2/CAP-v1.2-os.html>, section 3.2).
//! [`approach`] says in the languages of an agreement that something may arrive at a place.

pub mod approach;
mod xml;

use detente_spacetime::{Instant, Position};

/// The namespace of the protocol.
pub const NAMESPACE: &str = "urn:oasis:names:tc:emergency:cap:1.2";
/// The media type of a message.
pub const MEDIA_TYPE: &str = "application/cap+xml";
/// Characters of an identifier or a sender, at most: longer ones are not carried by alert systems.
pub const NAME_CHARS_MAX: usize = 256;

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub struct CapMessage {
    /// Names the message among all of its sender.
    pub identifier: String,
    /// Names the sender in the world, such as `watch@example.org`.
    pub sender: String,
    /// When it was sent; written to the second before.
    pub sent: Instant,
    /// How it is to be handled.
    pub status: Status,
    /// What it does.
    pub kind: MessageKind,
    /// Who may read it.
    pub scope: Scope,
    /// The earlier messages that it takes the place of or withdraws.
    pub references: Vec<Reference>,
    /// What it says, once in each language.
    pub infos: Vec<Info>,
}

/// How a message is to be handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// By everybody it concerns.
    Actual,
    /// By those who take part in an exercise.
    Exercise,
    /// By nobody: it tries the line.
    Test,
}

/// What a message does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    /// It is the first about its matter.
    Alert,
    /// It takes the place of earlier ones.
    Update,
    /// It withdraws earlier ones.
    Cancel,
}

/// Who may read a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everybody.
    Public,
    /// Whoever meets a requirement, in words.
    Restricted(String),
    /// Those addressed.
    Private(Vec<String>),
}

/// An earlier message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its sender.
    pub sender: String,
    /// Its identifier.
    pub identifier: String,
    /// When it was sent.
    pub sent: Instant,
}

/// What a message says, in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Info {
    /// The language, by its tag.
    pub language: String,
    /// What happens, in few words.
    pub event: String,
    /// What to do, by the list of the protocol.
    pub response: Response,
    /// When to do it.
    pub urgency: Urgency,
    /// How grave it is.
    pub severity: Severity,
    /// How sure it is.
    pub certainty: Certainty,
    /// When what it tells may begin.
    pub onset: Option<Instant>,
    /// When it no longer holds; written to the second after.
    pub expires: Option<Instant>,
    /// Who speaks, for people.
    pub sender_name: String,
    /// One line.
    pub headline: String,
    /// Everything.
    pub description: String,
    /// What to do, for people.
    pub instruction: Option<String>,
    /// Figures for programs, by name.
    pub parameters: Vec<(String, String)>,
    /// Where.
    pub areas: Vec<Area>,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Response {
    /// Take shelter.
    Shelter,
    /// What was told no longer holds.
    AllClear,
    /// Watch what comes.
    Monitor,
}

/// When to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// At once.
    Immediate,
    /// Within the hour.
    Expected,
    /// No more.
    Past,
}

/// How grave it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A grave threat to life.
    Severe,
    /// Nobody knows.
    Unknown,
}

/// How sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Not more likely than not.
    Possible,
    /// It is not expected.
    Unlikely,
}

/// A place that is warned.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    /// Its name.
    pub description: String,
    /// Its outline, if that is told.
    pub shape: Option<AreaShape>,
}

/// The outline of a place.
#[derive(Clone, Debug, PartialEq)]
pub enum AreaShape {
    /// Everything within a distance of a place.
    Circle {
        /// The place.
        center: Position,
        /// The distance, metres.
        radius_m: f64,
    },
    /// A ring without its closing position; at least three positions.
    Polygon(Vec<Position>),
}

/// A message that cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CapError {
    /// An identifier or sender is empty, too long, or holds what the protocol excludes.
    #[error(
        "`{name}` is no {what} of a message: 1 to 256 characters without spaces, commas, `<` and `&`"
    )]
    Name {
        /// What it should be.
        what: &'static str,
        /// What it is.
        name: String,
    },
    /// A message that says something says it in no language.
    #[error("a message without any text")]
    Silent,
    /// An update or a withdrawal of nothing.
    #[error("an update or a withdrawal names the messages it is about")]
    NoReference,
    /// A private message to nobody, or a restricted one without its requirement.
    #[error(
        "a private message names whom it addresses, and a restricted one to whom it is restricted"
    )]
    NoReader,
    /// A polygon of fewer than three positions.
    #[error("a polygon has three positions at least")]
    Polygon,
    /// A circle whose radius is no distance.
    #[error("the radius of a circle is a distance")]
    Radius,
}

impl CapMessage {
    /// Writes the message.
    ///
    /// # Errors
    ///
    /// [`CapError`]: what the rules of the protocol exclude.
    pub fn to_xml(&self) -> Result<String, CapError> {
        self.check()?;
        Ok(xml::written(self))
    }

    fn check(&self) -> Result<(), CapError> {
        named("identifier", &self.identifier)?;
        named("sender", &self.sender)?;
        for reference in &self.references {
            named("sender", &reference.sender)?;
            named("identifier", &reference.identifier)?;
        }
        if self.infos.is_empty() {
            return Err(CapError::Silent);
        }
        if self.kind != MessageKind::Alert && self.references.is_empty() {
            return Err(CapError::NoReference);
        }
        let read_by_nobody = match &self.scope {
            Scope::Public => false,
            Scope::Restricted(rule) => rule.trim().is_empty(),
            Scope::Private(addresses) => addresses.iter().all(|address| address.trim().is_empty()),
        };
        if read_by_nobody {
            return Err(CapError::NoReader);
        }
        let shapes = self.infos.iter().flat_map(|info| &info.areas);
        for shape in shapes.filter_map(|area| area.shape.as_ref()) {
            match shape {
                AreaShape::Polygon(ring) if ring.len() < 3 => return Err(CapError::Polygon),
                AreaShape::Circle { radius_m, .. }
                    if !(radius_m.is_finite() && *radius_m >= 0.0) =>
                {
                    return Err(CapError::Radius);
                }
                AreaShape::Polygon(_) | AreaShape::Circle { .. } => {}
            }
        }
        Ok(())
    }
}

/// Section 3.2.1: identifiers and senders hold no spaces, no commas and no restricted characters (`<` and `&`).
fn named(what: &'static str, name: &str) -> Result<(), CapError> {
    let excluded = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | '<' | '&');
    let fits = !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX;
    if fits && !name.contains(excluded) {
        return Ok(());
    }
    Err(CapError::Name {
        what,
        name: name.chars().take(NAME_CHARS_MAX).collect(),
    })
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Actual => "Actual",
            Self::Exercise => "Exercise",
            Self::Test => "Test",
        }
    }
}

impl MessageKind {
    fn word(self) -> &'static str {
        match self {
            Self::Alert => "Alert",
            Self::Update => "Update",
            Self::Cancel => "Cancel",
        }
    }
}

impl Response {
    fn word(self) -> &'static str {
        match self {
            Self::Shelter => "Shelter",
            Self::AllClear => "AllClear",
            Self::Monitor => "Monitor",
        }
    }
}

impl Urgency {
    fn word(self) -> &'static str {
        match self {
            Self::Immediate => "Immediate",
            Self::Expected => "Expected",
            Self::Past => "Past",
        }
    }
}

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Self::Severe => "Severe",
            Self::Unknown => "Unknown",
        }
    }
}

impl Certainty {
    fn word(self) -> &'static str {
        match self {
            Self::Possible => "Possible",
            Self::Unlikely => "Unlikely",
        }
    }
}
