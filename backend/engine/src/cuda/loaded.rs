//! What a gang has on a device, and its training step.

use super::activations::Activations;
use super::backward::backward;
use super::forward::forward;
use super::gpu::Gpu;
use super::launch::{AdamUpdate, MAX_HEAD_WIDTH, MAX_HIDDEN, REPORT_BYTES, Runner, Squares, StepCheck};
use super::machine::{Buffer, Pending, as_bytes, from_bytes};
use super::members::{Members, TABLES};
use super::model::Model;
use super::pass::DevicePass;
use super::tables::Tables;
use super::workspace::Workspace;
use crate::error::ShapeError;
use crate::parameters::{MemberOptimizer, Parameters};
use crate::pass::{Add, Matrices, Parts, Pass, Purpose};
use crate::plan::Plan;
use crate::plan::level::Level;
use crate::{EncoderConfig, EngineError, MemberState, Probe, StepReport};
use std::sync::Arc;

/// What a gang has on a device.
pub(super) struct Loaded {
    runner: Runner,
    model: Arc<Model>,
    members: Members,
    training: Activations,
    scoring: Activations,
    workspace: Workspace,
    tables: Tables,
}

/// A step's reports, on their pass from the device.
pub(super) struct Reports(Pending);

impl Reports {
    /// Waits for them; in the order of the members.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn wait(self) -> Result<Vec<StepReport>, EngineError> {
        let numbers: Vec<f64> = from_bytes(&(self.0)()?);
        Ok(numbers.chunks_exact(2).map(|n| StepReport { loss: n[0], gradient_norm: n[1] }).collect())
    }
}

impl Loaded {
    /// Puts the members of a gang, in the order of their levels, on a device.
    ///
    /// # Errors
    /// A shape that the kernels cannot work on; no memory; the device fails.
    pub(super) fn new(
        gpu: &Gpu,
        config: &EncoderConfig,
        weights: &Arc<Vec<f32>>,
        members: &[&Parameters],
        optimizers: &[&MemberOptimizer],
        plan: &Plan,
    ) -> Result<Self, EngineError> {
        let shape = &config.shape;
        let (width, widest) = (shape.hidden / shape.heads, shape.hidden.max(shape.embedding()));
        if width > MAX_HEAD_WIDTH || widest > MAX_HIDDEN {
            return Err(EngineError::Shape(ShapeError::Gpu {
                hidden: widest,
                width,
                max_hidden: MAX_HIDDEN,
                max_width: MAX_HEAD_WIDTH,
            }));
        }
        let (runner, model) = (gpu.runner()?, gpu.model(weights)?);
        let on_device = Members::new(&runner, config, weights, &model, members, optimizers)?;
        let machine = &runner.machine;
        Ok(Self {
            training: Activations::new(machine, shape.layers, plan),
            scoring: Activations::new(machine, shape.layers, &Plan::forward_only(shape.layers)),
            workspace: Workspace::new(machine),
            tables: Tables::new(Buffer::empty(machine)),
            members: on_device,
            model,
            runner,
        })
    }

    /// Gives all activations back: what failed for want of memory may go with a smaller batch.
    pub(super) fn give_back(&mut self, plan: &Plan, layers: usize) {
        let machine = &self.runner.machine;
        self.training = Activations::new(machine, layers, plan);
        self.scoring = Activations::new(machine, layers, &Plan::forward_only(layers));
        self.workspace = Workspace::new(machine);
        self.tables = Tables::new(Buffer::empty(machine));
    }

    /// Asks for losses and gradients of a wave's members.
    ///
    /// # Errors
    /// There is no memory, or the device fails. Nothing has changed then.
    pub(super) fn gradients(&mut self, pass: &Pass<'_>, plan: &Plan) -> Result<(), EngineError> {
        debug_assert_eq!(pass.purpose, Purpose::Train);
        let trains = TABLES.into_iter().any(|slot| self.members.matrix_gradient(slot).is_some());
        let embeddings = if trains { Matrices::Trained } else { Matrices::Frozen };
        self.tables.send(pass, self.members.len(), embeddings)?;
        let pass = DevicePass { pass, runner: &self.runner, members: &self.members, tables: &self.tables };
        forward(&pass, &mut self.training)?;
        backward(&pass, plan, &self.training, &mut self.workspace)
    }

