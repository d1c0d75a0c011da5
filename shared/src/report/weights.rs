//! How the weights of a model are distributed, module by module and block by block, and how far a run moved them.

use serde::{Deserialize, Serialize};

/// The weights of a model's blocks by module, as pretrained and as a run left them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightMap {
    /// The model whose weights they are.
    pub model: String,
    /// Which run tuned them: `full on Sentiment`; `None` where they are as pretrained alone.
    pub tuned: Option<String>,
    /// The modules.
    pub modules: Vec<WeightModule>,
}

/// A module's weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightModule {
    /// For people.
    pub title: String,
    /// Where the bins of all its histograms begin. A few in a thousand of its weights may lie outside of them.
    pub low: f64,
    /// Where they end.
    pub high: f64,
    /// Those of all blocks together.
    pub all: WeightPart,
    /// Those of each block, the lowest first.
    pub blocks: Vec<WeightPart>,
}

/// Some of a module's weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightPart {
    /// How many they are.
    pub scalars: u64,
    /// As pretrained.
    pub before: WeightBins,
    /// As tuned.
    pub after: Option<WeightBins>,
    /// How far the run moved them: the Euclidean norm of what changed by that of what was there. `None` without a run, and where
    /// all was 0.
    pub drift: Option<f64>,
}

/// How some weights are distributed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WeightBins {
    /// How many lie in each of the bins, which are equally wide.
    pub counts: Vec<u64>,
    /// Their mean.
    #[serde(with = "crate::number")]
    pub mean: f64,
    /// Their standard deviation.
    #[serde(with = "crate::number")]
    pub std: f64,
}

impl WeightModule {
    /// Where a bin begins; of the one behind the last, where all end.
    pub fn edge(&self, bin: usize) -> f64 {
        let bins = self.all.before.counts.len().max(1);
        self.low + (self.high - self.low) * bin as f64 / bins as f64
    }

    /// Its weights in a block, counted from 1, or in all of them.
    pub fn part(&self, block: Option<usize>) -> &WeightPart {
        let of_block = block.and_then(|block| self.blocks.get(block.checked_sub(1)?));
        of_block.unwrap_or(&self.all)
    }
}

impl WeightPart {
    /// The share of all its weights that lie in each bin.
    pub fn shares(&self, bins: &WeightBins) -> Vec<f64> {
        bins.counts.iter().map(|&count| count as f64 / self.scalars.max(1) as f64).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_and_blocks_are_found() {
        let part = |scalars| WeightPart {
            scalars,
            before: WeightBins { counts: vec![1, 3], mean: 0.0, std: 1.0 },
            after: None,
            drift: None,
        };
        let module = WeightModule {
            title: "Attention".into(),
            low: -1.0,
            high: 3.0,
            all: part(8),
            blocks: vec![part(4), part(5)],
        };
        assert_eq!([0, 1, 2].map(|bin| module.edge(bin)), [-1.0, 1.0, 3.0]);
        let found = [None, Some(1), Some(2), Some(3), Some(0)].map(|block| module.part(block).scalars);
        assert_eq!(found, [8, 4, 5, 8, 8]);
        assert_eq!(module.all.shares(&module.all.before), [0.125, 0.375]);
    }
}
