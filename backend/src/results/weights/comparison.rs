//! Weights before and after fine-tuning on some tasks, by module, on shared axes: the paper's Figures 1 and 2, as data.

use super::{WeightGroup, weight_values};
use crate::results::Bins;
use tunemask_shared::shape::ModelShape;

/// Bins of a panel.
const BINS: usize = 80;

/// The panels.
const PANELS: [WeightGroup; 4] =
    [WeightGroup::Mha, WeightGroup::Ffn, WeightGroup::LayerNormA, WeightGroup::LayerNormF];

/// A model's weights under a name.
#[derive(Clone, Copy, Debug)]
pub struct NamedWeights<'a> {
    /// For people: `pretrained`, or the task that they were tuned on.
    pub name: &'a str,
    /// Every scalar of the encoder, in canonical order.
    pub weights: &'a [f32],
}

/// Small multiples: a panel for each module, in all of them the same bins, which hold every weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What it shows, in a line.
    pub title: String,
    /// Whose weights are compared, in the order of each panel's histograms.
    pub names: Vec<String>,
    /// Its panels.
    pub panels: Vec<ComparisonPanel>,
}

/// A module's weights.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonPanel {
    /// The module.
    pub group: WeightGroup,
    /// How many scalars it has.
    pub n: usize,
    /// One for each of [`Comparison::names`].
    pub histograms: Vec<Bins>,
}

impl Comparison {
    /// Of some weights of one shape. Weights that are not finite are not counted.
    pub fn of(title: String, shape: &ModelShape, compared: &[NamedWeights<'_>]) -> Self {
        let values: Vec<Vec<Vec<f64>>> = PANELS
            .into_iter()
            .map(|group| compared.iter().map(|of| weight_values(shape, of.weights, group, None)).collect())
            .collect();
        let finite = values.iter().flatten().flatten().copied().filter(|value| value.is_finite());
        let (low, high) =
            finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let (low, high) = if low < high { (low, high) } else { (-0.5, 0.5) };
        let panels = PANELS.into_iter().zip(&values).map(|(group, values)| ComparisonPanel {
            group,
            n: values.first().map_or(0, Vec::len),
            histograms: values.iter().map(|values| Bins::of(values, low, high, BINS)).collect(),
        });
        let names = compared.iter().map(|of| of.name.to_owned()).collect();
        Self { title, names, panels: panels.collect() }
    }

    /// The largest count of a bin, of all panels.
    pub fn most(&self) -> u64 {
        let bins = self.panels.iter().flat_map(|panel| &panel.histograms);
        bins.flat_map(|bins| &bins.counts).copied().max().unwrap_or(0)
    }

    /// Where every panel begins and ends.
    pub fn ends(&self) -> [f64; 2] {
        let bins = self.panels.iter().flat_map(|panel| &panel.histograms).next();
        bins.map_or([-0.5, 0.5], |bins| [bins.low, bins.high])
    }
}
