//! The LayerNorm scalars among those that a run trains: what is recorded of every epoch.

use std::ops::Range;
use tunemask_shared::selection::Selection;
use tunemask_shared::shape::{Kind, ModelShape};

/// γ and β of the LayerNorms, the embeddings' among them, that a selection holds.
pub(crate) fn norm_scalars(shape: &ModelShape, selection: &Selection) -> Selection {
    let is_norm = |kind: Kind| {
        kind.is_attention_norm()
            || kind.is_feed_forward_norm()
            || matches!(kind, Kind::EmbeddingGamma | Kind::EmbeddingBeta)
    };
    let norms = shape.parameters().into_iter().filter(|p| is_norm(p.kind));
    let held = norms.flat_map(|p| selection.within(p.range()).ranges().to_vec());
    Selection::from_ranges(held)
}

/// Where they stand in the compact vector of what trains.
pub(crate) fn norm_places(selection: &Selection, norms: &Selection) -> Vec<Range<usize>> {
    let place = |range: &Range<usize>| {
        let start = selection.rank(range.start);
        start..start + range.len()
    };
    norms.ranges().iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::fixtures::SMALL_SHAPE;
    use tunemask_shared::mask::{Mask, MaskSwitches};

    #[test]
    fn they_are_found_among_what_trains() {
        let shape = SMALL_SHAPE;
        for (mask, count) in [("full", 8 + 2 * 16), ("layernorms", 2 * 16), ("bitfit", 2 * 8), ("mha", 0)] {
            let mask: Mask = mask.parse().unwrap();
            let selection = mask.resolve(&shape, MaskSwitches::default(), 0, None).unwrap();
            let norms = norm_scalars(&shape, &selection);
            assert_eq!(norms.len(), count, "{mask}");
            // The compact vector holds at each place the scalar itself.
            let compact: Vec<usize> = selection.iter().collect();
            let found: Vec<usize> =
                norm_places(&selection, &norms).into_iter().flat_map(|r| compact[r].to_vec()).collect();
            assert_eq!(found, norms.iter().collect::<Vec<_>>());
        }
    }
}
