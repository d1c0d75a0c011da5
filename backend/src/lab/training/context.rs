//! Where a gang trains, and what its members have in common.

use crate::artifacts::Artifacts;
use crate::data::TaskData;
use crate::lab::control::Control;
use crate::lab::curve::Repeats;
use crate::lab::job::Job;
use crate::lab::journal::Journal;
use crate::lab::member::Member;
use crate::lab::resources::Resources;
use crate::model::Model;
use std::sync::Arc;
use tunemask_engine::{Averaging, Device, EncoderConfig, EngineError, Objective, Trainer};
use tunemask_shared::event::Node;

/// Where gangs train.
#[derive(Clone, Debug)]
pub(in crate::lab) struct TrainContext {
    /// What trains.
    pub(in crate::lab) device: Device,
    /// Where its lines go.
    pub(in crate::lab) journal: Journal,
    /// What it is told between two steps.
    pub(in crate::lab) control: Arc<Control>,
    /// Its models and data.
    pub(in crate::lab) resources: Arc<Resources>,
    /// Where its runs leave their files.
    pub(in crate::lab) artifacts: Artifacts,
    /// Where it trains, and whose bits it computes.
    pub(in crate::lab) node: Node,
    /// Whether steps that the log has already are written again.
    pub(in crate::lab) repeats: Repeats,
}

/// The training of some runs: what all of them have in common.
pub(super) struct Training<'a> {
    pub(super) context: &'a TrainContext,
    /// Any of them, for what is the same in all.
    pub(super) first: &'a Job,
    pub(super) model: Arc<Model>,
    pub(super) data: Arc<TaskData>,
    pub(super) config: EncoderConfig,
    pub(super) objective: Objective,
    /// What a step's loss is the mean of.
    pub(super) averaging: Averaging,
}

impl Training<'_> {
    /// A gang in which each member has the slot of its place, and goes on from what it had become.
    ///
    /// # Errors
    /// The device has no room, or fails; the members are as they were.
    pub(super) fn gang(&self, members: &[Member]) -> Result<Trainer, EngineError> {
        let joins = members.iter().map(|member| member.joins().clone()).collect();
        let weights = self.model.weights.clone();
        let (engine, device) = (self.first.spec.engine_kind, &self.context.device);
        let mut gang = Trainer::new(engine, device, self.config, weights, self.objective, joins)?;
        gang.set_averaging(self.averaging.clone())?;
        for (slot, member) in members.iter().enumerate() {
            if let Some(state) = member.state() {
                gang.restore(slot, state.clone())?;
            }
        }
        Ok(gang)
    }
}
