//! From a rule and a shape to the scalars that it picks.

use super::rule::{Criterion, Pool, Rule, block_modules};
use super::{MaskSwitches, OutlierPool, OutlierStatistic};
use crate::philox::{Purpose, Stream};
use crate::selection::Selection;
use crate::shape::{BLOCK_KINDS, Kind, ModelShape, Parameter};
use std::ops::Range;

/// What a rule picks from at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scalars {
    /// Where they stand, ascending.
    pub ranges: Vec<Range<usize>>,
    /// Tells draws from different pools apart: [`Stream::new`]'s part.
    pub stream: u32,
}

impl Scalars {
    pub fn len(&self) -> usize {
        self.ranges.iter().map(ExactSizeIterator::len).sum()
    }
    pub fn indices(&self) -> impl Iterator<Item = usize> + '_ {
        self.ranges.iter().flat_map(Clone::clone)
    }
    /// Mean of the weights of its scalars, in 64 bits.
    pub fn mean(&self, weights: &[f32]) -> f64 {
        self.indices().map(|i| f64::from(weights[i])).sum::<f64>() / self.len() as f64
    }
    /// Standard deviation (n) around a mean.
    pub fn deviation(&self, weights: &[f32], mean: f64) -> f64 {
        let squares: f64 = self.indices().map(|i| (f64::from(weights[i]) - mean).powi(2)).sum();
        (squares / self.len() as f64).sqrt()
    }
}

impl Rule {
    /// The pools, ascending by their first scalar.
    pub fn pools(&self, shape: &ModelShape, switches: MaskSwitches) -> Vec<Scalars> {
        match self.criterion {
            Criterion::Outliers | Criterion::OutliersRandom => norm_pools(shape, switches.outlier_pool),
            Criterion::Random if self.is_named() => {
                vec![Scalars { ranges: std::iter::once(0..shape.scalars()).collect(), stream: 0 }]
            }
            Criterion::Random | Criterion::Largest | Criterion::Smallest | Criterion::Farthest => {
                self.grid_pools(shape)
            }
        }
    }

    fn grid_pools(&self, shape: &ModelShape) -> Vec<Scalars> {
        let modules = block_modules();
        let module = |p: &Parameter| match p.layer {
            Some(layer) => {
                let kind = BLOCK_KINDS.iter().position(|&k| k == p.kind).unwrap_or(0);
                (Some(layer), modules.iter().position(|m| m >> kind & 1 == 1))
            }
            None => (None, Some(usize::from(p.kind >= Kind::PoolerWeight))),
        };
        let mut pools: Vec<(_, Scalars)> = Vec::new();
        for (i, p) in
            shape.parameters().into_iter().enumerate().filter(|(_, p)| self.region.hold(p.kind, p.layer))
        {
            let (place, family) = match self.pool {
                Pool::Region => ((None, None), 2),
                Pool::Tensor => ((Some(i), None), 1),
                Pool::Module => (module(&p), 3),
            };
            // Attention's tensors stand together, but a region's need not: look through all pools.
            match pools.iter_mut().find(|(other, _)| *other == place) {
                Some((_, pool)) => pool.ranges.push(p.range()),
                None => {
                    let stream = (family << 24) + i as u32;
                    pools.push((place, Scalars { ranges: vec![p.range()], stream }));
                }
            }
        }
        pools.into_iter().map(|(_, pool)| pool).collect()
    }

    /// How many it picks of each pool.
    pub fn each(&self, shape: &ModelShape) -> usize {
        self.count.unwrap_or(4 * shape.hidden * shape.layers)
    }

    /// What it picks; `None` if it needs weights and there are none. Every pool must have enough scalars.
    pub fn pick(
        &self,
        shape: &ModelShape,
        switches: MaskSwitches,
        run_seed: u64,
        weights: Option<&[f32]>,
    ) -> Option<Selection> {
        let count = self.each(shape);
        let mut picked: Vec<usize> = Vec::new();
        for pool in self.pools(shape, switches) {
            if self.reads_weights() {
                let weights = weights?;
                picked.extend(self.extremes(&pool, count, switches.outlier_statistic, weights));
            } else {
                let seed = self.seed.unwrap_or(run_seed);
                let places = Stream::new(seed, Purpose::Mask, pool.stream).distinct(count, pool.len());
                picked.extend(at_places(&pool, &places));
            }
        }
        Some(Selection::from_ranges(picked.into_iter().map(|i| i..i + 1)))
    }

    /// The `count` scalars of a pool whose value is most extreme; the lower index wins a tie.
    fn extremes(
        &self,
        pool: &Scalars,
        count: usize,
        statistic: OutlierStatistic,
        weights: &[f32],
    ) -> Vec<usize> {
        let centre = match (self.criterion, statistic) {
            (Criterion::Outliers, OutlierStatistic::Distance) | (Criterion::Farthest, _) => {
                pool.mean(weights)
            }
            (Criterion::Outliers, OutlierStatistic::Magnitude) => 0.0,
            (Criterion::Largest | Criterion::Smallest | Criterion::Random | Criterion::OutliersRandom, _) => {
                0.0
            }
        };
        let sign = if self.criterion == Criterion::Smallest { -1.0 } else { 1.0 };
        let rank = |i: usize| sign * (f64::from(weights[i]) - centre).abs();
        let mut order: Vec<usize> = pool.indices().collect();
        if count < order.len() {
            order.select_nth_unstable_by(count, |&a, &b| rank(b).total_cmp(&rank(a)).then(a.cmp(&b)));
            order.truncate(count);
        }
        order
    }
}

/// The scalars at ascending places of a pool.
fn at_places<'a>(pool: &'a Scalars, places: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
    let mut before = 0;
    let mut ranges = pool.ranges.iter();
    let mut range = ranges.next();
    places.iter().filter_map(move |place| {
        while let Some(r) = range.filter(|r| place - before >= r.len()) {
            before += r.len();
            range = ranges.next();
        }
        range.map(|r| r.start + place - before)
    })
}

/// The pools of outliers; a LayerNorm's γ and β stand side by side in canonical order.
fn norm_pools(shape: &ModelShape, pool: OutlierPool) -> Vec<Scalars> {
    let norms = (0..shape.layers).flat_map(|l| {
        let gamma = [Kind::AttentionGamma, Kind::FeedForwardGamma];
        gamma.into_iter().filter_map(move |k| shape.parameter(k, Some(l)))
    });
    let ranges = norms.flat_map(|gamma| {
        let (start, middle, end) = (gamma.offset, gamma.offset + gamma.len(), gamma.offset + 2 * gamma.len());
        let pools = match pool {
            OutlierPool::Both => [Some(start..end), None],
            OutlierPool::Gamma => [Some(start..middle), None],
            OutlierPool::Each => [Some(start..middle), Some(middle..end)],
        };
        pools.into_iter().flatten()
    });
    ranges.zip(1..).map(|(range, stream)| Scalars { ranges: vec![range], stream }).collect()
}
