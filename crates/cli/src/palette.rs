//! What coloured words mean: code names a label, one table gives each label its colour.

use anstyle::{AnsiColor, Style};

/// A meaning that may be shown in colour; every text is readable without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    /// The word `error`.
    Error,
    /// The word `warning`.
    Warning,
    /// A prohibition or a conflict.
    Prohibited,
    /// Something that needs consent.
    ConsentRequired,
    /// Something that is clear.
    Clear,
    /// A heading.
    Heading,
    /// Detail that may be skipped.
    Detail,
}

/// The colours, or none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Palette {
    coloured: bool,
}

impl Palette {
    /// A palette that colours, or one that leaves text as it is.
    pub(crate) const fn new(coloured: bool) -> Self {
        Self { coloured }
    }

    /// Whether text is coloured.
    pub(crate) const fn is_coloured(self) -> bool {
        self.coloured
    }

    /// Returns `text` in the colour of its label.
    pub(crate) fn paint(self, label: Label, text: &str) -> String {
        if self.coloured {
            let style = style(label);
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// The table. Red and green never stand alone: the words differ too.
fn style(label: Label) -> Style {
    let colour = |colour: AnsiColor| colour.on_default().bold();
    match label {
        Label::Error | Label::Prohibited => colour(AnsiColor::Red),
        Label::Warning | Label::ConsentRequired => colour(AnsiColor::Yellow),
        Label::Clear => colour(AnsiColor::Green),
        Label::Heading => Style::new().bold(),
        Label::Detail => Style::new().dimmed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_palette_leaves_the_text_alone() {
        assert_eq!(
            Palette::new(false).paint(Label::Prohibited, "PROHIBITED"),
            "PROHIBITED"
        );
        assert!(
            Palette::new(true)
                .paint(Label::Prohibited, "PROHIBITED")
                .contains("\u{1b}[")
        );
    }
}
