//! A round of a gang: what it was told, the epochs that have ended, the checkpoints that are due, and a step.

use super::active::ActiveGang;
use super::context::Training;
use super::outcome::Stop;
use crate::lab::control::Signal;
use crate::lab::curve::shares;
use crate::lab::saves::Saves;
use std::time::Instant;
use tunemask_engine::{MemberStep, Sequence};
use tunemask_shared::event::EventKind;

impl Training<'_> {
    /// Takes a step with all that belongs to it. Members that end leave the gang.
    ///
    /// # Errors
    /// Why the gang steps no further.
    pub(super) fn round(&self, gang: &mut ActiveGang, saves: &mut Saves) -> Result<(), Stop> {
        self.obey_signals(gang)?;
        let scored = self.evaluate(gang);
        gang.remove_ended();
        scored?;
        if gang.is_empty() {
            return Ok(());
        }
        self.save_due(gang, saves)?;
        if self.context.control.is_stopped() {
            // Epochs that ended may not be scored yet: the next round saves and ends.
            return Ok(());
        }
        let stepped = self.step(gang);
        gang.remove_ended();
        stepped
    }

    /// Waits while the queue is paused, and ends what was cancelled.
    fn obey_signals(&self, gang: &mut ActiveGang) -> Result<(), Stop> {
        let (journal, control) = (&self.context.journal, &self.context.control);
        if control.is_paused() {
            // What was trained is shown before the wait.
            journal.push(gang.members_mut().flat_map(|member| member.flush()).collect())?;
        }
        // Again after a cancel: if the queue is paused, the others go on waiting.
        while !gang.is_empty() {
            let cancelled = match control.wait_for_signals(gang.members().map(|member| member.run())) {
                Signal::Continue(cancelled) if cancelled.is_empty() => break,
                Signal::Continue(cancelled) => cancelled,
                Signal::Stop => {
                    self.save_all(gang)?;
                    return Err(Stop::Shutdown);
                }
            };
            let mut lines = Vec::new();
            for run in cancelled {
                if let Some(active) = gang.active.iter_mut().find(|active| *active.member.run() == run) {
                    self.save(&gang.trainer, active)?;
                    lines.extend(active.member.end(EventKind::Cancelled { run }));
                }
            }
            journal.append(lines)?;
            gang.remove_ended();
        }
        Ok(())
    }

    /// Takes one step with every member, and reports it.
    fn step(&self, gang: &mut ActiveGang) -> Result<(), Stop> {
        let batches: Vec<_> = gang.members_mut().map(|member| member.batch(&self.data)).collect();
        let rates = gang.members().map(|member| member.learning_rate());
        let steps: Vec<MemberStep<'_>> =
            rates.zip(&batches).map(|(learning_rate, batch)| MemberStep { batch, learning_rate }).collect();
        let clock = Instant::now();
        let reports = gang.trainer.step(&steps)?;
        let secs = clock.elapsed().as_secs_f64();

        let tokens: Vec<u64> = batches.iter().map(|batch| tokens_of(batch)).collect();
        let products: Vec<f64> = gang.members().zip(&tokens).map(|(m, &tokens)| m.products(tokens)).collect();
        let shares = shares(&products, secs);
        let mut lines = Vec::new();
        for (((member, tokens), report), secs) in gang.members_mut().zip(tokens).zip(reports).zip(shares) {
            lines.extend(member.stepped(report, tokens, secs));
        }
        if !lines.is_empty() {
            self.context.journal.push(lines)?;
        }
        Ok(())
    }
}

fn tokens_of(batch: &[Sequence<'_>]) -> u64 {
    batch.iter().map(|sequence| sequence.ids.len() as u64).sum()
}
