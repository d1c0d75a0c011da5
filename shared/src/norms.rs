//! The values of a model's LayerNorms, and which of them a mask selects: what a page is shown where it picks by value.

use crate::selection::Selection;
use crate::shape::{Kind, ModelShape};
use serde::{Deserialize, Serialize};

/// Bins of a histogram.
pub const BINS: usize = 60;

/// The values of a LayerNorm of which a mask selects some. γ and β have the same bins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NormHistogram {
    /// Its block, from 0 at the lowest; `None` for the embeddings'.
    pub block: Option<u32>,
    /// Which it is.
    pub norm: Norm,
    /// The lowest finite value: where the first bin begins.
    pub low: f32,
    /// The highest: where the last bin ends.
    pub high: f32,
    /// Its γ.
    pub gamma: BinCounts,
    /// Its β.
    pub beta: BinCounts,
}

/// Which LayerNorm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Norm {
    /// That of the embeddings.
    Embedding,
    /// After attention.
    Attention,
    /// After the feed-forward layer.
    FeedForward,
}

/// Values of a tensor by bin. What is not finite is in none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinCounts {
    /// All of them.
    pub all: Vec<u32>,
    /// Those that the mask selects.
    pub selected: Vec<u32>,
}

impl BinCounts {
    /// How many are selected.
    pub fn selected(&self) -> u32 {
        self.selected.iter().sum()
    }
    /// How many there are.
    pub fn all(&self) -> u32 {
        self.all.iter().sum()
    }
}

impl Norm {
    /// γ and β.
    pub fn kinds(self) -> [Kind; 2] {
        match self {
            Norm::Embedding => [Kind::EmbeddingGamma, Kind::EmbeddingBeta],
            Norm::Attention => [Kind::AttentionGamma, Kind::AttentionBeta],
            Norm::FeedForward => [Kind::FeedForwardGamma, Kind::FeedForwardBeta],
        }
    }
}

/// The histograms of the LayerNorms that a selection holds something of, the embeddings' first, then by block.
///
/// `weights` are all scalars of the model in canonical order; of fewer, what is missing is in no bin.
pub fn histograms(shape: &ModelShape, weights: &[f32], selection: &Selection) -> Vec<NormHistogram> {
    let of_blocks =
        (0..shape.layers).flat_map(|b| [(Some(b), Norm::Attention), (Some(b), Norm::FeedForward)]);
    let all = [(None, Norm::Embedding)].into_iter().chain(of_blocks);
    all.filter_map(|(block, norm)| histogram(shape, weights, selection, block, norm)).collect()
}

