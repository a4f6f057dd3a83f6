//! `detente rehearse`: a scenario in simulated worlds where machines, disks, lines and clocks fail.

mod answer;
mod input;

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use clap::Args;
use detente_simulation::{Report, rehearse, rehearse_telling};

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;
use answer::RehearseAnswer;
use input::Rehearsed;

/// Most worlds of one run: each takes seconds.
const WORLDS_MAX: u64 = 100_000;
/// Seeds that are drawn are this small, so that they can be read aloud.
const DRAWN_SEEDS: u64 = 1_000_000;

/// The arguments of `detente rehearse`.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 everything that must hold held in every world, 1 something did not, 2 usage, 3 the scenario is invalid.\n\
                  With a timeline.toml its acts are told; without one the dossier's operations are proposed by chance."
)]
pub(crate) struct RehearseArgs {
    /// The folder of the scenario
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// What decides everything that goes wrong; drawn and printed when not given
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Play this many worlds, with the seeds N, N+1, …
    #[arg(long, value_name = "K", default_value = "1")]
    worlds: NonZeroU64,
    /// Print one JSON object (docs/reference/rehearse.schema.json)
    #[arg(long)]
    json: bool,
}

/// Plays every world and checks what must hold.
pub(crate) fn run(args: &RehearseArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let worlds = args.worlds.get();
    if worlds > WORLDS_MAX {
        let message = format!("--worlds is at most {WORLDS_MAX}");
        return Err(Failure::new(FailureKind::Usage, message));
    }
    let rehearsed = input::read(&args.scenario, args.json, printer)?;
    let seed = match args.seed {
        Some(seed) => seed,
        None => draw()?,
    };
    let reports = play(&rehearsed, seed, worlds, printer)?;
    let answer = RehearseAnswer::of(&rehearsed, &reports);
    if args.json {
        printer.answer_json(&answer)?;
    } else {
        printer.answer(&answer.told(&args.scenario.display().to_string()))?;
    }
    Ok(match answer.holds() {
        true => Exit::Favourable,
        false => Exit::Unfavourable,
    })
}

fn draw() -> Result<u64, Failure> {
    let drawn = getrandom::u64();
    let drawn = drawn.map_err(|error| Failure::new(FailureKind::Usage, error.to_string()))?;
    Ok(drawn % DRAWN_SEEDS)
}

/// How far a world has come, or what came of it.
enum News {
    Further(u64),
    Done(Result<Report, String>),
}

/// Plays the worlds side by side; returns what came of them in the order of their seeds.
fn play(
    rehearsed: &Rehearsed,
    seed: u64,
    worlds: u64,
    printer: &Printer,
) -> Result<Vec<Report>, Failure> {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    let next = AtomicU64::new(0);
    let (sender, news) = mpsc::channel();
    let mut progress = printer.progress("rehearsing");
    let total = rehearsed.steps().saturating_mul(worlds);
    let mut reports = Vec::new();
    let mut failed = None;
    std::thread::scope(|scope| {
        for _ in 0..threads.min(worlds) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let world = next.fetch_add(1, Ordering::Relaxed);
                    if world >= worlds {
                        break;
                    }
                    let report = play_one(rehearsed, seed.wrapping_add(world), &sender);
                    // Nobody listens any more when another world could not be set up.
                    let _ = sender.send(News::Done(report));
                }
            });
        }
        drop(sender);
        let mut done = 0;
        for news in news {
            match news {
                News::Further(steps) => {
                    done += steps;
                    progress.at(done, Some(total));
                }
                News::Done(Ok(report)) => reports.push(report),
                News::Done(Err(error)) => failed = Some(error),
            }
        }
    });
    progress.finish();
    if let Some(error) = failed {
        return Err(Failure::new(FailureKind::Bug, error));
    }
    reports.sort_by_key(|report| report.conditions.seed);
    Ok(reports)
}

fn play_one(rehearsed: &Rehearsed, seed: u64, news: &mpsc::Sender<News>) -> Result<Report, String> {
    match rehearsed {
        Rehearsed::Told(telling) => {
            let mut told = 0;
            rehearse_telling(telling, seed, &mut |now, _| {
                if now > told {
                    let _ = news.send(News::Further((now - told) as u64));
                    told = now;
                }
            })
        }
        Rehearsed::ByChance(scenario) => {
            let report = rehearse(scenario, seed);
            let _ = news.send(News::Further(1));
            report
        }
    }
}
