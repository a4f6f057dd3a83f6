//! `cargo xtask bench monitoring`: segments of tracks against zones, beside shapely and PostGIS.
//!
//! Our side is the example `measure` of `detente-monitoring`, so that this crate depends on no room.
//! All sides answer the same question about the same made-up traffic in the same minutes, on one core each, and are timed by
//! the processor time of the process that does the work: which segments share a place, a height and an instant with which zone.
//! What changes (enter, leave, fly through) is compared one by one; where shapely differs, its edges are cut every 50 m along
//! their geodesics and it is asked again, because its edges are straight in degrees and ours are geodesics.

mod measure;
mod picture;
mod postgis;
mod report;
mod shapely;

use anyhow::{Context, Result, bail, ensure};
use measure::{Figures, Measure};
use std::path::Path;

use super::deconfliction::{postgis::PostGis, size};

/// Times our side is measured; the best counts, because other work on the machine only ever makes rounds slower.
const ROUNDS: u32 = 3;
/// Segments PostGIS is asked about: enough for a second of its time.
const ASKED_OF_POSTGIS: u32 = 20_000;
/// Most zones that shapely and PostGIS are asked about: a million take them a quarter of an hour and 10 GB.
const PEERS_ZONES_MAX: u32 = 100_000;
/// Shares of zones and traffic around hubs for the picture of density, and the zones it is drawn for.
const CROWDS: [f64; 4] = [0.0, 0.3, 0.6, 0.9];
const CROWD_ZONES: u32 = 100_000;

const USAGE: &str = "\
Usage: cargo xtask bench monitoring [--sizes 1e3,1e5,1e6] [--aircraft 20000] [--fixes 51] [--every 5000] [--json] [--alone]

  --sizes LIST     numbers of zones (default 1e3,1e5,1e6; beyond 1e5 alone)
  --aircraft N     how many aircraft fly (default 20000)
  --fixes N        how often each reports (default 51)
  --every MS       milliseconds from one report to the next (default 5000)
  --json           print one JSON object instead of a table
  --alone          without shapely and PostGIS
";

#[derive(Clone, Debug, PartialEq)]
struct Options {
    sizes: Vec<u32>,
    traffic: [u32; 3],
    json: bool,
    alone: bool,
}

/// The figures of one number of zones.
pub(crate) struct Size {
    zones: u32,
    ours: Figures,
    shapely: Option<shapely::Figures>,
    postgis: Option<postgis::Figures>,
}

/// Measures, prints, and draws `target/bench/monitoring.svg`.
pub(super) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let options = options(arguments)?;
    let measure = Measure::build(root, options.traffic)?;
    let server = match options.alone {
        true => None,
        false => Some(PostGis::start()?),
    };
    let folder = root.join("target/bench/monitoring");
    std::fs::create_dir_all(&folder)?;
    let mut all = Vec::new();
    for zones in &options.sizes {
        eprintln!("{zones} zones …");
        let alone = options.alone || *zones > PEERS_ZONES_MAX;
        let shapely = match alone {
            true => None,
            false => Some(shapely::measured(root, &folder, &measure, *zones)?),
        };
        let postgis = server
            .as_ref()
            .filter(|_| !alone)
            .map(|server| postgis::measured(server, &measure, *zones, ASKED_OF_POSTGIS))
            .transpose()?;
        let ours = measure.patrol(*zones, ROUNDS)?;
        all.push(Size {
            zones: *zones,
            ours,
            shapely,
            postgis,
        });
    }
    let crowds: Result<Vec<(f64, Figures)>> = CROWDS
        .into_iter()
        .map(|share| Ok((share, measure.crowd(share, CROWD_ZONES, ROUNDS)?)))
        .collect();
    let picture = root.join("target/bench/monitoring.svg");
    std::fs::write(&picture, picture::draw(&all, &crowds?))
        .with_context(|| format!("cannot write {}", picture.display()))?;
    match options.json {
        true => println!("{}", report::json(&all)),
        false => println!(
            "{}Picture: target/bench/monitoring.svg",
            report::table(&all)
        ),
    }
    ensure!(
        all.iter()
            .filter_map(|one| one.shapely.as_ref())
            .all(shapely::Figures::explained),
        "shapely still differs on densified edges: one of the two is wrong"
    );
    Ok(())
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options {
        sizes: vec![1_000, 100_000, 1_000_000],
        traffic: [20_000, 51, 5_000],
        json: false,
        alone: false,
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || {
            rest.next()
                .with_context(|| format!("{argument} needs a value\n\n{USAGE}"))
        };
        match argument.as_str() {
            "--json" => options.json = true,
            "--alone" => options.alone = true,
            "--sizes" => options.sizes = value()?.split(',').map(size).collect::<Result<_>>()?,
            "--aircraft" => options.traffic[0] = size(value()?)?,
            "--fixes" => options.traffic[1] = size(value()?)?,
            "--every" => options.traffic[2] = size(value()?)?,
            _ => bail!("`{argument}` is not an option of this benchmark\n\n{USAGE}"),
        }
    }
    ensure!(options.traffic[1] > 1, "a track of one fix has no segment");
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Options> {
        options(&words.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn traffic_and_sizes_are_numbers() {
        let options = parsed(&["--sizes", "1e3,2e4", "--every", "1000", "--alone"]).unwrap();
        assert_eq!(options.sizes, [1_000, 20_000]);
        assert_eq!(options.traffic, [20_000, 51, 1_000]);
        assert!(options.alone);
        assert!(parsed(&["--fixes", "1"]).is_err());
        assert!(parsed(&["--fixes"]).is_err());
    }
}
