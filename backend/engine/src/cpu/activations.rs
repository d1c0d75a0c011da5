//! What the forward pass leaves for the backward pass, in buffers that are reused from step to step.

use crate::plan::Plan;
use crate::plan::level::Level;

/// One kind of activation, of every block from `from` up; blocks below take turns in `shared`.
#[derive(Default)]
pub(super) struct Bank {
    from: usize,
    turns: usize,
    shared: Vec<Vec<f32>>,
    kept: Vec<Vec<f32>>,
}

impl Bank {
    fn new(from: usize, blocks: usize, turns: usize) -> Self {
        let kept = vec![Vec::new(); blocks.saturating_sub(from)];
        Self { from, turns, shared: vec![Vec::new(); turns], kept }
    }

    fn buffer(&mut self, block: usize) -> &mut Vec<f32> {
        match block.checked_sub(self.from) {
            Some(kept) => &mut self.kept[kept],
            None => &mut self.shared[block % self.turns],
        }
    }

    /// A block's buffer.
    pub(super) fn get(&self, block: usize) -> &[f32] {
        match block.checked_sub(self.from) {
            Some(kept) => &self.kept[kept],
            None => &self.shared[block % self.turns],
        }
    }

    /// A block's buffer with room for `n` scalars. What stands in it is undefined.
    pub(super) fn room(&mut self, block: usize, n: usize) -> &mut [f32] {
        let buffer = self.buffer(block);
        if buffer.len() < n {
            buffer.resize(n, 0.0);
        }
        &mut buffer[..n]
    }
}

/// Of the head of masked language modelling, `[reads, hidden]` but for the last.
#[derive(Default)]
pub(super) struct LanguageActivations {
    /// GELU's derivative.
    pub gelu_grad: Vec<f32>,
    /// x̂ of the LayerNorm.
    pub x_hats: Vec<f32>,
    /// The LayerNorm's output.
    pub normed: Vec<f32>,
    /// 1 / √(var + ε) `[reads]`.
    pub rstd: Vec<f32>,
}

/// Activations of all blocks. Sizes are in rows of a level, see [`crate::plan::layout`]; in the last block, from
/// attention on, in rows that the head reads.
#[derive(Default)]
pub(super) struct Activations {
    /// Input of each block, and the last one's output `[rows, hidden]`.
    pub inputs: Bank,
    /// Products of query, key and value, without bias `[rows, 3 hidden]`; in the last block key and value.
    pub qkv: Bank,
    /// Attention probabilities before dropout `[heads, n, n]` a sequence, of branched members.
    pub probabilities: Bank,
    /// Attention's output before its matrix `[rows, hidden]`.
    pub contexts: Bank,
    /// A product that a LayerNorm reads `[rows, hidden]`.
    pub products: Vec<f32>,
    /// x̂ of the LayerNorm after attention `[rows, hidden]`, of branched members.
    pub attention_x_hats: Bank,
    /// Its 1 / √(var + ε) `[rows]`.
    pub attention_rstd: Bank,
    /// Its output `[rows, hidden]`.
    pub attn_out: Bank,
    /// The product that GELU reads `[rows, intermediate]`.
    pub ffn_in: Vec<f32>,
    /// GELU's derivative `[rows, intermediate]`, of branched members.
    pub gelu_grad: Bank,
    /// GELU's output `[rows, intermediate]`.
    pub ffn_act: Bank,
    /// x̂ of the LayerNorm after the feed-forward layer `[rows, hidden]`, of branched members.
    pub ffn_x_hats: Bank,
    /// Its 1 / √(var + ε) `[rows]`.
    pub ffn_rstd: Bank,
    /// x̂ of the embeddings' LayerNorm `[rows, hidden]`, of branched members.
    pub embedding_x_hats: Vec<f32>,
    /// Its 1 / √(var + ε) `[rows]`.
    pub embedding_rstd: Vec<f32>,
    /// The embeddings before their projection `[rows, embedding]`, where there is one.
    pub embedded: Vec<f32>,
    /// The rows of the last block's input that the head reads `[reads, hidden]`.
    pub head_inputs: Vec<f32>,
    /// The last block's queries, without bias `[reads, hidden]`.
    pub head_queries: Vec<f32>,
    /// The output `[reads, hidden]` of the pooler, or of a head's dense layer.
    pub pooled: Vec<f32>,
    /// What a head's dense layer reads `[reads, hidden]`, member by member.
    pub dense_inputs: Vec<f32>,
    /// The derivative of what it is followed by `[reads, hidden]`, likewise.
    pub dense_grad: Vec<f32>,
    /// What the head reads, after dropout `[reads, hidden]`.
    pub dropped: Vec<f32>,
    /// Of the head of masked language modelling.
    pub language: LanguageActivations,
    /// Logits `[reads, outputs]`, member by member.
    pub logits: Vec<f32>,
}

impl Activations {
    /// Room as the plan needs it.
    pub(super) fn new(layers: usize, plan: &Plan) -> Self {
        let bank = |from: usize| Bank::new(from, layers, 1);
        let at = |level: fn(usize) -> Level| plan.keeps_from(layers, level);
        let attention = at(Level::attention);
        Self {
            // One behind the blocks for the output; two take turns as input and output.
            inputs: Bank::new(plan.inputs_from, layers + 1, 2),
            qkv: bank(attention),
            probabilities: bank(attention),
            contexts: bank(plan.contexts_from),
            attention_x_hats: bank(at(Level::attention_norm)),
            attention_rstd: bank(at(Level::attention_norm)),
            attn_out: bank(plan.attn_out_from),
            gelu_grad: bank(at(Level::intermediate)),
            ffn_act: bank(plan.ffn_act_from),
            ffn_x_hats: bank(at(Level::ffn_norm)),
            ffn_rstd: bank(at(Level::ffn_norm)),
            ..Self::default()
        }
    }
}
