//! Thousands of runs over four worker processes: what a study of the paper's size costs the program that leads it.
//!
//! The model is a toy whose steps take no time, so that what is left is what does not train: plans are written, segments
//! folded, pages told. A round is a run, and runs come in cells of 21: the paper's learning rates with three seeds each. Its
//! grid is `--rounds 4242`. Meanwhile a page listens. In reading order:

/// What is trained.
mod grid;
/// What the leading program has taken so far.
mod sample;

use crate::fuzz::models;
use crate::page::{Page, PageError};
use crate::program::{Ending, Means, PATIENCE, Program};
use crate::report::{Order, Report};
use anyhow::{Context, Result, bail};
use grid::Grid;
use sample::Sample;
use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;
use tunemask_shared::event::{EventKind, ExperimentId};
use tunemask_shared::overview::Overview;
use tunemask_shared::run::RunId;

/// The workers.
const WORKERS: &str = "cpu*4";

/// Time between two looks at the program.
const SAMPLES: Duration = Duration::from_secs(2);

/// How long all runs may stand still.
const STANDSTILL: Duration = Duration::from_secs(300);

/// Does it.
///
/// # Errors
/// The program does not start, or takes no experiment.
pub fn many(order: &Order) -> Result<Report> {
    let mut report = Report::new("many", order.seed);
    let folder = tempfile::tempdir()?;
    let (model, home) = (folder.path().join("toy"), folder.path().join("home"));
    models::write_toy(&model, order.seed)?;
    let grid = Grid::of(&model, order.rounds);
    let arguments = ["serve", "--port", "0", "--devices", WORKERS];
    let mut program = order.binary.start(&Means::default(), &arguments, &home)?;
    let address = program.address(PATIENCE)?.context("it does not say where it serves")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let samples = runtime.block_on(train(&program, address, &grid, order))?;
    figures(&samples, &grid, &mut report);
    report.count(program.peak_kib().unwrap_or_default() >> 10, "MiB at most");
    let opened = runtime.block_on(open(address))?;
    report.count(opened.as_millis() as u64, "ms until a new page has every run");
    let status = program.end(Ending::Ask)?;
    report.must(status.success(), || format!("asked to end: {status}: {}", program.errors()));
    if let Some(cry) = program.cry() {
        report.violation(cry);
    }
    check(&home, &grid, &samples, &mut report)?;
    let begin = Instant::now();
    let table = order.binary.ran(&Means::default(), &["table", "1"], &home)?;
    report.count(begin.elapsed().as_millis() as u64, "ms for its table");
    report.must(table.status.success(), || String::from_utf8_lossy(&table.stderr).into_owned());
    report.count(bytes(&home)? >> 20, "MiB of home");
    Ok(report.ended())
}

/// Starts all of it, and listens until each run is over, or no time is left.
async fn train(program: &Program, address: SocketAddr, grid: &Grid, order: &Order) -> Result<Vec<Sample>> {
    let begin = Instant::now();
    let mut page = Page::open(address, begin + PATIENCE).await?;
    for experiment in &grid.experiments {
        page.start(experiment, Instant::now() + PATIENCE).await?;
    }
    let mut samples = vec![Sample::take(program, &page.overview, begin)?];
    let mut progress = (0, Instant::now());
    loop {
        match page.hear(Instant::now() + SAMPLES).await {
            Ok(_) | Err(PageError::Silent(_)) => {}
            Err(error) => bail!("a page that only listens: {error}; {}", program.errors()),
        }
        let over = over(&page.overview);
        if over > progress.0 {
            progress = (over, Instant::now());
        }
        let ends = over >= grid.runs || order.until.is_some_and(|until| std::time::Instant::now() >= until);
        if ends || samples.last().is_none_or(|last| begin.elapsed() >= last.at + SAMPLES) {
            samples.push(Sample::take(program, &page.overview, begin)?);
        }
        if ends {
            return Ok(samples);
        }
        if progress.1.elapsed() > STANDSTILL {
            bail!("no run has ended for {} s: {}", STANDSTILL.as_secs(), program.errors());
        }
    }
}

/// How many runs have ended, however they did.
fn over(overview: &Overview) -> u64 {
    let ended = overview.experiments.values().map(|summary| &summary.progress);
    ended.map(|of| (of.finished + of.failed + of.cancelled + of.retired) as u64).sum()
}

/// How long a page that opens waits for the runs of the first experiment.
async fn open(address: SocketAddr) -> Result<Duration> {
    let begin = Instant::now();
    let mut page = Page::open(address, begin + PATIENCE).await?;
    page.watch(ExperimentId(1), begin + PATIENCE).await?;
    Ok(begin.elapsed())
}

/// What each quarter of the runs took, and all of them.
fn figures(samples: &[Sample], grid: &Grid, report: &mut Report) {
    let Some((first, last)) = samples.first().zip(samples.last()) else { return };
    let mut before = first;
    for quarter in 1..=4 {
        let Some(sample) = samples.iter().find(|sample| 4 * sample.over >= quarter * grid.runs) else {
            break;
        };
        // Few runs may end within one look.
        if sample.at > before.at {
            report.note(format!("up to {} % of the runs: {}", 25 * quarter, sample.since(before)));
        }
        before = sample;
    }
    report.note(format!("in all: {}", last.since(first)));
    report.count(last.over, "runs over");
    report.count(last.at.as_secs(), "s until the last");
    report.count(last.lines, "lines");
}

/// Holds the log against what was asked for: each run ended once, and nothing of a plan is left.
fn check(home: &Path, grid: &Grid, samples: &[Sample], report: &mut Report) -> Result<()> {
    let mut ends: BTreeMap<RunId, u64> = BTreeMap::new();
    for event in crate::log::events(home)? {
        match event.kind {
            EventKind::Finished { run, .. } => *ends.entry(run).or_default() += 1,
            EventKind::Failed { run, reason, .. } => report.violation(format!("{run} failed: {reason}")),
            _ => {}
        }
    }
    let twice = ends.values().filter(|ends| **ends > 1).count();
    report.must(twice == 0, || format!("{twice} runs finished more than once"));
    if samples.last().is_some_and(|last| last.over >= grid.runs) {
        report.must(ends.len() as u64 == grid.runs, || {
            format!("{} of {} runs have finished", ends.len(), grid.runs)
        });
    } else {
        report.skip("the rest of the runs: no time was left");
    }
    let plans = fs::read_dir(home.join("plans"))?.count();
    report.must(plans == 0, || format!("{plans} plans are left"));
    Ok(())
}

/// Bytes of all files in a folder and those below it.
fn bytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        sum += if about.is_dir() { bytes(&entry.path())? } else { about.len() };
    }
    Ok(sum)
}
