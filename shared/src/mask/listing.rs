//! The scalars of a mask one by one.

use super::{Mask, MaskError, MaskSwitches};
use crate::selection::Selection;
use crate::shape::{ModelShape, Parameter};
use serde::Serialize;

/// One scalar of a mask.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ListedScalar {
    /// Its tensor's name in a Hugging Face checkpoint with a `bert.` prefix.
    pub tensor: String,
    /// Its place in that tensor, row-major, from 0.
    pub index: usize,
    /// Its pretrained value.
    pub value: f32,
    /// Its signed distance from its pool's mean, in the pool's standard deviations (n in the denominator, as
    /// NumPy's `std`); not-a-number if all of the pool are equal. The pool is that of the first rule that picks
    /// the scalar, else its tensor.
    #[serde(with = "crate::number")]
    pub sigma: f64,
}

/// Mean and deviation of the pool that a tensor belongs to.
type Moments = Option<[f64; 2]>;

/// The scalars of a mask in canonical order.
///
/// `weights` are the pretrained scalars in canonical order.
///
/// # Errors
/// As [`Mask::resolve`]; LoRA, which has none; weights of another number than the shape's.
pub fn list<'a>(
    mask: &Mask,
    shape: &ModelShape,
    switches: MaskSwitches,
    run_seed: u64,
    weights: &'a [f32],
) -> Result<impl Iterator<Item = ListedScalar> + 'a, MaskError> {
    mask.check_selects()?;
    mask.check(shape, switches)?;
    if weights.len() != shape.scalars() {
        return Err(MaskError::NeedsWeights(mask.to_string()));
    }
    let parameters = shape.parameters();
    let expression = mask.expression().with(switches);
    let mut rules: Vec<(Selection, Vec<Moments>)> = Vec::new();
    for rule in &expression.rules {
        let picked = rule.pick(shape, switches, run_seed, Some(weights));
        let mut moments: Vec<Moments> = vec![None; parameters.len()];
        for pool in rule.pools(shape, switches) {
            let mean = pool.mean(weights);
            let of_pool = [mean, pool.deviation(weights, mean)];
            for (p, slot) in parameters.iter().zip(&mut moments) {
                if pool.ranges.iter().any(|r| r.start < p.range().end && p.offset < r.end) {
                    *slot = Some(of_pool);
                }
            }
        }
        rules.push((picked.unwrap_or_default(), moments));
    }
    let picks: Vec<Selection> = rules.iter().map(|(picked, _)| picked.clone()).collect();
    let selection = expression.select(shape, &picks);
    let tensors = parameters.into_iter().enumerate().filter_map(move |(i, p)| {
        let chosen = selection.within(p.range());
        (!chosen.is_empty()).then(|| {
            let pools: Vec<(Selection, [f64; 2])> = rules
                .iter()
                .filter_map(|(picked, moments)| Some((picked.within(p.range()), moments[i]?)))
                .collect();
            of_tensor(p, chosen, pools, weights)
        })
    });
    Ok(tensors.flatten())
}

fn of_tensor(
    p: Parameter,
    chosen: Selection,
    pools: Vec<(Selection, [f64; 2])>,
    weights: &[f32],
) -> impl Iterator<Item = ListedScalar> + '_ {
    let name = p.name();
    let own = super::pool::Scalars { ranges: vec![p.range()], stream: 0 };
    let mean = own.mean(weights);
    let own = [mean, own.deviation(weights, mean)];
    let indices: Vec<std::ops::Range<usize>> = chosen.ranges().to_vec();
    indices.into_iter().flatten().map(move |index| {
        let pool = pools.iter().find(|(picked, _)| picked.contains(index));
        let [mean, deviation] = pool.map_or(own, |(_, moments)| *moments);
        let value = weights[index];
        let sigma = if deviation > 0.0 { (f64::from(value) - mean) / deviation } else { f64::NAN };
        ListedScalar { tensor: name.clone(), index: index - p.offset, value, sigma }
    })
}
