//! Row kernels over slices: every function works on the rows it is given, in any order, with the same bits.
//!
//! Vector code is written as loops over fixed lanes, compiled once for each instruction set and chosen at
//! run time; products and sums are fused explicitly, so that every instruction set gives the same bits.
//! In reading order:

/// Buffers that grow where a batch wants more.
pub mod buffer;
/// Adam on a compact vector.
pub mod adam;
/// Activations, and their bias.
pub mod activation;
/// Attention of one head over one sequence, and back.
pub mod attention;
/// Bias and GELU in one pass, and back.
pub mod gelu;
/// Losses, and sums of squares.
pub mod head;
/// Bias, dropout, residual and LayerNorm in one pass, and back.
pub mod layer_norm;
/// exp and the normal distribution, many lanes at a time.
pub mod math;
/// Matrix products.
pub mod matmul;
/// Products with frozen matrices in bf16.
#[cfg(feature = "onednn")]
pub mod bf16_matmul;
/// Matrices packed in bf16 by oneDNN.
#[cfg(feature = "onednn")]
pub mod onednn;
/// Signs that tests turn.
#[cfg(test)]
pub mod planted;
/// A slice that parallel tasks cut into parts.
pub mod rows;
/// Matrices that differ from the model's in a few elements.
pub mod sparse;
/// Pairs of low rank beside a matrix.
pub mod low_rank;
