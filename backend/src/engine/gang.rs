//! Runs that step together through the same frozen matrices.

use super::activations::Activations;
use super::backward::{self, MOST_WIDTH, Workspace};
use super::batch::{Batch, Sequence, check, same_batch};
use super::forward;
use super::kernels::adam::{self, Moments};
use super::kernels::head::sum_of_squares;
use super::layout::{Layout, Level};
use super::parameters::{Gradient, Parameters};
use super::pass::{Draw, Pass, Purpose};
use super::plan::Plan;
use super::slots::{Slot, slots};
use super::waves::waves;
use super::{Adam, Device, EncoderConfig, EngineError, Objective};
use std::sync::Arc;
use tunemask_shared::selection::Selection;

/// A run that joins a gang.
#[derive(Clone, Debug)]
pub struct MemberSpec {
    /// The scalars that train, head not counted.
    pub selection: Selection,
    /// Seed of head and dropout.
    pub seed: u64,
    /// Its optimizer.
    pub adam: Adam,
    /// Initial head instead of a drawn one: weight `[outputs, hidden]`, then bias `[outputs]`.
    pub head: Option<Vec<f32>>,
}

/// What a member does in a step.
#[derive(Clone, Copy, Debug)]
pub struct MemberStep<'a> {
    /// Its batch; not empty.
    pub batch: &'a [Sequence<'a>],
    /// Learning rate of the step.
    pub learning_rate: f64,
}

/// What a step did for a member. A loss or gradient that is not finite leaves the member's scalars as they were.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Mean loss over the batch, before the update.
    pub loss: f64,
    /// Euclidean norm of the gradient of all that trains, head included.
    pub gradient_norm: f64,
}

/// Logits `[reads, outputs]`, mean loss and its gradient, from [`Gang::probe`].
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// One row a read.
    pub logits: Vec<f32>,
    /// Mean over the batch's reads.
    pub loss: f64,
    /// Of the compact vector, see [`Gang::trained`].
    pub gradient: Vec<f32>,
}

/// All that a member has become: with its [`MemberSpec`] enough to go on with the same bits.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberState {
    /// Steps done.
    pub steps: u32,
    /// The trained scalars, see [`Gang::trained`].
    pub trained: Vec<f32>,
    /// Adam's first moments of them.
    pub first: Vec<f32>,
    /// Adam's second moments.
    pub second: Vec<f32>,
}

/// What a member has beside its weights.
pub(super) struct Progress {
    seed: u64,
    pub(super) adam: Adam,
    /// On a GPU the steps done alone.
    pub(super) moments: Moments,
}

/// Runs that step together. One gang uses one device; its steps are deterministic, and each member ends as it
/// would alone.
pub struct Gang {
    pub(super) config: EncoderConfig,
    pub(super) objective: Objective,
    /// On a GPU with the values that they joined with.
    pub(super) members: Vec<Parameters>,
    pub(super) progress: Vec<Progress>,
    /// What they have on a GPU, if they train on one.
    #[cfg(any(test, feature = "cuda"))]
    pub(super) remote: Option<super::remote::Remote>,
    gradients: Vec<Gradient>,
    slots: Vec<Slot>,
    wave_rows: usize,
    shared: Shared,
    pub(super) plan: Plan,
    training: Activations,
    scoring: Activations,
    workspace: Workspace,
    batch: Batch,
    layout: Layout,
}

impl Gang {
    /// A gang of runs on one model, on the processor. `weights` are the pretrained scalars in canonical order.
    ///
    /// # Errors
    /// Weights or a head that are not the shape's; several members of which one trains matrices; no member.
    pub fn new(
        config: EncoderConfig,
        weights: Arc<Vec<f32>>,
        objective: Objective,
        members: Vec<MemberSpec>,
    ) -> Result<Self, EngineError> {
        Self::on(&Device::cpu(), config, weights, objective, members)
    }

