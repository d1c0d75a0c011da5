//! Runs in training, by either engine: a gang of the fast one, or a run alone in the reference engine.

use crate::reference::{Float, Place, Reference};
use crate::{
    Averaging, Device, EncoderConfig, EngineError, Gang, MemberSpec, MemberState, MemberStep, Objective,
    Probe, Sequence, StepReport,
};
use std::sync::Arc;
use tunemask_shared::experiment::EngineKind;

/// Runs in training. The verbs are those of [`Gang`].
pub enum Trainer {
    /// Runs that step together on a device.
    Gang(Box<Gang>),
    /// A run by candle's autograd in f32, on the processor; `None` once it has left.
    Reference(Option<Box<Reference>>),
}

fn left() -> EngineError {
    EngineError::Batches { got: 1, want: 0 }
}

impl Trainer {
    /// Runs on a model. The reference engine takes one at a time, and leaves the device alone.
    ///
    /// # Errors
    /// As [`Gang::on`] and [`Reference::new`]; several runs for the reference engine.
    pub fn new(
        engine: EngineKind,
        device: &Device,
        config: EncoderConfig,
        weights: Arc<Vec<f32>>,
        objective: Objective,
        mut members: Vec<MemberSpec>,
    ) -> Result<Self, EngineError> {
        match engine {
            EngineKind::Tunemask => {
                Ok(Self::Gang(Box::new(Gang::on(device, config, weights, objective, members)?)))
            }
            EngineKind::Candle => match (members.pop(), members.len()) {
                (Some(member), 0) => {
                    let place = Place::Processor;
                    let reference = Reference::new(place, config, weights, objective, member, Float::F32)?;
                    Ok(Self::Reference(Some(Box::new(reference))))
                }
                (_, others) => Err(EngineError::Batches { got: others + 1, want: 1 }),
            },
        }
    }

    /// Lets the losses of all runs be averaged so from now on.
    ///
    /// # Errors
    /// Class weights that a head for the runs' objective cannot have; nothing has changed then.
    pub fn set_averaging(&mut self, averaging: Averaging) -> Result<(), EngineError> {
        match self {
            Self::Gang(gang) => gang.set_averaging(averaging),
            Self::Reference(reference) => reference.as_mut().ok_or_else(left)?.set_averaging(averaging),
        }
    }

    /// Takes a run out; those behind it move up by one.
    pub fn remove(&mut self, member: usize) {
        match self {
            Self::Gang(gang) => gang.remove(member),
            Self::Reference(reference) => *reference = None,
        }
    }

    /// One optimizer step of every run.
    ///
    /// # Errors
    /// A sequence that the model cannot read; a batch too few, too many or empty; a device that fails.
    pub fn step(&mut self, steps: &[MemberStep<'_>]) -> Result<Vec<StepReport>, EngineError> {
        match (self, steps) {
            (Self::Gang(gang), _) => gang.step(steps),
            (Self::Reference(Some(reference)), [step]) => Ok(vec![reference.step(step)?]),
            (Self::Reference(_), _) => Err(EngineError::Batches { got: steps.len(), want: 1 }),
        }
    }

    /// Logits `[reads, outputs]` of some runs, dropout off.
    ///
    /// # Errors
    /// A sequence that the model cannot read; a device that fails.
    pub fn predict_with(
        &mut self,
        members: &[usize],
        sequences: &[Sequence<'_>],
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        match self {
            Self::Gang(gang) => gang.predict_with(members, sequences),
            Self::Reference(reference) => {
                let reference = reference.as_ref().ok_or_else(left)?;
                members.iter().map(|_| reference.predict(sequences)).collect()
            }
        }
    }

    /// Logits, mean loss and gradient of a run alone, dropout off, nothing updated.
    ///
    /// # Errors
    /// As [`Gang::probe`].
    pub fn probe(&mut self, batch: &[Sequence<'_>]) -> Result<Probe, EngineError> {
        match self {
            Self::Gang(gang) => gang.probe(batch),
            Self::Reference(reference) => Ok(reference.as_ref().ok_or_else(left)?.probe(batch)?.into()),
        }
    }

    /// A run's trained scalars: its selection in ascending order, what is added to the model, then the head.
    ///
    /// # Errors
    /// A device that fails.
    pub fn trained(&self, member: usize) -> Result<&[f32], EngineError> {
        match self {
            Self::Gang(gang) => gang.trained(member),
            Self::Reference(reference) => Ok(reference.as_ref().ok_or_else(left)?.trained()),
        }
    }

    /// Whether every scalar outside the selection of some runs has the bits that it had at first.
    ///
    /// # Errors
    /// A device that fails.
    pub fn frozen_unchanged(&self, members: &[usize]) -> Result<Vec<bool>, EngineError> {
        match self {
            Self::Gang(gang) => gang.frozen_unchanged(members),
            Self::Reference(reference) => {
                let unchanged = reference.as_ref().ok_or_else(left)?.frozen_unchanged()?;
                Ok(vec![unchanged; members.len()])
            }
        }
    }

    /// What a run has become.
    ///
    /// # Errors
    /// A device that fails.
    pub fn state(&self, member: usize) -> Result<MemberState, EngineError> {
        match self {
            Self::Gang(gang) => gang.state(member),
            Self::Reference(reference) => Ok(reference.as_ref().ok_or_else(left)?.state()),
        }
    }

    /// Lets a run go on from what it had become.
    ///
    /// # Errors
    /// The state is one of another selection or head; a device that fails.
    pub fn restore(&mut self, member: usize, state: MemberState) -> Result<(), EngineError> {
        match self {
            Self::Gang(gang) => gang.restore(member, state),
            Self::Reference(reference) => reference.as_mut().ok_or_else(left)?.restore(state),
        }
    }

    /// Share of the rows of the last step that were computed once for several runs.
    pub fn shared_share(&self) -> f64 {
        match self {
            Self::Gang(gang) => gang.shared_share(),
            Self::Reference(_) => 0.0,
        }
    }
}
