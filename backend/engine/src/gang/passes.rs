//! A gang's members through the network, wave by wave.

use super::{Gang, Probe, Progress};
use crate::EngineError;
use crate::activations::Activations;
use crate::backward::{self, Workspace};
use crate::batch::{Sequence, check, same_batch};
use crate::forward;
use crate::layout::{Layout, Level};
use crate::narrow::Narrow;
use crate::parameters::{Gradient, Parameters};
use crate::pass::{Draw, Pass, Purpose};
use crate::plan::Plan;
use crate::slots::Slot;
use crate::waves::{Wave, waves};

impl Gang {
    /// Takes members through the network, wave by wave: packs a wave's batches, lays its members out, and lets
    /// `work` do the rest, which is told places in `who`.
    pub(crate) fn in_waves(
        &mut self,
        who: &[usize],
        batches: &[&[Sequence<'_>]],
        draws: &[Option<Draw>],
        purpose: Purpose,
        mut work: impl FnMut(&Pass<'_>, &[usize], &mut Room<'_>),
    ) -> Result<(), EngineError> {
        let mut firsts: Vec<usize> = Vec::new();
        let mut streams: Vec<usize> = Vec::with_capacity(batches.len());
        for (i, batch) in batches.iter().enumerate() {
            let same = |&j: &usize| draws[i] == draws[j] && same_batch(batch, batches[j]);
            streams.push(firsts.iter().position(same).unwrap_or(firsts.len()));
            if streams[i] == firsts.len() {
                firsts.push(i);
            }
        }
        for &first in &firsts {
            check(&self.config.shape, self.objective, batches[first])?;
        }
        let layers = self.config.shape.layers;
        let levels: Vec<Level> = who.iter().map(|&i| self.members[i].level()).collect();
        let size = |&first: &usize| batches[first].iter().map(|s| s.ids.len()).sum();
        let tokens: Vec<usize> = firsts.iter().map(size).collect();
        self.shared = Shared::default();
        for wave in waves(layers, &levels, &streams, &tokens, self.wave_rows) {
            let Wave { members: wave, streams: present, own } = wave;
            self.batch.pack(present.iter().map(|&stream| batches[firsts[stream]]));
            let levels: Vec<Level> = wave.iter().map(|&i| levels[i]).collect();
            self.layout.arrange(layers, &levels, &own, &self.batch);
            self.shared.add(&self.layout);
            let members: Vec<&Parameters> = wave.iter().map(|&i| &self.members[who[i]]).collect();
            let draws: Vec<Option<Draw>> = wave.iter().map(|&i| draws[i]).collect();
            let pass = Pass {
                config: &self.config,
                objective: self.objective,
                narrow: self.narrow.as_ref(),
                members: &members,
                batch: &self.batch,
                layout: &self.layout,
                draws: &draws,
                purpose,
            };
            let activations = match purpose {
                Purpose::Train => &mut self.training,
                Purpose::Predict => &mut self.scoring,
            };
            let slots = &self.slots;
            let (workspace, gradients) = (&mut self.workspace, &mut self.gradients);
            work(&pass, &wave, &mut Room { slots, activations, workspace, gradients });
        }
        match self.narrow.as_ref().and_then(Narrow::failure) {
            Some(why) => Err(EngineError::Device(why.into())),
            None => Ok(()),
        }
    }

    pub(super) fn gradients(
        &mut self,
        batches: &[&[Sequence<'_>]],
        draws: &[Option<Draw>],
    ) -> Result<Vec<f64>, EngineError> {
        let mut losses = vec![0.0; batches.len()];
        let everyone: Vec<usize> = (0..batches.len()).collect();
        self.in_waves(&everyone, batches, draws, Purpose::Train, |pass, wave, room| {
            forward::forward(pass, room.activations);
            let plan = Plan::new(pass.config.shape.layers, room.slots, pass.members);
            let mut own: Vec<(usize, &mut Gradient)> = room.gradients.iter_mut().enumerate().collect();
            own.retain(|(i, _)| wave.contains(i));
            own.sort_by_key(|(i, _)| wave.iter().position(|j| j == i));
            let mut own: Vec<&mut Gradient> = own.into_iter().map(|(_, gradient)| gradient).collect();
            let new = backward::backward(pass, &plan, room.activations, room.workspace, &mut own);
            wave.iter().zip(new).for_each(|(&i, loss)| losses[i] = loss);
        })?;
        Ok(losses)
    }

    /// Logits `[reads, outputs]` of every member, dropout off.
    ///
    /// # Errors
    /// A sequence that the model cannot read.
    pub fn predict(&mut self, sequences: &[Sequence<'_>]) -> Result<Vec<Vec<f32>>, EngineError> {
        let everyone: Vec<usize> = (0..self.members.len()).collect();
        self.predict_with(&everyone, sequences)
    }

    /// Logits `[reads, outputs]` of some members, dropout off.
    ///
    /// # Errors
    /// A sequence that the model cannot read.
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
        #[cfg(any(test, feature = "cuda"))]
        if self.remote.is_some() {
            return self.remote_predict(members, &batches, &draws);
        }
        self.in_waves(members, &batches, &draws, Purpose::Predict, |pass, wave, room| {
            forward::forward(pass, room.activations);
            let size = pass.batch.reads.len() * pass.objective.outputs();
            let own = room.activations.logits.chunks_exact(size);
            wave.iter().zip(own).for_each(|(&i, own)| logits[i] = own.to_vec());
        })?;
        Ok(logits)
    }

    /// Logits, mean loss and gradient of a gang of one, dropout off, nothing updated.
    ///
    /// # Errors
    /// A sequence that the model cannot read; an empty batch; more members than one.
    pub fn probe(&mut self, batch: &[Sequence<'_>]) -> Result<Probe, EngineError> {
        self.probe_with(batch, None)
    }

    /// The same with the dropout of the member's next step.
    ///
    /// # Errors
    /// As [`Gang::probe`].
    pub fn probe_step(&mut self, batch: &[Sequence<'_>]) -> Result<Probe, EngineError> {
        let draw = self.progress.first().map(Progress::draw);
        self.probe_with(batch, draw)
    }

    fn probe_with(&mut self, batch: &[Sequence<'_>], draw: Option<Draw>) -> Result<Probe, EngineError> {
        if batch.is_empty() || self.members.len() != 1 {
            return Err(EngineError::Batches {
                got: usize::from(!batch.is_empty()),
                want: self.members.len(),
            });
        }
        #[cfg(any(test, feature = "cuda"))]
        if self.remote.is_some() {
            return self.remote_probe(batch, draw);
        }
        let losses = self.gradients(&[batch], &[draw])?;
        let logits = self.training.logits[..self.batch.reads.len() * self.objective.outputs()].to_vec();
        Ok(Probe { logits, loss: losses[0], gradient: self.gradients[0].values().to_vec() })
    }
}

/// What a wave works with.
pub(crate) struct Room<'a> {
    pub(crate) slots: &'a [Slot],
    activations: &'a mut Activations,
    workspace: &'a mut Workspace,
    gradients: &'a mut [Gradient],
}

/// Rows that members would have computed alone, and those that were computed.
#[derive(Default)]
pub(super) struct Shared {
    alone: usize,
    computed: usize,
}

impl Shared {
    fn add(&mut self, layout: &Layout) {
        let (alone, computed) = layout.rows();
        self.alone += alone;
        self.computed += computed;
    }

    pub(super) fn share(&self) -> f64 {
        1.0 - self.computed as f64 / self.alone.max(1) as f64
    }
}
