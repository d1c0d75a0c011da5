//! What a gang trains on: one of two steps with the same verbs.

#[cfg(any(test, feature = "cuda"))]
use crate::cuda;
use crate::device::{Device, DeviceKind};
use crate::parameters::Member;
use crate::pass::{Add, Parts, Pass};
use crate::{EncoderConfig, EngineError, MemberState, Objective, Probe, StepReport, cpu};
use std::borrow::Cow;
use std::sync::Arc;

/// The processor's step, or a GPU's. Members are named by their places in the gang.
pub enum Backend {
    /// The processor.
    Cpu(Box<cpu::Step>),
    /// A GPU.
    #[cfg(any(test, feature = "cuda"))]
    Cuda(Box<cuda::Step>),
}

impl Backend {
    /// Members of a gang on a model with these `weights`.
    ///
    /// # Errors
    /// Members that this device cannot train; a GPU that has no room, or fails, or cannot run this shape.
    pub fn new(
        device: &Device,
        config: &EncoderConfig,
        weights: Arc<Vec<f32>>,
        objective: Objective,
        members: Vec<Member>,
    ) -> Result<Self, EngineError> {
        Ok(match &device.0 {
            DeviceKind::Cpu(precision) => {
                Self::Cpu(Box::new(cpu::Step::new(*precision, config, weights, objective, members)?))
            }
            #[cfg(any(test, feature = "cuda"))]
            DeviceKind::Gpu(gpu) => {
                Self::Cuda(Box::new(cuda::Step::new(gpu.clone(), config, weights, objective, members)?))
            }
        })
    }

    /// Takes a member out; those behind it move up by one.
    pub fn remove(&mut self, member: usize) {
        match self {
            Self::Cpu(step) => step.remove(member),
            #[cfg(any(test, feature = "cuda"))]
            Self::Cuda(step) => step.remove(member),
        }
    }

    /// Steps that a member has done.
    pub fn steps(&self, member: usize) -> u32 {
        match self {
            Self::Cpu(step) => step.steps(member),
            #[cfg(any(test, feature = "cuda"))]
            Self::Cuda(step) => step.steps(member),
        }
    }

    /// Losses and gradients of a wave's members.
    ///
    /// # Errors
    /// The device fails, or has no room. No member has changed then.
    pub fn gradients(&mut self, pass: &Pass<'_>) -> Result<(), EngineError> {
        match self {
            Self::Cpu(step) => step.gradients(pass),
            #[cfg(any(test, feature = "cuda"))]
            Self::Cuda(step) => step.gradients(pass),
        }
    }

    /// Adds up losses and gradients of some members: those of the passes since the last time it was asked.
    ///
    /// # Errors
    /// The device fails, or has no room. No member has changed then.
    pub fn add_up(&mut self, members: &[usize], add: Add) -> Result<(), EngineError> {
        match self {
            Self::Cpu(step) => {
                step.add_up(members, add);
                Ok(())
            }
            #[cfg(any(test, feature = "cuda"))]
            Self::Cuda(step) => step.add_up(members, add),
        }
    }

    /// Updates every member by its gradient, with a learning rate each.
    ///
    /// # Errors
    /// The device fails.
    pub fn update(&mut self, learning_rates: &[f64], parts: Parts) -> Result<Vec<StepReport>, EngineError> {
        match self {
            Self::Cpu(step) => Ok(step.update(learning_rates, parts)),
            #[cfg(any(test, feature = "cuda"))]
            Self::Cuda(step) => step.update(learning_rates, parts),
        }
    }

    /// Logits `[reads, outputs]` of a wave's members, end to end.
    ///
    /// # Errors
    /// The device fails, or has no room.
    pub fn predict(&mut self, pass: &Pass<'_>) -> Result<Cow<'_, [f32]>, EngineError> {
        match self {
            Self::Cpu(step) => step.predict(pass).map(Cow::Borrowed),
            #[cfg(any(test, feature = "cuda"))]
            Self::Cuda(step) => step.predict(pass).map(Cow::Owned),
        }
    }

    /// Logits (so many), loss and gradient of the only member, after [`Backend::gradients`].
    ///
    /// # Errors
    /// The device fails.
    pub fn probe(&mut self, logits: usize) -> Result<Probe, EngineError> {
        match self {
            Self::Cpu(step) => Ok(step.probe(logits)),
            #[cfg(any(test, feature = "cuda"))]
            Self::Cuda(step) => step.probe(logits),
        }
    }

    /// A member's trained scalars.
    ///
    /// # Errors
    /// The device fails.
    pub fn trained(&self, member: usize) -> Result<&[f32], EngineError> {
        match self {
            Self::Cpu(step) => Ok(step.trained(member)),
            #[cfg(any(test, feature = "cuda"))]
            Self::Cuda(step) => step.trained(member),
        }
    }

    /// What a member has become.
    ///
    /// # Errors
    /// The device fails.
    pub fn state(&self, member: usize) -> Result<MemberState, EngineError> {
        match self {
            Self::Cpu(step) => Ok(step.state(member)),
            #[cfg(any(test, feature = "cuda"))]
            Self::Cuda(step) => step.state(member),
        }
    }

    /// Lets a member go on from a state of as many scalars.
    ///
    /// # Errors
    /// The device fails.
    pub fn restore(&mut self, member: usize, state: MemberState) -> Result<(), EngineError> {
        match self {
            Self::Cpu(step) => {
                step.restore(member, state);
                Ok(())
            }
            #[cfg(any(test, feature = "cuda"))]
            Self::Cuda(step) => step.restore(member, &state),
        }
    }

    /// Of some members, whether every scalar outside the selection has the bits that it had at first.
    ///
    /// # Errors
    /// The device fails.
    pub fn frozen_unchanged(&self, members: &[usize]) -> Result<Vec<bool>, EngineError> {
        match self {
            Self::Cpu(step) => Ok(step.frozen_unchanged(members)),
            #[cfg(any(test, feature = "cuda"))]
            Self::Cuda(step) => step.frozen_unchanged(members),
        }
    }
}
