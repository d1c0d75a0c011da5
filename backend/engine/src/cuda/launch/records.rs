//! What tables hold: the records that kernels read beside numbers, as `common.cuh` and the kernels' files declare them.

use crate::cuda::machine::{Address, Plain};
use crate::dropout;
use tunemask_shared::experiment::EpsilonPlace;
use tunemask_shared::family::Activation;
use tunemask_shared::philox::Purpose;

/// Rows of one member or trunk, at most 32; see `common.cuh`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct DeviceChunk {
    /// Whose vectors and dropout it reads.
    pub member: u32,
    /// First row in this level's layout.
    pub out: u32,
    /// First row of the product.
    pub product: u32,
    /// First row of the residual.
    pub residual: u32,
    /// First row in the packed batch.
    pub row: u32,
    /// How many.
    pub rows: u32,
    /// Whether the backward pass needs what is computed.
    pub kept: u32,
}

/// A member's dropout key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct DeviceDraw {
    /// Seed and purpose.
    pub key: [u32; 2],
    /// Steps done.
    pub step: u32,
    /// Whether anything is dropped.
    pub on: u32,
}

/// A dropout site.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub(crate) struct DeviceSite {
    /// Its number.
    pub number: u32,
    /// Words below are dropped.
    pub threshold: u32,
    /// Factor of what is kept.
    pub keep: f32,
}

/// The number by which `activation.cuh` knows what stands behind a product.
pub(crate) fn device_activation(activation: Activation) -> u32 {
    match activation {
        Activation::Gelu => 0,
        Activation::GeluTanh => 1,
        Activation::Relu => 2,
        Activation::Tanh => 3,
    }
}

/// Nothing behind a product but its bias.
pub(crate) const NO_ACTIVATION: u32 = 4;

/// One sequence of one member or trunk; see `attention.cu`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct DeviceSequence {
    /// Whose biases and dropout it reads.
    pub member: u32,
    /// Keys its dropout.
    pub example: u32,
    /// Keys and values.
    pub tokens: u32,
    /// Number of its queries.
    pub queries: u32,
    /// First row of its context.
    pub out: u32,
    /// First row of its queries' product.
    pub query: u32,
    /// First row of its keys' and values' product.
    pub key: u32,
    /// First row of the gradients to its keys and values.
    pub own: u32,
    /// Its first query's place among the positions.
    pub position: u32,
}

/// Queries from `first` on, or keys of the counters from `first` on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Tile {
    /// The sequence whose tile it is.
    pub sequence: u32,
    /// See above.
    pub first: u32,
}

/// Scalars of one member, at most `PART`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Part {
    /// The member.
    pub member: u32,
    /// First scalar, among all compact vectors end to end.
    pub start: u32,
    /// How many.
    pub count: u32,
    /// Whether they decay: 1 or 0.
    pub decays: u32,
}

/// Where a member's rows of a layout are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Span {
    /// First row.
    pub first: u32,
    /// How many.
    pub rows: u32,
}

/// A member's optimizer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub(crate) struct Optimizer {
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// ε.
    pub epsilon: f64,
    /// Weight decay.
    pub weight_decay: f64,
    /// The highest norm of the gradient; infinite where none is.
    pub max_gradient_norm: f64,
    /// Where ε stands.
    pub keras: u32,
    /// Fills the structure.
    pub padding: u32,
}

/// A member's differences from a matrix; see `sparse.cuh`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Sparse {
    /// Rows of the matrix that have differences.
    pub rows: Address,
    /// Where each row's differences start.
    pub starts: Address,
    /// Column of each.
    pub columns: Address,
    /// Site of each in the member's compact vector.
    pub places: Address,
    /// The model's value of each.
    pub bases: Address,
    /// The member's compact vector.
    pub values: Address,
    /// How many rows.
    pub count: u32,
    /// Fills the structure.
    pub padding: u32,
}

// SAFETY: 32-bit numbers without gaps.
unsafe impl Plain for DeviceChunk {}
// SAFETY: 32-bit numbers without gaps.
unsafe impl Plain for DeviceDraw {}
// SAFETY: 32-bit numbers without gaps.
unsafe impl Plain for DeviceSequence {}
// SAFETY: 32-bit numbers without gaps.
unsafe impl Plain for Tile {}
// SAFETY: 32-bit numbers without gaps.
unsafe impl Plain for Part {}
// SAFETY: 32-bit numbers without gaps.
unsafe impl Plain for Span {}
// SAFETY: five f64 and two u32, without gaps.
unsafe impl Plain for Optimizer {}
// SAFETY: six addresses and two u32, without gaps.
unsafe impl Plain for Sparse {}

impl DeviceSite {
    /// A site whose elements are dropped with this probability.
    pub(crate) fn new(site: dropout::Site, probability: f32) -> Self {
        let threshold = (f64::from(probability) * 4_294_967_296.0) as u32;
        Self { number: site.number(), threshold, keep: 1.0 / (1.0 - probability) }
    }
}

impl DeviceDraw {
    /// A member's key at a step.
    pub(crate) fn new(seed: u64, step: u32) -> Self {
        // The key's upper bits tell dropout from every other purpose under the same seed.
        Self { key: [seed as u32, (seed >> 32) as u32 ^ (Purpose::Dropout as u32) << 24], step, on: 1 }
    }
}

impl Optimizer {
    /// A member's.
    pub(crate) fn of(adam: &crate::Adam) -> Self {
        Self {
            beta1: adam.beta1,
            beta2: adam.beta2,
            epsilon: adam.epsilon,
            weight_decay: adam.weight_decay,
            max_gradient_norm: adam.max_gradient_norm.unwrap_or(f64::INFINITY),
            keras: u32::from(adam.epsilon_place == EpsilonPlace::Keras),
            padding: 0,
        }
    }
}
