//! The training step on the processor. In reading order:

/// Row operations over slices, and matrix products; open to the benchmarks.
pub mod kernels;
/// Buffers that are reused.
mod scratch;
/// Parallel loops over chunks of rows.
mod chunks;
/// Frozen matrices in bf16.
mod bf16;
/// Buffers of the forward pass.
mod activations;
/// Buffers of the backward pass.
mod workspace;
/// What a pass reads on the processor.
mod pass;
/// Products of all rows of a level with a matrix.
mod linear;
/// Attention's heads: where their queries, keys and values stand.
mod heads;
/// The forward pass.
mod forward;
/// The head of masked language modelling.
mod masked_language;
/// The dense layer of a head.
mod dense_head;
/// The backward pass.
mod backward;
/// Adam on a compact vector.
pub(crate) mod optimizer;
/// A gang on the processor.
mod step;
/// How fast this processor multiplies.
mod rate;

pub(crate) use bf16::check as check_bf16;
pub(crate) use heads::MAX_HEAD_WIDTH;
pub(crate) use rate::products_per_s;
pub(crate) use step::Step;
