//! Where the tensors of the head of masked language modelling (Devlin et al., 2019) stand among its scalars.

use std::ops::Range;

/// The head's tensors, in the order of its scalars.
pub(crate) struct LanguageHead {
    /// The dense layer's matrix `[hidden, hidden]`.
    pub weight: Range<usize>,
    /// Its bias `[hidden]`.
    pub bias: Range<usize>,
    /// Scale of the LayerNorm `[hidden]`.
    pub gamma: Range<usize>,
    /// Its shift `[hidden]`.
    pub beta: Range<usize>,
    /// Bias of the word pieces' scores `[vocabulary]`.
    pub scores: Range<usize>,
}

impl LanguageHead {
    /// Over vectors of width `hidden`.
    pub(crate) fn new(hidden: usize, vocabulary: usize) -> Self {
        let mut at = 0;
        let mut next = |len: usize| {
            at += len;
            at - len..at
        };
        Self {
            weight: next(hidden * hidden),
            bias: next(hidden),
            gamma: next(hidden),
            beta: next(hidden),
            scores: next(vocabulary),
        }
    }

    /// All its scalars.
    pub(crate) fn scalars(&self) -> usize {
        self.scores.end
    }

    /// A new head: `weight` draws its weight, γ is 1, all else 0.
    pub(crate) fn draw(&self, weight: impl FnMut() -> f32) -> Vec<f32> {
        let mut head = vec![0.0; self.scalars()];
        head[self.weight.clone()].fill_with(weight);
        head[self.gamma.clone()].fill(1.0);
        head
    }
}
