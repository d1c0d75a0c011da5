//! `tunemask serve`, with a page that starts the study, tries again what was interrupted, and listens.

use super::{Ended, Progress, Role, Stage, Working};
use crate::ledger::Shown;
use crate::page::{Page, PageError};
use crate::program::{Ending, Means, PATIENCE, Program};
use anyhow::{Result, bail};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::protocol::FromPage;
use tunemask_shared::run::{RunId, RunStatus};

/// What it is called.
const SERVE: &str = "serve";

/// `tunemask serve`.
#[derive(Debug)]
pub struct Serve;

#[derive(Debug)]
struct Serves {
    program: Program,
    experiment: Experiment,
    /// What waits for the page's socket.
    runtime: Runtime,
    page: Option<Page>,
}

impl Role for Serve {
    fn name(&self) -> &'static str {
        SERVE
    }

    fn start(&self, stage: Stage<'_>) -> Result<Box<dyn Working>> {
        let program = stage.binary.serve(&Means::default(), stage.home)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Box::new(Serves { program, experiment: stage.study.experiment.clone(), runtime, page: None }))
    }
}

/// Starts what was not started, and tries again what ended before its time.
async fn lead(page: &mut Page, experiment: &Experiment, by: Instant) -> Result<(), PageError> {
    let id = match page.overview.experiments.keys().next() {
        Some(&id) => id,
        None => page.start(experiment, by).await?,
    };
    page.watch(id, by).await?;
    let ended_early =
        |status| matches!(status, RunStatus::Interrupted | RunStatus::Cancelled | RunStatus::Failed);
    let runs = page.part.runs.iter().filter(|(_, run)| ended_early(run.status));
    let runs: Vec<RunId> = runs.map(|(id, _)| id.clone()).collect();
    if !runs.is_empty() {
        page.say(&FromPage::Retry { runs }).await?;
    }
    Ok(())
}

/// Listens until every run has finished.
async fn listen(page: &mut Page, by: Instant) -> Result<(), PageError> {
    while page.part.runs.is_empty() || page.part.runs.values().any(|run| run.status != RunStatus::Finished) {
        page.hear(by).await?;
    }
    Ok(())
}

impl Working for Serves {
    fn work(&mut self, within: Duration) -> Result<Progress> {
        let begin = std::time::Instant::now();
        let Self { program, experiment, runtime, page } = self;
        if page.is_none() {
            let Some(address) = program.address(within)? else { return Ok(Progress::Works) };
            let left = within.saturating_sub(begin.elapsed());
            let opened = runtime.block_on(async {
                let by = Instant::now() + left;
                *page = Some(Page::open(address, by).await?);
                match page {
                    Some(page) => lead(page, experiment, by).await,
                    None => Ok(()),
                }
            });
            match opened {
                Ok(()) => {}
                Err(PageError::Silent(_)) => return Ok(Progress::Works),
                Err(error) => bail!("a page of `tunemask serve`: {error}; {}", program.errors()),
            }
        }
        let Some(page) = page else { return Ok(Progress::Works) };
        let left = within.saturating_sub(begin.elapsed());
        match runtime.block_on(async { listen(page, Instant::now() + left).await }) {
            Ok(()) => Ok(Progress::Over),
            Err(PageError::Silent(_)) => Ok(Progress::Works),
            Err(error) => bail!("a page of `tunemask serve`: {error}; {}", program.errors()),
        }
    }

    fn end(mut self: Box<Self>, how: Ending) -> Result<Ended> {
        let status = self.program.end(how)?;
        if let Some(page) = &mut self.page {
            // What was on its way is shown, too.
            self.runtime.block_on(page.drain(PATIENCE));
        }
        if let Some(cry) = self.program.cry() {
            bail!("`tunemask serve` cried: {cry}");
        }
        if how == Ending::Ask && !status.success() && self.page.is_some() {
            bail!("`tunemask serve` was asked to end and ended with {status}: {}", self.program.errors());
        }
        let shown = self.page.map(|page| page.shown.into_iter().map(Shown::of).collect());
        Ok(Ended { shown: shown.unwrap_or_default(), kind: SERVE })
    }
}
