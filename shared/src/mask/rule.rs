//! How single scalars are picked.

use super::cells::{Cells, MAX_BLOCKS, kinds};
use crate::shape::Kind;

/// By what scalars are picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Criterion {
    /// The paper's outliers, as [`super::MaskSwitches`] reads them.
    Outliers,
    /// Their random control.
    OutliersRandom,
    /// The largest |w|.
    Largest,
    /// The smallest |w|.
    Smallest,
    /// The largest |w − mean| of the pool.
    Farthest,
    /// Scalars that are drawn.
    Random,
}

/// What an element rule picks from at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pool {
    /// All of the region together.
    Region,
    /// Each tensor of it.
    Tensor,
    /// What it holds of each module.
    Module,
}

/// An element rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Rule {
    pub criterion: Criterion,
    /// How many of each pool; the LayerNorms' count if not given.
    pub count: Option<usize>,
    /// The run's if not given.
    pub seed: Option<u64>,
    pub pool: Pool,
    /// What it picks from; at most this where switches narrow it.
    pub region: Cells,
}

/// The kinds of a block's modules, one set a module.
pub(super) fn block_modules() -> [u16; 4] {
    [Kind::is_attention, Kind::is_attention_norm, Kind::is_feed_forward, Kind::is_feed_forward_norm]
        .map(kinds)
}

/// γ and β of every LayerNorm of the blocks.
pub(super) fn norms() -> Cells {
    Cells::grid(kinds(|k| k.is_attention_norm() || k.is_feed_forward_norm()), u128::MAX)
}

/// Every tensor of every block.
pub(super) fn blocks() -> Cells {
    Cells::grid(u16::MAX, u128::MAX)
}

impl Rule {
    /// A rule over a region of whole tensors, its pool written in the one way that means it: one tensor alone
    /// is the whole region, one tensor a module is each tensor.
    pub fn new(criterion: Criterion, count: usize, seed: Option<u64>, pool: Pool, region: Cells) -> Rule {
        let tensors: u32 =
            region.blocks.iter().map(|b| b.count_ones()).sum::<u32>() + region.places.count_ones();
        let open = region.blocks.iter().any(|b| b >> MAX_BLOCKS == 1);
        let pool = match pool {
            Pool::Region => Pool::Region,
            Pool::Tensor | Pool::Module if tensors == 1 && !open => Pool::Region,
            Pool::Module if one_module(region) => Pool::Region,
            Pool::Module if one_tensor_a_module(region) => Pool::Tensor,
            Pool::Tensor | Pool::Module => pool,
        };
        Rule { criterion, count: Some(count), seed, pool, region }
    }

    /// Whether it is one of the paper's masks.
    pub fn is_named(&self) -> bool {
        match self.criterion {
            Criterion::Outliers | Criterion::OutliersRandom => true,
            Criterion::Random => self.pool == Pool::Region && self.region == Cells::ALL,
            Criterion::Largest | Criterion::Smallest | Criterion::Farthest => false,
        }
    }

    /// Whether it picks by the weights' values.
    pub fn reads_weights(&self) -> bool {
        match self.criterion {
            Criterion::Outliers | Criterion::Largest | Criterion::Smallest | Criterion::Farthest => true,
            Criterion::OutliersRandom | Criterion::Random => false,
        }
    }
}

/// Whether a region lies in one module: of one block, or of embeddings or pooler.
fn one_module(region: Cells) -> bool {
    use super::cells::{EMBEDDINGS, POOLER};
    let all = region.blocks.iter().fold(0, |all, b| all | b);
    let one_block = all.count_ones() == 1 && all >> MAX_BLOCKS == 0;
    let within = |module: u16| Cells::grid(module, u128::MAX).contain(region);
    let places = [EMBEDDINGS, POOLER].into_iter().any(|p| Cells::places(p).contain(region));
    places || one_block && block_modules().into_iter().any(within)
}

/// Whether a region holds at most one tensor of each module.
fn one_tensor_a_module(region: Cells) -> bool {
    use super::cells::{EMBEDDINGS, POOLER};
    let blocks = block_modules().into_iter().all(|module| {
        let mut seen = 0;
        (0..16).filter(|k| module >> k & 1 == 1).all(|k| {
            let again = seen & region.blocks[k] != 0;
            seen |= region.blocks[k];
            !again
        })
    });
    blocks && [EMBEDDINGS, POOLER].into_iter().all(|p| (region.places & p).count_ones() <= 1)
}
