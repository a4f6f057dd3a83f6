//! `cargo xtask bench deconfliction`: one operation against many, and all against all, beside PostGIS.
//!
//! Our side is the example `measure` of `detente-deconfliction`, so that this crate depends on no room.
//! Both sides answer the same questions about the same made-up day in the same minutes, on one core each, and both are timed by
//! the processor time of the process that does the work.
//! Answers are compared one by one; where they differ, the rings are cut every 50 m along their geodesics and PostGIS is asked
//! again, because its edges are straight in degrees and ours are geodesics.

mod client;
mod compare;
mod measure;
mod picture;
pub(super) mod postgis;
mod report;

use anyhow::{Context, Result, bail, ensure};
use compare::Differences;
use measure::Measure;
use postgis::PostGis;
use std::path::Path;

/// Operations asked about at each size.
const ASKED: u32 = 2_000;
/// Times each question is asked; the best round counts, because other work on the machine only ever makes rounds slower.
const ROUNDS: u32 = 3;

const USAGE: &str = "\
Usage: cargo xtask bench deconfliction [--sizes 1e4,1e5,1e6] [--json] [--alone]

  --sizes LIST   numbers of stored volumes (default 1e4,1e5)
  --json         print one JSON object instead of a table
  --alone        without PostGIS
";

#[derive(Debug, PartialEq)]
struct Options {
    sizes: Vec<u32>,
    json: bool,
    alone: bool,
}

/// The figures of one size.
pub(crate) struct Figures {
    size: u32,
    ours: measure::Search,
    pairs: measure::Pairs,
    peer: Option<postgis::Search>,
    differences: Option<Differences>,
}

/// Measures, prints, and draws `target/bench/deconfliction.svg`.
pub(super) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let options = options(arguments)?;
    let measure = Measure::build(root)?;
    let server = match options.alone {
        true => None,
        false => Some(PostGis::start()?),
    };
    let mut all = Vec::new();
    for size in options.sizes {
        all.push(figures(&measure, server.as_ref(), size)?);
    }
    let picture = root.join("target/bench/deconfliction.svg");
    std::fs::create_dir_all(root.join("target/bench"))?;
    std::fs::write(&picture, picture::draw(&all))
        .with_context(|| format!("cannot write {}", picture.display()))?;
    match options.json {
        true => println!("{}", report::json(&all)),
        false => println!(
            "{}Picture: target/bench/deconfliction.svg",
            report::table(&all)
        ),
    }
    ensure!(
        all.iter()
            .all(|one| one.differences.as_ref().is_none_or(Differences::explained)),
        "PostGIS still differs on densified rings: one of the two is wrong"
    );
    Ok(())
}

fn figures(measure: &Measure, server: Option<&PostGis>, size: u32) -> Result<Figures> {
    eprintln!("{size} volumes …");
    let peer = server
        .map(|server| server.search(measure, size, ASKED, ROUNDS))
        .transpose()?;
    let ours = measure.search(size, ASKED, ROUNDS)?;
    let differences = match (server, &peer) {
        (Some(server), Some(peer)) => Some(compare::differences(
            measure,
            server,
            &measure.conflicts(size, ASKED)?,
            &peer.conflicts,
        )?),
        _ => None,
    };
    Ok(Figures {
        size,
        ours,
        pairs: measure.pairs(size)?,
        peer,
        differences,
    })
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options {
        sizes: vec![10_000, 100_000],
        json: false,
        alone: false,
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--json" => options.json = true,
            "--alone" => options.alone = true,
            "--sizes" => {
                let list = rest
                    .next()
                    .with_context(|| format!("--sizes needs a list\n\n{USAGE}"))?;
                options.sizes = list.split(',').map(size).collect::<Result<_>>()?;
            }
            _ => bail!("`{argument}` is not an option of this benchmark\n\n{USAGE}"),
        }
    }
    Ok(options)
}

/// A whole number, also as `1e5`.
pub(super) fn size(text: &str) -> Result<u32> {
    let number: f64 = text
        .trim()
        .parse()
        .with_context(|| format!("`{text}` is not a number"))?;
    ensure!(
        (1.0..=1e7).contains(&number) && number.fract() == 0.0,
        "a size is a whole number from 1 to 1e7, not `{text}`"
    );
    Ok(number as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Options> {
        options(&words.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn sizes_may_be_written_with_an_exponent() {
        let options = parsed(&["--sizes", "1e4,250000", "--json"]).unwrap();
        assert_eq!(
            options,
            Options {
                sizes: vec![10_000, 250_000],
                json: true,
                alone: false
            }
        );
        assert!(parsed(&["--sizes", "1.5"]).is_err());
        assert!(parsed(&["--size", "1e4"]).is_err());
    }
}
