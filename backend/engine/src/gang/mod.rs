//! Runs that step together through the same frozen matrices. In reading order:

/// A member from outside.
mod member;
/// Members through the network.
mod passes;

pub use member::{MemberSpec, MemberState, MemberStep, Probe, StepReport};
use passes::Shared;

use super::activations::Activations;
use super::backward::{MOST_WIDTH, Workspace};
use super::batch::Batch;
use super::kernels::adam::{self, Moments};
use super::kernels::head::sum_of_squares;
use super::layout::Layout;
use super::masked_language;
use super::narrow::Narrow;
use super::parameters::{Gradient, Parameters, digest};
use super::pass::Draw;
use super::plan::Plan;
use super::slots::{Slot, slots};
use super::{Adam, Device, EncoderConfig, EngineError, Objective};
use std::sync::Arc;

/// What a member has beside its weights.
pub(super) struct Progress {
    seed: u64,
    pub(super) adam: Adam,
    /// On a GPU the steps done alone.
    pub(super) moments: Moments,
}

impl Progress {
    /// What keys the dropout of its next step.
    fn draw(&self) -> Draw {
        Draw { seed: self.seed, step: self.moments.steps }
    }
}

/// Runs that step together. One gang uses one device; its steps are deterministic, and each member ends as it
/// would alone.
pub struct Gang {
    pub(super) config: EncoderConfig,
    weights: Arc<Vec<f32>>,
    weights_digest: [u8; 32],
    pub(super) objective: Objective,
    narrow: Option<Narrow>,
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
                mismatch(head.len(), objective.head_scalars(shape.hidden))?;
            }
            let init = (seed, config.initializer_range);
            let member =
                Parameters::new(&shape, weights.clone(), selection, objective, head.as_deref(), init);
            let scalars = if device.is_cpu() { member.compact().len() } else { 0 };
            progress.push(Progress { seed, adam, moments: Moments::new(scalars) });
            made.push(member);
        }
        let slots: Vec<Slot> = slots(&shape).into_iter().map(|(slot, _)| slot).collect();
        let owns = |member: &Parameters| slots.iter().any(|&slot| member.owns_matrix(slot));
        if made.len() > 1 && made.iter().any(owns) {
            return Err(EngineError::Matrices(made.len()));
        }
        if let Objective::MaskedLanguage(_) = objective {
            masked_language::check(device, &made)?;
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
            weights_digest: digest(&weights),
            narrow: device.narrow(),
            weights,
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
        let draws: Vec<_> = self.progress.iter().map(|progress| Some(progress.draw())).collect();
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

    /// Whether every scalar outside a member's selection, as the step reads it, has the bits it had at first: of some
    /// members, whose model is looked at once.
    ///
    /// # Errors
    /// A GPU that fails.
    pub fn frozen_unchanged(&self, members: &[usize]) -> Result<Vec<bool>, EngineError> {
        #[cfg(any(test, feature = "cuda"))]
        if let Some(remote) = &self.remote {
            return Ok(vec![remote.frozen_unchanged()?; members.len()]);
        }
        let model = digest(&self.weights) == self.weights_digest
            && self.narrow.as_ref().is_none_or(Narrow::unchanged);
        Ok(members.iter().map(|&member| model && self.members[member].copies_unchanged()).collect())
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
