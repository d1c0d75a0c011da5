//! What a gang's backward pass has to compute and keep: nothing else is computed or kept.

use super::level::Level;
use super::slots::{BlockSlot, Slot};
use super::trained::Trained;
use BlockSlot::*;

/// How far a backward pass goes down. The order is that of the forward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Depth {
    /// To the embeddings.
    Embeddings,
    /// To the projection behind the embeddings.
    Projection,
    /// Into a block, down to this stage.
    Block(usize, Stage),
    /// To the pooler's weights.
    Pooler,
    /// The head alone.
    Head,
}

/// Places in a block where something trains, in the order of the forward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Query, key, value.
    Qkv,
    /// Attention output.
    AttentionOutput,
    /// LayerNorm after attention.
    AttentionNorm,
    /// Intermediate.
    Intermediate,
    /// Output.
    Output,
    /// LayerNorm after the feed-forward layer.
    FeedForwardNorm,
}

fn stage(slot: BlockSlot) -> Stage {
    match slot {
        QkvWeight | QkvBias => Stage::Qkv,
        AttentionOutputWeight | AttentionOutputBias => Stage::AttentionOutput,
        AttentionGamma | AttentionBeta => Stage::AttentionNorm,
        IntermediateWeight | IntermediateBias => Stage::Intermediate,
        OutputWeight | OutputBias => Stage::Output,
        FeedForwardGamma | FeedForwardBeta => Stage::FeedForwardNorm,
    }
}

fn depth(slot: Slot) -> Depth {
    match slot {
        Slot::Block(layer, slot) => Depth::Block(layer, stage(slot)),
        Slot::PoolerWeight | Slot::PoolerBias => Depth::Pooler,
        Slot::ProjectionWeight | Slot::ProjectionBias => Depth::Projection,
        Slot::Words | Slot::Positions | Slot::Segments | Slot::EmbeddingGamma | Slot::EmbeddingBeta => {
            Depth::Embeddings
        }
    }
}

/// What the backward pass of a gang needs, over all its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// How far down it goes.
    pub lowest: Depth,
    /// The lowest level at which a member has rows of its own: from there up things are kept.
    pub level: Level,
    /// The lowest block of which some member trains a matrix that reads this; `layers` if none.
    pub inputs_from: usize,
    /// The same for what the intermediate matrix reads.
    pub attn_out_from: usize,
    /// The same for what the output matrix reads.
    pub ffn_act_from: usize,
    /// The same for what the attention-output matrix reads.
    pub contexts_from: usize,
}

impl Plan {
    /// From what the members train.
    pub(crate) fn new(layers: usize, slots: &[Slot], members: &[&Trained]) -> Self {
        let trained = || slots.iter().copied().filter(|&s| members.iter().any(|m| m.trains_at(s)));
        let from = |wanted: BlockSlot| {
            let trains = |layer: &usize| members.iter().any(|m| m.trains_at(Slot::Block(*layer, wanted)));
            (0..layers).find(trains).unwrap_or(layers)
        };
        Self {
            lowest: trained().map(depth).min().unwrap_or(Depth::Head),
            level: members.iter().map(|m| m.level()).min().unwrap_or(Level::head(layers)),
            inputs_from: from(QkvWeight),
            attn_out_from: from(IntermediateWeight),
            ffn_act_from: from(OutputWeight),
            contexts_from: from(AttentionOutputWeight),
        }
    }

    /// Forward only.
    pub(crate) fn forward_only(layers: usize) -> Self {
        Self {
            lowest: Depth::Head,
            level: Level::head(layers),
            inputs_from: layers,
            attn_out_from: layers,
            ffn_act_from: layers,
            contexts_from: layers,
        }
    }

    /// Whether the backward pass reaches this far down.
    pub(crate) fn reaches(&self, depth: Depth) -> bool {
        self.lowest <= depth
    }

    /// Whether some member has rows of its own at a level, of which things are kept for the backward pass.
    pub(crate) fn keeps(&self, level: Level) -> bool {
        self.level <= level
    }

    /// The lowest of `layers` blocks of which things are kept at a level.
    pub(crate) fn keeps_from(&self, layers: usize, level: impl Fn(usize) -> Level) -> usize {
        (0..layers).find(|&layer| self.keeps(level(layer))).unwrap_or(layers)
    }
}
