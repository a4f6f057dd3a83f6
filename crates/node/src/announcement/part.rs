//! Parts of a document that participants publish or keep, by name.
//!
//! A file of the dossier is a part by its name, such as `articles.cedar`. The others are named here.

/// What participants signed, and when: without it nothing can be announced.
pub const SIGNATURES: &str = "signatures";
/// The agreement's title.
pub const TITLE: &str = "title";
/// Concerns with their answers.
pub const CONCERNS: &str = "concerns";
/// Technical meetings with their minutes.
pub const MEETINGS: &str = "meetings";
/// Readings of articles.
pub const READINGS: &str = "readings";
/// Preconditions with reports and counts.
pub const PRECONDITIONS: &str = "preconditions";
/// What is due when.
pub const TIMELINE: &str = "timeline";
/// Suspensions and withdrawals.
pub const SUSPENSIONS: &str = "suspensions";
/// Channels, declared and observed.
pub const CHANNELS: &str = "channels";
/// Outcome measures: figures and quiet hours.
pub const OUTCOMES: &str = "outcomes";
/// The allegations behind them, one by one.
pub const VIOLATIONS: &str = "violations";
/// Alleged casualties, source by source.
pub const HARM: &str = "harm";
/// Restrictions of access, one by one.
pub const ACCESS: &str = "access";
/// How much is withheld, by kind: has to be agreed by this name.
pub const WITHHELD: &str = "withheld";

/// Every part that is no file, with what it contains.
pub const ALL: &[(&str, &str)] = &[
    (
        SIGNATURES,
        "who initialled and adopted the text, and when; without it nothing can be announced",
    ),
    (TITLE, "the agreement's title"),
    (
        CONCERNS,
        "concerns by office, with their answers and overrides",
    ),
    (MEETINGS, "technical meetings with attendance and decisions"),
    (READINGS, "readings of articles, in dispute or settled"),
    (
        PRECONDITIONS,
        "preconditions with reports and counted quiet",
    ),
    (TIMELINE, "what is due when, counted from Day D"),
    (SUSPENSIONS, "suspensions and withdrawals"),
    (CHANNELS, "channels, declared and observed"),
    (OUTCOMES, "figures and quiet hours since Day D"),
    (
        VIOLATIONS,
        "the allegations behind the figures, with every finding",
    ),
    (HARM, "alleged casualties, source by source"),
    (ACCESS, "restrictions of access"),
    (
        WITHHELD,
        "how much is withheld, by kind; has to be agreed by this name",
    ),
    (
        super::ANNOUNCEMENT,
        "an announcement itself, named by its hash",
    ),
];
