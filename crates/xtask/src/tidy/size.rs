//! No god files: a source file beyond the ceiling has a seam that nobody cut.

use super::{Fault, Source};

/// The most lines a source file may have; beyond it a reader no longer holds the file in mind.
const LINES_MAX: usize = 800;

/// Words that mark unfinished work; assembled here so that this file does not contain them.
const LEFTOVERS: [(&str, &str); 4] = [
    ("FIX", "ME"),
    ("XX", "X:"),
    ("#[ign", "ore"),
    ("todo", "!("),
];

/// Checks the length of source files and that nothing unfinished is left in them.
pub(super) fn check(sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for source in sources.iter().filter(|source| is_code(&source.path)) {
        let lines = source.text.lines().count();
        if lines > LINES_MAX {
            faults.push(Fault::new(
                &source.path,
                format!("{lines} lines; the ceiling is {LINES_MAX}: cut at a seam"),
            ));
        }
        for (number, line) in source.text.lines().enumerate() {
            for (head, tail) in LEFTOVERS {
                if line.contains(&format!("{head}{tail}")) {
                    faults.push(Fault::new(
                        format!("{}:{}", source.path, number + 1),
                        format!("`{head}{tail}` is left over: finish it or write down why not"),
                    ));
                }
            }
        }
    }
    faults
}

fn is_code(path: &str) -> bool {
    // Declarations are generated, from the OpenAPI document.
    !path.ends_with(".d.ts")
        && [".rs", ".ts", ".svelte", ".py", ".go", ".sh"]
            .iter()
            .any(|ending| path.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_and_a_leftover_are_faults() {
        let long = Source {
            path: "crates/a/src/lib.rs".into(),
            text: "//\n".repeat(LINES_MAX + 1),
        };
        let left = Source {
            path: "crates/a/src/b.rs".into(),
            text: format!("fn a() {{}}\n// {}{} later\n", "FIX", "ME"),
        };
        let data = Source {
            path: "scenarios/a.geojson".into(),
            text: "\n".repeat(LINES_MAX * 2),
        };
        let faults = check(&[long, left, data]);
        assert_eq!(faults.len(), 2);
        assert_eq!(faults[1].place, "crates/a/src/b.rs:2");
    }
}