    /// Adds up gradients and losses of some members, from those of all waves.
    ///
    /// # Errors
    /// There is no memory, or the device fails. No member has changed then.
    pub(super) fn add_up(&mut self, members: &[usize], add: Add) -> Result<(), EngineError> {
        self.members.add_up(&self.runner, members, add)
    }

    /// Asks for an update of every member, from the gradients of all waves. Nothing waits until the reports are.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn update(
        &mut self,
        rates: &[f64],
        steps: &[u32],
        batch_parts: Parts,
    ) -> Result<Reports, EngineError> {
        let (runner, own) = (&self.runner, &self.members);
        if batch_parts == Parts::One {
            own.gather(runner)?;
        }
        let [gradient, losses] = own.gradient(batch_parts);
        own.rates.fill(as_bytes(rates))?;
        own.steps.fill(as_bytes(steps))?;
        let squares = Squares { parts: own.parts, gradient, sums: own.squares.at() };
        runner.squares(own.part_count, &squares)?;
        runner.step_check(
            own.len(),
            &StepCheck {
                sums: own.squares.at(),
                firsts: own.part_firsts,
                losses,
                rates: own.rates.at(),
                optimizers: own.optimizers,
                steps: own.steps.at(),
                updates: own.updates.at(),
                reports: own.reports.at(),
            },
        )?;
        let [values, first, second, rounded] = own.state();
        let (parts, updates) = (own.parts, own.updates.at());
        runner
            .adam(own.part_count, &AdamUpdate { parts, updates, gradient, values, first, second, rounded })?;
        own.scatter(runner)?;
        Ok(Reports(runner.machine.fetch(own.reports.at(), REPORT_BYTES * own.len())?))
    }

    /// Logits (so many), loss and gradient of the only member, of which gradients were asked for.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn probe(&mut self, logits: usize) -> Result<Probe, EngineError> {
        self.members.gather(&self.runner)?;
        Ok(Probe {
            loss: self.members.losses.read::<f64>(0, 1)?[0],
            logits: self.training.logits.read(0, logits)?,
            gradient: self.members.gradient_of(0)?,
        })
    }

    /// Logits of a wave's members, end to end.
    ///
    /// # Errors
    /// There is no memory, or the device fails.
    pub(super) fn predict(&mut self, pass: &Pass<'_>) -> Result<Vec<f32>, EngineError> {
        debug_assert_eq!(pass.purpose, Purpose::Predict);
        self.tables.send(pass, self.members.len(), Matrices::Frozen)?;
        let pass = DevicePass { pass, runner: &self.runner, members: &self.members, tables: &self.tables };
        forward(&pass, &mut self.scoring)?;
        let reads = pass.layout.total(Level::head(pass.config.shape.layers).reads());
        self.scoring.logits.read(0, reads * pass.objective.outputs())
    }

    /// A member's trained scalars.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn trained(&self, member: usize) -> Result<Vec<f32>, EngineError> {
        self.members.trained(member)
    }

    /// What a member has become after so many steps.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn state(&self, member: usize, steps: u32) -> Result<MemberState, EngineError> {
        self.members.state_of(member, steps)
    }

    /// Lets a member go on from a state of as many scalars.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn restore(&mut self, member: usize, state: &MemberState) -> Result<(), EngineError> {
        self.members.restore(&self.runner, member, state)
    }

    /// Whether every frozen scalar on the device, of all members, has the bits that it had at first.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn frozen_unchanged(&self) -> Result<bool, EngineError> {
        Ok(self.model.is_unchanged(&self.runner)? && self.members.copies_unchanged()?)
    }
}
