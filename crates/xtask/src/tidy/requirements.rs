//! The tables of requirements and of failure stories name only what is there.

use std::collections::BTreeSet;

use super::{Fault, Source};

const PAGE: &str = "docs/requirements.md";
/// Requirements, `R1` to this.
const REQUIREMENTS: usize = 50;
const STORIES_PAGE: &str = "docs/failure-stories.md";
/// Stories of failure that the product answers.
const STORIES: usize = 31;

/// Checks that every requirement has a row, and that every path and test of a row exists.
pub(super) fn check(sources: &[Source]) -> Vec<Fault> {
    let Some(page) = sources.iter().find(|source| source.path == PAGE) else {
        return vec![Fault::new(PAGE, "the table of requirements is missing")];
    };
    let tests = tests(sources);
    let exists = |path: &str| {
        let path = format!("crates/{path}");
        let below = format!("{path}/");
        let mut all = sources.iter();
        all.any(|source| source.path == path || source.path.starts_with(&below))
    };
    let mut faults = Vec::new();
    let mut rows = Vec::new();
    for (number, line) in page.text.lines().enumerate() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, requirement, _, _, places, shown, _] = cells.as_slice() else {
            continue;
        };
        if !requirement.starts_with('R') {
            continue;
        }
        rows.push((*requirement).to_owned());
        let mut fault =
            |message| faults.push(Fault::new(format!("{PAGE}:{}", number + 1), message));
        for path in quoted(places).filter(|path| !exists(path)) {
            fault(format!(
                "{requirement} is not in `crates/{path}`: there is no such file"
            ));
        }
        for test in quoted(shown).filter(|test| !tests.contains(test)) {
            fault(format!(
                "{requirement} is not shown by `{test}`: there is no such test"
            ));
        }
    }
    let expected: Vec<String> = (1..=REQUIREMENTS)
        .map(|number| format!("R{number}"))
        .collect();
    if rows != expected {
        let message = format!("the rows are not R1 to R{REQUIREMENTS}, each once and in order");
        faults.push(Fault::new(PAGE, message));
    }
    faults
}

/// Checks that every story has a row that says what it is, and that every test of a row exists; only what is open, in part at
/// least, may name none.
pub(super) fn check_stories(sources: &[Source]) -> Vec<Fault> {
    let Some(page) = sources.iter().find(|source| source.path == STORIES_PAGE) else {
        return vec![Fault::new(
            STORIES_PAGE,
            "the table of failure stories is missing",
        )];
    };
    let tests = tests(sources);
    let mut faults = Vec::new();
    let mut rows = 0;
    for (number, line) in page.text.lines().enumerate() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, story, is, _, shown, _] = cells.as_slice() else {
            continue;
        };
        if *story == "story" || story.starts_with("---") {
            continue;
        }
        rows += 1;
        let mut fault = |message| {
            faults.push(Fault::new(
                format!("{STORIES_PAGE}:{}", number + 1),
                message,
            ))
        };
        if !["impossible", "visible", "open"]
            .iter()
            .any(|word| is.starts_with(word))
        {
            fault(format!(
                "`{story}` is neither impossible nor visible nor open"
            ));
        }
        if quoted(shown).next().is_none() && !is.starts_with("open") {
            fault(format!("`{story}` is shown by no test"));
        }
        for test in quoted(shown).filter(|test| !tests.contains(test)) {
            fault(format!(
                "`{story}` is not shown by `{test}`: there is no such test"
            ));
        }
    }
    if rows != STORIES {
        let message = format!("there are {rows} stories and not {STORIES}");
        faults.push(Fault::new(STORIES_PAGE, message));
    }
    faults
}

/// The names of all functions, tests among them.
fn tests(sources: &[Source]) -> BTreeSet<&str> {
    sources
        .iter()
        .filter(|source| source.path.ends_with(".rs"))
        .flat_map(|source| source.text.split("fn ").skip(1))
        .filter_map(|rest| rest.split('(').next())
        .collect()
}

/// Returns what stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_names_what_is_not_there_is_a_fault() {
        let source = |path: &str, text: String| Source {
            path: path.to_owned(),
            text,
        };
        let row = |number: usize| format!("| R{number} | asks | met | `room/src` | `it_holds` |\n");
        let page: String = (1..=REQUIREMENTS).map(row).collect();
        let code = || source("crates/room/src/lib.rs", "fn it_holds() {}".to_owned());
        assert_eq!(check(&[source(PAGE, page.clone()), code()]), []);

        let wrong = page
            .replacen("room/src", "gone", 1)
            .replacen("it_holds", "it_hopes", 1);
        assert_eq!(check(&[source(PAGE, wrong), code()]).len(), 2);
        let short = page.replacen(&row(7), "", 1);
        assert_eq!(check(&[source(PAGE, short), code()]).len(), 1);
        assert_eq!(check(&[code()]).len(), 1);
    }

    #[test]
    fn a_story_without_its_test_is_a_fault() {
        let source = |path: &str, text: String| Source {
            path: path.to_owned(),
            text,
        };
        let row = |is: &str, test: &str| format!("| It went wrong | {is} | so | {test} |\n");
        let code = || source("crates/room/src/lib.rs", "fn it_holds() {}".to_owned());
        let faults = |last: String| {
            let page = row("visible", "`it_holds`").repeat(STORIES - 1) + &last;
            check_stories(&[source(STORIES_PAGE, page), code()]).len()
        };
        assert_eq!(faults(row("impossible", "`it_holds`")), 0);
        assert_eq!(faults(row("open", "")), 0);
        assert_eq!(faults(row("visible", "")), 1);
        assert_eq!(faults(row("visible", "`it_hopes`")), 1);
        assert_eq!(faults(row("done", "`it_holds`")), 1);
        assert_eq!(faults(String::new()), 1);
        assert_eq!(check_stories(&[code()]).len(), 1);
    }
}