    /// The same on a device. The results of a GPU differ from the processor's by their rounding.
    ///
    /// # Errors
    /// As [`Gang::new`]; a GPU that has no room, or fails, or cannot run this shape.
    pub fn on(
        device: &Device,
        config: EncoderConfig,
        weights: Arc<Vec<f32>>,
        objective: Objective,
        members: Vec<MemberSpec>,
    ) -> Result<Self, EngineError> {
        let shape = config.shape;
        let mismatch = |got, want| if got == want { Ok(()) } else { Err(EngineError::Weights { got, want }) };
        mismatch(weights.len(), shape.scalars())?;
        if members.is_empty() {
            return Err(EngineError::Batches { got: 0, want: 1 });
        }
        if shape.layers == 0 || shape.heads == 0 || !shape.hidden.is_multiple_of(shape.heads) {
            return Err(EngineError::Shape(format!(
                "{} blocks with {} heads over a width of {}",
                shape.layers, shape.heads, shape.hidden
            )));
        }
        if shape.hidden / shape.heads > MOST_WIDTH {
            return Err(EngineError::Shape(format!("heads wider than {MOST_WIDTH}")));
        }
        let (mut made, mut progress) = (Vec::new(), Vec::new());
        for MemberSpec { selection, seed, adam, head } in members {
            if let Some(head) = &head {
                mismatch(head.len(), objective.outputs() * (shape.hidden + 1))?;
            }
            let init = (seed, config.initializer_range);
            let outputs = objective.outputs();
            let member = Parameters::new(&shape, weights.clone(), selection, outputs, head.as_deref(), init);
            let scalars = if device.is_cpu() { member.compact().len() } else { 0 };
            progress.push(Progress { seed, adam, moments: Moments::new(scalars) });
            made.push(member);
        }
        let slots: Vec<Slot> = slots(&shape).into_iter().map(|(slot, _)| slot).collect();
        let owns = |member: &Parameters| slots.iter().any(|&slot| member.owns_matrix(slot));
        if made.len() > 1 && made.iter().any(owns) {
            return Err(EngineError::Matrices(made.len()));
        }
        let plan = Plan::new(shape.layers, &slots, &made.iter().collect::<Vec<_>>());
        let gradient = |member: &Parameters| match device.is_cpu() {
            true => Gradient::new(member),
            false => Gradient::default(),
        };
        Ok(Self {
            #[cfg(any(test, feature = "cuda"))]
            remote: super::remote::Remote::new(device, &config, &weights, (&made, &progress), &plan)?,
            config,
            objective,
            gradients: made.iter().map(gradient).collect(),
            members: made,
            progress,
            training: Activations::new(shape.layers, &plan),
            scoring: Activations::new(shape.layers, &Plan::forward_only(shape.layers)),
            plan,
            slots,
            wave_rows: device.wave_rows(),
            shared: Shared::default(),
            workspace: Workspace::default(),
            batch: Batch::default(),
            layout: Layout::default(),
        })
    }

    /// Gives a wave room for so many rows of tokens in every block: more memory, and larger products.
    pub fn set_wave_rows(&mut self, rows: usize) {
        self.wave_rows = rows;
    }

    /// Number of runs.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether all have left.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Takes a member out; those behind it move up by one. The rest goes on with the same bits.
    pub fn retire(&mut self, member: usize) {
        #[cfg(any(test, feature = "cuda"))]
        if let Some(remote) = &mut self.remote {
            remote.retire(member);
        }
        self.members.remove(member);
        self.progress.remove(member);
        self.gradients.remove(member);
        let layers = self.config.shape.layers;
        let plan = Plan::new(layers, &self.slots, &self.members.iter().collect::<Vec<_>>());
        if plan != self.plan {
            self.training = Activations::new(layers, &plan);
            self.plan = plan;
        }
    }

