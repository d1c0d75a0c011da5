//! The weights by module and block, as pretrained and as tuned, for a page that looks into them.

use super::{Figure, WeightGroup, weight_values};
use crate::results::Bins;
use tunemask_shared::report::{WeightBins, WeightMap, WeightModule, WeightPart};
use tunemask_shared::shape::ModelShape;

/// Bins of a histogram.
const BINS: usize = 40;

/// The modules, in the order in which a block has them.
const MODULES: [WeightGroup; 6] = [
    WeightGroup::Mha,
    WeightGroup::LayerNormAGamma,
    WeightGroup::LayerNormABeta,
    WeightGroup::Ffn,
    WeightGroup::LayerNormFGamma,
    WeightGroup::LayerNormFBeta,
];

/// A run's weights beside the pretrained ones.
#[derive(Clone, Copy, Debug)]
pub struct TunedWeights<'a> {
    /// What the run is: `full on Sentiment`.
    pub name: &'a str,
    /// Scalars in canonical order.
    pub weights: &'a [f32],
}

/// The weights of a model's blocks by module. `figure` is of the same weights, and says where each module's histograms end.
pub fn weight_map(
    model: &str,
    shape: &ModelShape,
    before: &[f32],
    tuned: Option<TunedWeights<'_>>,
    figure: &Figure,
) -> WeightMap {
    let module = |group: WeightGroup| {
        let found = figure.panels.iter().find(|panel| panel.group == group);
        let (low, high) = found.map_or((-0.5, 0.5), |panel| (panel.all.bins.low, panel.all.bins.high));
        let sums = || Sums::new(tuned.map(|_| Moments::new()));
        let mut all = sums();
        let blocks = (1..=shape.layers).map(|block| {
            let values = |weights| weight_values(shape, weights, group, Some(block));
            let mut own = sums();
            let after = tuned.map(|tuned| values(tuned.weights));
            own.take(&values(before), after.as_deref(), [low, high]);
            all.join(&own);
            own.part()
        });
        let blocks = blocks.collect();
        WeightModule { title: group.title().into(), low, high, blocks, all: all.part() }
    };
    WeightMap {
        model: model.to_owned(),
        tuned: tuned.map(|tuned| tuned.name.to_owned()),
        modules: MODULES.map(module).into(),
    }
}

/// What is counted and added up of some values.
#[derive(Clone, Debug)]
struct Moments {
    counts: Vec<u64>,
    sum: f64,
    squares: f64,
}

impl Moments {
    fn new() -> Self {
        Self { counts: vec![0; BINS], sum: 0.0, squares: 0.0 }
    }

    fn take(&mut self, values: &[f64], [low, high]: [f64; 2]) {
        self.counts = Bins::of(values, low, high, BINS).counts;
        self.sum = values.iter().sum();
        self.squares = values.iter().map(|value| value * value).sum();
    }

    fn join(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(own, more)| *own += more);
        self.sum += other.sum;
        self.squares += other.squares;
    }

    fn bins(&self, n: u64) -> WeightBins {
        let mean = self.sum / n as f64;
        // Rounding may leave less than nothing of equal values.
        let variance = (self.squares / n as f64 - mean * mean).max(0.0);
        WeightBins { counts: self.counts.clone(), mean, std: variance.sqrt() }
    }
}

/// What is counted and added up of some weights.
struct Sums {
    n: u64,
    before: Moments,
    after: Option<Moments>,
    /// The squares of what changed.
    changed: f64,
}

impl Sums {
    /// Of no weights yet; `after` where there are some of after the training, too.
    fn new(after: Option<Moments>) -> Self {
        Self { n: 0, before: Moments::new(), after, changed: 0.0 }
    }

    fn take(&mut self, before: &[f64], after: Option<&[f64]>, ends: [f64; 2]) {
        self.n = before.len() as u64;
        self.before.take(before, ends);
        if let (Some(own), Some(after)) = (&mut self.after, after) {
            own.take(after, ends);
            self.changed = after.iter().zip(before).map(|(after, before)| (after - before).powi(2)).sum();
        }
    }

    fn join(&mut self, other: &Self) {
        self.n += other.n;
        self.before.join(&other.before);
        if let (Some(own), Some(more)) = (&mut self.after, &other.after) {
            own.join(more);
        }
        self.changed += other.changed;
    }

    fn part(&self) -> WeightPart {
        let drift = (self.changed / self.before.squares).sqrt();
        WeightPart {
            scalars: self.n,
            before: self.before.bins(self.n),
            after: self.after.as_ref().map(|after| after.bins(self.n)),
            drift: Some(drift).filter(|drift| self.after.is_some() && drift.is_finite()),
        }
    }
}
