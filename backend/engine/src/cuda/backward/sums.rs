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
        level_rows: &LevelRows,
        w: &mut Workspace,
    ) -> Result<(), EngineError> {
        if self.pass.members.targets(slot).is_none() {
            return Ok(());
        }
        let partial = w.partial.room(4 * level_rows.parts() * width)?;
        let p = ColumnSums {
            chunks: level_rows.chunks,
            from,
            partial,
            stride: width as u32,
            width: width as u32,
        };
        self.pass.runner.column_sums(level_rows.kept, &p)?;
        self.collect(slot, level_rows, PartSums { partial, width, vector: width, first })
    }

    /// Adds up the parts' sums into the gradients of the vectors whose first is `slot`.
    pub(super) fn collect(
        &self,
        slot: Slot,
        level_rows: &LevelRows,
        sums: PartSums,
    ) -> Result<(), EngineError> {
        let Some(targets) = self.pass.members.targets(slot) else { return Ok(()) };
        let p = Collect {
            partial: sums.partial,
            firsts: level_rows.firsts,
            wave: self.pass.tables.wave(),
            targets,
            width: sums.width as u32,
            vector: sums.vector as u32,
            stride: self.pass.members.len() as u32,
            first: sums.first as u32,
        };
        self.pass.runner.collect(level_rows.members, &p)
    }
}
