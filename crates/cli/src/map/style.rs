//! Colours and patterns, told apart without colour too.
//!
//! The verdicts use the palette of Okabe and Ito, "Color Universal Design" (2008), and each has its
//! own hatch, outline and sign besides. Areas stay in one muted family so that they recede.

use std::fmt::Write as _;

/// How an operation was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum VerdictStyle {
    /// Prohibited: crossed hatch, thick outline, a cross.
    Prohibited,
    /// Consent required: slanted hatch, dashed outline, a question mark.
    ConsentRequired,
    /// Clear: no hatch, thin outline, a tick.
    Clear,
    /// Declared, and not judged here: no hatch, dashed thin outline, a bar.
    Declared,
}

/// How an observation is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MarkStyle {
    /// Somebody should look: a filled triangle.
    Alert,
    /// Somebody should look at what is only possible: an empty triangle.
    PossibleAlert,
    /// Seen, and no more: an empty circle.
    Observation,
}

impl MarkStyle {
    /// The words of the legend.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Alert => "alert: look here",
            Self::PossibleAlert => "alert about what is possible",
            Self::Observation => "observed",
        }
    }
}

/// The colour of alerts.
pub(super) const ALERT_COLOR: &str = "#c43e00";
/// The colour of tracks.
pub(super) const TRACK_COLOR: &str = "#222a30";

/// The kinds of area that are drawn apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AreaStyle {
    /// A designated area, concentrated presence.
    Concentrated,
    /// A designated area, significant presence.
    Significant,
    /// A designated area, possible presence.
    Possible,
    /// A designated area whose kind is not stated.
    Designated,
    /// A prohibited area.
    ProhibitedArea,
    /// A restricted operations zone.
    RestrictedOperationsZone,
    /// A no-fire area.
    NoFireArea,
    /// A corridor.
    Corridor,
    /// A demilitarised zone.
    DemilitarisedZone,
}

impl VerdictStyle {
    /// Every verdict, worst first.
    pub(super) const ALL: [Self; 4] = [
        Self::Prohibited,
        Self::ConsentRequired,
        Self::Clear,
        Self::Declared,
    ];

    /// The colour of the outline, hatch and sign.
    pub(super) const fn color(self) -> &'static str {
        match self {
            Self::Prohibited => "#c43e00",
            Self::ConsentRequired => "#b07a00",
            Self::Clear => "#00795a",
            Self::Declared => "#4d5b66",
        }
    }

    /// The id of the pattern that fills.
    pub(super) const fn pattern(self) -> &'static str {
        match self {
            Self::Prohibited => "v-prohibited",
            Self::ConsentRequired => "v-consent",
            Self::Clear => "v-clear",
            Self::Declared => "v-declared",
        }
    }

    /// The attributes of the outline.
    pub(super) const fn outline(self) -> &'static str {
        match self {
            Self::Prohibited => r#"stroke-width="2.4""#,
            Self::ConsentRequired => r#"stroke-width="2" stroke-dasharray="8 3""#,
            Self::Clear => r#"stroke-width="1.4""#,
            Self::Declared => r#"stroke-width="1.2" stroke-dasharray="5 3""#,
        }
    }

    /// The sign: path data in a circle of radius 7 around the origin.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Prohibited => "M-3 -3L3 3M3 -3L-3 3",
            Self::ConsentRequired => "M-2.2 -1.8C-2.2 -5 2.6 -5 2.4 -1.8C2.2 .3 0 .2 0 1.9M0 4V4.2",
            Self::Clear => "M-3.4 .2L-1 2.8L3.4 -2.6",
            Self::Declared => "M-3 0L3 0",
        }
    }

    /// The words of the legend.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Prohibited => "prohibited",
            Self::ConsentRequired => "consent required",
            Self::Clear => "clear",
            Self::Declared => "declared",
        }
    }
}

impl AreaStyle {
    /// Every kind, in the order of the legend.
    pub(super) const ALL: [Self; 9] = [
        Self::Concentrated,
        Self::Significant,
        Self::Possible,
        Self::Designated,
        Self::ProhibitedArea,
        Self::RestrictedOperationsZone,
        Self::NoFireArea,
        Self::Corridor,
        Self::DemilitarisedZone,
    ];