fn histogram(
    shape: &ModelShape,
    weights: &[f32],
    selection: &Selection,
    block: Option<usize>,
    norm: Norm,
) -> Option<NormHistogram> {
    let [gamma, beta] = norm.kinds().map(|kind| shape.parameter(kind, block).map(|p| p.range()));
    let (gamma, beta) = (gamma?, beta?);
    if selection.within(gamma.clone()).is_empty() && selection.within(beta.clone()).is_empty() {
        return None;
    }
    let value = |index: usize| weights.get(index).copied().filter(|value| value.is_finite());
    let values = || gamma.clone().chain(beta.clone()).filter_map(value);
    let (low, high) = (values().reduce(f32::min)?, values().reduce(f32::max)?);
    let width = (f64::from(high) - f64::from(low)) / BINS as f64;
    let bin = |value: f32| {
        let place = (f64::from(value) - f64::from(low)) / width;
        // Of values that are all equal the width is 0, and they are in the first.
        if place.is_finite() { (place as usize).min(BINS - 1) } else { 0 }
    };
    let count = |indices: &mut dyn Iterator<Item = usize>| {
        let mut bins = vec![0; BINS];
        indices.filter_map(value).for_each(|value| bins[bin(value)] += 1);
        bins
    };
    let counts = |range: std::ops::Range<usize>| BinCounts {
        all: count(&mut range.clone()),
        selected: count(&mut selection.within(range).iter()),
    };
    let block = block.and_then(|block| u32::try_from(block).ok());
    Some(NormHistogram { block, norm, low, high, gamma: counts(gamma), beta: counts(beta) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::SMALL_SHAPE;
    use crate::mask::{Mask, MaskSwitches};

    const SHAPE: ModelShape =
        ModelShape { vocabulary: 8, heads: 1, intermediate: 4, positions: 4, ..SMALL_SHAPE };

    fn weights() -> Vec<f32> {
        (0..SHAPE.scalars()).map(|i| ((i * 37) % 101) as f32 / 50.0 - 1.0).collect()
    }

    #[test]
    fn what_a_mask_selects_is_in_the_bins_of_its_values() {
        let (weights, switches) = (weights(), MaskSwitches::default());
        let mask: Mask = "outliers:2".parse().unwrap();
        let selection = mask.resolve(&SHAPE, switches, 1, Some(&weights)).unwrap();
        let all = histograms(&SHAPE, &weights, &selection);
        let places: Vec<_> = all.iter().map(|h| (h.block, h.norm)).collect();
        let (a, f) = (Norm::Attention, Norm::FeedForward);
        assert_eq!(places, [(Some(0), a), (Some(0), f), (Some(1), a), (Some(1), f)]);
        for h in &all {
            assert_eq!((h.gamma.all(), h.beta.all()), (4, 4));
            assert_eq!(h.gamma.selected() + h.beta.selected(), 2);
            // By hand: every bin holds the values between its ends.
            let [gamma, beta] = h.norm.kinds().map(|kind| SHAPE.parameter(kind, h.block.map(|b| b as usize)));
            let width = (f64::from(h.high) - f64::from(h.low)) / BINS as f64;
            for (parameter, counts) in [(gamma.unwrap(), &h.gamma), (beta.unwrap(), &h.beta)] {
                for (i, (&all, &selected)) in counts.all.iter().zip(&counts.selected).enumerate() {
                    let (from, to) =
                        (f64::from(h.low) + i as f64 * width, f64::from(h.low) + (i + 1) as f64 * width);
                    let here = |index: &usize| {
                        let value = f64::from(weights[*index]);
                        value >= from && (value < to || i + 1 == BINS)
                    };
                    assert_eq!(all as usize, parameter.range().filter(here).count(), "{h:?}");
                    let chosen = parameter.range().filter(|index| selection.contains(*index));
                    assert_eq!(selected as usize, chosen.filter(here).count());
                }
            }
        }
    }

    #[test]
    fn norms_that_a_mask_leaves_alone_are_left_out_and_odd_values_are_in_no_bin() {
        let mut weights = weights();
        let of = |text: &str, weights: &[f32]| {
            let mask: Mask = text.parse().unwrap();
            let selection = mask.resolve(&SHAPE, MaskSwitches::default(), 1, Some(weights)).unwrap();
            histograms(&SHAPE, weights, &selection)
        };
        assert_eq!(of("frozen", &weights), []);
        let one = of("layers(2).ln_f.gamma", &weights);
        assert_eq!((one.len(), one[0].gamma.selected(), one[0].beta.selected()), (1, 4, 0));
        assert_eq!(of("embeddings.ln", &weights)[0].block, None);
        let gamma = SHAPE.parameter(Kind::FeedForwardGamma, Some(1)).unwrap().range();
        weights[gamma.start] = f32::NAN;
        weights[gamma.start + 1] = f32::INFINITY;
        let one = &of("layers(2).ln_f", &weights)[0];
        assert_eq!((one.gamma.all(), one.beta.all()), (2, 4));
        assert!(one.low.is_finite() && one.high.is_finite());
        weights.fill(1.0);
        let one = &of("layers(2).ln_f", &weights)[0];
        assert_eq!((one.low, one.high, one.gamma.all[0], one.beta.selected[0]), (1.0, 1.0, 4, 4));
    }
}
