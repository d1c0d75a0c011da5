//! A gang on the processor.

use super::activations::Activations;
use super::backward::backward;
use super::bf16::Bf16Weights;
use super::forward::forward;
use super::kernels::head::sum_of_squares;
use super::masked_language;
use super::optimizer::{self, Moments, Update};
use super::pass::HostPass;
use super::workspace::Workspace;
use crate::error::DeviceError;
use crate::parameters::{Gradient, Member, MemberOptimizer, Parameters, digest};
use crate::pass::{Add, Parts, Pass, Purpose};
use crate::plan::Plan;
use crate::plan::slots::{Slot, slots};
use crate::plan::trained::Trained;
use crate::{EncoderConfig, EngineError, MemberState, Objective, Precision, Probe, StepReport};
use std::sync::Arc;

/// What the parts of a member's batch add up to.
#[derive(Clone, Debug, Default)]
struct Sum {
    gradient: Vec<f32>,
    loss: f64,
}

/// Members, their optimizers' state, and the buffers of a step. The lists have an entry a member, in the gang's order.
pub struct Step {
    weights: Arc<Vec<f32>>,
    weights_digest: [u8; 32],
    bf16: Option<Bf16Weights>,
    layers: usize,
    slots: Vec<Slot>,
    parameters: Vec<Parameters>,
    optimizers: Vec<MemberOptimizer>,
    moments: Vec<Moments>,
    gradients: Vec<Gradient>,
    /// Losses of the last batches, or of parts of them.
    losses: Vec<f64>,
    /// Gradients and losses of parts, added up; empty until there are several.
    sums: Vec<Sum>,
    plan: Plan,
    training: Activations,
    scoring: Activations,
    workspace: Workspace,
}

impl Step {
    /// Members of a gang on a model with these `weights`.
    ///
    /// # Errors
    /// [`EngineError::MaskedLanguage`] for members that cannot be trained so.
    pub fn new(
        precision: Precision,
        config: &EncoderConfig,
        weights: Arc<Vec<f32>>,
        objective: Objective,
        members: Vec<Member>,
    ) -> Result<Self, EngineError> {
        let (parameters, optimizers): (Vec<_>, Vec<_>) =
            members.into_iter().map(|member| (member.parameters, member.optimizer)).unzip();
        match objective {
            Objective::MaskedLanguage(_) => masked_language::check(config, &parameters)?,
            Objective::Classification(_)
            | Objective::Regression
            | Objective::Tagging(_)
            | Objective::MultiLabel(_) => {}
        }
        let layers = config.shape.layers;
        let slots: Vec<Slot> = slots(&config.shape).into_iter().map(|(slot, _)| slot).collect();
        let trained: Vec<&Trained> = parameters.iter().map(Parameters::trained).collect();
        let plan = Plan::new(layers, &slots, &trained);
        Ok(Self {
            weights_digest: digest(&weights),
            weights,
            bf16: Bf16Weights::of(precision),
            layers,
            moments: parameters.iter().map(|member| Moments::new(member.compact().len())).collect(),
            gradients: parameters.iter().map(Gradient::new).collect(),
            losses: vec![0.0; parameters.len()],
            sums: vec![Sum::default(); parameters.len()],
            training: Activations::new(layers, &plan),
            scoring: Activations::new(layers, &Plan::forward_only(layers)),
            workspace: Workspace::default(),
            plan,
            slots,
            parameters,
            optimizers,
        })
    }

    /// Takes a member out; those behind it move up by one.
    pub fn remove(&mut self, member: usize) {
        self.parameters.remove(member);
        self.optimizers.remove(member);
        self.moments.remove(member);
        self.gradients.remove(member);
        self.losses.remove(member);
        self.sums.remove(member);
        let trained: Vec<&Trained> = self.parameters.iter().map(Parameters::trained).collect();
        let plan = Plan::new(self.layers, &self.slots, &trained);
        if plan != self.plan {
            self.training = Activations::new(self.layers, &plan);
            self.plan = plan;
        }
    }

    /// Steps that a member has done.
    pub fn steps(&self, member: usize) -> u32 {
        self.moments[member].steps
    }

