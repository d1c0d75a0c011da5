//! Runs that step together through the same frozen matrices. In reading order:

/// Who is in a gang.
mod roster;
/// What it trains on.
mod backend;
/// How many rows trunks have saved.
mod row_count;
/// Members through the network.
mod waves;
/// What it does with batches.
mod step;

use crate::plan::batch::Batch;
use crate::plan::layout::Layout;
use crate::{Averaging, Device, EncoderConfig, EngineError, MemberSpec, MemberState, Objective};
use backend::Backend;
use roster::Entry;
use row_count::RowCount;
use std::sync::Arc;

/// Runs that step together. One gang uses one device; its steps are deterministic, and each member ends as it
/// would alone.
pub struct Gang {
    config: EncoderConfig,
    objective: Objective,
    roster: Vec<Entry>,
    backend: Backend,
    averaging: Averaging,
    wave_rows: usize,
    /// Those of the last pass.
    rows: RowCount,
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
        let (roster, members) = roster::join(&config, &weights, objective, members)?;
        Ok(Self {
            backend: Backend::new(device, &config, weights, objective, members)?,
            config,
            objective,
            roster,
            averaging: Averaging::default(),
            wave_rows: device.wave_rows(),
            rows: RowCount::default(),
            batch: Batch::default(),
            layout: Layout::default(),
        })
    }

    /// Lets the members' losses be averaged so from now on.
    ///
    /// # Errors
    /// Class weights that a head for the gang's objective cannot have; nothing has changed then.
    pub fn set_averaging(&mut self, averaging: Averaging) -> Result<(), EngineError> {
        averaging.check(self.objective)?;
        self.averaging = averaging;
        Ok(())
    }

    /// Gives a wave room for so many rows of tokens in every block: more memory, and larger products.
    pub fn set_wave_rows(&mut self, rows: usize) {
        self.wave_rows = rows;
    }

    /// Number of runs.
    pub fn len(&self) -> usize {
        self.roster.len()
    }

    /// Whether all have left.
    pub fn is_empty(&self) -> bool {
        self.roster.is_empty()
    }

    /// Takes a member out; those behind it move up by one. The rest goes on with the same bits.
    pub fn remove(&mut self, member: usize) {
        self.roster.remove(member);
        self.backend.remove(member);
    }

    /// A member's trained scalars: its selection in ascending order, what is added to the model, then the head.
    ///
    /// # Errors
    /// A GPU that fails.
    pub fn trained(&self, member: usize) -> Result<&[f32], EngineError> {
        self.backend.trained(member)
    }

    /// Whether every scalar outside a member's selection, as the step reads it, has the bits it had at first: of some
    /// members, whose model is looked at once.
    ///
    /// # Errors
    /// A GPU that fails.
    pub fn frozen_unchanged(&self, members: &[usize]) -> Result<Vec<bool>, EngineError> {
        self.backend.frozen_unchanged(members)
    }

    /// What a member has become.
    ///
    /// # Errors
    /// A GPU that fails.
    pub fn state(&self, member: usize) -> Result<MemberState, EngineError> {
        self.backend.state(member)
    }

    /// Lets a member go on from what it had become.
    ///
    /// # Errors
    /// The state is one of another selection or head, and the member is unchanged; a GPU that fails.
    pub fn restore(&mut self, member: usize, state: MemberState) -> Result<(), EngineError> {
        let want = self.roster[member].scalars;
        for got in [state.trained.len(), state.first.len(), state.second.len()] {
            if got != want {
                return Err(EngineError::State { got, want });
            }
        }
        self.backend.restore(member, state)
    }

    /// Share of the rows of the last step that were not computed, because a trunk stands for several members.
    pub fn shared_share(&self) -> f64 {
        self.rows.shared_share()
    }
}
