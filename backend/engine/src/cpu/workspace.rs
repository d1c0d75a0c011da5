//! Gradients to activations of the backward pass.

/// Gradients to activations of the backward pass, reused from step to step.
#[derive(Default)]
pub(super) struct Workspace {
    /// To a block's output, then to the output of its attention's LayerNorm, then to its input `[rows, hidden]`.
    pub d_x: Vec<f32>,
    /// To a product that a LayerNorm reads `[rows, hidden]`.
    pub d_product: Vec<f32>,
    /// To attention's output `[rows, hidden]`.
    pub d_context: Vec<f32>,
    /// To GELU's output and input `[rows, intermediate]`.
    pub d_ffn: Vec<f32>,
    /// To query, key and value `[rows, 3 hidden]`.
    pub d_qkv: Vec<f32>,
    /// To the last block's queries `[reads, hidden]`.
    pub d_queries: Vec<f32>,
    /// To the logits `[reads, outputs]`.
    pub d_logits: Vec<f32>,
    /// To the word embeddings as they score word pieces `[vocabulary, hidden]`.
    pub d_decoder: Vec<f32>,
    /// Sums of each chunk.
    pub partial: Vec<f32>,
}
