//! The clock jumps.
//!
//! A library that stands before the system's adds to the clock what a file says, and the file changes while the program
//! trains: seconds, days and years, forwards and backwards. Neither root nor anybody else's clock is needed. Times in the log
//! never run backwards, and nothing else depends on them.

use crate::ledger::{self, Again, Shown};
use crate::log::events;
use crate::page::{Page, PageError};
use crate::program::{Clock, Ending, Means, PATIENCE};
use crate::report::{Order, Report};
use crate::study::{Study, small};
use anyhow::{Context, Result, bail};
use fastrand::Rng;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tunemask_shared::run::RunStatus;

/// The library, as it is compiled.
const LIBRARY: &str = include_str!("clock.c");
/// The farthest jump.
const TEN_YEARS_SECS: i64 = 10 * 365 * 86_400;
/// How often it jumps.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Does it.
///
/// # Errors
/// The reference cannot be made.
pub fn clock(order: &Order) -> Result<Report> {
    let mut report = Report::new("clock", order.seed);
    let mut chance = Rng::with_seed(order.seed);
    let folder = tempfile::tempdir()?;
    let means = match library(folder.path()) {
        Ok(clock) => Means { clock: Some(clock), ..Means::default() },
        Err(why) => {
            report.skip(format!("no clock can be made to jump here: {why:#}"));
            return Ok(report.ended());
        }
    };
    let study = Study::new(&order.binary, small())?;
    let mut done = 0;
    while order.goes_on(done) {
        let home = tempfile::tempdir()?;
        if let Err(error) = round(order, &study, &means, home.path(), &mut chance, &mut report) {
            report.violation(format!("{error:#}; its home stays in {}", home.keep().display()));
        }
        done += 1;
    }
    Ok(report.ended())
}

/// Compiles the library, and makes the file that it reads.
fn library(folder: &Path) -> Result<Clock> {
    if !cfg!(target_os = "linux") {
        bail!("it is done with Linux's loader");
    }
    let (source, library, offset) = (folder.join("clock.c"), folder.join("clock.so"), folder.join("offset"));
    fs::write(&source, LIBRARY)?;
    let output =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source).output();
    let output = output.context("there is no C compiler")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    jump(&offset, 0)?;
    Ok(Clock { library, offset })
}

/// Sets what is added to the clock. The file is written in place: the program has it in its memory.
fn jump(offset: &Path, secs: i64) -> Result<()> {
    use std::io::Write;
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(false).open(offset)?;
    Ok(file.write_all(&secs.to_ne_bytes())?)
}

fn round(
    order: &Order,
    study: &Study,
    means: &Means,
    home: &Path,
    chance: &mut Rng,
    report: &mut Report,
) -> Result<()> {
    let offset = means.clock.as_ref().map(|clock| clock.offset.clone()).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut shown = Vec::new();
    // Twice: the second one begins at another time than the first one ended.
    for last in [false, true] {
        jump(&offset, chance.i64(-TEN_YEARS_SECS..TEN_YEARS_SECS))?;
        let mut program = order.binary.serve(means, home)?;
        let address = program.address(PATIENCE)?.context("it does not say where it serves")?;
        // Of 36.
        let steps = if last { 0 } else { chance.u64(1..30) };
        shown.extend(runtime.block_on(async {
            let by = tokio::time::Instant::now() + PATIENCE;
            let mut page = Page::open(address, by).await?;
            let id = match page.overview.experiments.keys().next() {
                Some(&id) => id,
                None => page.start(&study.experiment, by).await?,
            };
            page.watch(id, by).await?;
            let interrupted = page.part.runs.iter().filter(|(_, run)| run.status == RunStatus::Interrupted);
            let runs = interrupted.map(|(id, _)| id.clone()).collect();
            page.say(&tunemask_shared::protocol::FromPage::Retry { runs }).await?;
            let over = |page: &Page| match last {
                true => page.part.runs.values().all(|run| run.status == RunStatus::Finished),
                false => page.part.runs.values().any(|run| run.step >= steps),
            };
            while page.part.runs.is_empty() || !over(&page) {
                match page.hear(by.min(tokio::time::Instant::now() + POLL_INTERVAL)).await {
                    Ok(_) => {}
                    Err(PageError::Silent(_)) if tokio::time::Instant::now() < by => {}
                    Err(error) => {
                        let runs = page.part.runs.values();
                        let stand: Vec<String> = runs
                            .map(|run| format!("{} at {} of {}", run.status.name(), run.step, run.steps))
                            .collect();
                        return Err(anyhow::Error::from(error).context(format!("{stand:?}")));
                    }
                }
                let most = [2, 3600, TEN_YEARS_SECS][chance.usize(..3)];
                jump(&offset, chance.i64(-most..most))?;
                report.count(1, "jumps");
            }
            anyhow::Ok(page.shown.into_iter().map(Shown::of))
        })?);
        program.end(Ending::Kill)?;
        if let Some(cry) = program.cry() {
            bail!("it cried: {cry}");
        }
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as i64;
    let far = events(home)?.iter().any(|event| (event.at_ms as i64 - now).abs() > 86_400_000);
    report.must(far, || "no time in the log is a day from now: the clock did not jump".into());
    report.count(shown.len() as u64, "lines shown");
    report.violations(ledger::check(home, study, &shown, Again::Never));
    Ok(())
}
