//! Gradients to activations on the way down.

/// Gradients to activations on the way down, reused from step to step.
#[derive(Default)]
pub struct Workspace {
    /// To a block's output, then to its middle, then to its input `[rows, hidden]`.
    pub down: Vec<f32>,
    /// To a product that a LayerNorm reads `[rows, hidden]`.
    pub product: Vec<f32>,
    /// To attention's output `[rows, hidden]`.
    pub context: Vec<f32>,
    /// To GELU's output and input `[rows, intermediate]`.
    pub hidden: Vec<f32>,
    /// To query, key and value `[rows, 3 hidden]`.
    pub qkv: Vec<f32>,
    /// To the last block's queries `[reads, hidden]`.
    pub queries: Vec<f32>,
    /// To the logits `[reads, outputs]`.
    pub logits: Vec<f32>,
    /// To the word embeddings as they score word pieces `[vocabulary, hidden]`.
    pub decoder: Vec<f32>,
    /// Sums of each chunk.
    pub partial: Vec<f32>,
}
