//! Runs that step together through the same frozen matrices.

use super::activations::Activations;
use super::backward::{self, MOST_WIDTH, Workspace};
use super::batch::{Batch, Sequence, same_batch};
use super::forward;
use super::kernels::adam::{self, Moments};
use super::kernels::head::sum_of_squares;
use super::layout::{Layout, Level};
use super::parameters::{Gradient, Parameters};
use super::pass::{Draw, Pass, Purpose};
use super::plan::Plan;
use super::slots::{Slot, slots};
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
struct Progress {
    seed: u64,
    adam: Adam,
    moments: Moments,
}

/// Runs that step together. One gang uses one device; its steps are deterministic, and each member ends as it
/// would alone.
pub struct Gang {
    config: EncoderConfig,
    objective: Objective,
    /// By ascending level, as the layout wants them.
    members: Vec<Parameters>,
    progress: Vec<Progress>,
    gradients: Vec<Gradient>,
    /// Place in these lists of each member, in the order in which they joined.
    places: Vec<usize>,
    plan: Plan,
    training: Activations,
    scoring: Activations,
    workspace: Workspace,
    batch: Batch,
    layout: Layout,
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
        let mut joined = Vec::with_capacity(members.len());
        for (number, MemberSpec { selection, seed, adam, head }) in members.into_iter().enumerate() {
            if let Some(head) = &head {
                mismatch(head.len(), objective.outputs() * (shape.hidden + 1))?;
            }
            let init = (seed, config.initializer_range);
            let outputs = objective.outputs();
            let made = Parameters::new(&shape, weights.clone(), selection, outputs, head.as_deref(), init);
            joined.push((number, made, seed, adam));
        }
        let slots: Vec<Slot> = slots(&shape).into_iter().map(|(slot, _)| slot).collect();
        let owns = |member: &Parameters| slots.iter().any(|&slot| member.owns_matrix(slot));
        if joined.len() > 1 && joined.iter().any(|(_, member, ..)| owns(member)) {
            return Err(EngineError::Matrices(joined.len()));
        }
        joined.sort_by_key(|(_, member, ..)| member.level());
        let mut places = vec![0; joined.len()];
        let (mut members, mut progress) = (Vec::new(), Vec::new());
        for (place, (number, member, seed, adam)) in joined.into_iter().enumerate() {
            places[number] = place;
            progress.push(Progress { seed, adam, moments: Moments::new(member.compact().len()) });
            members.push(member);
        }
        let plan = Plan::new(shape.layers, &slots, &members);
        Ok(Self {
            config,
            objective,
            gradients: members.iter().map(Gradient::new).collect(),
            members,
            progress,
            places,
            training: Activations::new(shape.layers, &plan),
            scoring: Activations::new(shape.layers, &Plan::forward_only(shape.layers)),
            plan,
            workspace: Workspace::default(),
            batch: Batch::default(),
            layout: Layout::default(),
        })
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
        let place = self.places.remove(member);
        self.places.iter_mut().filter(|p| **p > place).for_each(|p| *p -= 1);
        self.members.remove(place);
        self.progress.remove(place);
        self.gradients.remove(place);
        let layers = self.config.shape.layers;
        let slots: Vec<Slot> = slots(&self.config.shape).into_iter().map(|(slot, _)| slot).collect();
        let plan = Plan::new(layers, &slots, &self.members);
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
        let mut own = vec![steps[0]; steps.len()];
        self.places.iter().zip(steps).for_each(|(&place, step)| own[place] = *step);
        let draw = |p: &Progress| Some(Draw { seed: p.seed, step: p.moments.steps });
        let draws: Vec<_> = self.progress.iter().map(draw).collect();
        let batches: Vec<_> = own.iter().map(|s| s.batch).collect();
        let losses = self.gradients(&batches, &draws)?;
        let mut reports = Vec::with_capacity(steps.len());
        for (i, (loss, step)) in losses.into_iter().zip(own).enumerate() {
            let gradient = self.gradients[i].values();
            let report = StepReport { loss, gradient_norm: sum_of_squares(gradient).sqrt() };
            if report.loss.is_finite() && report.gradient_norm.is_finite() {
                let Progress { adam, moments, .. } = &mut self.progress[i];
                self.members[i]
                    .update(|theta| adam::update(theta, gradient, moments, *adam, step.learning_rate));
            }
            reports.push(report);
        }
        Ok(self.places.iter().map(|&place| reports[place]).collect())
    }

    /// Packs one batch a stream and lays members out, in the order of their levels.
    fn arrange(&mut self, batches: &[&[Sequence<'_>]], draws: &[Option<Draw>]) -> Result<(), EngineError> {
        let mut streams: Vec<usize> = Vec::with_capacity(batches.len());
        let mut first: Vec<usize> = Vec::new();
        for (i, batch) in batches.iter().enumerate() {
            let same = |&j: &usize| draws[i] == draws[j] && same_batch(batch, batches[j]);
            let stream = first.iter().position(same).unwrap_or_else(|| {
                first.push(i);
                first.len() - 1
            });
            streams.push(stream);
        }
        let packed = first.iter().map(|&i| batches[i]);
        self.batch.pack(&self.config.shape, self.objective, packed)?;
        let levels: Vec<Level> = self.members.iter().map(Parameters::level).collect();
        self.layout.arrange(self.config.shape.layers, &levels, &streams, &self.batch);
        Ok(())
    }

    fn pass<'a>(&'a self, draws: &'a [Option<Draw>], purpose: Purpose) -> Pass<'a> {
        Pass {
            config: &self.config,
            objective: self.objective,
            members: &self.members,
            batch: &self.batch,
            layout: &self.layout,
            draws,
            purpose,
        }
    }

    fn gradients(
        &mut self,
        batches: &[&[Sequence<'_>]],
        draws: &[Option<Draw>],
    ) -> Result<Vec<f64>, EngineError> {
        self.arrange(batches, draws)?;
        let mut training = std::mem::take(&mut self.training);
        let mut workspace = std::mem::take(&mut self.workspace);
        let mut gradients = std::mem::take(&mut self.gradients);
        let pass = self.pass(draws, Purpose::Train);
        forward::forward(&pass, &mut training);
        let losses = backward::backward(&pass, &self.plan, &training, &mut workspace, &mut gradients);
        (self.training, self.workspace, self.gradients) = (training, workspace, gradients);
        Ok(losses)
    }

    /// Logits `[reads, outputs]` of every member, dropout off.
    ///
    /// # Errors
    /// A sequence that the model cannot read.
    pub fn predict(&mut self, sequences: &[Sequence<'_>]) -> Result<Vec<Vec<f32>>, EngineError> {
        if sequences.is_empty() || self.members.is_empty() {
            return Ok(vec![Vec::new(); self.members.len()]);
        }
        let outputs = self.objective.outputs();
        let draws = vec![None; self.members.len()];
        self.arrange(&vec![sequences; self.members.len()], &draws)?;
        let mut scoring = std::mem::take(&mut self.scoring);
        forward::forward(&self.pass(&draws, Purpose::Predict), &mut scoring);
        let all = scoring.logits.chunks_exact(self.batch.reads.len() * outputs);
        let all: Vec<&[f32]> = all.take(self.members.len()).collect();
        let logits = self.places.iter().map(|&place| all[place].to_vec()).collect();
        self.scoring = scoring;
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
        let losses = self.gradients(&[batch], &[None])?;
        let logits = self.training.logits[..self.batch.reads.len() * self.objective.outputs()].to_vec();
        Ok(Probe { logits, loss: losses[0], gradient: self.gradients[0].values().to_vec() })
    }

    /// A member's trained scalars: its selection in ascending order, then the head's weight and bias.
    pub fn trained(&self, member: usize) -> &[f32] {
        self.members[self.places[member]].compact()
    }

    /// Whether every scalar outside a member's selection, as the step reads it, has the bits it had at first.
    pub fn frozen_unchanged(&self, member: usize) -> bool {
        self.members[self.places[member]].frozen_unchanged()
    }

    /// What a member has become.
    pub fn state(&self, member: usize) -> MemberState {
        let place = self.places[member];
        let Moments { first, second, steps } = self.progress[place].moments.clone();
        MemberState { steps, trained: self.members[place].compact().to_vec(), first, second }
    }

    /// Lets a member go on from what it had become.
    ///
    /// # Errors
    /// The state is one of another selection or head; the member is unchanged.
    pub fn restore(&mut self, member: usize, state: MemberState) -> Result<(), EngineError> {
        let place = self.places[member];
        let want = self.members[place].compact().len();
        for got in [state.trained.len(), state.first.len(), state.second.len()] {
            if got != want {
                return Err(EngineError::State { got, want });
            }
        }
        self.members[place].update(|compact| compact.copy_from_slice(&state.trained));
        self.progress[place].moments = Moments::of(state.first, state.second, state.steps);
        Ok(())
    }

    /// Bytes of activations and gradients to them that are held.
    pub fn activation_bytes(&self) -> usize {
        self.training.bytes() + self.scoring.bytes() + self.workspace.bytes()
    }

    /// Share of the rows of the last step that were not computed, because a trunk stands for several members.
    pub fn shared_share(&self) -> f64 {
        self.layout.shared_share()
    }
}
