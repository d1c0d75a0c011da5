//! What a forward pass leaves on the device, in buffers that are reused from step to step.

use super::machine::{Address, Buffer, Machine};
use crate::EngineError;
use crate::plan::Plan;
use crate::plan::level::Level;
use std::sync::Arc;

/// One kind of activation, of every block from `from` up; blocks below take turns in `shared`.
pub(super) struct Bank {
    from: usize,
    shared: Vec<Buffer>,
    kept: Vec<Buffer>,
}

impl Bank {
    fn new(machine: &Arc<dyn Machine>, from: usize, blocks: usize, turns: usize) -> Self {
        let empty = |n| (0..n).map(|_| Buffer::empty(machine)).collect();
        Self { from, shared: empty(turns), kept: empty(blocks.saturating_sub(from)) }
    }

    /// A block's buffer, with room for so many bytes. What stands in it is undefined if it grows.
    ///
    /// # Errors
    /// There is no memory.
    pub(super) fn room(&mut self, block: usize, bytes: usize) -> Result<Address, EngineError> {
        let turns = self.shared.len();
        match block.checked_sub(self.from) {
            Some(kept) => self.kept[kept].room(bytes),
            None => self.shared[block % turns].room(bytes),
        }
    }

    /// A block's buffer.
    pub(super) fn at(&self, block: usize) -> Address {
        match block.checked_sub(self.from) {
            Some(kept) => self.kept[kept].at(),
            None => self.shared[block % self.shared.len()].at(),
        }
    }
}

/// Activations of all blocks; as [`crate::cpu`] has them, but that GELU's input is kept rather than
/// its grad, and a row's logarithm of a sum rather than its probabilities.
pub(super) struct Activations {
    /// Input of each block, and the last one's output.
    pub inputs: Bank,
    /// Products of query, key and value; in the last block key and value.
    pub qkv: Bank,
    /// Logarithms of attention's sums, f32 `[rows, heads]`.
    pub logs: Bank,
    /// Attention's output before its matrix.
    pub contexts: Bank,
    /// A product that a LayerNorm reads.
    pub product: Buffer,
    /// x̂ of the LayerNorm after attention.
    pub attention_x_hats: Bank,
    /// Its 1 / √(var + ε), f32.
    pub attention_rstd: Bank,
    /// Its output.
    pub attn_out: Bank,
    /// The product that GELU reads.
    pub ffn_in: Bank,
    /// GELU's output.
    pub ffn_act: Bank,
    /// x̂ of the LayerNorm after the feed-forward layer.
    pub ffn_x_hats: Bank,
    /// Its 1 / √(var + ε), f32.
    pub ffn_rstd: Bank,
    /// x̂ of the embeddings' LayerNorm.
    pub embedding_x_hats: Buffer,
    /// Its 1 / √(var + ε), f32.
    pub embedding_rstd: Buffer,
    /// The embeddings before their projection, where there is one.
    pub embedded: Buffer,
    /// The rows of the last block's input that the head reads.
    pub head_inputs: Buffer,
    /// The last block's queries, without bias.
    pub head_queries: Buffer,
    /// The output of the pooler, or of a head's dense layer, f32 `[reads, hidden]`, member by member.
    pub pooled: Buffer,
    /// What a head's dense layer reads, likewise.
    pub dense_inputs: Buffer,
    /// The derivative of what it is followed by, likewise.
    pub dense_grad: Buffer,
    /// What the head reads, after dropout, likewise.
    pub dropped: Buffer,
    /// Logits, f32 `[reads, outputs]`, member by member.
    pub logits: Buffer,
}

impl Activations {
    /// As the plan needs them.
    pub(super) fn new(machine: &Arc<dyn Machine>, layers: usize, plan: &Plan) -> Self {
        let bank = |from: usize| Bank::new(machine, from, layers, 1);
        let at = |level: fn(usize) -> Level| plan.keeps_from(layers, level);
        let attention = at(Level::attention);
        let empty = || Buffer::empty(machine);
        Self {
            // One behind the blocks for the output; two take turns as input and output.
            inputs: Bank::new(machine, plan.inputs_from, layers + 1, 2),
            qkv: bank(attention),
            logs: bank(attention),
            // The backward pass through attention reads its output, too.
            contexts: bank(plan.contexts_from.min(attention)),
            product: empty(),
            attention_x_hats: bank(at(Level::attention_norm)),
            attention_rstd: bank(at(Level::attention_norm)),
            attn_out: bank(plan.attn_out_from),
            ffn_in: bank(at(Level::intermediate)),
            ffn_act: bank(plan.ffn_act_from),
            ffn_x_hats: bank(at(Level::ffn_norm)),
            ffn_rstd: bank(at(Level::ffn_norm)),
            embedding_x_hats: empty(),
            embedding_rstd: empty(),
            embedded: empty(),
            head_inputs: empty(),
            head_queries: empty(),
            pooled: empty(),
            dense_inputs: empty(),
            dense_grad: empty(),
            dropped: empty(),
            logits: empty(),
        }
    }
}
