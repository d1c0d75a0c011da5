//! What happens, as bars on a terminal.

use super::display::Display;
use super::watch::known;
use super::words;
use anyhow::Result;
use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressStyle};
use std::time::Duration;
use tunemask_shared::estimate::seconds_left;
use tunemask_shared::event::{Event, EventKind, ExperimentId};
use tunemask_shared::printable;
use tunemask_shared::run::RunId;
use tunemask_shared::state::{LabState, RunState};

/// Two bars on standard error: the experiment's runs, and the steps of the run that trains.
#[derive(Debug)]
pub struct Bars {
    screen: MultiProgress,
    all: ProgressBar,
    run: ProgressBar,
    experiment: Option<ExperimentId>,
    current: Option<RunId>,
    score: String,
}

impl Bars {
    /// Bars that show nothing yet.
    pub fn new() -> Self {
        let screen = MultiProgress::new();
        // A template that cannot be read would leave indicatif's own: no reason to stop.
        let style = |template: &str| {
            ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("━━╌")
        };
        let run = screen.add(ProgressBar::new(0));
        run.set_style(style("{prefix}\n  {bar:40} {pos}/{len} steps  {msg}"));
        let all = screen.add(ProgressBar::new(0));
        all.set_style(style("  {bar:40} {pos}/{len} runs, {elapsed} so far{msg}"));
        Self { screen, all, run, experiment: None, current: None, score: String::new() }
    }

    fn progress(&self, run: &RunState) {
        self.run.set_length(run.steps);
        self.run.set_position(run.step);
        let loss = run.last_loss.map_or_else(String::new, |l| format!("loss {:.4}", l.0));
        self.run.set_message(format!("{loss}{}", self.score));
    }

    fn estimate(&self, state: &LabState) {
        let known = self.experiment.and_then(|id| state.experiments.get(&id));
        let left = known.and_then(|experiment| seconds_left(state, experiment));
        let text = left
            .map(|secs| format!(", {} left", HumanDuration(Duration::from_secs_f64(secs.clamp(1.0, 1e9)))));
        self.all.set_message(text.unwrap_or_default());
    }
}

impl Display for Bars {
    fn show(&mut self, state: &LabState, event: &Event) -> Result<()> {
        if let EventKind::Created { experiment_id, runs, experiment, plan } = &event.kind {
            let over = known(state, runs, plan.as_ref()).len();
            self.all.set_length(runs.len() as u64);
            self.all.set_position(over as u64);
            self.experiment = Some(*experiment_id);
            let known = if over > 0 { format!(", {over} of its runs known") } else { String::new() };
            let name = printable::line(&experiment.name);
            self.screen.println(format!("experiment {experiment_id}, {name}{known}"))?;
            if let Some(plan) = plan.as_ref().filter(|plan| plan.runs() > 0) {
                self.screen.println(words::plan(plan))?;
            }
            if let Some(again) = words::again(state, runs, over) {
                self.screen.println(again)?;
            }
        }
        let Some((id, run)) = event.kind.run().and_then(|id| state.runs.get(id).map(|run| (id, run))) else {
            return Ok(());
        };
        match &event.kind {
            EventKind::Started { .. } => {
                self.current = Some(id.clone());
                self.score.clear();
                self.run.set_prefix(words::run(&run.spec));
                self.progress(run);
            }
            EventKind::Checkpointed { failure: Some(why), step, .. } => {
                self.screen.println(format!(
                    "{}: not saved at step {step}: {}",
                    words::run(&run.spec),
                    printable::line(why)
                ))?;
            }
            EventKind::Evaluated { evaluation, .. } => {
                self.score = format!("  {}", words::score(&run.spec, &evaluation.scores));
                self.progress(run);
            }
            EventKind::Points { .. } if self.current.as_ref() == Some(id) => {
                self.progress(run);
                self.estimate(state);
            }
            EventKind::Finished { .. }
            | EventKind::Failed { .. }
            | EventKind::Cancelled { .. }
            | EventKind::Interrupted { .. }
            | EventKind::Retired { .. }
                if run.status.is_over() =>
            {
                self.screen.println(format!("{}: {}", words::run(&run.spec), words::ending(run)))?;
                self.all.inc(1);
                self.estimate(state);
            }
            EventKind::Created { .. } | EventKind::Annotated { .. } | EventKind::Deleted { .. } => {}
            EventKind::Queued { .. } | EventKind::Continued { .. } => {}
            EventKind::Preparing { .. } | EventKind::Points { .. } | EventKind::Checkpointed { .. } => {}
            EventKind::Finished { .. } | EventKind::Failed { .. } | EventKind::Cancelled { .. } => {}
            EventKind::Interrupted { .. } | EventKind::Paused | EventKind::Resumed => {}
            EventKind::Retired { .. } => {}
            EventKind::KeepChanged { .. } | EventKind::WeightsDropped { .. } => {}
            EventKind::QueueOrdered { .. } => {}
        }
        Ok(())
    }

    fn end(&mut self) {
        self.run.finish_and_clear();
        self.all.finish_and_clear();
    }
}