    /// One optimizer step of every member: forward with dropout, loss, backward, Adam.
    ///
    /// # Errors
    /// A sequence that the model cannot read; a batch too few, too many or empty. Nothing has changed then.
    pub fn step(&mut self, steps: &[MemberStep<'_>]) -> Result<Vec<StepReport>, EngineError> {
        let full = steps.iter().filter(|s| !s.batch.is_empty()).count();
        if full != self.members.len() || steps.len() != full || full == 0 {
            return Err(EngineError::Batches { got: full, want: self.members.len().max(1) });
        }
        let draw = |p: &Progress| Some(Draw { seed: p.seed, step: p.moments.steps });
        let draws: Vec<_> = self.progress.iter().map(draw).collect();
        let batches: Vec<_> = steps.iter().map(|s| s.batch).collect();
        #[cfg(any(test, feature = "cuda"))]
        if self.remote.is_some() {
            let rates: Vec<f64> = steps.iter().map(|s| s.learning_rate).collect();
            return self.remote_step(&batches, &draws, &rates);
        }
        let losses = self.gradients(&batches, &draws)?;
        let mut reports = Vec::with_capacity(steps.len());
        for (i, (loss, step)) in losses.into_iter().zip(steps).enumerate() {
            let gradient = self.gradients[i].values();
            let report = StepReport { loss, gradient_norm: sum_of_squares(gradient).sqrt() };
            if report.loss.is_finite() && report.gradient_norm.is_finite() {
                let Progress { adam, moments, .. } = &mut self.progress[i];
                self.members[i]
                    .update(|theta| adam::update(theta, gradient, moments, *adam, step.learning_rate));
            }
            reports.push(report);
        }
        Ok(reports)
    }

    /// Takes members through the network, wave by wave: packs a wave's batches, lays its members out, and lets
    /// `work` do the rest, which is told places in `who`.
    pub(super) fn in_waves(
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
            let mut present: Vec<usize> = wave.iter().map(|&i| streams[i]).collect();
            present.sort_unstable();
            present.dedup();
            self.batch.pack(present.iter().map(|&stream| batches[firsts[stream]]));
            let own: Vec<usize> =
                wave.iter().map(|&i| present.partition_point(|&stream| stream < streams[i])).collect();
            let levels: Vec<Level> = wave.iter().map(|&i| levels[i]).collect();
            self.layout.arrange(layers, &levels, &own, &self.batch);
            self.shared.add(&self.layout);
            let members: Vec<&Parameters> = wave.iter().map(|&i| &self.members[who[i]]).collect();
            let draws: Vec<Option<Draw>> = wave.iter().map(|&i| draws[i]).collect();
            let pass = Pass {
                config: &self.config,
                objective: self.objective,
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
        Ok(())
    }

    fn gradients(
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
        if batch.is_empty() || self.members.len() != 1 {
            return Err(EngineError::Batches {
                got: usize::from(!batch.is_empty()),
                want: self.members.len(),
            });
        }
        #[cfg(any(test, feature = "cuda"))]
        if self.remote.is_some() {
            return self.remote_probe(batch);
        }
        let losses = self.gradients(&[batch], &[None])?;
        let logits = self.training.logits[..self.batch.reads.len() * self.objective.outputs()].to_vec();
        Ok(Probe { logits, loss: losses[0], gradient: self.gradients[0].values().to_vec() })
    }

    /// A member's trained scalars: its selection in ascending order, then the head's weight and bias.
    ///
    /// # Errors
    /// A GPU that fails.
    pub fn trained(&self, member: usize) -> Result<&[f32], EngineError> {
        #[cfg(any(test, feature = "cuda"))]
        if let Some(remote) = &self.remote {
            return remote.trained(member);
        }
        Ok(self.members[member].compact())
    }

    /// Whether every scalar outside a member's selection, as the step reads it, has the bits it had at first.
    ///
    /// # Errors
    /// A GPU that fails.
    pub fn frozen_unchanged(&self, member: usize) -> Result<bool, EngineError> {
        #[cfg(any(test, feature = "cuda"))]
        if let Some(remote) = &self.remote {
            return remote.frozen_unchanged();
        }
        Ok(self.members[member].frozen_unchanged())
    }

    /// What a member has become.
    ///
    /// # Errors
    /// A GPU that fails.
    pub fn state(&self, member: usize) -> Result<MemberState, EngineError> {
        #[cfg(any(test, feature = "cuda"))]
        if let Some(remote) = &self.remote {
            return remote.state(member, self.progress[member].moments.steps);
        }
        let Moments { first, second, steps } = self.progress[member].moments.clone();
        Ok(MemberState { steps, trained: self.members[member].compact().to_vec(), first, second })
    }

    /// Lets a member go on from what it had become.
    ///
    /// # Errors
    /// The state is one of another selection or head, and the member is unchanged; a GPU that fails.
    pub fn restore(&mut self, member: usize, state: MemberState) -> Result<(), EngineError> {
        let want = self.members[member].compact().len();
        for got in [state.trained.len(), state.first.len(), state.second.len()] {
            if got != want {
                return Err(EngineError::State { got, want });
            }
        }
        #[cfg(any(test, feature = "cuda"))]
        if self.remote.is_some() {
            return self.remote_restore(member, &state);
        }
        self.members[member].update(|compact| compact.copy_from_slice(&state.trained));
        self.progress[member].moments = Moments::of(state.first, state.second, state.steps);
        Ok(())
    }

    /// Bytes of activations and gradients to them that are held.
    pub fn activation_bytes(&self) -> usize {
        #[cfg(any(test, feature = "cuda"))]
        if let Some(remote) = &self.remote {
            return remote.bytes();
        }
        self.training.bytes() + self.scoring.bytes() + self.workspace.bytes()
    }

    /// Share of the rows of the last step that were not computed, because a trunk stands for several members.
    pub fn shared_share(&self) -> f64 {
        self.shared.share()
    }
}

/// What a wave works with.
pub(super) struct Room<'a> {
    pub(super) slots: &'a [Slot],
    activations: &'a mut Activations,
    workspace: &'a mut Workspace,
    gradients: &'a mut [Gradient],
}

/// Rows that members would have computed alone, and those that were computed.
#[derive(Default)]
struct Shared {
    alone: usize,
    computed: usize,
}

impl Shared {
    fn add(&mut self, layout: &Layout) {
        let (alone, computed) = layout.rows();
        self.alone += alone;
        self.computed += computed;
    }

    fn share(&self) -> f64 {
        1.0 - self.computed as f64 / self.alone.max(1) as f64
    }
}