    /// Losses and gradients of a wave's members.
    ///
    /// # Errors
    /// A product in bf16 failed.
    pub fn gradients(&mut self, pass: &Pass<'_>) -> Result<(), EngineError> {
        debug_assert_eq!(pass.purpose, Purpose::Train);
        let members: Vec<&Parameters> = pass.wave.iter().map(|&member| &self.parameters[member]).collect();
        let host = HostPass { pass, members: &members, bf16: self.bf16.as_ref() };
        forward(&host, &mut self.training);
        let trained: Vec<&Trained> = members.iter().map(|member| member.trained()).collect();
        let plan = Plan::new(self.layers, &self.slots, &trained);
        let mut all: Vec<Option<&mut Gradient>> = self.gradients.iter_mut().map(Some).collect();
        let mut own: Vec<&mut Gradient> = pass.wave.iter().filter_map(|&member| all[member].take()).collect();
        let losses = backward(&host, &plan, &self.training, &mut self.workspace, &mut own);
        pass.wave.iter().zip(losses).for_each(|(&member, loss)| self.losses[member] = loss);
        self.products_done()
    }

    /// Adds up losses and gradients of some members.
    pub fn add_up(&mut self, members: &[usize], add: Add) {
        for &member in members {
            let (Sum { gradient, loss }, part) = (&mut self.sums[member], self.gradients[member].values());
            match add {
                Add::First => {
                    gradient.clear();
                    gradient.extend_from_slice(part);
                    *loss = self.losses[member];
                }
                Add::More => {
                    gradient.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
                    *loss += self.losses[member];
                }
            }
        }
    }

    /// Updates every member by its gradient, but for those whose loss or gradient is not finite.
    pub fn update(&mut self, learning_rates: &[f64], parts: Parts) -> Vec<StepReport> {
        let mut reports = Vec::with_capacity(learning_rates.len());
        for (member, &rate) in learning_rates.iter().enumerate() {
            let (gradient, loss) = match parts {
                Parts::One => (self.gradients[member].values(), self.losses[member]),
                Parts::Several => (&self.sums[member].gradient[..], self.sums[member].loss),
            };
            let gradient_norm = sum_of_squares(gradient).sqrt();
            let report = StepReport { loss, gradient_norm };
            if report.is_finite() {
                let MemberOptimizer { adam, decayed } = &self.optimizers[member];
                let moments = &mut self.moments[member];
                let update =
                    Update { settings: *adam, learning_rate: rate, gradient, norm: gradient_norm, decayed };
                self.parameters[member].update(|theta| optimizer::update(theta, moments, &update));
            }
            reports.push(report);
        }
        reports
    }

    /// Logits `[reads, outputs]` of a wave's members, end to end.
    ///
    /// # Errors
    /// A product in bf16 failed.
    pub fn predict(&mut self, pass: &Pass<'_>) -> Result<&[f32], EngineError> {
        debug_assert_eq!(pass.purpose, Purpose::Predict);
        let members: Vec<&Parameters> = pass.wave.iter().map(|&member| &self.parameters[member]).collect();
        let host = HostPass { pass, members: &members, bf16: self.bf16.as_ref() };
        forward(&host, &mut self.scoring);
        self.products_done()?;
        Ok(&self.scoring.logits)
    }

    /// Logits (so many), loss and gradient of the only member, after [`Step::gradients`].
    pub fn probe(&self, logits: usize) -> Probe {
        Probe {
            logits: self.training.logits[..logits].to_vec(),
            loss: self.losses[0],
            gradient: self.gradients[0].values().to_vec(),
        }
    }

    /// A member's trained scalars.
    pub fn trained(&self, member: usize) -> &[f32] {
        self.parameters[member].compact()
    }

    /// What a member has become.
    pub fn state(&self, member: usize) -> MemberState {
        let Moments { first, second, steps } = self.moments[member].clone();
        MemberState { steps, trained: self.parameters[member].compact().to_vec(), first, second }
    }

    /// Lets a member go on from a state of as many scalars.
    pub fn restore(&mut self, member: usize, state: MemberState) {
        self.parameters[member].update(|compact| compact.copy_from_slice(&state.trained));
        self.moments[member] = Moments::of(state.first, state.second, state.steps);
    }

    /// Whether every scalar outside a member's selection, as the step reads it, has the bits it had at first.
    pub fn frozen_unchanged(&self, members: &[usize]) -> Vec<bool> {
        let model = digest(&self.weights) == self.weights_digest
            && self.bf16.as_ref().is_none_or(Bf16Weights::unchanged);
        members.iter().map(|&member| model && self.parameters[member].copies_unchanged()).collect()
    }

    fn products_done(&self) -> Result<(), EngineError> {
        match self.bf16.as_ref().and_then(Bf16Weights::failure) {
            Some(why) => Err(DeviceError::Bf16Product(why.into()).into()),
            None => Ok(()),
        }
    }
}
