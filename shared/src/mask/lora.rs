//! LoRA (Hu et al., 2022): the model is frozen, and to the product of a matrix W is added that of a pair of low rank,
//! `y = W x + (α / r) B A x`, of which A and B train.
//!
//! It stands where a mask may, and trains none of the model's own scalars. What it adapts are linear layers of blocks, named
//! as masks name them; whether their biases are named too does not matter, for they stay frozen.

use super::cells::Cells;
use super::{Coverage, Expression, Mask, MaskError};
use crate::shape::{ModelShape, Parameter};
use crate::trainable::LowRank;
use std::fmt;

/// How it is written.
pub(super) const FORM: &str = "lora:R[:ALPHA] in MASK";

/// Why it cannot be a part of an expression.
pub(super) const ALONE: &str = "LoRA adds to a frozen model and is not joined with masks; write `lora:R[:ALPHA] in MASK` as a mask of its own";

/// Pairs of low rank beside linear layers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lora {
    rank: u32,
    alpha: u32,
    /// Weight and bias of each linear layer.
    targets: Cells,
}

impl Lora {
    pub(super) fn new(rank: u32, alpha: u32, targets: Cells) -> Self {
        Self { rank, alpha, targets }
    }

    /// The matrices that it adapts, as a mask of whole tensors.
    pub(super) fn targets(&self) -> Expression {
        Expression::cells(self.targets)
    }

    /// The same with other linear layers; nothing but the head trains where none is left.
    pub(super) fn with_targets(&self, targets: Cells) -> Mask {
        if targets.is_empty() { Mask::Frozen } else { Mask::Lora(Box::new(Self { targets, ..self.clone() })) }
    }

    /// What it adds to a model of this shape, in canonical order.
    pub(super) fn pairs(&self, shape: &ModelShape) -> Vec<LowRank> {
        let adapts = |p: &Parameter| p.kind.is_matrix() && self.targets.hold(p.kind, p.layer);
        let pair = |weight| LowRank { weight, rank: self.rank as usize, alpha: self.alpha };
        shape.parameters().into_iter().filter(adapts).map(pair).collect()
    }

    /// Whether every matrix has room for the rank.
    pub(super) fn check_rank(&self, shape: &ModelShape) -> Result<(), MaskError> {
        let too_high = |pair: &LowRank| pair.rank > pair.outputs().min(pair.inputs());
        match self.pairs(shape).into_iter().find(too_high) {
            None => Ok(()),
            Some(pair) => Err(MaskError::Rank {
                mask: self.to_string(),
                rank: pair.rank,
                layer: pair.layer_name(),
                outputs: pair.outputs(),
                inputs: pair.inputs(),
            }),
        }
    }

    /// How much it has to do with a tensor: beside a matrix something trains, as if it were a part of it.
    pub(super) fn coverage(&self, tensor: super::Tensor) -> Coverage {
        let adapts = tensor.kind.is_matrix() && self.targets.hold(tensor.kind, tensor.block);
        if adapts { Coverage::Part } else { Coverage::Nothing }
    }
}

impl fmt::Display for Lora {
    /// An α that is the rank is not written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lora:{}", self.rank)?;
        if self.alpha != self.rank {
            write!(f, ":{}", self.alpha)?;
        }
        write!(f, " in {}", self.targets())
    }
}
