//! Sums over chunks, by member.

use super::Backward;
use crate::cpu::chunks::ChunkSums;
use crate::plan::layout::Chunk;
use crate::plan::slots::Slot;
use std::ops::Range;

impl Backward<'_, '_, '_> {
    /// Adds up some columns of the chunks' sums into each member's gradient of `slot`.
    pub(super) fn collect(&mut self, slot: Slot, sums: ChunkSums<'_>, columns: Range<usize>) {
        let ChunkSums { chunks, sums, width } = sums;
        let mut own = chunks.iter().zip(sums.chunks_exact(width)).peekable();
        while let Some(&(&Chunk { member, .. }, _)) = own.peek() {
            self.gradients[member].write(self.pass.members[member], slot, |total| {
                total.fill(0.0);
                let more = own.clone().take_while(|(chunk, _)| chunk.member == member);
                for (_, sums) in more {
                    total.iter_mut().zip(&sums[columns.clone()]).for_each(|(sum, x)| *sum += x);
                }
            });
            while own.next_if(|(chunk, _)| chunk.member == member).is_some() {}
        }
    }
}
