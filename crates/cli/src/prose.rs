//! Sentences broken into lines of a width that can be read.

/// Columns of a line: what fits beside an editor.
const WIDTH: usize = 100;

/// Returns `text` with lines of at most [`WIDTH`] columns, all but the first indented by `indent` spaces.
///
/// `used` is how many columns stand before the text already. A word longer than a line stays whole.
pub(crate) fn wrapped(text: &str, used: usize, indent: usize) -> String {
    let mut lines = String::new();
    let (mut column, mut line_start) = (used, used);
    for (index, word) in text.split(' ').enumerate() {
        let length = word.chars().count();
        if index > 0 {
            if column + 1 + length > WIDTH && column > line_start {
                lines.push('\n');
                lines.push_str(&" ".repeat(indent));
                (column, line_start) = (indent, indent);
            } else {
                lines.push(' ');
                column += 1;
            }
        }
        lines.push_str(word);
        column += length;
    }
    lines
}

/// A number of things as it is said of one or of several: `1 alert`, `0 alerts`, `2 fixes`.
pub(crate) fn counted(count: u64, thing: &str) -> String {
    match (count, thing.ends_with(['x', 's'])) {
        (1, _) => format!("1 {thing}"),
        (_, true) => format!("{count} {thing}es"),
        (_, false) => format!("{count} {thing}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_no_plural() {
        let told = [0, 1, 2].map(|count| counted(count, "fix"));
        assert_eq!(told, ["0 fixes", "1 fix", "2 fixes"]);
        assert_eq!(counted(1, "early warning"), "1 early warning");
        assert_eq!(counted(12, "early warning"), "12 early warnings");
    }

    #[test]
    fn lines_break_between_words_and_hang() {
        let text = "word ".repeat(40);
        let lines: Vec<String> = wrapped(text.trim(), 10, 4)
            .lines()
            .map(str::to_owned)
            .collect();
        assert_eq!(lines.len(), 3);
        assert!(
            lines
                .iter()
                .skip(1)
                .all(|line| line.starts_with("    word") && line.len() <= WIDTH)
        );
        assert!(lines[0].len() + 10 <= WIDTH);
    }

    #[test]
    fn a_word_longer_than_a_line_stays_whole() {
        let long = "x".repeat(150);
        assert_eq!(
            wrapped(&format!("a {long} b"), 0, 2),
            format!("a\n  {long}\n  b")
        );
    }
}