    /// The id of the pattern that fills.
    pub(super) const fn pattern(self) -> &'static str {
        match self {
            Self::Concentrated => "a-concentrated",
            Self::Significant => "a-significant",
            Self::Possible => "a-possible",
            Self::Designated => "a-designated",
            Self::ProhibitedArea => "a-prohibited",
            Self::RestrictedOperationsZone => "a-restricted",
            Self::NoFireArea => "a-no-fire",
            Self::Corridor => "a-corridor",
            Self::DemilitarisedZone => "a-demilitarised",
        }
    }

    /// The colour of the outline.
    pub(super) const fn color(self) -> &'static str {
        match self {
            Self::Concentrated | Self::Significant | Self::Possible | Self::Designated => "#6a5a94",
            Self::ProhibitedArea | Self::NoFireArea => "#6d4b3a",
            Self::RestrictedOperationsZone => "#4d5b66",
            Self::Corridor => "#2d7485",
            Self::DemilitarisedZone => "#6b6b2f",
        }
    }

    /// The attributes of the outline.
    pub(super) const fn outline(self) -> &'static str {
        match self {
            Self::Possible => r#"stroke-width="1.1" stroke-dasharray="2 2.5""#,
            Self::Significant | Self::Corridor => r#"stroke-width="1.1" stroke-dasharray="6 2.5""#,
            _ => r#"stroke-width="1.2""#,
        }
    }

    /// The words of the legend.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Concentrated => "designated area, concentrated presence",
            Self::Significant => "designated area, significant presence",
            Self::Possible => "designated area, possible presence",
            Self::Designated => "designated area, kind not stated",
            Self::ProhibitedArea => "prohibited area",
            Self::RestrictedOperationsZone => "restricted operations zone",
            Self::NoFireArea => "no-fire area",
            Self::Corridor => "corridor",
            Self::DemilitarisedZone => "demilitarised zone",
        }
    }

    /// What one tile of the pattern holds besides its tint, and the tile's size in pixels.
    const fn tile(self) -> (&'static str, u32) {
        match self {
            Self::Concentrated => ("M0 0L6 6M-1 5L1 7M5 -1L7 1", 6),
            Self::Significant => ("M0 0L10 10M-1 9L1 11M9 -1L11 1", 10),
            Self::Possible => ("M0 0L18 18M-1 17L1 19M17 -1L19 1", 18),
            Self::Designated => ("M0 0L9 9M-1 8L1 10M8 -1L10 1M0 9L9 0", 9),
            Self::ProhibitedArea => ("M0 4H8M4 0V8", 8),
            Self::RestrictedOperationsZone => ("M4 0V8", 8),
            Self::NoFireArea => ("M0 3.5H7", 7),
            Self::Corridor => ("M3 7L7 3L11 7", 14),
            Self::DemilitarisedZone => ("M4 4h.1M10 10h.1", 12),
        }
    }

    /// How strongly the area is tinted.
    const fn tint(self) -> &'static str {
        match self {
            Self::Concentrated => "0.20",
            Self::Significant => "0.14",
            Self::Possible | Self::Corridor => "0.08",
            _ => "0.12",
        }
    }
}

/// The colour of protected objects.
pub(super) const PROTECTED_COLOR: &str = "#1f3a7a";
/// The colour of humanitarian movements.
pub(super) const MOVEMENT_COLOR: &str = "#0a7fb5";
/// The colour of conflicts.
pub(super) const CONFLICT_COLOR: &str = "#111111";

/// Returns the pattern definitions of the sheet.
pub(super) fn patterns() -> String {
    let mut defs = String::new();
    for style in AreaStyle::ALL {
        let (marks, size) = style.tile();
        let (id, color, tint) = (style.pattern(), style.color(), style.tint());
        let (width, cap) = if style == AreaStyle::DemilitarisedZone {
            ("2.4", "round")
        } else {
            ("0.7", "butt")
        };
        let _ = write!(
            defs,
            r#"<pattern id="{id}" width="{size}" height="{size}" patternUnits="userSpaceOnUse"><rect width="{size}" height="{size}" fill="{color}" fill-opacity="{tint}"/><path d="{marks}" fill="none" stroke="{color}" stroke-opacity="0.5" stroke-width="{width}" stroke-linecap="{cap}"/></pattern>"#
        );
    }
    for style in VerdictStyle::ALL {
        let (id, color) = (style.pattern(), style.color());
        let marks = match style {
            VerdictStyle::Prohibited => "M0 0L7 7M0 7L7 0",
            VerdictStyle::ConsentRequired => "M0 7L7 0M-1 1L1 -1M6 8L8 6",
            VerdictStyle::Clear | VerdictStyle::Declared => "",
        };
        let _ = write!(
            defs,
            r#"<pattern id="{id}" width="7" height="7" patternUnits="userSpaceOnUse"><rect width="7" height="7" fill="{color}" fill-opacity="0.15"/><path d="{marks}" fill="none" stroke="{color}" stroke-opacity="0.75" stroke-width="0.9"/></pattern>"#
        );
    }
    defs
}
