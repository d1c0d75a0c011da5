//! γ and β of LayerNorms, as pretrained and after each epoch of a run.

use serde::{Deserialize, Serialize};

/// The LayerNorms that a run trained, over its epochs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NormEpochs {
    /// The epochs, ascending; 0 is as pretrained. Of a large model and many epochs some between are left out.
    pub epochs: Vec<u32>,
    /// The LayerNorms of which it trained anything, from the input on.
    pub norms: Vec<NormVectors>,
}

/// A LayerNorm's vectors, one of each an epoch. Values have four digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NormVectors {
    /// Which: `block 3, after attention`.
    pub title: String,
    /// γ, epoch by epoch.
    pub gamma: Vec<Vec<f32>>,
    /// β, epoch by epoch.
    pub beta: Vec<Vec<f32>>,
}

impl NormVectors {
    /// γ or β at the place of an epoch; empty where there is none.
    pub fn vector(&self, which: NormVector, epoch: usize) -> &[f32] {
        let of = match which {
            NormVector::Gamma => &self.gamma,
            NormVector::Beta => &self.beta,
        };
        of.get(epoch).map_or(&[], Vec::as_slice)
    }
}

/// One of the two vectors of a LayerNorm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormVector {
    /// The scale.
    Gamma,
    /// The shift.
    Beta,
}

impl NormVector {
    /// Both vectors.
    pub const ALL: [NormVector; 2] = [NormVector::Gamma, NormVector::Beta];

    /// Its letter.
    pub fn letter(self) -> char {
        match self {
            NormVector::Gamma => 'γ',
            NormVector::Beta => 'β',
        }
    }
}
