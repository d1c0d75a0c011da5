//! γ and β of the LayerNorms that a run trained, epoch by epoch.

use tunemask_shared::norms::Norm;
use tunemask_shared::report::{NormEpochs, NormVectors};
use tunemask_shared::selection::Selection;
use tunemask_shared::shape::ModelShape;

/// Most values that are given; of more, epochs between the first and the last are left out.
const VALUES: usize = 500_000;

/// The LayerNorms of which `trained` holds something. `epochs` are the values of `trained` after each epoch, all else is as
/// pretrained. `None` if there is nothing to show.
pub fn norm_epochs(
    shape: &ModelShape,
    pretrained: &[f32],
    trained: &Selection,
    epochs: &[Vec<f32>],
) -> Option<NormEpochs> {
    let places = places(shape, trained);
    let values: usize = places.iter().map(|place| place.gamma.len() + place.beta.len()).sum();
    if values == 0 || epochs.is_empty() {
        return None;
    }
    let shown = thinned(epochs.len() + 1, (VALUES / values).max(2));
    let mut norms: Vec<NormVectors> = places
        .iter()
        .map(|place| NormVectors { title: place.title.clone(), gamma: Vec::new(), beta: Vec::new() })
        .collect();
    for &epoch in &shown {
        let after = epoch.checked_sub(1).and_then(|after| epochs.get(after)).map_or(&[][..], Vec::as_slice);
        for (norm, place) in norms.iter_mut().zip(&places) {
            norm.gamma.push(vector(pretrained, trained, after, &place.gamma));
            norm.beta.push(vector(pretrained, trained, after, &place.beta));
        }
    }
    let epochs = shown.into_iter().filter_map(|epoch| u32::try_from(epoch).ok()).collect();
    Some(NormEpochs { epochs, norms })
}

/// Where a LayerNorm stands among the scalars.
struct NormRanges {
    title: String,
    gamma: std::ops::Range<usize>,
    beta: std::ops::Range<usize>,
}

fn places(shape: &ModelShape, trained: &Selection) -> Vec<NormRanges> {
    let of_blocks = (0..shape.layers)
        .flat_map(|block| [(Some(block), Norm::Attention), (Some(block), Norm::FeedForward)]);
    let all = std::iter::once((None, Norm::Embedding)).chain(of_blocks);
    let place = |(block, norm): (Option<usize>, Norm)| {
        let [gamma, beta] = norm.kinds().map(|kind| shape.parameter(kind, block).map(|p| p.range()));
        let (gamma, beta) = (gamma?, beta?);
        let holds = |range: &std::ops::Range<usize>| !trained.within(range.clone()).is_empty();
        (holds(&gamma) || holds(&beta)).then(|| NormRanges { title: title(block, norm), gamma, beta })
    };
    all.filter_map(place).collect()
}

fn title(block: Option<usize>, norm: Norm) -> String {
    let after = match norm {
        Norm::Embedding => "embeddings",
        Norm::Attention => "after attention",
        Norm::FeedForward => "after feed-forward",
    };
    block.map_or(after.to_owned(), |block| format!("block {}, {after}", block + 1))
}

/// So many of `count` places at most, the first and the last among them, evenly.
fn thinned(count: usize, most: usize) -> Vec<usize> {
    let most = most.min(count);
    if most < 2 {
        return (0..most).collect();
    }
    (0..most).map(|i| i * (count - 1) / (most - 1)).collect()
}

/// The pretrained values of a range with what `trained` holds of it in their place: `values` are those of all that it holds, or
/// none.
fn vector(
    pretrained: &[f32],
    trained: &Selection,
    values: &[f32],
    range: &std::ops::Range<usize>,
) -> Vec<f32> {
    let mut own = pretrained.get(range.clone()).unwrap_or_default().to_vec();
    for (index, &value) in trained.iter().zip(values) {
        if let Some(weight) = index.checked_sub(range.start).and_then(|place| own.get_mut(place)) {
            *weight = value;
        }
    }
    own.into_iter().map(rounded).collect()
}

/// With four significant digits; what is not finite as 0.
fn rounded(value: f32) -> f32 {
    if !value.is_finite() || value == 0.0 {
        return 0.0;
    }
    let digits = 3 - value.abs().log10().floor() as i32;
    let scale = 10f64.powi(digits);
    ((f64::from(value) * scale).round() / scale) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::fixtures::SMALL_SHAPE;
    use tunemask_shared::mask::{Mask, MaskSwitches};

    #[test]
    fn what_trained_has_its_values_of_each_epoch_and_all_else_the_pretrained_ones() {
        let pretrained: Vec<f32> = (0..SMALL_SHAPE.scalars()).map(|i| i as f32 * 0.1).collect();
        let mask: Mask = "single_norm:2".parse().unwrap();
        let trained = mask.resolve(&SMALL_SHAPE, MaskSwitches::default(), 0, None).unwrap();
        let epochs = [vec![7.123_456; trained.len()], vec![-8.0; trained.len()]];
        let found = norm_epochs(&SMALL_SHAPE, &pretrained, &trained, &epochs).unwrap();
        assert_eq!(found.epochs, [0, 1, 2]);
        let titles: Vec<&str> = found.norms.iter().map(|norm| norm.title.as_str()).collect();
        assert_eq!(titles, ["block 2, after attention", "block 2, after feed-forward"]);
        let norm = &found.norms[0];
        assert_eq!((norm.gamma[1].clone(), norm.beta[2].clone()), (vec![7.123; 4], vec![-8.0; 4]));
        assert_ne!(norm.gamma[0], norm.gamma[1]);
        // Of a LayerNorm of which one vector alone trains the other one stays.
        let bias: Mask = "bitfit".parse().unwrap();
        let bias = bias.resolve(&SMALL_SHAPE, MaskSwitches::default(), 0, None).unwrap();
        let norms = crate::artifacts::norm_scalars(&SMALL_SHAPE, &bias);
        let found = norm_epochs(&SMALL_SHAPE, &pretrained, &norms, &[vec![1.0; norms.len()]]).unwrap();
        assert_eq!(found.norms[0].gamma[0], found.norms[0].gamma[1]);
        assert_eq!(found.norms[0].beta[1], [1.0; 4]);
    }

    #[test]
    fn without_epochs_or_norms_there_is_nothing() {
        let pretrained = vec![0.0; SMALL_SHAPE.scalars()];
        assert_eq!(norm_epochs(&SMALL_SHAPE, &pretrained, &Selection::default(), &[vec![]]), None);
        assert_eq!(
            norm_epochs(&SMALL_SHAPE, &pretrained, &Selection::from_ranges(std::iter::once(0..9)), &[]),
            None
        );
    }

    #[test]
    fn epochs_are_thinned_evenly_and_numbers_rounded() {
        assert_eq!(thinned(11, 100), (0..11).collect::<Vec<_>>());
        assert_eq!(thinned(11, 3), [0, 5, 10]);
        assert_eq!(thinned(1, 5), [0]);
        let round = [0.123_456, -98_765.4, 0.0, f32::NAN, 1e-9].map(rounded);
        assert_eq!(round, [0.1235, -98_770.0, 0.0, 0.0, 1e-9]);
    }
}
