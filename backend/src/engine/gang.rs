//! Runs that step together through the same frozen matrices.

use super::activations::Activations;
use super::backward::{self, MOST_WIDTH, Workspace};
use super::batch::{Batch, Sequence};
use super::forward::{self, Draw, Pass};
use super::kernels::adam::{self, Moments};
use super::kernels::head::sum_of_squares;
use super::parameters::{Gradient, Parameters, Slot, slots};
use super::plan::Plan;
use super::{Adam, EncoderConfig, EngineError, Objective};
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

/// Logits `[sequences, outputs]`, mean loss and its gradient, from [`Gang::probe`].
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// One row a sequence.
    pub logits: Vec<f32>,
    /// Mean over the batch.
    pub loss: f64,
    /// Of the compact vector, see [`Gang::trained`].
    pub gradient: Vec<f32>,
}

/// What a member has beside its weights.
struct Progress {
    seed: u64,
    adam: Adam,
    moments: Moments,
}

/// Runs that step together. One gang uses one device; its steps are deterministic.
pub struct Gang {
    config: EncoderConfig,
    objective: Objective,
    members: Vec<Parameters>,
    progress: Vec<Progress>,
    gradients: Vec<Gradient>,
    plan: Plan,
    training: Activations,
    scoring: Activations,
    workspace: Workspace,
    batch: Batch,
}

impl Gang {
    /// A gang of runs on one model. `weights` are the pretrained scalars in canonical order.
    ///
    /// # Errors
    /// Weights or a head that are not the shape's; several members of which one trains matrices; no member.
    pub fn new(
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
        let (mut parameters, mut progress) = (Vec::new(), Vec::new());
        for MemberSpec { selection, seed, adam, head } in members {
            if let Some(head) = &head {
                mismatch(head.len(), objective.outputs() * (shape.hidden + 1))?;
            }
            let init = (seed, config.initializer_range);
            let outputs = objective.outputs();
            let made = Parameters::new(&shape, weights.clone(), selection, outputs, head.as_deref(), init);
            progress.push(Progress { seed, adam, moments: Moments::new(made.compact().len()) });
            parameters.push(made);
        }
        let slots: Vec<Slot> = slots(&shape).into_iter().map(|(slot, _)| slot).collect();
        let matrices = slots.iter().any(|&s| s.is_matrix() && parameters.iter().any(|m| m.trains(s)));
        if matrices && parameters.len() > 1 {
            return Err(EngineError::Matrices(parameters.len()));
        }
        let plan = Plan::new(shape.layers, &slots, &parameters);
        Ok(Self {
            config,
            objective,
            gradients: parameters.iter().map(Parameters::gradient).collect(),
            members: parameters,
            progress,
            training: Activations::new(shape.layers, &plan),
            scoring: Activations::new(shape.layers, &Plan::forward_only(shape.layers)),
            plan,
            workspace: Workspace::default(),
            batch: Batch::default(),
        })
    }

    /// Number of runs.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Never: a gang has a run.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// One optimizer step of every member: forward with dropout, loss, backward, Adam.
    ///
    /// # Errors
    /// A sequence that the model cannot read; a batch too few, too many or empty. Nothing has changed then.
    pub fn step(&mut self, steps: &[MemberStep<'_>]) -> Result<Vec<StepReport>, EngineError> {
        let full = steps.iter().filter(|s| !s.batch.is_empty()).count();
        if full != self.members.len() || steps.len() != full {
            return Err(EngineError::Batches { got: full, want: self.members.len() });
        }
        let draw = |p: &Progress| Some(Draw { seed: p.seed, step: p.moments.steps });
        let draws: Vec<_> = self.progress.iter().map(draw).collect();
        let losses = self.gradients(steps.iter().map(|s| s.batch), &draws)?;
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

    fn gradients<'a>(
        &mut self,
        batches: impl IntoIterator<Item = &'a [Sequence<'a>]>,
        draws: &[Option<Draw>],
    ) -> Result<Vec<f64>, EngineError> {
        self.batch.pack(&self.config.shape, self.objective.outputs(), batches)?;
        let pass = Pass {
            config: &self.config,
            objective: self.objective,
            members: &self.members,
            batch: &self.batch,
            draws,
        };
        forward::forward(&pass, &mut self.training);
        let gradients = &mut self.gradients;
        Ok(backward::backward(&pass, &self.plan, &self.training, &mut self.workspace, gradients))
    }

    /// Logits `[sequences, outputs]` of every member, dropout off.
    ///
    /// # Errors
    /// A sequence that the model cannot read.
    pub fn predict(&mut self, sequences: &[Sequence<'_>]) -> Result<Vec<Vec<f32>>, EngineError> {
        if sequences.is_empty() {
            return Ok(vec![Vec::new(); self.members.len()]);
        }
        let outputs = self.objective.outputs();
        self.batch.pack(&self.config.shape, outputs, self.members.iter().map(|_| sequences))?;
        let draws = vec![None; self.members.len()];
        let pass = Pass {
            config: &self.config,
            objective: self.objective,
            members: &self.members,
            batch: &self.batch,
            draws: &draws,
        };
        forward::forward(&pass, &mut self.scoring);
        let logits =
            self.scoring.logits[..self.batch.sequences() * outputs].chunks(sequences.len() * outputs);
        Ok(logits.map(<[f32]>::to_vec).collect())
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
        let losses = self.gradients([batch], &[None])?;
        let logits = self.training.logits[..batch.len() * self.objective.outputs()].to_vec();
        Ok(Probe { logits, loss: losses[0], gradient: self.gradients[0].values().to_vec() })
    }

    /// A member's trained scalars: its selection in ascending order, then the head's weight and bias.
    pub fn trained(&self, member: usize) -> &[f32] {
        self.members[member].compact()
    }

    /// Whether every scalar outside a member's selection, as the step reads it, has the bits it had at first.
    pub fn frozen_unchanged(&self, member: usize) -> bool {
        self.members[member].frozen_unchanged()
    }

    /// Bytes of activations held for training.
    pub fn activation_bytes(&self) -> usize {
        self.training.bytes()
    }
}
