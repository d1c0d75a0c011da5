//! Sums over chunks, by member.

use super::{Backward, PartSums};
use crate::EngineError;
use crate::cuda::launch::{Collect, ColumnSums};
use crate::cuda::machine::Address;
use crate::cuda::tables::LevelRows;
use crate::cuda::workspace::Workspace;
use crate::plan::slots::Slot;

impl Backward<'_> {
    /// Sums of columns of the branched members' rows `[rows, width]`, into the gradient of a vector from its `first`
    /// scalar on.
    pub(super) fn columns(
        &self,
        slot: Slot,
        first: usize,
        from: Address,
        width: usize,
        there: &LevelRows,
        w: &mut Workspace,
    ) -> Result<(), EngineError> {
        if self.pass.members.targets(slot).is_none() {
            return Ok(());
        }
        let partial = w.partial.room(4 * there.parts() * width)?;
        let p = ColumnSums { chunks: there.chunks, from, partial, stride: width as u32, width: width as u32 };
        self.pass.runner.column_sums(there.kept, &p)?;
        self.collect(slot, there, PartSums { partial, width, vector: width, first })
    }

    /// Adds up the parts' sums into the gradients of the vectors whose first is `slot`.
    pub(super) fn collect(&self, slot: Slot, there: &LevelRows, sums: PartSums) -> Result<(), EngineError> {
        let Some(targets) = self.pass.members.targets(slot) else { return Ok(()) };
        let p = Collect {
            partial: sums.partial,
            firsts: there.firsts,
            wave: self.pass.tables.wave(),
            targets,
            width: sums.width as u32,
            vector: sums.vector as u32,
            stride: self.pass.members.len() as u32,
            first: sums.first as u32,
        };
        self.pass.runner.collect(there.members, &p)
    }
}
