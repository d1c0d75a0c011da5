//! What a gang does with batches: train, predict, probe.

use super::Gang;
use super::waves::Request;
use crate::pass::{Add, Draw, Parts, Purpose};
use crate::plan::batch::Sequence;
use crate::{EngineError, MemberStep, Probe, StepReport};
use std::num::NonZeroUsize;

impl Gang {
    /// One optimizer step of every member: forward with dropout, loss, backward, Adam. What goes through the network at once,
    /// and what the loss is the mean of, says [`crate::Averaging`].
    ///
    /// # Errors
    /// A sequence that the model cannot read; a batch too few, too many or empty; a GPU that fails or has no room.
    /// Nothing has changed then.
    pub fn step(&mut self, steps: &[MemberStep<'_>]) -> Result<Vec<StepReport>, EngineError> {
        let full = steps.iter().filter(|s| !s.batch.is_empty()).count();
        if full != self.len() || steps.len() != full || full == 0 {
            return Err(EngineError::Batches { got: full, want: self.len().max(1) });
        }
        let draws = self.next_draws();
        let batches: Vec<_> = steps.iter().map(|s| s.batch).collect();
        let learning_rates: Vec<f64> = steps.iter().map(|s| s.learning_rate).collect();
        let parts = self.gradients(&batches, &draws)?;
        self.backend.update(&learning_rates, parts)
    }

    /// What keys the dropout of each member's next step.
    fn next_draws(&self) -> Vec<Option<Draw>> {
        let members = self.roster.iter().enumerate();
        members.map(|(member, entry)| Some(entry.draw(self.backend.steps(member)))).collect()
    }

    /// Losses and gradients of all members, part by part of their batches, wave by wave.
    fn gradients(
        &mut self,
        batches: &[&[Sequence<'_>]],
        draws: &[Option<Draw>],
    ) -> Result<Parts, EngineError> {
        let (averaging, objective) = (&self.averaging, self.objective);
        let divisors: Vec<f64> = batches.iter().map(|batch| averaging.divisor(objective, batch)).collect();
        let longest = batches.iter().map(|batch| batch.len()).max().unwrap_or_default();
        let size = averaging.sequences_at_once.map_or(longest, NonZeroUsize::get);
        if longest <= size {
            let members: Vec<usize> = (0..batches.len()).collect();
            self.part(&members, batches, draws, &divisors)?;
            return Ok(Parts::One);
        }
        for (number, start) in (0..longest).step_by(size).enumerate() {
            // Those whose batch is shorter are done.
            let members: Vec<usize> = (0..batches.len()).filter(|&i| batches[i].len() > start).collect();
            let part = |&i: &usize| &batches[i][start..batches[i].len().min(start + size)];
            let parts: Vec<&[Sequence<'_>]> = members.iter().map(part).collect();
            let draws: Vec<Option<Draw>> = members.iter().map(|&i| draws[i]).collect();
            let divisors: Vec<f64> = members.iter().map(|&i| divisors[i]).collect();
            self.part(&members, &parts, &draws, &divisors)?;
            self.backend.add_up(&members, if number == 0 { Add::First } else { Add::More })?;
        }
        Ok(Parts::Several)
    }

    /// Losses and gradients of some members for a part of their batches.
    fn part(
        &mut self,
        members: &[usize],
        batches: &[&[Sequence<'_>]],
        draws: &[Option<Draw>],
        divisors: &[f64],
    ) -> Result<(), EngineError> {
        let request = Request { members, batches, draws, divisors, purpose: Purpose::Train };
        self.in_waves(request, |backend, pass, _| backend.gradients(pass))
    }

    /// Logits `[reads, outputs]` of every member, dropout off.
    ///
    /// # Errors
    /// A sequence that the model cannot read; a GPU that fails or has no room.
    pub fn predict(&mut self, sequences: &[Sequence<'_>]) -> Result<Vec<Vec<f32>>, EngineError> {
        let everyone: Vec<usize> = (0..self.len()).collect();
        self.predict_with(&everyone, sequences)
    }

    /// Logits `[reads, outputs]` of some members, dropout off.
    ///
    /// # Errors
    /// As [`Gang::predict`].
    pub fn predict_with(
        &mut self,
        members: &[usize],
        sequences: &[Sequence<'_>],
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        let mut logits = vec![Vec::new(); members.len()];
        if sequences.is_empty() || members.is_empty() {
            return Ok(logits);
        }
        let (batches, draws) = (vec![sequences; members.len()], vec![None; members.len()]);
        let (draws, divisors) = (&draws, &[]);
        let request = Request { members, batches: &batches, draws, divisors, purpose: Purpose::Predict };
        self.in_waves(request, |backend, pass, places| {
            let size = pass.batch.reads.len() * pass.objective.outputs();
            let all = backend.predict(pass)?;
            places.iter().zip(all.chunks_exact(size)).for_each(|(&i, own)| logits[i] = own.to_vec());
            Ok(())
        })?;
        Ok(logits)
    }

    /// Logits, mean loss and gradient of a gang of one, dropout off, nothing updated.
    ///
    /// # Errors
    /// A sequence that the model cannot read; an empty batch; more members than one; a GPU that fails or has no room.
    pub fn probe(&mut self, batch: &[Sequence<'_>]) -> Result<Probe, EngineError> {
        self.probe_with(batch, None)
    }

    /// The same with the dropout of the member's next step.
    ///
    /// # Errors
    /// As [`Gang::probe`].
    pub fn probe_step(&mut self, batch: &[Sequence<'_>]) -> Result<Probe, EngineError> {
        let draw = self.next_draws().first().copied().flatten();
        self.probe_with(batch, draw)
    }

    fn probe_with(&mut self, batch: &[Sequence<'_>], draw: Option<Draw>) -> Result<Probe, EngineError> {
        if batch.is_empty() || self.len() != 1 {
            return Err(EngineError::Batches { got: usize::from(!batch.is_empty()), want: self.len() });
        }
        // Whole: who asks wants the logits of all of it.
        let divisor = self.averaging.divisor(self.objective, batch);
        self.part(&[0], &[batch], &[draw], &[divisor])?;
        self.backend.probe(self.batch.reads.len() * self.objective.outputs())
    }
}
