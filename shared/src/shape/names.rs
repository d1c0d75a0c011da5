//! What checkpoints of each family call a parameter.

use super::kind::Kind::{self, *};
use crate::family::Family;

/// A parameter's name, with the prefix of the family's encoder.
pub(super) fn name(family: Family, kind: Kind, layer: Option<usize>) -> String {
    let (block, own) = match family {
        Family::DistilBert => ("transformer.layer", distilbert(kind)),
        Family::Bert | Family::Roberta { .. } | Family::Electra { .. } => ("encoder.layer", None),
    };
    let (prefix, name) = (family.prefix(), own.unwrap_or_else(|| bert(kind)));
    match layer {
        Some(layer) => format!("{prefix}.{block}.{layer}.{name}"),
        None => format!("{prefix}.{name}"),
    }
}

/// What BERT calls it, and most others.
fn bert(kind: Kind) -> &'static str {
    match kind {
        WordEmbeddings => "embeddings.word_embeddings.weight",
        PositionEmbeddings => "embeddings.position_embeddings.weight",
        SegmentEmbeddings => "embeddings.token_type_embeddings.weight",
        EmbeddingGamma => "embeddings.LayerNorm.weight",
        EmbeddingBeta => "embeddings.LayerNorm.bias",
        ProjectionWeight => "embeddings_project.weight",
        ProjectionBias => "embeddings_project.bias",
        QueryWeight => "attention.self.query.weight",
        KeyWeight => "attention.self.key.weight",
        ValueWeight => "attention.self.value.weight",
        QueryBias => "attention.self.query.bias",
        KeyBias => "attention.self.key.bias",
        ValueBias => "attention.self.value.bias",
        AttentionOutputWeight => "attention.output.dense.weight",
        AttentionOutputBias => "attention.output.dense.bias",
        AttentionGamma => "attention.output.LayerNorm.weight",
        AttentionBeta => "attention.output.LayerNorm.bias",
        IntermediateWeight => "intermediate.dense.weight",
        IntermediateBias => "intermediate.dense.bias",
        OutputWeight => "output.dense.weight",
        OutputBias => "output.dense.bias",
        FeedForwardGamma => "output.LayerNorm.weight",
        FeedForwardBeta => "output.LayerNorm.bias",
        PoolerWeight => "pooler.dense.weight",
        PoolerBias => "pooler.dense.bias",
    }
}

/// What DistilBERT calls a tensor of a block.
fn distilbert(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        QueryWeight => "attention.q_lin.weight",
        KeyWeight => "attention.k_lin.weight",
        ValueWeight => "attention.v_lin.weight",
        QueryBias => "attention.q_lin.bias",
        KeyBias => "attention.k_lin.bias",
        ValueBias => "attention.v_lin.bias",
        AttentionOutputWeight => "attention.out_lin.weight",
        AttentionOutputBias => "attention.out_lin.bias",
        AttentionGamma => "sa_layer_norm.weight",
        AttentionBeta => "sa_layer_norm.bias",
        IntermediateWeight => "ffn.lin1.weight",
        IntermediateBias => "ffn.lin1.bias",
        OutputWeight => "ffn.lin2.weight",
        OutputBias => "ffn.lin2.bias",
        FeedForwardGamma => "output_layer_norm.weight",
        FeedForwardBeta => "output_layer_norm.bias",
        WordEmbeddings | PositionEmbeddings | SegmentEmbeddings | EmbeddingGamma | EmbeddingBeta
        | ProjectionWeight | ProjectionBias | PoolerWeight | PoolerBias => return None,
    })
}
