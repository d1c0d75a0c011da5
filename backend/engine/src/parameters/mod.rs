//! A member's weights, what of them trains, and its gradient. In reading order:

/// Where a tensor's values are.
mod storage;
/// Pairs of low rank beside matrices.
mod pair;
/// What scalars are recognised by, bit for bit.
mod digest;
/// What updates it.
mod optimizer;
/// A member's weights.
mod member;
/// A gradient of what trains.
mod gradient;

pub(crate) use digest::digest;
pub(crate) use gradient::Gradient;
pub(crate) use member::{HeadInit, Member, Parameters};
pub(crate) use optimizer::MemberOptimizer;
pub(crate) use pair::{Factors, Pair, draw_added};
#[cfg(any(test, feature = "cuda"))]
pub(crate) use storage::CopiedRun;
pub(crate) use storage::Storage;
