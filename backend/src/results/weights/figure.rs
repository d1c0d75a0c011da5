//! Figures of weights by module and block, as data.

use super::{WeightGroup, weight_values};
use crate::results::{Bins, quantile};
use tunemask_shared::shape::ModelShape;

/// Bins of a panel.
const BINS: usize = 60;
/// What of a panel's scalars may lie outside of it at either end, so that a few do not flatten all others.
const TAIL: f64 = 0.001;

/// The panels: attention with its LayerNorm, then the feed-forward layer with its.
const PANELS: [WeightGroup; 8] = [
    WeightGroup::Mha,
    WeightGroup::LayerNormA,
    WeightGroup::LayerNormAGamma,
    WeightGroup::LayerNormABeta,
    WeightGroup::Ffn,
    WeightGroup::LayerNormF,
    WeightGroup::LayerNormFGamma,
    WeightGroup::LayerNormFBeta,
];

/// Small multiples: a panel for each group of weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it shows, in a line.
    pub title: String,
    /// Of which run and which scalars, in another; may be empty.
    pub note: String,
    /// What its horizontal axes measure.
    pub axis: &'static str,
    /// Its panels: attention with its LayerNorm, then the feed-forward layer with its.
    pub panels: Vec<Panel>,
}

/// A group's weights: all blocks together, then each.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// What is looked at.
    pub group: WeightGroup,
    /// All blocks together; its bins are those of every curve.
    pub all: Curve,
    /// The blocks, those without a scalar left out.
    pub blocks: Vec<Curve>,
}

/// Some weights between a panel's ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Its block, counted from 1; `None` for all together.
    pub block: Option<usize>,
    /// How many weights there are, those outside of the panel counted.
    pub n: usize,
    /// How many lie in each bin.
    pub bins: Bins,
}

/// How a model's weights are distributed, by module.
pub fn distribution_figure(model: &str, shape: &ModelShape, weights: &[f32]) -> Figure {
    Figure {
        title: format!("Weights of {model} by module"),
        note: String::new(),
        axis: "weight",
        panels: panels(shape, |group, block| weight_values(shape, weights, group, block)),
    }
}

/// What fine-tuning changed, tuned less pretrained, by module. Of scalars that are still the same, which
/// are all of a frozen module, there is nothing to see: they are left out.
pub fn change_figure(
    model: &str,
    run: &str,
    shape: &ModelShape,
    pretrained: &[f32],
    tuned: &[f32],
) -> Figure {
    let changes = |group, block| {
        let [before, after] = [pretrained, tuned].map(|w| weight_values(shape, w, group, block));
        let changes = after.iter().zip(&before).map(|(after, before)| after - before);
        changes.filter(|change| *change != 0.0).collect()
    };
    Figure {
        title: format!("What fine-tuning changed of {model} by module"),
        note: format!("Scalars that changed in {run}."),
        axis: "tuned − pretrained",
        panels: panels(shape, changes),
    }
}

fn panels(shape: &ModelShape, values: impl Fn(WeightGroup, Option<usize>) -> Vec<f64>) -> Vec<Panel> {
    let panel = |group| {
        let mut all = values(group, None);
        all.sort_by(f64::total_cmp);
        let ends = ends(&all);
        let curve = |block, values: &[f64]| Curve {
            block,
            n: values.len(),
            bins: Bins::of(values, ends[0], ends[1], BINS),
        };
        let blocks = (1..=shape.layers).map(|block| curve(Some(block), &values(group, Some(block))));
        Panel { group, all: curve(None, &all), blocks: blocks.filter(|c| c.n > 0).collect() }
    };
    PANELS.into_iter().map(panel).collect()
}

/// Where a panel of these ascending values begins and ends.
fn ends(sorted: &[f64]) -> [f64; 2] {
    let [low, high] = [TAIL, 1.0 - TAIL].map(|share| quantile(sorted, share));
    match high - low {
        width if width > 0.0 => [low, high],
        // All the same, or none.
        _ if low.is_finite() => [low - 0.5, low + 0.5],
        _ => [-0.5, 0.5],
    }
}

impl Curve {
    /// Shares of all its weights by unit of the axis, bin by bin; 0 without weights.
    pub fn densities(&self) -> Vec<f64> {
        let width = (self.bins.high - self.bins.low) / self.bins.counts.len() as f64;
        let unit = width * self.n.max(1) as f64;
        self.bins.counts.iter().map(|&count| count as f64 / unit).collect()
    }

    /// Weights that lie outside of the panel.
    pub fn outside(&self) -> usize {
        self.n - self.bins.counts.iter().sum::<u64>() as usize
    }
}
